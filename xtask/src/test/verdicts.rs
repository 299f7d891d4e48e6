//! What a run on a real portal must have come to: it tried what it was told to try, concluded all of
//! it, and found what is known of the portal and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::ensure;
use serde_json::Value;

use super::known::{Known, Word, same};

/// Whether the scenarios of a record are those that were to be tried, each concluded, and show what is
/// known of the portal as it ships. Everything that is listed for it is among them.
pub(super) fn of_portal(
    known: &Known,
    tried: &BTreeSet<String>,
    scenarios: &[Value],
) -> anyhow::Result<()> {
    same("what the run tried", &ids(scenarios), tried)?;
    for scenario in scenarios {
        let (id, verdict) = (word(scenario, "id"), word(scenario, "verdict"));
        let because = word(scenario, "because");
        ensure!(["pass", "fail", "warn", "skip"].contains(&verdict), "{id}: {verdict}: {because}");
        // What the portal is not able to is left out, and nothing else.
        let rule = &scenario["not_judged"]["rule"];
        ensure!(rule.is_null() || rule == "not-applicable", "{id}: left out: {because}");
    }
    let skipped = scenarios.iter().filter(|one| word(one, "verdict") == "skip");
    known.leaves_out(&skipped.map(|one| word(one, "id").to_owned()).collect())?;
    known.agrees(&findings(scenarios))
}

/// Whether the scenarios of a record are those that were to be tried, and show what the twin breaks and
/// nothing else that is new.
pub(super) fn of_twin(
    known: &Known,
    tried: &BTreeSet<String>,
    scenarios: &[Value],
) -> anyhow::Result<()> {
    same("what the run tried", &ids(scenarios), tried)?;
    let newly =
        findings(scenarios).into_iter().filter(|(id, verdict)| known.is_worse(id, *verdict));
    let newly: BTreeSet<String> = newly.map(|(id, _)| id).collect();
    same("expected.json, newly_failing", &newly, &known.newly_failing)
}

fn word<'a>(scenario: &'a Value, member: &str) -> &'a str {
    scenario.get(member).and_then(Value::as_str).unwrap_or_default()
}

fn ids(scenarios: &[Value]) -> BTreeSet<String> {
    scenarios.iter().map(|one| word(one, "id").to_owned()).collect()
}

/// Scenarios that found something, with the verdict.
fn findings(scenarios: &[Value]) -> BTreeMap<String, Word> {
    let verdict = |scenario| match word(scenario, "verdict") {
        "fail" => Some(Word::Fail),
        "warn" => Some(Word::Warn),
        _ => None,
    };
    let found = scenarios.iter();
    found.filter_map(|one| Some((word(one, "id").to_owned(), verdict(one)?))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn known() -> Known {
        let known = json!({
            "findings": [
                {"scenario": "totp/once/older", "verdict": "warn", "evidence": "one.py"},
                {"scenario": "totp/once/same-step", "verdict": "fail", "evidence": "one.py"},
            ],
            "left_out": ["reset/sessions"],
            "newly_failing": ["totp/once/next-step"],
        });
        serde_json::from_value(known).expect("read")
    }

    /// What the portal as it ships is tried with: what is listed, and one that was drawn.
    const TRIED: [&str; 5] = [
        "reset/sessions/other-session",
        "totp/once/next-step",
        "totp/once/older",
        "totp/once/same-step",
        "login/with-key/plain",
    ];

    fn tried(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    /// A record of a run that came out as known, but for some scenarios: they have another verdict, or
    /// none, or come as well.
    fn record(ids: &[&str], but: &[(&str, Option<&str>)]) -> Vec<Value> {
        let as_known = ids.iter().map(|id| match *id {
            "reset/sessions/other-session" => (*id, "skip"),
            "totp/once/older" => (*id, "warn"),
            "totp/once/same-step" => (*id, "fail"),
            _ => (*id, "pass"),
        });
        let mut all: BTreeMap<&str, &str> = as_known.collect();
        for (id, verdict) in but {
            match verdict {
                Some(verdict) => all.insert(id, verdict),
                None => all.remove(id),
            };
        }
        let rows = all.iter().map(|(id, verdict)| match *verdict {
            "skip" => {
                json!({"id": id, "verdict": "skip", "not_judged": {"rule": "not-applicable"}})
            }
            _ => json!({"id": id, "verdict": verdict, "not_judged": null}),
        });
        rows.collect()
    }

    #[test]
    fn a_portal_that_is_as_known() {
        let known = known();
        assert!(known.listed().expect("listed").is_subset(&tried(&TRIED)));
        of_portal(&known, &tried(&TRIED), &record(&TRIED, &[])).expect("as known");
    }

    #[test]
    fn a_portal_that_is_not_as_known() {
        for (but, says) in [
            // What was drawn finds something.
            (
                ("login/with-key/plain", Some("fail")),
                "not expected [\"login/with-key/plain: Fail\"]",
            ),
            (("totp/once/next-step", Some("warn")), "not expected [\"totp/once/next-step: Warn\"]"),
            // What is listed no longer does.
            (("totp/once/older", Some("pass")), "not found [\"totp/once/older: Warn\"]"),
            // What was to be tried was not.
            (("login/with-key/plain", Some("skip")), "not expected [\"login/with-key/plain\"]"),
            (
                ("reset/sessions/other-session", Some("pass")),
                "not found [\"reset/sessions/other-session\"]",
            ),
            (("login/with-key/plain", None), "tried: not expected []; expected and not found"),
            (("login/with-key/two", Some("pass")), "tried: not expected [\"login/with-key/two\"]"),
            (
                ("login/with-key/plain", Some("inconclusive")),
                "login/with-key/plain: inconclusive: ",
            ),
        ] {
            let record = record(&TRIED, &[but]);
            let error = of_portal(&known(), &tried(&TRIED), &record).expect_err("not as known");
            assert!(error.to_string().contains(says), "`{says}` is not in: {error}");
        }
    }

    #[test]
    fn only_what_the_portal_is_not_able_to_is_left_out() {
        let mut record = record(&TRIED, &[]);
        for row in &mut record {
            if row["verdict"] == "skip" {
                row["not_judged"]["rule"] = "not-selected".into();
            }
        }
        let error = of_portal(&known(), &tried(&TRIED), &record).expect_err("left out");
        assert_eq!(error.to_string(), "reset/sessions/other-session: left out: ");
    }

    #[test]
    fn a_twin_that_is_as_known_and_one_that_is_not() {
        let ids = ["totp/once/next-step", "totp/once/same-step", "login/with-key/plain"];
        let newly = ("totp/once/next-step", Some("fail"));
        for (but, says) in [
            (&[newly][..], None),
            // The finding is the portal's own.
            (&[newly, ("totp/once/same-step", Some("pass"))], None),
            (&[], Some("not found [\"totp/once/next-step\"]")),
            (
                &[newly, ("login/with-key/plain", Some("warn"))],
                Some("not expected [\"login/with-key/plain\"]"),
            ),
            (
                &[newly, ("login/with-key/plain", None)],
                Some("tried: not expected []; expected and not found [\"login/with-key/plain\"]"),
            ),
        ] {
            let result = of_twin(&known(), &tried(&ids), &record(&ids, but));
            match says {
                None => result.expect("as known"),
                Some(says) => {
                    let error = result.expect_err("not as known").to_string();
                    assert!(error.contains(says), "`{says}` is not in: {error}");
                }
            }
        }
    }
}
