//! Honest answers, every part of which a test may change before it is signed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ciborium::Value as Cbor;
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use serde_json::{Value, json};

use portal::{
    check::Checks,
    webauthn::{Credential, KeyAnswer, sha256, verify_registration},
};

use crate::{CHALLENGE, RP_ID};

pub(crate) const USER_PRESENT: u8 = 0x01;
pub(crate) const USER_VERIFIED: u8 = 0x04;
pub(crate) const BACKUP_ELIGIBLE: u8 = 0x08;
pub(crate) const BACKED_UP: u8 = 0x10;
pub(crate) const ATTESTED: u8 = 0x40;
pub(crate) const EXTENSIONS: u8 = 0x80;
/// `{"credProtect": 2}`
pub(crate) const CRED_PROTECT: &[u8] = b"\xa1\x6bcredProtect\x02";

/// Makes a statement from the authenticator data and the client data hash.
pub(crate) type Statement = fn(&[u8], &[u8]) -> Members;

/// The members of a CBOR map.
pub(crate) type Members = Vec<(Cbor, Cbor)>;

/// An answer to a registration in the making.
pub(crate) struct Registration {
    pub(crate) id: Vec<u8>,
    pub(crate) raw_id: Vec<u8>,
    pub(crate) client_data: Vec<u8>,
    pub(crate) rp_id: &'static str,
    pub(crate) flags: u8,
    pub(crate) aaguid: [u8; 16],
    pub(crate) credential_id: Vec<u8>,
    pub(crate) public_key: Members,
    pub(crate) extensions: Vec<u8>,
    pub(crate) format: &'static str,
    pub(crate) statement: Statement,
    pub(crate) object: fn(&mut Members),
    pub(crate) trailing: Vec<u8>,
    pub(crate) envelope: fn(&mut Value),
}

impl Registration {
    pub(crate) fn honest() -> Self {
        Self {
            id: b"a credential id".to_vec(),
            raw_id: b"a credential id".to_vec(),
            client_data: client_data("webauthn.create"),
            rp_id: RP_ID,
            flags: USER_PRESENT | ATTESTED,
            aaguid: *b"a model of a key",
            credential_id: b"a credential id".to_vec(),
            public_key: es256_key(),
            extensions: Vec::new(),
            format: "none",
            statement: |_, _| Vec::new(),
            object: |_| (),
            trailing: Vec::new(),
            envelope: |_| (),
        }
    }

    pub(crate) fn with_id(&mut self, id: &[u8]) {
        self.id = id.to_vec();
        self.raw_id = id.to_vec();
        self.credential_id = id.to_vec();
    }

    pub(crate) fn replaces(&mut self, label: i64, value: impl Into<Cbor>) {
        let label = Cbor::from(label);
        self.public_key.retain(|(own, _)| *own != label);
        self.public_key.push((label, value.into()));
    }

    pub(crate) fn answer(&self) -> Value {
        let mut data = authenticator_data(self.rp_id, self.flags, 0);
        data.extend(self.aaguid);
        data.extend(u16::try_from(self.credential_id.len()).expect("short").to_be_bytes());
        data.extend(&self.credential_id);
        data.extend(encoded(&Cbor::Map(self.public_key.clone())));
        data.extend(&self.extensions);

        let statement = (self.statement)(&data, &sha256(&self.client_data));
        let mut object = vec![
            ("fmt".into(), self.format.into()),
            ("attStmt".into(), Cbor::Map(statement)),
            ("authData".into(), Cbor::Bytes(data)),
        ];
        (self.object)(&mut object);
        let object = [encoded(&Cbor::Map(object)), self.trailing.clone()].concat();
        let mut answer = json!({
            "id": text(&self.id),
            "rawId": text(&self.raw_id),
            "type": "public-key",
            "authenticatorAttachment": "cross-platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": text(&self.client_data),
                "attestationObject": text(&object),
                "transports": ["usb"],
            },
        });
        (self.envelope)(&mut answer);
        answer
    }
}

/// An answer to an authentication in the making.
pub(crate) struct Assertion {
    pub(crate) id: Vec<u8>,
    pub(crate) client_data: Vec<u8>,
    pub(crate) rp_id: &'static str,
    pub(crate) flags: u8,
    pub(crate) counter: u32,
    pub(crate) rest: Vec<u8>,
    pub(crate) user_handle: Value,
    pub(crate) signature: fn(&mut Vec<u8>),
    pub(crate) envelope: fn(&mut Value),
}

impl Assertion {
    pub(crate) fn honest() -> Self {
        Self {
            id: b"a credential id".to_vec(),
            client_data: client_data("webauthn.get"),
            rp_id: RP_ID,
            flags: USER_PRESENT,
            counter: 8,
            rest: Vec::new(),
            user_handle: text(b"alice").into(),
            signature: |_| (),
            envelope: |_| (),
        }
    }

    pub(crate) fn answer(&self) -> Value {
        let mut data = authenticator_data(self.rp_id, self.flags, self.counter);
        data.extend(&self.rest);
        let mut signature = signed(&[&data, &sha256(&self.client_data)[..]].concat());
        (self.signature)(&mut signature);
        let mut answer = json!({
            "id": text(b"a credential id"),
            "rawId": text(&self.id),
            "type": "public-key",
            "authenticatorAttachment": null,
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": text(&self.client_data),
                "authenticatorData": text(&data),
                "signature": text(&signature),
                "userHandle": self.user_handle,
            },
        });
        (self.envelope)(&mut answer);
        answer
    }
}

/// The credential that an honest registration makes.
pub(crate) fn credential() -> Credential {
    let (checks, answer) = (Checks::default(), Registration::honest().answer());
    let credential =
        verify_registration(&checks, &crate::expectation(), &KeyAnswer::of(&answer), &|_| false);
    Credential { counter: 7, ..credential.expect("an honest one") }
}

pub(crate) fn client_data(kind: &str) -> Vec<u8> {
    let challenge = text(CHALLENGE);
    format!(
        r#"{{"type":"{kind}","challenge":"{challenge}","origin":"http://one.portal.localhost","crossOrigin":false}}"#
    )
    .into_bytes()
}

/// Puts something else in the place of a part of the client data.
pub(crate) fn swap(client_data: &mut Vec<u8>, part: &str, other: &str) {
    let text = String::from_utf8(client_data.clone()).expect("text");
    assert!(text.contains(part), "{part} in {text}");
    *client_data = text.replace(part, other).into_bytes();
}

pub(crate) fn es256_key() -> Members {
    let point = key().verifying_key().to_sec1_point(false);
    let (x, y) = point.as_bytes()[1..].split_at(32);
    [(1, Cbor::from(2)), (3, Cbor::from(-7)), (-1, Cbor::from(1))]
        .into_iter()
        .chain([(-2, Cbor::Bytes(x.to_vec())), (-3, Cbor::Bytes(y.to_vec()))])
        .map(|(label, value)| (Cbor::from(label), value))
        .collect()
}

pub(crate) fn key() -> SigningKey {
    SigningKey::from_slice(&[7; 32]).expect("a scalar")
}

pub(crate) fn signed(message: &[u8]) -> Vec<u8> {
    let signature: Signature = key().sign(message);
    signature.to_der().as_bytes().to_vec()
}

/// Bytes as base64url, by another library than the portal's.
pub(crate) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What base64url stands for.
pub(crate) fn bytes(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

pub(crate) fn encoded(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("CBOR");
    bytes
}

fn authenticator_data(rp_id: &str, flags: u8, counter: u32) -> Vec<u8> {
    [&sha256(rp_id.as_bytes())[..], &[flags], &counter.to_be_bytes()].concat()
}
