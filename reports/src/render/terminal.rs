//! The run as it is printed: what went wrong first, then a table by family, then one line of totals.
//! Text of the portal cannot act on the terminal, and without colour there is no control character.
//! Everything fits what shows it, but for what people copy: commands and addresses stay whole.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Effects};

use super::{
    plain::{clip, plain},
    points::lines,
    style::{Style, wrapped},
    tally,
};
use crate::{
    judge::{self, Counts},
    record::{Run, Scenario, Verdict},
};

/// Width of the label column.
const LABEL: usize = 10;
/// Where labels begin.
const INDENT: usize = 6;
/// Where a long value goes on to the next line, characters, where it does not have to before.
const WIDTH: usize = 96;
/// Longest value, characters; the report holds the rest.
const LONGEST: usize = 600;
/// How many scenarios of one verdict are told at length.
const AT_LENGTH: usize = 20;
/// How many accounts that stay on the portal are named.
const LEFT: usize = 10;

/// One scenario at length: what it is, what was expected, what was seen, how to repeat it.
#[must_use]
pub fn failure(scenario: &Scenario, style: Style) -> String {
    let paint = Paint { style };
    let word = scenario.verdict.word().to_uppercase();
    let mut text = String::new();
    let head = format!("{}   {}", plain(&scenario.id), plain(&scenario.title));
    let padding = " ".repeat(INDENT.saturating_sub(word.len()).max(2));
    let mut before = paint.verdict(scenario.verdict, &word) + &padding;
    let room = paint.columns(word.len() + padding.len(), usize::MAX);
    for part in wrapped(&paint.style.characters(&head), room) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{before}{part}");
        before = " ".repeat(INDENT);
    }
    let requirement = &scenario.requirement;
    line(&mut text, paint, scenario.level.word(), &requirement.says);
    source(&mut text, paint, &requirement.source, requirement.link.as_deref());
    for (label, value) in lines(scenario) {
        line(&mut text, paint, label, &value);
    }
    whole_line(&mut text, paint, "again", &scenario.again);
    text
}

/// Where a requirement is from; its address stays whole.
fn source(text: &mut String, paint: Paint, source: &str, link: Option<&str>) {
    let Some(link) = link else { return line(text, paint, "", source) };
    let both = format!("{source}  {link}");
    if both.chars().count() <= paint.columns(INDENT + LABEL, usize::MAX) {
        return whole_line(text, paint, "", &both);
    }
    line(text, paint, "", source);
    whole_line(text, paint, "", link);
}

/// The whole run: what went wrong, the table by family, what was left out, the self-check and the
/// outcome.
#[must_use]
pub fn summary(run: &Run, style: Style) -> String {
    let paint = Paint { style };
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
            text.push_str(&failure(scenario, paint.style));
            text.push('\n');
        }
        if let Some(more) = group.len().checked_sub(AT_LENGTH).filter(|more| *more > 0) {
            let verdict = group.first().map_or("", |scenario| scenario.verdict.word());
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
            let cell = if count == 0 {
                paint.style.characters("·").into_owned()
            } else {
                count.to_string()
            };
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
    let says = format!(
        "  {}   in {}   seed {}",
        tally::counted(&counts, " · "),
        tally::duration(run.duration_ms),
        plain(&run.seed)
    );
    let _ = writeln!(text, "\n{}", paint.style.lines(&says));
    let word = paint.outcome(run, &tally::outcome(run));
    let _ = writeln!(text, "  {word}   exit {}", run.exit_code);
}

/// A labelled value, on as many lines as it needs.
fn line(text: &mut String, paint: Paint, label: &str, value: &str) {
    let value = plain(&clip(value, LONGEST));
    let mut label = label;
    for part in wrapped(&paint.style.characters(&value), paint.columns(INDENT + LABEL, WIDTH)) {
        push_line(text, paint, label, part);
        label = "";
    }
}

/// A labelled value that people copy: never broken, never cut.
fn whole_line(text: &mut String, paint: Paint, label: &str, value: &str) {
    push_line(text, paint, label, &paint.style.characters(&plain(value)));
}

fn push_line(text: &mut String, paint: Paint, label: &str, value: &str) {
    let label = paint.label(&format!("{label:LABEL$}"));
    let _ = writeln!(text, "{:INDENT$}{label}{value}", "");
}

/// How words are painted and where lines end.
#[derive(Clone, Copy)]
struct Paint {
    style: Style,
}

impl Paint {
    /// Characters that a line has beside those that are used, and not more than so many.
    fn columns(self, used: usize, most: usize) -> usize {
        self.style.columns().map_or(most, |columns| columns.saturating_sub(used).min(most))
    }

    fn verdict(self, verdict: Verdict, word: &str) -> String {
        self.with(colour(verdict), word)
    }

    fn label(self, word: &str) -> String {
        self.with(anstyle::Style::new().dimmed(), word)
    }

    fn outcome(self, run: &Run, word: &str) -> String {
        let colour = if run.exit_code == 0 { AnsiColor::Green } else { AnsiColor::Red };
        self.with(colour.on_default().bold(), word)
    }

    fn with(self, paint: anstyle::Style, word: &str) -> String {
        if self.style.colour { format!("{paint}{word}{paint:#}") } else { word.to_owned() }
    }
}

const fn colour(verdict: Verdict) -> anstyle::Style {
    match judge::counts(verdict) {
        Counts::Finding => AnsiColor::Red.on_default().effects(Effects::BOLD),
        Counts::Warning => AnsiColor::Yellow.on_default(),
        Counts::Open => AnsiColor::Magenta.on_default(),
        Counts::Kept => AnsiColor::Green.on_default(),
        Counts::NotRun => anstyle::Style::new().effects(Effects::DIMMED),
    }
}
