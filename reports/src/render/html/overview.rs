//! The parts of the page about the run as a whole: banner, summary, findings, index by verdict, and
//! how the run was made.

use super::{Html, class, family_anchor, reference};
use crate::{
    judge::{self, Counts},
    record::{Run, Scenario, Verdict},
    render::{
        points::{Seen, lines, points},
        tally::{self, Family},
    },
};

/// A verdict as a painted word.
pub(super) fn badge(html: &mut Html, verdict: Verdict) {
    html.raw("<span class=\"badge ");
    html.raw(class(verdict));
    html.raw("\">");
    html.raw(verdict.word());
    html.raw("</span>");
}

/// The outcome, and which portal it is about.
pub(super) fn banner(html: &mut Html, run: &Run) {
    html.raw("<header class=\"banner ");
    html.raw(if run.exit_code == 0 { "pass" } else { "fail" });
    html.raw("\">\n<p class=\"label\">Touchstone · report of a run</p>\n<h1>");
    html.text(&run.profile.name);
    html.raw(" <span class=\"outcome\">");
    html.text(&tally::outcome(run));
    html.raw("</span></h1>\n<p>");
    html.text(&run.target.base);
    html.raw(" · ");
    html.text(&run.target.environment);
    html.raw(" · started ");
    html.text(&run.started);
    html.raw(" · took ");
    html.text(&tally::duration(run.duration_ms));
    html.raw(" · exit ");
    html.number(run.exit_code);
    html.raw("</p>\n");
    if let Some(note) = &run.note {
        html.raw("<p class=\"note\"><strong>Note</strong> ");
        html.text(note);
        html.raw("</p>\n");
    }
    html.raw("</header>\n");
}

