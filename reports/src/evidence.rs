//! The digest over what the judge reads of a scenario, and the sealing of a scenario with its verdict
//! and that digest.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{judge::judge, record::Scenario};

/// `sha256:…` over the canonical JSON (sorted members, no white space) of what the judge reads and of
/// the steps behind it.
#[must_use]
pub fn evidence_digest(scenario: &Scenario) -> String {
    let evidence = json!({
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
    let mut canonical = String::new();
    write_canonical(&evidence, &mut canonical);
    sha256(canonical.as_bytes())
}

/// `sha256:` and the lower-case hexadecimal SHA-256 of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    let mut text = String::from("sha256:");
    for byte in Sha256::digest(bytes) {
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
