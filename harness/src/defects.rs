//! Testing the tests: the suite against the reference portal with one check forgotten. A defect
//! counts as caught only by a scenario of the requirement that it breaks.

use std::sync::Arc;

use portal::Defect;
use profile::error::Error;
use reports::{
    journal::Event,
    record::{Level, Outcome, Run, Scenario, Verdict},
};
use serde::{Deserialize, Serialize};

use crate::{
    plan::{Patience, Plan},
    reference,
    requirement::Requirement,
    runner::{self, Listener, Settings},
};

/// What became of one defect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The defect.
    pub id: String,
    /// The requirement that it breaks.
    pub requirement: String,
    /// Scenarios of that requirement that found it.
    pub caught_by: Vec<String>,
    /// Scenarios of other requirements that found it too, of those that were run.
    pub collateral: Vec<String>,
    /// Why the defective portal could not be tried, where it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<String>,
}

impl Row {
    /// Whether a scenario of its own requirement found the defect.
    #[must_use]
    pub fn is_caught(&self) -> bool {
        !self.caught_by.is_empty()
    }
}

/// Which scenarios a defect is tried against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breadth {
    /// Those of the requirement that it breaks.
    Own,
    /// All of them, for the table of collaterals.
    Matrix,
}

struct Silence;

impl Listener for Silence {
    fn hear(&self, _: &Event) {}
}

/// Tries one defect; the run is there for a person who wonders why it survived.
///
/// # Errors
/// When the portal cannot be started, or the defect names a requirement that the suite does not have.
pub async fn try_defect(
    suite: &[&'static Requirement],
    defect: &'static Defect,
    breadth: Breadth,
    settings: &Settings,
) -> Result<(Row, Run), Error> {
    let filters = match breadth {
        Breadth::Own => vec![defect.breaks.to_owned()],
        Breadth::Matrix => Vec::new(),
    };
    let run = run_reference(suite, Some(defect), &filters, settings).await?;
    let found = |own: bool| {
        let found = run.scenarios.iter().filter(|scenario| {
            (scenario.requirement.id == defect.breaks) == own && is_finding(scenario)
        });
        found.map(|scenario| scenario.id.clone()).collect()
    };
    let broken =
        (run.outcome == Outcome::TargetNotReady).then(|| run.note.clone().unwrap_or_default());
    let (id, requirement) = (defect.id.to_owned(), defect.breaks.to_owned());
    let row = Row { id, requirement, caught_by: found(true), collateral: found(false), broken };
    Ok((row, run))
}

/// The suite on a reference portal of its own, sound or with one defect.
///
/// # Errors
/// When the portal cannot be started, or a filter matches nothing.
pub async fn run_reference(
    suite: &[&'static Requirement],
    defect: Option<&'static Defect>,
    filters: &[String],
    settings: &Settings,
) -> Result<Run, Error> {
    let portal = reference::start(&settings.seed, defect, &settings.redactor).await?;
    let patience = Patience { max_wait: settings.max_wait };
    let plan = Plan::make(suite, filters, portal.target.description(), patience);
    let plan = plan.map_err(|error| Error::Harness(error.to_string()))?;
    // The canary is another defect of the same list; here it would only prove itself.
    let canary = runner::presumed_canary();
    let run =
        runner::run(portal.target.clone(), &plan, settings.clone(), canary, Arc::new(Silence))
            .await;
    portal.served.stop().await;
    Ok(run)
}

/// Whether a scenario found something, by the weight of its requirement.
#[must_use]
pub fn is_finding(scenario: &Scenario) -> bool {
    match (scenario.verdict, scenario.level) {
        (Verdict::Fail, _) | (Verdict::Warn, Level::Should) => true,
        (Verdict::Pass, Level::May) => scenario.symptom.is_some(),
        (Verdict::Pass | Verdict::Warn, _)
        | (
            Verdict::Unsteady
            | Verdict::Inconclusive
            | Verdict::Review
            | Verdict::Error
            | Verdict::Skip,
            _,
        ) => false,
    }
}
