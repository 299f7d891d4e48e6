//! How much memory a run takes, by the number of its scenarios. Each run is a process of its own.

use std::{env, fs, path::Path, process};

use clap::Parser;
use harness::plan::Entry;

use super::super::*;
use crate::cli::{Cli, Command};

/// Tells a process how often it runs everything.
const TIMES: &str = "TOUCHSTONE_TEST_TIMES";
/// Tells it where it runs.
const ROOM: &str = "TOUCHSTONE_TEST_ROOM";

/// What is run: of every kind some.
const SELECTED: [&str; 5] =
    ["registration/origin", "authentication/origin", "login/password/*", "reset-token", "sso"];

#[test]
fn ten_times_as_many_scenarios_take_less_than_half_as_much_memory_again() {
    if let (Ok(times), Ok(room)) = (env::var(TIMES), env::var(ROOM)) {
        return run(times.parse().expect("a number"), Path::new(&room));
    }
    let [once, ten] = [1, 10].map(in_a_process);
    assert!(ten * 2 < once * 3, "once {once} kB, ten times {ten} kB");
}

/// The most memory of a run of so many times the selection, kB.
fn in_a_process(times: usize) -> u64 {
    let room = tempfile::tempdir().expect("a folder");
    let mut command = process::Command::new(env::current_exe().expect("this program"));
    command.args([
        "--exact",
        "scenarios::tests::memory::ten_times_as_many_scenarios_take_less_than_half_as_much_memory_again",
    ]);
    command.env(TIMES, times.to_string()).env(ROOM, room.path());
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let status = fs::read_to_string(room.path().join("status")).expect("its end");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix("kB"));
    peak.expect("Linux says it").trim().parse().expect("a number")
}

/// Runs the selection so many times, under other names each time, and writes down what that took.
fn run(times: usize, room: &Path) {
    let out = room.join("run");
    let words = ["touchstone", "scenarios", "--out", &out.display().to_string()].map(str::to_owned);
    let words = words.into_iter().chain(SELECTED.map(str::to_owned));
    let Command::Scenarios(args) = Cli::parse_from(words).command else { unreachable!() };
    let passed = interrupt::block_on(async { repeated(&args, times).await }).expect("a run");
    assert_eq!(passed, Outcome::Conforms);
    fs::copy("/proc/self/status", room.join("status")).expect("written");
}

async fn repeated(args: &RunArgs, times: usize) -> anyhow::Result<Outcome> {
    let mut settings = settings(args)?;
    let Begun { chosen, mut plan, folder, live, canary } = begin(args, &mut settings).await?;
    let entries = (0..times).flat_map(|time| {
        plan.entries.iter().cloned().map(move |mut entry: Entry| {
            entry.scenario.id = format!("{}/time-{time}", entry.scenario.id);
            entry
        })
    });
    plan.entries = entries.collect();
    let (ledger, redactor) = (settings.ledger.clone(), settings.redactor.clone());
    let work = runner::run(chosen.target.clone(), &plan, settings, canary, live.clone());
    let mut run = work.await;
    let printed = |run: &Run, source: &dyn Source| printed(run, source, false);
    let desk = Desk {
        folder: &folder,
        live: &live,
        ledger: &ledger,
        redactor: &redactor,
        printed: &printed,
    };
    desk.close(&mut run)?;
    Ok(run.outcome)
}
