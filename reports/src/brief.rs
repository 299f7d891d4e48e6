//! What is kept of a scenario that passed: every act, expectation and wait, what decided it, and of the
//! honest way there how long it was and its digest. The judge reads none of what is left out.

use std::io;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    deciding,
    evidence::hexadecimal,
    judge::judge,
    record::{
        Ceremonies, CeremonyStep, Exchange, Exchanges, Kind, LeftOut, Scenario, Step, Verdict,
    },
};

/// How much is kept of scenarios that passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// What decided them.
    #[default]
    Deciding,
    /// All of it.
    All,
}

/// Leaves out of a scenario that is not sealed yet what its pass does not need. One that did not pass,
/// or in which something was noted, stays as it is.
pub fn shorten(scenario: &mut Scenario) {
    let judged = judge(scenario);
    if judged.verdict != Verdict::Pass || judged.symptom.is_some() {
        return;
    }
    let steps = std::mem::take(&mut scenario.steps);
    let decides = deciding::exchanges(scenario.kind, &steps);
    let mut left = Left::default();
    for (at, mut step) in steps.into_iter().enumerate() {
        match &mut step {
            Step::Exchange(exchange) if !decides.contains(&at) => left.exchange(exchange),
            Step::Ceremony(said) if said.told.is_none() => left.ceremony(said),
            Step::Exchange(exchange) => {
                left.headers(scenario.kind, exchange);
                scenario.steps.push(step);
            }
            Step::Ceremony(_) | Step::Act { .. } | Step::Expectation { .. } | Step::Wait { .. } => {
                scenario.steps.push(step)
            }
        }
    }
    once(&mut scenario.steps);
    scenario.left_out = left.out();
}

/// An envelope that stands in a request is not kept beside it.
fn once(steps: &mut [Step]) {
    let sent: Vec<String> = steps.iter().filter_map(request).map(str::to_owned).collect();
    for step in steps {
        if let Step::Ceremony(said) = step
            && sent.iter().any(|body| body.contains(&said.envelope.to_string()))
        {
            said.envelope = Value::Null;
        }
    }
}

fn request(step: &Step) -> Option<&str> {
    match step {
        Step::Exchange(exchange) => exchange.request_body.as_deref(),
        Step::Act { .. } | Step::Ceremony(_) | Step::Expectation { .. } | Step::Wait { .. } => None,
    }
}

/// Whether a header of an answer tells what came of a request: where the browser goes, whose it is now, how
/// the body reads, when to come again.
fn tells(header: &str) -> bool {
    const TELLING: [&str; 5] = ["location", "refresh", "set-cookie", "content-type", "retry-after"];
    TELLING.iter().any(|name| header.eq_ignore_ascii_case(name))
}

/// What is known of steps that are not kept.
#[derive(Default)]
struct Left {
    steps: u64,
    all: Lines,
    exchanges: Vec<Exchanges>,
    times: u32,
    said: Lines,
}

impl Left {
    fn exchange(&mut self, exchange: &Exchange) {
        self.step(exchange);
        let Exchange { who, flow, reply, .. } = exchange;
        let mut known = self.exchanges.iter_mut();
        let alike = known.find(|one| (&one.who, &one.flow, one.reply) == (who, flow, *reply));
        match alike {
            Some(alike) => alike.times += 1,
            None => {
                let (who, flow) = (who.clone(), flow.clone());
                self.exchanges.push(Exchanges { who, flow, reply: *reply, times: 1 });
            }
        }
    }

    fn ceremony(&mut self, said: &CeremonyStep) {
        self.step(said);
        self.times += 1;
        self.said.add(said);
    }

    fn step(&mut self, step: &impl Serialize) {
        self.steps += 1;
        self.all.add(step);
    }

    /// Takes headers of an exchange that is kept: those of a request, and where the key was told to
    /// change something, those of its answer that say nothing of what came of it. What a story sees may
    /// be any header.
    fn headers(&mut self, kind: Kind, exchange: &mut Exchange) {
        self.all.add(&std::mem::take(&mut exchange.request_headers));
        match kind {
            Kind::Tampering | Kind::Variation => {
                let (telling, rest): (Vec<_>, Vec<_>) =
                    std::mem::take(&mut exchange.response_headers)
                        .into_iter()
                        .partition(|(name, _)| tells(name));
                exchange.response_headers = telling;
                self.all.add(&rest);
            }
            Kind::Observation | Kind::Story => {}
        }
    }

    fn out(self) -> Option<LeftOut> {
        let Self { steps, all, exchanges, times, said } = self;
        let ceremonies = (times > 0).then(|| Ceremonies { times, digest: said.digest() });
        let (bytes, digest) = (all.bytes, all.digest());
        (bytes > 0).then_some(LeftOut { steps, bytes, digest, exchanges, ceremonies })
    }
}

/// The length and the digest of values as JSON, a line each.
#[derive(Default)]
struct Lines {
    bytes: u64,
    digest: Sha256,
}

impl Lines {
    fn add(&mut self, value: &impl Serialize) {
        // It takes everything, and every member of a step has a string for a name.
        let _ = serde_json::to_writer(&mut *self, value);
        self.digest.update(b"\n");
        self.bytes += 1;
    }

    fn digest(self) -> String {
        hexadecimal(&self.digest.finalize())
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.digest.update(bytes);
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
