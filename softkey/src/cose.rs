//! Public keys in COSE (RFC 9052, RFC 9053): labels and values in the order in which they are written.

use crate::cbor::{self, Cbor};
use crate::certificate::der;

/// A COSE_Key: entries under whole numbers, encoded in this order, duplicates included.
///
/// An honest key has `1` (kty), `3` (alg), then `-1`, `-2` and, for ES256, `-3`: curve and point, or
/// for RS256 modulus and exponent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CoseKey {
    /// The entries as they will be encoded.
    pub entries: Vec<(i64, Cbor)>,
}

/// The labels of RFC 9052 §7.1 and RFC 9053 §7 by name.
impl CoseKey {
    /// Key type: 1 OKP, 2 EC2, 3 RSA.
    pub const KTY: i64 = 1;
    /// Algorithm: -7 ES256, -8 EdDSA, -257 RS256.
    pub const ALG: i64 = 3;
    /// Curve of an elliptic key: 1 P-256, 6 Ed25519.
    pub const CRV: i64 = -1;
    /// x coordinate of an elliptic key.
    pub const X: i64 = -2;
    /// y coordinate of a P-256 key.
    pub const Y: i64 = -3;
    /// Modulus of an RSA key.
    pub const N: i64 = -1;
    /// Public exponent of an RSA key.
    pub const E: i64 = -2;
    /// Private part of an elliptic key, never honest in a response.
    pub const D: i64 = -4;
}

impl CoseKey {
    /// The value of the first entry with this label.
    pub fn get(&self, label: i64) -> Option<&Cbor> {
        self.entries.iter().find(|(known, _)| *known == label).map(|(_, value)| value)
    }

    /// The whole number under a label.
    pub fn number(&self, label: i64) -> Option<i64> {
        i64::try_from(self.get(label)?.as_integer()?).ok()
    }

    /// The bytes under a label.
    pub fn bytes(&self, label: i64) -> Option<&[u8]> {
        self.get(label)?.as_bytes().map(Vec::as_slice)
    }

    /// Replaces the first entry with this label where it stands, or appends one.
    pub fn set(&mut self, label: i64, value: impl Into<Cbor>) {
        match self.entries.iter_mut().find(|(known, _)| *known == label) {
            Some((_, present)) => *present = value.into(),
            None => self.push(label, value),
        }
    }

    /// Removes every entry with this label.
    pub fn remove(&mut self, label: i64) {
        self.entries.retain(|(known, _)| *known != label);
    }

    /// Appends an entry, even where the label is there already.
    pub fn push(&mut self, label: i64, value: impl Into<Cbor>) {
        self.entries.push((label, value.into()));
    }

    /// Changes the bytes under a label; nothing where there are none.
    pub fn change_bytes(&mut self, label: i64, change: impl FnOnce(&mut Vec<u8>)) {
        if let Some(mut bytes) = self.bytes(label).map(<[u8]>::to_vec) {
            change(&mut bytes);
            self.set(label, bytes);
        }
    }

    /// The key as a CBOR map.
    pub fn to_cbor(&self) -> Cbor {
        let entry = |(label, value): &(i64, Cbor)| (Cbor::from(*label), value.clone());
        Cbor::Map(self.entries.iter().map(entry).collect())
    }

    /// The key in bytes.
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&self.to_cbor())
    }

    /// Reads a key at the beginning of the bytes and gives what follows it.
    pub fn decode_prefix(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (value, rest) = cbor::decode_prefix(bytes)?;
        let entry =
            |(label, value): (Cbor, Cbor)| Some((i64::try_from(label.as_integer()?).ok()?, value));
        let entries: Option<Vec<_>> = value.into_map().ok()?.into_iter().map(entry).collect();
        Some((Self { entries: entries? }, rest))
    }

    /// The point of an elliptic key as U2F writes it: 4, x, y. What is missing is left out.
    pub fn raw_point(&self) -> Vec<u8> {
        let part = |label| self.bytes(label).unwrap_or_default();
        [&[4], part(Self::X), part(Self::Y)].concat()
    }

    /// The key as SubjectPublicKeyInfo (DER), as a browser offers it beside the attestation object.
    /// `None` where kty, alg and the parts are not those of one known kind of key.
    pub fn spki(&self) -> Option<Vec<u8>> {
        match (self.number(Self::KTY)?, self.number(Self::ALG)?) {
            (2, -7) if self.raw_point().len() == 65 => Some(der::p256_key(&self.raw_point())),
            (1, -8) => self.bytes(Self::X).filter(|x| x.len() == 32).map(der::ed25519_key),
            (3, -257) => Some(der::rsa_key(self.bytes(Self::N)?, self.bytes(Self::E)?)),
            _ => None,
        }
    }

    /// What the bit string of the SubjectPublicKeyInfo holds.
    pub(crate) fn key_bits(&self) -> Vec<u8> {
        let part = |label| self.bytes(label).unwrap_or_default();
        match self.number(Self::KTY) {
            Some(3) => der::rsa_numbers(part(Self::N), part(Self::E)),
            Some(1) => part(Self::X).to_vec(),
            Some(_) | None => self.raw_point(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> CoseKey {
        CoseKey {
            entries: vec![
                (1, 2.into()),
                (3, (-7).into()),
                (-1, 1.into()),
                (-2, vec![1; 32].into()),
                (-3, vec![2; 32].into()),
            ],
        }
    }

    #[test]
    fn order_and_duplicates_are_encoded_as_they_stand() {
        let mut key = CoseKey::default();
        key.push(CoseKey::ALG, -7);
        key.push(CoseKey::KTY, 2);
        key.push(CoseKey::KTY, 3);
        assert_eq!(key.encode(), [0xa3, 3, 0x26, 1, 2, 1, 3]);
        key.set(CoseKey::KTY, 1);
        key.set(CoseKey::D, vec![9]);
        assert_eq!(key.encode(), [0xa4, 3, 0x26, 1, 1, 1, 3, 0x23, 0x41, 9]);
        key.remove(CoseKey::KTY);
        key.change_bytes(CoseKey::D, |d| d.push(8));
        key.change_bytes(CoseKey::ALG, |d| d.push(8));
        assert_eq!(key.encode(), [0xa2, 3, 0x26, 0x23, 0x42, 9, 8]);
    }

    #[test]
    fn an_inconsistent_key_has_no_spki() {
        assert!(key().spki().is_some());
        let changes: [fn(&mut CoseKey); 4] = [
            |key| key.set(CoseKey::KTY, 3),
            |key| key.set(CoseKey::ALG, -65535),
            |key| key.change_bytes(CoseKey::Y, |y| y.truncate(31)),
            |key| key.remove(CoseKey::KTY),
        ];
        for change in changes {
            let mut key = key();
            change(&mut key);
            assert_eq!(key.spki(), None, "{key:?}");
        }
        let mut short = CoseKey { entries: vec![(1, 1.into()), (3, (-8).into())] };
        short.push(CoseKey::X, vec![1; 31]);
        assert_eq!(short.spki(), None);
    }

    proptest! {
        #[test]
        fn a_key_survives_its_encoding(entries in prop::collection::vec((any::<i64>(), any::<Vec<u8>>()), 0..9), tail in any::<Vec<u8>>()) {
            let key = CoseKey { entries: entries.into_iter().map(|(l, b)| (l, b.into())).collect() };
            let bytes = [key.encode(), tail.clone()].concat();
            prop_assert_eq!(CoseKey::decode_prefix(&bytes), Some((key, tail.as_slice())));
        }
    }
}
