//! A seeded software security key and the browser around it: options in, response out.
//!
//! A [`SoftKey`] is an honest authenticator of some [`Model`], a [`Browser`] the page it is used on.
//! Together they answer the options of a portal the way `navigator.credentials` does, in the JSON
//! forms of WebAuthn Level 3. A [`Tampering`] makes them say one false thing at one stage, and go on
//! honestly from there. There are no sockets, no clock and no randomness here: the same [`Seed`]
//! gives the same bytes.
//!
//! ```
//! use softkey::{Browser, Model, Seed, SoftKey, Tampering};
//!
//! const LIE: Tampering = Tampering::ClientData(|c| c.origin = "https://evil.example".into());
//!
//! let mut key = SoftKey::new(Model::roaming(), &Seed::new([7; 32]));
//! let page = Browser::at("https://portal.example");
//! let options = serde_json::json!({
//!     "rp": {"id": "portal.example", "name": "Portal"},
//!     "user": {"id": "YWxpY2U", "name": "alice", "displayName": "Alice"},
//!     "challenge": "c29tZSBjaGFsbGVuZ2U",
//!     "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
//! });
//! let honest = key.clone().register(&options, &page, None)?;
//! let false_one = key.register(&options, &page, Some(&LIE))?;
//! assert_eq!(honest.authenticator_data, false_one.authenticator_data);
//! assert_ne!(honest.client_data, false_one.client_data);
//! # Ok::<(), softkey::Refusal>(())
//! ```

mod algorithm;
mod attestation;
mod auth_data;
mod base64url;
mod browser;
mod cbor;
mod ceremony;
mod certificate;
mod client_data;
mod cose;
mod key;
mod refusal;
mod seed;
mod tampering;
pub mod totp;
#[cfg(test)]
mod w3c;
mod wire;

pub use algorithm::Algorithm;
pub use auth_data::{Attested, AuthData, Flags, rp_id_hash_of};
pub use base64url::{base64url, from_base64url};
pub use browser::Browser;
pub use cbor::{Cbor, Map, decode as decode_cbor, encode as encode_cbor};
pub use ceremony::Spoken;
pub use certificate::{AaguidExtension, CertificateFields, Issuer, Name, attestation_root_der};
pub use client_data::{ClientData, Member, MemberName};
pub use cose::CoseKey;
pub use key::{AttestationKind, Counter, Credential, Model, SoftKey};
pub use refusal::Refusal;
pub use seed::Seed;
pub use tampering::{AttestationObject, Signer, Statement, Tampering};
