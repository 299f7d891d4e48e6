//! Deployments, the reference portal, the profile language and the runner: the only crate with
//! sockets, clocks and processes.

pub mod deployment;
pub mod error;
#[cfg(test)]
mod fixture;
pub mod mailbox;
pub mod profile;
pub mod recorder;
pub mod secret;
pub mod wire;
