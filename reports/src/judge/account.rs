//! Whether what was tried broke the account that it was tried on. An account that is refused after it
//! may also be that of a portal that refuses everybody, or one that was locked because of it, which many
//! policies allow; so three things have to be shown. The portal took what was tried. Somebody else went
//! the same way with nothing unusual in it, and was accepted throughout. And after that the account was
//! still refused, to a fresh browser.

use super::{Judgement, by_level, known, status};
use crate::record::{Answer, Honest, Kind, Reply, Scenario, States};

/// Whether the portal took what was tried, so that it answers for what became of the account.
///
/// It took a variation that it answered with yes, that the state shows, or that it fell over: that is no
/// refusal of an honest key. It took a tampering that the state shows, which needs no more to be judged;
/// here it is one that it answered with yes and of which nothing more can be seen, because a fact that
/// could be read before cannot be read any more. Whatever was refused may have locked the account.
#[must_use]
pub fn took(kind: Kind, state: &States, answer: &Answer) -> bool {
    match (kind, answer.reply) {
        (Kind::Tampering, Reply::Ok) => lost(state),
        (Kind::Variation, Reply::Ok | Reply::Error | Reply::Dropped) => true,
        (
            Kind::Variation,
            Reply::FactorNeeded
            | Reply::Refused
            | Reply::Expired
            | Reply::RateLimited
            | Reply::Unknown,
        ) => shows(state),
        (
            Kind::Tampering,
            Reply::FactorNeeded
            | Reply::Refused
            | Reply::Expired
            | Reply::RateLimited
            | Reply::Error
            | Reply::Dropped
            | Reply::Unknown,
        )
        | (Kind::Observation | Kind::Story, _) => false,
    }
}

/// The finding that the account was broken; `None` where that is not shown.
pub(super) fn broken(scenario: &Scenario) -> Option<Judgement> {
    let answer = scenario.answer.as_ref()?;
    let control = &scenario.control;
    let shown = control.before == Honest::Accepted
        && control.after == Honest::Refused
        && control.bystander == Honest::Accepted
        && control.again == Honest::Refused;
    if !(shown && took(scenario.kind, &scenario.state, answer)) {
        return None;
    }
    let what = match scenario.kind {
        Kind::Tampering => "what had to be refused",
        Kind::Variation | Kind::Observation | Kind::Story => "an honest variation",
    };
    Some(by_level(
        scenario.level,
        format!("broke-account:{}", status(answer)),
        &format!(
            "{what} broke the account: its honest control was accepted before and is refused since, while somebody else was accepted"
        ),
    ))
}

/// Whether a fact that was known is not known any more.
fn lost(state: &States) -> bool {
    state
        .before
        .keys()
        .any(|fact| known(&state.before, fact).is_some() && known(&state.after, fact).is_none())
}

/// Whether the state shows a part of what an accepted variation brings about.
fn shows(state: &States) -> bool {
    state.goal.iter().any(|(fact, value)| {
        known(&state.before, fact) != Some(value) && known(&state.after, fact) == Some(value)
    })
}
