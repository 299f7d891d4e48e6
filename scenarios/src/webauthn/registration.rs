//! Authenticator data and public key of a registration: the later steps of §7.1.

use harness::{
    policy::Policy,
    requirement::{
        Asked, Ceremony::Registration, Proof::Tamperings, Requirement, TamperingCase, tampering,
    },
};
use profile::Ability;
use reports::record::{Impact, Level};
use softkey::{
    Algorithm, AttestationObject, AuthData as Data, Cbor, CoseKey, Flags, Model,
    Tampering::{
        AttestationObject as Object, AttestationObjectBytes as ObjectBytes, AuthData,
        AuthDataBytes, Envelope, PublicKey,
    },
};

use super::{changes as c, creating};

/// The requirements of this chapter, in reading order.
pub(super) const CHAPTER: &[&Requirement] = &[
    &ATTESTATION_OBJECT,
    &ATTESTATION_OBJECT_STRICT,
    &AUTHENTICATOR_DATA,
    &RP_ID_HASH,
    &USER_PRESENT,
    &USER_VERIFIED,
    &BACKUP_FLAGS,
    &ALGORITHM,
    &PUBLIC_KEY,
    &PUBLIC_KEY_STRICT,
    &CREDENTIAL_ID,
    &CREDENTIAL_ID_STRICT,
];

/// A key without attestation: nothing signs the registration, so that only what is changed can be
/// refused.
const PLAIN: Model = Model { attestation: softkey::AttestationKind::None, ..Model::roaming() };
const ES256: Model = Model { algorithms: &[Algorithm::Es256], ..PLAIN };
const EDDSA: Model = Model { algorithms: &[Algorithm::EdDsa], ..PLAIN };
const RSA: Model = Model { algorithms: &[Algorithm::Rs256], ..PLAIN };

const ATTESTATION_OBJECT: Requirement = creating(
    "registration/attestation-object",
    Impact::Hygiene,
    "The attestation object is one well-formed CBOR map of format, statement and authenticator data.",
    Tamperings(
        Registration,
        &[
            tampering(
                "not-a-map",
                "CBOR that is a list",
                ObjectBytes(|b| *b = vec![0x80]),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-3 F-1"],
            ),
            tampering(
                "empty",
                "no bytes at all",
                ObjectBytes(Vec::clear),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-1 F-14"],
            ),
            tampering(
                "format-absent",
                "no format",
                Object(|o| o.remove("fmt")),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-3 F-2"],
            ),
            tampering(
                "format-number",
                "a format that is a number",
                Object(|o| o.set("fmt", Cbor::Integer(7.into()))),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-3 F-3"],
            ),
            tampering(
                "statement-absent",
                "no statement",
                Object(|o| o.remove("attStmt")),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-3 F-4"],
            ),
            tampering(
                "statement-list",
                "a statement that is a list",
                Object(|o| o.set("attStmt", Cbor::Array(Vec::new()))),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-3 F-5"],
            ),
            tampering(
                "data-absent",
                "no authenticator data",
                Object(|o| o.remove("authData")),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-3 F-6"],
            ),
            tampering(
                "data-text",
                "authenticator data that are text",
                Object(|o| o.set("authData", "x")),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-3 F-7"],
            ),
            tampering(
                "nested",
                "a thousand lists in each other",
                ObjectBytes(|b| *b = vec![0x81; 1000]),
                &["parse/cbor-deep-nesting"],
            ),
            tampering(
                "huge",
                "a list of four thousand million",
                ObjectBytes(|b| *b = vec![0x9a, 0xff, 0xff, 0xff, 0xff]),
                &["INF-064"],
            ),
        ],
    ),
);

fn two_data(o: &mut AttestationObject) {
    o.push("authData", Cbor::Bytes(vec![0; 37]));
}

