//! Envelope and client data, of both ceremonies: the first steps of §7.1 and §7.2.

use harness::requirement::{
    Ceremony::{Authentication, Registration},
    Proof::Tamperings,
    Requirement, tampering,
};
use reports::record::{Impact, Level};
use serde_json::json;
use softkey::{
    Member, MemberName,
    Tampering::{ClientData, ClientDataBytes, Envelope},
};

use super::{asserting, changes as c, creating};

/// The requirements of this chapter, in reading order.
pub(super) const CHAPTER: &[&Requirement] = &[
    &REGISTRATION_ENVELOPE,
    &REGISTRATION_ENVELOPE_STRICT,
    &REGISTRATION_CLIENT_DATA,
    &REGISTRATION_CLIENT_DATA_STRICT,
    &REGISTRATION_TYPE,
    &REGISTRATION_CHALLENGE,
    &REGISTRATION_ORIGIN,
    &REGISTRATION_CROSS_ORIGIN,
    &ENVELOPE,
    &ENVELOPE_STRICT,
    &CLIENT_DATA,
    &CLIENT_DATA_STRICT,
    &TYPE,
    &CHALLENGE,
    &ORIGIN,
    &CROSS_ORIGIN,
];

const REGISTRATION_ENVELOPE: Requirement = creating(
    "registration/envelope",
    Impact::Hygiene,
    "The answer carries client data and an attestation object.",
    Tamperings(
        Registration,
        &[
            tampering(
                "response-absent",
                "no response",
                Envelope(|e| c::remove(e, "/response")),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-1 F-7"],
            ),
            tampering(
                "response-text",
                "a response that is text",
                Envelope(|e| e["response"] = json!("x")),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-1 F-8"],
            ),
            tampering(
                "client-data-absent",
                "no client data",
                Envelope(|e| c::remove(e, "/response/clientDataJSON")),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-1 F-9"],
            ),
            tampering(
                "client-data-number",
                "client data that are a number",
                Envelope(|e| c::put(e, "/response/clientDataJSON", json!(7))),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-1 F-10"],
            ),
            tampering(
                "attestation-absent",
                "no attestation object",
                Envelope(|e| c::remove(e, "/response/attestationObject")),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-1 F-12"],
            ),
            tampering(
                "attestation-number",
                "an attestation object that is a number",
                Envelope(|e| c::put(e, "/response/attestationObject", json!(7))),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-1 F-13"],
            ),
        ],
    ),
);

const REGISTRATION_CLIENT_DATA: Requirement = creating(
    "registration/client-data",
    Impact::Hygiene,
    "The client data is one JSON object with its members, each of its type.",
    Tamperings(
        Registration,
        &[
            tampering("not-json", "half of the client data", ClientDataBytes(c::not_json), &[]),
            tampering(
                "text-behind",
                "text behind the object",
                ClientDataBytes(c::text_behind),
                &["register/client-data-lax"],
            ),
            tampering(
                "empty",
                "no client data, in no bytes",
                ClientDataBytes(Vec::clear),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-1 F-11"],
            ),
            tampering(
                "array",
                "client data in an array",
                ClientDataBytes(c::json_array),
                &["INF-027"],
            ),
            tampering(
                "type-absent",
                "no type",
                ClientData(|d| d.kind = Member::Absent),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-2 F-1"],
            ),
            tampering(
                "type-number",
                "a type that is a number",
                ClientData(|d| d.kind = json!(7).into()),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-2 F-2"],
            ),
            tampering(
                "challenge-absent",
                "no challenge",
                ClientData(|d| d.challenge = Member::Absent),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-2 F-6"],
            ),
            tampering(
                "challenge-number",
                "a challenge that is a number",
                ClientData(|d| d.challenge = json!(7).into()),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-2 F-7"],
            ),
            tampering(
                "origin-absent",
                "no origin",
                ClientData(|d| d.origin = Member::Absent),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-2 F-11"],
            ),
            tampering(
                "origin-number",
                "an origin that is a number",
                ClientData(|d| d.origin = json!(7).into()),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-2 F-12"],
            ),
        ],
    ),
);

const REGISTRATION_TYPE: Requirement = creating(
    "registration/type",
    Impact::Bypass,
    "The client data says that a credential was created.",
    Tamperings(
        Registration,
        &[
            tampering(
                "sign-in",
                "the type of a sign-in",
                ClientData(|d| d.kind = "webauthn.get".into()),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-2 F-5"],
            ),
            tampering(
                "empty",
                "an empty type",
                ClientData(|d| d.kind = "".into()),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-2 F-3"],
            ),
            tampering(
                "other",
                "a type of nobody's",
                ClientData(|d| d.kind = "webauthn.destroy".into()),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-2 F-4"],
            ),
        ],
    ),
);

