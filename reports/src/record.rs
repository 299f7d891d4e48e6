//! The record of a run: what `run.json` holds. Words and values only, so that an old report renders
//! and is judged again for ever; nothing here knows a socket or a clock.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

mod left_out;
mod steps;
mod words;

pub use self::{
    left_out::{Ceremonies, Exchanges, LeftOut},
    steps::{ADAPTER, BROWSER, COMMAND, CeremonyStep, Exchange, Step},
    words::{Ending, Fault, Grade, Honest, Impact, Kind, Level, Outcome, Reply, SkipRule, Verdict},
};

/// Version of the record's form. A reader refuses another major version; members are only added.
pub const SCHEMA_VERSION: &str = "1.2";

/// One execution of a plan against a deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// [`SCHEMA_VERSION`] of the program that wrote it.
    pub schema_version: String,
    /// The word for the exit code.
    pub outcome: Outcome,
    /// The number that the program ended with.
    pub exit_code: u8,
    /// Seed of the run, hexadecimal; repeats the same tamperings.
    pub seed: String,
    /// The suite that judged.
    pub suite: Suite,
    /// The profile that described the deployment.
    pub profile: Profile,
    /// Where the deployment is.
    pub target: Target,
    /// When the run began, RFC 3339, UTC.
    pub started: String,
    /// Wall time in milliseconds.
    pub duration_ms: u64,
    /// Whether the self-check (a portal that accepts everything) was caught.
    pub canary: Canary,
    /// How many scenarios ended with each verdict.
    pub summary: BTreeMap<Verdict, u32>,
    /// What of the suite was selected, as given on the command line; nothing where it is the whole.
    #[serde(default)]
    pub filters: Vec<String>,
    /// Whether `--strict` made a finding of every warning.
    #[serde(default)]
    pub strict: bool,
    /// Safety rules in force during the run, and those that were loosened.
    pub guards: Guards,
    /// What went over the wire; absent where the run was killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<Traffic>,
    /// Why the run as a whole ended early or measured nothing, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What was made on the deployment for the run, and what became of it; absent in records of
    /// programs that did not clean up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cleanup: Option<Cleanup>,
    /// Scenarios in the order of the plan.
    pub scenarios: Vec<Scenario>,
    /// What shows that the record is whole; absent in records of before version 1.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<Seal>,
}

/// What shows that a record is whole. It has no key: whoever knows how can seal another record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// The `chain` of the journal's last line, `sha256:…`; absent where none was written to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journal: Option<String>,
    /// SHA-256 over everything else in the record, see [`crate::evidence`], `sha256:…`.
    pub digest: String,
}

/// What was made on the deployment for the run, and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cleanup {
    /// Accounts that were made.
    pub created: u32,
    /// How many of them were removed again.
    pub removed: u32,
    /// Whether the profile says that accounts vanish with the portal: then none is removed.
    pub disposable: bool,
    /// What stays on the deployment.
    pub left: Vec<Leftover>,
    /// Why something stays, where one reason goes for all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Something that a run could not remove, or not put back as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Leftover {
    /// User name of the account.
    pub user: String,
    /// Why it stays.
    pub why: String,
}

/// The suite and what is known of its sensitivity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// Version of the program.
    pub version: String,
    /// SHA-256 over what every scenario of the suite says of itself, `sha256:…`.
    pub digest: String,
    /// Detection score of the last `defects` run that this build knows, `caught/total`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detection: Option<String>,
    /// The day of that score, RFC 3339 date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detection_date: Option<String>,
}

/// Which profile was used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The name that the profile gives its portal.
    pub name: String,
    /// SHA-256 of the profile's text, `sha256:…`.
    pub digest: String,
    /// The file, as it was given on the command line; absent for the built-in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// Where the deployment answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Base URL; `{scenario}` stands where each scenario has a portal of its own.
    pub base: String,
    /// Origin that client data must name.
    pub origin: String,
    /// RP id.
    pub rp_id: String,
    /// `reference`, or the environment that the profile declares.
    pub environment: String,
}

