//! At which stage the one false thing is said. What comes before the stage is honest, what comes
//! after it is derived from the lie and signed honestly, so that the lie is the only reason to refuse.

use serde_json::Value;

use crate::algorithm::Algorithm;
use crate::auth_data::AuthData;
use crate::cbor::Map;
use crate::certificate::CertificateFields;
use crate::client_data::ClientData;
use crate::cose::CoseKey;
use crate::key::{AttestationKind, Model};
use crate::refusal::Refusal;

/// The attestation statement (`attStmt`) of a registration.
pub type Statement = Map;

/// The attestation object of a registration: `fmt`, `attStmt`, `authData`.
pub type AttestationObject = Map;

/// Whose private key signs instead of the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signer {
    /// A key pair that the portal has never seen, of the same algorithm.
    Stranger,
    /// A key pair that the portal has never seen, of this algorithm.
    StrangerWith(Algorithm),
    /// The credential's own pair, where the attestation key should sign.
    Credential,
    /// The attestation key of the model, where the credential should sign.
    Attestation,
}

/// One change to one stage of a ceremony; the variants are in the order of the stages.
///
/// The changes are function pointers, so a closure that captures nothing fits into a `const` table:
/// `Tampering::ClientData(|c| c.origin = "https://evil.example".into())`. A change that the
/// ceremony has no place for, or that changes nothing, is a [`Refusal::NothingToChange`].
#[derive(Clone, Copy, Debug)]
pub enum Tampering {
    /// What kind of key it is, for this ceremony: flags, counter, AAGUID, transports follow.
    Model(fn(&mut Model)),
    /// The public key that a registration presents. The private key stays.
    PublicKey(fn(&mut CoseKey)),
    /// What the browser says.
    ClientData(fn(&mut ClientData)),
    /// The same in bytes, before they are hashed.
    ClientDataBytes(fn(&mut Vec<u8>)),
    /// What the key says.
    AuthData(fn(&mut AuthData)),
    /// The same in bytes, before they are signed and wrapped.
    AuthDataBytes(fn(&mut Vec<u8>)),
    /// What the attestation certificate says, before it is issued.
    Certificate(fn(&mut CertificateFields)),
    /// What is signed, just before signing.
    SignedBytes(fn(&mut Vec<u8>)),
    /// Who signs.
    Signer(Signer),
    /// The signature.
    Signature(fn(&mut Vec<u8>)),
    /// The attestation statement, with its signature.
    Statement(fn(&mut Statement)),
    /// The attestation object.
    AttestationObject(fn(&mut AttestationObject)),
    /// The same in bytes.
    AttestationObjectBytes(fn(&mut Vec<u8>)),
    /// The JSON that the page sends to the portal.
    Envelope(fn(&mut Value)),
}

/// What a ceremony has to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ceremony {
    Registration(AttestationKind),
    SignIn,
}

impl Tampering {
    /// Whether the ceremony has the stage at all.
    pub(crate) fn fits(&self, ceremony: Ceremony) -> Result<(), Refusal> {
        use AttestationKind as Kind;
        let (signed, certified) = match ceremony {
            Ceremony::SignIn => (true, false),
            Ceremony::Registration(Kind::None) => (false, false),
            Ceremony::Registration(Kind::PackedSelf) => (true, false),
            Ceremony::Registration(Kind::PackedCertificate | Kind::FidoU2f) => (true, true),
        };
        let (fits, missing) = match self {
            Self::Model(_)
            | Self::ClientData(_)
            | Self::ClientDataBytes(_)
            | Self::AuthData(_)
            | Self::AuthDataBytes(_)
            | Self::Envelope(_) => (true, ""),
            Self::Certificate(_) => (certified, "the ceremony has no attestation certificate"),
            Self::SignedBytes(_) | Self::Signer(_) | Self::Signature(_) => {
                (signed, "the ceremony has no signature")
            }
            Self::PublicKey(_)
            | Self::Statement(_)
            | Self::AttestationObject(_)
            | Self::AttestationObjectBytes(_) => {
                (ceremony != Ceremony::SignIn, "only a registration has an attestation")
            }
        };
        if fits { Ok(()) } else { Err(Refusal::NothingToChange(missing)) }
    }
}

/// Applies a change and makes sure that it is one.
pub(crate) fn alter<T: Clone + PartialEq>(
    change: &fn(&mut T),
    subject: &mut T,
) -> Result<(), Refusal> {
    let before = subject.clone();
    change(subject);
    if *subject == before {
        return Err(Refusal::NothingToChange("the change left everything as it was"));
    }
    Ok(())
}
