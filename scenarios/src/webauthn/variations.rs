//! Honest ceremonies unlike the plain one. A sound portal accepts them: a refusal here locks real
//! people out.

use harness::{
    policy::Policy,
    requirement::{
        Asked,
        Ceremony::{Authentication, Registration},
        Family,
        Proof::Variations,
        Requirement, VariationCase, at, variation,
    },
};
use profile::Ability;
use reports::record::{Impact, Level};
use serde_json::json;
use softkey::{
    Algorithm, AttestationKind, Counter, Flags, Model,
    Tampering::{self, AuthData, ClientData, ClientDataBytes, Envelope, Signature},
};

use super::{asserting, changes as c, creating, signatures};

/// The requirements of this chapter, in reading order.
pub(super) const CHAPTER: &[&Requirement] = &[
    &ALGORITHMS,
    &ATTESTATIONS,
    &KEYS,
    &REGISTRATION_FORMS,
    &TRANSPORTS,
    &REGISTRATION_EXTENSIONS,
    &COUNTERS,
    &FORMS,
    &EXTENSIONS,
    &FLAGS,
    &EVERY_SIGNATURE,
];

const ES256: Model =
    Model { name: "ES256 key", algorithms: &[Algorithm::Es256], ..Model::roaming() };
const EDDSA: Model =
    Model { name: "EdDSA key", algorithms: &[Algorithm::EdDsa], ..Model::roaming() };
const RS256: Model =
    Model { name: "RS256 key", algorithms: &[Algorithm::Rs256], ..Model::roaming() };
const SELF: Model = Model {
    name: "key with self attestation",
    attestation: AttestationKind::PackedSelf,
    ..Model::roaming()
};
const ZERO: Model =
    Model { name: "key without a counter", counter: Counter::Zero, ..Model::roaming() };
const LONG_ID: Model =
    Model { name: "key with long ids", credential_id_length: 1023, ..Model::roaming() };
const SHORT_ID: Model =
    Model { name: "key with short ids", credential_id_length: 16, ..Model::roaming() };
const FAR: Model = Model { name: "key that counted far", ..Model::roaming() };
const PIN: Model = Model { name: "key with a PIN", ..Model::roaming() };
const NOT_YET_SYNCED: Model =
    Model { name: "passkey that is not backed up yet", backed_up: false, ..Model::synced() };
const NO_PIN: Model = Model { name: "key without a PIN", verifies_user: false, ..Model::roaming() };

/// What a second factor may leave out: a key that signs in alone says whose it is, and verifies its user.
const AFTER_THE_PASSWORD: &[Ability] = &[Ability::Key];

/// A plain key that says one harmless thing more.
const fn saying(
    case: &'static str,
    title: &'static str,
    change: Tampering,
    covers: &'static [&'static str],
) -> VariationCase {
    VariationCase { change: Some(change), ..variation(case, title, Model::roaming(), covers) }
}

/// A key whose attestation reaches the portal: one that asked for it, or reads it unasked.
const fn attested(
    case: &'static str,
    title: &'static str,
    model: Model,
    covers: &'static [&'static str],
) -> VariationCase {
    let asked = Some(Asked::Attestation);
    VariationCase { keeps_attestation: true, asked, ..variation(case, title, model, covers) }
}

const ALGORITHMS: Requirement = Requirement {
    level: Level::Should,
    ..creating(
        "registration/algorithms",
        Impact::Denial,
        "A key of any algorithm that the portal offered registers and signs in.",
        Variations(
            Registration,
            &[
                variation(
                    "es256",
                    "a key that knows only ES256",
                    ES256,
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-4 P-9"],
                ),
                VariationCase {
                    needs: &[Ability::EdDsa],
                    ..variation(
                        "eddsa",
                        "a key that knows only EdDSA",
                        EDDSA,
                        &["Server-ServerAuthenticatorAttestationResponse-Resp-4 P-12"],
                    )
                },
                VariationCase {
                    needs: &[Ability::Rs256],
                    ..variation(
                        "rs256",
                        "a key that knows only RS256",
                        RS256,
                        &["Server-ServerAuthenticatorAttestationResponse-Resp-4 P-5"],
                    )
                },
            ],
        ),
    )
};

const ATTESTATIONS: Requirement = creating(
    "registration/attestation-kinds",
    Impact::Denial,
    "A key may attest itself, be attested by its maker, or be an old U2F key.",
    Variations(
        Registration,
        &[
            attested(
                "packed-self",
                "a key that attests itself",
                SELF,
                &[
                    "Server-ServerAuthenticatorAttestationResponse-Resp-6 P-1",
                    "Server-ServerAuthenticatorAttestationResponse-Resp-7 P-2",
                ],
            ),
            attested(
                "packed-certificate",
                "a key that its maker attests",
                Model { name: "attested key", ..Model::roaming() },
                &["Server-ServerAuthenticatorAttestationResponse-Resp-5 P-1"],
            ),
            attested(
                "fido-u2f",
                "an old U2F key",
                Model::u2f(),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-8 P-1"],
            ),
            variation(
                "none",
                "a key that nobody attests",
                Model {
                    name: "key without attestation",
                    attestation: AttestationKind::None,
                    ..Model::roaming()
                },
                &["Server-ServerAuthenticatorAttestationResponse-Resp-7 P-1"],
            ),
        ],
    ),
);

