//! A person's keys: registering, listing, renaming and deleting them.

use std::sync::Arc;

use driver::deployment::{Input, Inputs, describe, inputs, open};
use profile::{Verb, error::Error};
use reports::record::Reply;
use serde_json::Value;
use softkey::{Model, Spoken};

use super::{Challenge, Manner, Person, Registering};
use crate::story::{Break, Key, Response, Told, Witness, control, key::ceremony_step};

impl Person {
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
        if self.before().await? == Witness::Nobody {
            self.signs_in().await?;
        }
        let registering = self.begins_registration(label).await?;
        let key = self.new_key(label, attached_as_asked(&registering.options(), model));
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
        control(
            &format!("{} is given registration options", self.account.alias),
            &begun.begun.answer,
        )?;
        Ok(begun)
    }

    /// Asks to register a key, whatever comes of it.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn asks_for_registration(&mut self, label: &str) -> Result<Registering, Break> {
        self.shared
            .scene
            .recorder
            .act(format!("{} asks to register a key \"{label}\"", self.account.alias));
        let mut with = inputs([("label", open(label))]);
        with.extend(self.alone());
        let begun =
            self.shared.target.driver.begin(&mut self.visitor, Verb::RegisterKey, &with).await?;
        Ok(Challenge {
            shared: Arc::clone(&self.shared),
            begun,
            visitor: self.visitor.clone(),
            verb: Verb::RegisterKey,
        })
    }

    /// Touches a key to register it.
    ///
    /// # Errors
    /// When the key declines, or it could not be tried.
    pub async fn finishes_registration(
        &mut self,
        registering: &Registering,
        key: &Key,
    ) -> Result<Response, Break> {
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
        let spoken = key.register(
            &registering.options(),
            &browser,
            manner.change.map(|(change, _)| change),
        )?;
        let told = manner.change.map(|(_, title)| title);
        self.shared.scene.recorder.ceremony(ceremony_step(
            &self.account.alias,
            &key.label,
            &spoken,
            told,
        ));
        if let Some(honest) = &spoken.unchanged {
            self.sends_otherwise(registering.verb, honest, &spoken.json)?;
        }
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
        let mut with = inputs([
            ("label", open(label)),
            ("credential", open(credential.clone())),
            ("user", open(self.account.user.as_str())),
        ]);
        with.extend(self.alone());
        let before = self.witness().await?;
        self.shared.scene.recorder.act(says.as_str());
        let driver = Arc::clone(&self.shared.target.driver);
        let answer =
            driver.finish(&mut self.visitor, Verb::RegisterKey, &registering.begun, &with).await?;
        self.responds(says, before, answer).await
    }

    /// What tells a portal that the key is to sign in alone, where it is.
    fn alone(&self) -> Option<(&'static str, Input)> {
        self.account.passwordless.then(|| ("alone", open(true)))
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
        let driver = Arc::clone(&self.shared.target.driver);
        let answer = driver.perform(&mut self.visitor, Verb::ListKeys, &Inputs::new()).await?;
        let Some(listed) = answer.keys() else { return Ok(None) };
        let entry = self.entry.as_ref().map(|key| key.label.as_str());
        let listed = listed.into_iter();
        Ok(Some(listed.filter(|(_, label)| Some(label.as_str()) != entry).collect()))
    }

    /// Expects the list to hold exactly these labels, in any order.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub async fn has_keys(&mut self, labels: &[&str]) -> Told {
        let mut seen: Vec<String> =
            self.keys().await?.into_iter().map(|(_, label)| label).collect();
        let mut expected: Vec<String> = labels.iter().map(|&label| label.to_owned()).collect();
        seen.sort();
        expected.sort();
        let held = seen == expected;
        let says = format!("{}'s keys are {expected:?}", self.account.alias);
        self.shared.expect(&says, format!("{seen:?}"), Some(held))
    }

    /// The portal's own name for a key: that of the entry with its label.
    pub(crate) async fn portal_id(&self, key: &Key) -> Result<String, Break> {
        let label = &key.label;
        let missing = |seen: String| Break::ControlRefused {
            expected: format!("the key \"{label}\" is listed"),
            seen,
        };
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
        self.acts(&says, Verb::RenameKey, &inputs([("key", open(id)), ("label", open(label))]))
            .await
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

    /// The portal's own name for a key.
    ///
    /// # Errors
    /// When the list cannot be read.
    pub async fn id_of(&self, key: &Key) -> Result<String, Break> {
        self.portal_id(key).await
    }

    /// Registers several keys, one after the other.
    ///
    /// # Errors
    /// The refused control.
    pub async fn registers_keys(&mut self, number: u32) -> Told {
        for number in 1..=number {
            self.registers_key(&format!("key {number}")).await?;
        }
        Ok(())
    }

    /// A key with a credential for this portal that the portal has never seen.
    ///
    /// # Errors
    /// The refused control.
    pub async fn has_a_key_of_nowhere(&mut self, label: &str) -> Result<Key, Break> {
        let key = self.new_key(label, Model::roaming());
        let registering = self.begins_registration(label).await?;
        self.touches_to_register(&registering, &key)?;
        Ok(key)
    }

    /// Touches a key to register it, without sending what it says.
    ///
    /// # Errors
    /// When the key declines.
    pub fn touches_to_register(
        &self,
        registering: &Registering,
        key: &Key,
    ) -> Result<Value, Break> {
        let spoken =
            key.register(&registering.options(), &self.browser(Manner::default()), None)?;
        self.shared.scene.recorder.ceremony(ceremony_step(
            &self.account.alias,
            &key.label,
            &spoken,
            None,
        ));
        Ok(spoken.json)
    }

    /// Asks to register a key; what comes back is what the story is about.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn asks_to_register(&mut self, label: &str) -> Result<Response, Break> {
        let before = self.before().await?;
        let asked = self.asks_for_registration(label).await?;
        self.responds(
            format!("{} asks to register a key", self.account.alias),
            before,
            asked.begun.answer,
        )
        .await
    }

    /// Asks to register a key under a label, and touches it where there are options. Some portals take the
    /// label with the first half, others with the second.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn tries_to_register(&mut self, key: &Key, label: &str) -> Result<Response, Break> {
        let before = self.before().await?;
        let asked = self.asks_for_registration(label).await?;
        if asked.begun.answer.reply != Reply::Ok {
            let says = format!("{} asks to register a key", self.account.alias);
            return self.responds(says, before, asked.begun.answer).await;
        }
        let answer = self.touches_to_register(&asked, key)?;
        self.sends_registration(&asked, label, &answer).await
    }

    /// Expects the list of keys to be closed to this browser, or to name none.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub async fn sees_no_keys(&mut self) -> Told {
        let driver = Arc::clone(&self.shared.target.driver);
        let answer = driver.perform(&mut self.visitor, Verb::ListKeys, &Inputs::new()).await?;
        let named = answer.captured.get("keys").and_then(Value::as_array).map_or(0, Vec::len);
        let held = match answer.reply {
            Reply::Ok => Some(named == 0),
            Reply::Refused | Reply::FactorNeeded | Reply::Expired => Some(true),
            Reply::RateLimited | Reply::Error | Reply::Dropped | Reply::Unknown => None,
        };
        let expected = format!("{} is shown no keys", self.account.alias);
        self.shared.expect(&expected, format!("{}; {named} keys", describe(&answer)), held)
    }
}

