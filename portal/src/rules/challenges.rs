//! What is decided about challenges, and about what the options of a ceremony say.

use serde_json::Value;

use super::keys::slow_store;
use crate::{
    ceremony::{self, Asked},
    options,
    random::{Purpose, Random},
    router::Reply,
    state::{Ceremony, Key, State, User, Verification},
};

/// How long a challenge is good, seconds, and a browser waits for the key.
const LIFETIME: u64 = 60;

/// What becomes of a challenge between its issue and its answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChallengeRules {
    /// A new one: random, of 16 bytes at least, and never issued before (§13.4.3).
    pub(crate) issued: fn(&mut Random) -> Vec<u8>,
    /// How long it is good, seconds: as long as the options say.
    pub(crate) lifetime: u64,
    /// When it is used up, whatever becomes of its answer.
    pub(crate) spent: Spent,
    /// The ceremony that an answer belongs to: one that the portal has begun.
    pub(crate) of_answer: fn(&State, &Asked<'_>, claimed: Option<&[u8]>) -> Option<Ceremony>,
}

/// When a challenge is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spent {
    OnReceipt,
    AfterVerification,
    Never,
}

impl Spent {
    /// The time between the receipt of an answer and its verification, where there is some.
    pub(crate) async fn apart(self) {
        match self {
            Self::AfterVerification => slow_store().await,
            Self::OnReceipt | Self::Never => {}
        }
    }
}

impl ChallengeRules {
    pub(super) const SOUND: Self = Self {
        issued: |random| random.draw::<32>(Purpose::Challenge).to_vec(),
        lifetime: LIFETIME,
        spent: Spent::OnReceipt,
        of_answer: ceremony::begun,
    };
}

/// What the options of a ceremony say (§5.4, §5.5).
#[derive(Clone, Copy, Debug)]
pub(crate) struct OptionsRules {
    /// The RP id: the portal's own domain, and none that it shares with other hosts (§5.4.2, §13.4.8).
    pub(crate) rp_id: fn(domain: &str) -> &str,
    /// How a challenge is written: as base64url without padding (§5.1.8, §5.1.9).
    pub(crate) challenge: fn(&[u8]) -> String,
    /// The browser's time limit, milliseconds: the lifetime of the challenge.
    pub(crate) timeout: u64,
    /// Which of the algorithms that the portal verifies are offered: all of them (§5.4).
    pub(crate) offers: fn(i64) -> bool,
    /// The user's keys that are not to be registered again: all of them (§5.4).
    pub(crate) excluded: fn(Vec<Value>) -> Vec<Value>,
    /// The keys that may answer: the user's own (§5.5).
    pub(crate) allowed: fn(&Random, Vec<Value>) -> Vec<Value>,
    /// The old member about discoverable keys, which says the same as the new one (§5.4.4).
    pub(crate) requires_resident_key: bool,
    /// A new user's handle: random, since it must tell nothing about the user (§14.6.1).
    pub(crate) new_handle: fn(&mut State, name: &str) -> Vec<u8>,
    /// The handle that a registration names and an answer repeats: the user's own, and always that one
    /// (§5.4.3).
    pub(crate) handle: fn(&State, &User, claimed: Option<&[u8]>) -> Vec<u8>,
    /// Whether the key has to verify its user: as the policy says, whatever the browser does.
    pub(crate) verification: fn(policy: Verification, said: Option<Verification>) -> Verification,
    /// What is answered to whoever asks for options: them, whatever ways lead to the keys. Ways that
    /// are unknown are kept as they are (§5.8.4).
    pub(crate) told: fn(&[Key], Reply) -> Reply,
}

impl OptionsRules {
    pub(super) const SOUND: Self = Self {
        rp_id: |domain| domain,
        challenge: options::text,
        timeout: LIFETIME * 1000,
        offers: |_| true,
        excluded: |keys| keys,
        allowed: |_, keys| keys,
        requires_resident_key: false,
        new_handle: |state, _| state.random.draw::<32>(Purpose::UserHandle).to_vec(),
        handle: |_, user, _| user.handle.clone(),
        verification: |policy, _| policy,
        told: |_, options| options,
    };
}
