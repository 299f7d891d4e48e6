//! Registering a key: by its user, or by the administrator.

use axum::http::StatusCode;
use serde_json::json;

use super::{
    Portal,
    browser_policy::{can_use_a_key, can_use_a_platform_key},
    ceremony::{Asked, REGISTRATION},
    check::{Check, Refusal},
    options::text,
    router::{Reply, Visit},
    rules::Registering,
    session::SignedIn,
    state::{Aim, Ceremony, Key, KeyUse, Place, State},
    webauthn::{self, Credential, KeyAnswer},
};

/// No user has more keys than this.
const MOST_KEYS: usize = 20;
/// No label is longer, in characters.
const LONGEST_LABEL: usize = 64;

impl Portal {
    /// Registration options for the user who is signed in.
    pub(super) fn ask_to_register(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let mut state = self.state();
        let who = self.signed_in(&state, visit, Check::RegistrationSignedIn)?;
        self.may_begin(&state, &who, &visit.agent)?;
        let asked = Asked { aim: Aim::Registration, session: &who.id };
        self.happened(&mut state, |ends| &ends.registration_begun, (&who.user, &who.id));
        let options = self.creation_options(&mut state, &who.user, asked);
        if let Some(user) = state.users.get_mut(&who.user) {
            (self.rules().new_key.registering)(user, Registering::Begun(&who.id));
        }
        Ok(options)
    }

    /// Whether somebody may begin to register a key, now and in this browser.
    pub(super) fn may_begin(
        &self,
        state: &State,
        who: &SignedIn,
        agent: &str,
    ) -> Result<(), Refusal> {
        self.may_register(state, &who.user)?;
        self.require(Check::RegistrationFresh, self.is_fresh(state, who))?;
        self.require(Check::RegistrationBrowser, can_use_a_key(&self.checks, agent))?;
        self.has_room(state, &who.user)
    }

    fn may_register(&self, state: &State, name: &str) -> Result<(), Refusal> {
        let policy = state.users.get(name).map(|user| user.policy.clone()).unwrap_or_default();
        self.require(Check::RegistrationKeyOff, policy.key != Place::Off)?;
        self.require(Check::RegistrationSelfService, policy.self_registration)
    }

    /// Labels may repeat, and that of a deleted key is free.
    fn label_is_free(&self, state: &State, name: &str, label: &str) -> Result<(), Refusal> {
        let mut deleted = state.deleted_keys(name, KeyUse::Labelling);
        self.require(Check::RegistrationLabel, !deleted.any(|key| key.label == label))
    }

    fn has_room(&self, state: &State, name: &str) -> Result<(), Refusal> {
        let room = state.users.get(name).is_none_or(|user| user.keys.len() < MOST_KEYS);
        self.require(Check::RegistrationKeyLimit, room)
    }

    /// The new key's answer.
    pub(super) async fn register(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let answer = visit.credential();
        let label = visit.text("label").to_owned();
        let rules = &self.rules().new_key;
        self.require(Check::RegistrationLabel, (rules.label)(&label))?;
        let (name, ceremony) = {
            let mut state = self.state();
            let who = self.signed_in(&state, visit, Check::RegistrationSignedIn)?;
            self.may_register(&state, &who.user)?;
            self.require(Check::RegistrationFresh, self.is_fresh(&state, &who))?;
            let asked = Asked { aim: Aim::Registration, session: &who.id };
            let ceremony = self.take(&mut state, &REGISTRATION, &asked, &answer)?;
            let placed = can_use_a_key(&self.checks, &visit.agent)
                && (answer.attachment() != Some("platform")
                    || can_use_a_platform_key(&self.checks, &visit.agent));
            self.require(Check::RegistrationBrowser, placed)?;
            (who.user, ceremony)
        };
        let credential = self.verify_new(&name, &ceremony, &answer)?;
        rules.unique_asked.apart().await;
        let mut state = self.state();
        // The user may have signed out, lost the right or found another key meanwhile, and somebody
        // else have registered the same id.
        self.signed_in(&state, visit, Check::RegistrationSignedIn)?;
        self.may_register(&state, &name)?;
        self.has_room(&state, &name)?;
        self.label_is_free(&state, &name, &label)?;
        let name = (rules.registrant)(name, visit);
        let here = visit.session.as_deref().unwrap_or_default();
        self.store(&mut state, (&name, here), Key { credential, label, administered: false })
    }

    fn verify_new(
        &self,
        name: &str,
        ceremony: &Ceremony,
        answer: &KeyAnswer<'_>,
    ) -> Result<Credential, Refusal> {
        let policy = self.state().users.get(name).map(|user| user.policy.clone());
        let expected = self.expectation(ceremony, &policy.unwrap_or_default());
        let known = |id: &[u8]| self.state().owner(id).is_some();
        webauthn::verify_registration(&self.checks, &expected, answer, &known)
    }

    /// Gives a user a new key, if its id is still new.
    fn store(
        &self,
        state: &mut State,
        (name, here): (&str, &str),
        mut key: Key,
    ) -> Result<Reply, Refusal> {
        let rules = &self.rules().new_key;
        if rules.unique_asked.as_it_acts() {
            let id = &key.credential.id;
            self.require(Check::RegistrationCredentialUnique, state.owner(id).is_none())?;
            // A portal that forgets this has one place for one id: the newer key takes it.
            for user in state.users.values_mut() {
                user.keys.retain(|known| known.credential.id != *id);
            }
        }
        key.label = (rules.stored_label)(key.label);
        let body = json!({ "id": text(&key.credential.id), "label": key.label });
        // Whoever was deleted meanwhile is not signed in any more, and has no place for a key.
        self.require(Check::RegistrationSignedIn, state.users.contains_key(name))?;
        if let Some(user) = state.users.get_mut(name) {
            (rules.registering)(user, Registering::Done);
            user.keys.push(key);
        }
        self.happened(state, |ends| &ends.key_added, (name, here));
        Ok(Reply::with_status(StatusCode::CREATED, body))
    }

    /// Registration options for the administrator, on a user's behalf.
    pub(super) fn ask_to_register_for(&self, name: &str) -> Result<Reply, Refusal> {
        let mut state = self.state();
        let administrator = administrator_for(name);
        let asked = Asked { aim: Aim::AdminRegistration, session: &administrator };
        Ok(self.creation_options(&mut state, name, asked))
    }

    /// The new key's answer, from the administrator.
    pub(super) fn register_for(&self, name: &str, visit: &Visit) -> Result<Reply, Refusal> {
        let answer = visit.credential();
        let label = visit.text("label").to_owned();
        self.require(Check::RegistrationLabel, is_a_label(&label))?;
        let administrator = administrator_for(name);
        let asked = Asked { aim: Aim::AdminRegistration, session: &administrator };
        let ceremony = self.take(&mut self.state(), &REGISTRATION, &asked, &answer)?;
        let credential = self.verify_new(name, &ceremony, &answer)?;
        let mut state = self.state();
        self.has_room(&state, name)?;
        self.store(&mut state, (name, ""), Key { credential, label, administered: true })
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
