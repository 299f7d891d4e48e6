//! Runs a plan: first control, then the scenarios side by side. It records and asks the judge; it
//! never decides a verdict itself.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, Instant},
};

use driver::{
    Recorder,
    deployment::{AtOnce, Scene, Target},
};
use futures::{StreamExt, stream};
use ledger::Ledger;
use profile::{effect::Effect, error::Error};
use reports::{
    bounds::{Room, SENTENCE, cut},
    brief::Keep,
    evidence,
    journal::Event,
    judge::{self, Counts},
    record::{
        Canary, Cleanup, Honest, NotJudged, Outcome, Run, Scenario as Record, SkipRule, Step,
        Suite, Verdict,
    },
    redact::Redactor,
    source,
};
use softkey::Seed;

use crate::{
    accounts::{self, Accounts},
    cleanup,
    guard::Guarded,
    plan::{Entry, Plan, people, real_wait},
    requirement::{Case, Scenario},
    story::{Break, Stage},
};

mod asked;
mod bystander;
mod ceremonies;
#[cfg(test)]
mod changed;
mod dropped;
#[cfg(test)]
mod raced;
mod records;
mod seats;
mod sights;

use ceremonies::Trial;
use records::Parts;
pub use records::described;
use seats::Seats;

/// Our own time limit for one scenario, beyond the waits that it asks for.
const SCENARIO_LIMIT: Duration = Duration::from_secs(120);

/// The number of the first control; the scenarios of a plan are counted from 1.
const FIRST_CONTROL: usize = 0;

/// How a run is made.
#[derive(Clone)]
pub struct Settings {
    /// Repeats the same tamperings.
    pub seed: Seed,
    /// What opens accounts on a live deployment; the seed itself where accounts die with the portal.
    pub account_seed: Seed,
    /// Scenarios side by side.
    pub concurrency: usize,
    /// Longest single wait for real time.
    pub max_wait: Duration,
    /// How much is kept of scenarios that pass.
    pub keep: Keep,
    /// Warnings count as findings.
    pub strict: bool,
    /// The profile as given on the command line.
    pub profile_file: Option<String>,
    /// The options of the command line that say on what and how scenarios are run, each after a blank:
    /// what repeats a scenario needs them too.
    pub options: String,
    /// When the run began, RFC 3339.
    pub started: String,
    /// Version, digest and detection score of the suite.
    pub suite: Suite,
    /// Why the portal may be tested, in words.
    pub consent: Option<String>,
    /// Knows the run's secrets.
    pub redactor: Redactor,
    /// Where accounts are written down before they are made.
    pub ledger: Ledger,
}

impl Settings {
    /// The run's part of its accounts' names.
    #[must_use]
    pub fn run_tag(&self) -> String {
        accounts::run_tag(&self.account_seed)
    }
}

/// The self-check of a run that is itself part of a self-check.
#[must_use]
pub fn presumed_canary() -> Canary {
    judge::self_check([("presumed".to_owned(), Verdict::Fail)].into())
}

/// Hears what happens while it happens: the journal and the live line.
pub trait Listener: Send + Sync {
    /// One event, in order.
    fn hear(&self, event: &Event);

    /// Whether a finished scenario that it heard of stands where it can be read again: then its outline
    /// is all of it that stays in memory.
    fn keeps(&self, _scenario: &str) -> bool {
        false
    }
}

struct Context {
    /// As scenarios reach it.
    guarded: Target,
    target: Target,
    accounts: Arc<Accounts>,
    settings: Settings,
    /// The safety rule that a scenario ran into, where one did.
    hit: OnceLock<String>,
    /// How much more is kept of what is seen.
    room: Mutex<Room>,
    seats: Seats,
}

