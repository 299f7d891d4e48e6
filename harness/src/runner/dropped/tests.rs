//! The reference portal, behind a wire that loses what a key says, or what the portal says to it.

use std::sync::atomic::{AtomicU32, Ordering};

use portal::defect::find;
use profile::Verb;
use reports::record::{
    Impact, Level,
    Verdict::{self, Fail, Pass, Warn},
};
use softkey::{Model, Tampering};

use crate::{
    requirement::{Ceremony, Family, Proof, Requirement, portal, tampering, variation},
    runner::changed::{Change, Lost, run_on},
};

const PLAIN: Requirement = Requirement {
    id: "test/plain",
    family: Family::Registration,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("test"),
    says: "A connection may break.",
    catalogue: &[],
    reasons: &[],
    proof: Proof::NotObservable("see below"),
};

const FOREIGN: Tampering =
    Tampering::ClientData(|client| client.origin = "https://evil.example".into());

static REGISTRATION: Requirement = Requirement {
    proof: Proof::Tamperings(Ceremony::Registration, &[tampering("one", "one", FOREIGN, &[])]),
    ..PLAIN
};

static AUTHENTICATION: Requirement = Requirement {
    proof: Proof::Tamperings(Ceremony::Authentication, &[tampering("one", "one", FOREIGN, &[])]),
    ..PLAIN
};

static HONEST_REGISTRATION: Requirement = Requirement {
    proof: Proof::Variations(
        Ceremony::Registration,
        &[variation("one", "one", Model::synced(), &[])],
    ),
    ..PLAIN
};

static HONEST_AUTHENTICATION: Requirement = Requirement {
    proof: Proof::Variations(
        Ceremony::Authentication,
        &[variation("one", "one", Model::synced(), &[])],
    ),
    ..PLAIN
};

/// The verdict where these answers of keys are lost of the ceremony that is about, counted from one: the
/// control before, the trial, and the control after.
async fn verdict(
    (requirement, verb): (&'static Requirement, Verb),
    defect: Option<&str>,
    (numbers, lost): (&'static [u32], Lost),
) -> Verdict {
    let count = AtomicU32::new(0);
    let loses = move |visitor: &driver::deployment::Visitor, finished: Verb| {
        if visitor.scene.number == 0 || finished != verb {
            return None;
        }
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        numbers.contains(&number).then_some(lost)
    };
    let change = Change { loses: Box::new(loses), ..Change::default() };
    run_on(requirement, defect.map(|id| find(id).unwrap()), change).await.verdict
}

const TAMPERED: [(&Requirement, Verb); 2] =
    [(&REGISTRATION, Verb::RegisterKey), (&AUTHENTICATION, Verb::AnswerWithKey)];

const HONEST: [(&Requirement, Verb); 2] =
    [(&HONEST_REGISTRATION, Verb::RegisterKey), (&HONEST_AUTHENTICATION, Verb::AnswerWithKey)];

#[tokio::test]
async fn one_connection_that_was_dropped_is_no_matter_of_the_portals() {
    for about in TAMPERED.into_iter().chain(HONEST) {
        for one in [&[1][..], &[2], &[3]] {
            let verdict = verdict(about, None, (one, Lost::Request)).await;
            assert_eq!(verdict, Pass, "{} {one:?}", about.1.name());
        }
    }
}

#[tokio::test]
async fn a_portal_that_falls_over_it_again_is_warned_of() {
    for about in TAMPERED {
        let verdict = verdict(about, None, (&[2, 3], Lost::Request)).await;
        assert_eq!(verdict, Warn, "{}", about.1.name());
    }
}

/// Where the first was taken, it is not forgotten over the second.
#[tokio::test]
async fn what_was_taken_without_an_answer_is_found() {
    let defect = Some("register/origin-unchecked");
    let verdict = verdict(TAMPERED[0], defect, (&[2], Lost::Answer)).await;
    assert_eq!(verdict, Fail);
}
