//! What a portal owes its users, and the forms that a proof can take. Types only: the requirements
//! themselves stand in the crate `scenarios`.

mod case;
mod matrix;
mod story;

use profile::Edition;
use reports::record::{Impact, Level};
use softkey::{Model, Tampering};

use crate::{policy::Policy, sight::Sight};

pub use self::{
    case::{Case, Scenario},
    matrix::{Cells, Untried},
    story::{Cell, Story, StoryCase, Tell, Waits, Weight},
};
pub use driver::deployment::AtOnce;
pub use futures::future::BoxFuture;
pub use profile::Ability;

/// One thing a portal owes its users. It cannot be written down without its proof.
#[derive(Clone, Copy, Debug)]
pub struct Requirement {
    /// `<chapter>/<fact>`, a slug that says the fact; never reused.
    pub id: &'static str,
    /// The family that its scenarios are counted in.
    pub family: Family,
    /// How it binds.
    pub level: Level,
    /// What breaking it costs.
    pub impact: Impact,
    /// Where it comes from.
    pub source: Source,
    /// One sentence of ours.
    pub says: &'static str,
    /// Entries of the catalogue of portal requirements that it stands for, `LOG-07`.
    pub catalogue: &'static [&'static str],
    /// Reasons of a refusal that name this rule, beside its own id: those of the rule that it is a
    /// stricter or narrower part of.
    pub reasons: &'static [&'static str],
    /// How it is shown.
    pub proof: Proof,
}

/// Where a requirement comes from.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// Short form, `WebAuthn L3 §7.1`.
    pub short: &'static str,
    /// An address, where it has one.
    pub link: Option<&'static str>,
    /// The edition that alone asks for it; `None` where every one does.
    pub only: Option<Edition>,
}

/// A requirement of the portal's own handbook, by the entry of the catalogue.
#[must_use]
pub const fn portal(short: &'static str) -> Source {
    Source { short, link: None, only: None }
}

/// A requirement with an address to read it at.
#[must_use]
pub const fn at(short: &'static str, link: &'static str) -> Source {
    Source { short, link: Some(link), only: None }
}

/// A requirement of the FIDO server tests that WebAuthn Level 3 does not have.
#[must_use]
pub const fn fido_server(short: &'static str) -> Source {
    Source { short, link: None, only: Some(Edition::FidoServer) }
}

