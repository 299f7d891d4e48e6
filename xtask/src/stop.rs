//! An error with the exit code that it ends in.

use reports::record::Outcome;

/// Why a command ends before its work, and with which word.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) outcome: Outcome,
    message: String,
}

impl Stop {
    /// The command, the profile or a filter is wrong; nothing was sent.
    pub(crate) fn bad_command(message: impl std::fmt::Display) -> anyhow::Error {
        Self::with(Outcome::BadCommand, message)
    }

    /// Ends with some word.
    pub(crate) fn with(outcome: Outcome, message: impl std::fmt::Display) -> anyhow::Error {
        Self { outcome, message: message.to_string() }.into()
    }
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Stop {}
