//! Counts and orders of a run that every rendering needs, from its scenarios: the record's own summary
//! is not believed.

use std::{cmp::Reverse, collections::BTreeMap};

use crate::{
    judge::{self, Counts},
    record::{Cut, NotJudged, Run, Scenario, Step, Traffic, Verdict},
};

/// One family of scenarios, in the order of the plan.
pub(super) struct Family<'a> {
    /// Its slug.
    pub name: &'a str,
    /// Its scenarios.
    pub scenarios: Vec<&'a Scenario>,
    /// How many ended with each verdict.
    pub counts: BTreeMap<Verdict, u32>,
}

impl Family<'_> {
    /// How many ended with a verdict.
    pub(super) fn count(&self, verdict: Verdict) -> u32 {
        self.counts.get(&verdict).copied().unwrap_or_default()
    }
}

/// What the record does not hold of all that was seen, where there was too much of it.
pub(super) fn cut(run: &Run) -> Option<String> {
    let cut: Vec<Cut> = run.scenarios.iter().filter_map(|scenario| scenario.cut).collect();
    let sum = |count: fn(&Cut) -> u64| cut.iter().map(count).fold(0, u64::saturating_add);
    let (values, in_short) = (sum(|cut| cut.values), sum(|cut| cut.in_short));
    let steps = sum(|cut| cut.steps);
    let hidden = cut.iter().filter(|cut| cut.hidden).count();
    let parts = [
        (values > 0).then(|| format!("{values} values are cut, with length and digest")),
        (in_short > 0).then(|| format!("{in_short} steps are kept in short")),
        (steps > 0).then(|| format!("{steps} steps are left out")),
        (hidden > 0).then(|| format!("what may be a secret is hidden in {hidden} scenarios")),
    ];
    let said: Vec<String> = parts.into_iter().flatten().collect();
    (!said.is_empty()).then(|| format!("{}; no verdict depends on it", said.join(", ")))
}

/// The families in the order in which the plan comes to them.
pub(super) fn families(run: &Run) -> Vec<Family<'_>> {
    let mut families: Vec<Family<'_>> = Vec::new();
    for scenario in &run.scenarios {
        let at = families.iter().position(|family| family.name == scenario.family);
        let at = at.unwrap_or_else(|| {
            families.push(Family {
                name: &scenario.family,
                scenarios: Vec::new(),
                counts: BTreeMap::new(),
            });
            families.len() - 1
        });
        if let Some(family) = families.get_mut(at) {
            family.scenarios.push(scenario);
            *family.counts.entry(scenario.verdict).or_default() += 1;
        }
    }
    families
}

/// The verdicts that a table has a column for: pass and fail always, the others where they occur.
pub(super) fn columns(run: &Run) -> Vec<Verdict> {
    let counts = judge::summary(&run.scenarios);
    let shown = |verdict: &Verdict| {
        matches!(verdict, Verdict::Pass | Verdict::Fail) || counts.contains_key(verdict)
    };
    Verdict::ALL.iter().copied().filter(shown).collect()
}

/// Everything that is neither kept nor left out, the worst first.
pub(super) fn findings(run: &Run) -> Vec<&Scenario> {
    let mut findings: Vec<_> = run
        .scenarios
        .iter()
        .filter(|scenario| match judge::counts(scenario.verdict) {
            Counts::Finding | Counts::Warning | Counts::Open => true,
            Counts::Kept | Counts::NotRun => false,
        })
        .collect();
    findings.sort_by_key(|scenario| {
        (Reverse(gravity(scenario.verdict)), scenario.level, scenario.impact)
    });
    findings
}

/// Findings of the portal before what could not be concluded, warnings last.
const fn gravity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fail => 7,
        Verdict::Error => 6,
        Verdict::Unsteady => 5,
        Verdict::Inconclusive => 4,
        Verdict::Review => 3,
        Verdict::Warn => 2,
        Verdict::Pass => 1,
        Verdict::Skip => 0,
    }
}

/// What was left out, by reason, the most frequent first.
pub(super) fn skips(run: &Run) -> Vec<(String, Vec<&Scenario>)> {
    let mut reasons: BTreeMap<String, Vec<&Scenario>> = BTreeMap::new();
    for scenario in &run.scenarios {
        if judge::counts(scenario.verdict) == Counts::NotRun {
            reasons.entry(reason(scenario)).or_default().push(scenario);
        }
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, scenarios)| Reverse(scenarios.len()));
    reasons
}

fn reason(scenario: &Scenario) -> String {
    match &scenario.not_judged {
        Some(NotJudged::Skipped { rule, reason }) => format!("{rule}: {reason}"),
        Some(NotJudged::Broken { .. } | NotJudged::Unfinished) | None => scenario.because.clone(),
    }
}

/// `118 pass, 1 fail`, for a title or an accessible name.
pub(super) fn counted(counts: &BTreeMap<Verdict, u32>, between: &str) -> String {
    let words: Vec<_> =
        counts.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
    if words.is_empty() { "nothing was run".to_owned() } else { words.join(between) }
}

