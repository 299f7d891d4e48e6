//! The verbs of a portal as one trait, answered by every way of driving one. Verbs only: what to
//! try and what to make of the answer is the suite's and the judge's.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use reports::record::{Reply, Traffic};
use serde_json::Value;

use crate::{
    effect::Effect, error::Error, recorder::Recorder, requirement::AtOnce, secret::Secret,
    waiting::Waiting, wire::Race,
};

pub mod adapter;
pub(crate) mod flow;
pub(crate) mod guard;
pub mod http;
mod leave;
mod mails;

use leave::Leave;

/// What a person, an administrator or a clock can do. The names are those of the profile's flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// `sign_in`: user name and password. Inputs `user`, `password`.
    SignIn,
    /// `answer_with_key`, two halves: the key as factor after `sign_in`. Input `user_verification` (what a
    /// client asks for, mostly absent), then `credential`.
    AnswerWithKey,
    /// `sign_in_with_key`, two halves: passwordless. Input `user` (may be unused), then `credential`.
    SignInWithKey,
    /// `answer_with_totp`: the code as factor after `sign_in`. Input `code`.
    AnswerWithTotp,
    /// `answer_with_push`: a prompt on the user's device as factor after `sign_in`. Inputs `user` and
    /// `answer`, what is said on the device: `approve`, `deny`, or absent where nobody answers.
    AnswerWithPush,
    /// `register_key`, two halves. Inputs `label` and, for a key that is to sign in alone, `alone` (portals
    /// that tell such keys from second factors ask for it); then `credential` as well.
    RegisterKey,
    /// `enrol_totp`, two halves: the first captures `secret`; the second takes `code`. Input `password`,
    /// where the visitor has signed in with none.
    EnrolTotp,
    /// `list_keys`: captures `keys`, an array of {id, label}.
    ListKeys,
    /// `rename_key`. Inputs `key` (the portal's name for it), `label`.
    RenameKey,
    /// `delete_key`. Input `key`.
    DeleteKey,
    /// `request_reset`. Input `mail`.
    RequestReset,
    /// `open_reset`. Input `link`: the mailed link or code. May capture `options`.
    OpenReset,
    /// `confirm_reset_with_key`: captures `options` of the ceremony that confirms a reset.
    ConfirmResetWithKey,
    /// `finish_reset`. Inputs `link`, `password` (the new one) and, where asked for, `credential` or `code`.
    FinishReset,
    /// `change_password`, two halves where a key confirms it. Inputs `old`, `password`, then `credential`.
    ChangePassword,
    /// `sign_out`.
    SignOut,
    /// `whoami`: captures `user`, absent or null for nobody.
    Whoami,
    /// `create_user`, the administrator's (or sign-up). Inputs `user`, `password`, `mail`, `policy`.
    CreateUser,
    /// `set_policy`, the administrator's. Inputs `user`, `policy`.
    SetPolicy,
    /// `admin_register_key`, the administrator's, two halves. Inputs `user`, `label`, then `credential`.
    AdminRegisterKey,
    /// `admin_delete_key`, the administrator's. Inputs `user`, `key`.
    AdminDeleteKey,
    /// `reset_enrolment`, the administrator's: a new TOTP enrollment period. Input `user`.
    ResetEnrolment,
    /// `delete_user`, the administrator's. Input `user`.
    DeleteUser,
    /// `read_clock`: captures `now`, Unix seconds of the portal's clock.
    ReadClock,
    /// `advance_clock`. Input `seconds`.
    AdvanceClock,
    /// `open_protected`: some page or endpoint that needs a full session.
    OpenProtected,
    /// `open_app`: an application that signs in by the portal, whoever is signed in there. Captures `user`,
    /// whom it takes the visitor for, absent or null for nobody.
    OpenApp,
    /// `start_at_app`, two halves: the application leads to the portal's sign-in; once that is done, the
    /// browser goes back, which captures `user` as `open_app` does.
    StartAtApp,
}

impl Verb {
    /// Whether a portal may count it against the account when it is wrong.
    #[must_use]
    pub const fn is_a_try(self) -> bool {
        matches!(
            self,
            Self::SignIn
                | Self::AnswerWithKey
                | Self::SignInWithKey
                | Self::AnswerWithTotp
                | Self::AnswerWithPush
        )
    }

