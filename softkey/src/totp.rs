//! One-time codes on the user's side, as an authenticator app computes them (RFC 6238).

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// The hash that a code is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC-SHA-1, which nearly everybody uses.
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

/// What the codes of a portal are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Codes {
    /// The hash.
    pub algorithm: Algorithm,
    /// Digits of a code: usually 6, at most 9.
    pub digits: u32,
    /// Seconds after which there is a new one, usually 30.
    pub period: u64,
}

impl Codes {
    /// What an authenticator app takes for granted: six digits, thirty seconds, SHA-1.
    pub const USUAL: Self = Self { algorithm: Algorithm::Sha1, digits: 6, period: 30 };

    /// The code that an authenticator app shows at `unix` seconds.
    ///
    /// The secret is base32 as people copy it: upper or lower case, blanks, dashes and padding are
    /// skipped. `None` for another character, an empty secret, or an impossible shape of code.
    #[must_use]
    pub fn at(&self, secret_base32: &str, unix: u64) -> Option<String> {
        if !(1..=9).contains(&self.digits) {
            return None;
        }
        let secret = from_base32(secret_base32)?;
        let step = unix.checked_div(self.period)?.to_be_bytes();
        let hash = match self.algorithm {
            Algorithm::Sha1 => hash(Hmac::<Sha1>::new_from_slice(&secret).ok()?, &step),
            Algorithm::Sha256 => hash(Hmac::<Sha256>::new_from_slice(&secret).ok()?, &step),
            Algorithm::Sha512 => hash(Hmac::<Sha512>::new_from_slice(&secret).ok()?, &step),
        };
        // RFC 4226 §5.3: the last four bits say where the 31 bits of the code begin.
        let start = usize::from(hash.last()? & 0x0f);
        let word = u32::from_be_bytes(hash.get(start..start + 4)?.try_into().ok()?) & 0x7fff_ffff;
        let width = usize::try_from(self.digits).ok()?;
        Some(format!("{:0width$}", word % 10_u32.pow(self.digits)))
    }
}

fn hash(mut mac: impl Mac, message: &[u8]) -> Vec<u8> {
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
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

    /// The secrets of RFC 6238 appendix B: "1234567890…" of 20, 32 and 64 bytes.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    const SECRET_32: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA";
    const SECRET_64: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA";

    fn code(secret: &str, unix: u64, digits: u32, period: u64) -> Option<String> {
        Codes { digits, period, ..Codes::USUAL }.at(secret, unix)
    }

    /// Seconds, and the codes of SHA-1, SHA-256 and SHA-512.
    const VECTORS: &[(u64, [&str; 3])] = &[
        (59, ["94287082", "46119246", "90693936"]),
        (1_111_111_109, ["07081804", "68084774", "25091201"]),
        (1_111_111_111, ["14050471", "67062674", "99943326"]),
        (1_234_567_890, ["89005924", "91819424", "93441116"]),
        (2_000_000_000, ["69279037", "90698825", "38618901"]),
        (20_000_000_000, ["65353130", "77737706", "47863826"]),
    ];

    #[test]
    fn the_vectors_of_the_standard() {
        let hashes = [
            (Algorithm::Sha1, SECRET),
            (Algorithm::Sha256, SECRET_32),
            (Algorithm::Sha512, SECRET_64),
        ];
        for (unix, expected) in VECTORS {
            for ((algorithm, secret), expected) in hashes.into_iter().zip(expected) {
                let codes = Codes { algorithm, digits: 8, period: 30 };
                assert_eq!(codes.at(secret, *unix).as_deref(), Some(*expected), "{unix}");
            }
            assert_eq!(code(SECRET, *unix, 6, 30).as_deref(), Some(&expected[0][2..]), "{unix}");
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