/// Whether the self-check was caught, by what was tried and not only by the word.
pub(super) fn caught(run: &Run) -> bool {
    run.canary.caught && judge::self_check(run.canary.tried.clone()).caught
}

/// What the self-check says, in one sentence.
pub(super) fn canary(run: &Run) -> String {
    let tried = run.canary.tried.len();
    if tried == 0 {
        return "not tried: whether the suite notices anything was not shown".to_owned();
    }
    let plural = if tried == 1 { "scenario" } else { "scenarios" };
    if caught(run) {
        format!("caught: {tried} {plural} failed a portal that accepts everything, as they must")
    } else {
        format!(
            "SURVIVED: of {tried} {plural} not all failed a portal that accepts everything; this run measured nothing"
        )
    }
}

/// Who took the time of a run, in one sentence: the portal, from the first byte sent to the last
/// received, waits that a scenario, the profile's pace or the portal asks for, and the rest, which is
/// ours. Only where one scenario was run at a time: side by side they overlap.
pub(super) fn shares(run: &Run) -> Option<String> {
    if run.guards.concurrency != 1 || run.duration_ms == 0 {
        return None;
    }
    let steps = || run.scenarios.iter().flat_map(|scenario| &scenario.steps);
    // The first control and the clean-up are no scenario's.
    let traffic = run.traffic.unwrap_or_default();
    let all = micros(traffic.answering_ms);
    let portal: u128 = steps()
        .map(|step| match step {
            Step::Exchange(exchange) => u128::from(exchange.micros),
            Step::Act { .. } | Step::Ceremony(_) | Step::Expectation { .. } | Step::Wait { .. } => {
                0
            }
        })
        .sum::<u128>()
        .max(all);
    let waits: u128 = steps()
        .map(|step| match step {
            Step::Wait { ms, virtual_time: false } => micros(*ms),
            Step::Wait { virtual_time: true, .. }
            | Step::Act { .. }
            | Step::Ceremony(_)
            | Step::Expectation { .. }
            | Step::Exchange(_) => 0,
        })
        .sum();
    let waits = waits + micros(traffic.waited_ms.max(traffic.paused_ms));
    let whole = micros(run.duration_ms);
    let ours = whole.saturating_sub(portal + waits);
    let percent = |part: u128| {
        // A record that says more than there was is no reason to print it.
        let thousandths = part.min(whole) * 1000 / whole;
        format!("{}.{} %", thousandths / 10, thousandths % 10)
    };
    Some(format!(
        "the portal took {} of the time, real waits {}, this program {}",
        percent(portal),
        percent(waits),
        percent(ours)
    ))
}

/// Wide enough for whatever a record says.
fn micros(ms: u64) -> u128 {
    u128::from(ms) * 1000
}

/// What became of the accounts that the run made, in one sentence; `None` where that is not known.
pub(super) fn accounts(run: &Run) -> Option<String> {
    let cleanup = run.cleanup.as_ref()?;
    let made = counted_accounts(cleanup.created);
    Some(if cleanup.disposable {
        format!("{made} made; they vanish with the portal (the profile says `disposable`)")
    } else {
        format!("{made} made, {} removed", cleanup.removed)
    })
}

/// What stays on the deployment: a sentence about all of it, and a line for each of the first `most`.
pub(super) fn left(run: &Run, most: usize) -> Option<(String, Vec<String>)> {
    let cleanup = run.cleanup.as_ref().filter(|cleanup| !cleanup.left.is_empty())?;
    let number = u32::try_from(cleanup.left.len()).unwrap_or(u32::MAX);
    let stay = if number == 1 { "stays" } else { "stay" };
    let mut says = format!("{} {stay} on the portal", counted_accounts(number));
    if let Some(note) = &cleanup.note {
        says = format!("{says}: {note}");
    }
    let mut lines: Vec<_> = cleanup
        .left
        .iter()
        .take(most)
        .map(|left| match &cleanup.note {
            Some(note) if *note == left.why => left.user.clone(),
            Some(_) | None => format!("{}: {}", left.user, left.why),
        })
        .collect();
    if let Some(more) = cleanup.left.len().checked_sub(most).filter(|more| *more > 0) {
        lines.push(format!("and {more} more, which run.json names"));
    }
    Some((says, lines))
}

fn counted_accounts(number: u32) -> String {
    format!("{number} account{}", if number == 1 { "" } else { "s" })
}

/// A time for people: `340 ms`, `12.3 s`, `2 min 05 s`.
pub(super) fn duration(ms: u64) -> String {
    let seconds = ms / 1000;
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..60_000 => format!("{seconds}.{} s", ms % 1000 / 100),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

/// What went over the wire, in words.
pub(super) fn traffic(traffic: Traffic) -> String {
    let Traffic { requests, throttled, paused_ms, answering_ms: _, waited_ms: _ } = traffic;
    match throttled {
        0 => format!("{requests} requests"),
        _ => format!(
            "{requests} requests; {throttled} were answered with a call for a pause, {} in all",
            duration(paused_ms)
        ),
    }
}

/// The outcome as a person says it.
pub(super) fn outcome(run: &Run) -> String {
    run.outcome.word().replace('-', " ")
}
