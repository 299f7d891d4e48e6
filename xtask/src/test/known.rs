//! What a portal is known to do otherwise than the suite asks: `expected.json`, the findings, and
//! `evidence.toml`, the scripts that show each of them without the suite.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, ensure};
use harness::plan;
use serde::Deserialize;

use crate::suite;

/// The content of `expected.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Known {
    findings: Vec<Finding>,
    /// What the portal is not able to do, or what shows nothing on it: filters as on the command line.
    left_out: Vec<String>,
    /// What nobody has tried on this portal yet, so that the tests do not either: filters as well.
    #[serde(default)]
    pub(super) not_tried_yet: Vec<String>,
    /// What fails on the twin and not, or less, on the portal itself.
    #[serde(default)]
    pub(super) newly_failing: BTreeSet<String>,
}

/// One finding that is known, and shown by a script without the suite.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Finding {
    scenario: String,
    verdict: Word,
    evidence: String,
    /// A race, which the portal does not lose every time.
    #[serde(default)]
    sometimes: bool,
}

/// Verdicts that are findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Word {
    Warn,
    Fail,
}

impl Known {
    pub(super) fn read(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join("expected.json");
        let text = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        serde_json::from_slice(&text).with_context(|| file.display().to_string())
    }

    /// Whether a finding is new, or a failure where only a warning is known.
    pub(super) fn is_worse(&self, id: &str, verdict: Word) -> bool {
        self.findings.iter().all(|known| known.scenario != id || known.verdict < verdict)
    }

    /// Everything that is said something about: what is found, what is left out, what the twin breaks.
    pub(super) fn listed(&self) -> anyhow::Result<BTreeSet<String>> {
        let found = self.findings.iter().map(|known| known.scenario.clone());
        Ok(found.chain(self.left_out()?).chain(self.newly_failing.clone()).collect())
    }

    /// The scenarios that are known to show nothing here.
    fn left_out(&self) -> anyhow::Result<BTreeSet<String>> {
        selected(&self.left_out).context("expected.json, left_out")
    }

    /// Of some scenarios those that somebody has tried here.
    pub(super) fn tried_before(
        &self,
        scenarios: &BTreeSet<String>,
    ) -> anyhow::Result<BTreeSet<String>> {
        let never = selected(&self.not_tried_yet).context("expected.json, not_tried_yet")?;
        Ok(scenarios.difference(&never).cloned().collect())
    }

    /// Whether a run left out what is known to show nothing and nothing else: whatever else was tried,
    /// so that no check is lost unseen.
    pub(super) fn leaves_out(&self, skipped: &BTreeSet<String>) -> anyhow::Result<()> {
        same("expected.json, left_out", skipped, &self.left_out()?)
    }

    /// Whether a run found what is known and nothing else.
    pub(super) fn agrees(&self, found: &BTreeMap<String, Word>) -> anyhow::Result<()> {
        let missed = |known: &&Finding| known.sometimes && !found.contains_key(&known.scenario);
        let expected = self.findings.iter().filter(|known| !missed(known));
        let expected = expected.map(|known| format!("{}: {:?}", known.scenario, known.verdict));
        let found = found.iter().map(|(id, verdict)| format!("{id}: {verdict:?}"));
        same("expected.json, findings", &found.collect(), &expected.collect())
    }
}

/// What filters select of the suite; nothing, where there are none.
fn selected(filters: &[String]) -> anyhow::Result<BTreeSet<String>> {
    if filters.is_empty() {
        return Ok(BTreeSet::new());
    }
    let selected = plan::select(&suite::requirements(), filters)?;
    Ok(selected.into_iter().map(|scenario| scenario.id).collect())
}

/// The content of `evidence.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Evidence {
    row: Vec<Row>,
}

/// A script, and what it shows on which portal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "some of the columns are for readers; their form is checked all the same"
)]
pub(super) struct Row {
    pub(super) script: String,
    requirements: Vec<String>,
    kind: Kind,
    shows: String,
    /// What the portal is started with.
    #[serde(default)]
    pub(super) environment: BTreeMap<String, String>,
    #[serde(default)]
    mail: bool,
    /// About how long the script waits.
    #[serde(default)]
    pub(super) seconds: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// A requirement is not kept.
    Deviation,
    /// The portal decides so on purpose.
    Policy,
    /// A switch of the portal is on that is meant for development.
    KnownBad,
    /// The portal does it, and no scenario finds it yet.
    NotFoundYet,
}

/// What scripts share ends like this and shows nothing itself.
const SHARED: &str = "portal_visit.py";

