//! A person's security key on the stage.

use std::sync::{Arc, Mutex};

use profile::error::Error;
use reports::record::CeremonyStep;
use serde_json::Value;
use softkey::{Browser, Model, SoftKey, Spoken, Tampering, base64url};

use super::{Break, Shared};

/// A security key. Clones are the same key.
#[derive(Clone)]
pub struct Key {
    /// What its owner calls it.
    pub label: String,
    soft: Arc<Mutex<SoftKey>>,
}

impl Key {
    /// A new key of a model; its secrets derive from the scenario's seed and the label.
    pub(crate) fn new(shared: &Shared, owner: &str, label: &str, model: Model) -> Self {
        let seed = shared.seed.derive(&format!("key {owner} {label}"));
        let soft = Arc::new(Mutex::new(SoftKey::new(model, &seed)));
        let key = Self { label: label.to_owned(), soft };
        if let Ok(mut keys) = shared.keys.lock() {
            keys.push((owner.to_owned(), key.clone()));
        }
        key
    }

    /// A copy with the same secrets: a clone of the key, with its own counter.
    #[must_use]
    pub fn cloned_device(&self) -> Self {
        let soft = self.soft.lock().map(|soft| soft.clone());
        match soft {
            Ok(soft) => {
                Self { label: format!("clone of {}", self.label), soft: Arc::new(Mutex::new(soft)) }
            }
            Err(poisoned) => Self {
                label: self.label.clone(),
                soft: Arc::new(Mutex::new(poisoned.into_inner().clone())),
            },
        }
    }

    /// Sets the key's signature counter back.
    pub fn wind_back(&self, by: u32) {
        if let Ok(mut soft) = self.soft.lock() {
            soft.wind_back(by);
        }
    }

    /// Sets the key's signature counter.
    pub fn set_counter(&self, to: u32) {
        if let Ok(mut soft) = self.soft.lock() {
            soft.set_counter(to);
        }
    }

    /// The id of its newest credential, base64url.
    #[must_use]
    pub fn credential_id(&self) -> Option<String> {
        let soft = self.soft.lock().ok()?;
        soft.credentials().last().map(|credential| base64url(credential.id()))
    }

    /// Drops a credential that the portal refused, so that it does not answer later.
    pub(crate) fn forget(&self, credential_id: &str) {
        if let Ok(mut soft) = self.soft.lock() {
            soft.forget(credential_id);
        }
    }

    pub(crate) fn register(
        &self,
        options: &Value,
        browser: &Browser,
        change: Option<&Tampering>,
    ) -> Result<Spoken, Break> {
        self.speak("registration", |soft| soft.register(options, browser, change))
    }

    pub(crate) fn sign(
        &self,
        options: &Value,
        browser: &Browser,
        change: Option<&Tampering>,
    ) -> Result<Spoken, Break> {
        self.speak("sign-in", |soft| soft.sign_in(options, browser, change))
    }

    fn speak(
        &self,
        what: &str,
        act: impl FnOnce(&mut SoftKey) -> Result<Spoken, softkey::Refusal>,
    ) -> Result<Spoken, Break> {
        let mut soft =
            self.soft.lock().map_err(|_| Error::Harness("a key's lock is poisoned".into()))?;
        act(&mut soft).map_err(|refusal| match refusal {
            // A row of a table that changes nothing is our own mistake.
            softkey::Refusal::NothingToChange(_) => Error::Harness(refusal.to_string()).into(),
            softkey::Refusal::Excluded
            | softkey::Refusal::NoMatch
            | softkey::Refusal::UnsupportedAlgorithm
            | softkey::Refusal::WrongRpId
            | softkey::Refusal::NoTouch
            | softkey::Refusal::NoUserVerification
            | softkey::Refusal::BadOptions(_) => Break::ControlRefused {
                expected: format!("an honest key answers the {what} options"),
                seen: format!("the key declines: {refusal}"),
            },
        })
    }
}

/// What a key said, as it stands in the record.
pub(crate) fn ceremony_step(
    who: &str,
    key: &str,
    spoken: &Spoken,
    told: Option<&str>,
) -> CeremonyStep {
    let ceremony =
        if spoken.attestation_object.is_some() { "registration" } else { "authentication" };
    CeremonyStep {
        ceremony: ceremony.to_owned(),
        who: who.to_owned(),
        key: key.to_owned(),
        told: told.map(str::to_owned),
        client_data: String::from_utf8_lossy(&spoken.client_data).into_owned(),
        authenticator_data: hex(&spoken.authenticator_data),
        attestation_object: spoken.attestation_object.as_deref().map(hex),
        signature: spoken.signature.as_deref().map(hex),
        credential_id: base64url(&spoken.credential_id),
        envelope: spoken.json.clone(),
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
