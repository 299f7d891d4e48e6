//! Removes what a run made on a deployment, by the profile's `delete_user`, and says what stays.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use driver::{
    Recorder,
    deployment::{Scene, Target, describe, inputs, open, secret},
};
use futures::{StreamExt, stream};
use ledger::{Ledger, Name, Open};
use profile::{Ability, Form, Verb, effect::Effect, error::Error};
use reports::{
    record::{Cleanup, Leftover, Reply},
    redact::Redactor,
};

use crate::program;

/// After so many requests in a row that no answer came to, no more are sent.
const PATIENCE: u32 = 3;

fn no_verb() -> String {
    format!("the profile has no [flow.delete_user]; once it has one, {} removes them", clean())
}

const NOT_OWN: &str = "its name is not one that [actors] of the profile gives an account of that run: nothing was sent; look for it by hand";

const NOT_KEPT_APART: &str = "it was not shown that this portal keeps such a name apart from other people's, and nothing was sent; look for it by hand, and remove it where it stands there whole";

fn unreachable() -> String {
    format!("nothing answered any more; {} removes it once it does", clean())
}

fn interrupted() -> String {
    format!("the clean-up was interrupted; {} goes on with it", clean())
}

/// The command that removes what stays.
fn clean() -> String {
    format!("`{} clean --profile FILE`", program::name())
}

/// What a clean-up came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swept {
    /// What was made, what was removed, and what stays.
    pub cleanup: Cleanup,
    /// False where something was to be removed and the portal never answered.
    pub reachable: bool,
}

/// Removes every account of a ledger that may still be there, so many side by side, under the
/// deployment's own limits. Waits first for accounts that are being made.
pub async fn clean_up(
    target: &Target,
    ledger: &Ledger,
    redactor: &Redactor,
    side_by_side: usize,
) -> Swept {
    let _rest = ledger.rest().await;
    let about = target.description();
    let accounts = if about.actors.disposable { Vec::new() } else { ledger.open_accounts() };
    let (lent, accounts): (Vec<_>, Vec<_>) =
        accounts.into_iter().partition(|account| account.is_lent);
    for account in lent {
        if let Err(why) = ledger.gives_back(account.n).await {
            ledger.stays(account.n, redactor.text(&why));
        }
    }
    let asked = !accounts.is_empty() && about.can(Ability::DeleteUser);
    let broom = Broom {
        target,
        ledger,
        redactor,
        unanswered: AtomicU32::new(0),
        asked: AtomicBool::new(false),
        answered: AtomicBool::new(false),
    };
    if asked {
        stream::iter(accounts)
            .for_each_concurrent(side_by_side.max(1), |account| broom.remove(account))
            .await;
    } else {
        accounts.iter().for_each(|account| ledger.stays(account.n, no_verb()));
    }
    let reachable = !broom.asked.load(Ordering::SeqCst) || broom.answered.load(Ordering::SeqCst);
    Swept { cleanup: as_it_stands(target, ledger), reachable }
}

/// What was made, what was removed, and what stays, by the ledger.
#[must_use]
pub fn as_it_stands(target: &Target, ledger: &Ledger) -> Cleanup {
    let (created, removed) = ledger.counts();
    let disposable = target.description().actors.disposable;
    let left = if disposable { ledger.let_go() } else { ledger.left() };
    let left =
        left.into_iter().map(|(user, why)| Leftover { user, why: why.unwrap_or_else(interrupted) });
    let left: Vec<Leftover> = left.collect();
    let note = left
        .first()
        .map(|first| first.why.clone())
        .filter(|why| left.len() > 1 && left.iter().all(|left| left.why == *why));
    Cleanup { created, removed, disposable, left, note }
}

struct Broom<'c> {
    target: &'c Target,
    ledger: &'c Ledger,
    redactor: &'c Redactor,
    /// Requests in a row that no answer came to.
    unanswered: AtomicU32,
    /// Whether anything was sent.
    asked: AtomicBool,
    /// Whether any answer came.
    answered: AtomicBool,
}

