//! Verifying an assertion: the steps of WebAuthn Level 3 §7.2, top down.

use serde_json::Value;

use super::{
    Ceremony, Credential, Expectation, authenticator_data::AuthenticatorData,
    client_data::ClientData, ecdsa_signature, envelope::AuthenticationEnvelope, origin,
    public_key::PublicKey, sha256,
};
use crate::{
    check::{Check, Checks, Refusal},
    defect::Weakness,
};

/// What the portal found by the credential id of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Lookup<'a> {
    /// The credential with the id.
    pub credential: Option<&'a Credential>,
    /// Whether it is the user's who signs in.
    pub owner_is_user: bool,
    /// Whether it stood in `allowCredentials`, or whether that list was empty.
    pub listed: bool,
    /// The user handle of the credential's owner.
    pub user_handle: &'a [u8],
    /// Whether the ceremony began without a user name.
    pub handle_required: bool,
}

/// What an accepted answer says, for the portal to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The signature counter to store.
    pub counter: u32,
    /// Whether the key is backed up now.
    pub backed_up: bool,
    /// Whether the key verified its user.
    pub user_verified: bool,
}

/// Verifies the answer to an authentication.
/// <https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion>
///
/// # Errors
/// The first check that is not met.
pub fn verify_authentication(
    checks: &Checks,
    expect: &Expectation<'_>,
    lookup: &Lookup<'_>,
    response: &Value,
) -> Result<Accepted, Refusal> {
    let envelope = AuthenticationEnvelope::read(checks, response);
    // The weak portal's reader stops with an error, and the error is taken for the end of the checks.
    let lost = |weakness, read: bool| !read && checks.weak(weakness);
    if lost(Weakness::EnvelopeErrorIsSuccess, envelope.well_formed) {
        return Ok(unread(lookup));
    }
    checks.require(Check::AuthenticationEnvelope, envelope.well_formed)?;
    // The weak portal takes another branch here and drops what the verification says.
    let strays = checks.weak(Weakness::VerifyResultIgnored) && !envelope.ids.agree();
    checks.require(Check::AuthenticationEnvelopeId, envelope.ids.agree() || strays)?;

    verify_credential(checks, lookup, envelope.user_handle.as_deref())?;
    let client = ClientData::read(checks, &envelope.client_data);
    if lost(Weakness::ClientDataErrorIsSuccess, client.well_formed) {
        return Ok(unread(lookup));
    }
    verify_client_data(checks, expect, &client)?;

    let data =
        AuthenticatorData::read(checks, &envelope.authenticator_data, Ceremony::Authentication);
    if lost(Weakness::AuthenticatorDataErrorIsSuccess, data.well_formed) {
        return Ok(unread(lookup));
    }
    let appid = checks.weak(Weakness::AppidOutputTrusted) && envelope.appid;
    verify_authenticator_data(checks, expect, &data, appid)?;
    let as_before = lookup
        .credential
        .is_none_or(|credential| credential.verified_at_registration == data.flags.user_verified());
    checks.require(
        Check::AuthenticationUserVerified,
        as_before || !checks.weak(Weakness::VerificationMustStay),
    )?;
    let eligible = data.flags.backup_eligible();
    // Without a credential, which only a defective portal comes by, there is nothing to compare
    // with here and below.
    checks.require(
        Check::AuthenticationBackupEligibility,
        lookup.credential.is_none_or(|credential| credential.backup_eligible == eligible),
    )?;

    let signed = [envelope.authenticator_data, sha256(&envelope.client_data)].concat();
    let verified = lookup.credential.is_none_or(|credential| {
        let key = credential.public_key.as_ref();
        key.is_some_and(|key| verifies(checks, key, &signed, &envelope.signature))
    });
    checks.require(Check::AuthenticationSignature, verified || strays)?;

    let stored = lookup.credential.map_or(0, |credential| credential.counter);
    checks.require(
        Check::AuthenticationCounter,
        goes_forward(checks, stored, data.counter) || lookup.credential.is_none(),
    )?;

    Ok(Accepted {
        counter: data.counter,
        backed_up: data.flags.backed_up(),
        user_verified: data.flags.user_verified(),
    })
}

/// What a defective portal keeps of an answer that it could not read.
fn unread(lookup: &Lookup<'_>) -> Accepted {
    let stored = lookup.credential.map_or(0, |credential| credential.counter);
    Accepted { counter: stored.saturating_add(1), backed_up: false, user_verified: false }
}

