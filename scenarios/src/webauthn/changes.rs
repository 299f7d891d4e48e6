//! The changes that tables of both ceremonies make, by name.

use serde_json::{Value, json};
use softkey::{AuthData, Cbor, ClientData, Flags, Member, MemberName, rp_id_hash_of};

/// Another site.
pub(super) const FOREIGN: &str = "https://evil.example";

// ── client data ─────────────────────────────────────────────────────────────────────────────────

pub(super) fn other_scheme(c: &mut ClientData) {
    let other = if c.origin_text().starts_with("https:") { "http" } else { "https" };
    c.origin = c.origin_with_scheme(other).into();
}

pub(super) fn other_port(c: &mut ClientData) {
    c.origin = c.origin_with_port(4443).into();
}

/// A host that ends like ours, with nothing before it.
pub(super) fn lookalike_suffix(c: &mut ClientData) {
    let host = format!("evil{}", c.origin_host());
    c.origin = c.origin_with_host(&host).into();
}

/// Our origin, and then another domain.
pub(super) fn lookalike_prefix(c: &mut ClientData) {
    let longer = format!("{}.evil.example", c.origin_text());
    c.origin = longer.into();
}

pub(super) fn subdomain(c: &mut ClientData) {
    let host = format!("blog.{}", c.origin_host());
    c.origin = c.origin_with_host(&host).into();
}

pub(super) fn userinfo(c: &mut ClientData) {
    let tricky = format!("{}@evil.example", c.origin_text());
    c.origin = tricky.into();
}

pub(super) fn shorter_challenge(c: &mut ClientData) {
    let mut bytes = c.challenge_bytes();
    bytes.truncate(bytes.len().saturating_sub(1));
    c.set_challenge_bytes(&bytes);
}

pub(super) fn longer_challenge(c: &mut ClientData) {
    let mut bytes = c.challenge_bytes();
    bytes.push(0);
    c.set_challenge_bytes(&bytes);
}

pub(super) fn invented_challenge(c: &mut ClientData) {
    c.set_challenge_bytes(&[7; 32]);
}

/// The same letters in the other case: another value.
pub(super) fn other_case_challenge(c: &mut ClientData) {
    let swap = |letter: char| {
        if letter.is_ascii_lowercase() {
            letter.to_ascii_uppercase()
        } else {
            letter.to_ascii_lowercase()
        }
    };
    let swapped: String = c.challenge_text().chars().map(swap).collect();
    c.challenge = swapped.into();
}

/// The right challenge as base64 with padding writes it.
pub(super) fn padded_challenge(c: &mut ClientData) {
    let padded = format!("{}=", c.challenge_text());
    c.challenge = padded.into();
}

pub(super) fn challenge_and_a_blank(c: &mut ClientData) {
    let longer = format!("{} ", c.challenge_text());
    c.challenge = longer.into();
}

pub(super) fn origin_and_a_slash(c: &mut ClientData) {
    let longer = format!("{}/", c.origin_text());
    c.origin = longer.into();
}

pub(super) fn origin_and_a_path(c: &mut ClientData) {
    let longer = format!("{}/sign-in", c.origin_text());
    c.origin = longer.into();
}

pub(super) fn origin_in_capitals(c: &mut ClientData) {
    c.origin = c.origin_text().to_uppercase().into();
}

/// What an honest browser says in a frame of another site.
pub(super) fn framed_by_another(c: &mut ClientData) {
    c.cross_origin = true.into();
    c.top_origin = FOREIGN.into();
}

pub(super) fn two_origins(c: &mut ClientData) {
    c.extra.push(("origin".into(), json!(FOREIGN)));
}

pub(super) fn two_challenges(c: &mut ClientData) {
    c.extra.push(("challenge".into(), json!("BwcHBwcHBwcHBwcHBwcHBw")));
}

pub(super) fn other_order(c: &mut ClientData) {
    c.order =
        vec![MemberName::Origin, MemberName::CrossOrigin, MemberName::Challenge, MemberName::Type];
}

pub(super) fn unknown_member(c: &mut ClientData) {
    c.extra.push(("unknown".into(), json!("may be extended")));
}

pub(super) fn no_cross_origin(c: &mut ClientData) {
    c.cross_origin = Member::Absent;
}

pub(super) fn byte_order_mark(bytes: &mut Vec<u8>) {
    bytes.splice(0..0, [0xef, 0xbb, 0xbf]);
}

pub(super) fn white_space(bytes: &mut Vec<u8>) {
    bytes.splice(1..1, *b" \n ");
}

pub(super) fn broken_utf8(bytes: &mut Vec<u8>) {
    // Inside a string of an unknown member, so that only the encoding is wrong.
    let end = bytes.len().saturating_sub(1);
    bytes.splice(end..end, b",\"x\":\"\xff\xfe\"".iter().copied());
}

pub(super) fn foreign_origin_first(bytes: &mut Vec<u8>) {
    bytes.splice(1..1, format!("\"origin\":\"{FOREIGN}\",").into_bytes());
}

pub(super) fn text_behind(bytes: &mut Vec<u8>) {
    bytes.extend(b" and so on");
}

pub(super) fn json_array(bytes: &mut Vec<u8>) {
    bytes.insert(0, b'[');
    bytes.push(b']');
}

pub(super) fn not_json(bytes: &mut Vec<u8>) {
    bytes.truncate(bytes.len() / 2);
}

