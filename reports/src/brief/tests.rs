//! A pass keeps what decides it, and tells of the rest how much and what it was; whatever did not pass
//! stays whole.

use super::*;
use crate::{
    evidence::{evidence_digest, seal},
    record::{Honest, Level, Reply},
    render::html,
    sample,
};

fn exchange(flow: &str, status: u16, body: &str) -> Step {
    let (flow, status) = (flow.to_owned(), Some(status));
    let request_body = Some(r#"{"label":"desk","credential":{"id":"AAEC"}}"#.to_owned());
    let response_body = Some(body.to_owned());
    let sample = sample::exchange();
    Step::Exchange(Box::new(Exchange { flow, status, request_body, response_body, ..sample }))
}

fn said(told: Option<&str>) -> Step {
    let envelope = serde_json::json!({ "id": "AAEC" });
    let told = told.map(str::to_owned);
    Step::Ceremony(Box::new(CeremonyStep { told, envelope, ..sample::ceremony() }))
}

/// A way to a trial and back, with what decides it in the middle.
fn way() -> Vec<Step> {
    vec![
        Step::Act { says: "alice registers a key".into() },
        exchange("register_key.begin", 200, "options"),
        said(None),
        exchange("register_key.finish", 201, "an honest one"),
        said(Some("another origin")),
        exchange("whoami", 200, "nobody"),
        exchange("register_key.finish", 400, "decides"),
        exchange("whoami", 200, "nobody"),
        said(None),
        exchange("register_key.finish", 201, "the control"),
        Step::Expectation { expected: "refused".into(), seen: "400".into(), held: Some(true) },
    ]
}

fn passing(kind: Kind) -> Scenario {
    let mut scenario = sample::passing(kind);
    scenario.steps = way();
    seal(&mut scenario);
    scenario
}

fn brief(mut scenario: Scenario) -> Scenario {
    shorten(&mut scenario);
    seal(&mut scenario);
    scenario
}

#[test]
fn a_pass_keeps_what_decides_it_and_counts_the_rest() {
    for kind in [Kind::Tampering, Kind::Variation] {
        let (whole, brief) = (passing(kind), brief(passing(kind)));
        let (act, expectation) = (way().remove(0), way().remove(10));
        let mut decides =
            [said(Some("another origin")), exchange("register_key.finish", 400, "decides")];
        if let Step::Ceremony(said) = &mut decides[0] {
            // It stands in the request.
            said.envelope = Value::Null;
        }
        let [told, answer] = decides;
        assert_eq!(brief.steps, [act, told, answer, expectation]);
        let left_out = brief.left_out.clone().unwrap();
        let counted: Vec<_> = left_out
            .exchanges
            .iter()
            .map(|alike| (alike.flow.as_str(), alike.reply, alike.times))
            .collect();
        let refused = Some(Reply::Refused);
        assert_eq!(
            counted,
            [
                ("register_key.begin", refused, 1),
                ("register_key.finish", refused, 2),
                ("whoami", refused, 2),
            ]
        );
        assert_eq!((left_out.steps, left_out.ceremonies.unwrap().times), (7, 2));
        let without = Scenario { steps: Vec::new(), left_out: None, ..brief.clone() };
        let (evidence_digest, steps) = (whole.evidence_digest.clone(), Vec::new());
        assert_eq!(
            without,
            Scenario { steps, evidence_digest: without.evidence_digest.clone(), ..whole }
        );
        assert_ne!(brief.evidence_digest, evidence_digest);
    }
}

#[test]
fn a_story_keeps_what_was_seen_last() {
    for kind in [Kind::Story, Kind::Observation] {
        let steps = brief(passing(kind)).steps;
        let exchanges: Vec<_> = steps.iter().filter_map(request).collect();
        assert_eq!(exchanges.len(), 1, "{steps:?}");
        assert!(steps.contains(&exchange("register_key.finish", 201, "the control")), "{steps:?}");
    }
}

#[test]
fn of_an_answer_the_headers_stay_that_tell_what_came_of_it() {
    let headers = |names: &[&str]| -> Vec<_> {
        names.iter().map(|name| ((*name).to_owned(), "/".to_owned())).collect()
    };
    let mut scenario = passing(Kind::Tampering);
    for step in &mut scenario.steps {
        if let Step::Exchange(exchange) = step {
            exchange.response_headers = headers(&["Date", "Location", "server", "set-cookie"]);
        }
    }
    let kept = brief(scenario).steps;
    let answers = kept.iter().filter_map(|step| match step {
        Step::Exchange(exchange) => Some(&exchange.response_headers),
        Step::Act { .. } | Step::Ceremony(_) | Step::Expectation { .. } | Step::Wait { .. } => None,
    });
    assert_eq!(answers.collect::<Vec<_>>(), [&headers(&["Location", "set-cookie"])]);
}

#[test]
fn what_did_not_pass_and_what_is_noted_stays_whole() {
    let changes: [fn(&mut Scenario); 4] = [
        |it| it.state.after = sample::signed_in("mallory"),
        |it| it.control.after = Honest::Refused,
        |it| it.not_judged = Some(crate::record::NotJudged::Unfinished),
        // A pass, with a note.
        |it| {
            it.level = Level::May;
            it.state.after = sample::signed_in("mallory");
        },
    ];
    for change in changes {
        let mut scenario = passing(Kind::Tampering);
        change(&mut scenario);
        let whole = scenario.clone();
        shorten(&mut scenario);
        assert_eq!(scenario, whole);
    }
}

#[test]
fn the_digests_are_those_of_what_is_left_out() {
    let digests = |change: fn(&mut Vec<Step>)| {
        let mut scenario = passing(Kind::Tampering);
        change(&mut scenario.steps);
        let left_out = brief(scenario).left_out.unwrap();
        (left_out.digest, left_out.ceremonies.unwrap().digest)
    };
    let (all, said) = digests(|_| {});
    assert_eq!(digests(|_| {}), (all.clone(), said.clone()));
    let (other, same) = digests(|steps| steps[1] = exchange("register_key.begin", 200, "others"));
    assert!(other != all && same == said);
    let changed = digests(|steps| {
        if let Step::Ceremony(said) = &mut steps[2] {
            said.signature = None;
        }
    });
    assert!(changed.0 != all && changed.1 != said);
}

#[test]
fn what_is_said_of_the_rest_is_evidence() {
    let changes: [fn(&mut LeftOut); 6] = [
        |it| it.steps += 1,
        |it| it.bytes += 1,
        |it| it.digest.push('0'),
        |it| it.exchanges[0].times += 1,
        |it| it.exchanges[0].reply = None,
        |it| it.ceremonies = None,
    ];
    for change in changes {
        let mut scenario = brief(passing(Kind::Tampering));
        change(scenario.left_out.as_mut().unwrap());
        assert_ne!(evidence_digest(&scenario), scenario.evidence_digest);
    }
}

#[test]
fn a_pass_is_a_screenful_of_the_page() {
    let run = |scenario| sample::run_of(vec![scenario]);
    let page = html::render(&run(brief(passing(Kind::Tampering))));
    for there in ["told another origin", "decides", "7 more are left out", "whoami × 2, "] {
        assert!(page.contains(there), "{there}: {page}");
    }
    for gone in ["an honest one", "client data</p>", "the control"] {
        assert!(!page.contains(gone), "{gone}");
    }
    assert!(page.len() < html::render(&run(passing(Kind::Tampering))).len());
}
