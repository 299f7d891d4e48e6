//! What each exit code means, for people; `docs/exit-codes.md` is rendered from here.

use super::{exit_code, outcome::rank};
use crate::record::Outcome;

const HEAD: &str = "# Exit codes

Every command ends with one of these. A pipeline needs nothing else: 0 is the only green one.

| code | word | when | whose it is |
|---|---|---|---|
";

const TAIL: &str = "
Where several hold, one wins: ";

const NOTES: &str = ".

- Output that cannot be written, as on a full disk, ends every command with 3 where it would have ended with 0, 1 or 4. Nothing that was written says that the portal conforms then.
- A reader that goes away (`| head -1`) is no error: the run is finished and keeps its code.
- Whoever interrupts a second time ends the program at once, with 130. `clean` then removes what stays.
- A panic of Touchstone is 3 with a message, never 101: it says nothing of the portal.
- A warning is a finding only with `--strict`. A scenario that is not run counts neither way, and a run of which nothing was concluded is 3.
";

/// When a run ends so, and whose it is.
const fn meaning(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Conforms => ("every must is kept; for other commands: done", "nobody's"),
        Outcome::DoesNotConform => (
            "a must is broken; `defects`: a defect was not caught; `bench --against`: a row became slower",
            "the portal's",
        ),
        Outcome::BadCommand => {
            ("usage, profile, or a filter that matches nothing: nothing was sent", "yours")
        }
        Outcome::NoVerdict => (
            "something could not be concluded, the run did not finish, it could not be written, or a record cannot be compared with this suite",
            "Touchstone's or this machine's; the report says",
        ),
        Outcome::TargetNotReady => (
            "unreachable, the first honest control refused, the portal does not keep names apart, the breaker opened, the adapter ended, or the browser that was asked for is not there or ended",
            "the portal's or the profile's; the message says",
        ),
        Outcome::StoppedForSafety => (
            "a host outside the profile, an effect that is not allowed, production without its yes, no consent, or a secret in a report",
            "a guard's; nothing more was sent",
        ),
        Outcome::EvidenceInvalid => {
            ("a record does not hold, or nothing shows that it is whole", "the record's")
        }
        Outcome::Void => (
            "the self-check at the start failed: a portal that accepts everything was not caught",
            "Touchstone's",
        ),
        Outcome::Interrupted => {
            ("Ctrl-C, SIGTERM, SIGHUP, SIGQUIT or SIGXCPU: what was finished stands", "yours")
        }
    }
}

/// The page about exit codes.
#[must_use]
pub fn manual() -> String {
    let mut page = HEAD.to_owned();
    for outcome in Outcome::ALL {
        let (when, whose) = meaning(*outcome);
        page.push_str(&format!("| {} | {outcome} | {when} | {whose} |\n", exit_code(*outcome)));
    }
    let mut ranked = Outcome::ALL.to_vec();
    ranked.sort_by_key(|outcome| std::cmp::Reverse(rank(*outcome)));
    let codes: Vec<String> =
        ranked.into_iter().map(|outcome| exit_code(outcome).to_string()).collect();
    page + TAIL + &codes.join(" > ") + NOTES
}

#[cfg(test)]
mod tests {
    use super::manual;

    /// The published copy. Write it again with `TOUCHSTONE_WRITE_DOCS=1 cargo test -p reports codes`.
    const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/exit-codes.md");

    #[test]
    fn the_published_codes_are_fresh() {
        if std::env::var_os("TOUCHSTONE_WRITE_DOCS").is_some() {
            std::fs::write(PUBLISHED, manual()).unwrap();
        }
        let published = std::fs::read_to_string(PUBLISHED).unwrap_or_default();
        assert!(published == manual(), "docs/exit-codes.md is stale: set TOUCHSTONE_WRITE_DOCS=1");
    }

    #[test]
    fn each_code_stands_once_and_in_the_order_in_which_they_win() {
        let page = manual();
        for code in ["0", "1", "2", "3", "4", "5", "6", "7", "130"] {
            assert_eq!(page.matches(&format!("\n| {code} | ")).count(), 1, "{code}");
        }
        assert!(page.contains("7 > 5 > 6 > 2 > 130 > 1 > 4 > 3 > 0."), "{page}");
    }
}
