//! Stages about real portals: some for each folder of `deployments/` that says how it is started. The
//! suite runs on the portal and on its twin, and each deviation that it finds is shown without it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, ensure};
use harness::plan::{Patience, Plan};
use serde_json::Value;

use super::{
    PROGRAM,
    known::{Evidence, Known, Row},
    sample::Sampler,
    schedule::{Mostly, Stage},
    verdicts, walk,
};
use crate::{
    cli::SecretArgs,
    deployment::{
        group::Group,
        host::Host,
        ports,
        recipe::{self, Deployment, Twin},
        start::{self, Start, Waiting, last_lines},
    },
    profiles, say, suite,
};

/// How long a run may take, its waits included.
const RUN: Duration = Duration::from_secs(30 * 60);

/// How long a script may take beside what it says that it waits.
const SCRIPT: Duration = Duration::from_secs(120);

/// How many scenarios a portal is tried with, at most, that are not listed for it.
const SAMPLE: usize = 40;

/// The same for its twin, which differs from it by one switch.
const TWIN_SAMPLE: usize = 20;

/// The portal that `docs/live.md` is about.
const WALKED: &str = "allauth";

/// Stages for each portal that ships, and one for the document that is about one of them. A portal whose
/// recipe cannot be read is a stage that fails. The runs on the portals come first: they take longest.
pub(super) fn stages(sampler: &Arc<Sampler>) -> Vec<Stage> {
    let host = Host::this();
    let mut by_part: BTreeMap<Part, Vec<Stage>> = BTreeMap::new();
    for folder in recipe::shipped() {
        for (part, stage) in parts(&folder, &host, sampler) {
            by_part.entry(part).or_default().push(stage);
        }
    }
    let mut stages: Vec<Stage> = by_part.into_values().flatten().collect();
    stages.push(Stage {
        name: format!("docs/live.md, walked on {WALKED}"),
        full_only: true,
        lacks: Deployment::named(WALKED).ok().and_then(|walked| host.lacks(&walked.recipe.needs)),
        mostly: Mostly::Waits,
        run: Box::new(|room| {
            let deployment = &Deployment::named(WALKED)?;
            walk::live(room, &Trial { room, deployment }.start("walked", &BTreeMap::new())?)
        }),
    });
    stages
}

/// A part of what is tried of a portal, on a start of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Portal,
    Twin,
    Evidence,
}

impl Part {
    fn of(self, name: &str) -> String {
        match self {
            Self::Portal => name.to_owned(),
            Self::Twin => format!("{name}, its twin"),
            Self::Evidence => format!("{name}, its evidence"),
        }
    }
}

