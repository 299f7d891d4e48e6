//! The key alone: what §7.2 asks of an assertion holds as well where nobody gave a name or a
//! password. Real portals have a second path of code there, with its own mistakes.

use harness::{
    policy::Policy,
    requirement::{
        Ceremony::Passwordless, Proof::Tamperings, Requirement, TamperingCase, tampering,
    },
};
use reports::record::Impact;
use softkey::{
    Model, Signer,
    Tampering::{self, AuthData, ClientData, Signature, SignedBytes},
};

use super::{asserting, changes as c};

/// The requirements of this chapter, in reading order.
pub(super) const CHAPTER: &[&Requirement] = &[&VERIFIED];

/// A row for a passkey that signs in alone.
const fn alone(
    case: &'static str,
    title: &'static str,
    change: Tampering,
    covers: &'static [&'static str],
) -> TamperingCase {
    let (policy, model) = (Policy::passwordless(), Model::synced());
    TamperingCase { policy, model, ..tampering(case, title, change, covers) }
}

const VERIFIED: Requirement = Requirement {
    reasons: &[
        "authentication/type",
        "authentication/challenge",
        "authentication/origin",
        "authentication/rp-id-hash",
        "authentication/user-present",
        "authentication/signature",
    ],
    ..asserting(
        "passwordless/verified",
        Impact::Takeover,
        "Where the key signs in alone, its answer is verified as thoroughly as a second factor's.",
        Tamperings(
            Passwordless,
            &[
                alone(
                    "registration-type",
                    "the key alone, with the type of a registration",
                    ClientData(|d| d.kind = "webauthn.create".into()),
                    &[],
                ),
                alone(
                    "invented-challenge",
                    "the key alone, with a challenge that nobody issued",
                    ClientData(c::invented_challenge),
                    &[],
                ),
                alone(
                    "foreign-origin",
                    "the key alone, on another site",
                    ClientData(|d| d.origin = c::FOREIGN.into()),
                    &[],
                ),
                alone(
                    "lookalike-origin",
                    "the key alone, on a host that begins like ours",
                    ClientData(c::lookalike_prefix),
                    &[],
                ),
                alone(
                    "foreign-rp-id",
                    "the key alone, with the RP id of another site",
                    AuthData(c::foreign_rp_id),
                    &[],
                ),
                alone("no-touch", "the key alone, a PIN and no touch", AuthData(c::no_touch), &[]),
                alone(
                    "other-key",
                    "the key alone, signed by another key pair",
                    Tampering::Signer(Signer::Stranger),
                    &[],
                ),
                alone(
                    "over-other-data",
                    "the key alone, signed over other bytes",
                    SignedBytes(|b| b.push(0)),
                    &[],
                ),
                alone(
                    "empty-signature",
                    "the key alone, with an empty signature",
                    Signature(Vec::clear),
                    &[],
                ),
            ],
        ),
    )
};
