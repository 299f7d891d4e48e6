//! Finds known secrets in bytes: in what they say, in what their escapes mean, and in what their encodings
//! decode to. Every byte that a run writes is searched, so this crate alone is optimised in every build.

mod decode;
mod escapes;
mod forms;
mod layer;
mod search;
mod table;

pub use forms::Form;
pub use search::{Match, WITHHELD, Wanted, search};
pub use table::Table;
