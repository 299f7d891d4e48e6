//! The `touchstone` program, `cargo xtask` in this repository. Here: from the command line to a
//! command, and from what became of it to the exit code.

use std::{panic, process::ExitCode};

use clap::Parser;
use reports::{judge, record::Outcome, render::plain};

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
mod init;
mod journal;
mod live;
mod plan;
mod profiles;
mod records;
mod safety;
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
        eprintln!("touchstone: kit: broke off at {place}");
    }));
    let outcome = panic::catch_unwind(run).unwrap_or_else(|_| {
        eprintln!("touchstone: this is a fault of Touchstone and not of the portal");
        Outcome::NoVerdict
    });
    ExitCode::from(judge::exit_code(outcome))
}

fn run() -> Outcome {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, everything else is a bad command.
            let outcome = if error.use_stderr() { Outcome::BadCommand } else { Outcome::Conforms };
            let _ = error.print();
            return outcome;
        }
    };
    match dispatch(cli.command) {
        Ok(outcome) => outcome,
        Err(error) => {
            let outcome =
                error.downcast_ref::<Stop>().map_or(Outcome::NoVerdict, |stop| stop.outcome);
            // A message has lines; what it quotes of a portal must not act in any.
            let said = format!("{error:#}");
            eprintln!("touchstone: {}", said.lines().map(plain).collect::<Vec<_>>().join("\n"));
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
        Command::Test(args) => test::run(&args),
    }
}
