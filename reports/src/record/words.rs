//! The words of a record: each list of values stands here once, as it is written and shown.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word as it stands in records and on screens.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }
    };
}

words! {
    /// Which kind of scenario.
    Kind {
        /// An honest ceremony with one thing changed; must be refused.
        Tampering => "tampering",
        /// An honest ceremony unlike the plain one; must be accepted.
        Variation => "variation",
        /// Something read off what the portal sent.
        Observation => "observation",
        /// A sequence that a person lives through.
        Story => "story",
    }
}

words! {
    /// How a requirement binds.
    Level {
        /// Breaking it fails a portal.
        Must => "must",
        /// Breaking it is a warning.
        Should => "should",
        /// Breaking it is a note.
        May => "may",
    }
}

words! {
    /// What breaking a requirement costs.
    Impact {
        /// Somebody else gets the account.
        Takeover => "takeover",
        /// A protection can be stepped around.
        Bypass => "bypass",
        /// Something is told to those who should not know.
        Exposure => "exposure",
        /// Somebody is locked out.
        Denial => "denial",
        /// Good order.
        Hygiene => "hygiene",
    }
}

words! {
    /// The judge's word on one scenario.
    Verdict {
        /// Kept, and shown to be kept.
        Pass => "pass",
        /// A should is broken, or a must is kept ungracefully.
        Warn => "warn",
        /// A must is broken, with a witness.
        Fail => "fail",
        /// Repeated with another outcome.
        Unsteady => "unsteady",
        /// Cannot tell.
        Inconclusive => "inconclusive",
        /// A person must look.
        Review => "review",
        /// Our own side broke.
        Error => "error",
        /// Not run, with the reason.
        Skip => "skip",
    }
}

words! {
    /// How well a refusal is explained.
    Grade {
        /// The portal named the rule that was broken.
        A => "A",
        /// Both controls were accepted; the tampering is the only difference.
        B => "B",
        /// Refused, but something else moved.
        C => "C",
    }
}

words! {
    /// Whose it is.
    Fault {
        /// The portal under test.
        Portal => "portal",
        /// The profile that describes it.
        Profile => "profile",
        /// The program of the user's that drives the portal.
        Adapter => "adapter",
        /// The network or the machine.
        Environment => "environment",
        /// Touchstone itself.
        Kit => "kit",
    }
}

words! {
    /// The word for an exit code.
    Outcome {
        /// Policy met.
        Conforms => "conforms",
        /// A finding of the portal.
        DoesNotConform => "does-not-conform",
        /// Usage, profile, filter: nothing was sent.
        BadCommand => "bad-command",
        /// Nothing could be concluded on at least one scenario.
        NoVerdict => "no-verdict",
        /// Unreachable, or the first honest control was refused.
        TargetNotReady => "target-not-ready",
        /// A safety rule ended the run.
        StoppedForSafety => "stopped-for-safety",
        /// The record does not hold.
        EvidenceInvalid => "evidence-invalid",
        /// The self-check failed: the run measured nothing.
        Void => "void",
        /// Interrupted; finished scenarios stand.
        Interrupted => "interrupted",
    }
}

words! {
    /// What an answer of the portal says, by the profile's rules.
    Reply {
        /// Accepted.
        Ok => "ok",
        /// So far so good; a factor is asked for.
        FactorNeeded => "factor_needed",
        /// Refused.
        Refused => "refused",
        /// Refused because it came too late.
        Expired => "expired",
        /// Refused because of too many tries.
        RateLimited => "rate_limited",
        /// The portal fell over (5xx).
        Error => "error",
        /// The connection was dropped without an answer.
        Dropped => "dropped",
        /// No rule of the profile matched; never counts as refused.
        Unknown => "unknown",
    }
}

words! {
    /// How an honest control ended.
    Honest {
        /// Accepted, and the state confirms it.
        Accepted => "accepted",
        /// Refused, or accepted in words only.
        Refused => "refused",
        /// Could not be told.
        Unclear => "unclear",
        /// Not run: the scenario ended before, or its kind has none.
        Absent => "absent",
    }
}

words! {
    /// How a story or an observation ended.
    Ending {
        /// Every expectation held.
        Held => "held",
        /// An expectation did not hold.
        Broke => "broke",
        /// An honest step on the way was refused, so that nothing was shown.
        ControlRefused => "control-refused",
        /// An answer could not be classified, or a state could not be read.
        Unclear => "unclear",
    }
}

words! {
    /// Why a scenario was left out.
    SkipRule {
        /// The deployment does not have the ability, or declares another policy.
        NotApplicable => "not-applicable",
        /// Its effects are not allowed here.
        NotAllowed => "not-allowed",
        /// The wait is longer than `--max-wait`, or `--quick` was given.
        NotSelected => "not-selected",
    }
}

#[expect(clippy::derivable_impls, reason = "the macro that makes the words knows no default")]
impl Default for Honest {
    fn default() -> Self {
        Self::Absent
    }
}

impl Honest {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    pub(super) fn is_absent(&self) -> bool {
        *self == Self::Absent
    }
}
