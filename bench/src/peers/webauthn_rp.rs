//! webauthn_rp, whose signatures are in Rust alone. What it keeps of a ceremony is used up by its verdict: here it
//! is read anew each time, as a server does that keeps it elsewhere.

use std::{hint::black_box, num::NonZeroU32};

use serde::Serialize;
use serde_json::Value;
use softkey::{Algorithm, AttestationKind};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication64, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration,
    RegistrationServerState,
    bin::{Decode, Encode},
    request::{
        AsciiDomain, RpId,
        auth::AuthenticationVerificationOptions,
        register::{
            PublicKeyCredentialUserEntity, RegistrationVerificationOptions, USER_HANDLE_MAX_LEN,
            UserHandle64,
        },
    },
    response::register::{DynamicState, StaticState},
};

use crate::{
    ceremony::{Actor, RP_ID, USER_HANDLE, body},
    rows::{bare, name},
    sampler::Work,
};

const LIBRARY: &str = "webauthn_rp on p256, ed25519-dalek and rsa";
const DAY: NonZeroU32 = NonZeroU32::new(24 * 60 * 60 * 1000).expect("more than none");

/// A registration that was begun, as it is kept, and its answer.
struct Begun {
    kept: Vec<u8>,
    body: Vec<u8>,
}

pub(super) fn rows() -> Vec<Work> {
    let mut rows: Vec<Work> =
        Algorithm::ALL.iter().map(|algorithm| assertion(*algorithm)).collect();
    rows.push(registration());
    rows
}

fn rp_id() -> RpId {
    RpId::Domain(AsciiDomain::try_from(RP_ID.to_owned()).expect("a domain"))
}

fn user_handle() -> UserHandle64 {
    UserHandle64::decode(USER_HANDLE).expect("bytes")
}

fn options(client: &impl Serialize) -> Value {
    let options = serde_json::to_value(client).expect("options are JSON");
    options.get("publicKey").cloned().unwrap_or(options)
}

fn begun(actor: &mut Actor) -> Begun {
    let (rp_id, handle) = (rp_id(), user_handle());
    let user = PublicKeyCredentialUserEntity::from(&handle);
    let mut asked = PublicKeyCredentialCreationOptions::passkey(&rp_id, user, Vec::new());
    asked.timeout = DAY;
    let (server, client) = asked.start_ceremony().expect("options");
    let body = body(&actor.registers(&options(&client)));
    Begun { kept: server.encode().expect("a time"), body }
}

fn registration() -> Work {
    let algorithm = Algorithm::Es256;
    let Begun { kept, body } = begun(&mut Actor::new(algorithm, AttestationKind::None));
    let rp_id = rp_id();
    let run = move || {
        let answer = Registration::from_json_relaxed(black_box(&body)).expect("an answer");
        let server = RegistrationServerState::<USER_HANDLE_MAX_LEN>::decode(&kept).expect("kept");
        let options = RegistrationVerificationOptions::<&str, &str>::default();
        let verdict = server.verify(&rp_id, &answer, &options);
        assert!(black_box(verdict).is_ok(), "an honest registration is refused");
    };
    row(format!("registration/none/{}", name(algorithm)), algorithm, 0, run)
}

fn assertion(algorithm: Algorithm) -> Work {
    let mut actor = Actor::new(algorithm, AttestationKind::None);
    let (key, state) = stored(&begun(&mut actor));
    let (rp_id, handle) = (rp_id(), user_handle());
    let (kept, body) = {
        let mut asked = DiscoverableCredentialRequestOptions::passkey(&rp_id);
        asked.0.timeout = DAY;
        let (server, client) = asked.start_ceremony().expect("options");
        (server.encode().expect("a time"), body(&actor.signs_in(&options(&client))))
    };
    let run = move || {
        let answer =
            DiscoverableAuthentication64::from_json_relaxed(black_box(&body)).expect("an answer");
        let key = StaticState::decode(&key).expect("a key");
        let server = DiscoverableAuthenticationServerState::decode(&kept).expect("kept");
        let mut credential = AuthenticatedCredential::new(answer.raw_id(), &handle, key, state)
            .expect("a credential");
        let options = AuthenticationVerificationOptions::<&str, &str>::default();
        let verdict = server.verify(&rp_id, &answer, &mut credential, &options);
        assert!(black_box(verdict).is_ok(), "an honest sign-in is refused");
    };
    row(format!("assertion/{}", name(algorithm)), algorithm, 1, run)
}

/// What it keeps of a new key.
fn stored(begun: &Begun) -> (Vec<u8>, DynamicState) {
    let answer = Registration::from_json_relaxed(&begun.body).expect("an answer");
    let server = RegistrationServerState::<USER_HANDLE_MAX_LEN>::decode(&begun.kept).expect("kept");
    let options = RegistrationVerificationOptions::<&str, &str>::default();
    let credential = server.verify(&rp_id(), &answer, &options).expect("an honest registration");
    (credential.static_state().encode().expect("a key"), credential.dynamic_state())
}

fn row(
    what: String,
    algorithm: Algorithm,
    signatures: u32,
    run: impl Fn() + Send + Sync + 'static,
) -> Work {
    Work {
        name: format!("webauthn_rp/{what}"),
        library: LIBRARY,
        threads: 1,
        beside: Some(bare(algorithm)),
        signatures: Some(signatures),
        run: Box::new(run),
    }
}
