//! Registering a key: by its user, or by the administrator.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{
    Portal,
    browser_policy::{can_use_a_key, can_use_a_platform_key},
    ceremony::{Asked, REGISTRATION, slow_store, text},
    check::{Check, Refusal},
    defect::Weakness,
    door::{Reply, Visit},
    webauthn::{self, Credential},
    world::{Aim, Ceremony, Key, Place, World},
};

/// No user has more keys than this.
const MOST_KEYS: usize = 20;
/// No label is longer, in characters.
const LONGEST_LABEL: usize = 64;

impl Portal {
    /// Registration options for the user who is signed in.
    pub(super) fn ask_to_register(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let mut world = self.world();
        let (id, name) = self.registrant(&world, visit)?;
        self.may_register(&world, &name)?;
        self.is_recent(&world, visit)?;
        self.require(Check::RegistrationBrowser, can_use_a_key(&visit.agent))?;
        self.has_room(&world, &name)?;
        let asked = Asked { aim: Aim::Registration, session: &id };
        Ok(Reply::ok(self.creation_options(&mut world, &name, asked)))
    }

    /// Who registers: somebody fully signed in.
    fn registrant(&self, world: &World, visit: &Visit) -> Result<(String, String), Refusal> {
        let half = visit
            .session
            .as_ref()
            .and_then(|id| Some((id.clone(), world.sessions.get(id)?.user.clone()?)));
        if self.checks.weak(Weakness::HalfSessionRegisters)
            && let Some(half) = half
        {
            return Ok(half);
        }
        let (id, session) = self.signed_in(world, visit, Check::RegistrationSignedIn)?;
        Ok((id, session.user.unwrap_or_default()))
    }

    fn may_register(&self, world: &World, name: &str) -> Result<(), Refusal> {
        let policy = world.users.get(name).map(|user| user.policy.clone()).unwrap_or_default();
        self.require(Check::RegistrationKeyOff, policy.key != Place::Off)?;
        self.require(Check::RegistrationSelfService, policy.self_registration)
    }

    fn has_room(&self, world: &World, name: &str) -> Result<(), Refusal> {
        let room = world.users.get(name).is_some_and(|user| user.keys.len() < MOST_KEYS);
        self.require(Check::RegistrationKeyLimit, room)
    }

    fn is_recent(&self, world: &World, visit: &Visit) -> Result<(), Refusal> {
        let fresh = visit
            .session
            .as_ref()
            .and_then(|id| world.sessions.get(id))
            .is_some_and(|session| Self::is_fresh(world, session));
        self.require(Check::RegistrationFresh, fresh)
    }

    /// The new key's answer.
    pub(super) async fn register(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let answer = visit.body.get("credential").cloned().unwrap_or(Value::Null);
        let label = visit.text("label").to_owned();
        self.require(Check::RegistrationLabel, is_a_label(&label))?;
        if self.checks.weak(Weakness::LabelRequired) {
            self.require(Check::RegistrationLabel, !label.is_empty())?;
        }
        let (name, ceremony) = {
            let mut world = self.world();
            let (id, name) = self.registrant(&world, visit)?;
            self.may_register(&world, &name)?;
            self.is_recent(&world, visit)?;
            let asked = Asked { aim: Aim::Registration, session: &id };
            let ceremony = self.take(&mut world, &REGISTRATION, &asked, &answer)?;
            let attachment = answer.get("authenticatorAttachment").and_then(Value::as_str);
            let placed = can_use_a_key(&visit.agent)
                && (attachment != Some("platform") || can_use_a_platform_key(&visit.agent));
            self.require(Check::RegistrationBrowser, placed)?;
            (name, ceremony)
        };
        let credential = self.verify_new(&name, &ceremony, &answer)?;
        if self.checks.weak(Weakness::DuplicateRace) {
            slow_store().await;
        }
        let mut world = self.world();
        // The user may have signed out, lost the right or found another key meanwhile, and somebody
        // else have registered the same id.
        self.registrant(&world, visit)?;
        self.may_register(&world, &name)?;
        self.has_room(&world, &name)?;
        let named = visit.text("user");
        let name = if self.checks.weak(Weakness::RegistrationUserFromRequest) && !named.is_empty() {
            named.to_owned()
        } else {
            name
        };
        self.store(&mut world, &name, Key { credential, label, administered: false })
    }

    fn verify_new(
        &self,
        name: &str,
        ceremony: &Ceremony,
        answer: &Value,
    ) -> Result<Credential, Refusal> {
        let policy = self.world().users.get(name).map(|user| user.policy.clone());
        let expected = self.expectation(ceremony, &policy.unwrap_or_default());
        let known = |id: &[u8]| self.world().owner(id).is_some();
        webauthn::verify_registration(&self.checks, &expected, answer, &known)
    }

    /// Gives a user a new key, if its id is still new.
    fn store(&self, world: &mut World, name: &str, key: Key) -> Result<Reply, Refusal> {
        if !self.checks.weak(Weakness::DuplicateRace) {
            let id = &key.credential.id;
            self.require(Check::RegistrationCredentialUnique, world.owner(id).is_none())?;
            // A portal that forgets this has one place for one id: the newer key takes it.
            for user in world.users.values_mut() {
                user.keys.retain(|known| known.credential.id != *id);
            }
        }
        let body = json!({ "id": text(&key.credential.id), "label": key.label });
        if let Some(user) = world.users.get_mut(name) {
            if self.checks.weak(Weakness::SecondKeyReplacesFirst) {
                user.keys.clear();
            }
            if self.checks.weak(Weakness::RegistrationDropsTotp) {
                user.totp = None;
            }
            user.keys.push(key);
        }
        Ok(Reply { status: StatusCode::CREATED, body, session: None })
    }

    /// Registration options for the administrator, on a user's behalf.
    pub(super) fn ask_to_register_for(&self, name: &str) -> Result<Reply, Refusal> {
        let mut world = self.world();
        let administrator = administrator_for(name);
        let asked = Asked { aim: Aim::AdminRegistration, session: &administrator };
        Ok(Reply::ok(self.creation_options(&mut world, name, asked)))
    }

    /// The new key's answer, from the administrator.
    pub(super) fn register_for(&self, name: &str, visit: &Visit) -> Result<Reply, Refusal> {
        let answer = visit.body.get("credential").cloned().unwrap_or(Value::Null);
        let label = visit.text("label").to_owned();
        self.require(Check::RegistrationLabel, is_a_label(&label))?;
        let administrator = administrator_for(name);
        let asked = Asked { aim: Aim::AdminRegistration, session: &administrator };
        let ceremony = self.take(&mut self.world(), &REGISTRATION, &asked, &answer)?;
        let credential = self.verify_new(name, &ceremony, &answer)?;
        let mut world = self.world();
        self.has_room(&world, name)?;
        self.store(&mut world, name, Key { credential, label, administered: true })
    }
}

/// Stands for the session in the administrator's ceremonies for a user.
fn administrator_for(name: &str) -> String {
    format!("administrator for {name}")
}

/// Short text without control characters.
pub(super) fn is_a_label(label: &str) -> bool {
    label.chars().count() <= LONGEST_LABEL && !label.chars().any(char::is_control)
}
