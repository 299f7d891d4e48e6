//! What a ceremony said, for people to read: authenticator data, CBOR and client data. Tolerant of
//! whatever a tampering made of them, bounded in depth and length, and sharing no code with the key or
//! the portal, so that a bug of theirs shows here.

mod cbor;

use std::fmt::Write as _;

pub use cbor::{Diagnosed, diagnostic};
use serde_json::Value;

/// A named part and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The standard's name of the part.
    pub name: String,
    /// Its value, readable.
    pub value: String,
}

/// Longest value of one field, characters.
const VALUE_LIMIT: usize = 4096;

/// The flags of authenticator data, WebAuthn §6.1, from bit 0 on.
const FLAGS: [&str; 8] = ["UP", "RFU1", "UV", "BE", "BS", "RFU2", "AT", "ED"];

/// Authenticator data (WebAuthn §6.1) as named fields. Where the bytes end too early, the last field
/// says so; bytes left over are a field too.
#[must_use]
pub fn authenticator_data(bytes: &[u8]) -> Vec<Field> {
    let mut parts = Parts { rest: bytes, fields: Vec::new() };
    let whole = read_authenticator_data(&mut parts);
    let name = if whole.is_some() { "left over" } else { "cut short" };
    if whole.is_none() || !parts.rest.is_empty() {
        parts.say(name, hex(parts.rest));
    }
    parts.fields
}

fn read_authenticator_data(parts: &mut Parts<'_>) -> Option<()> {
    let rp_id_hash = parts.take(32)?;
    parts.say("rpIdHash", hex(rp_id_hash));
    let flags = *parts.take(1)?.first()?;
    let set: Vec<_> = FLAGS
        .iter()
        .enumerate()
        .filter(|(bit, _)| flags & (1 << bit) != 0)
        .map(|(_, name)| *name)
        .collect();
    parts.say("flags", format!("0x{flags:02x} {}", set.join(" ")).trim_end().to_owned());
    let counter = u32::from_be_bytes(*parts.take(4)?.first_chunk()?);
    parts.say("signCount", counter.to_string());
    if flags & 0x40 != 0 {
        let aaguid = parts.take(16)?;
        parts.say("aaguid", uuid(aaguid));
        let length = u16::from_be_bytes(*parts.take(2)?.first_chunk()?);
        parts.say("credentialIdLength", length.to_string());
        let id = parts.take(usize::from(length))?;
        parts.say("credentialId", hex(id));
        parts.cbor("credentialPublicKey");
    }
    if flags & 0x80 != 0 {
        parts.cbor("extensions");
    }
    Some(())
}

/// An attestation object: its members in diagnostic notation, and its authenticator data as fields
/// after them.
#[must_use]
pub fn attestation_object(bytes: &[u8]) -> Vec<Field> {
    let mut parts = Parts { rest: bytes, fields: Vec::new() };
    parts.cbor("attestationObject");
    if !parts.rest.is_empty() {
        parts.say("left over", hex(parts.rest));
    }
    if let Some(inner) = cbor::member(bytes, "authData") {
        parts.fields.extend(authenticator_data(inner));
    }
    parts.fields
}

/// Client data as its members in the order they stand, or as what it is instead.
#[must_use]
pub fn client_data(text: &str) -> Vec<Field> {
    let (mark, json) = match text.strip_prefix('\u{feff}') {
        Some(rest) => {
            (Some(Field { name: "byte order mark".into(), value: "present".into() }), rest)
        }
        None => (None, text),
    };
    let members = match serde_json::from_str::<Value>(json) {
        Ok(Value::Object(members)) => members
            .iter()
            .map(|(name, value)| {
                field(name, value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            })
            .collect(),
        Ok(other) => vec![field("not an object", other.to_string())],
        Err(error) => vec![field("not JSON", format!("{error}: {json}"))],
    };
    mark.into_iter().chain(members).collect()
}

/// Bytes of lower- or upper-case hexadecimal; `None` where it is none.
#[must_use]
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| {
            let digit = |index: usize| char::from(*pair.get(index)?).to_digit(16);
            u8::try_from(digit(0)? * 16 + digit(1)?).ok()
        })
        .collect()
}

struct Parts<'a> {
    rest: &'a [u8],
    fields: Vec<Field>,
}

impl<'a> Parts<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn say(&mut self, name: &str, value: String) {
        self.fields.push(field(name, value));
    }

    fn cbor(&mut self, name: &str) {
        let Diagnosed { text, used } = diagnostic(self.rest);
        self.rest = self.rest.get(used..).unwrap_or_default();
        self.say(name, text);
    }
}

fn field(name: &str, value: String) -> Field {
    Field { name: bounded(name.to_owned()), value: bounded(value) }
}

fn bounded(mut text: String) -> String {
    if let Some((at, _)) = text.char_indices().nth(VALUE_LIMIT) {
        text.truncate(at);
        text.push('…');
    }
    text
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn uuid(bytes: &[u8]) -> String {
    let digits = hex(bytes);
    let groups = [0..8, 8..12, 12..16, 16..20, 20..32];
    groups.into_iter().filter_map(|group| digits.get(group)).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests;