/// The steps about whose credential it is.
fn verify_credential(
    checks: &Checks,
    lookup: &Lookup<'_>,
    user_handle: Option<&[u8]>,
) -> Result<(), Refusal> {
    let known = lookup.credential.is_some();
    checks.require(Check::AuthenticationCredential, known)?;
    checks.require(Check::AuthenticationCredentialOwner, lookup.owner_is_user || !known)?;
    // Somebody else's key is never listed; whether it may sign in was asked just above.
    checks
        .require(Check::AuthenticationCredentialListed, lookup.listed || !lookup.owner_is_user)?;
    checks.require(
        Check::AuthenticationUserHandle,
        user_handle.is_none_or(|handle| handle == lookup.user_handle || !known),
    )?;
    checks.require(
        Check::AuthenticationUserHandleMissing,
        user_handle.is_some() || !lookup.handle_required,
    )
}

/// The steps about the client data.
fn verify_client_data(
    checks: &Checks,
    expect: &Expectation<'_>,
    client: &ClientData,
) -> Result<(), Refusal> {
    checks.require(Check::AuthenticationClientData, client.well_formed)?;
    checks.require(Check::AuthenticationClientDataMembers, client.distinct)?;
    checks.require(Check::AuthenticationType, client.kind == "webauthn.get")?;
    let answers = client.answers(expect)
        || checks.weak(Weakness::AuthenticationChallengePrefix) && client.begins_as(expect);
    checks.require(Check::AuthenticationChallenge, answers)?;
    let ours = origin::is_expected(checks, Ceremony::Authentication, &client.origin, expect);
    checks.require(Check::AuthenticationOrigin, ours)?;
    let any_frame = checks.weak(Weakness::FramesIgnored);
    checks.require(Check::AuthenticationCrossOrigin, !client.cross_origin || any_frame)?;
    checks.require(Check::AuthenticationTopOrigin, !client.has_top_origin || any_frame)
}

/// The steps about the authenticator data, as far as they need no credential.
fn verify_authenticator_data(
    checks: &Checks,
    expect: &Expectation<'_>,
    data: &AuthenticatorData,
    appid_trusted: bool,
) -> Result<(), Refusal> {
    let flags = data.flags;
    checks.require(Check::AuthenticationAuthenticatorData, data.well_formed)?;
    checks.require(Check::AuthenticationTrailing, !data.trailing)?;
    checks.require(
        Check::AuthenticationRpIdHash,
        appid_trusted || data.rp_id_hash == sha256(expect.rp_id.as_bytes()),
    )?;
    checks.require(Check::AuthenticationUserPresent, flags.user_present())?;
    let required =
        expect.user_verification_required || checks.weak(Weakness::VerificationAlwaysRequired);
    checks.require(Check::AuthenticationUserVerified, flags.user_verified() || !required)?;
    checks.require(Check::AuthenticationBackupFlags, flags.backup_eligible() || !flags.backed_up())
}

fn verifies(checks: &Checks, key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    if checks.weak(Weakness::EdDsaPrehashed) && key.is_of(-8) {
        return key.verifies(&sha256(message), signature);
    }
    // With the padding of PSS none of these signatures is right.
    if checks.weak(Weakness::RsaPaddingOfPss) && key.is_of(-257) {
        return false;
    }
    if key.is_ecdsa() {
        if checks.weak(Weakness::ZeroSignature) && ecdsa_signature::is_zero(signature) {
            return true;
        }
        if checks.weak(Weakness::LaxDer) {
            let tidied = ecdsa_signature::tidied(signature);
            return tidied.is_some_and(|tidied| key.verifies(message, &tidied));
        }
    }
    key.verifies(message, signature)
}

/// Keys without a counter always send zero.
fn goes_forward(checks: &Checks, stored: u32, sent: u32) -> bool {
    if checks.weak(Weakness::CounterSigned) {
        return (stored, sent) == (0, 0) || sent.cast_signed() > stored.cast_signed();
    }
    match (stored, sent) {
        (0, 0) => !checks.weak(Weakness::ZeroCountersRefused),
        (_, 0) => checks.weak(Weakness::CounterDropsToZero),
        _ => sent > stored,
    }
}
