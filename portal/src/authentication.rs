//! Answering with a key: as a factor after the password, again in a full session as a fresh proof, or
//! alone.

use serde_json::{Value, json};

use super::{
    Portal,
    browser_policy::{can_use_a_key, can_use_a_key_of},
    ceremony::{Asked, SIGN_IN, slow_store},
    check::{Check, Refusal},
    defect::Weakness,
    door::{Reply, Visit},
    session::welcome,
    sso::{sent_on, wanted},
    webauthn,
    world::{Aim, Ceremony, Place, Session, User, Verification, World},
};

impl Portal {
    /// Options for the key step.
    pub(super) fn ask_for_key(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let mut world = self.world();
        let (id, name) = self.half_session(&world, visit)?;
        self.may_use_key(&world, &name, visit)?;
        let wished = match visit.text("userVerification") {
            "discouraged" => Some(Verification::Discouraged),
            _ => None,
        };
        let asked = Asked { aim: Aim::SignIn, session: &id };
        Ok(self.request_options(&mut world, &name, asked, wished))
    }

    /// The session after the password step, and whose it is.
    pub(super) fn half_session(
        &self,
        world: &World,
        visit: &Visit,
    ) -> Result<(String, String), Refusal> {
        let session = visit
            .session
            .as_ref()
            .and_then(|id| Some((id.clone(), world.sessions.get(id)?.user.clone()?)));
        if session.is_none() && self.checks.weak(Weakness::PasswordStepSkippable) {
            let name = visit.text("user").to_owned();
            return Ok((visit.session.clone().unwrap_or_default(), name));
        }
        self.require(Check::LoginPasswordStep, session.is_some())?;
        session.ok_or(Refusal(Check::LoginPasswordStep))
    }

    fn may_use_key(&self, world: &World, name: &str, visit: &Visit) -> Result<(), Refusal> {
        let user = world.users.get(name);
        let usable = user.is_none_or(|user| {
            user.keys.is_empty() || can_use_a_key_of(&self.checks, &visit.agent, user)
        });
        let unasked = self.checks.weak(Weakness::BrowserUnaskedForApplication)
            && wanted(world, visit).is_some();
        let able = can_use_a_key(&self.checks, &visit.agent) && usable;
        self.require(Check::LoginBrowser, able || unasked)?;
        self.require(
            Check::LoginKeyAllowed,
            user.is_some_and(|user| user.policy.key != Place::Off),
        )?;
        let any_goes = self.checks.weak(Weakness::EmptyListMatchesAny);
        let barred =
            user.is_some_and(User::has_push_factor) && self.checks.weak(Weakness::PushReplacesKey);
        let has_key = user.is_some_and(|user| !user.keys.is_empty() && !barred);
        self.require(Check::LoginHasKey, any_goes || has_key)
    }

    /// The answer to the key step.
    pub(super) async fn answer_with_key(&self, visit: &Visit) -> Result<Reply, Refusal> {
        if let Some(again) = self.answered_before(visit) {
            return Ok(again);
        }
        let (name, ceremony) = self.begun_sign_in(visit)?;
        self.pause_where_checks_and_acts_are_apart().await;
        let verified = self.verify_for(&name, &ceremony, &visit.body);
        if verified.is_err() {
            self.note_refusal(visit);
        }
        let (credential, accepted) = verified?;
        self.pause_where_the_counter_is_read_early().await;
        let mut world = self.world();
        if self.checks.weak(Weakness::ChallengeSpentLate) {
            self.spend(&mut world, &ceremony);
        }
        self.still_may(&world, &name)?;
        self.commit(&mut world, credential.as_deref(), &accepted)?;
        let name = self.account_of(&world, visit, &name);
        if self.checks.weak(Weakness::RetryAnsweredAgain) {
            world.answered.push((visit.body.clone(), name.clone()));
        }
        self.finish_sign_in(&mut world, visit, &name)
    }

    /// Only a defective portal takes an answer that comes again for the retry of a lost request, and
    /// does once more what it did at first.
    fn answered_before(&self, visit: &Visit) -> Option<Reply> {
        let mut world = self.world();
        let (_, name) = world.answered.iter().find(|(answer, _)| *answer == visit.body)?;
        let user = Some(name.clone());
        let session = Session { user, full: true, proof: world.now, ..Session::default() };
        let id = world.open_session(session);
        Some(Reply::with_session(json!({ "status": "signed-in" }), id))
    }

    /// Notes in the session that an answer was refused, for the portal that asks.
    fn note_refusal(&self, visit: &Visit) {
        let mut world = self.world();
        let session = visit.session.as_ref().and_then(|id| world.sessions.get_mut(id));
        if let Some(session) = session {
            session.refused = true;
        }
    }

    /// Whose sign-in an answer finishes, and the ceremony that it answers.
    fn begun_sign_in(&self, visit: &Visit) -> Result<(String, Ceremony), Refusal> {
        let mut world = self.world();
        let begun = self.half_session(&world, visit);
        if begun.is_err() && self.checks.weak(Weakness::FinishWithoutBegin) {
            let asked = Asked { aim: Aim::SignIn, session: "" };
            let challenge = webauthn::claimed_challenge(&visit.body).unwrap_or_default();
            let ceremony = self.made_up(&world, &asked, challenge);
            return Ok((self.owner_named(&world, &visit.body), ceremony));
        }
        let (id, name) = begun?;
        let refused = world.sessions.get(&id).is_some_and(|session| session.refused);
        let closed = refused && self.checks.weak(Weakness::OneTryOnly);
        self.require(Check::LoginPasswordStep, !closed)?;
        let asked = Asked { aim: Aim::SignIn, session: &id };
        let ceremony = self.take(&mut world, &SIGN_IN, &asked, &visit.body)?;
        Ok((name, ceremony))
    }

