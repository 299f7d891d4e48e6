//! The same thing, spelt as no browser spells it. The standard compares text with text and bytes
//! with bytes; a portal that reads more generously opens no door, but departs from it.

use harness::requirement::{
    Ceremony::{Authentication, Registration},
    Proof::Tamperings,
    Requirement, Source, at, tampering,
};
use reports::record::{Impact, Level};
use softkey::Tampering::{AttestationObjectBytes, ClientData};

use super::{asserting, changes as c, creating};

/// The requirements of this chapter, in reading order.
pub(super) const CHAPTER: &[&Requirement] =
    &[&REGISTRATION_CHALLENGE, &REGISTRATION_ORIGIN, &ATTESTATION_OBJECT, &CHALLENGE, &ORIGIN];

const CHALLENGE_SAYS: &str =
    "The challenge stands in the client data as its base64url, without padding.";

const ORIGIN_SAYS: &str =
    "The origin in the client data is compared as browsers write it, letter by letter.";

const VALIDATING_ORIGIN: Source =
    at("WebAuthn L3 §13.4.9", "https://www.w3.org/TR/webauthn-3/#sctn-validating-origin");

const REGISTRATION_CHALLENGE: Requirement = Requirement {
    level: Level::Should,
    reasons: &["registration/challenge"],
    ..creating(
        "registration/challenge-spelling",
        Impact::Hygiene,
        CHALLENGE_SAYS,
        Tamperings(
            Registration,
            &[
                tampering(
                    "padded",
                    "the right challenge with padding",
                    ClientData(c::padded_challenge),
                    &["INF-029"],
                ),
                tampering(
                    "blank-behind",
                    "the right challenge and a blank",
                    ClientData(c::challenge_and_a_blank),
                    &[],
                ),
            ],
        ),
    )
};

const REGISTRATION_ORIGIN: Requirement = Requirement {
    level: Level::Should,
    reasons: &["registration/origin"],
    source: VALIDATING_ORIGIN,
    ..creating(
        "registration/origin-spelling",
        Impact::Hygiene,
        ORIGIN_SAYS,
        Tamperings(
            Registration,
            &[
                tampering(
                    "slash",
                    "the right origin with a slash behind it",
                    ClientData(c::origin_and_a_slash),
                    &[],
                ),
                tampering(
                    "path",
                    "the right origin with a path behind it",
                    ClientData(c::origin_and_a_path),
                    &["INF-031"],
                ),
                tampering(
                    "capitals",
                    "the right origin in capitals",
                    ClientData(c::origin_in_capitals),
                    &[],
                ),
            ],
        ),
    )
};

const ATTESTATION_OBJECT: Requirement = Requirement {
    level: Level::Should,
    reasons: &["registration/attestation-object"],
    ..creating(
        "registration/attestation-object-spelling",
        Impact::Hygiene,
        "The attestation object is in the one form that CTAP2 allows: definite lengths, shortest numbers.",
        Tamperings(
            Registration,
            &[
                tampering(
                    "open-ended",
                    "a map that does not say how long it is",
                    AttestationObjectBytes(c::open_ended),
                    &["INF-062"],
                ),
                tampering(
                    "long-form",
                    "a length in two bytes where one is enough",
                    AttestationObjectBytes(c::long_form),
                    &[],
                ),
            ],
        ),
    )
};

const CHALLENGE: Requirement = Requirement {
    level: Level::Should,
    reasons: &["authentication/challenge"],
    ..asserting(
        "authentication/challenge-spelling",
        Impact::Hygiene,
        CHALLENGE_SAYS,
        Tamperings(
            Authentication,
            &[
                tampering(
                    "padded",
                    "the right challenge with padding",
                    ClientData(c::padded_challenge),
                    &[],
                ),
                tampering(
                    "blank-behind",
                    "the right challenge and a blank",
                    ClientData(c::challenge_and_a_blank),
                    &[],
                ),
            ],
        ),
    )
};

const ORIGIN: Requirement = Requirement {
    level: Level::Should,
    reasons: &["authentication/origin"],
    source: VALIDATING_ORIGIN,
    ..asserting(
        "authentication/origin-spelling",
        Impact::Hygiene,
        ORIGIN_SAYS,
        Tamperings(
            Authentication,
            &[
                tampering(
                    "slash",
                    "the right origin with a slash behind it",
                    ClientData(c::origin_and_a_slash),
                    &[],
                ),
                tampering(
                    "path",
                    "the right origin with a path behind it",
                    ClientData(c::origin_and_a_path),
                    &[],
                ),
                tampering(
                    "capitals",
                    "the right origin in capitals",
                    ClientData(c::origin_in_capitals),
                    &[],
                ),
            ],
        ),
    )
};
