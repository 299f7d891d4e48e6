//! What is decided about registered keys, and about registering them.

use serde_json::Value;

use crate::{
    keys,
    registration::is_a_label,
    router::Visit,
    state::{Key, State, User},
    webauthn::Credential,
};

/// Registered keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyRules {
    /// Whether a key is a user's: whoever registered it for its owner (§7.2 step 6).
    pub(crate) owns: fn(owner: &str, key: &Key, name: &str) -> bool,
    /// Whether a key may answer, by the list of those that were asked for: if it is the user's own.
    pub(crate) answers: fn(listed: &[Vec<u8>], own: bool) -> bool,
    /// The record that an answer is verified with: that of its key (§7.2 step 6).
    pub(crate) record: fn(&State, owner: &str, key: &Key) -> Credential,
    /// What a counter that went back changes of its key: nothing (§7.2 step 22).
    pub(crate) went_back: fn(&mut Key, sent: u32),
    /// When a counter is compared, beside when the answer is verified: as it is stored.
    pub(crate) counter_compared: Checked,
    /// What a user's list shows: the keys, and nothing else.
    pub(crate) listed: fn(&State, name: &str) -> Vec<Value>,
    /// What another label changes of a key beside the label: nothing.
    pub(crate) renamed: fn(&mut Key),
    /// Whether a factor that counts is left, where one is required, once a key is gone.
    pub(crate) factor_remains: fn(&User) -> bool,
    /// Whether the proofs that a deleted key made alone end with it: nobody can repeat them.
    pub(crate) ends_its_proofs: bool,
    /// What is kept of a deleted key: nothing.
    pub(crate) deleted: fn(&mut State, owner: &str, Key),
}

impl KeyRules {
    pub(super) const SOUND: Self = Self {
        owns: |owner, _, name| owner == name,
        answers: |_, own| own,
        record: |_, _, key| key.credential.clone(),
        went_back: |_, _| (),
        counter_compared: Checked::AsItActs,
        listed: keys::rows,
        renamed: |_| (),
        factor_remains: |user| {
            !user.must_have_a_factor() || user.has_factor_beside_keys() || user.keys.len() > 1
        },
        ends_its_proofs: true,
        deleted: |_, _, _| (),
    };
}

/// Registering keys, beside the ceremony.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewKeyRules {
    /// Whether a text is a label for a new key: any short one, an empty one too.
    pub(crate) label: fn(&str) -> bool,
    /// A label as it is stored: as it was typed. It is escaped where it is shown.
    pub(crate) stored_label: fn(String) -> String,
    /// Whose the new key is: the user's who is signed in.
    pub(crate) registrant: fn(name: String, &Visit) -> String,
    /// When a credential id is asked to be new, beside when the answer is verified: as it is stored
    /// (§7.1 step 26).
    pub(crate) unique_asked: Checked,
    /// What registering a key changes of the user beside the new key: nothing.
    pub(crate) registering: fn(&mut User, Registering<'_>),
}

/// How far a registration has come.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Registering<'a> {
    /// Its options were given to a session.
    Begun(&'a str),
    /// The new key is about to be stored.
    Done,
}

impl NewKeyRules {
    pub(super) const SOUND: Self = Self {
        label: is_a_label,
        stored_label: |label| label,
        registrant: |name, _| name,
        unique_asked: Checked::AsItActs,
        registering: |_, _| (),
    };
}

/// When something is made sure of that another request may change meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    /// In the moment in which the portal acts by it.
    AsItActs,
    /// Before, and the portal takes its time then.
    BeforeItActs,
}

impl Checked {
    /// The time between the check and the act, where there is some: a slow store.
    pub(crate) async fn apart(self) {
        if self == Self::BeforeItActs {
            slow_store().await;
        }
    }

    pub(crate) fn as_it_acts(self) -> bool {
        self == Self::AsItActs
    }
}

/// The time that another request has between a check and an act.
pub(super) async fn slow_store() {
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
}
