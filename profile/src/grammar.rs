//! The grammar of the profile language: every table and every key, once. The reader takes only what
//! stands here; the JSON Schema for editors and the reference in docs/ are rendered from it.

mod pages;
mod portal;
mod steps;

pub(super) use self::{
    pages::{CONTROL, PAGE, PAGE_RULE, PAGE_STEP},
    portal::{
        ACTORS, DRIVER, EXCLUDED, LENT, LIFETIMES, LIMITS, LOCKOUT, MAIL, MAIL_SOURCE, PASSWORD,
        POLICY, PORTAL, RECOGNISER, ROOT, SCOPE, SECRET, TOTP,
    },
    steps::{
        ANSWER_MAPPING, ANSWERS, CONDITION, CSRF, EXTRACTOR, FLOW, INTERRUPT, MAPPING, RULE, STEP,
    },
};

/// A table of the language.
#[derive(Debug)]
pub(super) struct Shape {
    /// What the reference and the schema call it.
    pub(super) name: &'static str,
    /// What it is for.
    pub(super) says: &'static str,
    /// A table whose keys may stand in this one as well.
    pub(super) also: Option<&'static Self>,
    /// Its own keys.
    pub(super) keys: &'static [Key],
}

/// A key of a table.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) says: &'static str,
    /// Its value in an example, as TOML.
    pub(super) example: &'static str,
    /// Whether a profile must say it.
    pub(super) needed: bool,
}

/// What a key's value may be.
#[derive(Debug)]
pub(super) enum Kind {
    /// A text.
    Text,
    /// A text with places for values.
    Template,
    /// A regular expression.
    Regex,
    /// A CSS selector.
    Selector,
    /// A JSON pointer.
    Pointer,
    /// A JSON pointer with places for values.
    PointerTemplate,
    /// A whole number from 0.
    Number,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Flag,
    /// A time, `"60s"`.
    Duration,
    /// A status, or a class of them.
    Status,
    /// A URL, or which part of it.
    UrlPart,
    /// One of some words.
    Words(fn() -> Vec<&'static str>),
    /// Any value; texts in it are templates.
    Value,
    /// A table of the language.
    Table(&'static Shape),
    /// A table whose keys are the writer's own.
    Own(&'static Kind),
    /// A table for each verb.
    Verbs(&'static Shape),
    /// The name of a verb.
    Verb,
    /// A list.
    List(&'static Kind),
    /// A list, or one value in place of a list of one.
    Many(&'static Kind),
    /// One of several kinds.
    Either(&'static [Kind]),
}

impl Shape {
    /// Every key that may stand in it, its own first.
    pub(super) fn all(&self) -> impl Iterator<Item = &'static Key> {
        let more = self.also.map_or(&[][..], |shape| shape.keys);
        self.keys.iter().chain(more)
    }

    /// Whether a key may stand in it.
    pub(super) fn has(&self, key: &str) -> bool {
        self.all().any(|known| known.name == key)
    }
}

const fn key(name: &'static str, kind: Kind, example: &'static str, says: &'static str) -> Key {
    Key { name, kind, says, example, needed: false }
}

const fn needed(name: &'static str, kind: Kind, example: &'static str, says: &'static str) -> Key {
    Key { name, kind, says, example, needed: true }
}
