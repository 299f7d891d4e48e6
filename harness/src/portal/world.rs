//! The portal's state: users with their factors, sessions, ceremonies and reset tokens.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    random::{Purpose, Random},
    webauthn::Credential,
};

/// 2026-01-01T00:00:00Z; the clock moves only when the administrator moves it.
const BEGINNING: u64 = 1_767_225_600;

/// Everything that a portal knows.
pub(super) struct World {
    pub(super) now: u64,
    pub(super) random: Random,
    pub(super) users: BTreeMap<String, User>,
    pub(super) sessions: BTreeMap<String, Session>,
    pub(super) ceremonies: Vec<Ceremony>,
    pub(super) resets: BTreeMap<String, Reset>,
    /// Deleted keys that a defective portal still knows.
    pub(super) buried: Vec<(String, Key)>,
}

impl World {
    pub(super) fn new(seed: &[u8; 32], host: &str) -> Self {
        Self {
            now: BEGINNING,
            random: Random::new(seed, host),
            users: BTreeMap::new(),
            sessions: BTreeMap::new(),
            ceremonies: Vec::new(),
            resets: BTreeMap::new(),
            buried: Vec::new(),
        }
    }

    pub(super) fn token(&mut self, purpose: Purpose) -> String {
        hex(&self.random.draw::<24>(purpose))
    }

    /// Who has a credential: the user's name, and the key.
    pub(super) fn owner(&self, id: &[u8]) -> Option<(&str, &Key)> {
        let alive = self
            .users
            .iter()
            .flat_map(|(name, user)| user.keys.iter().map(move |key| (name.as_str(), key)));
        let mut keys = alive.chain(self.buried.iter().map(|(name, key)| (name.as_str(), key)));
        keys.find(|(_, key)| key.credential.id == id)
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A factor's place in a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Place {
    Off,
    #[default]
    Allowed,
    Required,
}

/// Whether a key has to verify its user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verification {
    Discouraged,
    #[default]
    Preferred,
    Required,
}

impl Verification {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Discouraged => "discouraged",
            Self::Preferred => "preferred",
            Self::Required => "required",
        }
    }
}

/// What an administrator decides for one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Policy {
    pub(super) key: Place,
    pub(super) totp: Place,
    pub(super) totp_enrolment: Option<u64>,
    pub(super) only_key: bool,
    pub(super) self_registration: bool,
    pub(super) passwordless: bool,
    pub(super) verification: Verification,
    pub(super) disabled: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            key: Place::Allowed,
            totp: Place::Allowed,
            totp_enrolment: None,
            only_key: false,
            self_registration: true,
            passwordless: false,
            verification: Verification::Preferred,
            disabled: false,
        }
    }
}

/// One user.
pub(super) struct User {
    pub(super) mail: String,
    pub(super) password: String,
    pub(super) handle: Vec<u8>,
    pub(super) policy: Policy,
    pub(super) keys: Vec<Key>,
    pub(super) totp: Option<Totp>,
    /// When the enrollment period for TOTP began.
    pub(super) enrolment_from: u64,
    pub(super) wrong_passwords: Vec<u64>,
    pub(super) wrong_codes: Vec<u64>,
    pub(super) mailed: Vec<u64>,
}

impl User {
    /// Whether the enrollment period is over and TOTP is still missing.
    pub(super) fn missed_enrolment(&self, now: u64) -> bool {
        let over =
            self.policy.totp_enrolment.is_some_and(|period| now > self.enrolment_from + period);
        self.policy.totp == Place::Required && self.totp.is_none() && over
    }

    /// The factors that sign this user in.
    pub(super) fn factors(&self) -> Vec<&'static str> {
        let mut factors = Vec::new();
        if !self.keys.is_empty() && self.policy.key != Place::Off {
            factors.push("key");
        }
        if self.totp.is_some() && self.policy.totp != Place::Off && !self.policy.only_key {
            factors.push("totp");
        }
        factors
    }

    /// Whether any factor is set up, enabled or not.
    pub(super) fn has_factor(&self) -> bool {
        !self.keys.is_empty() || self.totp.is_some()
    }
}

/// One registered key.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) credential: Credential,
    pub(super) label: String,
    pub(super) administered: bool,
}

/// An active authenticator app.
#[derive(Clone)]
pub(super) struct Totp {
    pub(super) secret: Vec<u8>,
    /// The newest step whose code was used.
    pub(super) last_step: u64,
}

/// One browser's session.
#[derive(Clone, Default)]
pub(super) struct Session {
    /// After the password step.
    pub(super) user: Option<String>,
    /// After the factor, or where there is none.
    pub(super) full: bool,
    /// When the user last proved who they are.
    pub(super) proof: u64,
    /// The secret of a TOTP set-up that is not confirmed.
    pub(super) pending_totp: Option<Vec<u8>>,
    /// Wrong codes in this session; only a defective portal counts here.
    pub(super) wrong_codes: u32,
}

/// What a challenge is issued for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    Registration,
    SignIn,
    Passwordless,
    Reset(String),
    Password,
    AdminRegistration,
}

/// One ceremony between challenge and answer.
#[derive(Clone)]
pub(super) struct Ceremony {
    pub(super) challenge: Vec<u8>,
    pub(super) aim: Aim,
    pub(super) session: String,
    pub(super) issued: u64,
    pub(super) spent: bool,
    /// The credentials that were asked for; empty for any.
    pub(super) listed: Vec<Vec<u8>>,
    pub(super) verification: Verification,
}

/// One mailed reset token.
#[derive(Clone)]
pub(super) struct Reset {
    pub(super) user: String,
    pub(super) issued: u64,
    pub(super) spent: bool,
    pub(super) newest: bool,
}
