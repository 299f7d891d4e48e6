//! What scenarios and the runner may know of a deployment. No flows: how it is done is the driver's.

use std::{collections::BTreeSet, fmt, time::Duration};

use serde::Serialize;
use softkey::totp::{Algorithm, Codes};

use super::{Ability, Connect, Loosened, NameTemplate};
use crate::{effect::Effect, secret::Secret, words::glob};

/// What a profile declares about a portal.
#[derive(Clone, Debug)]
pub struct Description {
    /// Name of the portal.
    pub name: String,
    /// SHA-256 of the profile's text, `sha256:…`.
    pub digest: String,
    /// Base URL; may hold `{scenario}`.
    pub base: String,
    /// Origin that client data must name; may hold `{scenario}`.
    pub origin: String,
    /// RP id; may hold `{scenario}`.
    pub rp_id: String,
    /// What the portal is there for.
    pub environment: Environment,
    /// Which reading of the standard.
    pub edition: Edition,
    /// Origins that may be contacted; may hold `{scenario}`.
    pub allow: Vec<String>,
    /// Those of them that are applications, and not the portal's.
    pub applications: Vec<String>,
    /// Where names are connected to, whatever they resolve to.
    pub connect: Connect,
    /// What may be done to it.
    pub effects: BTreeSet<Effect>,
    /// What it can do.
    pub abilities: BTreeSet<Ability>,
    /// What it requires of keys, and for how long things last.
    pub policy: Policy,
    /// One-time codes.
    pub totp: Totp,
    /// Caps of the driver.
    pub limits: Limits,
    /// Who the suite may be.
    pub actors: Actors,
    /// How long mail is waited for.
    pub mail_patience: Duration,
    /// Scenarios that do not apply: id or glob of a scenario or requirement, and why.
    pub exclusions: Vec<Exclusion>,
    /// Who vouches for its certificates, in words; `None` where nothing goes over TLS.
    pub tls: Option<&'static str>,
    /// Whom the portal's operators may ask about the requests.
    pub contact: Option<String>,
    /// Guards that the profile or the command line loosens.
    pub loosened: Vec<Loosened>,
}

/// What a portal is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// For whoever runs it on this machine.
    Local,
    /// For tests alone.
    Test,
    /// For trying out what is to go into production.
    Staging,
    /// For its users.
    Production,
}

impl Environment {
    /// As a profile writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Test => "test",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }

    /// Whether nobody but its testers uses it, so that it may be this machine's own and need not be
    /// spared.
    #[must_use]
    pub const fn is_for_tests(self) -> bool {
        match self {
            Self::Local | Self::Test => true,
            Self::Staging | Self::Production => false,
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Whether a key is asked to verify its user, WebAuthn Level 3 §5.8.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UserVerification {
    /// It is asked not to.
    Discouraged,
    /// Where it can.
    Preferred,
    /// Always.
    Required,
}

impl UserVerification {
    /// As the standard and a profile write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Discouraged => "discouraged",
            Self::Preferred => "preferred",
            Self::Required => "required",
        }
    }
}

/// A reading of the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// WebAuthn Level 3.
    W3cL3,
    /// The same, and beside it what only the FIDO server tests ask for.
    FidoServer,
}

impl Edition {
    /// As a profile writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::W3cL3 => "w3c-l3",
            Self::FidoServer => "fido-server",
        }
    }
}

/// A scenario or requirement that does not apply.
#[derive(Clone, Debug)]
pub struct Exclusion {
    /// Id, or a glob with `*` and `?`.
    pub pattern: String,
    /// Why.
    pub reason: String,
}

/// What a portal requires of keys, and for how long things last.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Whether keys verify their user.
    pub user_verification: UserVerification,
    /// How long a challenge is good for.
    pub challenge_lifetime: Duration,
    /// How long a reset link is good for.
    pub reset_lifetime: Duration,
    /// Wrong tries in a row that an account bears; the suite stays below it.
    pub wrong_tries: u32,
    /// How long they lock it.
    pub lock_lifetime: Duration,
    /// How old the last proof may be when factors are changed.
    pub fresh_for: Duration,
}

/// One-time codes of a portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totp {
    /// The hash.
    pub algorithm: Algorithm,
    /// Digits of a code.
    pub digits: u32,
    /// Seconds of a step.
    pub period: u32,
    /// Steps accepted before and after the present one.
    pub skew_steps: u32,
}

