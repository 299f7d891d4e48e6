//! Stages about runs on the reference and their records.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};

use super::{PROGRAM, exits, hostile::size, succeeds, touchstone};
use crate::plan::costs_are_fresh;

fn scenarios(room: &Path, name: &str, more: &[&str]) -> (PathBuf, &'static mut Command) {
    let out = room.join("runs").join(name);
    let command = touchstone(["scenarios", "--out"]);
    command.arg(&out).args(more);
    (out, command)
}

pub(super) fn suite(room: &Path) -> anyhow::Result<()> {
    let (out, command) = scenarios(room, "suite", &[]);
    succeeds(command)?;
    let run: serde_json::Value = serde_json::from_slice(&fs::read(out.join("run.json"))?)?;
    let scenarios = run["scenarios"].as_array().context("no scenarios")?;
    for scenario in scenarios {
        if scenario["kind"] == "tampering" && scenario["verdict"] == "pass" {
            let (before, after) = (&scenario["control"]["before"], &scenario["control"]["after"]);
            ensure!(
                before == "accepted" && after == "accepted",
                "{} passed without its controls",
                scenario["id"]
            );
            // Who signs in with the key alone is nobody yet: all refusals look alike.
            let alike = scenario["answer"]["reason"] == "login/passwordless";
            ensure!(
                scenario["grade"] == "A" || alike,
                "{} was refused on the reference for another reason",
                scenario["id"]
            );
        }
    }
    weighs_little(&out, u64::try_from(scenarios.len())?)?;
    costs_are_fresh(&out)
}

/// How much the files of a whole run on the reference may take for each scenario, bytes: 8 MB for the first
/// 533 of them. And how much the page for people may take.
const OF_A_SCENARIO: u64 = 15_000;
const REPORT: u64 = 3_000_000;

fn weighs_little(out: &Path, scenarios: u64) -> anyhow::Result<()> {
    let (all, report) = (size(out)?, fs::metadata(out.join("report.html"))?.len());
    let most = OF_A_SCENARIO * scenarios;
    ensure!(all < most, "the files of {scenarios} scenarios take {all} bytes, {most} at most");
    ensure!(report < REPORT, "report.html takes {report} bytes");
    Ok(())
}

pub(super) fn deterministic(room: &Path) -> anyhow::Result<()> {
    let (one, command) =
        scenarios(room, "one-at-a-time", &["--seed", "5eed", "--concurrency", "1"]);
    succeeds(command.stdout(Stdio::null()))?;
    let (many, command) =
        scenarios(room, "side-by-side", &["--seed", "5eed", "--concurrency", "16"]);
    succeeds(command.stdout(Stdio::null()))?;
    let (one, many) =
        (fs::read(one.join("ceremonies.jsonl"))?, fs::read(many.join("ceremonies.jsonl"))?);
    ensure!(
        !one.is_empty() && one == many,
        "ceremonies.jsonl differs between two runs with one seed"
    );
    Ok(())
}

pub(super) fn judged_again(room: &Path) -> anyhow::Result<()> {
    let run = room.join("runs/suite");
    if !run.exists() {
        suite(room)?;
    }
    succeeds(touchstone(["judge".as_ref(), run.as_os_str()]))?;
    let edited = room.join("runs/edited");
    fs::create_dir_all(&edited)?;
    let text = fs::read_to_string(run.join("run.json"))?;
    for (stands, written) in [
        ("\"signed_in\":\"nobody\"", "\"signed_in\":\"nobodx\""),
        ("\"before\":\"accepted\"", "\"before\":\"refused\""),
    ] {
        let edit = text.replacen(stands, written, 1);
        ensure!(edit != text, "there was no {stands} to edit");
        fs::write(edited.join("run.json"), edit)?;
        exits(touchstone(["judge".as_ref(), edited.as_os_str()]), 6)?;
        exits(touchstone(["report".as_ref(), edited.as_os_str()]).stdout(Stdio::null()), 6)?;
    }
    Ok(())
}

/// A run that is killed in the middle: its journal makes a report, and the report says unfinished.
pub(super) fn killed(room: &Path) -> anyhow::Result<()> {
    let (out, mut child) = halfway(room, "killed")?;
    child.kill()?;
    child.wait()?;
    let report = touchstone(["report".as_ref(), out.as_os_str()]).output()?;
    ensure!(report.status.code() == Some(3), "report of a killed run ended with {}", report.status);
    let text = String::from_utf8_lossy(&report.stdout).into_owned();
    ensure!(
        text.contains("unfinished") && text.contains("pass"),
        "the report does not say what was finished and what was not"
    );
    Ok(())
}

/// A run that a person interrupts: what was finished stands, and the record holds.
pub(super) fn interrupted(room: &Path) -> anyhow::Result<()> {
    let (out, mut child) = halfway(room, "interrupted")?;
    succeeds(Command::new("kill").args(["-INT", &child.id().to_string()]))?;
    let status = child.wait()?;
    ensure!(status.code() == Some(130), "an interrupted run ended with {status}");
    exits(touchstone(["judge".as_ref(), out.as_os_str()]), 130)
}

/// A run that has finished some scenarios and not all.
fn halfway(room: &Path, name: &str) -> anyhow::Result<(PathBuf, Child)> {
    let (out, command) = scenarios(room, name, &["--concurrency", "1"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let deadline = Instant::now() + Duration::from_secs(60);
    while done(&out) < 5 {
        if child.try_wait()?.is_some() {
            bail!("the run ended before it was halfway");
        }
        if Instant::now() > deadline {
            let _ = child.kill();
            bail!("the run finished nothing in 60 s");
        }
        std::thread::yield_now();
    }
    Ok((out, child))
}

fn done(out: &Path) -> usize {
    let journal = fs::read_to_string(out.join("journal.jsonl")).unwrap_or_default();
    journal.matches("\"event\":\"scenario-done\"").count()
}

/// The whole suite where nothing but loopback exists.
pub(super) fn offline(room: &Path) -> anyhow::Result<()> {
    let out = room.join("runs/offline");
    let mut command = Command::new("unshare");
    command.args([
        "--user",
        "--map-root-user",
        "--net",
        "sh",
        "-c",
        "ip link set lo up && exec \"$0\" scenarios --out \"$1\"",
    ]);
    command.arg(PROGRAM).arg(out).stdout(Stdio::null());
    succeeds(&mut command).context("needs unshare (util-linux) and ip (iproute2)")
}
