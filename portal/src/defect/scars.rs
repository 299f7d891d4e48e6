//! What only a defective portal remembers. A sound portal writes nothing here, and reads nothing.

use std::collections::BTreeSet;

use serde_json::Value;

/// The memory of mistakes that need one.
#[derive(Default)]
pub(crate) struct Scars {
    /// Answers that signed somebody in, and whom.
    pub(super) answered: Vec<(Value, String)>,
    /// Sessions in which a key's answer was refused.
    pub(super) refused: BTreeSet<String>,
}
