//! The password step, who is signed in, and signing out.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{
    Portal,
    browser_policy::{can_use_a_key, can_use_a_key_of},
    check::{Check, Refusal},
    defect::Weakness,
    door::{Reply, Visit},
    sso::{sent_on, wanted},
    tries::recent,
    world::{Place, Session, User, World},
};

/// So many wrong passwords or codes of late, and no more are tried.
pub(super) const MOST_WRONG: usize = 5;
/// So many names are counted for; those that nobody has are forgotten first.
const MOST_NAMES: usize = 4096;
/// A proof is fresh for so long, seconds.
const FRESH_FOR: u64 = 600;

impl Portal {
    /// Who is signed in. A browser without a session is given one.
    pub(super) fn who(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let mut world = self.world();
        let session = visit.session.as_ref().and_then(|id| world.sessions.get(id)).cloned();
        let fresh = session.is_none();
        let session = session.unwrap_or_default();
        let shown = if self.full(&session) { session.user.clone() } else { None };
        let body = json!({ "user": shown, "pending": session.user.is_some() && !session.full });
        if fresh {
            let id = world.open_session(Session::default());
            return Ok(Reply::with_session(body, id));
        }
        Ok(Reply::ok(body))
    }

    /// Whether a session opens anything.
    pub(super) fn full(&self, session: &Session) -> bool {
        session.full || (session.user.is_some() && self.checks.weak(Weakness::FullAfterPassword))
    }

    /// Gives a session another id; whoever knew the old one has nothing.
    pub(super) fn renew_session(
        &self,
        world: &mut World,
        visit: &Visit,
        mut session: Session,
        keeps: Weakness,
    ) -> String {
        if let Some(id) = &visit.session {
            if self.checks.weak(keeps) {
                session.line = visit.line;
                world.sessions.insert(id.clone(), session);
                return id.clone();
            }
            world.sessions.remove(id);
        }
        world.open_session(session)
    }

    /// Counts a try at a password as a wrong one until it turns out right, so that many at the same
    /// instant count as many. A name that nobody has is counted like any other.
    pub(super) fn try_password(&self, name: &str) -> Result<Option<String>, Refusal> {
        let mut world = self.world();
        let now = world.now;
        let for_ever = self.checks.weak(Weakness::LockedForEver);
        let counted = |tries: &[u64]| if for_ever { tries.len() } else { recent(tries, now) };
        world.wrong_passwords.retain(|_, tries| counted(tries) > 0);
        if world.wrong_passwords.len() >= MOST_NAMES {
            let World { wrong_passwords, users, .. } = &mut *world;
            wrong_passwords.retain(|name, _| users.contains_key(name));
        }
        let tries = world.wrong_passwords.entry(name.to_owned()).or_default();
        self.require(Check::LoginPasswordLimit, counted(tries) < MOST_WRONG)?;
        tries.push(now);
        Ok(world.users.get(name).map(|user| user.password.clone()))
    }

    /// The password step.
    pub(super) async fn enter_password(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let name = visit.text("user").to_owned();
        let stored = self.try_password(&name)?;
        if stored.is_none() && self.checks.weak(Weakness::UnknownUserNamed) {
            return Ok(Reply::with_status(
                StatusCode::NOT_FOUND,
                json!({ "error": "no-such-user", "check": "login/password", "message": "There is no such user." }),
            ));
        }
        // Slow on purpose, and outside the lock.
        let matches = self.password_matches(visit.text("password"), stored.as_deref()).await;
        let mut world = self.world();
        let now = world.now;
        self.require(Check::LoginPassword, matches)?;
        world.wrong_passwords.remove(&name);
        let Some(user) = world.users.get(&name) else {
            return Err(Refusal(Check::LoginPassword));
        };
        self.require(Check::LoginEnabled, !user.policy.disabled)?;
        let (factors, notice) = self.factors(user, &visit.agent);
        let welcome = welcome(&name, user, now);
        let full = !self.needs_a_factor(user, &visit.agent);
        let wanted = wanted(&world, visit);
        let waived = self.checks.weak(Weakness::FactorWaivedForApplication);
        let next = wanted.as_deref().filter(|_| full || waived);
        let body = if full {
            welcome
        } else {
            json!({ "status": "factor-needed", "factors": factors, "notice": notice })
        };
        let body = sent_on(body, next);
        let wanted = wanted.filter(|_| !full);
        let user = Some(name.clone());
        let session = Session { user, full, proof: now, wanted, ..Session::default() };
        let id = self.renew_session(&mut world, visit, session, Weakness::SessionKeptAtPassword);
        Ok(Reply::with_session(body, id))
    }

    /// The factors that this browser is offered, and what it is told.
    fn factors(&self, user: &User, agent: &str) -> (Vec<&'static str>, Option<&'static str>) {
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

    fn needs_a_factor(&self, user: &User, agent: &str) -> bool {
        if self.checks.weak(Weakness::UnsupportedBrowserSkips)
            && !can_use_a_key(&self.checks, agent)
        {
            return false;
        }
        if self.checks.weak(Weakness::FactorOutlivesKeys) && !user.deleted.is_empty() {
            return true;
        }
        if self.checks.weak(Weakness::KeyOnlyUserHasNoFactor) {
            return user.totp.is_some();
        }
        if self.checks.weak(Weakness::PushIsNoFactor) {
            return !user.keys.is_empty() || user.totp.is_some();
        }
        user.has_factor() || user.policy.only_key
    }

    /// Ends the session on the server.
    pub(super) fn sign_out(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let signed_out = json!({ "status": "signed-out" });
        if self.checks.weak(Weakness::ApplicationsStayOpen) {
            self.leave_to_applications(visit);
            return Ok(Reply::ok(signed_out));
        }
        if let Some(id) = &visit.session
            && !self.checks.weak(Weakness::SignOutKeepsSession)
        {
            self.world().sessions.remove(id);
        }
        Ok(Reply::with_session(signed_out, String::new()))
    }

    /// Only a defective portal ends a session for its own pages alone.
    fn leave_to_applications(&self, visit: &Visit) {
        let mut world = self.world();
        let session = visit.session.as_ref().and_then(|id| world.sessions.get_mut(id));
        if let Some(session) = session {
            (session.full, session.left_to_applications) = (false, session.full);
        }
    }

    /// Something that needs a full session.
    pub(super) fn account(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let world = self.world();
        let session = visit
            .session
            .as_ref()
            .and_then(|id| world.sessions.get(id))
            .cloned()
            .unwrap_or_default();
        self.require(Check::LoginFactorRequired, session.user.is_some() && self.full(&session))?;
        Ok(Reply::ok(json!({ "user": session.user })))
    }

    /// The session of somebody who is fully signed in.
    pub(super) fn signed_in(
        &self,
        world: &World,
        visit: &Visit,
        check: Check,
    ) -> Result<(String, Session), Refusal> {
        let session = visit
            .session
            .as_ref()
            .and_then(|id| world.sessions.get(id).map(|session| (id.clone(), session.clone())));
        let holds = session
            .as_ref()
            .is_some_and(|(_, session)| session.user.is_some() && self.full(session));
        self.require(check, holds)?;
        // A portal that forgets the check has nothing to go on without a user.
        session.filter(|(_, session)| session.user.is_some()).ok_or(Refusal(check))
    }

    /// Whether the last proof of a session is recent.
    pub(super) fn is_fresh(&self, world: &World, session: &Session) -> bool {
        let hasty = self.checks.weak(Weakness::FreshForHalfTheTime);
        world.now <= session.proof + if hasty { FRESH_FOR / 2 } else { FRESH_FOR }
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
