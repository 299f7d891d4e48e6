//! The verbs of a portal as one trait, answered by every way of driving one. Verbs only: what to
//! try and what to make of the answer is the suite's and the judge's.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use profile::{Verb, error::Error, secret::Secret};
use reports::record::Reply;
use serde_json::Value;

mod access;
pub mod adapter;
mod browser;
mod half;
pub mod http;
mod inputs;
mod leave;
mod mails;
mod members;
mod target;
mod visitor;

pub use ::browser::Engine;
pub use browser::InBrowser;
pub use http::{NO_VALUE, holds};
pub use leave::Leave;
pub use mails::Mails;

pub use self::{
    access::Access,
    inputs::{Input, Inputs, inputs, open, secret},
    target::Target,
    visitor::{Memory, Visitor},
};
pub use crate::scene::{AtOnce, Scene};

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
    /// One of which nothing but its class is known.
    pub(super) const fn plain(reply: Reply) -> Self {
        Self {
            reply,
            status: None,
            reason: None,
            message: None,
            captured: BTreeMap::new(),
            note: None,
        }
    }

    /// One that could not be classified, and why.
    pub(super) fn unknown(note: String) -> Self {
        Self { note: Some(note), ..Self::plain(Reply::Unknown) }
    }

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
    /// What the first half was given; the second half knows it too.
    pub inputs: Inputs,
    /// Where the first half stopped; its driver's.
    between: Between,
}

/// What a driver keeps between the halves of a flow.
#[derive(Clone, Debug)]
enum Between {
    /// Nothing: what performs the verb keeps it itself.
    Nothing,
    /// The page that the first half stopped at.
    Page(http::Page),
    /// The ceremony that a page in a browser waits in.
    Ceremony {
        /// The tab that it stands in.
        tab: u64,
        /// Its number on its page.
        number: u64,
    },
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

/// Performs the verbs of a portal. A visitor belongs to the driver that first did something with it.
#[async_trait]
pub trait Driver: Send + Sync {
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
}

/// Where mail of a portal arrives.
#[async_trait]
pub trait Mail: Send + Sync {
    /// A mark in the mailbox; later mail is newer than it.
    async fn mark(&self) -> Result<u64, Error>;

    /// The link or code mailed to `to` after `mark`, registered as a secret; `None` when nothing came
    /// within `patience`.
    async fn mailed(
        &self,
        scene: &Scene,
        to: &str,
        mark: u64,
        patience: Duration,
    ) -> Result<Option<Secret>, Error>;
}
