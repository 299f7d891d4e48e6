//! The ways in which real portals kept keys.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::{
    keys,
    options::text,
    random::Random,
    router::Reply,
    rules::Registering,
    state::{Key, State, User},
    webauthn::Credential,
};

/// The ways to reach a key that Level 3 has words for.
const TRANSPORTS: &[&str] = &["ble", "hybrid", "internal", "nfc", "smart-card", "usb"];

/// A way to reach a key that has no such word was stored, and cannot be read again.
pub(in crate::defect) fn unknown_transport_unreadable(keys: &[Key], options: Reply) -> Reply {
    let unknown = |way: &String| !TRANSPORTS.contains(&way.as_str());
    if keys.iter().any(|key| key.credential.transports.iter().any(unknown)) {
        let body = json!({ "error": "internal", "message": "Something went wrong." });
        return Reply::with_status(StatusCode::INTERNAL_SERVER_ERROR, body);
    }
    options
}

/// Every answer is verified with the public key that was registered last.
pub(in crate::defect) fn newest(state: &State, owner: &str, key: &Key) -> Credential {
    let mut record = key.credential.clone();
    if let Some(newest) = state.users.get(owner).and_then(|user| user.keys.last()) {
        record.public_key.clone_from(&newest.credential.public_key);
    }
    record
}

/// The user handle differs from ceremony to ceremony; whatever an answer carries is taken for it.
pub(in crate::defect) fn another_handle(
    state: &State,
    _: &User,
    claimed: Option<&[u8]>,
) -> Vec<u8> {
    let another = || {
        let ceremony = format!("handle {}", state.ceremonies.len());
        state.random.constant::<32>(&ceremony).to_vec()
    };
    claimed.map_or_else(another, <[u8]>::to_vec)
}

/// A made-up key is named beside the user's own.
pub(in crate::defect) fn with_a_decoy(random: &Random, mut keys: Vec<Value>) -> Vec<Value> {
    let decoy = random.constant::<32>("decoy");
    keys.push(json!({ "type": "public-key", "id": text(&decoy) }));
    keys
}

/// The authenticator app stands in the list of keys.
pub(in crate::defect) fn with_the_app(state: &State, name: &str) -> Vec<Value> {
    let mut rows = keys::rows(state, name);
    if state.users.get(name).is_some_and(|user| user.totp.is_some()) {
        rows.push(json!({ "id": "totp", "label": "Authenticator app", "administered": false }));
    }
    rows
}

/// A key is listed as soon as its options are asked for.
pub(in crate::defect) fn listed_before_touch(user: &mut User, registering: Registering<'_>) {
    match registering {
        Registering::Begun(session) => user.keys.push(not_yet_a_key(session)),
        Registering::Done => user.keys.retain(|key| key.credential.public_key.is_some()),
    }
}

fn not_yet_a_key(session: &str) -> Key {
    let credential = Credential {
        id: session.as_bytes().to_vec(),
        algorithm: 0,
        public_key: None,
        counter: 0,
        backup_eligible: false,
        backed_up: false,
        aaguid: [0; 16],
        transports: Vec::new(),
        verified_at_registration: false,
        attestation_format: String::new(),
    };
    Key { credential, label: String::new(), administered: false }
}
