//! `test`: the project's own tests in one command. What it needs it fetches through the ordinary
//! package clients, and says so.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, ensure};
use reports::record::Outcome;

use crate::{cli::TestArgs, scenarios::print};

mod live;
mod record;

/// Where everything that the tests make stands.
const ROOM: &str = "target/touchstone-test";

/// A copy of this program: the tests build it again, with other features, over the one that runs.
const PROGRAM: &str = "target/touchstone-test/touchstone";

struct Stage {
    name: &'static str,
    /// Needs the network for its set-up, or takes long.
    full_only: bool,
    run: fn(&Path) -> anyhow::Result<()>,
}

const STAGES: &[Stage] = &[
    Stage { name: "format", full_only: false, run: format },
    Stage { name: "lints", full_only: false, run: lints },
    Stage { name: "tests", full_only: false, run: tests },
    Stage { name: "suite on the reference", full_only: false, run: record::suite },
    Stage {
        name: "same seed, any concurrency, same ceremonies",
        full_only: false,
        run: record::deterministic,
    },
    Stage {
        name: "a record is judged again, and an edited one is not",
        full_only: false,
        run: record::judged_again,
    },
    Stage { name: "a killed run keeps what was finished", full_only: false, run: record::killed },
    Stage {
        name: "an interrupted run keeps what was finished",
        full_only: false,
        run: record::interrupted,
    },
    Stage { name: "defects", full_only: false, run: defects },
    Stage { name: "offline, in a network of loopback only", full_only: true, run: record::offline },
    Stage { name: "stubs in another language", full_only: true, run: live::stubs },
    Stage { name: "allauth and its twin", full_only: true, run: live::allauth },
];

/// Runs every stage; goes on after one that failed.
pub(crate) fn run(args: &TestArgs) -> anyhow::Result<Outcome> {
    let room = PathBuf::from(ROOM);
    let _ = std::fs::remove_dir_all(room.join("runs"));
    std::fs::create_dir_all(room.join("runs")).context("kit: no room for the tests")?;
    let program = std::env::current_exe().context("kit: this program is not to be found")?;
    let _ = std::fs::remove_file(PROGRAM);
    std::fs::copy(program, PROGRAM).context("kit: no copy of this program")?;
    let (mut passed, mut failed) = (0, 0);
    let mut left_out = Vec::new();
    for stage in STAGES {
        if args.quick && stage.full_only {
            left_out.push(stage.name);
            continue;
        }
        eprintln!("── {}", stage.name);
        let begun = Instant::now();
        match (stage.run)(&room) {
            Ok(()) => {
                passed += 1;
                print(&format!(
                    "ok      {} ({:.1} s)\n",
                    stage.name,
                    begun.elapsed().as_secs_f32()
                ));
            }
            Err(error) => {
                failed += 1;
                print(&format!("FAILED  {}: {error:#}\n", stage.name));
            }
        }
    }
    if !left_out.is_empty() {
        print(&format!("--quick left out: {}\n", left_out.join(" · ")));
    }
    print(&format!("{passed} passed, {failed} failed, {} skipped\n", left_out.len()));
    Ok(if failed == 0 { Outcome::Conforms } else { Outcome::DoesNotConform })
}

fn format(_: &Path) -> anyhow::Result<()> {
    succeeds(Command::new(cargo()).args(["fmt", "--all", "--check"]))
}

fn lints(_: &Path) -> anyhow::Result<()> {
    succeeds(Command::new(cargo()).args([
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

fn tests(_: &Path) -> anyhow::Result<()> {
    succeeds(Command::new(cargo()).args(["test", "--quiet", "--workspace"]))
}

fn defects(_: &Path) -> anyhow::Result<()> {
    succeeds(touchstone(["defects"]))
}

/// This very program.
fn touchstone<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(args: I) -> &'static mut Command {
    let mut command = Command::new(PROGRAM);
    command.args(args);
    Box::leak(Box::new(command))
}

fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn succeeds(command: &mut Command) -> anyhow::Result<()> {
    exits(command, 0)
}

/// Runs a command that must end with a certain code.
fn exits(command: &mut Command, wanted: i32) -> anyhow::Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let line: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy()).collect();
    ensure!(
        status.code() == Some(wanted),
        "`{}` ended with {status}, not {wanted}",
        line.join(" ")
    );
    Ok(())
}
