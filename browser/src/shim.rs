//! Ceremonies of security keys that wait for an answer from outside: `scripts/shim.js` stands in for the browser's
//! own `navigator.credentials` on every page.

use serde_json::{Value, json};

use crate::{Session, webdriver::Trouble};

pub(crate) const SCRIPT: &str = include_str!("scripts/shim.js");

const ASK: &str = "return window.__touchstone ? window.__touchstone.waiting() : [];";
const ANSWER: &str =
    "return window.__touchstone ? window.__touchstone.answer(arguments[0], arguments[1]) : 'gone';";
const REFUSE: &str =
    "return !!window.__touchstone && window.__touchstone.refuse(arguments[0], arguments[1]);";

/// A ceremony that a page has begun.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// Its number on its page.
    pub number: u64,
    /// Whether a credential is made; one answers otherwise.
    pub creates: bool,
    /// Whether it waits in the background for whoever picks a passkey (`mediation: "conditional"`).
    pub conditional: bool,
    /// The members of `publicKey`, in the JSON forms of WebAuthn L3 §5.1.8 and §5.1.9.
    pub options: Value,
}

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// The page has it.
    Taken,
    /// The page does not wait for it any more.
    Gone,
    /// A member that a browser hands over as bytes is no base64url: no page is ever given such an answer.
    Unreadable,
}

impl Session {
    /// The ceremonies of the page that nobody has answered, the oldest first.
    ///
    /// # Errors
    /// When the browser does not say.
    pub async fn waiting(&self) -> Result<Vec<Waiting>, Trouble> {
        let said = self.run(ASK, &[]).await?;
        Ok(said.as_array().into_iter().flatten().filter_map(waiting).collect())
    }

    /// Whether a ceremony of the page is still to be answered.
    ///
    /// # Errors
    /// When the browser does not say.
    pub async fn waits_for(&self, number: u64) -> Result<bool, Trouble> {
        Ok(self.waiting().await?.iter().any(|waiting| waiting.number == number))
    }

    /// Answers a ceremony with a credential in the JSON form of WebAuthn L3.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn answer(&self, number: u64, credential: &Value) -> Result<Answered, Trouble> {
        let said = self.run(ANSWER, &[json!(number), credential.clone()]).await?;
        match said.as_str() {
            Some("taken") => Ok(Answered::Taken),
            Some("gone") => Ok(Answered::Gone),
            Some("unreadable") => Ok(Answered::Unreadable),
            _ => Err(Trouble::Nonsense(said.to_string())),
        }
    }

    /// Ends a ceremony with an exception of this name, such as `NotAllowedError`; whether it still waited.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn refuse(&self, number: u64, exception: &str) -> Result<bool, Trouble> {
        let said = self.run(REFUSE, &[json!(number), json!(exception)]).await?;
        Ok(said == Value::Bool(true))
    }
}

fn waiting(request: &Value) -> Option<Waiting> {
    Some(Waiting {
        number: request.get("number")?.as_u64()?,
        creates: request.get("kind")?.as_str()? == "create",
        conditional: request.get("mediation")?.as_str()? == "conditional",
        options: request.get("options")?.clone(),
    })
}
