//! `scenarios`: runs the suite on a deployment and writes the record.

use std::{io::IsTerminal, sync::Arc};

use anyhow::Context;
use harness::{
    canary, cleanup, consent,
    deployment::{Deployment, Driven, http::HttpDeployment},
    error::Error,
    ledger::{self, Ledger},
    plan::{Patience, Plan},
    portal::Served,
    profile::Description,
    reference,
    runner::{self, Listener, Settings},
};
use reports::{
    journal::{self, Event},
    judge,
    record::{Outcome, Run},
    redact::Redactor,
    render::{plain_json, terminal},
};
use softkey::Seed;

use crate::{
    cli::{RunArgs, Selection},
    ending::{self, Desk},
    folder::{self, Folder, REPORT, shown},
    live::Live,
    profiles, safety,
    stop::Stop,
    suite,
};

/// Secrets that nothing ever sends: found in a file, they show that redaction has a hole.
const PLANTED: usize = 3;

/// Runs and reports.
pub(crate) fn run(args: &RunArgs) -> anyhow::Result<Outcome> {
    let settings = settings(args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("kit: no runtime")?;
    runtime.block_on(run_with(args, settings))
}

async fn run_with(args: &RunArgs, mut settings: Settings) -> anyhow::Result<Outcome> {
    folder::look(args.out.as_deref())?;
    let chosen = choose(args, &mut settings).await?;
    let deployment = Arc::clone(&chosen.deployment);
    let plan = make_plan(&args.selection, &*deployment)?;
    let name = folder::name(&settings.started, &settings.seed);
    let folder = Folder::make(args.out.as_deref(), &name)?;
    let live = Live::new(folder.journal(&settings.redactor)?);
    let canary = canary::check(&suite::requirements(), scenarios::CANARIES, &settings)
        .await
        .map_err(ours)?;
    settings.ledger = book(&folder, deployment.description(), &settings)?;
    let kept = settings.clone();
    let work = runner::run(Arc::clone(&deployment), &plan, settings, canary, live.clone());
    let run = tokio::select! {
        run = work => Ok(run),
        () = asked_to_stop() => Err((Outcome::Interrupted, "interrupted; finished scenarios stand")),
        () = live.leaks() => Err((Outcome::StoppedForSafety, "a secret was kept from the journal")),
    };
    // By now nothing is sent any more but what removes accounts.
    let mut run = match run {
        Ok(run) => run,
        Err(why) => cut_short(&*deployment, &kept, (&live, &folder), why).await?,
    };
    live.finish();
    let Settings { ledger, redactor, .. } = &kept;
    let desk = Desk { folder: &folder, live: &live, ledger, redactor };
    conclude(&mut run, &desk, args.selection.json)
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

/// Writes the files, and prints what stands in them.
fn conclude(run: &mut Run, desk: &Desk<'_>, json: bool) -> anyhow::Result<Outcome> {
    let closed = desk.close(run);
    let said = if json {
        plain_json(&String::from_utf8_lossy(&reports::folder::to_json(run)))
    } else {
        terminal::summary(run, std::io::stdout().is_terminal())
    };
    // What is printed is searched like a file.
    if desk.redactor.scan(said.as_bytes()).is_empty() {
        print(&said);
    }
    closed?;
    if !json {
        print(&format!("  report    {}\n", shown(&desk.folder.path().join(REPORT))));
    }
    Ok(run.outcome)
}

/// Ctrl-C, or a request to end from whoever started the program.
pub(crate) async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// The record of a run that was cut short: what was finished stands, and what was made is removed,
/// unless that is interrupted as well.
async fn cut_short(
    deployment: &dyn Deployment,
    settings: &Settings,
    (live, folder): (&Live, &Folder),
    (outcome, note): (Outcome, &str),
) -> anyhow::Result<Run> {
    let Settings { ledger, redactor, concurrency, .. } = settings;
    let cleanup = tokio::select! {
        swept = cleanup::clean_up(deployment, ledger, redactor, *concurrency) => swept.cleanup,
        () = asked_to_stop() => cleanup::as_it_stands(deployment, ledger),
    };
    live.hear(&Event::CleanedUp { cleanup });
    let events = folder.events()?;
    let mut run = journal::rebuild(&events, note)
        .with_context(|| format!("kit: before the run began: {note}"))?;
    drop(events);
    (run.outcome, run.exit_code) =
        judge::conclude(&run.scenarios, &run.canary, run.strict, Some(outcome));
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
    let redactor =
        Redactor::new(seed.derive("pseudonyms").bytes("key", 32).try_into().unwrap_or([0; 32]));
    for number in 0..PLANTED {
        let planted =
            softkey::base64url(&Seed::new(fresh()?).bytes(&format!("planted {number}"), 24));
        redactor.learn("canary", &planted);
    }
    let live = args.selection.profile.is_some();
    Ok(Settings {
        // On a live deployment accounts come from a secret that is never recorded and dies with the run.
        account_seed: if live { Seed::new(fresh()?) } else { seed.clone() },
        seed,
        concurrency: usize::try_from(args.selection.side_by_side()).unwrap_or(1),
        max_wait: args.selection.patience(),
        strict: args.strict,
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
    harness::secret::fresh().map_err(ours)
}

/// The deployment that the command line names.
struct Chosen {
    deployment: Arc<dyn Deployment>,
    /// The reference portal, which listens as long as this is kept.
    _portal: Option<Served>,
}

/// The deployment that the command line names; the settings are brought within its limits.
async fn choose(args: &RunArgs, settings: &mut Settings) -> anyhow::Result<Chosen> {
    let Some(file) = &args.selection.profile else {
        let portal =
            reference::start(&settings.seed, None, &settings.redactor).await.map_err(ours)?;
        return Ok(Chosen { deployment: portal.deployment, _portal: Some(portal.served) });
    };
    let mut profile = profiles::read(file, &args.selection.secrets)?;
    profile.commands_allowed = args.selection.allow_commands;
    safety::allowed(args, &mut profile.description)?;
    let mut deployment = HttpDeployment::new(profile, None).await.map_err(ours)?;
    deployment.is_part_of(settings.run_tag());
    let consent =
        consent::obtain(&mut deployment, args.authorised_by.as_deref()).await.map_err(ours)?;
    settings.consent = Some(consent.words());
    let limit = usize::try_from(deployment.description().limits.concurrent).unwrap_or(1);
    if args.selection.concurrency.is_some() && settings.concurrency > limit {
        eprintln!(
            "--concurrency {}: {limit} side by side, as `concurrent` in [scope.limits] says",
            settings.concurrency
        );
    }
    settings.concurrency = settings.concurrency.min(limit);
    let driven = Driven::begin(deployment).await.map_err(ours)?;
    Ok(Chosen { deployment: driven.deployment, _portal: None })
}

fn make_plan(selection: &Selection, deployment: &dyn Deployment) -> anyhow::Result<Plan> {
    let patience = Patience { max_wait: selection.patience() };
    Plan::make(&suite::requirements(), &selection.filters, deployment.description(), patience)
        .map_err(Stop::bad_command)
}

/// Our own errors by the word that they end in.
pub(crate) fn ours(error: Error) -> anyhow::Error {
    let outcome = match error {
        Error::Profile(_) => Outcome::BadCommand,
        Error::Network(_) | Error::Portal(_) | Error::Adapter(_) => Outcome::TargetNotReady,
        Error::Safety(_) => Outcome::StoppedForSafety,
        Error::Withheld(_) | Error::Moot(_) | Error::Harness(_) => Outcome::NoVerdict,
    };
    Stop::with(outcome, error)
}

/// To standard output; a reader that went away is no error.
pub(crate) fn print(text: &str) {
    use std::io::Write;
    let _ = std::io::stdout().write_all(text.as_bytes());
}
