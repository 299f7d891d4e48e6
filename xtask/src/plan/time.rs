//! How long a run takes: the least, by what is known beforehand, and about how long where the portal
//! answers as fast as the doctor found, or as is assumed.

use std::time::Duration;

use profile::Limits;

/// What a portal is assumed to need for an answer until the doctor has measured it.
pub(super) const ANSWER: Duration = Duration::from_millis(35);

/// What is known beforehand.
pub(super) struct Known<'k> {
    pub(super) limits: &'k Limits,
    pub(super) requests: u32,
    /// What the portal needs for an answer.
    pub(super) answer: Duration,
    /// Of the scenarios, in real time.
    pub(super) waits: &'k [Duration],
    pub(super) side_by_side: u32,
}

impl Known<'_> {
    /// The least that the run takes, and why: its longest wait, all its waits side by side, or the
    /// pace. The first reason where several come to the same.
    pub(super) fn least(&self) -> (Duration, &'static str) {
        let pace = self.limits.requests_per_second.map_or(Duration::ZERO, |in_a_second| {
            Duration::from_secs(u64::from(self.requests / in_a_second.max(1)))
        });
        let bounds = [
            (self.waits.iter().max().copied().unwrap_or_default(), "the longest wait"),
            (self.waited(), "all waits, as many side by side as there are scenarios"),
            (pace, "the requests in a second that are allowed"),
        ];
        let nothing = (Duration::ZERO, "nothing but the portal's own speed");
        bounds.into_iter().fold(nothing, |best, bound| if bound.0 > best.0 { bound } else { best })
    }

    /// About how long it takes where the portal answers all at the same time that are asked side by
    /// side, and where it answers one after the other; never less than the least.
    pub(super) fn about(&self) -> (Duration, Duration) {
        let one_by_one = self.answer.saturating_mul(self.requests);
        let at_once = one_by_one / self.side_by_side.max(1);
        let whole = |answers: Duration| answers.saturating_add(self.waited()).max(self.least().0);
        (whole(at_once), whole(one_by_one))
    }

    fn waited(&self) -> Duration {
        self.waits.iter().sum::<Duration>() / self.side_by_side.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The least with its reason, and about how much at once and one by one, in seconds; for 12,000 requests, four side by side.
    fn check(per_second: Option<u32>, waits: &[u64], expected: (u64, &str, [u64; 2])) {
        let limits = Limits {
            requests_per_second: per_second,
            concurrent: 8,
            mails_per_hour: None,
            body_limit: 1,
            exchange_timeout: Duration::ZERO,
            pauses: Duration::ZERO,
        };
        let waits: Vec<Duration> = waits.iter().copied().map(Duration::from_secs).collect();
        let requests = 12_000;
        let known =
            Known { limits: &limits, requests, answer: ANSWER, waits: &waits, side_by_side: 4 };
        let (least, why) = known.least();
        let (at_once, one_by_one) = known.about();
        let about = [at_once.as_secs(), one_by_one.as_secs()];
        assert_eq!((least.as_secs(), why, about), expected, "{waits:?}");
    }

    #[test]
    fn the_largest_bound_determines_the_least_and_the_answers_the_rest() {
        check(None, &[], (0, "nothing but the portal's own speed", [105, 420]));
        check(None, &[2, 0], (2, "the longest wait", [105, 420]));
        check(None, &[8; 4], (8, "the longest wait", [113, 428]));
        let all = "all waits, as many side by side as there are scenarios";
        check(None, &[8; 40], (80, all, [185, 500]));
        check(Some(5), &[8; 40], (2400, "the requests in a second that are allowed", [2400, 2400]));
    }
}
