//! Reading the directory of a run: its record, or what its journal knows where the record is not
//! there or not whole.

use std::{
    fmt::Write as _,
    io,
    path::{Path, PathBuf},
};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::{
    input,
    journal::{self, NoStart, Reading},
    judge::conclude,
    record::{NotJudged, Outcome, Run},
    source::{InMemory, Source},
    verify::{Finding, NoRecord, examine, examine_rebuilt, parse_run},
};

/// File name of the record.
pub const RUN: &str = "run.json";
/// File name of the journal.
pub const JOURNAL: &str = "journal.jsonl";
/// File name of what marks a folder as a run's, from its first moment on.
pub const MARKER: &str = ".touchstone-run";
/// The note of a record that was rebuilt from its journal.
pub const UNFINISHED: &str =
    "unfinished: rebuilt from the journal, since the run left no whole record";

/// What stands in the directory of a run.
#[derive(Debug)]
pub struct Opened {
    /// The record, from the journal where there is no other.
    pub run: Run,
    /// What does not hold.
    pub findings: Vec<Finding>,
    /// Whether digests cover the whole of it; they do since version 1.1.
    pub sealed: bool,
    /// Whether there was a journal.
    pub with_journal: bool,
    /// What a reader has to know, a sentence each.
    pub remarks: Vec<String>,
}

/// Why a run's directory cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Neither a record nor a journal.
    #[error("{0} holds neither {RUN} nor {JOURNAL}")]
    Empty(PathBuf),
    /// No record, and a journal in which nothing stands, or none in a folder that is marked as a run's.
    #[error("{0}: nothing was finished: the run ended before it began")]
    NothingBegun(PathBuf),
    /// A file cannot be read.
    #[error(transparent)]
    Unreadable(input::Refused),
    /// The record is not one of this program.
    #[error("{0}")]
    Form(Finding),
    /// The record is not whole, and there is no journal.
    #[error("{RUN} is not whole ({0}), and there is no {JOURNAL}")]
    Torn(String),
    /// The journal is not one.
    #[error(transparent)]
    Journal(#[from] NoStart),
}

/// Reads and examines what stands in the directory of a run.
///
/// # Errors
/// Where there is nothing to show.
pub fn open(folder: &Path) -> Result<Opened, FolderError> {
    // One after the other: both are as large as what a portal said.
    let parsed = bytes(&folder.join(RUN)).map(|json| json.map(|json| parse_run(&json)));
    let journal = bytes(&folder.join(JOURNAL));
    let no_record = match parsed {
        Ok(Some(Ok(run))) => return Ok(recorded(run, journal?.as_deref())),
        Ok(Some(Err(NoRecord::Other(finding)))) => return Err(FolderError::Form(finding)),
        Ok(Some(Err(NoRecord::Torn(why)))) => NoRunJson::Torn(why),
        Ok(None) => NoRunJson::Absent,
        Err(error) => NoRunJson::Unreadable(error),
    };
    let Some(journal) = journal? else {
        return Err(match no_record {
            NoRunJson::Absent if folder.join(MARKER).exists() => {
                FolderError::NothingBegun(folder.to_owned())
            }
            NoRunJson::Absent => FolderError::Empty(folder.to_owned()),
            NoRunJson::Torn(why) => FolderError::Torn(why),
            NoRunJson::Unreadable(error) => error,
        });
    };
    if journal::whole_lines(&journal) == 0 {
        return Err(FolderError::NothingBegun(folder.to_owned()));
    }
    rebuilt(&no_record, &journal::read(&journal))
}

/// Why there is no record to read.
enum NoRunJson {
    Absent,
    Torn(String),
    Unreadable(FolderError),
}

fn recorded(run: Run, journal: Option<&[u8]>) -> Opened {
    let reading = journal.map(journal::read_outlines);
    let findings = examine(&run, reading.as_ref());
    let sealed = run.seal.is_some();
    let remarks = if sealed { Vec::new() } else { vec![unsealed(RUN)] };
    Opened { run, findings, sealed, with_journal: reading.is_some(), remarks }
}

/// The record of a run whose journal is all there is. Whatever the journal says of its end, its files
/// were not written: it is never better than no verdict.
fn rebuilt(why: &NoRunJson, reading: &Reading) -> Result<Opened, FolderError> {
    let mut run = journal::rebuild(&reading.events, UNFINISHED)?;
    let ended = Some(run.outcome).filter(|outcome| *outcome != Outcome::Conforms);
    let ended = ended.unwrap_or(Outcome::NoVerdict);
    (run.outcome, run.exit_code) = conclude(&run.scenarios, &run.canary, run.strict, Some(ended));
    run.note = match run.note.take().filter(|note| note != UNFINISHED) {
        Some(note) => Some(format!("{note}; {UNFINISHED}")),
        None => Some(UNFINISHED.to_owned()),
    };
    let findings = examine_rebuilt(&run, reading);
    let sealed = reading.chained;
    let mut remarks = vec![whence(why, &run)];
    remarks.extend((reading.lost > 0).then(|| unreadable_lines(reading.lost)));
    remarks.extend((!sealed).then(|| unsealed(JOURNAL)));
    Ok(Opened { run, findings, sealed, with_journal: true, remarks })
}

