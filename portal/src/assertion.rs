//! What a key answers for a user: verified outside the lock, and stored inside it.

use super::{
    Portal,
    check::{Check, Refusal},
    options::ALGORITHMS,
    rules::Account,
    state::{Aim, Attestation, Ceremony, Policy, State, Verification},
    webauthn::{self, Accepted, ClientDataVerification, Expectation, KeyAnswer, Lookup},
};

/// What an answer came to.
pub(super) struct Verified {
    /// The key's credential id; only a forgetful portal accepts the answer of a key that is unknown.
    pub(super) credential: Option<Vec<u8>>,
    pub(super) accepted: Accepted,
    /// Whom the key answered for.
    pub(super) account: String,
}

impl Verified {
    /// Whom it signs in, and the key that does.
    pub(super) fn by(&self) -> (&str, Option<&[u8]>) {
        (&self.account, self.credential.as_deref())
    }
}

impl Portal {
    /// What an answer has to be like: as was asked for, or as strict as the policy is by now.
    pub(super) fn expectation<'a>(
        &'a self,
        ceremony: &'a Ceremony,
        policy: &Policy,
    ) -> Expectation<'a> {
        let asked = ceremony.verification;
        let by_now = (self.rules().options.verification)(policy.verification, Some(asked));
        Expectation {
            challenge: &ceremony.challenge,
            origin: &self.origin,
            rp_id: &self.rp_id,
            rp_id_hash: self.rp_id_hash,
            user_verification_required: [asked, by_now].contains(&Verification::Required),
            algorithms: ALGORITHMS,
            attestation_required: policy.attestation == Attestation::Direct,
            // Members may come in any order.
            client_data: ClientDataVerification::Full,
        }
    }

    /// Verifies an assertion of a certain user. Nothing is locked meanwhile.
    pub(super) fn verify_for(
        &self,
        name: &str,
        ceremony: &Ceremony,
        answer: &KeyAnswer<'_>,
    ) -> Result<Verified, Refusal> {
        let rules = &self.rules().keys;
        let id = answer.claimed_credential_id().unwrap_or_default();
        let (found, policy, account) = {
            let state = self.state();
            let found = state.owner(&id).map(|(owner, key)| {
                ((rules.record)(&state, owner, key), (rules.owns)(owner, key, name))
            });
            let policy = state.users.get(name).map(|user| user.policy.clone());
            let account = (self.rules().sign_in.account)(self, &state, name, ceremony, answer);
            (found, policy.unwrap_or_default(), account)
        };
        let Account { name: account, handle } = account;
        let own = found.as_ref().is_some_and(|(_, own)| *own);
        let credential = found.map(|(credential, _)| credential);
        let lookup = Lookup {
            credential: credential.as_ref(),
            owner_is_user: (rules.answers)(&ceremony.listed, own),
            listed: ceremony.listed.is_empty() || ceremony.listed.contains(&id),
            user_handle: &handle,
            handle_required: ceremony.aim == Aim::Passwordless,
        };
        let expected = self.expectation(ceremony, &policy);
        let verified = webauthn::verify_authentication(&self.checks, &expected, &lookup, answer);
        if verified == Err(Refusal(Check::AuthenticationCounter))
            && let Some(sent) = answer.claimed_counter()
            && let Some(key) = self.state().key_mut(&id)
        {
            (rules.went_back)(key, sent);
        }
        let credential = credential.map(|credential| credential.id);
        Ok(Verified { credential, accepted: verified?, account })
    }

    /// Stores what an accepted assertion says of its key. Others may have been at work since it was
    /// looked up: the key must still be there, and its counter still be lower.
    pub(super) fn commit(&self, state: &mut State, verified: &Verified) -> Result<(), Refusal> {
        let Some(id) = &verified.credential else { return Ok(()) };
        let accepted = &verified.accepted;
        self.require(Check::LoginKeyStands, state.owner(id).is_some())?;
        let Some(key) = state.key_mut(id) else { return Ok(()) };
        if self.rules().keys.counter_compared.as_it_acts() {
            let goes_forward = self.rules().authentication.counter;
            let forward = goes_forward(key.credential.counter, accepted.counter);
            self.require(Check::AuthenticationCounter, forward)?;
        }
        key.credential.counter = accepted.counter;
        key.credential.backed_up = accepted.backed_up;
        Ok(())
    }
}
