//! Client data without a JSON parser: the limited verification of WebAuthn Level 3 §5.8.1.2. Browsers write the members
//! that matter first, in one order and without blanks (§5.8.1.1), and the text is compared with what they would write.
//! Whatever stands behind those is not looked at. A browser of before that rule is refused.

use super::{Expectation, base64url};

/// The first part of the client data that is not as it has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Odd {
    Type,
    Challenge,
    Origin,
    CrossOrigin,
    TopOrigin,
    /// Neither the end nor another member follows.
    Form,
}

/// Compares client data with what a browser writes that was asked for a ceremony of this kind.
pub(super) fn verify(bytes: &[u8], kind: &str, expect: &Expectation<'_>) -> Result<(), Odd> {
    let rest = part(bytes, "{\"type\":", kind).ok_or(Odd::Type)?;
    let challenge = base64url::text(expect.challenge);
    let rest = part(rest, ",\"challenge\":", &challenge).ok_or(Odd::Challenge)?;
    let rest = part(rest, ",\"origin\":", expect.origin).ok_or(Odd::Origin)?;
    let rest = rest.strip_prefix(b",\"crossOrigin\":").ok_or(Odd::Form)?;
    let rest = rest.strip_prefix(b"false").ok_or(Odd::CrossOrigin)?;
    if rest.starts_with(b",\"topOrigin\":") {
        return Err(Odd::TopOrigin);
    }
    if rest == b"}" || rest.starts_with(b",") { Ok(()) } else { Err(Odd::Form) }
}

/// What follows a member with its value.
fn part<'a>(bytes: &'a [u8], name: &str, value: &str) -> Option<&'a [u8]> {
    let rest = bytes.strip_prefix(name.as_bytes())?.strip_prefix(b"\"")?;
    let rest = value.bytes().try_fold(rest, after)?;
    rest.strip_prefix(b"\"")
}

/// What follows a byte of a text as browsers write it (§5.8.1.1): quotes, backslashes and control characters are
/// escaped.
fn after(rest: &[u8], byte: u8) -> Option<&[u8]> {
    match byte {
        b'"' => rest.strip_prefix(b"\\\""),
        b'\\' => rest.strip_prefix(b"\\\\"),
        0..=0x1f => {
            let digit = |half: u8| half + if half < 10 { b'0' } else { b'a' - 10 };
            rest.strip_prefix(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 0xf)])
        }
        _ => rest.strip_prefix(&[byte]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: &[u8] = b"thirty-two bytes of a challenge.";
    const HONEST: &str = r#"{"type":"webauthn.get","challenge":"dGhpcnR5LXR3byBieXRlcyBvZiBhIGNoYWxsZW5nZS4","origin":"https://a.example","crossOrigin":false}"#;

    fn verify(text: &str) -> Result<(), Odd> {
        let expect = Expectation {
            challenge: CHALLENGE,
            origin: "https://a.example",
            ..Expectation::default()
        };
        super::verify(text.as_bytes(), "webauthn.get", &expect)
    }

    #[test]
    fn what_browsers_write_passes_and_each_change_is_told_by_its_part() {
        assert_eq!(verify(HONEST), Ok(()));
        let more = HONEST.replace("false}", r#"false,"other":"{"}"#);
        assert_eq!(verify(&more), Ok(()), "{more}");
        for (from, to, odd) in [
            ("{\"type\"", "{ \"type\"", Odd::Type),
            ("webauthn.get", "webauthn.create", Odd::Type),
            ("dGhpc", "dGhpd", Odd::Challenge),
            ("4\",\"origin", "4AA\",\"origin", Odd::Challenge),
            ("https://a", "http://a", Odd::Origin),
            ("a.example\"", "a.example.evil\"", Odd::Origin),
            ("false", "true", Odd::CrossOrigin),
            ("false}", "false,\"topOrigin\":\"https://b.example\"}", Odd::TopOrigin),
            ("false}", "false", Odd::Form),
            ("false}", "falsehood}", Odd::Form),
            ("false}", "false} ", Odd::Form),
            (",\"crossOrigin\":false", "", Odd::Form),
        ] {
            let text = HONEST.replacen(from, to, 1);
            assert_ne!(text, HONEST, "{from}");
            assert_eq!(verify(&text), Err(odd), "{text}");
        }
    }

    #[test]
    fn a_text_is_quoted_as_browsers_do() {
        let written = "n\"a\\\"b\\\\c\\u001fé\"rest";
        let rest = part(written.as_bytes(), "n", "a\"b\\c\u{1f}é");
        assert_eq!(rest, Some(b"rest".as_slice()));
        assert_eq!(part(b"n\"a\"", "n", "a\""), None);
    }
}
