//! Matrices: a rule over axes, written as a table of what is expected of each cell. Every cell that is
//! tried tells one and the same story with its own values; any other has a reason.

use std::borrow::Cow;

use harness::requirement::{
    Ability, Cell, Cells, Requirement, StoryCase, Tell, Untried, Waits, Weight,
};
use reports::record::{Impact, Level};

pub mod after;

/// The chapters, in reading order.
pub const CHAPTERS: &[&[&Requirement]] = &[after::CHAPTER];

/// What is expected of a cell, and how it binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It ends.
    Ends(Level),
    /// It lives on.
    Lives(Level),
    /// It is not tried, and why.
    NotTried(&'static str),
}

/// A cell that is tried, as it becomes a scenario.
struct Tried {
    case: &'static str,
    title: String,
    needs: Vec<Ability>,
    waits: Waits,
    weight: Weight,
    tells: Box<dyn Cell>,
}

impl Tried {
    fn story(self) -> StoryCase {
        StoryCase {
            case: self.case,
            title: Cow::Owned(self.title),
            needs: Cow::Owned(self.needs),
            waits: self.waits,
            at_once: None,
            tell: Tell::Cell(self.tells),
            covers: &[],
            weight: Some(self.weight),
        }
    }
}

/// What a cell costs that does not hold.
const fn weight(level: Level, impact: Impact) -> Weight {
    Weight { level, impact }
}

/// Puts a cell where it belongs.
fn put(cells: &mut Cells, cell: Result<Tried, Untried>) {
    match cell {
        Ok(tried) => cells.tried.push(tried.story()),
        Err(untried) => cells.untried.push(untried),
    }
}
