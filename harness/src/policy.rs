//! What an administrator decides for one user. The values are sent to the deployment as they stand
//! in the profile's `policy` input.

use profile::UserVerification;
use serde::Serialize;

/// A factor's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Factor {
    /// Not to be used.
    Off,
    /// The user may set it up.
    Allowed,
    /// The user must set it up.
    Required,
}

/// The place of a push device, which nobody has to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Push {
    /// Not to be used.
    Off,
    /// Set up for the user, who may use it.
    Allowed,
}

/// A user's policy; what is `None` stays as the deployment has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// The security key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Factor>,
    /// One-time codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totp: Option<Factor>,
    /// A push device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push: Option<Push>,
    /// How long the user has to set up required TOTP, seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totp_enrolment_seconds: Option<u32>,
    /// Only the key signs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only_key: Option<bool>,
    /// Users may register keys themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_registration: Option<bool>,
    /// The key alone signs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passwordless: Option<bool>,
    /// Whether the key must verify its user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_verification: Option<UserVerification>,
    /// The account is disabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

impl Policy {
    /// The deployment's own defaults.
    #[must_use]
    pub const fn plain() -> Self {
        Self {
            key: None,
            totp: None,
            push: None,
            totp_enrolment_seconds: None,
            only_key: None,
            self_registration: None,
            passwordless: None,
            user_verification: None,
            disabled: None,
        }
    }

    /// The key signs in alone.
    #[must_use]
    pub const fn passwordless() -> Self {
        Self { passwordless: Some(true), ..Self::plain() }
    }

    /// The key must verify its user.
    #[must_use]
    pub const fn verified() -> Self {
        Self { user_verification: Some(UserVerification::Required), ..Self::plain() }
    }
}
