//! Registrations: each change is refused for the reason that it is, and accepted by the portal
//! that forgets it.

use ciborium::Value as Cbor;
use ed25519_dalek::VerifyingKey;
use serde_json::{Value, json};

use portal::{
    check::{Check, Checks, Refusal},
    webauthn::{Credential, Expectation, KeyAnswer, verify_registration},
};

use crate::{
    answers::{
        ATTESTED, BACKED_UP, CRED_PROTECT, EXTENSIONS, Registration, USER_PRESENT, USER_VERIFIED,
        bytes, es256_key, swap, text,
    },
    canary, defective, expectation, forgetful,
};

type Change = fn(&mut Registration);

fn verify(checks: &Checks, change: Change) -> Result<Credential, Refusal> {
    verify_expecting(checks, &expectation(), change)
}

fn verify_expecting(
    checks: &Checks,
    expect: &Expectation<'_>,
    change: Change,
) -> Result<Credential, Refusal> {
    let mut registration = Registration::honest();
    change(&mut registration);
    verify_registration(checks, expect, &KeyAnswer::of(&registration.answer()), &|_| false)
}

#[test]
fn an_honest_registration_is_accepted() {
    let credential = verify(&Checks::default(), |_| ()).unwrap();
    assert_eq!(credential.id, b"a credential id");
    assert_eq!(credential.algorithm, -7);
    assert_eq!(credential.aaguid, *b"a model of a key");
    assert_eq!(credential.transports, ["usb"]);
    assert_eq!(credential.attestation_format, "none");
    assert!(!credential.verified_at_registration && !credential.backup_eligible);
}

