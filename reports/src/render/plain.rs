//! Text of a stranger made harmless: what a portal or a file says may act on a terminal, a log reader
//! or the eye. Every rendering but the record itself passes it through here, each kind of sink in its
//! own way: words are broken up, JSON and HTML are escaped and keep their values.

use std::{borrow::Cow, fmt::Write as _};

/// What a log reader of a CI server takes for a command.
struct Command {
    /// How it begins.
    begins: &'static str,
    /// Whether it counts anywhere in a line, or only where a line may begin.
    anywhere: bool,
}

/// Every beginning of a command that is known: GitHub (`::error`, `##[group]`), Azure (`##vso[`,
/// `##[error]`), TeamCity (`##teamcity[`) and GitLab (`section_start:`).
const COMMANDS: &[Command] = &[
    Command { begins: "##", anywhere: true },
    Command { begins: "::", anywhere: false },
    Command { begins: "section_start:", anywhere: true },
    Command { begins: "section_end:", anywhere: true },
];

/// One line of text without control characters: they stand as pictures (`␛`), invisible and
/// direction-changing characters as `�`, line ends and tabs as spaces. Nothing is left out, so that
/// nothing can be hidden. Commands that CI log readers obey (`::set-env`, `##[error]`) are broken up.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' | '\u{85}' => line.push(' '),
            other => {
                if completes_command(&line, other) {
                    line.push(' ');
                }
                line.push(shown(other).unwrap_or(other));
            }
        }
    }
    line
}

/// The same JSON, of the same values, for a terminal or a log: what would act on it or cannot be seen is
/// escaped. Outside of texts JSON has nothing that is.
#[must_use]
pub fn plain_json(json: &str) -> String {
    let mut same = String::with_capacity(json.len());
    let (mut from, mut end) = (0, 0);
    for (at, c) in json.char_indices() {
        end = at + c.len_utf8();
        if c == '\n' || is_plain(c) && !completes_command(json.get(..at).unwrap_or_default(), c) {
            continue;
        }
        same.push_str(json.get(from..at).unwrap_or_default());
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(same, "\\u{unit:04x}");
        }
        from = end;
    }
    same.push_str(json.get(from..end).unwrap_or_default());
    same
}

/// A text as a string of one line of TOML, of the same value, for a terminal or a log.
#[must_use]
pub fn plain_toml(text: &str) -> String {
    let mut same = String::from("\"");
    for (at, c) in text.char_indices() {
        let before = text.get(..at).unwrap_or_default();
        match c {
            '"' | '\\' => same.extend(['\\', c]),
            '\n' => same.push_str("\\n"),
            '\t' => same.push_str("\\t"),
            c if is_plain(c) && !completes_command(before, c) => same.push(c),
            c => {
                let _ = write!(same, "\\U{:08x}", u32::from(c));
            }
        }
    }
    same + "\""
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
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{fffe}'..='\u{ffff}'
        | '\u{e0000}'..='\u{e0fff}' => Some('\u{fffd}'),
        _ => None,
    }
}

/// Whether a character after a text would make the beginning of a command whole.
pub(super) fn completes_command(before: &str, c: char) -> bool {
    matches!(c, '#' | ':')
        && COMMANDS.iter().any(|command| {
            let begun = command.begins.strip_suffix(c).and_then(|begun| before.strip_suffix(begun));
            begun.is_some_and(|line| {
                command.anywhere || line.chars().next_back().is_none_or(may_begin_a_line)
            })
        })
}

/// Whether what follows a character may be at the beginning of a line, or be taken for it. A quotation
/// mark is what stands before a text in JSON.
fn may_begin_a_line(c: char) -> bool {
    c.is_whitespace() || c == '"'
}

/// At most so many characters, with `…` where something was cut.
#[must_use]
pub fn clip(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        Some((at, _)) => Cow::Owned(format!("{}…", text.get(..at).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// What a line of output holds that somebody would obey.
    pub(in crate::render) fn obeyed(line: &str) -> Option<String> {
        let acts = line.chars().find(|c| *c != '\t' && !is_plain(*c)).map(|c| format!("{c:?}"));
        let anywhere = ["##[", "##vso[", "##teamcity[", "section_start:", "section_end:"];
        let command = anywhere.into_iter().find(|command| line.contains(command));
        let begins = line.trim_start().starts_with("::").then_some("::");
        acts.or_else(|| command.or(begins).map(str::to_owned))
    }

    #[test]
    fn commands_of_log_readers_are_broken_up_and_everyday_colons_are_not() {
        for (text, line) in [
            ("::error::no", ": :error::no"),
            (" \u{a0}::stop-commands::x", " \u{a0}: :stop-commands::x"),
            ("a\n::set-env name=A::b", "a : :set-env name=A::b"),
            ("x##vso[task.setvariable]", "x# #vso[task.setvariable]"),
            ("####[group]", "# # # #[group]"),
            ("##teamcity[x]", "# #teamcity[x]"),
            ("\u{1b}[0Ksection_start:1:a\r\u{1b}[0K", "␛[0Ksection_start :1:a ␛[0K"),
            ("section_end:1:a", "section_end :1:a"),
            ("std::fmt [::1]:80 a: b #1", "std::fmt [::1]:80 a: b #1"),
        ] {
            assert_eq!(plain(text), line);
            assert_eq!(obeyed(&plain(text)), None);
        }
    }

    #[test]
    fn json_for_a_terminal_has_the_same_values() {
        let said = serde_json::json!({
            "a": "\u{1b}[2J\u{9b}31m\u{7f}\n\u{202e}gnp\u{200b}\u{feff}\u{e0041}\u{fffe}",
            "\u{2066}": "plain \u{e9} \u{1f511}",
            "##vso[a]": ["::error::x", "####[group]\r\n::x", "section_start:1:a", "a::b", "\\##"],
        });
        for json in [said.to_string(), format!("{said:#}")] {
            let shown_json = plain_json(&json);
            let acts = shown_json.lines().find_map(obeyed);
            assert_eq!(acts, None, "{shown_json}");
            assert!(!shown_json.contains("\"::"), "{shown_json}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&shown_json).unwrap(), said);
            assert!(shown_json.contains("plain \u{e9} \u{1f511}"), "{shown_json}");
            assert!(shown_json.contains("a::b"), "{shown_json}");
        }
        assert_eq!(plain_json("{\n  \"a\": 1\n}"), "{\n  \"a\": 1\n}");
    }
}
