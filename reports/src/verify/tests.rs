//! A sound record verifies; whatever is edited in it is found.

mod manipulated;

use super::*;
use crate::{
    brief::shorten,
    evidence::seal,
    folder::to_json,
    record::{Canary, Grade, Kind, Reply, Verdict},
    sample::{answer, exchange, journal, passing, run, run_of, sealed, signed_in},
};

fn failing() -> Scenario {
    let mut scenario = passing(Kind::Tampering);
    scenario.state.after = signed_in("alice");
    seal(&mut scenario);
    scenario
}

/// Changes a sound run, as somebody who seals it again, and expects exactly these places to be found.
#[track_caller]
fn check(run: &Run, change: impl FnOnce(&mut Run), places: &[&str]) {
    let sound = to_json(run);
    let journal = journal(run);
    verify_run(&sound, Some(&journal)).unwrap();
    let mut changed = run.clone();
    change(&mut changed);
    let changed = sealed(changed);
    let found = |journal| match verify_run(&to_json(&changed), journal) {
        Ok(_) => Vec::new(),
        Err(findings) => findings.into_iter().map(|finding| finding.place).collect::<Vec<_>>(),
    };
    assert_eq!(found(None), places);
    assert!(!found(Some(&journal[..])).is_empty(), "the journal does not show it");
}

#[test]
fn a_sound_record_verifies() {
    let run = run();
    let verified = verify_run(&to_json(&run), None).unwrap();
    assert_eq!(verified, Verified { run: run.clone(), judged_again: 5, with_journal: false });
    assert!(verify_run(&to_json(&run), Some(&journal(&run))).unwrap().with_journal);
}

#[test]
fn what_is_more_than_a_pass_has_all_its_steps() {
    let mut shortened = passing(Kind::Tampering);
    shortened.steps.push(crate::record::Step::Exchange(Box::new(exchange())));
    shorten(&mut shortened);
    let left_out = shortened.left_out.expect("something is left out of a pass");
    let mut finding = failing();
    finding.id = "login/origin/foreign".into();
    seal(&mut finding);
    check(
        &run_of(vec![passing(Kind::Tampering), finding]),
        |run| {
            for scenario in &mut run.scenarios {
                scenario.left_out = Some(left_out.clone());
                seal(scenario);
            }
        },
        &["login/origin/foreign left_out"],
    );
}

#[test]
fn every_byte_of_a_control_and_a_state_counts() {
    let json = to_json(&run_of(vec![passing(Kind::Tampering), passing(Kind::Variation)]));
    let mut tried = 0;
    for (start, end) in objects(&json, &["\"control\"", "\"state\""]) {
        for at in start..end {
            // Whitespace between members says nothing.
            if json[at].is_ascii_whitespace() {
                continue;
            }
            for bit in 0..8 {
                let mut edited = json.clone();
                edited[at] ^= 1 << bit;
                let inside = String::from_utf8_lossy(&json[start..end]);
                assert!(verify_run(&edited, None).is_err(), "bit {bit} of byte {at}, in {inside}");
            }
            tried += 1;
        }
    }
    assert!(tried > 200, "{tried}");
}

/// Where the objects under these names stand.
fn objects(json: &[u8], names: &[&str]) -> Vec<(usize, usize)> {
    let text = std::str::from_utf8(json).unwrap();
    let all = names.iter().flat_map(|name| text.match_indices(name));
    all.map(|(at, _)| {
        let start = at + text[at..].find('{').unwrap();
        let mut depth = 0;
        let close = text[start..].char_indices().find(|(_, c)| {
            depth += i32::from(*c == '{') - i32::from(*c == '}');
            depth == 0
        });
        (start, start + close.unwrap().0 + 1)
    })
    .collect()
}

#[test]
fn an_edited_verdict_is_found() {
    let run = run_of(vec![failing(), passing(Kind::Story)]);
    let id = failing().id;
    check(
        &run,
        |run| run.scenarios[0].level = crate::record::Level::May,
        &[
            &format!("{id} evidence_digest"),
            &format!("{id} verdict"),
            &format!("{id} fault"),
            &format!("{id} because"),
        ],
    );
    check(
        &run,
        |run| run.scenarios[0].verdict = Verdict::Pass,
        &["summary", "outcome", &format!("{id} verdict")],
    );
    check(&run, |run| run.scenarios[0].grade = Some(Grade::A), &[&format!("{id} grade")]);
    check(&run, |run| run.scenarios[0].symptom = None, &[&format!("{id} symptom")]);
    check(&run, |run| run.scenarios[0].because.push('!'), &[&format!("{id} because")]);
    check(
        &run,
        |run| run.scenarios[0].answer = Some(answer(Reply::Refused, 403)),
        &[&format!("{id} evidence_digest"), &format!("{id} symptom")],
    );
}

