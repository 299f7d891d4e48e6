//! The parts of a profile as TOML text. A draft is written and not serialised: it is full of comments.

use reports::render::is_plain;
use serde_json::Value;

/// One step.
#[derive(Clone, Debug, Default)]
pub(super) struct Step {
    /// `get`, `post`, … or `form`.
    pub(super) ask: (&'static str, String),
    /// `fill` of a form or `fields` of another request.
    pub(super) fields: Vec<(String, String)>,
    pub(super) json: Option<Value>,
    pub(super) capture: Vec<(String, Vec<(&'static str, String)>)>,
    /// Whether redirects stay where they are.
    pub(super) stays: bool,
    pub(super) options: Vec<(&'static str, String)>,
    pub(super) outcome: Vec<Rule>,
}

/// One outcome rule: a condition as TOML, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) when: String,
    pub(super) is: &'static str,
}

impl Step {
    pub(super) fn new(how: &'static str, what: impl Into<String>) -> Self {
        Self { ask: (how, what.into()), ..Self::default() }
    }

    /// As an inline table.
    pub(super) fn toml(&self) -> String {
        let (how, what) = &self.ask;
        let mut parts = vec![format!("{how} = {}", text(what))];
        if !self.fields.is_empty() {
            let key = if *how == "form" { "fill" } else { "fields" };
            // A place may stand in a field's name: braces of its own are doubled.
            let fields = once(&self.fields).map(|(name, value)| pair(&literal(name), &text(value)));
            parts.push(format!("{key} = {{ {} }}", fields.collect::<Vec<_>>().join(", ")));
        }
        if let Some(json) = &self.json {
            parts.push(format!("json = {}", value(json)));
        }
        if !self.capture.is_empty() {
            let captures = once(&self.capture).map(|(name, way)| pair(name, &inline(way)));
            parts.push(format!("capture = {{ {} }}", captures.collect::<Vec<_>>().join(", ")));
            if self.capture.iter().any(|(name, _)| name == "secret") {
                parts.push("secret = [\"secret\"]".to_owned());
            }
        }
        if !self.options.is_empty() {
            parts.push(format!("options = {}", inline(&self.options)));
        }
        if self.stays {
            parts.push("follow = false".to_owned());
        }
        if !self.outcome.is_empty() {
            let rules = self
                .outcome
                .iter()
                .map(|rule| format!("        {{ {}, is = {} }},\n", rule.when, text(rule.is)));
            parts.push(format!("outcome = [\n{}    ]", rules.collect::<String>()));
        }
        format!("{{ {} }}", parts.join(", "))
    }
}

/// Each name once, as it stands first: TOML has no key twice.
fn once<V>(entries: &[(String, V)]) -> impl Iterator<Item = &(String, V)> {
    let first = |at: usize, name: &String| entries[..at].iter().all(|(known, _)| known != name);
    entries
        .iter()
        .enumerate()
        .filter(move |(at, (name, _))| first(*at, name))
        .map(|(_, entry)| entry)
}

/// A list of steps.
pub(super) fn steps(key: &str, steps: &[Step]) -> String {
    let lines = steps.iter().map(|step| format!("    {},\n", step.toml()));
    format!("{key} = [\n{}]\n", lines.collect::<String>())
}

/// A text, quoted.
pub(super) fn text(text: &str) -> String {
    let clean: String = text.chars().filter(|c| is_plain(*c)).collect();
    ::toml::Value::String(clean).to_string()
}

/// A table on one line; the values are TOML already.
pub(super) fn inline(entries: &[(&'static str, String)]) -> String {
    let entries = entries.iter().map(|(name, value)| format!("{name} = {value}"));
    format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
}

fn pair(name: &str, value: &str) -> String {
    let bare = !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    let name = if bare { name.to_owned() } else { quoted(name) };
    format!("{name} = {value}")
}

/// A key that is not bare; a literal of several lines is none.
fn quoted(name: &str) -> String {
    let clean: String = name.chars().filter(|c| is_plain(*c)).collect();
    format!("\"{}\"", clean.replace('\\', "\\\\").replace('"', "\\\""))
}

fn value(json: &Value) -> String {
    match json {
        // TOML has no null: such a member is left out by whoever has it.
        Value::Null => "\"\"".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(string) => text(string),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(value).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) => {
            let members = members
                .iter()
                .filter(|(_, member)| !member.is_null())
                .map(|(name, member)| pair(name, &value(member)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A text in which nothing is a place.
pub(super) fn literal(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// A comment, one line for each of the text's.
pub(super) fn comment(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let clean: String = line.chars().filter(|c| is_plain(*c)).collect();
        format!("# {clean}\n")
    });
    lines.collect()
}

/// One member of a selector, `input[name=user]`.
pub(super) fn named(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if plain {
        format!("[name={name}]")
    } else {
        format!("[name=\"{}\"]", name.replace('\\', "\\\\").replace('"', "\\\""))
    }
}
