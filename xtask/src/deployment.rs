//! `deployment`: starts the shipped real portals in the background, and stops them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use indicatif::ProgressBar;
use reports::record::Outcome;
use serde::{Deserialize, Serialize};

use crate::{
    cli::{DeploymentCommand, DeploymentListArgs, DownArgs, UpArgs},
    files, say,
    stop::Stop,
};

pub(crate) mod group;
pub(crate) mod host;
pub(crate) mod ports;
pub(crate) mod recipe;
pub(crate) mod start;

use group::Process;
use host::Host;
use recipe::Deployment;
use start::{INSTALLED, Ready, Start, Waiting};

/// Starts, stops or lists.
pub(crate) fn run(command: &DeploymentCommand) -> anyhow::Result<Outcome> {
    match command {
        DeploymentCommand::Up(args) => up(args),
        DeploymentCommand::Down(args) => down(args),
        DeploymentCommand::List(args) => list(args),
    }
}

/// What is known of a deployment that was started: the content of its note beside the installations.
#[derive(Debug, Serialize, Deserialize)]
struct Up {
    leader: Process,
    folder: PathBuf,
    port: u16,
    smtp_port: Option<u16>,
}

impl Up {
    fn note(name: &str) -> PathBuf {
        Path::new(INSTALLED).join(format!("{name}.up"))
    }

    /// The deployment of that name, if it runs.
    fn find(name: &str) -> Option<Self> {
        let up: Self = serde_json::from_slice(&fs::read(Self::note(name)).ok()?).ok()?;
        up.leader.is_alive().then_some(up)
    }

    fn write(&self, name: &str) -> anyhow::Result<()> {
        let note = Self::note(name);
        files::replace(&note, &serde_json::to_vec(self)?)
            .with_context(|| format!("cannot write {}", note.display()))
    }

    /// Names of all that run.
    fn names() -> BTreeSet<String> {
        let entries = fs::read_dir(INSTALLED).into_iter().flatten().flatten();
        let files = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let names = files.filter_map(|file| Some(file.strip_suffix(".up")?.to_owned()));
        names.filter(|name| Self::find(name).is_some()).collect()
    }
}

/// Installs and starts a portal, and waits until it answers.
fn up(args: &UpArgs) -> anyhow::Result<Outcome> {
    let deployment = Deployment::named(&args.deployment)?;
    let (name, recipe) = (deployment.name.as_str(), &deployment.recipe);
    if let Some(reason) = Host::this().lacks(&recipe.needs) {
        return Err(Stop::with(
            Outcome::TargetNotReady,
            format!("{name} cannot be started here: it {reason}"),
        ));
    }
    if args.smtp_port.is_some() && recipe.smtp_port.is_none() {
        return Err(Stop::bad_command(format!("--smtp-port: {name} sends no mail")));
    }
    let _alone = start::alone(name)?;
    if let Some(up) = Up::find(name) {
        return already_up(&deployment, &up);
    }
    let (port, smtp_port) = (args.port.unwrap_or(recipe.port), args.smtp_port.or(recipe.smtp_port));
    if !ports::is_free(port) {
        return Err(Stop::bad_command(format!(
            "port {port} of 127.0.0.1 is taken by something that is not this deployment; end that, or give another --port"
        )));
    }
    let profile = profile_for(&deployment, port, smtp_port)?;
    let log = Path::new(INSTALLED).join(format!("{name}.log"));
    let start = Start {
        deployment: &deployment,
        port,
        smtp_port,
        environment: &BTreeMap::new(),
        data: None,
        log: &log,
    };
    let started = start.begin()?;
    let leader = started.leader().clone();
    Up { leader: leader.clone(), folder: deployment.folder.clone(), port, smtp_port }
        .write(name)?;
    let progress = Progress::of(name, &log);
    let waited = start.wait(&leader, &mut |waiting| progress.tell(waiting));
    progress.0.finish_and_clear();
    if let Err(error) = waited {
        drop(started);
        let _ = fs::remove_file(Up::note(name));
        return Err(error);
    }
    started.release();
    say::lines(&format!("{name} is up: {}\n", place(&deployment, port)));
    say::lines(&format!("  log    {}\n", log.display()));
    what_next(&deployment, &args.deployment, profile.as_deref());
    Ok(Outcome::Conforms)
}

/// Where a person and where a connection finds it.
fn place(deployment: &Deployment, port: u16) -> String {
    let base = deployment.recipe.base(port);
    let about = &deployment.recipe.about;
    if base.contains(&format!(":{port}")) {
        format!("{about} at {base}")
    } else {
        format!("{about} at 127.0.0.1:{port}, called {base}")
    }
}

fn what_next(deployment: &Deployment, named: &str, profile: Option<&Path>) {
    if let Some(profile) = profile {
        let options = deployment.recipe.run.join(" ");
        say::lines(&format!(
            "  run    cargo xtask scenarios --profile {} {options}\n",
            profile.display()
        ));
    }
    say::lines(&format!("  stop   cargo xtask deployment down {named}\n"));
}

