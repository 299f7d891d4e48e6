//! `bench.html`: what a benchmark measured, in the clothes of `report.html`: one file, no script, nothing loaded.

mod plot;

use super::{POLICY, STYLE, writer::Html};
use crate::bench::{Bench, Change, Row, time};

/// Chapters, by how the names of their rows begin; what begins otherwise is other people's.
const CHAPTERS: &[(&str, &str)] = &[
    ("assertion/", "Sign-ins, from the JSON body to the verdict"),
    ("registration/", "Registrations, from the JSON body to the verdict"),
    ("decoding/", "All of a sign-in but its signature"),
    ("signature/", "Signatures alone"),
    ("key/", "Making a public key ready"),
];

/// The chapter of everybody else.
const OTHERS: &str = "What others wrote, doing the same";

/// What plots are about.
const PAINT: &str = "
.plot { display: block; width: 100%; max-width: 64rem; height: auto; margin: 0.5rem 0 1.2rem; }
.plot text { fill: var(--ink); font: 12px system-ui, sans-serif; }
.plot .dim { fill: var(--dim); }
.plot line { stroke: var(--line); }
.plot .whisker { stroke: var(--tone); stroke-width: 2; }
.plot circle { fill: var(--tone); }
.plot .floor { stroke: var(--ink); stroke-width: 2; }
.figures td, .figures th { text-align: right; font-variant-numeric: tabular-nums; }
.figures td:first-child, .figures th:first-child, .figures td:last-child, .figures th:last-child { text-align: left; }
";

/// The page, with what became of each row where it was compared with an earlier run.
#[must_use]
pub fn render(bench: &Bench, changes: Option<&[Change]>) -> String {
    let mut html = Html::default();
    head(&mut html);
    banner(&mut html, bench, changes);
    html.raw("<div class=\"columns\">\n<nav aria-label=\"Contents\">\n<ul>\n");
    let chapters = chapters(bench);
    for (number, (title, _)) in chapters.iter().enumerate() {
        html.raw("<li><a");
        html.attribute("href", &format!("#chapter.{number}"));
        html.raw(">");
        html.text(title);
        html.raw("</a></li>\n");
    }
    html.raw("<li><a href=\"#how\">How it was measured</a></li>\n</ul>\n</nav>\n<main>\n");
    if let Some(changes) = changes {
        compared(&mut html, changes);
    }
    for (number, (title, rows)) in chapters.iter().enumerate() {
        chapter(&mut html, number, title, rows);
    }
    how(&mut html, bench);
    html.raw("</main>\n</div>\n<footer><p>Written by Touchstone. No scripts, nothing loaded.</p></footer>\n</body>\n</html>\n");
    html.finish()
}

fn head(html: &mut Html) {
    html.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"");
    html.raw(POLICY);
    html.raw("\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.raw("<meta name=\"color-scheme\" content=\"light dark\">\n<title>Benchmark of verification · Touchstone</title>\n<style>\n");
    html.raw(STYLE);
    html.raw(PAINT);
    html.raw("</style>\n</head>\n<body>\n");
}

fn banner(html: &mut Html, bench: &Bench, changes: Option<&[Change]>) {
    let slower = changes.into_iter().flatten().filter(|change| change.is_slower()).count();
    let compared = changes.is_some_and(|changes| !changes.is_empty());
    html.raw("<header class=\"banner ");
    // Green is only what was compared with something.
    html.raw(match (compared, slower) {
        (false, _) => "inconclusive",
        (true, 0) => "pass",
        (true, _) => "fail",
    });
    html.raw("\">\n<p class=\"label\">Touchstone · benchmark</p>\n<h1>Verification");
    if changes.is_some() {
        html.raw(" <span class=\"outcome\">");
        html.text(&match slower {
            _ if !compared => "no row could be compared".to_owned(),
            0 => "no row became slower".to_owned(),
            1 => "1 row became slower".to_owned(),
            more => format!("{more} rows became slower"),
        });
        html.raw("</span>");
    }
    html.raw("</h1>\n<p>");
    html.text(&format!("{} · {} cores · {} rounds", bench.processor, bench.cores, bench.rounds));
    html.raw("</p>\n</header>\n");
}

/// The rows of each chapter that has any.
fn chapters(bench: &Bench) -> Vec<(&'static str, Vec<&Row>)> {
    let begins = |row: &Row, start: &str| row.name.starts_with(start);
    let ours = |row: &Row| CHAPTERS.iter().any(|(start, _)| begins(row, start));
    let mut chapters: Vec<(&str, Vec<&Row>)> = CHAPTERS
        .iter()
        .map(|(start, title)| {
            (*title, bench.rows.iter().filter(|row| begins(row, start)).collect())
        })
        .collect();
    chapters.push((OTHERS, bench.rows.iter().filter(|row| !ours(row)).collect()));
    chapters.retain(|(_, rows)| !rows.is_empty());
    chapters
}

