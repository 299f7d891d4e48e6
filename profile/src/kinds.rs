//! Whether a value is what the grammar says of its key, whoever reads it afterwards: nothing of a
//! profile is passed over without a word. What a text says by itself (an expression, a template) is for
//! its reader.

use std::ops::Range;

use reports::render::is_plain;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    grammar::Kind,
    reader::{Node, Reader},
};

/// Complains about a value that is not of its kind.
pub(super) fn check(node: &Node<'_, '_>, kind: &'static Kind) {
    match kind {
        Kind::Text | Kind::Regex => {
            if let Some(text) = node.text() {
                one_line(node, text, kind);
            }
        }
        Kind::Template
        | Kind::Selector
        | Kind::Pointer
        | Kind::PointerTemplate
        | Kind::Duration
        | Kind::UrlPart
        | Kind::Words(_)
        | Kind::Verb => {
            node.text();
        }
        Kind::Number => {
            node.number();
        }
        Kind::Integer => {
            node.integer();
        }
        Kind::Flag => {
            node.flag();
        }
        // A value in place of a table may be a secret that is written out: that is said already.
        Kind::Table(_) | Kind::Verbs(_) if node.reader.complains_about(&node.span()) => {}
        Kind::Table(_) | Kind::Verbs(_) => {
            node.entries();
        }
        // Those who read them know of no value that they would pass over.
        Kind::Status | Kind::Value => {}
        Kind::Own(of) => {
            for (name, span, value) in node.entries() {
                if name.is_empty() {
                    node.reader.complain(span, format!("a name in `{}` is empty", node.path));
                }
                check(&value, of);
            }
        }
        // An argument of a program may be empty, or a whole script.
        Kind::List(Kind::Text) => node.array().iter().for_each(|item| check(item, &Kind::Template)),
        Kind::List(of) => node.array().iter().for_each(|item| check(item, of)),
        Kind::Many(of) => {
            let all = node.one_or_many();
            if all.is_empty() {
                node.complain(format!("`{}` is an empty list", node.path));
            }
            all.iter().for_each(|item| check(item, of));
        }
        Kind::Either(kinds) => match kinds.iter().find(|kind| is_of_form(node, kind)) {
            Some(kind) => check(node, kind),
            None if node.reader.complains_about(&node.span()) => {}
            None => {
                let forms: Vec<&str> = kinds.iter().map(form).collect();
                node.expected::<()>(&forms.join(" or "));
            }
        },
    }
}

/// A text that stands in a line of a report, of a header or of a list; an expression may have several.
fn one_line(node: &Node<'_, '_>, text: &str, kind: &Kind) {
    if text.is_empty() {
        node.complain(format!("`{}` is empty", node.path));
    } else if matches!(kind, Kind::Text) && text.contains(['\n', '\r']) {
        node.complain(format!("`{}` is one line", node.path));
    }
}

/// Whether a value looks like one of a kind.
fn is_of_form(node: &Node<'_, '_>, kind: &Kind) -> bool {
    match form(kind) {
        "a table" => node.is_table(),
        "a list" => node.is_array(),
        "a string" => node.is_text(),
        _ => true,
    }
}

/// What a value of a kind looks like in TOML.
fn form(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text
        | Kind::Template
        | Kind::Regex
        | Kind::Selector
        | Kind::Pointer
        | Kind::PointerTemplate
        | Kind::Duration
        | Kind::UrlPart
        | Kind::Words(_)
        | Kind::Verb => "a string",
        Kind::Number | Kind::Integer => "a number",
        Kind::Flag => "true or false",
        Kind::Table(_) | Kind::Own(_) | Kind::Verbs(_) => "a table",
        Kind::List(_) => "a list",
        Kind::Status | Kind::Value | Kind::Many(_) | Kind::Either(_) => "a value",
    }
}

/// Complains about characters that act on a terminal or cannot be seen, wherever they stand: a profile
/// is shown to people, and what it says is sent as it stands.
pub(super) fn acts_on_nothing(reader: &Reader<'_>, base: usize, tree: &DeTable<'_>) {
    for (key, value) in tree {
        let name: &str = key.get_ref();
        seen(reader, moved(key.span(), base), name);
        values(reader, base, value);
    }
}

fn values(reader: &Reader<'_>, base: usize, value: &Spanned<DeValue<'_>>) {
    match value.get_ref() {
        DeValue::String(text) => seen(reader, moved(value.span(), base), text),
        DeValue::Array(items) => items.iter().for_each(|item| values(reader, base, item)),
        DeValue::Table(table) => acts_on_nothing(reader, base, table),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

fn seen(reader: &Reader<'_>, span: Range<usize>, text: &str) {
    let unseen = text.chars().find(|c| !is_plain(*c) && !matches!(c, '\n' | '\r' | '\t'));
    if let Some(c) = unseen {
        let message = format!(
            "a character that cannot be seen, or acts on a terminal (U+{:04X}), stands in a text",
            u32::from(c)
        );
        reader.complain(span, message);
    }
}

fn moved(span: Range<usize>, base: usize) -> Range<usize> {
    span.start + base..span.end + base
}
