//! Accounts that the suite was lent: who has which, and for how long.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use profile::{Lent, error::Error};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// The accounts of a profile's pool. A scenario is lent all that it needs at once, in the order of
/// asking, so that no two wait for each other.
#[derive(Debug)]
pub(crate) struct Pool {
    free: Mutex<VecDeque<Lent>>,
    /// As many as accounts are free.
    seats: Arc<Semaphore>,
    /// How many accounts can still be lent, now or later.
    usable: watch::Sender<usize>,
}

/// Some accounts of the pool, lent to one scenario.
#[derive(Debug)]
pub(crate) struct Lease {
    pub(crate) accounts: Vec<Lent>,
    seats: OwnedSemaphorePermit,
}

impl Pool {
    pub(crate) fn new(accounts: &[Lent]) -> Self {
        Self {
            free: Mutex::new(accounts.iter().cloned().collect()),
            seats: Arc::new(Semaphore::new(accounts.len())),
            usable: watch::Sender::new(accounts.len()),
        }
    }

    /// Waits until so many accounts are free.
    ///
    /// # Errors
    /// When so many will never be free again.
    pub(crate) async fn lends(&self, number: usize) -> Result<Lease, Error> {
        let mut usable = self.usable.subscribe();
        let permits = u32::try_from(number).unwrap_or(u32::MAX);
        let seats = tokio::select! {
            biased;
            too_few = usable.wait_for(|usable| *usable < number) => {
                let usable = too_few.map_or(0, |usable| *usable);
                return Err(Error::Profile(format!("it needs {number} accounts, and of the pool {usable} can still be used")));
            }
            seats = Arc::clone(&self.seats).acquire_many_owned(permits) => seats,
        };
        let seats = seats.map_err(|error| Error::Harness(error.to_string()))?;
        let mut free = self.lock();
        let number = number.min(free.len());
        Ok(Lease { accounts: free.drain(..number).collect(), seats })
    }

    /// Takes accounts back; those that are not among `sound` are lent to nobody any more.
    pub(crate) fn takes_back(&self, lease: Lease, sound: Vec<Lent>) {
        let Lease { accounts, mut seats } = lease;
        let retired = accounts.len().saturating_sub(sound.len());
        self.lock().extend(sound);
        if let Some(gone) = seats.split(retired) {
            gone.forget();
        }
        drop(seats);
        self.usable.send_modify(|usable| *usable = usable.saturating_sub(retired));
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Lent>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use profile::secret::Secret;

    use super::*;

    fn pool(number: usize) -> Pool {
        let lent = |n| Lent {
            user: format!("qa-{n}"),
            mail: format!("qa-{n}@example.test"),
            password: Secret::new("x"),
        };
        Pool::new(&(0..number).map(lent).collect::<Vec<_>>())
    }

    fn users(lease: &Lease) -> Vec<&str> {
        lease.accounts.iter().map(|lent| lent.user.as_str()).collect()
    }

    #[tokio::test]
    async fn nobody_waits_with_half_of_what_is_needed() {
        let pool = pool(3);
        let one = pool.lends(2).await.unwrap();
        assert_eq!(users(&one), ["qa-0", "qa-1"]);
        let mut two = Box::pin(pool.lends(2));
        assert!(futures::poll!(&mut two).is_pending());
        // Who asks later waits behind, although one account is free.
        let mut three = Box::pin(pool.lends(1));
        assert!(futures::poll!(&mut three).is_pending());
        let sound = one.accounts.clone();
        pool.takes_back(one, sound);
        assert_eq!(users(&two.await.unwrap()), ["qa-2", "qa-0"]);
        assert_eq!(users(&three.await.unwrap()), ["qa-1"]);
    }

    #[tokio::test]
    async fn who_waits_for_what_never_comes_is_told() {
        let pool = pool(2);
        let one = pool.lends(2).await.unwrap();
        let mut waits = Box::pin(pool.lends(2));
        assert!(futures::poll!(&mut waits).is_pending());
        let sound = one.accounts[1..].to_vec();
        pool.takes_back(one, sound);
        let why = waits.await.unwrap_err().to_string();
        assert_eq!(why, "profile: it needs 2 accounts, and of the pool 1 can still be used");
        assert_eq!(users(&pool.lends(1).await.unwrap()), ["qa-1"]);
    }
}
