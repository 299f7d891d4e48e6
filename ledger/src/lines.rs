//! A file that grows by whole lines, as the ledger of a run does. Each line is searched for
//! secrets before it is written, and a line that could not be written whole leaves nothing behind.

use std::{
    fs::File,
    io::{self, Write},
};

use reports::{
    growth::Growth,
    redact::{Leak, Redactor},
};

/// Whole lines, each searched.
#[derive(Debug)]
pub(super) struct Lines {
    file: File,
    redactor: Redactor,
    /// What is in the file.
    growth: Growth,
    /// Whether half a line stands at the end that could not be cut off.
    torn: bool,
}

/// Why a line was not written.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// It held a secret.
    #[error("a line that held a {class} in {form} form was withheld", class = .0.class, form = .0.form)]
    Withheld(Leak),
    /// What the system says.
    #[error(transparent)]
    File(#[from] io::Error),
}

impl Lines {
    /// Begins in a new file that was opened to append to.
    #[must_use]
    pub(super) fn new(file: File, redactor: &Redactor) -> Self {
        Self::after(file, redactor, b"")
    }

    /// Goes on after these bytes, which may end in half a line.
    #[must_use]
    pub(super) fn after(file: File, redactor: &Redactor, bytes: &[u8]) -> Self {
        let torn = bytes.last().is_some_and(|last| *last != b'\n');
        let mut growth = Growth::default();
        growth.add(bytes);
        Self { file, redactor: redactor.clone(), growth, torn }
    }

    /// Writes one line, which ends in its line break.
    ///
    /// # Errors
    /// Where it holds a secret, or could not be written; then it is not in the file.
    pub(super) fn append(&mut self, line: &[u8]) -> Result<(), LineError> {
        if let Some(leak) = self.redactor.scan(line).into_iter().next() {
            return Err(LineError::Withheld(leak));
        }
        if self.torn {
            self.write(b"\n")?;
        }
        Ok(self.write(line)?)
    }

    /// The file.
    #[must_use]
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// What was written to the file.
    #[must_use]
    pub(super) const fn growth(&self) -> &Growth {
        &self.growth
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut done = 0;
        let written = loop {
            match self.file.write(bytes.get(done..).unwrap_or_default()) {
                Ok(more) if done + more == bytes.len() => break Ok(()),
                Ok(0) => break Err(io::ErrorKind::WriteZero.into()),
                Ok(more) => done += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
        };
        let taken = if written.is_ok() { bytes } else { bytes.get(..done).unwrap_or_default() };
        // A full disk takes half a line and leaves no room for its end.
        let cut = written.is_err() && self.file.set_len(self.growth.length()).is_ok();
        if !cut {
            self.growth.add(taken);
            self.torn = taken.last().map_or(self.torn, |last| *last != b'\n');
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(path: &std::path::Path) -> File {
        File::options().create(true).append(true).open(path).unwrap()
    }

    fn redactor() -> Redactor {
        let redactor = Redactor::new([7; 32]);
        redactor.learn("token", "SuperSecretGateToken-42");
        redactor
    }

    #[test]
    fn a_line_that_holds_a_secret_never_reaches_the_disk() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("lines");
        let mut lines = Lines::new(opened(&path), &redactor());
        lines.append(b"one\n").unwrap();
        let error = lines.append(b"two SuperSecretGateToken-42\n").unwrap_err();
        assert!(matches!(&error, LineError::Withheld(leak) if leak.class == "token"), "{error}");
        assert!(!error.to_string().contains("SuperSecret"), "{error}");
        lines.append(b"three\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\nthree\n");
    }

    #[test]
    fn after_half_a_line_the_next_begins_on_its_own() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("lines");
        let mut lines = Lines::new(opened(&path), &redactor());
        lines.append(b"one\n").unwrap();
        opened(&path).write_all(b"tw").unwrap();
        lines.torn = true;
        lines.append(b"three\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntw\nthree\n");
    }

    #[test]
    fn a_disk_that_takes_nothing_is_told() {
        let full = File::options().append(true).open("/dev/full").unwrap();
        let mut lines = Lines::new(full, &redactor());
        assert!(matches!(lines.append(b"one\n"), Err(LineError::File(_))));
    }
}
