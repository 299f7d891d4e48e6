//! One-time codes: enrollment and the code step. RFC 6238 with six digits, SHA-1, thirty seconds.

use serde_json::{Value, json};
use totp_rs::{Algorithm, Builder, Secret};

use super::{
    Portal,
    ceremony::slow_store,
    check::{Check, Refusal},
    defect::Weakness,
    door::{Reply, Visit},
    random::Purpose,
    session::{MOST_WRONG, recent},
    world::{Place, Session, Totp, World},
};

const STEP: u64 = 30;

impl Portal {
    /// Whether TOTP is set up, missing, or barred.
    pub(super) fn totp_status(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let world = self.world();
        let (_, session) = self.signed_in(&world, visit, Check::TotpSignedIn)?;
        let user = session.user.as_deref().and_then(|name| world.users.get(name));
        let status = match user {
            Some(user) if user.totp.is_some() => "active",
            Some(user) if user.missed_enrolment(world.now) => "locked-out",
            Some(_) | None => "none",
        };
        Ok(Reply::ok(json!({ "status": status })))
    }

    fn enrolling(&self, world: &World, visit: &Visit) -> Result<(String, Session), Refusal> {
        let half = visit
            .session
            .as_ref()
            .and_then(|id| Some((id.clone(), world.sessions.get(id)?.clone())));
        if self.checks.weak(Weakness::HalfSessionEnrolsTotp)
            && let Some(half) = half.filter(|(_, session)| session.user.is_some())
        {
            return Ok(half);
        }
        let enrolling = self.signed_in(world, visit, Check::TotpSignedIn);
        if enrolling.is_err() && self.checks.weak(Weakness::VisitorEnrolsTotp) {
            let nobody = Session { proof: world.now, ..Session::default() };
            return Ok((visit.session.clone().unwrap_or_default(), nobody));
        }
        enrolling
    }

    /// Shows a new secret. It is not active before a code of it has been entered.
    pub(super) fn begin_totp(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let mut world = self.world();
        let (id, session) = self.enrolling(&world, visit)?;
        let name = session.user.clone().unwrap_or_default();
        self.may_enrol(&world, &name, &session)?;
        let secret: [u8; 20] = if self.checks.weak(Weakness::TotpSecretFixed) {
            world.random.constant(&format!("totp secret {name}"))
        } else if self.checks.weak(Weakness::TotpSecretShared) {
            world.random.constant("totp secret")
        } else {
            world.random.draw(Purpose::TotpSecret)
        };
        if let Some(session) = world.sessions.get_mut(&id) {
            session.pending_totp = Some(secret.to_vec());
        }
        let active = self.checks.weak(Weakness::TotpActiveUnconfirmed);
        let swapped = self.checks.weak(Weakness::TotpSwappedUnconfirmed);
        if let Some(user) = world.users.get_mut(&name)
            && (active || (swapped && user.totp.is_some()))
        {
            user.totp = Some(Totp { secret: secret.to_vec(), last_step: 0 });
        }
        let shown = Secret::from(secret).to_base32();
        let uri = format!(
            "otpauth://totp/{name}?secret={shown}&issuer=Reference&algorithm=SHA1&digits=6&period={STEP}"
        );
        Ok(Reply::ok(json!({ "secret": shown, "uri": uri })))
    }

    fn may_enrol(&self, world: &World, name: &str, session: &Session) -> Result<(), Refusal> {
        let user = world.users.get(name);
        self.require(Check::TotpAllowed, user.is_none_or(|user| user.policy.totp != Place::Off))?;
        let early = self.checks.weak(Weakness::EnrolmentPeriodInMilliseconds);
        let missed = user.is_some_and(|user| {
            // The period counts a thousandth of what the administrator set.
            let period = user.policy.totp_enrolment.filter(|_| early).unwrap_or_default();
            user.missed_enrolment(world.now + period - period / 1000)
        });
        self.require(Check::TotpEnrolmentPeriod, !missed)?;
        self.require(Check::TotpFresh, self.is_fresh(world, session))
    }

