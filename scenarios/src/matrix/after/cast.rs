//! Who is on the stage in a cell, with what they have.

use harness::{
    policy::{Factor, Policy},
    story::{Break, Key, Person, Response, Stage, Told},
};
use profile::{error::Error, secret::Secret};
use softkey::Model;

use super::artefact::Place;

/// An hour to set codes up, which are required.
const ONE_HOUR: Policy =
    Policy { totp: Some(Factor::Required), totp_enrolment_seconds: Some(3600), ..Policy::plain() };

/// What somebody has before anything happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Holds {
    /// A key.
    pub(super) desk: bool,
    /// A second one.
    pub(super) bag: bool,
    /// One that the administrator registered.
    pub(super) given: bool,
    /// One-time codes.
    pub(super) codes: bool,
    /// A device for prompts.
    pub(super) push: bool,
    /// A period to set codes up in.
    pub(super) period: bool,
}

/// A person with her browsers and keys.
pub(super) struct Cast {
    /// Who it is, in no browser.
    pub(super) person: Person,
    /// The browser in which the event happens, where she does something herself.
    pub(super) here: Person,
    /// Another browser.
    pub(super) there: Person,
    desk: Option<Key>,
    bag: Option<Key>,
    given: Option<Key>,
    /// The key that signs her in; none where the password does.
    pub(super) works: Option<Key>,
    /// The policy under which she signs in again, where the event bars her.
    pub(super) barred_until: Option<Policy>,
}

impl Cast {
    /// Somebody who holds these things, signed in nowhere.
    ///
    /// # Errors
    /// The refused control.
    pub(super) async fn comes(stage: &mut Stage, name: &str, holds: Holds) -> Result<Self, Break> {
        let policy = if holds.period { ONE_HOUR } else { Policy::plain() };
        let mut person = stage.person_with(name, policy).await?;
        let desk = register(&mut person, "desk", holds.desk).await?;
        let bag = register(&mut person, "bag", holds.bag).await?;
        let mut given = None;
        if holds.given {
            given = Some(stage.admin().registers_key_for(&person, "given").await?);
        }
        if holds.push {
            stage.admin().sets_push_up(&person).await?;
        }
        if holds.codes {
            person.enrols_totp().await?;
        }
        let (here, there) = (person.elsewhere(), person.elsewhere());
        let person = person.elsewhere();
        let works = desk.clone();
        Ok(Self { person, here, there, desk, bag, given, works, barred_until: None })
    }

    /// Signs in in one of her browsers.
    ///
    /// # Errors
    /// The refused control.
    pub(super) async fn sits_down(&mut self, place: Place) -> Told {
        let key = self.works.clone();
        signs_in(self.at(place), key.as_ref()).await?.must_be_welcomed()
    }

    /// One of her browsers.
    pub(super) const fn at(&mut self, place: Place) -> &mut Person {
        match place {
            Place::Own => &mut self.here,
            Place::Other => &mut self.there,
        }
    }

    /// The key that the cell gave her first.
    ///
    /// # Errors
    /// Where it gave her none, which is our mistake.
    pub(super) fn desk(&self) -> Result<Key, Break> {
        self.desk.clone().ok_or_else(|| our_mistake("no key"))
    }

    /// Her second key.
    ///
    /// # Errors
    /// Where the cell gave her none, which is our mistake.
    pub(super) fn bag(&self) -> Result<Key, Break> {
        self.bag.clone().ok_or_else(|| our_mistake("no second key"))
    }

    /// The key that the administrator registered for her.
    ///
    /// # Errors
    /// Where the cell gave her none, which is our mistake.
    pub(super) fn given(&self) -> Result<Key, Break> {
        self.given.clone().ok_or_else(|| our_mistake("no key of the administrator's"))
    }

    /// She has another password from now on.
    pub(super) fn takes(&mut self, password: &Secret) {
        for person in [&mut self.person, &mut self.here, &mut self.there] {
            *person = person.with_password(password);
        }
    }

    /// She signs in in a fresh browser.
    ///
    /// # Errors
    /// The refused control.
    pub(super) async fn afresh(&self) -> Result<Person, Break> {
        let mut fresh = self.person.elsewhere();
        signs_in(&mut fresh, self.works.as_ref()).await?.must_be_welcomed()?;
        Ok(fresh)
    }

    /// Where the event bars her the bar is lifted, so that the state of her account can be looked at.
    ///
    /// # Errors
    /// The refused control.
    pub(super) async fn can_be_looked_at(&mut self, stage: &Stage) -> Told {
        match self.barred_until.take() {
            Some(policy) => stage.admin().sets_policy(&self.person, policy).await,
            None => Ok(()),
        }
    }

    /// A key out of its box.
    pub(super) fn new_key(&self, label: &str) -> Key {
        self.person.new_key(label, Model::roaming())
    }
}

/// What a cell needs and does not give.
fn our_mistake(what: &str) -> Break {
    Error::Harness(format!("the cell gives her {what}")).into()
}

async fn register(person: &mut Person, label: &str, has: bool) -> Result<Option<Key>, Break> {
    if has { person.registers_key(label).await.map(Some) } else { Ok(None) }
}

/// Signs in in this browser, as far as that goes.
///
/// # Errors
/// When it could not be tried.
pub(super) async fn signs_in(person: &mut Person, key: Option<&Key>) -> Result<Response, Break> {
    match key {
        Some(key) => person.tries_to_sign_in_here_with(key).await,
        None => person.gets_in().await,
    }
}
