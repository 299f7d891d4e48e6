//! Authenticator data (WebAuthn Level 3 §6.1): relying party, flags, counter, and the new credential.

use sha2::{Digest, Sha256};

use crate::cbor::{self, Cbor};
use crate::cose::CoseKey;

/// The flags byte; every bit pattern can be said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u8);

impl Flags {
    /// User present.
    pub const UP: u8 = 0x01;
    /// User verified.
    pub const UV: u8 = 0x04;
    /// Backup eligible.
    pub const BE: u8 = 0x08;
    /// Backed up.
    pub const BS: u8 = 0x10;
    /// Attested credential data follow.
    pub const AT: u8 = 0x40;
    /// Extension outputs follow.
    pub const ED: u8 = 0x80;

    /// Sets these bits.
    pub fn set(&mut self, bits: u8) {
        self.0 |= bits;
    }

    /// Clears these bits.
    pub fn clear(&mut self, bits: u8) {
        self.0 &= !bits;
    }

    /// Turns these bits over.
    pub fn toggle(&mut self, bits: u8) {
        self.0 ^= bits;
    }

    /// Sets or clears these bits.
    pub fn put(&mut self, bits: u8, on: bool) {
        if on { self.set(bits) } else { self.clear(bits) }
    }

    /// Whether all of these bits are set.
    pub fn has(self, bits: u8) -> bool {
        self.0 & bits == bits
    }
}

/// Attested credential data (§6.5.2): what a registration tells about the new credential.
#[derive(Clone, Debug, PartialEq)]
pub struct Attested {
    /// The model of the authenticator.
    pub aaguid: [u8; 16],
    /// The credential id.
    pub credential_id: Vec<u8>,
    /// The length to declare for the id, where it is not to be the true one.
    pub declared_length: Option<u16>,
    /// The public key of the credential.
    pub key: CoseKey,
}

/// Authenticator data before their encoding. Flags and contents are apart: nothing keeps `AT` in
/// step with `attested`, so that either can be wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct AuthData {
    /// SHA-256 of the relying party id.
    pub rp_id_hash: [u8; 32],
    /// The flags byte.
    pub flags: Flags,
    /// The signature counter.
    pub counter: u32,
    /// The new credential, in a registration.
    pub attested: Option<Attested>,
    /// The extension outputs, honestly a map.
    pub extensions: Option<Cbor>,
    /// Bytes after everything else, honestly none.
    pub trailing: Vec<u8>,
}

/// SHA-256 of a relying party id, as authenticator data carry it.
pub fn rp_id_hash_of(rp_id: &str) -> [u8; 32] {
    Sha256::digest(rp_id.as_bytes()).into()
}

