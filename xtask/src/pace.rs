//! How long a portal takes for an answer, as the doctor measured it last: kept for `plan`, which sends
//! nothing and so cannot measure.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use reports::{evidence::sha256, input, record::Traffic};
use serde::{Deserialize, Serialize};

use crate::{files, folder};

/// No portal takes longer for an answer on average: its breaker would open long before.
const LONGEST_MS: u64 = 60 * 60 * 1000;

/// What a portal was found to need for an answer, on average.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pace {
    /// The portal's own address.
    base: String,
    pub(crate) answer_ms: u64,
    /// How many answers that is the average of.
    pub(crate) answers: u64,
    /// When it was measured, RFC 3339.
    pub(crate) measured: String,
}

impl Pace {
    /// What the traffic with a portal shows; nothing where nothing was sent.
    pub(crate) fn of(base: &str, traffic: Traffic) -> Option<Self> {
        let answer_ms = traffic.answering_ms.checked_div(traffic.requests)?.max(1);
        let measured = folder::now();
        Some(Self { base: base.to_owned(), answer_ms, answers: traffic.requests, measured })
    }

    /// Keeps it among the runs, in the place of an older one of the same portal.
    pub(crate) fn keep(&self, runs: &Path) -> io::Result<()> {
        fs::create_dir_all(runs)?;
        let line = format!("{}\n", serde_json::to_string(self)?);
        files::replace(&file(runs, &self.base), line.as_bytes())
    }

    /// What was measured last of a portal. A file that says anything else is none.
    pub(crate) fn last(runs: &Path, base: &str) -> Option<Self> {
        let bytes = input::MEASUREMENT.read(&file(runs, base)).ok()?;
        let pace: Self = serde_json::from_slice(&bytes).ok()?;
        (pace.base == base && (1..=LONGEST_MS).contains(&pace.answer_ms)).then_some(pace)
    }
}

fn file(runs: &Path, base: &str) -> PathBuf {
    runs.join(format!("answers-{}.json", sha256(base.as_bytes()).replace(':', "-")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://login.example";

    fn traffic(requests: u64, answering_ms: u64) -> Traffic {
        Traffic { requests, answering_ms, ..Traffic::default() }
    }

    #[test]
    fn the_newest_measurement_of_the_same_portal_is_found_again() {
        let room = tempfile::tempdir().expect("a folder");
        assert_eq!(Pace::last(room.path(), BASE), None);
        assert_eq!(Pace::of(BASE, traffic(0, 0)), None);
        for (answering_ms, answer_ms) in [(4_200, 42), (10, 1)] {
            let pace = Pace::of(BASE, traffic(100, answering_ms)).expect("measured");
            assert_eq!((pace.answer_ms, pace.answers), (answer_ms, 100));
            pace.keep(room.path()).expect("kept");
            assert_eq!(Pace::last(room.path(), BASE), Some(pace));
        }
        assert_eq!(Pace::last(room.path(), "https://login.example:8443"), None);
    }

    #[test]
    fn a_file_that_is_no_measurement_of_this_portal_is_none() {
        let room = tempfile::tempdir().expect("a folder");
        let pace = Pace::of(BASE, traffic(100, 4_200)).expect("measured");
        pace.keep(room.path()).expect("kept");
        let kept = fs::read_to_string(file(room.path(), BASE)).expect("read");
        for (from, to) in [
            ("42", "0"),
            ("42", "18446744073709551615"),
            (".example", ".test"),
            ("answers", "more"),
            ("}", ""),
        ] {
            let other = kept.replacen(from, to, 1);
            assert_ne!(other, kept);
            fs::write(file(room.path(), BASE), other).expect("written");
            assert_eq!(Pace::last(room.path(), BASE), None, "{from}");
        }
    }
}
