//! What a run knows of the accounts that it may touch: whose they are, the present password of each,
//! and how many wrong tries in a row each has borne. Nothing else is ever changed, and none is tried
//! so often that the portal would lock it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use reports::record::Reply;

mod labels;

use driver::deployment::Leave;
use ledger::Ledger;
use profile::{Verb, may_count, secret::Secret};

use self::labels::Labels;
use crate::account::Account;

/// Longest name of a portal's that is told.
const TOLD: usize = 80;

/// The accounts of a run.
#[derive(Debug)]
pub(crate) struct Standings {
    /// By the scenario's label and the user name.
    accounts: Mutex<BTreeMap<(String, String), Standing>>,
    /// Wrong tries in a row that lock an account, by the profile.
    limit: u32,
    /// Where it is written down that an account was let go.
    ledger: Ledger,
    /// Who uses a secret of one-time codes, and the last step that a code was made for.
    steps: Mutex<BTreeMap<Secret, (String, u64)>>,
}

#[derive(Debug)]
struct Standing {
    alias: String,
    mail: String,
    password: Secret,
    /// Why it is not the run's after all, where the portal took its name for another's.
    let_go: Option<String>,
    /// The portal's ids of keys that it had before it was lent.
    keys_before: BTreeSet<String>,
    /// Which of its keys are the run's, by their labels.
    labels: Labels,
    /// Tries that the portal may have counted.
    failed: u32,
    /// Those of them that a whole sign-in has ended since.
    ended: u32,
    /// Tries that were admitted and are not answered yet: any of them may be wrong.
    open: u32,
    /// Credentials that have signed in, and were not deleted since.
    keys: BTreeSet<String>,
    /// The next answer of a key is an honest one.
    expects_honest_answer: bool,
}

/// A try that was admitted. It stands as a wrong one until its answer is known.
#[derive(Debug)]
pub(crate) struct Admitted {
    user: String,
    /// Tries that had failed by then: a sign-in ends these and no others.
    failed: u32,
    /// Whether it is known to be right.
    right: bool,
}

/// Leave to send a try again that the portal did not look at. The portal may have counted it all the
/// same, so that one that may be wrong costs another wrong try.
#[derive(Clone, Debug)]
pub(crate) struct OneMoreTry {
    standings: Arc<Standings>,
    account: (String, String),
    right: bool,
}

impl Leave for OneMoreTry {
    fn once_more(&self) -> bool {
        if self.right {
            return true;
        }
        let mut accounts = self.standings.lock();
        let Some(standing) = accounts.get_mut(&self.account) else { return true };
        // The try itself is among those that are open.
        let may = standing.wrong() + 1 < self.standings.limit;
        standing.failed += u32::from(may);
        may
    }
}

