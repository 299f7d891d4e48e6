//! Signing in with a key, step by step.

use std::sync::Arc;

use driver::deployment::{Visitor, describe, inputs, open};
use profile::{Ability, UserVerification, Verb};
use reports::record::Reply;
use serde_json::Value;
use softkey::Spoken;

use super::{Challenge, Manner, Person};
use crate::story::{Break, Key, Response, Told, Witness, control, key::ceremony_step};

impl Person {
    /// Asks to sign in with a key in a fresh browser: after the password, or in its place where the
    /// deployment's keys sign in alone.
    ///
    /// # Errors
    /// The refused control.
    pub async fn begins_sign_in(&self) -> Result<Challenge, Break> {
        let challenge = self.asks_for_sign_in().await?;
        control(&format!("{} is asked for a key", self.account.alias), &challenge.begun.answer)?;
        Ok(challenge)
    }

    /// The same, whatever comes of the second step.
    ///
    /// # Errors
    /// The refused password.
    pub async fn asks_for_sign_in(&self) -> Result<Challenge, Break> {
        let mut other = self.elsewhere();
        other.goes_to_the_key_step().await?;
        other.asks_for_key().await
    }

    /// Enters the password in this browser, where the key comes after it.
    ///
    /// # Errors
    /// The refused password.
    pub async fn goes_to_the_key_step(&mut self) -> Told {
        if self.can(Ability::Key) {
            self.enters_password().await?.passes_by_itself()?;
        }
        Ok(())
    }

    fn key_step(&self) -> Verb {
        if self.can(Ability::Key) { Verb::AnswerWithKey } else { Verb::SignInWithKey }
    }

