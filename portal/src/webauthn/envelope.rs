//! The JSON forms of an answer (WebAuthn Level 3 §5.1, RegistrationResponseJSON and
//! AuthenticationResponseJSON), and what a portal reads of one before it verifies it.

use std::ops::Range;

use serde::Deserialize;
use serde_json::Value;

use super::{base64url, client_data::ClientData, json::Json};
use crate::rules::{AuthenticationRules, ClientDataRules};

/// What a page sends for a key's answer, borrowed from the text that it is written in.
#[derive(Clone, Debug)]
pub struct KeyAnswer<'a>(Json<'a>);

/// So many bytes have room at once: more than most answers decode to.
const USUAL: usize = 1000;

/// An answer to a registration.
#[derive(Clone, Debug)]
pub(super) struct RegistrationEnvelope {
    decoded: Decoded,
    ids: Ids,
    client_data: Part,
    attestation_object: Part,
    pub(super) transports: Vec<String>,
}

/// An answer to an authentication.
#[derive(Clone, Debug)]
pub(super) struct AuthenticationEnvelope<'a> {
    decoded: Decoded,
    ids: Ids,
    client_data: Part,
    authenticator_data: Part,
    signature: Part,
    user_handle: Option<Part>,
    /// What the browser says of extensions.
    pub(super) outputs: Option<&'a Json<'a>>,
}

/// The two ids of an envelope.
#[derive(Clone, Debug)]
struct Ids {
    raw_id: Part,
    agree: bool,
}

/// What the members of an answer decode to, one behind the other.
#[derive(Clone, Debug)]
struct Decoded(Vec<u8>);

/// Where what one member decodes to stands.
type Part = Range<usize>;

impl Decoded {
    fn part(&self, part: &Part) -> &[u8] {
        self.0.get(part.clone()).unwrap_or_default()
    }
}

impl<'a> KeyAnswer<'a> {
    /// Reads the body of a request; `None` where it is no JSON.
    #[must_use]
    pub fn read(body: &'a [u8]) -> Option<Self> {
        Json::read(body).map(Self)
    }

    /// An answer of a body that is read already.
    #[must_use]
    pub fn of(body: &'a Value) -> Self {
        Self(Json::deserialize(body).unwrap_or_default())
    }

    /// The challenge that the client data names, so that the portal finds and spends its ceremony whatever else
    /// is wrong.
    #[must_use]
    pub fn claimed_challenge(&self) -> Option<Vec<u8>> {
        let client_data = claimed(self.response("clientDataJSON"))?;
        let client = ClientData::leftover(&ClientDataRules::SOUND, &client_data);
        base64url::lenient(&client.challenge).filter(|challenge| !challenge.is_empty())
    }

    /// The credential id that it names.
    #[must_use]
    pub fn claimed_credential_id(&self) -> Option<Vec<u8>> {
        claimed(self.get("rawId")).or_else(|| claimed(self.get("id")))
    }

    /// The user handle that it carries.
    #[must_use]
    pub fn claimed_user_handle(&self) -> Option<Vec<u8>> {
        claimed(self.response("userHandle"))
    }

    /// The counter that it carries.
    pub(crate) fn claimed_counter(&self) -> Option<u32> {
        let data = claimed(self.response("authenticatorData"))?;
        data.get(33..37).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes)
    }

    /// How the key is attached, as the browser says.
    pub(crate) fn attachment(&self) -> Option<&str> {
        self.get("authenticatorAttachment").and_then(Json::text)
    }

    fn get(&self, name: &str) -> Option<&Json<'a>> {
        self.0.get(name)
    }

    fn response(&self, name: &str) -> Option<&Json<'a>> {
        self.get("response")?.get(name)
    }
}

impl RegistrationEnvelope {
    /// Reads an answer with all its members, each in its form.
    pub(super) fn strict(answer: &KeyAnswer<'_>) -> Option<Self> {
        let (envelope, sound) = Self::read(answer);
        sound.then_some(envelope)
    }

    /// Whatever can be read.
    pub(super) fn leftover(answer: &KeyAnswer<'_>) -> Self {
        Self::read(answer).0
    }

    pub(super) fn ids_agree(&self) -> bool {
        self.ids.agree
    }

    pub(super) fn raw_id(&self) -> &[u8] {
        self.decoded.part(&self.ids.raw_id)
    }

    pub(super) fn client_data(&self) -> &[u8] {
        self.decoded.part(&self.client_data)
    }

    pub(super) fn attestation_object(&self) -> &[u8] {
        self.decoded.part(&self.attestation_object)
    }

