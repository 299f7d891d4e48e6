//! What an administrator decides for one user.

use serde::{Deserialize, Serialize};

/// A factor's place in a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Place {
    Off,
    #[default]
    Allowed,
    Required,
}

/// The place of a push device in a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Push {
    #[default]
    Off,
    Allowed,
}

/// Whether a key has to verify its user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verification {
    Discouraged,
    #[default]
    Preferred,
    Required,
}

impl Verification {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Discouraged => "discouraged",
            Self::Preferred => "preferred",
            Self::Required => "required",
        }
    }
}

/// Whether a key has to prove its make.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Attestation {
    #[default]
    None,
    Direct,
}

impl Attestation {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Direct => "direct",
        }
    }
}

/// What an administrator decides for one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) key: Place,
    pub(crate) totp: Place,
    pub(crate) push: Push,
    pub(crate) totp_enrolment: Option<u64>,
    pub(crate) only_key: bool,
    pub(crate) self_registration: bool,
    pub(crate) passwordless: bool,
    pub(crate) verification: Verification,
    pub(crate) attestation: Attestation,
    pub(crate) disabled: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            key: Place::Allowed,
            totp: Place::Allowed,
            push: Push::Off,
            totp_enrolment: None,
            only_key: false,
            self_registration: true,
            passwordless: false,
            verification: Verification::Preferred,
            attestation: Attestation::None,
            disabled: false,
        }
    }
}
