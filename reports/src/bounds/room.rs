//! What is kept of the steps of a whole run.

use super::{
    FINDINGS, IN_SHORT, RUN,
    keeper::{shorten, weigh},
};
use crate::{
    judge::{self, Counts},
    record::{Cut, Scenario, Step},
};

/// The room that is left for the steps of a run.
#[derive(Clone, Debug)]
pub struct Room {
    pub(super) all: usize,
    pub(super) findings: usize,
    pub(super) in_short: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { all: RUN.most, findings: FINDINGS.most, in_short: IN_SHORT.most }
    }
}

impl Room {
    /// Takes a scenario in that is not sealed yet. Its steps are kept whole while there is room, then
    /// in short, then not at all. The judge reads none of them.
    pub fn admit(&mut self, scenario: &mut Scenario) {
        let weight = weight(&scenario.steps);
        if take(&mut self.all, weight) {
            return;
        }
        let found = judge::counts(judge::judge(scenario).verdict) != Counts::Kept;
        if found && take(&mut self.findings, weight) {
            return;
        }
        let mut cut = scenario.cut.unwrap_or_default();
        for step in &mut scenario.steps {
            cut.in_short += u64::from(shorten(step));
        }
        if !take(&mut self.in_short, self::weight(&scenario.steps)) {
            cut.steps += u64::try_from(scenario.steps.len()).unwrap_or(u64::MAX);
            cut.in_short = 0;
            scenario.steps.clear();
        }
        scenario.cut = Some(cut).filter(|cut| *cut != Cut::default());
    }
}

fn weight(steps: &[Step]) -> usize {
    steps.iter().map(weigh).sum()
}

/// Whether there was room.
fn take(room: &mut usize, weight: usize) -> bool {
    let left = room.checked_sub(weight);
    *room = left.unwrap_or(*room);
    left.is_some()
}
