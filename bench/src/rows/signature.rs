//! Bare signatures: aws-lc with a prepared key, which other rows are measured beside, and p256 in Rust alone.

use std::hint::black_box;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents,
};
use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier};
use portal::webauthn::cbor::{self, Value};
use softkey::{Algorithm, AttestationKind, Spoken};

use super::{bare, name};
use crate::{
    ceremony::{Actor, creation_options, request_options},
    sampler::Work,
};

/// A public key as libraries take it.
enum PublicKey {
    Point(Vec<u8>),
    Ed25519(Vec<u8>),
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

/// What a key signed, and with which key.
struct Signed {
    key: PublicKey,
    message: Vec<u8>,
    signature: Vec<u8>,
}

pub(super) fn rows() -> Vec<Work> {
    let mut rows: Vec<Work> =
        Algorithm::ALL.iter().map(|algorithm| of_aws_lc(*algorithm)).collect();
    rows.push(on_two_threads());
    rows.push(preparing());
    rows.push(of_p256());
    rows
}

fn work(name: String, library: &'static str, run: impl Fn() + Send + Sync + 'static) -> Work {
    Work { name, library, threads: 1, beside: None, signatures: None, run: Box::new(run) }
}

fn of_aws_lc(algorithm: Algorithm) -> Work {
    let Signed { key, message, signature } = signed(algorithm);
    let key = prepared(&key);
    work(bare(algorithm), "aws-lc, prepared key", move || {
        assert!(black_box(&key).verify_sig(black_box(&message), black_box(&signature)).is_ok());
    })
}

/// What the machine itself makes of two threads.
fn on_two_threads() -> Work {
    let one = of_aws_lc(Algorithm::Es256);
    let beside = Some(one.name.clone());
    Work { name: format!("{}/two-threads", one.name), threads: 2, beside, ..one }
}

/// Making a key ready, which a registration has to.
fn preparing() -> Work {
    let Signed { key, .. } = signed(Algorithm::Es256);
    let run = move || {
        black_box(prepared(black_box(&key)));
    };
    let row = work(format!("key/{}", name(Algorithm::Es256)), "aws-lc", run);
    Work { beside: Some(bare(Algorithm::Es256)), ..row }
}

fn of_p256() -> Work {
    let Signed { key, message, signature } = signed(Algorithm::Es256);
    let PublicKey::Point(point) = key else { unreachable!("ES256 has a point") };
    let key = VerifyingKey::from_sec1_bytes(&point).expect("a point of the curve");
    let run = move || {
        let signature = Signature::from_der(black_box(&signature)).expect("a signature");
        assert!(black_box(&key).verify(black_box(&message), &signature).is_ok());
    };
    let row = work(format!("{}/p256", bare(Algorithm::Es256)), "p256, in Rust alone", run);
    Work { beside: Some(bare(Algorithm::Es256)), ..row }
}

fn prepared(key: &PublicKey) -> ParsedPublicKey {
    let parsed = match key {
        PublicKey::Point(point) => ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point),
        PublicKey::Ed25519(bytes) => ParsedPublicKey::new(&ED25519, bytes),
        PublicKey::Rsa { n, e } => {
            RsaPublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
        }
    };
    parsed.expect("a public key")
}

fn signed(algorithm: Algorithm) -> Signed {
    let mut actor = Actor::new(algorithm, AttestationKind::None);
    let registration = actor.registers(&creation_options(algorithm));
    let sign_in = actor.signs_in(&request_options());
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &sign_in.client_data);
    Signed {
        key: public_key(&registration, algorithm),
        message: [&sign_in.authenticator_data, hash.as_ref()].concat(),
        signature: sign_in.signature.expect("a sign-in is signed"),
    }
}

/// The key that a registration is about: behind the head, the model, and the id with its length.
fn public_key(registration: &Spoken, algorithm: Algorithm) -> PublicKey {
    let place = 37 + 16 + 2 + registration.credential_id.len();
    let item = cbor::read(&registration.authenticator_data[place..]).expect("a COSE key");
    let Value::Map(members) = item.value else { panic!("a COSE key is a map") };
    let bytes = |label: i128| {
        let found = members.iter().find(|(own, _)| *own == Value::Integer(label));
        let Some((_, Value::Bytes(bytes))) = found else { panic!("a COSE key has {label}") };
        bytes.to_vec()
    };
    match algorithm {
        Algorithm::Es256 => PublicKey::Point([vec![4], bytes(-2), bytes(-3)].concat()),
        Algorithm::EdDsa => PublicKey::Ed25519(bytes(-2)),
        Algorithm::Rs256 => PublicKey::Rsa { n: bytes(-1), e: bytes(-2) },
    }
}
