//! The self-check of every run: a portal that accepts everything must be caught, or the run measured
//! nothing.

use std::sync::Arc;

use ledger::Ledger;
use portal::defect;
use profile::error::Error;
use reports::{
    journal::Event,
    judge,
    record::{Canary, Outcome, Scenario, Verdict},
};

use crate::{
    plan::{Patience, Plan},
    reference,
    requirement::Requirement,
    runner::{self, Listener, Settings},
};

/// The defect that accepts everything.
pub const ACCEPTS_EVERYTHING: &str = "canary/accepts-everything";

struct Silence;

impl Listener for Silence {
    fn hear(&self, _: &Event) {}
}

/// Runs some scenarios of the suite against a portal that accepts everything; all of them must fail.
///
/// # Errors
/// When the portal cannot be started, or a scenario is not of the suite.
pub async fn check(
    suite: &[&'static Requirement],
    scenarios: &[&str],
    settings: &Settings,
) -> Result<Canary, Error> {
    let defect = defect::find(ACCEPTS_EVERYTHING)
        .ok_or_else(|| Error::Harness("the canary is gone".into()))?;
    let portal = reference::start(&settings.seed, Some(defect), &settings.redactor).await?;
    let filters: Vec<String> = scenarios.iter().map(|&id| id.to_owned()).collect();
    let patience = Patience { max_wait: settings.max_wait };
    let description = portal.target.description();
    let plan = Plan::make(suite, &filters, description, patience)
        .map_err(|error| Error::Harness(error.to_string()))?;
    let settings = Settings {
        account_seed: settings.seed.clone(),
        profile_file: None,
        options: String::new(),
        ledger: Ledger::in_memory(),
        ..settings.clone()
    };
    // Nothing stands before this check; its own is taken as made.
    let presumed = runner::presumed_canary();
    let run =
        runner::run(portal.target.clone(), &plan, settings, presumed, Arc::new(Silence)).await;
    portal.served.stop().await;
    if run.outcome == Outcome::TargetNotReady {
        let note = run.note.unwrap_or_default();
        return Err(Error::Harness(format!("the self-check did not start: {note}")));
    }
    // Its portal is ours and on this machine: what breaks on the way there says nothing of the suite.
    let was_tried = |scenario: &&Scenario| match scenario.verdict {
        Verdict::Error | Verdict::Inconclusive => false,
        Verdict::Pass
        | Verdict::Warn
        | Verdict::Fail
        | Verdict::Unsteady
        | Verdict::Review
        | Verdict::Skip => true,
    };
    if let Some(broken) = run.scenarios.iter().find(|scenario| !was_tried(scenario)) {
        let why = broken.because.as_str();
        return Err(Error::Harness(format!("the self-check could not be made: {why}")));
    }
    let tried =
        run.scenarios.iter().map(|scenario| (scenario.id.clone(), scenario.verdict)).collect();
    Ok(judge::self_check(tried))
}
