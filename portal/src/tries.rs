//! Tries and what else is counted over a while, by whom it is counted for.

use std::collections::BTreeMap;

/// Tries are counted over this long, seconds.
const COUNTED_OVER: u64 = 300;

/// How many of these moments are recent.
pub(super) fn recent(moments: &[u64], now: u64) -> usize {
    moments.iter().filter(|&&moment| now <= moment + COUNTED_OVER).count()
}

/// The moments of tries.
#[derive(Default)]
pub(super) struct Tries(BTreeMap<String, Vec<u64>>);

impl Tries {
    /// How many were recent.
    pub(super) fn recent(&self, whose: &str, now: u64) -> usize {
        self.0.get(whose).map_or(0, |moments| recent(moments, now))
    }

    /// Counts one; those that are not recent are forgotten.
    pub(super) fn count(&mut self, whose: &str, now: u64) {
        let moments = self.0.entry(whose.to_owned()).or_default();
        moments.retain(|moment| recent(&[*moment], now) > 0);
        moments.push(now);
    }

    /// Forgets those of everybody of whom it holds.
    pub(super) fn forget_where(&mut self, whose: impl Fn(&str) -> bool) {
        self.0.retain(|known, _| !whose(known));
    }

    /// Forgets all of one's.
    pub(super) fn forget(&mut self, whose: &str) {
        self.0.remove(whose);
    }
}
