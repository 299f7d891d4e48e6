//! A sign-in of several requests that is cut short in one that cannot be sent again by itself: it is begun
//! again, with nothing of what came of it, as whoever sits there would reload the page.

use profile::{Ability, Verb, error::Error, flow::Step};
use reports::record::Reply;

use super::{Answer, FlowRun, Half, HttpDriver, Inputs, Visitor};

/// How the last request of a flow was cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CutShort {
    /// A call for a pause, in front of a portal that may have done it.
    Pause,
    /// The connection was dropped.
    Dropped,
}

/// Carries out a flow of one half, and begins a sign-in again that was cut short: after each of a few
/// pauses, and after one connection that was dropped.
pub(in crate::deployment::http) async fn whole(
    driver: &HttpDriver,
    visitor: &mut Visitor,
    (verb, inputs): (Verb, &Inputs),
    steps: &[Step],
) -> Result<Answer, Error> {
    let mut left = if verb == Verb::SignIn { visitor.patience(true) } else { 0 };
    loop {
        let before = (left > 0).then(|| visitor.memory.clone());
        let mut run = FlowRun::new(driver, visitor, (verb, Half::Whole), inputs);
        let answer = run.perform(steps).await?;
        let (cut_short, decided) = (run.cut_short, run.decided);
        run.end();
        let (Some(cut_short), Some(before), false) =
            (cut_short, before, says_something(answer.reply))
        else {
            return Ok(answer);
        };
        // What was sent already is sent once more: a password, but no code that goes with it.
        let spends = driver.profile().description.can(Ability::TotpWithPassword);
        if decided && (spends || !visitor.may_try_again()) {
            return Ok(answer);
        }
        visitor.scene.recorder.act("(the sign-in was cut short: it is begun again)");
        visitor.memory = before;
        left = match cut_short {
            CutShort::Pause => left - 1,
            CutShort::Dropped => 0,
        };
    }
}

/// Whether an answer is one of the sign-in itself.
const fn says_something(reply: Reply) -> bool {
    match reply {
        Reply::Ok | Reply::FactorNeeded | Reply::Refused | Reply::Expired => true,
        Reply::RateLimited | Reply::Error | Reply::Dropped | Reply::Unknown => false,
    }
}
