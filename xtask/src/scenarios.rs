//! `scenarios`: runs the suite on a deployment and writes the record.

use std::{io, sync::Arc};

use anyhow::Context;
use driver::{
    consent,
    deployment::{Access, InBrowser, Target},
};
use harness::{
    canary, cleanup,
    plan::{Patience, Plan},
    program, reference,
    runner::{self, Listener, Settings},
};
use ledger::{self, Ledger};
use portal::Served;
use profile::{Description, error::Error};
use reports::{
    journal::{self, Event},
    judge,
    record::{Canary, Outcome, Run},
    redact::Redactor,
    render::{REPORT, terminal},
    source::Source,
};
use softkey::Seed;

use crate::{
    again,
    cli::{RunArgs, Selection},
    ending::{self, Desk},
    folder::{self, Folder, shown},
    interrupt::{self, Answers},
    live::Live,
    profiles, safety, say,
    stop::Stop,
    suite,
};

/// Secrets that nothing ever sends: found in a file, they show that redaction has a hole.
const PLANTED: usize = 3;

/// Runs and reports.
pub(crate) fn run(args: &RunArgs) -> anyhow::Result<Outcome> {
    let settings = settings(args)?;
    interrupt::block_on(run_with(args, settings))
}

async fn run_with(args: &RunArgs, mut settings: Settings) -> anyhow::Result<Outcome> {
    let _answers = Answers::requests(1);
    let begin = begin(args, &mut settings);
    let begun = interrupt::unless_asked(begin, "nothing was begun, and nothing is left").await?;
    let Begun { chosen, plan, folder, live, canary } = begun;
    let target = chosen.target.clone();
    interrupt::leaves(what_stays(args, &folder));
    let (kept, before) = (settings.clone(), target.traffic());
    let work = runner::run(target.clone(), &plan, settings, canary, live.clone());
    let run = tokio::select! {
        // The journal has its beginning before anything else is looked at.
        biased;
        run = work => Ok(run),
        () = interrupt::asked(1) => Err((Outcome::Interrupted, "interrupted; finished scenarios stand")),
        () = live.leaks() => Err((Outcome::StoppedForSafety, "a secret was kept from the journal")),
    };
    // By now nothing is sent any more but what removes accounts.
    live.finish();
    let mut run = match run {
        Ok(run) => run,
        Err(why) => {
            let mut run = cut_short(&target, &kept, (&live, &folder), why).await?;
            run.traffic = Some(target.traffic().since(before));
            run
        }
    };
    let Settings { ledger, redactor, .. } = &kept;
    let json = args.selection.json;
    let printed = |run: &Run, source: &dyn Source| printed(run, source, json);
    let desk = Desk { folder: &folder, live: &live, ledger, redactor, printed: &printed };
    conclude(&mut run, &desk, json)
}

/// Where accounts of a run are written down.
fn book(folder: &Folder, about: &Description, settings: &Settings) -> anyhow::Result<Ledger> {
    let header = ledger::Header {
        portal: about.name.clone(),
        base: about.base.clone(),
        started: settings.started.clone(),
        run_tag: settings.run_tag(),
    };
    folder.ledger(about, &header, &settings.redactor)
}

/// A run that has everything that it needs.
struct Begun {
    chosen: Chosen,
    plan: Plan,
    folder: Folder,
    live: Arc<Live>,
    canary: Canary,
}

/// Everything before the first request of a scenario.
async fn begin(args: &RunArgs, settings: &mut Settings) -> anyhow::Result<Begun> {
    folder::look(args.out.as_deref())?;
    let chosen = choose(args, settings).await?;
    let target = &chosen.target;
    let plan = make_plan(&args.selection, target)?;
    let canary =
        canary::check(&suite::requirements(), scenarios::CANARIES, settings).await.map_err(ours)?;
    // A run that ends before this leaves nothing behind, and its directory may be given again.
    let name = folder::name(&settings.started, &settings.seed);
    let folder = Folder::make(args.out.as_deref(), &name)?;
    let live = Live::new(folder.journal(&settings.redactor)?);
    settings.ledger = book(&folder, target.description(), settings)?;
    Ok(Begun { chosen, plan, folder, live, canary })
}

