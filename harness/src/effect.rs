//! What a scenario does to a portal beside looking at it. Derived from what it needs and what it is,
//! never declared by hand; a profile and a command line say which effects are allowed.

use std::{collections::BTreeSet, fmt};

use crate::{
    deployment::Verb,
    profile::{Ability, Description},
    requirement::{Case, Ceremony},
};

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

/// What a case does on a portal: where nobody signs in without a factor, whoever is to sign in sets one up.
#[must_use]
pub fn on(case: &Case, about: &Description) -> BTreeSet<Effect> {
    let mut effects = of_case(case);
    if about.can(Ability::MandatoryFactor) {
        effects.insert(Effect::ChangesOwnAccount);
    }
    effects
}

/// What carrying out a verb does, whatever it is given.
#[must_use]
pub const fn of_verb(verb: Verb) -> Option<Effect> {
    match verb {
        Verb::CreateUser => Some(Effect::CreatesAccount),
        Verb::RegisterKey
        | Verb::EnrolTotp
        | Verb::RenameKey
        | Verb::DeleteKey
        | Verb::FinishReset
        | Verb::ChangePassword
        | Verb::SetPolicy
        | Verb::AdminRegisterKey
        | Verb::AdminDeleteKey
        | Verb::ResetEnrolment => Some(Effect::ChangesOwnAccount),
        Verb::RequestReset => Some(Effect::SendsMail),
        Verb::DeleteUser => Some(Effect::DeletesOwnAccount),
        Verb::SignIn
        | Verb::AnswerWithKey
        | Verb::SignInWithKey
        | Verb::AnswerWithTotp
        | Verb::AnswerWithPush
        | Verb::ListKeys
        | Verb::OpenReset
        | Verb::ConfirmResetWithKey
        | Verb::SignOut
        | Verb::Whoami
        | Verb::ReadClock
        | Verb::AdvanceClock
        | Verb::OpenProtected
        | Verb::OpenApp
        | Verb::StartAtApp => None,
    }
}

/// What a case does. Somebody always gets an account; abilities tell by their flows; what a story
/// tries cannot be read off its row, so that every story counts as trying something wrong.
#[must_use]
pub fn of_case(case: &Case) -> BTreeSet<Effect> {
    let mut effects = BTreeSet::from([Effect::CreatesAccount]);
    let flows = case.needs().into_iter().flat_map(Ability::flows);
    effects.extend(flows.filter_map(|verb| of_verb(*verb)));
    match case {
        Case::Tampering(..) | Case::Story(_) => {
            effects.insert(Effect::WrongTries);
        }
        Case::Observation(_) => {}
        Case::Variation(ceremony, _) => match ceremony {
            // Whether the new key signs in is asked by signing in with it, unasked for.
            Ceremony::Registration => {
                effects.insert(Effect::WrongTries);
            }
            Ceremony::Authentication | Ceremony::Passwordless => {}
        },
    }
    if case.meets_limits() {
        effects.insert(Effect::MeetsLimits);
    }
    effects
}
