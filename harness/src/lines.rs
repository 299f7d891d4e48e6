//! A file that grows by whole lines, as the ledger of a run does. Each line is searched for
//! secrets before it is written, and a line that could not be written whole leaves nothing behind.

use std::{
    fs::File,
    io::{self, Write},
};

use reports::redact::{Leak, Redactor};

/// Whole lines, each searched.
#[derive(Debug)]
pub struct Lines {
    file: File,
    redactor: Redactor,
    /// Where the last whole line ends, bytes.
    whole: u64,
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
    /// Goes on at the end of a file that was opened to append to.
    ///
    /// # Errors
    /// When the system does not say how long the file is.
    pub fn new(file: File, redactor: &Redactor) -> io::Result<Self> {
        let whole = file.metadata()?.len();
        Ok(Self { file, redactor: redactor.clone(), whole, torn: false })
    }

    /// Goes on after these bytes, which may end in half a line.
    ///
    /// # Errors
    /// When the system does not say how long the file is.
    pub fn after(file: File, redactor: &Redactor, bytes: &[u8]) -> io::Result<Self> {
        let torn = bytes.last().is_some_and(|last| *last != b'\n');
        Ok(Self { torn, ..Self::new(file, redactor)? })
    }

    /// Writes one line, which ends in its line break.
    ///
    /// # Errors
    /// Where it holds a secret, or could not be written; then it is not in the file.
    pub fn append(&mut self, line: &[u8]) -> Result<(), LineError> {
        if let Some(leak) = self.redactor.scan(line).into_iter().next() {
            return Err(LineError::Withheld(leak));
        }
        if self.torn {
            self.write(b"\n")?;
            self.torn = false;
        }
        self.write(line)?;
        Ok(())
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.write_all(bytes) {
            // A full disk takes half a line and leaves no room for its end.
            if self.file.set_len(self.whole).is_err() {
                self.torn = true;
                self.whole = self.file.metadata().map_or(self.whole, |data| data.len());
            }
            return Err(error);
        }
        self.whole += u64::try_from(bytes.len()).unwrap_or_default();
        Ok(())
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
        let mut lines = Lines::new(opened(&path), &redactor()).unwrap();
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
        let mut lines = Lines::new(opened(&path), &redactor()).unwrap();
        lines.append(b"one\n").unwrap();
        opened(&path).write_all(b"tw").unwrap();
        lines.torn = true;
        lines.append(b"three\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntw\nthree\n");
    }

    #[test]
    fn a_disk_that_takes_nothing_is_told() {
        let full = File::options().append(true).open("/dev/full").unwrap();
        let mut lines = Lines::new(full, &redactor()).unwrap();
        assert!(matches!(lines.append(b"one\n"), Err(LineError::File(_))));
    }
}
