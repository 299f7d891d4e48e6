//! The reference portal: does everything right, save for the one defect that it is told to have.

pub mod check;
pub mod defect;
pub mod webauthn;
