//! A signed-in user changes the password.

use serde_json::json;

use super::{
    Portal,
    ceremony::Asked,
    check::{Check, Refusal},
    door::{Reply, Visit},
    random::Purpose,
    world::Aim,
};

impl Portal {
    /// Options for the key that confirms, where the user has one.
    pub(super) fn ask_to_confirm_password(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let mut world = self.world();
        let (id, session) = self.signed_in(&world, visit, Check::PasswordSignedIn)?;
        let name = session.user.unwrap_or_default();
        if world.users.get(&name).is_none_or(|user| user.keys.is_empty()) {
            return Ok(Reply::ok(json!({})));
        }
        let asked = Asked { aim: Aim::Password, session: &id };
        Ok(Reply::ok(self.request_options(&mut world, &name, asked, None)))
    }

    /// The new password, with the old one and the factor.
    pub(super) fn change_password(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let (id, name, stored) = {
            let world = self.world();
            let (id, session) = self.signed_in(&world, visit, Check::PasswordSignedIn)?;
            let name = session.user.unwrap_or_default();
            let stored = world.users.get(&name).map(|user| user.password.clone());
            (id, name, stored)
        };
        let new = visit.text("password");
        self.require(Check::ResetPassword, new.chars().count() >= 8)?;
        self.require(
            Check::PasswordOld,
            self.password_matches(visit.text("old"), stored.as_deref()),
        )?;
        let asked = Asked { aim: Aim::Password, session: &id };
        self.confirm(&name, &asked, visit, Check::PasswordFactor)?;
        let salt = self.world().random.draw(Purpose::PasswordSalt);
        let hash = self.hash(new, salt);
        let mut world = self.world();
        self.set_password(&mut world, &name, hash);
        world
            .sessions
            .retain(|known, session| session.user.as_deref() != Some(&name) || *known == id);
        Ok(Reply::ok(json!({ "status": "password-changed" })))
    }
}
