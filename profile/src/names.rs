//! Names that HTTP, XML and the environment know: of headers, cookies, elements and variables. One that
//! cannot be is a slip.

use std::ops::Range;

use super::{
    reader::{Node, Reader, printable},
    steps,
    template::{Part, Template},
};

/// Headers by name, in the order of the profile.
pub(super) fn headers(node: &Node<'_, '_>) -> Vec<(String, Template)> {
    let headers = steps::templates(node);
    for (name, span, _) in node.entries() {
        is(node.reader, span, "header", &name, is_token);
    }
    for (name, template) in &headers {
        let sendable = |c: char| matches!(c, ' '..='~' | '\t');
        let wrong = template.parts.iter().any(|part| match part {
            Part::Text(text) => !text.chars().all(sendable),
            Part::Place(_) => false,
        });
        if wrong {
            let message = format!("the header `{}` is one line of ASCII", printable(name));
            node.reader.complain(template.span.clone(), message);
        }
    }
    headers
}

/// Variables of an environment.
pub(super) fn variables(node: &Node<'_, '_>) -> Vec<(String, Template)> {
    for (name, span, _) in node.entries() {
        is(node.reader, span, "variable", &name, is_variable);
    }
    steps::templates(node)
}

/// The name of a header.
pub(super) fn header(node: &Node<'_, '_>) -> Option<String> {
    named(node, "header", is_token)
}

/// The name of a cookie. Browsers take more than the standard has.
pub(super) fn cookie(node: &Node<'_, '_>) -> Option<String> {
    named(node, "cookie", |name| !name.contains([' ', '\t', ';', ',', '=']))
}

/// The name of an element, with its prefix.
pub(super) fn xml(node: &Node<'_, '_>) -> Option<String> {
    named(node, "XML element", |name| {
        let starts = name.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | ':'));
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '-' | '.');
        starts && name.chars().all(fits)
    })
}

/// The name of a variable of the environment.
pub(super) fn variable(node: &Node<'_, '_>) -> Option<String> {
    named(node, "variable", is_variable)
}

fn named(node: &Node<'_, '_>, what: &str, fits: fn(&str) -> bool) -> Option<String> {
    let name = node.text()?;
    is(node.reader, node.span(), what, name, fits).then(|| name.to_owned())
}

/// Whether a text is a name; an empty one is complained about elsewhere.
fn is(
    reader: &Reader<'_>,
    span: Range<usize>,
    what: &str,
    name: &str,
    fits: fn(&str) -> bool,
) -> bool {
    let is = name.is_empty() || fits(name);
    if !is {
        reader.complain(span, format!("no {what} can be called `{}`", printable(name)));
    }
    is
}

/// RFC 9110, 5.6.2.
fn is_token(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    name.chars().all(fits)
}

fn is_variable(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(fits)
}
