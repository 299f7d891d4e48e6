//! Reads a HAR file: what a browser sent and got, in order. Only what the draft needs of it.

use std::collections::HashSet;

use base64::{Engine, prelude::BASE64_STANDARD};
use profile::error::Error;
use serde_json::Value;
use url::Url;

use super::Target;

/// Most entries that are read.
const MOST: usize = 5000;

/// What a browser did at a portal.
#[derive(Debug)]
pub struct Recording {
    /// At the portal's origin, in order.
    pub(super) entries: Vec<Entry>,
    /// Other origins that the browser spoke to.
    others: Vec<String>,
}

/// One request and its answer.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) method: &'static str,
    pub(super) url: Url,
    /// Of the request, names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Body,
    pub(super) status: u16,
    /// Of the answer, names in lower case.
    pub(super) answer_headers: Vec<(String, String)>,
    pub(super) answer: String,
}

/// What was sent.
#[derive(Debug)]
pub(super) enum Body {
    Nothing,
    Fields(Vec<(String, String)>),
    Json(Value),
}

impl Recording {
    /// Reads a recording; of entries at other origins only the origin.
    ///
    /// # Errors
    /// When it is no HAR, or holds nothing of the portal.
    pub fn read(text: &str, target: &Target) -> Result<Self, Error> {
        let har: Value = serde_json::from_str(text)
            .map_err(|error| Error::Profile(format!("the HAR is not JSON: {error}")))?;
        let Some(all) = har.pointer("/log/entries").and_then(Value::as_array) else {
            return Err(Error::Profile(
                "the HAR has no `log.entries`: is it a recording of a browser?".into(),
            ));
        };
        let mut recording = Self { entries: Vec::new(), others: Vec::new() };
        let mut known = HashSet::new();
        for entry in all.iter().take(MOST) {
            let Some(entry) = Entry::read(entry) else { continue };
            let origin = entry.url.origin().ascii_serialization();
            if target.is_own(&entry.url) {
                recording.entries.push(entry);
            } else if known.insert(origin.clone()) {
                recording.others.push(origin);
            }
        }
        if recording.entries.is_empty() {
            let others = if recording.others.is_empty() {
                "nothing".to_owned()
            } else {
                recording.others.join(", ")
            };
            return Err(Error::Profile(format!(
                "the HAR has nothing of {}; it has {others}",
                target.origin()
            )));
        }
        Ok(recording)
    }

    /// What is worth knowing beside the draft.
    pub(super) fn notes(&self) -> Vec<String> {
        let note = |origin: &String| format!("{origin}: in the recording, and not used");
        self.others.iter().map(note).collect()
    }
}

impl Entry {
    fn read(entry: &Value) -> Option<Self> {
        let request = entry.get("request")?;
        let url = Url::parse(request.get("url")?.as_str()?).ok()?;
        let answer = entry.get("response")?;
        Some(Self {
            method: method(request.get("method")?.as_str()?)?,
            url,
            headers: headers(request),
            body: body(request.get("postData")),
            status: answer
                .get("status")
                .and_then(Value::as_u64)
                .and_then(|status| u16::try_from(status).ok())?,
            answer_headers: headers(answer),
            answer: answer.get("content").and_then(content).unwrap_or_default(),
        })
    }

    /// Every text that the body and the query hold, with the name of the field or member.
    pub(super) fn sent(&self) -> Vec<(String, String)> {
        let mut sent: Vec<(String, String)> = self
            .url
            .query_pairs()
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        match &self.body {
            Body::Nothing => {}
            Body::Fields(fields) => sent.extend(fields.iter().cloned()),
            Body::Json(json) => {
                leaves(json, "", &mut |name, _, value| sent.push((name.to_owned(), value)))
            }
        }
        sent
    }

