//! The digest sees what the judge reads, and nothing of how it was written down.

use super::*;
use crate::{
    record::{Honest, Kind, LeftOut, Level, Step},
    sample::passing,
};

#[test]
fn the_digest_covers_everything_the_judge_reads_and_the_steps() {
    let changes: [fn(&mut Scenario); 13] = [
        |it| it.id.push('x'),
        |it| it.kind = Kind::Story,
        |it| it.level = Level::May,
        |it| it.requirement.id.push('x'),
        |it| it.control.after = Honest::Unclear,
        |it| it.control.bystander = Honest::Refused,
        |it| it.control.again = Honest::Refused,
        |it| it.state.goal.clear(),
        |it| it.answer = None,
        |it| it.told = Some(crate::sample::told(crate::record::Ending::Held)),
        |it| it.not_judged = Some(crate::record::NotJudged::Unfinished),
        |it| it.steps.push(Step::Act { says: "alice leaves".into() }),
        |it| {
            let (digest, exchanges) = (String::new(), Vec::new());
            it.left_out = Some(LeftOut { steps: 1, bytes: 1, digest, exchanges, ceremonies: None });
        },
    ];
    for change in changes {
        let mut scenario = passing(Kind::Variation);
        change(&mut scenario);
        assert_ne!(evidence_digest(&scenario), scenario.evidence_digest);
    }
}

#[test]
fn the_digest_does_not_depend_on_the_order_of_members() {
    let mut one = String::new();
    let mut other = String::new();
    write_canonical(&json!({ "b": [1, { "d": null, "c": "\u{e9}\"" }], "a": true }), &mut one);
    write_canonical(&json!({ "a": true, "b": [1, { "c": "\u{e9}\"", "d": null }] }), &mut other);
    assert_eq!(one, "{\"a\":true,\"b\":[1,{\"c\":\"\u{e9}\\\"\",\"d\":null}]}");
    assert_eq!(one, other);
}

#[test]
fn a_sealed_scenario_survives_being_written_and_read() {
    let scenario = passing(Kind::Tampering);
    let json = serde_json::to_string(&scenario).unwrap();
    let again: Scenario = serde_json::from_str(&json).unwrap();
    assert_eq!(evidence_digest(&again), scenario.evidence_digest);
    assert_eq!(
        sha256(b"abc"),
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}
