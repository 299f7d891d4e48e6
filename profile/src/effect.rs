//! What can be done to a portal beside looking at it. A profile and a command line say which effects are
//! allowed; those of a verb stand in its row, those of a scenario are derived from what it needs and what it is.

use std::{collections::BTreeSet, fmt};

/// A class of effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Makes accounts of the suite's own.
    CreatesAccount,
    /// Changes what belongs to them: keys, codes, passwords, policies.
    ChangesOwnAccount,
    /// Has the portal send mail to them.
    SendsMail,
    /// Deletes them.
    DeletesOwnAccount,
    /// Sends forgeries, and what has to be refused.
    WrongTries,
    /// Tries so often that an account is locked or mail is held back.
    MeetsLimits,
}

impl Effect {
    /// Every effect, the harmless ones first.
    pub const ALL: &[Self] = &[
        Self::CreatesAccount,
        Self::ChangesOwnAccount,
        Self::SendsMail,
        Self::DeletesOwnAccount,
        Self::WrongTries,
        Self::MeetsLimits,
    ];

    /// The word as it stands in profiles, on the command line and in records.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::CreatesAccount => "creates-account",
            Self::ChangesOwnAccount => "changes-own-account",
            Self::SendsMail => "sends-mail",
            Self::DeletesOwnAccount => "deletes-own-account",
            Self::WrongTries => "wrong-tries",
            Self::MeetsLimits => "meets-limits",
        }
    }

    /// The effect of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|effect| effect.word() == word)
    }

    /// Every effect.
    #[must_use]
    pub fn all() -> BTreeSet<Self> {
        Self::ALL.iter().copied().collect()
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Effects in words.
#[must_use]
pub fn words(effects: &BTreeSet<Effect>) -> Vec<String> {
    effects.iter().map(ToString::to_string).collect()
}

/// Every effect but running into limits: what any single honest act may do.
#[must_use]
pub fn but_for_limits() -> BTreeSet<Effect> {
    Effect::all().into_iter().filter(|effect| *effect != Effect::MeetsLimits).collect()
}
