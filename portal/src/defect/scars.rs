//! What only a defective portal remembers. A sound portal writes nothing here.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::state::{Key, KeyUse};

/// The memory of mistakes that need one.
#[derive(Default)]
pub(crate) struct Scars {
    /// Answers that signed somebody in, and whom.
    pub(super) answered: Vec<(Value, String)>,
    /// Sessions in which a key's answer was refused.
    pub(super) refused: BTreeSet<String>,
    /// Devices on which a prompt was denied.
    pub(super) denied: BTreeSet<String>,
    /// Deleted keys, with their owner and what they are used for still.
    deleted: Vec<(KeyUse, String, Key)>,
}

impl Scars {
    /// Keeps a deleted key for one use.
    pub(super) fn keep(&mut self, used: KeyUse, owner: &str, key: Key) {
        self.deleted.push((used, owner.to_owned(), key));
    }

    /// The deleted keys that are used for something, with their owners.
    pub(crate) fn deleted_keys(&self, used: KeyUse) -> impl Iterator<Item = (&str, &Key)> {
        let kept = self.deleted.iter().filter(move |(kept_for, ..)| *kept_for == used);
        kept.map(|(_, owner, key)| (owner.as_str(), key))
    }
}
