//! Whether a record holds: its form, every digest, every verdict judged again, the numbers at the top,
//! and its agreement with the journal. Needs nothing but the bytes.
//!
//! A digest without a key shows that nothing was changed by accident or by hand. Whoever writes a whole
//! record and its journal anew, as this program does, is not found here.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use crate::{
    evidence::{beside_the_evidence, evidence_digest, record_digest},
    journal::{Closing, Event, Header, Reading, Seen, read, unfinished},
    judge::{conclude, exit_code, judge, outcome_of, self_check, summary, worst},
    record::{Outcome, Run, SCHEMA_VERSION, Scenario, Verdict},
};

/// The one version of the record's form without a seal.
const UNSEALED: &str = "1.0";

/// A record that holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// The record.
    pub run: Run,
    /// How many verdicts were judged again and came out the same.
    pub judged_again: usize,
    /// Whether there was a journal to agree with.
    pub with_journal: bool,
}

/// One thing in a record that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where: a member of the record, or a scenario's id and a member of it.
    pub place: String,
    /// What follows from the rest of the record.
    pub expected: String,
    /// What stands there.
    pub seen: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, saw {}", self.place, self.expected, self.seen)
    }
}

impl std::error::Error for Finding {}

/// Why some bytes are not a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoRecord {
    /// They are not whole: empty, cut, or spoilt.
    Torn(String),
    /// They are whole, and something else.
    Other(Finding),
}

/// Reads a record of this major version. Unknown members are refused.
///
/// # Errors
/// Why it is none.
pub fn parse_run(json: &[u8]) -> Result<Run, NoRecord> {
    use serde_json::error::Category;

    let run: Run = serde_json::from_slice(json).map_err(|error| match error.classify() {
        Category::Eof | Category::Syntax | Category::Io => NoRecord::Torn(error.to_string()),
        Category::Data => {
            NoRecord::Other(finding("run.json", "a record of this program", &error.to_string()))
        }
    })?;
    if major(&run.schema_version) == major(SCHEMA_VERSION) {
        Ok(run)
    } else {
        let readable = format!("{}.x", major(SCHEMA_VERSION));
        Err(NoRecord::Other(finding("schema_version", &readable, &run.schema_version)))
    }
}

/// Verifies a record, against its journal too where there is one. One without a seal does not hold.
///
/// # Errors
/// Everything that does not hold, in the order of the record.
pub fn verify_run(json: &[u8], journal: Option<&[u8]>) -> Result<Verified, Vec<Finding>> {
    let run = parse_run(json).map_err(|error| match error {
        NoRecord::Torn(why) => vec![finding("run.json", "a whole record", &why)],
        NoRecord::Other(finding) => vec![finding],
    })?;
    let mut findings = examine(&run, journal.map(read).as_ref());
    if run.seal.is_none() && run.schema_version == UNSEALED {
        findings.push(finding("seal", "a digest of the whole record", "none"));
    }
    if findings.is_empty() {
        Ok(Verified { judged_again: run.scenarios.len(), run, with_journal: journal.is_some() })
    } else {
        Err(findings)
    }
}

/// Everything in a record that does not hold, in its order. That a record of version 1.0 has no seal
/// is not among it.
#[must_use]
pub fn examine(run: &Run, journal: Option<&Reading>) -> Vec<Finding> {
    let mut findings = Findings::default();
    check_seal(run, &mut findings);
    check_top(run, &mut findings);
    for scenario in &run.scenarios {
        check_scenario(scenario, &mut findings);
    }
    if let Some(journal) = journal {
        check_lines(journal, &mut findings);
        check_journal(run, journal, &mut findings);
    }
    findings.0
}

/// The same for a record that was rebuilt from a journal, where there is nothing else.
#[must_use]
pub fn examine_rebuilt(run: &Run, journal: &Reading) -> Vec<Finding> {
    let mut findings = Findings::default();
    check_top(run, &mut findings);
    for scenario in &run.scenarios {
        check_scenario(scenario, &mut findings);
    }
    check_lines(journal, &mut findings);
    let ended = journal.events.iter().any(|event| matches!(event, Event::Ended { .. }));
    if ended && journal.lost > 0 {
        let lost = format!("{} of them lost", journal.lost);
        findings.add("journal.jsonl", "every line of a run that ended in an orderly way", &lost);
    }
    findings.0
}

