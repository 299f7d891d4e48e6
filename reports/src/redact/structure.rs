//! Secrets that give themselves away by where they stand: headers, members and fields named like one.
//! Works on the text as it is, so that a body that is no proper JSON still shows what was sent.

use percent_encoding::percent_decode_str;
use serde_json::{Number, Value};

use super::{HIDDEN, Redactor};
use crate::record::{COMMAND, Exchange};

/// Names, in lower case without hyphens and underscores, whose value is a secret.
const SECRET_NAMES: &[&str] = &[
    "password",
    "passwd",
    "pass",
    "pwd",
    "passphrase",
    "passcode",
    "old",
    "new",
    "current",
    "code",
    "otp",
    "totp",
    "totpcode",
    "otpcode",
    "secret",
    "token",
    "sessionid",
    "sid",
];

/// Ends of such names: `access_token`, `new_password`, `client_secret`.
const SECRET_ENDS: &[&str] =
    &["password", "passwd", "token", "secret", "otp", "recoverycode", "backupcode"];

/// Words that cannot be secrets, because reports are full of them.
const CLASSES: &[&str] = &["cookie", "key", "canary", "session"];

/// Numbers with fewer digits are statuses and counts, not codes.
const CODE_DIGITS: usize = 4;

/// How many pseudonyms may stand within one another.
const NESTED: u8 = 2;

/// Whether a value is a word of our own, and so cannot be taken out of texts.
pub(super) fn is_vocabulary(value: &str) -> bool {
    SECRET_NAMES.contains(&value) || CLASSES.contains(&value)
}

/// Texts, and numbers that are long enough for a code.
pub(super) fn leaves(value: &Value, take: &mut impl FnMut(&str)) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => {
            Some(number.to_string())
                .filter(|text| text.len() >= CODE_DIGITS)
                .iter()
                .for_each(|text| take(text));
        }
        Value::String(text) => take(text),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, take)),
        Value::Object(members) => members.values().for_each(|member| leaves(member, take)),
    }
}

fn names_a_secret(name: &str) -> bool {
    let name: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    SECRET_NAMES.contains(&name.as_str())
        || SECRET_ENDS.iter().any(|end| name.ends_with(end))
        || name.contains("csrf")
        || name.contains("xsrf")
}

pub(super) fn exchange(redactor: &Redactor, exchange: Exchange) -> Exchange {
    let body = |text: Option<String>, headers: &[(String, String)]| {
        text.map(|text| {
            redactor.text(&if is_form(headers, &text) {
                fields(redactor, &text)
            } else {
                members(redactor, &text)
            })
        })
    };
    let request_body = body(exchange.request_body, &exchange.request_headers);
    let printed = exchange
        .response_body
        .map(|text| if exchange.method == COMMAND { lines(redactor, &text) } else { text });
    let response_body = body(printed, &exchange.response_headers);
    Exchange {
        url: redactor.text(&url(redactor, &exchange.url)),
        request_headers: headers(redactor, exchange.request_headers),
        request_body,
        response_headers: headers(redactor, exchange.response_headers),
        response_body,
        error: exchange.error.map(|error| redactor.text(&error)),
        ..exchange
    }
}

/// Names of fields that stand before many another word in what a program prints.
const EVERYDAY: &[&str] = &["old", "new", "current", "pass", "code"];

/// What a command printed: `NAME=value` and `name: value` wherever they stand, where the name says that
/// it is a secret. In quotation marks, members are looked for besides.
fn lines(redactor: &Redactor, text: &str) -> String {
    text.split_inclusive('\n').map(|line| one_line(redactor, line)).collect()
}

fn one_line(redactor: &Redactor, line: &str) -> String {
    let (mut shown, mut copied, mut from) = (String::new(), 0, 0);
    for (at, separator) in line.char_indices().filter(|(_, c)| matches!(c, '=' | ':' | '<')) {
        if at < from {
            continue;
        }
        if separator == '<' {
            from = after_label(&line[at..]).map_or(from, |after| line.len() - after.len());
            continue;
        }
        let word = line[from..at].trim_end_matches('\'');
        let name = word.rsplit(|c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c)).next();
        let name = name.unwrap_or_default();
        let rest = line[at + 1..].trim_start_matches([' ', '\t', '\'']);
        let value = printed_value(rest, word.trim_start() == name);
        let digits = value.bytes().all(|byte| byte.is_ascii_digit());
        let everyday = separator == ':' && EVERYDAY.contains(&&*name.to_ascii_lowercase());
        let small = digits && value.len() < CODE_DIGITS;
        if value.is_empty() || !names_a_secret(name) || small || everyday && !digits {
            continue;
        }
        let start = line.len() - rest.len();
        shown.push_str(&line[copied..start]);
        shown.push_str(&hidden(redactor, name, value));
        copied = start + value.len();
        from = copied;
    }
    shown + &line[copied..]
}

