//! One credential of a key, without a way to its private key.

use std::fmt;

use crate::algorithm::{Algorithm, KeyPair};
use crate::base64url::base64url;
use crate::cose::CoseKey;

/// A credential that a key holds.
#[derive(Clone)]
pub struct Credential {
    pub(super) id: Vec<u8>,
    pub(super) rp_id: String,
    pub(super) user_handle: Vec<u8>,
    pub(super) discoverable: bool,
    pub(super) counter: u32,
    pub(super) pair: KeyPair,
}

impl Credential {
    /// The credential id.
    pub fn id(&self) -> &[u8] {
        &self.id
    }

    /// The credential id as base64url, the way responses name it.
    pub fn id_text(&self) -> String {
        base64url(&self.id)
    }

    /// The relying party that it is for.
    pub fn rp_id(&self) -> &str {
        &self.rp_id
    }

    /// The user handle that the portal gave.
    pub fn user_handle(&self) -> &[u8] {
        &self.user_handle
    }

    /// Whether the key finds it without being told its id.
    pub fn is_discoverable(&self) -> bool {
        self.discoverable
    }

    /// The algorithm that it signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.pair.algorithm()
    }

    /// The counter that its last ceremony told, before any tampering.
    pub fn counter(&self) -> u32 {
        self.counter
    }

    /// The public key that belongs to its private key.
    pub fn public_key(&self) -> CoseKey {
        self.pair.public_key()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Credential");
        shown.field("id", &self.id_text()).field("rp_id", &self.rp_id);
        shown.field("user_handle", &base64url(&self.user_handle));
        shown.field("algorithm", &self.algorithm()).field("counter", &self.counter);
        shown.finish_non_exhaustive()
    }
}