fn parts(folder: &Path, host: &Host, sampler: &Arc<Sampler>) -> Vec<(Part, Stage)> {
    let stage =
        |name, lacks, run| Stage { name, full_only: true, lacks, mostly: Mostly::Waits, run };
    let deployment = match Deployment::read(folder) {
        Ok(deployment) => Arc::new(deployment),
        Err(error) => {
            let fails = move |_: &Path| Err(anyhow!("{error:#}"));
            return vec![(Part::Portal, stage(recipe::name_of(folder), None, Box::new(fails)))];
        }
    };
    let twin = deployment.recipe.twin.as_ref().map(|_| Part::Twin);
    let parts = [Part::Portal, Part::Evidence].into_iter().chain(twin);
    let stage_of = |part: Part| {
        let (deployment, sampler) = (Arc::clone(&deployment), Arc::clone(sampler));
        let lacks = host.lacks(&deployment.recipe.needs);
        let name = part.of(&deployment.name);
        let run = move |room: &Path| Trial { room, deployment: &deployment }.run(part, &sampler);
        (part, stage(name, lacks, Box::new(run)))
    };
    parts.map(stage_of).collect()
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
    fn run(&self, part: Part, sampler: &Sampler) -> anyhow::Result<()> {
        let folder = &self.deployment.folder;
        let known = Known::read(folder)?;
        let evidence = Evidence::read(folder, &known)?;
        let twin = self.deployment.recipe.twin.as_ref();
        ensure!(
            twin.is_some() != known.newly_failing.is_empty(),
            "expected.json, newly_failing: holds what the twin breaks, and only where there is a twin"
        );
        match part {
            Part::Portal => self.portal(&known, sampler),
            Part::Evidence => self.evidence(&evidence),
            Part::Twin => twin.map_or(Ok(()), |twin| self.twin(&known, twin, sampler)),
        }
    }

    /// The suite on the portal as it ships: everything is concluded, and what is found is known.
    fn portal(&self, known: &Known, sampler: &Sampler) -> anyhow::Result<()> {
        let portal = self.start("sound", &BTreeMap::new())?;
        self.is_recognised(&portal)?;
        let listed = known.listed()?;
        let others = suite::ids().difference(&listed).cloned().collect();
        let others = self.tried_before(known, &others)?;
        let tried = sampler.choose(&Part::Portal.of(&self.deployment.name), listed, others, SAMPLE);
        let scenarios = self.suite("sound", &portal, &filters(&tried))?;
        verdicts::of_portal(known, &tried, &scenarios)
    }

    /// The suite on the twin: it finds what the twin breaks, and nothing else that is new. What waits
    /// for real time was tried on the portal itself.
    fn twin(&self, known: &Known, twin: &Twin, sampler: &Sampler) -> anyhow::Result<()> {
        let portal = self.start(&twin.name, &twin.environment)?;
        let listed = known.newly_failing.clone();
        // A sample of what is left out anyway would show nothing.
        let all = if sampler.takes_all() { suite::ids() } else { self.without_waits()? };
        let others = self.tried_before(known, &all.difference(&listed).cloned().collect())?;
        let label = Part::Twin.of(&self.deployment.name);
        let tried = sampler.choose(&label, listed, others, TWIN_SAMPLE);
        let more = [vec!["--quick"], filters(&tried)].concat();
        let scenarios = self.suite(&twin.name, &portal, &more)?;
        verdicts::of_twin(known, &tried, &scenarios)
    }

    /// Of some scenarios those that somebody has tried here before; what is left out for that is told.
    fn tried_before(
        &self,
        known: &Known,
        scenarios: &BTreeSet<String>,
    ) -> anyhow::Result<BTreeSet<String>> {
        let all = scenarios.len();
        let tried = known.tried_before(scenarios)?;
        if tried.len() < all {
            let (name, never) = (&self.deployment.name, known.not_tried_yet.join(" "));
            let count = all - tried.len();
            say::tell(&format!("   {name}: {count} scenarios are not tried here yet: {never}"));
        }
        Ok(tried)
    }

    /// What the portal is able to and needs no real time.
    fn without_waits(&self) -> anyhow::Result<BTreeSet<String>> {
        let (profile, _) = profiles::form(&self.deployment.profile(), &SecretArgs::default())?;
        let patience = Patience { max_wait: Duration::ZERO };
        let plan = Plan::make(&suite::requirements(), &[], &profile.description, patience)?;
        Ok(plan.to_run().map(|entry| entry.scenario.id.clone()).collect())
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

    /// Runs the suite with some more options or filters; gives back the scenarios of its record.
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
        say::tell(&format!(
            "   {name} ({kind}): {} scenarios in {:.0} s",
            scenarios.len(),
            begun.elapsed().as_secs_f32()
        ));
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
            say::tell(&format!(
                "   {} (evidence): {} scripts in {:.0} s",
                self.deployment.name,
                rows.len(),
                begun.elapsed().as_secs_f32()
            ));
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
            Waiting::Installation => {
                say::tell(&format!("   installing {name} through its package clients"));
            }
            Waiting::Answer => {}
        })?;
        Ok(Listening { _group: group, port: start.port, smtp_port })
    }

    /// A file of this portal among those of the runs.
    fn file(&self, kind: &str, ending: &str) -> PathBuf {
        self.room.join("runs").join(format!("{}-{kind}.{ending}", self.deployment.name))
    }
}

/// What a run is told to try.
fn filters(tried: &BTreeSet<String>) -> Vec<&str> {
    tried.iter().map(String::as_str).collect()
}
