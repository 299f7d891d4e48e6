//! Who the suite may be. Accounts are created by the deployment's `create_user`, a set of its own for
//! each scenario, or lent from the profile's pool to one scenario at a time: no two scenarios ever
//! share one, and none belongs to a person.

mod pool;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use driver::deployment::{Answer, Scene, Target, inputs, open, secret};
use ledger::{Ledger, Name};
pub(crate) use pool::Lease;
use pool::Pool;
use profile::{Description, Form, Lent, NameTemplate, Verb, error::Error, secret::Secret};
use reports::record::Reply;
use softkey::{Seed, base64url};

use crate::{account::Account, policy::Policy, standing::Standings};

/// The accounts of one run.
pub struct Accounts {
    names: Names,
    /// Tells the accounts of one run from those of another.
    run_tag: String,
    /// The one password of all accounts, where the profile gives one.
    password: Option<Secret>,
    /// Where every account is written down before it is made.
    ledger: Ledger,
    /// Who may be touched, and how often each has been tried wrongly.
    standings: Arc<Standings>,
    /// Where the profile has accounts to lend, and none are made.
    pool: Option<Pool>,
    /// Whether names are made as the profile writes them; before that, with the tag first.
    as_written: AtomicBool,
    /// Whether the accounts, and everybody else's beside them, vanish with the portal.
    disposable: bool,
}

/// What came of asking for an account.
pub(crate) enum Made {
    /// It was made.
    Yes,
    /// The portal would not make it.
    Refused(Answer),
    /// It may have been made.
    Unclear(Answer),
}

/// Person of a scenario whose name is tried and never made. The numbers of others differ from it in the
/// last digit at least.
const UNMADE: u32 = 9;

/// Digits of a number in a name whose tag stands first: as long as those of a whole plan.
const DIGITS: usize = 5;

struct Names {
    user: NameTemplate,
    mail: NameTemplate,
}

/// What tells the names of the accounts of a seed's run from all others.
#[must_use]
pub fn run_tag(seed: &Seed) -> String {
    driver::run_tag(&seed.derive("run tag").hex())
}

impl Accounts {
    /// The accounts that a profile allows.
    #[must_use]
    pub fn new(description: &Description, run_tag: &str, ledger: Ledger) -> Self {
        let standings = Arc::new(Standings::new(description.policy.wrong_tries, ledger.clone()));
        let actors = &description.actors;
        Self {
            names: Names { user: actors.name.clone(), mail: actors.mail.clone() },
            run_tag: run_tag.to_owned(),
            password: actors.password.clone(),
            ledger,
            standings,
            pool: (!actors.pool.is_empty()).then(|| Pool::new(&actors.pool)),
            as_written: AtomicBool::new(actors.disposable),
            disposable: actors.disposable,
        }
    }

    /// Whether it matters that the portal keeps names apart: where accounts are made, and somebody
    /// else's beside them stay.
    pub(crate) fn need_names_apart(&self) -> bool {
        !self.disposable && self.pool.is_none()
    }

    /// It was shown that the portal keeps names apart: from now on they are as the profile writes them.
    pub(crate) fn are_kept_apart(&self) {
        self.ledger.are_kept_apart();
        self.take_names_as_written();
    }

    /// Makes names as the profile writes them from now on; whether they were others until now.
    pub(crate) fn take_names_as_written(&self) -> bool {
        !self.as_written.swap(true, Ordering::SeqCst)
    }

    /// Whether names are as the profile writes them.
    pub(crate) fn names_are_as_written(&self) -> bool {
        self.as_written.load(Ordering::SeqCst)
    }

    fn form(&self) -> Form {
        if self.names_are_as_written() { Form::AsWritten } else { Form::TagFirst }
    }

    /// Accounts that nobody has made, with the password of one that was: each has other names than that
    /// one by one character, the first in the number, the second in the tag.
    pub(crate) fn unmade_beside(&self, account: &Account, scene: &Scene) -> Vec<Account> {
        let [user, mail] = self.names_of(scene, &account.alias, UNMADE);
        let numbered = Account { user, mail, ..account.clone() };
        let tag = self.other_tag();
        let other = |name: &str| name.replace(&self.run_tag, &tag);
        let (user, mail) = (other(&account.user), other(&account.mail));
        let tagged = Account { user, mail, ..account.clone() };
        let is_other = |one: &Account| one.user != account.user && one.mail != account.mail;
        [numbered, tagged].into_iter().filter(is_other).collect()
    }

    /// The run's tag, but for its last character.
    fn other_tag(&self) -> String {
        let mut tag = self.run_tag.clone();
        let last = tag.pop();
        tag.extend(last.map(|last| if last == '0' { '1' } else { '0' }));
        tag
    }