/// Counts by verdict, a bar for each family, and the self-check.
pub(super) fn summary(html: &mut Html, run: &Run, families: &[Family<'_>]) {
    html.raw("<section id=\"summary\">\n<h2>Summary</h2>\n<ul class=\"tiles\">\n");
    for (verdict, count) in judge::summary(&run.scenarios) {
        html.raw("<li class=\"");
        html.raw(class(verdict));
        html.raw("\"><a href=\"#verdict.");
        html.raw(verdict.word());
        html.raw("\"><b>");
        html.number(count);
        html.raw("</b> ");
        html.raw(verdict.word());
        html.raw("</a></li>\n");
    }
    html.raw("</ul>\n<p class=\"");
    html.raw(if tally::caught(run) { "canary" } else { "canary fail" });
    html.raw("\"><strong>Self-check</strong> ");
    html.text(&tally::canary(run));
    html.raw(".</p>\n");
    table(html, run, families);
    html.raw("</section>\n");
}

fn table(html: &mut Html, run: &Run, families: &[Family<'_>]) {
    let columns = tally::columns(run);
    html.raw("<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">family</th><td></td>");
    for verdict in &columns {
        html.raw("<th scope=\"col\" class=\"n\">");
        html.raw(verdict.word());
        html.raw("</th>");
    }
    html.raw("</tr></thead>\n<tbody>\n");
    let longest = families.iter().map(|family| family.scenarios.len()).max().unwrap_or(1);
    for family in families {
        html.raw("<tr><th scope=\"row\"><a");
        html.attribute("href", &format!("#{}", family_anchor(family.name)));
        html.raw(">");
        html.text(family.name);
        html.raw("</a></th><td>");
        bar(html, family, longest);
        html.raw("</td>");
        for verdict in &columns {
            let count = family.count(*verdict);
            html.raw(if count == 0 { "<td class=\"n none\">" } else { "<td class=\"n\">" });
            if count == 0 {
                html.raw("·");
            } else {
                html.number(count);
            }
            html.raw("</td>");
        }
        html.raw("</tr>\n");
    }
    html.raw("</tbody>\n</table></div>\n");
}

/// A bar as long as the family is large, in the colours of its verdicts.
fn bar(html: &mut Html, family: &Family<'_>, longest: usize) {
    html.raw("<svg class=\"bar\" role=\"img\" preserveAspectRatio=\"none\" viewBox=\"0 0 ");
    html.number(longest);
    html.raw(" 1\"");
    html.attribute("aria-label", &tally::counted(&family.counts, ", "));
    html.raw(">");
    let mut at = 0;
    for (verdict, count) in &family.counts {
        html.raw("<rect class=\"");
        html.raw(class(*verdict));
        html.raw("\" x=\"");
        html.number(at);
        html.raw("\" width=\"");
        html.number(count);
        html.raw("\" height=\"1\"/>");
        at += count;
    }
    html.raw("</svg>");
}

/// Everything that is neither kept nor left out, the worst first.
pub(super) fn findings(html: &mut Html, run: &Run) {
    html.raw("<section id=\"findings\">\n<h2>Findings</h2>\n");
    let findings = tally::findings(run);
    if findings.is_empty() {
        let kept = run.scenarios.iter().filter(|one| judge::counts(one.verdict) == Counts::Kept);
        html.raw("<p>None; ");
        html.number(kept.count());
        html.raw(" scenarios were run and kept.</p>\n");
    }
    for scenario in findings {
        finding(html, scenario);
    }
    html.raw("</section>\n");
}

fn finding(html: &mut Html, scenario: &Scenario) {
    html.raw("<article class=\"finding ");
    html.raw(class(scenario.verdict));
    html.raw("\">\n<h3>");
    badge(html, scenario.verdict);
    html.raw(" ");
    html.text(&scenario.title);
    html.raw("</h3>\n<p>");
    reference(html, scenario);
    html.raw(" · ");
    html.raw(scenario.level.word());
    html.raw(" · ");
    html.raw(scenario.impact.word());
    html.raw("</p>\n<dl>\n");
    html.fact("owed", &scenario.requirement.says);
    let seen = points(scenario).seen;
    for (label, value) in lines(scenario) {
        match &seen {
            Some(seen) if label == "seen" => happened(html, seen),
            Some(_) | None => html.fact(label, &value),
        }
    }
    html.raw("<dt>again</dt><dd><code>");
    html.text(&scenario.again);
    html.raw("</code></dd>\n</dl>\n</article>\n");
}

fn happened(html: &mut Html, seen: &Seen) {
    html.raw("<dt>seen</dt><dd>");
    match &seen.said {
        Some(said) => {
            html.text(&seen.first);
            html.raw(" ");
            html.quote(said);
        }
        None if seen.then.is_some() => html.text(&seen.first),
        None => html.mixed(&seen.first),
    }
    if let Some(then) = &seen.then {
        html.raw("; ");
        html.text(then);
    }
    html.raw("</dd>\n");
}

/// Every scenario by its verdict; what was left out by its reason.
pub(super) fn verdicts(html: &mut Html, run: &Run) {
    html.raw("<section id=\"verdicts\">\n<h2>By verdict</h2>\n");
    for (verdict, count) in judge::summary(&run.scenarios) {
        html.raw("<h3 id=\"verdict.");
        html.raw(verdict.word());
        html.raw("\">");
        badge(html, verdict);
        html.raw(" <small>");
        html.number(count);
        html.raw("</small></h3>\n");
        if verdict == Verdict::Skip {
            left_out(html, run);
        } else {
            let of: Vec<_> = run.scenarios.iter().filter(|one| one.verdict == verdict).collect();
            list(html, "show them", of.len() <= 20, &of);
        }
    }
    html.raw("</section>\n");
}

fn left_out(html: &mut Html, run: &Run) {
    for (reason, scenarios) in tally::skips(run) {
        list(html, &format!("{} × {reason}", scenarios.len()), false, &scenarios);
    }
}

fn list(html: &mut Html, says: &str, open: bool, scenarios: &[&Scenario]) {
    html.raw(if open { "<details open>" } else { "<details>" });
    html.element("summary", says);
    html.raw("\n<ul class=\"index\">\n");
    for scenario in scenarios {
        html.raw("<li>");
        reference(html, scenario);
        html.raw(" ");
        html.text(&scenario.title);
        html.raw("</li>\n");
    }
    html.raw("</ul></details>\n");
}

/// What the run was made with, and the safety rules that were in force.
pub(super) fn about(html: &mut Html, run: &Run) {
    html.raw("<section id=\"about\">\n<h2>About this run</h2>\n<dl>\n");
    html.fact("suite", &format!("{} {}", run.suite.version, run.suite.digest));
    if let Some(detection) = &run.suite.detection {
        let date = run.suite.detection_date.as_deref().unwrap_or("on an unknown day");
        html.fact("detection", &format!("{detection} defects caught ({date})"));
    }
    html.fact("profile", &format!("{} {}", run.profile.name, run.profile.digest));
    html.fact("profile file", run.profile.file.as_deref().unwrap_or("built in"));
    html.fact("origin", &run.target.origin);
    html.fact("RP id", &run.target.rp_id);
    html.fact("seed", &run.seed);
    let filters = run.filters.join(" ");
    html.fact("selected", if filters.is_empty() { "the whole suite" } else { &filters });
    html.fact("strict", if run.strict { "yes: a warning is a finding" } else { "no" });
    html.fact("record", &format!("schema {}", run.schema_version));
    html.raw("</dl>\n<h3 id=\"canary\">Self-check</h3>\n<p>");
    html.text(&tally::canary(run));
    html.raw(".</p>\n<ul class=\"index\">\n");
    for (id, verdict) in &run.canary.tried {
        html.raw("<li>");
        badge(html, *verdict);
        html.raw(" ");
        tried(html, run, id);
        html.raw("</li>\n");
    }
    html.raw("</ul>\n");
    accounts(html, run);
    guards(html, run);
    html.raw("</section>\n");
}

/// What became of the accounts that the run made; those that stay are all named.
fn accounts(html: &mut Html, run: &Run) {
    let Some(accounts) = tally::accounts(run) else { return };
    html.raw("<h3 id=\"accounts\">Accounts</h3>\n<p>");
    html.text(&accounts);
    html.raw(".</p>\n");
    let Some((says, lines)) = tally::left(run, usize::MAX) else { return };
    html.raw(if lines.len() <= 20 { "<details open>" } else { "<details>" });
    html.element("summary", &says);
    html.raw("\n<ul class=\"index\">\n");
    for line in &lines {
        html.element("li", line);
        html.raw("\n");
    }
    html.raw("</ul></details>\n");
}

fn tried(html: &mut Html, run: &Run, id: &str) {
    if let Some(scenario) = run.scenarios.iter().find(|scenario| scenario.id == id) {
        reference(html, scenario);
    } else {
        html.element("code", id);
    }
}

fn guards(html: &mut Html, run: &Run) {
    let guards = &run.guards;
    html.raw("<div class=\"guards\">\n<h3 id=\"guards\">Guards in force</h3>\n<dl>\n");
    html.fact("may contact", &guards.allow.join(", "));
    if let Some(connect) = &guards.connect {
        html.fact("connects to", connect);
    }
    if let Some(tls) = &guards.tls {
        html.fact("TLS", tls);
    }
    html.fact("effects allowed", &none_or(&guards.effects));
    if let Some(consent) = &guards.consent {
        html.fact("consent", consent);
    }
    html.fact("largest body", &format!("{} bytes", guards.body_limit));
    html.fact("one exchange", &format!("at most {}", tally::duration(guards.exchange_timeout_ms)));
    html.fact("longest wait", &tally::duration(guards.max_wait_ms));
    html.fact("side by side", &format!("{} scenarios", guards.concurrency));
    let pace = |number| format!("at most {number} requests a second");
    html.fact("pace", &guards.requests_per_second.map_or("as fast as it goes".into(), pace));
    html.fact("pauses asked for", &format!("heeded, {} in all", tally::duration(guards.pauses_ms)));
    if let Some(traffic) = run.traffic {
        html.fact("sent", &tally::traffic(traffic));
    }
    if let Some(cut) = tally::cut(run) {
        html.fact("cut", &cut);
    }
    html.fact("loosened", &none_or(&guards.loosened));
    html.raw("</dl>\n</div>\n");
}

fn none_or(words: &[String]) -> String {
    if words.is_empty() { "none".to_owned() } else { words.join("; ") }
}