/// Runs a plan against a deployment.
pub async fn run(
    target: Target,
    plan: &Plan,
    settings: Settings,
    canary: Canary,
    listener: Arc<dyn Listener>,
) -> Run {
    // Whether the portal may be tested was asked before.
    let (begun, before) = (Instant::now(), target.traffic());
    let context = Arc::new(Context::new(target, settings));
    let header = context.header(plan);
    let planned = context.planned(plan);
    listener.hear(&Event::Started { header: Box::new(header.clone()), planned });
    listener.hear(&Event::CanaryDone { canary: canary.clone() });

    let ended = if canary.caught {
        // Where nothing is to be run, nothing is sent.
        match plan.to_run().next() {
            Some(_) => context.first_control().await.err(),
            None => None,
        }
    } else {
        Some((
            Outcome::Void,
            "the self-check failed: a portal that accepts everything was not caught".to_owned(),
        ))
    };
    let (records, ended) = match ended {
        Some(ended) => (context.planned(plan), Some(ended)),
        None => {
            let records = scenarios(&context, plan, &listener).await;
            let ended = context.ended_early(&records);
            (records, ended)
        }
    };
    let cleanup = context.clean_up().await;
    listener.hear(&Event::CleanedUp { cleanup: cleanup.clone() });
    let (ended, note) = ended.map_or((None, None), |(outcome, note)| (Some(outcome), Some(note)));
    let (outcome, exit_code) = judge::conclude(&records, &canary, header.strict, ended);
    let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let traffic = Some(context.target.traffic().since(before));
    listener.hear(&Event::Ended { outcome, exit_code, duration_ms, note: note.clone(), traffic });
    let mut run = Run {
        schema_version: header.schema_version,
        outcome,
        exit_code,
        seed: header.seed,
        suite: header.suite,
        profile: header.profile,
        target: header.target,
        started: header.started,
        duration_ms,
        canary,
        summary: judge::summary(&records),
        filters: header.filters,
        strict: header.strict,
        guards: header.guards,
        traffic,
        note,
        cleanup: Some(cleanup),
        scenarios: records,
        seal: None,
    };
    // Whoever keeps a journal seals it again, with what the journal came to.
    evidence::seal_run(&mut run, None);
    run
}

async fn scenarios(
    context: &Arc<Context>,
    plan: &Plan,
    listener: &Arc<dyn Listener>,
) -> Vec<Record> {
    let entries: Vec<(usize, Entry)> =
        (FIRST_CONTROL + 1..).zip(plan.entries.iter().cloned()).collect();
    let mut done: Vec<(usize, Record)> = stream::iter(entries)
        .map(|(number, entry)| {
            let context = Arc::clone(context);
            let listener = Arc::clone(listener);
            async move { (number, one(context, listener, number, entry).await) }
        })
        .buffer_unordered(context.settings.concurrency.max(1))
        .collect()
        .await;
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, record)| record).collect()
}

fn broken(error: &Error, redactor: &Redactor) -> NotJudged {
    NotJudged::Broken { fault: error.fault(), error: redactor.text(&error.to_string()) }
}

/// Runs one entry in a task of its own, so that one that breaks off takes nothing with it.
async fn one(
    context: Arc<Context>,
    listener: Arc<dyn Listener>,
    number: usize,
    entry: Entry,
) -> Record {
    let _seat = context.seats.take().await;
    if entry.skip.is_none() && context.stopped().is_some() {
        return context.as_planned(&entry);
    }
    listener.hear(&Event::ScenarioStarted { id: entry.scenario.id.clone() });
    let (inside, running) = (Arc::clone(&context), entry.clone());
    let mut task = Task(tokio::spawn(async move { inside.entry(number, &running).await }));
    let mut record = (&mut task.0).await.unwrap_or_else(|panic| {
        let error = Error::Harness(format!("the scenario broke off: {panic}"));
        let not_judged = Some(broken(&error, &context.settings.redactor));
        context.record(&entry.scenario, Parts { not_judged, ..Parts::default() })
    });
    listener.hear(&Event::ScenarioDone { scenario: Box::new(record.clone()) });
    if listener.keeps(&record.id) {
        source::let_go(&mut record);
    }
    record
}

