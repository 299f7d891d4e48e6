//! `report.html`: one file that opens from disk, runs no script and loads nothing. Reads top to bottom:
//! what came out, what went wrong, every scenario with its evidence, how the run was made.

pub mod bench;
mod overview;
mod scenario;
mod steps;
mod writer;

use std::io;

use writer::Html;

use super::tally::{self, Family};
use crate::{
    judge,
    record::{Run, Scenario, Verdict},
    source::{InMemory, Source},
};

const STYLE: &str = include_str!("html/style.css");

/// What the page may do: nothing but show itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// The run as one page of HTML.
#[must_use]
pub fn render(run: &Run) -> String {
    let mut page = Vec::new();
    // Scenarios that have their steps can be read, and memory takes every byte.
    let _ = write(run, &InMemory, &mut page);
    String::from_utf8_lossy(&page).into_owned()
}

/// Writes the page as it is made. Never more than one scenario has its steps in memory.
///
/// # Errors
/// Whatever the source or the sink says.
pub fn write(run: &Run, source: &dyn Source, sink: &mut dyn io::Write) -> io::Result<()> {
    let families = tally::families(run);
    let mut html = Html::default();
    head(&mut html, run);
    html.raw("<body>\n<a class=\"skip\" href=\"#summary\">Skip to the summary</a>\n");
    overview::banner(&mut html, run);
    html.raw("<div class=\"columns\">\n");
    contents(&mut html, run, &families);
    html.raw("<main>\n");
    overview::summary(&mut html, run, &families);
    overview::findings(&mut html, run);
    overview::verdicts(&mut html, run);
    for family in &families {
        chapter(&mut html, family, source, sink)?;
    }
    overview::about(&mut html, run);
    html.raw("</main>\n</div>\n<footer><p>Written by Touchstone ");
    html.text(&run.suite.version);
    html.raw(" from the record of the run. No scripts, nothing loaded. Text marked “from the portal” is quoted, never ours.</p></footer>\n</body>\n</html>\n");
    sink.write_all(html.finish().as_bytes())
}

fn head(html: &mut Html, run: &Run) {
    html.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"");
    html.raw(POLICY);
    html.raw("\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.raw("<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    html.text(&run.profile.name);
    html.raw(" ");
    html.text(&tally::outcome(run));
    html.raw(" · Touchstone</title>\n<style>\n");
    html.raw(STYLE);
    html.raw("</style>\n</head>\n");
}

fn contents(html: &mut Html, run: &Run, families: &[Family<'_>]) {
    html.raw("<nav aria-label=\"Contents\">\n<ul>\n<li><a href=\"#summary\">Summary</a></li>\n");
    let findings = tally::findings(run).len();
    html.raw("<li><a href=\"#findings\">Findings</a> <span class=\"n\">");
    html.number(findings);
    html.raw("</span></li>\n</ul>\n<p class=\"label\">By verdict</p>\n<ul>\n");
    for (verdict, count) in judge::summary(&run.scenarios) {
        html.raw("<li><a href=\"#verdict.");
        html.raw(verdict.word());
        html.raw("\">");
        overview::badge(html, verdict);
        html.raw("</a> <span class=\"n\">");
        html.number(count);
        html.raw("</span></li>\n");
    }
    html.raw("</ul>\n<p class=\"label\">By family</p>\n<ul>\n");
    for family in families {
        html.raw("<li><a");
        html.attribute("href", &format!("#{}", family_anchor(family.name)));
        html.raw(">");
        html.text(family.name);
        html.raw("</a> <span class=\"n\">");
        html.number(family.scenarios.len());
        html.raw("</span></li>\n");
    }
    html.raw("</ul>\n<ul>\n<li><a href=\"#about\">About this run</a></li>\n</ul>\n</nav>\n");
}

fn chapter(
    html: &mut Html,
    family: &Family<'_>,
    source: &dyn Source,
    sink: &mut dyn io::Write,
) -> io::Result<()> {
    html.raw("<section class=\"chapter\"");
    html.attribute("id", &family_anchor(family.name));
    html.raw(">\n<h2>");
    html.text(family.name);
    html.raw(" <small>");
    html.text(&tally::counted(&family.counts, " · "));
    html.raw("</small></h2>\n");
    let mut above = None;
    for scenario in &family.scenarios {
        let whole = source.whole(scenario)?;
        let owed = Some(scenario.requirement.id.as_str());
        let said_above = above == owed && scenario.verdict == Verdict::Pass;
        scenario::section(html, &whole, said_above);
        above = owed;
        html.pour(sink)?;
    }
    html.raw("</section>\n");
    Ok(())
}

/// The anchor of a scenario: its id with dots for slashes.
fn anchor(id: &str) -> String {
    id.chars()
        .map(|c| match c {
            '/' => '.',
            c if c.is_ascii_alphanumeric() || c == '-' || c == '.' || c == '_' => c,
            _ => '-',
        })
        .collect()
}

fn family_anchor(name: &str) -> String {
    format!("family.{}", anchor(name))
}

/// A link to the section of a scenario.
fn reference(html: &mut Html, scenario: &Scenario) {
    html.raw("<a");
    html.attribute("href", &format!("#{}", anchor(&scenario.id)));
    html.raw("><code>");
    html.text(&scenario.id);
    html.raw("</code></a>");
}

/// The class that paints a verdict.
const fn class(verdict: Verdict) -> &'static str {
    use judge::Counts;
    match judge::counts(verdict) {
        Counts::Finding => "fail",
        Counts::Warning => "warn",
        Counts::Open => "open",
        Counts::Kept => "pass",
        Counts::NotRun => "left-out",
    }
}