const AUTHENTICATOR_DATA: Requirement = creating(
    "registration/authenticator-data",
    Impact::Hygiene,
    "The authenticator data is complete, carries the credential, and nothing stands behind it.",
    Tamperings(
        Registration,
        &[
            tampering(
                "too-short",
                "the first 36 bytes",
                AuthDataBytes(c::too_short),
                &["parse/authdata-too-short"],
            ),
            tampering(
                "cut-in-the-model",
                "cut in the middle of the model",
                AuthDataBytes(|b| b.truncate(45)),
                &[],
            ),
            tampering(
                "cut-in-the-id",
                "cut in the middle of the id",
                AuthDataBytes(|b| b.truncate(60)),
                &[],
            ),
            tampering(
                "cut-in-the-key",
                "all but the last byte",
                AuthDataBytes(|b| b.truncate(b.len().saturating_sub(1))),
                &["INF-046"],
            ),
            tampering(
                "empty",
                "no bytes at all",
                AuthDataBytes(Vec::clear),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-3 F-8"],
            ),
            tampering(
                "credential-unannounced",
                "a credential without its flag",
                AuthData(|d| d.flags.clear(Flags::AT)),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-3 F-9"],
            ),
            tampering(
                "no-credential",
                "neither a credential nor its flag",
                AuthData(no_credential),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-3 F-10"],
            ),
            tampering(
                "announced-only",
                "the flag of a credential, and none",
                AuthData(|d| d.attested = None),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-3 F-11"],
            ),
            tampering(
                "trailing",
                "a byte behind the credential",
                AuthData(c::left_over),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-3 F-12"],
            ),
            tampering(
                "id-past-the-end",
                "an id longer than what is left",
                AuthData(id_past_the_end),
                &["INF-050"],
            ),
            tampering(
                "extensions-announced-only",
                "the flag of extensions, and none",
                AuthData(c::extensions_without_data),
                &["INF-044"],
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
                &["INF-045"],
            ),
        ],
    ),
);

fn no_credential(d: &mut Data) {
    d.flags.clear(Flags::AT);
    d.attested = None;
}

fn id_past_the_end(d: &mut Data) {
    if let Some(attested) = d.attested.as_mut() {
        attested.declared_length = Some(1000);
    }
}

const RP_ID_HASH: Requirement = creating(
    "registration/rp-id-hash",
    Impact::Takeover,
    "The key was made for this portal.",
    Tamperings(
        Registration,
        &[
            tampering(
                "foreign",
                "the RP id of another site",
                AuthData(c::foreign_rp_id),
                &["INF-039"],
            ),
            tampering(
                "origin",
                "the hash of an origin instead of an RP id",
                AuthData(c::rp_id_of_the_origin),
                &[],
            ),
            tampering("zero", "a hash of zeros", AuthData(c::zero_rp_id), &[]),
        ],
    ),
);

const USER_PRESENT: Requirement = creating(
    "registration/user-present",
    Impact::Bypass,
    "The user touched the key.",
    Tamperings(
        Registration,
        &[tampering("no-touch", "nobody touched the key", AuthData(c::nobody_there), &["INF-040"])],
    ),
);

const USER_VERIFIED: Requirement = creating(
    "registration/user-verified",
    Impact::Bypass,
    "Where the portal requires it, the key verified its user.",
    Tamperings(
        Registration,
        &[TamperingCase {
            policy: Policy::verified(),
            asked: Some(Asked::Verification),
            ..tampering(
                "required",
                "the key verified nobody, though it was required",
                AuthData(c::not_verified),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-1 F-15"],
            )
        }],
    ),
);

const BACKUP_FLAGS: Requirement = creating(
    "registration/backup-flags",
    Impact::Hygiene,
    "A key that cannot be backed up does not say that it was.",
    Tamperings(
        Registration,
        &[tampering(
            "backed-up-not-eligible",
            "backed up, and not eligible for it",
            AuthData(c::backed_up_not_eligible),
            &["INF-042"],
        )],
    ),
);

const ALGORITHM: Requirement = creating(
    "registration/algorithm",
    Impact::Bypass,
    "The algorithm of the key is one that the portal offered.",
    Tamperings(
        Registration,
        &[
            key(
                "not-offered",
                "an algorithm that nobody offered",
                PublicKey(|k| k.set(CoseKey::ALG, -999)),
                &["INF-055"],
            ),
            key(
                "symmetric",
                "the number of HMAC",
                PublicKey(|k| k.set(CoseKey::ALG, 5)),
                &["crypto/symmetric-or-none-alg"],
            ),
            key("absent", "no algorithm", PublicKey(|k| k.remove(CoseKey::ALG)), &["INF-057"]),
        ],
    ),
);

/// A row on the public key, of an ES256 key without attestation, whatever the portal likes best.
const fn key(
    case: &'static str,
    title: &'static str,
    change: softkey::Tampering,
    covers: &'static [&'static str],
) -> TamperingCase {
    TamperingCase { model: ES256, ..tampering(case, title, change, covers) }
}

