//! The run as it is printed: what went wrong first, then a table by family, then one line of totals.
//! Text of the portal cannot act on the terminal, and without colour there is no control character.

use std::fmt::Write as _;

use super::{
    plain::{clip, plain},
    points::lines,
    tally,
};
use crate::{
    judge::{self, Counts},
    record::{Run, Scenario, Verdict},
};

/// Width of the label column.
const LABEL: usize = 10;
/// Where a long value goes on to the next line, characters.
const WIDTH: usize = 96;
/// Longest value, characters; the report holds the rest.
const LONGEST: usize = 600;
/// How many scenarios of one verdict are told at length.
const AT_LENGTH: usize = 20;
/// How many accounts that stay on the portal are named.
const LEFT: usize = 10;

/// One scenario at length: what it is, what was expected, what was seen, how to repeat it.
#[must_use]
pub fn failure(scenario: &Scenario, colour: bool) -> String {
    let paint = Paint { colour };
    let word = scenario.verdict.word().to_uppercase();
    let mut text = format!(
        "{}{}  {}   {}\n",
        paint.verdict(scenario.verdict, &word),
        " ".repeat(4_usize.saturating_sub(word.len())),
        plain(&scenario.id),
        plain(&scenario.title)
    );
    let requirement = &scenario.requirement;
    line(&mut text, paint, scenario.level.word(), &requirement.says);
    let link = requirement.link.as_deref().map(|link| format!("  {link}")).unwrap_or_default();
    whole_line(&mut text, paint, "", &format!("{}{link}", requirement.source));
    for (label, value) in lines(scenario) {
        line(&mut text, paint, label, &value);
    }
    whole_line(&mut text, paint, "again", &scenario.again);
    text
}

/// The whole run: what went wrong, the table by family, what was left out, the self-check and the
/// outcome.
#[must_use]
pub fn summary(run: &Run, colour: bool) -> String {
    let paint = Paint { colour };
    let mut text = String::new();
    findings(&mut text, run, paint);
    table(&mut text, run, paint);
    skips(&mut text, run, paint);
    text.push('\n');
    let canary = tally::canary(run);
    line(&mut text, paint, "canary", &canary);
    if !run.filters.is_empty() {
        line(&mut text, paint, "selected", &run.filters.join(" "));
    }
    if let Some(consent) = &run.guards.consent {
        line(&mut text, paint, "consent", consent);
    }
    for loosened in &run.guards.loosened {
        line(&mut text, paint, "loosened", loosened);
    }
    if let Some(traffic) = run.traffic.filter(|traffic| traffic.throttled > 0) {
        line(&mut text, paint, "sent", &tally::traffic(traffic));
    }
    if let Some(cut) = tally::cut(run) {
        line(&mut text, paint, "cut", &cut);
    }
    accounts(&mut text, run, paint);
    if let Some(note) = &run.note {
        line(&mut text, paint, "note", note);
    }
    if let Some(shares) = tally::shares(run) {
        line(&mut text, paint, "time", &shares);
    }
    totals(&mut text, run, paint);
    text
}

fn findings(text: &mut String, run: &Run, paint: Paint) {
    let findings = tally::findings(run);
    for group in findings.chunk_by(|a, b| a.verdict == b.verdict) {
        for scenario in group.iter().take(AT_LENGTH) {
            text.push_str(&failure(scenario, paint.colour));
            text.push('\n');
        }
        if let Some(more) = group.len().checked_sub(AT_LENGTH).filter(|more| *more > 0) {
            let verdict = group.first().map_or("", |scenario| scenario.verdict.word());
            // Writing to a string cannot fail.
            let _ =
                writeln!(text, "      and {more} more {verdict}; the report tells each of them\n");
        }
    }
}

