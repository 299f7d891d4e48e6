//! The record of a run, the judge, and the renderings. Bytes and values in, bytes and values out: no
//! sockets, no clock, no randomness.

pub mod judge;
pub mod record;