/// A task that ends when nobody waits for it any more: an interrupted run sends nothing more.
struct Task(tokio::task::JoinHandle<Record>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A scenario that did not end in time: whose time it was decides whose fault it is.
fn out_of_time(limit: Duration, steps: &[Step]) -> Error {
    let micros = steps.iter().map(|step| match step {
        Step::Exchange(exchange) => exchange.micros,
        Step::Act { .. } | Step::Ceremony(_) | Step::Expectation { .. } | Step::Wait { .. } => 0,
    });
    let portals = Duration::from_micros(micros.sum());
    let told = format!("out of time after {} s", limit.as_secs());
    if portals > limit / 2 {
        return Error::Network(format!(
            "{told}, {} s of which the portal took to answer",
            portals.as_secs()
        ));
    }
    Error::Harness(told)
}

impl Context {
    fn new(target: Target, settings: Settings) -> Self {
        let (about, ledger) = (target.description(), settings.ledger.clone());
        let accounts = Arc::new(Accounts::new(about, &settings.run_tag(), ledger));
        let guarded = Guarded::target(target.clone(), accounts.standings());
        let (seats, hit) = (Seats::new(settings.concurrency), OnceLock::new());
        Self { guarded, target, accounts, settings, hit, room: Mutex::default(), seats }
    }

    /// Why nothing new begins any more, where that is so. What is running ends by itself.
    fn stopped(&self) -> Option<(Outcome, String)> {
        if let Some(hit) = self.hit.get() {
            return Some((Outcome::StoppedForSafety, hit.clone()));
        }
        let why = self.target.stopped()?;
        Some((Outcome::TargetNotReady, format!("the breaker opened: {why}")))
    }

    /// The same for the run as a whole; a portal that faltered after everything was said and done has
    /// ended nothing early.
    fn ended_early(&self, records: &[Record]) -> Option<(Outcome, String)> {
        let (outcome, why) = self.stopped()?;
        let unfinished = records
            .iter()
            .filter(|record| record.not_judged == Some(NotJudged::Unfinished))
            .count();
        let open = records.iter().any(|record| judge::counts(record.verdict) == Counts::Open);
        let not_begun = match unfinished {
            0 => String::new(),
            _ => format!("; {unfinished} scenarios were not begun"),
        };
        let why = self.settings.redactor.text(&why);
        open.then(|| (outcome, format!("{why}{not_begun}")))
    }

    async fn clean_up(&self) -> Cleanup {
        let Settings { ledger, redactor, concurrency, .. } = &self.settings;
        cleanup::clean_up(&self.target, ledger, redactor, *concurrency).await.cleanup
    }

    /// The first honest ceremony of the run. Where it is refused, nothing is judged.
    async fn first_control(&self) -> Result<(), (Outcome, String)> {
        let honest = [Effect::CreatesAccount, Effect::ChangesOwnAccount];
        let allowed = &self.target.description().effects;
        let effects = honest.into_iter().filter(|effect| allowed.contains(effect)).collect();
        let mut stage = self.stage("first-control", FIRST_CONTROL, effects, None);
        let lease = self
            .accounts
            .lends(1)
            .await
            .map_err(|error| (Outcome::TargetNotReady, error.to_string()))?;
        if let Some(lease) = &lease {
            stage.is_lent(lease.accounts.clone());
        }
        let redactor = stage.shared.scene.recorder.redactor().clone();
        let scene = Arc::clone(&stage.shared.scene);
        let made = scene.waiting.within(SCENARIO_LIMIT, ceremonies::first_control(&mut stage));
        let ended = made.await.unwrap_or_else(|| {
            Err(Break::Ours(Error::Network("the first honest control did not end in time".into())))
        });
        self.accounts.takes_back(lease, &stage.gives_back().await);
        let told = |text: String| cut(redactor.text(&text), SENTENCE.most);
        ended.map_err(|broken| match broken {
            Break::Ours(error @ Error::Safety(_)) => (Outcome::StoppedForSafety, told(error.to_string())),
            Break::Ours(error @ (Error::Harness(_) | Error::NotAllowed(_) | Error::NotApplicable(_))) => (Outcome::NoVerdict, told(error.to_string())),
            Break::Ours(error) => (Outcome::TargetNotReady, told(format!("the first honest control could not be made: {error}"))),
            Break::Broke { expected, seen } | Break::ControlRefused { expected, seen } => {
                (Outcome::TargetNotReady, told(format!("the first honest control was refused (portal): expected that {expected}; seen: {seen}")))
            }
            Break::Unclear { expected, seen } => {
                (Outcome::TargetNotReady, told(format!("the first honest control could not be read (profile): expected that {expected}; seen: {seen}")))
            }
        })
    }

    fn stage(
        &self,
        id: &str,
        number: usize,
        effects: BTreeSet<Effect>,
        at_once: Option<AtOnce>,
    ) -> Stage {
        let recorder = Recorder::new(self.settings.redactor.scoped());
        let scene = Scene { at_once, ..Scene::new(label(id), number, effects, recorder) };
        let scene = Arc::new(scene);
        let seed = self.settings.account_seed.derive(id);
        Stage::new(self.guarded.clone(), scene, Arc::clone(&self.accounts), seed)
    }

    async fn entry(&self, number: usize, entry: &Entry) -> Record {
        if let Some((rule, reason)) = entry.skip.clone() {
            let not_judged = Some(NotJudged::Skipped { rule, reason });
            return self.record(&entry.scenario, Parts { not_judged, ..Parts::default() });
        }
        let lease = match self.accounts.lends(people(&entry.scenario.case)).await {
            Ok(lease) => lease,
            Err(error) => {
                let not_judged = Some(self.not_judged(entry, &error, &self.settings.redactor));
                return self.record(&entry.scenario, Parts { not_judged, ..Parts::default() });
            }
        };
        let begun = Instant::now();
        let effects = entry.scenario.case.effects_on(self.target.description());
        let at_once = entry.scenario.case.at_once();
        let mut stage = self.stage(&entry.scenario.id, number, effects, at_once);
        if let Some(lease) = &lease {
            stage.is_lent(lease.accounts.clone());
        }
        let scene = Arc::clone(&stage.shared.scene);
        let recorder = scene.recorder.clone();
        let about = self.target.description();
        // As long again as a story waits: for codes of later steps than those that it used up.
        let waits = real_wait(&entry.scenario.case, about).saturating_mul(2);
        let limit = SCENARIO_LIMIT + waits;
        let mut parts = Parts::default();
        // The pace, and a pause that the portal asked for, are not the scenario's time.
        let performed = perform(&mut stage, &entry.scenario, &mut parts);
        let ended = scene.waiting.within(limit, performed).await;
        self.seats.heard(recorder.longest());
        (parts.steps, parts.keeper) = recorder.take();
        let ended = ended.unwrap_or_else(|| Err(out_of_time(limit, &parts.steps)));
        if let Err(error) = ended {
            parts.not_judged = Some(self.not_judged(entry, &error, recorder.redactor()));
        }
        parts.duration = begun.elapsed();
        self.accounts.takes_back(lease, &stage.gives_back().await);
        self.record(&entry.scenario, parts)
    }
    /// A scenario that was left out on the way is skipped; every other error is somebody's fault. One of a
    /// safety rule ends the run.
    fn not_judged(&self, entry: &Entry, error: &Error, redactor: &Redactor) -> NotJudged {
        let skipped =
            |rule, reason: &str| NotJudged::Skipped { rule, reason: redactor.text(reason) };
        match error {
            Error::NotAllowed(reason) => skipped(SkipRule::NotAllowed, reason),
            Error::NotApplicable(reason) => skipped(SkipRule::NotApplicable, reason),
            Error::Safety(_) => {
                let told = redactor.text(&error.to_string());
                // The first one is told.
                let _ = self.hit.set(format!("{}: {told}", entry.scenario.id));
                broken(error, redactor)
            }
            Error::Profile(_)
            | Error::Adapter(_)
            | Error::Browser(_)
            | Error::Portal(_)
            | Error::Network(_)
            | Error::Harness(_) => broken(error, redactor),
        }
    }
}

/// Runs one case; what it shows goes into `parts`. An error is our side's, the profile's or the
/// network's; everything else is data.
async fn perform(stage: &mut Stage, scenario: &Scenario, parts: &mut Parts) -> Result<(), Error> {
    let ended = match scenario.case {
        Case::Tampering(ceremony, case) => {
            let trial = Trial::tampering(ceremony, scenario.requirement, case);
            ceremonies::run(stage, &trial, &mut parts.evidence).await
        }
        Case::Variation(ceremony, case) => {
            let trial = Trial::variation(ceremony, scenario.requirement, case);
            ceremonies::run(stage, &trial, &mut parts.evidence).await
        }
        Case::Observation(case) => {
            let ended = sights::observe(stage, case).await;
            parts.told = Some(stage.told(&ended));
            ended
        }
        Case::Story(case) => {
            let ended = case.tell.tell(stage).await;
            parts.told = Some(stage.told(&ended));
            ended
        }
    };
    match (ended, parts.told.is_some()) {
        (Err(Break::Ours(error)), _) => Err(error),
        (Ok(()), _) | (Err(_), true) => Ok(()),
        (
            Err(Break::Broke { .. } | Break::ControlRefused { .. } | Break::Unclear { .. }),
            false,
        ) => {
            // The way to the trial, or to its last control, was barred.
            let control = &mut parts.evidence.control;
            if control.before == Honest::Absent {
                control.before = Honest::Refused;
            } else {
                control.after = Honest::Refused;
            }
            Ok(())
        }
    }
}

/// A host label for a scenario: its id, and a digest where that would be too long for DNS.
#[must_use]
pub fn label(id: &str) -> String {
    let plain: String = id
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    if plain.len() <= 60 {
        return plain;
    }
    let tail = Seed::new([0; 32]).derive(id).hex();
    format!(
        "{}-{}",
        plain.get(..48).unwrap_or_default().trim_end_matches('-'),
        tail.get(..8).unwrap_or_default()
    )
}

#[cfg(test)]
mod tests;
