//! webauthn-rs-core, whose signatures are OpenSSL's. It knows no EdDSA.

use std::{hint::black_box, time::Duration};

use softkey::{Algorithm, AttestationKind};
use url::Url;
use webauthn_rs_core::{
    WebauthnCore,
    proto::{
        AttestationConveyancePreference, AuthenticationState, COSEAlgorithm, Credential,
        PublicKeyCredential, RegisterPublicKeyCredential, RegistrationState,
    },
};

use crate::{
    ceremony::{Actor, ORIGIN, RP_ID, USER_HANDLE, body},
    rows::{bare, name},
    sampler::Work,
};

const LIBRARY: &str = "webauthn-rs-core on OpenSSL";

pub(super) fn rows() -> Vec<Work> {
    vec![
        assertion(Algorithm::Es256),
        assertion(Algorithm::Rs256),
        registration("none", AttestationKind::None, 0),
        registration("packed-certificate", AttestationKind::PackedCertificate, 1),
    ]
}

fn portal() -> WebauthnCore {
    let url = Url::parse(ORIGIN).expect("an origin");
    let patience = Duration::from_secs(60);
    WebauthnCore::new_unsafe_experts_only("Portal", RP_ID, vec![url], patience, None, None)
}

/// A registration that was begun, and its answer.
fn begun(
    portal: &WebauthnCore,
    actor: &mut Actor,
    algorithm: Algorithm,
) -> (RegistrationState, Vec<u8>) {
    let offered = match algorithm {
        Algorithm::Es256 => COSEAlgorithm::ES256,
        Algorithm::EdDsa => COSEAlgorithm::EDDSA,
        Algorithm::Rs256 => COSEAlgorithm::RS256,
    };
    let asked = portal.new_challenge_register_builder(&USER_HANDLE, "alice", "Alice");
    let asked = asked.expect("a user").attestation(AttestationConveyancePreference::Direct);
    let asked = asked.credential_algorithms(vec![offered]);
    let (options, state) = portal.generate_challenge_register(asked).expect("options");
    let options = serde_json::to_value(options).expect("options are JSON");
    (state, body(&actor.registers(&options["publicKey"])))
}

fn registered(portal: &WebauthnCore, state: &RegistrationState, body: &[u8]) -> Credential {
    let answer: RegisterPublicKeyCredential = serde_json::from_slice(body).expect("an answer");
    portal.register_credential(&answer, state, None).expect("an honest registration")
}

fn registration(format: &str, attestation: AttestationKind, signatures: u32) -> Work {
    let (portal, algorithm) = (portal(), Algorithm::Es256);
    let (state, body) = begun(&portal, &mut Actor::new(algorithm, attestation), algorithm);
    Work {
        name: format!("webauthn-rs-core/registration/{format}/{}", name(algorithm)),
        library: LIBRARY,
        threads: 1,
        beside: Some(bare(algorithm)),
        signatures: Some(signatures),
        run: Box::new(move || {
            black_box(registered(&portal, &state, black_box(&body)));
        }),
    }
}

fn assertion(algorithm: Algorithm) -> Work {
    let (portal, mut actor) = (portal(), Actor::new(algorithm, AttestationKind::None));
    let (state, body) = begun(&portal, &mut actor, algorithm);
    let credential = registered(&portal, &state, &body);
    let (state, body) = asked(&portal, &mut actor, credential);
    Work {
        name: format!("webauthn-rs-core/assertion/{}", name(algorithm)),
        library: LIBRARY,
        threads: 1,
        beside: Some(bare(algorithm)),
        signatures: Some(1),
        run: Box::new(move || {
            let answer: PublicKeyCredential =
                serde_json::from_slice(black_box(&body)).expect("an answer");
            let verdict = portal.authenticate_credential(&answer, &state);
            assert!(black_box(verdict).is_ok(), "an honest sign-in is refused");
        }),
    }
}

/// A sign-in that was begun, and its answer.
fn asked(
    portal: &WebauthnCore,
    actor: &mut Actor,
    credential: Credential,
) -> (AuthenticationState, Vec<u8>) {
    let asked = portal.new_challenge_authenticate_builder(vec![credential], None);
    let (options, state) =
        portal.generate_challenge_authenticate(asked.expect("a key")).expect("options");
    let options = serde_json::to_value(options).expect("options are JSON");
    (state, body(&actor.signs_in(&options["publicKey"])))
}
