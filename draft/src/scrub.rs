//! Keeps what a recording holds out of the draft. A draft takes names and words from a recording,
//! never values: what changes from one run to the next becomes a place.

use std::collections::{BTreeSet, HashSet};

use url::Url;

use super::{
    har::Entry,
    page::{self, Kind},
    toml::literal,
};

/// Values of a recording by what they are.
#[derive(Debug, Default)]
pub(super) struct Scrub {
    users: BTreeSet<String>,
    mails: BTreeSet<String>,
    passwords: BTreeSet<String>,
    secrets: HashSet<String>,
    /// How long those are that are looked for inside others.
    lengths: BTreeSet<usize>,
    /// What people are called, in lower case: whole, and the part of an address before the `@`.
    people: HashSet<String>,
}

/// Shortest value that is looked for inside others.
const SHORTEST: usize = 6;

/// Longest text that may stand in a draft.
const LONGEST: usize = 1000;

impl Scrub {
    /// Learns every value that was sent, and the cookies that came.
    pub(super) fn new(entries: &[Entry]) -> Self {
        let mut scrub = Self::default();
        for entry in entries {
            for (name, value) in entry.sent() {
                let mut keep = |set: fn(&mut Self) -> &mut BTreeSet<String>| {
                    set(&mut scrub).insert(value.clone());
                };
                match page::by_name(&name) {
                    Kind::Password => keep(|scrub| &mut scrub.passwords),
                    Kind::User | Kind::Mail if value.contains('@') => {
                        keep(|scrub| &mut scrub.mails);
                    }
                    Kind::User | Kind::Mail => {
                        keep(|scrub| &mut scrub.users);
                    }
                    Kind::Code
                    | Kind::Hidden
                    | Kind::Box
                    | Kind::Button
                    | Kind::Captcha
                    | Kind::Other => {}
                }
                scrub.secrets.insert(value);
            }
            scrub.secrets.extend(entry.cookies().map(|(_, value)| value));
            let secret = |(name, _): &&(String, String)| {
                ["authorization", "cookie", "token", "csrf", "xsrf", "key"]
                    .iter()
                    .any(|word| name.contains(word))
            };
            scrub
                .secrets
                .extend(entry.headers.iter().filter(secret).map(|(_, value)| value.clone()));
        }
        let called = scrub.users.iter().chain(&scrub.mails).flat_map(|name| {
            [name.as_str(), name.split_once('@').map_or(name.as_str(), |(before, _)| before)]
        });
        scrub.people = called.map(str::to_lowercase).filter(|name| tells_somebody(name)).collect();
        let within = scrub.secrets.iter().filter(|secret| !is_word(secret));
        let people = scrub.people.iter().map(String::len);
        scrub.lengths = within.map(String::len).chain(people).filter(|n| *n >= SHORTEST).collect();
        scrub
    }

