//! What a person sees while a run goes on: a line that moves on a terminal, a few plain lines
//! elsewhere. Keeps the events for the journal as well.

use std::{
    fs::File,
    io::IsTerminal,
    sync::{Arc, Mutex, PoisonError},
};

use harness::runner::Listener;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use reports::journal::{Event, Journal};

/// Writes the journal and moves the line.
pub(crate) struct Live {
    bar: ProgressBar,
    inner: Mutex<Inner>,
}

struct Inner {
    journal: Journal<File>,
    broken: Option<String>,
    events: Vec<Event>,
    done: usize,
    total: usize,
    plain: bool,
    told: usize,
}

impl Live {
    /// Begins, with the journal to append to.
    pub(crate) fn new(journal: File) -> Arc<Self> {
        let terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::no_length();
        bar.set_draw_target(if terminal {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        });
        if let Ok(style) =
            ProgressStyle::with_template("  {bar:30} {pos}/{len}  {elapsed}  {wide_msg}")
        {
            bar.set_style(style);
        }
        let inner = Inner {
            journal: Journal::new(journal),
            broken: None,
            events: Vec::new(),
            done: 0,
            total: 0,
            plain: !terminal,
            told: 0,
        };
        Arc::new(Self { bar, inner: Mutex::new(inner) })
    }

    /// Clears the line.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Everything heard so far, and what kept the journal from being written, if anything did.
    pub(crate) fn events(&self) -> (Vec<Event>, Option<String>) {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let broken = inner.broken.clone().filter(|_| inner.journal.head().is_none());
        (inner.events.clone(), broken)
    }

    /// The chain of the journal, where it was written to its end.
    pub(crate) fn chain(&self) -> Option<String> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.journal.head().map(str::to_owned)
    }
}

impl Listener for Live {
    fn hear(&self, event: &Event) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(inner.events.last(), Some(Event::Ended { .. })) {
            return;
        }
        if let Err(error) = inner.journal.append(event) {
            inner.broken.get_or_insert_with(|| error.to_string());
        }
        match event {
            Event::Started { planned, .. } => {
                inner.total = planned.len();
                self.bar.set_length(u64::try_from(planned.len()).unwrap_or(u64::MAX));
            }
            Event::ScenarioStarted { id } => self.bar.set_message(id.clone()),
            Event::ScenarioDone { .. } => {
                inner.done += 1;
                self.bar.inc(1);
                inner.say_in_plain_text(self.bar.elapsed());
            }
            Event::CanaryDone { .. } | Event::CleanedUp { .. } | Event::Ended { .. } => {}
        }
        inner.events.push(event.clone());
    }
}

impl Inner {
    /// A line every tenth of the way, once a run has taken two seconds.
    fn say_in_plain_text(&mut self, elapsed: std::time::Duration) {
        let tenth = self.done * 10 / self.total.max(1);
        if self.plain && elapsed.as_secs() >= 2 && tenth > self.told {
            self.told = tenth;
            eprintln!("  {}/{} after {} s", self.done, self.total, elapsed.as_secs());
        }
    }
}
