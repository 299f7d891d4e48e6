//! The relying party of the reference portal: verifies registrations and authentications as
//! WebAuthn Level 3 §7.1 and §7.2 list the steps. Shares no encoder or decoder with the software
//! key. Knows no sessions and no users: whose challenge it was is the caller's business.

pub(crate) mod attestation;
mod authentication;
pub(crate) mod authenticator_data;
pub(crate) mod base64url;
pub mod cbor;
pub(crate) mod client_data;
mod envelope;
pub(crate) mod json;
mod limited;
mod public_key;
mod registration;

use aws_lc_rs::digest::{SHA256, digest};

pub use authentication::{Accepted, Lookup, verify_authentication};
pub(crate) use authentication::{Attempt, verify as verify_attempt};
pub use envelope::KeyAnswer;
pub use public_key::PublicKey;
pub use registration::verify_registration;

/// What the portal expects of an answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expectation<'a> {
    /// The challenge that was issued.
    pub challenge: &'a [u8],
    /// The portal's origin, as a browser writes it.
    pub origin: &'a str,
    /// The portal's RP id.
    pub rp_id: &'a str,
    /// Its hash.
    pub rp_id_hash: [u8; 32],
    /// Whether the key has to verify its user.
    pub user_verification_required: bool,
    /// The COSE algorithms that were offered.
    pub algorithms: &'a [i64],
    /// Whether a key has to prove its make: a missing attestation and a self attestation prove none.
    pub attestation_required: bool,
    /// How the client data is verified.
    pub client_data: ClientDataVerification,
}

/// How client data is verified (§7.1 steps 5 to 11, §7.2 steps 8 to 14).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientDataVerification {
    /// It is read as JSON.
    #[default]
    Full,
    /// It is compared with what a browser writes, and nothing of it is read (§5.8.1.2).
    Limited,
}

/// A registered credential: the credential record of WebAuthn Level 3 §4.
#[derive(Clone, Debug)]
pub struct Credential {
    /// Its id.
    pub id: Vec<u8>,
    /// Its COSE algorithm.
    pub algorithm: i64,
    /// Its public key; `None` only where a defective portal stored a key that it cannot read.
    pub public_key: Option<PublicKey>,
    /// The signature counter.
    pub counter: u32,
    /// Whether the key may be backed up.
    pub backup_eligible: bool,
    /// Whether the key is backed up.
    pub backed_up: bool,
    /// The authenticator's model.
    pub aaguid: [u8; 16],
    /// How the browser reaches the key.
    pub transports: Vec<String>,
    /// Whether the key verified its user at registration.
    pub verified_at_registration: bool,
    /// The format of its attestation.
    pub attestation_format: String,
}

/// A hash, as client data and RP ids have one.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}