/// The self-check at the start of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Canary {
    /// True when the portal that accepts everything failed as it must.
    pub caught: bool,
    /// The scenarios that were tried on it, with the verdict of each.
    pub tried: BTreeMap<String, Verdict>,
}

/// Safety rules in force.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Guards {
    /// Origins that may be contacted; everything else is refused.
    pub allow: Vec<String>,
    /// Address that names are connected to, where the profile overrides resolution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect: Option<String>,
    /// Classes of effects that were allowed.
    #[serde(default)]
    pub effects: Vec<String>,
    /// Why the portal may be tested; absent where the run itself started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<String>,
    /// Largest body read, bytes.
    pub body_limit: u64,
    /// Time limit of one exchange, milliseconds.
    pub exchange_timeout_ms: u64,
    /// Longest real wait that was allowed, milliseconds.
    pub max_wait_ms: u64,
    /// How many scenarios ran side by side.
    pub concurrency: u32,
    /// Requests in a second; absent where it is as fast as it goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_second: Option<u32>,
    /// How long the portal may hold the run up in all by asking for pauses, milliseconds.
    #[serde(default)]
    pub pauses_ms: u64,
    /// Who vouches for the portal's certificates, in words; absent where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<String>,
    /// Rules loosened on the command line or in the profile, in words.
    pub loosened: Vec<String>,
}

/// What went over the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// Requests sent.
    pub requests: u64,
    /// Answers that asked for a pause (429, or 503 with a Retry-After), outside the scenarios that
    /// run into a limit on purpose.
    pub throttled: u64,
    /// How long the run was held up by them, milliseconds.
    pub paused_ms: u64,
    /// From request sent to last byte received, all requests together, milliseconds; 0 in records of
    /// before it was counted.
    #[serde(default)]
    pub answering_ms: u64,
    /// How long requests waited for their turn, by the pace of the profile or because the portal asked
    /// for a pause, milliseconds; time in which several waited counts once, and 0 stands in records of
    /// before it was counted.
    #[serde(default)]
    pub waited_ms: u64,
}

impl Traffic {
    /// The same without the times of before something: what was sent is still told of.
    #[must_use]
    pub const fn since(self, before: Self) -> Self {
        Self {
            answering_ms: self.answering_ms.saturating_sub(before.answering_ms),
            waited_ms: self.waited_ms.saturating_sub(before.waited_ms),
            ..self
        }
    }
}

/// One runnable check of a requirement, with everything that was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// `<chapter>/<fact>/<case>`.
    pub id: String,
    /// What the case is, in a few words.
    pub title: String,
    /// Which of the four kinds.
    pub kind: Kind,
    /// The family it is counted in.
    pub family: String,
    /// The requirement it checks.
    pub requirement: Requirement,
    /// How the requirement binds.
    pub level: Level,
    /// What breaking it costs.
    pub impact: Impact,
    /// Ids of the catalogue that the scenario covers.
    pub covers: Vec<String>,
    /// The judge's word on the evidence below.
    pub verdict: Verdict,
    /// How well a refusal is explained; only where a tampering passed.
    pub grade: Option<Grade>,
    /// A short stable key of what was found, `accepted:200:signed-in`; absent where nothing was.
    pub symptom: Option<String>,
    /// Whose it is; absent for a pass and for a skip.
    pub fault: Option<Fault>,
    /// One sentence for people: why this verdict.
    pub because: String,
    /// Wall time in milliseconds.
    pub duration_ms: u64,
    /// The honest ceremony around a tampering or variation.
    pub control: Control,
    /// The deployment's state around the thing judged.
    pub state: States,
    /// What was answered to the thing judged.
    pub answer: Option<Answer>,
    /// How an observation or a story went.
    pub told: Option<Told>,
    /// Why it was not run, or what broke on our side.
    pub not_judged: Option<NotJudged>,
    /// Every exchange and act that is kept, in order.
    pub steps: Vec<Step>,
    /// The steps of a pass that are not kept; absent where all of them are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<LeftOut>,
    /// What is not kept of all that was seen; absent where everything is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
    /// The one command that repeats it.
    pub again: String,
    /// SHA-256 over what the judge reads and the steps, see [`crate::evidence`], `sha256:…`.
    pub evidence_digest: String,
}

