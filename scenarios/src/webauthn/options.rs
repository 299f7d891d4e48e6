//! What a portal asks browsers for: read off the options that it sends.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use harness::{
    requirement::{
        Family, Finding, ObservationCase, Proof::Observations, Requirement, at, observation,
    },
    sight::Sight,
};
use profile::Ability;
use reports::record::{Impact, Level};
use serde_json::Value;

/// The requirements of this chapter, in reading order.
pub(super) const CHAPTER: &[&Requirement] =
    &[&REGISTRATION, &HANDLE, &INTEROPERABLE, &REGISTRATION_FORM, &AUTHENTICATION, &FORM];

const REGISTRATION: Requirement = Requirement {
    id: "registration/options",
    family: Family::Registration,
    level: Level::Must,
    impact: Impact::Exposure,
    source: at(
        "WebAuthn L3 §5.4",
        "https://www.w3.org/TR/webauthn-3/#dictionary-makecredentialoptions",
    ),
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
        observation("handle-short", "the user handle has 1 to 64 bytes", handle_short, &[]),
        observation(
            "rp-id",
            "the RP id, where there is one, is the one that the profile names",
            rp_id,
            &["INF-007"],
        ),
        observation(
            "keys-excluded",
            "the key that alice has is excluded",
            keys_excluded,
            &["INF-009", "Server-ServerAuthenticatorAttestationResponse-Resp-1 P-1"],
        ),
    ]),
};

const HANDLE: Requirement = Requirement {
    id: "registration/handle-random",
    family: Family::Registration,
    level: Level::Should,
    impact: Impact::Exposure,
    source: at("WebAuthn L3 §14.6.1", "https://www.w3.org/TR/webauthn-3/#sctn-user-handle-privacy"),
    says: "User handles are random, so that nobody counts accounts by them.",
    catalogue: &[],
    reasons: &[],
    proof: Observations(&[observation(
        "not-counted",
        "the user handles of two users are not next to each other",
        handle_not_counted,
        &[],
    )]),
};

const INTEROPERABLE: Requirement = Requirement {
    id: "registration/interoperable",
    family: Family::Registration,
    level: Level::Should,
    impact: Impact::Denial,
    source: at(
        "WebAuthn L3 §5.4",
        "https://www.w3.org/TR/webauthn-3/#dom-publickeycredentialcreationoptions-pubkeycredparams",
    ),
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

const REGISTRATION_FORM: Requirement = Requirement {
    id: "registration/options-form",
    family: Family::Registration,
    level: Level::Should,
    impact: Impact::Denial,
    source: at(
        "WebAuthn L3 §5.1.8",
        "https://www.w3.org/TR/webauthn-3/#sctn-parseCreationOptionsFromJSON",
    ),
    says: "Registration options are such that every browser reads them alike and gives the user time enough.",
    catalogue: &["TMO-04"],
    reasons: &[],
    proof: Observations(&[
        observation(
            "shape",
            "whose key for whom, by what algorithms: every member is there and of its type",
            shape,
            &["Server-ServerPublicKeyCredentialCreationOptions-Req-1 P-1"],
        ),
        observation(
            "base64url",
            "challenge, user handle and ids are base64url without padding",
            creation_base64url,
            &[],
        ),
        observation(
            "time",
            "the time limit, where there is one, is from half a minute to ten minutes",
            |s| time(&s.registration[0]),
            &["INF-008"],
        ),
        observation(
            "residency",
            "the old and the new way to ask for a discoverable key agree",
            residency,
            &["INF-010"],
        ),
    ]),
};

const AUTHENTICATION: Requirement = Requirement {
    id: "authentication/options",
    family: Family::Login,
    level: Level::Must,
    impact: Impact::Takeover,
    source: at(
        "WebAuthn L3 §5.5",
        "https://www.w3.org/TR/webauthn-3/#dictionary-assertion-options",
    ),
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
        ObservationCase {
            // Where the key stands in for the password, nobody has given a name yet.
            needs: &[Ability::Key],
            ..observation(
                "keys-asked-for",
                "the key that alice has is asked for",
                keys_asked_for,
                &[],
            )
        },
        observation(
            "rp-id",
            "the RP id, where there is one, is the one that the profile names",
            request_rp_id,
            &["Server-ServerPublicKeyCredentialGetOptionsResponse-Req-1 P-1"],
        ),
        ObservationCase {
            // An account that was there before may have more.
            needs: &[Ability::CreateUser],
            ..observation(
                "no-other-keys",
                "no key is asked for that alice does not have",
                no_other_keys,
                &[],
            )
        },
    ]),
};

