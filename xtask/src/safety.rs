//! What the command line allows of a portal, before anything is sent: effects, and a production portal
//! only by name and class by class.

use std::collections::BTreeSet;

use profile::{
    Description, Environment, Loosened, Profile,
    effect::{self, Effect},
};
use reports::record::Outcome;

use crate::{
    cli::{RunArgs, Selection},
    stop::Stop,
};

/// Takes from a profile what the command line does not allow.
pub(crate) fn limit(selection: &Selection, about: &mut Description) {
    // A yes to production is a yes to nothing that is not named.
    if !selection.effects.is_empty() || about.environment == Environment::Production {
        about.effects.retain(|effect| selection.effects.contains(effect));
    }
}

/// The same for a run, which on a production portal needs its host as a yes.
pub(crate) fn allowed(args: &RunArgs, profile: &mut Profile) -> anyhow::Result<()> {
    if args.selection.allow_commands && !profile.commands().is_empty() {
        let says = "programs that the profile names are run on this machine".to_owned();
        profile.description.loosened.push(Loosened { by: "--allow-commands", says });
    }
    let about = &mut profile.description;
    limit(&args.selection, about);
    let named: BTreeSet<Effect> = args.selection.effects.iter().copied().collect();
    let classes = effect::words(&Effect::all()).join(", ");
    let needed = format!(
        "A run needs `--yes-production {}` and `--effects` with each class that is allowed, of: {classes}",
        host(&about.base("consent"))
    );
    by_name(about, args.yes_production.as_deref(), !named.is_empty(), &needed)?;
    if about.environment == Environment::Production {
        let says = format!(
            "runs on production ({}), allowed by name: {}",
            host(&about.base("consent")),
            effect::words(&named).join(", ")
        );
        about.loosened.push(Loosened { by: "--yes-production", says });
    }
    Ok(())
}

/// The same for `clean`, which does one thing only.
pub(crate) fn may_remove(about: &mut Description, yes: Option<&str>) -> anyhow::Result<()> {
    about.effects.retain(|effect| *effect == Effect::DeletesOwnAccount);
    let needed = format!("`clean` needs `--yes-production {}`", host(&about.base("consent")));
    by_name(about, yes, yes.is_some(), &needed)
}

/// Whether a production portal, and no other, is allowed by its host's name.
fn by_name(
    about: &Description,
    yes: Option<&str>,
    is_whole: bool,
    needed: &str,
) -> anyhow::Result<()> {
    let host = host(&about.base("consent"));
    match (about.environment == Environment::Production, yes) {
        (false, None) => Ok(()),
        (false, Some(_)) => Err(Stop::bad_command(format!(
            "--yes-production: the profile says `environment = \"{}\"`; nothing was sent",
            about.environment
        ))),
        (true, Some(yes)) if yes != host => Err(Stop::bad_command(format!(
            "--yes-production {yes}: the profile's host is {host}; nothing was sent"
        ))),
        (true, Some(_)) if is_whole => Ok(()),
        (true, Some(_) | None) => Err(Stop::with(
            Outcome::StoppedForSafety,
            format!(
                "stopped for safety: the profile describes a production portal. {needed}; nothing was sent"
            ),
        )),
    }
}

/// For commands that make accounts and have no yes of their own.
pub(crate) fn no_production(about: &Description) -> anyhow::Result<()> {
    if about.environment != Environment::Production {
        return Ok(());
    }
    Err(Stop::with(
        Outcome::StoppedForSafety,
        "stopped for safety: the profile describes a production portal, and this command makes accounts; nothing was sent",
    ))
}

