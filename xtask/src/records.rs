//! `report` and `judge`: from the record of a run, offline.

use std::collections::BTreeSet;

use harness::{plan, runner::described};
use reports::{
    folder::{self, FolderError, Opened},
    judge::worst,
    record::{Outcome, Run, Step},
    redact,
    render::{clip, plain},
    verify::{Finding, compare_with_suite},
};

use crate::{
    cli::{JudgeArgs, ReportArgs},
    say,
    stop::Stop,
    suite,
};

/// How many findings are told one by one.
const TOLD: usize = 12;

/// What was found out about a record.
struct Examined {
    opened: Opened,
    /// Whether its plan was compared with the suite; one of another suite cannot be.
    compared: bool,
}

/// Renders a record again. Ends with the record's own word where it holds.
pub(crate) fn report(args: &ReportArgs) -> anyhow::Result<Outcome> {
    let examined = Examined::of(&args.dir)?;
    say::document(&args.format.render(&examined.opened.run, *say::OUTPUT));
    // Rendered all the same, so that a person can look; but not with a word that does not hold.
    examined.say_remarks();
    examined.holds()?;
    Ok(examined.word())
}

/// Judges a record again; ends with the record's own word where it holds and is shown to be whole.
pub(crate) fn judge(args: &JudgeArgs) -> anyhow::Result<Outcome> {
    let examined = Examined::of(&args.dir)?;
    examined.say_remarks();
    examined.holds()?;
    let Examined { opened, compared } = &examined;
    if !opened.sealed {
        return Err(invalid("it has no digest of the whole, so nothing shows that it is whole"));
    }
    let scenarios = opened.run.scenarios.len();
    if args.json {
        let machine = serde_json::json!({
            "valid": true,
            "scenarios": scenarios,
            "complete": compared,
            "journal": opened.with_journal,
            "outcome": examined.word(),
        });
        say::machine(&format!("{machine:#}\n"));
    } else {
        say::lines(&in_words(&examined));
    }
    Ok(examined.word())
}

fn in_words(examined: &Examined) -> String {
    let Examined { opened, compared } = examined;
    let scenarios = opened.run.scenarios.len();
    let plan = if *compared {
        "every scenario that the suite has for its selection is there"
    } else {
        "not checked: the record is of another suite, and so there is no verdict"
    };
    let journal =
        if opened.with_journal { "holds" } else { "not there; the record holds by itself" };
    format!(
        "  judged again   {scenarios} of {scenarios} verdicts come out the same; the run {}\n  plan           {plan}\n  journal        {journal}\n",
        examined.word()
    )
}

impl Examined {
    fn of(dir: &std::path::Path) -> anyhow::Result<Self> {
        let mut opened = folder::open(dir).map_err(|error| unreadable(&error))?;
        shows_no_secret(&opened.run)?;
        let ours = suite::about()?;
        let compared = opened.sealed && opened.run.suite.digest == ours.digest;
        if compared {
            opened.findings.extend(against_the_suite(&opened.run));
        }
        let theirs = &opened.run.suite;
        if theirs.version != ours.version || theirs.digest != ours.digest {
            let unchecked =
                if compared { "" } else { ": whether its plan is complete was not checked" };
            opened.remarks.push(format!(
                "the record was made by version {} with the suite {}, this is version {} with the suite {}{unchecked}",
                theirs.version, theirs.digest, ours.version, ours.digest
            ));
        }
        Ok(Self { opened, compared })
    }

    /// The record's own word; never green where it could not be compared with the suite.
    fn word(&self) -> Outcome {
        let least = if self.compared { Outcome::Conforms } else { Outcome::NoVerdict };
        worst(self.opened.run.outcome, least)
    }

    fn holds(&self) -> anyhow::Result<()> {
        let findings = &self.opened.findings;
        if findings.is_empty() {
            return Ok(());
        }
        let mut told: Vec<String> = findings
            .iter()
            .take(TOLD)
            .map(|finding| clip(&plain(&finding.to_string()), 400).into_owned())
            .collect();
        if findings.len() > TOLD {
            told.push(format!("and {} more", findings.len() - TOLD));
        }
        Err(invalid(&told.join("; ")))
    }

    fn say_remarks(&self) {
        for remark in &self.opened.remarks {
            say::tell(&format!("touchstone: {remark}"));
        }
    }
}

/// What the suite of this program has for the selection of a record, and the record has not.
fn against_the_suite(run: &Run) -> Vec<Finding> {
    match plan::select(&suite::requirements(), &run.filters) {
        Ok(selected) => {
            let selected: Vec<_> = selected.iter().map(described).collect();
            let mut findings = compare_with_suite(run, &selected);
            findings.extend(another_self_check(run));
            findings
        }
        Err(error) => vec![Finding {
            place: "filters".into(),
            expected: "a selection of the suite".into(),
            seen: error.to_string(),
        }],
    }
}

/// A self-check with other scenarios than those that the suite has for it. One that was not made is no
/// finding: without it no run is green.
fn another_self_check(run: &Run) -> Option<Finding> {
    let ours: BTreeSet<&str> = scenarios::CANARIES.iter().copied().collect();
    let theirs: BTreeSet<&str> = run.canary.tried.keys().map(String::as_str).collect();
    (!theirs.is_empty() && ours != theirs).then(|| Finding {
        place: "canary.tried".into(),
        expected: format!("{ours:?}"),
        seen: format!("{theirs:?}"),
    })
}

/// Searches a record for secrets once more, by where they stand: what was withheld once is not shown
/// because somebody put it back, or because another program wrote the record.
fn shows_no_secret(run: &Run) -> anyhow::Result<()> {
    let found = run.scenarios.iter().find_map(|scenario| {
        let exchanges = scenario.steps.iter().enumerate().filter_map(|(at, step)| match step {
            Step::Exchange(exchange) => Some((at, exchange)),
            Step::Act { .. } | Step::Ceremony(_) | Step::Expectation { .. } | Step::Wait { .. } => {
                None
            }
        });
        let mut members =
            exchanges.filter_map(|(at, exchange)| Some((at, redact::in_clear(exchange)?)));
        members.next().map(|(at, member)| (&scenario.id, at, member))
    });
    let Some((id, at, member)) = found else {
        return Ok(());
    };
    let place = clip(&plain(&format!("scenarios.{id}.steps[{at}].{member}")), 200).into_owned();
    Err(Stop::with(
        Outcome::StoppedForSafety,
        format!(
            "record: {place} holds a secret in clear, and nothing is shown; delete the record, and make the secret worthless"
        ),
    ))
}

fn invalid(why: &str) -> anyhow::Error {
    Stop::with(Outcome::EvidenceInvalid, format!("record: the record does not hold: {why}"))
}

fn unreadable(error: &FolderError) -> anyhow::Error {
    let outcome = match error {
        FolderError::Empty(_) | FolderError::Unreadable(_) => Outcome::BadCommand,
        FolderError::NothingBegun(_) => Outcome::NoVerdict,
        FolderError::Form(_) | FolderError::Torn(_) | FolderError::Journal(_) => {
            Outcome::EvidenceInvalid
        }
    };
    Stop::with(
        outcome,
        format!(
            "record: {error}; give the directory of a run, as in {}/latest",
            crate::folder::runs()
        ),
    )
}
