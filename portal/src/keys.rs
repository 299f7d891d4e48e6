//! Finding, renaming and deleting keys.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    Portal,
    check::{Check, Refusal},
    options::text,
    registration::is_a_label,
    router::{Reply, Visit},
    state::{Key, KeyUse, Place, State},
};

impl Portal {
    /// The keys of the user who is signed in, with their status.
    pub(super) fn list_keys(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let state = self.state();
        let name = self.signed_in(&state, visit, Check::KeysSignedIn)?.user;
        let user = state.users.get(&name);
        self.require(Check::KeysVisible, user.is_none_or(|user| user.policy.key != Place::Off))?;
        let keys = user.map(|user| user.keys.as_slice()).unwrap_or_default();
        let status = if keys.is_empty() { "no-keys" } else { "active" };
        let rows = (self.rules().keys.listed)(&state, &name);
        Ok(Reply::ok(json!({ "status": status, "keys": rows })))
    }

    /// The owner of a key, who must be the user that is signed in.
    fn own(&self, state: &State, name: &str, id: &[u8]) -> Result<String, Refusal> {
        let owner = state.owner(id).map(|(owner, _)| owner.to_owned());
        self.require(Check::KeysOwn, owner.as_deref() == Some(name))?;
        owner.ok_or(Refusal(Check::KeysOwn))
    }

    /// Another label.
    pub(super) fn rename_key(&self, visit: &Visit, id: &str) -> Result<Reply, Refusal> {
        let mut state = self.state();
        let name = self.signed_in(&state, visit, Check::KeysSignedIn)?.user;
        let id = URL_SAFE_NO_PAD.decode(id).unwrap_or_default();
        let owner = self.own(&state, &name, &id)?;
        let label = visit.text("label");
        self.require(Check::RegistrationLabel, is_a_label(label))?;
        let keys = state.users.get_mut(&owner).map(|user| &mut user.keys);
        let Some(key) = keys.and_then(|keys| keys.iter_mut().find(|key| key.credential.id == id))
        else {
            return Err(Refusal(Check::KeysOwn));
        };
        self.require(Check::KeysAdministered, !key.administered)?;
        label.clone_into(&mut key.label);
        (self.rules().keys.renamed)(key);
        Ok(Reply::ok(json!({ "status": "renamed" })))
    }

    /// Deletes a key, which is dead from this moment on.
    pub(super) fn delete_key(&self, visit: &Visit, id: &str) -> Result<Reply, Refusal> {
        let mut state = self.state();
        let who = self.signed_in(&state, visit, Check::KeysSignedIn)?;
        let id = URL_SAFE_NO_PAD.decode(id).unwrap_or_default();
        let owner = self.own(&state, &who.user, &id)?;
        self.require(Check::KeysFresh, self.is_fresh(&state, &who))?;
        let remains = state.users.get(&owner).is_none_or(self.rules().keys.factor_remains);
        self.require(Check::KeysLastFactor, remains)?;
        self.remove_key(&mut state, (&owner, &who.id), &id);
        self.happened(&mut state, |ends| &ends.key_deleted, (&owner, &who.id));
        Ok(Reply::ok(json!({ "status": "deleted" })))
    }

    /// Takes a key away from its owner.
    pub(super) fn remove_key(&self, state: &mut State, (owner, here): (&str, &str), id: &[u8]) {
        let Some(user) = state.users.get_mut(owner) else { return };
        let gone: Vec<Key> = user.keys.extract_if(.., |key| key.credential.id == id).collect();
        for key in gone {
            if self.rules().keys.ends_its_proofs {
                state.end_proofs_of(&key.credential.id);
            }
            (self.rules().keys.deleted)(state, owner, key);
        }
        if state.users.get(owner).is_some_and(|user| user.keys.is_empty()) {
            self.happened(state, |ends| &ends.last_key_deleted, (owner, here));
        }
    }
}

/// A user's keys, as they are listed.
pub(super) fn rows(state: &State, name: &str) -> Vec<Value> {
    let row = |key: &Key| json!({ "id": text(&key.credential.id), "label": key.label, "administered": key.administered });
    state.keys_for(name, KeyUse::Listing).map(row).collect()
}
