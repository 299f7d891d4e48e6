//! Whatever comes in, the relying party answers; the one that accepts everything too.

use ciborium::Value as Cbor;
use proptest::prelude::*;
use serde_json::{Value, json};

use portal::{
    check::Checks,
    webauthn::{KeyAnswer, Lookup, verify_authentication, verify_registration},
};

use crate::{
    answers::{Assertion, Registration, bytes, credential, encoded, text},
    canary, expectation,
};

fn answer_to_anything(response: &Value) {
    let response = &KeyAnswer::of(response);
    let _ = response.claimed_challenge();
    let _ = response.claimed_credential_id();
    let _ = response.claimed_user_handle();
    let _ = verify_registration(&Checks::default(), &expectation(), response, &|_| false);
    let stored = verify_registration(&canary(), &expectation(), response, &|_| true)
        .expect("the canary takes all");
    for credential in [None, Some(&credential()), Some(&stored)] {
        let lookup = Lookup {
            credential,
            owner_is_user: false,
            listed: false,
            user_handle: b"alice",
            handle_required: true,
        };
        let _ = verify_authentication(&Checks::default(), &expectation(), &lookup, response);
        verify_authentication(&canary(), &expectation(), &lookup, response)
            .expect("the canary takes all");
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        any::<Vec<u8>>().prop_map(|bytes| Value::from(text(&bytes))),
    ];
    leaf.prop_recursive(3, 20, 5, |inner| {
        let name = prop_oneof![
            Just("id"),
            Just("rawId"),
            Just("response"),
            Just("clientDataJSON"),
            Just("attestationObject"),
            Just("authenticatorData"),
            Just("signature"),
            Just("userHandle"),
            Just("transports"),
            Just("clientExtensionResults"),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..8)
                .prop_map(|members| members.into_iter().map(|(n, v)| (n.to_owned(), v)).collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_json_is_answered(response in json()) {
        answer_to_anything(&response);
    }

    #[test]
    fn any_bytes_in_place_of_a_part_are_answered(bytes: Vec<u8>, data: Vec<u8>) {
        let object = Cbor::Map(vec![
            ("fmt".into(), "packed".into()),
            ("attStmt".into(), Cbor::Map(vec![
                ("alg".into(), (-7).into()),
                ("sig".into(), Cbor::Bytes(bytes.clone())),
                ("x5c".into(), Cbor::Array(vec![Cbor::Bytes(bytes.clone())])),
            ])),
            ("authData".into(), Cbor::Bytes(data)),
        ]);
        for object in [encoded(&object), bytes.clone()] {
            let mut registration = Registration::honest().answer();
            registration["response"]["attestationObject"] = json!(text(&object));
            answer_to_anything(&registration);
        }
        for part in ["clientDataJSON", "authenticatorData", "signature"] {
            let mut assertion = Assertion::honest().answer();
            assertion["response"][part] = json!(text(&bytes));
            answer_to_anything(&assertion);
        }
    }

    #[test]
    fn an_honest_answer_with_one_byte_changed_is_answered(at: prop::sample::Index, to: u8) {
        let honest = Registration::honest().answer();
        let object = honest["response"]["attestationObject"].as_str().unwrap();
        let mut object = bytes(object);
        let at = at.index(object.len());
        object[at] = to;
        let mut registration = honest.clone();
        registration["response"]["attestationObject"] = json!(text(&object));
        answer_to_anything(&registration);
    }
}
