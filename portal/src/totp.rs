//! One-time codes: enrollment and the code step. RFC 6238 with six digits, SHA-1, thirty seconds.

use std::ops::RangeInclusive;

use serde_json::{Value, json};
use totp_rs::{Algorithm, Builder, Secret};

use super::{
    Portal,
    check::{Check, Refusal},
    router::{Reply, Visit},
    session::{MOST_WRONG, SignedIn},
    state::{Place, State, Totp, User},
};

/// Seconds.
pub(super) const STEP: u64 = 30;

impl Portal {
    /// Whether TOTP is set up, missing, or barred.
    pub(super) fn totp_status(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let state = self.state();
        let who = self.signed_in(&state, visit, Check::TotpSignedIn)?;
        let user = state.users.get(&who.user);
        let status = user.map_or("none", |user| status(user, state.now));
        Ok(Reply::ok(json!({ "status": status })))
    }

    /// Shows a new secret. It is not active before a code of it has been entered.
    pub(super) fn begin_totp(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let rules = &self.rules().totp;
        let mut state = self.state();
        let who = self.signed_in(&state, visit, Check::TotpSignedIn)?;
        self.may_enrol(&state, &who)?;
        let secret = (rules.secret)(&mut state.random, &who.user);
        if let Some(session) = state.sessions.get_mut(&who.id) {
            session.pending_totp = Some(secret.to_vec());
        }
        if let Some(user) = state.users.get_mut(&who.user) {
            (rules.shown)(user, &secret);
        }
        self.happened(&mut state, |ends| &ends.set_up_begun, (&who.user, &who.id));
        let (secret, uri) = as_shown(&secret, &who.user);
        Ok(Reply::ok(json!({ "secret": secret, "uri": uri })))
    }

    pub(super) fn may_enrol(&self, state: &State, who: &SignedIn) -> Result<(), Refusal> {
        self.may_have_codes(state, who)?;
        self.require(Check::TotpFresh, self.is_fresh(state, who))
    }

    /// Whether somebody may set codes up, once it is clear that it is them.
    pub(super) fn may_have_codes(&self, state: &State, who: &SignedIn) -> Result<(), Refusal> {
        let user = state.users.get(&who.user);
        self.require(Check::TotpAllowed, user.is_none_or(|user| user.policy.totp != Place::Off))?;
        let missed = user.is_some_and(|user| (self.rules().totp.set_up_missed)(user, state.now));
        self.require(Check::TotpEnrolmentPeriod, !missed)
    }

    /// Removes the codes.
    pub(super) fn delete_totp(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let mut state = self.state();
        let who = self.signed_in(&state, visit, Check::TotpSignedIn)?;
        self.require(Check::TotpFresh, self.is_fresh(&state, &who))?;
        let Some(user) = state.users.get_mut(&who.user) else {
            return Err(Refusal(Check::TotpSignedIn));
        };
        let push = user.has_push_factor() && !user.policy.only_key;
        let remains = !user.must_have_a_factor() || user.has_key_factor() || push;
        self.require(Check::KeysLastFactor, remains)?;
        user.totp = None;
        Ok(Reply::ok(json!({ "status": "none" })))
    }

    /// Completes a set-up.
    pub(super) fn confirm_totp(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let mut state = self.state();
        let who = self.signed_in(&state, visit, Check::TotpSignedIn)?;
        self.may_enrol(&state, &who)?;
        let Some(secret) = who.pending_totp else {
            return Err(Refusal(Check::TotpEnrolmentConfirmed));
        };
        let step = matching_step(&secret, visit.text("code"), around(state.now / STEP));
        self.require(Check::TotpEnrolmentConfirmed, step.is_some())?;
        // The code of the set-up is used, and does not sign in.
        let last_step = (self.rules().totp.confirmed)(step.unwrap_or_default());
        if let Some(session) = state.sessions.get_mut(&who.id) {
            session.pending_totp = None;
        }
        let mut replaces = false;
        if let Some(user) = state.users.get_mut(&who.user) {
            replaces = user.totp.is_some();
            (self.rules().totp.replaced)(&mut user.totp, Totp { secret, last_step });
        }
        self.happened(&mut state, |ends| &ends.codes_set_up, (&who.user, &who.id));
        if replaces {
            self.happened(&mut state, |ends| &ends.codes_replaced, (&who.user, &who.id));
        }
        Ok(Reply::ok(json!({ "status": "active" })))
    }

    /// The code step of a sign-in.
    pub(super) async fn answer_with_totp(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let used_up = self.rules().totp.used_up;
        let (name, step) = self.accept_code(visit)?;
        used_up.apart().await;
        let mut state = self.state();
        if !used_up.as_it_acts() {
            self.use_up(&mut state, &name, step);
        }
        self.finish_sign_in(&mut state, visit, (&name, None))
    }

