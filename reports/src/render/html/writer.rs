//! Text that becomes HTML. Two ways in: our own markup as it is, and everything else escaped.

use std::{
    fmt::{Display, Write as _},
    io,
};

use crate::render::plain::{completes_command, shown};

/// More than the beginning of any command that a log reader obeys, bytes.
const END: usize = 64;

/// A page in the making.
#[derive(Default)]
pub(super) struct Html {
    out: String,
}

impl Html {
    /// Markup of ours, as it stands.
    pub(super) fn raw(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    /// Text of anybody between tags: markup loses its meaning, control characters become visible. Line
    /// ends and tabs stay. Quotes stay too: what stands inside a tag is written by [`Self::attribute`].
    /// What a log reader would obey, where the page goes there, is written with an entity.
    pub(super) fn text(&mut self, text: &str) {
        let mut from = 0;
        for (at, c) in text.char_indices() {
            let mut picture = [0; 4];
            let replaced: &str = match c {
                '<' => "&lt;",
                '>' => "&gt;",
                '&' => "&amp;",
                '#' if self.completes(text, at, c) => "&#35;",
                ':' if self.completes(text, at, c) => "&#58;",
                '\n' | '\t' => continue,
                ' '..='~' => continue,
                other => match shown(other) {
                    Some(shown) => shown.encode_utf8(&mut picture),
                    None => continue,
                },
            };
            self.out.push_str(text.get(from..at).unwrap_or_default());
            self.out.push_str(replaced);
            from = at + c.len_utf8();
        }
        self.out.push_str(text.get(from..).unwrap_or_default());
    }

    /// Whether a character would make a command of what stands before it, in the text or, where that
    /// begins with it, on the page.
    fn completes(&self, text: &str, at: usize, c: char) -> bool {
        let before = text.get(..at).unwrap_or_default();
        completes_command(before, c) || at == 0 && completes_command(&self.out, c)
    }

    /// An attribute with a value of anybody.
    pub(super) fn attribute(&mut self, name: &str, value: &str) {
        self.raw(" ");
        self.raw(name);
        self.raw("=\"");
        self.text(&value.replace('"', "”").replace('\'', "’"));
        self.raw("\"");
    }

    /// A number.
    pub(super) fn number(&mut self, number: impl Display) {
        // Writing to a string cannot fail.
        let _ = write!(self.out, "{number}");
    }

    /// An element without attributes around some text.
    pub(super) fn element(&mut self, name: &str, text: &str) {
        self.open(name);
        self.text(text);
        self.raw("</");
        self.raw(name);
        self.raw(">");
    }

    /// A term and its description.
    pub(super) fn fact(&mut self, term: &str, text: &str) {
        self.element("dt", term);
        self.element("dd", text);
        self.raw("\n");
    }

    /// Words of the portal, visibly its own.
    pub(super) fn quote(&mut self, said: &str) {
        self.raw("<span class=\"from\">from the portal</span> <q>");
        self.text(said);
        self.raw("</q>");
    }

    /// A sentence in which the portal's words may stand among ours.
    pub(super) fn mixed(&mut self, said: &str) {
        self.raw("<span class=\"from\">may quote the portal</span> <q>");
        self.text(said);
        self.raw("</q>");
    }

    /// Preformatted text under a small label.
    pub(super) fn block(&mut self, label: &str, text: &str) {
        self.raw("<p class=\"label\">");
        self.text(label);
        self.raw("</p><pre>");
        self.text(text);
        self.raw("</pre>\n");
    }

    /// Writes what is made so far, but for its end: what follows may not make a command of it.
    pub(super) fn pour(&mut self, sink: &mut dyn io::Write) -> io::Result<()> {
        let end = self.out.floor_char_boundary(self.out.len().saturating_sub(END));
        sink.write_all(self.out.get(..end).unwrap_or_default().as_bytes())?;
        self.out.drain(..end);
        Ok(())
    }

    /// The page, or what is left of it.
    pub(super) fn finish(self) -> String {
        self.out
    }

    fn open(&mut self, name: &str) {
        self.raw("<");
        self.raw(name);
        self.raw(">");
    }
}

/// JSON on several lines, nothing else of it changed: no member is reordered, merged or judged, so that
/// a duplicate stays one. Text that is no JSON comes out with line ends where JSON would have them.
pub(super) fn laid_out(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + json.len() / 4);
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let mut from = 0;
    for (at, byte) in json.bytes().enumerate() {
        if quoted {
            quoted = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        // All of these are ASCII, so that the text may be cut around them.
        match byte {
            b'"' => quoted = true,
            b'{' | b'[' => {
                depth += 1;
                out.push_str(json.get(from..=at).unwrap_or_default());
                from = at + 1;
                if !closes(json, from) {
                    line(&mut out, depth);
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                out.push_str(json.get(from..at).unwrap_or_default());
                from = at;
                if !out.ends_with(['{', '[']) {
                    line(&mut out, depth);
                }
            }
            b',' => {
                out.push_str(json.get(from..=at).unwrap_or_default());
                from = at + 1;
                line(&mut out, depth);
            }
            _ => {}
        }
    }
    out.push_str(json.get(from..).unwrap_or_default());
    out
}

/// Deepest indentation.
const INDENT: &str = "                ";

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.push_str(INDENT.get(..depth * 2).unwrap_or(INDENT));
}

fn closes(json: &str, at: usize) -> bool {
    matches!(json.as_bytes().get(at), Some(b'}' | b']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_cannot_be_left() {
        let mut html = Html::default();
        html.attribute("href", "#a\" onclick='b' c=<d>&");
        assert_eq!(html.finish(), " href=\"#a” onclick=’b’ c=&lt;d&gt;&amp;\"");
    }

    #[test]
    fn text_keeps_its_lines_and_shows_what_would_act() {
        let mut html = Html::default();
        html.text("a\n\t<b>\u{1b}[2J\r\u{202e}é\"'");
        assert_eq!(html.finish(), "a\n\t&lt;b&gt;␛[2J␍�é\"'");
    }

    #[test]
    fn laying_out_adds_nothing_but_space() {
        for json in [
            "",
            "{",
            "}}]]",
            r#"{"a":[1,{"b":"\\"}],"é,":{}}"#,
            r#"{"open"#,
            "[[[[[[[[[[[1]]]]]]]]]]]",
        ] {
            let mut shown = laid_out(json);
            shown.retain(|c| c != '\n' && c != ' ');
            assert_eq!(shown, json);
        }
    }
}
