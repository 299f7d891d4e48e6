//! From a recorded request to the steps that make it again, with places for what changes.

use std::{cell::RefCell, collections::HashMap};

use profile::Verb;
use serde_json::{Map, Value};

use super::{
    super::{
        har::{Body, Entry, leaves},
        page::{self, Form, Kind, forms},
        scrub::Scrub,
        toml::{Step, named, text},
    },
    is_code, is_credential,
};

/// Members of a key's answer that stand in `response`.
const IN_RESPONSE: &[&str] = &[
    "clientDataJSON",
    "attestationObject",
    "authenticatorData",
    "signature",
    "userHandle",
    "transports",
];

/// What a value is called in a draft, and what finds it in an answer.
type Capture = (String, Vec<(&'static str, String)>);

/// Makes steps of entries.
pub(super) struct Maker<'m> {
    entries: &'m [Entry],
    scrub: &'m Scrub,
    verb: Verb,
    /// The values of the answers that were asked for, by entry.
    seen: RefCell<HashMap<usize, HashMap<String, Capture>>>,
}

/// Steps, and what they need.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) steps: Vec<Step>,
    /// What the step before has to capture.
    pub(super) captures: Vec<Capture>,
    pub(super) unknown: Vec<String>,
}

/// Whether a body has a member of some name, in texts of JSON as well.
pub(super) fn mentions(body: &Body, wanted: &str) -> bool {
    fn within(json: &Value, wanted: &str) -> bool {
        match json {
            Value::Object(members) => {
                members.iter().any(|(name, member)| name == wanted || within(member, wanted))
            }
            Value::Array(items) => items.iter().any(|item| within(item, wanted)),
            Value::String(text) => {
                text.trim_start().starts_with('{')
                    && matches!(serde_json::from_str::<Value>(text), Ok(Value::Object(members)) if within(&Value::Object(members.clone()), wanted))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
    match body {
        Body::Nothing => false,
        Body::Json(json) => within(json, wanted),
        Body::Fields(fields) => fields
            .iter()
            .any(|(name, value)| name == wanted || within(&Value::String(value.clone()), wanted)),
    }
}

impl<'m> Maker<'m> {
    pub(super) fn new(entries: &'m [Entry], scrub: &'m Scrub, verb: Verb) -> Self {
        Self { entries, scrub, verb, seen: RefCell::default() }
    }
}

impl Maker<'_> {
    /// The steps of an entry. `before` is the entry whose answer the flow stands on already.
    pub(super) fn asked(&self, at: usize, before: Option<usize>) -> Asked {
        let entry = &self.entries[at];
        let mut asked = Asked::default();
        if let (Body::Fields(fields), "post") = (&entry.body, entry.method)
            && let Some((page, form)) = self.form(at, fields)
        {
            self.of_form(&mut asked, fields, (page, &form), before);
            return asked;
        }
        let (path, _) = self.path(entry, before, &mut asked);
        let mut step = Step::new(entry.method, path);
        let mut sender = Sender { maker: self, before, asked: &mut asked };
        match &entry.body {
            Body::Nothing => {}
            Body::Fields(fields) => {
                for (name, value) in fields {
                    sender.field(name, value, &mut step);
                }
            }
            Body::Json(json) => step.json = sender.tree("", json),
        }
        asked.steps.push(step);
        asked
    }

    /// The path, with what changes in it taken from the answer before where it stands there.
    fn path(&self, entry: &Entry, before: Option<usize>, asked: &mut Asked) -> (String, bool) {
        let (path, changes) = self.scrub.path(&entry.url);
        let queried: Vec<String> = entry
            .url
            .query_pairs()
            .filter_map(|(name, _)| self.scrub.name(&name).map(str::to_owned))
            .collect();
        if !queried.is_empty() {
            asked.unknown.push(format!(
                "whether the query of {path} matters: it had {} (`query`, docs/profile.md, Step)",
                queried.join(", ")
            ));
        }
        if !changes {
            return (path, false);
        }
        let parts: Vec<&str> = entry.url.path().split('/').collect();
        let mut named = Vec::new();
        for (part, shown) in parts.iter().zip(path.split('/')) {
            if shown == "{changing}" {
                match before.and_then(|before| self.captured(before, part)) {
                    Some((name, way)) => {
                        named.push(format!("{{{name}}}"));
                        asked.captures.push((name, way));
                    }
                    None => {
                        asked.unknown.push(format!("where the part `{{changing}}` of {path} comes from: `capture` it from the answer before (docs/profile.md, Extractor)"));
                        named.push((*shown).to_owned());
                    }
                }
            } else {
                named.push((*shown).to_owned());
            }
        }
        (named.join("/"), true)
    }

    /// Where a value stood in an earlier answer: JSON, or an input of a page.
    fn captured(&self, from: usize, wanted: &str) -> Option<Capture> {
        if wanted.len() < 4 {
            return None;
        }
        let mut seen = self.seen.borrow_mut();
        let held = seen.entry(from).or_insert_with(|| self.held(&self.entries[from]));
        held.get(wanted).cloned()
    }

    /// The values of an answer, each with what finds it: the first that may stand in a draft.
    fn held(&self, answer: &Entry) -> HashMap<String, Capture> {
        let mut held = HashMap::new();
        if let Some(json) = answer.json() {
            leaves(&json, "", &mut |name, at, value| {
                if value.len() >= 4 && self.scrub.name(name).is_some() && self.scrub.is_plain(at) {
                    held.entry(value).or_insert_with(|| (slug(name), vec![("json", text(at))]));
                }
            });
            return held;
        }
        let html = html::parse(&answer.answer);
        for field in forms(&html, &answer.url).into_iter().flat_map(|form| form.fields) {
            let Some(name) = self.scrub.name(&field.name) else { continue };
            let css = text(&format!("input{}", named(name)));
            let way = vec![("css", css), ("attr", text("value"))];
            held.entry(field.value).or_insert((slug(name), way));
        }
        held
    }

    /// The form that a request was made with, on a page shortly before.
    fn form(&self, at: usize, fields: &[(String, String)]) -> Option<(usize, Form)> {
        let from = at.saturating_sub(20);
        (from..at).rev().find_map(|page| {
            let entry = &self.entries[page];
            if !entry.is_page() {
                return None;
            }
            let html = html::parse(&entry.answer);
            let fits = |form: &Form| {
                let has = |name: &str| form.fields.iter().any(|field| field.name == name);
                form.posts
                    && form.action.path() == self.entries[at].url.path()
                    && fields.iter().any(|(name, _)| has(name))
                    && form
                        .fields
                        .iter()
                        .filter(|field| field.kind == Kind::Password)
                        .all(|field| fields.iter().any(|(name, _)| *name == field.name))
                    && self.scrub.is_plain(&form.selector)
            };
            forms(&html, &entry.url).into_iter().find(fits).map(|form| (page, form))
        })
    }

    fn of_form(
        &self,
        asked: &mut Asked,
        fields: &[(String, String)],
        (page, form): (usize, &Form),
        before: Option<usize>,
    ) {
        let entry = &self.entries[page];
        if before != Some(page) {
            if entry.method == "get" {
                let (path, _) = self.path(entry, before, asked);
                asked.steps.push(Step::new("get", path));
            } else {
                let (path, _) = self.scrub.path(&entry.url);
                asked.unknown.push(format!("how the page with this form is reached: it was the answer to a {} of {path}. Add the steps before", entry.method.to_uppercase()));
            }
        }
        let mut step = Step::new("form", form.selector.clone());
        let mut sender = Sender { maker: self, before: None, asked };
        for (name, value) in fields {
            let own = form.fields.iter().find(|field| field.name == *name);
            // What the page itself holds goes along by itself.
            if own.is_some_and(|field| field.value == *value && field.kind != Kind::Box) {
                continue;
            }
            sender.field(name, value, &mut step);
        }
        asked.steps.push(step);
    }
}

/// Maps what one request sent.
struct Sender<'s, 'm> {
    maker: &'s Maker<'m>,
    before: Option<usize>,
    asked: &'s mut Asked,
}

impl Sender<'_, '_> {
    fn field(&mut self, name: &str, value: &str, step: &mut Step) {
        let Some(known) = self.maker.scrub.name(name) else {
            self.asked
                .unknown
                .push("a field was sent whose name changes: it is left out here".to_owned());
            return;
        };
        let place = if IN_RESPONSE.contains(&name) {
            format!("{{credential/response/{name}}}")
        } else {
            self.place(known, value)
        };
        step.fields.push((known.to_owned(), place));
    }

    /// The place that stands for a text.
    fn place(&mut self, name: &str, value: &str) -> String {
        let scrub = self.maker.scrub;
        if value.trim_start().starts_with('{')
            && serde_json::from_str::<Value>(value).is_ok_and(|json| is_credential(&json))
        {
            return "{credential:json-string}".to_owned();
        }
        let kind = page::by_name(name);
        let lower = name.to_ascii_lowercase();
        if self.maker.verb == Verb::ChangePassword && kind == Kind::Password {
            return if super::is_old(name) { "{old}" } else { "{password}" }.to_owned();
        }
        if kind == Kind::Password {
            return "{password}".to_owned();
        }
        if let Some(place) = scrub.place(value) {
            return place.to_owned();
        }
        let takes_code = matches!(self.maker.verb, Verb::AnswerWithTotp | Verb::EnrolTotp);
        if takes_code && is_code(value) {
            return "{code}".to_owned();
        }
        let labels = ["name", "label", "nick", "device"].iter().any(|word| lower.contains(word));
        if self.maker.verb == Verb::RegisterKey && labels {
            return "{label}".to_owned();
        }
        if let Some((name, way)) = self.before.and_then(|before| self.maker.captured(before, value))
        {
            let place = format!("{{{name}}}");
            if self.asked.captures.iter().all(|(known, _)| *known != name) {
                self.asked.captures.push((name, way));
            }
            return place;
        }
        let slug = slug(name);
        self.asked.unknown.push(format!("what `{name}` is: write what it always is in place of `{{{slug}}}`, or `capture` it from an answer before (docs/profile.md, Extractor)"));
        format!("{{{slug}}}")
    }

    /// JSON with places; `None` for what is left out.
    fn tree(&mut self, name: &str, json: &Value) -> Option<Value> {
        if is_credential(json) {
            return Some(Value::from("{credential}"));
        }
        Some(match json {
            Value::Null => return None,
            Value::Bool(flag) => Value::Bool(*flag),
            Value::Number(number) => Value::from(self.place(name, &number.to_string())),
            Value::String(value) => Value::from(self.place(name, value)),
            Value::Array(items) => {
                Value::Array(items.iter().filter_map(|item| self.tree(name, item)).collect())
            }
            Value::Object(members) => Value::Object(self.members(members)),
        })
    }

    fn members(&mut self, members: &Map<String, Value>) -> Map<String, Value> {
        // The answer's members, without the object that usually holds them.
        let flat = members.contains_key("clientDataJSON");
        let mut mapped = Map::new();
        for (name, member) in members {
            let Some(known) = self.maker.scrub.name(name) else {
                self.asked
                    .unknown
                    .push("a member was sent whose name changes: it is left out here".to_owned());
                continue;
            };
            let value = if flat && IN_RESPONSE.contains(&known) {
                Some(Value::from(format!("{{credential/response/{known}}}")))
            } else if flat && ["id", "rawId", "type"].contains(&known) {
                Some(Value::from(format!("{{credential/{known}}}")))
            } else {
                self.tree(known, member)
            };
            if let Some(value) = value {
                mapped.insert(known.to_owned(), value);
            }
        }
        mapped
    }
}

/// A name for a place that no flow knows by itself.
fn slug(name: &str) -> String {
    let mut slug = String::from("sent_");
    slug.extend(
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }),
    );
    slug
}
