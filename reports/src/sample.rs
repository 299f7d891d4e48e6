//! A small run for the tests of this crate: one scenario of each kind, one skipped.

use std::collections::BTreeMap;

use serde_json::json;

use crate::{
    brief,
    evidence::{seal, seal_run},
    journal::{Event, Header, Journal},
    judge::{conclude, self_check, summary},
    record::{
        Answer, Canary, CeremonyStep, Cleanup, Control, Ending, Exchange, Guards, Honest, Impact,
        Kind, Leftover, Level, NotJudged, Profile, Reply, Requirement, Run, SCHEMA_VERSION,
        Scenario, SkipRule, State, States, Step, Suite, Target, Told, Verdict,
    },
};

/// An exchange with nothing in it.
pub(crate) fn exchange() -> Exchange {
    Exchange {
        who: "alice".into(),
        flow: "sign_in".into(),
        line: Some(7),
        file: None,
        method: "POST".into(),
        url: "http://portal.localhost/api/session/key".into(),
        request_headers: Vec::new(),
        request_body: None,
        status: Some(400),
        response_headers: Vec::new(),
        response_body: None,
        reply: Some(Reply::Refused),
        micros: 0,
        error: None,
    }
}

/// A scenario of a kind that passes, sealed.
pub(crate) fn passing(kind: Kind) -> Scenario {
    let mut scenario = bare(&format!("authentication/origin/{kind}"), kind);
    match kind {
        Kind::Tampering => {
            scenario.answer = Some(answer(Reply::Refused, 400));
            scenario.state = States {
                before: signed_in("nobody"),
                after: signed_in("nobody"),
                goal: BTreeMap::new(),
            };
        }
        Kind::Variation => {
            scenario.answer = Some(answer(Reply::Ok, 200));
            scenario.state = States {
                before: signed_in("nobody"),
                after: signed_in("alice"),
                goal: BTreeMap::from([("signed_in".to_owned(), "alice".to_owned())]),
            };
        }
        Kind::Observation | Kind::Story => {
            scenario.control = Control::default();
            scenario.told = Some(told(Ending::Held));
        }
    }
    seal(&mut scenario);
    scenario
}

/// A scenario that was left out, sealed.
pub(crate) fn skipped() -> Scenario {
    let mut scenario = bare("totp/window/late", Kind::Story);
    scenario.not_judged = Some(NotJudged::Skipped {
        rule: SkipRule::NotSelected,
        reason: "waits two minutes".into(),
    });
    seal(&mut scenario);
    scenario
}

/// An answer with a reply and a status.
pub(crate) fn answer(reply: Reply, status: u16) -> Answer {
    Answer { reply, status: Some(status), reason: None, message: None, names_the_rule: false }
}

/// A story or observation that ended like this after three expectations.
pub(crate) fn told(ending: Ending) -> Told {
    Told { ending, step: None, expected: None, seen: None, graceless: Vec::new(), checked: 3 }
}

/// The one fact of the samples.
pub(crate) fn signed_in(who: &str) -> State {
    State::from([("signed_in".to_owned(), Some(who.to_owned()))])
}

/// A run of one passing scenario of each kind, one of them kept in brief, and one skipped.
pub(crate) fn run() -> Run {
    let mut scenarios: Vec<_> = Kind::ALL.iter().copied().map(passing).collect();
    if let Some(first) = scenarios.first_mut() {
        brief::shorten(first);
        seal(first);
    }
    scenarios.push(skipped());
    run_of(scenarios)
}

/// A run of these scenarios that ended in an orderly way.
pub(crate) fn run_of(scenarios: Vec<Scenario>) -> Run {
    let Header { schema_version, seed, suite, profile, target, started, filters, strict, guards } =
        header();
    let (outcome, exit_code) = conclude(&scenarios, &canary(), strict, None);
    let (canary, summary) = (canary(), summary(&scenarios));
    let run = Run {
        schema_version,
        outcome,
        exit_code,
        seed,
        suite,
        profile,
        target,
        started,
        duration_ms: 1200,
        canary,
        summary,
        filters,
        strict,
        guards,
        traffic: None,
        note: None,
        cleanup: Some(cleanup()),
        scenarios,
        seal: None,
    };
    sealed(run)
}

/// A run that is sealed, with the chain of its journal.
pub(crate) fn sealed(mut run: Run) -> Run {
    let head = written(&run).1;
    seal_run(&mut run, Some(head));
    run
}

/// Two accounts made, one of which stays.
pub(crate) fn cleanup() -> Cleanup {
    let left =
        Leftover { user: "ts-7f3a-11".into(), why: "delete_user was answered 500 error".into() };
    Cleanup { created: 2, removed: 1, disposable: false, left: vec![left], note: None }
}

/// The journal of a run.
pub(crate) fn journal(run: &Run) -> Vec<u8> {
    written(run).0
}

