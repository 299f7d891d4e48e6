//! What is searched for secrets before it is written: piece by piece, since a search takes several times
//! the size of a piece.

use std::io;

use reports::redact::{Leak, Redactor};

/// So many bytes are searched at once, and so many of what follows them, more than the longest form of a
/// secret.
const PIECE: usize = 1 << 20;
const OVERLAP: usize = 64 << 10;

/// Hands on what holds no secret; nothing from the first piece on that holds one.
pub(crate) struct Searched<'a, W> {
    sink: W,
    redactor: &'a Redactor,
    waiting: Vec<u8>,
    leak: Option<Leak>,
}

impl<'a, W: io::Write> Searched<'a, W> {
    pub(crate) fn new(sink: W, redactor: &'a Redactor) -> Self {
        Self { sink, redactor, waiting: Vec::new(), leak: None }
    }

    /// Hands the rest on.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        self.hand_on(self.waiting.len())
    }

    /// The secret that was found, where one was.
    pub(crate) fn leak(self) -> Option<Leak> {
        self.leak
    }

    /// Hands so many bytes on, where there is none in all that waits.
    fn hand_on(&mut self, bytes: usize) -> io::Result<()> {
        if self.leak.is_none() {
            self.leak = self.redactor.scan(&self.waiting).into_iter().next();
        }
        if let Some(leak) = &self.leak {
            return Err(io::Error::other(format!("it holds a {}", leak.class)));
        }
        self.sink.write_all(self.waiting.get(..bytes).unwrap_or_default())?;
        self.waiting.drain(..bytes);
        Ok(())
    }
}

impl<W: io::Write> io::Write for Searched<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = (PIECE + OVERLAP).saturating_sub(self.waiting.len());
        let (now, _) = bytes.split_at(bytes.len().min(room));
        self.waiting.extend_from_slice(now);
        if self.waiting.len() == PIECE + OVERLAP {
            self.hand_on(PIECE)?;
        }
        Ok(now.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const SECRET: &str = "SuperSecretGateToken-42";

    /// What is handed on of a text, and whether a secret was found in it.
    fn searched(text: &[u8]) -> (Vec<u8>, bool) {
        let redactor = Redactor::new([7; 32]);
        redactor.learn("token", SECRET);
        let mut sink = Vec::new();
        let mut searched = Searched::new(&mut sink, &redactor);
        let written = searched.write_all(text).and_then(|()| searched.end());
        let leak = searched.leak();
        assert_eq!(written.is_err(), leak.is_some());
        (sink, leak.is_some())
    }

    #[test]
    fn everything_without_a_secret_is_handed_on() {
        for length in [0, 1, PIECE, PIECE + OVERLAP, PIECE + OVERLAP + 1, 3 * PIECE] {
            let text = vec![b'x'; length];
            assert!(searched(&text) == (text, false), "{length}");
        }
    }

    #[test]
    fn no_byte_of_a_secret_is_handed_on_wherever_it_stands() {
        let ends = [0, 1, PIECE, PIECE + OVERLAP, 2 * PIECE + OVERLAP];
        let places =
            ends.iter().flat_map(|end| [0, 11, SECRET.len()].map(|by| end.saturating_sub(by)));
        for before in places {
            let text = [&vec![b'.'; before], SECRET.as_bytes(), &[b'.'; 99]].concat();
            let (handed_on, found) = searched(&text);
            assert!(found && handed_on.len() <= before, "{before}: {}", handed_on.len());
        }
    }
}
