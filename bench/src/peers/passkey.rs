//! passkey has an authenticator and a client, and no relying party: of a body it reads the types.

use std::hint::black_box;

use passkey::types::webauthn::{AuthenticatedPublicKeyCredential, CreatedPublicKeyCredential};
use serde::de::DeserializeOwned;
use softkey::{Algorithm, AttestationKind};

use crate::{
    ceremony::{Actor, body, creation_options, request_options},
    rows::{bare, name},
    sampler::Work,
};

pub(super) fn rows() -> Vec<Work> {
    let algorithm = Algorithm::Es256;
    let mut actor = Actor::new(algorithm, AttestationKind::None);
    let registration = body(&actor.registers(&creation_options(algorithm)));
    let sign_in = body(&actor.signs_in(&request_options()));
    vec![
        reading::<AuthenticatedPublicKeyCredential>("assertion", sign_in),
        reading::<CreatedPublicKeyCredential>("registration/none", registration),
    ]
}

fn reading<T: DeserializeOwned>(of: &str, body: Vec<u8>) -> Work {
    let algorithm = Algorithm::Es256;
    Work {
        name: format!("passkey/reading/{of}/{}", name(algorithm)),
        library: "passkey-types, no signature",
        threads: 1,
        beside: Some(bare(algorithm)),
        signatures: None,
        run: Box::new(move || {
            let read: T = serde_json::from_slice(black_box(&body)).expect("an answer");
            black_box(read);
        }),
    }
}
