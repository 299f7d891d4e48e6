//! One account, as everybody in a run knows it.

use profile::secret::Secret;

/// One account of the deployment.
#[derive(Clone, Debug)]
pub struct Account {
    /// What the story calls its owner.
    pub alias: String,
    /// User name.
    pub user: String,
    /// Password.
    pub password: Secret,
    /// Mail address.
    pub mail: String,
    /// Whether its keys are to sign in alone.
    pub passwordless: bool,
}