/// What a record does not hold of what was seen, because there was too much of it; see
/// [`crate::bounds`]. No verdict depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// Values that stand with their beginning, their length and the digest of the whole.
    pub values: u64,
    /// Steps that are kept in short: an exchange as method, URL, status, and length and digest of its
    /// bodies.
    pub in_short: u64,
    /// Steps that are not kept at all.
    pub steps: u64,
    /// Whether everything in texts that could be a secret was hidden, because there were more of them
    /// than can be looked for.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hidden: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_false(word: &bool) -> bool {
    !*word
}

/// The requirement as it stands in the report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// `<chapter>/<fact>`.
    pub id: String,
    /// One sentence of ours.
    pub says: String,
    /// The source in short form, `WebAuthn L3 §7.1`.
    pub source: String,
    /// Where the source can be read, if it has an address.
    pub link: Option<String>,
}

/// The honest ceremony before and after.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Before the thing judged.
    pub before: Honest,
    /// After it.
    pub after: Honest,
    /// Where that one was refused although the portal took the thing judged: somebody else's, who went
    /// the same way with the plain ceremony in its place.
    #[serde(default, skip_serializing_if = "Honest::is_absent")]
    pub bystander: Honest,
    /// Where theirs was accepted: once more on the account of the thing judged, in a fresh browser.
    #[serde(default, skip_serializing_if = "Honest::is_absent")]
    pub again: Honest,
}

/// Facts of the deployment: `signed_in`, `keys`, …. `None` means that it could not be read.
pub type State = BTreeMap<String, Option<String>>;

/// The deployment's state around the thing judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct States {
    /// Before.
    pub before: State,
    /// After.
    pub after: State,
    /// What an accepted honest ceremony brings about; a variation must reach all of it.
    pub goal: BTreeMap<String, String>,
}

/// The portal's answer to the thing judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Class by the profile's rules.
    pub reply: Reply,
    /// HTTP status, where there was one.
    pub status: Option<u16>,
    /// The portal's own reason, where the profile extracts one.
    pub reason: Option<String>,
    /// The portal's own words, where the profile extracts them.
    pub message: Option<String>,
    /// True where the reason is the requirement's id or a detail of it; for grade A.
    pub names_the_rule: bool,
}

/// How an observation or a story went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// How it ended.
    pub ending: Ending,
    /// The step that broke it, or that could not be told.
    pub step: Option<String>,
    /// What was expected there.
    pub expected: Option<String>,
    /// What was seen.
    pub seen: Option<String>,
    /// Refusals that came as a fall (5xx, dropped connection), by step.
    pub graceless: Vec<String>,
    /// How many expectations were checked; a story that checked nothing proves nothing.
    pub checked: u32,
}

/// Why there is nothing to judge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "why", rename_all = "kebab-case", deny_unknown_fields)]
pub enum NotJudged {
    /// Left out of the plan.
    Skipped {
        /// Which rule left it out.
        rule: SkipRule,
        /// The reason in words.
        reason: String,
    },
    /// Our side, the profile or the network broke.
    Broken {
        /// Whose it is.
        fault: Fault,
        /// What happened.
        error: String,
    },
    /// Planned, but the run ended first.
    Unfinished,
}

impl NotJudged {
    /// What it says in words.
    pub(crate) const fn words(&mut self) -> Option<&mut String> {
        match self {
            Self::Skipped { rule: _, reason: words } | Self::Broken { fault: _, error: words } => {
                Some(words)
            }
            Self::Unfinished => None,
        }
    }
}
