//! What is decided about registered keys.

use crate::{
    webauthn::Credential,
    world::{Key, World},
};

/// Registered keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyRules {
    /// Whether a key is a user's: whoever registered it for its owner (§7.2 step 6).
    pub(crate) owns: fn(owner: &str, key: &Key, name: &str) -> bool,
    /// Whether a key may answer, by the list of those that were asked for: if it is the user's own.
    pub(crate) answers: fn(listed: &[Vec<u8>], own: bool) -> bool,
    /// The record that an answer is verified with: that of its key (§7.2 step 6).
    pub(crate) record: fn(&World, owner: &str, key: &Key) -> Credential,
    /// What a counter that went back changes of its key: nothing (§7.2 step 22).
    pub(crate) went_back: fn(&mut Key, sent: u32),
    /// When a counter is compared, beside when the answer is verified: as it is stored.
    pub(crate) counter_compared: Checked,
}

impl KeyRules {
    pub(super) const SOUND: Self = Self {
        owns: |owner, _, name| owner == name,
        answers: |_, own| own,
        record: |_, _, key| key.credential.clone(),
        went_back: |_, _| (),
        counter_compared: Checked::AsItActs,
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
