//! The software key as its users see it: options in, responses out, judged by another library.

#![expect(
    clippy::unwrap_used,
    reason = "clippy's exception for tests does not reach their shared functions"
)]

#[path = "softkey/honest.rs"]
mod honest;
#[path = "softkey/judge.rs"]
mod judge;
#[path = "softkey/refusals.rs"]
mod refusals;
#[path = "softkey/tampering.rs"]
mod tampering;
