//! What the reference portal can be told to forget or to decide otherwise, one thing at a time.

use super::{check::Check, rules::Rules};

mod mistakes;
mod scars;
mod table;

pub(crate) use scars::Scars;
pub use table::DEFECTS;

/// How a defective portal goes wrong.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// It does not make a check.
    Forgets(Check),
    /// It decides one thing otherwise: the change replaces one member of the sound portal's rules.
    Decides(fn(&mut Rules)),
    /// It makes no check at all: the canary.
    AcceptsEverything,
}

/// One defect.
#[derive(Clone, Copy, Debug)]
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What two sets of rules differ in. A member stands on a line of its own; one that is a function
    /// shows its address, which a copy keeps.
    fn differences(one: &Rules, other: &Rules) -> Vec<String> {
        let [one, other] = [one, other].map(|rules| format!("{rules:#?}"));
        assert_eq!(one.lines().count(), other.lines().count(), "a member has several lines");
        let pairs = one.lines().zip(other.lines());
        pairs.filter(|(one, other)| one != other).map(|(one, _)| one.trim().to_owned()).collect()
    }

    #[test]
    fn each_defect_replaces_exactly_one_decision() {
        let sound = Rules::SOUND;
        let mut others = Vec::new();
        for defect in DEFECTS {
            if let Fault::Decides(change) = defect.fault {
                let mut rules = sound;
                change(&mut rules);
                let replaced = differences(&sound, &rules);
                if replaced.len() != 1 {
                    others.push((defect.id, replaced));
                }
            }
        }
        assert_eq!(others, []);
    }
}