const REGISTRATION_CHALLENGE: Requirement = creating(
    "registration/challenge",
    Impact::Takeover,
    "The challenge is the one that was issued, to the last bit.",
    Tamperings(
        Registration,
        &[
            tampering(
                "invented",
                "a challenge that nobody issued",
                ClientData(c::invented_challenge),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-2 F-10"],
            ),
            tampering(
                "empty",
                "an empty challenge",
                ClientData(|d| d.challenge = "".into()),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-2 F-8"],
            ),
            tampering(
                "not-base64url",
                "a challenge that is not base64url",
                ClientData(|d| d.challenge = "%%%".into()),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-2 F-9"],
            ),
            tampering(
                "shorter",
                "the challenge without its last byte",
                ClientData(c::shorter_challenge),
                &[],
            ),
            tampering(
                "longer",
                "the challenge and one byte more",
                ClientData(c::longer_challenge),
                &["login/challenge-substring"],
            ),
            tampering(
                "other-case",
                "the challenge with letters of the other case",
                ClientData(c::other_case_challenge),
                &["INF-030"],
            ),
        ],
    ),
);

const REGISTRATION_ORIGIN: Requirement = creating(
    "registration/origin",
    Impact::Takeover,
    "The origin in the client data is one the portal expects.",
    Tamperings(
        Registration,
        &[
            tampering(
                "foreign",
                "another site's origin",
                ClientData(|d| d.origin = c::FOREIGN.into()),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-2 F-14"],
            ),
            tampering(
                "empty",
                "an empty origin",
                ClientData(|d| d.origin = "".into()),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-2 F-13"],
            ),
            tampering(
                "null",
                "the origin null, as of a sandboxed frame",
                ClientData(|d| d.origin = "null".into()),
                &[],
            ),
            tampering(
                "other-scheme",
                "our host over another scheme",
                ClientData(c::other_scheme),
                &[],
            ),
            tampering(
                "other-port",
                "our host on another port",
                ClientData(c::other_port),
                &["INF-031"],
            ),
            tampering(
                "suffix",
                "a host that ends like ours",
                ClientData(c::lookalike_suffix),
                &["INF-032"],
            ),
            tampering(
                "prefix",
                "our origin followed by another domain",
                ClientData(c::lookalike_prefix),
                &["register/origin-prefix"],
            ),
            tampering(
                "userinfo",
                "our origin as the user of another host",
                ClientData(c::userinfo),
                &[],
            ),
            tampering("subdomain", "a host below ours", ClientData(c::subdomain), &["INF-033"]),
        ],
    ),
);

const REGISTRATION_CROSS_ORIGIN: Requirement = creating(
    "registration/cross-origin",
    Impact::Bypass,
    "A portal that does not expect to be framed refuses a ceremony that ran in a frame of another site.",
    Tamperings(
        Registration,
        &[
            tampering(
                "framed",
                "the ceremony ran in a frame of another site",
                ClientData(|d| d.cross_origin = true.into()),
                &["INF-034"],
            ),
            tampering(
                "top-origin",
                "another site's page stands around the ceremony, which says that it was not framed",
                ClientData(|d| d.top_origin = c::FOREIGN.into()),
                &["INF-037", "register/top-origin-fail-open"],
            ),
            tampering(
                "framed-by-another",
                "framed, and the page around it is another site's",
                ClientData(c::framed_by_another),
                &["INF-036"],
            ),
        ],
    ),
);

