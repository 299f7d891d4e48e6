//! What is decided about a forgotten password, and about a changed one.

use serde_json::Value;

use super::Checked;
use crate::{
    random::Purpose,
    reset::{self, Factor},
    router::{Reply, Visit},
    state::{Aim, Reset, State, User},
};

/// Resetting a password by mail.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResetRules {
    /// What is answered at once for an address that nobody has: nothing, and the answer is the same for
    /// all (OWASP ASVS 6.3.8).
    pub(crate) unknown_address: fn() -> Option<Reply>,
    /// What the request is answered with: nothing of the token.
    pub(crate) answered: fn(body: Value, token: Option<&str>) -> Value,
    /// A new token: random, for one link.
    pub(crate) token: fn(&mut State, name: &str) -> String,
    /// The token that a link names: the one that it carries, whole.
    pub(crate) named: fn(&State, sent: &str) -> String,
    /// What opening a link changes: nothing, since mail scanners open links too.
    pub(crate) opened: fn(&mut Reset),
    /// Whose password is set: the user's to whom the token was mailed.
    pub(crate) whose: fn(&Reset, &Visit) -> String,
    /// Stores a new password, which is the only one from then on.
    pub(crate) stored: fn(&mut User, hash: String, &Aim),
    /// When a token is looked at, beside before the slow work: as the password is set.
    pub(crate) token_asked: Checked,
    /// What becomes of the token that sets a password: it is spent.
    pub(crate) spent: fn(&mut State, token: &str, &Visit),
    /// What follows a reset: nobody is signed in. The session of the browser from then on.
    pub(crate) completed: fn(&mut State, name: &str) -> Option<String>,
    /// The factor that confirms a new password.
    pub(crate) confirming: fn(&User, &Aim) -> Factor,
    /// What a key's answer may confirm: a reset and a change.
    pub(crate) key_confirms: fn(&Aim) -> bool,
}

impl ResetRules {
    pub(super) const SOUND: Self = Self {
        unknown_address: || None,
        answered: |body, _| body,
        token: |state, _| state.token(Purpose::ResetToken),
        named: |_, sent| sent.to_owned(),
        opened: |_| (),
        whose: |reset, _| reset.user.clone(),
        stored: |user, hash, _| user.password = hash,
        token_asked: Checked::AsItActs,
        spent: reset::spend,
        completed: |_, _| None,
        confirming: |user, _| reset::confirming(user),
        key_confirms: |_| true,
    };
}