    /// The place that stands for a value: whom the recording is of.
    pub(super) fn place(&self, value: &str) -> Option<&'static str> {
        if value.is_empty() {
            return None;
        }
        let place =
            [(&self.passwords, "{password}"), (&self.mails, "{mail}"), (&self.users, "{user}")];
        place.iter().find(|(values, _)| values.contains(value)).map(|(_, place)| *place)
    }

    /// Whether a value is the name or address of somebody of the recording.
    pub(super) fn is_person(&self, value: &str) -> bool {
        self.users.contains(value) || self.mails.contains(value)
    }

    /// A path with a place for each part that changes, and the names of those.
    pub(super) fn path(&self, url: &Url) -> (String, bool) {
        let mut changes = false;
        let segments = url.path().split('/').map(|segment| {
            let plain =
                percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned();
            if segment.is_empty() {
                String::new()
            } else if let Some(place) = self.place(&plain) {
                place.to_owned()
            } else if is_word(segment) && !self.holds_secret(&plain) {
                literal(segment)
            } else {
                changes = true;
                "{changing}".to_owned()
            }
        });
        let path = segments.collect::<Vec<_>>().join("/");
        (path, changes)
    }

    /// A regular expression for the path of a `Location`.
    pub(super) fn location(&self, url: &Url) -> String {
        let (path, _) = self.path(url);
        let segments = path.split('/').map(|segment| {
            if segment.starts_with('{') && !segment.starts_with("{{") {
                "[^/?]+".to_owned()
            } else {
                regex::escape(&segment.replace("{{", "{").replace("}}", "}"))
            }
        });
        let path = segments.collect::<Vec<_>>().join("/");
        format!("^(https?://[^/]+)?{path}(\\?|$)")
    }

    /// A name of a field, member, cookie or header, where it is one and not a value.
    pub(super) fn name<'n>(&self, name: &'n str) -> Option<&'n str> {
        let shaped = !name.is_empty()
            && name.len() <= 64
            && name
                .split(|c: char| !c.is_ascii_alphanumeric())
                .all(|part| part.is_empty() || is_word(part))
            && name.bytes().all(|b| {
                b.is_ascii_graphic() && !matches!(b, b'"' | b'\\' | b'{' | b'}' | b'<' | b'>')
            });
        (shaped && !self.holds_secret(name)).then_some(name)
    }

    /// Whether a selector, pointer or expression is made of words, and may stand in the draft.
    pub(super) fn is_plain(&self, text: &str) -> bool {
        let in_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
        let words = text.split(|c| !in_word(c)).all(|part| part.is_empty() || is_word(part));
        words && !self.holds_secret(text)
    }

    /// Whether a text that is to stand in the draft holds a value that is no mere word, or the name of
    /// somebody. What it costs depends on the text alone, not on how much was recorded.
    pub(super) fn holds_secret(&self, text: &str) -> bool {
        if text.len() > LONGEST {
            return true;
        }
        let has_digit = text.bytes().any(|b| b.is_ascii_digit());
        if text.len() >= SHORTEST && has_digit && self.secrets.contains(text) {
            return true;
        }
        let lower = text.to_lowercase();
        parts(text).any(|part| self.people.contains(&part.to_lowercase()))
            || self.people.contains(&lower)
            || self.lengths.range(..=text.len()).any(|length| {
                let secret = |part: &str| !is_word(part) && self.secrets.contains(part);
                windows(text, *length).any(secret)
                    || windows(&lower, *length).any(|part| self.people.contains(part))
            })
    }
}

/// Whether a name tells who somebody is: `user` and `login` are words of every form.
fn tells_somebody(name: &str) -> bool {
    let is_word = name.bytes().all(|b| b.is_ascii_alphabetic());
    let of_forms = matches!(page::by_name(name), Kind::User | Kind::Mail | Kind::Password);
    !(name.is_empty() || is_word && of_forms)
}

/// The words of a text: `aliceSmith_id` is `alice`, `Smith`, `id`.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).flat_map(|word| {
        let begins = |at: &usize| {
            let (before, after) = word.split_at(*at);
            before.ends_with(char::is_lowercase) && after.starts_with(char::is_uppercase)
        };
        let inner = word.char_indices().map(|(at, _)| at).filter(begins);
        let ends: Vec<usize> = inner.chain([word.len()]).collect();
        let starts = std::iter::once(0).chain(ends.clone());
        let pieces = starts.zip(ends).map(|(start, end)| &word[start..end]);
        pieces.chain([word]).collect::<Vec<_>>()
    })
}

/// Every part of a text that has so many bytes.
fn windows(text: &str, length: usize) -> impl Iterator<Item = &str> {
    #[cfg(test)]
    super::tests::works(text.len());
    (0..=text.len().saturating_sub(length)).filter_map(move |at| text.get(at..at + length))
}

/// Whether a text is words, with a number before or after, and not something made by chance.
pub(super) fn is_word(text: &str) -> bool {
    let part = |part: &str| {
        // Names of second factors have their number in the middle, `totp2fcheck`.
        let part = part.replace("2fa", "").replace("2f", "");
        if part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit()) {
            return true;
        }
        let letters = part.trim_matches(|c: char| c.is_ascii_digit());
        let (upper, lower) = (
            letters.bytes().filter(u8::is_ascii_uppercase).count(),
            letters.bytes().filter(u8::is_ascii_lowercase).count(),
        );
        let digits = part.len() - letters.len();
        part.len() <= 24
            && upper + lower == letters.len()
            && (upper <= 5 || lower == 0 && letters.len() <= 12)
            && (digits == 0 || digits <= 2 && upper <= 1)
    };
    text.len() <= 48
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~'))
        && text.split(['-', '_', '.', '~']).all(part)
}
