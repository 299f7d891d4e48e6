//! Where a scenario's steps are written down. Redaction happens here, when a record is made, and
//! nowhere else.

use std::sync::{Arc, Mutex};

use reports::{
    record::{CeremonyStep, Exchange, Step},
    redact::Redactor,
};

/// The steps of one scenario, in order. Clones write to the same place.
#[derive(Clone, Debug)]
pub struct Recorder {
    steps: Arc<Mutex<Vec<Step>>>,
    redactor: Redactor,
}

impl Recorder {
    /// An empty record; `redactor` knows the secrets of the run and learns more while it goes on.
    #[must_use]
    pub fn new(redactor: Redactor) -> Self {
        Self { steps: Arc::default(), redactor }
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

    /// One HTTP exchange.
    pub fn exchange(&self, exchange: Exchange) {
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

    /// Everything so far, leaving the record empty.
    #[must_use]
    pub fn take(&self) -> Vec<Step> {
        self.steps.lock().map(|mut steps| std::mem::take(&mut *steps)).unwrap_or_default()
    }

    fn push(&self, step: Step) {
        if let Ok(mut steps) = self.steps.lock() {
            steps.push(step);
        }
    }
}
