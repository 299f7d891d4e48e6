//! The `touchstone` program, `cargo xtask` in this repository. Here: from the command line to a
//! command, and from what became of it to the exit code.

use std::{panic, process::ExitCode};

use clap::{CommandFactory, FromArgMatches};
use reports::{judge, record::Outcome};

mod again;
mod bench;
mod catalogue;
mod clean;
mod cli;
mod costs;
mod defects;
mod deployment;
mod doctor;
mod ending;
mod files;
mod folder;
mod fuzz;
mod help;
mod init;
mod interrupt;
mod journal;
mod live;
mod pace;
mod plan;
mod profiles;
mod records;
mod safety;
mod say;
mod scenarios;
mod serve;
mod stop;
mod suite;
mod test;

use cli::{Cli, Command, ProfileCommand};
use stop::Stop;

fn main() -> ExitCode {
    // 101 is never ours: a panic is our own error, and says so. Its text may quote what was sent, so
    // only the place is told.
    panic::set_hook(Box::new(|broken| {
        let place = broken.location().map(ToString::to_string).unwrap_or_default();
        say::tell(&format!("touchstone: kit: broke off at {place}"));
    }));
    let outcome = panic::catch_unwind(run).unwrap_or_else(|_| {
        say::tell("touchstone: this is a fault of Touchstone and not of the portal");
        Outcome::NoVerdict
    });
    ExitCode::from(judge::exit_code(say::arrived(interrupt::ended(outcome))))
}

fn run() -> Outcome {
    let listens = interrupt::listen();
    if std::env::var_os("CARGO_MANIFEST_DIR").is_none_or(|by| by != env!("CARGO_MANIFEST_DIR")) {
        harness::program::is_installed();
    }
    // Without a width nothing is broken.
    let command = help::arranged(Cli::command()).term_width(say::OUTPUT.width.unwrap_or(0));
    let cli = match command.try_get_matches().and_then(|found| Cli::from_arg_matches(&found)) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, everything else is a bad command.
            let outcome = if error.use_stderr() { Outcome::BadCommand } else { Outcome::Conforms };
            say::help(&error.render(), error.use_stderr());
            return outcome;
        }
    };
    match listens.and_then(|()| dispatch(cli.command)) {
        Ok(outcome) => outcome,
        Err(error) => {
            let outcome =
                error.downcast_ref::<Stop>().map_or(Outcome::NoVerdict, |stop| stop.outcome);
            say::tell(&format!("touchstone: {error:#}"));
            outcome
        }
    }
}

fn dispatch(command: Command) -> anyhow::Result<Outcome> {
    match command {
        Command::Scenarios(args) => scenarios::run(&args),
        Command::Plan(args) => plan::run(&args),
        Command::List(args) => catalogue::list(&args),
        Command::Show(args) => catalogue::show(&args),
        Command::Profile(ProfileCommand::Check(args)) => profiles::check(&args),
        Command::Profile(ProfileCommand::Show(args)) => profiles::show(&args),
        Command::Init(args) => init::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Deployment(command) => deployment::run(&command),
        Command::Defects(args) => defects::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Report(args) => records::report(&args),
        Command::Judge(args) => records::judge(&args),
        Command::Clean(args) => clean::run(&args),
        Command::Test(args) => in_its_repository("test").and_then(|()| test::run(&args)),
        Command::Bench(args) => in_its_repository("bench").and_then(|()| bench::run(&args)),
        Command::Fuzz(args) => in_its_repository("fuzz").and_then(|()| fuzz::run(&args)),
    }
}

/// Some commands are about this project, and build it.
fn in_its_repository(command: &str) -> anyhow::Result<()> {
    if std::path::Path::new("xtask/Cargo.toml").is_file() {
        return Ok(());
    }
    Err(Stop::bad_command(format!(
        "`{command}` is about Touchstone itself, and this directory is not its repository: go there, and run cargo xtask {command}"
    )))
}
