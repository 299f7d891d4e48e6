//! Who the suite may be. Accounts are created by the deployment's `create_user`, a set of its own for
//! each scenario, or lent from the profile's pool to one scenario at a time: no two scenarios ever
//! share one, and none belongs to a person.

mod pool;

use std::sync::Arc;

pub(crate) use pool::Lease;
use pool::Pool;
use reports::record::Reply;
use softkey::{Seed, base64url};

use crate::{
    deployment::{Deployment, Scene, Verb},
    error::Error,
    ledger::{Ledger, Name},
    policy::Policy,
    profile::{Description, Lent, NameTemplate, TAG_LENGTH},
    secret::Secret,
    standing::Standings,
    story::{Break, describe, inputs, open, secret},
};

/// One account of the deployment.
#[derive(Clone, Debug)]
pub struct Account {
    /// What the story calls its owner.
    pub alias: String,
    /// User name.
    pub user: String,
    /// Password.
    pub password: Secret,
    /// Mail address.
    pub mail: String,
    /// Whether its keys are to sign in alone.
    pub passwordless: bool,
}

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
}

struct Names {
    user: NameTemplate,
    mail: NameTemplate,
}

/// What tells the names of one run's accounts from those of another and from everybody else's; part of
/// every name.
#[must_use]
pub fn run_tag(seed: &Seed) -> String {
    let mut tag = seed.derive("run tag").hex();
    tag.truncate(TAG_LENGTH);
    tag
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
        }
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
        // Two digits, so that the first of one scenario is never the eleventh of another.
        let n = format!("{}{number:02}", scene.number);
        let fill = |template: &NameTemplate| template.filled(&self.run_tag, &n, alias);
        // Every class of characters, whatever the portal's password rules.
        let made = || {
            Secret::new(format!("Tk7-{}", base64url(&seed.bytes(&format!("password {alias}"), 15))))
        };
        let password = self.password.clone().unwrap_or_else(made);
        redactor.learn("password", password.reveal());
        Account {
            alias: alias.to_owned(),
            user: fill(&self.names.user),
            mail: fill(&self.names.mail),
            password,
            passwordless: false,
        }
    }

    /// Makes an account on the deployment, after it stands in the ledger.
    ///
    /// # Errors
    /// When it could not be tried.
    pub(crate) async fn create(
        &self,
        deployment: &Arc<dyn Deployment>,
        scene: &Arc<Scene>,
        account: &Account,
        policy: Policy,
    ) -> Result<Option<Break>, Error> {
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
        let (deployment, scene) = (Arc::clone(deployment), Arc::clone(scene));
        // In a task of its own: a scenario that is broken off meanwhile must not leave an account of
        // which nobody knows whether it was made.
        let making = tokio::spawn(async move {
            let mut clerk = deployment.visitor(&scene, "administrator");
            let answer = deployment.perform(&mut clerk, Verb::CreateUser, &with).await?;
            match answer.reply {
                Reply::Ok => entry.created(),
                Reply::Refused if !clerk.sent_again => entry.refused(),
                Reply::Refused
                | Reply::FactorNeeded
                | Reply::Expired
                | Reply::RateLimited
                | Reply::Error
                | Reply::Dropped
                | Reply::Unknown => {}
            }
            Ok::<_, Error>(answer)
        });
        let answer = making.await.map_err(|error| Error::Harness(error.to_string()))??;
        let refused = (answer.reply != Reply::Ok).then(|| Break::ControlRefused {
            expected: format!("an account is made for {}", account.alias),
            seen: describe(&answer),
        });
        Ok(refused)
    }
}
