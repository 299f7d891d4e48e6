//! Where the steps of finished scenarios stand: in the record itself, or in a file to which they were
//! written and let go. What the reports say of a scenario outside its own section, its outline tells.

use std::{borrow::Cow, io};

use crate::{
    bounds::SENTENCE,
    deciding,
    judge::{self, Counts},
    record::{CeremonyStep, Exchange, Run, Scenario, Step},
    render::clip,
};

/// Gives scenarios with their steps.
pub trait Source {
    /// The scenario with everything that is kept of it.
    ///
    /// # Errors
    /// Where it cannot be read any more.
    fn whole<'a>(&self, scenario: &'a Scenario) -> io::Result<Cow<'a, Scenario>>;
}

/// Scenarios that have their steps.
#[derive(Clone, Copy, Debug)]
pub struct InMemory;

impl Source for InMemory {
    fn whole<'a>(&self, scenario: &'a Scenario) -> io::Result<Cow<'a, Scenario>> {
        Ok(Cow::Borrowed(scenario))
    }
}

/// Lets the steps of a scenario go that stands elsewhere, but for its outline: the waits and, where it
/// was not kept, what decided it, in words.
pub fn let_go(scenario: &mut Scenario) {
    let answers = deciding::exchanges(scenario.kind, &scenario.steps);
    let kept = judge::counts(scenario.verdict) == Counts::Kept;
    let outline = scenario.steps.iter().enumerate().filter_map(|(at, step)| match step {
        Step::Wait { .. } => Some(step.clone()),
        Step::Exchange(exchange) if !kept && answers.contains(&at) => {
            Some(Step::Exchange(Box::new(answer(exchange))))
        }
        Step::Ceremony(said) if !kept && said.told.is_some() => {
            Some(Step::Ceremony(Box::new(words(said))))
        }
        Step::Exchange(_) | Step::Ceremony(_) | Step::Act { .. } | Step::Expectation { .. } => None,
    });
    scenario.steps = outline.collect();
    scenario.left_out = None;
}

/// The same of every scenario of a record.
pub fn let_all_go(run: &mut Run) {
    run.scenarios.iter_mut().for_each(let_go);
}

/// An exchange with nothing in it but its answer.
fn answer(exchange: &Exchange) -> Exchange {
    let said = exchange.response_body.as_deref();
    Exchange {
        who: exchange.who.clone(),
        flow: exchange.flow.clone(),
        line: exchange.line,
        file: None,
        method: exchange.method.clone(),
        url: String::new(),
        request_headers: Vec::new(),
        request_body: None,
        status: exchange.status,
        response_headers: Vec::new(),
        response_body: said.map(|said| clip(said.trim_start(), SENTENCE.most).into_owned()),
        reply: exchange.reply,
        micros: exchange.micros,
        error: None,
    }
}

/// What the key was told, without what it said.
fn words(said: &CeremonyStep) -> CeremonyStep {
    CeremonyStep {
        ceremony: said.ceremony.clone(),
        who: said.who.clone(),
        key: said.key.clone(),
        told: said.told.clone(),
        client_data: String::new(),
        authenticator_data: String::new(),
        attestation_object: None,
        signature: None,
        credential_id: String::new(),
        envelope: serde_json::Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        record::Kind,
        render::{junit, markdown},
        sample,
    };

    /// A finding of each kind, with what decides it far into its steps.
    fn findings() -> Run {
        let findings = Kind::ALL.iter().map(|kind| {
            let mut scenario = sample::passing(*kind);
            scenario.state.after = sample::signed_in("mallory");
            let answered = |flow: &str, body: &str| {
                let (flow, response_body) = (flow.to_owned(), Some(body.to_owned()));
                let sample = sample::exchange();
                Step::Exchange(Box::new(Exchange { flow, response_body, ..sample }))
            };
            let told = Some("another origin".to_owned());
            scenario.steps.extend([
                answered("whoami", "on the way"),
                Step::Ceremony(Box::new(CeremonyStep { told, ..sample::ceremony() })),
                answered("sign_in_with_key.finish", &"the answer ".repeat(600)),
                answered("sign_in_with_key.finish", "\n  the last answer"),
                answered("whoami", "afterwards"),
                Step::Wait { ms: 1000, virtual_time: false },
            ]);
            crate::evidence::seal(&mut scenario);
            scenario
        });
        sample::run_of(findings.collect())
    }

    #[test]
    fn an_outline_says_what_the_reports_say() {
        let whole = findings();
        let mut outlines = whole.clone();
        let_all_go(&mut outlines);
        assert_eq!(markdown::render(&outlines), markdown::render(&whole));
        assert_eq!(junit::render(&outlines), junit::render(&whole));
        assert!(markdown::render(&whole).contains("the last answer"));
        for scenario in &outlines.scenarios {
            assert!(serde_json::to_vec(&scenario.steps).unwrap().len() < 8 << 10);
        }
    }
}
