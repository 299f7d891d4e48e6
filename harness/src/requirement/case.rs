//! One case of a proof, whichever of the four kinds it is, and the scenario that it makes.

use std::collections::BTreeSet;

use driver::deployment::AtOnce;
use profile::{Ability, Description, effect::Effect};
use reports::record::{Impact, Kind, Level};

use super::{
    Ceremony, ObservationCase, Requirement, StoryCase, TamperingCase, VariationCase, Waits, Weight,
};
use crate::policy::Policy;

/// One scenario: a requirement with one of its cases.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// `<requirement>/<case>`.
    pub id: String,
    /// What it checks.
    pub requirement: &'static Requirement,
    /// What is run.
    pub case: Case,
}

impl Scenario {
    /// How it binds: as its requirement does, or its case by itself.
    #[must_use]
    pub fn level(&self) -> Level {
        self.case.weight().map_or(self.requirement.level, |weight| weight.level)
    }

    /// What breaking it costs.
    #[must_use]
    pub fn impact(&self) -> Impact {
        self.case.weight().map_or(self.requirement.impact, |weight| weight.impact)
    }
}

/// One case of a proof.
#[derive(Clone, Copy, Debug)]
pub enum Case {
    /// See [`TamperingCase`].
    Tampering(Ceremony, &'static TamperingCase),
    /// See [`VariationCase`].
    Variation(Ceremony, &'static VariationCase),
    /// See [`ObservationCase`].
    Observation(&'static ObservationCase),
    /// See [`StoryCase`].
    Story(&'static StoryCase),
}

impl Case {
    /// Last part of the id.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::Tampering(_, case) => case.case,
            Self::Variation(_, case) => case.case,
            Self::Observation(case) => case.case,
            Self::Story(case) => case.case,
        }
    }

    /// In a few words.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            Self::Tampering(_, case) => case.title,
            Self::Variation(_, case) => case.title,
            Self::Observation(case) => case.title,
            Self::Story(case) => &case.title,
        }
    }

    /// Catalogue ids.
    #[must_use]
    pub const fn covers(&self) -> &'static [&'static str] {
        match self {
            Self::Tampering(_, case) => case.covers,
            Self::Variation(_, case) => case.covers,
            Self::Observation(case) => case.covers,
            Self::Story(case) => case.covers,
        }
    }

    /// Which of the four kinds.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Tampering(..) => Kind::Tampering,
            Self::Variation(..) => Kind::Variation,
            Self::Observation(_) => Kind::Observation,
            Self::Story(_) => Kind::Story,
        }
    }

    /// How it binds, where that is not as its requirement does.
    const fn weight(&self) -> Option<Weight> {
        match self {
            Self::Tampering(..) | Self::Variation(..) | Self::Observation(_) => None,
            Self::Story(case) => case.weight,
        }
    }

    /// How much time must pass.
    #[must_use]
    pub const fn waits(&self) -> Waits {
        match self {
            Self::Tampering(..) | Self::Variation(..) | Self::Observation(_) => Waits::Seconds(0),
            Self::Story(case) => case.waits,
        }
    }

    /// What happens in it at the same instant.
    #[must_use]
    pub const fn at_once(&self) -> Option<AtOnce> {
        match self {
            Self::Tampering(..) | Self::Variation(..) | Self::Observation(_) => None,
            Self::Story(case) => case.at_once,
        }
    }

    /// Whether it runs into a limit of the portal on purpose.
    #[must_use]
    pub fn meets_limits(&self) -> bool {
        let limits = [Ability::Lockout, Ability::ResetLimit, Ability::KeyLimit, Ability::PushLimit];
        self.needs().iter().any(|need| limits.contains(need))
    }

    /// Everything that the deployment must be able to do.
    #[must_use]
    pub fn needs(&self) -> Vec<Ability> {
        let (ceremony, own, policy) = match self {
            Self::Tampering(ceremony, case) => (Some(*ceremony), case.needs, case.policy),
            Self::Variation(ceremony, case) => (Some(*ceremony), case.needs, case.policy),
            Self::Observation(case) => (Some(Ceremony::Registration), case.needs, Policy::plain()),
            Self::Story(case) => (None, &*case.needs, Policy::plain()),
        };
        let mut needs = own.to_vec();
        match ceremony {
            // Where the key stands in for the password nobody gives a name: a key that does not find
            // its credential by itself has no place there.
            Some(Ceremony::Authentication) if !self.finds_its_credential() => {
                needs.push(Ability::Key);
            }
            Some(Ceremony::Registration | Ceremony::Authentication) => {
                needs.push(Ability::KeySignIn);
            }
            Some(Ceremony::Passwordless) => {
                needs.extend([Ability::KeySignIn, Ability::Passwordless]);
            }
            None => {}
        }
        // A portal without policies that lets keys sign in alone lets everybody's.
        let as_it_is = [Policy::plain(), Policy::passwordless()];
        let passwordless = ceremony == Some(Ceremony::Passwordless);
        if !as_it_is.contains(&policy) || (policy != Policy::plain() && !passwordless) {
            needs.push(Ability::Policy);
        }
        needs
    }

    /// What it does on a portal: where nobody signs in without a factor, whoever is to sign in sets one up.
    #[must_use]
    pub fn effects_on(&self, about: &Description) -> BTreeSet<Effect> {
        let mut effects = self.effects();
        if about.can(Ability::MandatoryFactor) {
            effects.insert(Effect::ChangesOwnAccount);
        }
        effects
    }

    /// What it does to a portal beside looking at it, never declared by hand. Somebody always gets an
    /// account; abilities tell by their flows; what a story tries cannot be read off its row, so that every
    /// story counts as trying something wrong.
    fn effects(&self) -> BTreeSet<Effect> {
        let mut effects = BTreeSet::from([Effect::CreatesAccount]);
        let flows = self.needs().into_iter().flat_map(Ability::flows);
        effects.extend(flows.filter_map(|verb| verb.row().effect));
        match self {
            Self::Tampering(..) | Self::Story(_) => {
                effects.insert(Effect::WrongTries);
            }
            Self::Observation(_) => {}
            Self::Variation(ceremony, _) => match ceremony {
                // Whether the new key signs in is asked by signing in with it, unasked for.
                Ceremony::Registration => {
                    effects.insert(Effect::WrongTries);
                }
                Ceremony::Authentication | Ceremony::Passwordless => {}
            },
        }
        if self.meets_limits() {
            effects.insert(Effect::MeetsLimits);
        }
        effects
    }

    const fn finds_its_credential(&self) -> bool {
        match self {
            Self::Tampering(_, case) => case.model.discoverable,
            Self::Variation(_, case) => case.model.discoverable,
            Self::Observation(_) | Self::Story(_) => true,
        }
    }
}
