//! A visitor's place in an adapter: a browser of its own there, known by a number. A copy of the visitor
//! is a copy of the browser, and the adapter is told when one is copied or gone.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::mpsc::UnboundedSender;

use super::protocol::Notice;

/// The place of a visitor that the adapter has heard of.
#[derive(Debug)]
pub(in crate::deployment) struct Session {
    number: u64,
    counter: Arc<AtomicU64>,
    lines: UnboundedSender<String>,
}

impl Session {
    /// A place that is named in the next request.
    pub(super) fn new(counter: &Arc<AtomicU64>, lines: UnboundedSender<String>) -> Self {
        let number = counter.fetch_add(1, Ordering::SeqCst);
        Self { number, counter: Arc::clone(counter), lines }
    }

    /// Its number, for a request.
    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    fn tell(&self, notice: &Notice) {
        // An adapter that has ended need not be told.
        let _ = self.lines.send(notice.line());
    }
}

impl Clone for Session {
    fn clone(&self) -> Self {
        let copy = Self::new(&self.counter, self.lines.clone());
        self.tell(&Notice::Copied { visitor: self.number, to: copy.number });
        copy
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.tell(&Notice::Dropped { visitor: self.number });
    }
}
