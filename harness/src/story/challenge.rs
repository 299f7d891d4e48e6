//! A ceremony between challenge and touch.

use std::{sync::Arc, time::Duration};

use driver::deployment::{Begun, Visitor, describe};
use profile::Verb;
use reports::record::Reply;
use serde_json::{Value, json};

use super::{Key, Person, Shared, Told};

/// A ceremony between challenge and touch, with the browser that it was begun in.
#[derive(Clone)]
pub struct Challenge {
    pub(crate) shared: Arc<Shared>,
    pub(crate) begun: Begun,
    pub(crate) visitor: Visitor,
    pub(crate) verb: Verb,
}

/// A registration between challenge and touch.
pub type Registering = Challenge;

impl Challenge {
    /// Whether there are options to answer.
    #[must_use]
    pub const fn was_issued(&self) -> bool {
        self.begun.options.is_some()
    }

    /// Whether the portal sends the browser into the ceremony, and what was seen of that.
    pub(crate) fn offered(&self) -> (Option<bool>, String) {
        let issued = self.was_issued();
        let offered = match self.begun.answer.reply {
            _ if issued => Some(true),
            Reply::Refused | Reply::Expired | Reply::FactorNeeded => Some(false),
            Reply::Ok | Reply::RateLimited | Reply::Error | Reply::Dropped | Reply::Unknown => None,
        };
        let options = if issued { "were issued" } else { "were not" };
        (offered, format!("{}; options {options}", describe(&self.begun.answer)))
    }

    /// The options that the portal sent.
    #[must_use]
    pub fn options(&self) -> Value {
        self.begun.options.clone().unwrap_or(json!({}))
    }

    /// The same ceremony with the challenge that was issued to another.
    #[must_use]
    pub fn with_challenge_of(&self, other: &Self) -> Self {
        let mut mixed = self.clone();
        if let (Some(options), Some(challenge)) =
            (mixed.begun.options.as_mut(), other.options().get("challenge"))
        {
            options["challenge"] = challenge.clone();
        }
        mixed
    }

    /// The same ceremony with options that require the user to be verified, whatever the portal asked
    /// for: so that a key verifies, and what it says of that can be changed.
    #[must_use]
    pub fn as_if_verification_were_required(&self) -> Self {
        let mut required = self.clone();
        if let Some(options) = required.begun.options.as_mut() {
            let registers = self.verb == Verb::RegisterKey;
            if registers && !options["authenticatorSelection"].is_object() {
                options["authenticatorSelection"] = json!({});
            }
            let place = if registers { &mut options["authenticatorSelection"] } else { options };
            place["userVerification"] = json!("required");
        }
        required
    }

    /// This ceremony, with the options of another where none were issued.
    #[must_use]
    pub fn or_the_options_of(&self, other: &Self) -> Self {
        let mut mixed = self.clone();
        if mixed.begun.options.is_none() {
            mixed.begun.options = other.begun.options.clone();
        }
        mixed
    }

    /// The same ceremony, answered from a browser that shares no cookie with it.
    #[must_use]
    pub fn in_a_fresh_browser(&self, person: &Person) -> Self {
        Self { visitor: person.fresh(), ..self.clone() }
    }

    /// Expects a key to be among those that are asked for, or not to be.
    ///
    /// # Errors
    /// A finding.
    pub fn asks_for(&self, key: &Key, asked: bool) -> Told {
        let id = key.credential_id().unwrap_or_default();
        let options = self.options();
        let listed = options.get("allowCredentials").and_then(Value::as_array);
        let found = listed
            .is_some_and(|listed| listed.iter().any(|entry| entry.get("id") == Some(&json!(id))));
        let expected =
            format!("the key \"{}\" is {}asked for", key.label, if asked { "" } else { "not " });
        let seen = format!(
            "{} keys are asked for, it is {}one of them",
            listed.map_or(0, Vec::len),
            if found { "" } else { "not " }
        );
        self.shared.expect(&expected, seen, Some(found == asked))
    }

    /// Expects the browser to be sent into the ceremony at all.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub fn is_offered(&self) -> Told {
        let (offered, seen) = self.offered();
        self.shared.expect("this browser is offered the key", seen, offered)
    }

    /// Expects the browser to be given a time limit.
    ///
    /// # Errors
    /// A finding.
    pub fn announces(&self, limit: Duration) -> Told {
        let wanted = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        let seen = self.options().get("timeout").cloned();
        let held = seen.as_ref().and_then(Value::as_u64) == Some(wanted);
        let expected = format!("the options give the browser {wanted} ms");
        self.shared.expect(
            &expected,
            seen.map_or_else(|| "no timeout".into(), |seen| seen.to_string()),
            Some(held),
        )
    }

    /// Expects a challenge of its own.
    ///
    /// # Errors
    /// A finding.
    pub fn differs_from(&self, other: &Self) -> Told {
        let (one, two) = (self.options(), other.options());
        let held = one.get("challenge").is_some() && one.get("challenge") != two.get("challenge");
        let seen = if held { "another challenge" } else { "the same challenge, or none" };
        self.shared.expect("a fresh attempt has a fresh challenge", seen.to_owned(), Some(held))
    }
}
