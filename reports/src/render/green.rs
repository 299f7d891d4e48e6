//! What a file of a run, or a printed text, says where the run conforms: the words of every rendering,
//! for whoever looks whether anything on a disk is green.

/// Each is enough by itself, since a file may be torn; without white space, which JSON may have or not.
const SIGNS: [&str; 9] = [
    // The record, and the last line of the journal.
    "\"outcome\":\"conforms\"",
    "\"exit_code\":0",
    // `junit.xml`: the run's own suite.
    "name=\"outcome\"value=\"conforms\"",
    // `summary.md`.
    "#Touchstone:conforms",
    // `report.html`: its title, its banner.
    "conforms·Touchstone</title>",
    "class=\"bannerpass\"",
    "class=\"outcome\">conforms<",
    // The last line of what is printed; `summary.md` and `report.html` have it as well.
    "exit0",
    // What `judge` prints.
    "therunconforms",
];

/// Whether bytes of a file or a text of a run, whole or torn, say that the run conforms. A test suite
/// without failures and errors says so to a CI server.
#[must_use]
pub fn says_green(bytes: &[u8]) -> bool {
    let text: String = String::from_utf8_lossy(bytes).split_whitespace().collect();
    SIGNS.iter().any(|sign| text.contains(sign)) || is_green_suite(&text)
}

fn is_green_suite(text: &str) -> bool {
    let Some((_, suites)) = text.split_once("<testsuites") else { return false };
    let head = suites.split('>').next().unwrap_or_default();
    ["failures=\"0\"", "errors=\"0\""].iter().all(|none| head.contains(none))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        folder::to_json,
        journal::Event,
        judge::conclude,
        record::{Outcome, Run, Verdict},
        render::{
            FORMATS, Format, Style, junit, plain_json,
            sample::{run, run_of, tampering},
            terminal,
        },
    };

    /// A run in every form in which it is written or printed.
    fn forms(run: &Run) -> Vec<(&'static str, String)> {
        let ended = Event::Ended {
            outcome: run.outcome,
            exit_code: run.exit_code,
            duration_ms: run.duration_ms,
            note: run.note.clone(),
            traffic: run.traffic,
        };
        let record = String::from_utf8(to_json(run)).unwrap();
        let mut forms = vec![
            ("run.json", record.clone()),
            ("run.json, printed", plain_json(&record)),
            ("run.json, as others write it", serde_json::to_string_pretty(run).unwrap()),
            ("journal.jsonl", serde_json::to_string(&ended).unwrap()),
            ("coloured", terminal::summary(run, Style { colour: true, ..Style::PLAIN })),
            ("in ASCII", terminal::summary(run, Style { ascii: true, ..Style::PLAIN })),
            ("narrow", terminal::summary(run, Style { width: Some(20), ..Style::PLAIN })),
        ];
        let plain = |format: &Format| (format.word, format.render(run, Style::PLAIN));
        forms.extend(FORMATS.iter().map(plain));
        forms
    }

    /// A run of these verdicts, as it is judged.
    fn judged(verdicts: &[Verdict]) -> Run {
        let of = |verdict: &Verdict| {
            let mut one = tampering("registration/origin/foreign", "another site's origin");
            one.verdict = *verdict;
            one
        };
        let mut run = run_of(verdicts.iter().map(of).collect());
        (run.outcome, run.exit_code) = conclude(&run.scenarios, &run.canary, false, None);
        run
    }

    #[test]
    fn a_run_that_conforms_is_green_in_every_form() {
        for verdicts in [&[Verdict::Pass][..], &[Verdict::Pass, Verdict::Warn, Verdict::Skip]] {
            let run = judged(verdicts);
            assert_eq!(run.outcome, Outcome::Conforms);
            for (form, text) in forms(&run) {
                assert!(says_green(text.as_bytes()), "{form}: {text}");
            }
        }
    }

    /// A test server is told by counts alone.
    #[test]
    fn a_suite_without_failures_is_green_without_the_word() {
        let suite = junit::render(&judged(&[Verdict::Pass]));
        let head = suite.lines().nth(1).unwrap();
        assert!(says_green(head.as_bytes()), "{head}");
    }

    #[test]
    fn a_run_of_any_other_word_is_green_in_no_form() {
        let mut others = vec![run()];
        for verdict in Verdict::ALL.iter().filter(|verdict| **verdict != Verdict::Pass) {
            let verdicts: &[Verdict] = match verdict {
                Verdict::Warn => continue,
                Verdict::Skip => &[Verdict::Skip],
                Verdict::Pass
                | Verdict::Fail
                | Verdict::Unsteady
                | Verdict::Inconclusive
                | Verdict::Review
                | Verdict::Error => &[Verdict::Pass, *verdict],
            };
            others.push(judged(verdicts));
        }
        // Ended early, with nothing but passes until then.
        for outcome in Outcome::ALL.iter().filter(|outcome| **outcome != Outcome::Conforms) {
            let mut run = judged(&[Verdict::Pass]);
            (run.outcome, run.exit_code) =
                conclude(&run.scenarios, &run.canary, false, Some(*outcome));
            others.push(run);
        }
        for run in others {
            assert_ne!(run.outcome, Outcome::Conforms);
            for (form, text) in forms(&run) {
                assert!(!says_green(text.as_bytes()), "{} {form}: {text}", run.outcome);
            }
        }
    }

    /// No sign is there that nothing writes.
    #[test]
    fn every_sign_stands_in_something_that_is_written() {
        let forms = forms(&judged(&[Verdict::Pass]));
        for sign in SIGNS.iter().filter(|sign| **sign != "therunconforms") {
            let stands = forms
                .iter()
                .any(|(_, text)| text.split_whitespace().collect::<String>().contains(sign));
            assert!(stands, "{sign}");
        }
    }
}
