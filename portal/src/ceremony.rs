//! Challenges: issued, found again, spent, and verified outside the lock.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    Portal,
    check::{Check, Refusal},
    defect::Weakness,
    door::Reply,
    random::Purpose,
    webauthn::{self, Accepted, Credential, Expectation, Lookup},
    world::{Aim, Attestation, Ceremony, Key, Policy, User, Verification, World},
};

/// How long a ceremony may take, seconds.
pub(super) const LIFETIME: u64 = 60;

/// ES256, EdDSA, RS256.
pub(super) const ALGORITHMS: &[i64] = &[-7, -8, -257];

/// The ways to reach a key that Level 3 has words for.
const TRANSPORTS: &[&str] = &["ble", "hybrid", "internal", "nfc", "smart-card", "usb"];

/// The checks of one kind of ceremony.
pub(super) struct CeremonyChecks {
    once: Check,
    bound: Check,
    purpose: Check,
    lifetime: Check,
}

pub(super) const REGISTRATION: CeremonyChecks = CeremonyChecks {
    once: Check::RegistrationChallengeOnce,
    bound: Check::RegistrationChallengeBound,
    purpose: Check::RegistrationPurpose,
    lifetime: Check::RegistrationChallengeLifetime,
};

pub(super) const SIGN_IN: CeremonyChecks = CeremonyChecks {
    once: Check::LoginChallengeOnce,
    bound: Check::LoginChallengeBound,
    purpose: Check::LoginPurpose,
    lifetime: Check::LoginChallengeLifetime,
};

pub(super) const CONFIRMATION: CeremonyChecks = CeremonyChecks {
    once: Check::LoginChallengeOnce,
    bound: Check::ResetKeyChallenge,
    purpose: Check::ResetKeyChallenge,
    lifetime: Check::LoginChallengeLifetime,
};

/// Who asks for a ceremony, and what for.
pub(super) struct Asked<'a> {
    pub(super) aim: Aim,
    pub(super) session: &'a str,
}

pub(super) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn key_list(keys: &[Key]) -> Vec<Value> {
    let entry = |key: &Key| json!({ "type": "public-key", "id": text(&key.credential.id), "transports": key.credential.transports });
    keys.iter().map(entry).collect()
}

impl Portal {
    /// Issues a challenge.
    fn issue(
        &self,
        world: &mut World,
        asked: Asked<'_>,
        listed: Vec<Vec<u8>>,
        verification: Verification,
    ) -> Vec<u8> {
        let challenge: [u8; 32] = if self.checks.weak(Weakness::ConstantChallenge) {
            world.random.constant("challenge")
        } else {
            world.random.draw(Purpose::Challenge)
        };
        let short = self.checks.weak(Weakness::ShortChallenge);
        let challenge = if short { challenge[..8].to_vec() } else { challenge.to_vec() };
        let (session, issued) = (asked.session.to_owned(), world.now);
        world.remember(Ceremony {
            challenge: challenge.clone(),
            aim: asked.aim,
            session,
            registrant: String::new(),
            issued,
            spent: false,
            listed,
            verification,
        });
        challenge
    }

    /// Registration options for a user.
    pub(super) fn creation_options(
        &self,
        world: &mut World,
        name: &str,
        asked: Asked<'_>,
    ) -> Reply {
        if self.cannot_name_keys(world, name) {
            return Reply::fallen_over();
        }
        let (handle, keys, policy) = match world.users.get(name) {
            Some(user) => (self.handle(world, user), key_list(&user.keys), user.policy.clone()),
            None => (Vec::new(), Vec::new(), Policy::default()),
        };
        let verification = policy.verification;
        let challenge = self.issue(world, asked, Vec::new(), verification);
        if let Some(ceremony) = world.ceremonies.last_mut() {
            name.clone_into(&mut ceremony.registrant);
        }
        let excluded = if self.checks.weak(Weakness::NoExcludeList) { Vec::new() } else { keys };
        Reply::ok(json!({ "publicKey": {
            "rp": { "id": self.rp_id, "name": "Reference portal" },
            "user": { "id": text(&handle), "name": name, "displayName": name },
            "challenge": self.written(&challenge),
            "pubKeyCredParams": self.offered().map(|alg| json!({ "type": "public-key", "alg": alg })).collect::<Vec<_>>(),
            "timeout": self.announced(),
            "excludeCredentials": excluded,
            "authenticatorSelection": { "residentKey": "preferred", "requireResidentKey": self.checks.weak(Weakness::ResidencyContradicted), "userVerification": verification.word() },
            "attestation": policy.attestation.word(),
        } }))
    }

