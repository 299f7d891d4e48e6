//! Stands between scenarios and the deployment: an account that this run neither made nor was lent is
//! not changed, and none is tried until the portal locks it.

use std::sync::Arc;

use async_trait::async_trait;
use driver::deployment::{Answer, Begun, Driver, Input, Inputs, Leave, Mails, Target, Visitor};
use profile::{Ability, Description, Verb, error::Error};
use reports::record::Reply;
use serde_json::Value;

use crate::{
    standing::{Admitted, Standings, With},
    story::Witness,
};

/// A driver behind the guard.
pub(crate) struct Guarded {
    driver: Arc<dyn Driver>,
    about: Arc<Description>,
    standings: Arc<Standings>,
    mails: Arc<Mails>,
}

impl Guarded {
    /// The same portal, driven behind the guard.
    pub(crate) fn target(mut target: Target, standings: Arc<Standings>) -> Target {
        let mails = Arc::new(Mails::new(target.about.limits.mails_per_hour));
        let (driver, about) = (Arc::clone(&target.driver), Arc::clone(&target.about));
        target.driver = Arc::new(Self { driver, about, standings, mails });
        target
    }

    /// Whether a verb may be performed at all; the try that it is, where it is one.
    fn admits(
        &self,
        visitor: &Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Option<Admitted>, Error> {
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
        if !verb.row().is_a_try {
            return Ok(None);
        }
        let Some(user) = self.tried_user(visitor, inputs) else { return Ok(None) };
        if visitor.scene.meets_limits() {
            return Ok(Some(self.standings.admits_any(label, &user)));
        }
        let admitted = self.standings.admits(label, &user, self.tried_with(verb, inputs));
        admitted.map(Some).map_err(Error::NotAllowed)
    }

    /// Whether anything may be done to the account that a verb is about: none that turned out to be
    /// somebody else's, and no key that a lent account had before. Where one was somebody else's, the
    /// portal does not keep names apart, and no more are made.
    fn holds_back(&self, visitor: &Visitor, verb: Verb, inputs: &Inputs) -> Result<(), Error> {
        let label = &visitor.scene.label;
        let touches = verb.row().effect.is_some() || verb.row().is_a_try;
        let user = self.tried_user(visitor, inputs).filter(|_| touches);
        let let_go = if verb == Verb::CreateUser {
            self.standings.any_let_go()
        } else {
            user.and_then(|user| self.standings.let_go(label, &user))
        };
        if let Some(why) = let_go {
            return Err(Error::Safety(why));
        }
        let key = open(inputs, "key");
        if key.is_some_and(|key| self.standings.was_lent_with(label, &key)) {
            let why = "a key that the account had before it was lent would be changed";
            return Err(Error::Safety(format!("{}: {why}", verb.name())));
        }
        Ok(())
    }

    /// Whoever signed in with the password of a scenario's account is called by its name, or the portal
    /// took it for another.
    fn recognises(&self, visitor: &Visitor, answer: &Answer) {
        let Witness::Somebody(name) = Witness::read(answer) else { return };
        let (Some(user), Some(Input::Secret(password))) =
            (kept(visitor, "user"), visitor.memory.kept("password"))
        else {
            return;
        };
        let label = &visitor.scene.label;
        if self.standings.password_of(label, &user).as_ref() == Some(password) {
            self.standings.is_called(label, &user, &name);
        }
    }

    /// What is asked before it is sent again.
    fn leave(
        &self,
        visitor: &Visitor,
        verb: Verb,
        admitted: Option<&Admitted>,
    ) -> Option<Arc<dyn Leave>> {
        if verb == Verb::RequestReset {
            return Some(Arc::<Mails>::clone(&self.mails));
        }
        let one_more = self.standings.leave(&visitor.scene.label, admitted?);
        Some(Arc::new(one_more))
    }

    /// A key that is to be deleted or called otherwise bears its label for nobody any more, whatever is
    /// heard of it: somebody else may give it to a key of their own. Tells whose key it was, and its id.
    fn frees(&self, visitor: &Visitor, verb: Verb, inputs: &Inputs) -> Option<(String, String)> {
        let user = self.tried_user(visitor, inputs)?;
        let key = open(inputs, "key")?;
        let becomes = open(inputs, "label").filter(|_| verb == Verb::RenameKey);
        let change = (key.as_str(), becomes.as_deref());
        let owner = self.standings.frees_label(&visitor.scene.label, &user, change)?;
        Some((owner, key))
    }

    /// Takes down what came of it. A try without an answer stays a wrong one: the portal may have
    /// counted it.
    fn notes(
        &self,
        visitor: &Visitor,
        (verb, inputs): (Verb, &Inputs),
        admitted: Option<Admitted>,
        answer: &Answer,
    ) {
        let label = &visitor.scene.label;
        if let Some(admitted) = admitted {
            let came_to = (verb, answer.reply);
            self.standings.tried(label, admitted, self.tried_with(verb, inputs), came_to);
        }
        let Some(user) = self.tried_user(visitor, inputs) else { return };
        if matches!(verb, Verb::DeleteKey | Verb::AdminDeleteKey) {
            self.standings.lost_a_key(label, &user);
        }
        if answer.reply != Reply::Ok {
            return;
        }
        if let (Verb::ListKeys, Some(keys)) = (verb, answer.keys()) {
            self.standings.lists_keys(label, &user, &keys);
        }
        if let Some(key) = open(inputs, "label") {
            self.standings.labels_a_key(label, &user, &key);
        }
        let changed = verb.row().sets_password;
        if let (true, Some(Input::Secret(password))) = (changed, inputs.get("password")) {
            self.standings.set_password(label, &user, password);
        }
    }

    /// What a try is made with. Where codes go with the password, the right one alone may be a wrong try.
    fn tried_with<'i>(&self, verb: Verb, inputs: &'i Inputs) -> With<'i> {
        let whole = !self.about.can(Ability::TotpWithPassword);
        if let (Verb::SignIn, true, Some(Input::Secret(password))) =
            (verb, whole, inputs.get("password"))
        {
            return With::Password(password);
        }
        let id = match inputs.get("credential") {
            Some(Input::Open(credential)) => credential.get("id").and_then(Value::as_str),
            Some(Input::Secret(_)) | None => None,
        };
        id.map_or(With::Other, With::Key)
    }

    /// Whose account a try is made on: the one that is named, that the browser has begun to sign in
    /// to, or that of whoever sits there.
    fn tried_user(&self, visitor: &Visitor, inputs: &Inputs) -> Option<String> {
        named(inputs)
            .or_else(|| kept(visitor, "user"))
            .or_else(|| self.standings.user_of(&visitor.scene.label, &visitor.who))
    }
}

