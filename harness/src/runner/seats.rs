//! How many scenarios run side by side: fewer once the portal has sent a very large answer, since each
//! scenario holds several of them in several forms.

use std::sync::atomic::{AtomicBool, Ordering};

use reports::bounds::ANSWER_BESIDE;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Scenarios side by side once answers are very large.
const FEW: u32 = 2;

/// The seats of a run.
pub(super) struct Seats {
    free: Semaphore,
    all: u32,
    large: AtomicBool,
}

impl Seats {
    /// So many scenarios side by side; at least one.
    pub(super) fn new(concurrency: usize) -> Self {
        let all = u32::try_from(concurrency).unwrap_or(u32::MAX).clamp(1, u32::from(u16::MAX));
        let free = Semaphore::new(usize::try_from(all).unwrap_or(1));
        Self { free, all, large: AtomicBool::default() }
    }

    /// A seat, once one is free. Where answers are very large, it is as wide as several.
    pub(super) async fn take(&self) -> Option<SemaphorePermit<'_>> {
        let width = if self.large.load(Ordering::Relaxed) { self.all.div_ceil(FEW) } else { 1 };
        self.free.acquire_many(width).await.ok()
    }

    /// Hears how long the longest answer of a scenario was, bytes.
    pub(super) fn heard(&self, longest: usize) {
        if longest > ANSWER_BESIDE.most {
            self.large.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn taken(seats: &Seats) -> Vec<SemaphorePermit<'_>> {
        std::iter::from_fn(|| seats.take().now_or_never().flatten()).take(100).collect()
    }

    #[test]
    fn few_run_side_by_side_once_an_answer_was_very_large() {
        for (concurrency, few) in [(1, 1), (2, 2), (3, 1), (8, 2), (9, 1)] {
            let seats = Seats::new(concurrency);
            assert_eq!(taken(&seats).len(), concurrency);
            seats.heard(ANSWER_BESIDE.most);
            assert_eq!(taken(&seats).len(), concurrency, "as large as may be");
            seats.heard(ANSWER_BESIDE.most + 1);
            assert_eq!(taken(&seats).len(), few, "of {concurrency}");
        }
    }
}
