//! `test`: the project's own tests in one command. What it needs it fetches through the ordinary
//! package clients, and says so.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use anyhow::{Context, ensure};
use reports::record::Outcome;

use crate::{cli::TestArgs, deployment::group, scenarios::print, stop::Stop};

mod accounts;
mod adapter;
mod hostile;
mod known;
mod portals;
mod record;
mod stubs;
mod walk;

/// Where everything that the tests make stands.
const ROOM: &str = "target/touchstone-test";

/// A copy of this program: the tests build it again, with other features, over the one that runs.
const PROGRAM: &str = "target/touchstone-test/touchstone";

/// How many real portals are tried side by side. A trial is mostly waits (a link that expires, a time
/// step that passes), and what is left of two fits on two cores.
const PORTALS_AT_ONCE: usize = 2;

/// What a stage does in the room of the tests.
type Work = Box<dyn Fn(&Path) -> anyhow::Result<()> + Send + Sync>;

struct Stage {
    name: String,
    /// Needs the network for its set-up, or takes long.
    full_only: bool,
    /// What this machine lacks for it, in words.
    lacks: Option<String>,
    run: Work,
}

/// The stages that need the machine to themselves, in their order.
fn stages() -> Vec<Stage> {
    type Plain = fn(&Path) -> anyhow::Result<()>;
    let stages: [(&str, bool, Plain); 15] = [
        ("format", false, format),
        ("lints", false, lints),
        ("tests", false, tests),
        ("suite on the reference", false, record::suite),
        ("same seed, any concurrency, same ceremonies", false, record::deterministic),
        ("a record is judged again, and an edited one is not", false, record::judged_again),
        ("a killed run keeps what was finished", false, record::killed),
        ("an interrupted run keeps what was finished", false, record::interrupted),
        ("defects", false, defects),
        ("offline, in a network of loopback only", true, record::offline),
        ("a hostile portal", true, hostile::hostile),
        ("stubs in another language", true, stubs::stubs),
        ("an adapter in another language", true, adapter::adapter),
        ("a run removes its accounts, however it ends", true, accounts::removed),
        ("clean removes what a killed run left", true, accounts::cleaned),
    ];
    let stage = |(name, full_only, run): (&str, bool, Plain)| Stage {
        name: name.to_owned(),
        full_only,
        lacks: None,
        run: Box::new(run),
    };
    stages.into_iter().map(stage).collect()
}

/// Runs every stage that was asked for; goes on after one that failed.
pub(crate) fn run(args: &TestArgs) -> anyhow::Result<Outcome> {
    let mut tally = Tally::default();
    let alone = tally.choose(stages(), args);
    let portals = tally.choose(portals::stages(), args);
    tally.knows(&args.only)?;
    let room = PathBuf::from(ROOM);
    let _ = std::fs::remove_dir_all(room.join("runs"));
    std::fs::create_dir_all(room.join("runs")).context("kit: no room for the tests")?;
    let program = std::env::current_exe().context("kit: this program is not to be found")?;
    let _ = std::fs::remove_file(PROGRAM);
    std::fs::copy(program, PROGRAM).context("kit: no copy of this program")?;
    group::end_all_when_interrupted()?;
    let mut passed = Vec::new();
    for stage in &alone {
        passed.push(stage.passes(&room, &print));
    }
    passed.extend(side_by_side(&portals, &room, &print));
    let (said, outcome) = tally.conclude(&passed);
    print(&said);
    Ok(outcome)
}

impl Stage {
    /// Whether it passed; `tell` hears so.
    fn passes(&self, room: &Path, tell: &(dyn Fn(&str) + Sync)) -> bool {
        eprintln!("── {}", self.name);
        let begun = Instant::now();
        let result = (self.run)(room);
        let seconds = begun.elapsed().as_secs_f32();
        match &result {
            Ok(()) => tell(&format!("ok      {} ({seconds:.1} s)\n", self.name)),
            Err(error) => tell(&format!("FAILED  {} ({seconds:.1} s): {error:#}\n", self.name)),
        }
        result.is_ok()
    }
}

/// Whether a stage has that name, or one that begins with its words.
fn is_called(stage: &str, name: &str) -> bool {
    let rest = stage.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ',']))
}

/// Runs a few stages at a time.
fn side_by_side(stages: &[Stage], room: &Path, tell: &(dyn Fn(&str) + Sync)) -> Vec<bool> {
    let next = AtomicUsize::new(0);
    let passed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..PORTALS_AT_ONCE {
            scope.spawn(|| {
                while let Some(stage) = stages.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let one = stage.passes(room, tell);
                    passed.lock().unwrap_or_else(PoisonError::into_inner).push(one);
                }
            });
        }
    });
    passed.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// What does not run, and why.
#[derive(Default)]
struct Tally {
    names: Vec<String>,
    quick: Vec<String>,
    not_asked_for: Vec<String>,
    lacks: Vec<String>,
}

impl Tally {
    /// The stages that run; notes the others.
    fn choose(&mut self, stages: Vec<Stage>, args: &TestArgs) -> Vec<Stage> {
        let mut chosen = Vec::new();
        for stage in stages {
            self.names.push(stage.name.clone());
            if !args.only.is_empty() && !args.only.iter().any(|name| is_called(&stage.name, name)) {
                self.not_asked_for.push(stage.name);
            } else if args.quick && stage.full_only {
                self.quick.push(stage.name);
            } else if let Some(reason) = &stage.lacks {
                self.lacks.push(format!("{}: it {reason}", stage.name));
            } else {
                chosen.push(stage);
            }
        }
        chosen
    }

