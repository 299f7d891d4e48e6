//! `junit.xml`: a suite a family, a case a scenario.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite, XmlString};

use super::{account, families, plain};
use crate::record::{NotJudged, Run, Scenario, Verdict};

/// Renders.
#[must_use]
pub fn render(run: &Run) -> String {
    let mut report = Report::new(format!("touchstone {}", run.profile.name));
    for (family, _) in families(run) {
        let mut suite = TestSuite::new(family);
        for scenario in run.scenarios.iter().filter(|scenario| scenario.family == family) {
            suite.add_test_case(case(scenario));
        }
        report.add_test_suite(suite);
    }
    // Writing to a string does not fail.
    report.to_string().unwrap_or_default()
}

fn case(scenario: &Scenario) -> TestCase {
    let mut case = TestCase::new(scenario.id.as_str(), status(scenario));
    case.set_classname(scenario.family.as_str());
    case.set_time(Duration::from_millis(scenario.duration_ms));
    if scenario.verdict == Verdict::Warn {
        case.set_system_out(XmlString::new(format!("warning: {}", plain(&scenario.because))));
    }
    case
}

fn status(scenario: &Scenario) -> TestCaseStatus {
    let failed = |kind: NonSuccessKind, kind_of: &str| {
        let mut status = TestCaseStatus::non_success(kind);
        let account = account(scenario);
        status.set_type(kind_of);
        status.set_message(plain(&scenario.because));
        status.set_description(plain(&format!(
            "expected: {}; seen: {}; again: {}",
            account.expected, account.seen, scenario.again
        )));
        status
    };
    let skipped = |reason: &str| {
        let mut status = TestCaseStatus::skipped();
        status.set_message(plain(reason));
        status
    };
    match scenario.verdict {
        Verdict::Pass | Verdict::Warn => TestCaseStatus::success(),
        Verdict::Fail | Verdict::Unsteady => {
            failed(NonSuccessKind::Failure, &scenario.requirement.id)
        }
        Verdict::Inconclusive => failed(NonSuccessKind::Error, "inconclusive"),
        Verdict::Error => {
            failed(NonSuccessKind::Error, scenario.fault.map_or("kit", crate::record::Fault::word))
        }
        Verdict::Review => skipped("a person must look"),
        Verdict::Skip => match &scenario.not_judged {
            Some(NotJudged::Skipped { reason, .. }) => skipped(reason),
            Some(NotJudged::Broken { .. } | NotJudged::Unfinished) | None => {
                skipped(&scenario.because)
            }
        },
    }
}
