//! The options of ceremonies, as browsers are sent them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    Portal,
    ceremony::Asked,
    router::Reply,
    state::{Aim, Key, KeyUse, Policy, State, Verification},
};

/// ES256, EdDSA, RS256.
pub(super) const ALGORITHMS: &[i64] = &[-7, -8, -257];

pub(super) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn key_list(keys: &[Key]) -> Vec<Value> {
    let entry = |key: &Key| json!({ "type": "public-key", "id": text(&key.credential.id), "transports": key.credential.transports });
    keys.iter().map(entry).collect()
}

impl Portal {
    /// Registration options for a user.
    pub(super) fn creation_options(
        &self,
        state: &mut State,
        name: &str,
        asked: Asked<'_>,
    ) -> Reply {
        let rules = &self.rules().options;
        let (handle, keys, policy) = match state.users.get(name) {
            Some(user) => {
                ((rules.handle)(state, user, None), user.keys.clone(), user.policy.clone())
            }
            None => (Vec::new(), Vec::new(), Policy::default()),
        };
        let verification = policy.verification;
        let challenge = self.issue(state, asked, name, (Vec::new(), verification));
        let offered = ALGORITHMS.iter().filter(|alg| (rules.offers)(**alg));
        let offered: Vec<Value> =
            offered.map(|alg| json!({ "type": "public-key", "alg": alg })).collect();
        let options = Reply::ok(json!({ "publicKey": {
            "rp": { "id": self.rp_id, "name": "Reference portal" },
            "user": { "id": text(&handle), "name": name, "displayName": name },
            "challenge": (rules.challenge)(&challenge),
            "pubKeyCredParams": offered,
            "timeout": rules.timeout,
            "excludeCredentials": (rules.excluded)(key_list(&keys)),
            "authenticatorSelection": { "residentKey": "preferred", "requireResidentKey": rules.requires_resident_key, "userVerification": verification.word() },
            "attestation": policy.attestation.word(),
        } }));
        (rules.told)(&keys, options)
    }

    /// Assertion options for a user's keys.
    pub(super) fn request_options(
        &self,
        state: &mut State,
        name: &str,
        asked: Asked<'_>,
        wished: Option<Verification>,
    ) -> Reply {
        let rules = &self.rules().options;
        let keys: Vec<Key> = state.keys_for(name, KeyUse::Asking).cloned().collect();
        let policy = state.users.get(name).map(|user| user.policy.verification);
        let verification = (rules.verification)(policy.unwrap_or_default(), wished);
        let answering = state.keys_for(name, KeyUse::Answering);
        let listed = answering.map(|key| key.credential.id.clone()).collect();
        let challenge = self.issue(state, asked, name, (listed, verification));
        let options = Reply::ok(json!({ "publicKey": {
            "challenge": (rules.challenge)(&challenge),
            "rpId": self.rp_id,
            "timeout": rules.timeout,
            "allowCredentials": (rules.allowed)(&state.random, key_list(&keys)),
            "userVerification": verification.word(),
        } }));
        (rules.told)(&keys, options)
    }

    /// Assertion options for whoever has a discoverable credential.
    pub(super) fn passwordless_options(&self, state: &mut State, session: &str) -> Value {
        let rules = &self.rules().options;
        let asked = Asked { aim: Aim::Passwordless, session };
        let challenge = self.issue(state, asked, "", (Vec::new(), Verification::Required));
        json!({ "publicKey": {
            "challenge": (rules.challenge)(&challenge),
            "rpId": self.rp_id,
            "timeout": rules.timeout,
            "allowCredentials": [],
            "userVerification": Verification::Required.word(),
        } })
    }
}