const FORM: Requirement = Requirement {
    id: "authentication/options-form",
    family: Family::Login,
    level: Level::Should,
    impact: Impact::Denial,
    source: at(
        "WebAuthn L3 §5.1.9",
        "https://www.w3.org/TR/webauthn-3/#sctn-parseRequestOptionsFromJSON",
    ),
    says: "Sign-in options are such that every browser reads them alike and gives the user time enough.",
    catalogue: &["TMO-01"],
    reasons: &[],
    proof: Observations(&[
        observation(
            "base64url",
            "challenge and ids are base64url without padding",
            request_base64url,
            &[],
        ),
        observation(
            "time",
            "the time limit, where there is one, is from half a minute to ten minutes",
            |s| time(&s.authentication[0]),
            &[],
        ),
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

/// Two numbers that are counted while a run makes its accounts are nearer than this; random ones are not,
/// unless there are very few.
const APART: u128 = 1000;

fn handle_not_counted(s: &Sight) -> Finding {
    let handles = [&s.registration[0], &s.registration_of_another]
        .map(|options| bytes(options, "/user/id").unwrap_or_default());
    let [one, two] = &handles;
    let near = |read: fn(&[u8]) -> Option<u128>| {
        read(one).zip(read(two)).is_some_and(|(one, two)| (1..APART).contains(&one.abs_diff(two)))
    };
    let shown = handles.each_ref().map(|handle| handle.escape_ascii().to_string());
    finding(
        "two user handles that are no neighbours",
        shown.join(" and "),
        !one.is_empty() && !two.is_empty() && !near(as_number) && !near(as_digits),
    )
}

/// A handle as a number of up to 16 bytes.
fn as_number(handle: &[u8]) -> Option<u128> {
    let in_range = (1..=16).contains(&handle.len());
    in_range.then(|| handle.iter().fold(0, |number, byte| (number << 8) | u128::from(*byte)))
}

/// A handle as a number that is written in digits, or in digits and letters.
fn as_digits(handle: &[u8]) -> Option<u128> {
    let text = str::from_utf8(handle).ok()?;
    [10, 36].into_iter().find_map(|radix| u128::from_str_radix(text, radix).ok())
}

fn rp_id(s: &Sight) -> Finding {
    named_rp_id(s, &s.registration[0], "/rp/id")
}

/// Without one a browser takes the host of the page.
fn named_rp_id(s: &Sight, options: &Value, at: &str) -> Finding {
    let seen = options.pointer(at).filter(|seen| !seen.is_null());
    finding(
        &format!("the RP id {}, or none", s.rp_id),
        seen.map_or("none".to_owned(), Value::to_string),
        seen.is_none_or(|seen| *seen == *s.rp_id),
    )
}

fn names(options: &Value, list: &str, id: &str) -> Finding {
    let entries = entries(options, list);
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

fn handle_short(s: &Sight) -> Finding {
    let length = bytes(&s.registration[0], "/user/id").map_or(0, |handle| handle.len());
    finding("a user handle of 1 to 64 bytes", format!("{length} bytes"), (1..=64).contains(&length))
}

/// What a browser insists on (§5.4): without one of these it makes no key at all.
fn shape(s: &Sight) -> Finding {
    let options = &s.registration[0];
    let texts = ["/rp/name", "/user/id", "/user/name", "/user/displayName", "/challenge"];
    let mut missing: Vec<&str> =
        texts.into_iter().filter(|at| !options.pointer(at).is_some_and(Value::is_string)).collect();
    let offers = entries(options, "pubKeyCredParams");
    let usable = |offer: &Value| {
        offer.get("type").is_some_and(Value::is_string)
            && offer.get("alg").is_some_and(Value::is_i64)
    };
    if offers.is_empty() || !offers.iter().all(usable) {
        missing.push("/pubKeyCredParams");
    }
    finding(
        "every member that a browser asks for",
        format!("missing: {missing:?}"),
        missing.is_empty(),
    )
}

fn request_rp_id(s: &Sight) -> Finding {
    named_rp_id(s, &s.authentication[0], "/rpId")
}

fn no_other_keys(s: &Sight) -> Finding {
    let listed = entries(&s.authentication[0], "allowCredentials").len();
    let expected = format!("no more keys than alice has, {}", s.keys);
    finding(&expected, format!("{listed} keys"), listed <= s.keys)
}

fn creation_base64url(s: &Sight) -> Finding {
    let options = &s.registration_with_key;
    let mut texts = vec![text(options, "/challenge"), text(options, "/user/id")];
    texts.extend(ids(options, "excludeCredentials"));
    base64url(&texts)
}

fn request_base64url(s: &Sight) -> Finding {
    let options = &s.authentication[0];
    let mut texts = vec![text(options, "/challenge")];
    texts.extend(ids(options, "allowCredentials"));
    base64url(&texts)
}

fn base64url(texts: &[&str]) -> Finding {
    let odd = texts.iter().find(|text| text.is_empty() || URL_SAFE_NO_PAD.decode(text).is_err());
    finding("base64url without padding", (*odd.unwrap_or(&"only that")).to_owned(), odd.is_none())
}

/// §15.1 recommends five to ten minutes; a portal whose handbook says a minute keeps to that.
fn time(options: &Value) -> Finding {
    let limit = options.get("timeout").filter(|limit| !limit.is_null());
    finding(
        "from 30000 to 600000 milliseconds, or no limit",
        limit.map_or("no limit".to_owned(), Value::to_string),
        limit.is_none_or(|limit| {
            limit.as_f64().is_some_and(|limit| (30_000.0..=600_000.0).contains(&limit))
        }),
    )
}

/// §5.4.4: `requireResidentKey` is there for Level 1 and true where `residentKey` is `required`, and
/// only there.
fn residency(s: &Sight) -> Finding {
    let selection = s.registration[0].get("authenticatorSelection");
    let member = |name| selection.and_then(|selection| selection.get(name));
    let (old, new) = (member("requireResidentKey"), member("residentKey"));
    let agree = match (old.and_then(Value::as_bool), new.and_then(Value::as_str)) {
        (Some(old), Some(new)) => old == (new == "required"),
        (None, _) | (_, None) => true,
    };
    finding(
        "requireResidentKey, where it stands beside residentKey, is true if that is `required`",
        format!("{old:?} and {new:?}"),
        agree,
    )
}

fn entries<'a>(options: &'a Value, list: &str) -> &'a [Value] {
    options.get(list).and_then(Value::as_array).map_or(&[][..], Vec::as_slice)
}

fn ids<'a>(options: &'a Value, list: &str) -> impl Iterator<Item = &'a str> {
    entries(options, list)
        .iter()
        .map(|entry| entry.get("id").and_then(Value::as_str).unwrap_or_default())
}

#[cfg(test)]
mod tests;
