//! A stage about an adapter in another language: the reference portal, which a profile could describe
//! as well, driven through it. The sound one conforms, one that checks nothing does not, and an adapter
//! that goes wrong gives no verdict on the portal.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, ensure};
use serde_json::Value;

use super::{PROGRAM, exits, stubs::started, touchstone};
use crate::deployment::{group::Group, ports};

/// What is run of the suite.
const FAMILIES: [&str; 3] = ["login", "keys", "deleted-credential"];

/// Each adapter that goes wrong: its option, and what the report says of it.
const WRONG: [(&str, &str); 2] = [
    ("--dies-after", "no browser is left to drive"),
    ("--babbles-after", "no message of the protocol"),
];

pub(super) fn adapter(room: &Path) -> anyhow::Result<()> {
    let sound = Served::start(room, "sound", None)?;
    sound.needs_a_yes(room)?;
    exits(sound.command(&["doctor"], &sound.profile).arg("--allow-commands"), 0)?;
    let run = sound.run(&sound.profile, "adapter-sound", 0)?;
    let loosened = run["guards"]["loosened"].to_string();
    ensure!(loosened.contains("beyond the allow-list"), "the report says only {loosened}");
    let concluded = run["summary"]["pass"].as_u64().unwrap_or_default();
    ensure!(concluded > 20, "only {concluded} scenarios passed");
    as_the_manual_says(&run)?;
    for (option, says) in WRONG {
        // Before the first control is through, and in the middle of the scenarios.
        for after in ["3", "40"] {
            let profile = sound.wrong(room, option, after)?;
            let run = sound.run(&profile, &format!("adapter{option}-{after}"), 4)?;
            let note = run["note"].as_str().unwrap_or_default();
            ensure!(note.contains(says), "{option} {after}: the report says {note:?}");
            let findings = run["summary"]["fail"].as_u64().unwrap_or_default();
            ensure!(findings == 0, "{option} {after}: {findings} findings of the portal");
        }
    }
    let broken = Served::start(room, "broken", Some("canary/accepts-everything"))?;
    broken.run(&broken.profile, "adapter-broken", 1)?;
    Ok(())
}

/// The reference portal over HTTP, and a profile that has it driven by the adapter.
struct Served {
    profile: PathBuf,
    token: String,
    _portal: Group,
}

impl Served {
    fn start(room: &Path, name: &str, defect: Option<&str>) -> anyhow::Result<Self> {
        let port = ports::free()?;
        let said = room.join(format!("adapter-{name}.json"));
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--json", "--port", &port.to_string()]);
        command.args(defect.map(|defect| ["--defect", defect]).into_iter().flatten());
        command.stdout(File::create(&said)?).stderr(Stdio::null());
        let portal = started(&mut command, port)?;
        let said: Value = serde_json::from_str(&fs::read_to_string(said)?)?;
        let token = said["admin_token"].as_str().context("no administrator's token")?.to_owned();
        let profile = room.join(format!("adapter-{name}.toml"));
        let script = fs::canonicalize("deployments/stubs/adapter.py")?;
        ports::copy_of_profile(Path::new("profiles/adapter.toml"), &profile, &[(8191, port)])?;
        let text = fs::read_to_string(&profile)?
            .replace("../deployments/stubs/adapter.py", &script.display().to_string());
        fs::write(&profile, text)?;
        Ok(Self { profile, token, _portal: portal })
    }

    /// The profile with an adapter that goes wrong.
    fn wrong(&self, room: &Path, option: &str, after: &str) -> anyhow::Result<PathBuf> {
        let profile = room.join(format!("adapter{option}-{after}.toml"));
        let text = fs::read_to_string(&self.profile)?;
        let goes_wrong = format!("adapter.py\", \"{option}\", \"{after}\"]");
        fs::write(&profile, text.replace("adapter.py\"]", &goes_wrong))?;
        Ok(profile)
    }

    fn command(&self, words: &[&str], profile: &Path) -> &'static mut Command {
        let command = touchstone(words);
        command.arg("--profile").arg(profile).env("TOUCHSTONE_ADMIN", &self.token);
        command.stdout(Stdio::null())
    }

    /// The record of a run that must end with a code, and is judged the same again.
    fn run(&self, profile: &Path, name: &str, code: i32) -> anyhow::Result<Value> {
        let out = room_of(profile).join("runs").join(name);
        let command = self.command(&["scenarios", "--allow-commands", "--keep", "all"], profile);
        exits(command.arg("--out").arg(&out).args(FAMILIES), code)
            .with_context(|| name.to_owned())?;
        exits(touchstone(["judge".as_ref(), out.as_os_str()]).stdout(Stdio::null()), code)?;
        Ok(serde_json::from_slice(&fs::read(out.join("run.json"))?)?)
    }

    /// Without `--allow-commands` nothing is begun.
    fn needs_a_yes(&self, room: &Path) -> anyhow::Result<()> {
        let out = room.join("runs").join("adapter-not-allowed");
        for words in [&["scenarios", "login"][..], &["doctor"], &["clean"]] {
            let command = self.command(words, &self.profile).stderr(Stdio::null());
            if words.contains(&"scenarios") {
                command.arg("--out").arg(&out);
            }
            exits(command, 2)?;
        }
        ensure!(!out.exists(), "a run was begun that nobody allowed");
        Ok(())
    }
}

/// What each verb, or half of one, was given is what the manual says: all that is needed, and nothing
/// that it does not name.
fn as_the_manual_says(run: &Value) -> anyhow::Result<()> {
    let manual = fs::read_to_string("docs/adapter.md")?;
    let rows: BTreeMap<(&str, &str), &str> = manual.lines().filter_map(row).collect();
    let scenarios = run["scenarios"].as_array().context("no scenarios")?;
    let steps = scenarios.iter().filter_map(|scenario| scenario["steps"].as_array()).flatten();
    let requests = steps.filter(|step| step["method"] == "ADAPTER");
    let mut asked = 0;
    for request in requests.filter_map(|step| step["request_body"].as_str()) {
        let Ok(request) = serde_json::from_str::<Value>(request) else { continue };
        let word = |member: &str| request[member].as_str().unwrap_or_default();
        let (verb, half) = (word("verb"), word("half"));
        let inputs = rows.get(&(verb, half)).with_context(|| format!("{verb} {half}: no row"))?;
        let given = request["inputs"].as_object().context("no inputs")?;
        for name in inputs.split(", ").filter(|name| !name.is_empty() && !name.starts_with('[')) {
            let there = given.contains_key(name.trim_matches('`'));
            ensure!(there, "docs/adapter.md: {verb} {half} is not given {name}");
        }
        for name in given.keys() {
            let named = inputs.contains(&format!("`{name}`"));
            ensure!(named, "docs/adapter.md: {verb} {half} is given `{name}` as well");
        }
        asked += 1;
    }
    ensure!(asked > 100, "only {asked} requests are in the record");
    Ok(())
}

/// A row of the manual's table of verbs: verb and half, and the inputs.
fn row(line: &str) -> Option<((&str, &str), &str)> {
    let mut cells = line.strip_prefix("| ")?.split(" | ");
    let mut word = || Some(cells.next()?.trim_matches('`'));
    let (verb, half) = (word()?, word()?);
    let inputs = cells.next()?.trim();
    matches!(half, "begin" | "finish" | "whole").then_some(((verb, half), inputs))
}

fn room_of(profile: &Path) -> &Path {
    profile.parent().unwrap_or(Path::new("."))
}
