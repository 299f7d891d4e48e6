//! What a portal asks for in a ceremony, and whether that leaves a case anything to show there.

use profile::{Ability, UserVerification, Verb, error::Error};
use serde_json::Value;

use crate::{
    policy::Policy,
    requirement::Asked,
    story::{Break, Challenge},
};

/// The ceremony as a case answers it, where the portal asks for what the case is about. Where the key
/// must verify its user, by the account's policy or by the profile, it does so whatever the portal asks
/// for, so that what it says of that can be changed.
///
/// # Errors
/// That the case does not apply here.
pub(super) fn meets(
    challenge: &Challenge,
    asked: Option<Asked>,
    policy: Policy,
) -> Result<Challenge, Break> {
    let Some(asked) = asked else { return Ok(challenge.clone()) };
    let options = challenge.options();
    let required = requires_verification(challenge, policy);
    let verification = if required {
        "required"
    } else {
        verification(challenge.verb == Verb::RegisterKey, &options)
    };
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
    if !holds {
        return Err(Break::Ours(Error::NotApplicable(why.to_owned())));
    }
    if required && asked == Asked::Verification {
        return Ok(challenge.as_if_verification_were_required());
    }
    Ok(challenge.clone())
}

/// Whether keys must verify their user, by the account's policy or by the profile.
fn requires_verification(challenge: &Challenge, policy: Policy) -> bool {
    let declared = challenge.shared.target.description().policy.user_verification;
    [Some(declared), policy.user_verification].contains(&Some(UserVerification::Required))
}

/// WebAuthn Level 3 §5.4.7: every word but these asks for none.
fn attestation(options: &Value) -> bool {
    let word = options.get("attestation").and_then(Value::as_str);
    word.is_some_and(|word| ["indirect", "direct", "enterprise"].contains(&word))
}

/// WebAuthn Level 3 §5.4.4 and §5.5, each read at its own place: `preferred` where nothing is said, or a
/// word that nobody knows.
fn verification(registers: bool, options: &Value) -> &str {
    let place =
        if registers { "/authenticatorSelection/userVerification" } else { "/userVerification" };
    match options.pointer(place).and_then(Value::as_str) {
        Some(word @ ("required" | "discouraged")) => word,
        Some(_) | None => "preferred",
    }
}

#[cfg(test)]
mod tests;
