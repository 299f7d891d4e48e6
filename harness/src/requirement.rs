//! What a portal owes its users, and the forms that a proof can take. Types only: the requirements
//! themselves stand in the crate `scenarios`.

use futures::future::BoxFuture;
use reports::record::{Impact, Kind, Level};
use softkey::{Model, Tampering};

use crate::{
    policy::Policy,
    profile::{Ability, Edition},
    sight::Sight,
    story::{Break, Stage},
};

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
    /// Finding and managing keys.
    Keys => "keys",
    /// What only an administrator may do.
    Admin => "admin",
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

/// How much time must pass in a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    /// The same on every portal.
    Seconds(u64),
    /// Some steps of the portal's one-time codes.
    Steps(u32),
    /// Some steps more than the portal accepts codes of beside the present one.
    StepsPastTheWindow(u32),
    /// The longest of the lifetimes that its abilities are about.
    Lifetime,
}

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

/// How a story is run.
pub type Tell = for<'a> fn(&'a mut Stage) -> BoxFuture<'a, Result<(), Break>>;

/// A row of stories.
#[derive(Clone, Copy)]
pub struct StoryCase {
    /// Last part of the scenario's id.
    pub case: &'static str,
    /// What happens, as a sentence.
    pub title: &'static str,
    /// What the deployment must be able to do.
    pub needs: &'static [Ability],
    /// How much time must pass in it; virtual where the deployment's clock can be moved.
    pub waits: Waits,
    /// What happens in it at the same instant, where something does.
    pub at_once: Option<AtOnce>,
    /// The story.
    pub tell: Tell,
    /// Catalogue ids.
    pub covers: &'static [&'static str],
}

impl std::fmt::Debug for StoryCase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoryCase").field("case", &self.case).finish_non_exhaustive()
    }
}

/// A row of stories from an `async fn(&mut Stage) -> Told`:
/// `story!("plain", "alice signs in with her key", plain, [Key], ["LOG-01"])`, with
/// what must pass where time must: `after SECONDS`, `after lifetime`, `after 2 steps` or
/// `after 2 steps past the window`, and what happens at the same instant where several acts do:
/// `at_once Tries N` or `at_once Acts N`.
#[macro_export]
macro_rules! story {
    ($case:literal, $title:literal, $tell:path, $needs:tt, $covers:tt) => {
        $crate::story!(@row $case, $title, $tell, $needs, $covers, [], Seconds(0))
    };
    ($case:literal, $title:literal, $tell:path, $needs:tt, $covers:tt, at_once $acts:ident $width:literal) => {
        $crate::story!(@row $case, $title, $tell, $needs, $covers, [$acts $width], Seconds(0))
    };
    ($case:literal, $title:literal, $tell:path, $needs:tt, $covers:tt, after lifetime) => {
        $crate::story!(@row $case, $title, $tell, $needs, $covers, [], Lifetime)
    };
    ($case:literal, $title:literal, $tell:path, $needs:tt, $covers:tt, after $steps:literal steps $(, at_once $acts:ident $width:literal)?) => {
        $crate::story!(@row $case, $title, $tell, $needs, $covers, [$($acts $width)?], Steps($steps))
    };
    ($case:literal, $title:literal, $tell:path, $needs:tt, $covers:tt, after $steps:literal steps past the window) => {
        $crate::story!(@row $case, $title, $tell, $needs, $covers, [], StepsPastTheWindow($steps))
    };
    ($case:literal, $title:literal, $tell:path, $needs:tt, $covers:tt, after $seconds:expr $(, at_once $acts:ident $width:literal)?) => {
        $crate::story!(@row $case, $title, $tell, $needs, $covers, [$($acts $width)?], Seconds($seconds))
    };
    (@row $case:literal, $title:literal, $tell:path, [$($need:ident),* $(,)?], [$($covers:literal),* $(,)?], [$($acts:ident $width:literal)?], $($waits:tt)+) => {
        $crate::requirement::StoryCase {
            case: $case,
            title: $title,
            needs: &[$($crate::profile::Ability::$need),*],
            waits: $crate::requirement::Waits::$($waits)+,
            at_once: $crate::story!(@at_once $($acts $width)?),
            tell: |stage| ::std::boxed::Box::pin($tell(stage)),
            covers: &[$($covers),*],
        }
    };
    (@at_once) => { ::core::option::Option::None };
    (@at_once $acts:ident $width:literal) => {
        ::core::option::Option::Some($crate::requirement::AtOnce::$acts($width))
    };
}

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
    pub const fn title(&self) -> &'static str {
        match self {
            Self::Tampering(_, case) => case.title,
            Self::Variation(_, case) => case.title,
            Self::Observation(case) => case.title,
            Self::Story(case) => case.title,
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
        let limits = [Ability::Lockout, Ability::ResetLimit, Ability::KeyLimit];
        self.needs().iter().any(|need| limits.contains(need))
    }

    /// Everything that the deployment must be able to do.
    #[must_use]
    pub fn needs(&self) -> Vec<Ability> {
        let (ceremony, own, policy) = match self {
            Self::Tampering(ceremony, case) => (Some(*ceremony), case.needs, case.policy),
            Self::Variation(ceremony, case) => (Some(*ceremony), case.needs, case.policy),
            Self::Observation(case) => (Some(Ceremony::Registration), case.needs, Policy::plain()),
            Self::Story(case) => (None, case.needs, Policy::plain()),
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

    const fn finds_its_credential(&self) -> bool {
        match self {
            Self::Tampering(_, case) => case.model.discoverable,
            Self::Variation(_, case) => case.model.discoverable,
            Self::Observation(_) | Self::Story(_) => true,
        }
    }
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
        Proof::Several(proofs) => proofs.iter().for_each(|proof| gather(proof, cases)),
        Proof::NotObservable(_) => {}
    }
}
