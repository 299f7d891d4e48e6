//! The append-only journal of a run, one JSON event a line, each line chained to the one before, and
//! the record that can be rebuilt from it when the run was killed. Here: the events and what they add
//! up to; below: how lines are chained, written and read. When to write is the runner's business.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    evidence::seal,
    judge::{conclude, summary},
    record::{
        Canary, Cleanup, Guards, NotJudged, Outcome, Profile, Run, Scenario, Suite, Target, Traffic,
    },
};

mod chain;
mod reader;
mod writer;

pub use self::{
    reader::{Fault, Reading, finished, read, read_outlines, whole_lines},
    writer::Journal,
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
    /// The run ended in an orderly way. Nothing follows.
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
    /// What of the suite was selected; nothing where it is the whole.
    #[serde(default)]
    pub filters: Vec<String>,
    /// Whether warnings are findings.
    pub strict: bool,
    /// Safety rules in force.
    pub guards: Guards,
}

/// The journal does not begin with the start of a run: no record can be made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the journal does not begin with the start of a run")]
pub struct NoStart;

/// The record as far as the journal knows it. Finished scenarios stand as they were sealed, the
/// others as planned. Unless the run ended in an orderly way, `note` says so in the record and the
/// outcome is never better than no verdict.
///
/// # Errors
/// [`NoStart`] where the first event is another one.
pub fn rebuild(events: &[Event], note: &str) -> Result<Run, NoStart> {
    let Some((Event::Started { header, planned }, rest)) = events.split_first() else {
        return Err(NoStart);
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
    let Header { schema_version, seed, suite, profile, target, started, filters, strict, guards } =
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
        filters,
        strict,
        guards,
        traffic,
        note,
        cleanup,
        scenarios,
        seal: None,
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

/// A planned scenario as it stands where it was never finished.
pub(crate) fn unfinished(planned: &Scenario) -> Scenario {
    let mut scenario = planned.clone();
    scenario.not_judged.get_or_insert(NotJudged::Unfinished);
    seal(&mut scenario);
    scenario
}

#[cfg(test)]
mod tests;
