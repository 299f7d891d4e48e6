//! What of a recorded answer says that it went well, and where a secret for one-time codes stands.

use std::sync::LazyLock;

use regex::Regex;
use scraper::Selector;
use serde_json::Value;

use super::super::{
    har::{Entry, leaves},
    scrub::Scrub,
    toml::{named, text},
};

/// Words by which JSON says that something went well.
const WELL: &[&str] = &["ok", "success", "authenticated", "verified", "done"];

/// Members that an answer has where it went well, and names of which JSON speaks of its contents.
const CONTENTS: &[&str] =
    &["user", "session", "account", "data", "profile", "credential", "key", "passkey"];

/// A condition that holds of the recorded answer and can tell it from others, as TOML; and whether
/// its redirect must not be followed for that.
pub(super) fn ok_rule(
    entry: &Entry,
    is_new: impl Fn(&str) -> bool,
    scrub: &Scrub,
) -> Option<(String, bool)> {
    let status = entry.status;
    if let Some(to) = entry.redirect() {
        let back = to.path() == entry.url.path();
        let location = text(&scrub.location(&to));
        return (!back).then(|| (format!("status = {status}, location = {location}"), true));
    }
    if status == 204 {
        return Some(("status = 204".to_owned(), false));
    }
    if status >= 400 {
        return None;
    }
    if let Some(json) = entry.json() {
        return json_rule(&json, scrub).map(|rule| (format!("status = {status}, {rule}"), false));
    }
    let new = entry.new_cookies().find_map(|(name, value)| {
        let lasting =
            !value.is_empty() && is_new(&name) && !name.to_ascii_lowercase().contains("csrf");
        lasting.then(|| scrub.name(&name).map(str::to_owned)).flatten()
    });
    new.map(|name| (format!("cookie = {}", text(&name)), false))
}

fn json_rule(json: &Value, scrub: &Scrub) -> Option<String> {
    let members = json.as_object()?;
    let says_error =
        |name: &str| ["error", "errors", "fail"].iter().any(|word| name.contains(word));
    let named: Vec<(&str, &Value)> = members
        .iter()
        .filter_map(|(name, value)| Some((scrub.name(name)?, value)))
        .filter(|(name, _)| !says_error(name))
        .collect();
    let pointer = |name: &str| text(&format!("/{}", name.replace('~', "~0").replace('/', "~1")));
    for (name, value) in &named {
        let equals = match value {
            Value::Bool(true) => "true".to_owned(),
            Value::Number(number) if number.as_u64() == Some(1) => "1".to_owned(),
            Value::String(word) if WELL.contains(&word.to_ascii_lowercase().as_str()) => text(word),
            Value::String(_)
            | Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => continue,
        };
        return Some(format!("json = {}, equals = {equals}", pointer(name)));
    }
    let content = named.iter().find(|(name, value)| CONTENTS.contains(name) && !value.is_null());
    content.map(|(name, _)| format!("json = {}", pointer(name)))
}

static BASE32: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:[A-Z2-7]{16,}|[a-z2-7]{16,}|(?:[A-Z2-7]{4}[- ]){3,}[A-Z2-7]{1,4}|(?:[a-z2-7]{4}[- ]){3,}[a-z2-7]{1,4})=*$").ok()
});

/// Grouped or not, between the tags of a page.
const IN_TEXT: &str = r">\s*((?:[A-Z2-7]{4}[- ]){3,}[A-Z2-7]{1,4}|[A-Z2-7]{16,})\s*<";

const URI: &str = r#"(otpauth://[^"'<>\s\\]+)"#;

fn is_secret(text: &str) -> bool {
    BASE32.as_ref().is_some_and(|regex| regex.is_match(text.trim()))
}

/// Where a secret for one-time codes stands in an answer, as an extractor.
pub(super) fn secret(answer: &str) -> Option<Vec<(&'static str, String)>> {
    #[cfg(test)]
    super::super::tests::works(answer.len());
    let clean = ("transforms", r#"["strip:- ", "upper"]"#.to_owned());
    if let Ok(json) = serde_json::from_str::<Value>(answer) {
        let mut found = None;
        leaves(&json, "", &mut |name, at, value| {
            if found.is_some() {
                return;
            }
            let lower = name.to_ascii_lowercase();
            if value.starts_with("otpauth://") {
                found = Some(vec![
                    ("json", text(at)),
                    ("transforms", r#"["query:secret"]"#.to_owned()),
                ]);
            } else if (lower.contains("secret") || lower.contains("key")) && is_secret(&value) {
                found = Some(vec![("json", text(at)), clean.clone()]);
            }
        });
        return found;
    }
    if !answer.trim_start().starts_with('<') {
        return None;
    }
    let html = html::parse(answer);
    let selector = Selector::parse("input[value]").ok()?;
    let input = html.select(&selector).find(|input| {
        let name = format!(
            "{} {}",
            input.attr("id").unwrap_or_default(),
            input.attr("name").unwrap_or_default()
        )
        .to_ascii_lowercase();
        let speaks = name.contains("secret") || name.contains("key") || name.contains("totp");
        speaks && is_secret(input.attr("value").unwrap_or_default())
    });
    if let Some(input) = input {
        let css = match (input.attr("id"), input.attr("name")) {
            (Some(id), _) => format!("input[id=\"{}\"]", id.replace('"', "\\\"")),
            (None, name) => format!("input{}", named(name.unwrap_or_default())),
        };
        return Some(vec![("css", text(&css)), ("attr", text("value")), clean]);
    }
    if Regex::new(URI).ok()?.is_match(answer) {
        return Some(vec![
            ("regex", text(URI)),
            ("transforms", r#"["html-unescape", "query:secret"]"#.to_owned()),
        ]);
    }
    let speaks = ["authenticator", "totp", "one-time", "2fa", "two-factor"];
    let lower = answer.to_ascii_lowercase();
    let on_page = speaks.iter().any(|word| lower.contains(word))
        && Regex::new(IN_TEXT).ok()?.is_match(answer);
    on_page.then(|| vec![("regex", text(IN_TEXT)), clean])
}
