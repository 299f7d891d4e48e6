//! Which steps of a scenario decide it: what the key was told to change with the answer to that, and
//! what was seen last before something was expected.

use crate::record::{CeremonyStep, Exchange, Kind, Step};

/// The first step in which the key was told to change something.
pub(crate) fn changed(steps: &[Step]) -> Option<(usize, &CeremonyStep)> {
    steps.iter().enumerate().find_map(|(at, step)| Some((at, told(step)?)))
}

/// What the key said where it was told to change something.
pub(crate) fn told(step: &Step) -> Option<&CeremonyStep> {
    match step {
        Step::Ceremony(said) if said.told.is_some() => Some(said),
        Step::Ceremony(_)
        | Step::Act { .. }
        | Step::Exchange(_)
        | Step::Expectation { .. }
        | Step::Wait { .. } => None,
    }
}

/// The exchanges that answered the ceremony at a place: those of its second half. What is asked about
/// the state in between is none of them.
pub(crate) fn answers(steps: &[Step], at: usize) -> impl Iterator<Item = (usize, &Exchange)> {
    let finishes = |(_, exchange): &(usize, &Exchange)| exchange.flow.ends_with(".finish");
    let after = steps.iter().enumerate().skip(at).filter_map(|(at, step)| match step {
        Step::Exchange(exchange) => Some((at, &**exchange)),
        Step::Ceremony(_) | Step::Act { .. } | Step::Expectation { .. } | Step::Wait { .. } => None,
    });
    after.skip_while(move |one| !finishes(one)).take_while(finishes)
}

/// The places of the exchanges that decide a scenario.
pub(crate) fn exchanges(kind: Kind, steps: &[Step]) -> Vec<usize> {
    match kind {
        Kind::Tampering | Kind::Variation => changed(steps)
            .map(|(at, _)| answers(steps, at).map(|(at, _)| at).collect())
            .unwrap_or_default(),
        Kind::Observation | Kind::Story => seen_last(steps).into_iter().collect(),
    }
}

/// The last exchange before the last expectation.
fn seen_last(steps: &[Step]) -> Option<usize> {
    let expected = steps.iter().rposition(|step| matches!(step, Step::Expectation { .. }))?;
    steps[..expected].iter().rposition(|step| matches!(step, Step::Exchange(_)))
}
