//! Attestation certificates: the key of one, and whether an authenticator may have it
//! (WebAuthn Level 3 §8.2.1).

use x509_cert::{
    Certificate as X509, SubjectPublicKeyInfo, Version,
    der::{
        Decode, Reader, SliceReader, Tag, Tagged,
        asn1::{ObjectIdentifier, UintRef},
    },
    ext::{Extension, pkix::BasicConstraints},
    name::Name,
};

use crate::webauthn::public_key::{Kind, PublicKey};

/// id-fido-gen-ce-aaguid.
const AAGUID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.45724.1.1.4");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");

/// What a subject has to say, in the order of §8.2.1: countryName, organizationName,
/// organizationalUnitName, commonName.
const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// What matters of an attestation certificate.
pub(crate) struct Certificate {
    pub(super) key: Option<PublicKey>,
    /// Version 3, a subject as the standard wants it, a model extension that is not critical.
    pub(crate) is_of_an_authenticator: bool,
    /// Whether its basic constraints say that it is no authority.
    pub(crate) is_no_authority: bool,
    /// The model extension, as it stands.
    model: Option<Vec<u8>>,
}

impl Certificate {
    pub(super) fn read(der: &[u8]) -> Option<Self> {
        let certificate = X509::from_der(der).ok()?;
        let body = certificate.tbs_certificate();
        let constraints = body.get_extension::<BasicConstraints>().ok().flatten();
        let extensions: &[Extension] = body.extensions().map_or(&[], Vec::as_slice);
        let model = || extensions.iter().filter(|own| own.extn_id == AAGUID);
        Some(Self {
            key: key(body.subject_public_key_info()),
            is_of_an_authenticator: body.version() == Version::V3
                && has_proper_subject(body.subject())
                && model().all(|extension| !extension.critical),
            is_no_authority: constraints.is_some_and(|(_, constraints)| !constraints.ca),
            model: model().next().map(|extension| extension.extn_value.as_bytes().to_vec()),
        })
    }

    /// Whether the model extension, where there is one, names this model.
    pub(super) fn names_model(&self, aaguid: [u8; 16]) -> bool {
        // An octet string of sixteen bytes inside the extension's own.
        self.model.as_ref().is_none_or(|model| *model == [&[0x04, 0x10], &aaguid[..]].concat())
    }
}

fn has_proper_subject(subject: &Name) -> bool {
    let country_code =
        |code: String| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
    let is_told = |name: String| !name.is_empty();
    text(subject, COUNTRY).is_some_and(country_code)
        && text(subject, ORGANIZATION).is_some_and(is_told)
        && text(subject, UNIT).is_some_and(|unit| unit == "Authenticator Attestation")
        && text(subject, COMMON_NAME).is_some_and(is_told)
}

/// The text of the only attribute of its kind, in any form that holds text as it is.
fn text(subject: &Name, kind: ObjectIdentifier) -> Option<String> {
    let mut attributes = subject.iter().filter(|attribute| attribute.oid == kind);
    let value = &attributes.next()?.value;
    let is_text = matches!(
        value.tag(),
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString
    );
    let text = std::str::from_utf8(value.value()).ok().filter(|_| is_text)?;
    attributes.next().is_none().then(|| text.to_owned())
}

fn key(info: &SubjectPublicKeyInfo) -> Option<PublicKey> {
    let bytes = info.subject_public_key.as_bytes()?;
    match info.algorithm.oid {
        EC_PUBLIC_KEY => {
            let curve: ObjectIdentifier = info.algorithm.parameters.as_ref()?.decode_as().ok()?;
            let kind = match curve {
                P256 => Kind::P256,
                P384 => Kind::P384,
                P521 => Kind::P521,
                _ => return None,
            };
            PublicKey::new(kind, bytes)
        }
        ED25519 if bytes.len() == 32 => PublicKey::new(Kind::Ed25519, bytes),
        RSA_ENCRYPTION => rsa(bytes),
        _ => None,
    }
}

/// An RSAPublicKey: modulus and exponent (RFC 8017 A.1.1).
fn rsa(bytes: &[u8]) -> Option<PublicKey> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let numbers = reader.sequence(|numbers| {
        Ok::<_, x509_cert::der::Error>((UintRef::decode(numbers)?, UintRef::decode(numbers)?))
    });
    let (n, e) = numbers.ok().filter(|_| reader.is_finished())?;
    PublicKey::rsa(n.as_bytes(), e.as_bytes())
}
