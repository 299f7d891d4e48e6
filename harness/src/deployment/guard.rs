//! Stands between scenarios and the deployment: an account that this run neither made nor was lent is
//! not changed, and none is tried until the portal locks it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use reports::record::Traffic;
use serde_json::Value;

use super::{Answer, Begun, Deployment, Input, Inputs, Scene, Verb, Visitor, mails::Mails};
use crate::{
    error::Error,
    profile::Description,
    secret::Secret,
    standing::{Standings, With},
};

/// A deployment behind the guard.
pub(crate) struct Guarded {
    inner: Arc<dyn Deployment>,
    standings: Arc<Standings>,
    mails: Mails,
}

impl Guarded {
    pub(crate) fn new(inner: Arc<dyn Deployment>, standings: Arc<Standings>) -> Self {
        let mails = Mails::new(inner.description().limits.mails_per_hour);
        Self { inner, standings, mails }
    }

    /// Whether a verb may be performed at all.
    fn admits(&self, visitor: &Visitor, verb: Verb, inputs: &Inputs) -> Result<(), Error> {
        let label = &visitor.scene.label;
        if changes_the_named(verb) {
            let user = named(inputs).unwrap_or_default();
            if !self.standings.is_ours(label, &user) {
                return Err(Error::Safety(format!(
                    "{} names an account that this run did not make: {user}",
                    verb.name()
                )));
            }
        }
        if verb == Verb::RequestReset {
            self.mails.one_more()?;
        }
        if !verb.is_a_try() || visitor.scene.meets_limits() {
            return Ok(());
        }
        let Some(user) = self.tried_user(visitor, inputs) else { return Ok(()) };
        self.standings.may_try(label, &user, tried_with(verb, inputs)).map_err(Error::Withheld)
    }

    /// Takes down what came of it.
    fn notes(&self, visitor: &Visitor, verb: Verb, inputs: &Inputs, answer: &Answer) {
        let label = &visitor.scene.label;
        let Some(user) = self.tried_user(visitor, inputs) else { return };
        if verb.is_a_try() {
            self.standings.tried(label, &user, tried_with(verb, inputs), answer.reply);
        }
        if matches!(verb, Verb::DeleteKey | Verb::AdminDeleteKey) {
            self.standings.lost_a_key(label, &user);
        }
        let changed = matches!(verb, Verb::ChangePassword | Verb::FinishReset)
            && answer.reply == reports::record::Reply::Ok;
        if let (true, Some(Input::Secret(password))) = (changed, inputs.get("password")) {
            self.standings.has_password(label, &user, password);
        }
    }

    /// Whose account a try is made on: the one that is named, that the browser has begun to sign in
    /// to, or that of whoever sits there.
    fn tried_user(&self, visitor: &Visitor, inputs: &Inputs) -> Option<String> {
        let kept = match visitor.memory.kept.get("user") {
            Some(Input::Open(Value::String(user))) => Some(user.clone()),
            Some(Input::Open(_) | Input::Secret(_)) | None => None,
        };
        named(inputs)
            .or(kept)
            .or_else(|| self.standings.user_of(&visitor.scene.label, &visitor.who))
    }
}

/// What a try is made with.
fn tried_with(verb: Verb, inputs: &Inputs) -> With<'_> {
    if let (Verb::SignIn, Some(Input::Secret(password))) = (verb, inputs.get("password")) {
        return With::Password(password);
    }
    let id = match inputs.get("credential") {
        Some(Input::Open(credential)) => credential.get("id").and_then(Value::as_str),
        Some(Input::Secret(_)) | None => None,
    };
    id.map_or(With::Other, With::Key)
}

/// The account that the inputs name.
fn named(inputs: &Inputs) -> Option<String> {
    match inputs.get("user") {
        Some(Input::Open(Value::String(user))) => Some(user.clone()),
        Some(Input::Open(_) | Input::Secret(_)) | None => None,
    }
}

/// What an administrator does to an account that is named.
const fn changes_the_named(verb: Verb) -> bool {
    matches!(
        verb,
        Verb::SetPolicy
            | Verb::AdminRegisterKey
            | Verb::AdminDeleteKey
            | Verb::ResetEnrolment
            | Verb::DeleteUser
    )
}

#[async_trait]
impl Deployment for Guarded {
    fn description(&self) -> &Description {
        self.inner.description()
    }

    fn stopped(&self) -> Option<String> {
        self.inner.stopped()
    }

    fn traffic(&self) -> Traffic {
        self.inner.traffic()
    }

    fn visitor(&self, scene: &Arc<Scene>, who: &str) -> Visitor {
        self.inner.visitor(scene, who)
    }

    fn written(&self, verb: Verb, credential: &Value) -> Value {
        self.inner.written(verb, credential)
    }

    async fn begin(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Begun, Error> {
        // A challenge that is asked for is no try yet.
        if changes_the_named(verb) {
            self.admits(visitor, verb, inputs)?;
        }
        self.inner.begin(visitor, verb, inputs).await
    }

    async fn finish(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        begun: &Begun,
        inputs: &Inputs,
    ) -> Result<Answer, Error> {
        let all = begun.and(inputs);
        self.admits(visitor, verb, &all)?;
        let answer = self.inner.finish(visitor, verb, begun, inputs).await?;
        self.notes(visitor, verb, &all, &answer);
        Ok(answer)
    }

    async fn perform(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Answer, Error> {
        self.admits(visitor, verb, inputs)?;
        let answer = self.inner.perform(visitor, verb, inputs).await?;
        self.notes(visitor, verb, inputs, &answer);
        Ok(answer)
    }

    async fn mail_mark(&self) -> Result<u64, Error> {
        self.inner.mail_mark().await
    }

    async fn mailed(
        &self,
        scene: &Arc<Scene>,
        to: &str,
        mark: u64,
        patience: Duration,
    ) -> Result<Option<Secret>, Error> {
        self.inner.mailed(scene, to, mark, patience).await
    }
}
