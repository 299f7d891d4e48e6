//! Our verifier, from the JSON body of a request to the verdict: with its key found by the id that the body
//! names, as a portal does.

use std::{hint::black_box, sync::LazyLock};

use portal::{
    check::Checks,
    defect,
    webauthn::{
        ClientDataVerification, Credential, Expectation, KeyAnswer, Lookup, sha256,
        verify_authentication, verify_registration,
    },
};
use softkey::{Algorithm, AttestationKind};

use super::{bare, name};
use crate::{
    ceremony::{
        Actor, CHALLENGE, ORIGIN, RP_ID, USER_HANDLE, body, creation_options, request_options,
    },
    sampler::Work,
};

const LIBRARY: &str = "ours on aws-lc";

/// Attestations, as rows are named after them, with the signatures that each has.
const ATTESTATIONS: &[(&str, AttestationKind, u32)] = &[
    ("none", AttestationKind::None, 0),
    ("packed-self", AttestationKind::PackedSelf, 1),
    ("packed-certificate", AttestationKind::PackedCertificate, 1),
    ("fido-u2f", AttestationKind::FidoU2f, 1),
];

/// What is the same for each answer is made ready once.
static EXPECTED: LazyLock<Expectation<'_>> =
    LazyLock::new(|| expectation(ClientDataVerification::Full));

pub(super) fn rows() -> Vec<Work> {
    let mut rows = Vec::new();
    for algorithm in Algorithm::ALL {
        let row = assertion(*algorithm, ClientDataVerification::Full);
        rows.push(Work { name: format!("assertion/{}", name(*algorithm)), ..row });
        let row = assertion(*algorithm, ClientDataVerification::Limited);
        rows.push(Work { name: format!("assertion/{}/limited", name(*algorithm)), ..row });
    }
    for algorithm in Algorithm::ALL {
        let one = assertion(*algorithm, ClientDataVerification::Full);
        let of = format!("assertion/{}", name(*algorithm));
        rows.push(on_two_threads(&of, one));
    }
    for algorithm in Algorithm::ALL {
        rows.push(unsigned_assertion(*algorithm));
    }
    for (format, attestation, signatures) in ATTESTATIONS {
        rows.push(registration(format, Algorithm::Es256, *attestation, *signatures));
    }
    for algorithm in [Algorithm::EdDsa, Algorithm::Rs256] {
        rows.push(registration("none", algorithm, AttestationKind::None, 0));
    }
    let one = registration("none", Algorithm::Es256, AttestationKind::None, 0);
    rows.push(on_two_threads("registration/none/ES256", one));
    rows
}

fn on_two_threads(of: &str, one: Work) -> Work {
    Work {
        name: format!("{of}/two-threads"),
        threads: 2,
        beside: Some(of.to_owned()),
        signatures: None,
        ..one
    }
}

fn expectation(client_data: ClientDataVerification) -> Expectation<'static> {
    Expectation {
        challenge: &CHALLENGE,
        origin: ORIGIN,
        rp_id: RP_ID,
        rp_id_hash: sha256(RP_ID.as_bytes()),
        user_verification_required: false,
        algorithms: &[-7, -8, -257],
        attestation_required: false,
        client_data,
    }
}

/// A sign-in with a key that is registered.
fn assertion(algorithm: Algorithm, client_data: ClientDataVerification) -> Work {
    let mut actor = Actor::new(algorithm, AttestationKind::None);
    let registration = body(&actor.registers(&creation_options(algorithm)));
    let stored = registered(&registration);
    let body = body(&actor.signs_in(&request_options()));
    let (checks, expect) = (Checks::default(), expectation(client_data));
    let run = move || signs_in(&checks, &expect, Some(&stored), black_box(&body));
    Work {
        name: String::new(),
        library: LIBRARY,
        threads: 1,
        beside: Some(bare(algorithm)),
        signatures: Some(1),
        run: Box::new(run),
    }
}

/// All of a sign-in but its signature: the portal that does not miss a key has none to verify with.
fn unsigned_assertion(algorithm: Algorithm) -> Work {
    let forgets =
        defect::find("login/unknown-credential-accepted").expect("a defect of the portal");
    let (checks, expect) = (Checks::new(Some(forgets)), expectation(ClientDataVerification::Full));
    let mut actor = Actor::new(algorithm, AttestationKind::None);
    actor.registers(&creation_options(algorithm));
    let body = body(&actor.signs_in(&request_options()));
    Work {
        name: format!("decoding/assertion/{}", name(algorithm)),
        library: "ours",
        threads: 1,
        beside: Some(bare(algorithm)),
        signatures: None,
        run: Box::new(move || signs_in(&checks, &expect, None, black_box(&body))),
    }
}

fn signs_in(checks: &Checks, expect: &Expectation<'_>, stored: Option<&Credential>, body: &[u8]) {
    let answer = KeyAnswer::read(body).expect("JSON");
    let id = answer.claimed_credential_id().unwrap_or_default();
    let credential = stored.filter(|stored| stored.id == id);
    let lookup = Lookup {
        credential,
        owner_is_user: true,
        listed: true,
        user_handle: &USER_HANDLE,
        handle_required: false,
    };
    let verdict = verify_authentication(checks, expect, &lookup, &answer);
    assert!(black_box(verdict).is_ok(), "an honest sign-in is refused");
}

fn registration(
    format: &str,
    algorithm: Algorithm,
    attestation: AttestationKind,
    signatures: u32,
) -> Work {
    let mut actor = Actor::new(algorithm, attestation);
    let body = body(&actor.registers(&creation_options(algorithm)));
    Work {
        name: format!("registration/{format}/{}", name(algorithm)),
        library: LIBRARY,
        threads: 1,
        beside: Some(bare(algorithm)),
        signatures: Some(signatures),
        run: Box::new(move || {
            black_box(registered(black_box(&body)));
        }),
    }
}

fn registered(body: &[u8]) -> Credential {
    let answer = KeyAnswer::read(body).expect("JSON");
    let stored = verify_registration(&Checks::default(), &EXPECTED, &answer, &|_| false);
    stored.unwrap_or_else(|refusal| panic!("an honest registration is refused: {refusal:?}"))
}
