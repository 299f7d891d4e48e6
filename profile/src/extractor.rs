//! Where a value is found in an answer, and what is done to it then.

use std::ops::Range;

use regex::Regex;
use scraper::Selector;

use super::{
    grammar::EXTRACTOR,
    names,
    reader::{Node, Table},
    template::{Part, Template},
};
use crate::words::meant;

/// Ways to find one value; the first that finds something counts.
#[derive(Clone, Debug)]
pub struct Extractor {
    /// In the order of the profile.
    pub ways: Vec<Way>,
}

/// One way to find a value.
#[derive(Clone, Debug)]
pub struct Way {
    /// Where it stands in the answer.
    pub source: Source,
    /// For a list: what is taken from each item, by name.
    pub each: Option<Vec<(String, Extractor)>>,
    /// What is done to it, in order.
    pub transforms: Vec<Transform>,
}

/// A place in an answer.
#[derive(Clone, Debug)]
pub enum Source {
    /// A JSON body, `json = "/data/key"`.
    Json(PointerTemplate),
    /// An element of a page: its text, or an attribute; the first whose text contains something.
    Css {
        /// Which elements.
        selector: Selector,
        /// Attribute; the text without.
        attr: Option<String>,
        /// What the element must contain.
        contains: Option<String>,
    },
    /// JSON in a script element of a page.
    Script {
        /// Which elements.
        selector: Selector,
        /// What the script must contain, where several stand on a page.
        contains: Option<String>,
        /// Which part of it.
        pointer: PointerTemplate,
    },
    /// A group of a regular expression on the body.
    Regex {
        /// The expression.
        regex: Regex,
        /// Which group; 1 where there is one, else the whole match.
        group: usize,
    },
    /// The text of the first element of a name in an XML body.
    Xml(String),
    /// A header of the answer.
    Header(String),
    /// A cookie in the jar.
    Cookie(String),
    /// The `Location` header.
    Location(UrlPart),
    /// The final URL.
    Url(UrlPart),
    /// The body as it is.
    Body,
    /// The number of the status.
    Status,
    /// A template.
    Value(Template),
}

/// Which part of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlPart {
    /// All of it.
    Whole,
    /// Its path.
    Path,
    /// Its last path segment.
    Last,
    /// A parameter of its query.
    Query(String),
}

/// A JSON pointer; `[name=value]` picks the first item of a list with such a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// From the outside in.
    pub steps: Vec<PointerStep>,
}

/// One step into JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PointerStep {
    /// A member, or an item by number.
    Member(String),
    /// The first item whose member has a value.
    Where(String, String),
}

/// A JSON pointer with places: a value fills its step alone, whatever characters it has.
#[derive(Clone, Debug, Default)]
pub struct PointerTemplate {
    /// From the outside in.
    pub steps: Vec<StepTemplate>,
}

/// One step into JSON, with places.
#[derive(Clone, Debug)]
pub enum StepTemplate {
    /// As [`PointerStep::Member`].
    Member(Template),
    /// As [`PointerStep::Where`].
    Where(Template, Template),
}

/// Something done to a value that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transform {
    /// `html-unescape`.
    HtmlUnescape,
    /// `url-decode`.
    UrlDecode,
    /// `url-encode`.
    UrlEncode,
    /// `strip:CHARACTERS`.
    Strip(String),
    /// `trim`.
    Trim,
    /// `upper`.
    Upper,
    /// `lower`.
    Lower,
    /// `base32`: of the bytes of the text.
    Base32,
    /// `base64-to-base64url`, padding dropped.
    Base64ToUrl,
    /// `base64url-to-base64`, padding added.
    UrlToBase64,
    /// `json-parse`.
    JsonParse,
    /// `json-string`: the value as a string of JSON.
    JsonString,
    /// `query:NAME`: a parameter of a URL, `otpauth:` included.
    Query(String),
    /// `raw`: not percent-encoded in a URL.
    Raw,
}

