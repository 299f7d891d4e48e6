//! Writing a journal. What could not be written is kept and goes first the next time, so that a disk
//! that was full for a while leaves no half line.

use std::io;

use super::{Event, chain};
use crate::growth::Growth;

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal<W> {
    sink: W,
    written: u64,
    chain: String,
    waiting: Vec<u8>,
    growth: Growth,
}

impl<W: io::Write> Journal<W> {
    /// Begins a journal in a sink that holds nothing yet.
    pub fn new(sink: W) -> Self {
        let (chain, growth) = (chain::START.to_owned(), Growth::default());
        Self { sink, written: 0, chain, waiting: Vec::new(), growth }
    }

    /// Appends one event as one line, in one write where the sink takes it, and flushes.
    ///
    /// # Errors
    /// Whatever the sink says. The event is not lost by that: it is written before the next one.
    pub fn append(&mut self, event: &Event) -> io::Result<()> {
        let (mut line, chain) = chain::line(self.written + 1, &self.chain, event)?;
        self.written += 1;
        self.chain = chain;
        self.waiting.append(&mut line);
        self.write()
    }

    /// Tries again to write what could not be written.
    ///
    /// # Errors
    /// Whatever the sink says.
    pub fn write(&mut self) -> io::Result<()> {
        let (mut done, mut written) = (0, Ok(()));
        while let (Some(rest @ [_, ..]), Ok(())) = (self.waiting.get(done..), &written) {
            match self.sink.write(rest) {
                Ok(0) => written = Err(io::ErrorKind::WriteZero.into()),
                Ok(more) => done += more.min(rest.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => written = Err(error),
            }
        }
        self.growth.add(self.waiting.get(..done).unwrap_or_default());
        self.waiting.drain(..done);
        written.and_then(|()| self.sink.flush())
    }

    /// The chain after one more event, where all lines before it were written.
    #[must_use]
    pub fn head_with(&self, event: &Event) -> Option<String> {
        let next = chain::line(self.written + 1, &self.chain, event);
        next.ok().filter(|_| self.waiting.is_empty()).map(|(_, chain)| chain)
    }

    /// Where the next line begins, once those that wait are written.
    #[must_use]
    pub fn end(&self) -> u64 {
        let waiting = u64::try_from(self.waiting.len()).unwrap_or(u64::MAX);
        self.growth.length().saturating_add(waiting)
    }

    /// What the sink has taken so far.
    #[must_use]
    pub const fn growth(&self) -> &Growth {
        &self.growth
    }

    /// The chain after the last line, where all of them were written.
    #[must_use]
    pub fn head(&self) -> Option<&str> {
        (self.waiting.is_empty() && self.written > 0).then_some(&*self.chain)
    }
}
