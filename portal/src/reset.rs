//! A forgotten password: the mailed token, and the factor that confirms the new password.

use serde_json::{Value, json};

use super::{
    Portal,
    browser_policy::can_use_a_key,
    ceremony::{Asked, CONFIRMATION},
    check::{Check, Refusal},
    defect::Weakness,
    door::{Reply, Visit},
    random::Purpose,
    rules::Checked,
    tries::recent,
    world::{Aim, Reset, Session, User, World, hex},
};

/// How long a token lives, seconds.
const LIFETIME: u64 = 300;
/// So many links are mailed to one user in five minutes.
const MOST_MAILS: usize = 3;
/// The shortest password, in characters.
pub(super) const SHORTEST: usize = 8;

impl Portal {
    /// Mails a link, if the address is somebody's. The answer is the same in any case.
    pub(super) async fn request_reset(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let mail = visit.text("mail").to_owned();
        let issued = self.issue_token(&mail);
        if let Some(token) = &issued {
            let link = format!("{}/reset/{token}", self.origin);
            self.mail_link(&mail, &link).await;
        }
        if issued.is_none() && self.checks.weak(Weakness::UnknownAddressNamed) {
            return Ok(Reply::with_status(
                axum::http::StatusCode::NOT_FOUND,
                json!({ "error": "no-such-address", "check": "reset/enumeration", "message": "No user has this address." }),
            ));
        }
        let mut body = json!({ "status": "sent-if-known", "message": "If the address is known, a link is on its way." });
        if self.checks.weak(Weakness::TokenInAnswer) {
            body["debug"] = json!(issued);
        }
        Ok(Reply::ok(body))
    }

    fn issue_token(&self, mail: &str) -> Option<String> {
        let mut world = self.world();
        let now = world.now;
        let (name, user) =
            world.users.iter_mut().find(|(_, user)| user.mail.eq_ignore_ascii_case(mail))?;
        let name = name.clone();
        self.require(Check::ResetDisabled, !user.policy.disabled).ok()?;
        self.require(Check::ResetLimit, recent(&user.mailed, now) < MOST_MAILS).ok()?;
        user.mailed.push(now);
        let token = if self.checks.weak(Weakness::TokenStatic) {
            hex(&world.random.constant::<24>(&format!("reset {name}")))
        } else if self.checks.weak(Weakness::TokenWeak) {
            format!("{now:x}{:x}", world.resets.len())
        } else {
            world.token(Purpose::ResetToken)
        };
        for reset in world.resets.values_mut().filter(|reset| reset.user == name) {
            reset.newest = false;
        }
        world
            .resets
            .insert(token.clone(), Reset { user: name, issued: now, spent: false, newest: true });
        Some(token)
    }

    /// A token as it was mailed. Only a defective portal takes one that begins alike for it.
    fn mailed_token(&self, world: &World, token: &str) -> String {
        let beginning = token.get(..16).filter(|_| self.checks.weak(Weakness::TokenByPrefix));
        let alike =
            |beginning: &str| world.resets.keys().find(|known| known.starts_with(beginning));
        beginning.and_then(alike).cloned().unwrap_or_else(|| token.to_owned())
    }

    /// What a token is good for now.
    fn reset(&self, world: &World, token: &str, lifetime: Check) -> Result<Reset, Refusal> {
        let found = world.resets.get(token);
        self.require(Check::ResetToken, found.is_some())?;
        let reset = found.cloned().ok_or(Refusal(Check::ResetToken))?;
        self.require(Check::ResetOnce, !reset.spent)?;
        self.require(Check::ResetNewest, reset.newest)?;
        self.require(lifetime, world.now <= reset.issued + LIFETIME)?;
        Ok(reset)
    }

    /// Opens the link: tells which factor confirms. Changes nothing, so that a mail scanner does no harm.
    pub(super) fn open_reset(&self, token: &str) -> Result<Reply, Refusal> {
        let mut world = self.world();
        let token = &self.mailed_token(&world, token);
        let reset = self.reset(&world, token, Check::ResetLifetimeAtOpening)?;
        if self.checks.weak(Weakness::OpeningSpends)
            && let Some(reset) = world.resets.get_mut(token)
        {
            reset.spent = true;
        }
        let factor = world.users.get(&reset.user).map_or("none", |user| confirming(user));
        Ok(Reply::ok(json!({ "factor": factor })))
    }

    /// Options for the key that confirms.
    pub(super) fn ask_to_confirm_reset(
        &self,
        visit: &Visit,
        token: &str,
    ) -> Result<Reply, Refusal> {
        self.require(Check::LoginBrowser, can_use_a_key(&self.checks, &visit.agent))?;
        let mut world = self.world();
        let token = &self.mailed_token(&world, token);
        let reset = self.reset(&world, token, Check::ResetLifetimeAtOpening)?;
        let asked = Asked { aim: Aim::Reset(token.to_owned()), session: token };
        Ok(self.request_options(&mut world, &reset.user, asked, None))
    }

    /// A prompt for the device that confirms.
    pub(super) fn ask_to_confirm_reset_by_push(&self, token: &str) -> Result<Reply, Refusal> {
        let mut world = self.world();
        let token = &self.mailed_token(&world, token);
        let reset = self.reset(&world, token, Check::ResetLifetimeAtOpening)?;
        let asked = Asked { aim: Aim::Reset(token.to_owned()), session: token };
        self.ask_to_confirm_by_push(&mut world, &reset.user, &asked)
    }

