//! `junit.xml`: what CI servers read. One suite a family, one case a scenario, and a suite for the run
//! itself, so that a run that measured nothing or ended early is never green.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{
    plain::plain,
    style::Style,
    tally::{self, Family},
    terminal,
};
use crate::{
    judge::{self, Counts},
    record::{Outcome, Run, Scenario, Verdict},
};

/// Name of the suite that stands for the run as a whole.
const RUN: &str = "run";

/// The run as JUnit XML.
#[must_use]
pub fn render(run: &Run) -> String {
    let mut report = Report::new("touchstone");
    report.set_time(Duration::from_millis(run.duration_ms));
    report.add_test_suite(whole(run));
    report.add_test_suites(tally::families(run).iter().map(|family| suite(family, run.strict)));
    // Written to memory from strings that hold only characters of XML: there is nothing to fail.
    report.to_string().unwrap_or_default()
}

fn suite(family: &Family<'_>, strict: bool) -> TestSuite {
    let mut suite = TestSuite::new(plain(family.name));
    let times = family.scenarios.iter().map(|scenario| scenario.duration_ms);
    // Whatever a record says, a sum of it is no reason to break off.
    let total = times.fold(0, u64::saturating_add);
    suite.set_time(Duration::from_millis(total));
    suite.add_test_cases(family.scenarios.iter().map(|scenario| case(scenario, strict)));
    suite
}

fn case(scenario: &Scenario, strict: bool) -> TestCase {
    let mut case = TestCase::new(plain(&scenario.id), status(scenario, strict));
    case.set_classname(plain(&scenario.family));
    case.set_time(Duration::from_millis(scenario.duration_ms));
    if scenario.verdict == Verdict::Warn && !strict {
        case.set_system_out(terminal::failure(scenario, Style::PLAIN));
    }
    case
}

/// With `strict` a warning is a finding, here as in the outcome.
fn status(scenario: &Scenario, strict: bool) -> TestCaseStatus {
    let because = plain(&scenario.because);
    let told = || terminal::failure(scenario, Style::PLAIN);
    match scenario.verdict {
        Verdict::Warn if !strict => TestCaseStatus::success(),
        Verdict::Pass => TestCaseStatus::success(),
        Verdict::Fail | Verdict::Warn => {
            broken(NonSuccessKind::Failure, &plain(&scenario.requirement.id), because, Some(told()))
        }
        Verdict::Inconclusive | Verdict::Unsteady => {
            broken(NonSuccessKind::Error, "inconclusive", because, Some(told()))
        }
        Verdict::Error => broken(NonSuccessKind::Error, "fault", because, Some(told())),
        Verdict::Skip => skipped(because),
        Verdict::Review => skipped(format!("a person must look: {because}")),
    }
}

fn broken(kind: NonSuccessKind, ty: &str, message: String, told: Option<String>) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(ty).set_message(message);
    if let Some(told) = told {
        status.set_description(told);
    }
    status
}

fn skipped(message: String) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(message);
    status
}

/// The run as a whole: its self-check, and its outcome where no scenario shows it.
fn whole(run: &Run) -> TestSuite {
    let mut suite = TestSuite::new(RUN);
    let facts = [
        ("outcome", run.outcome.word()),
        ("seed", &run.seed),
        ("profile", &run.profile.name),
        ("profile-digest", &run.profile.digest),
        ("suite-version", &run.suite.version),
        ("suite-digest", &run.suite.digest),
        ("started", &run.started),
    ];
    suite.add_properties(facts.map(|(name, value)| (name.to_owned(), plain(value))));
    let check = if tally::caught(run) {
        TestCaseStatus::success()
    } else {
        broken(NonSuccessKind::Error, Outcome::Void.word(), tally::canary(run), None)
    };
    for (name, status) in [("canary", check), ("outcome", outcome(run))] {
        let mut case = TestCase::new(name, status);
        case.set_classname(RUN).set_time(Duration::ZERO);
        suite.add_test_case(case);
    }
    suite
}

fn outcome(run: &Run) -> TestCaseStatus {
    let counted = |wanted: Counts| {
        run.scenarios.iter().any(|scenario| judge::counts(scenario.verdict) == wanted)
    };
    let shown = match run.outcome {
        Outcome::Conforms => true,
        Outcome::DoesNotConform => {
            counted(Counts::Finding) || (run.strict && counted(Counts::Warning))
        }
        Outcome::NoVerdict => {
            // A review is a skip in this format, so that it does not show.
            run.scenarios.iter().any(|scenario| {
                judge::counts(scenario.verdict) == Counts::Open
                    && scenario.verdict != Verdict::Review
            })
        }
        Outcome::BadCommand
        | Outcome::TargetNotReady
        | Outcome::StoppedForSafety
        | Outcome::EvidenceInvalid
        | Outcome::Void
        | Outcome::Interrupted => false,
    };
    if shown {
        return TestCaseStatus::success();
    }
    let message = match &run.note {
        Some(note) => format!("{}: {}", tally::outcome(run), plain(note)),
        None => tally::outcome(run),
    };
    broken(NonSuccessKind::Error, run.outcome.word(), message, None)
}