    /// Whose code it is, and its step.
    fn accept_code(&self, visit: &Visit) -> Result<(String, u64), Refusal> {
        let rules = &self.rules().totp;
        let mut state = self.state();
        let (id, name) = self.half_session(&state, visit)?;
        let now = state.now;
        let user = state.users.get(&name).ok_or(Refusal(Check::TotpCode))?;
        let whose = (rules.counted_for)(&name, &id);
        self.require(Check::TotpLimit, state.wrong_codes.recent(whose, now) < MOST_WRONG)?;
        self.may_use_codes(user)?;
        let has_codes = user.totp.is_some();
        match (rules.accepted)(self, &state, user, visit.text("code")) {
            Ok(step) => {
                self.happened(&mut state, |ends| &ends.code_right, (whose, &id));
                if rules.used_up.as_it_acts() {
                    self.use_up(&mut state, &name, step);
                }
                Ok((name, step))
            }
            Err(refusal) => {
                if has_codes {
                    state.wrong_codes.count(whose, now);
                }
                self.happened(&mut state, |ends| &ends.code_wrong, (&name, &id));
                Err(refusal)
            }
        }
    }

    pub(super) fn may_use_codes(&self, user: &User) -> Result<(), Refusal> {
        self.require(Check::LoginEnabledAtFactor, !user.policy.disabled)?;
        self.require(Check::LoginOnlyKey, !user.policy.only_key)?;
        self.require(Check::TotpAllowed, (self.rules().totp.stands)(user))
    }

    fn use_up(&self, state: &mut State, name: &str, step: u64) {
        if let Some(totp) = state.users.get_mut(name).and_then(|user| user.totp.as_mut()) {
            (self.rules().totp.used)(totp, step);
        }
    }

    /// Whether a code confirms something else than a sign-in. It is used up all the same, and a wrong
    /// one counts among the wrong codes of the account.
    pub(super) fn code_confirms(&self, name: &str, body: &Value) -> Result<bool, Refusal> {
        let mut state = self.state();
        let now = state.now;
        let Some(user) = state.users.get(name) else { return Ok(false) };
        self.require(Check::TotpLimit, state.wrong_codes.recent(name, now) < MOST_WRONG)?;
        let code = body.get("code").and_then(Value::as_str).unwrap_or_default();
        if user.totp.is_none() || body.get("code").is_none_or(|code| code.is_null() || code == "") {
            return Ok(false);
        }
        let Ok(step) = (self.rules().totp.accepted)(self, &state, user, code) else {
            state.wrong_codes.count(name, now);
            return Ok(false);
        };
        self.happened(&mut state, |ends| &ends.code_right, (name, ""));
        self.use_up(&mut state, name, step);
        Ok(true)
    }
}

/// How far one-time codes are set up.
pub(super) fn status(user: &User, now: u64) -> &'static str {
    if user.totp.is_some() {
        "active"
    } else if user.missed_enrolment(now) {
        "locked-out"
    } else {
        "none"
    }
}

/// The step of a user's code, if it is one that the user's authenticator shows now, and has not been
/// used.
pub(super) fn accepted(
    portal: &Portal,
    state: &State,
    user: &User,
    code: &str,
) -> Result<u64, Refusal> {
    let rules = &portal.rules().totp;
    let present = state.now / STEP;
    let well_formed = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    let totp = user.totp.as_ref().ok_or(Refusal(Check::TotpCode))?;
    portal.require(Check::TotpForm, well_formed)?;
    let step = matching_step(&totp.secret, code, (rules.window)(present));
    portal.require(Check::TotpCode, step.is_some())?;
    // A portal that forgets to ask has no step to compare.
    let Some(step) = step else { return Ok(present) };
    portal.require(Check::TotpOnce, (rules.unused)(step, totp.last_step, present))?;
    Ok(step)
}

/// A secret as text, base32, and as the address that authenticator apps read.
pub(super) fn as_shown(secret: &[u8], name: &str) -> (String, String) {
    let shown = Secret::from(secret).to_base32();
    let uri = format!(
        "otpauth://totp/{name}?secret={shown}&issuer=Reference&algorithm=SHA1&digits=6&period={STEP}"
    );
    (shown, uri)
}

/// A step with the one before and the one after it.
pub(super) fn around(step: u64) -> RangeInclusive<u64> {
    step.saturating_sub(1)..=step + 1
}

/// The step whose code this is.
pub(super) fn matching_step(
    secret: &[u8],
    code: &str,
    mut steps: RangeInclusive<u64>,
) -> Option<u64> {
    steps.find(|step| code_at(secret, *step).as_deref() == Some(code))
}

pub(super) fn code_at(secret: &[u8], step: u64) -> Option<String> {
    let totp =
        Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_step_duration(STEP);
    let totp = totp.with_secret(secret.to_vec()).build().ok()?;
    Some(totp.generate(step * STEP).to_string())
}
