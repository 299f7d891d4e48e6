//! The vocabulary of stories: a stage, the people on it, and what is expected of a portal. Every act
//! and every expectation writes itself down; nothing here decides a verdict.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use driver::deployment::{Answer, Inputs, Scene, Target, Visitor, describe};
use profile::{Ability, Lent, Verb, error::Error};
use reports::record::{Ending, Told as Outcome};
use softkey::Seed;

use crate::{
    account::Account,
    accounts::{Accounts, Made},
    policy::Policy,
};

mod admin;
mod apart;
mod challenge;
mod key;
mod loan;
mod person;
mod response;
mod time;
mod together;

pub use admin::Admin;
pub(crate) use apart::Apart;
pub use challenge::{Challenge, Registering};
pub use driver::deployment::Begun;
pub use key::Key;
pub(crate) use loan::Loan;
pub use person::{Manner, Person, Started};
pub use response::{Response, Witness};
pub use together::Together;

/// How a story ends before its end.
#[derive(Clone, Debug)]
pub enum Break {
    /// An expectation of the portal did not hold: a finding.
    Broke {
        /// What was expected.
        expected: String,
        /// What was seen.
        seen: String,
    },
    /// An honest step on the way was refused: nothing was shown.
    ControlRefused {
        /// What was expected.
        expected: String,
        /// What was seen.
        seen: String,
    },
    /// It could not be told.
    Unclear {
        /// What was expected.
        expected: String,
        /// What was seen.
        seen: String,
    },
    /// Our side, the profile or the network.
    Ours(Error),
}

impl From<Error> for Break {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

/// What a story comes to.
pub type Told = Result<(), Break>;

/// What all people of one story share.
pub(crate) struct Shared {
    pub(crate) target: Target,
    pub(crate) scene: Arc<Scene>,
    pub(crate) accounts: Arc<Accounts>,
    /// Of this scenario; keys and names derive from it.
    pub(crate) seed: Seed,
    tally: Mutex<Tally>,
    /// Accounts that the scenario was lent and nobody has yet; `None` where accounts are made.
    lent: Mutex<Option<Vec<Lent>>>,
    /// Accounts of the pool that somebody has: number in the ledger, user name.
    loans: Mutex<Vec<(u64, String)>>,
    /// Every key with its owner.
    keys: Mutex<Vec<(String, Key)>>,
}

#[derive(Default)]
struct Tally {
    checked: u32,
    graceless: Vec<String>,
    people: u32,
}

impl Shared {
    pub(crate) fn can(&self, ability: Ability) -> bool {
        self.target.description().can(ability)
    }

    /// Writes an expectation down and makes a break of one that did not hold.
    fn expect(&self, expected: &str, seen: String, held: Option<bool>) -> Told {
        self.scene.recorder.expectation(expected, seen.as_str(), held);
        if let Ok(mut tally) = self.tally.lock() {
            tally.checked += 1;
        }
        let expected = expected.to_owned();
        match held {
            Some(true) => Ok(()),
            Some(false) => Err(Break::Broke { expected, seen }),
            None => Err(Break::Unclear { expected, seen }),
        }
    }

    /// The next account of the pool; `None` where accounts are made.
    fn next_lent(&self) -> Result<Option<Lent>, Error> {
        let mut lent = self.lent.lock().map_err(|_| Error::Harness("a task broke off".into()))?;
        let Some(lent) = &mut *lent else { return Ok(None) };
        if lent.is_empty() {
            let why = "the scenario has more people than it was lent accounts";
            return Err(Error::NotAllowed(why.to_owned()));
        }
        Ok(Some(lent.remove(0)))
    }

    /// The keys of a person, the newest first.
    fn keys_of(&self, owner: &str) -> Vec<Key> {
        let keys = self.keys.lock().map(|keys| keys.clone()).unwrap_or_default();
        let own = keys.into_iter().rev().filter(|(known, _)| known == owner);
        own.map(|(_, key)| key).collect()
    }

    fn graceless(&self, what: String) {
        if let Ok(mut tally) = self.tally.lock() {
            tally.graceless.push(what);
        }
    }

    pub(crate) async fn whoami(&self, visitor: &mut Visitor) -> Result<Witness, Error> {
        let answer = self.target.driver.perform(visitor, Verb::Whoami, &Inputs::new()).await?;
        Ok(Witness::read(&answer))
    }

