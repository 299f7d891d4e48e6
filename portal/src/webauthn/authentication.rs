//! Verifying an assertion: the steps of WebAuthn Level 3 §7.2, top down.

use super::{
    ClientDataVerification, Credential, Expectation, KeyAnswer,
    authenticator_data::AuthenticatorData,
    client_data::ClientData,
    envelope::AuthenticationEnvelope,
    limited::{self, Odd},
    sha256,
};
use crate::{
    check::{Check, Checks, Refusal},
    rules::UserVerification,
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
    answer: &KeyAnswer<'_>,
) -> Result<Accepted, Refusal> {
    let attempt = Attempt { checks, expect, lookup, answer };
    let refused = checks.rules().authentication.refused;
    verify(&attempt).or_else(|refusal| refused(refusal, &attempt))
}

/// An answer, and what it is verified with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt<'a> {
    pub(crate) checks: &'a Checks,
    pub(crate) expect: &'a Expectation<'a>,
    pub(crate) lookup: &'a Lookup<'a>,
    pub(crate) answer: &'a KeyAnswer<'a>,
}

/// The steps, top down.
pub(crate) fn verify(attempt: &Attempt<'_>) -> Result<Accepted, Refusal> {
    let Attempt { checks, expect, lookup, answer } = *attempt;
    let rules = &checks.rules().authentication;
    let envelope = AuthenticationEnvelope::strict(rules, answer);
    let envelope = checks.admit(Check::AuthenticationEnvelope, envelope, || {
        AuthenticationEnvelope::leftover(rules, answer)
    })?;
    checks.require(Check::AuthenticationEnvelopeId, envelope.ids_agree())?;

    verify_credential(checks, lookup, envelope.user_handle())?;
    verify_client_data(checks, expect, envelope.client_data())?;
    let data = verify_authenticator_data(checks, expect, lookup, &envelope)?;
    let eligible = data.flags.backup_eligible();
    // Without a credential, which only a forgetful portal comes by, there is nothing to compare with
    // here and below.
    checks.require(
        Check::AuthenticationBackupEligibility,
        lookup.credential.is_none_or(|credential| credential.backup_eligible == eligible),
    )?;

    let signed = [envelope.authenticator_data(), &sha256(envelope.client_data())].concat();
    let verified = lookup.credential.is_none_or(|credential| {
        let key = credential.public_key.as_ref();
        key.is_some_and(|key| (rules.signature)(key, &signed, envelope.signature()))
    });
    checks.require(Check::AuthenticationSignature, verified)?;

    let forward =
        lookup.credential.is_none_or(|stored| (rules.counter)(stored.counter, data.counter));
    checks.require(Check::AuthenticationCounter, forward)?;

    Ok(Accepted {
        counter: data.counter,
        backed_up: data.flags.backed_up(),
        user_verified: data.flags.user_verified(),
    })
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
    bytes: &[u8],
) -> Result<(), Refusal> {
    if expect.client_data == ClientDataVerification::Limited {
        let odd = limited::verify(bytes, "webauthn.get", expect).err();
        return odd.map_or(Ok(()), |odd| checks.require(check_of(odd), false));
    }
    let (reading, rules) = (&checks.rules().client_data, &checks.rules().authentication);
    let client = ClientData::strict(reading, bytes);
    let client = checks
        .admit(Check::AuthenticationClientData, client, || ClientData::leftover(reading, bytes))?;
    checks.require(Check::AuthenticationClientDataMembers, client.distinct)?;
    checks.require(Check::AuthenticationType, client.kind == "webauthn.get")?;
    let answers = (rules.challenge)(&client.challenge, expect.challenge);
    checks.require(Check::AuthenticationChallenge, answers)?;
    checks.require(Check::AuthenticationOrigin, (rules.origin)(&client.origin, expect))?;
    checks.require(Check::AuthenticationCrossOrigin, (rules.framed)(client.cross_origin))?;
    checks.require(Check::AuthenticationTopOrigin, (rules.framed)(client.has_top_origin))
}

/// The check that a part of the client data does not meet.
const fn check_of(odd: Odd) -> Check {
    match odd {
        Odd::Type => Check::AuthenticationType,
        Odd::Challenge => Check::AuthenticationChallenge,
        Odd::Origin => Check::AuthenticationOrigin,
        Odd::CrossOrigin => Check::AuthenticationCrossOrigin,
        Odd::TopOrigin => Check::AuthenticationTopOrigin,
        Odd::Form => Check::AuthenticationClientData,
    }
}

/// The steps about the authenticator data, up to what has to be as it was at registration.
fn verify_authenticator_data<'a>(
    checks: &Checks,
    expect: &Expectation<'_>,
    lookup: &Lookup<'_>,
    envelope: &'a AuthenticationEnvelope<'_>,
) -> Result<AuthenticatorData<'a>, Refusal> {
    let rules = &checks.rules().authentication;
    let bytes = envelope.authenticator_data();
    let data = AuthenticatorData::strict(&rules.data, checks.rules().flags, bytes);
    let data = checks.admit(Check::AuthenticationAuthenticatorData, data, || {
        AuthenticatorData::leftover(&rules.data, bytes)
    })?;
    let flags = data.flags;
    checks.require(Check::AuthenticationTrailing, !data.trailing)?;
    let ours = (rules.rp_id_hash)(data.rp_id_hash, &expect.rp_id_hash, envelope.outputs);
    checks.require(Check::AuthenticationRpIdHash, ours)?;
    checks.require(Check::AuthenticationUserPresent, flags.user_present())?;
    let verified = (rules.user_verified)(UserVerification {
        required: expect.user_verification_required,
        said: flags.user_verified(),
        said_at_registration: lookup.credential.map(|known| known.verified_at_registration),
    });
    checks.require(Check::AuthenticationUserVerified, verified)?;
    checks
        .require(Check::AuthenticationBackupFlags, flags.backup_eligible() || !flags.backed_up())?;
    Ok(data)
}
