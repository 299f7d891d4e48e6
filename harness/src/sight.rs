//! What observations look at: the options that a deployment sends, gathered once per scenario.

use serde_json::Value;

/// Options as a deployment sent them, members of `publicKey`, before any default of the profile.
#[derive(Clone, Debug)]
pub struct Sight {
    /// RP id that the profile names.
    pub rp_id: String,
    /// alice's user name, as she types it.
    pub user: String,
    /// alice's mail address.
    pub mail: String,
    /// Registration options for alice, asked for twice, before she has a key.
    pub registration: [Value; 2],
    /// Registration options for bob.
    pub registration_of_another: Value,
    /// Registration options for alice once she has a key.
    pub registration_with_key: Value,
    /// Sign-in options for alice, asked for twice.
    pub authentication: [Value; 2],
    /// The id of alice's key, base64url.
    pub credential_id: String,
    /// How many keys alice has: that one, and one more where nobody may be without.
    pub keys: usize,
}
