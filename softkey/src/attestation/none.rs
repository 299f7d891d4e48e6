//! No attestation (WebAuthn Level 3 §8.7): an empty statement.

use super::Attested;
use crate::tampering::Statement;

pub(super) fn attest() -> Attested {
    Attested { format: "none", statement: Statement::default(), signature: None }
}
