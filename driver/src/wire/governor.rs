//! How fast the run may go: so many requests in a second, so many connections at once, and no request
//! at all while the portal asks for a pause (429, or 503 with Retry-After). One for all actors: what
//! one of them is told, all of them heed.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use profile::{Limits, error::Error};
use reports::record::Traffic;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep_until},
};

use super::{Response, jar::date};
use crate::Waiting;

/// Pauses in a row, without one request answered in between, that make a storm.
const STORM: u32 = 5;

/// A pause without a Retry-After, doubled with each in a row up to [`LONGEST_GUESS`].
const FIRST_GUESS: Duration = Duration::from_secs(1);

/// Longest pause that is not the portal's own word.
const LONGEST_GUESS: Duration = Duration::from_secs(16);

/// Beyond this a Retry-After means never.
const NEVER: Duration = Duration::from_secs(86_400);

/// Lets requests through.
#[derive(Debug)]
pub(super) struct Governor {
    at_once: Arc<Semaphore>,
    limits: Limits,
    state: Mutex<GovernorState>,
    waiting: Waiting,
}

#[derive(Debug, Default)]
struct GovernorState {
    /// When the next request may go, by the pace.
    next: Option<Instant>,
    /// Until when nothing may go, by the portal's word.
    until: Option<Instant>,
    /// Pauses since the last request that was answered.
    in_a_row: u32,
    held: Duration,
    requests: u64,
    throttled: u64,
    answering: Duration,
    /// Why the pauses are no longer waited for.
    storm: Option<String>,
}

/// One request's permission to go; holds a connection until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _connection: OwnedSemaphorePermit,
    began: Instant,
}

/// That an answer asks for a pause, and for how long where it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pause(Option<Duration>);

impl Pause {
    /// A pause of which nobody says how long it is.
    pub(super) const fn unsaid() -> Self {
        Self(None)
    }

    /// Reads it off an answer: 429, or 503 with a Retry-After. `now` is Unix time, for dates in an
    /// answer that does not say its own.
    pub(super) fn read(response: &Response, now: i64) -> Option<Self> {
        let after = response.header("retry-after").map(str::trim);
        match (response.status, after) {
            (429, None) => Some(Self(None)),
            (429 | 503, Some(text)) => Some(Self(length(text, response.header("date"), now))),
            (_, _) => None,
        }
    }
}

/// Seconds, or the time until a date by the portal's own clock.
fn length(text: &str, portals_date: Option<&str>, now: i64) -> Option<Duration> {
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds).min(NEVER));
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than a number holds.
        return Some(NEVER);
    }
    let until = date(text)? - portals_date.and_then(date).unwrap_or(now);
    Some(Duration::from_secs(u64::try_from(until).unwrap_or(0)).min(NEVER))
}

impl Governor {
    pub(super) fn new(limits: &Limits) -> Self {
        let wide = usize::try_from(limits.concurrent).unwrap_or(1).max(1);
        Self {
            at_once: Arc::new(Semaphore::new(wide)),
            limits: *limits,
            state: Mutex::default(),
            waiting: Waiting::default(),
        }
    }

    /// The pace from now on.
    pub(super) fn keep_to(&mut self, per_second: Option<u32>) {
        self.limits.requests_per_second = per_second;
    }

    /// Waits for a connection, for the pace, and for the end of a pause that the portal asked for.
    ///
    /// # Errors
    /// When it asked for more than the run may wait.
    pub(super) async fn turn(&self) -> Result<Turn, Error> {
        let mut connection = self.goes(1).await?;
        Ok(turn(&mut connection))
    }

    /// The same for requests that leave at the same instant: one turn each, all now. The pace is kept
    /// around them, in every second and on the average.
    ///
    /// # Errors
    /// When the limits do not allow so many at once.
    pub(super) async fn burst(&self, width: u32) -> Result<Vec<Turn>, Error> {
        if let Some(reason) = self.limits.too_few_for(width) {
            return Err(Error::NotAllowed(reason));
        }
        let mut connections = self.goes(width).await?;
        Ok((0..width).map(|_| turn(&mut connections)).collect())
    }

