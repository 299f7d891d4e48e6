//! Stages about real portals: one for each folder of `deployments/` that says how it is started. The
//! suite runs on the portal and on its twin, and each deviation that it finds is shown without it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, ensure};
use serde_json::Value;

use super::{
    PROGRAM, Stage,
    known::{Evidence, Known, Row, Word, same},
    walk,
};
use crate::deployment::{
    group::Group,
    host::Host,
    ports,
    recipe::{self, Deployment},
    start::{self, Start, Waiting, last_lines},
};

/// How long a run may take, its waits included.
const RUN: Duration = Duration::from_secs(30 * 60);

/// How long a script may take beside what it says that it waits.
const SCRIPT: Duration = Duration::from_secs(120);

/// The portal that `docs/live.md` is about.
const WALKED: &str = "allauth";

/// A stage for each portal that ships, and one for the document that is about one of them. One whose
/// recipe cannot be read is a stage that fails.
pub(super) fn stages() -> Vec<Stage> {
    let host = Host::this();
    let trials = recipe::shipped();
    let mut stages: Vec<Stage> = trials.iter().map(|folder| stage(folder, &host)).collect();
    stages.push(Stage {
        name: format!("docs/live.md, walked on {WALKED}"),
        full_only: true,
        lacks: Deployment::named(WALKED).ok().and_then(|walked| host.lacks(&walked.recipe.needs)),
        run: Box::new(|room| {
            let deployment = &Deployment::named(WALKED)?;
            walk::live(room, &Trial { room, deployment }.start("walked", &BTreeMap::new())?)
        }),
    });
    stages
}

fn stage(folder: &Path, host: &Host) -> Stage {
    let plain = |name, lacks, run| Stage { name, full_only: true, lacks, run };
    let deployment = match Deployment::read(folder) {
        Ok(deployment) => deployment,
        Err(error) => {
            return plain(
                recipe::name_of(folder),
                None,
                Box::new(move |_| Err(anyhow!("{error:#}"))),
            );
        }
    };
    let mut name = deployment.name.clone();
    if deployment.recipe.twin.is_some() {
        name += " and its twin";
    }
    let lacks = host.lacks(&deployment.recipe.needs);
    plain(name, lacks, Box::new(move |room| Trial { room, deployment: &deployment }.run()))
}

/// A portal on trial.
struct Trial<'a> {
    room: &'a Path,
    deployment: &'a Deployment,
}

/// A portal that listens, for as long as this is kept.
pub(super) struct Listening {
    _group: Group,
    pub(super) port: u16,
    pub(super) smtp_port: Option<u16>,
}