    /// Every verb with its name in a profile.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::SignIn, "sign_in"),
        (Self::AnswerWithKey, "answer_with_key"),
        (Self::SignInWithKey, "sign_in_with_key"),
        (Self::AnswerWithTotp, "answer_with_totp"),
        (Self::AnswerWithPush, "answer_with_push"),
        (Self::RegisterKey, "register_key"),
        (Self::EnrolTotp, "enrol_totp"),
        (Self::ListKeys, "list_keys"),
        (Self::RenameKey, "rename_key"),
        (Self::DeleteKey, "delete_key"),
        (Self::RequestReset, "request_reset"),
        (Self::OpenReset, "open_reset"),
        (Self::ConfirmResetWithKey, "confirm_reset_with_key"),
        (Self::FinishReset, "finish_reset"),
        (Self::ChangePassword, "change_password"),
        (Self::SignOut, "sign_out"),
        (Self::Whoami, "whoami"),
        (Self::CreateUser, "create_user"),
        (Self::SetPolicy, "set_policy"),
        (Self::AdminRegisterKey, "admin_register_key"),
        (Self::AdminDeleteKey, "admin_delete_key"),
        (Self::ResetEnrolment, "reset_enrolment"),
        (Self::DeleteUser, "delete_user"),
        (Self::ReadClock, "read_clock"),
        (Self::AdvanceClock, "advance_clock"),
        (Self::OpenProtected, "open_protected"),
        (Self::OpenApp, "open_app"),
        (Self::StartAtApp, "start_at_app"),
    ];

    /// Whether its requests are honest in every scenario: nothing is ever tried with them, so that a
    /// portal that does not answer them is not well.
    #[must_use]
    pub const fn is_always_honest(self) -> bool {
        match self {
            Self::CreateUser
            | Self::Whoami
            | Self::ListKeys
            | Self::SignOut
            | Self::SetPolicy
            | Self::ResetEnrolment
            | Self::DeleteUser
            | Self::ReadClock
            | Self::AdvanceClock => true,
            Self::SignIn
            | Self::AnswerWithKey
            | Self::SignInWithKey
            | Self::AnswerWithTotp
            | Self::AnswerWithPush
            | Self::RegisterKey
            | Self::EnrolTotp
            | Self::RenameKey
            | Self::DeleteKey
            | Self::RequestReset
            | Self::OpenReset
            | Self::ConfirmResetWithKey
            | Self::FinishReset
            | Self::ChangePassword
            | Self::AdminRegisterKey
            | Self::AdminDeleteKey
            | Self::OpenProtected
            | Self::OpenApp
            | Self::StartAtApp => false,
        }
    }

    /// The name of its flow in a profile.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(verb, _)| *verb == self).map_or("", |(_, name)| name)
    }
}

/// Whether a portal may have counted a try of this verb that was answered so: a prompt that nobody has
/// answered, as one that was denied.
#[must_use]
pub const fn may_count(verb: Verb, reply: Reply) -> bool {
    match reply {
        Reply::Ok => false,
        Reply::FactorNeeded => matches!(verb, Verb::AnswerWithPush),
        Reply::Refused
        | Reply::Expired
        | Reply::RateLimited
        | Reply::Error
        | Reply::Dropped
        | Reply::Unknown => true,
    }
}

/// A value given to a flow; a secret one is redacted wherever it turns up.
#[derive(Clone, Debug)]
pub enum Input {
    /// May stand in a record.
    Open(Value),
    /// Must not.
    Secret(Secret),
}

impl Input {
    /// In the clear, for whom it is sent to.
    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Open(value) => value.clone(),
            Self::Secret(secret) => Value::from(secret.reveal()),
        }
    }
}

/// The values that a verb is given, by name.
pub type Inputs = BTreeMap<&'static str, Input>;

/// How often a request is sent again that was answered with a call for a pause.
const AGAIN: u32 = 3;

/// One browser: a cookie jar with a user agent, belonging to one actor of one scenario. Cloning it
/// is copying the cookie jar (for replays and races).
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Who sits there, for the record.
    pub who: String,
    /// User agent; `None` is the kit's own.
    pub user_agent: Option<String>,
    /// Cookies, kept by the deployment's driver.
    pub jar: http::Jar,
    /// Where the browser stands and what it keeps for later flows; the driver's.
    pub memory: http::Memory,
    /// Its place in an adapter, where one drives the portal.
    pub session: Option<adapter::Session>,
    /// The race that it is in, where several act at the same instant.
    pub(crate) race: Option<Arc<Race>>,
    /// Leave to send again what is under way, where somebody counts how often it is sent.
    pub(crate) leave: Option<Leave>,
    /// Whether something was sent again after a call for a pause: what is refused since may have been
    /// done the first time.
    pub(crate) sent_again: bool,
    /// The scenario this belongs to: names its portal where each has its own, and its record.
    pub scene: Arc<Scene>,
}

impl Visitor {
    /// How often a request may be sent again that the portal did not look at. What runs into a limit on
    /// purpose, and one of several at the same instant, is sent as it is.
    pub(crate) fn patience(&self, decides: bool) -> u32 {
        let is_itself = self.scene.meets_limits() || decides && self.race.is_some();
        if is_itself { 0 } else { AGAIN }
    }

