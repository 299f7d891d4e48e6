//! What the standard asks of a relying party: tables of tamperings, variations and observations.
//! WebAuthn Level 3, §7.1 and §7.2, in the order of the standard.

use harness::requirement::{Family, Proof, Requirement, Source, at};
use reports::record::{Impact, Level};

mod attestation;
mod authentication;
mod changes;
mod client_data;
mod options;
mod passwordless;
mod registration;
mod signatures;
mod spelling;
mod variations;

/// The chapters, in reading order.
pub const CHAPTERS: &[&[&Requirement]] = &[
    options::CHAPTER,
    client_data::CHAPTER,
    registration::CHAPTER,
    attestation::CHAPTER,
    authentication::CHAPTER,
    passwordless::CHAPTER,
    spelling::CHAPTER,
    variations::CHAPTER,
];

const CREATING: Source =
    at("WebAuthn L3 §7.1", "https://www.w3.org/TR/webauthn-3/#sctn-registering-a-new-credential");

const ASSERTING: Source =
    at("WebAuthn L3 §7.2", "https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion");

/// A must of the registration ceremony.
const fn creating(
    id: &'static str,
    impact: Impact,
    says: &'static str,
    proof: Proof,
) -> Requirement {
    let (family, level, source) = (Family::Registration, Level::Must, CREATING);
    Requirement { id, family, level, impact, source, says, catalogue: &[], reasons: &[], proof }
}

/// A must of the authentication ceremony.
const fn asserting(
    id: &'static str,
    impact: Impact,
    says: &'static str,
    proof: Proof,
) -> Requirement {
    let (family, level, source) = (Family::Login, Level::Must, ASSERTING);
    Requirement { id, family, level, impact, source, says, catalogue: &[], reasons: &[], proof }
}
