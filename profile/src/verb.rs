//! The verbs: what can be done on a portal, under the names of the profile's flows. All that is true of a
//! verb is its row in `verb/table.rs`; what the columns mean stands here.

mod parameter;
mod table;

use reports::record::Reply;

pub use self::{parameter::Parameter, table::Verb};
use crate::effect::Effect;

/// Captures that open an account, whatever a profile or an adapter says of them.
pub const ALWAYS_SECRET: [&str; 2] = ["secret", "uri"];

/// Inputs that only the second half is given, where a flow has two: they are what the suite makes of
/// the first.
pub const ANSWERS: &[&str] = &[Parameter::CREDENTIAL.name, Parameter::CODE.name];

/// What later flows know of the `sign_in` of their browser.
pub const SIGNED_IN: &[&str] =
    &[Parameter::USER.name, Parameter::PASSWORD.name, Parameter::MAIL.name];

/// All that is true of one verb.
#[derive(Clone, Copy, Debug)]
pub struct VerbRow {
    /// The name of its flow in a profile.
    pub name: &'static str,
    /// What it does, in a sentence or two.
    pub says: &'static str,
    /// What its flow is given; the driver takes nothing else.
    pub inputs: &'static [Parameter],
    /// How many halves its flow has.
    pub division: Division,
    /// Which options of WebAuthn its first half shows.
    pub options: ShownOptions,
    /// What the suite reads of what it captures.
    pub captures: Option<Capture>,
    /// What carrying it out does to a portal, whatever it is given.
    pub effect: Option<Effect>,
    /// Where it is performed.
    pub browser: Browser,
    /// Whether it leaves the page where it was, as a second tab does that shares the cookies.
    pub leaves_the_page: bool,
    /// Whether it makes an account, or changes or removes the one that it is told to.
    pub is_done_to_an_account: bool,
    /// Whether a portal may count it against the account when it is wrong.
    pub is_a_try: bool,
    /// Whether it may count while nobody has answered it, as a prompt does.
    pub counts_unanswered: bool,
    /// Whether its requests are honest in every scenario: nothing is ever tried with them, so that a
    /// portal that does not answer them is not well.
    pub is_always_honest: bool,
    /// Whether an adapter may be asked for it again though the portal may have done it: it changes nothing,
    /// or makes what is not made twice.
    pub is_harmless_twice: bool,
    /// Whether `password` is the account's from then on.
    pub sets_password: bool,
}

/// How many halves a flow has. Between two the suite answers what the first shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Division {
    /// One.
    Whole,
    /// Two.
    Halves,
    /// Two, with other verbs between them in the same browser: the second goes on from where they led,
    /// and it is the second that captures what the suite reads.
    HalvesApart,
    /// One, or two where a key confirms it.
    Either,
}

/// Which options of WebAuthn the first half of a flow shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownOptions {
    /// None that are read.
    None,
    /// Those of an assertion, where a key confirms the verb.
    MaybeRequest,
    /// Those of an assertion.
    Request,
    /// Those of a new credential.
    Creation,
}

impl ShownOptions {
    /// Whether the flow must say where they are.
    #[must_use]
    pub const fn are_needed(self) -> bool {
        match self {
            Self::None | Self::MaybeRequest => false,
            Self::Request | Self::Creation => true,
        }
    }
}

/// What a flow captures for the suite.
#[derive(Clone, Copy, Debug)]
pub struct Capture {
    /// Under which name.
    pub name: &'static str,
    /// What it is, in words.
    pub says: &'static str,
    /// Whether it may be missing.
    pub presence: Presence,
}

/// Whether a capture may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It may not.
    Always,
    /// It names somebody, and is missing or null where there is nobody.
    UnlessNobody,
    /// It may; only an adapter is asked for it.
    Optional,
}

/// In which browser a verb is performed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// In that of the visitor, which knows of earlier flows.
    Visitors,
    /// In one that has done nothing else, so that nothing is known there of an earlier flow.
    New,
    /// In a new one of an administrator, so that a command may be part of the flow.
    Administrators,
}

impl Verb {
    /// The verb whose flow has this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|verb| verb.name() == name)
    }

    /// The name of its flow in a profile.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Whether its flow is given something of this name.
    #[must_use]
    pub fn takes(self, name: &str) -> bool {
        self.row().inputs.iter().any(|input| input.name == name)
    }

    /// What its flow has to capture, where it does.
    #[must_use]
    pub fn must_capture(self) -> Option<&'static str> {
        let needed = |capture: &Capture| capture.presence != Presence::Optional;
        self.row().captures.filter(needed).map(|capture| capture.name)
    }

    /// Whether other verbs come between its halves.
    #[must_use]
    pub const fn has_others_between(self) -> bool {
        matches!(self.row().division, Division::HalvesApart)
    }
}

/// Whether a portal may have counted a try of this verb that was answered so: a prompt that nobody has
/// answered, as one that was denied.
#[must_use]
pub const fn may_count(verb: Verb, reply: Reply) -> bool {
    match reply {
        Reply::Ok => false,
        Reply::FactorNeeded => verb.row().counts_unanswered,
        Reply::Refused
        | Reply::Expired
        | Reply::RateLimited
        | Reply::Error
        | Reply::Dropped
        | Reply::Unknown => true,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_each_a_verbs_own() {
        let names: BTreeSet<&str> = Verb::ALL.iter().map(|verb| verb.name()).collect();
        assert_eq!(names.len(), Verb::ALL.len());
        for verb in Verb::ALL {
            assert_eq!(Verb::named(verb.name()), Some(*verb));
        }
    }

    #[test]
    fn what_verbs_are_given_is_explained() {
        for verb in Verb::ALL {
            for input in verb.row().inputs {
                let known = Parameter::ALL.iter().find(|known| known.name == input.name);
                let says = known.map(|known| known.says);
                assert_eq!(says, Some(input.says), "{} of {}", input.name, verb.name());
            }
        }
    }
}
