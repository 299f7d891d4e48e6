//! Assertions: each change is refused for the reason that it is, and accepted by the portal that
//! forgets it.

use serde_json::{Value, json};

use portal::{
    check::{Check, Checks, Refusal},
    webauthn::{
        Accepted, ClientDataVerification, Credential, Expectation, KeyAnswer, Lookup,
        verify_authentication,
    },
};

use crate::{
    answers::{
        ATTESTED, Assertion, BACKED_UP, BACKUP_ELIGIBLE, CRED_PROTECT, EXTENSIONS, USER_PRESENT,
        USER_VERIFIED, bytes, credential, swap, text,
    },
    canary, defective, expectation, forgetful,
};

type Change = fn(&mut Assertion);

fn lookup(credential: &Credential) -> Lookup<'_> {
    Lookup {
        credential: Some(credential),
        owner_is_user: true,
        listed: true,
        user_handle: b"alice",
        handle_required: false,
    }
}

fn verify(checks: &Checks, change: impl FnOnce(&mut Assertion)) -> Result<Accepted, Refusal> {
    let mut assertion = Assertion::honest();
    change(&mut assertion);
    verify_authentication(
        checks,
        &expectation(),
        &lookup(&credential()),
        &KeyAnswer::of(&assertion.answer()),
    )
}

#[test]
fn an_honest_assertion_is_accepted() {
    let accepted = verify(&Checks::default(), |a| a.flags |= USER_VERIFIED);
    let expected = Accepted { counter: 8, backed_up: false, user_verified: true };
    assert_eq!(accepted, Ok(expected));
}