/// Every transform: its word, itself, what it does. The last two have an argument.
pub(super) const TRANSFORMS: &[(&str, Option<Transform>, &str)] = &[
    ("html-unescape", Some(Transform::HtmlUnescape), "HTML entities become characters."),
    ("url-decode", Some(Transform::UrlDecode), "Percent-encoding is undone."),
    ("url-encode", Some(Transform::UrlEncode), "Percent-encoded."),
    ("trim", Some(Transform::Trim), "Blanks at both ends go."),
    ("upper", Some(Transform::Upper), "Upper case."),
    ("lower", Some(Transform::Lower), "Lower case."),
    ("base32", Some(Transform::Base32), "The bytes of the text, as base32."),
    ("base64-to-base64url", Some(Transform::Base64ToUrl), "base64 as base64url, without padding."),
    ("base64url-to-base64", Some(Transform::UrlToBase64), "base64url as base64, with padding."),
    ("json-parse", Some(Transform::JsonParse), "A text of JSON becomes its value."),
    ("json-string", Some(Transform::JsonString), "A value becomes a text of JSON."),
    ("raw", Some(Transform::Raw), "In a path: not percent-encoded."),
    ("strip:CHARACTERS", None, "Those characters go."),
    ("query:NAME", None, "A parameter of a URL, `otpauth:` ones included."),
];

const SOURCES: &[&str] = &[
    "json", "css", "script", "regex", "xml", "header", "cookie", "location", "url", "body",
    "status", "value",
];

impl Transform {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let plain = TRANSFORMS.iter().find(|(word, ..)| *word == text);
        if let Some((_, Some(transform), _)) = plain {
            return Ok(transform.clone());
        }
        match text.split_once(':') {
            Some(("strip", characters)) if !characters.is_empty() => {
                Ok(Self::Strip(characters.to_owned()))
            }
            Some(("query", name)) if !name.is_empty() => Ok(Self::Query(name.to_owned())),
            _ => {
                let words = TRANSFORMS.iter().map(|(word, ..)| *word);
                let help = meant(text, words.clone()).map_or_else(
                    || words.collect::<Vec<_>>().join(", "),
                    |near| format!("did you mean `{near}`?"),
                );
                Err(format!("unknown transform `{}`: {help}", super::reader::printable(text)))
            }
        }
    }

    /// `upper:strip:- :base32`: the argument of `strip` and `query` is the next part.
    pub(super) fn parse_all(text: &str) -> Result<Vec<Self>, String> {
        let mut parts = text.split(':');
        let mut transforms = Vec::new();
        while let Some(part) = parts.next() {
            let whole = match part {
                "strip" | "query" => format!("{part}:{}", parts.next().unwrap_or_default()),
                _ => part.to_owned(),
            };
            transforms.push(Self::parse(&whole)?);
        }
        Ok(transforms)
    }
}

impl Pointer {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() || text == "/" {
            return Ok(Self { steps: Vec::new() });
        }
        let Some(rest) = text.strip_prefix('/') else {
            return Err(format!(
                "`{}` is not a JSON pointer: it begins with `/`",
                super::reader::printable(text)
            ));
        };
        let steps = rest.split('/').map(|step| {
            let filter = step.strip_prefix('[').and_then(|step| step.strip_suffix(']'));
            match filter.and_then(|filter| filter.split_once('=')) {
                Some((name, value)) => Ok(PointerStep::Where(name.to_owned(), value.to_owned())),
                None => unescaped(step).map(PointerStep::Member),
            }
        });
        steps.collect::<Result<_, String>>().map(|steps| Self { steps })
    }

    /// A pointer of the mapping: nothing is known yet that could fill a place.
    pub(super) fn read(node: &Node<'_, '_>) -> Option<Self> {
        let text = node.text()?;
        if text.contains(['{', '}']) {
            node.complain("no place can stand in this pointer");
            return None;
        }
        Self::parse(text).map_err(|message| node.complain(message)).ok()
    }
}

impl PointerTemplate {
    pub(super) fn read(node: &Node<'_, '_>) -> Option<Self> {
        Self::parse(node.text()?, &node.span()).map_err(|message| node.complain(message)).ok()
    }