/// The account that the inputs name.
fn named(inputs: &Inputs) -> Option<String> {
    open(inputs, "user")
}

/// A text among inputs that is no secret.
fn open(inputs: &Inputs, name: &str) -> Option<String> {
    text(inputs.get(name))
}

/// The same of what a browser keeps.
fn kept(visitor: &Visitor, name: &str) -> Option<String> {
    text(visitor.memory.kept(name))
}

fn text(input: Option<&Input>) -> Option<String> {
    match input {
        Some(Input::Open(Value::String(text))) => Some(text.clone()),
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

/// Whether an answer says that nothing was done.
const fn did_nothing(reply: Reply) -> bool {
    match reply {
        Reply::Refused | Reply::Expired | Reply::FactorNeeded | Reply::RateLimited => true,
        Reply::Ok | Reply::Error | Reply::Dropped | Reply::Unknown => false,
    }
}

#[async_trait]
impl Driver for Guarded {
    fn written(&self, verb: Verb, credential: &Value) -> Value {
        self.driver.written(verb, credential)
    }

    async fn begin(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Begun, Error> {
        self.holds_back(visitor, verb, inputs)?;
        // A challenge that is asked for is no try yet.
        if changes_the_named(verb) {
            self.admits(visitor, verb, inputs)?;
        }
        self.driver.begin(visitor, verb, inputs).await
    }

    async fn finish(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        begun: &Begun,
        inputs: &Inputs,
    ) -> Result<Answer, Error> {
        let all = begun.and(inputs);
        self.holds_back(visitor, verb, &all)?;
        let admitted = self.admits(visitor, verb, &all)?;
        visitor.leave = self.leave(visitor, verb, admitted.as_ref());
        let answer = self.driver.finish(visitor, verb, begun, inputs).await;
        visitor.leave = None;
        let answer = answer?;
        self.notes(visitor, (verb, &all), admitted, &answer);
        Ok(answer)
    }

    async fn perform(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Answer, Error> {
        self.holds_back(visitor, verb, inputs)?;
        let admitted = self.admits(visitor, verb, inputs)?;
        let freed = self.frees(visitor, verb, inputs);
        visitor.leave = self.leave(visitor, verb, admitted.as_ref());
        let answer = self.driver.perform(visitor, verb, inputs).await;
        visitor.leave = None;
        let answer = answer?;
        if let Some((owner, key)) = freed {
            let (label, nothing) = (&visitor.scene.label, did_nothing(answer.reply));
            self.standings.frees_nothing(label, (&owner, &key), nothing);
        }
        self.notes(visitor, (verb, inputs), admitted, &answer);
        if verb == Verb::Whoami {
            self.recognises(visitor, &answer);
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests;
