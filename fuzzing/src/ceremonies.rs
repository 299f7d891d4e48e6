//! What a key and a browser say in a ceremony, as the reference portal reads it. The same bytes go to
//! the sound portal, which may refuse them, and to the one that accepts everything, which must not.

use std::sync::LazyLock;

use serde_json::{Value, json};
use softkey::{
    Browser, Cbor, Map, Model, Seed, SoftKey, Spoken, base64url, decode_cbor, encode_cbor,
};

use portal::{
    check::Checks,
    defect::{Defect, Fault},
    webauthn::{
        ClientDataVerification, Credential, Expectation, KeyAnswer, Lookup,
        cbor::{self as reader, Value as Read},
        sha256, verify_authentication, verify_registration,
    },
};

const CHALLENGE: &[u8] = b"thirty-two bytes of a challenge.";
const RP_ID: &str = "one.portal.localhost";
const ORIGIN: &str = "http://one.portal.localhost";
const USER_HANDLE: &[u8] = b"alice";

/// What a portal accepts: the parts that an input does not replace.
pub(super) static HONEST: LazyLock<Honest> = LazyLock::new(Honest::new);

static CANARY: LazyLock<Checks> = LazyLock::new(|| {
    static ACCEPTS: Defect = Defect {
        id: "fuzzing/canary",
        breaks: "",
        says: "It accepts everything.",
        fault: Fault::AcceptsEverything,
    };
    Checks::new(Some(&ACCEPTS))
});

/// An honest registration and a sign-in with the key that it made.
pub(super) struct Honest {
    pub(super) registration: Spoken,
    pub(super) sign_in: Spoken,
    credential: Credential,
}

impl Honest {
    fn new() -> Self {
        let mut key = SoftKey::new(Model::roaming(), &Seed::new([7; 32]));
        let browser = Browser { keeps_attestation: true, ..Browser::at(ORIGIN) };
        let registration = key.register(
            &json!({
                "challenge": base64url(CHALLENGE),
                "rp": { "id": RP_ID, "name": "Portal" },
                "user": { "id": base64url(USER_HANDLE), "name": "alice", "displayName": "alice" },
                "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }],
                "attestation": "direct",
            }),
            &browser,
            None,
        );
        let registration = registration.expect("an honest key registers");
        let listed = json!({ "type": "public-key", "id": base64url(&registration.credential_id) });
        let options = json!({
            "challenge": base64url(CHALLENGE),
            "rpId": RP_ID,
            "allowCredentials": [listed],
        });
        let sign_in = key.sign_in(&options, &browser, None).expect("an honest key signs in");
        let credential = verify_registration(
            &Checks::default(),
            &expectation(),
            &KeyAnswer::of(&registration.json),
            &|_| false,
        )
        .unwrap_or_else(|refusal| panic!("the honest registration is refused: {refusal:?}"));
        Self { registration, sign_in, credential }
    }
}

pub(super) fn cbor(bytes: &[u8]) {
    let said = reports::decode::diagnostic(bytes);
    assert!(said.used <= bytes.len(), "the report reads past the end");
    let Some(item) = reader::read(bytes) else { return };
    let read = bytes.get(..item.length).expect("the portal reads past the end");
    // Null and floats have forms that the key never writes.
    if item.canonical && is_plain(&item.value) {
        let value =
            decode_cbor(read).expect("the portal finds it canonical, the key cannot read it");
        assert_eq!(encode_cbor(&value), read, "the portal finds it canonical, the key does not");
    }
}

fn is_plain(value: &Read) -> bool {
    match value {
        Read::Integer(_) | Read::Bytes(_) | Read::Text(_) | Read::Bool(_) => true,
        Read::Array(items) => items.iter().all(is_plain),
        Read::Map(members) => members.iter().all(|(key, value)| is_plain(key) && is_plain(value)),
        Read::Other(..) => false,
    }
}

pub(super) fn client_data(bytes: &[u8]) {
    register(&with(&HONEST.registration.json, "clientDataJSON", bytes));
    sign_in(&with(&HONEST.sign_in.json, "clientDataJSON", bytes));
    let _ = reports::decode::client_data(&String::from_utf8_lossy(bytes));
}

pub(super) fn attestation_object(bytes: &[u8]) {
    register(&with(&HONEST.registration.json, "attestationObject", bytes));
    let _ = reports::decode::attestation_object(bytes);
}

pub(super) fn certificate(bytes: &[u8]) {
    let honest = HONEST.registration.attestation_object.as_deref().unwrap_or_default();
    let mut object = Map::decode(honest).expect("an attestation object");
    let statement = object.get("attStmt").map(encode_cbor).unwrap_or_default();
    let mut statement = Map::decode(&statement).expect("a statement");
    statement.set("x5c", Cbor::Array(vec![Cbor::Bytes(bytes.to_vec())]));
    object.set("attStmt", statement.to_cbor());
    register(&with(&HONEST.registration.json, "attestationObject", &object.encode()));
}

fn expectation() -> Expectation<'static> {
    Expectation {
        challenge: CHALLENGE,
        origin: ORIGIN,
        rp_id: RP_ID,
        rp_id_hash: sha256(RP_ID.as_bytes()),
        user_verification_required: false,
        algorithms: &[-7, -8, -257],
        attestation_required: false,
        client_data: ClientDataVerification::Full,
    }
}

/// An answer with one member of its response replaced.
fn with(honest: &Value, member: &str, bytes: &[u8]) -> Value {
    let mut answer = honest.clone();
    if let Some(response) = answer.get_mut("response") {
        response[member] = base64url(bytes).into();
    }
    answer
}

fn register(answer: &Value) {
    let text = answer.to_string();
    let answer = &KeyAnswer::read(text.as_bytes()).expect("JSON");
    claims(answer);
    // Whatever the sound portal stores has to serve a sign-in.
    if let Ok(stored) = verify_registration(&Checks::default(), &expectation(), answer, &|_| false)
    {
        assert!(stored.public_key.is_some(), "a credential is stored without its key");
    }
    let stored = verify_registration(&CANARY, &expectation(), answer, &|_| true);
    assert!(stored.is_ok(), "the portal that accepts everything refuses");
}

fn sign_in(answer: &Value) {
    let text = answer.to_string();
    let answer = &KeyAnswer::read(text.as_bytes()).expect("JSON");
    claims(answer);
    for credential in [None, Some(&HONEST.credential)] {
        let lookup = Lookup {
            credential,
            owner_is_user: credential.is_some(),
            listed: credential.is_some(),
            user_handle: USER_HANDLE,
            handle_required: false,
        };
        let sound = verify_authentication(&Checks::default(), &expectation(), &lookup, answer);
        assert!(credential.is_some() || sound.is_err(), "an unknown key signs in");
        let accepted = verify_authentication(&CANARY, &expectation(), &lookup, answer);
        assert!(accepted.is_ok(), "the portal that accepts everything refuses");
    }
}

fn claims(answer: &KeyAnswer<'_>) {
    let _ = answer.claimed_challenge();
    let _ = answer.claimed_credential_id();
    let _ = answer.claimed_user_handle();
}
