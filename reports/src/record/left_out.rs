//! What a record says of the steps that it does not hold of a scenario that passed; see [`crate::brief`].

use serde::{Deserialize, Serialize};

use super::Reply;

/// The steps that are left out of a scenario that passed, and headers of those that are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// How many.
    pub steps: u64,
    /// Bytes of the JSON of all that is left out.
    pub bytes: u64,
    /// SHA-256 over that JSON, a line for each step and for headers, `sha256:…`.
    pub digest: String,
    /// The exchanges among them, by who made them and how they were answered.
    pub exchanges: Vec<Exchanges>,
    /// What the key said in them; absent where it said nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceremonies: Option<Ceremonies>,
}

/// Exchanges of one flow that were answered alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Exchanges {
    /// Who: the cookie jar's owner.
    pub who: String,
    /// Which flow and half of it.
    pub flow: String,
    /// How the profile's rules classify it.
    pub reply: Option<Reply>,
    /// How many there were.
    pub times: u32,
}

/// Ceremonies in which the key was honest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Ceremonies {
    /// How many.
    pub times: u32,
    /// SHA-256 over the JSON of what the key said, a line each, `sha256:…`.
    pub digest: String,
}