    async fn pause_where_checks_and_acts_are_apart(&self) {
        if self.checks.weak(Weakness::ChallengeSpentLate) {
            slow_store().await;
        }
    }

    async fn pause_where_the_counter_is_read_early(&self) {
        if self.checks.weak(Weakness::CounterRace) {
            slow_store().await;
        }
    }

    /// Since the challenge was issued the administrator may have been at work.
    fn still_may(&self, world: &World, name: &str) -> Result<(), Refusal> {
        let user = world.users.get(name);
        self.require(Check::LoginEnabledAtFactor, user.is_none_or(|user| !user.policy.disabled))?;
        self.require(Check::LoginKeyAllowed, user.is_none_or(|user| user.policy.key != Place::Off))
    }

    fn owner_named(&self, world: &World, answer: &Value) -> String {
        let id = webauthn::claimed_credential_id(answer).unwrap_or_default();
        world.owner(&id).map(|(owner, _)| owner.to_owned()).unwrap_or_default()
    }

    /// Whose session it becomes: the user's of the password step, and nobody else's.
    fn account_of(&self, world: &World, visit: &Visit, name: &str) -> String {
        if self.checks.weak(Weakness::AccountFromUserHandle)
            && let Some(handle) = webauthn::claimed_user_handle(&visit.body)
            && let Some((other, _)) = world.users.iter().find(|(_, user)| user.handle == handle)
        {
            return other.clone();
        }
        let session = visit.session.as_ref().and_then(|id| world.sessions.get(id));
        if self.checks.weak(Weakness::AccountFromSession)
            && let Some(other) = session.and_then(|session| session.user.as_ref())
        {
            return other.clone();
        }
        name.to_owned()
    }

    pub(super) fn finish_sign_in(
        &self,
        world: &mut World,
        visit: &Visit,
        name: &str,
    ) -> Result<Reply, Refusal> {
        // Signing out, a reset or the administrator may have ended the session meanwhile.
        let stands =
            visit.line != 0 && world.sessions.values().any(|session| session.line == visit.line);
        let needs_none = self.checks.weak(Weakness::FinishWithoutBegin)
            || self.checks.weak(Weakness::PasswordStepSkippable);
        self.require(Check::LoginPasswordStep, stands || needs_none)?;
        let now = world.now;
        let Some(user) = world.users.get(name) else {
            return Err(Refusal(Check::LoginPasswordStep));
        };
        let forgotten = self.checks.weak(Weakness::ApplicationForgotten);
        let wanted = wanted(world, visit).filter(|_| !forgotten);
        let body = sent_on(welcome(name, user, now), wanted.as_deref());
        let (user, line) = (Some(name.to_owned()), visit.line);
        let session = Session { user, full: true, proof: now, line, ..Session::default() };
        let id = self.renew_session(world, visit, session, Weakness::SessionKeptAtFactor);
        Ok(Reply::with_session(body, id))
    }

    /// Options for whoever holds a key that the portal knows.
    pub(super) fn ask_passwordless(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let mut world = self.world();
        self.require(Check::LoginBrowser, can_use_a_key(&self.checks, &visit.agent))?;
        let known = visit.session.clone();
        let id = known.unwrap_or_else(|| world.open_session(Session::default()));
        let body = self.passwordless_options(&mut world, &id);
        Ok(Reply::with_session(body, id))
    }

    /// The key alone. Whatever of the answer depends on who somebody is, or on whether the portal
    /// knows the key, is refused in one and the same way.
    pub(super) async fn answer_passwordless(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let (name, ceremony) = {
            let mut world = self.world();
            let session = visit.session.clone().unwrap_or_default();
            let asked = Asked { aim: Aim::Passwordless, session: &session };
            let ceremony = self.take(&mut world, &SIGN_IN, &asked, &visit.body)?;
            (self.owner_named(&world, &visit.body), ceremony)
        };
        let handle = webauthn::claimed_user_handle(&visit.body);
        self.require(Check::AuthenticationUserHandleMissing, handle.is_some())?;
        let finished = self.finish_passwordless(visit, &name, &ceremony);
        finished.map_err(|_| Refusal(Check::LoginPasswordless))
    }

    fn finish_passwordless(
        &self,
        visit: &Visit,
        name: &str,
        ceremony: &Ceremony,
    ) -> Result<Reply, Refusal> {
        let (credential, accepted) = self.verify_for(name, ceremony, &visit.body)?;
        let mut world = self.world();
        self.still_may(&world, name)?;
        let allowed = world.users.get(name).is_some_and(|user| user.policy.passwordless);
        self.require(Check::LoginPasswordless, allowed)?;
        self.commit(&mut world, credential.as_deref(), &accepted)?;
        let name = self.account_of(&world, visit, name);
        self.finish_sign_in(&mut world, visit, &name)
    }
}
