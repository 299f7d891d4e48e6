//! Answering with a key: as a factor after the password, again in a full session as a fresh proof, or
//! alone.

use super::{
    Portal,
    browser_policy::{can_use_a_key, can_use_a_key_of},
    ceremony::{Asked, SIGN_IN},
    check::{Check, Refusal},
    router::{Reply, Visit},
    rules::{Account, Answer, Spent, Try},
    session::welcome,
    sso::{sent_on, wanted},
    state::{Aim, Ceremony, Place, Session, SessionState, State, Verification},
    webauthn::KeyAnswer,
};

impl Portal {
    /// Options for the key step.
    pub(super) fn ask_for_key(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let mut state = self.state();
        let (id, name) = self.half_session(&state, visit)?;
        self.may_use_key(&state, &name, visit)?;
        let wished = match visit.text("userVerification") {
            "discouraged" => Some(Verification::Discouraged),
            _ => None,
        };
        self.happened(&mut state, |ends| &ends.sign_in_begun, (&name, &id));
        let asked = Asked { aim: Aim::SignIn, session: &id };
        Ok(self.request_options(&mut state, &name, asked, wished))
    }

    /// The session after the password step, and whose it is.
    pub(super) fn half_session(
        &self,
        state: &State,
        visit: &Visit,
    ) -> Result<(String, String), Refusal> {
        let session = self.session_of(state, visit);
        let session = session.and_then(|(id, session)| Some((id, session.user()?.to_owned())));
        self.require(Check::LoginPasswordStep, session.is_some())?;
        session.ok_or(Refusal(Check::LoginPasswordStep))
    }

    /// Whether a user may be asked for a key in this browser.
    pub(super) fn may_use_key(
        &self,
        state: &State,
        name: &str,
        visit: &Visit,
    ) -> Result<(), Refusal> {
        let user = state.users.get(name);
        let usable = user.is_none_or(|user| {
            user.keys.is_empty() || can_use_a_key_of(&self.checks, &visit.agent, user)
        });
        let rules = self.rules();
        let able = can_use_a_key(&self.checks, &visit.agent) && usable;
        let for_application = wanted(state, visit).is_some();
        self.require(Check::LoginBrowser, (rules.sign_in.browser)(able, for_application))?;
        self.require(
            Check::LoginKeyAllowed,
            user.is_some_and(|user| user.policy.key != Place::Off),
        )?;
        let user = user.filter(|user| (rules.sign_in.keys_stand)(user));
        let keys = user.map(|user| user.keys.as_slice()).unwrap_or_default();
        let listed: Vec<Vec<u8>> = keys.iter().map(|key| key.credential.id.clone()).collect();
        let usable = (rules.keys.answers)(&listed, !keys.is_empty());
        self.require(Check::LoginHasKey, usable)
    }

    /// The answer to the key step.
    pub(super) async fn answer_with_key(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let rules = &self.rules().sign_in;
        if let Some(reply) = (rules.repeated)(&mut self.state(), &visit.body, Answer::Arrives) {
            return Ok(reply);
        }
        let (name, ceremony) = (rules.begun)(self, &mut self.state(), visit)?;
        let spent = self.rules().challenge.spent;
        spent.apart().await;
        let verified =
            self.verify_for(&name, &ceremony, &KeyAnswer::of(&visit.body)).inspect_err(|_| {
                let mut state = self.state();
                (rules.takes)(&mut state, &ceremony.session, Try::IsRefused);
                let whose = (name.as_str(), ceremony.session.as_str());
                self.happened(&mut state, |ends| &ends.answer_refused, whose);
            })?;
        self.rules().keys.counter_compared.apart().await;
        let mut state = self.state();
        if spent == Spent::AfterVerification {
            state.spend(&ceremony.challenge);
        }
        self.still_may(&state, &name)?;
        self.commit(&mut state, &verified)?;
        (rules.repeated)(&mut state, &visit.body, Answer::SignedIn(&verified.account));
        self.finish_sign_in(&mut state, visit, verified.by())
    }

    /// Whose sign-in an answer finishes, and the ceremony that it answers: those of its session.
    pub(super) fn begun_sign_in(
        &self,
        state: &mut State,
        visit: &Visit,
    ) -> Result<(String, Ceremony), Refusal> {
        let (id, name) = self.half_session(state, visit)?;
        let open = (self.rules().sign_in.takes)(state, &id, Try::Arrives);
        self.require(Check::LoginPasswordStep, open)?;
        let asked = Asked { aim: Aim::SignIn, session: &id };
        let ceremony = self.take(state, &SIGN_IN, &asked, &KeyAnswer::of(&visit.body))?;
        Ok((name, ceremony))
    }

