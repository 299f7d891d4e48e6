//! Attestation certificates: the key of one, and whether an authenticator may have it
//! (WebAuthn Level 3 §8.2.1).

use x509_parser::{
    certificate::X509Certificate,
    prelude::FromDer,
    public_key,
    x509::{AttributeTypeAndValue, SubjectPublicKeyInfo, X509Version},
};

use crate::webauthn::public_key::{Kind, PublicKey};

/// id-fido-gen-ce-aaguid.
const AAGUID: &str = "1.3.6.1.4.1.45724.1.1.4";
const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";
const ED25519: &str = "1.3.101.112";
const P256: &str = "1.2.840.10045.3.1.7";
const P384: &str = "1.3.132.0.34";
const P521: &str = "1.3.132.0.35";

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
        let (rest, certificate) = X509Certificate::from_der(der).ok()?;
        if !rest.is_empty() {
            return None;
        }
        let constraints = certificate.basic_constraints().ok().flatten();
        let model = || certificate.iter_extensions().filter(|own| own.oid.to_id_string() == AAGUID);
        Some(Self {
            key: key(certificate.public_key()),
            is_of_an_authenticator: certificate.version() == X509Version::V3
                && has_proper_subject(&certificate)
                && model().all(|extension| !extension.critical),
            is_no_authority: constraints.is_some_and(|constraints| !constraints.value.ca),
            model: model().next().map(|extension| extension.value.to_vec()),
        })
    }

    /// Whether the model extension, where there is one, names this model.
    pub(super) fn names_model(&self, aaguid: [u8; 16]) -> bool {
        // An octet string of sixteen bytes inside the extension's own.
        self.model.as_ref().is_none_or(|model| *model == [&[0x04, 0x10], &aaguid[..]].concat())
    }
}

fn has_proper_subject(certificate: &X509Certificate<'_>) -> bool {
    let subject = certificate.subject();
    let country = text(subject.iter_country());
    let country_code = |code: &str| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
    country.is_some_and(country_code)
        && text(subject.iter_organization()).is_some_and(|name| !name.is_empty())
        && text(subject.iter_organizational_unit()) == Some("Authenticator Attestation")
        && text(subject.iter_common_name()).is_some_and(|name| !name.is_empty())
}

/// The text of the only attribute of its kind.
fn text<'a>(
    mut attributes: impl Iterator<Item = &'a AttributeTypeAndValue<'a>>,
) -> Option<&'a str> {
    let text = attributes.next()?.as_str().ok()?;
    attributes.next().is_none().then_some(text)
}

fn key(info: &SubjectPublicKeyInfo<'_>) -> Option<PublicKey> {
    let bytes = info.subject_public_key.data.as_ref();
    match info.algorithm.algorithm.to_id_string().as_str() {
        EC_PUBLIC_KEY => {
            let curve = info.algorithm.parameters.as_ref()?.as_oid().ok()?;
            let kind = match curve.to_id_string().as_str() {
                P256 => Kind::P256,
                P384 => Kind::P384,
                P521 => Kind::P521,
                _ => return None,
            };
            PublicKey::new(kind, bytes)
        }
        ED25519 if bytes.len() == 32 => PublicKey::new(Kind::Ed25519, bytes),
        RSA_ENCRYPTION => {
            let Ok(public_key::PublicKey::RSA(rsa)) = info.parsed() else { return None };
            let [n, e] = [rsa.modulus, rsa.exponent].map(|number| {
                let zeros = number.iter().take_while(|byte| **byte == 0).count();
                number.get(zeros..).unwrap_or_default()
            });
            PublicKey::rsa(n, e)
        }
        _ => None,
    }
}