    /// Only a defective portal stores a way to reach a key that it cannot read again.
    fn cannot_name_keys(&self, world: &World, name: &str) -> bool {
        let mut keys = world.users.get(name).into_iter().flat_map(|user| &user.keys);
        let unknown = |key: &Key| {
            key.credential.transports.iter().any(|way| !TRANSPORTS.contains(&way.as_str()))
        };
        self.checks.weak(Weakness::UnknownTransportUnreadable) && keys.any(unknown)
    }

    /// The algorithms that a key may choose from.
    fn offered(&self) -> impl Iterator<Item = &'static i64> {
        let most = if self.checks.weak(Weakness::AlgorithmsLeftOut) {
            0
        } else if self.checks.weak(Weakness::OnlyEs256Offered) {
            1
        } else {
            ALGORITHMS.len()
        };
        ALGORITHMS.iter().take(most)
    }

    fn handle(&self, world: &World, user: &User) -> Vec<u8> {
        if self.checks.weak(Weakness::HandleChanges) {
            return world
                .random
                .constant::<32>(&format!("handle {}", world.ceremonies.len()))
                .to_vec();
        }
        user.handle.clone()
    }

    /// Assertion options for a user's keys.
    pub(super) fn request_options(
        &self,
        world: &mut World,
        name: &str,
        asked: Asked<'_>,
        weaker: Option<Verification>,
    ) -> Reply {
        if self.cannot_name_keys(world, name) {
            return Reply::fallen_over();
        }
        let (mut keys, own) =
            world.users.get(name).map_or((Vec::new(), Verification::Preferred), |user| {
                (user.keys.clone(), user.policy.verification)
            });
        if self.checks.weak(Weakness::DeletedKeyAskedFor) {
            keys.extend(world.users.get(name).map(|user| user.deleted.clone()).unwrap_or_default());
        }
        let verification = match weaker {
            Some(weaker) if self.checks.weak(Weakness::VerificationFromClient) => weaker,
            Some(_) | None => own,
        };
        let mut listed: Vec<Vec<u8>> = keys.iter().map(|key| key.credential.id.clone()).collect();
        listed.extend(world.buried.iter().map(|(_, key)| key.credential.id.clone()));
        let challenge = self.issue(world, asked, listed, verification);
        Reply::ok(json!({ "publicKey": {
            "challenge": self.written(&challenge),
            "rpId": self.rp_id,
            "timeout": self.announced(),
            "allowCredentials": self.allowed(world, &keys),
            "userVerification": verification.word(),
        } }))
    }

    /// Assertion options for whoever has a discoverable credential.
    pub(super) fn passwordless_options(&self, world: &mut World, session: &str) -> Value {
        let asked = Asked { aim: Aim::Passwordless, session };
        let challenge = self.issue(world, asked, Vec::new(), Verification::Required);
        json!({ "publicKey": {
            "challenge": self.written(&challenge),
            "rpId": self.rp_id,
            "timeout": self.announced(),
            "allowCredentials": [],
            "userVerification": Verification::Required.word(),
        } })
    }

    /// The keys that the browser is told to ask for.
    fn allowed(&self, world: &World, keys: &[Key]) -> Vec<Value> {
        let mut allowed = key_list(keys);
        if self.checks.weak(Weakness::NoAllowList) {
            allowed.clear();
        }
        if self.checks.weak(Weakness::DecoyNamed) {
            let decoy = world.random.constant::<32>("decoy");
            allowed.push(json!({ "type": "public-key", "id": text(&decoy) }));
        }
        allowed
    }

    /// A challenge as it stands in the options.
    fn written(&self, challenge: &[u8]) -> String {
        let padded = self.checks.weak(Weakness::PaddedChallenge);
        text(challenge) + if padded { "=" } else { "" }
    }

    fn announced(&self) -> u64 {
        if self.checks.weak(Weakness::TimeoutUnannounced) {
            600_000
        } else if self.checks.weak(Weakness::TimeoutInSeconds) {
            LIFETIME
        } else {
            LIFETIME * 1000
        }
    }

    /// Finds the ceremony that an answer belongs to and spends it: from here on it is used, whatever
    /// becomes of the answer.
    pub(super) fn take(
        &self,
        world: &mut World,
        checks: &CeremonyChecks,
        asked: &Asked<'_>,
        answer: &Value,
    ) -> Result<Ceremony, Refusal> {
        let claimed = webauthn::claimed_challenge(answer);
        if self.checks.weak(Weakness::ChallengeFromClient)
            && let Some(challenge) = &claimed
        {
            return Ok(self.made_up(world, asked, challenge.clone()));
        }
        let known = |ceremony: &Ceremony| Some(&ceremony.challenge) == claimed.as_ref();
        let latest = |ceremony: &Ceremony| {
            ceremony.session == asked.session && ceremony.aim == asked.aim && !ceremony.spent
        };
        let place = world
            .ceremonies
            .iter()
            .rposition(known)
            .or_else(|| world.ceremonies.iter().rposition(latest));
        let now = world.now;
        let Some(ceremony) = place.and_then(|place| world.ceremonies.get_mut(place)) else {
            self.require(checks.once, false)?;
            return Ok(self.made_up(world, asked, claimed.unwrap_or_default()));
        };
        self.require(checks.once, !ceremony.spent)?;
        // One that is out of time or belongs to somebody else is not spent by this answer.
        self.require(checks.bound, ceremony.session == asked.session)?;
        if !self.checks.weak(Weakness::ChallengeSpentLate)
            && !self.checks.weak(Weakness::ChallengeSpentOnSuccess)
        {
            ceremony.spent = true;
        }
        self.require(checks.purpose, ceremony.aim == asked.aim)?;
        let lifetime =
            if self.checks.weak(Weakness::ChallengeLivesShort) { LIFETIME / 2 } else { LIFETIME };
        self.require(checks.lifetime, now <= ceremony.issued + lifetime)?;
        Ok(ceremony.clone())
    }

    /// Spends a ceremony after its answer; sound portals have done so before.
    pub(super) fn spend(&self, world: &mut World, ceremony: &Ceremony) {
        for known in
            world.ceremonies.iter_mut().filter(|known| known.challenge == ceremony.challenge)
        {
            known.spent = true;
        }
    }

    pub(super) fn made_up(&self, world: &World, asked: &Asked<'_>, challenge: Vec<u8>) -> Ceremony {
        let (aim, session) = (asked.aim.clone(), asked.session.to_owned());
        Ceremony {
            challenge,
            aim,
            session,
            registrant: String::new(),
            issued: world.now,
            spent: false,
            listed: Vec::new(),
            verification: Verification::Preferred,
        }
    }

    /// What an answer has to be like: as was asked for, or as strict as the policy is by now.
    pub(super) fn expectation<'a>(
        &'a self,
        ceremony: &'a Ceremony,
        policy: &Policy,
    ) -> Expectation<'a> {
        let asked = ceremony.verification == Verification::Required;
        let by_now = policy.verification == Verification::Required
            && !self.checks.weak(Weakness::VerificationFromClient);
        Expectation {
            challenge: &ceremony.challenge,
            origin: &self.origin,
            rp_id: &self.rp_id,
            user_verification_required: asked || by_now,
            algorithms: ALGORITHMS,
            attestation_required: policy.attestation == Attestation::Direct,
        }
    }

    /// Verifies an assertion of a certain user. Nothing is locked meanwhile.
    pub(super) fn verify_for(
        &self,
        name: &str,
        ceremony: &Ceremony,
        answer: &Value,
    ) -> Result<(Option<Vec<u8>>, Accepted), Refusal> {
        let id = webauthn::claimed_credential_id(answer).unwrap_or_default();
        let (credential, owner_is_user, handle, policy) = {
            let world = self.world();
            let found = world.owner(&id).map(|(owner, key)| {
                let another = key.administered && self.checks.weak(Weakness::IssuedKeyNotOwn);
                (self.record_of(&world, owner, key), owner == name && !another)
            });
            let policy = world.users.get(name).map(|user| user.policy.clone());
            let policy = policy.unwrap_or_default();
            let handle = self.handle_to_expect(&world, name, answer);
            let (credential, own) =
                found.map_or((None, false), |(credential, own)| (Some(credential), own));
            (credential, own, handle, policy)
        };
        let any_goes =
            ceremony.listed.is_empty() && self.checks.weak(Weakness::EmptyListMatchesAny);
        let lookup = Lookup {
            credential: credential.as_ref(),
            owner_is_user: owner_is_user || any_goes,
            listed: ceremony.listed.is_empty() || ceremony.listed.contains(&id),
            user_handle: &handle,
            handle_required: ceremony.aim == Aim::Passwordless,
        };
        let expected = self.expectation(ceremony, &policy);
        let verified = webauthn::verify_authentication(&self.checks, &expected, &lookup, answer);
        if verified == Err(Refusal(Check::AuthenticationCounter))
            && self.checks.weak(Weakness::CounterRollbackStored)
        {
            self.store_counter(&id, answer);
        }
        if verified == Err(Refusal(Check::AuthenticationCounter))
            && self.checks.weak(Weakness::CloneLocksKey)
            && let Some(key) = self.world().key_mut(&id)
        {
            key.credential.counter = u32::MAX;
        }
        // Only a portal that forgets to ask gets here with a key that nobody registered.
        Ok((credential.map(|credential| credential.id), verified?))
    }

    /// The record that an answer is verified with: that of its key.
    fn record_of(&self, world: &World, owner: &str, key: &Key) -> Credential {
        let mut record = key.credential.clone();
        let newest = world.users.get(owner).and_then(|user| user.keys.last());
        if self.checks.weak(Weakness::NewestKeyVerifies)
            && let Some(newest) = newest
        {
            record.public_key.clone_from(&newest.credential.public_key);
        }
        record
    }

    /// Only a defective portal stores the counter of an answer that it refuses.
    fn store_counter(&self, id: &[u8], answer: &Value) {
        let data = answer.pointer("/response/authenticatorData").and_then(Value::as_str);
        let data = data.and_then(|data| URL_SAFE_NO_PAD.decode(data).ok()).unwrap_or_default();
        let Some(counter) = data.get(33..37).and_then(|bytes| bytes.try_into().ok()) else {
            return;
        };
        if let Some(key) = self.world().key_mut(id) {
            key.credential.counter = u32::from_be_bytes(counter);
        }
    }

    fn handle_to_expect(&self, world: &World, name: &str, answer: &Value) -> Vec<u8> {
        let trusts = self.checks.weak(Weakness::AccountFromUserHandle)
            || self.checks.weak(Weakness::HandleChanges);
        let claimed = webauthn::claimed_user_handle(answer).filter(|_| trusts);
        let own = || world.users.get(name).map(|user| user.handle.clone());
        claimed.or_else(own).unwrap_or_default()
    }

    /// Stores what an accepted assertion says of its key. Others may have been at work since it was
    /// looked up: the key must still be there, and its counter still be lower.
    pub(super) fn commit(
        &self,
        world: &mut World,
        id: Option<&[u8]>,
        accepted: &Accepted,
    ) -> Result<(), Refusal> {
        let Some(id) = id else { return Ok(()) };
        let buried = self.checks.weak(Weakness::DeletedKeyStays);
        let key = world.key_mut(id);
        self.require(Check::LoginKeyStands, key.is_some() || buried)?;
        let Some(key) = key else { return Ok(()) };
        let goes_forward = self.checks.rules().authentication.counter;
        let forward = goes_forward(key.credential.counter, accepted.counter);
        if !self.checks.weak(Weakness::CounterRace) {
            self.require(Check::AuthenticationCounter, forward)?;
        }
        key.credential.counter = accepted.counter;
        key.credential.backed_up = accepted.backed_up;
        Ok(())
    }
}

/// A slow store, modelled only in portals that check and act apart.
pub(super) async fn slow_store() {
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
}
