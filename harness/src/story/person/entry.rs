//! Signing in with as little as the portal allows: the password, or, where a factor is mandatory, the
//! password and the factor that the portal had the person set up before anything else.
//!
//! Stories speak of people without a factor who sign in. Where nobody can, such a person holds an
//! *entry key* besides, which lists of keys leave out; where the portal has codes and no keys, the
//! person's codes are set up inside the first sign-in.

use profile::Ability;
use reports::record::Reply;
use softkey::Model;

use super::{Manner, Person};
use crate::story::{Break, Response, Told};

/// What an entry key is called; no story calls its own keys so.
pub(in crate::story) const ENTRY: &str = "entry";

impl Person {
    /// Signs in with the password, having no other factor but what the portal insists on.
    ///
    /// # Errors
    /// The refused control.
    pub async fn signs_in(&mut self) -> Told {
        self.gets_in().await?.must_be_welcomed()
    }

    /// The same, when that is what the story is about.
    ///
    /// # Errors
    /// When it could not be tried, or the refused step on the way.
    pub async fn gets_in(&mut self) -> Result<Response, Break> {
        let entered = self.enters_password().await?;
        // Not who is signed in: at a browser of several people that is still somebody else.
        if !self.can(Ability::MandatoryFactor) || entered.answer.reply != Reply::FactorNeeded {
            return Ok(entered);
        }
        if let Some(entry) = self.entry.clone() {
            return self.answers_here(&entry).await;
        }
        if self.totp_secret.is_some() {
            let code = self.code_now(0).await?;
            return self.enters_code(&code).await;
        }
        let begun = self.begins_totp().await?;
        if begun.answer.reply != Reply::Ok {
            let says = format!("{} sets up one-time codes inside the sign-in", self.account.alias);
            return self.responds(says, entered.after, begun.answer).await;
        }
        let code = self.code_now(0).await?;
        self.confirms_totp(&begun, &code).await
    }

    /// Whether the person has a key besides those that the story gave them.
    pub(crate) const fn has_an_entry_key(&self) -> bool {
        self.entry.is_some()
    }

    /// Registers the entry key inside the first sign-in, where the portal insists on one.
    ///
    /// # Errors
    /// The refused control.
    pub(in crate::story) async fn sets_up_what_is_mandatory(&mut self) -> Told {
        if !self.can(Ability::MandatoryFactor) || !self.can(Ability::Key) {
            return Ok(());
        }
        let mut there = self.elsewhere();
        there.enters_password().await?.passes_the_password_step()?;
        let key = there.new_key(ENTRY, Model::roaming());
        let registering = there.begins_registration(ENTRY).await?;
        let (response, _) = there.registers(&registering, &key, Manner::default()).await?;
        response.must_be_welcomed()?;
        self.entry = Some(key);
        Ok(())
    }
}