    async fn goes(&self, width: u32) -> Result<OwnedSemaphorePermit, Error> {
        let _waits = self.waiting.begins();
        let closed = |_| Error::Harness("the wire is closed".into());
        let free = Arc::clone(&self.at_once).acquire_many_owned(width);
        let connections = free.await.map_err(closed)?;
        while let Some(wait) = self.wait(width)? {
            sleep_until(wait.until).await;
            // A pause that began meanwhile holds up whoever was only waiting for the pace.
            if wait.by_pace && !self.is_held() {
                break;
            }
        }
        self.with(|state| state.requests += u64::from(width));
        Ok(connections)
    }

    /// What the answer to a request says about the pace: a pause for everybody, or that the portal
    /// answers again.
    pub(super) fn heard(&self, turn: &Turn, pause: Option<Pause>) {
        let now = Instant::now();
        self.with(|state| {
            // What was sent before a pause was asked for tells nothing new about it.
            let anew = state.until.is_none_or(|until| turn.began >= until);
            match pause {
                None if anew => state.in_a_row = 0,
                None => {}
                Some(pause) => {
                    state.throttled += 1;
                    state.in_a_row += u32::from(anew);
                    let asked = pause.0.unwrap_or_else(|| guess(state.in_a_row));
                    state.holds(now, asked);
                    if state.in_a_row >= STORM {
                        state.storm.get_or_insert(format!(
                            "it asked for {STORM} pauses and answered nothing in between"
                        ));
                    }
                    if state.held > self.limits.pauses {
                        state.storm.get_or_insert(format!(
                            "it asked the run to wait {} s in all, and {} s are allowed",
                            state.held.as_secs(),
                            self.limits.pauses.as_secs()
                        ));
                    }
                }
            }
        });
    }

    /// How long the answer to a request took.
    pub(super) fn took(&self, time: Duration) {
        self.with(|state| state.answering += time);
    }

    /// Why its pauses are no longer waited for, where that is so.
    pub(super) fn storm(&self) -> Option<String> {
        self.with(|state| state.storm.clone())
    }

    /// What went over the wire so far.
    pub(super) fn traffic(&self) -> Traffic {
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let waited_ms = ms(self.waiting.so_far());
        self.with(|state| Traffic {
            requests: state.requests,
            throttled: state.throttled,
            paused_ms: ms(state.held),
            answering_ms: ms(state.answering),
            waited_ms,
        })
    }

    fn is_held(&self) -> bool {
        self.with(|state| state.until.is_some_and(|until| until > Instant::now()))
    }

    /// What has to be waited for now; places in the pace are taken by asking.
    fn wait(&self, width: u32) -> Result<Option<Wait>, Error> {
        let now = Instant::now();
        self.with(|state| {
            if let Some(until) = state.until.filter(|until| *until > now) {
                if let Some(storm) = &state.storm {
                    return Err(Error::Network(format!("the portal limits requests: {storm}")));
                }
                return Ok(Some(Wait { until, by_pace: false }));
            }
            let Some(every) = pace(self.limits.requests_per_second) else { return Ok(None) };
            // Several at one instant need the time that they do not take, before them and after.
            let quiet = every * width.saturating_sub(1);
            let at = state.next.map_or(now, |next| (next + quiet).max(now));
            state.next = Some(at + every + quiet);
            Ok(Some(Wait { until: at, by_pace: true }))
        })
    }

    fn with<R>(&self, act: impl FnOnce(&mut GovernorState) -> R) -> R {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One connection of several, for one request that goes now.
fn turn(connections: &mut OwnedSemaphorePermit) -> Turn {
    let connection = connections.split(1).unwrap_or_else(|| unreachable!("one for each"));
    Turn { _connection: connection, began: Instant::now() }
}

/// From one request to the next.
fn pace(per_second: Option<u32>) -> Option<Duration> {
    per_second.and_then(|number| Duration::from_secs(1).checked_div(number))
}

struct Wait {
    until: Instant,
    by_pace: bool,
}

impl GovernorState {
    /// Nothing goes for so long from now on; a pause within one that is going on costs nothing more.
    fn holds(&mut self, now: Instant, asked: Duration) {
        let (until, from) = (now + asked, self.until.unwrap_or(now).max(now));
        self.held += until.saturating_duration_since(from);
        self.until = Some(until.max(from));
    }
}

fn guess(in_a_row: u32) -> Duration {
    let doubled = FIRST_GUESS.saturating_mul(1 << in_a_row.saturating_sub(1).min(10));
    doubled.min(LONGEST_GUESS)
}

#[cfg(test)]
mod tests;
