//! The suite: requirements with their proofs. Tables and stories, no HTTP types.

use harness::requirement::Requirement;

pub mod matrix;
pub mod portal;
pub mod webauthn;

/// Every requirement, chapter by chapter, in reading order.
#[must_use]
pub fn suite() -> Vec<&'static Requirement> {
    let chapters = webauthn::CHAPTERS.iter().chain(portal::CHAPTERS).chain(matrix::CHAPTERS);
    chapters.flat_map(|chapter| chapter.iter().copied()).collect()
}

/// The scenarios that a portal which accepts everything must fail: a false ceremony of each kind, and
/// a key that is not the user's.
pub const CANARIES: &[&str] = &[
    "registration/challenge/invented",
    "authentication/signature/other-key",
    "authentication/credential/of-another-user",
];