    /// Split into steps before it is filled, so that no value can add one.
    pub(super) fn parse(text: &str, span: &Range<usize>) -> Result<Self, String> {
        if text.is_empty() || text == "/" {
            return Ok(Self::default());
        }
        let Some(rest) = text.strip_prefix('/') else {
            return Err(format!(
                "`{}` is not a JSON pointer: it begins with `/`",
                super::reader::printable(text)
            ));
        };
        let template = |text: &str| Template::parse(text, span.clone());
        let steps = split_outside_places(rest, '/').into_iter().map(|step| {
            let filter = step.strip_prefix('[').and_then(|step| step.strip_suffix(']'));
            let halves = filter.map(|filter| split_outside_places(filter, '='));
            match halves.as_deref() {
                Some([name, value @ ..]) if !value.is_empty() => {
                    Ok(StepTemplate::Where(template(name)?, template(&value.join("="))?))
                }
                Some(_) | None => {
                    let mut member = template(step)?;
                    for part in &mut member.parts {
                        if let Part::Text(text) = part {
                            *text = unescaped(text)?;
                        }
                    }
                    Ok(StepTemplate::Member(member))
                }
            }
        });
        steps.collect::<Result<_, String>>().map(|steps| Self { steps })
    }

    /// Every template in it.
    pub(super) fn templates<'a>(&'a self, into: &mut Vec<&'a Template>) {
        for step in &self.steps {
            match step {
                StepTemplate::Member(name) => into.push(name),
                StepTemplate::Where(name, value) => into.extend([name, value]),
            }
        }
    }
}

/// A member of a pointer as it is called: `~1` is `/`, `~0` is `~`.
fn unescaped(step: &str) -> Result<String, String> {
    let mut after = step.split('~').skip(1);
    if after.any(|rest| !rest.starts_with(['0', '1'])) {
        let step = super::reader::printable(step);
        return Err(format!("`{step}` is not a member of a JSON pointer: `~` is written `~0`"));
    }
    Ok(step.replace("~1", "/").replace("~0", "~"))
}

