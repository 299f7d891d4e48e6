//! First contact with a deployment: name, TLS, clock, who is signed in, the honest controls, the mail
//! path. Every problem says whose it is and what to do. Nothing here judges the portal.

use std::{sync::Arc, time::Duration};

use driver::{
    Recorder,
    deployment::{Scene, Target},
};
use ledger::Ledger;
use profile::{Ability, effect, error::Error};
use reports::{record::Fault, redact::Redactor};
use softkey::Seed;

use crate::{
    accounts::{self, Accounts},
    cleanup,
    guard::Guarded,
    story::{Apart, Break, Person, Stage, Witness},
};

mod advice;
mod contact;

pub use advice::last_exchange;

/// What was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// In two or three words.
    pub what: &'static str,
    /// What came of it.
    pub health: Health,
}

/// What came of looking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// In order; what was seen.
    Fine(String),
    /// In order for now, and worth knowing.
    Warning(Trouble),
    /// Not in order: a run would conclude nothing, or too little.
    Problem(Trouble),
    /// Not looked at, and why.
    NotChecked(String),
}

/// What is not in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What was seen.
    pub seen: String,
    /// Whose it is.
    pub whose: Fault,
    /// What to do about it.
    pub to_do: String,
}

/// The findings, in order, as they come to be known.
struct Examination<'e> {
    /// As it is; what is tried goes through the guard of the stage.
    target: &'e Target,
    stage: Stage,
    tell: &'e mut (dyn FnMut(Finding) + Send),
    failed: bool,
}

/// Longest time for one look; mail and the next code have their own time on top.
const LONGEST: Duration = Duration::from_secs(90);

const NOT_SHOWN: &str = "let [flow.sign_in] tell a name that nobody has from a wrong password, as `refused`; until then names of a run begin with its tag";

const NOT_APART: &str = "look whether the password of a real account was changed; let nothing run on this portal before names are kept whole";

/// Examines a deployment; `tell` hears each finding. Accounts are written into the ledger before they
/// are made. Says whether all is in order.
pub async fn examine(
    target: &Target,
    seed: &Seed,
    redactor: &Redactor,
    ledger: &Ledger,
    tell: &mut (dyn FnMut(Finding) + Send),
) -> bool {
    let accounts = Accounts::new(target.description(), &accounts::run_tag(seed), ledger.clone());
    let recorder = Recorder::new(redactor.scoped());
    let effects = effect::but_for_limits();
    let scene = Arc::new(Scene::new("doctor".to_owned(), 1, effects, recorder));
    let accounts = Arc::new(accounts);
    // Two people at the most. A pool of one leaves the second out, and the finding says so.
    let lent = target.description().actors.pool.len().min(2);
    let lease = accounts.lends(lent).await.ok().flatten();
    let guarded = Guarded::target(target.clone(), accounts.standings());
    let stage = Stage::new(guarded, scene, Arc::clone(&accounts), seed.derive("doctor"));
    let mut examination = Examination { target, stage, tell, failed: false };
    if let Some(lease) = &lease {
        examination.stage.is_lent(lease.accounts.clone());
    }
    examination.whole().await;
    let unsound = examination.stage.gives_back().await;
    accounts.takes_back(lease, &unsound);
    examination.clean_up(ledger, redactor).await;
    !examination.failed
}