    /// Whether what costs something each time may be sent once more.
    pub(crate) fn may_try_again(&self) -> bool {
        self.leave.as_ref().is_none_or(Leave::once_more)
    }

    /// Whether nothing has come back to it yet that it would send again, so that it can be nobody: no
    /// cookie, nothing that the profile keeps, and no adapter that has heard of it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let unused = self.session.as_ref().is_none_or(adapter::Session::is_unused);
        unused && self.jar.names().next().is_none() && self.memory.is_blank()
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
    pub(crate) waiting: Waiting,
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

/// What a flow came to.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Class by the profile's rules, `Unknown` where none matched.
    pub reply: Reply,
    /// Status of the last exchange.
    pub status: Option<u16>,
    /// The portal's own reason, where the profile extracts one.
    pub reason: Option<String>,
    /// The portal's own words, where the profile extracts them.
    pub message: Option<String>,
    /// What the flow captured, by name.
    pub captured: BTreeMap<String, Value>,
    /// Our own words on an answer that could not be classified: which step, and what was looked for.
    pub note: Option<String>,
}

impl Answer {
    /// The keys of a list: the portal's ids and labels; `None` where it holds none that can be read.
    pub(crate) fn keys(&self) -> Option<Vec<(String, String)>> {
        let Some(Value::Array(rows)) = self.captured.get("keys") else { return None };
        let text = |row: &Value, name: &str| match row.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        Some(rows.iter().map(|row| (text(row, "id"), text(row, "label"))).collect())
    }
}

/// The first half of a flow, done: what the second half needs. Can be finished more than once.
#[derive(Clone, Debug)]
pub struct Begun {
    /// What the first half came to; `Ok` where options were issued.
    pub answer: Answer,
    /// WebAuthn options as WebAuthn L3 JSON (the members of `publicKey`), with the profile's
    /// renamings and defaults already applied.
    pub options: Option<Value>,
    /// The page that the first half stopped at.
    pub page: http::Page,
    /// What the first half was given; the second half knows it too.
    pub inputs: Inputs,
}

/// A deployment as its profile says that it is driven.
#[derive(Clone)]
pub struct Driven {
    /// What answers the verbs.
    pub deployment: Arc<dyn Deployment>,
    /// The same, where it is reached over HTTP.
    pub http: Option<Arc<http::HttpDeployment>>,
}

impl Driven {
    /// Starts the adapter of a profile that has one; every other is driven over HTTP.
    ///
    /// # Errors
    /// [`Error::Adapter`] when it does not start, or does not speak the protocol.
    pub async fn begin(ground: http::HttpDeployment) -> Result<Self, Error> {
        if ground.profile.driver.is_some() {
            let deployment = Arc::new(adapter::AdapterDeployment::start(ground).await?);
            return Ok(Self { deployment, http: None });
        }
        Ok(Self::over_http(Arc::new(ground)))
    }

    /// What is reached over HTTP.
    #[must_use]
    pub fn over_http(http: Arc<http::HttpDeployment>) -> Self {
        Self { deployment: Arc::<http::HttpDeployment>::clone(&http), http: Some(http) }
    }
}

impl Begun {
    /// What the second half is given: its own inputs, and those of the first.
    pub(crate) fn and(&self, inputs: &Inputs) -> Inputs {
        let mut all = self.inputs.clone();
        all.extend(inputs.iter().map(|(name, input)| (*name, input.clone())));
        all
    }
}

/// Something that can be signed in to.
#[async_trait]
pub trait Deployment: Send + Sync {
    /// What the profile declares.
    fn description(&self) -> &crate::profile::Description;

    /// Why nothing new should begin on it, where that is so: it is not well, or limits requests.
    fn stopped(&self) -> Option<String>;

    /// What went over the wire so far.
    fn traffic(&self) -> Traffic;

    /// A fresh browser with an empty cookie jar.
    fn visitor(&self, scene: &Arc<Scene>, who: &str) -> Visitor;

    /// A credential as a flow sends it: in the portal's flavour.
    fn written(&self, verb: Verb, credential: &Value) -> Value;

    /// The first half of a flow in two halves.
    async fn begin(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Begun, Error>;

    /// The second half.
    async fn finish(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        begun: &Begun,
        inputs: &Inputs,
    ) -> Result<Answer, Error>;

    /// A flow in one half.
    async fn perform(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Answer, Error>;

    /// A mark in the mailbox; later mail is newer than it.
    async fn mail_mark(&self) -> Result<u64, Error>;

    /// The link or code mailed to `to` after `mark`, registered as a secret; `None` when nothing came within `patience`.
    async fn mailed(
        &self,
        scene: &Arc<Scene>,
        to: &str,
        mark: u64,
        patience: Duration,
    ) -> Result<Option<Secret>, Error>;
}