const ENVELOPE: Requirement = asserting(
    "authentication/envelope",
    Impact::Hygiene,
    "The answer carries client data, authenticator data and a signature, whatever its envelope says.",
    Tamperings(
        Authentication,
        &[
            tampering(
                "ids-differ-unsigned",
                "an id that is not the raw id, and no key of the user's",
                Envelope(ids_differ_unsigned),
                &["login/verify-result-ignored"],
            ),
            tampering(
                "response-absent",
                "no response",
                Envelope(|e| c::remove(e, "/response")),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-7"],
            ),
            tampering(
                "response-text",
                "a response that is text",
                Envelope(|e| e["response"] = json!("x")),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-8"],
            ),
            tampering(
                "client-data-absent",
                "no client data",
                Envelope(|e| c::remove(e, "/response/clientDataJSON")),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-9"],
            ),
            tampering(
                "client-data-number",
                "client data that are a number",
                Envelope(|e| c::put(e, "/response/clientDataJSON", json!(7))),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-10"],
            ),
            tampering(
                "authenticator-data-absent",
                "no authenticator data",
                Envelope(|e| c::remove(e, "/response/authenticatorData")),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-12"],
            ),
            tampering(
                "authenticator-data-number",
                "authenticator data that are a number",
                Envelope(|e| c::put(e, "/response/authenticatorData", json!(7))),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-13"],
            ),
            tampering(
                "authenticator-data-not-base64url",
                "authenticator data that are not base64url",
                Envelope(|e| c::put(e, "/response/authenticatorData", json!("%%%"))),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-14"],
            ),
            tampering(
                "signature-absent",
                "no signature",
                Envelope(|e| c::remove(e, "/response/signature")),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-16"],
            ),
            tampering(
                "signature-number",
                "a signature that is a number",
                Envelope(|e| c::put(e, "/response/signature", json!(7))),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-17"],
            ),
            tampering(
                "signature-not-base64url",
                "a signature that is not base64url",
                Envelope(|e| c::put(e, "/response/signature", json!("%%%"))),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-18"],
            ),
        ],
    ),
);

/// One thing on two members: an envelope whose early exit must not skip the signature.
fn ids_differ_unsigned(e: &mut serde_json::Value) {
    c::ids_differ(e);
    c::put(e, "/response/signature", json!("MAYCAQECAQE"));
}

const CLIENT_DATA: Requirement = asserting(
    "authentication/client-data",
    Impact::Hygiene,
    "The client data is one JSON object with its members, each of its type.",
    Tamperings(
        Authentication,
        &[
            tampering("not-json", "half of the client data", ClientDataBytes(c::not_json), &[]),
            tampering(
                "text-behind",
                "text behind the object",
                ClientDataBytes(c::text_behind),
                &["login/client-data-lax"],
            ),
            tampering(
                "empty",
                "no client data, in no bytes",
                ClientDataBytes(Vec::clear),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-11"],
            ),
            tampering("array", "client data in an array", ClientDataBytes(c::json_array), &[]),
            tampering(
                "type-absent",
                "no type",
                ClientData(|d| d.kind = Member::Absent),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-2 F-1"],
            ),
            tampering(
                "type-number",
                "a type that is a number",
                ClientData(|d| d.kind = json!(7).into()),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-2 F-2"],
            ),
            tampering(
                "challenge-absent",
                "no challenge",
                ClientData(|d| d.challenge = Member::Absent),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-2 F-6"],
            ),
            tampering(
                "challenge-number",
                "a challenge that is a number",
                ClientData(|d| d.challenge = json!(7).into()),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-2 F-7"],
            ),
            tampering(
                "origin-absent",
                "no origin",
                ClientData(|d| d.origin = Member::Absent),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-2 F-11"],
            ),
            tampering(
                "origin-number",
                "an origin that is a number",
                ClientData(|d| d.origin = json!(7).into()),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-2 F-12"],
            ),
        ],
    ),
);

const TYPE: Requirement = asserting(
    "authentication/type",
    Impact::Bypass,
    "The client data says that an assertion was made.",
    Tamperings(
        Authentication,
        &[
            tampering(
                "registration",
                "the type of a registration",
                ClientData(|d| d.kind = "webauthn.create".into()),
                &["INF-118", "Server-ServerAuthenticatorAssertionResponse-Resp-2 F-5"],
            ),
            tampering(
                "empty",
                "an empty type",
                ClientData(|d| d.kind = "".into()),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-2 F-3"],
            ),
            tampering(
                "payment",
                "the type of a payment",
                ClientData(|d| d.kind = "payment.get".into()),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-2 F-4"],
            ),
        ],
    ),
);