    /// Asks to answer with a key in this browser, after the password or without it.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn asks_for_key(&mut self) -> Result<Challenge, Break> {
        self.asks_for_key_with(None).await
    }

    /// The same, asking the portal not to have the user verified.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn asks_for_key_unverified(&mut self) -> Result<Challenge, Break> {
        self.asks_for_key_with(Some(UserVerification::Discouraged)).await
    }

    async fn asks_for_key_with(
        &mut self,
        verification: Option<UserVerification>,
    ) -> Result<Challenge, Break> {
        self.shared.scene.recorder.act(format!("{} chooses the key", self.account.alias));
        let mut with = inputs([("user", open(self.account.user.as_str()))]);
        if let Some(verification) = verification {
            with.insert("user_verification", open(verification.word()));
        }
        let verb = self.key_step();
        let begun = self.shared.target.driver.begin(&mut self.visitor, verb, &with).await?;
        let (shared, visitor) = (Arc::clone(&self.shared), self.visitor.clone());
        Ok(Challenge { shared, begun, visitor, verb })
    }

    /// Asks to sign in with the key alone, in a fresh browser.
    ///
    /// # Errors
    /// The refused control.
    pub async fn begins_passwordless(&self) -> Result<Challenge, Break> {
        self.begins_passwordless_in(self.fresh()).await
    }

    async fn begins_passwordless_in(&self, mut visitor: Visitor) -> Result<Challenge, Break> {
        self.shared
            .scene
            .recorder
            .act(format!("{} signs in with the key alone", self.account.alias));
        let with = inputs([("user", open(self.account.user.as_str()))]);
        let begun =
            self.shared.target.driver.begin(&mut visitor, Verb::SignInWithKey, &with).await?;
        control(&format!("{} is asked for a key", self.account.alias), &begun.answer)?;
        Ok(Challenge {
            shared: Arc::clone(&self.shared),
            begun,
            visitor,
            verb: Verb::SignInWithKey,
        })
    }

    /// The same in this browser, whoever is signed in there.
    ///
    /// # Errors
    /// The refused control.
    pub async fn begins_passwordless_here(&self) -> Result<Challenge, Break> {
        self.begins_passwordless_in(self.visitor.clone()).await
    }

    /// Signs in with the key alone in a fresh browser, as far as that goes.
    ///
    /// # Errors
    /// When the key declines, or it could not be tried.
    pub async fn tries_passwordless(&self, key: &Key) -> Result<Response, Break> {
        match self.begins_passwordless().await {
            Ok(challenge) => self.answers(&challenge, key).await,
            Err(Break::ControlRefused { .. }) => {
                let mut visitor = self.elsewhere();
                let with = inputs([("user", open(self.account.user.as_str()))]);
                let driver = Arc::clone(&self.shared.target.driver);
                let begun = driver.begin(&mut visitor.visitor, Verb::SignInWithKey, &with).await?;
                let act = format!("{} asks to sign in with the key alone", self.account.alias);
                visitor.responds(act, Witness::Nobody, begun.answer).await
            }
            Err(other) => Err(other),
        }
    }

    /// Answers a challenge with a key.
    ///
    /// # Errors
    /// When the key declines, or it could not be tried.
    pub async fn answers(&self, challenge: &Challenge, key: &Key) -> Result<Response, Break> {
        self.answers_so(challenge, key, Manner::default()).await.map(|(response, _)| response)
    }

    /// Answers a challenge with a key that the portal did not ask for.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn answers_unasked(
        &self,
        challenge: &Challenge,
        key: &Key,
    ) -> Result<Response, Break> {
        let manner = Manner { ignores_lists: true, ..Manner::default() };
        self.answers_so(challenge, key, manner).await.map(|(response, _)| response)
    }

    /// Answers a challenge with a key in some manner; tells what the key said as well.
    ///
    /// # Errors
    /// When the key declines, or it could not be tried.
    pub async fn answers_so(
        &self,
        challenge: &Challenge,
        key: &Key,
        manner: Manner<'_>,
    ) -> Result<(Response, Spoken), Break> {
        let spoken = self.touches(challenge, key, manner)?;
        if let Some(honest) = &spoken.unchanged {
            self.sends_otherwise(challenge.verb, honest, &spoken.json)?;
        }
        if manner.change.is_none() && !manner.ignores_lists {
            let (label, user) = (&self.shared.scene.label, &self.account.user);
            self.shared.accounts.standings().expects_honest_answer(label, user);
        }
        let response = self.sends(challenge, &spoken.json).await?;
        Ok((response, spoken))
    }

    /// Touches a key for a challenge, without sending what it says.
    ///
    /// # Errors
    /// When the key declines.
    pub fn touches(
        &self,
        challenge: &Challenge,
        key: &Key,
        manner: Manner<'_>,
    ) -> Result<Spoken, Break> {
        let browser = self.browser(manner);
        let spoken =
            key.sign(&challenge.options(), &browser, manner.change.map(|(change, _)| change))?;
        let told = manner.change.map(|(_, title)| title);
        self.shared.scene.recorder.ceremony(ceremony_step(
            &self.account.alias,
            &key.label,
            &spoken,
            told,
        ));
        Ok(spoken)
    }

    /// Sends what a key said, perhaps not for the first time.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn sends(
        &self,
        challenge: &Challenge,
        credential: &Value,
    ) -> Result<Response, Break> {
        let says = format!("{} answers with a key", self.account.alias);
        let mut other = Self { visitor: challenge.visitor.clone(), seen: None, ..self.clone() };
        let before = other.witness().await?;
        self.shared.scene.recorder.act(says.as_str());
        let with = inputs([
            ("user", open(self.account.user.as_str())),
            ("credential", open(credential.clone())),
        ]);
        let driver = Arc::clone(&self.shared.target.driver);
        let answer =
            driver.finish(&mut other.visitor, challenge.verb, &challenge.begun, &with).await?;
        other.responds_to_a_try(says, before, answer).await
    }

    /// Signs in with a key in a fresh browser.
    ///
    /// # Errors
    /// The refused password, or that the key declines.
    pub async fn signs_in_with(&self, key: &Key) -> Result<Response, Break> {
        let challenge = self.begins_sign_in().await?;
        self.answers(&challenge, key).await
    }

    /// The same, and stays at that browser.
    ///
    /// # Errors
    /// The refused control.
    pub async fn moves_in_with(&mut self, key: &Key) -> Told {
        *self = self.elsewhere();
        self.signs_in_here_with(key).await
    }

    /// Signs in with a key in this browser.
    ///
    /// # Errors
    /// The refused control.
    pub async fn signs_in_here_with(&mut self, key: &Key) -> Told {
        self.goes_to_the_key_step().await?;
        self.confirms_with(key).await
    }

    /// Answers with a key in this browser, after the password.
    ///
    /// # Errors
    /// The refused control.
    pub async fn confirms_with(&mut self, key: &Key) -> Told {
        self.answers_here(key).await?.must_be_welcomed()
    }

    /// Answers with a key in this browser, after the password, and stays there.
    pub(super) async fn answers_here(&mut self, key: &Key) -> Result<Response, Break> {
        let challenge = self.asks_for_key().await?;
        control(&format!("{} is asked for a key", self.account.alias), &challenge.begun.answer)?;
        let spoken = self.touches(&challenge, key, Manner::default())?;
        self.sends_here(&challenge, spoken.json, Witness::Nobody).await
    }

    async fn sends_here(
        &mut self,
        challenge: &Challenge,
        credential: Value,
        before: Witness,
    ) -> Result<Response, Break> {
        let with =
            inputs([("user", open(self.account.user.as_str())), ("credential", open(credential))]);
        let driver = Arc::clone(&self.shared.target.driver);
        let answer =
            driver.finish(&mut self.visitor, challenge.verb, &challenge.begun, &with).await?;
        let act = format!("{} answers with a key", self.account.alias);
        self.responds_to_a_try(act, before, answer).await
    }

    /// Asks for the key step in this browser and answers with a key, as far as that goes, whichever key is
    /// asked for.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn tries_key_here(&mut self, key: &Key) -> Result<Response, Break> {
        let before = self.before().await?;
        let challenge = self.asks_for_key().await?;
        if !challenge.was_issued() {
            let act = format!("{} asks for a key", self.account.alias);
            return self.responds(act, before, challenge.begun.answer).await;
        }
        let manner = Manner { ignores_lists: true, ..Manner::default() };
        let spoken = self.touches(&challenge, key, manner)?;
        self.sends_here(&challenge, spoken.json, before).await
    }

    /// Signs in with a key in this browser, as far as that goes.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn tries_to_sign_in_here_with(&mut self, key: &Key) -> Result<Response, Break> {
        if self.can(Ability::Key) {
            let entered = self.enters_password().await?;
            if entered.bars_the_way() {
                return Ok(entered);
            }
        }
        self.tries_key_here(key).await
    }

    /// Answers a challenge with one key in the name of another: its id, and no other's user handle.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn answers_in_the_name_of(
        &self,
        challenge: &Challenge,
        key: &Key,
        named: &Key,
    ) -> Result<Response, Break> {
        let manner = Manner { ignores_lists: true, ..Manner::default() };
        let honest = self.touches(challenge, key, manner)?.json;
        let mut envelope = honest.clone();
        let id = Value::String(named.credential_id().unwrap_or_default());
        envelope["id"] = id.clone();
        envelope["rawId"] = id;
        if let Some(response) = envelope.get_mut("response").and_then(Value::as_object_mut) {
            response.remove("userHandle");
        }
        self.sends_instead_of(&honest, challenge, &envelope).await
    }

    /// Sends something else than what a key said.
    ///
    /// # Errors
    /// When it could not be tried, or this portal is sent nothing else.
    pub async fn sends_instead_of(
        &self,
        honest: &Value,
        challenge: &Challenge,
        changed: &Value,
    ) -> Result<Response, Break> {
        self.sends_otherwise(challenge.verb, honest, changed)?;
        self.sends(challenge, changed).await
    }

    /// Asks for the key step in this browser; what comes back is what the story is about.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn asks_for_key_anyway(&mut self) -> Result<Response, Break> {
        let before = self.before().await?;
        let asked = self.asks_for_key().await?;
        self.responds(format!("{} asks for a key", self.account.alias), before, asked.begun.answer)
            .await
    }

    /// Expects no key to be asked for in this browser.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub async fn has_no_key_step(&mut self) -> Told {
        let asked = self.asks_for_key().await?;
        let (offered, seen) = asked.offered();
        let expected = format!("{} is not asked for a key", self.account.alias);
        self.shared.expect(&expected, seen, offered.map(|offered| !offered))
    }

    /// Expects no key of hers to be named to a fresh browser after the password: none is asked for, or
    /// any that its owner may hold, by a page that offers every factor to everybody.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub async fn has_no_key_named_after_password(&self) -> Told {
        let asked = self.asks_for_sign_in().await?;
        let options = asked.options();
        let named = options.get("allowCredentials").and_then(Value::as_array).map_or(0, Vec::len);
        let held = match asked.begun.answer.reply {
            Reply::Ok | Reply::Refused | Reply::Expired | Reply::FactorNeeded => Some(named == 0),
            Reply::RateLimited | Reply::Error | Reply::Dropped | Reply::Unknown => None,
        };
        let expected = format!("no key is named to {}", self.account.alias);
        let seen = format!("{}; {named} keys", describe(&asked.begun.answer));
        self.shared.expect(&expected, seen, held)
    }

    /// The same in a fresh browser of this make, after the password.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub async fn has_no_key_step_after_password(&self) -> Told {
        let mut there = self.elsewhere();
        there.enters_password().await?.passes_the_password_step()?;
        there.has_no_key_step().await
    }
}
