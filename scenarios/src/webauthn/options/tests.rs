//! Every observation on options that are right, and on options that are wrong in one thing.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use harness::{
    requirement::{Finding, Proof},
    sight::Sight,
};
use serde_json::{Value, json};

use super::CHAPTER;

fn creation(challenge: &str, handle: &str, excluded: &Value) -> Value {
    json!({
        "challenge": challenge,
        "rp": { "id": "example.org", "name": "Example" },
        "user": { "id": handle, "name": "alice", "displayName": "Alice" },
        "pubKeyCredParams": [
            { "type": "public-key", "alg": -7 },
            { "type": "public-key", "alg": -257 },
        ],
        "excludeCredentials": excluded,
        "timeout": 60_000,
        "authenticatorSelection": { "residentKey": "preferred", "requireResidentKey": false },
    })
}

fn request(challenge: &str) -> Value {
    json!({
        "challenge": challenge,
        "rpId": "example.org",
        "allowCredentials": [{ "type": "public-key", "id": "a2V5" }],
        "timeout": 60_000,
    })
}

/// A challenge of 16 bytes that begins with this digit.
fn challenge(first: u8) -> String {
    format!("{first}{}", "A".repeat(21))
}

fn sound() -> Sight {
    let none = json!([]);
    Sight {
        rp_id: "example.org".into(),
        user: "alice".into(),
        mail: "alice@example.org".into(),
        registration: [
            creation(&challenge(1), "aGFuZGxl", &none),
            creation(&challenge(2), "aGFuZGxl", &none),
        ],
        registration_of_another: creation(&challenge(3), "b3RoZXI", &none),
        registration_with_key: creation(&challenge(4), "aGFuZGxl", &json!([{ "id": "a2V5" }])),
        authentication: [request(&challenge(5)), request(&challenge(6))],
        credential_id: "a2V5".into(),
        keys: 1,
    }
}

/// Every observation, under its scenario's id.
fn observations() -> impl Iterator<Item = (String, fn(&Sight) -> Finding)> {
    CHAPTER.iter().flat_map(|requirement| {
        let Proof::Observations(rows) = requirement.proof else {
            panic!("{} is no chapter of observations", requirement.id)
        };
        rows.iter().map(|row| (format!("{}/{}", requirement.id, row.case), row.look))
    })
}

/// The observations that do not hold.
fn missed(sight: &Sight) -> BTreeSet<String> {
    observations().filter(|(_, look)| look(sight).held != Some(true)).map(|(id, _)| id).collect()
}

type Change = fn(&mut Sight);

/// User handles of alice and of another.
fn count(sight: &mut Sight, hers: &[u8], theirs: &[u8]) {
    for options in &mut sight.registration {
        options["user"]["id"] = json!(URL_SAFE_NO_PAD.encode(hers));
    }
    sight.registration_with_key["user"]["id"] = json!(URL_SAFE_NO_PAD.encode(hers));
    sight.registration_of_another["user"]["id"] = json!(URL_SAFE_NO_PAD.encode(theirs));
}

const WRONG: &[(&str, Change)] = &[
    ("registration/options/challenge-long", |s| {
        s.registration[0]["challenge"] = json!("A".repeat(20));
    }),
    ("registration/options/challenge-fresh", |s| {
        s.registration[1]["challenge"] = s.registration[0]["challenge"].clone();
    }),
    ("registration/options/handle-opaque", |s| s.user = "HANDLE".into()),
    ("registration/options/handle-stable", |s| s.registration[1]["user"]["id"] = json!("bmV3")),
    ("registration/options/handle-own", |s| {
        s.registration_of_another["user"]["id"] = json!("aGFuZGxl");
    }),
    ("registration/options/handle-short", |s| {
        let long = json!("A".repeat(87));
        s.registration[0]["user"]["id"] = long.clone();
        s.registration[1]["user"]["id"] = long;
    }),
    ("registration/handle-random/not-counted", |s| count(s, b"9", b"10")),
    ("registration/handle-random/not-counted", |s| count(s, b"9z", b"a0")),
    ("registration/handle-random/not-counted", |s| count(s, &[0, 0, 2, 255], &[0, 0, 3, 1])),
    ("registration/options/rp-id", |s| s.registration[0]["rp"]["id"] = json!("org")),
    ("registration/options/keys-excluded", |s| {
        s.registration_with_key["excludeCredentials"] = json!([{ "id": "bmV3" }]);
    }),
    ("registration/interoperable/algorithms", |s| {
        s.registration[0]["pubKeyCredParams"] = json!([{ "type": "public-key", "alg": -7 }]);
    }),
    ("registration/options-form/shape", |s| {
        s.registration[0]["user"]["displayName"] = Value::Null;
    }),
    ("registration/options-form/base64url", |s| {
        s.registration_with_key["challenge"] = json!(challenge(4) + "==");
    }),
    ("registration/options-form/time", |s| s.registration[0]["timeout"] = json!(60)),
    ("registration/options-form/residency", |s| {
        s.registration[0]["authenticatorSelection"]["requireResidentKey"] = json!(true);
    }),
    ("authentication/options/challenge-long", |s| {
        s.authentication[0]["challenge"] = json!("A".repeat(20));
    }),
    ("authentication/options/challenge-fresh", |s| {
        s.authentication[1]["challenge"] = s.authentication[0]["challenge"].clone();
    }),
    ("authentication/options/keys-asked-for", |s| {
        s.authentication[0]["allowCredentials"] = json!([]);
    }),
    ("authentication/options/rp-id", |s| s.authentication[0]["rpId"] = json!("org")),
    ("authentication/options/no-other-keys", |s| {
        s.authentication[0]["allowCredentials"] = json!([{ "id": "a2V5" }, { "id": "bmV3" }]);
    }),
    ("authentication/options-form/base64url", |s| {
        s.authentication[0]["challenge"] = json!(challenge(5) + "==");
    }),
    ("authentication/options-form/time", |s| s.authentication[0]["timeout"] = json!("60000")),
];

#[test]
fn right_options_are_right() {
    assert_eq!(missed(&sound()), BTreeSet::new());
}

#[test]
fn what_is_wrong_in_one_thing_is_seen_by_the_observation_of_it_alone() {
    for (id, change) in WRONG {
        let mut sight = sound();
        change(&mut sight);
        assert_eq!(missed(&sight), BTreeSet::from([(*id).to_owned()]));
    }
}

#[test]
fn every_observation_is_seen_to_fail() {
    let tried: BTreeSet<String> = WRONG.iter().map(|(id, _)| (*id).to_owned()).collect();
    assert_eq!(tried, observations().map(|(id, _)| id).collect());
}