impl Broom<'_> {
    /// Whether the profile gives exactly this name to an account of the ledger's run, and its mail the
    /// same number: any other belongs to somebody else, whatever the ledger says. The label of the
    /// scenario may become part of a host's name.
    fn is_own(&self, name: &Name, form: Form) -> bool {
        let tag = self.ledger.header().run_tag;
        let actors = &self.target.description().actors;
        let (user, mail) = (actors.name.in_form(form), actors.mail.in_form(form));
        let (user, mail) = (user.numbers_in(&name.user, &tag), mail.numbers_in(&name.mail, &tag));
        let (Some(user), Some(mail)) = (user, mail) else { return false };
        user.union(&mail).count() <= 1 && is_label(&name.scene)
    }

    /// Why no request is sent with a name, where none may be. A portal that drops parts of names leaves
    /// the tag of one that begins with it; of another it may leave somebody's name.
    fn holds_back(&self, name: &Name) -> Option<&'static str> {
        if self.is_own(name, Form::TagFirst) {
            return None;
        }
        match (self.is_own(name, Form::AsWritten), self.ledger.keeps_apart()) {
            (false, _) => Some(NOT_OWN),
            (true, false) => Some(NOT_KEPT_APART),
            (true, true) => None,
        }
    }

    async fn remove(&self, account: Open) {
        if let Some(why) = self.holds_back(&account.name) {
            return self.ledger.stays(account.n, why.to_owned());
        }
        if self.unanswered.load(Ordering::SeqCst) >= PATIENCE {
            return self.ledger.stays(account.n, unreachable());
        }
        self.asked.store(true, Ordering::SeqCst);
        self.ledger.removing(account.n);
        match self.ask(&account).await {
            Ok(true) => self.ledger.removed(account.n),
            Ok(false) => self.ledger.absent(account.n),
            Err(why) => self.ledger.stays(account.n, self.redactor.text(&why)),
        }
    }

    /// Whether it was there and is gone; `Err` says why it stays.
    async fn ask(&self, account: &Open) -> Result<bool, String> {
        let recorder = Recorder::new(self.redactor.scoped());
        let label = account.name.scene.clone();
        let effects = BTreeSet::from([Effect::DeletesOwnAccount]);
        let scene = Arc::new(Scene::new(label, usize::MAX, effects, recorder));
        let mut clerk = self.target.visitor(&scene, "administrator");
        let mut with = inputs([
            ("user", open(account.name.user.as_str())),
            ("mail", open(account.name.mail.as_str())),
        ]);
        with.extend(account.password.as_ref().map(|password| ("password", secret(password))));
        let answer = match self.target.driver.perform(&mut clerk, Verb::DeleteUser, &with).await {
            Ok(answer) => answer,
            Err(error @ (Error::Network(_) | Error::Adapter(_) | Error::Browser(_))) => {
                self.unanswered.fetch_add(1, Ordering::SeqCst);
                return Err(error.to_string());
            }
            Err(error @ Error::Profile(_)) if account.password.is_none() => {
                return Err(format!(
                    "{error} (passwords die with the run that made them: afterwards only an administrator's delete_user can remove an account)"
                ));
            }
            Err(error) => return Err(error.to_string()),
        };
        if answer.reply == Reply::Dropped {
            self.unanswered.fetch_add(1, Ordering::SeqCst);
        } else {
            self.unanswered.store(0, Ordering::SeqCst);
            self.answered.store(true, Ordering::SeqCst);
        }
        let never_there = !account.was_created || account.may_be_gone;
        match answer.reply {
            Reply::Ok => Ok(true),
            Reply::Refused if never_there => Ok(false),
            Reply::Refused
            | Reply::FactorNeeded
            | Reply::Expired
            | Reply::RateLimited
            | Reply::Error
            | Reply::Dropped
            | Reply::Unknown => Err(format!("delete_user was answered: {}", describe(&answer))),
        }
    }
}

/// Whether a text is a label of a scenario, as it stands in a host.
fn is_label(text: &str) -> bool {
    let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    !text.is_empty() && text.len() <= 63 && text.bytes().all(fits)
}

#[cfg(test)]
mod tests;