/// The same kind of key, reached as the portal asks: a synced passkey is in a laptop or in a phone.
fn attached_as_asked(options: &Value, model: Model) -> Model {
    let asked = options.pointer("/authenticatorSelection/authenticatorAttachment");
    match asked.and_then(Value::as_str) {
        Some("cross-platform") if model.attachment != "cross-platform" => {
            Model { attachment: "cross-platform", transports: &["hybrid"], ..model }
        }
        Some("platform") if model.attachment != "platform" => {
            Model { attachment: "platform", transports: &["internal"], ..model }
        }
        // Nothing asked for, or what the key is already; browsers ignore other words.
        Some(_) | None => model,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_is_reached_as_the_portal_asks() {
        let rows = [
            (json!({}), Model::synced(), "platform"),
            (json!({ "authenticatorSelection": {} }), Model::roaming(), "cross-platform"),
            (attachment("cross-platform"), Model::synced(), "cross-platform"),
            (attachment("platform"), Model::synced(), "platform"),
            (attachment("platform"), Model::roaming(), "platform"),
            (attachment("by-wire"), Model::roaming(), "cross-platform"),
        ];
        for (options, model, reached) in rows {
            let attached = attached_as_asked(&options, model);
            assert_eq!(attached.attachment, reached, "{options}");
            assert_eq!(
                Model { attachment: model.attachment, transports: model.transports, ..attached },
                model
            );
        }
    }

    fn attachment(word: &str) -> Value {
        json!({ "authenticatorSelection": { "authenticatorAttachment": word } })
    }
}
