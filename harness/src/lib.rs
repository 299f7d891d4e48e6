//! What is tried on a portal and how a run goes: requirements, stories, accounts, the plan and the
//! runner. Portals are reached through `driver` alone.

pub mod account;
pub mod accounts;
pub mod canary;
pub mod cleanup;
pub mod defects;
pub mod doctor;
#[cfg(test)]
mod fixture;
pub(crate) mod guard;
pub mod plan;
pub mod policy;
pub mod program;
pub mod reference;
pub mod requirement;
pub mod runner;
pub mod sight;
pub(crate) mod standing;
pub mod story;
