//! `fuzz`: runs the fuzzing programs of `fuzz/` for some time. The tests replay their corpora without
//! any of this.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    time::{Duration, SystemTime},
};

use anyhow::Context;
use profile::words;
use reports::record::Outcome;

use crate::{cli::FuzzArgs, interrupt, say, stop::Stop};

/// Where what a fuzzer finds on its way is kept between runs.
const KEPT: &str = "target/fuzz-corpus";

/// Where the programs are built.
const BUILT: &str = "target/fuzz";

/// Inputs that break a promise.
const BROKEN: &str = "fuzz/artifacts";

/// Longest input; a reader that is not linear shows it within this length.
const LONGEST: usize = 64 * 1024;

/// Seconds that one input may take, on a machine that does other things.
const ONE_INPUT: u64 = 20;

/// Memory that one program may use, in megabytes.
const MEMORY: u64 = 2048;

/// Fuzzes one target or each in turn.
pub(crate) fn run(args: &FuzzArgs) -> anyhow::Result<Outcome> {
    let targets = chosen(&args.targets)?;
    needs_its_tools()?;
    // A program of several processes, which ends as a whole with this one.
    interrupt::ends_descendants();
    for target in &targets {
        builds(target)?;
    }
    let mut outcome = Outcome::Conforms;
    for target in targets {
        say::tell(&format!("── {target} for {}", humantime::format_duration(args.time)));
        if !one(&target, args.time)? {
            outcome = Outcome::DoesNotConform;
            say::tell(&format!(
                "{target}: an input breaks a promise; it lies in {BROKEN}/{target}. Mend the reader, then \
                 copy the input to fuzz/corpus/{target}: the tests replay it"
            ));
        }
    }
    Ok(outcome)
}

/// The targets that the command line names, all of them where it names none.
fn chosen(asked: &[String]) -> anyhow::Result<Vec<String>> {
    let known = targets()?;
    let Some(wrong) = asked.iter().find(|asked| !known.contains(asked)) else {
        return Ok(if asked.is_empty() { known } else { asked.to_vec() });
    };
    let nearest = words::nearest(wrong, known.iter().map(String::as_str));
    let nearest = nearest.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Err(Stop::bad_command(format!(
        "no fuzzing target `{wrong}`{nearest}\n  targets: {}",
        known.join(" ")
    )))
}

/// The programs that the manifest of `fuzz/` names.
fn targets() -> anyhow::Result<Vec<String>> {
    let manifest: toml::Table =
        include_str!("../../fuzz/Cargo.toml").parse().context("fuzz/Cargo.toml")?;
    let bins = manifest.get("bin").and_then(toml::Value::as_array);
    let names = bins.into_iter().flatten().filter_map(|bin| bin.get("name")?.as_str());
    Ok(names.map(str::to_owned).collect())
}

/// Whether the tools are there; what is missing is said with the command that installs it.
fn needs_its_tools() -> anyhow::Result<()> {
    let runs = |program: &str, argument: &str| {
        let mut command = Command::new(program);
        let status = command.arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    let mut missing = Vec::new();
    if !runs("cargo-fuzz", "--version") {
        missing.push("cargo-fuzz: cargo install cargo-fuzz");
    }
    if !runs("c++", "--version") {
        missing.push("a C++ compiler: on Debian, apt-get install g++");
    }
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("fuzz: this machine lacks\n  {}", missing.join("\n  "));
    Err(Stop::with(Outcome::NoVerdict, message))
}

/// A command of cargo-fuzz for one target. Without a sanitizer the stable compiler does: no crate of ours
/// has unsafe code.
fn cargo_fuzz(command: &str, target: &str) -> Command {
    let mut started = Command::new("cargo-fuzz");
    started.args(["fuzz", command, "--sanitizer", "none", "--fuzz-dir", "fuzz"]);
    started.args(["--target-dir", BUILT, target]).stdin(Stdio::null());
    started
}

/// Builds the program of a target: what does not build breaks no promise.
fn builds(target: &str) -> anyhow::Result<()> {
    let status = cargo_fuzz("build", target).status().context("cannot start cargo-fuzz")?;
    if status.success() {
        return Ok(());
    }
    Err(ended_early(&format!("{target} does not build ({status}); cargo says above what is wrong")))
}

/// Fuzzes one target; whether every input kept the promises. One that did not lies among the artifacts.
fn one(target: &str, time: Duration) -> anyhow::Result<bool> {
    let kept = Path::new(KEPT).join(target);
    fs::create_dir_all(&kept).with_context(|| format!("cannot make {}", kept.display()))?;
    let seeds: PathBuf = ["fuzz", "corpus", target].iter().collect();
    let before = artifacts(target);
    let status = cargo_fuzz("run", target)
        .args([kept, seeds])
        .arg("--")
        .arg(format!("-max_total_time={}", time.as_secs().max(1)))
        .arg(format!("-max_len={LONGEST}"))
        .arg(format!("-timeout={ONE_INPUT}"))
        .arg(format!("-rss_limit_mb={MEMORY}"))
        .arg("-print_final_stats=1")
        .status()
        .context("cannot start cargo-fuzz")?;
    kept_its_promises(target, status, artifacts(target) != before)
}

fn kept_its_promises(target: &str, status: ExitStatus, left_one: bool) -> anyhow::Result<bool> {
    match (status.success(), left_one) {
        (true, false) => Ok(true),
        (_, true) => Ok(false),
        (false, false) => Err(ended_early(&format!(
            "{target} ended with {status} and left no input in {BROKEN}/{target}: it was ended, or could not run"
        ))),
    }
}

/// Why there is no word about a target: a person ended it, or it is this machine's or our own trouble.
fn ended_early(what: &str) -> anyhow::Error {
    if interrupt::is_asked() {
        return Stop::with(Outcome::Interrupted, "interrupted; what was found is kept");
    }
    Stop::with(Outcome::NoVerdict, format!("kit: fuzz: {what}"))
}

/// Inputs that break a promise, and when each was found. Those that are only slow break none.
fn artifacts(target: &str) -> BTreeMap<String, Option<SystemTime>> {
    let entries = fs::read_dir(Path::new(BROKEN).join(target)).into_iter().flatten().flatten();
    let named = entries.map(|entry| {
        let found = entry.metadata().and_then(|about| about.modified()).ok();
        (entry.file_name().to_string_lossy().into_owned(), found)
    });
    named.filter(|(name, _)| !name.starts_with("slow-unit-")).collect()
}
