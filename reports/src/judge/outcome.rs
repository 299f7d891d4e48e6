//! From verdicts to the word and the number that a run ends with. The one place that knows what each
//! verdict counts for: every renderer asks here.

use std::collections::BTreeMap;

use crate::record::{Canary, Outcome, Scenario, Verdict};

/// What a verdict counts for when the run as a whole is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// A finding of the portal.
    Finding,
    /// Concluded; a finding only under `--strict`.
    Warning,
    /// Concluded in the portal's favour.
    Kept,
    /// Nothing could be concluded: never green.
    Open,
    /// Not run. Proves nothing either way.
    NotRun,
}

/// What a verdict counts for.
#[must_use]
pub const fn counts(verdict: Verdict) -> Counts {
    match verdict {
        Verdict::Fail => Counts::Finding,
        Verdict::Warn => Counts::Warning,
        Verdict::Pass => Counts::Kept,
        Verdict::Error | Verdict::Inconclusive | Verdict::Unsteady | Verdict::Review => {
            Counts::Open
        }
        Verdict::Skip => Counts::NotRun,
    }
}

/// The word for a run, from the verdicts of its scenarios and its self-check. With `strict` a warning
/// is a finding. A self-check that survived voids the run; one that was never made leaves it open.
#[must_use]
pub fn outcome_of(scenarios: &[Scenario], canary: &Canary, strict: bool) -> Outcome {
    let verdicts: Vec<_> = scenarios.iter().map(|scenario| scenario.verdict).collect();
    worst(outcome_of_verdicts(&verdicts, strict), outcome_of_canary(canary))
}

/// The word and the number that a run ends with. `ended` is why the run as a whole ended early
/// (interrupted, target not ready, stopped for safety), where it did.
#[must_use]
pub fn conclude(
    scenarios: &[Scenario],
    canary: &Canary,
    strict: bool,
    ended: Option<Outcome>,
) -> (Outcome, u8) {
    let seen = outcome_of(scenarios, canary, strict);
    let outcome = ended.map_or(seen, |ended| worst(seen, ended));
    (outcome, exit_code(outcome))
}

/// The number of a word; see `docs/exit-codes.md`.
#[must_use]
pub const fn exit_code(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Conforms => 0,
        Outcome::DoesNotConform => 1,
        Outcome::BadCommand => 2,
        Outcome::NoVerdict => 3,
        Outcome::TargetNotReady => 4,
        Outcome::StoppedForSafety => 5,
        Outcome::EvidenceInvalid => 6,
        Outcome::Void => 7,
        Outcome::Interrupted => 130,
    }
}

/// The one of two that wins: 7 > 5 > 6 > 2 > 130 > 1 > 4 > 3 > 0.
#[must_use]
pub fn worst(a: Outcome, b: Outcome) -> Outcome {
    if rank(a) >= rank(b) { a } else { b }
}

pub(super) const fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Conforms => 0,
        Outcome::NoVerdict => 1,
        Outcome::TargetNotReady => 2,
        Outcome::DoesNotConform => 3,
        // The shell was promised 130 for an interruption; findings so far stand in the record.
        Outcome::Interrupted => 4,
        Outcome::BadCommand => 5,
        Outcome::EvidenceInvalid => 6,
        Outcome::StoppedForSafety => 7,
        Outcome::Void => 8,
    }
}

/// One verdict for several scenarios, the worst of them. Nothing but skips, or nothing at all, is
/// inconclusive.
#[must_use]
pub fn roll_up(verdicts: &[Verdict]) -> Verdict {
    match verdicts.iter().copied().max_by_key(|verdict| weight(*verdict)) {
        None | Some(Verdict::Skip) => Verdict::Inconclusive,
        Some(worst) => worst,
    }
}

const fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Skip => 0,
        Verdict::Pass => 1,
        Verdict::Warn => 2,
        Verdict::Review => 3,
        Verdict::Unsteady => 4,
        Verdict::Inconclusive => 5,
        Verdict::Error => 6,
        Verdict::Fail => 7,
    }
}

/// The self-check as it stands in the record: caught only if something was tried on the portal that
/// accepts everything, and every try failed.
#[must_use]
pub fn self_check(tried: BTreeMap<String, Verdict>) -> Canary {
    let caught =
        !tried.is_empty() && tried.values().all(|verdict| counts(*verdict) == Counts::Finding);
    Canary { caught, tried }
}

/// How many scenarios ended with each verdict; verdicts that nobody got are left out.
#[must_use]
pub fn summary(scenarios: &[Scenario]) -> BTreeMap<Verdict, u32> {
    let mut summary = BTreeMap::new();
    for scenario in scenarios {
        *summary.entry(scenario.verdict).or_default() += 1;
    }
    summary
}

pub(super) fn outcome_of_verdicts(verdicts: &[Verdict], strict: bool) -> Outcome {
    let counted = |wanted: Counts| verdicts.iter().any(|verdict| counts(*verdict) == wanted);
    let concluded = counted(Counts::Kept) || counted(Counts::Warning);
    if counted(Counts::Finding) || (strict && counted(Counts::Warning)) {
        Outcome::DoesNotConform
    } else if counted(Counts::Open) || !concluded {
        Outcome::NoVerdict
    } else {
        Outcome::Conforms
    }
}

fn outcome_of_canary(canary: &Canary) -> Outcome {
    if canary.tried.is_empty() {
        Outcome::NoVerdict
    } else if canary.caught && self_check(canary.tried.clone()).caught {
        Outcome::Conforms
    } else {
        Outcome::Void
    }
}