    /// Cookies that were sent, and those that came.
    pub(super) fn cookies(&self) -> impl Iterator<Item = (String, String)> {
        let pair = |text: &str| {
            let (name, value) = text.split_once('=')?;
            Some((name.trim().to_owned(), value.trim().to_owned()))
        };
        let sent = self.headers.iter().filter(|(name, _)| name == "cookie");
        let sent = sent.flat_map(|(_, cookies)| cookies.split(';')).filter_map(pair);
        sent.chain(self.new_cookies())
    }

    /// Cookies that came.
    pub(super) fn new_cookies(&self) -> impl Iterator<Item = (String, String)> {
        let set = self.answer_headers.iter().filter(|(name, _)| name == "set-cookie");
        // Some browsers put several into one, a line each.
        set.flat_map(|(_, cookies)| cookies.lines()).filter_map(|cookie| {
            let (name, value) = cookie.split(';').next()?.split_once('=')?;
            Some((name.trim().to_owned(), value.trim().to_owned()))
        })
    }

    /// Where it redirects to.
    pub(super) fn redirect(&self) -> Option<Url> {
        let location = self.answer_headers.iter().find(|(name, _)| name == "location")?;
        self.url.join(&location.1).ok().filter(|_| (300..400).contains(&self.status))
    }

    /// The answer as JSON.
    pub(super) fn json(&self) -> Option<Value> {
        #[cfg(test)]
        super::tests::works(self.answer.len());
        serde_json::from_str(&self.answer).ok()
    }

    /// Whether the answer is a page.
    pub(super) fn is_page(&self) -> bool {
        self.answer.trim_start().starts_with('<')
    }
}

/// Every text and number in JSON: the name of the member, its pointer, its value.
pub(super) fn leaves(json: &Value, at: &str, each: &mut dyn FnMut(&str, &str, String)) {
    let name = at.rsplit('/').next().unwrap_or_default();
    match json {
        Value::Null | Value::Bool(_) => {}
        Value::String(text) => each(name, at, text.clone()),
        Value::Number(number) => each(name, at, number.to_string()),
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                leaves(item, &format!("{at}/{number}"), each);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                leaves(
                    member,
                    &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")),
                    each,
                );
            }
        }
    }
}

fn method(name: &str) -> Option<&'static str> {
    let known = ["get", "post", "put", "patch", "delete"];
    known.into_iter().find(|known| name.eq_ignore_ascii_case(known))
}

fn headers(message: &Value) -> Vec<(String, String)> {
    let all = message.get("headers").and_then(Value::as_array);
    let headers = all.into_iter().flatten().filter_map(|header| {
        let name = header.get("name")?.as_str()?.to_ascii_lowercase();
        Some((name, header.get("value")?.as_str()?.to_owned()))
    });
    headers.collect()
}

fn body(data: Option<&Value>) -> Body {
    let Some(data) = data else { return Body::Nothing };
    let text = data.get("text").and_then(Value::as_str).unwrap_or_default();
    let kind = data.get("mimeType").and_then(Value::as_str).unwrap_or_default();
    if kind.contains("json") || text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_or(Body::Nothing, Body::Json);
    }
    let parameters = data.get("params").and_then(Value::as_array);
    let named = parameters.into_iter().flatten().filter_map(|parameter| {
        let part = |name: &str| parameter.get(name).and_then(Value::as_str).map(decoded);
        Some((part("name")?, part("value").unwrap_or_default()))
    });
    let of_text = || url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    let fields: Vec<(String, String)> =
        if kind.contains("urlencoded") && !text.is_empty() { of_text() } else { named.collect() };
    if fields.is_empty() { Body::Nothing } else { Body::Fields(fields) }
}

/// Some browsers write parameters as they were sent.
fn decoded(text: &str) -> String {
    if text.contains('%') {
        percent_encoding::percent_decode_str(text).decode_utf8_lossy().replace('+', " ")
    } else {
        text.to_owned()
    }
}

fn content(content: &Value) -> Option<String> {
    let text = content.get("text")?.as_str()?;
    if content.get("encoding").and_then(Value::as_str) == Some("base64") {
        return String::from_utf8(BASE64_STANDARD.decode(text).ok()?).ok();
    }
    Some(text.to_owned())
}
