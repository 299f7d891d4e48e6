//! Keeps what a recording holds out of the draft. A draft takes names and words from a recording,
//! never values: what changes from one run to the next becomes a place.

use std::collections::BTreeSet;

use url::Url;

use super::{har::Entry, toml::literal};

/// Values of a recording by what they are.
#[derive(Debug, Default)]
pub(super) struct Scrub {
    users: BTreeSet<String>,
    mails: BTreeSet<String>,
    passwords: BTreeSet<String>,
    secrets: BTreeSet<String>,
}

/// Shortest value that is looked for inside others.
const SHORTEST: usize = 6;

impl Scrub {
    /// Learns every value that was sent, and the cookies that came.
    pub(super) fn new(entries: &[Entry]) -> Self {
        let mut scrub = Self::default();
        for entry in entries {
            for (name, value) in entry.sent() {
                let mut keep = |set: fn(&mut Self) -> &mut BTreeSet<String>| {
                    set(&mut scrub).insert(value.clone());
                };
                match super::page::by_name(&name) {
                    super::page::Kind::Password => keep(|scrub| &mut scrub.passwords),
                    super::page::Kind::User | super::page::Kind::Mail if value.contains('@') => {
                        keep(|scrub| &mut scrub.mails);
                    }
                    super::page::Kind::User | super::page::Kind::Mail => {
                        keep(|scrub| &mut scrub.users);
                    }
                    super::page::Kind::Code
                    | super::page::Kind::Hidden
                    | super::page::Kind::Box
                    | super::page::Kind::Button
                    | super::page::Kind::Captcha
                    | super::page::Kind::Other => {}
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

    /// Whether a text that is to stand in the draft holds a value that is no mere word.
    pub(super) fn holds_secret(&self, text: &str) -> bool {
        let told = |secret: &String| {
            let whole = text == secret && secret.bytes().any(|b| b.is_ascii_digit());
            let within = !is_word(secret) && text.contains(secret.as_str());
            secret.len() >= SHORTEST && (whole || within)
        };
        self.secrets.iter().any(told)
    }
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