macro_rules! families {
    ($($(#[$meta:meta])* $variant:ident => $word:literal),+ $(,)?) => {
        /// The families that scenarios are counted in.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Family { $($(#[$meta])* $variant),+ }

        impl Family {
            /// Every family, in reading order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its slug.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

families! {
    /// A key becomes an account's.
    Registration => "registration",
    /// A key signs in.
    Login => "login",
    /// A key that is not the right one.
    WrongKey => "wrong-key",
    /// A key that is no longer there.
    DeletedCredential => "deleted-credential",
    /// A touch that comes too late.
    BrowserTimeout => "browser-timeout",
    /// A browser that cannot use a key.
    UnsupportedBrowser => "unsupported-browser",
    /// A forgotten password.
    ResetToken => "reset-token",
    /// One-time codes and their enrollment.
    TotpEnrollment => "totp-enrollment",
    /// A prompt on a device, beside keys and codes.
    Factor => "factor",
    /// Finding and managing keys.
    Keys => "keys",
    /// What only an administrator may do.
    Admin => "admin",
    /// Applications that sign in by the portal.
    Sso => "sso",
    /// What ends when something happens, and what lives on.
    Endings => "endings",
}

/// Which ceremony a tampering or variation changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ceremony {
    /// A signed-in person registers a key.
    Registration,
    /// The key as factor after the password.
    Authentication,
    /// The key alone.
    Passwordless,
}

/// What the options of a ceremony ask for. Where they do not, a case that needs it does not apply: it
/// would be a forgery of nothing, or an honest answer that no client gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// An attestation: else a client puts `none` in its place (WebAuthn Level 3 §5.1.3). A portal that
    /// declares that it reads attestations unasked need not ask.
    Attestation,
    /// That the key verifies its user where it can, and takes part where it cannot.
    VerificationPreferred,
    /// That the key verifies its user, at the least where it can. Where the account's policy or the
    /// profile requires it, the options need not say so.
    Verification,
}

/// How a requirement is shown.
#[derive(Clone, Copy, Debug)]
pub enum Proof {
    /// One thing changed; the portal must refuse.
    Tamperings(Ceremony, &'static [TamperingCase]),
    /// Unlike the plain ceremony; the portal must accept.
    Variations(Ceremony, &'static [VariationCase]),
    /// Read off what the portal sent.
    Observations(&'static [ObservationCase]),
    /// Lived through.
    Stories(&'static [StoryCase]),
    /// The cells of a row of a matrix: lived through, and generated.
    Cells(fn() -> &'static Cells),
    /// More than one of these.
    Several(&'static [Proof]),
    /// It cannot be seen from outside, and why.
    NotObservable(&'static str),
}

/// A row of tamperings.
#[derive(Clone, Copy, Debug)]
pub struct TamperingCase {
    /// Last part of the scenario's id.
    pub case: &'static str,
    /// What is false, in a few words.
    pub title: &'static str,
    /// The one change.
    pub change: Tampering,
    /// The key, honest but for the change.
    pub model: Model,
    /// Whether the browser hands an attestation on although none was asked for.
    pub keeps_attestation: bool,
    /// What the portal must ask for in the ceremony, where it shows nothing otherwise.
    pub asked: Option<Asked>,
    /// What the deployment must be able to do, beside the ceremony itself.
    pub needs: &'static [Ability],
    /// The account's policy.
    pub policy: Policy,
    /// Catalogue ids.
    pub covers: &'static [&'static str],
}

/// A plain row of tamperings; refine by struct update.
#[must_use]
pub const fn tampering(
    case: &'static str,
    title: &'static str,
    change: Tampering,
    covers: &'static [&'static str],
) -> TamperingCase {
    let (model, policy) = (Model::roaming(), Policy::plain());
    TamperingCase {
        case,
        title,
        change,
        model,
        keeps_attestation: false,
        asked: None,
        needs: &[],
        policy,
        covers,
    }
}

/// A row of variations.
#[derive(Clone, Copy, Debug)]
pub struct VariationCase {
    /// Last part of the scenario's id.
    pub case: &'static str,
    /// What is unlike the plain ceremony, in a few words.
    pub title: &'static str,
    /// The key.
    pub model: Model,
    /// A harmless change of what it says.
    pub change: Option<Tampering>,
    /// Whether the browser hands an attestation on although none was asked for.
    pub keeps_attestation: bool,
    /// What the portal must ask for in the ceremony, where it shows nothing otherwise.
    pub asked: Option<Asked>,
    /// What the deployment must be able to do, beside the ceremony itself.
    pub needs: &'static [Ability],
    /// The account's policy.
    pub policy: Policy,
    /// Catalogue ids.
    pub covers: &'static [&'static str],
}

/// A row of variations made of another key.
#[must_use]
pub const fn variation(
    case: &'static str,
    title: &'static str,
    model: Model,
    covers: &'static [&'static str],
) -> VariationCase {
    let policy = Policy::plain();
    VariationCase {
        case,
        title,
        model,
        change: None,
        keeps_attestation: false,
        asked: None,
        needs: &[],
        policy,
        covers,
    }
}

/// A row of observations.
#[derive(Clone, Copy, Debug)]
pub struct ObservationCase {
    /// Last part of the scenario's id.
    pub case: &'static str,
    /// What is looked at, in a few words.
    pub title: &'static str,
    /// What the deployment must be able to do, beside showing options.
    pub needs: &'static [Ability],
    /// What to make of it.
    pub look: fn(&Sight) -> Finding,
    /// Catalogue ids.
    pub covers: &'static [&'static str],
}

/// A row of observations.
#[must_use]
pub const fn observation(
    case: &'static str,
    title: &'static str,
    look: fn(&Sight) -> Finding,
    covers: &'static [&'static str],
) -> ObservationCase {
    ObservationCase { case, title, needs: &[], look, covers }
}

/// What an observation came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What a sound portal shows.
    pub expected: String,
    /// What was seen.
    pub seen: String,
    /// Whether it held; `None` where it could not be told.
    pub held: Option<bool>,
}

impl Requirement {
    /// Whether a portal's reason for a refusal names this rule, or a detail of it.
    #[must_use]
    pub fn is_named_by(&self, reason: &str) -> bool {
        let named = |rule: &str| {
            reason.strip_prefix(rule).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        named(self.id) || self.reasons.iter().any(|rule| named(rule))
    }

    /// Cells of its matrix that are not tried, each with the reason.
    #[must_use]
    pub fn untried(&'static self) -> Vec<&'static Untried> {
        let mut untried = Vec::new();
        gather_untried(&self.proof, &mut untried);
        untried
    }

    /// Its scenarios, in order.
    #[must_use]
    pub fn scenarios(&'static self) -> Vec<Scenario> {
        let mut cases = Vec::new();
        gather(&self.proof, &mut cases);
        cases
            .into_iter()
            .map(|case| Scenario {
                id: format!("{}/{}", self.id, case.slug()),
                requirement: self,
                case,
            })
            .collect()
    }
}

fn gather_untried(proof: &'static Proof, untried: &mut Vec<&'static Untried>) {
    match proof {
        Proof::Cells(cells) => untried.extend(&cells().untried),
        Proof::Several(proofs) => {
            proofs.iter().for_each(|proof| gather_untried(proof, untried));
        }
        Proof::Tamperings(..)
        | Proof::Variations(..)
        | Proof::Observations(_)
        | Proof::Stories(_)
        | Proof::NotObservable(_) => {}
    }
}

fn gather(proof: &'static Proof, cases: &mut Vec<Case>) {
    match proof {
        Proof::Tamperings(ceremony, rows) => {
            cases.extend(rows.iter().map(|row| Case::Tampering(*ceremony, row)))
        }
        Proof::Variations(ceremony, rows) => {
            cases.extend(rows.iter().map(|row| Case::Variation(*ceremony, row)))
        }
        Proof::Observations(rows) => cases.extend(rows.iter().map(Case::Observation)),
        Proof::Stories(rows) => cases.extend(rows.iter().map(Case::Story)),
        Proof::Cells(cells) => cases.extend(cells().tried.iter().map(Case::Story)),
        Proof::Several(proofs) => proofs.iter().for_each(|proof| gather(proof, cases)),
        Proof::NotObservable(_) => {}
    }
}