/// A value of a line that a command printed, which may be all that stands there after its name.
fn printed_value(rest: &str, is_whole: bool) -> &str {
    if let Some(after) = after_label(rest) {
        return &rest[..rest.len() - after.len()];
    }
    let ends = |c: char| c.is_whitespace() && !is_whole || "\r\n'\",;&".contains(c);
    rest.split(ends).next().unwrap_or_default().trim_end()
}

/// A number, unless it is a secret that is known.
fn known_number(redactor: &Redactor, number: &Number) -> Value {
    let text = number.to_string();
    let shown = redactor.text(&text);
    if shown == text { number.clone().into() } else { shown.into() }
}

pub(super) fn value(redactor: &Redactor, value: &Value) -> Value {
    fn walk(redactor: &Redactor, value: &Value, name: Option<&str>) -> Value {
        match (value, name) {
            (Value::Null | Value::Bool(_), _) => value.clone(),
            (Value::Number(number), None) => known_number(redactor, number),
            (Value::Number(number), Some(name)) => {
                let text = number.to_string();
                if text.len() < CODE_DIGITS {
                    value.clone()
                } else {
                    hidden(redactor, name, &text).into()
                }
            }
            (Value::String(text), Some(name)) => {
                redactor.text(&hidden(redactor, name, text)).into()
            }
            (Value::String(text), None) => redactor.text(&url(redactor, text)).into(),
            (Value::Array(items), name) => {
                items.iter().map(|item| walk(redactor, item, name)).collect()
            }
            (Value::Object(members), outer) => members
                .iter()
                .map(|(name, value)| {
                    let carries = names_a_secret(name).then_some(name.as_str()).or(outer);
                    (redactor.text(name), walk(redactor, value, carries))
                })
                .collect(),
        }
    }
    walk(redactor, value, None)
}

/// The pseudonym of a value under the name that gives it away; nothing stays nothing, and what was
/// redacted before stays as it is.
fn hidden(redactor: &Redactor, name: &str, value: &str) -> String {
    if value.is_empty() || is_label(value) {
        return value.to_owned();
    }
    let class: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
        .take(32)
        .collect();
    redactor.pseudonym(&class, value)
}

/// Whether nothing but pseudonyms, and what was hidden beside them, is left of a value.
fn is_label(value: &str) -> bool {
    let mut rest = value;
    while let Some(next) = rest.strip_prefix(HIDDEN).or_else(|| after_label(rest)) {
        rest = next;
    }
    rest.is_empty()
}

/// What follows a pseudonym that a text begins with.
fn after_label(text: &str) -> Option<&str> {
    after_label_of(text, NESTED)
}

/// Of a pseudonym that was looked at like any other text, parts may have been hidden or replaced: its
/// class held a secret, or its hash is written like a code.
fn after_label_of(text: &str, nested: u8) -> Option<&str> {
    let within = |rest| after_label_of(rest, nested.checked_sub(1)?);
    let class = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let mut rest = text.strip_prefix('<')?.trim_start_matches(class);
    while let Some(next) = rest.strip_prefix(HIDDEN).or_else(|| within(rest)) {
        rest = next.trim_start_matches(class);
    }
    let hash = rest.strip_prefix(':')?;
    after_hash(hash).or_else(|| within(hash))?.strip_prefix('>')
}

fn after_hash(text: &str) -> Option<&str> {
    let (hash, rest) = text.split_at_checked(4)?;
    hash.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(rest)
}

fn headers(redactor: &Redactor, headers: Vec<(String, String)>) -> Vec<(String, String)> {
    headers
        .into_iter()
        .map(|(name, value)| {
            let value = redactor.text(&header(redactor, &name, &value));
            (redactor.text(&name), value)
        })
        .collect()
}

fn header(redactor: &Redactor, name: &str, value: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "cookie" => {
            value.split(';').map(|pair| cookie(redactor, pair)).collect::<Vec<_>>().join(";")
        }
        "set-cookie" => match value.split_once(';') {
            Some((pair, attributes)) => format!("{};{attributes}", cookie(redactor, pair)),
            None => cookie(redactor, value),
        },
        "authorization" | "proxy-authorization" => match value.split_once(' ') {
            Some((scheme, credentials)) => {
                format!("{scheme} {}", hidden(redactor, "token", credentials))
            }
            None => hidden(redactor, "token", value),
        },
        "location" | "referer" | "refresh" | "content-location" | "link" => url(redactor, value),
        other if names_a_secret(other) => hidden(redactor, name, value),
        _ => value.to_owned(),
    }
}

fn cookie(redactor: &Redactor, pair: &str) -> String {
    match pair.split_once('=') {
        Some((name, value)) => format!("{name}={}", hidden(redactor, "cookie", value.trim())),
        None => hidden(redactor, "cookie", pair),
    }
}

