//! What is done to a value that was found, or that is put into a template.

use base64::{
    Engine,
    alphabet::{Alphabet, STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use profile::extractor::Transform;
use serde_json::Value;

use super::extract::plain;
use html::unescaped;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);

/// Applies transforms in order; `None` where one of them does not fit.
pub(super) fn transform(value: Value, transforms: &[Transform]) -> Option<Value> {
    transforms.iter().try_fold(value, apply)
}

fn apply(value: Value, transform: &Transform) -> Option<Value> {
    let text = plain(&value);
    let text = match transform {
        Transform::JsonString => value.to_string(),
        Transform::JsonParse => return serde_json::from_str(&text).ok(),
        Transform::Raw => return Some(value),
        Transform::HtmlUnescape => unescaped(&text),
        Transform::UrlDecode => {
            percent_decode_str(&text.replace('+', " ")).decode_utf8().ok()?.into_owned()
        }
        Transform::UrlEncode => utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string(),
        Transform::Strip(characters) => text.chars().filter(|c| !characters.contains(*c)).collect(),
        Transform::Trim => text.trim().to_owned(),
        Transform::Upper => text.to_uppercase(),
        Transform::Lower => text.to_lowercase(),
        Transform::Base32 => base32(text.as_bytes()),
        Transform::Base64ToUrl => BASE64_URL_SAFE_NO_PAD.encode(bytes(&STANDARD, &text)?),
        Transform::UrlToBase64 => BASE64_STANDARD.encode(bytes(&URL_SAFE, &text)?),
        Transform::Query(name) => query(&text, name)?,
    };
    Some(Value::from(text))
}

fn bytes(alphabet: &Alphabet, text: &str) -> Option<Vec<u8>> {
    GeneralPurpose::new(alphabet, LENIENT).decode(text.trim()).ok()
}

/// A parameter of anything that has a query, `otpauth:` included.
fn query(text: &str, name: &str) -> Option<String> {
    let query = text.split_once('?').map_or(text, |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    let found = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}

/// RFC 4648 §6, without padding.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::new();
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(letter(ALPHABET, buffer >> bits));
            buffer &= (1 << bits) - 1;
        }
    }
    if bits > 0 {
        out.push(letter(ALPHABET, buffer << (5 - bits)));
    }
    out
}

fn letter(alphabet: &[u8; 32], value: u32) -> char {
    let index = usize::try_from(value & 31).unwrap_or(0);
    char::from(alphabet[index])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_transformed_in_order_and_misfits_are_nothing() {
        let check = |value: Value, transforms: &[Transform]| transform(value, transforms);
        let strip = Transform::Strip("- ".to_owned());
        let secret = Transform::Query("secret".to_owned());
        for (value, transforms, result) in [
            (json!("7kp5-GORH abcd"), vec![strip, Transform::Upper], Some(json!("7KP5GORHABCD"))),
            (
                json!("otpauth://totp/A:b?secret=JBSW&issuer=A"),
                vec![secret.clone()],
                Some(json!("JBSW")),
            ),
            (json!("otpauth://totp/A:b?issuer=A"), vec![secret], None),
            (
                json!("a &amp; &lt;b&gt; &quot;"),
                vec![Transform::HtmlUnescape],
                Some(json!("a & <b> \"")),
            ),
            (json!("a%20b+c"), vec![Transform::UrlDecode], Some(json!("a b c"))),
            (
                json!("{&quot;a&quot;:1}"),
                vec![Transform::HtmlUnescape, Transform::JsonParse],
                Some(json!({ "a": 1 })),
            ),
            (json!("nonsense"), vec![Transform::JsonParse], None),
            (json!({ "a": 1 }), vec![Transform::JsonString], Some(json!("{\"a\":1}"))),
            (json!("+/8="), vec![Transform::Base64ToUrl], Some(json!("-_8"))),
            (json!("-_8"), vec![Transform::UrlToBase64], Some(json!("+/8="))),
            (json!("foobar"), vec![Transform::Base32], Some(json!("MZXW6YTBOI"))),
            (json!("fooba"), vec![Transform::Base32, Transform::Lower], Some(json!("mzxw6ytb"))),
        ] {
            assert_eq!(check(value.clone(), &transforms), result, "{value} {transforms:?}");
        }
    }
}
