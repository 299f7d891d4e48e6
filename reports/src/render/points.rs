//! What a reader wants to know of one scenario, gathered from where its kind keeps it: what was told,
//! what was expected, what was seen, and whose it is.

use super::plain::clip;
use crate::record::{CeremonyStep, Exchange, Fault, Kind, Scenario, Step, Verdict};

/// Longest part of a body that is quoted in a sentence, characters.
const QUOTED: usize = 160;

/// The points of one scenario; raw words, not yet made harmless for any sink.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Points {
    /// What the key was told to change.
    pub told: Option<String>,
    /// The step of a story or observation that broke it.
    pub step: Option<String>,
    /// What had to happen.
    pub expected: Option<String>,
    /// What happened.
    pub seen: Option<String>,
}

/// The points of a scenario; none where it was not run.
pub(super) fn points(scenario: &Scenario) -> Points {
    if scenario.not_judged.is_some() {
        return Points::default();
    }
    match scenario.kind {
        Kind::Tampering | Kind::Variation => {
            let changed = changed(scenario);
            Points {
                told: changed.and_then(|ceremony| ceremony.told.clone()),
                step: None,
                expected: Some(expected(scenario, changed)),
                seen: seen(scenario),
            }
        }
        Kind::Observation | Kind::Story => {
            let Some(told) = &scenario.told else { return Points::default() };
            Points {
                told: None,
                step: told.step.clone(),
                expected: told.expected.clone(),
                seen: told.seen.clone(),
            }
        }
    }
}

/// What to do about a verdict that concludes nothing, by whose it is.
pub(super) const fn advice(verdict: Verdict, fault: Fault) -> Option<&'static str> {
    match verdict {
        Verdict::Pass | Verdict::Skip | Verdict::Fail | Verdict::Warn => None,
        Verdict::Review => Some("a person has to look at it and decide"),
        Verdict::Unsteady => {
            Some("repeat it with the command below, and find out what differs from try to try")
        }
        Verdict::Inconclusive | Verdict::Error => Some(match fault {
            Fault::Portal => "make the honest ceremony work on the portal, then repeat it",
            Fault::Profile => "tell the profile how this portal answers, check it, then repeat it",
            Fault::Environment => {
                "see that the portal can be reached and is not busy, then repeat it"
            }
            Fault::Kit => "this is a fault of Touchstone, not of the portal: please report it",
        }),
    }
}

/// A party in words.
pub(super) const fn party(fault: Fault) -> &'static str {
    match fault {
        Fault::Portal => "the portal",
        Fault::Profile => "the profile",
        Fault::Environment => "the network or the machine",
        Fault::Kit => "Touchstone",
    }
}

fn changed(scenario: &Scenario) -> Option<&CeremonyStep> {
    scenario.steps.iter().find_map(told_ceremony)
}

fn told_ceremony(step: &Step) -> Option<&CeremonyStep> {
    match step {
        Step::Ceremony(ceremony) if ceremony.told.is_some() => Some(ceremony),
        Step::Ceremony(_)
        | Step::Act { .. }
        | Step::Exchange(_)
        | Step::Expectation { .. }
        | Step::Wait { .. } => None,
    }
}

fn expected(scenario: &Scenario, changed: Option<&CeremonyStep>) -> String {
    let what = match changed.map(|ceremony| ceremony.ceremony.as_str()) {
        Some("registration") => "the registration",
        Some("authentication") => "the sign-in",
        Some(_) | None => "it",
    };
    if scenario.kind == Kind::Tampering {
        return format!("the portal refuses to finish {what}");
    }
    let goal: Vec<_> =
        scenario.state.goal.iter().map(|(fact, value)| format!("{fact} = {value}")).collect();
    if goal.is_empty() {
        format!("the portal accepts {what}")
    } else {
        format!("the portal accepts {what}, and then {}", goal.join(", "))
    }
}

fn seen(scenario: &Scenario) -> Option<String> {
    let answer = scenario.answer.as_ref()?;
    let status = answer.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let said = finishing(scenario)
        .filter(|exchange| exchange.status == answer.status)
        .and_then(|exchange| exchange.response_body.as_deref())
        .or(answer.message.as_deref())
        .or(answer.reason.as_deref());
    let answered = match said {
        Some(said) if !said.is_empty() => format!("{status} {}", clip(said, QUOTED)),
        Some(_) | None => format!("{status} ({})", answer.reply),
    };
    Some(format!("{answered}; {}", moves(scenario)))
}

/// The first exchange after the ceremony that was told to change something.
fn finishing(scenario: &Scenario) -> Option<&Exchange> {
    let at = scenario.steps.iter().position(|step| told_ceremony(step).is_some())?;
    scenario.steps.get(at..)?.iter().find_map(|step| match step {
        Step::Exchange(exchange) => Some(&**exchange),
        Step::Ceremony(_) | Step::Act { .. } | Step::Expectation { .. } | Step::Wait { .. } => None,
    })
}

/// What the deployment's state says, in words.
fn moves(scenario: &Scenario) -> String {
    let state = &scenario.state;
    let moved: Vec<_> = state
        .before
        .iter()
        .filter_map(|(fact, before)| {
            let after = state.after.get(fact)?;
            (before != after).then(|| format!("{fact} {} → {}", word(before), word(after)))
        })
        .collect();
    if state.before.is_empty() {
        "the state was not asked".to_owned()
    } else if moved.is_empty() {
        "nothing changed".to_owned()
    } else {
        moved.join(", ")
    }
}

/// A fact's value in words.
pub(super) fn word(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or("(could not be read)")
}
