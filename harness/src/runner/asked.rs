//! What a portal asks for in a ceremony, and whether that leaves a case anything to show there.

use serde_json::Value;

use crate::{
    error::Error,
    policy::{Policy, UserVerification},
    profile::Ability,
    requirement::Asked,
    story::{Break, Challenge, Told},
};

/// A case that does not apply where this is not asked for.
pub(super) fn is_asked(challenge: &Challenge, asked: Asked) -> Told {
    let options = challenge.options();
    let verification = verification(&options);
    let (holds, why) = match asked {
        Asked::Attestation => (
            attestation(&options) || challenge.shared.can(Ability::Attestation),
            "the portal asks for no attestation, and then a client sends none",
        ),
        Asked::VerificationPreferred if verification == "required" => {
            (false, "the portal requires that the key verifies its user")
        }
        Asked::VerificationPreferred | Asked::Verification => (
            verification != "discouraged",
            "the portal asks the key not to verify its user, and requires it nowhere",
        ),
    };
    if holds { Ok(()) } else { Err(Break::Ours(Error::Moot(why.to_owned()))) }
}

/// Whether keys must verify their user, by the account's policy or by the profile.
pub(super) fn requires_verification(challenge: &Challenge, policy: Policy) -> bool {
    let declared = &challenge.shared.deployment.description().policy.user_verification;
    policy.user_verification == Some(UserVerification::Required) || declared == "required"
}

/// WebAuthn Level 3 §5.4.7: every word but these asks for none.
fn attestation(options: &Value) -> bool {
    let word = options.get("attestation").and_then(Value::as_str);
    word.is_some_and(|word| ["indirect", "direct", "enterprise"].contains(&word))
}

/// WebAuthn Level 3 §5.4.4 and §5.5: `preferred` where nothing is said, or a word that nobody knows.
fn verification(options: &Value) -> &str {
    let said = options
        .get("userVerification")
        .or_else(|| options.pointer("/authenticatorSelection/userVerification"));
    match said.and_then(Value::as_str) {
        Some(word @ ("required" | "discouraged")) => word,
        Some(_) | None => "preferred",
    }
}

#[cfg(test)]
mod tests;