impl Evidence {
    /// Reads the list; it names every script that is there, and for every finding one that shows that
    /// its requirement is not kept.
    pub(super) fn read(folder: &Path, known: &Known) -> anyhow::Result<Self> {
        let file = folder.join("evidence.toml");
        let text =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let list: Self = toml::from_str(&text).with_context(|| file.display().to_string())?;
        let mut there = BTreeSet::new();
        for entry in fs::read_dir(folder.join("evidence"))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.ends_with(".py") && name != SHARED {
                there.insert(name);
            }
        }
        list.check(known, &there)?;
        Ok(list)
    }

    fn check(&self, known: &Known, there: &BTreeSet<String>) -> anyhow::Result<()> {
        let listed: BTreeSet<String> = self.row.iter().map(|row| row.script.clone()).collect();
        same("the rows of evidence.toml", there, &listed)?;
        let requirements = suite::requirements();
        for id in self.row.iter().flat_map(|row| &row.requirements) {
            let is_one = requirements.iter().any(|requirement| requirement.id == id);
            ensure!(is_one, "evidence.toml: `{id}` is no requirement");
        }
        let scenarios = requirements.iter().flat_map(|requirement| requirement.scenarios());
        let checks: BTreeMap<_, _> =
            scenarios.map(|scenario| (scenario.id, scenario.requirement.id)).collect();
        for finding in &known.findings {
            let requirement = checks.get(&finding.scenario);
            let requirement = requirement
                .with_context(|| format!("expected.json: `{}` is no scenario", finding.scenario))?;
            self.shows(finding, requirement)?;
        }
        Ok(())
    }

    /// Whether the script of a finding shows, on the portal as it ships, that its requirement is not
    /// kept. What only a switch or a setting shows is not what the portal does as it ships.
    fn shows(&self, finding: &Finding, requirement: &str) -> anyhow::Result<()> {
        let (script, scenario) = (&finding.evidence, &finding.scenario);
        let deviations = || {
            self.row.iter().filter(|row| {
                row.script == *script && row.kind == Kind::Deviation && row.environment.is_empty()
            })
        };
        ensure!(
            deviations().next().is_some(),
            "evidence.toml: {script} is no deviation of the portal as it ships, and is the evidence of {scenario}"
        );
        ensure!(
            deviations().any(|row| row.requirements.iter().any(|id| id == requirement)),
            "evidence.toml: {script} is the evidence of {scenario}, and its row does not name {requirement}"
        );
        Ok(())
    }

    /// The rows by what the portal is started with.
    pub(super) fn by_environment(&self) -> BTreeMap<&BTreeMap<String, String>, Vec<&Row>> {
        let mut groups: BTreeMap<_, Vec<&Row>> = BTreeMap::new();
        for row in &self.row {
            groups.entry(&row.environment).or_default().push(row);
        }
        groups
    }
}

