//! What a person sees while a run goes on: a line that moves on a terminal, a few plain lines
//! elsewhere. Writes the journal as well; what was finished stands there, and not in memory besides.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Instant,
};

use harness::runner::Listener;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use reports::{growth::Growth, journal::Event, redact::Leak};
use tokio::sync::Notify;

use crate::{
    journal::{Finished, Journal},
    say,
};

/// Writes the journal and moves the line.
pub(crate) struct Live {
    begun: OnceLock<Instant>,
    bar: ProgressBar,
    inner: Mutex<Inner>,
    leaks: Notify,
}

struct Inner {
    journal: Journal,
    ended: bool,
    done: usize,
    total: usize,
    plain: bool,
    told: usize,
}

impl Live {
    /// Begins, with the journal to append to.
    pub(crate) fn new(journal: Journal) -> Arc<Self> {
        let terminal = say::moves();
        let bar = ProgressBar::no_length();
        bar.set_draw_target(if terminal {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        });
        if let Ok(style) =
            ProgressStyle::with_template("  {bar:30} {pos}/{len}  {elapsed}  {wide_msg}")
        {
            bar.set_style(if say::is_plain() { style.progress_chars("=> ") } else { style });
        }
        let inner = Inner { journal, ended: false, done: 0, total: 0, plain: !terminal, told: 0 };
        Arc::new(Self {
            begun: OnceLock::new(),
            bar,
            inner: Mutex::new(inner),
            leaks: Notify::new(),
        })
    }

    /// Clears the line.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// How long the run has been going on.
    pub(crate) fn milliseconds(&self) -> u64 {
        let elapsed = self.begun.get().map(Instant::elapsed).unwrap_or_default();
        u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
    }

    /// What kept an event from the journal: the disk, or a secret in it.
    pub(crate) fn trouble(&self) -> (Option<String>, Option<Leak>) {
        let inner = self.lock();
        (inner.journal.trouble(), inner.journal.withheld().cloned())
    }

    /// What reads finished scenarios again.
    pub(crate) fn finished(&self) -> io::Result<Finished> {
        self.lock().journal.finished()
    }

    /// What was written to the journal.
    pub(crate) fn growth(&self) -> Growth {
        self.lock().journal.growth().clone()
    }

    /// Waits until a secret was kept from the journal: then nothing more may be done.
    pub(crate) async fn leaks(&self) {
        self.leaks.notified().await;
    }

    /// The chain that the journal has once it is written down how the run ended.
    pub(crate) fn chain_with(&self, ended: &Event) -> Option<String> {
        self.lock().journal.chain_with(ended)
    }

    /// Writes down how the run ended.
    pub(crate) fn end(&self, ended: &Event) -> Result<(), String> {
        self.lock().journal.end(ended)
    }

    /// Takes that away again.
    pub(crate) fn not_ended(&self) {
        self.lock().journal.take_back();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener for Live {
    fn keeps(&self, scenario: &str) -> bool {
        self.lock().journal.holds(scenario)
    }

    fn hear(&self, event: &Event) {
        let mut inner = self.lock();
        if inner.ended {
            return;
        }
        // How the run ended is written when its files are: they decide it.
        if !matches!(event, Event::Ended { .. }) {
            inner.journal.keep(event);
        }
        if inner.journal.withheld().is_some() {
            self.leaks.notify_one();
        }
        match event {
            Event::Started { planned, .. } => {
                let _ = self.begun.set(Instant::now());
                inner.total = planned.len();
                self.bar.set_length(u64::try_from(planned.len()).unwrap_or(u64::MAX));
            }
            Event::ScenarioStarted { id } => self.bar.set_message(id.clone()),
            Event::ScenarioDone { .. } => {
                inner.done += 1;
                self.bar.inc(1);
                inner.say_in_plain_text(self.bar.elapsed());
            }
            Event::Ended { .. } => inner.ended = true,
            Event::CanaryDone { .. } | Event::CleanedUp { .. } => {}
        }
    }
}

impl Inner {
    /// A line every tenth of the way, once a run has taken two seconds.
    fn say_in_plain_text(&mut self, elapsed: std::time::Duration) {
        let tenth = self.done * 10 / self.total.max(1);
        if self.plain && elapsed.as_secs() >= 2 && tenth > self.told {
            self.told = tenth;
            say::tell(&format!("  {}/{} after {} s", self.done, self.total, elapsed.as_secs()));
        }
    }
}
