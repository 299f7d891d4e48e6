//! Renderings of a run: each module a projection of [`crate::record::Run`] into text, for one kind of
//! reader. What counts as what is asked of [`crate::judge`], never decided here.

mod green;
pub mod html;
pub mod junit;
pub mod markdown;
mod plain;
mod points;
mod style;
mod tally;
pub mod terminal;

pub use green::says_green;
pub use plain::{clip, is_plain, plain, plain_json, plain_toml};
pub use style::{Style, ascii_json};

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
