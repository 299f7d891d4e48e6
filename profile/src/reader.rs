//! Walks TOML trees that remember where everything stood, and collects complaints on the way. A
//! profile may stand on another one: then there are several layers of text, the profile's own first.
//! A table takes only keys of its shape; of the others the nearest known one is suggested.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use serde_json::Value;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    complaint::Complaint,
    flow::Place,
    grammar::{Key, Shape},
    kinds,
};
use crate::words::meant;

/// Times that are added up stay far below what they can count to.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

/// The texts of a profile and what is wrong with them so far. Spans count through all of them.
pub(super) struct Reader<'t> {
    sources: &'t [Source],
    complaints: RefCell<Vec<Remark>>,
    hidden: RefCell<Vec<Range<usize>>>,
}

/// A text and where it is from.
pub(super) struct Source {
    pub(super) text: String,
    /// Path of the file, or `preset:NAME`.
    pub(super) name: Arc<str>,
    /// Where its first byte is counted.
    pub(super) base: usize,
    /// Whether complaints may quote it: nothing is shown of a file that is no profile.
    pub(super) is_shown: bool,
}

/// A complaint before it is known what must not be shown.
struct Remark {
    span: Range<usize>,
    message: String,
    help: Option<String>,
    missing: bool,
}

impl<'t> Reader<'t> {
    pub(super) fn new(sources: &'t [Source]) -> Self {
        Self { sources, complaints: RefCell::default(), hidden: RefCell::default() }
    }

    /// The source that a byte stands in.
    pub(super) fn source(&self, at: usize) -> &'t Source {
        let before = self.sources.partition_point(|source| source.base <= at);
        &self.sources[before.saturating_sub(1)]
    }

    /// Every text, the profile's own first.
    pub(super) fn sources(&self) -> &'t [Source] {
        self.sources
    }

    pub(super) fn complain(&self, span: Range<usize>, message: impl Into<String>) {
        self.complain_with(span, message, None);
    }

    pub(super) fn complain_with(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let message = message.into();
        self.complaints.borrow_mut().push(Remark { span, message, help, missing: false });
    }

    /// A complaint about a value that is not there, which is not the profile's fault.
    pub(super) fn misses(&self, span: Range<usize>, message: String, help: String) {
        let help = Some(help);
        self.complaints.borrow_mut().push(Remark { span, message, help, missing: true });
    }

    /// A complaint about something that may be a secret: no complaint shows it.
    pub(super) fn complain_hidden(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        help: &str,
    ) {
        self.hide(span.clone());
        self.complain_with(span, message, Some(help.to_owned()));
    }

    /// Keeps some bytes out of every complaint.
    pub(super) fn hide(&self, span: Range<usize>) {
        self.hidden.borrow_mut().push(span);
    }

    /// Whether something is said of these very bytes already.
    pub(super) fn complains_about(&self, span: &Range<usize>) -> bool {
        self.complaints.borrow().iter().any(|remark| remark.span == *span)
    }

    pub(super) fn any(&self) -> bool {
        !self.complaints.borrow().is_empty()
    }

    pub(super) fn into_complaints(self) -> Vec<Complaint> {
        let hidden = self.hidden.take();
        let remarks = self.complaints.take().into_iter();
        let complaints = remarks.map(|Remark { span, message, help, missing }| {
            let source = self.source(span.start);
            let local = |span: &Range<usize>| {
                span.start.saturating_sub(source.base)..span.end.saturating_sub(source.base)
            };
            let hidden: Vec<Range<usize>> = hidden.iter().map(local).collect();
            let about = Complaint::about(&source.name, &source.text, &local(&span), &hidden);
            let mut complaint = about.saying(message, help);
            complaint.missing = missing;
            if source.is_shown { complaint } else { complaint.without_its_line() }
        });
        let mut complaints: Vec<Complaint> = complaints.collect();
        complaints.sort_by_key(|complaint| (complaint.line, complaint.column));
        let mut once: Vec<Complaint> = Vec::new();
        for complaint in complaints {
            // Several readers may have looked at one value.
            let place = |one: &Complaint| (one.line, one.column);
            let mut here = once.iter().rev().take_while(|one| place(one) == place(&complaint));
            if !here.any(|one| *one == complaint) {
                once.push(complaint);
            }
        }
        once
    }

    /// The line on which a byte stands.
    pub(super) fn place(&self, at: usize) -> Place {
        let source = self.source(at);
        let before = source.text.bytes().take(at - source.base);
        let breaks = before.filter(|byte| *byte == b'\n').count();
        let preset = (source.base > 0).then(|| Arc::clone(&source.name));
        Place { file: preset, line: u32::try_from(breaks + 1).unwrap_or(u32::MAX) }
    }

    /// The bytes of a line, without what is blank at its end.
    pub(super) fn line_span(&self, place: &Place) -> Range<usize> {
        let of = |source: &&Source| match &place.file {
            Some(name) => source.base > 0 && source.name == *name,
            None => source.base == 0,
        };
        let Some(source) = self.sources.iter().find(of) else { return 0..0 };
        let skip = usize::try_from(place.line).unwrap_or(1).saturating_sub(1);
        let start: usize = source.text.split_inclusive('\n').take(skip).map(str::len).sum();
        let line = source.text[start..].lines().next().map_or(0, |line| line.trim_end().len());
        source.base + start..source.base + start + line
    }
}

