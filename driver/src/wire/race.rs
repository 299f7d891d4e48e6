//! Requests that leave at the same instant, whatever the pace: each waits at the line for those that
//! are still in the race, and then all of them go with one burst of the governor's.

use std::sync::{Mutex, PoisonError};

use profile::error::Error;
use tokio::sync::Notify;

use super::governor::{Governor, Turn};
use crate::Waiting;

/// One race. A flow may have more than one request that decides; then the line is come to again.
#[derive(Debug)]
pub struct Race {
    width: u32,
    line: Mutex<StartingLine>,
    moved: Notify,
}

#[derive(Debug)]
struct StartingLine {
    /// Those that may still come to it.
    racing: u32,
    /// Those that stand at it.
    standing: u32,
    /// Whether one of them is asking the governor for all.
    asking: bool,
    /// How often it has been left.
    starts: u32,
    /// Of the last start, for those that have not gone yet.
    turns: Vec<Result<Turn, Error>>,
    /// Whether everybody left it together.
    full: bool,
}

/// What one that stands at the line does next.
enum Next {
    Goes(Result<Turn, Error>),
    AsksForAll(u32),
    Waits,
}

impl Race {
    /// A race of so many.
    #[must_use]
    pub fn new(width: u32) -> Self {
        let line = StartingLine {
            racing: width,
            standing: 0,
            asking: false,
            starts: 0,
            turns: Vec::new(),
            full: false,
        };
        Self { width, line: Mutex::new(line), moved: Notify::new() }
    }

    /// One of them is through, or broke off: nobody waits for it any more.
    pub fn leaves(&self) {
        self.with(|line| line.racing = line.racing.saturating_sub(1));
        self.moved.notify_waiters();
    }

    /// Whether all of them left at the same instant.
    #[must_use]
    pub fn was_one(&self) -> bool {
        self.with(|line| line.full)
    }

    /// Comes to the line, and waits until everybody goes.
    pub(super) async fn turn(&self, governor: &Governor, waiting: &Waiting) -> Result<Turn, Error> {
        let come = self.with(|line| {
            line.standing += 1;
            line.starts
        });
        self.moved.notify_waiters();
        loop {
            let mut moved = Box::pin(self.moved.notified());
            // What moves from here on is heard.
            moved.as_mut().enable();
            match self.with(|line| line.next(come)) {
                Next::Goes(turn) => return turn,
                Next::AsksForAll(standing) => {
                    let waits = waiting.begins();
                    let burst = governor.burst(standing).await;
                    drop(waits);
                    self.with(|line| line.starts_with(burst, standing == self.width));
                    self.moved.notify_waiters();
                }
                Next::Waits => moved.await,
            }
        }
    }

    fn with<R>(&self, act: impl FnOnce(&mut StartingLine) -> R) -> R {
        act(&mut self.line.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl StartingLine {
    /// For one that came to it after so many starts.
    fn next(&mut self, come: u32) -> Next {
        if self.starts > come {
            let none = || Err(Error::Harness("a race gave fewer turns than it has shots".into()));
            return Next::Goes(self.turns.pop().unwrap_or_else(none));
        }
        if self.asking || self.standing < self.racing {
            return Next::Waits;
        }
        self.asking = true;
        Next::AsksForAll(self.standing)
    }

    fn starts_with(&mut self, burst: Result<Vec<Turn>, Error>, everybody: bool) {
        self.full |= everybody && burst.is_ok();
        self.turns = match burst {
            Ok(turns) => turns.into_iter().map(Ok).collect(),
            Err(error) => (0..self.standing).map(|_| Err(error.clone())).collect(),
        };
        self.standing = 0;
        self.asking = false;
        self.starts += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use futures::future::join_all;
    use profile::Limits;
    use tokio::time::Instant;

    use super::*;

    fn governor(per_second: u32, concurrent: u32) -> Governor {
        Governor::new(&Limits {
            requests_per_second: Some(per_second),
            concurrent,
            mails_per_hour: None,
            body_limit: 1,
            exchange_timeout: Duration::from_secs(1),
            pauses: Duration::from_secs(60),
        })
    }

    /// When each of a race left that first makes a request of its own, by the clock of the test.
    async fn left(governor: &Governor, race: &Arc<Race>, width: u32) -> Vec<Result<u128, String>> {
        let begun = Instant::now();
        let shots = (0..width).map(|_| async move {
            drop(governor.turn().await);
            let turn =
                race.turn(governor, &Waiting::default()).await.map_err(|error| error.to_string());
            let left = turn.map(|_| begun.elapsed().as_millis());
            race.leaves();
            left
        });
        join_all(shots).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_race_leaves_at_one_instant_and_the_pace_is_kept_around_it() {
        let (governor, race) = (governor(5, 8), Arc::new(Race::new(5)));
        let begun = Instant::now();
        // Requests of their own at 0 to 800 ms; then a second with nothing else in it, and five.
        assert_eq!(left(&governor, &race, 5).await, vec![Ok(1800); 5]);
        assert!(race.was_one());
        drop(governor.turn().await.unwrap());
        assert_eq!(begun.elapsed().as_millis(), 2800);
        assert_eq!(governor.traffic().requests, 11);
    }

    #[tokio::test(start_paused = true)]
    async fn a_race_wider_than_the_limits_does_not_leave() {
        for (governor, allowed) in [
            (governor(4, 8), "the pace allows 4 in a second"),
            (governor(5, 4), "`concurrent` in [scope.limits] allows 4 at once"),
        ] {
            let race = Arc::new(Race::new(5));
            let reason = format!("not sent: 5 requests leave at the same instant, {allowed}");
            assert_eq!(left(&governor, &race, 5).await, vec![Err(reason); 5]);
            assert!(!race.was_one());
            assert_eq!(governor.traffic().requests, 5);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_one_that_broke_off_and_it_is_no_race_then() {
        let (governor, race) = (governor(5, 8), Arc::new(Race::new(3)));
        let both = left(&governor, &race, 2);
        let third = async {
            tokio::time::sleep(Duration::from_secs(9)).await;
            race.leaves();
        };
        let (both, ()) = tokio::join!(both, third);
        assert_eq!(both, vec![Ok(9000); 2]);
        assert!(!race.was_one());
    }

    #[tokio::test(start_paused = true)]
    async fn the_line_is_come_to_again_by_those_that_go_on() {
        let (governor, race) = (governor(5, 8), Arc::new(Race::new(3)));
        let begun = Instant::now();
        let shots = (0..3_u32).map(|number| {
            let (governor, race) = (&governor, &race);
            async move {
                let mut left = Vec::new();
                for _ in 0..=number {
                    drop(race.turn(governor, &Waiting::default()).await.unwrap());
                    left.push(begun.elapsed().as_millis());
                }
                race.leaves();
                left
            }
        });
        // Three at once, two at once, and one; the pace is kept around each.
        let expected = [vec![0], vec![0, 800], vec![0, 800, 1200]];
        assert_eq!(join_all(shots).await, expected);
        assert!(race.was_one());
    }
}
