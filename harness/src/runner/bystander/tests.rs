//! The reference portal, taken ill once a trial was made on it: what is found of its controls, and what
//! is made of that.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use driver::deployment::{Input, Inputs};
use profile::Verb;
use reports::record::{
    Control,
    Honest::{self, Absent, Accepted, Refused},
    Impact, Level, Reply,
    Verdict::{self, Fail, Inconclusive, Pass},
};
use serde_json::json;
use softkey::{Model, Tampering};

use crate::{
    requirement::{
        Ceremony, Family, Proof, Requirement, VariationCase, portal, tampering, variation,
    },
    runner::changed::{Change, run_on},
};

const PLAIN: Requirement = Requirement {
    id: "test/plain",
    family: Family::Registration,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("test"),
    says: "Keys do no harm.",
    catalogue: &[],
    reasons: &[],
    proof: Proof::NotObservable("see below"),
};

static UNKNOWN_TRANSPORT: Requirement = Requirement {
    proof: Proof::Variations(
        Ceremony::Registration,
        &[VariationCase {
            change: Some(Tampering::Envelope(|envelope| {
                envelope["response"]["transports"] = json!(["telepathy"]);
            })),
            ..variation("one", "one", Model::roaming(), &[])
        }],
    ),
    ..PLAIN
};

static SYNCED: Requirement = Requirement {
    proof: Proof::Variations(
        Ceremony::Authentication,
        &[variation("one", "one", Model::synced(), &[])],
    ),
    ..PLAIN
};

static FOREIGN: Requirement = Requirement {
    proof: Proof::Tamperings(
        Ceremony::Registration,
        &[tampering(
            "one",
            "one",
            Tampering::ClientData(|client| client.origin = "https://evil.example".into()),
            &[],
        )],
    ),
    ..PLAIN
};

/// What the portal has seen when somebody asks it for options.
struct Seen<'a> {
    who: &'a str,
    /// Alice has finished the trial.
    tried: bool,
    /// Bob was here.
    bob: bool,
    /// Keys that whoever asks has registered.
    keys: u32,
    verb: Verb,
}

/// Whether it falls over that.
type Illness = fn(Seen<'_>) -> bool;

#[derive(Default)]
struct Memory {
    tried: bool,
    bob: bool,
    keys: BTreeMap<String, u32>,
    answers: u32,
}

impl Memory {
    fn hears(&mut self, who: &str, verb: Verb, inputs: &Inputs) {
        if verb == Verb::RegisterKey {
            *self.keys.entry(who.to_owned()).or_default() += 1;
            self.tried |=
                matches!(inputs.get("label"), Some(Input::Open(label)) if label == "trial");
        } else {
            // The second answer of a key that signs in.
            self.answers += 1;
            self.tried |= self.answers == 2;
        }
    }
}

/// The portal, with an illness.
fn ill(illness: Illness) -> Change {
    let memory: Arc<Mutex<Memory>> = Arc::default();
    let heard = Arc::clone(&memory);
    Change {
        begun: Box::new(move |visitor, verb, begun| {
            let mut memory = memory.lock().unwrap();
            memory.bob |= visitor.who == "bob";
            let keys = memory.keys.get(&visitor.who).copied().unwrap_or_default();
            let Memory { tried, bob, .. } = *memory;
            if illness(Seen { who: &visitor.who, tried, bob, keys, verb }) {
                begun.answer.reply = Reply::Error;
                begun.options = None;
            }
        }),
        finished: Box::new(move |visitor, verb, inputs| {
            // The first control of the run is not on trial.
            if visitor.scene.label != "first-control" {
                heard.lock().unwrap().hears(&visitor.who, verb, inputs);
            }
        }),
        ..Change::default()
    }
}

async fn check(
    requirement: &'static Requirement,
    illness: Illness,
    expected: (Verdict, [Honest; 3]),
) {
    let scenario = run_on(requirement, None, ill(illness)).await;
    let [after, bystander, again] = expected.1;
    let control = Control { before: Accepted, after, bystander, again };
    assert_eq!(
        (scenario.verdict, &scenario.control),
        (expected.0, &control),
        "{}",
        scenario.because
    );
}

#[tokio::test]
async fn a_sound_portal_is_asked_nothing_more() {
    for requirement in [&UNKNOWN_TRANSPORT, &SYNCED, &FOREIGN] {
        check(requirement, |_| false, (Pass, [Accepted, Absent, Absent])).await;
    }
}

#[tokio::test]
async fn an_account_that_is_broken_by_what_was_taken_is_a_finding() {
    let account: Illness = |seen| seen.tried && seen.who == "alice";
    check(&UNKNOWN_TRANSPORT, account, (Fail, [Refused, Accepted, Refused])).await;
    check(&SYNCED, account, (Fail, [Refused, Accepted, Refused])).await;
}

#[tokio::test]
async fn a_portal_that_is_broken_for_everybody_is_not() {
    let portal: Illness = |seen| seen.tried;
    check(&UNKNOWN_TRANSPORT, portal, (Inconclusive, [Refused, Refused, Absent])).await;
    check(&SYNCED, portal, (Inconclusive, [Refused, Refused, Absent])).await;
}

#[tokio::test]
async fn nor_is_one_that_was_unwell_for_a_moment() {
    let moment: Illness = |seen| seen.tried && !seen.bob;
    check(&UNKNOWN_TRANSPORT, moment, (Inconclusive, [Refused, Accepted, Accepted])).await;
    check(&SYNCED, moment, (Inconclusive, [Refused, Accepted, Accepted])).await;
}

#[tokio::test]
async fn nor_is_a_limit_that_everybody_runs_into() {
    let limit: Illness = |seen| seen.verb == Verb::RegisterKey && seen.keys >= 2;
    check(&UNKNOWN_TRANSPORT, limit, (Inconclusive, [Refused, Refused, Absent])).await;
}

#[tokio::test]
async fn an_account_that_is_locked_after_a_refusal_is_left_alone() {
    let account: Illness = |seen| seen.tried && seen.who == "alice";
    check(&FOREIGN, account, (Inconclusive, [Refused, Absent, Absent])).await;
}
