//! The signature algorithms of the key, and key pairs that come from a seed.

use std::sync::LazyLock;

use p256::ecdsa::signature::Signer;
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use sha2::Sha256;

use crate::cbor::Cbor;
use crate::cose::CoseKey;
use crate::seed::Seed;

/// A COSE signature algorithm that the key can use; all of them sign deterministically.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256, nonces by RFC 6979.
    Es256,
    /// EdDSA on Ed25519.
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256, 2048 bits.
    Rs256,
}

impl Algorithm {
    /// Every algorithm, in the order that most portals prefer.
    pub const ALL: &'static [Self] = &[Self::Es256, Self::EdDsa, Self::Rs256];

    /// The number in the IANA registry of COSE algorithms.
    pub const fn cose_id(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Rs256 => -257,
        }
    }

    /// The algorithm with this number.
    pub fn from_cose_id(id: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.cose_id() == id)
    }
}

/// Test keys made once for this crate: making RSA keys from a seed would take seconds each. They
/// are public, like everything in this repository; nothing but a test may trust them.
static RSA_POOL: LazyLock<Vec<rsa::pkcs1v15::SigningKey<Sha256>>> = LazyLock::new(|| {
    let files = [
        include_bytes!("../test-keys/rsa-2048-1.der").as_slice(),
        include_bytes!("../test-keys/rsa-2048-2.der"),
        include_bytes!("../test-keys/rsa-2048-3.der"),
        include_bytes!("../test-keys/rsa-2048-4.der"),
        include_bytes!("../test-keys/rsa-2048-5.der"),
    ];
    let read = |der: &[u8]| rsa::RsaPrivateKey::from_pkcs8_der(der).expect("a committed key");
    files.into_iter().map(|der| rsa::pkcs1v15::SigningKey::new(read(der))).collect()
});

/// A private key with its public half. It has no `Debug`, so that nothing can print it.
#[derive(Clone)]
pub(crate) enum KeyPair {
    Es256(p256::ecdsa::SigningKey),
    EdDsa(ed25519_dalek::SigningKey),
    /// The place in the pool of RSA keys.
    Rs256(usize),
}

impl KeyPair {
    pub(crate) fn from_seed(algorithm: Algorithm, seed: &Seed) -> Self {
        match algorithm {
            Algorithm::Es256 => Self::Es256(p256_key(seed)),
            Algorithm::EdDsa => {
                let secret = seed.derive("ed25519");
                Self::EdDsa(ed25519_dalek::SigningKey::from_bytes(secret.as_bytes()))
            }
            Algorithm::Rs256 => Self::Rs256(usize::from(seed.bytes("rsa", 1)[0]) % RSA_POOL.len()),
        }
    }

    /// A pair of the same or another algorithm that is certainly not this one.
    pub(crate) fn stranger(&self, algorithm: Algorithm, seed: &Seed) -> Self {
        match (self, Self::from_seed(algorithm, &seed.derive("stranger"))) {
            (Self::Rs256(own), Self::Rs256(other)) if *own == other => {
                Self::Rs256((other + 1) % RSA_POOL.len())
            }
            (_, other) => other,
        }
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Es256(_) => Algorithm::Es256,
            Self::EdDsa(_) => Algorithm::EdDsa,
            Self::Rs256(_) => Algorithm::Rs256,
        }
    }

    /// The signature in the form of WebAuthn §6.5.5: ECDSA as DER, the others as they are.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Es256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_der().as_bytes().to_vec()
            }
            Self::EdDsa(key) => key.sign(message).to_bytes().to_vec(),
            Self::Rs256(place) => {
                let signature: rsa::pkcs1v15::Signature = RSA_POOL[*place].sign(message);
                Box::<[u8]>::from(signature).into_vec()
            }
        }
    }

    pub(crate) fn public_key(&self) -> CoseKey {
        let mut key = CoseKey::default();
        let (kty, parts): (_, Vec<Cbor>) = match self {
            Self::Es256(pair) => {
                let point = pair.verifying_key().to_sec1_point(false);
                let (x, y) = point.as_bytes()[1..].split_at(32);
                (2, vec![1.into(), x.to_vec().into(), y.to_vec().into()])
            }
            Self::EdDsa(pair) => {
                (1, vec![6.into(), pair.verifying_key().to_bytes().to_vec().into()])
            }
            Self::Rs256(place) => {
                let pair: &rsa::RsaPrivateKey = RSA_POOL[*place].as_ref();
                (3, vec![pair.n_bytes().into_vec().into(), pair.e_bytes().into_vec().into()])
            }
        };
        key.push(CoseKey::KTY, kty);
        key.push(CoseKey::ALG, self.algorithm().cose_id());
        for (label, part) in [-1, -2, -3].into_iter().zip(parts) {
            key.push(label, part);
        }
        key
    }
}

/// Almost every 32 bytes are a scalar of P-256; where they are not, the next ones are.
fn p256_key(seed: &Seed) -> p256::ecdsa::SigningKey {
    let mut candidates = (0_u8..=255).map(|n| seed.bytes(&format!("p256/{n}"), 32));
    let key = candidates.find_map(|bytes| p256::ecdsa::SigningKey::from_slice(&bytes).ok());
    key.expect("one of 256 candidates is a scalar")
}
