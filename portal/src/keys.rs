//! Finding, renaming and deleting keys.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    Portal,
    check::{Check, Refusal},
    defect::Weakness,
    door::{Reply, Visit},
    options::text,
    registration::is_a_label,
    world::{Key, Place, User, World},
};

impl Portal {
    /// The keys of the user who is signed in, with their status.
    pub(super) fn list_keys(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let world = self.world();
        let name = self.keeper(&world, visit)?;
        let user = world.users.get(&name);
        self.require(Check::KeysVisible, user.is_none_or(|user| user.policy.key != Place::Off))?;
        let keys = user.map(|user| user.keys.as_slice()).unwrap_or_default();
        let status = if keys.is_empty() { "no-keys" } else { "active" };
        let row = |key: &Key| json!({ "id": text(&key.credential.id), "label": key.label, "administered": key.administered });
        let mut rows: Vec<Value> = keys.iter().map(row).collect();
        if self.checks.weak(Weakness::DeletedKeyListed) {
            rows.extend(user.into_iter().flat_map(|user| &user.deleted).map(row));
        }
        if self.checks.weak(Weakness::CodesListedAsKey) {
            let app =
                || json!({ "id": "totp", "label": "Authenticator app", "administered": false });
            rows.extend(user.and_then(|user| user.totp.as_ref()).map(|_| app()));
        }
        Ok(Reply::ok(json!({ "status": status, "keys": rows })))
    }

    fn keeper(&self, world: &World, visit: &Visit) -> Result<String, Refusal> {
        let (_, session) = self.signed_in(world, visit, Check::KeysSignedIn)?;
        Ok(session.user.unwrap_or_default())
    }

    /// The owner of a key, who must be the user that is signed in.
    fn own(&self, world: &World, name: &str, id: &[u8]) -> Result<String, Refusal> {
        let owner = world.owner(id).map(|(owner, _)| owner.to_owned());
        self.require(Check::KeysOwn, owner.as_deref() == Some(name))?;
        owner.ok_or(Refusal(Check::KeysOwn))
    }

    /// Another label.
    pub(super) fn rename_key(&self, visit: &Visit, id: &str) -> Result<Reply, Refusal> {
        let mut world = self.world();
        let name = self.keeper(&world, visit)?;
        let id = URL_SAFE_NO_PAD.decode(id).unwrap_or_default();
        let owner = self.own(&world, &name, &id)?;
        let label = visit.text("label");
        self.require(Check::RegistrationLabel, is_a_label(label))?;
        let keys = world.users.get_mut(&owner).map(|user| &mut user.keys);
        let Some(key) = keys.and_then(|keys| keys.iter_mut().find(|key| key.credential.id == id))
        else {
            return Err(Refusal(Check::KeysOwn));
        };
        self.require(Check::KeysAdministered, !key.administered)?;
        label.clone_into(&mut key.label);
        if self.checks.weak(Weakness::RenameResetsKey) {
            key.credential.public_key = None;
        }
        Ok(Reply::ok(json!({ "status": "renamed" })))
    }

    /// Deletes a key, which is dead from this moment on.
    pub(super) fn delete_key(&self, visit: &Visit, id: &str) -> Result<Reply, Refusal> {
        let mut world = self.world();
        let name = self.keeper(&world, visit)?;
        let id = URL_SAFE_NO_PAD.decode(id).unwrap_or_default();
        let owner = self.own(&world, &name, &id)?;
        let fresh = visit
            .session
            .as_ref()
            .and_then(|id| world.sessions.get(id))
            .is_some_and(|session| self.is_fresh(&world, session));
        self.require(Check::KeysFresh, fresh)?;
        let remains = world.users.get(&owner).is_none_or(|user| self.a_factor_remains(user));
        self.require(Check::KeysLastFactor, remains)?;
        self.remove_key(&mut world, &owner, &id);
        Ok(Reply::ok(json!({ "status": "deleted" })))
    }

    /// Where a factor is required, one must be left after a key is gone.
    fn a_factor_remains(&self, user: &User) -> bool {
        if self.checks.weak(Weakness::FactorKindsCounted) {
            return !user.must_have_a_factor() || user.has_totp_factor();
        }
        !user.must_have_a_factor() || user.has_factor_beside_keys() || user.keys.len() > 1
    }

    pub(super) fn remove_key(&self, world: &mut World, owner: &str, id: &[u8]) {
        if self.checks.weak(Weakness::DeletedKeyStays) {
            // Gone from the list, and nowhere else.
            if let Some(user) = world.users.get_mut(owner) {
                let gone: Vec<Key> =
                    user.keys.iter().filter(|key| key.credential.id == id).cloned().collect();
                user.keys.retain(|key| key.credential.id != id);
                world.buried.extend(gone.into_iter().map(|key| (owner.to_owned(), key)));
            }
            return;
        }
        if let Some(user) = world.users.get_mut(owner) {
            if self.remembers_deleted_keys() {
                let gone = user.keys.iter().filter(|key| key.credential.id == id).cloned();
                user.deleted.extend(gone);
            }
            user.keys.retain(|key| key.credential.id != id);
        }
    }

    /// Only some defective portals do: they mark a key as deleted, and do not ask for the mark where
    /// they have to.
    fn remembers_deleted_keys(&self) -> bool {
        [
            Weakness::DeletedKeyAskedFor,
            Weakness::DeletedKeyListed,
            Weakness::DeletedLabelStaysTaken,
            Weakness::FactorOutlivesKeys,
        ]
        .iter()
        .any(|weakness| self.checks.weak(*weakness))
    }
}