    fn read(answer: &KeyAnswer<'_>) -> (Self, bool) {
        let mut reader = Reader::new();
        let ids = reader.frame(answer);
        let client_data = reader.bytes(answer.response("clientDataJSON"));
        let attestation_object = reader.bytes(answer.response("attestationObject"));
        let transports = reader.texts(answer.response("transports"));
        let Reader { sound, decoded } = reader;
        (Self { decoded, ids, client_data, attestation_object, transports }, sound)
    }
}

impl<'a> AuthenticationEnvelope<'a> {
    /// Reads an answer with all its members, each in its form.
    pub(super) fn strict(rules: &AuthenticationRules, answer: &'a KeyAnswer<'a>) -> Option<Self> {
        let (envelope, sound) = Self::read(rules, answer);
        sound.then_some(envelope)
    }

    /// Whatever can be read.
    pub(super) fn leftover(rules: &AuthenticationRules, answer: &'a KeyAnswer<'a>) -> Self {
        Self::read(rules, answer).0
    }

    pub(super) fn ids_agree(&self) -> bool {
        self.ids.agree
    }

    pub(super) fn client_data(&self) -> &[u8] {
        self.decoded.part(&self.client_data)
    }

    pub(super) fn authenticator_data(&self) -> &[u8] {
        self.decoded.part(&self.authenticator_data)
    }

    pub(super) fn signature(&self) -> &[u8] {
        self.decoded.part(&self.signature)
    }

    pub(super) fn user_handle(&self) -> Option<&[u8]> {
        self.user_handle.as_ref().map(|handle| self.decoded.part(handle))
    }

    fn read(rules: &AuthenticationRules, answer: &'a KeyAnswer<'a>) -> (Self, bool) {
        let mut reader = Reader::new();
        let outputs = answer.get("clientExtensionResults");
        reader.sound &= (rules.outputs)(outputs.and_then(Json::members));
        let ids = reader.frame(answer);
        let client_data = reader.bytes(answer.response("clientDataJSON"));
        let authenticator_data = reader.bytes(answer.response("authenticatorData"));
        let signature = reader.bytes(answer.response("signature"));
        let handle = answer.response("userHandle");
        let user_handle = (!(rules.no_handle)(handle)).then(|| reader.bytes(handle));
        let Reader { sound, decoded } = reader;
        let envelope =
            Self { decoded, ids, client_data, authenticator_data, signature, user_handle, outputs };
        (envelope, sound)
    }
}

fn claimed(member: Option<&Json<'_>>) -> Option<Vec<u8>> {
    base64url::lenient(member?.text()?)
}

/// Reads members leniently and remembers whether all of them were as they have to be.
struct Reader {
    sound: bool,
    decoded: Decoded,
}

impl Reader {
    fn new() -> Self {
        Self { sound: true, decoded: Decoded(Vec::with_capacity(USUAL)) }
    }

    /// What both kinds of answers have around their response.
    fn frame(&mut self, answer: &KeyAnswer<'_>) -> Ids {
        self.sound &= answer.get("type").and_then(Json::text) == Some("public-key");
        self.sound &= optional(answer.get("authenticatorAttachment"), |it| it.text().is_some());
        self.sound &= optional(answer.get("clientExtensionResults"), |it| it.members().is_some());
        let (id, raw_id) = (answer.get("id"), answer.get("rawId"));
        let decoded = self.bytes(raw_id);
        // What is written alike is the same, and is not decoded again.
        let agree = id == raw_id || {
            let id = self.bytes(id);
            self.decoded.part(&id) == self.decoded.part(&decoded)
        };
        Ids { raw_id: decoded, agree }
    }

    fn bytes(&mut self, member: Option<&Json<'_>>) -> Part {
        let (text, room) = (member.and_then(Json::text), &mut self.decoded.0);
        let begin = room.len();
        if !text.is_some_and(|text| base64url::strict_onto(text, room)) {
            self.sound = false;
            room.extend(text.and_then(base64url::lenient).unwrap_or_default());
        }
        begin..room.len()
    }

    fn texts(&mut self, member: Option<&Json<'_>>) -> Vec<String> {
        self.sound &= optional(member, |texts| {
            texts.array().is_some_and(|texts| texts.iter().all(|text| text.text().is_some()))
        });
        let texts = member.and_then(Json::array).into_iter().flatten();
        texts.filter_map(Json::text).map(str::to_owned).collect()
    }
}

fn optional(member: Option<&Json<'_>>, holds: impl Fn(&Json<'_>) -> bool) -> bool {
    member.is_none_or(|member| *member == Json::Null || holds(member))
}