/// One value of a tree and what it is called, `flow.sign_in.steps`.
#[derive(Clone)]
pub(super) struct Node<'r, 't> {
    pub(super) reader: &'r Reader<'t>,
    pub(super) value: &'r Spanned<DeValue<'r>>,
    pub(super) path: String,
    base: usize,
    /// The same section of the layers below: what this one does not say is taken from there.
    below: Vec<Layer<'r>>,
}

/// A tree and where the first byte of its text is counted.
#[derive(Clone, Copy)]
pub(super) struct Layer<'r> {
    pub(super) entries: &'r DeTable<'r>,
    pub(super) base: usize,
}

/// A table with fixed keys.
pub(super) struct Table<'r, 't> {
    pub(super) reader: &'r Reader<'t>,
    pub(super) span: Range<usize>,
    pub(super) path: String,
    shape: &'static Shape,
    layers: Vec<Layer<'r>>,
    asked: RefCell<BTreeSet<&'static str>>,
    closed: Cell<bool>,
}

impl<'r, 't> Table<'r, 't> {
    /// The whole profile, its own layer first.
    pub(super) fn root(
        reader: &'r Reader<'t>,
        shape: &'static Shape,
        layers: Vec<Layer<'r>>,
    ) -> Self {
        Self {
            reader,
            span: 0..0,
            path: String::new(),
            shape,
            layers,
            asked: RefCell::default(),
            closed: Cell::new(false),
        }
    }

    /// The value of a key of the shape, from the first layer that has it.
    pub(super) fn get(&self, key: &'static str) -> Option<Node<'r, 't>> {
        debug_assert!(self.shape.has(key), "`{key}` is no key of {}", self.shape.name);
        self.asked.borrow_mut().insert(key);
        #[cfg(test)]
        super::tests::grammar::asked(self.shape.name, key);
        let mut found =
            self.layers.iter().filter_map(|layer| Some((layer.entries.get(key)?, layer.base)));
        let (value, base) = found.next()?;
        // Sections are put together key by key; what stands in them is taken whole.
        let sections = self.path.is_empty() && value.get_ref().is_table();
        let below = found
            .filter(|_| sections)
            .filter_map(|(value, base)| Some(Layer { entries: value.get_ref().as_table()?, base }));
        let path = self.path_of(key);
        Some(Node { reader: self.reader, value, path, base, below: below.collect() })
    }

    /// The value of a key in the profile's own layer.
    pub(super) fn own(&self, key: &'static str) -> Option<Node<'r, 't>> {
        let first = self.layers.first()?;
        self.get(key).filter(|_| first.entries.contains_key(key))
    }

    /// Complains where the key is missing.
    pub(super) fn need(&self, key: &'static str) -> Option<Node<'r, 't>> {
        let node = self.get(key);
        if node.is_none() {
            self.reader.complain(self.span.clone(), format!("{} has no `{key}`", self.name()));
        }
        node
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.layers.iter().any(|layer| layer.entries.contains_key(key))
    }

    pub(super) fn name(&self) -> String {
        if self.path.is_empty() { "the profile".to_owned() } else { format!("[{}]", self.path) }
    }