impl Examination<'_> {
    async fn whole(&mut self) {
        if !self.contact().await {
            return;
        }
        self.nobody().await;
        let Some(mut alice) = self.account().await else { return };
        if !self.password(&mut alice).await || !self.names(&alice).await {
            return;
        }
        self.wrong_password(&alice).await;
        self.key(&mut alice).await;
        self.codes().await;
        self.mail(&alice).await;
    }

    /// Name, address, TLS and clock.
    async fn contact(&mut self) -> bool {
        let Some(access) = self.target.contact() else {
            let why = "an adapter drives the portal: only it knows how to reach it";
            self.leave_out("contact", why);
            self.leave_out("clock", why);
            return true;
        };
        let looked = contact::look(access, &self.stage.shared.scene).await;
        match looked {
            Ok(look) => {
                self.say("contact", Health::Fine(look.in_words()));
                let codes = self.can(Ability::Totp);
                let period = self.target.description().totp.period;
                self.say("clock", contact::clock(&look, codes.then_some(period)));
                true
            }
            Err(error) => {
                self.say("contact", Health::Problem(advice::on_contact(&error)));
                false
            }
        }
    }

    /// A fresh browser belongs to nobody.
    async fn nobody(&mut self) {
        let mut visitor = self.target.visitor(&self.stage.shared.scene, "nobody");
        let asked = self.stage.shared.whoami(&mut visitor).await;
        let health = match asked {
            Ok(Witness::Nobody) => Health::Fine("a fresh browser is nobody".to_owned()),
            Ok(other) => Health::Problem(Trouble {
                seen: format!("in a fresh browser {other}"),
                whose: Fault::Profile,
                to_do: "[flow.whoami] must answer `ok` without `user` for who is not signed in"
                    .to_owned(),
            }),
            Err(error) => Health::Problem(advice::on_error(&error)),
        };
        self.say("whoami", health);
    }

    fn scene(&self) -> Arc<Scene> {
        Arc::clone(&self.stage.shared.scene)
    }

    async fn account(&mut self) -> Option<Person> {
        let made = timed(self.scene(), self.stage.first_person("alice")).await;
        let fine = |_: &Person| "an account was made".to_owned();
        self.tried("account", made, fine)
    }

    async fn password(&mut self, alice: &mut Person) -> bool {
        let signed_in = timed(self.scene(), async {
            alice.signs_in().await?;
            alice.is_signed_in().await
        });
        let signed_in = signed_in.await;
        let fine = |_: &()| "the password signs in, and whoami says so".to_owned();
        self.tried("password", signed_in, fine).is_some()
    }

    /// Where names are not kept apart, nothing more is done to an account that may be somebody else's.
    async fn names(&mut self, alice: &Person) -> bool {
        let asked = timed(self.scene(), self.stage.asks_about_names(alice)).await;
        let _ = self.stage.shared.scene.recorder.take();
        let health = match asked {
            Ok(Apart::NotAsked) => return true,
            Ok(Apart::Shown) => {
                Health::Fine("names that differ in one character are kept apart".to_owned())
            }
            Ok(Apart::NotShown(seen)) => Health::Warning(Trouble {
                seen,
                whose: Fault::Profile,
                to_do: NOT_SHOWN.to_owned(),
            }),
            Err(Break::Ours(error @ Error::Portal(_))) => Health::Problem(Trouble {
                seen: error.to_string(),
                whose: error.fault(),
                to_do: NOT_APART.to_owned(),
            }),
            Err(broken) => {
                let recorder = &self.stage.shared.scene.recorder;
                Health::Problem(advice::on_break(&broken, &[], recorder.redactor()))
            }
        };
        let goes_on = !matches!(health, Health::Problem(_));
        self.say("names", health);
        goes_on
    }

    /// A portal, or a profile, that takes any password would make everything look well.
    async fn wrong_password(&mut self, alice: &Person) {
        let mut there = alice.elsewhere();
        let wrong = alice.new_password("wrong");
        let tried = timed(self.scene(), async {
            let response = there.enters(&wrong).await?;
            response.is_refused()?;
            there.is_not_signed_in().await
        });
        let tried = tried.await;
        self.looked("wrong password", tried, "another password is refused");
    }

    async fn key(&mut self, alice: &mut Person) {
        if !self.can(Ability::Key) {
            return self.leave_out("security key", "the profile has no flows for keys");
        }
        let done = timed(self.scene(), async {
            let key = alice.registers_key("doctor").await?;
            alice.signs_in_with(&key).await?.must_be_welcomed()
        });
        let done = done.await;
        self.looked("security key", done, "a key registers and signs in");
    }

    /// With a person of their own: a factor more would change how the first one signs in.
    async fn codes(&mut self) {
        if !self.can(Ability::Totp) {
            return self.leave_out("one-time codes", "the profile has no flows for codes");
        }
        let made = timed(self.scene(), self.stage.person("bob")).await;
        let Some(mut bob) = self.tried("account", made, |_| "a second account was made".to_owned())
        else {
            return;
        };
        let step = u64::from(self.target.description().totp.period);
        let done = timed_with(self.scene(), Duration::from_secs(step), async {
            bob.enrols_totp().await?;
            // A code is good once: the next one is that of the next step.
            self.stage.time_passes(Duration::from_secs(step)).await?;
            bob.signs_in_with_totp().await?.must_be_welcomed()
        });
        let done = done.await;
        self.looked("one-time codes", done, "codes are set up and sign in");
    }

    async fn mail(&mut self, alice: &Person) {
        if !self.can(Ability::Reset) {
            return self.leave_out("mail", "the profile has no flows for a reset");
        }
        let patience = self.target.description().mail_patience;
        let came = timed_with(self.scene(), patience, alice.is_mailed_a_link()).await;
        self.looked("mail", came, "a reset mail came, with its link or code");
    }

    /// What was made is removed again, where the profile says how.
    async fn clean_up(&mut self, ledger: &Ledger, redactor: &Redactor) {
        let swept = cleanup::clean_up(self.target, ledger, redactor, 1).await.cleanup;
        if swept.created == 0 && swept.left.is_empty() {
            return;
        }
        let left: Vec<&str> = swept.left.iter().map(|left| left.user.as_str()).collect();
        self.say(
            "clean-up",
            if left.is_empty() {
                Health::Fine(format!(
                    "{} accounts are gone, or vanish with the portal",
                    swept.created
                ))
            } else {
                Health::Warning(Trouble {
                    seen: format!("{} stay on the portal", left.join(", ")),
                    whose: Fault::Profile,
                    to_do: swept.note.clone().unwrap_or_else(|| swept.left[0].why.clone()),
                })
            },
        );
    }

    fn can(&self, ability: Ability) -> bool {
        self.target.description().can(ability)
    }

    fn leave_out(&mut self, what: &'static str, why: &str) {
        self.say(what, Health::NotChecked(why.to_owned()));
    }

    fn say(&mut self, what: &'static str, health: Health) {
        self.failed |= matches!(health, Health::Problem(_));
        (self.tell)(Finding { what, health });
    }

    /// What came of something tried; a break becomes a problem with advice.
    fn tried<T>(
        &mut self,
        what: &'static str,
        done: Result<T, Break>,
        fine: impl Fn(&T) -> String,
    ) -> Option<T> {
        let recorder = &self.stage.shared.scene.recorder;
        let (steps, _) = recorder.take();
        match done {
            Ok(value) => {
                let seen = fine(&value);
                self.say(what, Health::Fine(seen));
                Some(value)
            }
            Err(broken) => {
                let trouble = advice::on_break(&broken, &steps, recorder.redactor());
                self.say(what, Health::Problem(trouble));
                None
            }
        }
    }

    /// The same for what nothing else stands on: where the limits of the profile forbid it, as they do
    /// in a run, it was not looked at.
    fn looked<T>(&mut self, what: &'static str, done: Result<T, Break>, fine: &str) {
        if let Err(Break::Ours(Error::NotAllowed(why))) = &done {
            return self.leave_out(what, why);
        }
        self.tried(what, done, |_| fine.to_owned());
    }
}

async fn timed<T>(
    scene: Arc<Scene>,
    work: impl Future<Output = Result<T, Break>>,
) -> Result<T, Break> {
    timed_with(scene, Duration::ZERO, work).await
}

/// With time for what the profile says that it takes. The pace and pauses of the portal do not count.
async fn timed_with<T>(
    scene: Arc<Scene>,
    more: Duration,
    work: impl Future<Output = Result<T, Break>>,
) -> Result<T, Break> {
    let limit = LONGEST + more;
    let late = || Error::Network(format!("no end within {} s", limit.as_secs()));
    scene.waiting.within(limit, work).await.unwrap_or_else(|| Err(Break::Ours(late())))
}

#[cfg(test)]
mod tests;
