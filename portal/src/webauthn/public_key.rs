//! COSE public keys (RFC 9053, RFC 8230): which are sound, and what they verify.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, ED25519,
    ParsedPublicKey, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents,
};

use super::cbor::{Item, Value};
use crate::check::{Check, Checks, Refusal};

const OKP: i128 = 1;
const EC2: i128 = 2;
const RSA: i128 = 3;

/// What a COSE algorithm asks of its key: algorithm, key type, curve.
const ALGORITHMS: &[(i64, i128, Option<i128>)] = &[
    (-7, EC2, Some(1)),
    (-8, OKP, Some(6)),
    (-35, EC2, Some(2)),
    (-36, EC2, Some(3)),
    (-257, RSA, None),
];

/// The points of small order: a signature that holds for any message can be made for each of
/// them. As they are encoded, reduced and not, with the sign bit taken off.
const SMALL_ORDER: [[u8; 32]; 7] = [
    little(0, [0; 2]),
    little(1, [0; 2]),
    little(0xec, [0xff, 0x7f]),
    little(0xed, [0xff, 0x7f]),
    little(0xee, [0xff, 0x7f]),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

/// A public key, ready to verify.
#[derive(Clone, Debug)]
pub struct PublicKey {
    parsed: ParsedPublicKey,
    kind: Kind,
}

/// What a key is, and so how it signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    P256,
    P384,
    P521,
    Ed25519,
    Rsa,
}

/// The key of a new credential: its algorithm as it names it, and the key, if it can be read.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewKey {
    pub(super) algorithm: i64,
    pub(super) key: Option<PublicKey>,
}

impl NewKey {
    /// Reads a COSE key and makes sure that it was asked for and is sound.
    pub(super) fn admit(
        checks: &Checks,
        item: Option<&Item<'_>>,
        offered: &[i64],
    ) -> Result<Self, Refusal> {
        checks.require(
            Check::RegistrationPublicKey,
            item.is_some_and(|item| item.canonical && item.value.is_map()),
        )?;
        checks
            .require(Check::RegistrationPublicKeyMembers, item.is_none_or(|item| item.distinct))?;
        let cose = CoseKey::read(item.map(|item| &item.value));

        let named = cose.algorithm.filter(|algorithm| offered.contains(algorithm));
        checks.require(Check::RegistrationAlgorithm, named.is_some())?;

        checks.require(Check::RegistrationPublicKeyType, cose.type_fits())?;
        checks.require(Check::RegistrationPublicKeyCurve, cose.curve_fits())?;
        checks.require(Check::RegistrationPublicKeyPrivate, !cose.tells_secrets)?;
        checks.require(Check::RegistrationPublicKey, cose.material.is_exact())?;
        let key = cose.material.key();
        checks.require(
            Check::RegistrationPublicKeyStrength,
            cose.material.is_strong() && (key.is_some() || !cose.material.is_rsa()),
        )?;
        checks.require(Check::RegistrationPublicKeyOrder, !cose.material.is_of_small_order())?;
        checks
            .require(Check::RegistrationPublicKeyPoint, key.is_some() || cose.material.is_rsa())?;
        Ok(Self { algorithm: cose.algorithm.unwrap_or_default(), key })
    }
}

impl PublicKey {
    /// A key from its bytes: a SEC 1 point, or the 32 bytes of an Ed25519 key.
    pub(super) fn new(kind: Kind, bytes: &[u8]) -> Option<Self> {
        let parsed = match kind {
            Kind::P256 => ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, bytes),
            Kind::P384 => ParsedPublicKey::new(&ECDSA_P384_SHA384_ASN1, bytes),
            Kind::P521 => ParsedPublicKey::new(&ECDSA_P521_SHA512_ASN1, bytes),
            Kind::Ed25519 => ParsedPublicKey::new(&ED25519, bytes),
            Kind::Rsa => return None,
        };
        Some(Self { parsed: parsed.ok()?, kind })
    }

    /// An RSA key from its modulus and exponent, without leading zeros.
    pub(super) fn rsa(n: &[u8], e: &[u8]) -> Option<Self> {
        let parameters = if bits(n) < 2048 {
            &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY
        } else {
            &RSA_PKCS1_2048_8192_SHA256
        };
        let parsed = RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters).ok()?;
        Some(Self { parsed, kind: Kind::Rsa })
    }

    /// Whether the key made a signature of a message.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.parsed.verify_sig(message, signature).is_ok()
    }

    /// Whether it is a key of a COSE algorithm.
    #[must_use]
    pub fn is_of(&self, algorithm: i128) -> bool {
        algorithm
            == match self.kind {
                Kind::P256 => -7,
                Kind::P384 => -35,
                Kind::P521 => -36,
                Kind::Ed25519 => -8,
                Kind::Rsa => -257,
            }
    }

    pub(crate) const fn is_ecdsa(&self) -> bool {
        matches!(self.kind, Kind::P256 | Kind::P384 | Kind::P521)
    }

    /// A P-256 key's point, uncompressed.
    pub(super) fn p256_point(&self) -> Option<&[u8]> {
        Some(self.parsed.as_ref()).filter(|point| self.kind == Kind::P256 && point.len() == 65)
    }
}

struct CoseKey<'a> {
    key_type: Option<i128>,
    algorithm: Option<i64>,
    curve: Option<i128>,
    tells_secrets: bool,
    material: Material<'a>,
}

enum Material<'a> {
    Ec { kind: Kind, x: &'a [u8], y: Y<'a> },
    Ed25519(&'a [u8]),
    Rsa { n: &'a [u8], e: &'a [u8] },
    Unknown,
}

