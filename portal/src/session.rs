//! The password step, who is signed in, and signing out.

use serde_json::{Value, json};

use super::{
    Portal,
    browser_policy::{can_use_a_key, can_use_a_key_of},
    check::{Check, Refusal},
    router::{Reply, Visit},
    rules::{FactorsHad, SessionId},
    sso::{sent_on, wanted},
    state::{KeyUse, Place, Session, SessionState, State, User},
};

/// So many wrong passwords or codes of late, and no more are tried.
pub(super) const MOST_WRONG: usize = 5;
/// So many names are counted for; those that nobody has are forgotten first.
const MOST_NAMES: usize = 4096;

/// Somebody who is signed in, and the session.
pub(super) struct SignedIn {
    pub(super) id: String,
    pub(super) user: String,
    /// When the user last proved who they are.
    pub(super) proof: u64,
    pub(super) pending_totp: Option<Vec<u8>>,
}

/// The session that a request's cookie names.
pub(super) fn of_cookie(state: &State, visit: &Visit) -> Option<(String, Session)> {
    let id = visit.session.as_ref()?;
    Some((id.clone(), state.sessions.get(id)?.clone()))
}

impl Portal {
    /// Whose request it is.
    pub(super) fn session_of(&self, state: &State, visit: &Visit) -> Option<(String, Session)> {
        (self.rules().session.of_request)(state, visit)
    }

    /// Who is signed in. A browser without a session is given one.
    pub(super) fn who(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let mut state = self.state();
        let Some((_, session)) = self.session_of(&state, visit) else {
            let id = state.open_session(Session::default());
            return Ok(Reply::with_session(json!({ "user": null, "pending": false }), id));
        };
        let (user, pending) = match session.state {
            SessionState::Visitor => (None, false),
            SessionState::HalfSignedIn { .. } | SessionState::LeftToApplications { .. } => {
                (None, true)
            }
            SessionState::SignedIn { user, .. } => (Some(user), false),
        };
        Ok(Reply::ok(json!({ "user": user, "pending": pending })))
    }

    /// Gives a session another id; whoever knew the old one has nothing.
    pub(super) fn renew_session(
        &self,
        state: &mut State,
        visit: &Visit,
        mut session: Session,
        id: SessionId,
    ) -> String {
        if let Some(old) = &visit.session {
            match id {
                SessionId::Renewed => state.sessions.remove(old),
                SessionId::Kept => {
                    session.line = visit.line;
                    state.sessions.insert(old.clone(), session);
                    return old.clone();
                }
            };
        }
        state.open_session(session)
    }

    /// Counts a try at a password as a wrong one until it turns out right, so that many at the same
    /// instant count as many. A name that nobody has is counted like any other.
    pub(super) fn try_password(&self, name: &str) -> Result<Option<String>, Refusal> {
        let mut state = self.state();
        let now = state.now;
        let counted = |tries: &[u64]| (self.rules().sign_in.wrong_passwords)(tries, now);
        state.wrong_passwords.retain(|_, tries| counted(tries) > 0);
        if state.wrong_passwords.len() >= MOST_NAMES {
            let State { wrong_passwords, users, .. } = &mut *state;
            wrong_passwords.retain(|name, _| users.contains_key(name));
        }
        let tries = state.wrong_passwords.entry(name.to_owned()).or_default();
        self.require(Check::LoginPasswordLimit, counted(tries) < MOST_WRONG)?;
        tries.push(now);
        Ok(state.users.get(name).map(|user| user.password.clone()))
    }

    /// The password step.
    pub(super) async fn enter_password(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let name = visit.text("user").to_owned();
        let stored = self.try_password(&name)?;
        if stored.is_none()
            && let Some(reply) = (self.rules().sign_in.unknown_name)()
        {
            return Ok(reply);
        }
        // Slow on purpose, and outside the lock.
        let matches = self.password_matches(visit.text("password"), stored.as_deref()).await;
        let mut state = self.state();
        let now = state.now;
        let here = visit.session.as_deref().unwrap_or_default();
        self.require(Check::LoginPassword, matches).inspect_err(|_| {
            self.happened(&mut state, |ends| &ends.password_wrong, (&name, ""));
        })?;
        self.happened(&mut state, |ends| &ends.password_right, (&name, here));
        let Some(user) = state.users.get(&name) else {
            return Err(Refusal(Check::LoginPassword));
        };
        self.require(Check::LoginEnabled, !user.policy.disabled)?;
        let (factors, notice) = self.factors(user, &visit.agent);
        let welcome = welcome(&name, user, now);
        let full = !self.needs_a_factor(&state, &name, &visit.agent);
        let reached = if full {
            SessionState::SignedIn { user: name.clone(), proof: now }
        } else {
            SessionState::HalfSignedIn { user: name.clone() }
        };
        let mut session = Session { wanted: wanted(&state, visit), ..Session::in_state(reached) };
        let opens = self.rules().sso.opens;
        let next = session.wanted.as_deref().filter(|service| opens(&session, service));
        let body = if full {
            welcome
        } else {
            json!({ "status": "factor-needed", "factors": factors, "notice": notice })
        };
        let body = sent_on(body, next);
        if full {
            session.wanted = None;
            self.happened(&mut state, |ends| &ends.signed_in, (&name, here));
        }
        let kept = self.rules().session.id_at_password;
        let id = self.renew_session(&mut state, visit, session, kept);
        Ok(Reply::with_session(body, id))
    }

