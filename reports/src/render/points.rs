//! What a reader wants to know of one scenario, gathered from where its kind keeps it: what was told,
//! what was expected, what was seen, and whose it is.

use super::plain::clip;
use crate::{
    deciding,
    record::{CeremonyStep, Exchange, Fault, Kind, Reply, Scenario, Verdict},
};

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
    pub seen: Option<Seen>,
}

/// What happened: ours around the portal's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// The status, or a whole sentence.
    pub first: String,
    /// What the portal said.
    pub said: Option<String>,
    /// What became of the state.
    pub then: Option<String>,
}

impl Seen {
    /// All of it on one line.
    pub(super) fn line(&self) -> String {
        let said = self.said.as_ref().map(|said| format!(" {said}")).unwrap_or_default();
        let then = self.then.as_ref().map(|then| format!("; {then}")).unwrap_or_default();
        format!("{}{said}{then}", self.first)
    }
}

/// The labelled lines that tell a finding: why, what was told, where, expected, seen, whose.
pub(super) fn lines(scenario: &Scenario) -> Vec<(&'static str, String)> {
    let points = points(scenario);
    // Where expected and seen say it all, the judge's sentence says the same again.
    let because = scenario.verdict != Verdict::Fail && points.step.is_none();
    let labelled = [
        ("because", because.then(|| scenario.because.clone())),
        ("told", points.told),
        ("step", points.step),
        ("expected", points.expected),
        ("seen", points.seen.map(|seen| seen.line())),
        ("whose", whose(scenario)),
    ];
    labelled.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
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
                seen: told.seen.clone().map(|first| Seen { first, ..Seen::default() }),
            }
        }
    }
}

/// Whose a finding is and what to do about it; `None` where there is nothing to add.
pub(super) fn whose(scenario: &Scenario) -> Option<String> {
    let advice = advice(scenario.verdict, scenario.fault)?;
    Some(match scenario.fault {
        Some(fault) => format!("{}: {advice}", party(fault)),
        None => advice.to_owned(),
    })
}

const fn advice(verdict: Verdict, fault: Option<Fault>) -> Option<&'static str> {
    match verdict {
        Verdict::Pass | Verdict::Skip | Verdict::Fail | Verdict::Warn => None,
        Verdict::Review => Some("a person has to look at it and decide"),
        Verdict::Unsteady => {
            Some("repeat it with the command below, and find out what differs from try to try")
        }
        Verdict::Inconclusive | Verdict::Error => match fault {
            Some(Fault::Portal) => {
                Some("make the honest ceremony work on the portal, then repeat it")
            }
            Some(Fault::Profile) => {
                Some("tell the profile how this portal answers, check it, then repeat it")
            }
            Some(Fault::Adapter) => Some(
                "mend the adapter, by what docs/adapter.md says that it must answer, then repeat it",
            ),
            Some(Fault::Environment) => {
                Some("see that the portal can be reached and is not busy, then repeat it")
            }
            Some(Fault::Kit) => {
                Some("this is a fault of Touchstone, not of the portal: please report it")
            }
            None => None,
        },
    }
}

/// A status in words. An adapter's answer may have none.
pub(super) fn status(status: Option<u16>, reply: Option<Reply>) -> String {
    match (status, reply) {
        (Some(status), _) => status.to_string(),
        (None, None | Some(Reply::Dropped)) => "no answer".to_owned(),
        (None, Some(_)) => "answered".to_owned(),
    }
}

/// A party in words.
pub(super) const fn party(fault: Fault) -> &'static str {
    match fault {
        Fault::Portal => "the portal",
        Fault::Profile => "the profile",
        Fault::Adapter => "the adapter",
        Fault::Environment => "the network or the machine",
        Fault::Kit => "Touchstone",
    }
}

fn changed(scenario: &Scenario) -> Option<&CeremonyStep> {
    deciding::changed(&scenario.steps).map(|(_, ceremony)| ceremony)
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

fn seen(scenario: &Scenario) -> Option<Seen> {
    let answer = scenario.answer.as_ref()?;
    let status = status(answer.status, Some(answer.reply));
    let said = finishing(scenario, answer.status)
        .and_then(|exchange| exchange.response_body.as_deref())
        .or(answer.message.as_deref())
        .or(answer.reason.as_deref())
        .filter(|said| !said.trim().is_empty());
    Some(Seen {
        first: said.map_or_else(|| format!("{status} ({})", answer.reply), |_| status.clone()),
        said: said.map(|said| clip(said.trim(), QUOTED).into_owned()),
        then: Some(moves(scenario)),
    })
}

/// The exchange that answered the ceremony that was told to change something: the last of its second
/// half with the status that was judged. What is asked about the state in between is none of it.
fn finishing(scenario: &Scenario, status: Option<u16>) -> Option<&Exchange> {
    let (at, _) = deciding::changed(&scenario.steps)?;
    let answers = deciding::answers(&scenario.steps, at).map(|(_, exchange)| exchange);
    answers.filter(|exchange| exchange.status == status).last()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{record::Step, sample};

    /// Between the ceremony and its answer the state is asked, and those who ask are answered too.
    #[test]
    fn what_was_seen_is_the_answer_to_the_ceremony() {
        let exchange = |flow: &str, status: u16, body: &str| {
            let (flow, status) = (flow.to_owned(), Some(status));
            let response_body = Some(body.to_owned());
            Step::Exchange(Box::new(Exchange { flow, status, response_body, ..sample::exchange() }))
        };
        let mut scenario = sample::passing(Kind::Tampering);
        let told = Some("another origin".to_owned());
        let ceremony = CeremonyStep { told, ..sample::ceremony() };
        scenario.steps = vec![
            exchange("sign_in_with_key.finish", 400, "before"),
            Step::Ceremony(Box::new(ceremony)),
            exchange("whoami", 400, "nobody"),
            exchange("sign_in_with_key.finish", 302, "on the way"),
            exchange("sign_in_with_key.finish", 400, "refused"),
            exchange("whoami", 400, "nobody still"),
            exchange("sign_in_with_key.finish", 400, "the control"),
        ];
        assert_eq!(seen(&scenario).and_then(|seen| seen.said).as_deref(), Some("refused"));
    }

    #[test]
    fn an_answer_without_a_status_is_an_answer() {
        for (code, reply, words) in [
            (Some(204), None, "204"),
            (None, None, "no answer"),
            (None, Some(Reply::Dropped), "no answer"),
            (None, Some(Reply::Refused), "answered"),
        ] {
            assert_eq!(status(code, reply), words);
        }
    }
}
