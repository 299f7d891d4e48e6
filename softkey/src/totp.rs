//! One-time codes on the user's side, as an authenticator app computes them (RFC 6238, SHA-1).

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// The code an authenticator app shows at `unix` seconds, with as many `digits` (usually 6, at most
/// 9) and a new one every `period` seconds (usually 30).
///
/// The secret is base32 as people copy it: upper or lower case, blanks, dashes and padding are
/// skipped. `None` for another character, an empty secret, or an impossible shape of code.
pub fn code(secret_base32: &str, unix: u64, digits: u32, period: u64) -> Option<String> {
    if !(1..=9).contains(&digits) {
        return None;
    }
    let secret = from_base32(secret_base32)?;
    let step = unix.checked_div(period)?;
    let mut mac = Hmac::<Sha1>::new_from_slice(&secret).ok()?;
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    // RFC 4226 §5.3: the last four bits say where the 31 bits of the code begin.
    let start = usize::from(hash.last()? & 0x0f);
    let word = u32::from_be_bytes(hash.get(start..start + 4)?.try_into().ok()?) & 0x7fff_ffff;
    let width = usize::try_from(digits).ok()?;
    Some(format!("{:0width$}", word % 10_u32.pow(digits)))
}

fn from_base32(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bytes, mut bits, mut width) = (Vec::new(), 0_u32, 0);
    for letter in text.trim_end().trim_end_matches('=').chars() {
        if letter == '-' || letter.is_whitespace() {
            continue;
        }
        let value = u32::try_from(ALPHABET.find(letter.to_ascii_uppercase())?).ok()?;
        (bits, width) = ((bits << 5 | value) & 0xfff, width + 5);
        if width >= 8 {
            width -= 8;
            bytes.push(u8::try_from(bits >> width & 0xff).ok()?);
        }
    }
    (!bytes.is_empty()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "12345678901234567890", the secret of RFC 6238 appendix B.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn the_vectors_of_the_standard() {
        for (unix, expected) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(code(SECRET, unix, 8, 30).as_deref(), Some(expected), "{unix}");
            assert_eq!(code(SECRET, unix, 6, 30).as_deref(), Some(&expected[2..]), "{unix}");
        }
    }

    #[test]
    fn a_secret_may_be_copied_as_people_do() {
        let spaced = "gezd gnbv-gy3t qojq gezd gnbv gy3t qojq====\n";
        assert_eq!(code(spaced, 59, 6, 30), code(SECRET, 59, 6, 30));
        for wrong in ["", "  ", "GEZD1NBV", "GEZD0NBV", "GEZDßNBV", "GE=ZDGNBV"] {
            assert_eq!(code(wrong, 59, 6, 30), None, "{wrong}");
        }
    }

    #[test]
    fn a_code_lasts_one_period() {
        assert_eq!(code(SECRET, 30, 6, 30), code(SECRET, 59, 6, 30));
        assert_ne!(code(SECRET, 59, 6, 30), code(SECRET, 60, 6, 30));
        assert_eq!(code(SECRET, 30, 6, 60), code(SECRET, 0, 6, 30));
    }

    #[test]
    fn an_impossible_shape_has_no_code() {
        assert_eq!(code(SECRET, 59, 0, 30), None);
        assert_eq!(code(SECRET, 59, 10, 30), None);
        assert_eq!(code(SECRET, 59, 6, 0), None);
    }
}
