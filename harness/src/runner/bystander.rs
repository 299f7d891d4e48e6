//! Tells a broken account from a broken portal. Where the honest control after a trial was refused,
//! although the portal had taken what was tried, somebody else goes the same way with the plain ceremony
//! in its place: as many keys, as many sign-ins, so that whoever runs into a limit does so in both cases.
//! Where the portal takes all of that, the control is made once more on the first account, in a fresh
//! browser: what was only refused for a moment, or to one session, is not broken.

use profile::error::Error;
use reports::record::{Control, Honest};

use super::ceremonies::{Evidence, Trial, Tried, honest, way};
use crate::story::{Break, Stage, Told};

/// Asks the bystander and then the account again; what is found stands in `control`.
pub(super) async fn asks(
    stage: &mut Stage,
    trial: &Trial,
    alice: &mut Tried,
    control: &mut Control,
) -> Told {
    control.bystander = as_far_as_allowed(goes_the_same_way(stage, trial).await)?;
    if control.bystander == Honest::Accepted {
        control.again = as_far_as_allowed(alice.again(trial).await)?;
    }
    Ok(())
}

/// Accepted where everything was.
async fn goes_the_same_way(stage: &mut Stage, trial: &Trial) -> Result<Honest, Break> {
    let plain = trial.plainly_by("bob");
    let mut seen = Evidence::default();
    let bob = way(stage, &plain, &mut seen).await?;
    let on_the_way = [seen.control.before, reached(&seen), seen.control.after];
    if let Some(barred) = on_the_way.into_iter().find(|step| *step != Honest::Accepted) {
        return Ok(barred);
    }
    match bob {
        Some(mut bob) => bob.again(&plain).await,
        None => Ok(Honest::Absent),
    }
}

/// How the plain ceremony in place of the trial ended, by the state that it had to reach.
fn reached(seen: &Evidence) -> Honest {
    let state = &seen.state;
    let mut facts = state.goal.iter().map(|(fact, value)| {
        state.after.get(fact).and_then(Option::as_ref).map(|known| known == value)
    });
    match facts.find(|fact| *fact != Some(true)) {
        None if state.goal.is_empty() => Honest::Unclear,
        None => Honest::Accepted,
        Some(Some(_)) => Honest::Refused,
        Some(None) => Honest::Unclear,
    }
}

/// Where there is no account for a bystander, or no try left on the account, nothing is added to what
/// the controls have shown already; that must not leave the scenario out.
fn as_far_as_allowed(control: Result<Honest, Break>) -> Result<Honest, Break> {
    match control {
        Err(Break::Ours(Error::NotAllowed(_) | Error::NotApplicable(_))) => Ok(Honest::Absent),
        other => honest(other.map(|control| (control, None::<()>))).map(|(control, _)| control),
    }
}

#[cfg(test)]
mod tests;
