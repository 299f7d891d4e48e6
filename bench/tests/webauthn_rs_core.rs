//! A relying party that others wrote, webauthn-rs-core, takes what the software key says. It knows no
//! EdDSA. It needs OpenSSL, so this runs only with the feature `webauthn-rs-core`.

use std::time::Duration;

use softkey::{Algorithm, AttestationKind, Browser, Model, Seed, SoftKey, Tampering};
use url::Url;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_core::proto::{AttestationConveyancePreference, COSEAlgorithm};

/// Registers and signs in; gives the counter of the sign-in.
fn ceremonies(
    model: Model,
    algorithm: Algorithm,
    change: Option<&Tampering>,
) -> Result<u32, WebauthnError> {
    let origin = "https://portal.example";
    let (url, patience) = (Url::parse(origin).expect("an origin"), Duration::from_secs(60));
    let portal = WebauthnCore::new_unsafe_experts_only(
        "Portal",
        "portal.example",
        vec![url],
        patience,
        None,
        None,
    );
    let algorithm = match algorithm {
        Algorithm::Es256 => COSEAlgorithm::ES256,
        Algorithm::EdDsa => COSEAlgorithm::EDDSA,
        Algorithm::Rs256 => COSEAlgorithm::RS256,
    };
    let (mut key, page) = (SoftKey::new(model, &Seed::new([7; 32])), Browser::at(origin));

    let asked = portal.new_challenge_register_builder(b"alice", "alice", "Alice")?;
    let asked = asked.attestation(AttestationConveyancePreference::Direct);
    let asked = asked.credential_algorithms(vec![algorithm]);
    let (options, state) = portal.generate_challenge_register(asked)?;
    let options = serde_json::to_value(options).expect("options are JSON");
    let said = key.register(&options["publicKey"], &page, None).expect("an honest registration");
    let response = serde_json::from_value(said.json).expect("a response of a registration");
    let credential = portal.register_credential(&response, &state, None)?;

    let asked = portal.new_challenge_authenticate_builder(vec![credential], None)?;
    let (options, state) = portal.generate_challenge_authenticate(asked)?;
    let options = serde_json::to_value(options).expect("options are JSON");
    let said = key.sign_in(&options["publicKey"], &page, change).expect("a sign-in");
    let response = serde_json::from_value(said.json).expect("a response of a sign-in");
    let result = portal.authenticate_credential(&response, &state)?;
    assert_eq!(key.credentials()[0].counter(), result.counter());
    Ok(result.counter())
}

#[test]
fn it_takes_every_honest_key_that_it_knows() {
    let attested = |attestation| Model { attestation, ..Model::roaming() };
    for model in [
        attested(AttestationKind::None),
        attested(AttestationKind::PackedSelf),
        attested(AttestationKind::PackedCertificate),
        Model::synced(),
        Model::platform(),
        Model::u2f(),
    ] {
        for algorithm in model.algorithms.iter().filter(|known| **known != Algorithm::EdDsa) {
            let result = ceremonies(model, *algorithm, None);
            assert!(result.is_ok(), "{} {algorithm:?}: {result:?}", model.name);
        }
    }
}

#[test]
fn it_refuses_one_lie_for_that_lie() {
    let lie = Tampering::AuthData(|a| a.rp_id_hash = softkey::rp_id_hash_of("evil.example"));
    let refused = ceremonies(Model::roaming(), Algorithm::Es256, Some(&lie));
    assert!(matches!(refused, Err(WebauthnError::InvalidRPIDHash)), "{refused:?}");
    let lie = Tampering::ClientData(|c| c.origin = "https://evil.example".into());
    let refused = ceremonies(Model::roaming(), Algorithm::Es256, Some(&lie));
    assert!(matches!(refused, Err(WebauthnError::InvalidRPOrigin)), "{refused:?}");
    let lie = Tampering::Signature(|signature| signature.reverse());
    assert!(ceremonies(Model::roaming(), Algorithm::Es256, Some(&lie)).is_err());
}
