//! Finds values on a page, in headers and in cookies.

use profile::extractor::{Extractor, Pointer, PointerStep, Source, UrlPart, Way};
use quick_xml::events::Event;
use scraper::{ElementRef, Html, Selector};
use serde_json::{Map, Value};
use url::Url;

use super::{Page, fill::Values, transform::transform};
use crate::wire::Jar;

/// What can be seen after an answer.
pub(super) struct PageView<'s> {
    pub(super) page: &'s Page,
    pub(super) jar: &'s Jar,
}

impl PageView<'_> {
    /// The first way that finds something.
    pub(super) fn find(&self, extractor: &Extractor, values: &Values) -> Option<Value> {
        extractor.ways.iter().find_map(|way| self.go(way, values))
    }

    fn go(&self, way: &Way, values: &Values) -> Option<Value> {
        if let Some(each) = &way.each {
            return self.list(&way.source, each, values);
        }
        transform(self.source(&way.source, values)?, &way.transforms)
    }

    fn source(&self, source: &Source, values: &Values) -> Option<Value> {
        let body = self.page.body();
        match source {
            Source::Json(pointer) => {
                let pointer = values.pointer(pointer)?;
                self.page.body.look_at_json(|json| point(json, &pointer).cloned())?
            }
            Source::Css { selector, attr, contains } => self.page.body.look(|html| {
                let mut elements = html.select(selector);
                let element = elements.find(|one| fits(*one, contains.as_deref()))?;
                element_value(element, attr.as_deref()).map(Value::from)
            }),
            Source::Script { selector, contains, pointer } => {
                let pointer = values.pointer(pointer)?;
                self.page.body.look(|html| script(html, selector, contains.as_deref(), &pointer))
            }
            Source::Regex { regex, group } => {
                Some(Value::from(regex.captures(body)?.get(*group)?.as_str()))
            }
            Source::Xml(name) => xml_text(body, name).map(Value::from),
            Source::Header(name) => self.page.header(name).map(Value::from),
            Source::Cookie(name) => self.jar.get(name).map(|secret| Value::from(secret.reveal())),
            Source::Location(part) => {
                let location = self.page.header("location")?;
                let url = self.page.url()?.join(location).ok()?;
                url_part(&url, part).map(Value::from)
            }
            Source::Url(part) => url_part(self.page.url()?, part).map(Value::from),
            Source::Body => Some(Value::from(body)),
            Source::Status => Some(Value::from(self.page.status())),
            Source::Value(template) => values.maybe_text(template).ok()?.map(Value::from),
        }
    }

    /// One object for each item; members that are not found are left out.
    fn list(
        &self,
        source: &Source,
        each: &[(String, Extractor)],
        values: &Values,
    ) -> Option<Value> {
        let items: Vec<String> = match source {
            Source::Json(pointer) => {
                let pointer = values.pointer(pointer)?;
                self.page.body.look_at_json(|json| items(point(json, &pointer)?))??
            }
            Source::Css { selector, contains, .. } => self.page.body.look(|html| {
                let elements = html.select(selector);
                let fitting = elements.filter(|one| fits(*one, contains.as_deref()));
                fitting.map(standing_alone).collect()
            }),
            Source::Regex { regex, .. } => {
                regex.find_iter(self.page.body()).map(|found| found.as_str().to_owned()).collect()
            }
            Source::Script { .. }
            | Source::Xml(_)
            | Source::Header(_)
            | Source::Cookie(_)
            | Source::Location(_)
            | Source::Url(_)
            | Source::Body
            | Source::Status
            | Source::Value(_) => return None,
        };
        let objects = items.into_iter().map(|item| {
            let page = Page { body: item.into(), ..self.page.clone() };
            let view = PageView { page: &page, jar: self.jar };
            let members = each.iter().filter_map(|(name, extractor)| {
                Some((name.clone(), view.find(extractor, values)?))
            });
            Value::Object(members.collect::<Map<_, _>>())
        });
        Some(Value::Array(objects.collect()))
    }

    pub(super) fn has_element(&self, selector: &Selector) -> bool {
        self.page.body.look(|html| html.select(selector).next().is_some())
    }
}

/// The element's HTML as it can be parsed by itself: parts of tables and lists of choices are dropped
/// where nothing of their kind stands around them.
fn standing_alone(element: ElementRef<'_>) -> String {
    let html = element.html();
    match element.value().name() {
        "tbody" | "thead" | "tfoot" => format!("<table>{html}</table>"),
        "tr" => format!("<table><tbody>{html}</tbody></table>"),
        "td" | "th" => format!("<table><tbody><tr>{html}</tr></tbody></table>"),
        "option" | "optgroup" => format!("<select>{html}</select>"),
        _ => html,
    }
}