    /// Sets the new password. The slow work comes first; then the token is looked at once more and is
    /// spent in the same moment as the password is set.
    pub(super) async fn finish_reset(&self, visit: &Visit, token: &str) -> Result<Reply, Refusal> {
        let new = visit.text("password");
        self.require(Check::ResetPassword, new.chars().count() >= SHORTEST)?;
        let token = &self.mailed_token(&self.world(), token);
        let reset = self.reset(&self.world(), token, Check::ResetLifetimeAtFinish)?;
        let named = visit.text("user");
        let name = if self.checks.weak(Weakness::ResetUserFromRequest) && !named.is_empty() {
            named.to_owned()
        } else {
            reset.user.clone()
        };
        let salt = self.world().random.draw(Purpose::PasswordSalt);
        let hash = self.hash(new, salt).await;
        let asked = Asked { aim: Aim::Reset(token.to_owned()), session: token };
        self.confirm(&name, &asked, visit, Check::ResetFactor)?;
        let races = self.checks.weak(Weakness::ResetRace);
        if races {
            Checked::BeforeItActs.apart().await;
        }
        let mut world = self.world();
        if !races {
            self.reset(&world, token, Check::ResetLifetimeAtFinish)?;
        }
        let enabled = world.users.get(&name).is_some_and(|user| !user.policy.disabled);
        self.require(Check::ResetDisabled, enabled)?;
        store_password(&mut world, &name, hash);
        if !self.keeps_token(visit) {
            void_tokens_of(&mut world, &name);
            world.resets.entry(token.to_owned()).and_modify(|reset| reset.spent = true);
        }
        Ok(self.complete_reset(&mut world, name))
    }

    /// Whether a token outlives its use; only that of a defective portal does. The body repeats the token.
    fn keeps_token(&self, visit: &Visit) -> bool {
        self.checks.weak(Weakness::TokenReusable)
            || (self.checks.weak(Weakness::TokenSpentByMember) && visit.text("token").is_empty())
    }

    fn complete_reset(&self, world: &mut World, name: String) -> Reply {
        if !self.checks.weak(Weakness::ResetKeepsSessions) {
            world.end_sessions_of(&name, None);
        }
        if self.checks.weak(Weakness::ResetRemovesFactors)
            && let Some(user) = world.users.get_mut(&name)
        {
            user.keys.clear();
            user.totp = None;
            user.device = None;
        }
        let body = json!({ "status": "password-changed" });
        if self.checks.weak(Weakness::ResetSignsIn) {
            let session =
                Session { user: Some(name), full: true, proof: world.now, ..Session::default() };
            let id = world.open_session(session);
            return Reply::with_session(body, id);
        }
        Reply::ok(body)
    }

    /// Sets a password. Links that were mailed before are void, and wrong tries forgotten.
    pub(super) fn set_password(&self, world: &mut World, name: &str, hash: String) {
        store_password(world, name, hash);
        if !self.checks.weak(Weakness::TokenReusable) {
            void_tokens_of(world, name);
        }
    }

    /// The factor that confirms a change of password: the key where there is one, else a code or a prompt
    /// where they are set up, else nothing.
    pub(super) fn confirm(
        &self,
        name: &str,
        asked: &Asked<'_>,
        visit: &Visit,
        check: Check,
    ) -> Result<(), Refusal> {
        let factor = self.world().users.get(name).map_or("none", |user| confirming(user));
        let credential = visit.body.get("credential").filter(|credential| !credential.is_null());
        match (factor, credential) {
            ("key", Some(_))
                if asked.aim == Aim::Password && self.checks.weak(Weakness::OnlyCodesConfirm) =>
            {
                self.require(check, false)
            }
            ("key", Some(answer)) => self.confirm_with_key(name, asked, answer),
            ("key", None) => self.require(check, false),
            ("push", _)
                if matches!(asked.aim, Aim::Reset(_))
                    && self.checks.weak(Weakness::PushLeftOutAtReset) =>
            {
                Ok(())
            }
            ("totp" | "push", _) => {
                let right = self.code_or_push_confirms(name, asked, &visit.body)?;
                self.require(check, right)
            }
            (_, _) => Ok(()),
        }
    }

    /// A code or an approved prompt, of whichever the user has.
    fn code_or_push_confirms(
        &self,
        name: &str,
        asked: &Asked<'_>,
        body: &Value,
    ) -> Result<bool, Refusal> {
        let codes = self.world().users.get(name).is_some_and(User::has_totp_factor);
        Ok((codes && self.code_confirms(name, body)?) || self.push_confirms(name, asked)?)
    }

    fn confirm_with_key(
        &self,
        name: &str,
        asked: &Asked<'_>,
        answer: &Value,
    ) -> Result<(), Refusal> {
        let ceremony = self.take(&mut self.world(), &CONFIRMATION, asked, answer)?;
        let verified = self.verify_for(name, &ceremony, answer)?;
        self.commit(&mut self.world(), &verified)
    }
}

/// Stores a password, and forgets wrong tries.
fn store_password(world: &mut World, name: &str, hash: String) {
    if let Some(user) = world.users.get_mut(name) {
        user.password = hash;
    }
    world.wrong_passwords.remove(name);
}

/// Whatever was mailed to a user before is void.
fn void_tokens_of(world: &mut World, name: &str) {
    let own = world.resets.values_mut().filter(|reset| reset.user == name);
    own.for_each(|reset| reset.newest = false);
}

/// Which factor of a user confirms a change of password.
fn confirming(user: &User) -> &'static str {
    if user.has_key_factor() {
        "key"
    } else if user.has_totp_factor() {
        "totp"
    } else if user.has_push_factor() {
        "push"
    } else {
        "none"
    }
}
