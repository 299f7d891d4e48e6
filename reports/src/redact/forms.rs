//! The forms in which a secret may turn up: as it is, escaped for JSON, HTML and URLs, in base64 at
//! any alignment, and in hexadecimal.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::words;

words! {
    /// How a secret was written.
    Form {
        /// As it is.
        Plain => "plain",
        /// Escaped in a JSON string.
        Json => "json",
        /// Escaped in HTML or XML.
        Html => "html",
        /// Percent-encoded.
        Percent => "percent",
        /// Base64.
        Base64 => "base64",
        /// Base64url.
        Base64Url => "base64url",
        /// Hexadecimal.
        Hex => "hex",
    }
}

/// Secrets shorter than this are looked for as whole words only, and not in base64 or hexadecimal.
const WORDS_BELOW: usize = 6;

/// From this length on a secret is found inside of longer base64 too.
const EMBEDDED_FROM: usize = 8;

/// Codes of authenticators: digits only, up to this length. They are taken as whole words.
const CODE_LENGTH: usize = 8;

/// What `application/x-www-form-urlencoded` leaves alone (a space, too: it becomes a plus).
const FORM: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_').remove(b' ');
/// What `encodeURIComponent` leaves alone.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');
/// What must be escaped in a path segment, RFC 3986 pchar.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Whether a secret counts only where it stands as a word of its own.
pub(super) fn is_word(value: &str) -> bool {
    value.len() < WORDS_BELOW
        || (value.len() <= CODE_LENGTH && value.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Every form of a secret, each once, the plainest name first.
pub(super) fn forms(value: &str) -> Vec<(Form, String)> {
    let mut forms = vec![(Form::Plain, value.to_owned())];
    forms.extend(json(value).map(|text| (Form::Json, text)));
    forms.extend(html(value).map(|text| (Form::Html, text)));
    forms.extend(percent(value).map(|text| (Form::Percent, text)));
    if !is_word(value) {
        forms.extend(base64(value));
        forms.extend(hex(value).map(|text| (Form::Hex, text)));
    }
    let mut seen = std::collections::HashSet::new();
    forms.retain(|(_, text)| !text.is_empty() && seen.insert(text.clone()));
    forms
}

fn json(value: &str) -> impl Iterator<Item = String> {
    let quoted = serde_json::Value::from(value).to_string();
    let plain = quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned();
    let slashes = plain.replace('/', "\\/");
    [
        ascii(&plain, false, false),
        ascii(&slashes, false, false),
        ascii(&plain, true, false),
        ascii(&plain, true, true),
        slashes,
        plain,
    ]
    .into_iter()
}

/// JSON as frameworks write it that keep to ASCII, and those that also escape what HTML would read.
fn ascii(json: &str, markup: bool, upper: bool) -> String {
    let mut out = String::new();
    for c in json.chars() {
        if c.is_ascii() && !(markup && matches!(c, '<' | '>' | '&' | '\'' | '+' | '=')) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            out.push_str(&if upper { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") });
        }
    }
    out
}

fn html(value: &str) -> impl Iterator<Item = String> {
    let text = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let attribute = text.replace('"', "&quot;");
    [
        attribute.replace('\'', "&#39;"),
        attribute.replace('\'', "&#x27;"),
        attribute.replace('\'', "&#039;"),
        attribute.replace('\'', "&apos;"),
        text.replace('"', "&#34;").replace('\'', "&#39;"),
        attribute
            .replace('\'', "&#x27;")
            .replace('+', "&#x2B;")
            .replace('/', "&#x2F;")
            .replace('=', "&#x3D;"),
        attribute.replace('\'', "&#39;").replace('+', "&#43;"),
        attribute,
        text,
    ]
    .into_iter()
}

fn percent(value: &str) -> impl Iterator<Item = String> {
    let encode = |set| utf8_percent_encode(value, set).to_string();
    let upper =
        [encode(FORM).replace(' ', "+"), encode(COMPONENT), encode(PATH), encode(NON_ALPHANUMERIC)];
    let lower = upper.clone().map(|text| lower_escapes(&text));
    upper.into_iter().chain(lower)
}

fn lower_escapes(text: &str) -> String {
    text.chars()
        .scan(0_u8, |inside, c| {
            let lowered = if *inside > 0 { c.to_ascii_lowercase() } else { c };
            *inside = if c == '%' { 2 } else { inside.saturating_sub(1) };
            Some(lowered)
        })
        .collect()
}

/// Base64 of the value by itself, and the part of it that no neighbour can change at each of the three
/// alignments within something longer.
fn base64(value: &str) -> impl Iterator<Item = (Form, String)> {
    let alone = [
        (Form::Base64, STANDARD_NO_PAD.encode(value)),
        (Form::Base64Url, URL_SAFE_NO_PAD.encode(value)),
    ];
    let alignments = if value.len() >= EMBEDDED_FROM { 0..3 } else { 0..0 };
    let embedded = alignments.flat_map(|before| {
        [
            (Form::Base64, core(value, before, &STANDARD_NO_PAD)),
            (Form::Base64Url, core(value, before, &URL_SAFE_NO_PAD)),
        ]
    });
    alone.into_iter().chain(embedded.collect::<Vec<_>>())
}

fn core(value: &str, before: usize, engine: &base64::engine::GeneralPurpose) -> String {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(value.as_bytes());
    let encoded = engine.encode(&bytes);
    // Six bits a character: the first whole one after the neighbour, the last whole one before the next.
    let first = (before * 8).div_ceil(6);
    let last = bytes.len() * 8 / 6;
    encoded.get(first..last).unwrap_or_default().to_owned()
}

fn hex(value: &str) -> impl Iterator<Item = String> {
    let lower: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
    let upper = lower.to_ascii_uppercase();
    [lower, upper].into_iter()
}
