//! Registering a key: by its user, or by the administrator.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{
    Portal,
    browser_policy::{can_use_a_key, can_use_a_platform_key},
    ceremony::{Asked, REGISTRATION},
    check::{Check, Refusal},
    defect::Weakness,
    door::{Reply, Visit},
    options::text,
    rules::Checked,
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
        let registrant = self.registrant(&world, visit);
        if registrant.is_err() && self.checks.weak(Weakness::VisitorRegisters) {
            let session = visit.session.as_deref().unwrap_or_default();
            let asked = Asked { aim: Aim::Registration, session };
            return Ok(self.creation_options(&mut world, visit.text("user"), asked));
        }
        let (id, name) = registrant?;
        self.may_register(&world, &name)?;
        self.is_recent(&world, visit)?;
        self.require(Check::RegistrationBrowser, can_use_a_key(&self.checks, &visit.agent))?;
        self.has_room(&world, &name)?;
        let asked = Asked { aim: Aim::Registration, session: &id };
        let options = self.creation_options(&mut world, &name, asked);
        if self.checks.weak(Weakness::ListedBeforeTouch)
            && let Some(user) = world.users.get_mut(&name)
        {
            user.keys.push(not_yet_a_key(&id));
        }
        Ok(options)
    }

    /// Who answers: whoever asked. Only a defective portal goes by the challenge alone.
    fn answering(
        &self,
        world: &World,
        visit: &Visit,
        answer: &Value,
    ) -> Result<(String, String), Refusal> {
        let challenge = webauthn::claimed_challenge(answer).unwrap_or_default();
        let begun = world.ceremonies.iter().find(|known| known.challenge == challenge);
        if self.checks.weak(Weakness::RegistrantFromChallenge)
            && let Some(begun) = begun
        {
            return Ok((begun.session.clone(), begun.user.clone()));
        }
        self.registrant(world, visit)
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

    /// Only a defective portal asks whether a deleted key had the same label.
    fn label_is_free(&self, world: &World, name: &str, label: &str) -> Result<(), Refusal> {
        let user = world.users.get(name);
        let taken = user.is_some_and(|user| user.deleted.iter().any(|key| key.label == label));
        let holds = !taken || !self.checks.weak(Weakness::DeletedLabelStaysTaken);
        self.require(Check::RegistrationLabel, holds)
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
            .is_some_and(|session| self.is_fresh(world, session));
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
            let (id, name) = self.answering(&world, visit, &answer)?;
            self.may_register(&world, &name)?;
            if !self.checks.weak(Weakness::RegistrantFromChallenge) {
                self.is_recent(&world, visit)?;
            }
            let asked = Asked { aim: Aim::Registration, session: &id };
            let ceremony = self.take(&mut world, &REGISTRATION, &asked, &answer)?;
            let attachment = answer.get("authenticatorAttachment").and_then(Value::as_str);
            let placed = can_use_a_key(&self.checks, &visit.agent)
                && (attachment != Some("platform")
                    || can_use_a_platform_key(&self.checks, &visit.agent));
            self.require(Check::RegistrationBrowser, placed)?;
            (name, ceremony)
        };
        let credential = self.verify_new(&name, &ceremony, &answer)?;
        if self.checks.weak(Weakness::DuplicateRace) {
            Checked::BeforeItActs.apart().await;
        }
        let mut world = self.world();
        // The user may have signed out, lost the right or found another key meanwhile, and somebody
        // else have registered the same id.
        self.answering(&world, visit, &answer)?;
        self.may_register(&world, &name)?;
        self.has_room(&world, &name)?;
        self.label_is_free(&world, &name, &label)?;
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
    fn store(&self, world: &mut World, name: &str, mut key: Key) -> Result<Reply, Refusal> {
        if !self.checks.weak(Weakness::DuplicateRace) {
            let id = &key.credential.id;
            self.require(Check::RegistrationCredentialUnique, world.owner(id).is_none())?;
            // A portal that forgets this has one place for one id: the newer key takes it.
            for user in world.users.values_mut() {
                user.keys.retain(|known| known.credential.id != *id);
            }
        }
        if self.checks.weak(Weakness::LabelEscaped) {
            key.label = key.label.replace('<', "&lt;").replace('>', "&gt;");
        }
        if self.checks.weak(Weakness::LabelLost) {
            key.label.clear();
        }
        let body = json!({ "id": text(&key.credential.id), "label": key.label });
        if let Some(user) = world.users.get_mut(name) {
            if self.checks.weak(Weakness::SecondKeyReplacesFirst) {
                user.keys.clear();
            }
            if self.checks.weak(Weakness::RegistrationDropsTotp) {
                user.totp = None;
            }
            if self.checks.weak(Weakness::RegistrationDropsPush) {
                user.device = None;
            }
            if self.checks.weak(Weakness::ListedBeforeTouch) {
                user.keys.retain(|known| known.credential.public_key.is_some());
            }
            user.keys.push(key);
        }
        Ok(Reply::with_status(StatusCode::CREATED, body))
    }

    /// Registration options for the administrator, on a user's behalf.
    pub(super) fn ask_to_register_for(&self, name: &str) -> Result<Reply, Refusal> {
        let mut world = self.world();
        let administrator = administrator_for(name);
        let asked = Asked { aim: Aim::AdminRegistration, session: &administrator };
        Ok(self.creation_options(&mut world, name, asked))
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

/// The entry that only a defective portal makes before there is a key.
fn not_yet_a_key(session: &str) -> Key {
    let credential = Credential {
        id: session.as_bytes().to_vec(),
        algorithm: 0,
        public_key: None,
        counter: 0,
        backup_eligible: false,
        backed_up: false,
        aaguid: [0; 16],
        transports: Vec::new(),
        verified_at_registration: false,
        attestation_format: String::new(),
    };
    Key { credential, label: String::new(), administered: false }
}

/// Stands for the session in the administrator's ceremonies for a user.
fn administrator_for(name: &str) -> String {
    format!("administrator for {name}")
}

/// Short text without control characters.
pub(super) fn is_a_label(label: &str) -> bool {
    label.chars().count() <= LONGEST_LABEL && !label.chars().any(char::is_control)
}