const CHALLENGE: Requirement = asserting(
    "authentication/challenge",
    Impact::Takeover,
    "The challenge is the one that was issued, to the last bit.",
    Tamperings(
        Authentication,
        &[
            tampering(
                "invented",
                "a challenge that nobody issued",
                ClientData(c::invented_challenge),
                &[
                    "login/challenge-not-compared",
                    "Server-ServerAuthenticatorAssertionResponse-Resp-2 F-10",
                ],
            ),
            tampering(
                "empty",
                "an empty challenge",
                ClientData(|d| d.challenge = "".into()),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-2 F-8"],
            ),
            tampering(
                "not-base64url",
                "a challenge that is not base64url",
                ClientData(|d| d.challenge = "%%%".into()),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-2 F-9"],
            ),
            tampering(
                "shorter",
                "the challenge without its last byte",
                ClientData(c::shorter_challenge),
                &[],
            ),
            tampering(
                "longer",
                "the challenge and one byte more",
                ClientData(c::longer_challenge),
                &[],
            ),
            tampering(
                "other-case",
                "the challenge with letters of the other case",
                ClientData(c::other_case_challenge),
                &[],
            ),
        ],
    ),
);

const ORIGIN: Requirement = asserting(
    "authentication/origin",
    Impact::Takeover,
    "The origin in the client data is one the portal expects.",
    Tamperings(
        Authentication,
        &[
            tampering(
                "foreign",
                "another site's origin",
                ClientData(|d| d.origin = c::FOREIGN.into()),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-2 F-14"],
            ),
            tampering(
                "empty",
                "an empty origin",
                ClientData(|d| d.origin = "".into()),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-2 F-13"],
            ),
            tampering(
                "null",
                "the origin null, as of a sandboxed frame",
                ClientData(|d| d.origin = "null".into()),
                &[],
            ),
            tampering(
                "other-scheme",
                "our host over another scheme",
                ClientData(c::other_scheme),
                &["login/origin-scheme-ignored"],
            ),
            tampering("other-port", "our host on another port", ClientData(c::other_port), &[]),
            tampering(
                "suffix",
                "a host that ends like ours",
                ClientData(c::lookalike_suffix),
                &["login/origin-suffix-no-dot"],
            ),
            tampering(
                "prefix",
                "our origin followed by another domain",
                ClientData(c::lookalike_prefix),
                &["login/origin-prefix"],
            ),
            tampering(
                "userinfo",
                "our origin as the user of another host",
                ClientData(c::userinfo),
                &[],
            ),
            tampering(
                "subdomain",
                "a host below ours",
                ClientData(c::subdomain),
                &["login/origin-any-subdomain"],
            ),
        ],
    ),
);

const CROSS_ORIGIN: Requirement = Requirement {
    level: Level::Must,
    ..asserting(
        "authentication/cross-origin",
        Impact::Bypass,
        "A portal that does not expect to be framed refuses a ceremony that ran in a frame of another site.",
        Tamperings(
            Authentication,
            &[
                tampering(
                    "framed",
                    "the ceremony ran in a frame of another site",
                    ClientData(|d| d.cross_origin = true.into()),
                    &["login/cross-origin-accepted"],
                ),
                tampering(
                    "top-origin",
                    "another site's page stands around the ceremony, which says that it was not framed",
                    ClientData(|d| d.top_origin = c::FOREIGN.into()),
                    &["login/top-origin-fail-open"],
                ),
                tampering(
                    "framed-by-another",
                    "framed, and the page around it is another site's",
                    ClientData(c::framed_by_another),
                    &["INF-119"],
                ),
            ],
        ),
    )
};

const REGISTRATION_ENVELOPE_STRICT: Requirement = Requirement {
    level: Level::Should,
    reasons: &["registration/envelope"],
    ..creating(
        "registration/envelope-strict",
        Impact::Hygiene,
        "The envelope has both ids, equal and in base64url without padding, and its type.",
        Tamperings(
            Registration,
            &[
                tampering(
                    "id-absent",
                    "no id",
                    Envelope(|e| c::remove(e, "/id")),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-1 F-1"],
                ),
                tampering(
                    "id-number",
                    "an id that is a number",
                    Envelope(|e| e["id"] = json!(7)),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-1 F-2"],
                ),
                tampering(
                    "ids-differ",
                    "an id that is not the raw id",
                    Envelope(c::ids_differ),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-1 F-3"],
                ),
                tampering(
                    "ids-padded",
                    "ids in base64 with padding",
                    Envelope(c::padded_ids),
                    &["INF-028"],
                ),
                tampering("raw-id-absent", "no raw id", Envelope(|e| c::remove(e, "/rawId")), &[]),
                tampering(
                    "type-absent",
                    "no type",
                    Envelope(|e| c::remove(e, "/type")),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-1 F-4"],
                ),
                tampering(
                    "type-number",
                    "a type that is a number",
                    Envelope(|e| e["type"] = json!(7)),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-1 F-5"],
                ),
                tampering(
                    "type-other",
                    "another type of credential",
                    Envelope(|e| e["type"] = json!("password")),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-1 F-6"],
                ),
            ],
        ),
    )
};