    /// Now, early enough in a step of codes for a request or two: a code made at its very end arrives
    /// in the next. Only where time is real.
    async fn early_in_a_step(&self, period: u64) -> Result<u64, Error> {
        let now = self.now().await?;
        let left = period.saturating_sub(now % period.max(1));
        if self.can(Ability::Clock) || left > 8 {
            return Ok(now);
        }
        self.scene.recorder.wait(left * 1000, false);
        tokio::time::sleep(Duration::from_secs(left)).await;
        self.now().await
    }

    /// Now, by the portal's clock; real time where it cannot be read.
    pub(crate) async fn now(&self) -> Result<u64, Error> {
        if !self.can(Ability::Clock) {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            return since
                .map(|since| since.as_secs())
                .map_err(|error| Error::Harness(error.to_string()));
        }
        let mut clerk = self.target.visitor(&self.scene, "clock");
        let answer =
            self.target.driver.perform(&mut clerk, Verb::ReadClock, &Inputs::new()).await?;
        let now = answer.captured.get("now").and_then(serde_json::Value::as_u64);
        now.ok_or_else(|| Error::Profile("flow read_clock captured no `now` (Unix seconds)".into()))
    }
}

/// Where a story is told: one portal, or one corner of a shared one.
pub struct Stage {
    pub(crate) shared: Arc<Shared>,
}

impl Stage {
    /// An empty stage.
    pub(crate) fn new(
        target: Target,
        scene: Arc<Scene>,
        accounts: Arc<Accounts>,
        seed: Seed,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                target,
                scene,
                accounts,
                seed,
                tally: Mutex::default(),
                lent: Mutex::default(),
                loans: Mutex::default(),
                keys: Mutex::default(),
            }),
        }
    }

    /// Accounts of the pool that its people have, in place of such as are made.
    pub(crate) fn is_lent(&self, accounts: Vec<Lent>) {
        if let Ok(mut lent) = self.shared.lent.lock() {
            *lent = Some(accounts);
        }
    }

    /// Puts every account of the pool back as it was; tells which could not be.
    pub(crate) async fn gives_back(&self) -> Vec<String> {
        let loans = self.shared.loans.lock().map(|mut loans| std::mem::take(&mut *loans));
        let mut unsound = Vec::new();
        for (n, user) in loans.unwrap_or_default() {
            if self.shared.accounts.ledger().gives_back(n).await.is_err() {
                unsound.push(user);
            }
        }
        unsound
    }

    /// Whether the portal has an ability.
    #[must_use]
    pub fn can(&self, ability: Ability) -> bool {
        self.shared.can(ability)
    }

    /// Writes something of the story's own into the record.
    pub fn notes(&self, says: &str) {
        self.shared.scene.recorder.act(says);
    }

    /// A person with an account, a password and no factor, not signed in.
    ///
    /// # Errors
    /// When the deployment refuses to make the account.
    pub async fn person(&mut self, name: &str) -> Result<Person, Break> {
        self.person_with(name, Policy::plain()).await
    }

    /// The same, under a policy of the administrator's.
    ///
    /// # Errors
    /// When the deployment refuses to make the account.
    pub async fn person_with(&mut self, name: &str, policy: Policy) -> Result<Person, Break> {
        if let Some(lent) = self.shared.next_lent()? {
            return self.lent_person(name, lent, policy).await;
        }
        let (account, made) = self.asks_for_account(name, policy).await?;
        self.moves_in(account, made).await
    }

    /// Has an account made under the next name of the scenario.
    async fn asks_for_account(&self, name: &str, policy: Policy) -> Result<(Account, Made), Error> {
        let Shared { target, scene, accounts, seed, .. } = &*self.shared;
        let number = self.shared.tally.lock().map(|mut tally| {
            tally.people += 1;
            tally.people
        });
        let account = accounts.account(scene, seed, name, number.unwrap_or(0));
        let account = Account { passwordless: policy.passwordless == Some(true), ..account };
        let made = accounts.create(target, scene, &account, policy).await?;
        Ok((account, made))
    }

    async fn moves_in(&self, account: Account, made: Made) -> Result<Person, Break> {
        if let Made::Refused(answer) | Made::Unclear(answer) = made {
            return Err(Break::ControlRefused {
                expected: format!("an account is made for {}", account.alias),
                seen: describe(&answer),
            });
        }
        let mut person = Person::new(Arc::clone(&self.shared), account);
        person.sets_up_what_is_mandatory().await?;
        Ok(person)
    }

    /// A person with an account of the pool.
    async fn lent_person(&self, name: &str, lent: Lent, policy: Policy) -> Result<Person, Break> {
        let shared = &self.shared;
        if ![Policy::plain(), Policy::passwordless()].contains(&policy) {
            let why = "accounts of a pool have the policy that they have";
            return Err(Error::NotAllowed(why.to_owned()).into());
        }
        shared.scene.recorder.act(format!("{name} is lent an account"));
        let accounts = &shared.accounts;
        let (account, n) = accounts.takes_over(&shared.scene, lent, name).await?;
        if let Ok(mut loans) = shared.loans.lock() {
            loans.push((n, account.user.clone()));
        }
        match Loan::taken(shared, &account).await {
            Ok(loan) => accounts.ledger().is_lent(n, Arc::new(loan)),
            Err(error) => {
                accounts
                    .ledger()
                    .stays(n, shared.scene.recorder.redactor().text(&error.to_string()));
                return Err(error.into());
            }
        }
        Ok(Person::new(Arc::clone(shared), account))
    }

    /// The administrator.
    #[must_use]
    pub fn admin(&self) -> Admin {
        Admin::new(Arc::clone(&self.shared))
    }

    /// Writes an expectation down, for what no response shows.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub fn expects(&self, expected: &str, seen: String, held: Option<bool>) -> Told {
        self.shared.expect(expected, seen, held)
    }

    /// Expects two refusals to look alike: in class, status, reason and words.
    ///
    /// # Errors
    /// A finding, or that an answer could not be classified.
    pub fn look_alike(&self, one: &Response, two: &Response) -> Told {
        use reports::record::Reply;
        let same = one.answer.reply == two.answer.reply
            && one.answer.status == two.answer.status
            && one.answer.reason == two.answer.reason
            && one.message_without_names() == two.message_without_names();
        let unclear = [one, two]
            .iter()
            .any(|response| matches!(response.answer.reply, Reply::Unknown | Reply::RateLimited));
        let seen = format!("{} | {}", describe(&one.answer), describe(&two.answer));
        self.shared.expect("both are answered alike", seen, if unclear { None } else { Some(same) })
    }

    /// The story's bookkeeping with its ending, for the record.
    pub(crate) fn told(&self, ending: &Told) -> Outcome {
        let (checked, graceless) = self
            .shared
            .tally
            .lock()
            .map(|tally| (tally.checked, tally.graceless.clone()))
            .unwrap_or_default();
        let redactor = self.shared.scene.recorder.redactor();
        let (ending, expected, seen) = match ending {
            Ok(()) => (Ending::Held, None, None),
            Err(Break::Broke { expected, seen }) => (Ending::Broke, Some(expected), Some(seen)),
            Err(Break::ControlRefused { expected, seen }) => {
                (Ending::ControlRefused, Some(expected), Some(seen))
            }
            Err(Break::Unclear { expected, seen }) => (Ending::Unclear, Some(expected), Some(seen)),
            Err(Break::Ours(_)) => (Ending::Unclear, None, None),
        };
        let expected = expected.map(|text| redactor.text(text));
        let seen = seen.map(|text| redactor.text(text));
        let graceless = graceless.iter().map(|text| redactor.text(text)).collect();
        Outcome { ending, step: expected.clone(), expected, seen, graceless, checked }
    }
}

/// An expectation of something that must hold for the story to show anything: where it does not, nothing
/// is shown.
///
/// # Errors
/// The refused control.
pub fn as_control(told: Told) -> Told {
    match told {
        Err(Break::Broke { expected, seen }) => Err(Break::ControlRefused { expected, seen }),
        other => other,
    }
}

/// An honest step must be answered with ok; anything else means that nothing is shown.
pub(crate) fn control(expected: &str, answer: &Answer) -> Told {
    use reports::record::Reply;
    let expected = expected.to_owned();
    let seen = describe(answer);
    match answer.reply {
        Reply::Ok => Ok(()),
        Reply::FactorNeeded | Reply::Refused | Reply::Expired | Reply::Error | Reply::Dropped => {
            Err(Break::ControlRefused { expected, seen })
        }
        Reply::RateLimited | Reply::Unknown => Err(Break::Unclear { expected, seen }),
    }
}
