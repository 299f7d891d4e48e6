//! The parts of a flow: some verbs have two, with the key's answer in between.

use profile::Verb;

/// Which part of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    /// All of it.
    Whole,
    /// Up to the options.
    Begin,
    /// From the answer on.
    Finish,
}

impl Half {
    /// As a record names this part of a verb's flow.
    pub(super) fn of(self, verb: Verb) -> String {
        match self {
            Self::Whole => verb.name().to_owned(),
            Self::Begin => format!("{}.begin", verb.name()),
            Self::Finish => format!("{}.finish", verb.name()),
        }
    }
}
