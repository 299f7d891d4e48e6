//! What a verb is given: values by name, some of them secret.

use std::collections::BTreeMap;

use profile::secret::Secret;
use serde_json::Value;

/// A value given to a flow; a secret one is redacted wherever it turns up.
#[derive(Clone, Debug)]
pub enum Input {
    /// May stand in a record.
    Open(Value),
    /// Must not.
    Secret(Secret),
}

impl Input {
    /// In the clear, for whom it is sent to.
    #[must_use]
    pub fn value(&self) -> Value {
        match self {
            Self::Open(value) => value.clone(),
            Self::Secret(secret) => Value::from(secret.reveal()),
        }
    }
}

/// The values that a verb is given, by name.
pub type Inputs = BTreeMap<&'static str, Input>;

/// Inputs of a flow from names and values.
#[must_use]
pub fn inputs<const N: usize>(values: [(&'static str, Input); N]) -> Inputs {
    BTreeMap::from(values)
}

/// A value that may stand in a record.
#[must_use]
pub fn open(value: impl Into<Value>) -> Input {
    Input::Open(value.into())
}

/// A value that must not.
#[must_use]
pub fn secret(value: &Secret) -> Input {
    Input::Secret(value.clone())
}

/// The redactor's word for a value of this name.
pub(super) fn class_of(name: &str) -> &'static str {
    match name {
        "password" | "old" => "password",
        "code" => "code",
        "secret" | "uri" => "key",
        _ => "token",
    }
}
