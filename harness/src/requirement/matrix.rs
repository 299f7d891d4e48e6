//! Matrices: a rule over axes. Every cell is a scenario, or has a reason why it is not tried.

use super::StoryCase;

/// The cells of one row of a matrix.
#[derive(Debug, Default)]
pub struct Cells {
    /// Those that are tried, in the order of the table.
    pub tried: Vec<StoryCase>,
    /// Those that are not.
    pub untried: Vec<Untried>,
}

/// A cell that is not tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Untried {
    /// What would be the last part of the scenario's id.
    pub case: &'static str,
    /// Why not, as a sentence without its full stop.
    pub why: &'static str,
}
