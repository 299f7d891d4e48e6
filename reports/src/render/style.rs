//! How text for people is fitted to what shows it: colour, width and characters. What shows it is for the
//! caller to find out: nothing here looks at an environment.

use std::{borrow::Cow, fmt::Write as _};

/// Lines are not made narrower than this, characters.
const NARROWEST: usize = 40;

/// What a line is about that people copy: it is never broken.
const COPIED: [&str; 2] = ["cargo xtask ", "curl "];

/// What shows a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether words are painted.
    pub colour: bool,
    /// Characters in a line, where something limits them.
    pub width: Option<usize>,
    /// Whether it knows no characters but those of ASCII.
    pub ascii: bool,
}

impl Style {
    /// Neither colour nor limits, as in a file.
    pub const PLAIN: Self = Self { colour: false, width: None, ascii: false };

    /// Characters in a line, where something limits them.
    pub(super) fn columns(self) -> Option<usize> {
        self.width.map(|width| width.max(NARROWEST))
    }

    /// The text in characters that can be shown.
    #[must_use]
    pub fn characters(self, text: &str) -> Cow<'_, str> {
        if self.ascii { ascii(text) } else { Cow::Borrowed(text) }
    }

    /// Lines for people that fit: a long one goes on below where its last column begins. Words are not
    /// broken, and neither is a line that people copy.
    #[must_use]
    pub fn lines(self, text: &str) -> String {
        let text = self.characters(text);
        let Some(width) = self.columns() else { return text.into_owned() };
        text.split('\n').map(|line| hung(line, width)).collect::<Vec<_>>().join("\n")
    }
}

/// One line on as many as it needs.
fn hung(line: &str, width: usize) -> String {
    if line.chars().count() <= width || COPIED.iter().any(|copied| line.contains(copied)) {
        return line.to_owned();
    }
    let (indent, mut text, mut column, mut empty) = (hang(line, width), String::new(), 0, true);
    for word in line.split_inclusive(' ') {
        let length = word.trim_end().chars().count();
        if column + length > width && !empty {
            text.truncate(text.trim_end().len());
            let _ = write!(text, "\n{:indent$}", "");
            (column, empty) = (indent, true);
        }
        text.push_str(word);
        column += word.chars().count();
        empty &= word.trim().is_empty();
    }
    text.truncate(text.trim_end().len());
    text
}

/// Where a line that is too long goes on: below its last column, where that leaves half of the width.
fn hang(line: &str, width: usize) -> usize {
    let start = line.chars().take_while(|c| *c == ' ').count();
    let head: Vec<char> = line.chars().take(width / 2 + 1).collect();
    let column = (start + 2..head.len()).rev().find(|at| {
        head.get(at - 2..=*at)
            .is_some_and(|three| three.starts_with(&[' ', ' ']) && three.last() != Some(&' '))
    });
    column.unwrap_or(start + 2)
}

/// Parts of at most `limit` characters, broken between words where there are any.
pub(super) fn wrapped(value: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = value;
    while let Some((end, _)) = rest.char_indices().nth(limit) {
        let head = rest.get(..end).unwrap_or(rest);
        let at = head.rfind(' ').filter(|at| *at > end / 2).unwrap_or(end);
        // A line that starts with two colons is a command to some log readers.
        let colons = rest.get(at..).unwrap_or_default().bytes().take_while(|byte| *byte == b':');
        let (part, after) = rest.split_at(at + colons.count());
        parts.push(part);
        rest = after.trim_start_matches(' ');
    }
    parts.push(rest);
    parts
}

/// The same text in ASCII: our own signs by what looks like them, all others by their numbers.
fn ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut same = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\0'..='\u{7f}' => same.push(c),
            '·' => same.push('.'),
            '…' => same.push_str("..."),
            '→' => same.push_str("->"),
            '§' => same.push_str("section "),
            '─' | '–' | '—' => same.push('-'),
            '×' => same.push('x'),
            '“' | '”' => same.push('"'),
            '‘' | '’' => same.push('\''),
            '\u{fffd}' => same.push('?'),
            // The picture of a control character.
            '\u{2400}'..='\u{2421}' => {
                let sign = u8::try_from(u32::from(c) - 0x2400).unwrap_or_default();
                same.push('^');
                same.push(char::from(if sign == 0x21 { b'?' } else { sign + b'@' }));
            }
            _ => {
                let _ = write!(same, "\\u{{{:x}}}", u32::from(c));
            }
        }
    }
    Cow::Owned(same)
}

/// The same JSON, of the same values, in ASCII.
#[must_use]
pub fn ascii_json(json: &str) -> Cow<'_, str> {
    if json.is_ascii() {
        return Cow::Borrowed(json);
    }
    let mut same = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            same.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(same, "\\u{unit:04x}");
        }
    }
    Cow::Owned(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NARROW: Style = Style { width: Some(40), ..Style::PLAIN };

    #[test]
    fn a_long_line_goes_on_below_its_last_column() {
        for (line, fitted) in [
            ("short", "short"),
            (
                "  effects      creates-account, changes-own-account, wrong-tries",
                "  effects      creates-account,\n               changes-own-account,\n               wrong-tries",
            ),
            (
                "a sentence without columns that is longer than a line may be here",
                "a sentence without columns that is\n  longer than a line may be here",
            ),
            // No word is broken, and no line that people copy.
            (
                "https://portal.example/a/very/long/address/that/nobody/wants/to/see/broken",
                "https://portal.example/a/very/long/address/that/nobody/wants/to/see/broken",
            ),
            (
                "  run    cargo xtask scenarios --profile profiles/allauth.toml",
                "  run    cargo xtask scenarios --profile profiles/allauth.toml",
            ),
            // The last column begins too far to the right.
            (
                "registration/attestation/packed  refuses a signature of another key",
                "registration/attestation/packed  refuses\n  a signature of another key",
            ),
        ] {
            assert_eq!(NARROW.lines(line), fitted, "{line}");
            assert_eq!(Style::PLAIN.lines(line), line);
        }
        let two = "one line that is a little too long for it\n  two\n";
        assert_eq!(NARROW.lines(two), "one line that is a little too long for\n  it\n  two\n");
    }

    #[test]
    fn a_width_has_a_floor() {
        let line = "as wide as the narrowest line of forty..";
        assert_eq!(Style { width: Some(1), ..Style::PLAIN }.lines(line), line);
    }

    #[test]
    fn text_in_ascii_is_readable_and_hides_nothing() {
        let style = Style { ascii: true, ..Style::PLAIN };
        let text = "“a” · b… → §7 ─ × it’s \u{fffd} ␛[31m␡ é 🔑";
        let same = "\"a\" . b... -> section 7 - x it's ? ^[[31m^? \\u{e9} \\u{1f511}";
        assert_eq!(style.characters(text), same);
        assert_eq!(Style::PLAIN.characters(text), text);
        assert_eq!(style.characters("plain"), "plain");
    }

    #[test]
    fn json_in_ascii_has_the_same_values() {
        let said = serde_json::json!({ "é": "🔑 · plain" });
        let same = ascii_json(&said.to_string()).into_owned();
        assert!(same.is_ascii(), "{same}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&same).unwrap(), said);
    }
}