/// The same, with the chain after its last line.
fn written(run: &Run) -> (Vec<u8>, String) {
    let mut bytes = Vec::new();
    let mut journal = Journal::new(&mut bytes);
    for event in &events(run) {
        journal.append(event).unwrap();
    }
    let head = journal.head().unwrap().to_owned();
    (bytes, head)
}

/// The events of a run that ended in an orderly way.
pub(crate) fn events(run: &Run) -> Vec<Event> {
    let mut events = vec![Event::Started {
        header: header_of(run).into(),
        planned: run.scenarios.iter().map(planned).collect(),
    }];
    events.push(Event::CanaryDone { canary: run.canary.clone() });
    for scenario in run.scenarios.iter().filter(|scenario| scenario.verdict != Verdict::Skip) {
        events.push(Event::ScenarioStarted { id: scenario.id.clone() });
        events.push(Event::ScenarioDone { scenario: Box::new(scenario.clone()) });
    }
    events.extend(run.cleanup.clone().map(|cleanup| Event::CleanedUp { cleanup }));
    let (outcome, exit_code, duration_ms, note) =
        (run.outcome, run.exit_code, run.duration_ms, run.note.clone());
    let traffic = run.traffic;
    events.push(Event::Ended { outcome, exit_code, duration_ms, note, traffic });
    events
}

fn header_of(run: &Run) -> Header {
    let run = run.clone();
    Header {
        schema_version: run.schema_version,
        seed: run.seed,
        suite: run.suite,
        profile: run.profile,
        target: run.target,
        started: run.started,
        filters: run.filters,
        strict: run.strict,
        guards: run.guards,
    }
}

fn planned(scenario: &Scenario) -> Scenario {
    if scenario.verdict == Verdict::Skip {
        return scenario.clone();
    }
    let mut planned =
        Scenario { not_judged: Some(NotJudged::Unfinished), ..bare(&scenario.id, scenario.kind) };
    seal(&mut planned);
    planned
}

/// A self-check that was caught.
pub(crate) fn canary() -> Canary {
    self_check(BTreeMap::from([("authentication/origin/foreign".to_owned(), Verdict::Fail)]))
}

fn header() -> Header {
    Header {
        schema_version: SCHEMA_VERSION.into(),
        seed: "7f3a".into(),
        suite: Suite {
            version: "0.1.0".into(),
            digest: "sha256:9c1e".into(),
            detection: None,
            detection_date: None,
        },
        profile: Profile { name: "reference".into(), digest: "sha256:51ab".into(), file: None },
        target: Target {
            base: "http://{scenario}.portal.localhost".into(),
            origin: "http://{scenario}.portal.localhost".into(),
            rp_id: "{scenario}.portal.localhost".into(),
            environment: "reference".into(),
        },
        started: "2026-01-01T00:00:00Z".into(),
        filters: Vec::new(),
        strict: false,
        guards: Guards {
            allow: vec!["http://*.portal.localhost".into()],
            connect: Some("127.0.0.1:9".into()),
            effects: vec!["creates-account".into(), "wrong-tries".into()],
            loosened: vec!["insecure TLS on loopback".into()],
            ..Guards::default()
        },
    }
}

fn bare(id: &str, kind: Kind) -> Scenario {
    Scenario {
        id: id.into(),
        title: "a case".into(),
        kind,
        family: "webauthn".into(),
        requirement: Requirement {
            id: "authentication/origin".into(),
            says: "The origin in the client data is one the portal expects.".into(),
            source: "WebAuthn L3 §7.2".into(),
            link: None,
        },
        level: Level::Must,
        impact: Impact::Takeover,
        covers: Vec::new(),
        verdict: Verdict::Inconclusive,
        grade: None,
        symptom: None,
        fault: None,
        because: String::new(),
        duration_ms: 12,
        control: Control {
            before: Honest::Accepted,
            after: Honest::Accepted,
            ..Control::default()
        },
        state: States::default(),
        answer: None,
        told: None,
        not_judged: None,
        steps: vec![
            Step::Act { says: "alice signs in with her key".into() },
            Step::Exchange(Box::new(exchange())),
            Step::Ceremony(Box::new(ceremony())),
        ],
        again: format!("cargo xtask scenarios {id} --seed 7f3a"),
        left_out: None,
        cut: None,
        evidence_digest: String::new(),
    }
}

/// An honest answer of a key.
pub(crate) fn ceremony() -> CeremonyStep {
    CeremonyStep {
        ceremony: "authentication".into(),
        who: "alice".into(),
        key: "desk".into(),
        told: None,
        client_data: r#"{"type":"webauthn.get"}"#.into(),
        authenticator_data: "00".repeat(37),
        attestation_object: None,
        signature: Some("3045".into()),
        credential_id: "AAEC".into(),
        envelope: json!({ "type": "public-key", "id": "AAEC" }),
    }
}
