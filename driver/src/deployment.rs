//! The verbs of a portal as one trait, answered by every way of driving one. Verbs only: what to
//! try and what to make of the answer is the suite's and the judge's.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use profile::{Verb, error::Error, secret::Secret};
use reports::record::{Reply, Traffic};
use serde_json::Value;

use crate::wire::{Race, Sender};

pub mod adapter;
mod flow;
pub mod http;
mod leave;
mod mails;

pub use flow::{NO_VALUE, holds};
pub use leave::Leave;
pub use mails::Mails;

pub use crate::scene::{AtOnce, Scene};

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
    #[must_use]
    pub fn value(&self) -> Value {
        match self {
            Self::Open(value) => value.clone(),
            Self::Secret(secret) => Value::from(secret.reveal()),
        }
    }
}

/// The values that a verb is given, by name.
pub type Inputs = BTreeMap<&'static str, Input>;

/// Inputs of a flow from names and values.
#[must_use]
pub fn inputs<const N: usize>(values: [(&'static str, Input); N]) -> Inputs {
    BTreeMap::from(values)
}

/// A value that may stand in a record.
#[must_use]
pub fn open(value: impl Into<Value>) -> Input {
    Input::Open(value.into())
}

/// A value that must not.
#[must_use]
pub fn secret(value: &Secret) -> Input {
    Input::Secret(value.clone())
}

/// How often a request is sent again that was answered with a call for a pause.
const AGAIN: u32 = 3;

/// One browser: a cookie jar with a user agent, belonging to one actor of one scenario. Cloning it
/// is copying the cookie jar (for replays and races).
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Who sits there, for the record.
    pub who: String,
    /// User agent; `None` is Touchstone's own.
    pub user_agent: Option<String>,
    /// Its cookies, where it stands and what it keeps for later flows; the driver's.
    pub memory: http::Memory,
    /// Its place in an adapter, where one drives the portal.
    pub session: Option<adapter::Session>,
    /// The race that it is in, where several act at the same instant.
    pub race: Option<Arc<Race>>,
    /// Leave to send again what is under way, where somebody counts how often it is sent.
    pub leave: Option<Arc<dyn Leave>>,
    /// Whether something was sent again after a call for a pause: what is refused since may have been
    /// done the first time.
    pub sent_again: bool,
    /// The scenario this belongs to: names its portal where each has its own, and its record.
    pub scene: Arc<Scene>,
}

impl Visitor {
    /// A fresh browser with nothing in it.
    #[must_use]
    pub fn new(scene: &Arc<Scene>, who: &str) -> Self {
        Self {
            who: who.to_owned(),
            user_agent: None,
            memory: http::Memory::default(),
            session: None,
            race: None,
            leave: None,
            sent_again: false,
            scene: Arc::clone(scene),
        }
    }

    /// Whoever sends a request on the wire, with what goes with it.
    pub fn sender(&mut self) -> Sender<'_> {
        Sender {
            who: &self.who,
            user_agent: self.user_agent.as_deref(),
            jar: &mut self.memory.jar,
            race: self.race.as_deref(),
            scene: &self.scene,
        }
    }

    /// How often a request may be sent again that the portal did not look at. What runs into a limit on
    /// purpose, and one of several at the same instant, is sent as it is.
    pub(crate) fn patience(&self, decides: bool) -> u32 {
        let is_itself = self.scene.meets_limits() || decides && self.race.is_some();
        if is_itself { 0 } else { AGAIN }
    }

    /// Whether what costs something each time may be sent once more.
    pub(crate) fn may_try_again(&self) -> bool {
        self.leave.as_ref().is_none_or(|leave| leave.once_more())
    }

    /// Whether nothing has come back to it yet that it would send again, so that it can be nobody: no
    /// cookie, nothing that the profile keeps, and no adapter that has heard of it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let unused = self.session.as_ref().is_none_or(adapter::Session::is_unused);
        unused && self.memory.is_blank()
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
    #[must_use]
    pub fn keys(&self) -> Option<Vec<(String, String)>> {
        let Some(Value::Array(rows)) = self.captured.get("keys") else { return None };
        let text = |row: &Value, name: &str| match row.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        Some(rows.iter().map(|row| (text(row, "id"), text(row, "label"))).collect())
    }
}

/// An answer in words, for `seen`.
#[must_use]
pub fn describe(answer: &Answer) -> String {
    let mut words =
        answer.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    words.push(' ');
    words.push_str(answer.reply.word());
    let note = answer.note.as_ref().filter(|_| answer.reply == Reply::Unknown);
    for more in [answer.reason.as_ref(), answer.message.as_ref(), note].into_iter().flatten() {
        words.push_str(": ");
        words.push_str(more);
    }
    words
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
    #[must_use]
    pub fn and(&self, inputs: &Inputs) -> Inputs {
        let mut all = self.inputs.clone();
        all.extend(inputs.iter().map(|(name, input)| (*name, input.clone())));
        all
    }
}

/// Something that can be signed in to.
#[async_trait]
pub trait Deployment: Send + Sync {
    /// What the profile declares.
    fn description(&self) -> &profile::Description;

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