/// The pieces of a text between separators that stand in no place.
fn split_outside_places(text: &str, separator: char) -> Vec<&str> {
    let (mut pieces, mut start, mut inside) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        match c {
            '{' => inside = !inside,
            '}' => inside = false,
            _ if c == separator && !inside => {
                pieces.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    pieces.push(&text[start..]);
    pieces
}

impl Extractor {
    /// A table, or a list of tables to be tried in order.
    pub(super) fn read(node: &Node<'_, '_>) -> Option<Self> {
        let ways: Vec<Way> = node
            .one_or_many()
            .iter()
            .filter_map(|node| Way::read(&node.table(&EXTRACTOR)?))
            .collect();
        (!ways.is_empty()).then(|| Self { ways })
    }

    /// Extractors by name.
    pub(super) fn read_named(node: &Node<'_, '_>) -> Vec<(String, Self)> {
        node.entries()
            .into_iter()
            .filter_map(|(name, _, node)| Some((name, Self::read(&node)?)))
            .collect()
    }

    /// Every template in it.
    pub fn templates<'a>(&'a self, into: &mut Vec<&'a Template>) {
        for way in &self.ways {
            match &way.source {
                Source::Value(template) => into.push(template),
                Source::Json(pointer) | Source::Script { pointer, .. } => pointer.templates(into),
                Source::Css { .. }
                | Source::Regex { .. }
                | Source::Xml(_)
                | Source::Header(_)
                | Source::Cookie(_)
                | Source::Location(_)
                | Source::Url(_)
                | Source::Body
                | Source::Status => {}
            }
            for (_, inner) in way.each.iter().flatten() {
                inner.templates(into);
            }
        }
    }
}

impl Way {
    fn read(table: &Table<'_, '_>) -> Option<Self> {
        let source = source(table);
        let each = table.get("each").map(|node| Extractor::read_named(&node));
        let transforms = table.get("transforms").map(|node| node.one_or_many()).unwrap_or_default();
        let transforms = transforms.iter().filter_map(|node| {
            Transform::parse(node.text()?).map_err(|message| node.complain(message)).ok()
        });
        let transforms = transforms.collect();
        if source.is_none() {
            table.give_up();
        }
        table.close();
        Some(Self { source: source?, each, transforms })
    }
}

fn source(table: &Table<'_, '_>) -> Option<Source> {
    let given = SOURCES.iter().filter(|key| table.has(key)).count();
    // A script's pointer is called `json` as well.
    let pointer_of_script = usize::from(table.has("script") && table.has("json"));
    if given - pointer_of_script != 1 {
        let message = format!("an extractor says one of: {}", SOURCES.join(", "));
        table.reader.complain(table.span.clone(), message);
        return None;
    }
    if let Some(node) = table.get("script") {
        let selector = selector(&node);
        let contains = table.text("contains");
        let pointer = table
            .get("json")
            .map_or_else(|| Some(PointerTemplate::default()), |node| PointerTemplate::read(&node));
        return Some(Source::Script { selector: selector?, contains, pointer: pointer? });
    }
    if let Some(node) = table.get("css") {
        let selector = selector(&node);
        let attr = table.text("attr");
        let contains = table.text("contains");
        return Some(Source::Css { selector: selector?, attr, contains });
    }
    if let Some(node) = table.get("regex") {
        let group = table.number("group").and_then(|group| usize::try_from(group).ok());
        let regex = regex(&node)?;
        let group = group.unwrap_or_else(|| usize::from(regex.captures_len() > 1));
        if group >= regex.captures_len() {
            node.complain(format!("the expression has no group {group}"));
            return None;
        }
        return Some(Source::Regex { regex, group });
    }
    if let Some(node) = table.get("json") {
        return PointerTemplate::read(&node).map(Source::Json);
    }
    simple(table)
}

fn simple(table: &Table<'_, '_>) -> Option<Source> {
    if let Some(node) = table.get("xml") {
        return names::xml(&node).map(Source::Xml);
    }
    if let Some(node) = table.get("header") {
        return Some(Source::Header(names::header(&node)?.to_ascii_lowercase()));
    }
    if let Some(node) = table.get("cookie") {
        return names::cookie(&node).map(Source::Cookie);
    }
    if let Some(node) = table.get("location") {
        return url_part(&node).map(Source::Location);
    }
    if let Some(node) = table.get("url") {
        return url_part(&node).map(Source::Url);
    }
    if let Some(node) = table.get("value") {
        return Template::read(&node).map(Source::Value);
    }
    if let Some(node) = table.get("body") {
        return node.only_true().map(|()| Source::Body);
    }
    table.get("status")?.only_true().map(|()| Source::Status)
}

/// `"whole"`, `"path"`, `"last"` or `"query:NAME"`.
fn url_part(node: &Node<'_, '_>) -> Option<UrlPart> {
    if let Some(name) = node.text()?.strip_prefix("query:").filter(|name| !name.is_empty()) {
        return Some(UrlPart::Query(name.to_owned()));
    }
    let known = [("whole", 0), ("path", 1), ("last", 2), ("query:NAME", 3)];
    match node.word(&known)? {
        0 => Some(UrlPart::Whole),
        1 => Some(UrlPart::Path),
        _ => Some(UrlPart::Last),
    }
}

/// A CSS selector; complains at the node.
pub(super) fn selector(node: &Node<'_, '_>) -> Option<Selector> {
    let text = node.text()?;
    match Selector::parse(text) {
        Ok(selector) => Some(selector),
        Err(error) => {
            node.complain(format!("not a CSS selector: {error}"));
            None
        }
    }
}

/// A regular expression; complains at the node.
pub(super) fn regex(node: &Node<'_, '_>) -> Option<Regex> {
    let text = node.text()?;
    match regex::RegexBuilder::new(text).size_limit(1 << 20).build() {
        Ok(regex) => Some(regex),
        Err(error) => {
            let reason = error.to_string();
            let reason =
                reason.lines().last().unwrap_or_default().trim().trim_start_matches("error: ");
            node.complain(format!("not a regular expression: {reason}"));
            None
        }
    }
}