    /// Since the challenge was issued the administrator may have been at work.
    fn still_may(&self, state: &State, name: &str) -> Result<(), Refusal> {
        let user = state.users.get(name);
        self.require(Check::LoginEnabledAtFactor, user.is_none_or(|user| !user.policy.disabled))?;
        self.require(Check::LoginKeyAllowed, user.is_none_or(|user| user.policy.key != Place::Off))
    }

    /// Signs a user in, by the factor of this request: a key, by its credential id, or another one.
    pub(super) fn finish_sign_in(
        &self,
        state: &mut State,
        visit: &Visit,
        (name, key): (&str, Option<&[u8]>),
    ) -> Result<Reply, Refusal> {
        // Signing out, a reset or the administrator may have ended the session meanwhile.
        let stands = |line| state.sessions.values().any(|session| session.line == line);
        self.require(Check::LoginPasswordStep, visit.line == 0 || stands(visit.line))?;
        let now = state.now;
        let Some(user) = state.users.get(name) else {
            return Err(Refusal(Check::LoginPasswordStep));
        };
        let wanted = (self.rules().sso.remembered)(wanted(state, visit));
        let body = sent_on(welcome(name, user, now), wanted.as_deref());
        let reached = SessionState::SignedIn { user: name.to_owned(), proof: now };
        // After the password the key is not alone.
        let before = visit.session.as_ref().and_then(|id| state.sessions.get(id));
        let alone = before.is_none_or(|session| !session.is_half_signed_in());
        let proved_by = key.filter(|_| alone).map(<[u8]>::to_vec);
        let session = Session { line: visit.line, proved_by, ..Session::in_state(reached) };
        let here = visit.session.as_deref().unwrap_or_default();
        self.happened(state, |ends| &ends.signed_in, (name, here));
        let kept = self.rules().session.id_at_factor;
        let id = self.renew_session(state, visit, session, kept);
        Ok(Reply::with_session(body, id))
    }

    /// Options for whoever holds a key that the portal knows.
    pub(super) fn ask_passwordless(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let mut state = self.state();
        self.require(Check::LoginBrowser, can_use_a_key(&self.checks, &visit.agent))?;
        let known = visit.session.clone();
        let id = known.unwrap_or_else(|| state.open_session(Session::default()));
        let body = self.passwordless_options(&mut state, &id);
        Ok(Reply::with_session(body, id))
    }

    /// The key alone. Whatever of the answer depends on who somebody is, or on whether the portal
    /// knows the key, is refused in one and the same way.
    pub(super) async fn answer_passwordless(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let answer = KeyAnswer::of(&visit.body);
        let (name, ceremony) = {
            let mut state = self.state();
            let session = visit.session.clone().unwrap_or_default();
            let asked = Asked { aim: Aim::Passwordless, session: &session };
            let ceremony = self.take(&mut state, &SIGN_IN, &asked, &answer)?;
            (owner_named(&state, &answer), ceremony)
        };
        let handle = answer.claimed_user_handle();
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
        let verified = self.verify_for(name, ceremony, &KeyAnswer::of(&visit.body))?;
        let mut state = self.state();
        self.still_may(&state, name)?;
        let allowed = state.users.get(name).is_some_and(|user| user.policy.passwordless);
        self.require(Check::LoginPasswordless, allowed)?;
        self.require(Check::LoginPasswordStep, visit.session.is_some())?;
        self.commit(&mut state, &verified)?;
        self.finish_sign_in(&mut state, visit, verified.by())
    }
}

/// The owner of the key that an answer names.
pub(super) fn owner_named(state: &State, answer: &KeyAnswer<'_>) -> String {
    let id = answer.claimed_credential_id().unwrap_or_default();
    state.owner(&id).map(|(owner, _)| owner.to_owned()).unwrap_or_default()
}

/// Whose session it becomes: the user's of the password step or the key's owner, and nobody else's.
pub(super) fn account(
    portal: &Portal,
    state: &State,
    name: &str,
    _: &Ceremony,
    answer: &KeyAnswer<'_>,
) -> Account {
    let claimed = answer.claimed_user_handle();
    let handle = portal.rules().options.handle;
    let handle = state.users.get(name).map(|user| handle(state, user, claimed.as_deref()));
    Account { name: name.to_owned(), handle: handle.unwrap_or_default() }
}
