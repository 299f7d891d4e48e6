//! What the reference portal can be told to forget or to weaken, one thing at a time.

use super::check::Check;

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

/// A check made badly, each as a real portal made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weakness {
    /// The origin's host is compared by its end, without a dot before it.
    OriginSuffix,
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

/// Every defect, by chapter of the catalogue.
pub const DEFECTS: &[Defect] = &[
    Defect {
        id: "login/origin-suffix-no-dot",
        breaks: "authentication/origin",
        says: "The origin's host is matched as a bare suffix of the RP id, so that a look-alike passes.",
        fault: Fault::Weakness(Weakness::OriginSuffix),
    },
];

/// The defect with an id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Defect> {
    DEFECTS.iter().find(|defect| defect.id == id)
}
