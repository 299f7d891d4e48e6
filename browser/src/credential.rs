//! What a page has of a credential: a browser hands its members over as bytes, and no member beside those of
//! WebAuthn L3 §5.1. Whatever else an answer says reaches no page, and through it no portal.

use base64::{
    Engine as _,
    alphabet::URL_SAFE,
    engine::{
        DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::URL_SAFE_NO_PAD,
    },
};
use serde_json::{Map, Value};

/// Members of both kinds of credentials, and how they are handed over.
const MEMBERS: &[(&str, Member)] = &[
    ("id", Member::AsItIs),
    ("rawId", Member::Bytes),
    ("type", Member::AsItIs),
    ("authenticatorAttachment", Member::AsItIs),
    ("clientExtensionResults", Member::AsItIs),
];

/// Those of the answer of an authenticator that makes a credential.
const CREATED: &[(&str, Member)] = &[
    ("clientDataJSON", Member::Bytes),
    ("attestationObject", Member::Bytes),
    ("authenticatorData", Member::Bytes),
    ("transports", Member::AsItIs),
    ("publicKey", Member::Bytes),
    ("publicKeyAlgorithm", Member::AsItIs),
];

/// Those of one that signs in.
const SIGNED: &[(&str, Member)] = &[
    ("clientDataJSON", Member::Bytes),
    ("authenticatorData", Member::Bytes),
    ("signature", Member::Bytes),
    ("userHandle", Member::Bytes),
];

#[derive(Clone, Copy)]
enum Member {
    AsItIs,
    Bytes,
}

/// Reads what a browser's own decoder reads: padded or not, whatever the last bits are.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A credential in the JSON of WebAuthn L3, as a page has it; `None` where it is handed to no page, because a
/// member is not the bytes that it should be.
#[must_use]
pub fn as_a_page_has_it(credential: &Value, creates: bool) -> Option<Value> {
    let mut handed_over = members(credential, MEMBERS)?;
    let response = credential.get("response")?;
    let response = members(response, if creates { CREATED } else { SIGNED })?;
    handed_over.insert("response".to_owned(), Value::Object(response));
    Some(Value::Object(handed_over))
}

fn members(of: &Value, known: &[(&str, Member)]) -> Option<Map<String, Value>> {
    let mut members = Map::new();
    for (name, member) in known {
        let Some(value) = of.get(*name).filter(|value| !value.is_null()) else { continue };
        let value = match member {
            Member::AsItIs => value.clone(),
            Member::Bytes => Value::from(again(value.as_str()?)?),
        };
        members.insert((*name).to_owned(), value);
    }
    Some(members)
}

/// Bytes as they are written anew.
fn again(encoded: &str) -> Option<String> {
    let encoded = encoded.replace('+', "-").replace('/', "_");
    LENIENT.decode(encoded).ok().map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_no_browser_hands_over_reaches_no_page() {
        let honest = json!({
            "id": "AQI", "rawId": "AQI", "type": "public-key", "clientExtensionResults": {},
            "response": {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"},
        });
        assert_eq!(as_a_page_has_it(&honest, false).as_ref(), Some(&honest));
        let mut padded = honest.clone();
        padded["rawId"] = json!("AQI=");
        padded["more"] = json!(1);
        padded["response"]["signature"] = json!("AB");
        assert_eq!(as_a_page_has_it(&padded, false).as_ref(), Some(&honest));
        let mut unreadable = honest;
        unreadable["response"]["signature"] = json!("%");
        assert_eq!(as_a_page_has_it(&unreadable, false), None);
    }
}
