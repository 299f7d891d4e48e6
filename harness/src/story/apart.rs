//! Whether a portal keeps names apart. One that cuts them short, or drops what follows a sign, may take
//! a name of the run for somebody else's, and may call whoever signs in by the name that was typed. That
//! is found out with names that nobody has, before a name is sent of which it may leave somebody's.

use driver::deployment::describe;
use profile::{Verb, effect::Effect, error::Error, secret::Secret};
use reports::record::Reply;

use super::{Break, Person, Stage, Witness};
use crate::{account::Account, accounts::Made, policy::Policy, standing::With};

/// What was found out about names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Apart {
    /// Nothing: no account is made, or everybody else's vanish with the portal as well.
    NotAsked,
    /// The portal keeps names apart that differ in one character.
    Shown,
    /// It could not be shown, and why. Names go on with the tag first.
    NotShown(String),
}

/// What a password comes to under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Opened {
    /// Somebody is signed in.
    Wholly,
    /// A factor is asked for.
    Half,
    Not,
    /// It could not be told; what was seen.
    Unclear(String),
}

const ALIKE: &str = "the portal answers alike whatever the password of a name that nobody has";

const NOT_TRIED: &str = "a factor is asked for under a name that nobody has, and lockout.wrong_tries of the profile allows no other password";

const NO_CONTROL: &str =
    "names that nobody has are refused, and so is that of the account itself just after";

const NO_TRIES: &str =
    "it takes wrong tries, and the effects that are allowed do not have `wrong-tries`";

const TO_DO: &str = "nothing more is made or changed, and nothing is removed; write [actors] `name` and `mail` so that the portal keeps them whole, or mend the portal";

const LET_GO: &str = "the portal does not keep its name apart from others: it may be somebody else's account, and was let go; look for it by hand, and whether a password was changed";

impl Stage {
    /// The first person of a run, before it is known whether names are kept apart. The tag stands first in
    /// their name; where the portal refuses that, the name is as the profile writes it.
    ///
    /// # Errors
    /// When the deployment refuses to make the account.
    pub(crate) async fn first_person(&mut self, name: &str) -> Result<Person, Break> {
        let accounts = &self.shared.accounts;
        if !accounts.need_names_apart() {
            return self.person(name).await;
        }
        let (account, made) = self.asks_for_account(name, Policy::plain()).await?;
        if !matches!(made, Made::Refused(_)) || !accounts.take_names_as_written() {
            return self.moves_in(account, made).await;
        }
        self.notes("(a name with the tag first was refused: names are as the profile writes them)");
        self.person(name).await
    }

    /// Finds out whether the portal keeps names apart, with the password of somebody who has just signed
    /// in. Where it does not, every account of the run is let go.
    ///
    /// # Errors
    /// [`Error::Portal`] where it does not, or that it could not be tried.
    pub(crate) async fn asks_about_names(&self, person: &Person) -> Result<Apart, Break> {
        let accounts = &self.shared.accounts;
        if !accounts.need_names_apart() {
            return Ok(Apart::NotAsked);
        }
        let apart = self.finds_out_about_names(person).await?;
        if let Apart::NotShown(why) = &apart {
            if accounts.names_are_as_written() {
                return Err(Error::Portal(format!(
                    "it refuses names with the tag first, and whether it keeps others apart could not be told: {why}; {TO_DO}"
                ))
                .into());
            }
            self.notes(&format!("(whether names are kept apart could not be told: {why})"));
        }
        Ok(apart)
    }

    async fn finds_out_about_names(&self, person: &Person) -> Result<Apart, Break> {
        let accounts = &self.shared.accounts;
        if !self.shared.target.description().effects.contains(&Effect::WrongTries) {
            return Ok(Apart::NotShown(NO_TRIES.to_owned()));
        }
        for unmade in accounts.unmade_beside(person.account(), &self.shared.scene) {
            let password = &person.account().password;
            match opens(person, &unmade, password).await? {
                Opened::Not => {}
                Opened::Unclear(seen) => {
                    let why = format!("a name that nobody has was answered: {seen}");
                    return Ok(Apart::NotShown(why));
                }
                opened @ (Opened::Wholly | Opened::Half) => {
                    return self.asks_with_another_password(person, &unmade, opened).await;
                }
            }
        }
        // A portal that refuses whatever is asked for a second time has shown nothing.
        let own = opens(person, person.account(), &person.account().password).await?;
        if !matches!(own, Opened::Wholly | Opened::Half) {
            return Ok(Apart::NotShown(NO_CONTROL.to_owned()));
        }
        accounts.are_kept_apart();
        Ok(Apart::Shown)
    }

    /// Some portals let everybody in, or ask everybody for a factor: then it was not for the password, and
    /// nothing is shown. Where names are not kept apart, this is a wrong try on the person's account.
    async fn asks_with_another_password(
        &self,
        person: &Person,
        unmade: &Account,
        opened: Opened,
    ) -> Result<Apart, Break> {
        let standings = self.shared.accounts.standings();
        let (scene, user) = (&self.shared.scene.label, &person.account().user);
        let other = match standings.admits(scene, user, With::Other) {
            Err(_) => None,
            Ok(admitted) => {
                let another = person.new_password("nobody's");
                let other = opens(person, unmade, &another).await?;
                let came_to = (Verb::SignIn, Reply::Refused);
                standings.tried(scene, admitted, With::Other, came_to);
                Some(other)
            }
        };
        let why = match (&opened, &other) {
            (_, Some(other)) if opened == *other => Some(ALIKE),
            (Opened::Half, None) => Some(NOT_TRIED),
            (Opened::Wholly | Opened::Not | Opened::Unclear(_), None) | (_, Some(_)) => None,
        };
        if let Some(why) = why {
            return Ok(Apart::NotShown(why.to_owned()));
        }
        standings.lets_all_go(LET_GO);
        let (other, own) = (&unmade.user, &person.account().user);
        Err(Error::Portal(format!(
            "it does not keep names apart: the password of `{own}` opens `{other}` too, which nobody has made; {TO_DO}"
        ))
        .into())
    }
}

async fn opens(person: &Person, unmade: &Account, password: &Secret) -> Result<Opened, Break> {
    let response = person.under_the_names_of(unmade).enters(password).await?;
    let seen = || Opened::Unclear(format!("{}; {}", describe(&response.answer), response.after));
    Ok(match (&response.after, response.answer.reply) {
        (Witness::Somebody(_), _) => Opened::Wholly,
        (Witness::Nobody, Reply::FactorNeeded) => Opened::Half,
        (Witness::Nobody, Reply::Refused | Reply::Expired) => Opened::Not,
        (
            Witness::Nobody,
            Reply::Ok | Reply::RateLimited | Reply::Error | Reply::Dropped | Reply::Unknown,
        )
        | (Witness::Unreadable, _) => seen(),
    })
}

#[cfg(test)]
mod tests;