/// Whether the scenarios of a record are those that a suite has for its selection, in their order, and
/// say of themselves what they say there. What was seen in them is not looked at.
#[must_use]
pub fn compare_with_suite(run: &Run, suite: &[Scenario]) -> Vec<Finding> {
    let mut findings = Findings::default();
    let recorded: BTreeSet<&str> = run.scenarios.iter().map(|one| one.id.as_str()).collect();
    let planned: BTreeSet<&str> = suite.iter().map(|one| one.id.as_str()).collect();
    for id in planned.difference(&recorded) {
        findings.add(id, "a scenario that the suite has for this selection", "none");
    }
    for id in recorded.difference(&planned) {
        findings.add(id, "no scenario of this id in the selection", "one");
    }
    if !findings.0.is_empty() {
        return findings.0;
    }
    for (seen, says) in run.scenarios.iter().zip(suite) {
        let place = |member: &str| format!("{} {member}", seen.id);
        findings.same("the order of the scenarios", &says.id, &seen.id);
        findings.same(&place("title"), &says.title, &seen.title);
        findings.same(&place("kind"), &says.kind, &seen.kind);
        findings.same(&place("family"), &says.family, &seen.family);
        findings.same(&place("requirement"), &says.requirement, &seen.requirement);
        findings.same(&place("level"), &says.level, &seen.level);
        findings.same(&place("impact"), &says.impact, &seen.impact);
        findings.same(&place("covers"), &says.covers, &seen.covers);
    }
    findings.0
}

fn major(version: &str) -> &str {
    version.split_once('.').map_or(version, |(major, _)| major)
}

fn check_seal(run: &Run, findings: &mut Findings) {
    match &run.seal {
        Some(seal) => findings.same("seal.digest", &record_digest(run), &seal.digest),
        None if run.schema_version == UNSEALED => {}
        None => findings.add("seal", "a digest of the whole record", "none"),
    }
}

fn check_top(run: &Run, findings: &mut Findings) {
    let canary = self_check(run.canary.tried.clone());
    findings.same("canary.caught", &canary.caught, &run.canary.caught);
    findings.same("summary", &summary(&run.scenarios), &run.summary);
    findings.same("exit_code", &exit_code(run.outcome), &run.exit_code);
    let mut ids = BTreeMap::new();
    for scenario in &run.scenarios {
        *ids.entry(scenario.id.as_str()).or_insert(0_u32) += 1;
    }
    for (id, times) in ids.into_iter().filter(|(_, times)| *times > 1) {
        findings.add(id, "one scenario of this id", &format!("{times}"));
    }
    check_outcome(run, findings);
}

/// The outcome follows from the scenarios, unless the run as a whole ended early: then it must be a
/// word for that, win over what was seen, and come with a note.
fn check_outcome(run: &Run, findings: &mut Findings) {
    let seen = outcome_of(&run.scenarios, &run.canary, run.strict);
    if seen == run.outcome {
        return;
    }
    let ended_early = match run.outcome {
        Outcome::NoVerdict
        | Outcome::TargetNotReady
        | Outcome::StoppedForSafety
        | Outcome::Interrupted => true,
        Outcome::Conforms
        | Outcome::DoesNotConform
        | Outcome::BadCommand
        | Outcome::EvidenceInvalid
        | Outcome::Void => false,
    };
    if !(ended_early && run.note.is_some() && worst(seen, run.outcome) == run.outcome) {
        findings.same("outcome", &seen, &run.outcome);
    }
}

fn check_scenario(scenario: &Scenario, findings: &mut Findings) {
    let place = |member: &str| format!("{} {member}", scenario.id);
    let judged = judge(scenario);
    findings.same(&place("evidence_digest"), &evidence_digest(scenario), &scenario.evidence_digest);
    findings.same(&place("verdict"), &judged.verdict, &scenario.verdict);
    findings.same(&place("grade"), &judged.grade, &scenario.grade);
    findings.same(&place("symptom"), &judged.symptom, &scenario.symptom);
    findings.same(&place("fault"), &judged.fault, &scenario.fault);
    findings.same(&place("because"), &judged.because, &scenario.because);
    if scenario.left_out.is_some() && (judged.verdict != Verdict::Pass || judged.symptom.is_some())
    {
        findings.add(&place("left_out"), "all steps of what is more than a pass", "some left out");
    }
}

/// What a journal is by itself: its chain, and an order of events that a run can have.
fn check_lines(journal: &Reading, findings: &mut Findings) {
    for fault in &journal.faults {
        let place = format!("line {} of journal.jsonl", fault.line);
        findings.add(&place, "a line of this journal, as it was written", &fault.what);
    }
    let mut open: BTreeSet<&str> = BTreeSet::new();
    let last = journal.events.len().saturating_sub(1);
    for (at, event) in journal.events.iter().enumerate() {
        let (expected, seen) = match event {
            Event::Started { planned, .. } if at == 0 => {
                open = planned.iter().map(|scenario| scenario.id.as_str()).collect();
                continue;
            }
            Event::Ended { .. } if at == last && !journal.torn => continue,
            Event::ScenarioDone { scenario } if open.remove(scenario.id.as_str()) => continue,
            Event::ScenarioStarted { .. } | Event::CanaryDone { .. } | Event::CleanedUp { .. } => {
                continue;
            }
            Event::Started { .. } => ("one start of a run", "another".to_owned()),
            Event::Ended { .. } => ("nothing after the end of a run", "more".to_owned()),
            Event::ScenarioDone { scenario } => {
                ("every scenario of the plan once", format!("{} besides", scenario.id))
            }
        };
        findings.add("journal.jsonl", expected, &seen);
    }
}