#[test]
fn unusual_honest_assertions_are_accepted() {
    let unusual: &[Change] = &[
        |a| a.flags |= 0x22,
        |a| (a.flags, a.rest) = (USER_PRESENT | EXTENSIONS, CRED_PROTECT.into()),
        |a| (a.flags, a.rest) = (USER_PRESENT | ATTESTED, [&[0; 18], &[0xa0][..]].concat()),
        |a| a.user_handle = json!(null),
        |a| a.counter = u32::MAX,
        |a| swap(&mut a.client_data, r#"{"type""#, r#"{"extra":null,"type""#),
    ];
    for (number, change) in unusual.iter().enumerate() {
        assert!(verify(&Checks::default(), *change).is_ok(), "{number}");
    }
}

/// What one check finds wrong.
const REFUSED: &[(Check, Change)] = &[
    (Check::AuthenticationEnvelope, |a| a.envelope = |answer| answer["type"] = json!(null)),
    (Check::AuthenticationEnvelopeId, |a| {
        a.envelope = |answer| answer["id"] = json!("AAAA");
    }),
    (Check::AuthenticationUserHandle, |a| a.user_handle = json!("AAAA")),
    (Check::AuthenticationClientData, |a| swap(&mut a.client_data, "false", "0")),
    (Check::AuthenticationClientDataMembers, |a| {
        swap(&mut a.client_data, r#"{"type""#, r#"{"origin":"http://evil","type""#);
    }),
    (Check::AuthenticationType, |a| swap(&mut a.client_data, "get", "create")),
    (Check::AuthenticationChallenge, |a| {
        let other = text(b"another");
        swap(&mut a.client_data, &text(crate::CHALLENGE), &other);
    }),
    (Check::AuthenticationOrigin, |a| swap(&mut a.client_data, "one.", "two.")),
    (Check::AuthenticationCrossOrigin, |a| swap(&mut a.client_data, "false", "true")),
    (Check::AuthenticationTopOrigin, |a| {
        swap(&mut a.client_data, "false", r#"false,"topOrigin":"http://evil.localhost""#);
    }),
    (Check::AuthenticationAuthenticatorData, |a| a.flags |= EXTENSIONS),
    (Check::AuthenticationAuthenticatorData, |a| a.flags |= ATTESTED),
    (Check::AuthenticationTrailing, |a| a.rest.push(0)),
    (Check::AuthenticationRpIdHash, |a| a.rp_id = "two.portal.localhost"),
    (Check::AuthenticationUserPresent, |a| a.flags = USER_VERIFIED),
    (Check::AuthenticationBackupFlags, |a| a.flags |= BACKED_UP),
    (Check::AuthenticationBackupEligibility, |a| a.flags |= BACKUP_ELIGIBLE),
    (Check::AuthenticationSignature, |a| a.signature = |signature| signature.clear()),
    (Check::AuthenticationSignature, |a| a.signature = |signature| signature.push(0)),
    (Check::AuthenticationCounter, |a| a.counter = 7),
    (Check::AuthenticationCounter, |a| a.counter = 0),
];

#[test]
fn one_change_is_refused_for_its_reason_and_accepted_where_that_is_forgotten() {
    for (number, (check, change)) in REFUSED.iter().enumerate() {
        assert_eq!(verify(&Checks::default(), *change), Err(Refusal(*check)), "{number}");
        let forgotten = verify(&forgetful(*check), *change).map(|_| ());
        assert_eq!(forgotten, Ok(()), "{number}: {}", check.id());
        assert!(verify(&canary(), *change).is_ok(), "{number}");
    }
}

#[test]
fn whose_key_it_is_matters() {
    let credential = credential();
    let honest = lookup(&credential);
    let cases = [
        (
            Check::AuthenticationCredential,
            Lookup { credential: None, owner_is_user: false, ..honest },
        ),
        (
            Check::AuthenticationCredentialOwner,
            Lookup { owner_is_user: false, listed: false, ..honest },
        ),
        (Check::AuthenticationCredentialListed, Lookup { listed: false, ..honest }),
        (Check::AuthenticationUserHandle, Lookup { user_handle: b"bob", ..honest }),
    ];
    let answer = Assertion::honest().answer();
    for (check, lookup) in cases {
        let verify = |checks: &Checks| {
            verify_authentication(checks, &expectation(), &lookup, &KeyAnswer::of(&answer))
        };
        assert_eq!(verify(&Checks::default()), Err(Refusal(check)));
        assert!(verify(&forgetful(check)).is_ok(), "{}", check.id());
        assert!(verify(&canary()).is_ok(), "{}", check.id());
    }
}

#[test]
fn a_ceremony_without_a_name_needs_a_handle_and_a_strict_one_a_verified_user() {
    let credential = credential();
    let nameless = Lookup { handle_required: true, ..lookup(&credential) };
    let strict = Expectation { user_verification_required: true, ..expectation() };
    let answer = Assertion { user_handle: json!(null), ..Assertion::honest() }.answer();
    let verify = |checks: &Checks, expect: &Expectation<'_>, lookup: &Lookup<'_>| {
        verify_authentication(checks, expect, lookup, &KeyAnswer::of(&answer)).map(|_| ())
    };

    let missing = Check::AuthenticationUserHandleMissing;
    assert_eq!(verify(&Checks::default(), &expectation(), &nameless), Err(Refusal(missing)));
    assert_eq!(verify(&forgetful(missing), &expectation(), &nameless), Ok(()));
    let unverified = Check::AuthenticationUserVerified;
    let honest = lookup(&credential);
    assert_eq!(verify(&Checks::default(), &strict, &honest), Err(Refusal(unverified)));
    assert_eq!(verify(&forgetful(unverified), &strict, &honest), Ok(()));
}

/// A defect and what it lets through.
const LETS_THROUGH: &[(&str, Change)] = &[
    ("login/origin-suffix-no-dot", |a| swap(&mut a.client_data, "//one", "//evilone")),
    ("login/origin-prefix", |a| swap(&mut a.client_data, r#"host",""#, r#"host.evil",""#)),
    ("login/origin-any-subdomain", |a| swap(&mut a.client_data, "//one", "//blog.one")),
    ("login/origin-scheme-ignored", |a| swap(&mut a.client_data, "http:", "https:")),
    ("login/origin-port-ignored", |a| swap(&mut a.client_data, r#"host",""#, r#"host:44",""#)),
    ("login/challenge-substring", |a| {
        swap(&mut a.client_data, r#"","origin"#, r#"AAAA","origin"#);
    }),
    ("login/appid-output-trusted", |a| {
        a.rp_id = "two.portal.localhost";
        a.envelope = |answer| answer["clientExtensionResults"] = json!({"appid": true});
    }),
    ("login/verify-result-ignored", |a| {
        a.envelope = |answer| answer["id"] = json!("AAAA");
        a.signature = |signature| signature.clear();
    }),
    ("login/counter-zero-after-nonzero", |a| a.counter = 0),
    ("parse/at-or-ed-without-data", |a| a.flags |= EXTENSIONS),
    ("crypto/der-lax", |a| a.signature = |signature| signature.push(0)),
    ("crypto/ecdsa-zero-signature", |a| {
        a.signature = |signature| *signature = vec![0x30, 6, 2, 1, 0, 2, 1, 0];
    }),
];

/// Defects that let another's change through as well: a sub-domain ends like its domain, and a
/// port stands behind the host.
const WIDER: &[(&str, &str)] = &[
    ("login/origin-suffix-no-dot", "login/origin-any-subdomain"),
    ("login/origin-prefix", "login/origin-port-ignored"),
];

/// An answer whose two ids differ needs no signature with this defect, and has to meet everything else.
#[test]
fn a_result_that_is_ignored_is_that_of_the_signature_alone() {
    let own = [
        Check::AuthenticationEnvelope,
        Check::AuthenticationEnvelopeId,
        Check::AuthenticationSignature,
    ];
    let defect = defective("login/verify-result-ignored");
    for (check, change) in REFUSED.iter().filter(|(check, _)| !own.contains(check)) {
        let unsigned = |assertion: &mut Assertion| {
            change(assertion);
            assertion.envelope = |answer| answer["id"] = json!("AAAA");
            assertion.signature = |signature| signature.clear();
        };
        assert_eq!(verify(&defect, unsigned), Err(Refusal(*check)), "{}", check.id());
    }
}

#[test]
fn a_decision_replaced_lets_its_own_change_through_and_no_other() {
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
        ("parse/null-members", Check::AuthenticationEnvelope, |a| a.user_handle = json!(null)),
        ("parse/reserved-bits", Check::AuthenticationAuthenticatorData, |a| a.flags |= 0x20),
    ];
    for (id, check, change) in refuses {
        assert!(verify(&Checks::default(), *change).is_ok(), "{id}");
        assert_eq!(verify(&defective(id), *change), Err(Refusal(*check)), "{id}");
        assert!(verify(&defective(id), |_| ()).is_ok(), "{id}");
    }
}

#[test]
fn keys_without_a_counter_are_locked_out_only_by_their_defect() {
    let credential = Credential { counter: 0, ..credential() };
    let answer = Assertion { counter: 0, ..Assertion::honest() }.answer();
    let verify = |checks: &Checks| {
        verify_authentication(checks, &expectation(), &lookup(&credential), &KeyAnswer::of(&answer))
            .map(|_| ())
    };
    assert_eq!(verify(&Checks::default()), Ok(()));
    let counter = Check::AuthenticationCounter;
    assert_eq!(verify(&defective("login/counter-both-zero-rejected")), Err(Refusal(counter)));
}

#[test]
fn a_signature_with_a_short_integer_is_accepted() {
    let short = |answer: &Value| {
        let signature = answer["response"]["signature"].as_str().unwrap();
        let signature = bytes(signature);
        signature[3] < 32 || signature[5 + usize::from(signature[3])] < 32
    };
    let answers = (8..).map(|counter| Assertion { counter, ..Assertion::honest() }.answer());
    let answer = answers.take(5000).find(short).unwrap();
    let credential = credential();
    let verified = verify_authentication(
        &Checks::default(),
        &expectation(),
        &lookup(&credential),
        &KeyAnswer::of(&answer),
    );
    assert_eq!(verified.map(|_| ()), Ok(()));
}

#[test]
fn an_answer_names_its_ceremony_and_its_user_before_it_is_verified() {
    let answer = Assertion::honest().answer();
    assert_eq!(KeyAnswer::of(&answer).claimed_challenge().as_deref(), Some(crate::CHALLENGE));
    assert_eq!(KeyAnswer::of(&answer).claimed_user_handle().as_deref(), Some(&b"alice"[..]));
}

/// The full verification takes whatever the limited one takes; the other way round it is what browsers write.
#[test]
fn limited_verification_tells_the_same_of_what_browsers_write() {
    let limited = Expectation { client_data: ClientDataVerification::Limited, ..expectation() };
    let credential = credential();
    let cases: [(&str, &str, Check); 6] = [
        ("webauthn.get", "webauthn.create", Check::AuthenticationType),
        ("challenge\":\"", "challenge\":\"x", Check::AuthenticationChallenge),
        ("http://one", "http://two", Check::AuthenticationOrigin),
        (":false", ":true", Check::AuthenticationCrossOrigin),
        ("false}", "false,\"topOrigin\":\"http://a.example\"}", Check::AuthenticationTopOrigin),
        ("false}", "false}x", Check::AuthenticationClientData),
    ];
    for (from, to, check) in cases {
        let mut assertion = Assertion::honest();
        swap(&mut assertion.client_data, from, to);
        let answer = assertion.answer();
        for expect in [expectation(), limited] {
            let verify = |checks: &Checks| {
                let answer = KeyAnswer::of(&answer);
                verify_authentication(checks, &expect, &lookup(&credential), &answer).map(|_| ())
            };
            assert_eq!(verify(&Checks::default()), Err(Refusal(check)), "{to} {expect:?}");
            assert_eq!(verify(&forgetful(check)), Ok(()), "{to} {expect:?}");
        }
    }
    let verify = |assertion: &Assertion| {
        let answer = assertion.answer();
        let answer = KeyAnswer::of(&answer);
        verify_authentication(&Checks::default(), &limited, &lookup(&credential), &answer)
            .map(|_| ())
    };
    assert_eq!(verify(&Assertion::honest()), Ok(()));
    let mut blanks = Assertion::honest();
    swap(&mut blanks.client_data, "{\"type\"", "{ \"type\"");
    assert_eq!(verify(&blanks), Err(Refusal(Check::AuthenticationType)));
}
