//! The values of a flow, and templates filled with them.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use profile::{
    Profile,
    extractor::{Pointer, PointerStep, PointerTemplate, StepTemplate, Transform},
    flow::{AnswerMapping, Step},
    template::{Part, Place, Template, Tree},
};
use serde_json::{Map, Value};

use super::{Input, Inputs, Visitor, extract, options, transform::transform};

/// What stays as it is inside a URL's path or query.
const IN_URL: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Values by name. Holds secrets in the clear: never printed.
#[derive(Default)]
pub(in crate::deployment) struct Values {
    by_name: BTreeMap<String, Value>,
    inputs: BTreeMap<String, Input>,
}

impl Values {
    /// The scene's names, the profile's secrets, what the visitor keeps, and what the flow is given; the
    /// later hides the earlier.
    pub(in crate::deployment) fn new(
        profile: &Profile,
        visitor: &Visitor,
        inputs: &Inputs,
        answer: Option<&AnswerMapping>,
    ) -> Self {
        let (about, label) = (&profile.description, &visitor.scene.label);
        let base = about.base(label);
        let host = url::Url::parse(&base).ok().and_then(|url| {
            let host = url.host_str()?.to_owned();
            Some(url.port().map_or(host.clone(), |port| format!("{host}:{port}")))
        });
        let mut by_name: BTreeMap<String, Value> = [
            ("scenario", label.clone()),
            ("origin", about.origin(label)),
            ("rp_id", about.rp_id(label)),
            ("host", host.unwrap_or_default()),
            ("actor", visitor.who.clone()),
            ("base", base),
        ]
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .into();
        by_name.extend(
            profile
                .secrets
                .iter()
                .map(|(name, secret)| (format!("secret.{name}"), Value::from(secret.reveal()))),
        );
        by_name.extend(
            visitor.memory.all_kept().iter().map(|(name, input)| (name.clone(), input.value())),
        );
        for (name, input) in inputs {
            let value = input.value();
            let value = match answer {
                Some(mapping) if *name == "credential" => options::map_answer(value, mapping),
                _ => value,
            };
            by_name.insert((*name).to_owned(), value);
        }
        let inputs =
            inputs.iter().map(|(name, input)| ((*name).to_owned(), input.clone())).collect();
        Self { by_name, inputs }
    }

    pub(super) fn put(&mut self, name: &str, value: Value) {
        self.by_name.insert(name.to_owned(), value);
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.by_name.get(name).is_some_and(|value| !value.is_null())
    }

    /// An input as it was given.
    pub(super) fn input(&self, name: &str) -> Option<Input> {
        self.inputs.get(name).cloned()
    }

    /// A template as text, an optional place without a value as nothing; the place that has no value
    /// and needs one.
    pub(in crate::deployment) fn text(&self, template: &Template) -> Result<String, Place> {
        self.joined(template, |_, text| text)
    }

    /// A template as text; `None` is one that has an optional place without a value: it is left out.
    pub(super) fn maybe_text(&self, template: &Template) -> Result<Option<String>, Place> {
        if template.places().any(|place| place.optional && self.place(place).is_none()) {
            return Ok(None);
        }
        self.text(template).map(Some)
    }

    /// A pointer with its places filled in; `None` where one of them has no value.
    pub(super) fn pointer(&self, template: &PointerTemplate) -> Option<Pointer> {
        let text = |template: &Template| self.maybe_text(template).ok().flatten();
        let steps = template.steps.iter().map(|step| match step {
            StepTemplate::Member(name) => text(name).map(PointerStep::Member),
            StepTemplate::Where(name, value) => Some(PointerStep::Where(text(name)?, text(value)?)),
        });
        steps.collect::<Option<_>>().map(|steps| Pointer { steps })
    }

    /// A template as a URL: values are percent-encoded, unless they are the whole URL or `raw`.
    pub(in crate::deployment) fn url(&self, template: &Template) -> Result<String, Place> {
        if template.only_place().is_some() {
            return self.text(template);
        }
        self.joined(template, |place, text| {
            let as_it_is = place.name == "base"
                || place.name == "origin"
                || place.transforms.contains(&Transform::Raw);
            if as_it_is { text } else { utf8_percent_encode(&text, IN_URL).to_string() }
        })
    }

    fn joined(
        &self,
        template: &Template,
        each: impl Fn(&Place, String) -> String,
    ) -> Result<String, Place> {
        let mut text = String::new();
        for part in &template.parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Place(place) => match self.place(place) {
                    Some(value) => text.push_str(&each(place, extract::plain(&value))),
                    None if place.optional => {}
                    None => return Err(place.clone()),
                },
            }
        }
        Ok(text)
    }

    /// JSON with its templates filled in; `None` is one that has an optional place without a value.
    pub(super) fn json(&self, tree: &Tree) -> Result<Option<Value>, Place> {
        match tree {
            Tree::Value(value) => Ok(Some(value.clone())),
            Tree::Template(template) => match template.only_place() {
                Some(place) => match self.place(place) {
                    None if !place.optional => Err(place.clone()),
                    value => Ok(value),
                },
                None => self.maybe_text(template).map(|text| text.map(Value::from)),
            },
            Tree::Array(items) => {
                let items: Result<Vec<Option<Value>>, Place> =
                    items.iter().map(|item| self.json(item)).collect();
                Ok(Some(Value::Array(items?.into_iter().flatten().collect())))
            }
            Tree::Object(members) => {
                let mut object = Map::new();
                for (name, member) in members {
                    if let Some(value) = self.json(member)? {
                        object.insert(name.clone(), value);
                    }
                }
                Ok(Some(Value::Object(object)))
            }
        }
    }

    fn place(&self, place: &Place) -> Option<Value> {
        let value = self.by_name.get(&place.name)?;
        let value = match &place.pointer {
            Some(pointer) => extract::point(value, pointer)?.clone(),
            None => value.clone(),
        };
        if value.is_null() {
            return None;
        }
        transform(value, &place.transforms)
    }
}

/// What steps send of a credential: all of it, or the members that they have places for. What a step
/// takes out of it for a later one counts as sent.
pub(in crate::deployment::http) fn sent(credential: Value, steps: &[Step]) -> Value {
    let mut templates = Vec::new();
    for step in steps {
        step.templates(&mut templates);
        step.capture.iter().for_each(|(_, extractor)| extractor.templates(&mut templates));
    }
    let places = templates.iter().flat_map(|template| template.places());
    let places: Vec<&Place> = places.filter(|place| place.name == "credential").collect();
    if places.is_empty() || places.iter().any(|place| place.pointer.is_none()) {
        return credential;
    }
    let member = |place: &&Place| {
        let found = extract::point(&credential, place.pointer.as_ref()?)?.clone();
        transform(found, &place.transforms)
    };
    places.iter().map(member).collect()
}
