//! The messages between us and an adapter: one JSON object a line, each way. Everything that an adapter
//! writes is untrusted. What the messages are for stands in the manual.

use std::collections::BTreeMap;

use profile::{Connect, error::Error, verb::ALWAYS_SECRET};
use reports::record::Reply;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Version of the protocol that this program speaks.
pub(super) const VERSION: u64 = 1;

/// Longest reason, message or name that is kept, characters.
const LONGEST: usize = 400;

/// Our first line.
#[derive(Serialize)]
pub(super) struct Hello<'h> {
    pub(super) touchstone: u64,
    pub(super) portal: Portal<'h>,
    pub(super) verbs: Vec<&'static str>,
    pub(super) secrets: BTreeMap<&'h str, &'h str>,
    pub(super) line_limit: u64,
    pub(super) timeout_ms: u64,
}

/// Where the portal is. `base` may hold `{scenario}`; requests have it filled in.
#[derive(Serialize)]
pub(super) struct Portal<'h> {
    pub(super) name: &'h str,
    pub(super) base: &'h str,
    pub(super) connect: &'h Connect,
}

/// A verb, or a half of one, to be performed.
#[derive(Serialize)]
pub(super) struct AdapterRequest<'r> {
    pub(super) id: u64,
    pub(super) visitor: u64,
    pub(super) who: &'r str,
    pub(super) scenario: &'r str,
    pub(super) base: String,
    pub(super) origin: String,
    pub(super) rp_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_agent: Option<&'r str>,
    pub(super) verb: &'static str,
    pub(super) half: &'r str,
    pub(super) inputs: BTreeMap<&'static str, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) begun: Option<&'r BTreeMap<String, Value>>,
}

/// What became of a visitor; not answered.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Notice {
    /// From now on there are two of it, with the same cookies.
    Copied { visitor: u64, to: u64 },
    /// It does not come back.
    Dropped { visitor: u64 },
}

/// What a request came to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answered {
    pub(super) reply: Reply,
    pub(super) status: Option<u16>,
    pub(super) reason: Option<String>,
    pub(super) message: Option<String>,
    pub(super) note: Option<String>,
    pub(super) captured: BTreeMap<String, Value>,
    pub(super) options: Option<Value>,
}

/// An answer of any kind.
#[derive(Debug)]
pub(super) struct Said {
    /// The request that it belongs to.
    pub(super) id: u64,
    /// Captures that open an account, whatever came of the request.
    pub(super) secrets: Vec<(String, Value)>,
    /// An error is what the adapter says of itself.
    pub(super) answered: Result<Answered, Error>,
}

impl Hello<'_> {
    pub(super) fn line(&self) -> String {
        line(self)
    }
}

impl AdapterRequest<'_> {
    pub(super) fn line(&self) -> String {
        line(self)
    }
}

impl Notice {
    pub(super) fn line(&self) -> String {
        line(self)
    }
}

fn line(message: &impl Serialize) -> String {
    // Texts and trees of JSON: there is nothing to fail, and no line break in it.
    serde_json::to_string(message).unwrap_or_default()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Greeting {
    touchstone: u64,
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerLine {
    id: u64,
    reply: Option<Reply>,
    failed: Option<String>,
    status: Option<u16>,
    reason: Option<String>,
    message: Option<String>,
    note: Option<String>,
    #[serde(default)]
    captured: BTreeMap<String, Value>,
    #[serde(default)]
    secret: Vec<String>,
    options: Option<Value>,
}

/// Reads the adapter's first line: what it calls itself. Where it is none, what the adapter did instead.
pub(super) fn greeting(line: &[u8]) -> Result<Option<String>, String> {
    let greeting: Greeting =
        serde_json::from_slice(line).map_err(|error| wrong("greeted with what", &error))?;
    if greeting.touchstone != VERSION {
        return Err(format!(
            "speaks version {} of the protocol, and this program speaks {VERSION}",
            greeting.touchstone
        ));
    }
    Ok(greeting.name.map(shortened))
}

/// Reads an answer; where it is none, what the adapter did instead.
pub(super) fn answer(line: &[u8]) -> Result<Said, String> {
    let line: AnswerLine =
        serde_json::from_slice(line).map_err(|error| wrong("wrote a line that", &error))?;
    let id = line.id;
    let wrong = |what: &str| Err(format!("answered request {id} {what}"));
    let secrets = secrets(&line);
    let reply = match (line.reply, line.failed) {
        (Some(reply), None) => reply,
        (None, Some(why)) => {
            let failed = Error::Adapter(format!("it failed: {}", shortened(why)));
            return Ok(Said { id, secrets, answered: Err(failed) });
        }
        (Some(_), Some(_)) | (None, None) => {
            return wrong("with both or neither of `reply` and `failed`");
        }
    };
    if line.status.is_some_and(|status| !(100..=599).contains(&status)) {
        return wrong("with a status that is none of HTTP");
    }
    let options = match line.options.map(bare) {
        Some(options) if !options.is_object() => return wrong("with options that are no object"),
        options => options,
    };
    let answered = Answered {
        reply,
        status: line.status,
        reason: line.reason.map(shortened),
        message: line.message.map(shortened),
        note: line.note.map(shortened),
        captured: line.captured,
        options,
    };
    Ok(Said { id, secrets, answered: Ok(answered) })
}

fn secrets(line: &AnswerLine) -> Vec<(String, Value)> {
    let is_one = |name: &String| ALWAYS_SECRET.contains(&&**name) || line.secret.contains(name);
    let found = line.captured.iter().filter(|(name, _)| is_one(name));
    found.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Options are the members of `publicKey`; most portals send them in it.
fn bare(mut options: Value) -> Value {
    match options.get_mut("publicKey").map(Value::take) {
        Some(inner) if inner.is_object() => inner,
        Some(inner) => {
            options["publicKey"] = inner;
            options
        }
        None => options,
    }
}

/// What is no message: the parser's words, which may quote a name but no more of it.
fn wrong(what: &str, error: &serde_json::Error) -> String {
    format!("{what} is no message of the protocol: {}", shortened(error.to_string()))
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests;
