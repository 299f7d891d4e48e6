//! What a portal asks browsers for: read off the options that it sends.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use harness::{
    requirement::{Family, Finding, Proof::Observations, Requirement, Source, observation},
    sight::Sight,
};
use reports::record::{Impact, Level};
use serde_json::Value;

/// The requirements of this chapter, in reading order.
pub(super) const CHAPTER: &[&Requirement] = &[&REGISTRATION, &INTEROPERABLE, &AUTHENTICATION];

const REGISTRATION: Requirement = Requirement {
    id: "registration/options",
    family: Family::Registration,
    level: Level::Must,
    impact: Impact::Exposure,
    source: Source {
        short: "WebAuthn L3 §5.4",
        link: Some("https://www.w3.org/TR/webauthn-3/#dictionary-makecredentialoptions"),
    },
    says: "Registration options have a fresh challenge, an opaque and stable user handle, and name the keys that the user has.",
    catalogue: &["REG-07"],
    reasons: &[],
    proof: Observations(&[
        observation(
            "challenge-long",
            "the challenge has at least 16 bytes",
            |s| long(&s.registration),
            &["INF-002"],
        ),
        observation(
            "challenge-fresh",
            "two requests have two challenges",
            |s| fresh(&s.registration),
            &["Server-ServerPublicKeyCredentialCreationOptions-Req-1 P-3"],
        ),
        observation(
            "handle-opaque",
            "the user handle is neither the name nor the mail address",
            handle_opaque,
            &["INF-003"],
        ),
        observation(
            "handle-stable",
            "the user handle of one user is always the same",
            handle_stable,
            &["INF-004"],
        ),
        observation("handle-own", "two users have two user handles", handle_own, &["INF-005"]),
        observation("rp-id", "the RP id is the one that the profile names", rp_id, &["INF-007"]),
        observation(
            "keys-excluded",
            "the key that alice has is excluded",
            keys_excluded,
            &["INF-009", "Server-ServerAuthenticatorAttestationResponse-Resp-1 P-1"],
        ),
    ]),
};

const INTEROPERABLE: Requirement = Requirement {
    id: "registration/interoperable",
    family: Family::Registration,
    level: Level::Should,
    impact: Impact::Denial,
    source: Source {
        short: "WebAuthn L3 §5.4",
        link: Some(
            "https://www.w3.org/TR/webauthn-3/#dom-publickeycredentialcreationoptions-pubkeycredparams",
        ),
    },
    says: "ES256 and RS256 are offered, so that the common authenticators can be used.",
    catalogue: &["REG-09"],
    reasons: &[],
    proof: Observations(&[observation(
        "algorithms",
        "ES256 and RS256 are offered",
        algorithms,
        &["INF-006"],
    )]),
};

const AUTHENTICATION: Requirement = Requirement {
    id: "authentication/options",
    family: Family::Login,
    level: Level::Must,
    impact: Impact::Takeover,
    source: Source {
        short: "WebAuthn L3 §5.5",
        link: Some("https://www.w3.org/TR/webauthn-3/#dictionary-assertion-options"),
    },
    says: "Sign-in options have a fresh challenge and name the keys that the user has.",
    catalogue: &["LOG-01"],
    reasons: &[],
    proof: Observations(&[
        observation(
            "challenge-long",
            "the challenge has at least 16 bytes",
            |s| long(&s.authentication),
            &[],
        ),
        observation(
            "challenge-fresh",
            "two requests have two challenges",
            |s| fresh(&s.authentication),
            &[
                "login/challenge-constant",
                "Server-ServerPublicKeyCredentialGetOptionsResponse-Req-1 P-2",
            ],
        ),
        observation("keys-asked-for", "the key that alice has is asked for", keys_asked_for, &[]),
    ]),
};

fn text<'a>(options: &'a Value, pointer: &str) -> &'a str {
    options.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn bytes(options: &Value, pointer: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text(options, pointer).trim_end_matches('=')).ok()
}

fn finding(expected: &str, seen: String, held: bool) -> Finding {
    Finding { expected: expected.to_owned(), seen, held: Some(held) }
}

fn long(options: &[Value; 2]) -> Finding {
    let length = bytes(&options[0], "/challenge").map_or(0, |challenge| challenge.len());
    finding("a challenge of at least 16 bytes", format!("{length} bytes"), length >= 16)
}

fn fresh(options: &[Value; 2]) -> Finding {
    let [one, two] = [text(&options[0], "/challenge"), text(&options[1], "/challenge")];
    finding("two different challenges", format!("{one} and {two}"), !one.is_empty() && one != two)
}

fn handle_opaque(s: &Sight) -> Finding {
    let handle = bytes(&s.registration[0], "/user/id").unwrap_or_default();
    let holds = |name: &str| {
        !name.is_empty()
            && handle.windows(name.len()).any(|window| window.eq_ignore_ascii_case(name.as_bytes()))
    };
    let personal = handle.is_empty() || holds(&s.user) || holds(&s.mail);
    finding(
        "a user handle without name or mail address",
        String::from_utf8_lossy(&handle).escape_default().to_string(),
        !personal,
    )
}

fn handle_stable(s: &Sight) -> Finding {
    let [one, two] = [text(&s.registration[0], "/user/id"), text(&s.registration[1], "/user/id")];
    finding("the same user handle twice", format!("{one} and {two}"), !one.is_empty() && one == two)
}

fn handle_own(s: &Sight) -> Finding {
    let [one, two] =
        [text(&s.registration[0], "/user/id"), text(&s.registration_of_another, "/user/id")];
    finding("two different user handles", format!("{one} and {two}"), !one.is_empty() && one != two)
}

fn rp_id(s: &Sight) -> Finding {
    let seen = text(&s.registration[0], "/rp/id");
    finding(&format!("the RP id {}", s.rp_id), seen.to_owned(), seen == s.rp_id)
}

fn names(options: &Value, list: &str, id: &str) -> Finding {
    let entries = options.get(list).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let named = entries.iter().any(|entry| {
        entry
            .get("id")
            .and_then(Value::as_str)
            .is_some_and(|known| known.trim_end_matches('=') == id)
    });
    finding(
        &format!("{list} names the key"),
        format!("{} keys, it is {}among them", entries.len(), if named { "" } else { "not " }),
        named,
    )
}

fn keys_excluded(s: &Sight) -> Finding {
    names(&s.registration_with_key, "excludeCredentials", &s.credential_id)
}

fn keys_asked_for(s: &Sight) -> Finding {
    names(&s.authentication[0], "allowCredentials", &s.credential_id)
}

fn algorithms(s: &Sight) -> Finding {
    let offered: Vec<i64> = s.registration[0]
        .get("pubKeyCredParams")
        .and_then(Value::as_array)
        .map(|offers| {
            offers.iter().filter_map(|offer| offer.get("alg").and_then(Value::as_i64)).collect()
        })
        .unwrap_or_default();
    finding(
        "ES256 (-7) and RS256 (-257) are offered",
        format!("{offered:?}"),
        offered.contains(&-7) && offered.contains(&-257),
    )
}
