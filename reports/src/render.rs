//! Renderings of a record: terminal, HTML, JUnit, Markdown. Projections of [`crate::record::Run`],
//! values in and text out.

pub mod html;
pub mod junit;
pub mod markdown;
pub mod terminal;

use std::collections::BTreeMap;

use crate::{
    judge::{Counts, counts},
    record::{NotJudged, Run, Scenario, Verdict},
};

/// Text that came from a portal, without anything that a terminal would obey.
#[must_use]
pub fn plain(text: &str) -> String {
    let harmless = |c: char| match c {
        '\n' | '\t' => ' ',
        // Controls, and the marks that turn the direction of text.
        c if c.is_control() => '\u{fffd}',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c => c,
    };
    text.chars().map(harmless).collect()
}

/// At most so many characters of a text.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most).chain(std::iter::once('…')).collect()
}

/// What was told, expected and seen, in words.
struct Account {
    told: Option<String>,
    expected: String,
    seen: String,
}

fn account(scenario: &Scenario) -> Account {
    use crate::record::{Kind, Step};
    let told = scenario.steps.iter().find_map(|step| match step {
        Step::Ceremony(said) => {
            said.told.as_ref().map(|told| format!("{}: {told}, then signed", said.ceremony))
        }
        Step::Act { .. } | Step::Exchange(_) | Step::Expectation { .. } | Step::Wait { .. } => None,
    });
    let (expected, seen) = match (&scenario.told, &scenario.answer) {
        (Some(told), _) if told.expected.is_some() => (told.expected.clone(), told.seen.clone()),
        (_, Some(answer)) => {
            let wanted = if scenario.kind == Kind::Tampering {
                "the portal refuses"
            } else {
                "the portal accepts"
            };
            let status =
                answer.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
            let reason = answer.reason.as_deref().or(answer.message.as_deref()).unwrap_or_default();
            let seen = format!("{status} {} {reason}; {}", answer.reply, states(scenario));
            (Some(wanted.to_owned()), Some(seen))
        }
        (_, None) => (None, None),
    };
    Account {
        told,
        expected: expected.unwrap_or_else(|| scenario.title.clone()),
        seen: seen.unwrap_or_else(|| scenario.because.clone()),
    }
}

/// How the state moved, in words.
fn states(scenario: &Scenario) -> String {
    let unread = "unreadable".to_owned();
    let moves = scenario.state.after.iter().map(|(fact, after)| {
        let before = scenario.state.before.get(fact).cloned().flatten();
        let (before, after) = (
            before.unwrap_or_else(|| unread.clone()),
            after.clone().unwrap_or_else(|| unread.clone()),
        );
        if before == after {
            format!("{fact} stays {after}")
        } else {
            format!("{fact} {before} → {after}")
        }
    });
    moves.collect::<Vec<_>>().join(", ")
}

/// Whether a scenario is told in full.
fn is_told(verdict: Verdict) -> bool {
    match counts(verdict) {
        Counts::Finding | Counts::Warning | Counts::Open => true,
        Counts::Kept | Counts::NotRun => false,
    }
}

/// Findings first, then warnings, then what is open.
fn told(run: &Run) -> Vec<&Scenario> {
    let mut told: Vec<&Scenario> =
        run.scenarios.iter().filter(|scenario| is_told(scenario.verdict)).collect();
    told.sort_by_key(|scenario| match counts(scenario.verdict) {
        Counts::Finding => 0,
        Counts::Warning => 1,
        Counts::Open => 2,
        Counts::Kept | Counts::NotRun => 3,
    });
    told
}

/// How many scenarios of each family ended how, in the order of the plan.
fn families(run: &Run) -> Vec<(&str, BTreeMap<Verdict, u32>)> {
    let mut families: Vec<(&str, BTreeMap<Verdict, u32>)> = Vec::new();
    for scenario in &run.scenarios {
        let place = families.iter().position(|(family, _)| *family == scenario.family);
        let place = place.unwrap_or_else(|| {
            families.push((&scenario.family, BTreeMap::new()));
            families.len() - 1
        });
        *families[place].1.entry(scenario.verdict).or_default() += 1;
    }
    families
}

/// The verdicts that occur, in order.
fn occurring(run: &Run) -> Vec<Verdict> {
    Verdict::ALL
        .iter()
        .copied()
        .filter(|verdict| run.scenarios.iter().any(|scenario| scenario.verdict == *verdict))
        .collect()
}

/// Why scenarios were left out, and how many for each reason.
fn left_out(run: &Run) -> BTreeMap<&str, u32> {
    let mut reasons = BTreeMap::new();
    for scenario in &run.scenarios {
        if let Some(NotJudged::Skipped { reason, .. }) = &scenario.not_judged {
            *reasons.entry(reason.as_str()).or_default() += 1;
        }
    }
    reasons
}
