//! Authenticator data, signature, counter and user handle of an assertion: the later steps of §7.2.

use harness::{
    policy::Policy,
    requirement::{
        Asked,
        Ceremony::{Authentication, Passwordless},
        Family,
        Proof::{Several, Stories, Tamperings},
        Requirement, TamperingCase, at, tampering,
    },
};
use harness::{
    story,
    story::{Manner, Stage, Told},
};
use profile::Ability;
use reports::record::{Impact, Level};
use serde_json::json;
use softkey::{
    Algorithm, AuthData as Data, Flags, Model, Signer,
    Tampering::{self, AuthData, AuthDataBytes, Envelope, Signature, SignedBytes},
};

use super::{asserting, changes as c, signatures};

/// The requirements of this chapter, in reading order.
pub(super) const CHAPTER: &[&Requirement] = &[
    &AUTHENTICATOR_DATA,
    &RP_ID_HASH,
    &USER_PRESENT,
    &USER_VERIFIED,
    &BACKUP_FLAGS,
    &BACKUP_ELIGIBILITY,
    &SIGNATURE,
    &COUNTER,
    &USER_HANDLE,
];

const ES256: Model = Model { algorithms: &[Algorithm::Es256], ..Model::roaming() };
const EDDSA: Model = Model { algorithms: &[Algorithm::EdDsa], ..Model::roaming() };

const AUTHENTICATOR_DATA: Requirement = asserting(
    "authentication/authenticator-data",
    Impact::Hygiene,
    "The authenticator data is complete, and nothing stands behind it.",
    Tamperings(
        Authentication,
        &[
            tampering(
                "too-short",
                "the first 36 bytes",
                AuthDataBytes(c::too_short),
                &["login/authdata-lax"],
            ),
            tampering(
                "empty",
                "no bytes at all",
                AuthDataBytes(Vec::clear),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-15"],
            ),
            tampering(
                "trailing",
                "a byte behind the counter",
                AuthData(c::left_over),
                &["Server-ServerAuthenticatorAssertionResponse-Resp-3 F-1"],
            ),
            tampering(
                "credential-announced-only",
                "the flag of a credential, and none",
                AuthData(|d| d.flags.set(Flags::AT)),
                &["parse/at-or-ed-without-data"],
            ),
            tampering(
                "extensions-announced-only",
                "the flag of extensions, and none",
                AuthData(c::extensions_without_data),
                &[],
            ),
            tampering(
                "extensions-unannounced",
                "extensions without their flag",
                AuthData(c::extensions_unannounced),
                &[],
            ),
            tampering(
                "extensions-not-a-map",
                "extensions that are a number",
                AuthData(c::extensions_not_a_map),
                &[],
            ),
        ],
    ),
);

const RP_ID_HASH: Requirement = asserting(
    "authentication/rp-id-hash",
    Impact::Takeover,
    "The key answers this portal.",
    Several(&[
        Tamperings(
            Authentication,
            &[
                tampering(
                    "foreign",
                    "the RP id of another site",
                    AuthData(c::foreign_rp_id),
                    &["Server-ServerAuthenticatorAssertionResponse-Resp-3 F-2"],
                ),
                tampering(
                    "origin",
                    "the hash of an origin instead of an RP id",
                    AuthData(c::rp_id_of_the_origin),
                    &["INF-132"],
                ),
                tampering("zero", "a hash of zeros", AuthData(c::zero_rp_id), &[]),
            ],
        ),
        Stories(&[story!(
            "appid-claimed",
            "the key answers another site, and the client's word is that an appid was asked for",
            appid_claimed,
            [KeySignIn],
            ["INF-133", "login/appid-output-trusted"]
        )]),
    ]),
);