enum Y<'a> {
    Coordinate(&'a [u8]),
    /// A compressed point: whether y is odd. WebAuthn §5.8.5 rules it out.
    Odd(bool),
}

impl<'a> CoseKey<'a> {
    fn read(map: Option<&'a Value<'_>>) -> Self {
        let member = |label| map.and_then(|map| map.numbered(label));
        let bytes = |label| member(label).and_then(Value::bytes).unwrap_or_default();
        let key_type = member(1).and_then(Value::integer);
        let curve = member(-1).and_then(Value::integer);
        let kind = match curve {
            Some(1) => Some(Kind::P256),
            Some(2) => Some(Kind::P384),
            Some(3) => Some(Kind::P521),
            _ => None,
        };
        let material = match (key_type, kind) {
            (Some(EC2), Some(kind)) => Material::Ec {
                kind,
                x: bytes(-2),
                y: match member(-3) {
                    Some(Value::Bool(odd)) => Y::Odd(*odd),
                    _ => Y::Coordinate(bytes(-3)),
                },
            },
            (Some(OKP), _) => Material::Ed25519(bytes(-2)),
            (Some(RSA), _) => Material::Rsa { n: bytes(-1), e: bytes(-2) },
            _ => Material::Unknown,
        };
        let secrets = if key_type == Some(RSA) { -12..=-3 } else { -4..=-4 };
        Self {
            key_type,
            algorithm: member(3).and_then(Value::integer).and_then(|alg| i64::try_from(alg).ok()),
            curve,
            tells_secrets: secrets.into_iter().any(|label| member(label).is_some()),
            material,
        }
    }

    /// Whether the key type is the algorithm's. An algorithm that we do not know asks for nothing.
    fn type_fits(&self) -> bool {
        self.asked().is_none_or(|(_, key_type, _)| self.key_type == Some(*key_type))
    }

    /// Whether the curve is the algorithm's; between another key type and the algorithm there is
    /// nothing to compare.
    fn curve_fits(&self) -> bool {
        self.asked().is_none_or(|(_, key_type, curve)| {
            curve.is_none() || self.key_type != Some(*key_type) || self.curve == *curve
        })
    }

    fn asked(&self) -> Option<&'static (i64, i128, Option<i128>)> {
        ALGORITHMS.iter().find(|(algorithm, ..)| Some(*algorithm) == self.algorithm)
    }
}

impl Material<'_> {
    /// Whether all of it is there, in the one form that it may have.
    fn is_exact(&self) -> bool {
        match self {
            Self::Ec { kind, x, y: Y::Coordinate(y) } => {
                let width = width(*kind);
                x.len() == width && y.len() == width
            }
            Self::Ec { y: Y::Odd(_), .. } | Self::Unknown => false,
            Self::Ed25519(x) => x.len() == 32,
            Self::Rsa { n, e } => [n, e].iter().all(|part| part.first().is_some_and(|b| *b != 0)),
        }
    }

    fn is_strong(&self) -> bool {
        let Self::Rsa { n, e } = self else { return true };
        let odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
        (2048..=8192).contains(&bits(n)) && odd(n) && odd(e) && (17..=64).contains(&bits(e))
    }

    fn is_of_small_order(&self) -> bool {
        let Self::Ed25519(x) = self else { return false };
        let mut unsigned = x.to_vec();
        if let Some(last) = unsigned.last_mut() {
            *last &= 0x7f;
        }
        SMALL_ORDER.iter().any(|point| unsigned == point)
    }

    fn is_rsa(&self) -> bool {
        matches!(self, Self::Rsa { .. })
    }

    fn key(&self) -> Option<PublicKey> {
        match self {
            Self::Ec { kind, x, y } => PublicKey::new(*kind, &point(width(*kind), x, y)),
            Self::Ed25519(x) => {
                let whole = Some(x).filter(|x| x.len() == 32);
                whole.and_then(|x| PublicKey::new(Kind::Ed25519, x))
            }
            Self::Rsa { n, e } => PublicKey::rsa(trimmed(n), trimmed(e)),
            Self::Unknown => None,
        }
    }
}

/// A SEC 1 point. Coordinates of the wrong width, which only a defective portal lets through, are
/// read as numbers.
fn point(width: usize, x: &[u8], y: &Y<'_>) -> Vec<u8> {
    let padded = |number: &[u8]| {
        let number = trimmed(number);
        [vec![0; width.saturating_sub(number.len())], number.to_vec()].concat()
    };
    match y {
        Y::Coordinate(y) => [vec![4], padded(x), padded(y)].concat(),
        Y::Odd(odd) => [vec![2 + u8::from(*odd)], padded(x)].concat(),
    }
}

const fn width(kind: Kind) -> usize {
    match kind {
        Kind::P256 | Kind::Ed25519 => 32,
        Kind::P384 => 48,
        Kind::P521 => 66,
        Kind::Rsa => 0,
    }
}

fn trimmed(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

fn bits(number: &[u8]) -> usize {
    let number = trimmed(number);
    number.first().map_or(0, |first| {
        let spare: usize = (0..8).take_while(|bit| first << bit & 0x80 == 0).count();
        number.len() * 8 - spare
    })
}

/// A little-endian number: its first byte, then the byte that fills it, then its last.
const fn little(first: u8, [filling, last]: [u8; 2]) -> [u8; 32] {
    let mut number = [filling; 32];
    number[0] = first;
    number[31] = last;
    number
}