/// What a try is made with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum With<'t> {
    /// A password.
    Password(&'t Secret),
    /// An answer of the key with this credential.
    Key(&'t str),
    /// A code, or what cannot be told.
    Other,
}

impl Admitted {
    /// A try on an account that this run does not count for.
    fn of_a_stranger(user: &str) -> Self {
        Self { user: user.to_owned(), failed: 0, right: false }
    }
}

impl Standing {
    /// Wrong tries in a row, if all that are under way are wrong.
    const fn wrong(&self) -> u32 {
        self.failed - self.ended + self.open
    }

    fn admits(&mut self, user: &str, right: bool) -> Admitted {
        self.open += 1;
        Admitted { user: user.to_owned(), failed: self.failed, right }
    }
}

impl Standings {
    pub(crate) fn new(limit: u32, ledger: Ledger) -> Self {
        Self { accounts: Mutex::default(), limit, ledger, steps: Mutex::default() }
    }

    /// An account of a scenario: made for it, or lent to it.
    pub(crate) fn ours(&self, scene: &str, account: &Account) {
        let Account { alias, user, password, mail, .. } = account.clone();
        self.lock().insert(
            (scene.to_owned(), user),
            Standing {
                alias,
                mail,
                password,
                let_go: None,
                keys_before: BTreeSet::new(),
                labels: Labels::default(),
                failed: 0,
                ended: 0,
                open: 0,
                keys: BTreeSet::new(),
                expects_honest_answer: false,
            },
        );
    }

    /// Whether a scenario may change an account.
    pub(crate) fn is_ours(&self, scene: &str, user: &str) -> bool {
        self.lock().contains_key(&(scene.to_owned(), user.to_owned()))
    }

    /// Who is signed in with an account's own password, by the portal's name for them. Where that is the
    /// name of none of the run's accounts, the portal took the account's name for another's: that one is
    /// not the run's, and is let go.
    pub(crate) fn is_called(&self, scene: &str, user: &str, name: &str) {
        let mut accounts = self.lock();
        let known = accounts.iter().any(|((_, user), standing)| {
            user.eq_ignore_ascii_case(name) || standing.mail.eq_ignore_ascii_case(name)
        });
        let Some(standing) = accounts.get_mut(&(scene.to_owned(), user.to_owned())) else { return };
        if known || standing.let_go.is_some() {
            return;
        }
        let name: String = name.chars().take(TOLD).collect();
        let why = format!(
            "the portal calls whoever signs in to it `{name}`: it took the name for that of another account, which is not this run's and was let go; look whether its password was changed"
        );
        self.ledger.lets_go(scene, user, &why);
        standing.let_go = Some(why);
    }

    /// The portal does not keep names apart: any account may be somebody else's.
    pub(crate) fn lets_all_go(&self, why: &str) {
        for ((scene, user), standing) in self.lock().iter_mut() {
            if standing.let_go.is_none() {
                self.ledger.lets_go(scene, user, why);
                standing.let_go = Some(why.to_owned());
            }
        }
    }

    /// Why a scenario's account is not to be touched any more, where that is so.
    pub(crate) fn let_go(&self, scene: &str, user: &str) -> Option<String> {
        let accounts = self.lock();
        let standing = accounts.get(&(scene.to_owned(), user.to_owned()))?;
        standing.let_go.as_ref().map(|why| format!("{user}: {why}"))
    }

    /// The same of any account: the portal does not keep names apart.
    pub(crate) fn any_let_go(&self) -> Option<String> {
        let accounts = self.lock();
        let mut let_go = accounts.iter().filter_map(|((_, user), standing)| {
            standing.let_go.as_ref().map(|why| format!("{user}: {why}"))
        });
        let_go.next()
    }

    /// The keys that an account had when it was lent: they are left alone.
    pub(crate) fn had_keys(&self, scene: &str, user: &str, keys: &[String]) {
        if let Some(standing) = self.lock().get_mut(&(scene.to_owned(), user.to_owned())) {
            standing.keys_before = keys.iter().cloned().collect();
        }
    }

    /// Whether a scenario's account had this key when it was lent.
    pub(crate) fn was_lent_with(&self, scene: &str, key: &str) -> bool {
        let accounts = self.lock();
        let mut own = accounts.iter().filter(|((label, _), _)| label == scene);
        own.any(|(_, standing)| standing.keys_before.contains(key))
    }

    /// The portal took a label for one of an account's keys.
    pub(crate) fn labels_a_key(&self, scene: &str, user: &str, label: &str) {
        if let Some(standing) = self.lock().get_mut(&(scene.to_owned(), user.to_owned())) {
            standing.labels.takes(label);
        }
    }

    /// The portal lists an account's keys so: ids and labels.
    pub(crate) fn lists_keys(&self, scene: &str, user: &str, keys: &[(String, String)]) {
        if let Some(standing) = self.lock().get_mut(&(scene.to_owned(), user.to_owned())) {
            standing.labels.lists(keys);
        }
    }

    /// A key is to be deleted or called otherwise, of this account or, where it was not listed there, of
    /// another one of the scenario. Whose it was, where the label was the run's.
    pub(crate) fn frees_label(
        &self,
        scene: &str,
        user: &str,
        (key, becomes): (&str, Option<&str>),
    ) -> Option<String> {
        let mut accounts = self.lock();
        let own = accounts.iter_mut().filter(|((label, _), _)| label == scene);
        let listed = own.filter(|(_, standing)| standing.labels.have_listed(key));
        let ((_, owner), standing) = listed.max_by_key(|((_, owner), _)| owner.as_str() == user)?;
        standing.labels.free(key, becomes).map(|_| owner.clone())
    }

    /// The portal answered about a key that was to lose its label: whether it did nothing.
    pub(crate) fn frees_nothing(&self, scene: &str, (owner, key): (&str, &str), nothing: bool) {
        if let Some(standing) = self.lock().get_mut(&(scene.to_owned(), owner.to_owned())) {
            if nothing {
                standing.labels.gives_back(key);
            } else {
                standing.labels.answered(key);
            }
        }
    }

    /// The labels that the portal took from the run for an account's keys, and how often.
    pub(crate) fn key_labels(&self, scene: &str, user: &str) -> BTreeMap<String, usize> {
        let accounts = self.lock();
        let standing = accounts.get(&(scene.to_owned(), user.to_owned()));
        standing.map(|standing| standing.labels.taken()).unwrap_or_default()
    }

    /// The user name of whoever a scenario calls so.
    pub(crate) fn user_of(&self, scene: &str, alias: &str) -> Option<String> {
        let accounts = self.lock();
        let mut known = accounts.iter();
        known
            .find(|((label, _), standing)| label == scene && standing.alias == alias)
            .map(|((_, user), _)| user.clone())
    }

    /// The next answer of a key is an honest one.
    pub(crate) fn expects_honest_answer(&self, scene: &str, user: &str) {
        if let Some(standing) = self.lock().get_mut(&(scene.to_owned(), user.to_owned())) {
            standing.expects_honest_answer = true;
        }
    }

    /// Admits one more try where it leaves the account below its limit, whatever comes of it and of
    /// those that are under way. What is known to be right may be the last try below it: the present
    /// password, and the honest answer of a key that has signed in before. Everything else may be wrong
    /// on purpose.
    pub(crate) fn admits(
        &self,
        scene: &str,
        user: &str,
        with: With<'_>,
    ) -> Result<Admitted, String> {
        let mut accounts = self.lock();
        let Some(standing) = accounts.get_mut(&(scene.to_owned(), user.to_owned())) else {
            return Ok(Admitted::of_a_stranger(user));
        };
        let expects_honest_answer = std::mem::take(&mut standing.expects_honest_answer);
        let right = match with {
            With::Password(password) => *password == standing.password,
            With::Key(id) => expects_honest_answer && standing.keys.contains(id),
            With::Other => false,
        };
        let after = standing.wrong() + u32::from(!right);
        if after < self.limit {
            return Ok(standing.admits(user, right));
        }
        Err(format!(
            "{} wrong tries in a row on one account, and lockout.wrong_tries of the profile is {}",
            after, self.limit
        ))
    }

    /// The same for a scenario that is about the limit, and may reach it.
    pub(crate) fn admits_any(&self, scene: &str, user: &str) -> Admitted {
        let mut accounts = self.lock();
        let standing = accounts.get_mut(&(scene.to_owned(), user.to_owned()));
        let unknown = || Admitted::of_a_stranger(user);
        standing.map_or_else(unknown, |standing| standing.admits(user, false))
    }

    /// Leave to send a try again that the portal did not look at.
    pub(crate) fn leave(self: &Arc<Self>, scene: &str, admitted: &Admitted) -> OneMoreTry {
        OneMoreTry {
            standings: Arc::clone(self),
            account: (scene.to_owned(), admitted.user.clone()),
            right: admitted.right,
        }
    }

    /// What a try came to. Only a whole sign-in ends the count, of what had failed before it began: the
    /// portal may have counted after it whatever was under way beside it.
    pub(crate) fn tried(
        &self,
        scene: &str,
        one: Admitted,
        with: With<'_>,
        (verb, reply): (Verb, Reply),
    ) {
        let mut accounts = self.lock();
        let Some(standing) = accounts.get_mut(&(scene.to_owned(), one.user)) else {
            return;
        };
        standing.open = standing.open.saturating_sub(1);
        if reply == Reply::Ok {
            standing.ended = standing.ended.max(one.failed);
            if let With::Key(id) = with {
                standing.keys.insert(id.to_owned());
            }
        }
        standing.failed += u32::from(may_count(verb, reply));
    }

    /// Takes a step of a secret for a scenario. Where another one has made codes of it, up to that step
    /// or beyond, they may be spent: `Err` says after which step this scenario may make its own.
    pub(crate) fn takes_step(&self, secret: &Secret, scene: &str, step: u64) -> Result<(), u64> {
        let mut steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        let (holder, last) =
            steps.entry(secret.clone()).or_insert_with(|| (scene.to_owned(), step));
        if holder != scene {
            if *last >= step {
                return Err(*last);
            }
            scene.clone_into(holder);
        }
        *last = step.max(*last);
        Ok(())
    }

    /// The present password of an account.
    pub(crate) fn password_of(&self, scene: &str, user: &str) -> Option<Secret> {
        let accounts = self.lock();
        let standing = accounts.get(&(scene.to_owned(), user.to_owned()));
        standing.map(|standing| standing.password.clone())
    }

    /// Some key of the account was deleted: none is known to be right any more.
    pub(crate) fn lost_a_key(&self, scene: &str, user: &str) {
        if let Some(standing) = self.lock().get_mut(&(scene.to_owned(), user.to_owned())) {
            standing.keys.clear();
        }
    }

    /// The account has another password now.
    pub(crate) fn set_password(&self, scene: &str, user: &str, password: &Secret) {
        if let Some(standing) = self.lock().get_mut(&(scene.to_owned(), user.to_owned())) {
            standing.password = password.clone();
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, String), Standing>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::account;

    #[test]
    fn no_scenario_spends_the_code_of_another() {
        let standings = Standings::new(5, Ledger::in_memory());
        let (one, two) = (Secret::new("ONE"), Secret::new("TWO"));
        assert_eq!(standings.takes_step(&one, "a", 100), Ok(()));
        // The same scenario may make a code again, and one of the step after.
        assert_eq!(standings.takes_step(&one, "a", 100), Ok(()));
        assert_eq!(standings.takes_step(&one, "a", 101), Ok(()));
        assert_eq!(standings.takes_step(&one, "a", 99), Ok(()));
        assert_eq!(standings.takes_step(&one, "b", 101), Err(101));
        assert_eq!(standings.takes_step(&two, "b", 101), Ok(()));
        assert_eq!(standings.takes_step(&one, "b", 102), Ok(()));
        // From now on it is the other's.
        assert_eq!(standings.takes_step(&one, "a", 102), Err(102));
    }

    #[test]
    fn a_try_that_may_be_wrong_is_sent_again_only_below_the_limit() {
        let standings = Arc::new(Standings::new(3, Ledger::in_memory()));
        standings.ours("a", &account());
        let wrong = standings.admits("a", "ts-1", With::Other).expect("the first");
        let leave = standings.leave("a", &wrong);
        // One is open, one more may be counted, and the third would lock the account.
        assert_eq!([leave.once_more(), leave.once_more()], [true, false]);
        standings.tried("a", wrong, With::Other, (Verb::AnswerWithTotp, Reply::Refused));
        let password = account().password;
        let right = standings.admits("a", "ts-1", With::Password(&password)).expect("the last");
        let leave = standings.leave("a", &right);
        assert_eq!([leave.once_more(), leave.once_more()], [true, true]);
    }

    #[test]
    fn the_last_try_below_the_limit_is_for_what_is_known_to_be_right() {
        let standings = Standings::new(3, Ledger::in_memory());
        let alice = account();
        standings.ours("a", &alice);
        let tried = |with, reply| {
            standings.tried("a", standings.admits_any("a", "ts-1"), with, (Verb::SignIn, reply));
        };
        // Whether it would be admitted; it ends as what no portal counts.
        let may = |with: With<'_>| {
            let admitted = standings.admits("a", "ts-1", with);
            let uncounted = (Verb::SignIn, Reply::FactorNeeded);
            admitted.map(|one| standings.tried("a", one, with, uncounted)).is_ok()
        };
        let (right, wrong) = (Secret::new("right"), Secret::new("wrong"));
        tried(With::Key("desk"), Reply::Ok);
        tried(With::Key("desk"), Reply::Refused);
        assert!(may(With::Other));
        tried(With::Password(&wrong), Reply::Unknown);
        // Two are borne; a third would lock the account.
        assert!(!may(With::Password(&wrong)) && !may(With::Other) && !may(With::Key("desk")));
        assert!(may(With::Password(&right)));
        standings.expects_honest_answer("a", "ts-1");
        assert!(may(With::Key("desk")));
        // It was meant once.
        assert!(!may(With::Key("desk")));
        standings.expects_honest_answer("a", "ts-1");
        assert!(!may(With::Key("another")));
        standings.lost_a_key("a", "ts-1");
        standings.expects_honest_answer("a", "ts-1");
        assert!(!may(With::Key("desk")));
        // The password step alone ends no count, and a whole sign-in does.
        tried(With::Password(&right), Reply::FactorNeeded);
        assert!(!may(With::Other));
        tried(With::Password(&right), Reply::Ok);
        assert!(may(With::Other));
        assert!(standings.admits("b", "ts-1", With::Other).is_ok());
    }

    #[test]
    fn a_sign_in_ends_what_failed_before_it_and_not_what_was_under_way_beside_it() {
        let standings = Standings::new(4, Ledger::in_memory());
        let alice = account();
        standings.ours("a", &alice);
        let admits = || standings.admits("a", "ts-1", With::Other);
        let tried = |one, reply| standings.tried("a", one, With::Other, (Verb::SignIn, reply));
        tried(admits().unwrap(), Reply::Refused);
        let (one, two) = (admits().unwrap(), admits().unwrap());
        // One has failed and two may.
        assert!(admits().is_err());
        tried(one, Reply::Refused);
        tried(two, Reply::Ok);
        // The first is ended; the second may have been counted after the sign-in.
        let (one, two) = (admits().unwrap(), admits().unwrap());
        assert!(admits().is_err());
        tried(one, Reply::Ok);
        tried(two, Reply::Ok);
        let all = [admits(), admits(), admits()];
        assert!(all.iter().all(Result::is_ok) && admits().is_err());
    }
}
