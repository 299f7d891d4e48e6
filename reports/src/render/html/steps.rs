//! The steps of a scenario: acts as sentences, exchanges and ceremonies to open, expectations and
//! waits.

use std::collections::BTreeMap;

use super::{Html, writer::laid_out};
use crate::{
    decode::{self, Field},
    record::{
        ADAPTER, BROWSER, COMMAND, CeremonyStep, Exchange, Exchanges, LeftOut, Scenario, Step,
    },
    render::{clip, points, tally::duration},
};

/// Longest part of a body that a line quotes, characters.
const QUOTED: usize = 400;

/// The steps of a scenario, folded.
pub(super) fn steps(html: &mut Html, scenario: &Scenario) {
    let steps = &scenario.steps;
    if steps.is_empty() && scenario.left_out.is_none() {
        return;
    }
    html.raw("<details class=\"steps\"><summary>");
    html.number(steps.len());
    html.raw(if steps.len() == 1 { " step" } else { " steps" });
    match &scenario.left_out {
        None => in_full(html, steps),
        Some(left_out) => in_brief(html, steps, left_out),
    }
}

/// A pass of which the way there is not kept: a line for each step.
fn in_brief(html: &mut Html, steps: &[Step], left_out: &LeftOut) {
    html.raw(", ");
    html.number(left_out.steps);
    html.raw(" more are left out</summary>\n<ol>\n");
    for step in steps {
        match step {
            Step::Act { says } => act(html, says),
            Step::Exchange(exchange) => answered(html, exchange),
            Step::Ceremony(said) => {
                html.raw("<li>");
                speaks(html, said);
                html.raw("</li>\n");
            }
            Step::Expectation { expected, seen, held } => expectation(html, expected, seen, *held),
            Step::Wait { ms, virtual_time } => wait(html, *ms, *virtual_time),
        }
    }
    html.raw("</ol><p class=\"dim\">left out: ");
    let mut flows: BTreeMap<&str, u64> = BTreeMap::new();
    for Exchanges { flow, times, .. } in &left_out.exchanges {
        *flows.entry(flow).or_default() += u64::from(*times);
    }
    for (flow, times) in flows {
        html.text(flow);
        html.raw(" × ");
        html.number(times);
        html.raw(", ");
    }
    // Who did it, what came of it and the digest stand in run.json.
    html.number(left_out.bytes);
    html.raw(" bytes</p></details>\n");
}

/// An exchange and what was answered, without headers.
fn answered(html: &mut Html, exchange: &Exchange) {
    html.raw("<li>");
    asked(html, exchange);
    if let Some(said) = exchange.response_body.as_deref().filter(|said| !said.is_empty()) {
        html.raw(" ");
        html.quote(&clip(said, QUOTED));
    }
    html.raw("</li>\n");
}

fn in_full(html: &mut Html, steps: &[Step]) {
    html.raw("</summary>\n<ol>\n");
    let mut before: Option<&Exchange> = None;
    for (at, step) in steps.iter().enumerate() {
        match step {
            Step::Act { says } => act(html, says),
            Step::Exchange(one) => {
                exchange(html, one, before);
                before = Some(one);
            }
            Step::Ceremony(one) => ceremony(html, one, next_body(steps, at)),
            Step::Expectation { expected, seen, held } => expectation(html, expected, seen, *held),
            Step::Wait { ms, virtual_time } => wait(html, *ms, *virtual_time),
        }
    }
    html.raw("</ol></details>\n");
}

fn act(html: &mut Html, says: &str) {
    html.raw("<li class=\"act\">");
    html.text(says);
    html.raw("</li>\n");
}

fn expectation(html: &mut Html, expected: &str, seen: &str, held: Option<bool>) {
    let (class, word) = match held {
        Some(true) => ("pass", "held"),
        Some(false) => ("fail", "broke"),
        None => ("open", "cannot tell"),
    };
    html.raw("<li class=\"expectation\"><span class=\"badge ");
    html.raw(class);
    html.raw("\">");
    html.raw(word);
    html.raw("</span> expected ");
    html.text(expected);
    html.raw(" <span class=\"dim\">seen</span> <q>");
    html.text(seen);
    html.raw("</q></li>\n");
}

fn wait(html: &mut Html, ms: u64, virtual_time: bool) {
    html.raw("<li class=\"wait\">");
    html.text(&duration(ms));
    html.raw(if virtual_time { " go by on the portal's clock</li>\n" } else { " go by</li>\n" });
}

fn exchange(html: &mut Html, exchange: &Exchange, before: Option<&Exchange>) {
    html.raw("<li><details><summary>");
    asked(html, exchange);
    html.raw("</summary>\n<div class=\"sides\"><div><p class=\"label\">request</p>");
    headers(html, &exchange.request_headers, before.map(|before| &*before.request_headers));
    body(html, exchange.request_body.as_deref());
    html.raw(
        "</div><div class=\"portal\"><p class=\"label\">response <span class=\"from\">from the ",
    );
    html.raw(match &*exchange.method {
        ADAPTER => "adapter",
        COMMAND => "command",
        BROWSER => "browser",
        _ => "portal",
    });
    html.raw("</span></p>");
    if let Some(error) = &exchange.error {
        html.raw("<p>no answer came: ");
        html.text(error);
        html.raw("</p>");
    }
    headers(html, &exchange.response_headers, before.map(|before| &*before.response_headers));
    body(html, exchange.response_body.as_deref());
    html.raw("</div></div></details></li>\n");
}

