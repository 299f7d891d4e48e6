//! Mistakes that are longer than an expression, each as a real portal made it. The table names them.

pub(super) mod answers;
pub(super) mod attestation;
pub(super) mod browsers;
pub(super) mod client_data;
mod ecdsa_signature;
pub(super) mod keys;
pub(super) mod origin;
pub(super) mod push;
pub(super) mod reset;
pub(super) mod sessions;
pub(super) mod sign_in;
pub(super) mod totp;
