//! Putting an account that the suite was lent back as it was: its keys, its password, and that the
//! password alone signs in. What cannot be shown to be so counts as not so.

use std::sync::Arc;

use async_trait::async_trait;
use driver::deployment::{describe, inputs, open, secret};
use profile::{Ability, Verb, error::Error, secret::Secret};
use reports::record::Reply;

use super::{Break, Key, Person, Shared, Witness};
use crate::account::Account;

/// A lent account as it was when it was lent.
pub(crate) struct Loan {
    shared: Arc<Shared>,
    account: Account,
    /// The portal's ids of the keys that it had; `None` where there is no list.
    keys: Option<Vec<String>>,
}

impl std::fmt::Debug for Loan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Loan").field("user", &self.account.user).finish_non_exhaustive()
    }
}

impl Loan {
    /// Signs in and looks. Nothing is changed.
    pub(crate) async fn taken(shared: &Arc<Shared>, account: &Account) -> Result<Self, Error> {
        let mut person = Person::new(Arc::clone(shared), account.clone());
        let unusable = |why: String| {
            Error::Profile(format!(
                "the account {} of the pool cannot be used: {why}",
                account.user
            ))
        };
        person.signs_in().await.map_err(|broken| unusable(in_words(&broken)))?;
        let keys = listed(&mut person).await.map_err(|broken| unusable(in_words(&broken)))?;
        let (label, user) = (&shared.scene.label, &account.user);
        shared.accounts.standings().had_keys(label, user, keys.as_deref().unwrap_or_default());
        Ok(Self { shared: Arc::clone(shared), account: account.clone(), keys })
    }

    async fn restored(&self) -> Result<(), Break> {
        let present = self.present_password();
        let account = Account { password: present.clone(), ..self.account.clone() };
        let mut person = Person::new(Arc::clone(&self.shared), account);
        self.gets_in(&mut person).await?;
        if let Some(before) = &self.keys {
            for id in self.own_keys(&mut person, before).await? {
                person.deletes_by_id(&id).await?;
            }
        }
        if present != self.account.password {
            self.sets_password_back(&mut person, &present).await?;
        }
        let again = Self::taken(&self.shared, &self.account).await?;
        let same = again.keys == self.keys;
        self.shared.expect("the keys are those of before", format!("{:?}", again.keys), Some(same))
    }

    /// The portal's ids of the keys that the scenario registered: new ones, of a label that the portal took
    /// from it as often as they bear it. Somebody else may have come in between.
    async fn own_keys(&self, person: &mut Person, before: &[String]) -> Result<Vec<String>, Break> {
        let listed = person.keys().await?.into_iter();
        let new: Vec<(String, String)> = listed.filter(|(id, _)| !before.contains(id)).collect();
        let (scene, user) = (&self.shared.scene.label, &self.account.user);
        let given = self.shared.accounts.standings().key_labels(scene, user);
        let is_own = |label: &String| {
            let borne = new.iter().filter(|(_, listed)| listed == label).count();
            given.get(label).is_some_and(|taken| borne <= *taken)
        };
        let own = new.iter().filter(|(_, label)| is_own(label));
        Ok(own.map(|(id, _)| id.clone()).collect())
    }

    fn present_password(&self) -> Secret {
        let standings = self.shared.accounts.standings();
        let known = standings.password_of(&self.shared.scene.label, &self.account.user);
        known.unwrap_or_else(|| self.account.password.clone())
    }

    /// With the password, and with whichever of the scenario's keys the portal takes.
    async fn gets_in(&self, person: &mut Person) -> Result<(), Break> {
        let entered = person.enters_password().await?;
        if entered.answer.reply != Reply::FactorNeeded {
            return entered.must_be_welcomed();
        }
        for key in self.shared.keys_of(&self.account.alias) {
            if key.credential_id().is_some() && signs_in_with(person, &key).await? {
                return Ok(());
            }
        }
        let expected = "one of the scenario's keys opens the account".to_owned();
        Err(Break::ControlRefused { expected, seen: describe(&entered.answer) })
    }

    async fn sets_password_back(&self, person: &mut Person, present: &Secret) -> Result<(), Break> {
        let with = inputs([
            ("old", secret(present)),
            ("password", secret(&self.account.password)),
            ("credential", open(serde_json::Value::Null)),
        ]);
        let driver = Arc::clone(&self.shared.target.driver);
        let answer = driver.perform(&mut person.visitor, Verb::ChangePassword, &with).await?;
        super::control("the password is set back", &answer)
    }
}

#[async_trait]
impl ledger::Lent for Loan {
    async fn given_back(&self) -> Result<(), String> {
        self.restored().await.map_err(|broken| in_words(&broken))
    }
}

async fn signs_in_with(person: &mut Person, key: &Key) -> Result<bool, Break> {
    match person.moves_in_with(key).await {
        Ok(()) => Ok(person.witness().await? != Witness::Nobody),
        Err(Break::Broke { .. } | Break::ControlRefused { .. } | Break::Unclear { .. }) => {
            Ok(false)
        }
        Err(Break::Ours(error)) => Err(Break::Ours(error)),
    }
}

/// The portal's ids of a person's keys, sorted; `None` where there is no list.
async fn listed(person: &mut Person) -> Result<Option<Vec<String>>, Break> {
    if !person.can(Ability::ListKeys) {
        return Ok(None);
    }
    let mut ids: Vec<String> = person.keys().await?.into_iter().map(|(id, _)| id).collect();
    ids.sort();
    Ok(Some(ids))
}

fn in_words(broken: &Break) -> String {
    match broken {
        Break::Broke { expected, seen }
        | Break::ControlRefused { expected, seen }
        | Break::Unclear { expected, seen } => format!("expected that {expected}; seen: {seen}"),
        Break::Ours(error) => error.to_string(),
    }
}

#[cfg(test)]
mod tests;
