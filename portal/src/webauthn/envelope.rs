//! The JSON forms of an answer (WebAuthn Level 3 §5.1, RegistrationResponseJSON and
//! AuthenticationResponseJSON), and what a portal reads of one before it verifies it.

use serde_json::Value;

use super::{base64url, client_data::ClientData};
use crate::rules::{AuthenticationRules, ClientDataRules};

/// An answer to a registration.
#[derive(Clone, Debug)]
pub(super) struct RegistrationEnvelope {
    pub(super) ids: Ids,
    pub(super) client_data: Vec<u8>,
    pub(super) attestation_object: Vec<u8>,
    pub(super) transports: Vec<String>,
}

/// An answer to an authentication.
#[derive(Clone, Debug)]
pub(super) struct AuthenticationEnvelope {
    pub(super) ids: Ids,
    pub(super) client_data: Vec<u8>,
    pub(super) authenticator_data: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) user_handle: Option<Vec<u8>>,
    /// What the browser says of extensions.
    pub(super) outputs: Value,
}

/// The two ids of an envelope.
#[derive(Clone, Debug)]
pub(super) struct Ids {
    id: Vec<u8>,
    pub(super) raw_id: Vec<u8>,
}

impl Ids {
    pub(super) fn agree(&self) -> bool {
        self.id == self.raw_id
    }
}

impl RegistrationEnvelope {
    /// Reads an answer with all its members, each in its form.
    pub(super) fn strict(response: &Value) -> Option<Self> {
        let (envelope, sound) = Self::read(response);
        sound.then_some(envelope)
    }

    /// Whatever can be read.
    pub(super) fn leftover(response: &Value) -> Self {
        Self::read(response).0
    }

    fn read(response: &Value) -> (Self, bool) {
        let mut reader = Reader { sound: true };
        let envelope = Self {
            ids: reader.frame(response),
            client_data: reader.bytes(response.pointer("/response/clientDataJSON")),
            attestation_object: reader.bytes(response.pointer("/response/attestationObject")),
            transports: reader.texts(response.pointer("/response/transports")),
        };
        (envelope, reader.sound)
    }
}

impl AuthenticationEnvelope {
    /// Reads an answer with all its members, each in its form.
    pub(super) fn strict(rules: &AuthenticationRules, response: &Value) -> Option<Self> {
        let (envelope, sound) = Self::read(rules, response);
        sound.then_some(envelope)
    }

    /// Whatever can be read.
    pub(super) fn leftover(rules: &AuthenticationRules, response: &Value) -> Self {
        Self::read(rules, response).0
    }

    fn read(rules: &AuthenticationRules, response: &Value) -> (Self, bool) {
        let mut reader = Reader { sound: true };
        let outputs = response.get("clientExtensionResults");
        reader.sound &= (rules.outputs)(outputs.and_then(Value::as_object));
        let handle = response.pointer("/response/userHandle");
        let envelope = Self {
            ids: reader.frame(response),
            client_data: reader.bytes(response.pointer("/response/clientDataJSON")),
            authenticator_data: reader.bytes(response.pointer("/response/authenticatorData")),
            signature: reader.bytes(response.pointer("/response/signature")),
            user_handle: (!(rules.no_handle)(handle)).then(|| reader.bytes(handle)),
            outputs: outputs.cloned().unwrap_or_default(),
        };
        (envelope, reader.sound)
    }
}

/// The challenge that an answer's client data names, so that the portal finds and spends its
/// ceremony whatever else is wrong.
#[must_use]
pub fn claimed_challenge(response: &Value) -> Option<Vec<u8>> {
    let client_data = claimed(response.pointer("/response/clientDataJSON"))?;
    let challenge = ClientData::leftover(&ClientDataRules::SOUND, &client_data).challenge;
    base64url::lenient(&challenge).filter(|challenge| !challenge.is_empty())
}

/// The credential id that an answer names.
#[must_use]
pub fn claimed_credential_id(response: &Value) -> Option<Vec<u8>> {
    claimed(response.get("rawId")).or_else(|| claimed(response.get("id")))
}

/// The user handle that an answer carries.
#[must_use]
pub fn claimed_user_handle(response: &Value) -> Option<Vec<u8>> {
    claimed(response.pointer("/response/userHandle"))
}

/// The counter that an answer carries.
pub(crate) fn claimed_counter(response: &Value) -> Option<u32> {
    let data = claimed(response.pointer("/response/authenticatorData"))?;
    data.get(33..37).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes)
}

fn claimed(member: Option<&Value>) -> Option<Vec<u8>> {
    base64url::lenient(member?.as_str()?)
}

/// Reads members leniently and remembers whether all of them were as they have to be.
struct Reader {
    sound: bool,
}

impl Reader {
    /// What both kinds of answers have around their response.
    fn frame(&mut self, response: &Value) -> Ids {
        self.sound &= response.get("type").and_then(Value::as_str) == Some("public-key");
        self.sound &= optional(response.get("authenticatorAttachment"), Value::is_string);
        self.sound &= optional(response.get("clientExtensionResults"), Value::is_object);
        Ids { id: self.bytes(response.get("id")), raw_id: self.bytes(response.get("rawId")) }
    }

    fn bytes(&mut self, member: Option<&Value>) -> Vec<u8> {
        let text = member.and_then(Value::as_str);
        if let Some(bytes) = text.and_then(base64url::strict) {
            return bytes;
        }
        self.sound = false;
        text.and_then(base64url::lenient).unwrap_or_default()
    }

    fn texts(&mut self, member: Option<&Value>) -> Vec<String> {
        self.sound &= optional(member, |texts| {
            texts.as_array().is_some_and(|texts| texts.iter().all(Value::is_string))
        });
        let texts = member.and_then(Value::as_array).into_iter().flatten();
        texts.filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

fn optional(member: Option<&Value>, holds: impl Fn(&Value) -> bool) -> bool {
    member.is_none_or(|member| member.is_null() || holds(member))
}