/// Compares what was found with what is written down.
pub(super) fn same(
    what: &str,
    found: &BTreeSet<String>,
    expected: &BTreeSet<String>,
) -> anyhow::Result<()> {
    let new: Vec<_> = found.difference(expected).collect();
    let gone: Vec<_> = expected.difference(found).collect();
    ensure!(
        new.is_empty() && gone.is_empty(),
        "{what}: not expected {new:?}; expected and not found {gone:?}"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &str = r#"{
        "findings": [
            {"scenario": "totp/once/older", "verdict": "warn", "evidence": "one.py"},
            {"scenario": "totp/once/same-step", "verdict": "fail", "evidence": "one.py"},
            {"scenario": "reset/newest/older-link", "verdict": "fail", "evidence": "two.py", "sometimes": true}
        ],
        "left_out": ["reset/sessions", "totp/once/next-step"],
        "newly_failing": ["totp/once/next-step"]
    }"#;

    fn known() -> Known {
        serde_json::from_str(KNOWN).expect("read")
    }

    /// What is said of a run that found this.
    fn agrees(found: &[(&str, Word)]) -> Option<String> {
        let found = found.iter().map(|(id, verdict)| ((*id).to_owned(), *verdict)).collect();
        known().agrees(&found).err().map(|error| error.to_string())
    }

    #[test]
    fn what_nobody_has_tried_here_is_not_tried_by_the_tests() {
        let all = || BTreeSet::from(["after/sign-out/key", "totp/once/older"].map(str::to_owned));
        let known = Known { not_tried_yet: vec!["endings".to_owned()], ..known() };
        let tried = known.tried_before(&all()).expect("filters");
        assert_eq!(tried.iter().collect::<Vec<_>>(), ["totp/once/older"]);
        assert_eq!(self::known().tried_before(&all()).expect("filters"), all());
        let wrong = Known { not_tried_yet: vec!["nothing/of/it".to_owned()], ..known };
        assert!(wrong.tried_before(&all()).is_err());
    }

    #[test]
    fn a_run_agrees_with_what_is_known() {
        let (warned, failed) =
            (("totp/once/older", Word::Warn), ("totp/once/same-step", Word::Fail));
        let raced = ("reset/newest/older-link", Word::Fail);
        assert_eq!(agrees(&[warned, failed]), None);
        assert_eq!(agrees(&[warned, failed, raced]), None);
        for (found, word) in [
            (&[warned][..], "not found [\"totp/once/same-step: Fail\"]"),
            (
                &[warned, failed, ("totp/once/set-up-code", Word::Warn)],
                "not expected [\"totp/once/set-up-code: Warn\"]",
            ),
            (
                &[("totp/once/older", Word::Fail), failed],
                "not expected [\"totp/once/older: Fail\"]",
            ),
            (
                &[warned, failed, ("reset/newest/older-link", Word::Warn)],
                "not expected [\"reset/newest/older-link: Warn\"]",
            ),
        ] {
            let said = agrees(found).expect("does not agree");
            assert!(said.contains(word), "`{word}` is not in: {said}");
        }
    }

    #[test]
    fn what_is_left_out_is_known() {
        let both = ["reset/sessions/other-session", "totp/once/next-step"];
        for (skipped, word) in [
            (&both[..], None),
            (&both[..1], Some("not found [\"totp/once/next-step\"]")),
            (&[both[0], both[1], "totp/once/older"], Some("not expected [\"totp/once/older\"]")),
        ] {
            let skipped = skipped.iter().map(|id| (*id).to_owned()).collect();
            let said = known().leaves_out(&skipped).err().map(|error| error.to_string());
            match word {
                None => assert_eq!(said, None),
                Some(word) => {
                    assert!(said.as_deref().is_some_and(|said| said.contains(word)), "{said:?}")
                }
            }
        }
    }

    #[test]
    fn worse_is_new_or_a_failure_instead_of_a_warning() {
        for (id, verdict, expected) in [
            ("totp/once/next-step", Word::Warn, true),
            ("totp/once/older", Word::Warn, false),
            ("totp/once/older", Word::Fail, true),
            ("totp/once/same-step", Word::Warn, false),
            ("totp/once/same-step", Word::Fail, false),
        ] {
            assert_eq!(known().is_worse(id, verdict), expected, "{id} {verdict:?}");
        }
    }

    const ROWS: &str = r#"
[[row]]
script = "one.py"
requirements = ["totp/once"]
kind = "deviation"
shows = "something"

[[row]]
script = "two.py"
requirements = ["reset/newest"]
kind = "deviation"
shows = "something"
seconds = 30

[[row]]
script = "three.py"
requirements = []
kind = "known-bad"
shows = "something"
environment = { SWITCH = "1" }
"#;

    fn checked(from: &str, to: &str, there: &[&str]) -> Result<Evidence, String> {
        let list: Evidence =
            toml::from_str(&ROWS.replace(from, to)).map_err(|error| error.to_string())?;
        let there = there.iter().map(|name| (*name).to_owned()).collect();
        list.check(&known(), &there).map_err(|error| error.to_string())?;
        Ok(list)
    }

    #[test]
    fn evidence_by_environment() {
        let list = checked("", "", &["one.py", "two.py", "three.py"]).expect("read");
        let groups = list.by_environment();
        let groups: Vec<(usize, Vec<&str>)> = groups
            .iter()
            .map(|(more, rows)| (more.len(), rows.iter().map(|row| row.script.as_str()).collect()))
            .collect();
        assert_eq!(groups, [(0, vec!["one.py", "two.py"]), (1, vec!["three.py"])]);
    }

    #[test]
    fn evidence_that_does_not_fit() {
        let all = ["one.py", "two.py", "three.py"];
        for (from, to, there, word) in [
            ("", "", &all[..2], "not found [\"three.py\"]"),
            ("", "", &["one.py", "two.py", "three.py", "four.py"], "not expected [\"four.py\"]"),
            ("totp/once", "totp/ones", &all, "`totp/ones` is no requirement"),
            (
                "totp/once",
                "reset/newest",
                &all,
                "one.py is the evidence of totp/once/older, and its",
            ),
            ("[\"totp/once\"]", "[]", &all, "does not name totp/once"),
            ("seconds = 30", "environment = { A = \"1\" }", &all, "two.py is no deviation"),
            ("kind = \"deviation\"", "kind = \"policy\"", &all, "one.py is no deviation"),
            ("known-bad", "bad", &all, "`bad`"),
            ("seconds", "minutes", &all, "`minutes`"),
        ] {
            let said = checked(from, to, there).expect_err("does not fit");
            assert!(said.contains(word), "`{word}` is not in: {said}");
        }
    }

    #[test]
    fn a_finding_of_no_scenario() {
        let known = KNOWN.replace("totp/once/older", "totp/once/oldest");
        let known: Known = serde_json::from_str(&known).expect("read");
        let list: Evidence = toml::from_str(ROWS).expect("read");
        let there = list.row.iter().map(|row| row.script.clone()).collect();
        let said = list.check(&known, &there).expect_err("does not fit").to_string();
        assert_eq!(said, "expected.json: `totp/once/oldest` is no scenario");
    }

    #[test]
    fn what_is_known_of_every_shipped_portal_can_be_read() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let folders = fs::read_dir(root.join("deployments")).expect("deployments");
        let mut read = 0;
        for folder in folders.map(|entry| entry.expect("a folder").path()) {
            if folder.join("deployment.toml").exists() {
                let known = Known::read(&folder).unwrap_or_else(|error| panic!("{error:#}"));
                Evidence::read(&folder, &known)
                    .unwrap_or_else(|error| panic!("{}: {error:#}", folder.display()));
                read += 1;
            }
        }
        assert!(read >= 5, "{read} portals ship");
    }
}
