//! One scenario's section: what is owed, what was seen, how to repeat it, and its steps.

use super::{Html, anchor, class, overview::badge, reference, steps};
use crate::{
    record::{Answer, Ending, Honest, Kind, Scenario, States, Told, Verdict},
    render::{
        markdown::is_link,
        points::{party, word},
        tally::duration,
    },
};

/// The section of one scenario; without what is owed, where the section above it says that.
pub(super) fn section(html: &mut Html, scenario: &Scenario, said_above: bool) {
    html.raw("<article class=\"scenario ");
    html.raw(class(scenario.verdict));
    html.raw("\"");
    html.attribute("id", &anchor(&scenario.id));
    html.raw(">\n<h3>");
    badge(html, scenario.verdict);
    html.raw(" ");
    html.text(&scenario.title);
    html.raw("</h3>\n<p class=\"id\">");
    reference(html, scenario);
    html.raw(" · ");
    html.raw(scenario.kind.word());
    html.raw(" · ");
    html.raw(scenario.level.word());
    html.raw(" · ");
    html.raw(scenario.impact.word());
    html.raw(" · ");
    html.text(&duration(scenario.duration_ms));
    html.raw("</p>\n");
    if !said_above {
        html.raw("<p class=\"owed\">");
        requirement(html, scenario);
        html.raw("</p>\n");
    }
    html.raw("<dl>\n");
    facts(html, scenario);
    html.raw("</dl>\n");
    steps::steps(html, scenario);
    html.raw("</article>\n");
}

fn requirement(html: &mut Html, scenario: &Scenario) {
    let requirement = &scenario.requirement;
    html.text(&requirement.says);
    html.raw(" ");
    match requirement.link.as_deref().filter(|link| is_link(link)) {
        Some(link) => {
            html.raw("<a rel=\"noreferrer\"");
            html.attribute("href", link);
            html.raw(">");
            html.text(&requirement.source);
            html.raw("</a>");
        }
        None => html.text(&requirement.source),
    }
}

fn facts(html: &mut Html, scenario: &Scenario) {
    because(html, scenario);
    if let Some(symptom) = &scenario.symptom {
        html.fact("symptom", symptom);
    }
    if let Some(fault) = scenario.fault {
        html.fact("whose", party(fault));
    }
    if scenario.not_judged.is_none() {
        seen(html, scenario);
    }
    if !scenario.covers.is_empty() {
        html.fact("covers", &scenario.covers.join(", "));
    }
    // A pass is seldom repeated: its id stands above, and the seed of the run below.
    if scenario.verdict != Verdict::Pass {
        html.raw("<dt>again</dt><dd><code>");
        html.text(&scenario.again);
        html.raw("</code></dd>\n");
    }
}

fn because(html: &mut Html, scenario: &Scenario) {
    html.raw("<dt>because</dt><dd>");
    let seen = scenario.told.as_ref().and_then(|told| told.seen.as_deref());
    if seen.is_some_and(|seen| scenario.because.contains(seen)) {
        html.mixed(&scenario.because);
    } else {
        html.text(&scenario.because);
    }
    if let Some(grade) = scenario.grade {
        html.raw(" (grade ");
        html.raw(grade.word());
        html.raw(")");
    }
    html.raw("</dd>\n");
}

fn seen(html: &mut Html, scenario: &Scenario) {
    match scenario.kind {
        Kind::Tampering | Kind::Variation => {
            let control = &scenario.control;
            let controls = format!("{} before, {} after", control.before, control.after);
            html.fact("honest control", &controls);
            if control.bystander != Honest::Absent {
                html.fact("honest control of a bystander", control.bystander.word());
            }
            if control.again != Honest::Absent {
                html.fact("honest control again", control.again.word());
            }
        }
        Kind::Observation | Kind::Story => {}
    }
    if let Some(answer) = &scenario.answer {
        answered(html, answer);
    }
    // Of one that held, the reason says so.
    let tells = |told: &&Told| told.ending != Ending::Held || !told.graceless.is_empty();
    if let Some(told) = scenario.told.as_ref().filter(tells) {
        ended(html, told);
    }
    states(html, &scenario.state);
}

fn answered(html: &mut Html, answer: &Answer) {
    html.raw("<dt>answer</dt><dd>");
    if let Some(status) = answer.status {
        html.number(status);
        html.raw(" ");
    }
    html.raw(answer.reply.word());
    for said in [&answer.reason, &answer.message].into_iter().flatten() {
        html.raw(" ");
        html.quote(said);
    }
    if answer.names_the_rule {
        html.raw(" (names the rule)");
    }
    html.raw("</dd>\n");
}

fn ended(html: &mut Html, told: &Told) {
    html.fact("ended", &format!("{}, {} expectations checked", told.ending, told.checked));
    for (label, value) in [("at", &told.step), ("expected", &told.expected)] {
        if let Some(value) = value {
            html.fact(label, value);
        }
    }
    if let Some(seen) = &told.seen {
        html.raw("<dt>seen</dt><dd>");
        html.mixed(seen);
        html.raw("</dd>\n");
    }
    if !told.graceless.is_empty() {
        html.fact("fell over", &told.graceless.join(", "));
    }
}

fn states(html: &mut Html, state: &States) {
    if state.before.is_empty() && state.after.is_empty() {
        return;
    }
    html.raw("<dt>portal's state</dt><dd><table class=\"state\"><thead><tr><td></td><th scope=\"col\">before</th><th scope=\"col\">after</th>");
    if !state.goal.is_empty() {
        html.raw("<th scope=\"col\">goal</th>");
    }
    html.raw("</tr></thead><tbody>");
    let mut facts: Vec<_> = state.before.keys().chain(state.after.keys()).collect();
    facts.sort_unstable();
    facts.dedup();
    for fact in facts {
        let (before, after) = (state.before.get(fact), state.after.get(fact));
        html.raw(if before == after { "<tr>" } else { "<tr class=\"moved\">" });
        html.raw("<th scope=\"row\">");
        html.text(fact);
        html.raw("</th>");
        html.element("td", before.map_or("–", word));
        html.element("td", after.map_or("–", word));
        if !state.goal.is_empty() {
            html.element("td", state.goal.get(fact).map_or("–", String::as_str));
        }
        html.raw("</tr>");
    }
    html.raw("</tbody></table></dd>\n");
}
