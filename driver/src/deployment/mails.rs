//! How many mails the portal may be asked for in an hour, all people together.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use profile::error::Error;
use tokio::time::Instant;

use super::Leave;

const HOUR: Duration = Duration::from_secs(3600);

/// The mails of the last hour.
#[derive(Debug)]
pub struct Mails {
    /// Most of them; `None` is as many as it takes.
    most: Option<u32>,
    asked: Mutex<VecDeque<Instant>>,
}

impl Mails {
    /// No mail was asked for yet.
    #[must_use]
    pub const fn new(most: Option<u32>) -> Self {
        Self { most, asked: Mutex::new(VecDeque::new()) }
    }

    /// Takes down one more.
    ///
    /// # Errors
    /// When it would be one too many.
    pub fn one_more(&self) -> Result<(), Error> {
        let Some(most) = self.most else { return Ok(()) };
        let now = Instant::now();
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        while asked.front().is_some_and(|first| *first + HOUR <= now) {
            asked.pop_front();
        }
        if asked.len() >= usize::try_from(most).unwrap_or(usize::MAX) {
            return Err(Error::NotAllowed(format!(
                "{most} mails were asked for within an hour, and mails_per_hour of the profile allows no more"
            )));
        }
        asked.push_back(now);
        Ok(())
    }
}

impl Leave for Mails {
    fn once_more(&self) -> bool {
        self.one_more().is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_more_than_so_many_in_any_hour() {
        let mails = Mails::new(Some(2));
        assert!(mails.one_more().is_ok());
        tokio::time::advance(Duration::from_secs(1800)).await;
        assert!(mails.one_more().is_ok());
        assert!(matches!(mails.one_more(), Err(Error::NotAllowed(_))));
        tokio::time::advance(Duration::from_secs(1799)).await;
        assert!(mails.one_more().is_err());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(mails.one_more().is_ok());
        assert!(mails.one_more().is_err());
    }

    #[tokio::test]
    async fn without_a_limit_as_many_as_it_takes() {
        let mails = Mails::new(None);
        assert!((0..1000).all(|_| mails.one_more().is_ok()));
    }
}
