//! Reading the directory of a run: its record, or what its journal knows where the run was killed
//! before there was one. The only place of this crate that opens files.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    journal::{self, JournalError},
    record::Run,
    verify::{Finding, Verified, parse_run, verify_run},
};

/// File name of the record.
pub const RUN: &str = "run.json";
/// File name of the journal.
pub const JOURNAL: &str = "journal.jsonl";
/// The note of a record that was rebuilt from its journal.
pub const UNFINISHED: &str = "unfinished: rebuilt from the journal of a run that did not end";

/// Why a run's directory cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Neither a record nor a journal.
    #[error("{0} holds neither {RUN} nor {JOURNAL}")]
    Empty(PathBuf),
    /// A file cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The record is not one of this program.
    #[error("{0}")]
    Form(Finding),
    /// The journal is not one.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The record was read, but does not hold.
    #[error("the record does not hold: {}", list(.0))]
    DoesNotHold(Vec<Finding>),
}

/// The record of the run in a directory, from its journal where there is no record. Not verified.
///
/// # Errors
/// Where nothing can be read.
pub fn load(folder: &Path) -> Result<Run, FolderError> {
    if let Some(json) = bytes(&folder.join(RUN))? {
        return parse_run(&json).map_err(FolderError::Form);
    }
    let journal =
        bytes(&folder.join(JOURNAL))?.ok_or_else(|| FolderError::Empty(folder.to_owned()))?;
    Ok(journal::rebuild(&journal::read(&journal)?, UNFINISHED)?)
}

/// Verifies the run in a directory, against its journal where there is one.
///
/// # Errors
/// Where it cannot be read, or [`FolderError::DoesNotHold`] with everything that does not.
pub fn verify(folder: &Path) -> Result<Verified, FolderError> {
    let journal = bytes(&folder.join(JOURNAL))?;
    let json = match bytes(&folder.join(RUN))? {
        Some(json) => json,
        None => to_json(&load(folder)?),
    };
    verify_run(&json, journal.as_deref()).map_err(FolderError::DoesNotHold)
}

/// The bytes of `run.json`.
#[must_use]
pub fn to_json(run: &Run) -> Vec<u8> {
    // Every member has a string for a name and no number is infinite: there is nothing to fail.
    let mut json = serde_json::to_vec_pretty(run).unwrap_or_default();
    json.push(b'\n');
    json
}

fn bytes(path: &Path) -> Result<Option<Vec<u8>>, FolderError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(FolderError::Unreadable { path: path.to_owned(), source }),
    }
}

fn list(findings: &[Finding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
