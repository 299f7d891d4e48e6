//! The digest over what the judge reads of a scenario, the sealing of a scenario with its verdict and
//! that digest, and the digest over everything else of a record. Without a key: whoever knows how can
//! make them for a record that he wrote himself.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    judge::judge,
    record::{Run, Scenario, Seal},
};

/// `sha256:…` over the canonical JSON (sorted members, no white space) of what the judge reads and of
/// the steps behind it.
#[must_use]
pub fn evidence_digest(scenario: &Scenario) -> String {
    let mut evidence = json!({
        "id": scenario.id,
        "kind": scenario.kind,
        "level": scenario.level,
        "requirement": scenario.requirement.id,
        "control": scenario.control,
        "state": scenario.state,
        "answer": scenario.answer,
        "told": scenario.told,
        "not_judged": scenario.not_judged,
        "steps": scenario.steps,
    });
    // Only where there is one, so that older records keep their digests.
    if let Value::Object(members) = &mut evidence {
        let not_kept = [
            ("left_out", scenario.left_out.as_ref().map(|left_out| json!(left_out))),
            ("cut", scenario.cut.as_ref().map(|cut| json!(cut))),
        ];
        for (name, value) in not_kept {
            members.extend(value.map(|value| (name.to_owned(), value)));
        }
    }
    let mut canonical = String::new();
    write_canonical(&evidence, &mut canonical);
    sha256(canonical.as_bytes())
}

/// `sha256:…` over the canonical JSON of everything in a record but the digest itself: of what stands
/// at the top, and of each scenario in its order what its own digest does not cover, and that digest.
#[must_use]
pub fn record_digest(run: &Run) -> String {
    // Member by member: a new one does not compile before it stands here.
    let Run {
        schema_version,
        outcome,
        exit_code,
        seed,
        suite,
        profile,
        target,
        started,
        duration_ms,
        canary,
        summary,
        filters,
        strict,
        guards,
        traffic,
        note,
        cleanup,
        scenarios,
        seal,
    } = run;
    let journal = seal.as_ref().and_then(|seal| seal.journal.as_ref());
    let top = json!({
        "schema_version": schema_version,
        "outcome": outcome,
        "exit_code": exit_code,
        "seed": seed,
        "suite": suite,
        "profile": profile,
        "target": target,
        "started": started,
        "duration_ms": duration_ms,
        "canary": canary,
        "summary": summary,
        "filters": filters,
        "strict": strict,
        "guards": guards,
        "traffic": traffic,
        "note": note,
        "cleanup": cleanup,
        "scenarios": scenarios.iter().map(beside_the_evidence).collect::<Vec<_>>(),
        "journal": journal,
    });
    let mut canonical = String::new();
    write_canonical(&top, &mut canonical);
    sha256(canonical.as_bytes())
}

/// What [`evidence_digest`] does not cover of a scenario, and that digest.
pub(crate) fn beside_the_evidence(scenario: &Scenario) -> Value {
    let Scenario {
        id,
        title,
        kind: _,
        family,
        requirement,
        level: _,
        impact,
        covers,
        verdict,
        grade,
        symptom,
        fault,
        because,
        duration_ms,
        control: _,
        state: _,
        answer: _,
        told: _,
        not_judged: _,
        steps: _,
        left_out: _,
        cut: _,
        again,
        evidence_digest,
    } = scenario;
    json!({
        "id": id,
        "title": title,
        "family": family,
        "requirement": requirement,
        "impact": impact,
        "covers": covers,
        "verdict": verdict,
        "grade": grade,
        "symptom": symptom,
        "fault": fault,
        "because": because,
        "duration_ms": duration_ms,
        "again": again,
        "evidence_digest": evidence_digest,
    })
}

/// Seals a record, with the chain of its journal where that was written to the end.
pub fn seal_run(run: &mut Run, journal: Option<String>) {
    run.seal = Some(Seal { journal, digest: String::new() });
    let digest = record_digest(run);
    if let Some(seal) = &mut run.seal {
        seal.digest = digest;
    }
}

/// `sha256:` and the lower-case hexadecimal SHA-256 of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// `sha256:` and a digest in lower-case hexadecimal.
pub(crate) fn hexadecimal(digest: &[u8]) -> String {
    use std::fmt::Write as _;

    let mut text = String::from("sha256:");
    for byte in digest {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Fills in everything that follows from the evidence: verdict, grade, symptom, fault, reason and
/// digest.
pub fn seal(scenario: &mut Scenario) {
    let judgement = judge(scenario);
    scenario.verdict = judgement.verdict;
    scenario.grade = judgement.grade;
    scenario.symptom = judgement.symptom;
    scenario.fault = judgement.fault;
    scenario.because = judgement.because;
    scenario.evidence_digest = evidence_digest(scenario);
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&value.to_string())
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| name.as_str());
            out.push('{');
            for (index, (name, value)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write_canonical(value, out);
            }
            out.push('}');
        }
    }
}

#[cfg(test)]
mod tests;
