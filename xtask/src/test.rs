//! `test`: the project's own tests in one command. What it needs it fetches through the ordinary
//! package clients, and says so.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use anyhow::{Context, ensure};
use reports::record::Outcome;

use crate::{bench, cli::TestArgs, interrupt, say};

mod accounts;
mod adapter;
mod disks;
mod hostile;
mod kills;
mod known;
mod picture;
mod portals;
mod record;
mod sample;
mod schedule;
mod stubs;
mod tally;
mod verdicts;
mod walk;

use self::{
    sample::Sampler,
    schedule::{Mostly, Stage},
    tally::Tally,
};

/// Where everything that the tests make stands.
const ROOM: &str = "target/touchstone-test";

/// A copy of this program: the tests build it again, otherwise, over the one that runs.
const PROGRAM: &str = "target/touchstone-test/touchstone";

/// How much the builds give way to what runs beside them: portals answer to time limits.
const GIVES_WAY: &str = "10";

/// The stages about our own code and what it does on portals of ours, in their order.
fn stages() -> Vec<Stage> {
    type Plain = fn(&Path) -> anyhow::Result<()>;
    use Mostly::{Builds, Waits, Works};
    let stages: [(&str, bool, Mostly, Plain); 17] = [
        ("format", false, Builds, format),
        ("lints", false, Builds, lints),
        ("tests", false, Builds, tests),
        ("suite on the reference", false, Works, record::suite),
        ("same seed, any concurrency, same ceremonies", false, Works, record::deterministic),
        ("README.md", false, Works, walk::front),
        ("a record is judged again, and an edited one is not", false, Works, record::judged_again),
        ("a killed run keeps what was finished", false, Works, record::killed),
        ("an interrupted run keeps what was finished", false, Works, record::interrupted),
        ("defects", false, Works, defects),
        ("offline, in a network of loopback only", true, Works, record::offline),
        ("a hostile portal", true, Waits, hostile::hostile),
        ("stubs in another language", true, Works, stubs::stubs),
        ("an adapter in another language", true, Works, adapter::adapter),
        ("a run removes its accounts, however it ends", true, Works, accounts::removed),
        ("clean removes what a killed run left", true, Works, accounts::cleaned),
        ("second opinions", true, Builds, second_opinions),
    ];
    let stage = |(name, full_only, mostly, run): (&str, bool, Mostly, Plain)| Stage {
        name: name.to_owned(),
        full_only,
        lacks: None,
        mostly,
        run: Box::new(run),
    };
    let disks = stage(("disks that are small, full or gone", true, Works, disks::disks));
    let disks = Stage { lacks: disks::lacks(), ..disks };
    stages.into_iter().map(stage).chain([disks]).collect()
}

/// Runs every stage that was asked for; goes on after one that failed.
pub(crate) fn run(args: &TestArgs) -> anyhow::Result<Outcome> {
    let sampler = Arc::new(Sampler::new(args.all, args.sample_seed.as_deref())?);
    let mut all = stages();
    all.push(kills::stage(&sampler));
    all.extend(portals::stages(&sampler));
    let mut tally = Tally::default();
    let chosen = tally.choose(all, args);
    tally.knows(&args.only)?;
    // The tests send it to what they start.
    interrupt::started_programs_hear_hang_ups()?;
    interrupt::ends_descendants();
    let room = PathBuf::from(ROOM);
    let _ = std::fs::remove_dir_all(room.join("runs"));
    std::fs::create_dir_all(room.join("runs")).context("kit: no room for the tests")?;
    let program = std::env::current_exe().context("kit: this program is not to be found")?;
    let _ = std::fs::remove_file(PROGRAM);
    std::fs::copy(program, PROGRAM).context("kit: no copy of this program")?;
    let done = schedule::run(&chosen, &room, &say::lines);
    let (said, outcome) = tally.conclude(&done, &sampler.said());
    say::lines(&said);
    Ok(outcome)
}

fn format(_: &Path) -> anyhow::Result<()> {
    succeeds(Command::new(cargo()).args(["fmt", "--all", "--check"]))
}

/// Clippy looks at our own crates while it builds their tests, so that nothing is built for it alone.
fn lints(_: &Path) -> anyhow::Result<()> {
    let mut command = Command::new("nice");
    succeeds(linted(command.args(["-n", GIVES_WAY]).arg(cargo())).arg("--no-run"))
}

/// Builds only what the lints have not.
fn tests(_: &Path) -> anyhow::Result<()> {
    succeeds(linted(&mut Command::new(cargo())))
}

/// The tests of our crates, built by clippy in the place of the compiler. `cargo clippy` does the same
/// for a build that makes no code; what our crates stand on is built as for the program.
fn linted(command: &mut Command) -> &mut Command {
    // Beside cargo, or found as cargo is.
    command.env("RUSTC_WORKSPACE_WRAPPER", Path::new(&cargo()).with_file_name("clippy-driver"));
    command.env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__");
    command.args(["test", "--quiet", "--workspace"])
}

/// Others' verifiers and authenticators, beside the software key and the reference portal.
fn second_opinions(_: &Path) -> anyhow::Result<()> {
    succeeds(&mut bench::second_opinions())
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