async fn appid_claimed(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let challenge = alice.begins_sign_in().await?;
    let foreign = AuthData(c::foreign_rp_id);
    let manner =
        Manner { change: Some((&foreign, "the RP id of another site")), ..Manner::default() };
    let mut envelope = alice.touches(&challenge, &desk, manner)?.json;
    envelope["clientExtensionResults"] = json!({ "appid": true });

    alice.sends(&challenge, &envelope).await?.is_refused()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

const USER_PRESENT: Requirement = asserting(
    "authentication/user-present",
    Impact::Bypass,
    "The user touched the key.",
    Tamperings(
        Authentication,
        &[
            tampering(
                "no-touch",
                "nobody touched the key",
                AuthData(c::nobody_there),
                &["INF-122"],
            ),
            tampering("verified-without-touch", "a PIN, and no touch", AuthData(c::no_touch), &[]),
        ],
    ),
);

const USER_VERIFIED: Requirement = asserting(
    "authentication/user-verified",
    Impact::Bypass,
    "Where the portal requires it, the key verified its user.",
    Several(&[
        Stories(&[story!(
            "client-asks-for-less",
            "a key must verify alice, and her client asks the portal not to have it so",
            client_asks_for_less,
            [Key, Policy],
            ["login/uv-policy-from-client"]
        )]),
        Tamperings(
            Authentication,
            &[TamperingCase {
                policy: Policy::verified(),
                asked: Some(Asked::Verification),
                ..tampering(
                    "required",
                    "the key verified nobody, though it was required",
                    AuthData(c::not_verified),
                    &["Server-ServerAuthenticatorAssertionResponse-Resp-3 F-5"],
                )
            }],
        ),
        Tamperings(
            Passwordless,
            &[TamperingCase {
                policy: Policy::passwordless(),
                model: Model::synced(),
                asked: Some(Asked::Verification),
                ..tampering(
                    "passwordless",
                    "the key alone, and it verified nobody",
                    AuthData(c::not_verified),
                    &["login/uv-unchecked"],
                )
            }],
        ),
    ]),
);

async fn client_asks_for_less(stage: &mut Stage) -> Told {
    let mut alice = stage.person_with("alice", Policy::verified()).await?;
    let desk = alice.registers_key("desk").await?;
    let mut there = alice.elsewhere();
    there.enters_password().await?.passes_the_password_step()?;
    let challenge = there.asks_for_key_unverified().await?.as_if_verification_were_required();
    let unverified = AuthData(c::not_verified);
    let manner = Manner { change: Some((&unverified, "no PIN")), ..Manner::default() };

    there.answers_so(&challenge, &desk, manner).await?.0.is_refused()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

const BACKUP_FLAGS: Requirement = asserting(
    "authentication/backup-flags",
    Impact::Hygiene,
    "A key that cannot be backed up does not say that it was.",
    Tamperings(
        Authentication,
        &[tampering(
            "backed-up-not-eligible",
            "backed up, and not eligible for it",
            AuthData(c::backed_up_not_eligible),
            &["INF-123"],
        )],
    ),
);

const BACKUP_ELIGIBILITY: Requirement = Requirement {
    level: Level::Should,
    source: at("WebAuthn L3 §6.1.3", "https://www.w3.org/TR/webauthn-3/#sctn-credential-backup"),
    ..asserting(
        "authentication/backup-eligibility",
        Impact::Hygiene,
        "Whether a key can be backed up does not change after its registration.",
        Tamperings(
            Authentication,
            &[
                tampering(
                    "became-eligible",
                    "a key that could not be backed up now can",
                    AuthData(|d| d.flags.set(Flags::BE)),
                    &["INF-124"],
                ),
                TamperingCase {
                    model: Model::synced(),
                    ..tampering(
                        "no-longer-eligible",
                        "a key that could be backed up no longer can",
                        AuthData(no_longer_eligible),
                        &["login/backup-eligible-flip"],
                    )
                },
            ],
        ),
    )
};

fn no_longer_eligible(d: &mut Data) {
    d.flags.clear(Flags::BE | Flags::BS);
}

const SIGNATURE: Requirement = Requirement {
    family: Family::WrongKey,
    catalogue: &["WRK-03"],
    ..asserting(
        "authentication/signature",
        Impact::Takeover,
        "The signature is that of the registered key, over what was sent.",
        Tamperings(
            Authentication,
            &[
                tampering(
                    "other-key",
                    "another key pair signed",
                    Tampering::Signer(Signer::Stranger),
                    &["INF-103"],
                ),
                tampering(
                    "over-other-data",
                    "signed over other bytes",
                    SignedBytes(|b| b.push(0)),
                    &["Server-ServerAuthenticatorAssertionResponse-Resp-3 F-3"],
                ),
                tampering(
                    "empty",
                    "an empty signature",
                    Signature(Vec::clear),
                    &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-19"],
                ),
                tampering(
                    "bit-flipped",
                    "one bit of the signature is another",
                    Signature(|s| flip_a_bit(s)),
                    &["Server-ServerAuthenticatorAssertionResponse-Resp-1 F-20"],
                ),
                tampering(
                    "truncated",
                    "the signature without its last byte",
                    Signature(|s| s.truncate(s.len().saturating_sub(1))),
                    &[],
                ),
                tampering(
                    "zeros",
                    "an ECDSA signature of r = s = 0",
                    Signature(|s| *s = vec![0x30, 6, 2, 1, 0, 2, 1, 0]),
                    &["crypto/ecdsa-zero-signature"],
                ),
                tampering(
                    "trailing",
                    "a byte behind the signature",
                    Signature(|s| s.push(0)),
                    &["crypto/der-lax"],
                ),
                tampering(
                    "long-length",
                    "a length written longer than DER allows",
                    Signature(long_length),
                    &[],
                ),
                TamperingCase {
                    model: ES256,
                    ..tampering(
                        "spare-zero",
                        "an integer with a zero more than DER allows",
                        Signature(signatures::spare_zero),
                        &[],
                    )
                },
                TamperingCase {
                    model: ES256,
                    ..tampering(
                        "raw",
                        "r and s side by side, without DER",
                        Signature(signatures::raw),
                        &["INF-134"],
                    )
                },
                TamperingCase {
                    model: EDDSA,
                    needs: &[Ability::EdDsa],
                    ..tampering(
                        "ed25519-not-reduced",
                        "an Ed25519 signature with the order added to its second half",
                        Signature(|s| signatures::not_reduced(s)),
                        &["INF-135"],
                    )
                },
            ],
        ),
    )
};

fn flip_a_bit(s: &mut [u8]) {
    if let Some(last) = s.last_mut() {
        *last ^= 1;
    }
}

/// The outer length in two bytes where one is enough.
fn long_length(s: &mut Vec<u8>) {
    s.insert(1, 0x81);
}

const COUNTER: Requirement = Requirement {
    family: Family::WrongKey,
    level: Level::Should,
    source: at("WebAuthn L3 §6.1.1", "https://www.w3.org/TR/webauthn-3/#sctn-sign-counter"),
    catalogue: &["WRK-05"],
    ..asserting(
        "authentication/counter",
        Impact::Takeover,
        "A signature counter that does not go forward is refused, or at least noticed.",
        Tamperings(
            Authentication,
            &[
                tampering(
                    "equal",
                    "the counter of the last sign-in again",
                    AuthData(|d| d.counter = d.counter.saturating_sub(1)),
                    &["INF-127"],
                ),
                tampering(
                    "back",
                    "a counter of long ago",
                    AuthData(|d| d.counter = 1),
                    &["Server-ServerAuthenticatorAssertionResponse-Resp-3 F-4"],
                ),
                tampering(
                    "zero",
                    "a counter of zero after one that was not",
                    AuthData(|d| d.counter = 0),
                    &["login/counter-zero-after-nonzero"],
                ),
            ],
        ),
    )
};

const USER_HANDLE: Requirement = Requirement {
    family: Family::WrongKey,
    ..asserting(
        "authentication/user-handle",
        Impact::Takeover,
        "A user handle is that of the user who signs in; without a user name there must be one.",
        Several(&[
            Stories(&[story!(
                "of-another-user",
                "alice's own key answers with the user handle of bob",
                handle_of_another,
                [KeySignIn],
                ["login/account-from-userhandle"]
            )]),
            Tamperings(
                Authentication,
                &[tampering(
                    "of-nobody",
                    "a user handle of nobody's",
                    Envelope(handle_of_nobody),
                    &["INF-109"],
                )],
            ),
            Tamperings(
                Passwordless,
                &[
                    TamperingCase {
                        policy: Policy::passwordless(),
                        model: Model::synced(),
                        ..tampering(
                            "missing",
                            "the key alone, without a user handle",
                            Envelope(|e| c::remove(e, "/response/userHandle")),
                            &["INF-110"],
                        )
                    },
                    TamperingCase {
                        policy: Policy::passwordless(),
                        model: Model::synced(),
                        ..tampering(
                            "passwordless-of-nobody",
                            "the key alone, with a user handle of nobody's",
                            Envelope(handle_of_nobody),
                            &[],
                        )
                    },
                ],
            ),
        ]),
    )
};

fn handle_of_nobody(e: &mut serde_json::Value) {
    c::put(e, "/response/userHandle", json!("bm9ib2R5LW9mLXRoYXQtaGFuZGxl"));
}

async fn handle_of_another(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let mut bob = stage.person("bob").await?;
    bob.signs_in().await?;
    let his = bob.begins_registration("his").await?.options();
    let challenge = alice.begins_sign_in().await?;
    let honest = alice.touches(&challenge, &desk, Manner::default())?.json;
    let mut envelope = honest.clone();
    c::put(&mut envelope, "/response/userHandle", his["user"]["id"].clone());

    let response = alice.sends_instead_of(&honest, &challenge, &envelope).await?;
    response.does_not_sign_in(&bob)?;
    response.is_refused()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}
