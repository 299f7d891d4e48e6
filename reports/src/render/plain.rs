//! Text of a stranger made harmless: what a portal sent may act on a terminal, a log reader or the
//! eye. Every rendering but the record itself passes it through here.

use std::borrow::Cow;

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