const PUBLIC_KEY: Requirement = creating(
    "registration/public-key",
    Impact::Bypass,
    "The public key is of the algorithm that it names, complete and sound.",
    Tamperings(
        Registration,
        &[
            key(
                "other-type",
                "an elliptic key that says it is an octet pair",
                PublicKey(|k| k.set(CoseKey::KTY, 1)),
                &["INF-056"],
            ),
            key(
                "other-curve",
                "an ES256 key that is a point of P-384",
                PublicKey(on_p384),
                &["crypto/curve-alg-mismatch"],
            ),
            key(
                "off-the-curve",
                "a point that is not on the curve",
                PublicKey(off_the_curve),
                &["INF-058"],
            ),
            key(
                "short-coordinate",
                "a coordinate of 31 bytes",
                PublicKey(|k| k.change_bytes(CoseKey::X, |x| x.truncate(31))),
                &["crypto/point-not-on-curve"],
            ),
            key(
                "long-coordinate",
                "a coordinate of 33 bytes",
                PublicKey(|k| k.change_bytes(CoseKey::X, |x| x.insert(0, 0))),
                &[],
            ),
            key(
                "compressed",
                "a compressed point",
                PublicKey(|k| k.set(CoseKey::Y, true)),
                &["INF-059"],
            ),
            key("no-y", "no second coordinate", PublicKey(|k| k.remove(CoseKey::Y)), &[]),
            TamperingCase {
                model: RSA,
                ..tampering(
                    "rsa-exponent-one",
                    "an RSA key with exponent 1",
                    PublicKey(|k| k.set(CoseKey::E, Cbor::Bytes(vec![1]))),
                    &["INF-060"],
                )
            },
            TamperingCase {
                model: RSA,
                ..tampering(
                    "rsa-short",
                    "an RSA modulus of 512 bits",
                    PublicKey(|k| k.change_bytes(CoseKey::N, |n| n.truncate(64))),
                    &["crypto/rsa-weak-key"],
                )
            },
            TamperingCase {
                model: EDDSA,
                needs: &[Ability::EdDsa],
                ..tampering(
                    "ed25519-other-curve",
                    "an Ed25519 key that says it is of the curve X25519",
                    PublicKey(|k| k.set(CoseKey::CRV, 4)),
                    &[],
                )
            },
            TamperingCase {
                model: EDDSA,
                needs: &[Ability::EdDsa],
                ..tampering(
                    "ed25519-identity",
                    "the Ed25519 key that signs everything",
                    PublicKey(identity_point),
                    &["crypto/ed25519-low-order-key"],
                )
            },
            TamperingCase {
                model: EDDSA,
                needs: &[Ability::EdDsa],
                ..tampering(
                    "ed25519-short",
                    "an Ed25519 key of 31 bytes",
                    PublicKey(|k| k.change_bytes(CoseKey::X, |x| x.truncate(31))),
                    &["crypto/ed25519-length-crash"],
                )
            },
            TamperingCase {
                model: EDDSA,
                needs: &[Ability::EdDsa],
                ..tampering(
                    "ed25519-as-es256",
                    "an Ed25519 key that says it signs ES256",
                    PublicKey(|k| k.set(CoseKey::ALG, -7)),
                    &["crypto/kty-alg-mismatch"],
                )
            },
        ],
    ),
);

/// The base point of P-384, which is a point of no other curve.
fn on_p384(k: &mut CoseKey) {
    const X: [u8; 48] = [
        0xaa, 0x87, 0xca, 0x22, 0xbe, 0x8b, 0x05, 0x37, 0x8e, 0xb1, 0xc7, 0x1e, 0xf3, 0x20, 0xad,
        0x74, 0x6e, 0x1d, 0x3b, 0x62, 0x8b, 0xa7, 0x9b, 0x98, 0x59, 0xf7, 0x41, 0xe0, 0x82, 0x54,
        0x2a, 0x38, 0x55, 0x02, 0xf2, 0x5d, 0xbf, 0x55, 0x29, 0x6c, 0x3a, 0x54, 0x5e, 0x38, 0x72,
        0x76, 0x0a, 0xb7,
    ];
    const Y: [u8; 48] = [
        0x36, 0x17, 0xde, 0x4a, 0x96, 0x26, 0x2c, 0x6f, 0x5d, 0x9e, 0x98, 0xbf, 0x92, 0x92, 0xdc,
        0x29, 0xf8, 0xf4, 0x1d, 0xbd, 0x28, 0x9a, 0x14, 0x7c, 0xe9, 0xda, 0x31, 0x13, 0xb5, 0xf0,
        0xb8, 0xc0, 0x0a, 0x60, 0xb1, 0xce, 0x1d, 0x7e, 0x81, 0x9d, 0x7a, 0x43, 0x1d, 0x7c, 0x90,
        0xea, 0x0e, 0x5f,
    ];
    k.set(CoseKey::CRV, 2);
    k.set(CoseKey::X, X.to_vec());
    k.set(CoseKey::Y, Y.to_vec());
}

