//! Texts with places for values: `{user}`, `{credential/response/signature}`, `{code?}`,
//! `{credential:json-string}`. Parsed once, with the profile; filled in by the driver.

use std::ops::Range;

use serde_json::Value;

use super::{
    extractor::{Pointer, Transform},
    reader::Node,
};

/// A text with places.
#[derive(Clone, Debug)]
pub struct Template {
    /// Texts and places in turn.
    pub parts: Vec<Part>,
    /// Where it stands in the profile.
    pub(super) span: Range<usize>,
}

/// A piece of a template.
#[derive(Clone, Debug)]
pub enum Part {
    /// As it stands.
    Text(String),
    /// A value's place.
    Place(Place),
}

/// `{name/pointer?:transform:…}`.
#[derive(Clone, Debug)]
pub struct Place {
    /// As it is written, without its braces.
    pub written: String,
    /// Name of the value.
    pub name: String,
    /// Which part of it.
    pub pointer: Option<Pointer>,
    /// Where there is no such value, the text that it stands in is left out.
    pub optional: bool,
    /// What is done to it.
    pub transforms: Vec<Transform>,
}

/// JSON with templates in it. A member or an item whose text has an optional place without a value
/// is left out.
#[derive(Clone, Debug)]
pub enum Tree {
    /// As it stands.
    Value(Value),
    /// A string; one place alone gives the value as it is, whatever its type.
    Template(Template),
    /// A list.
    Array(Vec<Tree>),
    /// Members in the order of the profile.
    Object(Vec<(String, Tree)>),
}

impl Template {
    /// Parses; complains at the node.
    pub(super) fn read(node: &Node<'_, '_>) -> Option<Self> {
        let parsed = Self::parse(node.text()?, node.span());
        parsed.map_err(|message| node.complain(message)).ok()
    }

    /// Parses a text that stands at `span`.
    pub(super) fn parse(text: &str, span: Range<usize>) -> Result<Self, String> {
        parse(text).map(|parts| Self { parts, span })
    }

    /// The names it uses.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Place(place) => Some(place),
        })
    }

    /// The place, where the template is nothing else.
    #[must_use]
    pub fn only_place(&self) -> Option<&Place> {
        match self.parts.as_slice() {
            [Part::Place(place)] => Some(place),
            _ => None,
        }
    }

    /// The text before the first place.
    #[must_use]
    pub fn lead(&self) -> &str {
        match self.parts.first() {
            Some(Part::Text(text)) => text,
            Some(Part::Place(_)) | None => "",
        }
    }
}

impl Tree {
    pub(super) fn read(node: &Node<'_, '_>) -> Option<Self> {
        if node.is_text() {
            return Template::read(node).map(Self::Template);
        }
        if node.is_array() {
            return Some(Self::Array(node.array().iter().filter_map(Self::read).collect()));
        }
        if node.is_table() {
            let members = node
                .entries()
                .into_iter()
                .filter_map(|(key, _, node)| Some((key, Self::read(&node)?)));
            return Some(Self::Object(members.collect()));
        }
        Some(Self::Value(node.json()))
    }

    /// Every template in it.
    pub(super) fn templates<'a>(&'a self, into: &mut Vec<&'a Template>) {
        match self {
            Self::Value(_) => {}
            Self::Template(template) => into.push(template),
            Self::Array(items) => items.iter().for_each(|item| item.templates(into)),
            Self::Object(members) => members.iter().for_each(|(_, member)| member.templates(into)),
        }
    }
}

/// `{{` and `}}` stand for braces.
pub(super) fn parse(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("{{") {
            plain.push('{');
            rest = after;
        } else if let Some(after) = rest.strip_prefix("}}") {
            plain.push('}');
            rest = after;
        } else if rest.starts_with('}') {
            return Err("a `}` without its `{`; write `}}` for the character itself".into());
        } else {
            let Some(end) = rest.find('}') else {
                return Err("a `{` without its `}`; write `{{` for the character itself".into());
            };
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(Part::Place(place(&rest[1..end])?));
            rest = &rest[end + 1..];
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    Ok(parts)
}

fn place(text: &str) -> Result<Place, String> {
    let (head, filters) =
        text.split_once(':').map_or((text, None), |(head, filters)| (head, Some(filters)));
    let (head, optional) = head.strip_suffix('?').map_or((head, false), |head| (head, true));
    let (name, pointer) =
        head.find('/').map_or((head, None), |at| (&head[..at], Some(&head[at..])));
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if name.is_empty() || !name.chars().all(fits) {
        return Err(format!("`{{{}}}` does not name a value", super::reader::printable(text)));
    }
    let pointer = pointer.map(Pointer::parse).transpose()?;
    let transforms = filters.map(Transform::parse_all).transpose()?.unwrap_or_default();
    Ok(Place { written: text.to_owned(), name: name.to_owned(), pointer, optional, transforms })
}