const KEYS: Requirement = creating(
    "registration/kinds-of-keys",
    Impact::Denial,
    "Synced passkeys, platform authenticators, keys without a PIN, long and short ids all register and sign in.",
    Variations(
        Registration,
        &[
            variation(
                "synced",
                "a passkey that is backed up and does not count",
                Model::synced(),
                &["REG-09"],
            ),
            variation("platform", "a chip in a laptop", Model::platform(), &[]),
            variation("long-id", "a credential id of 1023 bytes", LONG_ID, &["INF-048"]),
            variation("short-id", "a credential id of 16 bytes", SHORT_ID, &[]),
            variation("no-pin", "a key that cannot verify its user", NO_PIN, &[]),
            variation(
                "ble",
                "a key over Bluetooth",
                Model { name: "Bluetooth key", transports: &["ble"], ..Model::roaming() },
                &["REG-10"],
            ),
        ],
    ),
);

const REGISTRATION_FORMS: Requirement = creating(
    "registration/forms",
    Impact::Denial,
    "Client data may be written in any order, with blanks and with members that nobody knows yet.",
    Variations(
        Registration,
        &[
            saying(
                "unknown-member",
                "a member that nobody knows yet",
                ClientData(c::unknown_member),
                &["INF-025"],
            ),
            saying(
                "other-order",
                "members in another order",
                ClientData(c::other_order),
                &["parse/clientdata-reserialised"],
            ),
            saying("blanks", "blanks and line breaks", ClientDataBytes(c::white_space), &[]),
            saying(
                "no-cross-origin",
                "no crossOrigin, as old browsers write",
                ClientData(c::no_cross_origin),
                &[],
            ),
            saying(
                "byte-order-mark",
                "a byte order mark before it, which UTF-8 decode takes away",
                ClientDataBytes(c::byte_order_mark),
                &["INF-023"],
            ),
            saying(
                "unknown-in-the-envelope",
                "a member of the envelope that nobody knows yet",
                Envelope(|e| e["unknown"] = json!(true)),
                &[],
            ),
        ],
    ),
);

const TRANSPORTS: Requirement = Requirement {
    level: Level::Should,
    source: at(
        "WebAuthn L3 §5.2.1",
        "https://www.w3.org/TR/webauthn-3/#iface-authenticatorattestationresponse",
    ),
    ..creating(
        "registration/transports",
        Impact::Denial,
        "A key may be reached in ways that nobody knows yet, or not say how.",
        Variations(
            Registration,
            &[
                saying(
                    "unknown-transport",
                    "a way to reach the key that nobody knows yet",
                    Envelope(|e| c::put(e, "/response/transports", json!(["telepathy", "usb"]))),
                    &[],
                ),
                saying(
                    "no-transport",
                    "a key that does not say how it is reached",
                    Envelope(|e| c::put(e, "/response/transports", json!([]))),
                    &[],
                ),
            ],
        ),
    )
};

const REGISTRATION_EXTENSIONS: Requirement = Requirement {
    level: Level::Should,
    ..creating(
        "registration/extensions",
        Impact::Denial,
        "Extension data that nobody asked for, and reserved bits, do no harm.",
        Variations(
            Registration,
            &[
                saying(
                    "unknown-extension",
                    "an extension that nobody asked for",
                    AuthData(c::unknown_extension),
                    &[
                        "Server-ServerAuthenticatorAttestationResponse-Resp-3 P-1",
                        "INF-090",
                        "parse/extension-data-swallowed",
                    ],
                ),
                saying(
                    "unknown-client-extension",
                    "an extension of the browser that nobody asked for",
                    Envelope(c::unknown_client_extension),
                    &["INF-091"],
                ),
                saying(
                    "reserved-bits",
                    "flags that are reserved",
                    AuthData(c::reserved_bits),
                    &["INF-043"],
                ),
            ],
        ),
    )
};

const COUNTERS: Requirement = Requirement {
    family: Family::WrongKey,
    ..asserting(
        "authentication/counters",
        Impact::Denial,
        "A key that does not count signs in as often as it likes; one that counts may leap.",
        Variations(
            Authentication,
            &[
                variation(
                    "zero",
                    "a key that always says zero",
                    ZERO,
                    &[
                        "INF-128",
                        "login/counter-both-zero-rejected",
                        "Server-ServerAuthenticatorAssertionResponse-Resp-3 P-1",
                    ],
                ),
                VariationCase {
                    change: Some(AuthData(|d| d.counter = u32::MAX)),
                    ..variation("greatest", "the greatest counter that there is", FAR, &["INF-129"])
                },
            ],
        ),
    )
};