    /// User name and mail address of an account of a scenario (from 1).
    fn names_of(&self, scene: &Scene, alias: &str, number: u32) -> [String; 2] {
        // Two digits, so that the first of one scenario is never the eleventh of another.
        let n = format!("{}{number:02}", scene.number);
        let form = self.form();
        let n = match form {
            Form::AsWritten => n,
            Form::TagFirst => format!("{n:0>DIGITS$}"),
        };
        let fill =
            |template: &NameTemplate| template.in_form(form).filled(&self.run_tag, &n, alias);
        [fill(&self.names.user), fill(&self.names.mail)]
    }

    /// Lends a scenario so many accounts; none where accounts are made.
    pub(crate) async fn lends(&self, number: usize) -> Result<Option<Lease>, Error> {
        match &self.pool {
            Some(pool) => pool.lends(number).await.map(Some),
            None => Ok(None),
        }
    }

    /// Takes them back; what could not be put back as it was is lent to nobody any more.
    pub(crate) fn takes_back(&self, lease: Option<Lease>, unsound: &[String]) {
        let (Some(pool), Some(lease)) = (&self.pool, lease) else { return };
        let sound = lease.accounts.iter().filter(|lent| !unsound.contains(&lent.user));
        let sound = sound.cloned().collect();
        pool.takes_back(lease, sound);
    }

    /// Makes a lent account a person's of a scenario; tells its number in the ledger.
    pub(crate) async fn takes_over(
        &self,
        scene: &Scene,
        lent: Lent,
        alias: &str,
    ) -> Result<(Account, u64), Error> {
        scene.recorder.redactor().learn("password", lent.password.reveal());
        let Lent { user, mail, password } = lent;
        let name = Name { user: user.clone(), mail: mail.clone(), scene: scene.label.clone() };
        let n = self.ledger.lending(name).await?;
        let alias = alias.to_owned();
        let account = Account { alias, user, password, mail, passwordless: false };
        self.standings.ours(&scene.label, &account);
        Ok((account, n))
    }

    /// The run's ledger.
    pub(crate) const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Who may be touched in this run.
    pub(crate) fn standings(&self) -> Arc<Standings> {
        Arc::clone(&self.standings)
    }

    /// The `number`th account of a scenario (from 1), under a name of the story's.
    #[must_use]
    pub fn account(&self, scene: &Scene, seed: &Seed, alias: &str, number: u32) -> Account {
        let redactor = scene.recorder.redactor();
        let [user, mail] = self.names_of(scene, alias, number);
        // Every class of characters, whatever the portal's password rules.
        let made = || {
            Secret::new(format!("Tk7-{}", base64url(&seed.bytes(&format!("password {alias}"), 15))))
        };
        let password = self.password.clone().unwrap_or_else(made);
        redactor.learn("password", password.reveal());
        Account { alias: alias.to_owned(), user, mail, password, passwordless: false }
    }

    /// Makes an account on the deployment, after it stands in the ledger.
    ///
    /// # Errors
    /// When it could not be tried.
    pub(crate) async fn create(
        &self,
        target: &Target,
        scene: &Arc<Scene>,
        account: &Account,
        policy: Policy,
    ) -> Result<Made, Error> {
        // Nothing stands in the ledger that is never asked for: it would be looked for afterwards.
        if let Some(why) = self.standings.any_let_go() {
            return Err(Error::Safety(why));
        }
        scene.recorder.act(format!("{} is given an account", account.alias));
        let policy =
            serde_json::to_value(policy).map_err(|error| Error::Harness(error.to_string()))?;
        let with = inputs([
            ("user", open(account.user.as_str())),
            ("password", secret(&account.password)),
            ("mail", open(account.mail.as_str())),
            ("policy", open(policy)),
        ]);
        let name = Name {
            user: account.user.clone(),
            mail: account.mail.clone(),
            scene: scene.label.clone(),
        };
        let entry = self.ledger.creating(name, account.password.clone()).await?;
        self.standings.ours(&scene.label, account);
        let (target, scene) = (target.clone(), Arc::clone(scene));
        // In a task of its own: a scenario that is broken off meanwhile must not leave an account of
        // which nobody knows whether it was made.
        let making = tokio::spawn(async move {
            let mut clerk = target.visitor(&scene, "administrator");
            let answer = target.driver.perform(&mut clerk, Verb::CreateUser, &with).await?;
            Ok(match answer.reply {
                Reply::Ok => {
                    entry.created();
                    Made::Yes
                }
                Reply::Refused if !clerk.sent_again => {
                    entry.refused();
                    Made::Refused(answer)
                }
                Reply::Refused
                | Reply::FactorNeeded
                | Reply::Expired
                | Reply::RateLimited
                | Reply::Error
                | Reply::Dropped
                | Reply::Unknown => Made::Unclear(answer),
            })
        });
        making.await.map_err(|error| Error::Harness(error.to_string()))?
    }
}

#[cfg(test)]
mod tests;
