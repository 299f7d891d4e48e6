//! Deployments, the reference portal, the profile language and the runner: the only crate with
//! sockets, clocks and processes.

pub mod error;
pub mod portal;
pub mod secret;