/// What a person is told who does not let a run end by itself.
fn what_stays(args: &RunArgs, folder: &Folder) -> String {
    let dir = shown(folder.path());
    let stands = format!("what was finished stands in {dir}");
    match &args.selection.profile {
        None => stands,
        Some(profile) => {
            let (profile, me) = (shown(profile), program::name());
            format!(
                "{stands}; what stays on the portal is removed by {me} clean --profile {profile} {dir}"
            )
        }
    }
}

/// What is printed of a run at its end.
fn printed(run: &Run, source: &dyn Source, json: bool) -> io::Result<String> {
    if !json {
        return Ok(terminal::summary(run, *say::OUTPUT));
    }
    let mut machine = Vec::new();
    reports::folder::to_writer(run, source, &mut machine)?;
    Ok(String::from_utf8_lossy(&machine).into_owned())
}

/// Writes the files, and prints what stands in them.
fn conclude(run: &mut Run, desk: &Desk<'_>, json: bool) -> anyhow::Result<Outcome> {
    let closed = desk.close(run);
    // Where it holds a secret, the error says so.
    if let Some(said) = desk.printable(run) {
        if json { say::machine(&said) } else { say::document(&said) }
    }
    closed?;
    if !json {
        say::lines(&format!("  report    {}\n", shown(&desk.folder.path().join(REPORT))));
    }
    Ok(run.outcome)
}

/// The record of a run that was cut short: what was finished stands, and what was made is removed,
/// unless that is interrupted as well.
async fn cut_short(
    target: &Target,
    settings: &Settings,
    (live, folder): (&Live, &Folder),
    (outcome, note): (Outcome, &str),
) -> anyhow::Result<Run> {
    let Settings { ledger, redactor, concurrency, .. } = settings;
    // A run that ends otherwise was asked nothing so far.
    let once_more = if outcome == Outcome::Interrupted { 2 } else { 1 };
    let answers = Answers::requests(once_more);
    if outcome == Outcome::Interrupted {
        say::tell("interrupted: what was made is being removed; a second time ends that at once");
    }
    let cleanup = tokio::select! {
        biased;
        () = interrupt::asked(once_more) => cleanup::as_it_stands(target, ledger),
        swept = cleanup::clean_up(target, ledger, redactor, *concurrency) => swept.cleanup,
    };
    drop(answers);
    live.hear(&Event::CleanedUp { cleanup });
    let events = folder.events(&live.growth())?;
    let mut run = journal::rebuild(&events, note)
        .with_context(|| format!("kit: before the run began: {note}"))?;
    drop(events);
    (run.outcome, run.exit_code) =
        judge::conclude(&run.scenarios, &run.canary, run.strict, Some(outcome));
    run.duration_ms = live.milliseconds();
    // Nothing that is still heard belongs to the run.
    live.hear(&ending::ended(&run));
    Ok(run)
}

fn settings(args: &RunArgs) -> anyhow::Result<Settings> {
    let seed = match &args.seed {
        Some(text) => Seed::from_hex(text)
            .ok_or_else(|| Stop::bad_command(format!("--seed {text}: not hexadecimal")))?,
        None => Seed::new(fresh()?),
    };
    // On a live deployment accounts and pseudonyms come from a secret that is never recorded and dies
    // with the run: whoever has the report can neither sign in nor try what a pseudonym stands for.
    let secret = if args.selection.profile.is_some() { Seed::new(fresh()?) } else { seed.clone() };
    let redactor =
        Redactor::new(secret.derive("pseudonyms").bytes("key", 32).try_into().unwrap_or([0; 32]));
    for number in 0..PLANTED {
        let planted =
            softkey::base64url(&Seed::new(fresh()?).bytes(&format!("planted {number}"), 24));
        redactor.learn("canary", &planted);
    }
    Ok(Settings {
        account_seed: secret,
        seed,
        concurrency: usize::try_from(args.selection.side_by_side()).unwrap_or(1),
        max_wait: args.selection.patience(),
        keep: args.keep.into(),
        strict: args.strict,
        options: again::options(args),
        profile_file: args.selection.profile.as_ref().map(|file| file.display().to_string()),
        started: folder::now(),
        suite: suite::about()?,
        consent: None,
        redactor,
        // Its file comes with the run's directory.
        ledger: Ledger::in_memory(),
    })
}