fn whence(why: &NoRunJson, run: &Run) -> String {
    let open = |not_judged: &Option<NotJudged>| *not_judged == Some(NotJudged::Unfinished);
    let all = run.scenarios.len();
    let known = all - run.scenarios.iter().filter(|one| open(&one.not_judged)).count();
    let mut text = match why {
        NoRunJson::Absent => format!("there is no {RUN}"),
        NoRunJson::Torn(why) => format!("{RUN} is not whole ({why})"),
        NoRunJson::Unreadable(error) => error.to_string(),
    };
    // Writing to a string cannot fail.
    let _ = write!(text, ": {known} of {all} scenarios come from {JOURNAL}");
    text
}

fn unreadable_lines(lost: u64) -> String {
    let lines = if lost == 1 { "1 line".to_owned() } else { format!("{lost} lines") };
    format!("{lines} of {JOURNAL} cannot be read: evidence is missing")
}

fn unsealed(file: &str) -> String {
    format!(
        "{file} was written before version 1.1: it has no digest of the whole, and nothing shows that it is whole"
    )
}

/// The bytes of `run.json`.
#[must_use]
pub fn to_json(run: &Run) -> Vec<u8> {
    let mut json = Vec::new();
    // Every member has a string for a name and no number is infinite: there is nothing to fail.
    let _ = to_writer(run, &InMemory, &mut json);
    json
}

/// How the scenarios of a record begin. No line breaks stand in JSON but between its members.
const SCENARIOS_BEGIN: &str = "\n\"scenarios\":[";

/// Writes `run.json` as it is made: a line for each member of the record and for each scenario, which
/// reads there as it does in the journal. Never more than one scenario has its steps in memory.
///
/// # Errors
/// Whatever the source or the sink says.
pub fn to_writer(run: &Run, source: &dyn Source, sink: &mut dyn io::Write) -> io::Result<()> {
    let top = Run { scenarios: Vec::new(), ..run.clone() };
    let mut json = Vec::new();
    top.serialize(&mut Serializer::with_formatter(&mut json, Lines::default()))?;
    let json = String::from_utf8_lossy(&json);
    let (before, after) = json.split_once(SCENARIOS_BEGIN).unwrap_or((&json, ""));
    sink.write_all(before.as_bytes())?;
    sink.write_all(SCENARIOS_BEGIN.as_bytes())?;
    for (at, scenario) in run.scenarios.iter().enumerate() {
        sink.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *sink, &*source.whole(scenario)?)?;
    }
    sink.write_all(after.as_bytes())?;
    sink.write_all(b"\n")
}

/// Breaks lines between what stands on the two outermost levels, and nowhere else.
#[derive(Default)]
struct Lines {
    depth: usize,
}

/// How deep the members of the record stand, and what is in lists of them.
const MEMBERS: usize = 1;
const LISTED: usize = 2;

impl Lines {
    fn begin(&mut self, sink: &mut (impl io::Write + ?Sized), bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        sink.write_all(bracket)
    }

    fn end(&mut self, sink: &mut (impl io::Write + ?Sized), bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.depth == 0 || self.depth == MEMBERS && bracket == b"]" {
            sink.write_all(b"\n")?;
        }
        sink.write_all(bracket)
    }

    fn next(&self, sink: &mut (impl io::Write + ?Sized), at: usize, first: bool) -> io::Result<()> {
        if !first {
            sink.write_all(b",")?;
        }
        if self.depth == at { sink.write_all(b"\n") } else { Ok(()) }
    }
}

impl Formatter for Lines {
    fn begin_array<W: io::Write + ?Sized>(&mut self, sink: &mut W) -> io::Result<()> {
        self.begin(sink, b"[")
    }

    fn end_array<W: io::Write + ?Sized>(&mut self, sink: &mut W) -> io::Result<()> {
        self.end(sink, b"]")
    }

    fn begin_array_value<W: io::Write + ?Sized>(
        &mut self,
        sink: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.next(sink, LISTED, first)
    }

    fn begin_object<W: io::Write + ?Sized>(&mut self, sink: &mut W) -> io::Result<()> {
        self.begin(sink, b"{")
    }

    fn end_object<W: io::Write + ?Sized>(&mut self, sink: &mut W) -> io::Result<()> {
        self.end(sink, b"}")
    }

    fn begin_object_key<W: io::Write + ?Sized>(
        &mut self,
        sink: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.next(sink, MEMBERS, first)
    }
}

/// A file of a run, where it is there.
fn bytes(path: &Path) -> Result<Option<Vec<u8>>, FolderError> {
    match input::RECORD.read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(refused) if refused.is_missing() => Ok(None),
        Err(refused) => Err(FolderError::Unreadable(refused)),
    }
}

#[cfg(test)]
mod tests;