#[test]
fn an_edited_top_of_the_record_is_found() {
    let run = run_of(vec![failing(), passing(Kind::Story)]);
    check(&run, |run| run.outcome = Outcome::Conforms, &["exit_code", "outcome"]);
    check(&run, |run| (run.outcome, run.exit_code) = (Outcome::Conforms, 0), &["outcome"]);
    check(&run, |run| (run.outcome, run.exit_code) = (Outcome::NoVerdict, 3), &["outcome"]);
    let excused = |run: &mut Run| {
        (run.outcome, run.exit_code, run.note) = (Outcome::NoVerdict, 3, Some("unfinished".into()));
    };
    check(&run, excused, &["outcome"]);
    check(&run, |run| run.exit_code = 0, &["exit_code"]);
    check(&run, |run| *run.summary.get_mut(&Verdict::Fail).unwrap() = 0, &["summary"]);
    check(&run, |run| run.canary.caught = false, &["canary.caught", "outcome"]);
    check(&run, |run| run.canary = Canary { caught: true, tried: [].into() }, &["canary.caught"]);
}

#[test]
fn a_strict_run_cannot_be_made_lenient() {
    let mut warned = passing(Kind::Tampering);
    warned.answer = Some(answer(Reply::Error, 500));
    seal(&mut warned);
    let mut run = run_of(vec![warned]);
    (run.strict, run.outcome, run.exit_code) = (true, Outcome::DoesNotConform, 1);
    verify_run(&to_json(&sealed(run.clone())), None).unwrap();
    run.strict = false;
    assert!(verify_run(&to_json(&sealed(run)), None).is_err());
}

#[test]
fn a_run_may_end_early_for_a_reason_that_wins() {
    let mut run = run();
    (run.outcome, run.exit_code) = (Outcome::Interrupted, 130);
    assert!(verify_run(&to_json(&sealed(run.clone())), None).is_err());
    run.note = Some("interrupted".into());
    let run = sealed(run);
    verify_run(&to_json(&run), None).unwrap();
    verify_run(&to_json(&run), Some(&journal(&run))).unwrap();
}

#[test]
fn a_scenario_that_the_journal_never_finished_is_found() {
    let run = run();
    let journal = journal(&run);
    let done =
        journal.split_inclusive(|byte| *byte == b'\n').enumerate().filter(|(index, _)| *index != 3);
    let without: Vec<_> = done.flat_map(|(_, line)| line.to_vec()).collect();
    let findings = verify_run(&to_json(&run), Some(&without)).unwrap_err();
    let places: Vec<_> = findings.into_iter().map(|it| it.place).collect();
    assert_eq!(places, ["line 4 of journal.jsonl", "journal.jsonl", &run.scenarios[0].id]);
    assert!(verify_run(&to_json(&run), Some(b"")).is_err());
    assert!(verify_run(&to_json(&run), Some(b"{}\n")).is_err());
}

#[test]
fn another_form_is_refused() {
    let json = String::from_utf8(to_json(&run())).unwrap();
    let place = |json: String| verify_run(json.as_bytes(), None).unwrap_err()[0].place.clone();
    assert_eq!(place(json.replacen(SCHEMA_VERSION, "2.0", 1)), "schema_version");
    assert_eq!(place(json.replacen("\"seed\"", "\"waivers\": [], \"seed\"", 1)), "run.json");
    assert_eq!(place(json.replacen("\"caught\"", "\"caught\": true, \"caught\"", 1)), "run.json");
    assert_eq!(place(json[..json.len() / 2].to_owned()), "run.json");
    let later = sealed(Run { schema_version: "1.7".into(), ..run() });
    verify_run(&to_json(&later), None).unwrap();
    let twice = run_of(vec![passing(Kind::Story), passing(Kind::Story)]);
    assert_eq!(place(String::from_utf8(to_json(&twice)).unwrap()), passing(Kind::Story).id);
}

#[test]
fn no_number_and_no_nesting_breaks_a_reader() {
    let json = String::from_utf8(to_json(&run())).unwrap();
    let journal = String::from_utf8(journal(&run())).unwrap();
    let deep = ["[".repeat(200_000), "{\"a\":".repeat(200_000)];
    let numbers =
        ["-1", "1e400", "-1e400", "1.5", "18446744073709551616", "1e-400", "00", "1e999999"];
    for other in deep.iter().map(String::as_str).chain(numbers) {
        for stands in ["\"duration_ms\":1200", "\"id\":\"AAEC\""] {
            let (name, _) = stands.split_once(':').unwrap();
            let edited = json.replacen(stands, &format!("{name}:{other}"), 1);
            assert!(edited != json);
            assert!(verify_run(edited.as_bytes(), None).is_err(), "{stands} {other:.20}");
        }
        let edited =
            journal.replacen("\"duration_ms\":1200", &format!("\"duration_ms\":{other}"), 1);
        assert!(edited != journal);
        assert!(!read(edited.as_bytes()).is_whole(), "{other:.20}");
        let line =
            format!("{{\"chain\":\"sha256:00\",\"n\":{other},\"after\":\"\",\"event\":0}}\n");
        assert_eq!(read(line.as_bytes()).events, []);
        assert_eq!(read(format!("{other}\n").as_bytes()).events, []);
    }
}
