//! Attestation statements: how a new credential is vouched for, by which format.

use crate::algorithm::KeyPair;
use crate::ceremony::{Draft, Words};
use crate::key::AttestationKind;
use crate::refusal::Refusal;
use crate::tampering::{Statement, Tampering, alter};

mod fido_u2f;
mod none;
mod packed;

/// A statement with its format, and its signature where it has one.
pub(crate) struct Attested {
    pub(crate) format: &'static str,
    pub(crate) statement: Statement,
    pub(crate) signature: Option<Vec<u8>>,
}

/// Vouches for the credential in the words of a registration.
pub(crate) fn attest(
    kind: AttestationKind,
    draft: &Draft<'_>,
    words: &Words,
) -> Result<Attested, Refusal> {
    let mut attested = match kind {
        AttestationKind::None => none::attest(),
        AttestationKind::PackedSelf => packed::attest_itself(draft, words)?,
        AttestationKind::PackedCertificate => packed::attest_with_certificate(draft, words)?,
        AttestationKind::FidoU2f => fido_u2f::attest(draft, words)?,
    };
    if let Some(Tampering::Statement(change)) = draft.change {
        alter(change, &mut attested.statement)?;
    }
    Ok(attested)
}

/// The attestation key of the model and its certificate.
fn certified(draft: &Draft<'_>, aaguid: Option<[u8; 16]>) -> Result<(KeyPair, Vec<u8>), Refusal> {
    let (authority, batch) = (&draft.keys.authority, draft.model.name);
    let mut fields = authority.leaf(batch, aaguid);
    if let Some(Tampering::Certificate(change)) = draft.change {
        alter(change, &mut fields)?;
    }
    let pair = authority.batch_key(batch, fields.key);
    let certificate = authority.issue(&fields, &pair);
    Ok((pair, certificate))
}