    /// Removes the codes.
    pub(super) fn delete_totp(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let mut world = self.world();
        let (_, session) = self.signed_in(&world, visit, Check::TotpSignedIn)?;
        let name = session.user.clone().unwrap_or_default();
        self.require(Check::TotpFresh, self.is_fresh(&world, &session))?;
        let Some(user) = world.users.get_mut(&name) else {
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
        let mut world = self.world();
        let (id, session) = self.enrolling(&world, visit)?;
        let name = session.user.clone().unwrap_or_default();
        self.may_enrol(&world, &name, &session)?;
        let Some(secret) = session.pending_totp else {
            return Err(Refusal(Check::TotpEnrolmentConfirmed));
        };
        let step = matching_step(&secret, visit.text("code"), world.now, 1, 1);
        self.require(Check::TotpEnrolmentConfirmed, step.is_some())?;
        // The code of the set-up is used, and does not sign in.
        let last_step = if self.checks.weak(Weakness::EnrolmentCodeReusable) {
            0
        } else {
            step.unwrap_or_default()
        };
        if let Some(session) = world.sessions.get_mut(&id) {
            session.pending_totp = None;
        }
        if let Some(user) = world.users.get_mut(&name) {
            user.totp = Some(Totp { secret, last_step });
        }
        Ok(Reply::ok(json!({ "status": "active" })))
    }

    /// The code step of a sign-in.
    pub(super) async fn answer_with_totp(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let name = self.accept_code(visit)?;
        if self.checks.weak(Weakness::CodeRace) {
            slow_store().await;
            self.use_up(&name, visit.text("code"));
        }
        let mut world = self.world();
        self.finish_sign_in(&mut world, visit, &name)
    }

    fn accept_code(&self, visit: &Visit) -> Result<String, Refusal> {
        let mut world = self.world();
        let (id, mut name) = self.half_session(&world, visit)?;
        if self.checks.weak(Weakness::FactorUserFromRequest) && !visit.text("user").is_empty() {
            visit.text("user").clone_into(&mut name);
        }
        let now = world.now;
        let in_session = world.sessions.get(&id).map_or(0, |session| session.wrong_codes);
        let any_code = self.any_users_code(&world, visit.text("code"));
        let Some(user) = world.users.get_mut(&name) else { return Err(Refusal(Check::TotpCode)) };
        let tried = if self.checks.weak(Weakness::CodeLimitInSession) {
            usize::try_from(in_session).unwrap_or(usize::MAX)
        } else {
            recent(&user.wrong_codes, now)
        };
        self.require(Check::TotpLimit, tried < MOST_WRONG)?;
        self.require(Check::LoginEnabledAtFactor, !user.policy.disabled)?;
        self.require(Check::LoginOnlyKey, !user.policy.only_key)?;
        let barred = user.has_push_factor() && self.checks.weak(Weakness::PushReplacesCodes);
        self.require(Check::TotpAllowed, user.policy.totp != Place::Off && !barred)?;
        let Some(totp) = user.totp.clone() else {
            let passes = self.checks.weak(Weakness::MissingSecretPasses);
            return if passes { Ok(name) } else { Err(Refusal(Check::TotpCode)) };
        };
        let accepted = self.check_code(&totp, &visit.body, now, any_code);
        match accepted {
            Ok(step) => {
                user.wrong_codes.clear();
                if !self.checks.weak(Weakness::CodeRace)
                    && !self.checks.weak(Weakness::CodeReusable)
                {
                    user.totp = Some(Totp { last_step: step.max(totp.last_step), ..totp });
                }
                Ok(name)
            }
            Err(refusal) => {
                user.wrong_codes.push(now);
                if let Some(session) = world.sessions.get_mut(&id) {
                    session.wrong_codes += 1;
                }
                Err(refusal)
            }
        }
    }

    /// Whether a code is one that this authenticator shows now, and has not been used.
    fn check_code(
        &self,
        totp: &Totp,
        body: &Value,
        now: u64,
        any_users: bool,
    ) -> Result<u64, Refusal> {
        let code = body.get("code").and_then(Value::as_str).unwrap_or_default();
        let well_formed = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
        if self.checks.weak(Weakness::EmptyCodeAccepted) && code.is_empty() {
            return Ok(0);
        }
        if self.checks.weak(Weakness::CodePrefixAccepted)
            && !code.is_empty()
            && self.starts_like(totp, code, now)
        {
            return Ok(now / STEP);
        }
        self.require(Check::TotpForm, well_formed)?;
        let only_now = self.checks.weak(Weakness::OnlyPresentStep);
        let behind =
            if self.checks.weak(Weakness::WindowTooWide) { 3 } else { u64::from(!only_now) };
        let ahead = if self.checks.weak(Weakness::WindowFuture) {
            3
        } else {
            u64::from(!only_now && !self.checks.weak(Weakness::StepOffByOne))
        };
        let step = matching_step(&totp.secret, code, now, behind, ahead);
        self.require(Check::TotpCode, step.is_some() || any_users)?;
        let Some(step) = step else { return Ok(now / STEP) };
        let used = if self.checks.weak(Weakness::OnlySameStepUsed) {
            // Looks only at the step of now, and forgets the trailing one.
            step == totp.last_step && step == now / STEP
        } else if self.checks.weak(Weakness::OlderCodesUsable) {
            step == totp.last_step
        } else {
            step <= totp.last_step
        };
        self.require(Check::TotpOnce, !used)?;
        Ok(step)
    }

    /// Whether a code confirms something else than a sign-in. It is used up all the same, and a wrong
    /// one counts among the wrong codes of the account.
    pub(super) fn code_confirms(&self, name: &str, body: &Value) -> Result<bool, Refusal> {
        let mut world = self.world();
        let now = world.now;
        let Some(user) = world.users.get_mut(name) else { return Ok(false) };
        self.require(Check::TotpLimit, recent(&user.wrong_codes, now) < MOST_WRONG)?;
        let Some(totp) = user.totp.as_mut() else { return Ok(false) };
        if body.get("code").is_none_or(|code| code.is_null() || code == "") {
            return Ok(false);
        }
        let Ok(step) = self.check_code(totp, body, now, false) else {
            user.wrong_codes.push(now);
            return Ok(false);
        };
        totp.last_step = step;
        user.wrong_codes.clear();
        Ok(true)
    }

    fn starts_like(&self, totp: &Totp, code: &str, now: u64) -> bool {
        code_at(&totp.secret, now / STEP).is_some_and(|right| right.starts_with(code))
    }

    /// Only a defective portal takes the code of whoever.
    fn any_users_code(&self, world: &World, code: &str) -> bool {
        let now = world.now;
        self.checks.weak(Weakness::AnyUsersCode)
            && world
                .users
                .values()
                .filter_map(|user| user.totp.as_ref())
                .any(|totp| matching_step(&totp.secret, code, now, 1, 1).is_some())
    }

    fn use_up(&self, name: &str, code: &str) {
        let mut world = self.world();
        let now = world.now;
        if let Some(totp) = world.users.get_mut(name).and_then(|user| user.totp.as_mut()) {
            totp.last_step = matching_step(&totp.secret, code, now, 1, 1).unwrap_or(totp.last_step);
        }
    }
}

/// The step within the window whose code this is.
fn matching_step(secret: &[u8], code: &str, now: u64, behind: u64, ahead: u64) -> Option<u64> {
    let current = now / STEP;
    let mut steps = current.saturating_sub(behind)..=current + ahead;
    steps.find(|step| code_at(secret, *step).as_deref() == Some(code))
}

fn code_at(secret: &[u8], step: u64) -> Option<String> {
    let totp =
        Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_step_duration(STEP);
    let totp = totp.with_secret(secret.to_vec()).build().ok()?;
    Some(totp.generate(step * STEP).to_string())
}