#[test]
fn unusual_honest_registrations_are_accepted() {
    let unusual: &[Change] = &[
        |r| r.flags |= USER_VERIFIED | 0x22,
        |r| (r.flags, r.extensions) = (USER_PRESENT | ATTESTED | EXTENSIONS, CRED_PROTECT.into()),
        |r| r.with_id(&[7; 1023]),
        |r| r.public_key.reverse(),
        |r| r.client_data.splice(..0, *b"\xef\xbb\xbf").for_each(drop),
        |r| swap(&mut r.client_data, r#"{"type""#, r#" { "extra" : [1] , "type""#),
        |r| swap(&mut r.client_data, r#","crossOrigin":false"#, ""),
        |r| r.envelope = |answer| answer["response"]["transports"] = json!(null),
        |r| r.envelope = |answer| answer["clientExtensionResults"] = json!({"credProps": {}}),
    ];
    for (number, change) in unusual.iter().enumerate() {
        assert!(verify(&Checks::default(), *change).is_ok(), "{number}");
    }
}

/// What one check finds wrong.
const REFUSED: &[(Check, Change)] = &[
    (Check::RegistrationEnvelope, |r| r.envelope = |answer| answer["type"] = json!("key")),
    (Check::RegistrationEnvelope, |r| {
        r.envelope = |answer| {
            let object = answer["response"]["attestationObject"].as_str().expect("text");
            answer["response"]["attestationObject"] = json!(format!("{object}="));
        };
    }),
    (Check::RegistrationEnvelopeId, |r| r.id = b"another".to_vec()),
    (Check::RegistrationClientData, |r| r.client_data.push(b'x')),
    (Check::RegistrationClientData, |r| {
        swap(&mut r.client_data, "false", r#""no""#);
    }),
    (Check::RegistrationClientDataMembers, |r| {
        swap(&mut r.client_data, r#"{"type""#, r#"{"type":"webauthn.get","type""#);
    }),
    (Check::RegistrationType, |r| swap(&mut r.client_data, "create", "get")),
    (Check::RegistrationChallenge, |r| {
        let other = text(b"another");
        swap(&mut r.client_data, &text(crate::CHALLENGE), &other);
    }),
    (Check::RegistrationChallenge, |r| {
        swap(&mut r.client_data, r#"","origin"#, r#"=","origin"#);
    }),
    (Check::RegistrationOrigin, |r| swap(&mut r.client_data, "one.", "two.")),
    (Check::RegistrationOrigin, |r| swap(&mut r.client_data, r#"host",""#, r#"host/",""#)),
    (Check::RegistrationCrossOrigin, |r| swap(&mut r.client_data, "false", "true")),
    (Check::RegistrationTopOrigin, |r| {
        swap(&mut r.client_data, "false", r#"false,"topOrigin":"http://evil.localhost""#);
    }),
    (Check::RegistrationAttestationKeys, |r| {
        r.object = |object| object.insert(0, ("fmt".into(), "packed".into()));
    }),
    (Check::RegistrationAttestationObject, |r| r.envelope = open_ended),
    (Check::RegistrationAttestationTrailing, |r| r.trailing.push(0)),
    (Check::RegistrationAuthenticatorData, |r| r.flags |= EXTENSIONS),
    (Check::RegistrationAttestedData, |r| r.flags = USER_PRESENT),
    (Check::RegistrationTrailing, |r| r.extensions = CRED_PROTECT.into()),
    (Check::RegistrationRpIdHash, |r| r.rp_id = "two.portal.localhost"),
    (Check::RegistrationUserPresent, |r| r.flags = ATTESTED | USER_VERIFIED),
    (Check::RegistrationBackupFlags, |r| r.flags |= BACKED_UP),
    (Check::RegistrationAlgorithm, |r| r.replaces(3, -37)),
    (Check::RegistrationAlgorithm, |r| r.replaces(3, "ES256")),
    (Check::RegistrationPublicKeyMembers, |r| r.public_key.insert(0, (3.into(), (-257).into()))),
    (Check::RegistrationPublicKeyType, |r| r.replaces(3, -257)),
    (Check::RegistrationPublicKeyCurve, p384_key),
    (Check::RegistrationPublicKeyPrivate, |r| r.replaces(-4, Cbor::Bytes(vec![1; 32]))),
    (Check::RegistrationPublicKey, compressed),
    (Check::RegistrationPublicKeyPoint, |r| r.replaces(-3, Cbor::Bytes(vec![9; 32]))),
    (Check::RegistrationPublicKeyOrder, |r| ed25519(r, &[&[1], &[0; 31][..]].concat())),
    (Check::RegistrationPublicKeyStrength, |r| rsa(r, 64, &[1, 0, 1])),
    (Check::RegistrationPublicKeyStrength, |r| rsa(r, 256, &[3])),
    (Check::RegistrationPublicKeyStrength, |r| rsa(r, 256, &[1; 9])),
    (Check::RegistrationPublicKeyStrength, |r| rsa(r, 256, &[1, 0, 0])),
    (Check::RegistrationAttestationFormat, |r| r.format = "unheard-of"),
    (Check::RegistrationAttestationNone, |r| r.statement = |_, _| vec![("x".into(), 1.into())]),
    (Check::RegistrationCredentialIdLength, |r| r.with_id(&[])),
    (Check::RegistrationCredentialIdLength, |r| r.with_id(&[7; 1024])),
    (Check::RegistrationCredentialId, |r| r.credential_id = b"another".to_vec()),
];

#[test]
fn one_change_is_refused_for_its_reason_and_accepted_where_that_is_forgotten() {
    for (number, (check, change)) in REFUSED.iter().enumerate() {
        let refused = verify(&Checks::default(), *change).map(|_| ());
        assert_eq!(refused, Err(Refusal(*check)), "{number}");
        let forgotten = verify(&forgetful(*check), *change).map(|_| ());
        assert_eq!(forgotten, Ok(()), "{number}: {}", check.id());
        assert!(verify(&canary(), *change).is_ok(), "{number}");
    }
}

#[test]
fn what_is_no_sound_key_is_refused_by_one_of_the_key_s_checks() {
    let changes: &[Change] = &[
        |r| r.replaces(-2, Cbor::Bytes(vec![1; 31])),
        |r| r.replaces(-3, Cbor::Bytes(vec![0; 33])),
        |r| ed25519(r, &[5; 31]),
        |r| r.public_key.clear(),
        |r| r.public_key = vec![(1.into(), 4.into()), (3.into(), 5.into())],
    ];
    for (number, change) in changes.iter().enumerate() {
        let Err(Refusal(check)) = verify(&Checks::default(), *change) else {
            panic!("{number} accepted")
        };
        let of_the_key = check == Check::RegistrationAlgorithm;
        assert!(of_the_key || check.id().starts_with("registration/public-key"), "{number}");
        assert!(verify(&canary(), *change).is_ok(), "{number}");
    }
}

#[test]
fn every_small_order_point_of_an_outside_library_is_refused() {
    // Each y of a point of small order; the sign of x may be either.
    let small = (0_u8..=255).filter(|first| {
        let bytes = std::array::from_fn(|n| match n {
            0 => *first,
            31 => 0x7f,
            _ => 0xff,
        });
        VerifyingKey::from_bytes(&bytes).as_ref().is_ok_and(VerifyingKey::is_weak)
    });
    assert_eq!(small.collect::<Vec<_>>(), [0xec, 0xed, 0xee]);
    let eighth = [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ];
    assert!(VerifyingKey::from_bytes(&eighth).as_ref().is_ok_and(VerifyingKey::is_weak));
    for y in [eighth, [0; 32]] {
        for sign in [0, 0x80] {
            let mut point = y;
            point[31] |= sign;
            let mut registration = Registration::honest();
            ed25519(&mut registration, &point);
            let answer = registration.answer();
            let refused = verify_registration(
                &Checks::default(),
                &expectation(),
                &KeyAnswer::of(&answer),
                &|_| false,
            );
            assert_eq!(refused.map(|_| ()), Err(Refusal(Check::RegistrationPublicKeyOrder)));
        }
    }
}

#[test]
fn user_verification_is_asked_for_where_the_policy_says_so() {
    let strict = Expectation { user_verification_required: true, ..expectation() };
    let check = Check::RegistrationUserVerified;
    let refused = verify_expecting(&Checks::default(), &strict, |_| ()).map(|_| ());
    assert_eq!(refused, Err(Refusal(check)));
    assert!(verify_expecting(&forgetful(check), &strict, |_| ()).is_ok());
    assert!(
        verify_expecting(&Checks::default(), &strict, |r| r.flags |= USER_VERIFIED)
            .unwrap()
            .verified_at_registration
    );
}

#[test]
fn a_known_id_is_refused() {
    let answer = Registration::honest().answer();
    let known = |id: &[u8]| id == b"a credential id";
    let verify = |checks: &Checks| {
        verify_registration(checks, &expectation(), &KeyAnswer::of(&answer), &known)
            .map(|credential| credential.id)
    };
    let check = Check::RegistrationCredentialUnique;
    assert_eq!(verify(&Checks::default()), Err(Refusal(check)));
    assert_eq!(verify(&forgetful(check)), Ok(b"a credential id".to_vec()));
}

/// A defect and what it lets through.
const LETS_THROUGH: &[(&str, Change)] = &[
    ("register/origin-suffix-no-dot", |r| swap(&mut r.client_data, "//one", "//evilone")),
    ("register/origin-prefix", |r| swap(&mut r.client_data, r#"host",""#, r#"host.evil",""#)),
    ("register/origin-any-subdomain", |r| swap(&mut r.client_data, "//one", "//blog.one")),
    ("register/origin-scheme-ignored", |r| swap(&mut r.client_data, "http:", "https:")),
    ("register/origin-port-ignored", |r| swap(&mut r.client_data, r#"host",""#, r#"host:44",""#)),
    ("register/challenge-substring", |r| {
        swap(&mut r.client_data, r#"","origin"#, r#"AAAA","origin"#);
    }),
    ("register/credential-id-empty", |r| r.with_id(&[])),
    ("register/credential-id-too-long", |r| r.with_id(&[7; 1024])),
];

/// Defects that let another's change through as well: a sub-domain ends like its domain, and a
/// port stands behind the host.
const WIDER: &[(&str, &str)] = &[
    ("register/origin-suffix-no-dot", "register/origin-any-subdomain"),
    ("register/origin-prefix", "register/origin-port-ignored"),
];

#[test]
fn a_weak_check_lets_its_own_change_through_and_no_other() {
    for (id, change) in LETS_THROUGH {
        assert!(verify(&Checks::default(), *change).is_err(), "{id}");
        assert!(verify(&defective(id), |_| ()).is_ok(), "{id}");
        for (other, change) in LETS_THROUGH {
            let both = WIDER.contains(&(*id, *other));
            let through = verify(&defective(id), *change).is_ok();
            assert_eq!(through, id == other || both, "{id} {other}");
        }
    }
}

#[test]
fn a_false_refusal_refuses_what_the_sound_portal_accepts() {
    let refuses: &[(&str, Check, Change)] = &[
        ("parse/extension-data-swallowed", Check::RegistrationAuthenticatorData, |r| {
            (r.flags, r.extensions) = (USER_PRESENT | ATTESTED | EXTENSIONS, CRED_PROTECT.into());
        }),
        ("parse/reserved-bits", Check::RegistrationAuthenticatorData, |r| r.flags |= 0x02),
        ("parse/clientdata-bom", Check::RegistrationClientData, |r| {
            r.client_data.splice(..0, *b"\xef\xbb\xbf").for_each(drop);
        }),
        ("parse/clientdata-reserialised", Check::RegistrationClientData, |r| {
            swap(&mut r.client_data, r#"{"type""#, r#"{"extra":1,"type""#);
        }),
    ];
    for (id, check, change) in refuses {
        assert!(verify(&Checks::default(), *change).is_ok(), "{id}");
        assert_eq!(verify(&defective(id), *change).map(|_| ()), Err(Refusal(*check)), "{id}");
        assert!(verify(&defective(id), |_| ()).is_ok(), "{id}");
    }
}

#[test]
fn an_answer_names_its_ceremony_before_it_is_verified() {
    let answer = Registration::honest().answer();
    assert_eq!(KeyAnswer::of(&answer).claimed_challenge().as_deref(), Some(crate::CHALLENGE));
    assert_eq!(
        KeyAnswer::of(&answer).claimed_credential_id().as_deref(),
        Some(&b"a credential id"[..])
    );
    assert_eq!(KeyAnswer::of(&json!({"response": 1})).claimed_challenge(), None);
}

/// The attestation object as a map without a length.
fn open_ended(answer: &mut Value) {
    let object = answer["response"]["attestationObject"].as_str().expect("text");
    let mut object = bytes(object);
    object[0] = 0xbf;
    object.push(0xff);
    answer["response"]["attestationObject"] = json!(text(&object));
}

fn compressed(registration: &mut Registration) {
    let odd = registration.public_key.iter().find(|(label, _)| *label == Cbor::from(-3));
    let odd = odd.expect("P-384").1.as_bytes().expect("P-384").last().expect("P-384") & 1 == 1;
    registration.replaces(-3, odd);
}

fn p384_key(registration: &mut Registration) {
    use aws_lc_rs::signature::{ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
    let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING).expect("a pair");
    let (x, y) = pair.public_key().as_ref()[1..].split_at(48);
    registration.public_key = es256_key();
    registration.replaces(-1, 2);
    registration.replaces(-2, Cbor::Bytes(x.to_vec()));
    registration.replaces(-3, Cbor::Bytes(y.to_vec()));
}

fn ed25519(registration: &mut Registration, x: &[u8]) {
    registration.public_key = [(1, Cbor::from(1)), (3, Cbor::from(-8)), (-1, Cbor::from(6))]
        .into_iter()
        .chain([(-2, Cbor::Bytes(x.to_vec()))])
        .map(|(label, value)| (Cbor::from(label), value))
        .collect();
}

fn rsa(registration: &mut Registration, length: usize, e: &[u8]) {
    registration.public_key = [(1, Cbor::from(3)), (3, Cbor::from(-257))]
        .into_iter()
        .chain([(-1, Cbor::Bytes(vec![0xa5; length])), (-2, Cbor::Bytes(e.to_vec()))])
        .map(|(label, value)| (Cbor::from(label), value))
        .collect();
}