const ENVELOPE_STRICT: Requirement = Requirement {
    level: Level::Should,
    reasons: &["authentication/envelope"],
    ..asserting(
        "authentication/envelope-strict",
        Impact::Hygiene,
        "The envelope has both ids, equal, and its type.",
        Tamperings(
            Authentication,
            &[
                tampering(
                    "id-absent",
                    "no id",
                    Envelope(|e| c::remove(e, "/id")),
                    &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-1"],
                ),
                tampering(
                    "id-number",
                    "an id that is a number",
                    Envelope(|e| e["id"] = json!(7)),
                    &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-2"],
                ),
                tampering(
                    "id-not-base64url",
                    "an id that is not base64url",
                    Envelope(|e| e["id"] = json!("%%%")),
                    &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-3"],
                ),
                tampering(
                    "ids-differ",
                    "an id that is not the raw id",
                    Envelope(c::ids_differ),
                    &["INF-111"],
                ),
                tampering("raw-id-absent", "no raw id", Envelope(|e| c::remove(e, "/rawId")), &[]),
                tampering(
                    "type-absent",
                    "no type",
                    Envelope(|e| c::remove(e, "/type")),
                    &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-4"],
                ),
                tampering(
                    "type-number",
                    "a type that is a number",
                    Envelope(|e| e["type"] = json!(7)),
                    &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-5"],
                ),
                tampering(
                    "type-other",
                    "another type of credential",
                    Envelope(|e| e["type"] = json!("password")),
                    &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-6"],
                ),
                tampering(
                    "user-handle-number",
                    "a user handle that is a number",
                    Envelope(|e| c::put(e, "/response/userHandle", json!(7))),
                    &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-21"],
                ),
            ],
        ),
    )
};

const REGISTRATION_CLIENT_DATA_STRICT: Requirement = Requirement {
    level: Level::May,
    reasons: &["registration/client-data"],
    ..creating(
        "registration/client-data-strict",
        Impact::Hygiene,
        "Client data that two readers could read differently is refused.",
        Tamperings(
            Registration,
            &[
                tampering(
                    "not-utf8",
                    "bytes that are not UTF-8",
                    ClientDataBytes(c::broken_utf8),
                    &["INF-024"],
                ),
                tampering(
                    "two-origins",
                    "a second origin behind the right one",
                    ClientData(c::two_origins),
                    &["INF-026"],
                ),
                tampering(
                    "foreign-origin-first",
                    "another site's origin before the right one",
                    ClientDataBytes(c::foreign_origin_first),
                    &[],
                ),
                tampering(
                    "two-challenges",
                    "a second challenge behind the right one",
                    ClientData(c::two_challenges),
                    &[],
                ),
                tampering(
                    "cross-origin-text",
                    "a crossOrigin that is text",
                    ClientData(|d| d.cross_origin = "true".into()),
                    &["INF-035"],
                ),
                tampering(
                    "origin-twice",
                    "the right origin, twice",
                    ClientData(|d| d.order.push(MemberName::Origin)),
                    &[],
                ),
            ],
        ),
    )
};

const CLIENT_DATA_STRICT: Requirement = Requirement {
    level: Level::May,
    reasons: &["authentication/client-data"],
    ..asserting(
        "authentication/client-data-strict",
        Impact::Hygiene,
        "Client data that two readers could read differently is refused.",
        Tamperings(
            Authentication,
            &[
                tampering(
                    "not-utf8",
                    "bytes that are not UTF-8",
                    ClientDataBytes(c::broken_utf8),
                    &[],
                ),
                tampering(
                    "cross-origin-text",
                    "a crossOrigin that is text",
                    ClientData(|d| d.cross_origin = "true".into()),
                    &[],
                ),
                tampering(
                    "two-origins",
                    "a second origin behind the right one",
                    ClientData(c::two_origins),
                    &["parse/clientdata-duplicate-members"],
                ),
                tampering(
                    "foreign-origin-first",
                    "another site's origin before the right one",
                    ClientDataBytes(c::foreign_origin_first),
                    &[],
                ),
                tampering(
                    "two-challenges",
                    "a second challenge behind the right one",
                    ClientData(c::two_challenges),
                    &[],
                ),
                tampering(
                    "origin-twice",
                    "the right origin, twice",
                    ClientData(|d| d.order.push(MemberName::Origin)),
                    &[],
                ),
            ],
        ),
    )
};
