//! What the tests share: options of a portal, and the eyes of a relying party that uses none of
//! softkey's signing code.

use std::collections::BTreeMap;

use aws_lc_rs::signature::{self as verify, RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use softkey::{
    AuthData, Browser, CoseKey, Map, Model, Seed, SoftKey, Spoken, base64url, from_base64url,
};

pub(crate) const RP: &str = "portal.example";

pub(crate) fn page() -> Browser {
    Browser::at("https://portal.example")
}

pub(crate) fn key(model: Model) -> SoftKey {
    SoftKey::new(model, &Seed::new([7; 32]))
}

/// Creation options; `change` sets members by JSON pointer.
pub(crate) fn creation(change: &[(&str, Value)]) -> Value {
    let options = json!({
        "rp": {"id": RP, "name": "Portal"},
        "user": {"id": base64url(b"alice"), "name": "alice", "displayName": "Alice"},
        "challenge": base64url(b"the challenge of a registration"),
        "pubKeyCredParams": [
            {"type": "public-key", "alg": -7},
            {"type": "public-key", "alg": -8},
            {"type": "public-key", "alg": -257},
        ],
        "excludeCredentials": [],
        "authenticatorSelection": {},
        "attestation": "direct",
        "extensions": {},
    });
    changed(options, change)
}

/// Request options; `change` sets members by JSON pointer.
pub(crate) fn request(change: &[(&str, Value)]) -> Value {
    let options = json!({
        "rpId": RP,
        "challenge": base64url(b"the challenge of a sign-in"),
        "allowCredentials": [],
        "userVerification": "preferred",
    });
    changed(options, change)
}

fn changed(mut options: Value, change: &[(&str, Value)]) -> Value {
    for (pointer, value) in change {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        options.pointer_mut(parent).unwrap()[name] = value.clone();
    }
    options
}

pub(crate) fn named(id: &[u8]) -> Value {
    json!({"type": "public-key", "id": base64url(id)})
}

/// The bytes of a member of `response`.
pub(crate) fn member(spoken: &Spoken, name: &str) -> Vec<u8> {
    let text = spoken.json["response"][name].as_str();
    from_base64url(text.unwrap_or_else(|| panic!("{name} is no text"))).unwrap()
}

pub(crate) fn object(spoken: &Spoken) -> Map {
    Map::decode(spoken.attestation_object.as_ref().unwrap()).unwrap()
}

pub(crate) fn statement(spoken: &Spoken) -> Map {
    let entries = object(spoken).get("attStmt").unwrap().as_map().unwrap().clone();
    Map { entries }
}

pub(crate) fn auth_data(spoken: &Spoken) -> AuthData {
    AuthData::decode(&spoken.authenticator_data).unwrap()
}

pub(crate) fn new_key(spoken: &Spoken) -> CoseKey {
    auth_data(spoken).attested.unwrap().key
}

/// What a packed attestation and an assertion sign.
pub(crate) fn signed(spoken: &Spoken) -> Vec<u8> {
    let hash: [u8; 32] = Sha256::digest(&spoken.client_data).into();
    [spoken.authenticator_data.as_slice(), &hash].concat()
}

/// Whether aws-lc agrees with a signature.
pub(crate) fn verifies(key: &CoseKey, message: &[u8], signature: &[u8]) -> bool {
    let checked = match key.number(CoseKey::ALG) {
        Some(-7) => UnparsedPublicKey::new(&verify::ECDSA_P256_SHA256_ASN1, key.raw_point())
            .verify(message, signature),
        Some(-8) => {
            let x = key.bytes(CoseKey::X).unwrap();
            UnparsedPublicKey::new(&verify::ED25519, x).verify(message, signature)
        }
        Some(-257) => {
            let (n, e) = (key.bytes(CoseKey::N).unwrap(), key.bytes(CoseKey::E).unwrap());
            let key = RsaPublicKeyComponents { n, e };
            key.verify(&verify::RSA_PKCS1_2048_8192_SHA256, message, signature)
        }
        other => panic!("no algorithm {other:?}"),
    };
    checked.is_ok()
}

/// The leaf of `x5c`.
pub(crate) fn leaf(spoken: &Spoken) -> Vec<u8> {
    let statement = statement(spoken);
    let chain = statement.get("x5c").unwrap().as_array().unwrap();
    assert_eq!(chain.len(), 1);
    chain[0].as_bytes().unwrap().clone()
}

/// Whether the key of a certificate made a signature (P-256 certificates).
pub(crate) fn certificate_verifies(der: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let (_, certificate) = x509_parser::parse_x509_certificate(der).unwrap();
    let point = certificate.public_key().subject_public_key.data.clone();
    UnparsedPublicKey::new(&verify::ECDSA_P256_SHA256_ASN1, point)
        .verify(message, signature)
        .is_ok()
}

/// Everything that a response says, piece by piece, so that two can be compared.
pub(crate) fn pieces(spoken: &Spoken) -> BTreeMap<String, String> {
    let mut pieces = BTreeMap::new();
    flatten("", &spoken.json, &mut pieces);
    for name in ["clientDataJSON", "attestationObject", "authenticatorData"] {
        pieces.remove(&format!("/response/{name}"));
    }
    match serde_json::from_slice::<Value>(&spoken.client_data) {
        Ok(said) => flatten("client data", &said, &mut pieces),
        Err(_) => {
            pieces.insert("client data".to_owned(), format!("{:?}", spoken.client_data));
        }
    }
    match AuthData::decode(&spoken.authenticator_data) {
        Some(data) => {
            let fields = [
                ("rp", format!("{:?}", data.rp_id_hash)),
                ("flags", format!("{:?}", data.flags)),
                ("counter", format!("{:?}", data.counter)),
                ("attested", format!("{:?}", data.attested.as_ref().map(|a| (a.aaguid, &a.key)))),
                ("id", format!("{:?}", data.attested.as_ref().map(|a| &a.credential_id))),
                ("rest", format!("{:?} {:?}", data.extensions, data.trailing)),
            ];
            pieces.extend(fields.map(|(name, text)| (format!("auth data/{name}"), text)));
        }
        None => {
            pieces.insert("auth data".to_owned(), format!("{:?}", spoken.authenticator_data));
        }
    }
    match spoken.attestation_object.as_ref().map(|object| Map::decode(object)) {
        Some(Some(object)) => pieces.extend(object_pieces(&object, &spoken.authenticator_data)),
        Some(None) => {
            pieces.insert("object".to_owned(), format!("{:?}", spoken.attestation_object));
        }
        None => {}
    }
    pieces
}

fn object_pieces(object: &Map, auth_data: &[u8]) -> BTreeMap<String, String> {
    let mut pieces = BTreeMap::new();
    for (name, value) in &object.entries {
        let name = name.as_text().unwrap();
        if let Some(inner) = value.as_map() {
            for (key, value) in inner {
                let key = key.as_text().unwrap();
                pieces.insert(format!("object/{name}/{key}"), format!("{value:?}"));
            }
        } else if value.as_bytes().is_none_or(|bytes| bytes != auth_data) {
            pieces.insert(format!("object/{name}"), format!("{value:?}"));
        }
    }
    pieces
}

fn flatten(path: &str, value: &Value, pieces: &mut BTreeMap<String, String>) {
    if let Some(members) = value.as_object() {
        for (name, value) in members {
            flatten(&format!("{path}/{name}"), value, pieces);
        }
    } else {
        pieces.insert(path.to_owned(), value.to_string());
    }
}

/// The names of the pieces in which two responses differ.
pub(crate) fn differences(one: &Spoken, other: &Spoken) -> Vec<String> {
    let (one, other) = (pieces(one), pieces(other));
    let names: std::collections::BTreeSet<_> = one.keys().chain(other.keys()).collect();
    names.into_iter().filter(|name| one.get(*name) != other.get(*name)).cloned().collect()
}