const FORMS: Requirement = asserting(
    "authentication/forms",
    Impact::Denial,
    "Client data may be written in any order, with blanks and with members that nobody knows yet; optional members may be null.",
    Variations(
        Authentication,
        &[
            saying(
                "unknown-member",
                "a member that nobody knows yet",
                ClientData(c::unknown_member),
                &[],
            ),
            saying("other-order", "members in another order", ClientData(c::other_order), &[]),
            saying("blanks", "blanks and line breaks", ClientDataBytes(c::white_space), &[]),
            saying(
                "byte-order-mark",
                "a byte order mark before it, which UTF-8 decode takes away",
                ClientDataBytes(c::byte_order_mark),
                &["parse/clientdata-bom"],
            ),
            VariationCase {
                change: Some(Envelope(|e| c::put(e, "/response/userHandle", json!(null)))),
                ..variation(
                    "null-user-handle",
                    "a user handle of null",
                    Model::u2f(),
                    &["parse/null-members"],
                )
            },
            VariationCase {
                change: Some(Envelope(|e| c::remove(e, "/response/userHandle"))),
                needs: AFTER_THE_PASSWORD,
                ..variation(
                    "no-user-handle",
                    "a discoverable key that leaves the user handle out",
                    Model::synced(),
                    &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-22"],
                )
            },
        ],
    ),
);

const EXTENSIONS: Requirement = Requirement {
    level: Level::Should,
    ..asserting(
        "authentication/extensions",
        Impact::Denial,
        "Extension data that nobody asked for does no harm.",
        Variations(
            Authentication,
            &[
                saying(
                    "unknown-extension",
                    "an extension that nobody asked for",
                    AuthData(c::unknown_extension),
                    &["Server-ServerAuthenticatorAssertionResponse-Resp-3 P-7"],
                ),
                saying(
                    "unknown-client-extension",
                    "an extension of the browser that nobody asked for",
                    Envelope(c::unknown_client_extension),
                    &[],
                ),
            ],
        ),
    )
};

const FLAGS: Requirement = asserting(
    "authentication/flags",
    Impact::Denial,
    "A key may verify its user unasked, not verify where that is only preferred, lose or gain a backup, and set reserved bits.",
    Variations(
        Authentication,
        &[
            VariationCase {
                needs: AFTER_THE_PASSWORD,
                asked: Some(Asked::VerificationPreferred),
                ..saying(
                    "not-verified",
                    "no PIN, where it is only preferred",
                    AuthData(c::not_verified),
                    &["Server-ServerAuthenticatorAssertionResponse-Resp-3 P-3"],
                )
            },
            VariationCase {
                policy: Policy::verified(),
                ..variation(
                    "verified-as-required",
                    "a PIN, where it is required",
                    PIN,
                    &["Server-ServerAuthenticatorAssertionResponse-Resp-3 P-2"],
                )
            },
            VariationCase {
                change: Some(AuthData(|d| d.flags.set(Flags::UV))),
                needs: AFTER_THE_PASSWORD,
                ..variation(
                    "verified-only-now",
                    "a PIN, of a key that had none when it was registered",
                    NO_PIN,
                    &["INF-126"],
                )
            },
            saying(
                "reserved-bits",
                "flags that are reserved",
                AuthData(c::reserved_bits),
                &["parse/reserved-bits"],
            ),
            VariationCase {
                change: Some(AuthData(|d| d.flags.clear(Flags::BS))),
                ..variation(
                    "backup-lost",
                    "a passkey that is no longer backed up",
                    Model::synced(),
                    &["INF-125"],
                )
            },
            VariationCase {
                change: Some(AuthData(|d| d.flags.set(Flags::BS))),
                ..variation("backup-gained", "a passkey that is backed up now", NOT_YET_SYNCED, &[])
            },
        ],
    ),
);

const EVERY_SIGNATURE: Requirement = asserting(
    "authentication/every-signature",
    Impact::Denial,
    "Every signature that is right is accepted, of every algorithm that was offered.",
    Variations(
        Authentication,
        &[
            variation(
                "es256",
                "a key that signs ES256",
                ES256,
                &["Server-ServerAuthenticatorAssertionResponse-Resp-1 P-1"],
            ),
            VariationCase {
                change: Some(Signature(signatures::other_s)),
                ..variation(
                    "other-s",
                    "an ES256 signature with the other of its two right integers",
                    ES256,
                    &[],
                )
            },
            VariationCase {
                needs: &[Ability::EdDsa],
                ..variation("eddsa", "a key that signs EdDSA", EDDSA, &[])
            },
            VariationCase {
                needs: &[Ability::Rs256],
                ..variation("rs256", "a key that signs RS256", RS256, &[])
            },
        ],
    ),
);
