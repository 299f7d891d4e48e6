//! A person in a story: an account, a browser, keys and codes. Methods in the plain third person are
//! honest steps on the way; those that return a [`Response`] are what a story is about.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use softkey::{Browser, Model, Spoken, Tampering};

use super::{Break, Key, Response, Shared, Told, Witness, control, describe, inputs, key::ceremony_step, open, secret};
use crate::{
    accounts::Account,
    deployment::{Answer, Begun, Inputs, Verb, Visitor},
    error::Error,
    profile::Ability,
    secret::Secret,
};

/// A person at a browser.
#[derive(Clone)]
pub struct Person {
    shared: Arc<Shared>,
    account: Account,
    visitor: Visitor,
    totp_secret: Option<Secret>,
}

/// A ceremony between challenge and touch, in a browser of its own.
#[derive(Clone)]
pub struct Challenge {
    pub(crate) begun: Begun,
    pub(crate) visitor: Visitor,
    verb: Verb,
}

impl Challenge {
    /// Whether there are options to answer.
    pub(crate) const fn was_issued(&self) -> bool {
        self.begun.options.is_some()
    }

    /// The options that the portal sent.
    #[must_use]
    pub fn options(&self) -> Value {
        self.begun.options.clone().unwrap_or(json!({}))
    }

    /// The same ceremony, answered from a browser that shares no cookie with it.
    #[must_use]
    pub fn in_the_browser_of(mut self, other: &Self) -> Self {
        self.visitor = other.visitor.clone();
        self
    }
}

/// A registration between challenge and touch.
pub type Registering = Challenge;

/// What an answer to a challenge is made with.
#[derive(Clone, Copy, Default)]
pub struct Manner<'a> {
    /// The one false thing, and how to say it.
    pub change: Option<(&'a Tampering, &'a str)>,
    /// A client that answers with a key that was not asked for, or registers one that was excluded.
    pub ignores_lists: bool,
}

impl Person {
    pub(super) fn new(shared: Arc<Shared>, account: Account) -> Self {
        let visitor = shared.deployment.visitor(&shared.scene, &account.alias);
        Self { shared, account, visitor, totp_secret: None }
    }

    /// The account.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// The same person at another browser: no cookies.
    #[must_use]
    pub fn elsewhere(&self) -> Self {
        let visitor = Visitor { user_agent: self.visitor.user_agent.clone(), ..self.fresh() };
        Self { visitor, ..self.clone() }
    }

    /// The same person at a browser of another make.
    #[must_use]
    pub fn with_browser(&self, user_agent: &str) -> Self {
        let visitor = Visitor { user_agent: Some(user_agent.to_owned()), ..self.fresh() };
        Self { visitor, ..self.clone() }
    }

    /// The same account after its password was changed.
    #[must_use]
    pub fn with_password(&self, password: &Secret) -> Self {
        let account = Account { password: password.clone(), ..self.account.clone() };
        Self { account, ..self.clone() }
    }

    /// The same person, who mistakes `codes` for the secret of their own authenticator app.
    #[must_use]
    pub fn with_codes_of(&self, other: &Self) -> Self {
        Self { totp_secret: other.totp_secret.clone(), ..self.clone() }
    }

    /// Whether the deployment has an ability.
    pub(crate) fn can(&self, ability: Ability) -> bool {
        self.shared.can(ability)
    }

    /// The origin that this deployment's client data must name.
    pub(crate) fn origin(&self) -> String {
        self.shared.deployment.description().origin(&self.shared.scene.label)
    }

    /// The deployment's RP id.
    pub(crate) fn rp_id(&self) -> String {
        self.shared.deployment.description().rp_id(&self.shared.scene.label)
    }

    // ── password and session ────────────────────────────────────────────────────────────────────