fn fresh() -> anyhow::Result<[u8; 32]> {
    driver::fresh().map_err(ours)
}

/// The deployment that the command line names.
struct Chosen {
    target: Target,
    /// The reference portal, which listens as long as this is kept.
    _portal: Option<Served>,
}

/// The deployment that the command line names; the settings are brought within its limits.
async fn choose(args: &RunArgs, settings: &mut Settings) -> anyhow::Result<Chosen> {
    let Some(file) = &args.selection.profile else {
        let defect = args.defect.as_deref().map(suite::defect).transpose()?;
        let portal =
            reference::start(&settings.seed, defect, &settings.redactor).await.map_err(ours)?;
        let target = in_browser(args, portal.target, settings).await?;
        return Ok(Chosen { target, _portal: Some(portal.served) });
    };
    let mut profile = profiles::read(file, &args.selection.secrets)?;
    profile.commands_allowed = args.selection.allow_commands;
    safety::allowed(args, &mut profile)?;
    let mut access = Access::open(profile, None).await.map_err(ours)?;
    access.set_run_tag(settings.run_tag());
    let consent =
        consent::obtain(&mut access, args.authorised_by.as_deref()).await.map_err(ours)?;
    settings.consent = Some(consent.words());
    let limit = usize::try_from(access.description().limits.concurrent).unwrap_or(1);
    if args.selection.concurrency.is_some() && settings.concurrency > limit {
        say::tell(&format!(
            "--concurrency {}: {limit} side by side, as `concurrent` in [scope.limits] says",
            settings.concurrency
        ));
    }
    settings.concurrency = settings.concurrency.min(limit);
    let target = Target::begin(access).await.map_err(ours)?;
    Ok(Chosen { target: in_browser(args, target, settings).await?, _portal: None })
}

/// One browser has so many tabs, and one command at a time.
const SIDE_BY_SIDE: usize = 2;

/// The same portal, its pages driven in a browser where the command line asks for one.
async fn in_browser(
    args: &RunArgs,
    target: Target,
    settings: &mut Settings,
) -> anyhow::Result<Target> {
    let Some(engine) = args.browser else { return Ok(target) };
    settings.concurrency = settings.concurrency.min(SIDE_BY_SIDE);
    let chosen = InBrowser { engine, server: args.webdriver.clone(), headed: args.headed };
    target.in_browser(chosen).await.map_err(ours)
}

fn make_plan(selection: &Selection, target: &Target) -> anyhow::Result<Plan> {
    let patience = Patience { max_wait: selection.patience() };
    Plan::make(&suite::requirements(), &selection.filters, target.description(), patience)
        .map_err(Stop::bad_command)
}

/// Our own errors by the word that they end in.
pub(crate) fn ours(error: Error) -> anyhow::Error {
    let outcome = match error {
        Error::Profile(_) => Outcome::BadCommand,
        Error::Network(_) | Error::Portal(_) | Error::Adapter(_) | Error::Browser(_) => {
            Outcome::TargetNotReady
        }
        Error::Safety(_) => Outcome::StoppedForSafety,
        Error::NotAllowed(_) | Error::NotApplicable(_) | Error::Harness(_) => Outcome::NoVerdict,
    };
    Stop::with(outcome, error)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    #[cfg(target_os = "linux")]
    mod memory;

    /// The pseudonym of a password in a run with a given seed.
    fn pseudonym(line: &[&str]) -> String {
        let words = ["touchstone", "scenarios", "--seed", "07"].iter().chain(line);
        let Command::Scenarios(args) = Cli::parse_from(words).command else { unreachable!() };
        let redactor = settings(&args).expect("settings").redactor;
        redactor.learn("password", "correct horse battery");
        redactor.text("correct horse battery")
    }

    /// The seed stands in every report.
    #[test]
    fn no_pseudonym_of_a_live_run_follows_from_its_seed() {
        let live: [String; 8] = std::array::from_fn(|_| pseudonym(&["--profile", "live.toml"]));
        assert!(live.iter().any(|again| *again != live[0]), "{live:?}");
        assert_eq!(pseudonym(&[]), pseudonym(&[]));
    }
}
