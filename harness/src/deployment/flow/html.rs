//! Pages of HTML, parsed only where that takes a time in proportion to their length. Elements that are
//! opened inside one another without end cost a parser the square of it, or more, in time and memory:
//! a hostile portal could hold the run up with one page.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use scraper::Html;

/// The text of an answer, and the page that it is: parsed once, when somebody first looks. Clones are
/// the same page.
#[derive(Clone, Default)]
pub(in crate::deployment) struct Body(Arc<Sheet>);

#[derive(Default)]
struct Sheet {
    text: Box<str>,
    html: Mutex<Option<Html>>,
}

impl Body {
    /// The text.
    #[must_use]
    pub(in crate::deployment) fn text(&self) -> &str {
        &self.0.text
    }

    /// Looks at the page; nobody else does so meanwhile.
    pub(super) fn look<R>(&self, look: impl FnOnce(&Html) -> R) -> R {
        let mut html = self.0.html.lock().unwrap_or_else(PoisonError::into_inner);
        look(html.get_or_insert_with(|| parse(self.text())))
    }
}

impl<T: Into<Box<str>>> From<T> for Body {
    fn from(text: T) -> Self {
        Self(Arc::new(Sheet { text: text.into(), html: Mutex::default() }))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(f)
    }
}

/// Elements open at once. Browsers stop at about half of it, and no page that people use comes near.
const DEEPEST: usize = 1000;

/// Elements of format (`<b>`, `<font>`) open at once: each is opened again in every paragraph.
const FORMATS: usize = 50;

/// Nothing stands inside them, or their end is mostly left out and implied by the next one.
const FLAT: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr", "p", "li", "dt", "dd", "option", "optgroup", "tr", "td", "th", "tbody",
    "thead", "tfoot", "colgroup",
];

const FORMAT: &[&str] = &[
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];

/// Their content is text, whatever stands in it.
const TEXT: &[&str] = &["script", "style", "textarea", "title"];

/// A page; an empty one where parsing it would take too long, so that nothing is found on it.
fn parse(body: &str) -> Html {
    Html::parse_document(if is_too_deep(body) { "" } else { body })
}

/// Whether more elements are open at once than on any honest page, by a look at its tags alone.
fn is_too_deep(body: &str) -> bool {
    let (mut open, mut formats) = (0_usize, 0_usize);
    let mut rest = body;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let (closes, tag) = rest.strip_prefix('/').map_or((false, rest), |tag| (true, tag));
        let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
        let name = tag[..end.min(12)].to_ascii_lowercase();
        let name = name.as_str();
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || FLAT.contains(&name) {
            continue;
        }
        if !closes && TEXT.contains(&name) {
            rest = after_text(tag, name);
            continue;
        }
        let counted = if FORMAT.contains(&name) { &mut formats } else { &mut open };
        *counted = if closes { counted.saturating_sub(1) } else { *counted + 1 };
        if open > DEEPEST || formats > FORMATS {
            return true;
        }
    }
    false
}

/// What comes after the text of an element such as `<script>`.
fn after_text<'b>(tag: &'b str, name: &str) -> &'b str {
    let mut rest = tag;
    while let Some((_, after)) = rest.split_once("</") {
        let named = after.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        if named {
            return after;
        }
        rest = after;
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nests_without_end_are_not_parsed_and_honest_pages_are() {
        let row = "<tr><td><b>x</b><input><br><li>y<p>z";
        for (body, deep) in [
            (format!("{}{}", "<div>".repeat(1001), "</div>".repeat(1001)), true),
            ("<x-y>".repeat(1001), true),
            ("<DIV class=a>".repeat(1001), true),
            ("<p><b a=1>".repeat(51), true),
            (format!("{}{}", "<div>".repeat(900), "</div>".repeat(900)), false),
            ("<div><b>x</b></div>".repeat(50_000), false),
            (format!("<table>{}", row.repeat(20_000)), false),
            (format!("<script>{}</SCRIPT><p>x", "i<n;".repeat(20_000)), false),
            (format!("<!-- {} --><p>x", "<div>".repeat(20_000)), false),
            ("a < b <3 </ <> <".to_owned(), false),
            (format!("<script>{}", "</scrip".repeat(1000)), false),
            ("<".repeat(200_000), false),
            ("\u{e9}<\u{e9}</\u{e9}".to_owned(), false),
        ] {
            let start: String = body.chars().take(30).collect();
            assert_eq!(is_too_deep(&body), deep, "{start}");
        }
    }

    #[test]
    fn nothing_is_found_on_a_page_that_is_not_parsed() {
        let found = |body: &str| parse(body).root_element().text().collect::<String>();
        assert_eq!(found("<p>x"), "x");
        assert_eq!(found(&format!("{}x", "<div>".repeat(200_000))), "");
    }
}
