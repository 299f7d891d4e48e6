//! The record of a run, the judge, and the renderings. Bytes and values in, bytes and values out: no
//! sockets, no clock, no randomness. Only `input` opens files: those that a user names.

pub mod bench;
pub mod bounds;
pub mod brief;
mod deciding;
pub mod decode;
pub mod evidence;
pub mod folder;
pub mod growth;
pub mod input;
pub mod journal;
pub mod judge;
pub mod record;
pub mod redact;
pub mod render;
pub mod source;
pub mod verify;

#[cfg(test)]
mod edits;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod schema;
