//! `report.html`: one file without scripts, that opens from disk and can be read by anybody.

use std::fmt::Write;

use super::{account, families, left_out, occurring, told};
use crate::record::{Run, Scenario, Verdict};

mod steps;

const STYLE: &str = include_str!("html/style.css");

/// Renders.
#[must_use]
pub fn render(run: &Run) -> String {
    let mut page = String::with_capacity(1 << 20);
    head(&mut page, run);
    overview(&mut page, run);
    findings(&mut page, run);
    for (family, _) in families(run) {
        let _ = write!(page, "<section><h2 id=\"family-{0}\">{0}</h2>", escape(family));
        for scenario in run.scenarios.iter().filter(|scenario| scenario.family == family) {
            section(&mut page, scenario);
        }
        page.push_str("</section>");
    }
    page.push_str("</main></body></html>\n");
    page
}

/// Text in which nothing is markup.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(c),
            c if c.is_control() => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

fn anchor(id: &str) -> String {
    escape(&id.replace('/', "."))
}

fn head(page: &mut String, run: &Run) {
    let name = escape(&run.profile.name);
    let _ = write!(
        page,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{name}: {0}</title><style>{STYLE}</style></head><body>\
         <header><h1>{name} <span class=\"word {0}\">{0}</span></h1>",
        run.outcome
    );
    let counts: Vec<String> =
        run.summary.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
    let _ = write!(
        page,
        "<p>{} · exit code {} · {} · {} ms</p>",
        counts.join(" · "),
        run.exit_code,
        escape(&run.started),
        run.duration_ms
    );
    if let Some(note) = &run.note {
        let _ = write!(page, "<p class=\"note\">{}</p>", escape(note));
    }
    page.push_str("</header><nav aria-label=\"families\">");
    for (family, _) in families(run) {
        let _ = write!(page, "<a href=\"#family-{0}\">{0}</a> ", escape(family));
    }
    page.push_str("</nav><main>");
}

fn overview(page: &mut String, run: &Run) {
    let verdicts = occurring(run);
    page.push_str("<section><h2>Overview</h2><table><thead><tr><th scope=\"col\">family</th><th scope=\"col\"></th>");
    for verdict in &verdicts {
        let _ = write!(page, "<th scope=\"col\">{verdict}</th>");
    }
    page.push_str("</tr></thead><tbody>");
    for (family, counts) in families(run) {
        let _ = write!(
            page,
            "<tr><th scope=\"row\"><a href=\"#family-{0}\">{0}</a></th><td>",
            escape(family)
        );
        bar(
            page,
            &verdicts
                .iter()
                .map(|verdict| (*verdict, counts.get(verdict).copied().unwrap_or(0)))
                .collect::<Vec<_>>(),
        );
        page.push_str("</td>");
        for verdict in &verdicts {
            let count = counts.get(verdict).map(u32::to_string).unwrap_or_default();
            let _ = write!(page, "<td class=\"number\">{count}</td>");
        }
        page.push_str("</tr>");
    }
    page.push_str("</tbody></table>");
    facts(page, run);
    page.push_str("</section>");
}

/// A bar of the verdicts of one family, 160 units wide.
fn bar(page: &mut String, counts: &[(Verdict, u32)]) {
    let total: u32 = counts.iter().map(|(_, count)| count).sum();
    page.push_str(
        "<svg width=\"160\" height=\"12\" role=\"img\" aria-label=\"share of each verdict\">",
    );
    let mut from = 0;
    for (verdict, count) in counts {
        let width = count * 160 / total.max(1);
        let _ = write!(
            page,
            "<rect class=\"{verdict}\" x=\"{from}\" width=\"{width}\" height=\"12\"><title>{count} {verdict}</title></rect>"
        );
        from += width;
    }
    page.push_str("</svg>");
}