/// The host of a base URL that was checked when the profile was read.
fn host(base: &str) -> String {
    let rest = base.split_once("://").map_or(base, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let port = authority.rfind(':').filter(|at| !authority[*at..].contains(']'));
    port.map_or(authority, |at| &authority[..at]).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn about(environment: Environment) -> Description {
        let mut about = crate::profiles::reference().expect("the shipped profile").description;
        about.environment = environment;
        about.base = "https://Login.example:8443/start".to_owned();
        about
    }

    /// What a command line makes of an environment: effects that are left, or the word it ends in.
    fn check(environment: Environment, line: &str) -> Result<usize, Outcome> {
        let words = ["touchstone", "scenarios"].into_iter().chain(line.split_whitespace());
        let Command::Scenarios(args) = Cli::parse_from(words).command else { unreachable!() };
        let mut profile = crate::profiles::reference().expect("the shipped profile");
        profile.description = about(environment);
        allowed(&args, &mut profile)
            .map_err(|error| error.downcast_ref::<Stop>().expect("a word").outcome)?;
        let about = &profile.description;
        let by = about.loosened.iter().any(|loosened| loosened.by == "--yes-production");
        assert_eq!(environment == Environment::Production, by, "{line}");
        Ok(about.effects.len())
    }

    /// Options of a run that loosen a guard; the record says so of each that was used.
    const LOOSENS: &[&str] = &["allow_commands", "authorised_by", "webdriver", "yes_production"];

    /// Those that loosen none, or make one stricter.
    const NOT: &[&str] = &[
        "filters",
        "profile",
        "defect",
        "browser",
        "headed",
        "max_wait",
        "quick",
        "effects",
        "concurrency",
        "only_secrets",
        "json",
        "seed",
        "out",
        "keep",
        "strict",
        "help",
    ];

    /// Whoever adds an option to a run says whether it loosens a guard.
    #[test]
    fn every_option_that_could_loosen_a_guard_does_or_is_said_not_to() {
        use clap::CommandFactory;
        let cli = Cli::command();
        let scenarios = cli.find_subcommand("scenarios").expect("the command");
        let options = scenarios.get_arguments().map(|option| option.get_id().as_str());
        let options: BTreeSet<&str> = options.chain(["help"]).collect();
        assert_eq!(options, LOOSENS.iter().chain(NOT).copied().collect());
    }

    #[test]
    fn nobody_is_not_somebody_who_answers() {
        for (by, is_somebody) in
            [("QA", true), ("", false), (" ", false), ("\u{200b}", false), ("\u{1b}[2JQA", false)]
        {
            for command in ["scenarios", "doctor", "clean"] {
                let words = ["touchstone", command, "--profile", "p", "--authorised-by", by];
                let parsed = Cli::try_parse_from(words).is_ok();
                assert_eq!(parsed, is_somebody, "{command} {by:?}");
            }
        }
    }

    #[test]
    fn production_needs_its_host_and_every_class() {
        let all = Effect::ALL.len();
        let (stopped, bad) = (Outcome::StoppedForSafety, Outcome::BadCommand);
        for (environment, line, expected) in [
            (Environment::Local, "", Ok(all)),
            (Environment::Staging, "", Ok(all)),
            (Environment::Staging, "--effects creates-account,wrong-tries", Ok(2)),
            (Environment::Staging, "--yes-production login.example", Err(bad)),
            (Environment::Production, "", Err(stopped)),
            (Environment::Production, "--effects creates-account", Err(stopped)),
            (Environment::Production, "--yes-production login.example", Err(stopped)),
            (
                Environment::Production,
                "--yes-production example --effects creates-account",
                Err(bad),
            ),
            (
                Environment::Production,
                "--yes-production Login.example:8443 --effects wrong-tries",
                Err(bad),
            ),
            (
                Environment::Production,
                "--yes-production login.example --effects creates-account",
                Ok(1),
            ),
        ] {
            assert_eq!(check(environment, line), expected, "{environment} {line}");
        }
    }

    #[test]
    fn removing_from_production_needs_its_host() {
        let (stopped, bad) = (Outcome::StoppedForSafety, Outcome::BadCommand);
        for (environment, yes, expected) in [
            (Environment::Local, None, Ok(())),
            (Environment::Local, Some("login.example"), Err(bad)),
            (Environment::Production, None, Err(stopped)),
            (Environment::Production, Some("other.example"), Err(bad)),
            (Environment::Production, Some("login.example"), Ok(())),
        ] {
            let mut about = about(environment);
            let may = may_remove(&mut about, yes)
                .map_err(|error| error.downcast_ref::<Stop>().expect("a word").outcome);
            assert_eq!(may, expected, "{environment} {yes:?}");
            assert_eq!(about.effects, BTreeSet::from([Effect::DeletesOwnAccount]));
        }
    }

    #[test]
    fn an_effect_of_another_word_is_a_bad_command() {
        let words = ["touchstone", "scenarios", "--effects", "everything"];
        assert!(Cli::try_parse_from(words).is_err());
    }

    #[test]
    fn a_plan_of_production_without_effects_allows_nothing() {
        let mut about = about(Environment::Production);
        limit(&Selection::default(), &mut about);
        assert_eq!(about.effects, BTreeSet::new());
    }

    #[test]
    fn the_host_is_read_off_any_base() {
        for (base, expected) in [
            ("https://login.example", "login.example"),
            ("http://login.example:80/a:b", "login.example"),
            ("http://[::1]:8080/x", "[::1]"),
            ("http://[::1]", "[::1]"),
        ] {
            assert_eq!(host(base), expected, "{base}");
        }
    }
}
