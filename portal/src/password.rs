//! A signed-in user changes the password.

use serde_json::json;

use super::{
    Portal,
    ceremony::Asked,
    check::{Check, Refusal},
    random::Purpose,
    reset::SHORTEST,
    router::{Reply, Visit},
    state::Aim,
};

impl Portal {
    /// Options for the key that confirms, where the user has one.
    pub(super) async fn ask_to_confirm_password(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let (id, name) = self.changing(visit)?;
        self.old_is_right(&name, visit).await?;
        let mut state = self.state();
        if state.users.get(&name).is_none_or(|user| !user.has_key_factor()) {
            return Ok(Reply::ok(json!({})));
        }
        let asked = Asked { aim: Aim::Password, session: &id };
        Ok(self.request_options(&mut state, &name, asked, None))
    }

    /// A prompt for the device that confirms.
    pub(super) async fn ask_to_confirm_password_by_push(
        &self,
        visit: &Visit,
    ) -> Result<Reply, Refusal> {
        let (id, name) = self.changing(visit)?;
        self.old_is_right(&name, visit).await?;
        let asked = Asked { aim: Aim::Password, session: &id };
        self.ask_to_confirm_by_push(&mut self.state(), &name, &asked)
    }

    /// The new password, with the old one and the factor. The user's other sessions end, as well as
    /// the links that were mailed.
    pub(super) async fn change_password(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let (id, name) = self.changing(visit)?;
        let new = visit.text("password");
        self.require(Check::ResetPassword, new.chars().count() >= SHORTEST)?;
        self.old_is_right(&name, visit).await?;
        let salt = self.state().random.draw(Purpose::PasswordSalt);
        let hash = self.hash(new, salt).await;
        let asked = Asked { aim: Aim::Password, session: &id };
        self.confirm(&name, &asked, visit, Check::PasswordFactor)?;
        let mut state = self.state();
        // The session may have ended while the factor was verified.
        self.signed_in(&state, visit, Check::PasswordSignedIn)?;
        self.store_password(&mut state, (&name, &asked.aim), hash);
        self.happened(&mut state, |ends| &ends.password_changed, (&name, &id));
        Ok(Reply::ok(json!({ "status": "password-changed" })))
    }

    /// Whose password is changed, and in which session.
    fn changing(&self, visit: &Visit) -> Result<(String, String), Refusal> {
        let who = self.signed_in(&self.state(), visit, Check::PasswordSignedIn)?;
        Ok((who.id, who.user))
    }

    async fn old_is_right(&self, name: &str, visit: &Visit) -> Result<(), Refusal> {
        let stored = self.try_password(name)?;
        let right = self.password_matches(visit.text("old"), stored.as_deref()).await;
        self.require(Check::PasswordOld, right)?;
        self.happened(&mut self.state(), |ends| &ends.password_right, (name, ""));
        Ok(())
    }
}