impl Trial<'_> {
    fn run(&self) -> anyhow::Result<()> {
        let folder = &self.deployment.folder;
        let known = Known::read(folder)?;
        let evidence = Evidence::read(folder, &known)?;
        let twin = self.deployment.recipe.twin.as_ref();
        ensure!(
            twin.is_some() != known.newly_failing.is_empty(),
            "expected.json, newly_failing: holds what the twin breaks, and only where there is a twin"
        );
        self.portal(&known)?;
        self.evidence(&evidence)?;
        twin.map_or(Ok(()), |twin| self.twin(&known, &twin.name, &twin.environment))
    }

    /// The suite on the portal as it ships: everything is concluded, and what is found is known.
    fn portal(&self, known: &Known) -> anyhow::Result<()> {
        let portal = self.start("sound", &BTreeMap::new())?;
        self.is_recognised(&portal)?;
        let scenarios = self.suite("sound", &portal, &[])?;
        for scenario in &scenarios {
            let (id, verdict) = (word(scenario, "id"), word(scenario, "verdict"));
            let because = word(scenario, "because");
            ensure!(
                ["pass", "fail", "warn", "skip"].contains(&verdict),
                "{id}: {verdict}: {because}"
            );
            // What the portal is not able to is left out, and nothing else.
            let rule = &scenario["not_judged"]["rule"];
            ensure!(rule.is_null() || rule == "not-applicable", "{id}: left out: {because}");
        }
        let skipped = scenarios.iter().filter(|one| word(one, "verdict") == "skip");
        known.leaves_out(&skipped.map(|one| word(one, "id").to_owned()).collect())?;
        known.agrees(&findings(&scenarios))
    }

    /// The suite on the twin: it finds what the twin breaks, and nothing else that is new. What waits
    /// for real time was tried on the portal itself.
    fn twin(
        &self,
        known: &Known,
        name: &str,
        environment: &BTreeMap<String, String>,
    ) -> anyhow::Result<()> {
        let portal = self.start(name, environment)?;
        let found = findings(&self.suite(name, &portal, &["--quick"])?);
        let newly = found.into_iter().filter(|(id, verdict)| known.is_worse(id, *verdict));
        let newly: BTreeSet<String> = newly.map(|(id, _)| id).collect();
        same("expected.json, newly_failing", &newly, &known.newly_failing)
    }

    /// `init` knows the portal for one of its preset's kind, by nothing but its public pages.
    fn is_recognised(&self, portal: &Listening) -> anyhow::Result<()> {
        let file = self.deployment.profile();
        let profile: toml::Table = fs::read_to_string(&file)?.parse()?;
        let base = profile["portal"]["base"].as_str().context("a profile without `base`")?;
        let own = profile.get("extends").and_then(toml::Value::as_str);
        let own = own.filter(|extends| extends.starts_with("preset:"));
        let preset = self.deployment.recipe.recognised_as.as_deref().or(own);
        let (draft, said) = (self.file("draft", "toml"), self.file("init", "log"));
        let mut command = Command::new(PROGRAM);
        command.args(["init", base, "--connect", &format!("127.0.0.1:{}", portal.port), "--out"]);
        command.arg(&draft).stdout(Stdio::null()).stderr(File::create(&said)?);
        let status = Group::start(&mut command)?.ends_within(SCRIPT)?;
        ensure!(status.success(), "init on {base}:\n{}", last_lines(&said));
        let draft = fs::read_to_string(&draft)?;
        let draft: toml::Table = draft.parse()?;
        let found = draft.get("extends").and_then(toml::Value::as_str);
        ensure!(found == preset, "init takes {base} for {found:?}, and it is {preset:?}");
        Ok(())
    }

    /// Runs the suite; gives back the scenarios of its record.
    fn suite(&self, kind: &str, portal: &Listening, more: &[&str]) -> anyhow::Result<Vec<Value>> {
        let (name, recipe) = (&self.deployment.name, &self.deployment.recipe);
        let profile = self.file(kind, "toml");
        let mut changes = vec![(recipe.port, portal.port)];
        changes.extend(recipe.smtp_port.zip(portal.smtp_port));
        ports::copy_of_profile(&self.deployment.profile(), &profile, &changes)?;
        let out = self.file(kind, "run");
        let said = self.file(kind, "run.log");
        let begun = Instant::now();
        let mut command = Command::new(PROGRAM);
        command.args(["scenarios", "--profile"]).arg(profile).arg("--out").arg(&out);
        command.args(&recipe.run).args(more).stdout(Stdio::null()).stderr(File::create(&said)?);
        Group::start(&mut command)?
            .ends_within(RUN)
            .with_context(|| format!("the run on {name} ({kind})"))?;
        let record = fs::read(out.join("run.json"))
            .with_context(|| format!("the run left no record:\n{}", last_lines(&said)))?;
        let run: Value = serde_json::from_slice(&record)?;
        ensure!(
            run["outcome"] == "conforms" || run["outcome"] == "does-not-conform",
            "the run on {name} ({kind}) is {}: {}",
            run["outcome"],
            run["note"]
        );
        let scenarios = run["scenarios"].as_array().cloned().unwrap_or_default();
        eprintln!(
            "   {name} ({kind}): {} scenarios in {:.0} s",
            scenarios.len(),
            begun.elapsed().as_secs_f32()
        );
        Ok(scenarios)
    }

    /// Runs every script, on a portal that was started as the script asks.
    fn evidence(&self, evidence: &Evidence) -> anyhow::Result<()> {
        for (number, (environment, rows)) in evidence.by_environment().into_iter().enumerate() {
            let begun = Instant::now();
            let kind = format!("evidence-{number}");
            let portal = self.start(&kind, environment)?;
            for row in &rows {
                self.show(row, &portal, &self.file(&kind, &row.script))?;
            }
            eprintln!(
                "   {} (evidence): {} scripts in {:.0} s",
                self.deployment.name,
                rows.len(),
                begun.elapsed().as_secs_f32()
            );
        }
        Ok(())
    }

    /// Runs one script, which listens for the portal's mail itself.
    fn show(&self, row: &Row, portal: &Listening, said: &Path) -> anyhow::Result<()> {
        let script = &row.script;
        let log = File::create(said)?;
        let mut command = Command::new(self.python()?);
        command.arg(self.deployment.folder.join("evidence").join(script));
        command.arg(self.deployment.recipe.base(portal.port));
        command.env("CONNECT", format!("127.0.0.1:{}", portal.port));
        if let Some(port) = portal.smtp_port {
            command.env("SMTP_PORT", port.to_string());
        }
        // The sources stay as they are.
        command.env("PYTHONDONTWRITEBYTECODE", "1").stdout(log.try_clone()?).stderr(log);
        let status = Group::start(&mut command)?
            .ends_within(SCRIPT + Duration::from_secs(row.seconds))
            .with_context(|| format!("evidence/{script}"))?;
        ensure!(
            status.success(),
            "evidence/{script} no longer shows its deviation ({status}):\n{}",
            last_lines(said)
        );
        Ok(())
    }

    /// The portal's own Python, or the system's where it has none.
    fn python(&self) -> anyhow::Result<PathBuf> {
        let own = start::installed(&self.deployment.name)?.join("bin/python");
        Ok(if own.exists() { own } else { PathBuf::from("python3") })
    }

    /// Starts the portal on ports of its own, with an empty directory.
    fn start(
        &self,
        kind: &str,
        environment: &BTreeMap<String, String>,
    ) -> anyhow::Result<Listening> {
        let name = &self.deployment.name;
        let data = std::path::absolute(self.file(kind, "data"))?;
        fs::create_dir_all(&data)?;
        let smtp_port = self.deployment.recipe.smtp_port.map(|_| ports::free()).transpose()?;
        let start = Start {
            deployment: self.deployment,
            port: ports::free()?,
            smtp_port,
            environment,
            data: Some(&data),
            log: &self.file(kind, "log"),
        };
        let _alone = start::alone(name)?;
        let group = start.begin()?;
        start.wait(group.leader(), &mut |waiting| match waiting {
            Waiting::Installation => eprintln!("   installing {name} through its package clients"),
            Waiting::Answer => {}
        })?;
        Ok(Listening { _group: group, port: start.port, smtp_port })
    }

    /// A file of this portal among those of the runs.
    fn file(&self, kind: &str, ending: &str) -> PathBuf {
        self.room.join("runs").join(format!("{}-{kind}.{ending}", self.deployment.name))
    }
}

fn word<'a>(scenario: &'a Value, member: &str) -> &'a str {
    scenario.get(member).and_then(Value::as_str).unwrap_or_default()
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
