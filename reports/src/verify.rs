//! Whether a record holds: its form, every digest, every verdict judged again, the numbers at the top,
//! and its agreement with the journal. Needs nothing but the bytes.

use std::{collections::BTreeMap, fmt};

use crate::{
    evidence::evidence_digest,
    journal::{Closing, Event, Seen, read},
    judge::{conclude, exit_code, judge, outcome_of, self_check, summary, worst},
    record::{NotJudged, Outcome, Run, SCHEMA_VERSION, Scenario},
};

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

/// Reads a record of this major version. Unknown members are refused.
///
/// # Errors
/// The one finding about its form.
pub fn parse_run(json: &[u8]) -> Result<Run, Finding> {
    let run: Run = serde_json::from_slice(json).map_err(|error| Finding {
        place: "run.json".into(),
        expected: "a record of this program".into(),
        seen: error.to_string(),
    })?;
    if major(&run.schema_version) == major(SCHEMA_VERSION) {
        Ok(run)
    } else {
        Err(Finding {
            place: "schema_version".into(),
            expected: format!("{}.x", major(SCHEMA_VERSION)),
            seen: run.schema_version,
        })
    }
}

/// Verifies a record, against its journal too where there is one.
///
/// # Errors
/// Everything that does not hold, in the order of the record.
pub fn verify_run(json: &[u8], journal: Option<&[u8]>) -> Result<Verified, Vec<Finding>> {
    let run = parse_run(json).map_err(|finding| vec![finding])?;
    let mut findings = Findings::default();
    check_top(&run, &mut findings);
    for scenario in &run.scenarios {
        check_scenario(scenario, &mut findings);
    }
    if let Some(journal) = journal {
        check_journal(&run, journal, &mut findings);
    }
    if findings.0.is_empty() {
        Ok(Verified { judged_again: run.scenarios.len(), run, with_journal: journal.is_some() })
    } else {
        Err(findings.0)
    }
}

fn major(version: &str) -> &str {
    version.split_once('.').map_or(version, |(major, _)| major)
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
}

fn check_journal(run: &Run, journal: &[u8], findings: &mut Findings) {
    let events = match read(journal) {
        Ok(events) => events,
        Err(error) => return findings.add("journal.jsonl", "a journal", &error.to_string()),
    };
    let Some((Event::Started { header, planned }, rest)) = events.split_first() else {
        return findings.add("journal.jsonl", "the start of a run", "something else");
    };
    findings.same("schema_version", &header.schema_version, &run.schema_version);
    findings.same("seed", &header.seed, &run.seed);
    findings.same("suite", &header.suite, &run.suite);
    findings.same("profile", &header.profile, &run.profile);
    findings.same("target", &header.target, &run.target);
    findings.same("started", &header.started, &run.started);
    findings.same("strict", &header.strict, &run.strict);
    findings.same("guards", &header.guards, &run.guards);

    let seen = Seen::of(rest);
    findings.same("canary", &seen.canary, &run.canary);
    findings.same("cleanup", &seen.cleanup, &run.cleanup);
    check_ending(run, seen.ended.as_ref(), findings);
    let planned_ids: Vec<_> = planned.iter().map(|scenario| scenario.id.as_str()).collect();
    let ids: Vec<_> = run.scenarios.iter().map(|scenario| scenario.id.as_str()).collect();
    findings.same("scenarios", &planned_ids, &ids);
    for scenario in &run.scenarios {
        check_against_journal(scenario, seen.done.get(&scenario.id), findings);
    }
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

fn check_against_journal(scenario: &Scenario, done: Option<&Scenario>, findings: &mut Findings) {
    match (done, &scenario.not_judged) {
        (Some(done), _) if done == scenario => {}
        (Some(_), _) => findings.add(&scenario.id, "the scenario as the journal has it", "another"),
        (None, Some(NotJudged::Skipped { .. } | NotJudged::Unfinished)) => {}
        (None, Some(NotJudged::Broken { .. }) | None) => {
            findings.add(
                &scenario.id,
                "a scenario that the journal has finished",
                "one that it has not",
            );
        }
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
        self.0.push(Finding {
            place: place.to_owned(),
            expected: expected.to_owned(),
            seen: seen.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests;