// ── authenticator data ──────────────────────────────────────────────────────────────────────────

pub(super) fn foreign_rp_id(d: &mut AuthData) {
    d.rp_id_hash = rp_id_hash_of("evil.example");
}

pub(super) fn rp_id_of_the_origin(d: &mut AuthData) {
    d.rp_id_hash = rp_id_hash_of("http://portal.localhost");
}

pub(super) fn zero_rp_id(d: &mut AuthData) {
    d.rp_id_hash = [0; 32];
}

pub(super) fn no_touch(d: &mut AuthData) {
    d.flags.clear(Flags::UP);
}

/// Neither touch nor PIN, as a key that was asked nothing.
pub(super) fn nobody_there(d: &mut AuthData) {
    d.flags.clear(Flags::UP | Flags::UV);
}

pub(super) fn not_verified(d: &mut AuthData) {
    d.flags.clear(Flags::UV);
}

pub(super) fn backed_up_not_eligible(d: &mut AuthData) {
    d.flags.clear(Flags::BE);
    d.flags.set(Flags::BS);
}

pub(super) fn reserved_bits(d: &mut AuthData) {
    d.flags.set(0b0010_0010);
}

pub(super) fn left_over(d: &mut AuthData) {
    d.trailing = vec![0];
}

pub(super) fn extensions_without_data(d: &mut AuthData) {
    d.flags.set(Flags::ED);
}

pub(super) fn extensions_not_a_map(d: &mut AuthData) {
    d.flags.set(Flags::ED);
    d.extensions = Some(Cbor::Integer(7.into()));
}

pub(super) fn extensions_unannounced(d: &mut AuthData) {
    d.extensions = Some(some_extension());
}

pub(super) fn unknown_extension(d: &mut AuthData) {
    d.flags.set(Flags::ED);
    d.extensions = Some(some_extension());
}

fn some_extension() -> Cbor {
    Cbor::Map(vec![(Cbor::Text("example.extension".into()), Cbor::Bool(true))])
}

pub(super) fn too_short(bytes: &mut Vec<u8>) {
    bytes.truncate(36);
}

/// The public key as a map whose length stands in a byte of its own.
pub(super) fn key_in_long_form(bytes: &mut Vec<u8>) {
    // The credential id begins at 55, its length stands before it.
    let length = bytes.get(53..55).map_or(0, |two| usize::from(two[0]) * 256 + usize::from(two[1]));
    in_long_form(bytes, 55 + length);
}

// ── attestation object ──────────────────────────────────────────────────────────────────────────

pub(super) fn long_form(bytes: &mut Vec<u8>) {
    in_long_form(bytes, 0);
}

/// A CBOR map of few entries, with their number in a byte of its own.
fn in_long_form(bytes: &mut Vec<u8>, at: usize) {
    if let Some(head) = bytes.get_mut(at) {
        let entries = *head & 0x1f;
        *head = 0xb8;
        bytes.insert(at + 1, entries);
    }
}

/// A CBOR map that ends where a break says so.
pub(super) fn open_ended(bytes: &mut Vec<u8>) {
    if let Some(head) = bytes.first_mut() {
        *head = 0xbf;
        bytes.push(0xff);
    }
}

// ── envelope ────────────────────────────────────────────────────────────────────────────────────

pub(super) fn remove(envelope: &mut Value, pointer: &str) {
    let Some((parent, name)) = pointer.rsplit_once('/') else { return };
    if let Some(members) = envelope.pointer_mut(parent).and_then(Value::as_object_mut) {
        members.remove(name);
    }
}

pub(super) fn put(envelope: &mut Value, pointer: &str, value: Value) {
    let Some((parent, name)) = pointer.rsplit_once('/') else { return };
    if let Some(members) = envelope.pointer_mut(parent).and_then(Value::as_object_mut) {
        members.insert(name.to_owned(), value);
    }
}

/// Another id in the one member, the right one in the other.
pub(super) fn ids_differ(e: &mut Value) {
    e["id"] = json!(another_id(e));
}

/// The same wrong id in both members.
pub(super) fn other_ids(e: &mut Value) {
    let other = json!(another_id(e));
    e["id"] = other.clone();
    e["rawId"] = other;
}

/// An id that is as new as the key's own: one that is always the same is known to the portal from the
/// second run on, and is then refused for that.
fn another_id(e: &Value) -> String {
    let own = e["rawId"].as_str().unwrap_or_default();
    let first = if own.starts_with('A') { 'B' } else { 'A' };
    std::iter::once(first).chain(own.chars().skip(1)).collect()
}

/// The same bytes with padding, as standard base64 writes them.
pub(super) fn padded_ids(e: &mut Value) {
    let padded = e["rawId"].as_str().map(|id| format!("{id}="));
    e["rawId"] = json!(padded);
    e["id"] = json!(padded);
}

pub(super) fn unknown_client_extension(e: &mut Value) {
    e["clientExtensionResults"]["example.extension"] = json!(true);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_id_differs_from_key_to_key() {
        for (own, other) in [("AQID", "BQID"), ("BQID", "AQID"), ("zzzz", "Azzz")] {
            let mut both = json!({ "id": own, "rawId": own });
            let mut one = both.clone();
            other_ids(&mut both);
            ids_differ(&mut one);
            assert_eq!(both, json!({ "id": other, "rawId": other }));
            assert_eq!(one, json!({ "id": other, "rawId": own }));
        }
    }
}
