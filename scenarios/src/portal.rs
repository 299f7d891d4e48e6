//! What a portal owes its users beyond the standard: one file a family, requirements with their
//! stories.

use harness::requirement::Requirement;
use profile::secret::Secret;
use serde_json::{Value, json};

mod browser_timeout;
mod deleted_credential;
mod factor;
mod keys;
mod login;
mod registration;
mod reset_token;
mod sso;
mod totp_enrollment;
mod unsupported_browser;
mod wrong_key;

/// The chapters, in reading order.
pub const CHAPTERS: &[&[&Requirement]] = &[
    registration::CHAPTER,
    login::CHAPTER,
    wrong_key::CHAPTER,
    deleted_credential::CHAPTER,
    browser_timeout::CHAPTER,
    unsupported_browser::CHAPTER,
    reset_token::CHAPTER,
    totp_enrollment::CHAPTER,
    factor::CHAPTER,
    keys::CHAPTER,
    sso::CHAPTER,
];

/// A registration that no key made.
fn garbage_registration() -> Value {
    json!({
        "id": "AAAA", "rawId": "AAAA", "type": "public-key", "clientExtensionResults": {},
        "response": { "clientDataJSON": "e30", "attestationObject": "oA", "transports": [] },
    })
}

/// An honest answer that no portal can take: its signature altered, or its attestation object cut off.
/// Nothing signs the end of an attestation object: altered there it would be a sound one of another key.
pub(crate) fn broken(honest: &Value) -> Value {
    let mut broken = honest.clone();
    if let Some(Value::String(text)) = broken.pointer_mut("/response/signature") {
        *text = swap_a_character(text);
    }
    if let Some(Value::String(text)) = broken.pointer_mut("/response/attestationObject") {
        text.truncate(text.len() / 8 * 4);
    }
    broken
}

/// The same link with another character in its token.
fn altered(link: &Secret) -> Secret {
    Secret::new(swap_a_character(link.reveal()))
}

/// Another letter or digit for the last one but three, so that no padding bits are touched.
fn swap_a_character(text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let place = (0..characters.len().saturating_sub(3))
        .rev()
        .find(|&at| characters[at].is_ascii_alphanumeric());
    if let Some(place) = place {
        let other = if characters[place] == 'x' { 'y' } else { 'x' };
        characters[place] = other;
    }
    characters.into_iter().collect()
}

/// The longest run of token characters in a mailed link or code.
fn token_of(link: &Secret) -> String {
    let runs = link.reveal().split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
    runs.max_by_key(|run| run.len()).unwrap_or_default().to_owned()
}

fn first_digit_of(code: &Secret) -> Secret {
    Secret::new(code.reveal().chars().take(1).collect::<String>())
}

fn nothing() -> Secret {
    Secret::new("")
}

#[cfg(test)]
mod tests {
    use softkey::{decode_cbor, from_base64url};

    use super::*;

    #[test]
    fn a_broken_answer_cannot_be_taken() {
        // A map of one member, as attestation objects are: cut off, it is none.
        let honest = json!({ "response": {
            "attestationObject": "oWhhdXRoRGF0YVgYAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "signature": "MEUCIQDaAAAAAAAA",
        } });
        let broken = broken(&honest);
        let object = |answer: &Value| {
            let bytes = from_base64url(answer["response"]["attestationObject"].as_str()?)?;
            decode_cbor(&bytes)
        };
        assert!(object(&honest).is_some() && object(&broken).is_none());
        assert_ne!(honest["response"]["signature"], broken["response"]["signature"]);
    }
}