    /// Whether each name that was given is that of a stage.
    fn knows(&self, only: &[String]) -> anyhow::Result<()> {
        let is_one = |name: &&String| self.names.iter().any(|stage| is_called(stage, name));
        match only.iter().find(|name| !is_one(name)) {
            None => Ok(()),
            Some(name) => Err(Stop::bad_command(format!(
                "--only {name}: no stage is called so; they are\n  {}",
                self.names.join("\n  ")
            ))),
        }
    }

    /// What was left out and why, how much of the rest passed, and the word for it.
    fn conclude(&self, passed: &[bool]) -> (String, Outcome) {
        let mut said = String::new();
        for (why, stages) in [("--quick", &self.quick), ("--only", &self.not_asked_for)] {
            if !stages.is_empty() {
                said += &format!("{why} left out: {}\n", stages.join(" · "));
            }
        }
        for stage in &self.lacks {
            said += &format!("left out: {stage}\n");
        }
        let skipped = self.quick.len() + self.not_asked_for.len() + self.lacks.len();
        let good = passed.iter().filter(|passed| **passed).count();
        let bad = passed.len() - good;
        said += &format!("{good} passed, {bad} failed, {skipped} skipped\n");
        let outcome = match (good, bad) {
            (0, 0) => Outcome::NoVerdict,
            (_, 0) => Outcome::Conforms,
            _ => Outcome::DoesNotConform,
        };
        (said, outcome)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(name: &str, full_only: bool, lacks: Option<&str>) -> Stage {
        let fails = name.contains("fails");
        Stage {
            name: name.to_owned(),
            full_only,
            lacks: lacks.map(str::to_owned),
            run: Box::new(move |_| if fails { Err(anyhow::anyhow!("failed")) } else { Ok(()) }),
        }
    }

    /// The stages that run, and what is said in the end when they passed.
    fn chosen(quick: bool, only: &[&str]) -> (Vec<String>, String, Outcome) {
        let mut tally = Tally::default();
        let only = only.iter().map(|name| (*name).to_owned()).collect();
        let stages = vec![
            stage("format", false, None),
            stage("portal and its twin", true, None),
            stage("portals", true, Some("needs root, and this is user 7")),
        ];
        let chosen = tally.choose(stages, &TestArgs { quick, only });
        let passed = vec![true; chosen.len()];
        let (said, outcome) = tally.conclude(&passed);
        (chosen.into_iter().map(|stage| stage.name).collect(), said, outcome)
    }

    #[test]
    fn what_runs_and_what_is_left_out() {
        let lacks = "left out: portals: it needs root, and this is user 7\n";
        let twin = "portal and its twin";
        for (quick, only, names, said, outcome) in [
            (
                false,
                &[][..],
                &["format", twin][..],
                format!("{lacks}2 passed, 0 failed, 1 skipped\n"),
                Outcome::Conforms,
            ),
            (
                true,
                &[],
                &["format"],
                format!("--quick left out: {twin} · portals\n1 passed, 0 failed, 2 skipped\n"),
                Outcome::Conforms,
            ),
            (
                false,
                &["portal"],
                &[twin],
                "--only left out: format · portals\n1 passed, 0 failed, 2 skipped\n".to_owned(),
                Outcome::Conforms,
            ),
            (
                false,
                &[twin, "format"],
                &["format", twin],
                "--only left out: portals\n2 passed, 0 failed, 1 skipped\n".to_owned(),
                Outcome::Conforms,
            ),
            // Nothing ran, so nothing is known.
            (
                false,
                &["portals"],
                &[],
                format!("--only left out: format · {twin}\n{lacks}0 passed, 0 failed, 3 skipped\n"),
                Outcome::NoVerdict,
            ),
        ] {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(chosen(quick, only), (names, said, outcome), "{quick} {only:?}");
        }
    }

    #[test]
    fn a_name_that_is_no_stage() {
        let mut tally = Tally::default();
        tally.choose(stages(), &TestArgs { quick: false, only: Vec::new() });
        tally.knows(&["format".to_owned(), "stubs".to_owned()]).expect("both are stages");
        let error = tally.knows(&["form".to_owned()]).expect_err("no stage").to_string();
        assert!(error.starts_with("--only form: no stage is called so"), "{error}");
        assert!(error.contains("stubs in another language"), "{error}");
    }

    #[test]
    fn stages_side_by_side() {
        let stages = ["one", "two fails", "three", "four"].map(|name| stage(name, true, None));
        let told = Mutex::new(Vec::new());
        let tell = |line: &str| told.lock().expect("whole").push(line.to_owned());
        let mut passed = side_by_side(&stages, Path::new("nowhere"), &tell);
        passed.sort_unstable();
        let told = told.into_inner().expect("whole");
        assert_eq!(told.iter().filter(|line| line.starts_with("ok ")).count(), 3, "{told:?}");
        assert!(told.iter().any(|line| line.starts_with("FAILED  two fails")), "{told:?}");
        assert_eq!(passed, [false, true, true, true]);
        let (said, outcome) = Tally::default().conclude(&passed);
        assert_eq!((&*said, outcome), ("3 passed, 1 failed, 0 skipped\n", Outcome::DoesNotConform));
    }
}
