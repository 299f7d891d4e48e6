//! Registering a new credential: the steps of WebAuthn Level 3 §7.1, top down.

use super::{
    ClientDataVerification, Credential, Expectation, KeyAnswer,
    attestation::{AttestationObject, Attester, Subject},
    authenticator_data::AuthenticatorData,
    client_data::ClientData,
    envelope::RegistrationEnvelope,
    limited::{self, Odd},
    public_key::NewKey,
    sha256,
};
use crate::check::{Check, Checks, Refusal};

/// Verifies the answer to a registration. `known` tells whether a credential id is registered
/// already, for whomever. <https://www.w3.org/TR/webauthn-3/#sctn-registering-a-new-credential>
///
/// # Errors
/// The first check that is not met.
pub fn verify_registration(
    checks: &Checks,
    expect: &Expectation<'_>,
    answer: &KeyAnswer<'_>,
    known: &dyn Fn(&[u8]) -> bool,
) -> Result<Credential, Refusal> {
    let rules = &checks.rules().registration;
    let envelope = RegistrationEnvelope::strict(answer);
    let mut envelope = checks
        .admit(Check::RegistrationEnvelope, envelope, || RegistrationEnvelope::leftover(answer))?;
    let transports = std::mem::take(&mut envelope.transports);
    checks.require(Check::RegistrationEnvelopeId, envelope.ids_agree())?;

    verify_client_data(checks, expect, envelope.client_data())?;
    let client_data_hash = sha256(envelope.client_data());

    let bytes = envelope.attestation_object();
    let object = AttestationObject::strict(bytes);
    let object = checks.admit(Check::RegistrationAttestationObject, object, || {
        AttestationObject::leftover(bytes)
    })?;
    checks.require(Check::RegistrationAttestationKeys, object.is_distinct())?;
    checks.require(Check::RegistrationAttestationTrailing, !object.trailing)?;

    let data = verify_authenticator_data(checks, expect, object.authenticator_data())?;
    let attested = data.attested.as_ref();
    let key = NewKey::admit(checks, attested.map(|attested| &attested.key), expect.algorithms)?;

    let subject = Subject { data: &data, key: &key, client_data_hash: &client_data_hash };
    let attester = object.verify(checks, &subject)?;
    let somebody = !expect.attestation_required || attester != Attester::Nobody;
    checks.require(Check::RegistrationAttestationPolicy, somebody)?;
    let its_maker = !expect.attestation_required || attester != Attester::TheKeyItself;
    checks.require(Check::RegistrationAttestationPolicySelf, its_maker)?;

    let id = attested.map_or(envelope.raw_id(), |attested| attested.credential_id);
    checks.require(Check::RegistrationCredentialIdLength, (rules.id_length)(id.len()))?;
    checks.require(Check::RegistrationCredentialId, id == envelope.raw_id())?;
    checks.require(Check::RegistrationCredentialUnique, !known(id))?;

    Ok(Credential {
        id: id.to_vec(),
        algorithm: key.algorithm,
        public_key: key.key,
        counter: data.counter,
        backup_eligible: data.flags.backup_eligible(),
        backed_up: data.flags.backed_up(),
        aaguid: attested.map(|attested| attested.aaguid).unwrap_or_default(),
        transports,
        verified_at_registration: data.flags.user_verified(),
        attestation_format: object.format().to_owned(),
    })
}

/// The steps about the client data.
fn verify_client_data(
    checks: &Checks,
    expect: &Expectation<'_>,
    bytes: &[u8],
) -> Result<(), Refusal> {
    if expect.client_data == ClientDataVerification::Limited {
        let odd = limited::verify(bytes, "webauthn.create", expect).err();
        return odd.map_or(Ok(()), |odd| checks.require(check_of(odd), false));
    }
    let (reading, rules) = (&checks.rules().client_data, &checks.rules().registration);
    let client = ClientData::strict(reading, bytes);
    let client = checks
        .admit(Check::RegistrationClientData, client, || ClientData::leftover(reading, bytes))?;
    checks.require(Check::RegistrationClientDataMembers, client.distinct)?;
    checks.require(Check::RegistrationType, client.kind == "webauthn.create")?;
    let answers = (rules.challenge)(&client.challenge, expect.challenge);
    checks.require(Check::RegistrationChallenge, answers)?;
    checks.require(Check::RegistrationOrigin, (rules.origin)(&client.origin, expect))?;
    checks.require(Check::RegistrationCrossOrigin, !client.cross_origin)?;
    checks.require(Check::RegistrationTopOrigin, !client.has_top_origin)
}

/// The check that a part of the client data does not meet.
const fn check_of(odd: Odd) -> Check {
    match odd {
        Odd::Type => Check::RegistrationType,
        Odd::Challenge => Check::RegistrationChallenge,
        Odd::Origin => Check::RegistrationOrigin,
        Odd::CrossOrigin => Check::RegistrationCrossOrigin,
        Odd::TopOrigin => Check::RegistrationTopOrigin,
        Odd::Form => Check::RegistrationClientData,
    }
}

/// The steps about the authenticator data, up to the new key.
fn verify_authenticator_data<'a>(
    checks: &Checks,
    expect: &Expectation<'_>,
    bytes: &'a [u8],
) -> Result<AuthenticatorData<'a>, Refusal> {
    let rules = checks.rules();
    let reading = &rules.registration.data;
    let data = AuthenticatorData::strict(reading, rules.flags, bytes);
    let data = checks.admit(Check::RegistrationAuthenticatorData, data, || {
        AuthenticatorData::leftover(reading, bytes)
    })?;
    let flags = data.flags;
    checks.require(Check::RegistrationAttestedData, flags.attested() && data.attested.is_some())?;
    checks.require(Check::RegistrationTrailing, !data.trailing)?;
    checks.require(Check::RegistrationRpIdHash, data.rp_id_hash == expect.rp_id_hash)?;
    checks.require(Check::RegistrationUserPresent, flags.user_present())?;
    checks.require(
        Check::RegistrationUserVerified,
        flags.user_verified() || !expect.user_verification_required,
    )?;
    checks
        .require(Check::RegistrationBackupFlags, flags.backup_eligible() || !flags.backed_up())?;
    Ok(data)
}
