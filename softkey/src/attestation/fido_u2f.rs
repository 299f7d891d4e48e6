//! FIDO U2F attestation (WebAuthn Level 3 §8.6), as keys from before FIDO2 give it.

use super::{Attested, certified};
use crate::cbor::Cbor;
use crate::ceremony::{Draft, Words};
use crate::refusal::Refusal;
use crate::tampering::Statement;

pub(super) fn attest(draft: &Draft<'_>, words: &Words) -> Result<Attested, Refusal> {
    // A U2F key knows no AAGUID, so neither does its certificate.
    let (pair, certificate) = certified(draft, None)?;
    let signature = draft.sign(signed(words), &pair)?;
    let mut statement = Statement::default();
    statement.push("sig", signature.clone());
    statement.push("x5c", Cbor::Array(vec![certificate.into()]));
    Ok(Attested { format: "fido-u2f", statement, signature: Some(signature) })
}

/// §8.6, verification data: 0, hash of the relying party, hash of the client data, id, raw key.
fn signed(words: &Words) -> Vec<u8> {
    let new = words.auth_data.attested.as_ref();
    let (id, point) =
        new.map(|new| (new.credential_id.clone(), new.key.raw_point())).unwrap_or_default();
    let hash = words.client_data_hash();
    [[0].as_slice(), &words.auth_data.rp_id_hash, &hash, &id, &point].concat()
}
