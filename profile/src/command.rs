//! A program of the user's that a profile names. How it is run is the driver's.

use std::path::{Path, PathBuf};

/// A program and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program, and its arguments.
    pub argv: Vec<String>,
    /// Where it is run: the folder of the profile.
    pub folder: PathBuf,
}

impl Command {
    /// One that is run in the folder of a profile, which may be empty for this one.
    #[must_use]
    pub fn new(argv: Vec<String>, folder: &Path) -> Self {
        let here = folder.as_os_str().is_empty();
        Self { argv, folder: if here { Path::new(".") } else { folder }.to_owned() }
    }

    /// As one line.
    #[must_use]
    pub fn line(&self) -> String {
        self.argv.join(" ")
    }
}
