//! Deployments and the runner: the only crate that sends requests. Reads clocks and starts processes of the
//! user's.

pub mod accounts;
pub mod canary;
pub mod cleanup;
pub mod command;
pub mod consent;
pub mod deployment;
pub mod doctor;
#[cfg(test)]
mod fixture;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub(crate) mod guard;
pub(crate) mod html;
pub mod init;
pub mod ledger;
pub mod lines;
pub mod mailbox;
pub mod plan;
pub mod policy;
pub mod program;
pub mod random;
pub mod recorder;
pub mod reference;
pub mod requirement;
pub mod run_tag;
pub mod runner;
pub mod sensitivity;
pub mod sight;
pub(crate) mod standing;
pub mod story;
mod waiting;
pub mod wire;
