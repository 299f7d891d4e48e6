//! What a folder of `deployments/` says of itself in `deployment.toml`: read, checked, and found by
//! name. Nothing is started here.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Parser;
use profile::words;
use reports::input;
use serde::{Deserialize, Deserializer, de};

use super::host::Need;
use crate::{
    cli::{Cli, Command},
    stop::Stop,
};

/// Where the shipped portals stand.
pub(crate) const SHIPPED: &str = "deployments";

/// The file that makes a deployment of a folder.
const FILE: &str = "deployment.toml";

/// How a portal is started and tried.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recipe {
    /// The product and its exact version.
    pub(crate) about: String,
    /// The port that the portal's profile names.
    pub(crate) port: u16,
    /// The port on which the profile expects the portal's mail, where it sends any.
    pub(crate) smtp_port: Option<u16>,
    /// Base URL of the portal; `{port}` stands for the port it listens on.
    base: String,
    /// A path that answers with a status below 500 once the portal is ready.
    pub(crate) ready: String,
    /// How long the first answer may take once everything is installed.
    #[serde(deserialize_with = "duration")]
    pub(crate) within: Duration,
    /// Options of the run that the tests make.
    pub(crate) run: Vec<String>,
    /// The preset that `init` takes it for, where that is not the one that the profile stands on:
    /// from outside some kinds look the same.
    pub(crate) recognised_as: Option<String>,
    /// What the machine must be for it.
    #[serde(default)]
    pub(crate) needs: Vec<Need>,
    /// The same portal, with a switch on that breaks it.
    pub(crate) twin: Option<Twin>,
}

/// A portal that is broken on purpose.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Twin {
    /// What is wrong with it.
    pub(crate) name: String,
    /// What turns the switch on.
    pub(crate) environment: BTreeMap<String, String>,
}

fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    humantime::parse_duration(&text)
        .map_err(|error| de::Error::custom(format!("`{text}`: {error}, as in \"90s\"")))
}

impl Recipe {
    /// The base URL of the portal on a port.
    pub(crate) fn base(&self, port: u16) -> String {
        self.base.replace("{port}", &port.to_string())
    }

    /// Reads the text of the file called `file`.
    fn parse(text: &str, file: &str) -> Result<Self, String> {
        let recipe: Self = toml::from_str(text).map_err(|error| format!("{file}: {error}"))?;
        recipe.check().map_err(|(key, complaint)| format!("{file}: {key}: {complaint}"))?;
        Ok(recipe)
    }

    /// What the form alone does not say: the key at fault, and what is wrong with it.
    fn check(&self) -> Result<(), (&'static str, String)> {
        let host = self.base.strip_prefix("http://").unwrap_or_default();
        if host.is_empty() || host.starts_with('/') || host.ends_with('/') {
            let wanted = "is `http://` and a host, with `:{port}` where the portal needs it, and without a slash behind";
            return Err(("base", wanted.to_owned()));
        }
        if !self.ready.starts_with('/') {
            return Err(("ready", "is a path and begins with `/`".to_owned()));
        }
        if self.port == 0 {
            return Err(("port", "0 is no port that a profile can name".to_owned()));
        }
        if self.smtp_port == Some(0) || self.smtp_port == Some(self.port) {
            return Err(("smtp_port", "is a port of its own".to_owned()));
        }
        if let Some(twin) = &self.twin
            && (twin.name.is_empty() || twin.environment.is_empty())
        {
            return Err(("twin", "has a name, and an environment that turns it on".to_owned()));
        }
        self.run_is_for_scenarios().map_err(|complaint| ("run", complaint))
    }

    /// The options of the run are such as `scenarios` takes, but for those that the tests give themselves.
    fn run_is_for_scenarios(&self) -> Result<(), String> {
        let line =
            ["touchstone", "scenarios"].into_iter().chain(self.run.iter().map(String::as_str));
        let cli = Cli::try_parse_from(line).map_err(|error| {
            error.to_string().lines().next().unwrap_or_default().replace("error: ", "")
        })?;
        let Command::Scenarios(args) = cli.command else {
            return Err("holds options of `scenarios`".to_owned());
        };
        let chosen = args.selection;
        if chosen.profile.is_some() || args.out.is_some() || !chosen.filters.is_empty() {
            return Err("takes neither --profile nor --out nor a filter".to_owned());
        }
        Ok(())
    }
}

/// A portal that can be started.
#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    /// The name of its folder.
    pub(crate) name: String,
    /// Its folder, from the root of the file system.
    pub(crate) folder: PathBuf,
    pub(crate) recipe: Recipe,
}

impl Deployment {
    /// Reads the deployment in a folder.
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join(FILE);
        let cannot = |error| Stop::bad_command(format!("cannot read {}: {error}", file.display()));
        let text = input::RECIPE.text(&file).map_err(Stop::bad_command)?;
        let recipe =
            Recipe::parse(&text, &file.display().to_string()).map_err(Stop::bad_command)?;
        let folder = folder.canonicalize().map_err(cannot)?;
        Ok(Self { name: name_of(&folder), folder, recipe })
    }

    /// The deployment that a person names: a folder of `deployments/`, or the path of any other.
    pub(crate) fn named(name: &str) -> anyhow::Result<Self> {
        if name.contains('/') {
            return Self::read(Path::new(name));
        }
        let shipped = shipped();
        if let Some(folder) = shipped.iter().find(|folder| name_of(folder) == name) {
            return Self::read(folder);
        }
        let names: Vec<_> = shipped.iter().map(|folder| name_of(folder)).collect();
        Err(Stop::bad_command(match words::nearest(name, names.iter().map(|name| &**name)) {
            Some(nearest) => {
                format!("no deployment is called `{name}`; the nearest is `{nearest}`")
            }
            None => format!(
                "no deployment is called `{name}`, nor anything: there is no {SHIPPED}/ here; \
                 change to the root of the repository, or give the path of a folder with a {FILE}"
            ),
        }))
    }

    /// Its profile, where it ships with one.
    pub(crate) fn profile(&self) -> PathBuf {
        PathBuf::from(format!("profiles/{}.toml", self.name))
    }
}

/// The name by which the deployment in a folder is known.
pub(crate) fn name_of(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Folders of `deployments/` that hold a deployment, by name.
pub(crate) fn shipped() -> Vec<PathBuf> {
    let entries = fs::read_dir(SHIPPED).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    folders.retain(|folder| folder.join(FILE).is_file());
    folders.sort();
    folders
}

#[cfg(test)]
mod tests;
