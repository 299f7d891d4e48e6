//! A key that answers quickly: ES256 by aws-lc, no attestation, no counter.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use portal::webauthn::sha256;

/// User present, user verified.
const HERE: u8 = 0x05;
/// And a new credential.
const NEW: u8 = 0x45;

pub(super) struct Key {
    pair: EcdsaKeyPair,
    pub(super) id: [u8; 32],
    /// RP id hash, flags, counter.
    head: [u8; 37],
    random: SystemRandom,
}

impl Key {
    pub(super) fn new(rp_id: &str, number: usize) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        let rp_id_hash = sha256(rp_id.as_bytes());
        let mut head = [0; 37];
        head[..32].copy_from_slice(&rp_id_hash);
        head[32] = HERE;
        let id = sha256(format!("credential {number}").as_bytes());
        Self { pair, id, head, random: SystemRandom::new() }
    }

    pub(super) fn authenticator_data(&self) -> &[u8] {
        &self.head
    }

    /// An attestation object of the format none.
    pub(super) fn attestation_object(&self) -> Vec<u8> {
        let mut data = self.head.to_vec();
        data[32] = NEW;
        data.extend([0; 16]);
        data.extend([0, 32]);
        data.extend(self.id);
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(x);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(y);
        let length = u8::try_from(data.len()).expect("a short credential");
        [b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58", &[length][..], &data].concat()
    }

    pub(super) fn signature(&self, client_data: &[u8]) -> impl AsRef<[u8]> + use<> {
        let mut message = [0; 69];
        message[..37].copy_from_slice(&self.head);
        message[37..].copy_from_slice(&sha256(client_data));
        self.pair.sign(&self.random, &message).expect("a signature")
    }
}
