//! What is kept of the steps of one scenario.

use std::io;

use serde_json::Value;

use super::{
    BODY, CEREMONY, HEADER, HEADERS, HEADERS_TOGETHER, MARK, SCENARIO, SENTENCE, STEPS, URL, cut,
    mark,
};
use crate::record::{CeremonyStep, Cut, Exchange, Scenario, Step, Told};

/// Longest URL of an exchange that is kept in short, bytes.
const SHORT_URL: usize = 256;

/// Keeps as much of every step as there is room for, and counts what is not kept.
#[derive(Clone, Debug, Default)]
pub struct Keeper {
    cut: Cut,
    weight: usize,
    steps: usize,
}

impl Keeper {
    /// From here on, what could be a secret is hidden.
    pub const fn hides(&mut self) {
        self.cut.hidden = true;
    }

    /// The step as it is to be kept; `None` where there is no room for any more.
    pub fn keep(&mut self, step: Step) -> Option<Step> {
        let mut step = self.trimmed(step);
        let mut weight = weigh(&step);
        if self.weight + weight > SCENARIO.most && shorten(&mut step) {
            self.cut.in_short += 1;
            weight = weigh(&step);
        }
        // What is short already has as much room again.
        if self.steps >= STEPS.most || self.weight + weight > 2 * SCENARIO.most {
            self.cut.steps += 1;
            return None;
        }
        self.weight += weight;
        self.steps += 1;
        Some(step)
    }

    /// Cuts the values of a scenario that do not stand in its steps, and says in it what was not kept.
    /// Equal facts stay equal.
    pub fn trim(&mut self, scenario: &mut Scenario) {
        self.facts(scenario);
        scenario.cut = Some(self.cut).filter(|cut| *cut != Cut::default());
    }

    fn facts(&mut self, scenario: &mut Scenario) {
        let Scenario { state, told, not_judged, .. } = scenario;
        for facts in [&mut state.before, &mut state.after] {
            facts.values_mut().for_each(|fact| self.option(fact, SENTENCE.most));
        }
        state.goal.values_mut().for_each(|fact| self.text(fact, SENTENCE.most));
        if let Some(Told { ending: _, step, expected, seen, graceless, checked: _ }) = told {
            for text in [step, expected, seen] {
                self.option(text, SENTENCE.most);
            }
            graceless.iter_mut().for_each(|text| self.text(text, SENTENCE.most));
            self.cut.values +=
                u64::try_from(graceless.len().saturating_sub(HEADERS.most)).unwrap_or(0);
            graceless.truncate(HEADERS.most);
        }
        if let Some(text) = not_judged.as_mut().and_then(crate::record::NotJudged::words) {
            self.text(text, SENTENCE.most);
        }
    }

    fn trimmed(&mut self, mut step: Step) -> Step {
        match &mut step {
            Step::Act { says } => self.text(says, SENTENCE.most),
            Step::Exchange(exchange) => self.exchange(exchange),
            Step::Ceremony(said) => self.ceremony(said),
            Step::Expectation { expected, seen, held: _ } => {
                self.text(expected, SENTENCE.most);
                self.text(seen, SENTENCE.most);
            }
            Step::Wait { .. } => {}
        }
        step
    }

    fn exchange(&mut self, exchange: &mut Exchange) {
        self.text(&mut exchange.url, URL.most);
        self.headers(&mut exchange.request_headers);
        self.headers(&mut exchange.response_headers);
        self.option(&mut exchange.request_body, BODY.most);
        self.option(&mut exchange.response_body, BODY.most);
        self.option(&mut exchange.error, SENTENCE.most);
    }

    /// Those that there is room for, and one line about the others.
    fn headers(&mut self, headers: &mut Vec<(String, String)>) {
        let whole: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        let (mut room, mut fit) = (HEADERS_TOGETHER.most, 0);
        if headers.len() > HEADERS.most || whole > room {
            for (name, value) in headers.iter().take(HEADERS.most) {
                let takes = name.len() + value.len().min(HEADER.most);
                let Some(left) = room.checked_sub(takes) else { break };
                (room, fit) = (left, fit + 1);
            }
            let rest: Vec<String> = headers
                .split_off(fit)
                .into_iter()
                .map(|(name, value)| format!("{name}: {value}\n"))
                .collect();
            if !rest.is_empty() {
                self.cut.values += 1;
                headers.push((format!("({} more)", rest.len()), mark(&rest.concat())));
            }
        }
        for (name, value) in headers {
            self.text(name, URL.most);
            self.text(value, HEADER.most);
        }
    }

    fn ceremony(&mut self, said: &mut CeremonyStep) {
        let CeremonyStep { ceremony: _, who, key, told, client_data, .. } = said;
        for text in [who, key, client_data] {
            self.text(text, CEREMONY.most);
        }
        self.option(told, SENTENCE.most);
        self.text(&mut said.authenticator_data, CEREMONY.most);
        self.option(&mut said.attestation_object, CEREMONY.most);
        self.option(&mut said.signature, CEREMONY.most);
        self.text(&mut said.credential_id, CEREMONY.most);
        self.value(&mut said.envelope);
    }

    fn value(&mut self, value: &mut Value) {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
            Value::String(text) => self.text(text, CEREMONY.most),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.value(member)),
        }
    }

    fn option(&mut self, text: &mut Option<String>, most: usize) {
        if let Some(text) = text {
            self.text(text, most);
        }
    }

    fn text(&mut self, text: &mut String, most: usize) {
        if text.len() > most {
            self.cut.values += 1;
            *text = cut(std::mem::take(text), most);
        }
    }
}

/// Leaves of an exchange its method, URL and status, and of each body its length and digest; of what
/// the key said likewise. Whether there was anything to leave out.
pub(super) fn shorten(step: &mut Step) -> bool {
    let short = |text: &mut String| {
        if text.len() > SHORT_URL {
            *text = cut(std::mem::take(text), SHORT_URL);
        }
    };
    match step {
        Step::Exchange(exchange) => {
            short(&mut exchange.url);
            exchange.request_headers.clear();
            exchange.response_headers.clear();
            for body in [&mut exchange.request_body, &mut exchange.response_body] {
                body.iter_mut().for_each(|body| *body = digest_of(body));
                body.iter_mut().for_each(short);
            }
            exchange.error.iter_mut().for_each(short);
            true
        }
        Step::Ceremony(said) => {
            short(&mut said.client_data);
            short(&mut said.authenticator_data);
            said.attestation_object.iter_mut().for_each(short);
            said.signature.iter_mut().for_each(short);
            short(&mut said.credential_id);
            said.envelope = Value::Null;
            true
        }
        Step::Act { .. } | Step::Expectation { .. } | Step::Wait { .. } => false,
    }
}

/// The length and digest of a body, also of one that was cut before.
fn digest_of(body: &str) -> String {
    match body.rfind(MARK).filter(|_| body.len() + 4 > BODY.most) {
        Some(at) => body[at..].to_owned(),
        None => mark(body),
    }
}

/// About a third of what a step takes in the files of a run: its JSON, where a character counts more
/// that HTML writes as several.
pub(super) fn weigh(step: &Step) -> usize {
    let mut scale = Scale(0);
    // The scale takes everything.
    let _ = serde_json::to_writer(&mut scale, step);
    scale.0
}

struct Scale(usize);

impl io::Write for Scale {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let weight = |byte: &u8| match byte {
            b'&' => 3,
            b'<' | b'>' | b'\'' => 2,
            _ => 1,
        };
        self.0 += bytes.iter().map(weight).sum::<usize>();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