fn table(text: &mut String, run: &Run, paint: Paint) {
    let families = tally::families(run);
    let columns = tally::columns(run);
    let width = families.iter().map(|family| plain(family.name).chars().count()).max();
    let width = width.unwrap_or_default().max("family".len());
    text.push_str(&paint.label(&format!("  {:width$}", "family")));
    for verdict in &columns {
        text.push_str(&paint.label(&format!("  {verdict:>4}")));
    }
    text.push('\n');
    for family in &families {
        let _ = write!(text, "  {:width$}", plain(family.name));
        for verdict in &columns {
            let count = family.count(*verdict);
            let cell = if count == 0 { "·".to_owned() } else { count.to_string() };
            let cell = format!("{cell:>0$}", verdict.word().len().max(4));
            let cell = if count == 0 { paint.label(&cell) } else { paint.verdict(*verdict, &cell) };
            let _ = write!(text, "  {cell}");
        }
        text.push('\n');
    }
}

fn skips(text: &mut String, run: &Run, paint: Paint) {
    let skips = tally::skips(run);
    if skips.is_empty() {
        return;
    }
    text.push('\n');
    for (at, (reason, scenarios)) in skips.iter().enumerate() {
        let label = if at == 0 { "left out" } else { "" };
        line(text, paint, label, &format!("{:>3}  {reason}", scenarios.len()));
    }
}

/// What became of the accounts that the run made.
fn accounts(text: &mut String, run: &Run, paint: Paint) {
    if let Some(accounts) = tally::accounts(run) {
        line(text, paint, "accounts", &accounts);
    }
    if let Some((says, lines)) = tally::left(run, LEFT) {
        line(text, paint, "left", &says);
        lines.iter().for_each(|one| line(text, paint, "", one));
    }
}

fn totals(text: &mut String, run: &Run, paint: Paint) {
    let counts = judge::summary(&run.scenarios);
    let _ = writeln!(
        text,
        "\n  {}   in {}   seed {}",
        tally::counted(&counts, " · "),
        tally::duration(run.duration_ms),
        plain(&run.seed)
    );
    let word = paint.outcome(run, &tally::outcome(run));
    let _ = writeln!(text, "  {word}   exit {}", run.exit_code);
}

/// A labelled value, on as many lines as it needs.
fn line(text: &mut String, paint: Paint, label: &str, value: &str) {
    let value = plain(&clip(value, LONGEST));
    let mut label = label;
    for part in wrapped(&value) {
        push_line(text, paint, label, part);
        label = "";
    }
}

/// A labelled value that people copy: never broken, never cut.
fn whole_line(text: &mut String, paint: Paint, label: &str, value: &str) {
    push_line(text, paint, label, &plain(value));
}

fn push_line(text: &mut String, paint: Paint, label: &str, value: &str) {
    let label = paint.label(&format!("{label:LABEL$}"));
    let _ = writeln!(text, "      {label}{value}");
}

/// Parts of at most [`WIDTH`] characters, broken between words where there are any.
fn wrapped(value: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = value;
    while let Some((limit, _)) = rest.char_indices().nth(WIDTH) {
        let head = rest.get(..limit).unwrap_or(rest);
        let at = head.rfind(' ').filter(|at| *at > limit / 2).unwrap_or(limit);
        // A line that starts with two colons is a command to some log readers.
        let colons = rest.get(at..).unwrap_or_default().bytes().take_while(|byte| *byte == b':');
        let (part, after) = rest.split_at(at + colons.count());
        parts.push(part);
        rest = after.trim_start_matches(' ');
    }
    parts.push(rest);
    parts
}

/// Whether and how words are painted.
#[derive(Clone, Copy)]
struct Paint {
    colour: bool,
}

impl Paint {
    fn verdict(self, verdict: Verdict, word: &str) -> String {
        self.with(style(verdict), word)
    }

    fn label(self, word: &str) -> String {
        self.with("2", word)
    }

    fn outcome(self, run: &Run, word: &str) -> String {
        self.with(if run.exit_code == 0 { "1;32" } else { "1;31" }, word)
    }

    fn with(self, style: &str, word: &str) -> String {
        if self.colour { format!("\u{1b}[{style}m{word}\u{1b}[0m") } else { word.to_owned() }
    }
}

const fn style(verdict: Verdict) -> &'static str {
    match judge::counts(verdict) {
        Counts::Finding => "1;31",
        Counts::Warning => "33",
        Counts::Open => "35",
        Counts::Kept => "32",
        Counts::NotRun => "2",
    }
}
