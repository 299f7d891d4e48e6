//! A security key of the tests: ES256, without an attestation, honest.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ciborium::{Value as Cbor, cbor};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::browser::{Browser, HOST, Page};

pub(crate) struct Key {
    id: Vec<u8>,
    secret: SigningKey,
}

impl Key {
    pub(crate) fn new(number: u8) -> Self {
        let secret = SigningKey::from_slice(&[number; 32]).expect("a scalar");
        Self { id: vec![number; 16], secret }
    }

    pub(crate) fn id(&self) -> String {
        text(&self.id)
    }

    /// Registers the key in a browser where somebody is signed in.
    pub(crate) async fn register(&self, browser: &mut Browser, label: &str) -> Page {
        let options = browser.api("POST", "/api/keys/options", json!({ "label": label })).await;
        let body = json!({ "label": label, "credential": self.made(&options.json()) });
        browser.api("POST", "/api/keys", body).await
    }

    /// What a browser says of the new key.
    pub(crate) fn made(&self, options: &Value) -> Value {
        let client_data = client_data("webauthn.create", options);
        let mut data = self.authenticator_data(0x41);
        data.extend_from_slice(&[0; 16]);
        data.extend_from_slice(&u16::try_from(self.id.len()).expect("short").to_be_bytes());
        data.extend_from_slice(&self.id);
        data.extend_from_slice(&self.public_key());
        let object = cbor!({ "fmt" => "none", "attStmt" => {}, "authData" => Cbor::Bytes(data) });
        self.envelope(&json!({
            "clientDataJSON": text(client_data.as_bytes()),
            "attestationObject": text(&written(&object.expect("CBOR"))),
        }))
    }

    /// The key's answer to options.
    pub(crate) fn answer(&self, options: &Value) -> Value {
        let client_data = client_data("webauthn.get", options);
        let data = self.authenticator_data(0x01);
        let signed = [data.as_slice(), &Sha256::digest(client_data.as_bytes())].concat();
        let signature: Signature = self.secret.sign(&signed);
        self.envelope(&json!({
            "clientDataJSON": text(client_data.as_bytes()),
            "authenticatorData": text(&data),
            "signature": text(signature.to_der().as_bytes()),
        }))
    }

    fn envelope(&self, response: &Value) -> Value {
        let id = self.id();
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {} })
    }

    fn authenticator_data(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(HOST.as_bytes()).to_vec();
        data.push(flags);
        data.extend_from_slice(&[0; 4]);
        data
    }

    fn public_key(&self) -> Vec<u8> {
        let point = self.secret.verifying_key().to_sec1_point(false);
        let [x, y] =
            [point.x(), point.y()].map(|part| Cbor::Bytes(part.expect("x and y").to_vec()));
        written(&cbor!({ 1 => 2, 3 => -7, -1 => 1, -2 => x, -3 => y }).expect("CBOR"))
    }
}

fn client_data(kind: &str, options: &Value) -> String {
    let challenge = &options["publicKey"]["challenge"];
    assert!(challenge.is_string(), "{options}");
    json!({ "type": kind, "challenge": challenge, "origin": format!("http://{HOST}"), "crossOrigin": false })
        .to_string()
}

fn written(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("written");
    bytes
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
