//! Who the suite may be. Accounts are created by the deployment's `create_user`, one set for each
//! scenario, or lent from the profile's fixed pool, the whole pool to one scenario at a time.

use std::sync::Arc;

use reports::record::Reply;
use softkey::{Seed, base64url};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{
    deployment::{Deployment, Scene, Verb},
    error::Error,
    policy::Policy,
    profile::Description,
    secret::Secret,
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
    /// Lent from the pool: left as it was found.
    pub pooled: bool,
}

/// The accounts of one run.
pub struct Accounts {
    names: Names,
    /// Tells the accounts of one run from those of another; empty where every scenario has its own portal.
    run_tag: String,
    /// The one password of all accounts, where the profile gives one.
    password: Option<Secret>,
    pool: Vec<Account>,
    lease: Arc<Mutex<()>>,
}

struct Names {
    user: String,
    mail: String,
}

/// While it is held, the pool belongs to one scenario.
pub struct Lease {
    _whole_pool: Option<OwnedMutexGuard<()>>,
}

impl Accounts {
    /// The accounts that a profile allows.
    #[must_use]
    pub fn new(description: &Description, run_tag: &str) -> Self {
        let actors = &description.actors;
        let pool = actors.pool.iter().map(|lent| Account {
            alias: lent.user.clone(),
            user: lent.user.clone(),
            password: lent.password.clone(),
            mail: lent.mail.clone(),
            pooled: true,
        });
        Self {
            names: Names { user: actors.name.clone(), mail: actors.mail.clone() },
            run_tag: run_tag.to_owned(),
            password: actors.password.clone(),
            pool: pool.collect(),
            lease: Arc::default(),
        }
    }

    /// Waits until the accounts are free for one scenario.
    pub async fn lease(&self) -> Lease {
        let whole_pool = if self.pool.is_empty() {
            None
        } else {
            Some(Arc::clone(&self.lease).lock_owned().await)
        };
        Lease { _whole_pool: whole_pool }
    }

    /// The `number`th account of a scenario (from 1), under a name of the story's.
    ///
    /// # Errors
    /// When the pool has too few accounts.
    pub fn account(
        &self,
        scene: &Scene,
        seed: &Seed,
        alias: &str,
        number: u32,
    ) -> Result<Account, Error> {
        let redactor = scene.recorder.redactor();
        if !self.pool.is_empty() {
            let index = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
            let lent = self.pool.get(index).ok_or_else(|| {
                Error::Profile(format!(
                    "[actors] lends {} accounts, this scenario needs {number}",
                    self.pool.len()
                ))
            })?;
            redactor.learn("password", lent.password.reveal());
            return Ok(Account { alias: alias.to_owned(), ..lent.clone() });
        }
        let n = format!("{}{number}", scene.number);
        let fill = |template: &str| {
            template.replace("{actor}", alias).replace("{run}", &self.run_tag).replace("{n}", &n)
        };
        // Every class of characters, whatever the portal's password rules.
        let made = || {
            Secret::new(format!("Tk7-{}", base64url(&seed.bytes(&format!("password {alias}"), 15))))
        };
        let password = self.password.clone().unwrap_or_else(made);
        redactor.learn("password", password.reveal());
        let account = Account {
            alias: alias.to_owned(),
            user: fill(&self.names.user),
            mail: fill(&self.names.mail),
            password,
            pooled: false,
        };
        Ok(account)
    }

    /// Makes an account on the deployment; one of the pool is there already.
    ///
    /// # Errors
    /// When it could not be tried.
    pub(crate) async fn create(
        &self,
        deployment: &dyn Deployment,
        scene: &Arc<Scene>,
        account: &Account,
        policy: Policy,
    ) -> Result<Option<Break>, Error> {
        if account.pooled {
            return Ok(None);
        }
        scene.recorder.act(format!("{} is given an account", account.alias));
        let mut clerk = deployment.visitor(scene, "administrator");
        let policy =
            serde_json::to_value(policy).map_err(|error| Error::Harness(error.to_string()))?;
        let with = inputs([
            ("user", open(account.user.as_str())),
            ("password", secret(&account.password)),
            ("mail", open(account.mail.as_str())),
            ("policy", open(policy)),
        ]);
        let answer = deployment.perform(&mut clerk, Verb::CreateUser, &with).await?;
        let refused = (answer.reply != Reply::Ok).then(|| Break::ControlRefused {
            expected: format!("an account is made for {}", account.alias),
            seen: describe(&answer),
        });
        Ok(refused)
    }
}