/// Whether a record and its journal say the same.
fn check_journal(run: &Run, journal: &Reading, findings: &mut Findings) {
    let to_its_end = run.seal.as_ref().is_none_or(|seal| seal.journal.is_some());
    if journal.lost > 0 || (journal.torn && to_its_end) {
        let seen = format!("{} lines lost, and half a line: {}", journal.lost, journal.torn);
        findings.add("journal.jsonl", "every line", &seen);
    }
    if journal.events.is_empty() && !to_its_end {
        // There was no room for it.
        return check_ending(run, None, findings);
    }
    let Some((Event::Started { header, planned }, rest)) = journal.events.split_first() else {
        return findings.add("journal.jsonl", "the start of a run", "something else");
    };
    check_header(run, header, findings);
    let seen = Seen::of(rest);
    let planned_ids: Vec<_> = planned.iter().map(|scenario| scenario.id.as_str()).collect();
    let ids: Vec<_> = run.scenarios.iter().map(|scenario| scenario.id.as_str()).collect();
    findings.same("scenarios", &planned_ids, &ids);
    if let Some(seal) = &run.seal {
        findings.same("journal.jsonl chain", &true, &journal.chained);
        // Where it could not be written to its end, it says less, and the run has no verdict.
        if to_its_end {
            findings.same("seal.journal", &journal.head, &seal.journal);
        }
    }
    if to_its_end {
        findings.same("canary", &seen.canary, &run.canary);
        findings.same("cleanup", &seen.cleanup, &run.cleanup);
    }
    check_ending(run, seen.ended.as_ref(), findings);
    for (scenario, planned) in run.scenarios.iter().zip(planned) {
        match seen.done.get(&scenario.id) {
            Some(done) => check_against_journal(scenario, done, findings),
            None if to_its_end => check_against_journal(scenario, &unfinished(planned), findings),
            None => {}
        }
    }
}

fn check_header(run: &Run, header: &Header, findings: &mut Findings) {
    let Header { schema_version, seed, suite, profile, target, started, filters, strict, guards } =
        header;
    findings.same("schema_version", schema_version, &run.schema_version);
    findings.same("seed", seed, &run.seed);
    findings.same("suite", suite, &run.suite);
    findings.same("profile", profile, &run.profile);
    findings.same("target", target, &run.target);
    findings.same("started", started, &run.started);
    findings.same("filters", filters, &run.filters);
    findings.same("strict", strict, &run.strict);
    findings.same("guards", guards, &run.guards);
}

fn check_ending(run: &Run, ended: Option<&Closing>, findings: &mut Findings) {
    if let Some(ended) = ended {
        findings.same("outcome", &ended.outcome, &run.outcome);
        findings.same("exit_code", &ended.exit_code, &run.exit_code);
        findings.same("duration_ms", &ended.duration_ms, &run.duration_ms);
        findings.same("note", &ended.note, &run.note);
        findings.same("traffic", &ended.traffic, &run.traffic);
    } else {
        let (least, _) =
            conclude(&run.scenarios, &run.canary, run.strict, Some(Outcome::NoVerdict));
        findings.same("outcome", &least, &run.outcome);
    }
}

/// The journal may hold outlines; that its evidence is that of its digest, its reader has found.
fn check_against_journal(scenario: &Scenario, journal: &Scenario, findings: &mut Findings) {
    let same = beside_the_evidence(scenario) == beside_the_evidence(journal)
        && evidence_digest(scenario) == journal.evidence_digest;
    if !same {
        findings.add(&scenario.id, "the scenario as the journal has it", "another");
    }
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn same<T: PartialEq + fmt::Debug>(&mut self, place: &str, expected: &T, seen: &T) {
        if expected != seen {
            self.add(place, &format!("{expected:?}"), &format!("{seen:?}"));
        }
    }

    fn add(&mut self, place: &str, expected: &str, seen: &str) {
        self.0.push(finding(place, expected, seen));
    }
}

fn finding(place: &str, expected: &str, seen: &str) -> Finding {
    Finding { place: place.to_owned(), expected: expected.to_owned(), seen: seen.to_owned() }
}

#[cfg(test)]
mod tests;
