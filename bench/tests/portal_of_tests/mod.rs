//! The portal's verifier, as the tests of this folder ask it.

use bench::ceremony::{CHALLENGE, ORIGIN, RP_ID, USER_HANDLE};
use portal::{
    check::{Checks, Refusal},
    webauthn::{
        Accepted, ClientDataVerification, Credential, Expectation, KeyAnswer, Lookup, sha256,
        verify_authentication, verify_registration,
    },
};

fn expectation() -> Expectation<'static> {
    Expectation {
        challenge: &CHALLENGE,
        origin: ORIGIN,
        rp_id: RP_ID,
        rp_id_hash: sha256(RP_ID.as_bytes()),
        user_verification_required: false,
        algorithms: &[-7, -8, -257],
        attestation_required: false,
        client_data: ClientDataVerification::Full,
    }
}

pub fn registers(body: &[u8]) -> Result<Credential, Refusal> {
    let answer = KeyAnswer::read(body).expect("JSON");
    verify_registration(&Checks::default(), &expectation(), &answer, &|_| false)
}

pub fn signs_in(stored: &Credential, body: &[u8]) -> Result<Accepted, Refusal> {
    let lookup = Lookup {
        credential: Some(stored),
        owner_is_user: true,
        listed: true,
        user_handle: &USER_HANDLE,
        handle_required: false,
    };
    let answer = KeyAnswer::read(body).expect("JSON");
    verify_authentication(&Checks::default(), &expectation(), &lookup, &answer)
}
