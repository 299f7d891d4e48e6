//! Performs the verbs of a profile on a portal: over HTTP by its flows, on its pages in a browser, or by
//! a program of the user's. The only crate that sends requests to portals; reads clocks.

pub mod consent;
pub mod deployment;
#[cfg(test)]
mod fixture;
mod random;
mod recorder;
mod run_tag;
mod scene;
mod waiting;
pub mod wire;

pub use self::{random::fresh, recorder::Recorder, run_tag::run_tag, waiting::Waiting};
