//! The append-only journal of a run, one JSON event a line, and the record that can be rebuilt from it
//! when the run was killed. Writing and reading bytes; when to write is the runner's business.

use std::{collections::BTreeMap, io};

use serde::{Deserialize, Serialize};

use crate::{
    evidence::seal,
    judge::{conclude, summary},
    record::{
        Canary, Cleanup, Guards, NotJudged, Outcome, Profile, Run, Scenario, Suite, Target, Traffic,
    },
};

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// The run began.
    Started {
        /// What the record says about the run as a whole.
        header: Box<Header>,
        /// Every scenario as it stands while it has not been run: unfinished, or skipped with its
        /// reason. In the order of the plan.
        planned: Vec<Scenario>,
    },
    /// The self-check was made.
    CanaryDone {
        /// How it went.
        canary: Canary,
    },
    /// A scenario began.
    ScenarioStarted {
        /// Its id.
        id: String,
    },
    /// A scenario was finished and sealed.
    ScenarioDone {
        /// As it stands in the record.
        scenario: Box<Scenario>,
    },
    /// What was made on the deployment was removed, as far as that went.
    CleanedUp {
        /// How far.
        cleanup: Cleanup,
    },
    /// The run ended in an orderly way. A run that is resumed goes on after it.
    Ended {
        /// The word for the exit code.
        outcome: Outcome,
        /// The number.
        exit_code: u8,
        /// Wall time in milliseconds.
        duration_ms: u64,
        /// Why it ended early, where it did.
        note: Option<String>,
        /// What went over the wire.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        traffic: Option<Traffic>,
    },
}

/// What is known of a run before its first scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`crate::record::SCHEMA_VERSION`] of the program that wrote it.
    pub schema_version: String,
    /// Seed of the run, hexadecimal.
    pub seed: String,
    /// The suite that judges.
    pub suite: Suite,
    /// The profile that describes the deployment.
    pub profile: Profile,
    /// Where the deployment is.
    pub target: Target,
    /// When the run began, RFC 3339, UTC.
    pub started: String,
    /// Whether warnings are findings.
    pub strict: bool,
    /// Safety rules in force.
    pub guards: Guards,
}

/// Why a journal cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// A line other than a torn last one is not an event.
    #[error("line {line} of the journal is not an event: {source}")]
    Line {
        /// Counted from one.
        line: usize,
        /// What the parser says.
        source: serde_json::Error,
    },
    /// The first event is missing.
    #[error("the journal does not begin with the start of a run")]
    NoStart,
}

/// Appends one event as one line, in one write, and flushes.
///
/// # Errors
/// Whatever the sink says.
pub fn write_event(sink: &mut impl io::Write, event: &Event) -> io::Result<()> {
    let mut line = serde_json::to_vec(event)?;
    line.push(b'\n');
    sink.write_all(&line)?;
    sink.flush()
}

/// The events of a journal. A last line without its line break may be torn and is then left out;
/// every other line must be whole.
///
/// # Errors
/// [`JournalError::Line`] for the first line that is not an event.
pub fn read(bytes: &[u8]) -> Result<Vec<Event>, JournalError> {
    let mut events = Vec::new();
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        match serde_json::from_slice(line) {
            Ok(event) => events.push(event),
            Err(_) if !line.ends_with(b"\n") => break,
            Err(source) => return Err(JournalError::Line { line: index + 1, source }),
        }
    }
    Ok(events)
}

/// How many bytes of a journal are whole lines. Whoever appends to a journal cuts it here first.
#[must_use]
pub fn whole_lines(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1)
}

/// The record as far as the journal knows it. Finished scenarios stand as they were sealed, the
/// others as planned. Unless the run ended in an orderly way, `note` says so in the record and the
/// outcome is never better than no verdict.
///
/// # Errors
/// [`JournalError::NoStart`] where the first event is another one.
pub fn rebuild(events: &[Event], note: &str) -> Result<Run, JournalError> {
    let Some((Event::Started { header, planned }, rest)) = events.split_first() else {
        return Err(JournalError::NoStart);
    };
    let Seen { canary, mut done, cleanup, ended } = Seen::of(rest);
    let scenarios: Vec<_> = planned
        .iter()
        .map(|planned| done.remove(&planned.id).unwrap_or_else(|| unfinished(planned)))
        .collect();
    let Closing { outcome, exit_code, duration_ms, note, traffic } = ended.unwrap_or_else(|| {
        let (outcome, exit_code) =
            conclude(&scenarios, &canary, header.strict, Some(Outcome::NoVerdict));
        let note = Some(note.to_owned());
        Closing { outcome, exit_code, duration_ms: 0, note, traffic: None }
    });
    let Header { schema_version, seed, suite, profile, target, started, strict, guards } =
        (**header).clone();
    let summary = summary(&scenarios);
    Ok(Run {
        schema_version,
        outcome,
        exit_code,
        seed,
        suite,
        profile,
        target,
        started,
        duration_ms,
        canary,
        summary,
        strict,
        guards,
        traffic,
        note,
        cleanup,
        scenarios,
    })
}

/// What the events after the first add up to.
pub(crate) struct Seen {
    pub(crate) canary: Canary,
    pub(crate) done: BTreeMap<String, Scenario>,
    pub(crate) cleanup: Option<Cleanup>,
    pub(crate) ended: Option<Closing>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Closing {
    pub(crate) outcome: Outcome,
    pub(crate) exit_code: u8,
    pub(crate) duration_ms: u64,
    pub(crate) note: Option<String>,
    pub(crate) traffic: Option<Traffic>,
}

impl Seen {
    pub(crate) fn of(events: &[Event]) -> Self {
        let nothing_tried = Canary { caught: false, tried: BTreeMap::new() };
        let mut seen =
            Self { canary: nothing_tried, done: BTreeMap::new(), cleanup: None, ended: None };
        for event in events {
            // Whatever comes after an ending is a resumption: the ending no longer holds.
            seen.ended = None;
            match event {
                Event::Started { .. } | Event::ScenarioStarted { .. } => {}
                Event::CanaryDone { canary } => seen.canary = canary.clone(),
                Event::ScenarioDone { scenario } => {
                    seen.done.insert(scenario.id.clone(), (**scenario).clone());
                }
                Event::CleanedUp { cleanup } => seen.cleanup = Some(cleanup.clone()),
                Event::Ended { outcome, exit_code, duration_ms, note, traffic } => {
                    let (outcome, exit_code, duration_ms) = (*outcome, *exit_code, *duration_ms);
                    let (note, traffic) = (note.clone(), *traffic);
                    seen.ended = Some(Closing { outcome, exit_code, duration_ms, note, traffic });
                }
            }
        }
        seen
    }
}

fn unfinished(planned: &Scenario) -> Scenario {
    let mut scenario = planned.clone();
    scenario.not_judged.get_or_insert(NotJudged::Unfinished);
    seal(&mut scenario);
    scenario
}

#[cfg(test)]
mod tests;