    /// The factors that this browser is offered, and what it is told.
    pub(super) fn factors(
        &self,
        user: &User,
        agent: &str,
    ) -> (Vec<&'static str>, Option<&'static str>) {
        let mut factors = user.factors();
        let mut notice = None;
        if factors.contains(&"key") && !can_use_a_key_of(&self.checks, agent, user) {
            factors.retain(|factor| *factor != "key");
            notice = Some(if can_use_a_key(&self.checks, agent) {
                "On a Mac, Touch ID works in Chrome only. Use another factor, or Chrome."
            } else {
                "This browser cannot use a security key. Use another factor, or another browser."
            });
        } else if !user.keys.is_empty() && user.policy.key == Place::Off {
            notice = Some("Security keys are not allowed for you. Please ask your administrator.");
        }
        if factors.is_empty() && user.has_factor() && notice.is_none() {
            notice = Some("None of your factors may be used. Please contact your administrator.");
        }
        (factors, notice)
    }

    fn needs_a_factor(&self, state: &State, name: &str, agent: &str) -> bool {
        let user = state.users.get(name);
        let had = FactorsHad {
            key: state.keys_for(name, KeyUse::Counting).next().is_some(),
            totp: user.is_some_and(|user| user.totp.is_some()),
            push: user.is_some_and(|user| user.device.is_some()),
            only_key: user.is_some_and(|user| user.policy.only_key),
        };
        (self.rules().sign_in.needs_factor)(had, self, agent)
    }

    /// Ends the session on the server.
    pub(super) fn sign_out(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let signed_out = self.rules().session.signed_out;
        let mut state = self.state();
        if let Some((id, session)) = self.session_of(&state, visit)
            && let Some(user) = session.user()
        {
            self.happened(&mut state, |ends| &ends.signed_out, (user, &id));
        }
        let session = signed_out(&mut state, visit.session.as_deref());
        Ok(Reply { session, ..Reply::ok(json!({ "status": "signed-out" })) })
    }

    /// Something that needs a full session.
    pub(super) fn account(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let session = self.session_of(&self.state(), visit).map(|(_, session)| session);
        let signed_in = session.as_ref().is_some_and(|session| session.proof().is_some());
        self.require(Check::LoginFactorRequired, signed_in)?;
        Ok(Reply::ok(json!({ "user": session.as_ref().and_then(Session::user) })))
    }

    /// The session of somebody who is fully signed in.
    pub(super) fn signed_in(
        &self,
        state: &State,
        visit: &Visit,
        check: Check,
    ) -> Result<SignedIn, Refusal> {
        let session = self.session_of(state, visit);
        let proof = session.as_ref().and_then(|(_, session)| session.proof());
        let proof = self.checks.admit(check, proof, || state.now)?;
        // A portal that forgets the check has nothing to go on without a user.
        let (id, session) = session.ok_or(Refusal(check))?;
        let user = session.user().ok_or(Refusal(check))?.to_owned();
        Ok(SignedIn { id, user, proof, pending_totp: session.pending_totp })
    }

    /// Whether the last proof of somebody is recent.
    pub(super) fn is_fresh(&self, state: &State, who: &SignedIn) -> bool {
        state.now <= who.proof + self.rules().session.fresh_for
    }
}

/// What somebody is told who is signed in: what is still to be set up, and what cannot be any more.
pub(super) fn welcome(name: &str, user: &User, now: u64) -> Value {
    let locked_out = user.missed_enrolment(now);
    let notice = locked_out
        .then_some("The time to set up one-time codes is over. Please contact your administrator.");
    let key =
        user.keys.is_empty() && user.policy.key != Place::Off && user.policy.self_registration;
    let totp = user.totp.is_none() && user.policy.totp != Place::Off && !locked_out;
    let set_up: Vec<&str> = [("key", key), ("totp", totp)]
        .into_iter()
        .filter_map(|(factor, missing)| missing.then_some(factor))
        .collect();
    json!({ "status": "signed-in", "user": name, "set_up": set_up, "notice": notice })
}