fn fits(element: ElementRef<'_>, contains: Option<&str>) -> bool {
    contains.is_none_or(|wanted| {
        element.text().collect::<String>().contains(wanted) || element.html().contains(wanted)
    })
}

/// An attribute, or the text with blanks folded.
fn element_value(element: ElementRef<'_>, attr: Option<&str>) -> Option<String> {
    match attr {
        Some(name) => element.attr(name).map(str::to_owned),
        None => {
            let text: String = element.text().collect();
            Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
        }
    }
}

/// What a list holds, each as its text; `None` of what holds nothing.
fn items(list: &Value) -> Option<Vec<String>> {
    match list {
        Value::Array(items) => Some(items.iter().map(Value::to_string).collect()),
        Value::Object(members) => Some(members.values().map(Value::to_string).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// Where several scripts stand on a page, the first whose JSON has what is looked for.
fn script(
    html: &Html,
    selector: &Selector,
    contains: Option<&str>,
    pointer: &Pointer,
) -> Option<Value> {
    html.select(selector).find_map(|element| {
        let text: String = element.text().collect();
        if contains.is_some_and(|wanted| !text.contains(wanted)) {
            return None;
        }
        let json: Value = serde_json::from_str(text.trim()).ok()?;
        point(&json, pointer).cloned()
    })
}

/// The text of the first element of a name, without that of elements in it. A document type is not
/// read, and with it no entity of a portal's own.
fn xml_text(body: &str, name: &str) -> Option<String> {
    let mut reader = quick_xml::Reader::from_str(body);
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) if start.name().as_ref() == name.as_bytes() => break,
            Event::Empty(empty) if empty.name().as_ref() == name.as_bytes() => {
                return Some(String::new());
            }
            Event::Eof => return None,
            Event::Start(_)
            | Event::Empty(_)
            | Event::End(_)
            | Event::Text(_)
            | Event::CData(_)
            | Event::GeneralRef(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_) => {}
        }
    }
    let (mut text, mut depth) = (String::new(), 0_u32);
    loop {
        match reader.read_event().ok()? {
            Event::Text(more) if depth == 0 => text.push_str(&more.decode().ok()?),
            Event::CData(more) if depth == 0 => text.push_str(&more.decode().ok()?),
            Event::GeneralRef(entity) if depth == 0 => text.push(named_character(&entity)?),
            Event::Start(_) => depth += 1,
            Event::End(_) if depth == 0 => return Some(text.trim().to_owned()),
            Event::End(_) => depth -= 1,
            Event::Eof => return None,
            // What stands in an element inside, and what is no text.
            Event::Text(_)
            | Event::CData(_)
            | Event::GeneralRef(_)
            | Event::Empty(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_) => {}
        }
    }
}

/// One of the five entities of XML itself, or a character by its number.
fn named_character(entity: &quick_xml::events::BytesRef<'_>) -> Option<char> {
    if let Some(character) = entity.resolve_char_ref().ok()? {
        return Some(character);
    }
    match &**entity {
        b"amp" => Some('&'),
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        _other => None,
    }
}

fn url_part(url: &Url, part: &UrlPart) -> Option<String> {
    match part {
        UrlPart::Whole => Some(url.to_string()),
        UrlPart::Path => Some(url.path().to_owned()),
        UrlPart::Last => {
            url.path().rsplit('/').find(|segment| !segment.is_empty()).map(str::to_owned)
        }
        UrlPart::Query(name) => {
            url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        }
    }
}

/// The part of a value that a pointer names.
pub(super) fn point<'v>(value: &'v Value, pointer: &Pointer) -> Option<&'v Value> {
    pointer.steps.iter().try_fold(value, |value, step| match (step, value) {
        (PointerStep::Member(name), Value::Object(members)) => members.get(name),
        (PointerStep::Member(number), Value::Array(items)) => {
            items.get(number.parse::<usize>().ok()?)
        }
        (PointerStep::Where(name, wanted), Value::Array(items)) => {
            items.iter().find(|item| item.get(name).is_some_and(|member| plain(member) == *wanted))
        }
        (_, _) => None,
    })
}

/// A value as text: strings without quotes, the rest as JSON.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What kind of page this is, without a word of its own.
pub(super) fn describe(page: &Page) -> String {
    if let Some(code) = page.exit {
        return format!("exit code {code}, {} bytes", page.body().len());
    }
    if page.url().is_none() {
        return "none".to_owned();
    }
    let kind =
        page.header("content-type").map_or("", |kind| kind.split(';').next().unwrap_or(kind));
    let kind: String = kind.chars().filter(|c| c.is_ascii_graphic()).take(60).collect();
    let kind = if kind.is_empty() { "without a type".to_owned() } else { kind };
    let path = page.url().map_or("", |url| url.path());
    format!("{} {kind} at {path}, {} bytes", page.status(), page.body().len())
}

#[cfg(test)]
mod tests;