/// Who asked what, and how it was answered, on one line.
fn asked(html: &mut Html, exchange: &Exchange) {
    html.raw("<b>");
    html.text(&exchange.who);
    html.raw("</b> <code>");
    html.text(&exchange.method);
    html.raw(" ");
    html.text(&exchange.url);
    html.raw("</code> <b>");
    html.text(&points::status(exchange.status, exchange.reply));
    html.raw("</b> <span class=\"dim\">");
    if let Some(reply) = exchange.reply {
        html.raw(reply.word());
        html.raw(" · ");
    }
    html.text(&exchange.flow);
    if let Some(line) = exchange.line {
        html.raw(" · ");
        html.text(exchange.file.as_deref().unwrap_or("profile"));
        html.raw(" line ");
        html.number(line);
    }
    if exchange.micros > 0 {
        html.raw(" · ");
        html.text(&duration(exchange.micros / 1000));
    }
    html.raw("</span>");
}

type Headers = [(String, String)];

/// Headers, or that they are those of the exchange above.
fn headers(html: &mut Html, headers: &Headers, before: Option<&Headers>) {
    if headers.is_empty() {
        return;
    }
    if before == Some(headers) {
        html.raw("<p class=\"dim\">headers as in the exchange above</p>");
        return;
    }
    html.raw("<pre class=\"headers\">");
    for (name, value) in headers {
        html.text(name);
        html.raw(": ");
        html.text(value);
        html.raw("\n");
    }
    html.raw("</pre>");
}

fn body(html: &mut Html, body: Option<&str>) {
    let Some(body) = body.filter(|body| !body.is_empty()) else { return };
    html.raw("<pre>");
    if body.starts_with(['{', '[']) {
        html.text(&laid_out(body));
    } else {
        html.text(body);
    }
    html.raw("</pre>");
}

/// The request body that follows a ceremony, which most often is its envelope.
fn next_body(steps: &[Step], at: usize) -> Option<&str> {
    match steps.get(at + 1)? {
        Step::Exchange(exchange) => exchange.request_body.as_deref(),
        Step::Act { .. } | Step::Ceremony(_) | Step::Expectation { .. } | Step::Wait { .. } => None,
    }
}

fn ceremony(html: &mut Html, ceremony: &CeremonyStep, next_body: Option<&str>) {
    html.raw("<li><details><summary>");
    speaks(html, ceremony);
    html.raw("</summary>\n");
    pair(html, "client data", &decode::client_data(&ceremony.client_data), &ceremony.client_data);
    let bytes = decode::from_hex(&ceremony.authenticator_data);
    let fields = bytes.map(|bytes| decode::authenticator_data(&bytes)).unwrap_or_default();
    pair(html, "authenticator data", &fields, &ceremony.authenticator_data);
    if let Some(object) = &ceremony.attestation_object {
        let said = decode::from_hex(object).map(|bytes| decode::diagnostic(&bytes).text);
        let said = Field { name: "CBOR".to_owned(), value: said.unwrap_or_default() };
        pair(html, "attestation object", &[said], object);
    }
    if let Some(signature) = &ceremony.signature {
        html.block("signature", signature);
    }
    html.block("credential id, base64url", &ceremony.credential_id);
    let envelope = ceremony.envelope.to_string();
    if next_body.is_some_and(|body| body.contains(&envelope)) {
        html.raw("<p class=\"dim\">The envelope stands in the next request.</p>");
    } else {
        html.block("envelope", &laid_out(&envelope));
    }
    html.raw("</details></li>\n");
}

/// Whose key speaks, and what it was told, on one line.
fn speaks(html: &mut Html, ceremony: &CeremonyStep) {
    html.raw("<b>");
    html.text(&ceremony.who);
    html.raw("</b>’s key “");
    html.text(&ceremony.key);
    html.raw("” speaks: ");
    html.text(&ceremony.ceremony);
    match &ceremony.told {
        Some(told) => {
            html.raw(" <span class=\"told\">told ");
            html.text(told);
            html.raw("</span>");
        }
        None => html.raw(" <span class=\"dim\">honest</span>"),
    }
}

/// What some bytes say beside the bytes themselves.
fn pair(html: &mut Html, label: &str, fields: &[Field], raw: &str) {
    html.raw("<div class=\"sides\"><div><p class=\"label\">");
    html.text(label);
    html.raw("</p><dl class=\"fields\">");
    for field in fields {
        html.element("dt", &field.name);
        html.raw("<dd>");
        html.text(&field.value);
        if let Some(meaning) = meaning(field) {
            html.raw(" <span class=\"dim\">");
            html.text(&meaning);
            html.raw("</span>");
        }
        html.raw("</dd>\n");
    }
    html.raw("</dl></div><div><p class=\"label\">as sent</p><pre>");
    html.text(raw);
    html.raw("</pre></div></div>\n");
}

/// The flags of authenticator data in words, WebAuthn §6.1.
const FLAGS: [(&str, &str); 6] = [
    ("UP", "user present"),
    ("UV", "user verified"),
    ("BE", "backup eligible"),
    ("BS", "backed up"),
    ("AT", "a new credential follows"),
    ("ED", "extensions follow"),
];

/// What a field means where its value alone does not say it.
fn meaning(field: &Field) -> Option<String> {
    match field.name.as_str() {
        "flags" => {
            let set: Vec<_> = FLAGS
                .iter()
                .filter(|(name, _)| field.value.split(' ').any(|word| word == *name))
                .map(|(_, meaning)| *meaning)
                .collect();
            (!set.is_empty()).then(|| set.join(", "))
        }
        // RFC 9052 §7, RFC 9053 §7, RFC 8230 §4.
        "credentialPublicKey" => Some(
            "1 key type, 3 algorithm; -1 curve, -2 x, -3 y of an elliptic curve; -1 modulus, -2 exponent of RSA"
                .to_owned(),
        ),
        _ => None,
    }
}
