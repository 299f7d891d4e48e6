//! What an administrator does in a story. Honest steps on the way: a refusal shows nothing.

use std::sync::Arc;

use driver::deployment::{Answer, Inputs, Visitor, inputs, open};
use profile::{Verb, error::Error};
use serde_json::json;
use softkey::{Browser, Model};

use super::{Break, Key, Person, Response, Shared, Told, control};
use crate::policy::{Policy, Push};

/// The administrator.
pub struct Admin {
    shared: Arc<Shared>,
}

impl Admin {
    pub(super) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Deletes a user's key.
    ///
    /// # Errors
    /// When the deployment refuses.
    pub async fn deletes_key(&self, user: &Person, key: &Key) -> Told {
        let id = user.portal_id(key).await?;
        let with = inputs([("user", open(user.account().user.as_str())), ("key", open(id))]);
        let says =
            format!("the administrator deletes {}'s key \"{}\"", user.account().alias, key.label);
        control(&says, &self.act(&says, Verb::AdminDeleteKey, &with).await?)
    }

    /// Changes what a user may and must do.
    ///
    /// # Errors
    /// When the deployment refuses.
    pub async fn sets_policy(&self, user: &Person, policy: Policy) -> Told {
        let policy =
            serde_json::to_value(policy).map_err(|error| Error::Harness(error.to_string()))?;
        let says = format!("the administrator sets {}'s policy to {policy}", user.account().alias);
        let with = inputs([("user", open(user.account().user.as_str())), ("policy", open(policy))]);
        control(&says, &self.act(&says, Verb::SetPolicy, &with).await?)
    }

    /// Disables an account.
    ///
    /// # Errors
    /// When the deployment refuses.
    pub async fn disables(&self, user: &Person) -> Told {
        self.sets_policy(user, Policy { disabled: Some(true), ..Policy::plain() }).await
    }

    /// Enables a disabled account again.
    ///
    /// # Errors
    /// When the deployment refuses.
    pub async fn enables(&self, user: &Person) -> Told {
        self.sets_policy(user, Policy { disabled: Some(false), ..Policy::plain() }).await
    }

    /// Sets up a push device for a user, who may use it.
    ///
    /// # Errors
    /// When the deployment refuses.
    pub async fn sets_push_up(&self, user: &Person) -> Told {
        self.sets_policy(user, Policy { push: Some(Push::Allowed), ..Policy::plain() }).await
    }

    /// Gives a user a new enrollment period for TOTP.
    ///
    /// # Errors
    /// When the deployment refuses.
    pub async fn resets_enrolment(&self, user: &Person) -> Told {
        let says = format!("the administrator resets {}'s enrollment period", user.account().alias);
        let with = inputs([("user", open(user.account().user.as_str()))]);
        control(&says, &self.act(&says, Verb::ResetEnrolment, &with).await?)
    }

    /// Registers a key on a user's behalf.
    ///
    /// # Errors
    /// When the deployment refuses, or the key declines.
    pub async fn registers_key_for(&self, user: &Person, label: &str) -> Result<Key, Break> {
        let shared = &self.shared;
        let says =
            format!("the administrator registers a key \"{label}\" for {}", user.account().alias);
        shared.scene.recorder.act(says.as_str());
        let key = Key::new(shared, &user.account().alias, label, Model::roaming());
        let mut visitor = self.visitor();
        let mut with =
            inputs([("user", open(user.account().user.as_str())), ("label", open(label))]);
        let begun = shared.target.driver.begin(&mut visitor, Verb::AdminRegisterKey, &with).await?;
        control(&says, &begun.answer)?;
        let options = begun.options.clone().unwrap_or(json!({}));
        let spoken = key.register(&options, &Browser::at(user.origin()), None)?;
        shared.scene.recorder.ceremony(super::key::ceremony_step(
            "administrator",
            label,
            &spoken,
            None,
        ));
        with.insert("credential", open(spoken.json));
        let answer = shared
            .target
            .driver
            .finish(&mut visitor, Verb::AdminRegisterKey, &begun, &with)
            .await?;
        control(&says, &answer)?;
        Ok(key)
    }

    async fn act(&self, says: &str, verb: Verb, with: &Inputs) -> Result<Answer, Error> {
        self.shared.scene.recorder.act(says);
        self.shared.target.driver.perform(&mut self.visitor(), verb, with).await
    }

    fn visitor(&self) -> Visitor {
        self.shared.target.visitor(&self.shared.scene, "administrator")
    }
}

impl Response {
    /// The portal's own reason, for scenarios of the reference's own words.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.answer.reason.as_deref()
    }
}
