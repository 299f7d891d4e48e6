//! Attestation statements, made with certificates of an outside library.

use ciborium::Value as Cbor;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, DnValue, IsCa,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm, SigningKey,
};

use portal::{
    check::{Check, Checks, Refusal},
    webauthn::{Credential, Expectation, KeyAnswer, sha256, verify_registration},
};

use crate::{
    answers::{Members, Registration, Statement, key, signed},
    canary, defective, expectation, forgetful,
};

const MODEL: &[u64] = &[1, 3, 6, 1, 4, 1, 45724, 1, 1, 4];

fn verify(
    checks: &Checks,
    expect: &Expectation<'_>,
    (format, statement): (&'static str, Statement),
) -> Result<Credential, Refusal> {
    let mut registration = Registration { format, statement, ..Registration::honest() };
    if format == "fido-u2f" {
        registration.aaguid = [0; 16];
    }
    verify_registration(checks, expect, &KeyAnswer::of(&registration.answer()), &|_| false)
}

fn itself(algorithm: i64, data: &[u8], hash: &[u8]) -> Members {
    let signature = signed(&[data, hash].concat());
    vec![("alg".into(), algorithm.into()), ("sig".into(), Cbor::Bytes(signature))]
}

fn certified(change: fn(&mut CertificateParams), data: &[u8], hash: &[u8]) -> Members {
    let chain = Cbor::Array(vec![Cbor::Bytes(certificate(change))]);
    [itself(-7, data, hash), vec![("x5c".into(), chain)]].concat()
}

fn u2f(data: &[u8], hash: &[u8]) -> Members {
    let point = key().verifying_key().to_sec1_point(false);
    let message =
        [&[0], &sha256(crate::RP_ID.as_bytes())[..], hash, b"a credential id", point.as_bytes()];
    assert!(data.starts_with(message[1]));
    let chain = Cbor::Array(vec![Cbor::Bytes(certificate(|_| ()))]);
    vec![("x5c".into(), chain), ("sig".into(), Cbor::Bytes(signed(&message.concat())))]
}

fn spoiled(mut statement: Members) -> Members {
    for (name, value) in &mut statement {
        if *name == Cbor::from("sig") {
            *value = Cbor::Bytes(signed(b"something else"));
        }
    }
    statement
}

const HONEST: &[(&str, Statement)] = &[
    ("packed", |data, hash| itself(-7, data, hash)),
    ("packed", |data, hash| certified(|_| (), data, hash)),
    ("packed", |data, hash| certified(|params| params.custom_extensions.clear(), data, hash)),
    ("fido-u2f", u2f),
];

#[test]
fn honest_statements_are_accepted() {
    for (number, honest) in HONEST.iter().enumerate() {
        let credential = verify(&Checks::default(), &expectation(), *honest);
        assert_eq!(credential.map(|own| own.attestation_format), Ok(honest.0.into()), "{number}");
    }
}

const REFUSED: &[(Check, (&str, Statement))] = &[
    (Check::RegistrationPackedAlgorithm, ("packed", |data, hash| itself(-257, data, hash))),
    (Check::RegistrationPackedSignature, ("packed", |data, hash| spoiled(itself(-7, data, hash)))),
    (
        Check::RegistrationPackedSignature,
        ("packed", |data, hash| spoiled(certified(|_| (), data, hash))),
    ),
    (
        Check::RegistrationPackedAlgorithm,
        ("packed", |data, hash| {
            let mut statement = certified(|_| (), data, hash);
            statement[0].1 = (-35).into();
            statement
        }),
    ),
    (
        Check::RegistrationPackedForm,
        ("packed", |data, hash| {
            [itself(-7, data, hash), vec![("ecdaaKeyId".into(), Cbor::Bytes(vec![1]))]].concat()
        }),
    ),
    (
        Check::RegistrationPackedCertificate,
        ("packed", |data, hash| certified(|params| params.is_ca = IsCa::NoCa, data, hash)),
    ),
    (
        Check::RegistrationPackedCertificate,
        ("packed", |data, hash| {
            certified(
                |own| {
                    own.distinguished_name
                        .remove(DnType::CountryName)
                        .then_some(())
                        .expect("a country")
                },
                data,
                hash,
            )
        }),
    ),
    (
        Check::RegistrationPackedCertificate,
        ("packed", |data, hash| {
            certified(
                |own| own.distinguished_name.push(DnType::OrganizationalUnitName, "Attestation"),
                data,
                hash,
            )
        }),
    ),
    (
        Check::RegistrationPackedCertificate,
        ("packed", |data, hash| {
            certified(|own| own.custom_extensions[0].set_criticality(true), data, hash)
        }),
    ),
    (
        Check::RegistrationPackedAaguid,
        ("packed", |data, hash| {
            certified(|own| own.custom_extensions = vec![model(b"another of a key")], data, hash)
        }),
    ),
    (Check::RegistrationU2fSignature, ("fido-u2f", |data, hash| spoiled(u2f(data, hash)))),
];

#[test]
fn one_change_is_refused_for_its_reason_and_accepted_where_that_is_forgotten() {
    for (number, (check, change)) in REFUSED.iter().enumerate() {
        let verify = |checks: &Checks| verify(checks, &expectation(), *change).map(|_| ());
        assert_eq!(verify(&Checks::default()), Err(Refusal(*check)), "{number}");
        assert_eq!(verify(&forgetful(*check)), Ok(()), "{number}");
        assert_eq!(verify(&defective("attest/statement-not-verified")), Ok(()), "{number}");
        assert_eq!(verify(&canary()), Ok(()), "{number}");
    }
}

/// §8.2.1 asks for a UTF8String in two places; keys were made with others, and their text is the same.
#[test]
fn a_subject_is_text_in_any_form_that_holds_it_as_it_is() {
    fn names(own: &mut CertificateParams, name: DnValue) {
        own.distinguished_name.push(DnType::OrganizationName, name);
    }
    let in_ia5: Statement = |data, hash| {
        let name = |own: &mut CertificateParams| {
            names(own, DnValue::Ia5String("Maker @ home".try_into().unwrap()));
        };
        certified(name, data, hash)
    };
    let in_teletex: Statement = |data, hash| {
        let name = |own: &mut CertificateParams| {
            names(own, DnValue::TeletexString("Maker".try_into().unwrap()));
        };
        certified(name, data, hash)
    };
    let verify =
        |statement| verify(&Checks::default(), &expectation(), ("packed", statement)).map(|_| ());
    assert_eq!(verify(in_ia5), Ok(()));
    assert_eq!(verify(in_teletex), Err(Refusal(Check::RegistrationPackedCertificate)));
}

#[test]
fn an_authority_signs_no_statement() {
    let authority: (_, Statement) = ("packed", |data, hash| {
        certified(|own| own.is_ca = IsCa::Ca(BasicConstraints::Unconstrained), data, hash)
    });
    let verify = |checks: &Checks| verify(checks, &expectation(), authority).map(|_| ());
    let certificate = Check::RegistrationPackedCertificate;
    assert_eq!(verify(&Checks::default()), Err(Refusal(certificate)));
    assert_eq!(verify(&defective("attest/ca-certificate-as-leaf")), Ok(()));
}

#[test]
fn a_u2f_statement_has_one_certificate_and_no_model() {
    let two: (_, Statement) = ("fido-u2f", |data, hash| {
        let mut statement = u2f(data, hash);
        let certificate = Cbor::Bytes(certificate(|_| ()));
        statement[0].1 = Cbor::Array(vec![certificate.clone(), certificate]);
        statement
    });
    let verify_two = verify(&Checks::default(), &expectation(), two).map(|_| ());
    assert_eq!(verify_two, Err(Refusal(Check::RegistrationU2fForm)));
    assert!(verify(&forgetful(Check::RegistrationU2fForm), &expectation(), two).is_ok());

    let named = Registration { format: "fido-u2f", statement: u2f, ..Registration::honest() };
    let verify_named = |checks: &Checks| {
        verify_registration(checks, &expectation(), &KeyAnswer::of(&named.answer()), &|_| false)
            .map(|_| ())
    };
    assert_eq!(verify_named(&Checks::default()), Err(Refusal(Check::RegistrationU2fAaguid)));
    assert_eq!(verify_named(&forgetful(Check::RegistrationU2fAaguid)), Ok(()));
}

#[test]
fn where_an_attestation_is_asked_for_the_maker_gives_it() {
    let asking = Expectation { attestation_required: true, ..expectation() };
    let none: (_, Statement) = ("none", |_, _| Vec::new());
    for (check, statement) in [
        (Check::RegistrationAttestationPolicy, none),
        (Check::RegistrationAttestationPolicySelf, HONEST[0]),
    ] {
        let refused = verify(&Checks::default(), &asking, statement).map(|_| ());
        assert_eq!(refused, Err(Refusal(check)));
        assert!(verify(&forgetful(check), &asking, statement).is_ok());
    }
    for honest in &HONEST[1..] {
        assert!(verify(&Checks::default(), &asking, *honest).is_ok());
    }
}

fn certificate(change: fn(&mut CertificateParams)) -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.serial_number = Some(1.into());
    params.is_ca = IsCa::ExplicitNoCa;
    params.custom_extensions = vec![model(b"a model of a key")];
    params.distinguished_name = rcgen::DistinguishedName::new();
    for (kind, value) in [
        (DnType::CountryName, "NO"),
        (DnType::OrganizationName, "Maker"),
        (DnType::OrganizationalUnitName, "Authenticator Attestation"),
        (DnType::CommonName, "A model"),
    ] {
        params.distinguished_name.push(kind, value);
    }
    change(&mut params);
    let point = key().verifying_key().to_sec1_point(false).as_bytes().to_vec();
    params.self_signed(&Signer(point)).expect("a certificate").der().to_vec()
}

fn model(aaguid: &[u8; 16]) -> CustomExtension {
    CustomExtension::from_oid_content(MODEL, [&[0x04, 0x10], &aaguid[..]].concat())
}

/// The key of the answers, as the certificate library wants it.
struct Signer(Vec<u8>);

impl PublicKeyData for Signer {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for Signer {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(signed(message))
    }
}
