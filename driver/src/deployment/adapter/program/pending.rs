//! Who waits for which answer of the adapter, and what is told to all of them once it has ended.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use profile::error::Error;
use tokio::sync::oneshot;

use super::Log;
use crate::deployment::adapter::protocol::{self, Said};

/// How much of standard error is kept, bytes, and how much of that is shown, characters.
const KEPT: usize = 16 * 1024;
const SHOWN: usize = 800;

/// The line of an answer, and what it says.
type Heard = Result<(String, Said), Error>;

/// Answers on their way.
#[derive(Debug)]
pub(super) struct Pending {
    /// The adapter's command.
    command: String,
    log: Log,
    state: Mutex<PendingState>,
}

#[derive(Debug, Default)]
struct PendingState {
    waiting: BTreeMap<u64, oneshot::Sender<Heard>>,
    /// Requests that nobody waits for any more; their answers may still come.
    given_up: BTreeSet<u64>,
    errors: VecDeque<u8>,
}

/// Waiting for one answer; whoever stops waiting has given it up.
struct PendingSlot<'d> {
    pending: &'d Pending,
    id: u64,
}

impl Drop for PendingSlot<'_> {
    fn drop(&mut self) {
        let mut state = self.pending.locked();
        if state.waiting.remove(&self.id).is_some() {
            state.given_up.insert(self.id);
        }
    }
}

impl Pending {
    pub(super) fn new(command: String, log: Log) -> Self {
        Self { command, log, state: Mutex::default() }
    }

    /// Takes a slot for the answer to a request that is about to be sent.
    pub(super) fn expects(&self, id: u64) -> Result<impl Future<Output = Heard> + '_, Error> {
        let (tells, heard) = oneshot::channel();
        let mut state = self.locked();
        if self.log.over.get().is_some() {
            drop(state);
            return Err(self.error());
        }
        state.waiting.insert(id, tells);
        drop(state);
        let slot = PendingSlot { pending: self, id };
        Ok(async move {
            let heard = heard.await;
            drop(slot);
            heard.unwrap_or_else(|_| Err(self.error()))
        })
    }

    /// Hands an answer to whoever waits for it; why it is none, where it is none.
    pub(super) fn hears(&self, line: &[u8]) -> Result<(), String> {
        let said = protocol::answer(line)?;
        let id = said.id;
        let mut state = self.locked();
        match state.waiting.remove(&id) {
            Some(waits) => {
                let line = String::from_utf8_lossy(line).into_owned();
                let _ = waits.send(Ok((line, said)));
                Ok(())
            }
            None if state.given_up.remove(&id) => Ok(()),
            None => Err(format!("answered request {id}, which is not open")),
        }
    }

    /// Keeps the end of what came on standard error.
    pub(super) fn keeps(&self, chunk: &[u8]) {
        let errors = &mut self.locked().errors;
        errors.extend(chunk);
        let surplus = errors.len().saturating_sub(KEPT);
        errors.drain(..surplus);
    }

    /// Nothing is heard any more: everybody who waits is told why.
    pub(super) fn closes(&self, why: &str) {
        let why = self.in_words(why);
        let mut state = self.locked();
        let _ = self.log.over.set(why);
        // Whoever waits on a slot that is gone is told what stands in `over`.
        state.waiting.clear();
    }

    /// Why it answers nothing any more, as an error.
    pub(super) fn error(&self) -> Error {
        let over = self.log.over.get().cloned();
        Error::Adapter(over.unwrap_or_else(|| self.in_words("does not answer any more")))
    }

    /// What one request met, as an error.
    pub(super) fn trouble(&self, why: &str) -> Error {
        Error::Adapter(self.in_words(why))
    }

    fn in_words(&self, why: &str) -> String {
        let (first, second) = {
            let state = self.locked();
            let (first, second) = state.errors.as_slices();
            (first.to_vec(), second.to_vec())
        };
        let errors = String::from_utf8_lossy(&[first, second].concat()).into_owned();
        let errors = self.log.redactor.text(&errors);
        let lines: Vec<&str> = errors.lines().map(str::trim_end).collect();
        let lines: String = lines.join(" | ").chars().filter(|c| !c.is_control()).collect();
        let skip = lines.chars().count().saturating_sub(SHOWN);
        let end: String = lines.chars().skip(skip).collect();
        let why = self.log.redactor.text(why);
        let command = &self.command;
        if end.trim().is_empty() {
            return format!("`{command}` {why}; it wrote nothing on standard error");
        }
        format!("`{command}` {why}; the end of its standard error: {end}")
    }

    fn locked(&self) -> MutexGuard<'_, PendingState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
