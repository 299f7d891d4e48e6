//! Packed attestation (WebAuthn Level 3 §8.2): signed by the credential itself, or by a certified key.

use super::{Attested, certified};
use crate::cbor::Cbor;
use crate::ceremony::{Draft, Words};
use crate::cose::CoseKey;
use crate::refusal::Refusal;
use crate::tampering::Statement;

pub(super) fn attest_itself(draft: &Draft<'_>, words: &Words) -> Result<Attested, Refusal> {
    let pair = draft.keys.credential;
    let signature = draft.sign(words.signed(), pair)?;
    // §8.2: the algorithm is that of the public key in the authenticator data.
    let said = words.auth_data.attested.as_ref().and_then(|new| new.key.number(CoseKey::ALG));
    let algorithm = said.unwrap_or(pair.algorithm().cose_id());
    Ok(packed(algorithm, signature))
}

pub(super) fn attest_with_certificate(
    draft: &Draft<'_>,
    words: &Words,
) -> Result<Attested, Refusal> {
    let (pair, certificate) = certified(draft, Some(draft.model.aaguid))?;
    let signature = draft.sign(words.signed(), &pair)?;
    let mut attested = packed(pair.algorithm().cose_id(), signature);
    attested.statement.push("x5c", Cbor::Array(vec![certificate.into()]));
    Ok(attested)
}

fn packed(algorithm: i64, signature: Vec<u8>) -> Attested {
    let mut statement = Statement::default();
    statement.push("alg", algorithm);
    statement.push("sig", signature.clone());
    Attested { format: "packed", statement, signature: Some(signature) }
}
