//! The one source of everything that would be random in a real key.

use std::fmt;

use hkdf::Hkdf;
use sha2::{Digest, Sha256};

/// The most that one HKDF-SHA256 expansion can give.
const EXPANSION: usize = 255 * 32;

/// Thirty-two bytes from which keys, ids and counters are derived, the same ones every time.
///
/// `Debug` does not print the bytes: whoever has a seed has the private keys.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed([u8; 32]);

impl Seed {
    /// A seed of exactly these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads hexadecimal digits of any even number; other lengths than 64 are hashed to 32 bytes.
    ///
    /// `None` for an empty text, an odd number of digits, or anything else than digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let bytes = from_hex(text)?;
        if bytes.is_empty() {
            return None;
        }
        let exact = <[u8; 32]>::try_from(bytes.as_slice());
        Some(Self(exact.unwrap_or_else(|_| Sha256::digest(&bytes).into())))
    }

    /// A seed for one purpose: HKDF-SHA256 without salt, the label as its info.
    pub fn derive(&self, label: &str) -> Self {
        let mut bytes = [0; 32];
        self.expand(&format!("seed/{label}"), &mut bytes);
        Self(bytes)
    }

    /// `n` bytes for one purpose; a shorter request gives the beginning of a longer one.
    pub fn bytes(&self, label: &str, n: usize) -> Vec<u8> {
        let mut bytes = vec![0; n];
        for (index, part) in bytes.chunks_mut(EXPANSION).enumerate() {
            self.expand(&format!("bytes/{index}/{label}"), part);
        }
        bytes
    }

    /// The seed as 64 hexadecimal digits, for the one place that keeps it.
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn expand(&self, info: &str, into: &mut [u8]) {
        let hkdf = Hkdf::<Sha256>::new(None, &self.0);
        hkdf.expand(info.as_bytes(), into).expect("a part is never longer than one expansion");
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(…)")
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits?;
    if digits.len() % 2 == 1 {
        return None;
    }
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_digits_make_a_seed() {
        let digits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        assert_eq!(Seed::from_hex(digits).unwrap().hex(), digits);
        assert_eq!(Seed::from_hex(&digits.to_uppercase()).unwrap().hex(), digits);
        let short = Seed::from_hex("7f3a").unwrap();
        let hashed: [u8; 32] = Sha256::digest([0x7f, 0x3a]).into();
        assert_eq!(short, Seed::new(hashed));
        for wrong in ["", "7", "7f3", "zz", "7f3á"] {
            assert_eq!(Seed::from_hex(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_derived_seed_is_the_hkdf_of_its_label() {
        // Computed apart from this code, with an independent HKDF.
        let seed = Seed::new([7; 32]);
        assert_eq!(seed.derive("alice").hex(), DERIVED);
        assert_ne!(seed.derive("alice"), seed.derive("bob"));
        assert_eq!(seed.derive("alice"), seed.derive("alice"));
    }

    const DERIVED: &str = "1e493750cb5c9e2595471e5aed776a067961cf2046fa917a37998dfabe35a2a4";

    #[test]
    fn bytes_go_on_beyond_one_expansion() {
        let seed = Seed::new([7; 32]);
        let long = seed.bytes("long", EXPANSION + 100);
        assert_eq!(long.len(), EXPANSION + 100);
        assert_eq!(long[..40], seed.bytes("long", 40));
        assert_ne!(long[..100], long[EXPANSION..]);
        assert_eq!(seed.bytes("none", 0), Vec::<u8>::new());
    }

    #[test]
    fn debug_keeps_the_seed_to_itself() {
        assert_eq!(format!("{:?}", Seed::new([7; 32])), "Seed(…)");
    }
}