fn chapter(html: &mut Html, number: usize, title: &str, rows: &[&Row]) {
    html.raw("<section");
    html.attribute("id", &format!("chapter.{number}"));
    html.raw(">\n<h2>");
    html.text(title);
    html.raw("</h2>\n<p class=\"label\">Time, and the quickest round as a mark</p>\n");
    plot::times(html, rows);
    if rows.iter().any(|row| row.beside.is_some()) {
        html.raw("<p class=\"label\">Times as long as the row that it is measured beside, with the interval of 95 %</p>\n");
        plot::ratios(html, rows);
    }
    html.raw("<div class=\"wide\"><table class=\"figures\">\n<thead><tr>");
    for title in ["row", "median", "floor", "ratio", "95 %", "own work", "beside", "library"] {
        html.raw("<th scope=\"col\">");
        html.text(title);
        html.raw("</th>");
    }
    html.raw("</tr></thead>\n<tbody>\n");
    for row in rows {
        figures(html, row);
    }
    html.raw("</tbody>\n</table></div>\n</section>\n");
}

fn figures(html: &mut Html, row: &Row) {
    html.raw("<tr><td><code>");
    html.text(&row.name);
    html.raw("</code></td>");
    let compared = row.beside.is_some();
    let ratio = if compared { format!("{:.3}", row.ratio) } else { String::new() };
    let [low, high] = row.ci95;
    let interval = if compared { format!("{low:.3} to {high:.3}") } else { String::new() };
    html.element("td", &time(row.median_ns));
    html.element("td", &time(row.floor_ns));
    html.element("td", &ratio);
    html.element("td", &interval);
    html.element("td", &row.own_ns.map(time).unwrap_or_default());
    html.element("td", row.beside.as_deref().unwrap_or_default());
    html.element("td", &row.library);
    html.raw("</tr>\n");
}

fn compared(html: &mut Html, changes: &[Change]) {
    html.raw("<section>\n<h2>Since the earlier run</h2>\n<div class=\"wide\"><table class=\"figures\">\n<thead><tr><th scope=\"col\">row</th><th scope=\"col\">takes longer by</th><th scope=\"col\">confidence</th><th scope=\"col\">word</th></tr></thead>\n<tbody>\n");
    for change in changes {
        html.raw("<tr><td><code>");
        html.text(&change.name);
        html.raw("</code></td>");
        html.element("td", &format!("{:+.1} %", change.longer * 100.0));
        html.element("td", &format!("{:.1} %", change.confidence * 100.0));
        html.element("td", if change.is_slower() { "slower" } else { "" });
        html.raw("</tr>\n");
    }
    html.raw("</tbody>\n</table></div>\n</section>\n");
}

fn how(html: &mut Html, bench: &Bench) {
    html.raw("<section id=\"how\">\n<h2>How it was measured</h2>\n<p>The rows take turns in each round. Beside each batch of a row stands one of the row that it is compared with, so that whatever slows the machine down slows both. Ratios are medians of the rounds; the interval holds the true one with a confidence of 95 %, whatever the times are spread like. Own work is what a row takes beside its signatures.</p>\n<p>Each row names the library that makes its signatures: much of a difference between rows is a difference between libraries.</p>\n");
    if !bench.skipped.is_empty() {
        html.raw("<ul>\n");
        for skipped in &bench.skipped {
            html.element("li", &format!("{} is not measured: {}", skipped.name, skipped.reason));
            html.raw("\n");
        }
        html.raw("</ul>\n");
    }
    html.raw("</section>\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{
        compare,
        sample::{bench, row},
    };

    #[test]
    fn the_page_shows_every_row_and_whatever_became_slower() {
        let before =
            bench(vec![row("signature/ES256", 1.0, 0.0), row("assertion/ES256", 1.02, 0.002)]);
        let mut now = before.clone();
        now.rows[1] = row("assertion/ES256", 1.2, 0.002);
        now.rows.push(row("other/<assertion>", 4.0, 0.1));
        let changes = compare(&before, &now);
        insta::assert_snapshot!(
            render(&now, Some(&changes)).rsplit(PAINT).next().unwrap_or_default()
        );
        assert!(!render(&now, None).contains("Since the earlier run"));
    }
}
