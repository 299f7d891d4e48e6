//! What a ceremony decides wrongly: a part of the table of defects.

use super::{Defect, decides};
use crate::{
    check::Check,
    defect::mistakes::{answers, attestation, client_data, keys, origin},
    webauthn::{authenticator_data::Parts, json::Json},
};

pub(super) const DEFECTS: &[Defect] = &[
    decides(
        "login/origin-suffix-no-dot",
        "authentication/origin",
        "The origin's host is matched as a bare suffix of the RP id, so that a look-alike passes.",
        |r| r.authentication.origin = origin::ends_alike,
    ),
    decides(
        "login/origin-prefix",
        "authentication/origin",
        "The origin is matched by prefix, so that our host followed by another domain passes.",
        |r| r.authentication.origin = origin::begins_alike,
    ),
    decides(
        "login/origin-any-subdomain",
        "authentication/origin",
        "Every sub-domain is an accepted origin, although one host was configured.",
        |r| r.authentication.origin = origin::any_subdomain,
    ),
    decides(
        "login/origin-scheme-ignored",
        "authentication/origin",
        "The scheme of the origin is not compared.",
        |r| r.authentication.origin = origin::any_scheme,
    ),
    decides(
        "login/origin-port-ignored",
        "authentication/origin",
        "The port of the origin is not compared.",
        |r| r.authentication.origin = origin::any_port,
    ),
    decides(
        "register/origin-suffix-no-dot",
        "registration/origin",
        "At registration the origin's host is matched as a bare suffix of the RP id.",
        |r| r.registration.origin = origin::ends_alike,
    ),
    decides(
        "register/origin-prefix",
        "registration/origin",
        "At registration the origin is matched by prefix.",
        |r| r.registration.origin = origin::begins_alike,
    ),
    decides(
        "register/origin-any-subdomain",
        "registration/origin",
        "At registration every sub-domain is an accepted origin.",
        |r| r.registration.origin = origin::any_subdomain,
    ),
    decides(
        "register/origin-scheme-ignored",
        "registration/origin",
        "At registration the scheme of the origin is not compared.",
        |r| r.registration.origin = origin::any_scheme,
    ),
    decides(
        "register/origin-port-ignored",
        "registration/origin",
        "At registration the port of the origin is not compared.",
        |r| r.registration.origin = origin::any_port,
    ),
    decides(
        "login/challenge-substring",
        "authentication/challenge",
        "The challenge is matched by prefix, so that more may stand behind it.",
        |r| r.authentication.challenge = client_data::challenge_begins_alike,
    ),
    decides(
        "register/challenge-substring",
        "registration/challenge",
        "At registration the challenge is matched by prefix.",
        |r| r.registration.challenge = client_data::challenge_begins_alike,
    ),
    decides(
        "login/appid-output-trusted",
        "authentication/rp-id-hash",
        "The client's appid output switches the comparison of the RP id hash off, although no appid was asked for.",
        |r| {
            r.authentication.rp_id_hash = |sent, ours, outputs| {
                outputs.and_then(|outputs| outputs.get("appid")) == Some(&Json::Bool(true))
                    || sent == ours
            };
        },
    ),
    decides(
        "login/verify-result-ignored",
        "authentication/envelope",
        "Where the two ids of the envelope differ, the sign-in goes on whatever the signature is worth.",
        |r| r.authentication.refused = answers::ignores_the_signature,
    ),
    decides(
        "login/frames-ignored",
        "authentication/cross-origin",
        "Neither crossOrigin nor topOrigin is looked at: the sign-in may run in anybody's frame.",
        |r| r.authentication.framed = |_| true,
    ),
    decides(
        "flow/error-treated-as-success",
        "authentication/envelope",
        "An answer whose envelope cannot be read ends the checks, and the sign-in goes on.",
        |r| {
            r.authentication.refused = |refusal, attempt| {
                answers::goes_on_after(Check::AuthenticationEnvelope, refusal, attempt)
            };
        },
    ),
    decides(
        "login/counter-zero-after-nonzero",
        "authentication/counter",
        "A drop of the counter from a positive value to zero is not noticed.",
        |r| r.authentication.counter = |stored, sent| sent == 0 || sent > stored,
    ),
    decides(
        "login/counter-both-zero-rejected",
        "authentication/counters",
        "Keys without a counter, which always send zero, are locked out.",
        |r| r.authentication.counter = |stored, sent| sent > stored,
    ),
    decides(
        "login/counter-signed",
        "authentication/counters",
        "The counter is read as a signed number, so that a high one is less than none.",
        |r| {
            r.authentication.counter = |stored, sent| {
                (stored, sent) == (0, 0) || sent.cast_signed() > stored.cast_signed()
            };
        },
    ),
    decides(
        "crypto/ecdsa-zero-signature",
        "authentication/signature",
        "An ECDSA signature with r and s zero verifies.",
        |r| r.authentication.signature = answers::zeros_verify,
    ),
    decides(
        "crypto/der-lax",
        "authentication/signature",
        "ECDSA signatures are accepted in forms that DER rules out, with bytes left over too.",
        |r| r.authentication.signature = answers::lax_der,
    ),
    decides(
        "crypto/eddsa-prehashed",
        "authentication/every-signature",
        "EdDSA signatures are verified over a hash of what was signed.",
        |r| r.authentication.signature = answers::eddsa_prehashed,
    ),
    decides(
        "crypto/rsa-pss-expected",
        "authentication/every-signature",
        "RS256 signatures are verified with the padding of PS256.",
        |r| r.authentication.signature = answers::rsa_as_pss,
    ),
    decides(
        "register/credential-id-empty",
        "registration/credential-id-strict",
        "A credential id without any byte is accepted.",
        |r| r.registration.id_length = |length| length <= 1023,
    ),
    decides(
        "register/credential-id-too-long",
        "registration/credential-id",
        "Credential ids above 1023 bytes are accepted.",
        |r| r.registration.id_length = |length| length >= 1,
    ),
    decides(
        "attest/statement-not-verified",
        "registration/attestation-packed",
        "The attestation's format is recorded, its statement is never verified.",
        |r| r.registration.procedure = attestation::unread,
    ),
    decides(
        "attest/ca-certificate-as-leaf",
        "registration/attestation-packed",
        "The attestation certificate may be one of an authority: its basic constraints are not looked at.",
        |r| r.registration.leaf = |leaf| leaf.is_of_an_authenticator,
    ),
    decides(
        "parse/extension-data-swallowed",
        "registration/extensions",
        "Extension outputs behind the key are read as part of the key, so that keys which send any are refused.",
        |r| r.registration.data.extensions = |_| None,
    ),
    decides(
        "parse/authdata-fixed-length",
        "authentication/extensions",
        "The authenticator data of a sign-in has to have 37 bytes, so that keys which send an extension are refused.",
        |r| r.authentication.data.length = |length| length == 37,
    ),
    decides(
        "parse/client-extension-unknown",
        "authentication/extensions",
        "An extension output of the browser that the portal did not ask for is refused.",
        |r| {
            r.authentication.outputs = |outputs| outputs.is_none_or(|outputs| outputs.0.is_empty());
        },
    ),
    decides(
        "parse/reserved-bits",
        "authentication/flags",
        "Authenticator data with a reserved flag set is refused instead of the flag being ignored.",
        |r| r.flags = answers::no_reserved,
    ),
    decides(
        "login/uv-always-required",
        "authentication/flags",
        "The user's verification is required at sign-in although it was only preferred.",
        |r| r.authentication.user_verified = |verification| verification.said,
    ),
    decides(
        "login/uv-must-stay",
        "authentication/flags",
        "A key has to verify its user at sign-in if it did so at registration, and only then.",
        |r| {
            r.authentication.user_verified = |it| {
                (it.said || !it.required)
                    && it.said_at_registration.is_none_or(|said| said == it.said)
            };
        },
    ),
    decides(
        "parse/at-or-ed-without-data",
        "authentication/authenticator-data",
        "The flags of an assertion may announce a credential or extensions that do not follow.",
        |r| {
            r.authentication.data.parts = |flags, rest| Parts {
                attested: flags.attested() && !rest.is_empty(),
                extensions: flags.extensions() && !rest.is_empty(),
            };
        },
    ),
    decides(
        "parse/authdata-too-short",
        "authentication/authenticator-data",
        "Authenticator data that cannot be read ends the checks, and the sign-in goes on.",
        |r| {
            r.authentication.refused = |refusal, attempt| {
                answers::goes_on_after(Check::AuthenticationAuthenticatorData, refusal, attempt)
            };
        },
    ),
    decides(
        "parse/clientdata-reserialised",
        "authentication/forms",
        "The members of the client data are expected in one order, so that other browsers are refused.",
        |r| r.client_data.looks = client_data::in_order,
    ),
    decides(
        "parse/clientdata-bom",
        "authentication/forms",
        "A byte order mark before the client data breaks its reading.",
        |r| r.client_data.decoded = |text| text,
    ),
    decides(
        "parse/clientdata-unknown-member",
        "authentication/forms",
        "Client data with a member that the portal does not know is refused.",
        |r| r.client_data.looks = client_data::are_known,
    ),
    decides(
        "parse/clientdata-blanks",
        "authentication/forms",
        "The client data is compared as text, and has to stand without blanks as browsers write it.",
        |r| r.client_data.looks = |text, _| text.starts_with("{\""),
    ),
    decides(
        "parse/clientdata-first-member-counts",
        "authentication/client-data-strict",
        "A member of the client data may stand twice, and the first one counts.",
        |r| r.client_data.kept = client_data::first_of_each,
    ),
    decides(
        "parse/clientdata-missing-member",
        "authentication/client-data",
        "Client data that cannot be read ends the checks, and the sign-in goes on.",
        |r| {
            r.authentication.refused = |refusal, attempt| {
                answers::goes_on_after(Check::AuthenticationClientData, refusal, attempt)
            };
        },
    ),
    decides(
        "parse/null-members",
        "authentication/forms",
        "A user handle of null, which says that there is none, is refused.",
        |r| r.authentication.no_handle = |member| member.is_none(),
    ),
    decides(
        "parse/unknown-transport",
        "registration/transports",
        "A key that may be reached in an unknown way is stored, and whatever has to name its owner's keys falls over from then on.",
        |r| r.options.told = keys::unknown_transport_unreadable,
    ),
];
