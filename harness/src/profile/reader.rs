//! Walks a TOML tree that remembers where everything stood, and collects complaints on the way.
//! Every table remembers the keys it was asked for: the others are unknown, and the nearest of the
//! asked ones is suggested.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    ops::Range,
    time::Duration,
};

use serde_json::Value;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::complaint::{Complaint, nearest};

/// A profile's text and what is wrong with it so far.
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) file: &'t str,
    complaints: RefCell<Vec<Remark>>,
    hidden: RefCell<Vec<Range<usize>>>,
}

/// A complaint before it is known what must not be shown.
struct Remark {
    span: Range<usize>,
    message: String,
    help: Option<String>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, file: &'t str) -> Self {
        Self { text, file, complaints: RefCell::default(), hidden: RefCell::default() }
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
        self.complaints.borrow_mut().push(Remark { span, message: message.into(), help });
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

    pub(super) fn any(&self) -> bool {
        !self.complaints.borrow().is_empty()
    }

    pub(super) fn into_complaints(self) -> Vec<Complaint> {
        let hidden = self.hidden.into_inner();
        let complaints =
            self.complaints.into_inner().into_iter().map(|Remark { span, message, help }| {
                Complaint::about(self.file, self.text, &span, &hidden).saying(message, help)
            });
        let mut complaints: Vec<Complaint> = complaints.collect();
        complaints.sort_by_key(|complaint| (complaint.line, complaint.column));
        complaints.dedup();
        complaints
    }

    /// The line on which a byte stands, from 1.
    pub(super) fn line(&self, at: usize) -> u32 {
        let before = self.text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count();
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    }
}

/// One value of the tree and what it is called, `flow.sign_in.steps`.
#[derive(Clone)]
pub(super) struct Node<'r, 't> {
    pub(super) reader: &'r Reader<'t>,
    pub(super) value: &'r Spanned<DeValue<'t>>,
    pub(super) path: String,
}

/// A table with fixed keys.
pub(super) struct Table<'r, 't> {
    pub(super) reader: &'r Reader<'t>,
    pub(super) span: Range<usize>,
    pub(super) path: String,
    entries: &'r DeTable<'t>,
    asked: RefCell<BTreeSet<&'static str>>,
    closed: Cell<bool>,
}

impl<'r, 't> Table<'r, 't> {
    pub(super) fn root(reader: &'r Reader<'t>, entries: &'r DeTable<'t>) -> Self {
        Self {
            reader,
            span: 0..0,
            path: String::new(),
            entries,
            asked: RefCell::default(),
            closed: Cell::new(false),
        }
    }

    pub(super) fn get(&self, key: &'static str) -> Option<Node<'r, 't>> {
        self.asked.borrow_mut().insert(key);
        let value = self.entries.get(key)?;
        let path =
            if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Some(Node { reader: self.reader, value, path })
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
        self.entries.contains_key(key)
    }

    pub(super) fn name(&self) -> String {
        if self.path.is_empty() { "the profile".to_owned() } else { format!("[{}]", self.path) }
    }

    /// Complains about every key that was never asked for.
    pub(super) fn close(&self) {
        if self.closed.replace(true) {
            return;
        }
        let asked = self.asked.borrow();
        for key in self.entries.keys().filter(|key| !asked.contains(key.get_ref().as_ref())) {
            let name: &str = key.get_ref();
            let help = nearest(name, asked.iter().copied())
                .map(|near| format!("did you mean `{near}`?"))
                .or_else(|| {
                    Some(format!(
                        "known here: {}",
                        asked.iter().copied().collect::<Vec<_>>().join(", ")
                    ))
                });
            let message = format!("unknown key `{}` in {}", printable(name), self.name());
            self.reader.complain_with(key.span(), message, help);
        }
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
        self.value.span()
    }

    pub(super) fn complain(&self, message: impl Into<String>) {
        self.reader.complain(self.span(), message);
    }

    fn expected<T>(&self, what: &str) -> Option<T> {
        let found = match self.value.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "a number",
            DeValue::Float(_) => "a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
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
        duration.or_else(|| {
            self.complain(format!(
                "`{}` is a time such as \"250ms\", \"60s\", \"5m\" or \"1h\"",
                self.path
            ));
            None
        })
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(&self, known: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        if let Some((_, value)) = known.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        let help = nearest(text, words.iter().copied()).map_or_else(
            || format!("one of: {}", words.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!("`{}` is not a word for `{}`", printable(text), self.path);
        self.reader.complain_with(self.span(), message, Some(help));
        None
    }

    pub(super) fn table(&self) -> Option<Table<'r, 't>> {
        let Some(entries) = self.value.get_ref().as_table() else {
            return self.expected("a table");
        };
        Some(Table {
            reader: self.reader,
            span: self.span(),
            path: self.path.clone(),
            entries,
            asked: RefCell::default(),
            closed: Cell::new(false),
        })
    }

    /// The entries of a table whose keys are the writer's own, in the order of the file.
    pub(super) fn entries(&self) -> Vec<(String, Range<usize>, Self)> {
        let Some(entries) = self.value.get_ref().as_table() else {
            return self.expected("a table").unwrap_or_default();
        };
        let entries = entries.iter().map(|(key, value)| {
            let node = Node {
                reader: self.reader,
                value,
                path: format!("{}.{}", self.path, printable(key.get_ref())),
            };
            (key.get_ref().clone().into_owned(), key.span(), node)
        });
        entries.collect()
    }

    pub(super) fn array(&self) -> Vec<Self> {
        let Some(array) = self.value.get_ref().as_array() else {
            return self.expected("a list").unwrap_or_default();
        };
        array
            .iter()
            .map(|value| Node { reader: self.reader, value, path: self.path.clone() })
            .collect()
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

/// A text of the profile's, fit to stand in a message.
pub(super) fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}
