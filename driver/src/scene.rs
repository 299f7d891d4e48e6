//! What is known of one scenario wherever something is done for it, and what happens in it at once.

use std::collections::BTreeSet;

use profile::effect::Effect;

use crate::{Recorder, Waiting};

/// Acts at the same instant, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtOnce {
    /// Answers that a portal may count against one account where they are wrong.
    Tries(u32),
    /// What nobody counts.
    Acts(u32),
}

impl AtOnce {
    /// How many requests leave at the same instant.
    #[must_use]
    pub const fn width(self) -> u32 {
        match self {
            Self::Tries(width) | Self::Acts(width) => width,
        }
    }
}

/// What all visitors of one scenario share.
#[derive(Debug)]
pub struct Scene {
    /// A host label made of the scenario's id, `registration-origin-foreign`; replaces `{scenario}` in the profile.
    pub label: String,
    /// The scenario's place in the plan, from 1, and 0 for the first control; names its accounts on a shared deployment.
    pub number: usize,
    /// What it may do to the portal.
    pub effects: BTreeSet<Effect>,
    /// Where every exchange and act is written.
    pub recorder: Recorder,
    /// What happens in it at the same instant, as its row says.
    pub at_once: Option<AtOnce>,
    /// How long it waited for its turns: that is not its own time.
    pub waiting: Waiting,
}

impl Scene {
    /// A scene in which nothing happens at the same instant.
    #[must_use]
    pub fn new(
        label: String,
        number: usize,
        effects: BTreeSet<Effect>,
        recorder: Recorder,
    ) -> Self {
        let waiting = Waiting::default();
        Self { label, number, effects, recorder, at_once: None, waiting }
    }

    /// Whether it runs into the portal's limits on purpose: that it is told to wait is then its own
    /// business, and nobody else's.
    #[must_use]
    pub fn meets_limits(&self) -> bool {
        self.effects.contains(&Effect::MeetsLimits)
    }
}