/// The profile to run on it: the one that ships, or a copy with other ports. None where none ships.
fn profile_for(
    deployment: &Deployment,
    port: u16,
    smtp_port: Option<u16>,
) -> anyhow::Result<Option<PathBuf>> {
    let (recipe, profile) = (&deployment.recipe, deployment.profile());
    if !profile.is_file() {
        return Ok(None);
    }
    if (port, smtp_port) == (recipe.port, recipe.smtp_port) {
        return Ok(Some(profile));
    }
    let mut changes = vec![(recipe.port, port)];
    changes.extend(recipe.smtp_port.zip(smtp_port));
    let copy = Path::new(INSTALLED).join(format!("{}.toml", deployment.name));
    ports::copy_of_profile(&profile, &copy, &changes)?;
    Ok(Some(copy))
}

fn already_up(deployment: &Deployment, up: &Up) -> anyhow::Result<Outcome> {
    let (name, recipe, pid) = (&deployment.name, &deployment.recipe, up.leader.pid);
    if up.folder != deployment.folder {
        return Err(Stop::bad_command(format!(
            "another deployment that is called {name} is up, from {}; stop that one first",
            up.folder.display()
        )));
    }
    let base = recipe.base(up.port);
    if !(Ready { port: up.port, base: &base, path: &recipe.ready }).is_so() {
        return Err(Stop::with(
            Outcome::TargetNotReady,
            format!(
                "{name} is up (process {pid}) and does not answer on port {}; stop it with cargo xtask deployment down {name}",
                up.port
            ),
        ));
    }
    say::lines(&format!("{name} is up already (process {pid}): {}\n", place(deployment, up.port)));
    what_next(deployment, name, profile_for(deployment, up.port, up.smtp_port)?.as_deref());
    Ok(Outcome::Conforms)
}

/// The line that says what a start waits for: it moves on a terminal.
struct Progress(ProgressBar, String);

impl Progress {
    fn of(name: &str, log: &Path) -> Self {
        let bar = if say::moves() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar, format!("{name} (log: {})", log.display()))
    }

    fn tell(&self, waiting: Waiting) {
        let what = match waiting {
            Waiting::Installation => "installing",
            Waiting::Answer => "waiting for the first answer of",
        };
        if self.0.is_hidden() {
            say::tell(&format!("  {what} {}", self.1));
        } else {
            self.0.set_message(format!("{what} {}", self.1));
        }
    }
}

/// Ends what `up` started; nothing to do where it does not run.
fn down(args: &DownArgs) -> anyhow::Result<Outcome> {
    let named = Path::new(&args.deployment);
    let named = named.canonicalize().ok().filter(|_| args.deployment.contains('/'));
    let name = recipe::name_of(named.as_deref().unwrap_or(Path::new(&args.deployment)));
    let Some(up) = Up::find(&name) else {
        let name = Deployment::named(&args.deployment)?.name;
        let _ = fs::remove_file(Up::note(&name));
        say::lines(&format!("{name} is not up\n"));
        return Ok(Outcome::Conforms);
    };
    up.leader.end_group()?;
    let _ = fs::remove_file(Up::note(&name));
    say::lines(&format!("{name} is stopped\n"));
    Ok(Outcome::Conforms)
}

/// What can be started, and what runs.
fn list(args: &DeploymentListArgs) -> anyhow::Result<Outcome> {
    let mut folders = recipe::shipped();
    for name in Up::names() {
        let elsewhere = Up::find(&name).map(|up| up.folder);
        let known = |folder: &PathBuf| {
            folders.iter().any(|one| one.canonicalize().ok().as_ref() == Some(folder))
        };
        let elsewhere = elsewhere.filter(|folder| !known(folder));
        folders.extend(elsewhere);
    }
    let host = Host::this();
    let mut machine = Vec::new();
    for folder in folders {
        let Deployment { name, recipe, folder } = Deployment::read(&folder)?;
        let up = Up::find(&name).filter(|up| up.folder == folder);
        let lacks = host.lacks(&recipe.needs);
        if !args.json {
            let state = match (&up, &lacks) {
                (Some(up), _) => format!("up on port {}, process {}", up.port, up.leader.pid),
                (None, Some(reason)) => reason.clone(),
                (None, None) => "not up".to_owned(),
            };
            say::lines(&format!("  {name:<12} {:<32} {state}\n", recipe.about));
        }
        let up = up.map(|up| serde_json::json!({ "pid": up.leader.pid, "port": up.port, "smtp_port": up.smtp_port }));
        machine.push(serde_json::json!({ "name": name, "about": recipe.about, "port": recipe.port, "smtp_port": recipe.smtp_port, "up": up, "lacks": lacks }));
    }
    if args.json {
        say::machine(&format!("{:#}\n", serde_json::Value::from(machine)));
    }
    Ok(Outcome::Conforms)
}
