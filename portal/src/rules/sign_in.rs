//! What is decided about signing in.

use serde_json::Value;

use crate::{
    Portal, authentication,
    check::Refusal,
    door::{Reply, Visit},
    world::{Ceremony, World},
};

/// Signing in with a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignInRules {
    /// Whose sign-in an answer finishes, and the ceremony that it answers: those of the session.
    pub(crate) begun: fn(&Portal, &mut World, &Visit) -> Result<(String, Ceremony), Refusal>,
    /// Whether a session takes another answer of a key, also told of each that is refused. A person may
    /// have touched the wrong key.
    pub(crate) takes: fn(&mut World, session: &str, Try) -> bool,
    /// What an answer comes to that signed in before: nothing of its own. Also told of each that signs in.
    pub(crate) repeated: fn(&mut World, answer: &Value, Answer<'_>) -> Option<Reply>,
    /// Whose session it becomes, and the user handle that the answer has to carry: those of the user of
    /// the password step, or else of the key's owner (§7.2 step 6).
    pub(crate) account: fn(&Portal, &World, name: &str, &Ceremony, answer: &Value) -> Account,
}

/// What becomes of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Try {
    Arrives,
    IsRefused,
}

/// What becomes of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer<'a> {
    Arrives,
    SignedIn(&'a str),
}

/// An account that a key answers for.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) handle: Vec<u8>,
}

impl SignInRules {
    pub(super) const SOUND: Self = Self {
        begun: Portal::begun_sign_in,
        takes: |_, _, _| true,
        repeated: |_, _, _| None,
        account: authentication::account,
    };
}
