//! A deterministic attestation authority and its certificates; every field of a leaf can be wrong.

use sha1::{Digest, Sha1};

use crate::algorithm::{Algorithm, KeyPair};
use crate::cose::CoseKey;
use crate::seed::Seed;

pub(crate) mod der;

use der::oid;

/// A distinguished name of up to four parts, written in the order CN, O, OU, C.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// CN
    pub common_name: Option<String>,
    /// O
    pub organization: Option<String>,
    /// OU, in an attestation certificate "Authenticator Attestation".
    pub unit: Option<String>,
    /// C, two letters.
    pub country: Option<String>,
}

/// The extension 1.3.6.1.4.1.45724.1.1.4, which names the model (WebAuthn Level 3 §8.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AaguidExtension {
    /// The AAGUID, honestly the model's.
    pub value: Vec<u8>,
    /// Honestly false.
    pub critical: bool,
    /// Whether the value stands in an OCTET STRING of its own, as it must.
    pub wrapped: bool,
}

/// Who signs the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issuer {
    /// The attestation authority.
    Authority,
    /// The certificate's own key, under its own name.
    Itself,
    /// Another authority that has the same name.
    Stranger,
}

/// What an attestation certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFields {
    /// 3 for X.509 v3; `None` leaves the field out, which means 1.
    pub version: Option<u8>,
    /// The serial number, big-endian.
    pub serial: Vec<u8>,
    /// The name of the issuer.
    pub issuer: Name,
    /// The name of the holder.
    pub subject: Name,
    /// Start of the validity, `YYYYMMDDHHMMSSZ`.
    pub not_before: String,
    /// End of the validity, `YYYYMMDDHHMMSSZ`.
    pub not_after: String,
    /// The kind of the attestation key; it signs the statement with it.
    pub key: Algorithm,
    /// Basic constraints; `None` leaves the extension out.
    pub is_ca: Option<bool>,
    /// The AAGUID extension, where there is one.
    pub aaguid: Option<AaguidExtension>,
    /// Who signs.
    pub issued_by: Issuer,
}

/// The certificate of the attestation authority that belongs to a seed, in DER: the trust anchor
/// for keys made with [`SoftKey::new`](crate::SoftKey::new) from this seed, or given it by
/// [`SoftKey::with_authority`](crate::SoftKey::with_authority).
pub fn attestation_root_der(seed: &Seed) -> Vec<u8> {
    Authority::new(seed).root()
}

/// The attestation authority of a seed.
pub(crate) struct Authority {
    pair: KeyPair,
    seed: Seed,
}

impl Authority {
    pub(crate) fn new(seed: &Seed) -> Self {
        let seed = seed.derive("attestation authority");
        Self { pair: KeyPair::from_seed(Algorithm::Es256, &seed), seed }
    }

    fn root(&self) -> Vec<u8> {
        let fields = CertificateFields {
            version: Some(3),
            serial: serial(&self.seed),
            issuer: authority_name(),
            subject: authority_name(),
            not_before: NOT_BEFORE.to_owned(),
            not_after: NOT_AFTER.to_owned(),
            key: Algorithm::Es256,
            is_ca: Some(true),
            aaguid: None,
            issued_by: Issuer::Itself,
        };
        certificate(&fields, &self.pair.public_key(), &self.pair)
    }

    /// The honest certificate of a model: one attestation key for the whole batch, as in real keys.
    pub(crate) fn leaf(&self, batch: &str, aaguid: Option<[u8; 16]>) -> CertificateFields {
        CertificateFields {
            version: Some(3),
            serial: serial(&self.seed.derive(batch)),
            issuer: authority_name(),
            subject: Name {
                common_name: Some(batch.to_owned()),
                unit: Some("Authenticator Attestation".to_owned()),
                ..authority_name()
            },
            not_before: NOT_BEFORE.to_owned(),
            not_after: NOT_AFTER.to_owned(),
            key: Algorithm::Es256,
            is_ca: Some(false),
            aaguid: aaguid.map(|value| AaguidExtension {
                value: value.to_vec(),
                critical: false,
                wrapped: true,
            }),
            issued_by: Issuer::Authority,
        }
    }

    /// The attestation key of a batch.
    pub(crate) fn batch_key(&self, batch: &str, algorithm: Algorithm) -> KeyPair {
        KeyPair::from_seed(algorithm, &self.seed.derive(batch))
    }

    /// Writes and signs a certificate for an attestation key.
    pub(crate) fn issue(&self, fields: &CertificateFields, pair: &KeyPair) -> Vec<u8> {
        match fields.issued_by {
            Issuer::Authority => certificate(fields, &pair.public_key(), &self.pair),
            Issuer::Itself => {
                let fields = CertificateFields { issuer: fields.subject.clone(), ..fields.clone() };
                certificate(&fields, &pair.public_key(), pair)
            }
            Issuer::Stranger => {
                let stranger = self.pair.stranger(Algorithm::Es256, &self.seed);
                certificate(fields, &pair.public_key(), &stranger)
            }
        }
    }
}

const NOT_BEFORE: &str = "20240101000000Z";
const NOT_AFTER: &str = "20991231235959Z";

fn authority_name() -> Name {
    Name {
        common_name: Some("Touchstone software key".to_owned()),
        organization: Some("Touchstone".to_owned()),
        unit: Some("Authenticator Attestation CA".to_owned()),
        // "AA" is one of the codes that ISO 3166 leaves to its users.
        country: Some("AA".to_owned()),
    }
}

fn serial(seed: &Seed) -> Vec<u8> {
    let mut serial = seed.bytes("serial", 16);
    // RFC 5280 §4.1.2.2 wants it positive, and at most 20 bytes long.
    serial[0] = serial[0] & 0x7f | 0x40;
    serial
}

