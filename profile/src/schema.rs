//! The JSON Schema of the profile language, for editors, from its grammar. The published copy is
//! `schemas/profile-1.json`. It admits every valid profile; what goes together, the reader checks.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    grammar::{Key, Kind, ROOT, Shape},
    verb::Verb,
};

/// The JSON Schema of a profile, as it is published.
#[must_use]
pub fn schema() -> String {
    let mut shapes = Shapes::default();
    let mut root = shapes.table(&ROOT);
    // A profile that stands on another one says only what is its own.
    if let Value::Object(members) = &mut root {
        let required = members.remove("required").unwrap_or_default();
        members.insert("required".into(), json!(["profile"]));
        members.insert("if".into(), json!({ "not": { "required": ["extends"] } }));
        let performed = json!([{ "required": ["flow"] }, { "required": ["driver"] }]);
        members.insert("then".into(), json!({ "required": required, "oneOf": performed }));
        members.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
        members.insert("title".into(), json!("Profile of a deployment, version 1"));
        members.insert("$defs".into(), Value::Object(shapes.defined));
    }
    // A tree of strings, numbers and truth values: there is nothing to fail.
    let mut text = serde_json::to_string_pretty(&root).unwrap_or_default();
    text.push('\n');
    text
}

fn names() -> Vec<&'static str> {
    Verb::ALL.iter().map(|verb| verb.name()).collect()
}

#[derive(Default)]
struct Shapes {
    defined: Map<String, Value>,
    begun: BTreeSet<&'static str>,
}

impl Shapes {
    fn table(&mut self, shape: &'static Shape) -> Value {
        let properties: Map<String, Value> =
            shape.all().map(|key| (key.name.to_owned(), self.key(key))).collect();
        let mut table = json!({
            "type": "object",
            "description": shape.says,
            "properties": properties,
            "additionalProperties": false,
        });
        // What a section must say, a profile below may have said.
        let section = ROOT
            .keys
            .iter()
            .any(|key| matches!(key.kind, Kind::Table(known) if std::ptr::eq(known, shape)));
        let needed = shape.all().filter(|key| key.needed && !section);
        let required: Vec<&str> = needed.map(|key| key.name).collect();
        if !required.is_empty() {
            table["required"] = json!(required);
        }
        table
    }

    fn key(&mut self, key: &'static Key) -> Value {
        let mut value = self.kind(&key.kind);
        value["description"] = json!(key.says);
        value
    }

    fn kind(&mut self, kind: &'static Kind) -> Value {
        match kind {
            Kind::Text
            | Kind::Template
            | Kind::Selector
            | Kind::Pointer
            | Kind::PointerTemplate => {
                json!({ "type": "string" })
            }
            Kind::Regex => json!({ "type": "string", "format": "regex" }),
            Kind::Number => json!({ "type": "integer", "minimum": 0 }),
            Kind::Integer => json!({ "type": "integer" }),
            Kind::Flag => json!({ "type": "boolean" }),
            Kind::Duration => json!({ "type": "string", "pattern": "^[0-9]+(ms|s|m|h)$" }),
            Kind::Status => json!({ "anyOf": [
                { "type": "integer", "minimum": 100, "maximum": 599 },
                { "type": "string", "pattern": "^[1-5]xx$" },
            ] }),
            Kind::UrlPart => {
                json!({ "type": "string", "pattern": "^(whole|path|last|query:.+)$" })
            }
            Kind::Words(words) => json!({ "enum": words() }),
            Kind::Value => json!({}),
            Kind::Table(shape) => self.reference(shape),
            Kind::Own(kind) => json!({ "type": "object", "additionalProperties": self.kind(kind) }),
            Kind::Verb => json!({ "enum": names() }),
            Kind::Verbs(shape) => self.verbs(shape),
            Kind::List(kind) => json!({ "type": "array", "items": self.kind(kind) }),
            Kind::Many(kind) => {
                let one = self.kind(kind);
                json!({ "anyOf": [one, { "type": "array", "items": one }] })
            }
            Kind::Either(kinds) => {
                json!({ "anyOf": kinds.iter().map(|kind| self.kind(kind)).collect::<Vec<_>>() })
            }
        }
    }

    fn verbs(&mut self, shape: &'static Shape) -> Value {
        let flow = self.reference(shape);
        let verbs = Verb::ALL.iter().map(|verb| {
            let mut flow = flow.clone();
            flow["description"] = json!(verb.row().says);
            (verb.name().to_owned(), flow)
        });
        json!({ "type": "object", "properties": verbs.collect::<Map<_, _>>(), "additionalProperties": false })
    }

    fn reference(&mut self, shape: &'static Shape) -> Value {
        let name = shape.name.replace(' ', "-");
        if self.begun.insert(shape.name) {
            let table = self.table(shape);
            self.defined.insert(name.clone(), table);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }
}
