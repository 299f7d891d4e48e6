//! What several acts at the same instant show: two successes are a proof whatever else came back, and one
//! is none where the others were not looked at.

use std::sync::atomic::{AtomicU32, Ordering};

use driver::deployment::Answer;
use portal::defect::find;
use profile::{Verb, error::Error};
use reports::record::{
    Impact, Level, Reply,
    Verdict::{self, Error as Broken, Fail, Inconclusive, Pass},
};

use super::changed::{Change, run_on};
use crate::{
    requirement::{Family, Proof, Requirement, portal},
    story,
    story::{Stage, Told},
};

static ONCE: Requirement = Requirement {
    id: "test/once",
    family: Family::ResetToken,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("test"),
    says: "A link works once.",
    catalogue: &[],
    reasons: &[],
    proof: Proof::Stories(&[story!("one", "one", used_at_once, [Reset], [], at_once Acts 3)]),
};

async fn used_at_once(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    let link = alice.is_mailed_a_link().await?;
    alice.resets_at_once(&link, 3).await?.at_most_one_is_accepted()
}

/// The verdict, where what comes back of the numbered shot is changed.
async fn check(
    defect: Option<&str>,
    change: fn(u32, Answer) -> Result<Answer, Error>,
    expected: Verdict,
) {
    let shots = AtomicU32::new(0);
    let performed = Box::new(move |verb, answer| {
        if verb == Verb::FinishReset {
            return change(shots.fetch_add(1, Ordering::Relaxed), answer);
        }
        Ok(answer)
    });
    let defect = defect.map(|id| find(id).unwrap());
    let scenario = run_on(&ONCE, defect, Change { performed, ..Change::default() }).await;
    assert_eq!(scenario.verdict, expected, "{}", scenario.because);
}

fn limited(answer: Answer) -> Answer {
    let reply = if answer.reply == Reply::Refused { Reply::RateLimited } else { answer.reply };
    Answer { reply, ..answer }
}

fn first_is_lost(number: u32, answer: Answer) -> Result<Answer, Error> {
    if number == 0 { Err(Error::Network("lost".to_owned())) } else { Ok(answer) }
}

#[tokio::test]
async fn one_success_is_none_where_the_others_were_limited() {
    check(None, |_, answer| Ok(answer), Pass).await;
    check(None, |_, answer| Ok(limited(answer)), Inconclusive).await;
}

#[tokio::test]
async fn two_successes_are_a_proof_whatever_became_of_the_third() {
    let racy = Some("reset/token-race");
    check(racy, |_, answer| Ok(answer), Fail).await;
    check(racy, first_is_lost, Fail).await;
    check(None, first_is_lost, Broken).await;
}
