//! The steps of a scenario: acts, exchanges, ceremonies decoded, expectations.

use std::fmt::Write;

use super::escape;
use crate::{
    decode::{self, Field},
    record::{CeremonyStep, Exchange, Step},
};

/// Renders.
pub(super) fn render(page: &mut String, steps: &[Step]) {
    if steps.is_empty() {
        return;
    }
    let _ = write!(page, "<details><summary>{} steps</summary>", steps.len());
    for step in steps {
        match step {
            Step::Act { says } => {
                let _ = write!(page, "<p class=\"act\">{}</p>", escape(says));
            }
            Step::Exchange(exchange) => self::exchange(page, exchange),
            Step::Ceremony(said) => ceremony(page, said),
            Step::Expectation { expected, seen, held } => {
                let (class, word) = match held {
                    Some(true) => ("pass", "held"),
                    Some(false) => ("fail", "did not hold"),
                    None => ("inconclusive", "could not be told"),
                };
                let _ = write!(
                    page,
                    "<p><span class=\"word {class}\">{word}</span> expected: {} · seen: {}</p>",
                    escape(expected),
                    escape(seen)
                );
            }
            Step::Wait { ms, virtual_time } => {
                let whose = if *virtual_time { "on the portal's clock" } else { "in real time" };
                let _ = write!(page, "<p>{ms} ms go by {whose}</p>");
            }
        }
    }
    page.push_str("</details>");
}

fn exchange(page: &mut String, exchange: &Exchange) {
    let status =
        exchange.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let reply = exchange.reply.map(|reply| format!(" · {reply}")).unwrap_or_default();
    let line =
        exchange.line.map(|line| format!(" · line {line} of the profile")).unwrap_or_default();
    let _ = write!(
        page,
        "<details><summary>{}: {} {} → {status}{reply}</summary><p>flow {}{line}</p><pre>",
        escape(&exchange.who),
        escape(&exchange.method),
        escape(&exchange.url),
        escape(&exchange.flow),
    );
    message(page, &exchange.request_headers, exchange.request_body.as_deref());
    page.push_str("</pre><pre class=\"portal\">");
    message(page, &exchange.response_headers, exchange.response_body.as_deref());
    page.push_str("</pre>");
    if let Some(error) = &exchange.error {
        let _ = write!(page, "<p>{}</p>", escape(error));
    }
    page.push_str("</details>");
}

fn message(page: &mut String, headers: &[(String, String)], body: Option<&str>) {
    for (name, value) in headers {
        let _ = writeln!(page, "{}: {}", escape(name), escape(value));
    }
    if let Some(body) = body {
        let _ = write!(page, "\n{}", escape(body));
    }
}

fn ceremony(page: &mut String, said: &CeremonyStep) {
    let told =
        said.told.as_deref().map_or_else(|| "honest".to_owned(), |told| format!("told: {told}"));
    let _ = write!(
        page,
        "<details><summary>{}'s key \"{}\" says: {} ({})</summary>",
        escape(&said.who),
        escape(&said.key),
        escape(&said.ceremony),
        escape(&told)
    );
    part(page, "client data", &decode::client_data(&said.client_data), &said.client_data);
    let bytes = decode::from_hex(&said.authenticator_data).unwrap_or_default();
    part(page, "authenticator data", &decode::authenticator_data(&bytes), &said.authenticator_data);
    if let Some(object) = &said.attestation_object {
        let bytes = decode::from_hex(object).unwrap_or_default();
        part(page, "attestation object", &decode::attestation_object(&bytes), object);
    }
    if let Some(signature) = &said.signature {
        part(page, "signature", &[], signature);
    }
    let _ = write!(
        page,
        "<p>envelope</p><pre>{}</pre></details>",
        escape(&format!("{:#}", said.envelope))
    );
}

fn part(page: &mut String, name: &str, fields: &[Field], raw: &str) {
    let _ = write!(page, "<p>{name}</p><dl>");
    for field in fields {
        let _ = write!(page, "<dt>{}</dt><dd>{}</dd>", escape(&field.name), escape(&field.value));
    }
    let _ = write!(
        page,
        "</dl><details><summary>as sent</summary><pre>{}</pre></details>",
        escape(raw)
    );
}