    /// Takes what was not asked for as asked for: a complaint says already what is wrong with it.
    pub(super) fn give_up(&self) {
        self.asked.borrow_mut().extend(self.shape.all().map(|key| key.name));
    }

    /// Complains about every key that is unknown, and about those that nobody asked for.
    pub(super) fn close(&self) {
        if self.closed.replace(true) {
            return;
        }
        let asked = self.asked.borrow();
        for layer in &self.layers {
            for key in layer.entries.keys() {
                let name: &str = key.get_ref();
                let span = moved(key.span(), layer.base);
                if !self.shape.has(name) {
                    let message = format!("unknown key `{}` in {}", printable(name), self.name());
                    self.reader.complain_with(span, message, Some(self.suggestion(name)));
                } else if asked.contains(name) {
                    self.is_of_its_kind(name, layer);
                } else {
                    self.reader.complain(
                        span,
                        format!("`{name}` does not go with what else stands in {}", self.name()),
                    );
                }
            }
        }
    }

    /// Whoever asked for it may have taken a value of another kind for none.
    fn is_of_its_kind(&self, name: &str, layer: &Layer<'r>) {
        let key = self.shape.all().find(|key| key.name == name);
        if let (Some(key), Some(value)) = (key, layer.entries.get(name)) {
            let path = self.path_of(key.name);
            let node =
                Node { reader: self.reader, value, path, base: layer.base, below: Vec::new() };
            kinds::check(&node, &key.kind);
        }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn suggestion(&self, name: &str) -> String {
        let known = || self.shape.all().map(|key: &Key| key.name);
        meant(name, known()).map_or_else(
            || format!("known here: {}", known().collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean `{near}`?"),
        )
    }

    pub(super) fn text(&self, key: &'static str) -> Option<String> {
        self.get(key)?.text().map(str::to_owned)
    }

    pub(super) fn number(&self, key: &'static str) -> Option<u64> {
        self.get(key)?.number()
    }

    pub(super) fn flag(&self, key: &'static str) -> Option<bool> {
        self.get(key)?.flag()
    }

    pub(super) fn duration(&self, key: &'static str) -> Option<Duration> {
        self.get(key)?.duration()
    }

    /// The values of an array of strings; absent is empty.
    pub(super) fn texts(&self, key: &'static str) -> Vec<String> {
        let nodes = self.get(key).map(|node| node.array()).unwrap_or_default();
        nodes.iter().filter_map(|node| node.text().map(str::to_owned)).collect()
    }
}

impl<'r, 't> Node<'r, 't> {
    pub(super) fn span(&self) -> Range<usize> {
        moved(self.value.span(), self.base)
    }

    pub(super) fn complain(&self, message: impl Into<String>) {
        self.reader.complain(self.span(), message);
    }

    pub(super) fn expected<T>(&self, what: &str) -> Option<T> {
        let found = kind_of(self.value.get_ref());
        self.complain(format!("`{}` is {what}, found {found}", self.path));
        None
    }

    pub(super) fn is_text(&self) -> bool {
        self.value.get_ref().is_str()
    }

    pub(super) fn is_table(&self) -> bool {
        self.value.get_ref().is_table()
    }

    pub(super) fn is_array(&self) -> bool {
        self.value.get_ref().is_array()
    }

    pub(super) fn text(&self) -> Option<&'r str> {
        self.value.get_ref().as_str().or_else(|| self.expected("a string"))
    }

    pub(super) fn flag(&self) -> Option<bool> {
        self.value.get_ref().as_bool().or_else(|| self.expected("true or false"))
    }

    /// `true`, where only that says something.
    pub(super) fn only_true(&self) -> Option<()> {
        if self.flag()? {
            return Some(());
        }
        self.complain(format!("`{}` is true, or not there", self.path));
        None
    }

    pub(super) fn integer(&self) -> Option<i64> {
        let Some(integer) = self.value.get_ref().as_integer() else {
            return self.expected("a whole number");
        };
        i64::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .or_else(|| self.expected("a number of 64 bits"))
    }

    pub(super) fn number(&self) -> Option<u64> {
        let integer = self.integer()?;
        u64::try_from(integer).ok().or_else(|| self.expected("a number from 0"))
    }

    /// `"60s"`, `"5m"`, `"1h"`, `"250ms"`.
    pub(super) fn duration(&self) -> Option<Duration> {
        let text = self.text()?.trim();
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: Option<u64> = text[..digits].parse().ok();
        let duration = number.and_then(|number| match &text[digits..] {
            "ms" => Some(Duration::from_millis(number)),
            "s" => Some(Duration::from_secs(number)),
            "m" => number.checked_mul(60).map(Duration::from_secs),
            "h" => number.checked_mul(3600).map(Duration::from_secs),
            _ => None,
        });
        let says = match duration {
            Some(duration) if duration <= LONGEST => return Some(duration),
            Some(_) => "is longer than a year",
            None => "is a time such as \"250ms\", \"60s\", \"5m\" or \"1h\"",
        };
        self.complain(format!("`{}` {says}", self.path));
        None
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(&self, known: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        if let Some((_, value)) = known.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        let help = meant(text, words.iter().copied()).map_or_else(
            || format!("one of: {}", words.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!("`{}` is not a word for `{}`", printable(text), self.path);
        self.reader.complain_with(self.span(), message, Some(help));
        None
    }

    pub(super) fn table(&self, shape: &'static Shape) -> Option<Table<'r, 't>> {
        Some(Table {
            reader: self.reader,
            span: self.span(),
            path: self.path.clone(),
            shape,
            layers: self.layers()?,
            asked: RefCell::default(),
            closed: Cell::new(false),
        })
    }

    fn layers(&self) -> Option<Vec<Layer<'r>>> {
        let Some(entries) = self.value.get_ref().as_table() else {
            return self.expected("a table");
        };
        let own = Layer { entries, base: self.base };
        Some(std::iter::once(own).chain(self.below.iter().copied()).collect())
    }

    /// The entries of a table whose keys are the writer's own, in the order of the file; those of a
    /// layer below that have no namesake above come last.
    pub(super) fn entries(&self) -> Vec<(String, Range<usize>, Self)> {
        let mut entries: Vec<(String, Range<usize>, Self)> = Vec::new();
        for layer in self.layers().unwrap_or_default() {
            let known: BTreeSet<String> = entries.iter().map(|(name, ..)| name.clone()).collect();
            let more = layer.entries.iter().filter(|(key, _)| !known.contains(&**key.get_ref()));
            entries.extend(more.map(|(key, value)| {
                let path = format!("{}.{}", self.path, printable(key.get_ref()));
                let node = self.within(value, layer.base, path);
                (key.get_ref().clone().into_owned(), moved(key.span(), layer.base), node)
            }));
        }
        entries
    }

    fn within(&self, value: &'r Spanned<DeValue<'r>>, base: usize, path: String) -> Self {
        Self { reader: self.reader, value, path, base, below: Vec::new() }
    }

    pub(super) fn array(&self) -> Vec<Self> {
        let Some(array) = self.value.get_ref().as_array() else {
            return self.expected("a list").unwrap_or_default();
        };
        array.iter().map(|value| self.within(value, self.base, self.path.clone())).collect()
    }

    /// A path that is written relative to the file it is written in.
    pub(super) fn beside(&self, path: &str) -> PathBuf {
        let file = &self.reader.source(self.base).name;
        Path::new(&**file).parent().unwrap_or(Path::new("")).join(path)
    }

    /// A list, or one value in place of a list of one.
    pub(super) fn one_or_many(&self) -> Vec<Self> {
        if self.is_array() { self.array() } else { vec![self.clone()] }
    }

    /// The value as JSON.
    pub(super) fn json(&self) -> Value {
        match self.value.get_ref() {
            DeValue::String(text) => Value::from(text.as_ref()),
            DeValue::Integer(_) => self.integer().map_or(Value::Null, Value::from),
            DeValue::Float(float) => float.as_str().parse::<f64>().map_or(Value::Null, Value::from),
            DeValue::Boolean(flag) => Value::from(*flag),
            DeValue::Datetime(date) => Value::from(date.to_string()),
            DeValue::Array(_) => self.array().iter().map(Self::json).collect(),
            DeValue::Table(_) => Value::Object(
                self.entries().into_iter().map(|(key, _, node)| (key, node.json())).collect(),
            ),
        }
    }
}

fn moved(span: Range<usize>, base: usize) -> Range<usize> {
    span.start + base..span.end + base
}

/// What a value is, in words.
pub(super) fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A text of the profile's, fit to stand in a message.
pub(super) fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}
