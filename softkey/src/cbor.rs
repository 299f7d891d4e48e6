//! CBOR as the key writes it: maps keep their order and their duplicates, since either may be the lie.

use ciborium::Value;

/// A CBOR value; what is built is encoded as it stands.
pub type Cbor = Value;

/// A CBOR map in the order of its entries, duplicates included.
///
/// The attestation object and the attestation statement are such maps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// The entries as they will be encoded.
    pub entries: Vec<(Cbor, Cbor)>,
}

impl Map {
    /// The value of the first entry with this text as its key.
    pub fn get(&self, key: &str) -> Option<&Cbor> {
        self.entries.iter().find(|(known, _)| known.as_text() == Some(key)).map(|(_, value)| value)
    }

    /// The same, to be changed in place.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Cbor> {
        let entry = self.entries.iter_mut().find(|(known, _)| known.as_text() == Some(key));
        entry.map(|(_, value)| value)
    }

    /// Replaces the value of the first entry with this key where it stands, or appends one.
    pub fn set(&mut self, key: &str, value: impl Into<Cbor>) {
        match self.get_mut(key) {
            Some(present) => *present = value.into(),
            None => self.push(key, value),
        }
    }

    /// Removes every entry with this key.
    pub fn remove(&mut self, key: &str) {
        self.entries.retain(|(known, _)| known.as_text() != Some(key));
    }

    /// Appends an entry, even where the key is there already.
    pub fn push(&mut self, key: impl Into<Cbor>, value: impl Into<Cbor>) {
        self.entries.push((key.into(), value.into()));
    }

    /// Appends a copy of the first entry with this key.
    pub fn duplicate(&mut self, key: &str) {
        if let Some(value) = self.get(key).cloned() {
            self.push(key, value);
        }
    }

    /// Gives the first entry with this key another key.
    pub fn rename(&mut self, key: &str, to: impl Into<Cbor>) {
        let entry = self.entries.iter_mut().find(|(known, _)| known.as_text() == Some(key));
        if let Some((known, _)) = entry {
            *known = to.into();
        }
    }

    /// The map as a CBOR value.
    pub fn to_cbor(&self) -> Cbor {
        Cbor::Map(self.entries.clone())
    }

    /// The map in bytes.
    pub fn encode(&self) -> Vec<u8> {
        encode(&self.to_cbor())
    }

    /// Reads a map back; `None` for anything else, and for bytes after it.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let entries = decode(bytes)?.into_map().ok()?;
        Some(Self { entries })
    }
}

/// A CBOR value in bytes: definite lengths, shortest integers, order and duplicates as they are.
pub fn encode(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("writing to memory does not fail");
    bytes
}

/// Reads one CBOR value that fills all the bytes.
pub fn decode(bytes: &[u8]) -> Option<Cbor> {
    let (value, rest) = decode_prefix(bytes)?;
    rest.is_empty().then_some(value)
}

/// Reads one CBOR value and gives what follows it.
pub(crate) fn decode_prefix(bytes: &[u8]) -> Option<(Cbor, &[u8])> {
    let mut rest = bytes;
    let value = ciborium::from_reader(&mut rest).ok()?;
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn map(keys: &[&str]) -> Map {
        let mut map = Map::default();
        for (n, key) in keys.iter().enumerate() {
            map.push(*key, i64::try_from(n).unwrap());
        }
        map
    }

    #[test]
    fn order_and_duplicates_are_encoded_as_they_stand() {
        let mut entries = map(&["b", "a"]);
        entries.duplicate("b");
        assert_eq!(entries.encode(), b"\xa3\x61b\x00\x61a\x01\x61b\x00");
        entries.set("b", 7);
        entries.rename("a", 5);
        assert_eq!(entries.encode(), b"\xa3\x61b\x07\x05\x01\x61b\x00");
        entries.remove("b");
        assert_eq!(entries.encode(), b"\xa1\x05\x01");
        entries.set("c", "new");
        assert_eq!(entries.get("c"), Some(&Cbor::from("new")));
    }

    #[test]
    fn what_follows_a_value_is_not_part_of_it() {
        assert_eq!(decode(b"\x01"), Some(Cbor::from(1)));
        assert_eq!(decode(b"\x01\x02"), None);
        assert_eq!(decode(b""), None);
        assert_eq!(decode_prefix(b"\x01\x02"), Some((Cbor::from(1), b"\x02".as_slice())));
        assert_eq!(Map::decode(b"\x01"), None);
    }

    proptest! {
        #[test]
        fn a_map_survives_its_encoding(entries in prop::collection::vec((".{0,9}", any::<i64>(), any::<Vec<u8>>()), 0..9)) {
            let mut map = Map::default();
            for (key, number, bytes) in entries {
                map.push(key.clone(), number);
                map.push(key, bytes);
            }
            prop_assert_eq!(Map::decode(&map.encode()), Some(map));
        }

        #[test]
        fn no_bytes_upset_the_decoder(bytes in any::<Vec<u8>>()) {
            let _ = decode(&bytes);
        }
    }
}
