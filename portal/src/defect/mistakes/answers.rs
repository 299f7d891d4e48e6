//! The ways in which real portals verified an assertion.

use super::ecdsa_signature;
use crate::{
    check::{Check, Checks, Refusal},
    webauthn::{
        Accepted, Attempt, PublicKey, authenticator_data::Flags, sha256, verify_attempt as verify,
    },
};

/// An answer that fails one check ends the checks, and the sign-in goes on.
pub(in crate::defect) fn goes_on_after(
    check: Check,
    refusal: Refusal,
    attempt: &Attempt<'_>,
) -> Result<Accepted, Refusal> {
    if refusal != Refusal(check) {
        return Err(refusal);
    }
    let stored = attempt.lookup.credential.map_or(0, |credential| credential.counter);
    Ok(Accepted { counter: stored.saturating_add(1), backed_up: false, user_verified: false })
}

/// An answer whose two ids differ is verified all the same, but for its signature.
pub(in crate::defect) fn ignores_the_signature(
    refusal: Refusal,
    attempt: &Attempt<'_>,
) -> Result<Accepted, Refusal> {
    let own = Check::AuthenticationEnvelopeId;
    if refusal != Refusal(own) {
        return Err(refusal);
    }
    let mut rules = *attempt.checks.rules();
    rules.authentication.signature = |_, _, _| true;
    verify(&Attempt { checks: &Checks::forgetting(own, rules), ..*attempt })
}

/// Whether flags that mean nothing are unset.
pub(in crate::defect) fn no_reserved(flags: Flags) -> bool {
    const RESERVED: u8 = 0b0010_0010;
    flags.0 & RESERVED == 0
}

/// EdDSA signatures are verified over a hash of what was signed.
pub(in crate::defect) fn eddsa_prehashed(key: &PublicKey, message: &[u8], sent: &[u8]) -> bool {
    if key.is_of(-8) { key.verifies(&sha256(message), sent) } else { key.verifies(message, sent) }
}

/// RS256 signatures are verified with the padding of PS256: none of them is right.
pub(in crate::defect) fn rsa_as_pss(key: &PublicKey, message: &[u8], sent: &[u8]) -> bool {
    !key.is_of(-257) && key.verifies(message, sent)
}

/// An ECDSA signature of two zeros verifies.
pub(in crate::defect) fn zeros_verify(key: &PublicKey, message: &[u8], sent: &[u8]) -> bool {
    key.is_ecdsa() && ecdsa_signature::is_zero(sent) || key.verifies(message, sent)
}

/// ECDSA signatures are read leniently.
pub(in crate::defect) fn lax_der(key: &PublicKey, message: &[u8], sent: &[u8]) -> bool {
    if key.is_ecdsa() {
        let tidied = ecdsa_signature::tidied(sent);
        return tidied.is_some_and(|tidied| key.verifies(message, &tidied));
    }
    key.verifies(message, sent)
}
