//! A visitor's place in an adapter: a browser of its own there, known by a number. A copy of the visitor
//! is a copy of the browser, and the adapter is told when one is copied or gone.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::mpsc::UnboundedSender;

use super::protocol::Notice;

/// One visitor's place.
#[derive(Debug)]
pub struct Session {
    number: u64,
    /// Whether the adapter has heard of it.
    used: bool,
    counter: Arc<AtomicU64>,
    lines: UnboundedSender<String>,
}

impl Session {
    pub(super) fn new(counter: &Arc<AtomicU64>, lines: UnboundedSender<String>) -> Self {
        let number = counter.fetch_add(1, Ordering::SeqCst);
        Self { number, used: false, counter: Arc::clone(counter), lines }
    }

    /// Its number, for a request.
    pub(super) const fn used(&mut self) -> u64 {
        self.used = true;
        self.number
    }

    /// Whether the adapter has never heard of it.
    pub(crate) const fn is_unused(&self) -> bool {
        !self.used
    }

    fn tell(&self, notice: &Notice) {
        if self.used {
            // An adapter that has ended need not be told.
            let _ = self.lines.send(notice.line());
        }
    }
}

impl Clone for Session {
    fn clone(&self) -> Self {
        let mut copy = Self::new(&self.counter, self.lines.clone());
        copy.used = self.used;
        self.tell(&Notice::Copied { visitor: self.number, to: copy.number });
        copy
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.tell(&Notice::Dropped { visitor: self.number });
    }
}
