//! Text of a stranger made harmless: what a portal sent may act on a terminal, a log reader or the
//! eye. Every rendering but the record itself passes it through here.

use std::{borrow::Cow, fmt::Write as _};

/// One line of text without control characters: they stand as pictures (`␛`), invisible and
/// direction-changing characters as `�`, line ends and tabs as spaces. Nothing is left out, so that
/// nothing can be hidden. Commands that CI log readers obey (`::set-env`, `##[error]`) are broken up.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' | '\u{85}' => line.push(' '),
            ':' if starts_command(&line) => line.push_str(" :"),
            '#' if line.ends_with('#') => line.push_str(" #"),
            other => line.push(shown(other).unwrap_or(other)),
        }
    }
    line
}

/// The same JSON, of the same values, for a terminal: what would act on it or cannot be seen is escaped.
/// Outside of texts JSON has nothing that is.
#[must_use]
pub fn plain_json(json: &str) -> String {
    let mut same = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || is_plain(c) {
            same.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(same, "\\u{unit:04x}");
        }
    }
    same
}

/// Whether a character may stand as it is wherever a stranger's text is shown.
#[must_use]
pub fn is_plain(c: char) -> bool {
    shown(c).is_none()
}

/// What stands for a character that must not act; `None` for one that may stay.
pub(super) fn shown(c: char) -> Option<char> {
    match c {
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)),
        '\u{7f}' => Some('\u{2421}'),
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{fffe}'..='\u{ffff}'
        | '\u{e0000}'..='\u{e0fff}' => Some('\u{fffd}'),
        _ => None,
    }
}

/// Whether a colon now would make the second of a word that starts with two.
fn starts_command(line: &str) -> bool {
    line.strip_suffix(':').is_some_and(|before| before.is_empty() || before.ends_with(' '))
}

/// At most so many characters, with `…` where something was cut.
pub(super) fn clip(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        Some((at, _)) => Cow::Owned(format!("{}…", text.get(..at).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_for_a_terminal_has_the_same_values() {
        let said = serde_json::json!({
            "a": "\u{1b}[2J\u{9b}31m\u{7f}\n\u{202e}gnp\u{200b}\u{feff}\u{e0041}\u{fffe}",
            "\u{2066}": "plain \u{e9} \u{1f511}",
        });
        for json in [said.to_string(), format!("{said:#}")] {
            let shown_json = plain_json(&json);
            let acts = shown_json.chars().find(|c| *c != '\n' && !is_plain(*c));
            assert_eq!(acts, None, "{shown_json}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&shown_json).unwrap(), said);
            assert!(shown_json.contains("plain \u{e9} \u{1f511}"), "{shown_json}");
        }
        assert_eq!(plain_json("{\n  \"a\": 1\n}"), "{\n  \"a\": 1\n}");
    }
}
