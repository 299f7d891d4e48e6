//! `summary.md`: the page of a CI job. Short whatever the run was, and nothing in it that came from a
//! portal stands outside a code fence.

use std::fmt::Write as _;

use super::{
    plain::{clip, plain},
    points::lines,
    tally,
};
use crate::{
    judge,
    record::{Run, Scenario},
};

/// How many findings are told; CI servers show ten of anything.
const WORST: usize = 9;
/// How many reasons of what was left out are told.
const REASONS: usize = 20;
/// Longest quoted line, characters.
const LONGEST: usize = 600;

/// The run as Markdown for a job summary, far below 1 MiB.
#[must_use]
pub fn render(run: &Run) -> String {
    let mut text = format!("# Touchstone: {}\n\n", tally::outcome(run));
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(
        text,
        "{} in {} · exit {} · profile {} · seed {}\n",
        tally::counted(&judge::summary(&run.scenarios), " · "),
        tally::duration(run.duration_ms),
        run.exit_code,
        code(&run.profile.name),
        code(&run.seed),
    );
    if !run.filters.is_empty() {
        fence(&mut text, &[("selected", run.filters.join(" "))]);
    }
    if let Some(note) = &run.note {
        fence(&mut text, &[("note", note.clone())]);
    }
    let _ =
        writeln!(text, "Self-check (a portal that accepts everything) {}.\n", tally::canary(run));
    table(&mut text, run);
    findings(&mut text, run);
    skips(&mut text, run);
    accounts(&mut text, run);
    if let Some(cut) = tally::cut(run) {
        fence(&mut text, &[("cut", cut)]);
    }
    if let Some(consent) = &run.guards.consent {
        fence(&mut text, &[("consent", consent.clone())]);
    }
    if !run.guards.loosened.is_empty() {
        text.push_str("## Loosened guards\n\n");
        for loosened in &run.guards.loosened {
            let _ = writeln!(text, "- {}", code(loosened));
        }
    }
    text
}

fn table(text: &mut String, run: &Run) {
    let columns = tally::columns(run);
    text.push_str("| family |");
    for verdict in &columns {
        let _ = write!(text, " {verdict} |");
    }
    text.push_str("\n|---|");
    text.push_str(&"--:|".repeat(columns.len()));
    text.push('\n');
    for family in tally::families(run) {
        let _ = write!(text, "| {} |", escaped(family.name));
        for verdict in &columns {
            let _ = write!(text, " {} |", family.count(*verdict));
        }
        text.push('\n');
    }
    text.push('\n');
}

fn findings(text: &mut String, run: &Run) {
    let findings = tally::findings(run);
    if findings.is_empty() {
        return;
    }
    text.push_str("## Findings\n\n");
    for scenario in findings.iter().take(WORST) {
        finding(text, scenario);
    }
    if let Some(more) = findings.len().checked_sub(WORST).filter(|more| *more > 0) {
        let _ = writeln!(text, "And {more} more; the report tells each of them.\n");
    }
}

fn finding(text: &mut String, scenario: &Scenario) {
    let requirement = &scenario.requirement;
    let _ = writeln!(
        text,
        "### {} {} {}\n",
        scenario.verdict.word().to_uppercase(),
        code(&scenario.id),
        escaped(&scenario.title)
    );
    let source = match requirement.link.as_deref().filter(|link| is_link(link)) {
        Some(link) => format!("[{}]({link})", escaped(&requirement.source)),
        None => escaped(&requirement.source),
    };
    let says = escaped(&requirement.says);
    let _ = writeln!(text, "{} ({}): {says} {source}\n", scenario.level, scenario.impact);
    let mut lines = lines(scenario);
    lines.push(("again", scenario.again.clone()));
    fence(text, &lines);
}

fn skips(text: &mut String, run: &Run) {
    let skips = tally::skips(run);
    if skips.is_empty() {
        return;
    }
    text.push_str("## Left out\n\n");
    for (reason, scenarios) in skips.iter().take(REASONS) {
        let _ = writeln!(text, "- {} × {}", scenarios.len(), code(reason));
    }
    if let Some(more) = skips.len().checked_sub(REASONS).filter(|more| *more > 0) {
        let _ = writeln!(text, "- and {more} more reasons");
    }
    text.push('\n');
}

/// What became of the accounts that the run made.
fn accounts(text: &mut String, run: &Run) {
    let Some(accounts) = tally::accounts(run) else { return };
    let _ = writeln!(text, "## Accounts\n\n{}\n", escaped(&accounts));
    if let Some((says, lines)) = tally::left(run, WORST) {
        let mut left = vec![("left", says)];
        left.extend(lines.into_iter().map(|line| ("", line)));
        fence(text, &left);
    }
}

/// Labelled lines in a fence that none of them can close.
fn fence(text: &mut String, lines: &[(&str, String)]) {
    let lines: Vec<_> = lines
        .iter()
        .map(|(label, value)| format!("{label:10}{}\n", clip(&plain(value), LONGEST)))
        .collect();
    let marks =
        "`".repeat(lines.iter().map(|line| longest_run(line)).max().unwrap_or(0).max(2) + 1);
    let _ = writeln!(text, "{marks}text\n{}{marks}\n", lines.concat());
}

/// A code span that its content cannot close.
fn code(value: &str) -> String {
    let value = plain(value);
    let value = clip(&value, LONGEST).trim().replace('|', "¦");
    let marks = "`".repeat(longest_run(&value) + 1);
    format!("{marks} {value} {marks}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Our own words outside a fence: still nothing in them is markup.
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in clip(&plain(value), LONGEST).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|'
            | '~' => {
                out.push('\\');
                out.push(c);
            }
            other => out.push(other),
        }
    }
    out
}

/// Whether an address may stand behind a link: ours are plain https.
pub(super) fn is_link(link: &str) -> bool {
    link.starts_with("https://")
        && link.chars().all(|c| c.is_ascii_alphanumeric() || "-._~:/?#=&%+,;@".contains(c))
}
