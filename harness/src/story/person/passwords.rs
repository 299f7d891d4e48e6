//! Forgotten and changed passwords.

use std::{sync::Arc, time::Duration};

use driver::deployment::{Inputs, describe, inputs, open, secret};
use profile::{Ability, Verb, error::Error, secret::Secret};
use serde_json::Value;

use super::{Challenge, Manner, Person};
use crate::{
    account::Account,
    story::{Break, Key, Response, Told, control},
};

impl Person {
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
        let mailbox = Arc::clone(&self.shared.target.mail);
        let mark = mailbox.mark().await?;
        let says = format!("{} asks for a password reset", self.account.alias);
        let mut other = self.elsewhere();
        let response =
            other.acts(&says, Verb::RequestReset, &inputs([("mail", open(mail))])).await?;
        let link = mailbox.mailed(&self.shared.scene, mail, mark, self.patience()).await?;
        Ok((response, link))
    }

    fn patience(&self) -> Duration {
        self.shared.target.description().mail_patience
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
        let with = self.reset_inputs(link, new, Value::Null);
        self.acts(&says, Verb::FinishReset, &with).await
    }

    /// Asks for the ceremony that confirms a reset.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn begins_confirming(&mut self, link: &Secret) -> Result<Challenge, Break> {
        self.shared
            .scene
            .recorder
            .act(format!("{} is asked for a key to confirm the reset", self.account.alias));
        let with = inputs([("link", secret(link))]);
        let driver = Arc::clone(&self.shared.target.driver);
        let begun = driver.begin(&mut self.visitor, Verb::ConfirmResetWithKey, &with).await?;
        Ok(Challenge {
            shared: Arc::clone(&self.shared),
            begun,
            visitor: self.visitor.clone(),
            verb: Verb::ConfirmResetWithKey,
        })
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
        let with = self.reset_inputs(link, new, credential.clone());
        self.acts(&says, Verb::FinishReset, &with).await
    }

    /// Everything that some portal asks for when a reset is finished; what is absent is null.
    pub(in crate::story) fn reset_inputs(
        &self,
        link: &Secret,
        new: &Secret,
        credential: Value,
    ) -> Inputs {
        inputs([
            ("link", secret(link)),
            ("password", secret(new)),
            ("user", open(self.account.user.as_str())),
            ("mail", open(self.account.mail.as_str())),
            ("credential", open(credential)),
        ])
    }

    /// Opens the link in a fresh browser and sets a new password, confirmed by nothing but it. A
    /// link that does not open is the answer.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn resets(&self, link: &Secret, new: &Secret) -> Result<Response, Break> {
        let mut there = self.elsewhere();
        let opened = there.opens(link).await?;
        if opened.bars_the_way() { Ok(opened) } else { there.sets_password(link, new).await }
    }

    /// The same as [`Self::resets`] in this browser; names of what it sent beside the password.
    ///
    /// # Errors
    /// The refused control, or that nothing was sent that could be left out.
    pub async fn resets_and_tells_members(
        &mut self,
        link: &Secret,
        new: &Secret,
    ) -> Result<Vec<String>, Break> {
        self.opens(link).await?.must_be_accepted()?;
        self.sets_password(link, new).await?.must_be_accepted()?;
        let members = self.visitor.memory.sent();
        if members.is_empty() {
            let why = "a reset sends nothing but the password that could be left out";
            return Err(Error::NotApplicable(why.to_owned()).into());
        }
        Ok(members)
    }

    /// Whether a password is taken at the first step, in a fresh browser.
    ///
    /// # Errors
    /// When it could not be told.
    pub async fn is_let_in_by(&self, password: &Secret) -> Result<bool, Break> {
        let response = self.elsewhere().enters(password).await?;
        response.password_taken().ok_or_else(|| Break::Unclear {
            expected: format!("the password works for {}, or it does not", self.account.alias),
            seen: format!("{}; {}", describe(&response.answer), response.after),
        })
    }

    /// The same as [`Self::resets`], confirmed with a key, asked for or not.
    ///
    /// # Errors
    /// When it could not be tried, or no ceremony was offered.
    pub async fn resets_with(
        &self,
        link: &Secret,
        new: &Secret,
        key: &Key,
    ) -> Result<Response, Break> {
        let mut there = self.elsewhere();
        let opened = there.opens(link).await?;
        if opened.bars_the_way() {
            return Ok(opened);
        }
        let challenge = there.begins_confirming(link).await?;
        control(
            &format!("{} is asked for a key to confirm the reset", self.account.alias),
            &challenge.begun.answer,
        )?;
        let spoken =
            there.touches(&challenge, key, Manner { ignores_lists: true, ..Manner::default() })?;
        there.sets_password_with(link, new, &spoken.json).await
    }

    /// The same, confirmed with the key where this deployment asks for one.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn resets_as_asked(
        &self,
        link: &Secret,
        new: &Secret,
        key: &Key,
    ) -> Result<Response, Break> {
        if self.can(Ability::ResetByKey) {
            self.resets_with(link, new, key).await
        } else {
            self.resets(link, new).await
        }
    }

    /// Asks for a reset of an address that nobody has.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn asks_for_reset_of_nobody(&self) -> Result<Response, Break> {
        let mail = self.account.mail.replacen('@', ".nobody@", 1);
        // Nobody's address is this visitor's own: an answer that repeats it tells nothing.
        let account = Account { mail: mail.clone(), ..self.account.clone() };
        let mut other = Self { account, ..self.elsewhere() };
        other
            .acts(
                "somebody asks for a reset of an address that nobody has",
                Verb::RequestReset,
                &inputs([("mail", open(mail))]),
            )
            .await
    }

    /// Asks for resets one after the other; tells how many links were mailed.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn asks_for_resets(&self, times: u32) -> Result<u32, Break> {
        let mut mailed = 0;
        for _ in 0..times {
            mailed += u32::from(self.asks_for_reset().await?.1.is_some());
        }
        Ok(mailed)
    }

    /// Changes the password while signed in, confirmed by the old one alone.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn changes_password(&mut self, new: &Secret) -> Result<Response, Break> {
        let says = format!("{} changes the password", self.account.alias);
        self.changes(&says, new, None).await
    }

    /// The same, confirmed with a key.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn changes_password_with(
        &mut self,
        new: &Secret,
        key: &Key,
    ) -> Result<Response, Break> {
        let says = format!("{} changes the password and confirms with a key", self.account.alias);
        self.changes(&says, new, Some(key)).await
    }

    async fn changes(
        &mut self,
        says: &str,
        new: &Secret,
        key: Option<&Key>,
    ) -> Result<Response, Break> {
        let before = self.before().await?;
        self.shared.scene.recorder.act(says);
        let mut with = inputs([
            ("old", secret(&self.account.password)),
            ("password", secret(new)),
            ("credential", open(Value::Null)),
        ]);
        let driver = Arc::clone(&self.shared.target.driver);
        if !self.shared.can(Ability::PasswordChangeByKey) {
            let answer = driver.perform(&mut self.visitor, Verb::ChangePassword, &with).await?;
            return self.responds(says.to_owned(), before, answer).await;
        }
        let begun = driver.begin(&mut self.visitor, Verb::ChangePassword, &with).await?;
        control(says, &begun.answer)?;
        let challenge = Challenge {
            shared: Arc::clone(&self.shared),
            begun,
            visitor: self.visitor.clone(),
            verb: Verb::ChangePassword,
        };
        if let Some(key) = key {
            with.insert("credential", open(self.touches(&challenge, key, Manner::default())?.json));
        }
        let answer =
            driver.finish(&mut self.visitor, Verb::ChangePassword, &challenge.begun, &with).await?;
        self.responds(says.to_owned(), before, answer).await
    }

    /// A password that nobody has used yet.
    #[must_use]
    pub fn new_password(&self, which: &str) -> Secret {
        let seed =
            self.shared.seed.bytes(&format!("new password {which} {}", self.account.alias), 15);
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
        let expected = format!(
            "the password {} for {}",
            if works { "works" } else { "no longer works" },
            self.account.alias
        );
        let held = response.password_taken().map(|taken| taken == works);
        self.shared.expect(
            &expected,
            format!("{}; {}", describe(&response.answer), response.after),
            held,
        )
    }
}
