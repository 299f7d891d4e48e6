//! Time in which somebody waits for a turn: for the pace, a connection, or the end of a pause that the
//! portal asked for. It is neither the portal's time nor a scenario's.

use std::{
    pin::pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, timeout_at};

/// The time that was waited so far. Where several wait at the same time, it counts once.
#[derive(Debug, Default)]
pub struct Waiting {
    state: Mutex<WaitingState>,
}

#[derive(Debug, Default)]
struct WaitingState {
    over: Duration,
    /// How many wait now, and since when somebody does.
    now: u32,
    since: Option<Instant>,
}

/// Somebody waits until this is dropped.
#[derive(Debug)]
pub struct Waits<'w>(&'w Waiting);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.with(|state| {
            state.now -= 1;
            if state.now == 0
                && let Some(since) = state.since.take()
            {
                state.over += since.elapsed();
            }
        });
    }
}

impl Waiting {
    /// Somebody begins to wait.
    pub fn begins(&self) -> Waits<'_> {
        self.with(|state| {
            state.now += 1;
            state.since.get_or_insert_with(Instant::now);
        });
        Waits(self)
    }

    /// How long somebody waited.
    #[must_use]
    pub fn so_far(&self) -> Duration {
        self.with(|state| state.over + state.since.map_or(Duration::ZERO, |since| since.elapsed()))
    }

    /// What some work comes to within a time in which the waiting does not count; `None` where it does
    /// not end.
    pub async fn within<T>(&self, limit: Duration, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        let (begun, waited) = (Instant::now(), self.so_far());
        loop {
            let end = begun + limit + self.so_far().saturating_sub(waited);
            if end <= Instant::now() {
                return None;
            }
            if let Ok(done) = timeout_at(end, &mut work).await {
                return Some(done);
            }
        }
    }

    fn with<R>(&self, act: impl FnOnce(&mut WaitingState) -> R) -> R {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    async fn waits(waiting: &Waiting, seconds: u32) {
        let _waits = waiting.begins();
        sleep(SECOND * seconds).await;
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_waited_at_the_same_time_counts_once() {
        let waiting = Waiting::default();
        tokio::join!(waits(&waiting, 2), waits(&waiting, 3));
        sleep(SECOND).await;
        waits(&waiting, 1).await;
        assert_eq!(waiting.so_far(), 4 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_is_for_all_but_the_waiting() {
        for (works, expected) in [(9, Some(())), (10, None)] {
            let waiting = Waiting::default();
            let work = async {
                waits(&waiting, 300).await;
                sleep(SECOND * works).await;
                waits(&waiting, 30).await;
            };
            assert_eq!(waiting.within(10 * SECOND, work).await, expected, "{works}");
        }
    }
}
