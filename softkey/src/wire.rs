//! The JSON forms of WebAuthn Level 3 §5.1.8: options as a page receives them, responses as it sends them.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::base64url::{base64url, from_any_base64};
use crate::refusal::Refusal;

/// PublicKeyCredentialCreationOptionsJSON, as far as it matters here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreationOptions {
    pub(crate) rp: RelyingParty,
    pub(crate) user: User,
    pub(crate) challenge: Bytes,
    pub(crate) pub_key_cred_params: Vec<Parameters>,
    pub(crate) exclude_credentials: Option<Vec<Descriptor>>,
    pub(crate) authenticator_selection: Option<Selection>,
    pub(crate) attestation: Option<String>,
    pub(crate) extensions: Option<Extensions>,
}

/// PublicKeyCredentialRequestOptionsJSON, as far as it matters here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestOptions {
    pub(crate) challenge: Bytes,
    pub(crate) rp_id: Option<String>,
    pub(crate) allow_credentials: Option<Vec<Descriptor>>,
    pub(crate) user_verification: Option<String>,
}

/// Bytes that the portal wrote as some base64.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl TryFrom<String> for Bytes {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        from_any_base64(&text).map(Self).ok_or_else(|| format!("{text:?} is not base64url"))
    }
}

/// Who asks; a browser insists on the name although it shows it nowhere.
#[derive(Debug, Deserialize)]
pub(crate) struct RelyingParty {
    pub(crate) id: Option<String>,
    #[serde(rename = "name")]
    _name: String,
}

/// Whose credential it will be.
#[derive(Debug, Deserialize)]
pub(crate) struct User {
    pub(crate) id: Bytes,
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "displayName")]
    _display_name: String,
}

/// One algorithm that the portal takes.
#[derive(Debug, Deserialize)]
pub(crate) struct Parameters {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) alg: i64,
}

/// One credential that the portal names.
#[derive(Debug, Deserialize)]
pub(crate) struct Descriptor {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) id: Bytes,
}

/// What kind of key the portal wants.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Selection {
    pub(crate) authenticator_attachment: Option<String>,
    pub(crate) resident_key: Option<String>,
    pub(crate) require_resident_key: Option<bool>,
    pub(crate) user_verification: Option<String>,
}

/// The extensions that the key answers.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Extensions {
    pub(crate) cred_props: Option<bool>,
}

/// Reads options; the error says what a browser would stumble over.
pub(crate) fn read<T: for<'de> Deserialize<'de>>(options: &Value) -> Result<T, Refusal> {
    T::deserialize(options).map_err(|error| Refusal::BadOptions(error.to_string()))
}

/// How strongly something is wanted: user verification, or a discoverable credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Required,
    Preferred,
    Discouraged,
}

impl Wanted {
    /// A browser takes an unknown word for the default (WebAuthn Level 3 §2.1.1).
    pub(crate) fn from_word(word: Option<&str>, default: Self) -> Self {
        match word {
            Some("required") => Self::Required,
            Some("preferred") => Self::Preferred,
            Some("discouraged") => Self::Discouraged,
            Some(_) | None => default,
        }
    }
}

/// The credential, as every response names it.
pub(crate) struct Named<'a> {
    pub(crate) credential_id: &'a [u8],
    pub(crate) attachment: &'a str,
    pub(crate) extensions: Map<String, Value>,
}

impl Named<'_> {
    /// The JSON of a credential around the member `response`.
    pub(crate) fn envelope(self, response: &Map<String, Value>) -> Value {
        let id = base64url(self.credential_id);
        json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "response": response,
            "authenticatorAttachment": self.attachment,
            "clientExtensionResults": self.extensions,
        })
    }
}