impl AuthData {
    /// The data in bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.rp_id_hash.to_vec();
        bytes.push(self.flags.0);
        bytes.extend(self.counter.to_be_bytes());
        if let Some(attested) = &self.attested {
            let id = &attested.credential_id;
            let true_length = u16::try_from(id.len()).unwrap_or(u16::MAX);
            bytes.extend(attested.aaguid);
            bytes.extend(attested.declared_length.unwrap_or(true_length).to_be_bytes());
            bytes.extend(id);
            bytes.extend(attested.key.encode());
        }
        if let Some(extensions) = &self.extensions {
            bytes.extend(cbor::encode(extensions));
        }
        bytes.extend(&self.trailing);
        bytes
    }

    /// Reads data whose flags tell the truth about what follows; `None` for others.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (rp_id_hash, rest) = bytes.split_first_chunk::<32>()?;
        let (flags, rest) = rest.split_first()?;
        let (counter, mut rest) = rest.split_first_chunk::<4>()?;
        let flags = Flags(*flags);
        let (mut attested, mut extensions) = (None, None);
        if flags.has(Flags::AT) {
            let (aaguid, after) = rest.split_first_chunk::<16>()?;
            let (length, after) = after.split_first_chunk::<2>()?;
            let (id, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
            let (key, after) = CoseKey::decode_prefix(after)?;
            let (aaguid, credential_id) = (*aaguid, id.to_vec());
            attested = Some(Attested { aaguid, credential_id, declared_length: None, key });
            rest = after;
        }
        if flags.has(Flags::ED) {
            let (value, after) = cbor::decode_prefix(rest)?;
            extensions = Some(value);
            rest = after;
        }
        let (rp_id_hash, counter) = (*rp_id_hash, u32::from_be_bytes(*counter));
        Some(Self { rp_id_hash, flags, counter, attested, extensions, trailing: rest.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn attested() -> Attested {
        let mut key = CoseKey::default();
        key.push(CoseKey::KTY, 2);
        Attested { aaguid: [0xaa; 16], credential_id: vec![1, 2, 3], declared_length: None, key }
    }

    fn data() -> AuthData {
        AuthData {
            rp_id_hash: [0x11; 32],
            flags: Flags(Flags::UP | Flags::AT),
            counter: 0x0102_0304,
            attested: Some(attested()),
            extensions: None,
            trailing: Vec::new(),
        }
    }

    #[test]
    fn the_layout_is_that_of_the_standard() {
        let expected = [
            [0x11; 32].as_slice(),
            &[0x41, 1, 2, 3, 4],
            &[0xaa; 16],
            &[0, 3, 1, 2, 3],
            &[0xa1, 1, 2],
        ]
        .concat();
        assert_eq!(data().encode(), expected);
        assert_eq!(AuthData::decode(&expected), Some(data()));
    }

    #[test]
    fn flags_and_lengths_can_lie() {
        let mut lying = data();
        lying.flags.clear(Flags::AT);
        lying.attested.as_mut().unwrap().declared_length = Some(0xffff);
        lying.trailing = vec![9];
        let bytes = lying.encode();
        assert_eq!(bytes[32], Flags::UP);
        assert_eq!(bytes[53..55], [0xff, 0xff]);
        assert_eq!(bytes.last(), Some(&9));
        assert_eq!(bytes.len(), data().encode().len() + 1);
    }

    #[test]
    fn flags_have_one_bit_each() {
        let mut flags = Flags::default();
        for bit in [Flags::UP, Flags::UV, Flags::BE, Flags::BS, Flags::AT, Flags::ED] {
            assert!(!flags.has(bit));
            flags.set(bit);
            assert!(flags.has(bit));
        }
        assert_eq!(flags.0, 0xdd);
        flags.clear(Flags::UV);
        flags.toggle(Flags::BE);
        flags.put(Flags::UP, false);
        flags.put(Flags::UV, true);
        assert_eq!(flags.0, 0xd4);
    }

    #[test]
    fn the_hash_of_a_relying_party() {
        assert_eq!(rp_id_hash_of("example.org")[..4], [0xbf, 0xab, 0xc3, 0x74]);
    }

    prop_compose! {
        fn any_data()(
            rp_id_hash in any::<[u8; 32]>(),
            flags in any::<u8>(),
            counter in any::<u32>(),
            aaguid in any::<[u8; 16]>(),
            credential_id in any::<Vec<u8>>(),
            trailing in any::<Vec<u8>>(),
            extension in ".{0,9}",
        ) -> AuthData {
            let flags = Flags(flags);
            let attested = Attested { aaguid, credential_id, ..attested() };
            let extension = Cbor::Map(vec![(extension.into(), true.into())]);
            AuthData {
                rp_id_hash, flags, counter, trailing,
                attested: flags.has(Flags::AT).then_some(attested),
                extensions: flags.has(Flags::ED).then_some(extension),
            }
        }
    }

    proptest! {
        #[test]
        fn data_survive_their_encoding(data in any_data()) {
            prop_assert_eq!(AuthData::decode(&data.encode()), Some(data));
        }

        #[test]
        fn no_bytes_upset_the_decoder(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = AuthData::decode(&bytes);
        }
    }
}