/// Caps of the driver.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Requests in a second; `None` is as fast as it goes.
    pub requests_per_second: Option<u32>,
    /// Scenarios side by side, and requests at the same instant.
    pub concurrent: u32,
    /// Mails that the portal is asked for in an hour; `None` is as many as it takes.
    pub mails_per_hour: Option<u32>,
    /// Largest body read, bytes.
    pub body_limit: u64,
    /// Longest exchange, from the connection to the last byte.
    pub exchange_timeout: Duration,
    /// How long the portal may hold the run up in all by asking for pauses (429, Retry-After).
    pub pauses: Duration,
}

impl Policy {
    /// Wrong tries that lock an account, where nothing is known of the portal.
    pub(super) const WRONG_TRIES: u32 = 5;
}

impl Limits {
    /// Those of a portal about which the profile says nothing.
    pub(super) const CAUTIOUS: Self = Self {
        requests_per_second: Some(5),
        concurrent: 8,
        mails_per_hour: Some(100),
        body_limit: 2 << 20,
        exchange_timeout: Duration::from_secs(10),
        pauses: Duration::from_secs(60),
    };

    /// Why so many requests cannot leave at the same instant, where they cannot: spread over the time
    /// that the pace asks for, they would be no race.
    #[must_use]
    pub fn too_few_for(&self, width: u32) -> Option<String> {
        let caps = [
            (self.requests_per_second, "the pace allows", "in a second"),
            (Some(self.concurrent), "`concurrent` in [scope.limits] allows", "at once"),
        ];
        let narrow = caps.into_iter().find_map(|(most, who, when)| {
            most.filter(|most| *most < width).map(|most| format!("{who} {most} {when}"))
        })?;
        Some(format!("{width} requests leave at the same instant, {narrow}"))
    }
}

/// Who the suite may be.
#[derive(Clone, Debug)]
pub struct Actors {
    /// Of user names.
    pub name: NameTemplate,
    /// Of mail addresses; nobody but the suite has a mailbox at their domain.
    pub mail: NameTemplate,
    /// Domains of the profile's own, whose every mailbox is the suite's.
    pub own_domains: Vec<String>,
    /// Password of all of them; `None` makes one for each.
    pub password: Option<Secret>,
    /// Whether accounts vanish with the portal, so that none has to be removed.
    pub disposable: bool,
    /// Accounts that the suite is lent, where it cannot make any.
    pub pool: Vec<Lent>,
}

/// An account that somebody made for the suite: it has no factor but its password, and nobody else
/// uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lent {
    /// User name.
    pub user: String,
    /// Mail address.
    pub mail: String,
    /// Password.
    pub password: Secret,
}

impl Totp {
    /// What an authenticator app has to know.
    #[must_use]
    pub fn codes(&self) -> Codes {
        Codes { algorithm: self.algorithm, digits: self.digits, period: u64::from(self.period) }
    }

    /// How long some steps last.
    #[must_use]
    pub fn lasts(&self, steps: u32) -> Duration {
        Duration::from_secs(u64::from(self.period) * u64::from(steps))
    }
}

impl Description {
    /// Whether the portal can do something.
    #[must_use]
    pub fn can(&self, ability: Ability) -> bool {
        self.abilities.contains(&ability)
    }

    /// The base URL of a scenario.
    #[must_use]
    pub fn base(&self, label: &str) -> String {
        self.base.replace("{scenario}", label)
    }

    /// The origin that client data of a scenario must name.
    #[must_use]
    pub fn origin(&self, label: &str) -> String {
        self.origin.replace("{scenario}", label)
    }

    /// The RP id of a scenario.
    #[must_use]
    pub fn rp_id(&self, label: &str) -> String {
        self.rp_id.replace("{scenario}", label)
    }

    /// Why a scenario does not apply, where the profile says so.
    #[must_use]
    pub fn excluded(&self, scenario: &str, requirement: &str) -> Option<&str> {
        let hit = self.exclusions.iter().find(|exclusion| {
            glob(&exclusion.pattern, scenario) || glob(&exclusion.pattern, requirement)
        });
        hit.map(|exclusion| exclusion.reason.as_str())
    }
}
