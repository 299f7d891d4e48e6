//! What others wrote to do the same: each a module, built where its feature is on.

#[cfg(feature = "passkey")]
mod passkey;
#[cfg(feature = "webauthn_rp")]
mod webauthn_rp;
#[cfg(feature = "webauthn-rs-core")]
mod webauthn_rs_core;

use crate::sampler::Work;

/// The rows of every peer that was built.
#[must_use]
pub fn rows() -> Vec<Work> {
    let mut rows: Vec<Work> = Vec::new();
    #[cfg(feature = "webauthn-rs-core")]
    rows.extend(webauthn_rs_core::rows());
    #[cfg(feature = "webauthn_rp")]
    rows.extend(webauthn_rp::rows());
    #[cfg(feature = "passkey")]
    rows.extend(passkey::rows());
    rows
}
