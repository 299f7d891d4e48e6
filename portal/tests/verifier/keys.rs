//! Public keys of every kind that is offered, made and used by other code, verify what was signed.

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256},
};
use ciborium::Value as Cbor;
use ed25519_dalek::Signer as _;
use x509_parser::{prelude::FromDer, public_key::PublicKey, x509::SubjectPublicKeyInfo};

use portal::{
    check::Checks,
    webauthn::{Expectation, KeyAnswer, verify_registration},
};

use crate::{
    answers::{Registration, es256_key, signed},
    expectation,
};

const MESSAGE: &[u8] = b"what is signed";

/// Makes sure that a key with these COSE members is stored, and verifies a signature of the message and no
/// other.
fn check(algorithm: i64, members: Vec<(i64, Cbor)>, signature: &[u8]) {
    let public_key = members.into_iter().map(|(label, value)| (label.into(), value)).collect();
    let answer = Registration { public_key, ..Registration::honest() }.answer();
    let expect = Expectation { algorithms: &[algorithm], ..expectation() };
    let stored =
        verify_registration(&Checks::default(), &expect, &KeyAnswer::of(&answer), &|_| false);
    let stored = stored.expect("stored");
    assert_eq!(stored.algorithm, algorithm);
    let key = stored.public_key.expect("a key");
    assert!(key.is_of(algorithm.into()));
    assert!(key.verifies(MESSAGE, signature));
    assert!(!key.verifies(b"something else", signature));
    assert!(!key.verifies(MESSAGE, &signature[1..]));
    assert!(!key.verifies(MESSAGE, &[]));
}

#[test]
fn es256() {
    let label = |label: Cbor| i64::try_from(label.as_integer().unwrap()).unwrap();
    let members = es256_key().into_iter().map(|(own, value)| (label(own), value));
    check(-7, members.collect(), &signed(MESSAGE));
}

#[test]
fn es384() {
    let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING).unwrap();
    let (x, y) = pair.public_key().as_ref()[1..].split_at(48);
    let coordinates = [(-2, Cbor::Bytes(x.into())), (-3, Cbor::Bytes(y.into()))];
    let members = [(1, 2.into()), (3, (-35).into()), (-1, 2.into())];
    let signature = pair.sign(&SystemRandom::new(), MESSAGE).unwrap();
    check(-35, members.into_iter().chain(coordinates).collect(), signature.as_ref());
}

#[test]
fn eddsa() {
    let pair = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let x = Cbor::Bytes(pair.verifying_key().to_bytes().to_vec());
    let members = vec![(1, 1.into()), (3, (-8).into()), (-1, 6.into()), (-2, x)];
    check(-8, members, &pair.sign(MESSAGE).to_bytes());
}

#[test]
fn rs256() {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let info = pair.public_key().as_der().unwrap();
    let (_, info) = SubjectPublicKeyInfo::from_der(info.as_ref()).unwrap();
    let Ok(PublicKey::RSA(key)) = info.parsed() else { panic!("no RSA key") };
    let n = key.modulus.strip_prefix(&[0]).unwrap_or(key.modulus);
    let numbers = [(-1, Cbor::Bytes(n.into())), (-2, Cbor::Bytes(key.exponent.into()))];
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), MESSAGE, &mut signature).unwrap();
    let members = [(1, 3.into()), (3, (-257).into())];
    check(-257, members.into_iter().chain(numbers).collect(), &signature);
}