fn facts(page: &mut String, run: &Run) {
    let canary: Vec<String> =
        run.canary.tried.iter().map(|(id, verdict)| format!("{id}: {verdict}")).collect();
    let detection = run.suite.detection.clone().unwrap_or_else(|| "unknown".into());
    let rows = [
        ("deployment", run.target.base.clone()),
        ("origin", run.target.origin.clone()),
        ("RP id", run.target.rp_id.clone()),
        ("profile", run.profile.digest.clone()),
        ("suite", format!("{} {}", run.suite.version, run.suite.digest)),
        ("defects caught", detection),
        (
            "canary",
            format!(
                "{} ({})",
                if run.canary.caught { "caught" } else { "not caught" },
                canary.join(", ")
            ),
        ),
        ("seed", run.seed.clone()),
        ("allowed hosts", run.guards.allow.join(", ")),
        (
            "limits",
            format!(
                "{} bytes a body, {} ms an exchange, {} ms the longest wait, {} side by side",
                run.guards.body_limit,
                run.guards.exchange_timeout_ms,
                run.guards.max_wait_ms,
                run.guards.concurrency
            ),
        ),
        (
            "loosened",
            if run.guards.loosened.is_empty() {
                "nothing".into()
            } else {
                run.guards.loosened.join(", ")
            },
        ),
    ];
    page.push_str("<h3>Guards in force</h3><dl>");
    for (name, value) in rows {
        let _ = write!(page, "<dt>{name}</dt><dd>{}</dd>", escape(&value));
    }
    page.push_str("</dl>");
    let left_out = left_out(run);
    if !left_out.is_empty() {
        page.push_str("<h3>Left out</h3><ul>");
        for (reason, count) in left_out {
            let _ = write!(page, "<li>{count}: {}</li>", escape(reason));
        }
        page.push_str("</ul>");
    }
}

fn findings(page: &mut String, run: &Run) {
    let told = told(run);
    if told.is_empty() {
        return;
    }
    page.push_str("<section><h2>What to look at</h2><ul>");
    for scenario in told {
        let _ = write!(
            page,
            "<li><span class=\"word {0}\">{0}</span> <a href=\"#{1}\">{2}</a> {3}</li>",
            scenario.verdict,
            anchor(&scenario.id),
            escape(&scenario.id),
            escape(&scenario.because)
        );
    }
    page.push_str("</ul></section>");
}

fn section(page: &mut String, scenario: &Scenario) {
    let _ = write!(
        page,
        "<article id=\"{0}\"><h3><span class=\"word {1}\">{1}</span> <a href=\"#{0}\">{2}</a></h3><p>{3}</p>",
        anchor(&scenario.id),
        scenario.verdict,
        escape(&scenario.id),
        escape(&scenario.title)
    );
    let source = match &scenario.requirement.link {
        Some(link) => {
            format!("<a href=\"{}\">{}</a>", escape(link), escape(&scenario.requirement.source))
        }
        None => escape(&scenario.requirement.source),
    };
    let account = account(scenario);
    page.push_str("<dl>");
    let mut row = |name: &str, value: &str| {
        let _ = write!(page, "<dt>{name}</dt><dd>{value}</dd>");
    };
    row(scenario.level.word(), &format!("{} ({source})", escape(&scenario.requirement.says)));
    row("because", &escape(&scenario.because));
    if let Some(told) = &account.told {
        row("told", &escape(told));
    }
    row("expected", &escape(&account.expected));
    row("seen", &format!("<q class=\"portal\">{}</q>", escape(&account.seen)));
    if scenario.answer.is_some() {
        row(
            "controls",
            &format!("before {}, after {}", scenario.control.before, scenario.control.after),
        );
    }
    if let Some(grade) = scenario.grade {
        row("grade", grade.word());
    }
    if !scenario.covers.is_empty() {
        row("covers", &escape(&scenario.covers.join(", ")));
    }
    row("again", &format!("<code>{}</code>", escape(&scenario.again)));
    page.push_str("</dl>");
    steps::render(page, &scenario.steps);
    page.push_str("</article>");
}