/// The certificate in DER (RFC 5280), signed by the issuer.
pub(crate) fn certificate(
    fields: &CertificateFields,
    holder: &CoseKey,
    issuer: &KeyPair,
) -> Vec<u8> {
    let (version, spki) = (fields.version.map(version), holder.spki());
    let signed = der::sequence(&[
        version.unwrap_or_default(),
        der::unsigned(&fields.serial),
        signature_algorithm(issuer.algorithm()),
        name(&fields.issuer),
        der::sequence(&[time(&fields.not_before), time(&fields.not_after)]),
        name(&fields.subject),
        spki.expect("the key of a pair has a SubjectPublicKeyInfo"),
        extensions(fields, holder, &issuer.public_key()),
    ]);
    let signature = der::bits(&issuer.sign(&signed));
    der::sequence(&[signed, signature_algorithm(issuer.algorithm()), signature])
}

fn version(version: u8) -> Vec<u8> {
    der::element(der::context(0), &der::unsigned(&[version.saturating_sub(1)]))
}

fn signature_algorithm(algorithm: Algorithm) -> Vec<u8> {
    match algorithm {
        Algorithm::Es256 => der::sequence(&[der::object_id(oid::ECDSA_SHA256)]),
        Algorithm::EdDsa => der::sequence(&[der::object_id(oid::ED25519)]),
        Algorithm::Rs256 => {
            der::sequence(&[der::object_id(oid::RSA_SHA256), der::element(der::NULL, &[])])
        }
    }
}

fn name(name: &Name) -> Vec<u8> {
    let part = |id: &[u8], tag: u8, text: &Option<String>| {
        text.as_ref().map_or_else(Vec::new, |text| {
            let pair = der::sequence(&[der::object_id(id), der::element(tag, text.as_bytes())]);
            der::element(der::SET, &pair)
        })
    };
    der::sequence(&[
        part(oid::COMMON_NAME, der::UTF8_STRING, &name.common_name),
        part(oid::ORGANIZATION, der::UTF8_STRING, &name.organization),
        part(oid::ORGANIZATIONAL_UNIT, der::UTF8_STRING, &name.unit),
        part(oid::COUNTRY, der::PRINTABLE_STRING, &name.country),
    ])
}

/// RFC 5280 §4.1.2.5: two digits of the year until 2049, four from then on.
fn time(text: &str) -> Vec<u8> {
    match text.strip_prefix("19").or_else(|| text.strip_prefix("20")) {
        Some(short) if (1950..2050).contains(&year(text)) => {
            der::element(der::UTC_TIME, short.as_bytes())
        }
        Some(_) | None => der::element(der::GENERALIZED_TIME, text.as_bytes()),
    }
}

fn year(text: &str) -> u16 {
    text.get(..4).and_then(|digits| digits.parse().ok()).unwrap_or_default()
}

fn extensions(fields: &CertificateFields, holder: &CoseKey, issuer: &CoseKey) -> Vec<u8> {
    let is_ca = fields.is_ca.map(|is_ca| {
        let value = if is_ca { der::element(der::BOOLEAN, &[0xff]) } else { Vec::new() };
        extension(oid::BASIC_CONSTRAINTS, true, &der::sequence(&[value]))
    });
    // RFC 5280 §4.2.1.3: digitalSignature, or keyCertSign and cRLSign.
    let usage: &[u8] = if fields.is_ca == Some(true) { &[1, 0x06] } else { &[7, 0x80] };
    let own_id = der::element(der::OCTET_STRING, &key_id(holder));
    let issuer_id = der::sequence(&[der::element(der::context_primitive(0), &key_id(issuer))]);
    // A root names no issuer beyond itself.
    let issuer_id = (fields.issuer != fields.subject)
        .then(|| extension(oid::AUTHORITY_KEY_ID, false, &issuer_id));
    let aaguid = fields.aaguid.as_ref().map(|aaguid| {
        let wrapped = der::element(der::OCTET_STRING, &aaguid.value);
        let value = if aaguid.wrapped { &wrapped } else { &aaguid.value };
        extension(oid::AAGUID, aaguid.critical, value)
    });
    let list = der::sequence(&[
        is_ca.unwrap_or_default(),
        extension(oid::KEY_USAGE, true, &der::element(der::BIT_STRING, usage)),
        extension(oid::SUBJECT_KEY_ID, false, &own_id),
        issuer_id.unwrap_or_default(),
        aaguid.unwrap_or_default(),
    ]);
    der::element(der::context(3), &list)
}

fn extension(id: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { der::element(der::BOOLEAN, &[0xff]) } else { Vec::new() };
    der::sequence(&[der::object_id(id), critical, der::element(der::OCTET_STRING, value)])
}

/// RFC 5280 §4.2.1.2 (1): SHA-1 of the public key without its algorithm.
fn key_id(key: &CoseKey) -> Vec<u8> {
    Sha1::digest(key.key_bits()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_has_two_digits_until_2049() {
        for (text, expected) in [
            ("19500101000000Z", b"\x17\x0d500101000000Z".as_slice()),
            ("20491231235959Z", b"\x17\x0d491231235959Z"),
            ("20500101000000Z", b"\x18\x0f20500101000000Z"),
            ("19491231235959Z", b"\x18\x0f19491231235959Z"),
            ("30240101000000Z", b"\x18\x0f30240101000000Z"),
            ("20", b"\x18\x0220"),
        ] {
            assert_eq!(time(text), expected, "{text}");
        }
    }

    #[test]
    fn a_serial_is_positive_and_of_one_length() {
        for n in 0..50 {
            let serial = serial(&Seed::new([n; 32]));
            assert_eq!(serial.len(), 16);
            assert!((0x40..0x80).contains(&serial[0]), "{serial:?}");
        }
    }
}
