//! Finds WebAuthn options in an answer: in JSON, in scripts, in attributes, in a script's own words;
//! and says where they were in the words of an extractor, tried on the same answer before it is said.

use regex::Regex;
use scraper::{Html, Selector};
use serde_json::Value;

use super::toml::text;

/// Where options were, and what for.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) creates: bool,
    /// The extractor.
    pub(super) way: Vec<(&'static str, String)>,
    /// How binary members are written, where that is not base64url.
    pub(super) binary: Option<&'static str>,
}

/// Deepest that JSON is looked into.
const DEEPEST: usize = 8;

/// Options anywhere in an answer.
pub(super) fn find(body: &str) -> Option<Found> {
    if !body.contains("challenge") {
        return None;
    }
    if let Ok(json) = serde_json::from_str::<Value>(body) {
        let (pointer, options) = within(&json, 0)?;
        return Some(found(&options, vec![("json", text(&pointer))]));
    }
    let html = html::parse(body);
    in_scripts(&html).or_else(|| in_attributes(&html)).or_else(|| in_words(&html, body))
}

fn found(options: &Value, way: Vec<(&'static str, String)>) -> Found {
    let binary = match options.get("challenge") {
        Some(Value::Array(_) | Value::Object(_)) => Some("numbers"),
        Some(Value::String(challenge)) if challenge.contains(['+', '/', '=']) => Some("base64"),
        _ => None,
    };
    Found { creates: creates(options), way, binary }
}

fn creates(options: &Value) -> bool {
    options.get("pubKeyCredParams").is_some() || options.get("rp").is_some()
}

fn is_options(value: &Value) -> bool {
    let has = |name: &str| value.get(name).is_some();
    has("challenge")
        && (creates(value) || has("rpId") || has("allowCredentials") || has("userVerification"))
}

/// The pointer to options in JSON, and the options. A text of JSON counts as what it holds.
fn within(json: &Value, depth: usize) -> Option<(String, Value)> {
    if depth > DEEPEST {
        return None;
    }
    if is_options(json) {
        return Some((String::new(), json.clone()));
    }
    let step = |(name, member): (String, &Value)| {
        let (rest, options) = within(member, depth + 1)?;
        Some((format!("/{}{rest}", name.replace('~', "~0").replace('/', "~1")), options))
    };
    match json {
        Value::Object(members) => {
            members.iter().find_map(|(name, member)| step((name.clone(), member)))
        }
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(at, item)| step((at.to_string(), item)))
        }
        Value::String(inner) if inner.trim_start().starts_with('{') => {
            let inner: Value = serde_json::from_str(inner).ok()?;
            let options = inner.get("publicKey").unwrap_or(&inner);
            is_options(options).then(|| (String::new(), options.clone()))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn in_scripts(html: &Html) -> Option<Found> {
    let selector = Selector::parse("script").ok()?;
    let scripts: Vec<_> = html.select(&selector).collect();
    scripts.iter().find_map(|script| {
        let source: String = script.text().collect();
        let json: Value = serde_json::from_str(source.trim()).ok()?;
        let (pointer, options) = within(&json, 0)?;
        let (selector, alone) = match (script.attr("id"), script.attr("type")) {
            (Some(id), _) => (format!("script[id=\"{}\"]", id.replace('"', "\\\"")), true),
            (None, Some(kind)) => (
                format!("script[type=\"{}\"]", kind.replace('"', "\\\"")),
                scripts.iter().filter(|other| other.attr("type") == Some(kind)).count() == 1,
            ),
            (None, None) => ("script".to_owned(), scripts.len() == 1),
        };
        let mut way = vec![("script", text(&selector)), ("json", text(&pointer))];
        if !alone {
            way.push(("contains", text("challenge")));
        }
        Some(found(&options, way))
    })
}

fn in_attributes(html: &Html) -> Option<Found> {
    let selector = Selector::parse("*").ok()?;
    html.select(&selector).find_map(|element| {
        element.value().attrs().find_map(|(name, value)| {
            if !value.contains("challenge") {
                return None;
            }
            let json: Value = serde_json::from_str(value).ok()?;
            let options = json.get("publicKey").unwrap_or(&json);
            if !is_options(options) {
                return None;
            }
            let kind = element.value().name();
            let selector = match element.attr("id") {
                Some(id) => format!("{kind}[id=\"{}\"]", id.replace('"', "\\\"")),
                None => format!("{kind}[{name}]"),
            };
            let way = vec![
                ("css", text(&selector)),
                ("attr", text(name)),
                ("contains", text("challenge")),
            ];
            Some(found(options, way))
        })
    })
}

/// JSON among the words of a script: `register('{…}')`.
fn in_words(html: &Html, body: &str) -> Option<Found> {
    let selector = Selector::parse("script").ok()?;
    html.select(&selector).find_map(|script| {
        let source: String = script.text().collect();
        let starts = source.match_indices('{').take(200);
        let mut starts = starts.map(|(at, _)| at);
        starts.find_map(|at| {
            let mut stream = serde_json::Deserializer::from_str(&source[at..]).into_iter::<Value>();
            let json = stream.next()?.ok()?;
            let options = json.get("publicKey").unwrap_or(&json);
            if !is_options(options) {
                return None;
            }
            let pattern = around(&source, at, at + stream.byte_offset());
            let regex = Regex::new(&pattern).ok()?;
            let caught = regex.captures(body)?.get(1)?.as_str();
            let caught: Value = serde_json::from_str(caught).ok()?;
            (caught == json).then(|| found(options, vec![("regex", text(&pattern))]))
        })
    })
}

/// What stands before and after some JSON on its line, short.
fn around(source: &str, start: usize, end: usize) -> String {
    let near = |c: &char| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '(' | '\'' | '"' | '.' | '=' | ' ')
    };
    let mut before: Vec<char> = source[..start].chars().rev().take_while(near).take(32).collect();
    before.reverse();
    let before: String = before.into_iter().collect();
    let after: String = source[end..].chars().take(1).filter(|c| !c.is_control()).collect();
    format!("{}(\\{{.*\\}}){}", regex::escape(before.trim_start()), regex::escape(&after))
}
