//! A forgotten password: the mailed token, and the factor that confirms the new password.

use serde_json::{Value, json};

use super::{
    Portal,
    browser_policy::can_use_a_key,
    ceremony::{Asked, CONFIRMATION},
    check::{Check, Refusal},
    random::Purpose,
    router::{Reply, Visit},
    state::{Aim, Reset, State, User},
    tries::recent,
    webauthn::KeyAnswer,
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
        self.send_link(visit.text("mail")).await
    }

    /// Mails a link to an address, if it is somebody's.
    pub(super) async fn send_link(&self, mail: &str) -> Result<Reply, Refusal> {
        let issued = self.issue_token(mail);
        if let Some(token) = &issued {
            let link = format!("{}/reset/{token}", self.origin);
            self.mail_link(mail, &link).await;
        }
        let rules = &self.rules().reset;
        if issued.is_none()
            && let Some(reply) = (rules.unknown_address)()
        {
            return Ok(reply);
        }
        let body = json!({ "status": "sent-if-known", "message": "If the address is known, a link is on its way." });
        Ok(Reply::ok((rules.answered)(body, issued.as_deref())))
    }

    fn issue_token(&self, mail: &str) -> Option<String> {
        let mut state = self.state();
        let now = state.now;
        let (name, user) =
            state.users.iter_mut().find(|(_, user)| user.mail.eq_ignore_ascii_case(mail))?;
        let name = name.clone();
        self.require(Check::ResetDisabled, !user.policy.disabled).ok()?;
        self.require(Check::ResetLimit, recent(&user.mailed, now) < MOST_MAILS).ok()?;
        user.mailed.push(now);
        let token = (self.rules().reset.token)(&mut state, &name);
        self.happened(&mut state, |ends| &ends.link_asked, (&name, ""));
        state
            .resets
            .insert(token.clone(), Reset { user: name, issued: now, spent: false, newest: true });
        Some(token)
    }

    /// The token that a link names.
    pub(super) fn mailed_token(&self, state: &State, token: &str) -> String {
        (self.rules().reset.named)(state, token)
    }

    /// What a token is good for now.
    fn reset(&self, state: &State, token: &str, lifetime: Check) -> Result<Reset, Refusal> {
        let found = state.resets.get(token);
        self.require(Check::ResetToken, found.is_some())?;
        let reset = found.cloned().ok_or(Refusal(Check::ResetToken))?;
        self.require(Check::ResetOnce, !reset.spent)?;
        self.require(Check::ResetNewest, reset.newest)?;
        self.require(lifetime, state.now <= reset.issued + LIFETIME)?;
        Ok(reset)
    }

    /// Opens the link: tells which factor confirms. Changes nothing, so that a mail scanner does no harm.
    pub(super) fn open_reset(&self, token: &str) -> Result<Reply, Refusal> {
        let mut state = self.state();
        let token = &self.mailed_token(&state, token);
        let reset = self.reset(&state, token, Check::ResetLifetimeAtOpening)?;
        if let Some(reset) = state.resets.get_mut(token) {
            (self.rules().reset.opened)(reset);
        }
        self.happened(&mut state, |ends| &ends.link_opened, (&reset.user, ""));
        let factor = state.users.get(&reset.user).map_or(Factor::Nothing, confirming);
        Ok(Reply::ok(json!({ "factor": factor.word() })))
    }

    /// Options for the key that confirms.
    pub(super) fn ask_to_confirm_reset(
        &self,
        visit: &Visit,
        token: &str,
    ) -> Result<Reply, Refusal> {
        self.require(Check::LoginBrowser, can_use_a_key(&self.checks, &visit.agent))?;
        let mut state = self.state();
        let token = &self.mailed_token(&state, token);
        let reset = self.reset(&state, token, Check::ResetLifetimeAtOpening)?;
        let asked = Asked { aim: Aim::Reset(token.to_owned()), session: token };
        Ok(self.request_options(&mut state, &reset.user, asked, None))
    }

    /// A prompt for the device that confirms.
    pub(super) fn ask_to_confirm_reset_by_push(&self, token: &str) -> Result<Reply, Refusal> {
        let mut state = self.state();
        let token = &self.mailed_token(&state, token);
        let reset = self.reset(&state, token, Check::ResetLifetimeAtOpening)?;
        let asked = Asked { aim: Aim::Reset(token.to_owned()), session: token };
        self.ask_to_confirm_by_push(&mut state, &reset.user, &asked)
    }

    /// Sets the new password. The slow work comes first; then the token is looked at once more and is
    /// spent in the same moment as the password is set.
    pub(super) async fn finish_reset(&self, visit: &Visit, token: &str) -> Result<Reply, Refusal> {
        let new = visit.text("password");
        self.require(Check::ResetPassword, new.chars().count() >= SHORTEST)?;
        let token = &self.mailed_token(&self.state(), token);
        let reset = self.reset(&self.state(), token, Check::ResetLifetimeAtFinish)?;
        let rules = &self.rules().reset;
        let name = (rules.whose)(&reset, visit);
        let salt = self.state().random.draw(Purpose::PasswordSalt);
        let hash = self.hash(new, salt).await;
        let asked = Asked { aim: Aim::Reset(token.to_owned()), session: token };
        self.confirm(&name, &asked, visit, Check::ResetFactor)?;
        rules.token_asked.apart().await;
        let mut state = self.state();
        if rules.token_asked.as_it_acts() {
            self.reset(&state, token, Check::ResetLifetimeAtFinish)?;
        }
        let enabled = state.users.get(&name).is_some_and(|user| !user.policy.disabled);
        self.require(Check::ResetDisabled, enabled)?;
        self.store_password(&mut state, (&name, &asked.aim), hash);
        (rules.spent)(&mut state, token, visit);
        self.happened(&mut state, |ends| &ends.password_reset, (&name, ""));
        let session = (rules.completed)(&mut state, &name);
        Ok(Reply { session, ..Reply::ok(json!({ "status": "password-changed" })) })
    }

    /// Stores a password that was reset or changed.
    pub(super) fn store_password(
        &self,
        state: &mut State,
        (name, aim): (&str, &Aim),
        hash: String,
    ) {
        if let Some(user) = state.users.get_mut(name) {
            (self.rules().reset.stored)(user, hash, aim);
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
        let rules = &self.rules().reset;
        let confirming = |user| (rules.confirming)(user, &asked.aim);
        let factor = self.state().users.get(name).map_or(Factor::Nothing, confirming);
        let credential = visit.body.get("credential").filter(|credential| !credential.is_null());
        match (factor, credential) {
            (Factor::Key, Some(answer)) => {
                self.require(check, (rules.key_confirms)(&asked.aim))?;
                self.confirm_with_key(name, asked, &KeyAnswer::of(answer))
            }
            (Factor::Key, None) => self.require(check, false),
            (Factor::Totp | Factor::Push, _) => {
                let right = self.code_or_push_confirms(name, asked, &visit.body)?;
                self.require(check, right)
            }
            (Factor::Nothing, _) => Ok(()),
        }
    }

    /// A code or an approved prompt, of whichever the user has.
    fn code_or_push_confirms(
        &self,
        name: &str,
        asked: &Asked<'_>,
        body: &Value,
    ) -> Result<bool, Refusal> {
        let codes = self.state().users.get(name).is_some_and(User::has_totp_factor);
        Ok((codes && self.code_confirms(name, body)?) || self.push_confirms(name, asked)?)
    }

    fn confirm_with_key(
        &self,
        name: &str,
        asked: &Asked<'_>,
        answer: &KeyAnswer<'_>,
    ) -> Result<(), Refusal> {
        let ceremony = self.take(&mut self.state(), &CONFIRMATION, asked, answer)?;
        let verified = self.verify_for(name, &ceremony, answer)?;
        self.commit(&mut self.state(), &verified)
    }
}

/// The token that was used is spent.
pub(super) fn spend(state: &mut State, token: &str, _: &Visit) {
    if let Some(reset) = state.resets.get_mut(token) {
        reset.spent = true;
    }
}

/// The factor that confirms a change of password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Factor {
    Key,
    Totp,
    Push,
    Nothing,
}

impl Factor {
    const fn word(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Totp => "totp",
            Self::Push => "push",
            Self::Nothing => "none",
        }
    }
}

/// Which factor of a user confirms a change of password.
pub(super) fn confirming(user: &User) -> Factor {
    if user.has_key_factor() {
        Factor::Key
    } else if user.has_totp_factor() {
        Factor::Totp
    } else if user.has_push_factor() {
        Factor::Push
    } else {
        Factor::Nothing
    }
}