fn off_the_curve(k: &mut CoseKey) {
    k.change_bytes(CoseKey::Y, |y| {
        if let Some(last) = y.last_mut() {
            *last ^= 1;
        }
    });
}

fn identity_point(k: &mut CoseKey) {
    let mut identity = vec![0; 32];
    identity[0] = 1;
    k.set(CoseKey::X, Cbor::Bytes(identity));
}

const CREDENTIAL_ID: Requirement = Requirement {
    level: Level::Must,
    ..creating(
        "registration/credential-id",
        Impact::Hygiene,
        "The credential id has at most 1023 bytes.",
        Tamperings(
            Registration,
            &[key("too-long", "an id of 1024 bytes", AuthData(|d| set_id(d, 1024)), &["INF-049"])],
        ),
    )
};

fn set_id(d: &mut Data, length: usize) {
    if let Some(attested) = d.attested.as_mut() {
        // Made of the key's own id: a portal that knows an id already refuses it for that.
        let own = attested.credential_id.clone();
        attested.credential_id = own.into_iter().cycle().take(length).collect();
    }
}

const ATTESTATION_OBJECT_STRICT: Requirement = Requirement {
    level: Level::Should,
    reasons: &["registration/attestation-object"],
    ..creating(
        "registration/attestation-object-strict",
        Impact::Hygiene,
        "No member of the attestation object stands twice, and nothing stands behind it.",
        Tamperings(
            Registration,
            &[
                tampering(
                    "format-twice",
                    "two formats",
                    Object(|o| o.duplicate("fmt")),
                    &["INF-062"],
                ),
                tampering(
                    "data-twice",
                    "authenticator data twice",
                    Object(two_data),
                    &["parse/cbor-duplicate-keys"],
                ),
                tampering(
                    "trailing",
                    "a byte behind the object",
                    ObjectBytes(|b| b.push(0)),
                    &["INF-063"],
                ),
            ],
        ),
    )
};

const PUBLIC_KEY_STRICT: Requirement = Requirement {
    level: Level::Should,
    reasons: &["registration/public-key"],
    ..creating(
        "registration/public-key-strict",
        Impact::Hygiene,
        "The public key names nothing twice, and carries nothing of the private one.",
        Tamperings(
            Registration,
            &[
                key(
                    "private-member",
                    "the private part beside the public one",
                    PublicKey(|k| k.push(CoseKey::D, Cbor::Bytes(vec![1; 32]))),
                    &["INF-061"],
                ),
                key(
                    "two-algorithms",
                    "an algorithm twice",
                    PublicKey(|k| k.push(CoseKey::ALG, -7)),
                    &[],
                ),
                key(
                    "long-form",
                    "a key whose length is in two bytes where one is enough",
                    AuthDataBytes(c::key_in_long_form),
                    &["parse/cbor-non-canonical-key"],
                ),
            ],
        ),
    )
};

const CREDENTIAL_ID_STRICT: Requirement = Requirement {
    level: Level::Should,
    reasons: &["registration/credential-id"],
    ..creating(
        "registration/credential-id-strict",
        Impact::Hygiene,
        "The credential id is not empty, and the envelope names the one that the key signed.",
        Tamperings(
            Registration,
            &[
                key("empty", "an empty id", AuthData(|d| set_id(d, 0)), &["INF-047"]),
                key(
                    "other-in-the-envelope",
                    "another id in the envelope than in the authenticator data",
                    Envelope(c::other_ids),
                    &["INF-051"],
                ),
            ],
        ),
    )
};
