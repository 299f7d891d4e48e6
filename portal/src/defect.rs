//! What the reference portal can be told to forget or to weaken, one thing at a time.

use super::check::Check;

mod table;
mod weakness;

pub use table::DEFECTS;
pub use weakness::Weakness;

/// How a defective portal goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It does not make a check.
    Forgets(Check),
    /// It makes a check badly.
    Weakness(Weakness),
    /// It makes no check at all: the canary.
    AcceptsEverything,
}

/// One defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Its id: the catalogue's where the catalogue has it, `login/origin-suffix-no-dot`.
    pub id: &'static str,
    /// The requirement that it breaks; one of its scenarios must fail.
    pub breaks: &'static str,
    /// What the portal does wrong, in one sentence.
    pub says: &'static str,
    /// How.
    pub fault: Fault,
}

/// The defect with an id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Defect> {
    DEFECTS.iter().find(|defect| defect.id == id)
}