    /// Types user name and password.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn enters_password(&mut self) -> Result<Response, Break> {
        let password = self.account.password.clone();
        self.enters(&password).await
    }

    /// Types user name and some password.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn enters(&mut self, password: &Secret) -> Result<Response, Break> {
        let says = format!("{} enters a user name and a password", self.account.alias);
        let with = inputs([("user", open(self.account.user.as_str())), ("password", secret(password))]);
        self.acts(&says, Verb::SignIn, &with).await
    }

    /// Signs in with the password, having no other factor.
    ///
    /// # Errors
    /// The refused control.
    pub async fn signs_in(&mut self) -> Told {
        self.enters_password().await?.must_be_welcomed()
    }

    /// Signs out.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn signs_out(&mut self) -> Result<Response, Break> {
        self.acts(&format!("{} signs out", self.account.alias), Verb::SignOut, &Inputs::new()).await
    }

    /// Opens something that needs a full session.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn opens_the_account_page(&mut self) -> Result<Response, Break> {
        let says = format!("{} opens the account page", self.account.alias);
        self.acts(&says, Verb::OpenProtected, &Inputs::new()).await
    }

    /// Who the portal says is signed in, in this browser.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn witness(&mut self) -> Result<Witness, Break> {
        Ok(self.shared.whoami(&mut self.visitor).await?)
    }

    /// Expects to be signed in, in this browser.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub async fn is_signed_in(&mut self) -> Told {
        self.expects_witness(true).await
    }

    /// Expects nobody to be signed in, in this browser.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub async fn is_not_signed_in(&mut self) -> Told {
        self.expects_witness(false).await
    }

    async fn expects_witness(&mut self, signed_in: bool) -> Told {
        let witness = self.witness().await?;
        let expected = format!("{} is {}signed in", self.account.alias, if signed_in { "" } else { "not " });
        let held = match &witness {
            Witness::Nobody => Some(!signed_in),
            Witness::Somebody(name) => Some(signed_in && self.own_names().iter().any(|own| own.eq_ignore_ascii_case(name))),
            Witness::Unreadable => None,
        };
        self.shared.expect(&expected, witness.to_string(), held)
    }

    // ── keys ────────────────────────────────────────────────────────────────────────────────────

    /// Signs in if need be and registers a plain roaming key.
    ///
    /// # Errors
    /// The refused control.
    pub async fn registers_key(&mut self, label: &str) -> Result<Key, Break> {
        self.registers_model(label, Model::roaming()).await
    }

    /// The same with a key of some model.
    ///
    /// # Errors
    /// The refused control.
    pub async fn registers_model(&mut self, label: &str, model: Model) -> Result<Key, Break> {
        if self.witness().await? == Witness::Nobody {
            self.signs_in().await?;
        }
        let key = self.new_key(label, model);
        let registering = self.begins_registration(label).await?;
        self.finishes_registration(&registering, &key).await?.must_be_accepted()?;
        Ok(key)
    }

    /// A key out of its box.
    #[must_use]
    pub fn new_key(&self, label: &str, model: Model) -> Key {
        Key::new(&self.shared, &self.account.alias, label, model)
    }

    /// Asks to register a key.
    ///
    /// # Errors
    /// The refused control.
    pub async fn begins_registration(&mut self, label: &str) -> Result<Registering, Break> {
        let begun = self.asks_for_registration(label).await?;
        control(&format!("{} is given registration options", self.account.alias), &begun.begun.answer)?;
        Ok(begun)
    }

    /// Asks to register a key, whatever comes of it.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn asks_for_registration(&mut self, label: &str) -> Result<Registering, Break> {
        self.shared.scene.recorder.act(format!("{} asks to register a key \"{label}\"", self.account.alias));
        let with = inputs([("label", open(label))]);
        let begun = self.shared.deployment.begin(&mut self.visitor, Verb::RegisterKey, &with).await?;
        Ok(Challenge { begun, visitor: self.visitor.clone(), verb: Verb::RegisterKey })
    }

    /// Touches a key to register it.
    ///
    /// # Errors
    /// When the key declines, or it could not be tried.
    pub async fn finishes_registration(&mut self, registering: &Registering, key: &Key) -> Result<Response, Break> {
        self.registers(registering, key, Manner::default()).await.map(|(response, _)| response)
    }

    /// Touches a key to register it, in some manner; tells what the key said as well. A credential
    /// that was not accepted is forgotten by the key.
    ///
    /// # Errors
    /// When the key declines, or it could not be tried.
    pub async fn registers(
        &mut self,
        registering: &Registering,
        key: &Key,
        manner: Manner<'_>,
    ) -> Result<(Response, Spoken), Break> {
        let browser = self.browser(manner);
        let spoken = key.register(&registering.options(), &browser, manner.change.map(|(change, _)| change))?;
        let told = manner.change.map(|(_, title)| title);
        self.shared.scene.recorder.ceremony(ceremony_step(&self.account.alias, &key.label, &spoken, told));
        let response = self.sends_registration(registering, &key.label, &spoken.json).await?;
        Ok((response, spoken))
    }

    /// Sends a registration that a key made, perhaps not for the first time.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn sends_registration(
        &mut self,
        registering: &Registering,
        label: &str,
        credential: &Value,
    ) -> Result<Response, Break> {
        let says = format!("{} registers the key \"{label}\"", self.account.alias);
        let with = inputs([("label", open(label)), ("credential", open(credential.clone()))]);
        let before = self.witness().await?;
        self.shared.scene.recorder.act(says.as_str());
        let deployment = Arc::clone(&self.shared.deployment);
        let answer = deployment.finish(&mut self.visitor, Verb::RegisterKey, &registering.begun, &with).await?;
        self.responds(says, before, answer).await
    }

    /// The keys that the portal lists for the person: (the portal's id, label).
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn keys(&mut self) -> Result<Vec<(String, String)>, Break> {
        match self.listed_keys().await? {
            Some(keys) => Ok(keys),
            None => Err(Break::Unclear {
                expected: format!("{} sees the list of keys", self.account.alias),
                seen: "the list could not be read".into(),
            }),
        }
    }

    /// The same; `None` where they cannot be read.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn listed_keys(&mut self) -> Result<Option<Vec<(String, String)>>, Error> {
        let deployment = Arc::clone(&self.shared.deployment);
        let answer = deployment.perform(&mut self.visitor, Verb::ListKeys, &Inputs::new()).await?;
        let Some(Value::Array(rows)) = answer.captured.get("keys") else { return Ok(None) };
        let text = |row: &Value, name: &str| match row.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        Ok(Some(rows.iter().map(|row| (text(row, "id"), text(row, "label"))).collect()))
    }

    /// Expects the list to hold exactly these labels, in any order.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub async fn has_keys(&mut self, labels: &[&str]) -> Told {
        let mut seen: Vec<String> = self.keys().await?.into_iter().map(|(_, label)| label).collect();
        let mut expected: Vec<String> = labels.iter().map(|&label| label.to_owned()).collect();
        seen.sort();
        expected.sort();
        let held = seen == expected;
        let says = format!("{}'s keys are {expected:?}", self.account.alias);
        self.shared.expect(&says, format!("{seen:?}"), Some(held))
    }

    /// The portal's own name for a key: that of the entry with its label.
    pub(super) async fn portal_id(&self, key: &Key) -> Result<String, Break> {
        let label = &key.label;
        let missing = |seen: String| Break::ControlRefused { expected: format!("the key \"{label}\" is listed"), seen };
        let keys = self.clone().keys().await?;
        let found = keys.iter().find(|(_, listed)| listed == label).map(|(id, _)| id.clone());
        found.ok_or_else(|| missing(format!("{keys:?}")))
    }

    /// Gives a key another label.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn renames(&mut self, key: &Key, label: &str) -> Result<Response, Break> {
        let id = self.portal_id(key).await?;
        self.renames_by_id(&id, label).await
    }

    /// The same by the portal's id, which may be another person's.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn renames_by_id(&mut self, id: &str, label: &str) -> Result<Response, Break> {
        let says = format!("{} renames a key to \"{label}\"", self.account.alias);
        self.acts(&says, Verb::RenameKey, &inputs([("key", open(id)), ("label", open(label))])).await
    }

    /// Deletes a key.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn deletes(&mut self, key: &Key) -> Result<Response, Break> {
        let id = self.portal_id(key).await?;
        self.deletes_by_id(&id).await
    }

    /// The same by the portal's id, which may be another person's.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn deletes_by_id(&mut self, id: &str) -> Result<Response, Break> {
        let says = format!("{} deletes a key", self.account.alias);
        self.acts(&says, Verb::DeleteKey, &inputs([("key", open(id))])).await
    }

    // ── signing in with a key ───────────────────────────────────────────────────────────────────

    /// Enters the password in a fresh browser and asks to answer with a key.
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
        other.enters_password().await?.passes_the_password_step()?;
        other.asks_for_key().await
    }

    /// Asks to answer with a key in this browser, after the password or without it.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn asks_for_key(&mut self) -> Result<Challenge, Break> {
        self.shared.scene.recorder.act(format!("{} chooses the key", self.account.alias));
        let with = inputs([("user", open(self.account.user.as_str()))]);
        let begun = self.shared.deployment.begin(&mut self.visitor, Verb::AnswerWithKey, &with).await?;
        Ok(Challenge { begun, visitor: self.visitor.clone(), verb: Verb::AnswerWithKey })
    }

    /// Asks to sign in with the key alone, in a fresh browser.
    ///
    /// # Errors
    /// The refused control.
    pub async fn begins_passwordless(&self) -> Result<Challenge, Break> {
        let mut visitor = self.fresh();
        self.shared.scene.recorder.act(format!("{} signs in with the key alone", self.account.alias));
        let with = inputs([("user", open(self.account.user.as_str()))]);
        let begun = self.shared.deployment.begin(&mut visitor, Verb::SignInWithKey, &with).await?;
        control(&format!("{} is asked for a key", self.account.alias), &begun.answer)?;
        Ok(Challenge { begun, visitor, verb: Verb::SignInWithKey })
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
    pub async fn answers_unasked(&self, challenge: &Challenge, key: &Key) -> Result<Response, Break> {
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
        let response = self.sends(challenge, &spoken.json).await?;
        Ok((response, spoken))
    }

    /// Touches a key for a challenge, without sending what it says.
    ///
    /// # Errors
    /// When the key declines.
    pub fn touches(&self, challenge: &Challenge, key: &Key, manner: Manner<'_>) -> Result<Spoken, Break> {
        let browser = self.browser(manner);
        let spoken = key.sign(&challenge.options(), &browser, manner.change.map(|(change, _)| change))?;
        let told = manner.change.map(|(_, title)| title);
        self.shared.scene.recorder.ceremony(ceremony_step(&self.account.alias, &key.label, &spoken, told));
        Ok(spoken)
    }

    /// Sends what a key said, perhaps not for the first time.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn sends(&self, challenge: &Challenge, credential: &Value) -> Result<Response, Break> {
        let says = format!("{} answers with a key", self.account.alias);
        let mut other = Self { visitor: challenge.visitor.clone(), ..self.clone() };
        let before = other.witness().await?;
        self.shared.scene.recorder.act(says.as_str());
        let with = inputs([("user", open(self.account.user.as_str())), ("credential", open(credential.clone()))]);
        let deployment = Arc::clone(&self.shared.deployment);
        let answer = deployment.finish(&mut other.visitor, challenge.verb, &challenge.begun, &with).await?;
        other.responds(says, before, answer).await
    }

    /// Signs in with password and key in a fresh browser.
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
        self.enters_password().await?.passes_the_password_step()?;
        let challenge = self.asks_for_key().await?;
        control(&format!("{} is asked for a key", self.account.alias), &challenge.begun.answer)?;
        let spoken = self.touches(&challenge, key, Manner::default())?;
        let with = inputs([("user", open(self.account.user.as_str())), ("credential", open(spoken.json))]);
        let deployment = Arc::clone(&self.shared.deployment);
        let answer = deployment.finish(&mut self.visitor, challenge.verb, &challenge.begun, &with).await?;
        self.responds(format!("{} answers with a key", self.account.alias), Witness::Nobody, answer).await?.must_be_welcomed()
    }

    // ── one-time codes ──────────────────────────────────────────────────────────────────────────

    /// Signs in if need be and sets up TOTP.
    ///
    /// # Errors
    /// The refused control.
    pub async fn enrols_totp(&mut self) -> Told {
        if self.witness().await? == Witness::Nobody {
            self.signs_in().await?;
        }
        let begun = self.begins_totp().await?;
        control(&format!("{} is shown a secret", self.account.alias), &begun.answer)?;
        let code = self.code_now(0).await?;
        self.confirms_totp(&begun, &code).await?.must_be_accepted()
    }

    /// Asks to set up TOTP; takes the secret down.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn begins_totp(&mut self) -> Result<Begun, Break> {
        self.shared.scene.recorder.act(format!("{} sets up one-time codes", self.account.alias));
        let deployment = Arc::clone(&self.shared.deployment);
        let begun = deployment.begin(&mut self.visitor, Verb::EnrolTotp, &Inputs::new()).await?;
        if let Some(Value::String(shown)) = begun.answer.captured.get("secret") {
            self.shared.scene.recorder.redactor().learn("totp", shown);
            self.totp_secret = Some(Secret::new(shown));
        }
        Ok(begun)
    }

    /// Enters the code that completes the set-up.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn confirms_totp(&mut self, begun: &Begun, code: &Secret) -> Result<Response, Break> {
        let says = format!("{} enters the code that completes the set-up", self.account.alias);
        let before = self.witness().await?;
        self.shared.scene.recorder.act(says.as_str());
        let deployment = Arc::clone(&self.shared.deployment);
        let answer = deployment.finish(&mut self.visitor, Verb::EnrolTotp, begun, &inputs([("code", secret(code))])).await?;
        self.responds(says, before, answer).await
    }

    /// The code that the person's authenticator app shows, `steps` steps from now.
    ///
    /// # Errors
    /// When there is no secret, or the clock cannot be read.
    pub async fn code_now(&self, steps: i64) -> Result<Secret, Break> {
        let now = self.shared.now().await?;
        let totp = &self.shared.deployment.description().totp;
        let at = now.checked_add_signed(steps.saturating_mul(i64::from(totp.period))).unwrap_or(0);
        let shown = self.totp_secret.as_ref().ok_or_else(|| Error::Harness("no TOTP secret was captured".into()))?;
        let code = softkey::totp::code(shown.reveal(), at, totp.digits, totp.period);
        let code = code.ok_or_else(|| Error::Portal("the TOTP secret is not base32".into()))?;
        self.shared.scene.recorder.redactor().learn("code", &code);
        Ok(Secret::new(code))
    }

    /// Enters the password in a fresh browser, then the code of now.
    ///
    /// # Errors
    /// The refused password.
    pub async fn signs_in_with_totp(&self) -> Result<Response, Break> {
        let code = self.code_now(0).await?;
        self.signs_in_with_code(&code).await
    }

    /// Enters the password in a fresh browser, then some code.
    ///
    /// # Errors
    /// The refused password.
    pub async fn signs_in_with_code(&self, code: &Secret) -> Result<Response, Break> {
        let mut other = self.elsewhere();
        other.enters_password().await?.passes_the_password_step()?;
        other.enters_code(code).await
    }

    /// Enters a code in this browser.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn enters_code(&mut self, code: &Secret) -> Result<Response, Break> {
        let says = format!("{} enters a one-time code", self.account.alias);
        let with = inputs([("user", open(self.account.user.as_str())), ("code", secret(code))]);
        self.acts(&says, Verb::AnswerWithTotp, &with).await
    }

    // ── forgotten and changed passwords ─────────────────────────────────────────────────────────

    /// Asks for a reset and takes the mailed link or code down.
    ///
    /// # Errors
    /// The refused control, or that no mail came.
    pub async fn is_mailed_a_link(&self) -> Result<Secret, Break> {
        let (response, link) = self.asks_for_reset().await?;
        response.must_be_accepted()?;
        link.ok_or_else(|| Break::ControlRefused {
            expected: format!("a reset link is mailed to {}", self.account.alias),
            seen: "no mail came".into(),
        })
    }

    /// Asks for a reset, and looks into the mailbox.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn asks_for_reset(&self) -> Result<(Response, Option<Secret>), Break> {
        let mail = self.account.mail.clone();
        self.asks_for_reset_of(&mail).await
    }

    /// Asks for a reset of some address, and looks into the mailbox of that address.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn asks_for_reset_of(&self, mail: &str) -> Result<(Response, Option<Secret>), Break> {
        let deployment = Arc::clone(&self.shared.deployment);
        let mark = deployment.mail_mark().await?;
        let says = format!("{} asks for a password reset", self.account.alias);
        let mut other = self.elsewhere();
        let response = other.acts(&says, Verb::RequestReset, &inputs([("mail", open(mail))])).await?;
        let link = deployment.mailed(&self.shared.scene, mail, mark, self.patience()).await?;
        Ok((response, link))
    }

    fn patience(&self) -> Duration {
        self.shared.deployment.description().mail_patience
    }

    /// Opens the mailed link in this browser.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn opens(&mut self, link: &Secret) -> Result<Response, Break> {
        let says = format!("{} opens the mailed link", self.account.alias);
        self.acts(&says, Verb::OpenReset, &inputs([("link", secret(link))])).await
    }

    /// Sets a new password through the mailed link, confirmed by nothing but it.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn sets_password(&mut self, link: &Secret, new: &Secret) -> Result<Response, Break> {
        let says = format!("{} sets a new password through the mailed link", self.account.alias);
        let with = inputs([("link", secret(link)), ("password", secret(new))]);
        self.acts(&says, Verb::FinishReset, &with).await
    }

    /// Asks for the ceremony that confirms a reset.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn begins_confirming(&mut self, link: &Secret) -> Result<Challenge, Break> {
        self.shared.scene.recorder.act(format!("{} is asked for a key to confirm the reset", self.account.alias));
        let with = inputs([("link", secret(link))]);
        let deployment = Arc::clone(&self.shared.deployment);
        let begun = deployment.begin(&mut self.visitor, Verb::ConfirmResetWithKey, &with).await?;
        Ok(Challenge { begun, visitor: self.visitor.clone(), verb: Verb::ConfirmResetWithKey })
    }

    /// Sets a new password through the mailed link, confirmed with what a key said.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn sets_password_with(
        &mut self,
        link: &Secret,
        new: &Secret,
        credential: &Value,
    ) -> Result<Response, Break> {
        let says = format!("{} sets a new password and confirms with a key", self.account.alias);
        let with = inputs([("link", secret(link)), ("password", secret(new)), ("credential", open(credential.clone()))]);
        self.acts(&says, Verb::FinishReset, &with).await
    }

    /// A password that nobody has used yet.
    #[must_use]
    pub fn new_password(&self, which: &str) -> Secret {
        let seed = self.shared.seed.bytes(&format!("new password {which} {}", self.account.alias), 15);
        let password = Secret::new(format!("Nw3-{}", softkey::base64url(&seed)));
        self.shared.scene.recorder.redactor().learn("password", password.reveal());
        password
    }

    /// Expects a password to be taken at the first step, in a fresh browser.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub async fn password_works(&self, password: &Secret) -> Told {
        self.expects_password(password, true).await
    }

    /// Expects a password to be refused at the first step, in a fresh browser.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub async fn password_is_dead(&self, password: &Secret) -> Told {
        self.expects_password(password, false).await
    }

    async fn expects_password(&self, password: &Secret, works: bool) -> Told {
        let response = self.elsewhere().enters(password).await?;
        let expected = format!("the password {} for {}", if works { "works" } else { "no longer works" }, self.account.alias);
        let held = response.password_taken().map(|taken| taken == works);
        self.shared.expect(&expected, format!("{}; {}", describe(&response.answer), response.after), held)
    }

    // ── bookkeeping ─────────────────────────────────────────────────────────────────────────────

    /// Performs a flow in this browser and asks who is signed in before and after.
    async fn acts(&mut self, says: &str, verb: Verb, with: &Inputs) -> Result<Response, Break> {
        let before = self.witness().await?;
        self.shared.scene.recorder.act(says);
        let deployment = Arc::clone(&self.shared.deployment);
        let answer = deployment.perform(&mut self.visitor, verb, with).await?;
        self.responds(says.to_owned(), before, answer).await
    }

    async fn responds(&mut self, act: String, before: Witness, answer: Answer) -> Result<Response, Break> {
        let after = self.witness().await?;
        Ok(Response { shared: Arc::clone(&self.shared), act, answer, before, after, own_names: self.own_names() })
    }

    /// What the portal may call this person.
    pub(crate) fn own_names(&self) -> Vec<String> {
        vec![self.account.user.clone(), self.account.mail.clone()]
    }

    fn browser(&self, manner: Manner<'_>) -> Browser {
        Browser { obeys_lists: !manner.ignores_lists, ..Browser::at(&self.origin()) }
    }

    fn fresh(&self) -> Visitor {
        self.shared.deployment.visitor(&self.shared.scene, &self.account.alias)
    }
}
