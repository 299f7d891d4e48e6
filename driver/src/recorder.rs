//! Where a scenario's steps are written down. They are redacted and then cut to what is kept here, when
//! a record is made, and nowhere else.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use reports::{
    bounds::Keeper,
    record::{CeremonyStep, Exchange, Step},
    redact::Redactor,
};

use crate::wire::Origin;

/// An exchange as it begins, still unredacted: who asks, for which step, by which method (or what stands for
/// one) and where. What is sent and what comes back is filled in by whoever knows it.
pub(crate) fn begins(who: &str, origin: &Origin, method: &str, url: String) -> Exchange {
    Exchange {
        who: who.to_owned(),
        flow: origin.flow.clone(),
        // What no profile asks for stands at no line.
        line: (origin.place.line > 0).then_some(origin.place.line),
        file: origin.place.file.as_deref().map(str::to_owned),
        method: method.to_owned(),
        url,
        request_headers: Vec::new(),
        request_body: None,
        status: None,
        response_headers: Vec::new(),
        response_body: None,
        reply: None,
        micros: 0,
        error: None,
    }
}

/// A time as an exchange holds it.
pub(crate) fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}

/// The steps of one scenario, in order. Clones write to the same place.
#[derive(Clone, Debug)]
pub struct Recorder {
    kept: Arc<Mutex<Kept>>,
    redactor: Redactor,
}

#[derive(Debug, Default)]
struct Kept {
    steps: Vec<Step>,
    keeper: Keeper,
    /// Bytes of the longest answer.
    longest: usize,
}

impl Recorder {
    /// An empty record; `redactor` knows the secrets of the run and learns more while it goes on.
    #[must_use]
    pub fn new(redactor: Redactor) -> Self {
        Self { kept: Arc::default(), redactor }
    }

    /// The redactor, to make a secret known before it is used.
    #[must_use]
    pub const fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// A sentence of a story.
    pub fn act(&self, says: impl Into<String>) {
        let says = self.redactor.text(&says.into());
        self.push(Step::Act { says });
    }

    /// Bytes of the longest answer so far.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.kept.lock().map_or(0, |kept| kept.longest)
    }

    /// One HTTP exchange.
    pub fn exchange(&self, exchange: Exchange) {
        let bytes = exchange.response_body.as_ref().map_or(0, String::len);
        if let Ok(mut kept) = self.kept.lock() {
            kept.longest = kept.longest.max(bytes);
        }
        let exchange = self.redactor.exchange(exchange);
        self.push(Step::Exchange(Box::new(exchange)));
    }

    /// What the software key said.
    pub fn ceremony(&self, ceremony: CeremonyStep) {
        self.push(Step::Ceremony(Box::new(ceremony)));
    }

    /// Something expected and what was seen.
    pub fn expectation(
        &self,
        expected: impl Into<String>,
        seen: impl Into<String>,
        held: Option<bool>,
    ) {
        let expected = self.redactor.text(&expected.into());
        let seen = self.redactor.text(&seen.into());
        self.push(Step::Expectation { expected, seen, held });
    }

    /// Time that went by.
    pub fn wait(&self, ms: u64, virtual_time: bool) {
        self.push(Step::Wait { ms, virtual_time });
    }

    /// Everything that was kept so far, and what knows of the rest, leaving the record empty.
    #[must_use]
    pub fn take(&self) -> (Vec<Step>, Keeper) {
        let kept = self.kept.lock().map(|mut kept| std::mem::take(&mut *kept)).unwrap_or_default();
        let mut keeper = kept.keeper;
        if self.redactor.is_full() {
            keeper.hides();
        }
        (kept.steps, keeper)
    }

    fn push(&self, step: Step) {
        if let Ok(mut kept) = self.kept.lock() {
            let step = kept.keeper.keep(step);
            kept.steps.extend(step);
        }
    }
}