/// A URL with the secrets in its query and fragment replaced.
fn url(redactor: &Redactor, url: &str) -> String {
    let Some(at) = url.find(['?', '#']) else {
        return url.to_owned();
    };
    let (path, rest) = url.split_at(at);
    let rest = rest.split_inclusive(['?', '#']).map(|part| match part.strip_suffix(['?', '#']) {
        Some(query) => format!("{}{}", fields(redactor, query), &part[query.len()..]),
        None => fields(redactor, part),
    });
    std::iter::once(path.to_owned()).chain(rest).collect()
}

fn is_form(headers: &[(String, String)], body: &str) -> bool {
    let declared = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    match declared {
        Some((_, kind)) if kind.contains("x-www-form-urlencoded") => true,
        Some((_, kind)) if kind.contains("json") || kind.contains("html") => false,
        _ => {
            body.contains('=')
                && !body.contains(|c: char| c.is_whitespace() || matches!(c, '{' | '<' | '"'))
        }
    }
}

/// A form or query with the values of secret fields replaced; the rest stays byte for byte.
fn fields(redactor: &Redactor, form: &str) -> String {
    form.split('&').map(|pair| field(redactor, pair)).collect::<Vec<_>>().join("&")
}

fn field(redactor: &Redactor, pair: &str) -> String {
    match pair.split_once('=') {
        Some((name, value)) if names_a_secret(&decoded(name)) => {
            format!("{name}={}", hidden(redactor, &decoded(name), &decoded(value)))
        }
        _ => pair.to_owned(),
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// JSON, or anything that holds some, with the values of secret members replaced; the rest stays byte
/// for byte. Knows only strings, numbers, brackets, commas and colons, so that broken JSON will do.
fn members(redactor: &Redactor, json: &str) -> String {
    let mut walk = Walk {
        redactor,
        json,
        at: 0,
        copied: 0,
        out: String::new(),
        carrying: None,
        inside: None,
        depth: 0,
    };
    while let Some(byte) = json.as_bytes().get(walk.at) {
        walk.step(*byte);
    }
    walk.out.push_str(&json[walk.copied..]);
    walk.out
}

struct Walk<'a> {
    redactor: &'a Redactor,
    json: &'a str,
    at: usize,
    copied: usize,
    out: String,
    /// Name of the secret member whose value comes next.
    carrying: Option<String>,
    /// Name of the secret member whose array or object this is, and the depth of it.
    inside: Option<(String, usize)>,
    depth: usize,
}

impl Walk<'_> {
    fn step(&mut self, byte: u8) {
        match byte {
            b'"' => return self.string(),
            b'0'..=b'9' | b'-' => return self.number(),
            b'<' => {
                if let Some(rest) = after_label(&self.json[self.at..]) {
                    self.at = self.json.len() - rest.len();
                    return;
                }
            }
            b'{' | b'[' => {
                self.depth += 1;
                if let (Some(name), None) = (self.carrying.take(), &self.inside) {
                    self.inside = Some((name, self.depth));
                }
            }
            b'}' | b']' => {
                if self.inside.as_ref().is_some_and(|(_, depth)| *depth >= self.depth) {
                    self.inside = None;
                }
                self.depth = self.depth.saturating_sub(1);
                self.carrying = None;
            }
            b',' => self.carrying = None,
            _ => {}
        }
        self.at += 1;
    }

    fn string(&mut self) {
        let start = self.at + 1;
        let end = string_end(self.json.as_bytes(), start);
        let content = &self.json[start..end];
        let closed = self.json.as_bytes().get(end) == Some(&b'"');
        self.at = if closed { end + 1 } else { end };
        let after = self.json[self.at..].trim_start();
        if closed && after.starts_with(':') {
            let name = unescaped(content);
            self.carrying = names_a_secret(&name).then_some(name);
        } else if let Some(name) = self.secret() {
            let label = hidden(self.redactor, &name, &unescaped(content));
            self.replace(start, end, &label);
            self.carrying = None;
        } else if content.contains(['?', '#']) {
            let url = url(self.redactor, content);
            self.replace(start, end, &url);
        }
    }

    fn number(&mut self) {
        let start = self.at;
        let digits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
        let length = self.json[start..].find(|c| !digits(c)).unwrap_or(self.json.len() - start);
        self.at = start + length;
        if let Some(name) = self.secret()
            && length >= CODE_DIGITS
        {
            let label = hidden(self.redactor, &name, &self.json[start..self.at]);
            let label = format!("\"{label}\"");
            self.replace(start, self.at, &label);
            self.carrying = None;
        }
    }

    fn secret(&self) -> Option<String> {
        self.carrying.clone().or_else(|| self.inside.as_ref().map(|(name, _)| name.clone()))
    }

    fn replace(&mut self, start: usize, end: usize, with: &str) {
        self.out.push_str(&self.json[self.copied..start]);
        self.out.push_str(with);
        self.copied = end;
    }
}

/// The index of the quote that ends a string, or of what ends it without one.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' | b'\n' => return at,
            // An escaped character beyond ASCII has more bytes; none of them is a quote.
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn unescaped(content: &str) -> String {
    serde_json::from_str(&format!("\"{content}\"")).unwrap_or_else(|_| content.to_owned())
}
