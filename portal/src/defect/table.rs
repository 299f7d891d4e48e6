//! The table of defects: what each is called, which requirement it breaks, and how.

use super::{
    Defect, Fault, Weakness,
    mistakes::{answers, attestation, client_data, keys, origin, sign_in, totp},
};
use crate::{
    ceremony::{begun, unheard_of},
    check::Check,
    options,
    random::Purpose,
    rules::{Checked, Rules, Spent},
    webauthn::{authenticator_data::Parts, sha256},
};

/// Every defect, by chapter of the catalogue.
pub const DEFECTS: &[Defect] = &[
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
            r.authentication.rp_id_hash =
                |sent, rp_id, outputs| outputs["appid"] == true || sent == sha256(rp_id.as_bytes());
        },
    ),
    decides(
        "login/verify-result-ignored",
        "authentication/envelope",
        "Where the two ids of the envelope differ, the sign-in goes on whatever the signature is worth.",
        |r| {
            r.authentication.refused = |refusal, lookup| {
                answers::goes_on_after(Check::AuthenticationEnvelopeId, refusal, lookup)
            };
        },
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
            r.authentication.refused = |refusal, lookup| {
                answers::goes_on_after(Check::AuthenticationEnvelope, refusal, lookup)
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
            r.authentication.outputs = |outputs| outputs.is_none_or(serde_json::Map::is_empty);
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
            r.authentication.refused = |refusal, lookup| {
                answers::goes_on_after(Check::AuthenticationAuthenticatorData, refusal, lookup)
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
            r.authentication.refused = |refusal, lookup| {
                answers::goes_on_after(Check::AuthenticationClientData, refusal, lookup)
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
    forgets(
        "register/envelope-unchecked",
        "registration/envelope-strict",
        "The outer form of a registration is not looked at.",
        Check::RegistrationEnvelope,
    ),
    forgets(
        "register/envelope-ids-differ",
        "registration/envelope-strict",
        "The two ids of a registration's envelope may differ.",
        Check::RegistrationEnvelopeId,
    ),
    forgets(
        "register/client-data-lax",
        "registration/client-data-strict",
        "The client data of a registration may be malformed as long as something can be read.",
        Check::RegistrationClientData,
    ),
    forgets(
        "register/clientdata-duplicate-members",
        "registration/client-data-strict",
        "A member of a registration's client data may stand twice; the last one counts.",
        Check::RegistrationClientDataMembers,
    ),
    forgets(
        "register/type-unchecked",
        "registration/type",
        "The type need not be webauthn.create.",
        Check::RegistrationType,
    ),
    forgets(
        "register/challenge-not-compared",
        "registration/challenge",
        "A registration is accepted with any challenge.",
        Check::RegistrationChallenge,
    ),
    forgets(
        "register/origin-unchecked",
        "registration/origin",
        "The origin is not compared at registration.",
        Check::RegistrationOrigin,
    ),
    forgets(
        "register/cross-origin-accepted",
        "registration/cross-origin",
        "A registration inside another site's frame is accepted.",
        Check::RegistrationCrossOrigin,
    ),
    forgets(
        "register/top-origin-fail-open",
        "registration/cross-origin",
        "At registration any top origin is accepted, because no rule is set for it.",
        Check::RegistrationTopOrigin,
    ),
    forgets(
        "parse/attestation-object-lax",
        "registration/attestation-object",
        "The attestation object may come in open-ended or long-winded CBOR.",
        Check::RegistrationAttestationObject,
    ),
    forgets(
        "parse/cbor-duplicate-keys",
        "registration/attestation-object-strict",
        "Maps of the attestation object may name a key twice; the last one counts.",
        Check::RegistrationAttestationKeys,
    ),
    forgets(
        "parse/attestation-object-trailing",
        "registration/attestation-object-strict",
        "Bytes behind the attestation object are ignored.",
        Check::RegistrationAttestationTrailing,
    ),
    forgets(
        "register/authdata-lax",
        "registration/authenticator-data",
        "The authenticator data of a registration need not carry what its flags announce.",
        Check::RegistrationAuthenticatorData,
    ),
    forgets(
        "register/no-attested-data",
        "registration/authenticator-data",
        "The flag that announces a new credential need not be set.",
        Check::RegistrationAttestedData,
    ),
    forgets(
        "register/authdata-trailing",
        "registration/authenticator-data",
        "Bytes behind the authenticator data of a registration are ignored.",
        Check::RegistrationTrailing,
    ),
    forgets(
        "register/rpidhash-unchecked",
        "registration/rp-id-hash",
        "The RP id hash is not compared at registration.",
        Check::RegistrationRpIdHash,
    ),
    forgets(
        "register/up-unchecked",
        "registration/user-present",
        "A registration is accepted without a touch.",
        Check::RegistrationUserPresent,
    ),
    forgets(
        "register/uv-unchecked",
        "registration/user-verified",
        "User verification is not required at registration although the policy says so.",
        Check::RegistrationUserVerified,
    ),
    forgets(
        "register/backup-flags-unchecked",
        "registration/backup-flags",
        "A new key may say that it is backed up and that it cannot be.",
        Check::RegistrationBackupFlags,
    ),
    forgets(
        "crypto/alg-not-offered",
        "registration/algorithm",
        "A key of an algorithm that was not offered is registered.",
        Check::RegistrationAlgorithm,
    ),
    forgets(
        "crypto/key-form-lax",
        "registration/public-key",
        "The coordinates of a public key may have any width, or be a compressed point.",
        Check::RegistrationPublicKey,
    ),
    forgets(
        "crypto/key-duplicate-members",
        "registration/public-key-strict",
        "A member of a public key may stand twice; the last one counts.",
        Check::RegistrationPublicKeyMembers,
    ),
    forgets(
        "crypto/kty-alg-mismatch",
        "registration/public-key",
        "The key type and the algorithm of a public key may contradict each other.",
        Check::RegistrationPublicKeyType,
    ),
    forgets(
        "crypto/curve-alg-mismatch",
        "registration/public-key",
        "The curve of a public key is not tied to its algorithm.",
        Check::RegistrationPublicKeyCurve,
    ),
    forgets(
        "crypto/private-members-accepted",
        "registration/public-key-strict",
        "A public key with private members is accepted.",
        Check::RegistrationPublicKeyPrivate,
    ),
    forgets(
        "crypto/point-not-on-curve",
        "registration/public-key",
        "A public key that is no point of its curve is registered.",
        Check::RegistrationPublicKeyPoint,
    ),
    forgets(
        "crypto/rsa-weak-key",
        "registration/public-key",
        "RSA keys of any size and any exponent are registered.",
        Check::RegistrationPublicKeyStrength,
    ),
    forgets(
        "crypto/ed25519-low-order-key",
        "registration/public-key",
        "An Ed25519 key of small order, which signs everything, is registered.",
        Check::RegistrationPublicKeyOrder,
    ),
    forgets(
        "attest/unknown-format-as-none",
        "registration/attestation-format",
        "An unknown attestation format is treated as none.",
        Check::RegistrationAttestationFormat,
    ),
    forgets(
        "attest/none-with-statement",
        "registration/attestation-none",
        "An attestation of the format none may carry a statement.",
        Check::RegistrationAttestationNone,
    ),
    forgets(
        "attest/packed-form-lax",
        "registration/attestation-packed",
        "A packed statement need not have its members.",
        Check::RegistrationPackedForm,
    ),
    forgets(
        "attest/alg-mismatch",
        "registration/attestation-packed",
        "The algorithm of a packed statement may differ from the key that signs it.",
        Check::RegistrationPackedAlgorithm,
    ),
    forgets(
        "attest/packed-signature-unchecked",
        "registration/attestation-packed",
        "The signature of a packed statement is not verified.",
        Check::RegistrationPackedSignature,
    ),
    forgets(
        "attest/certificate-unchecked",
        "registration/attestation-packed",
        "The attestation certificate may be anybody's.",
        Check::RegistrationPackedCertificate,
    ),
    forgets(
        "attest/aaguid-extension-ignored",
        "registration/attestation-packed",
        "The model that the certificate names is not compared with the one that the key names.",
        Check::RegistrationPackedAaguid,
    ),
    forgets(
        "attest/u2f-form-lax",
        "registration/attestation-u2f",
        "A U2F statement may come with any number of certificates.",
        Check::RegistrationU2fForm,
    ),
    forgets(
        "attest/u2f-nonzero-aaguid",
        "registration/attestation-u2f-model",
        "A U2F key may name a model.",
        Check::RegistrationU2fAaguid,
    ),
    forgets(
        "attest/u2f-signature-unchecked",
        "registration/attestation-u2f",
        "The signature of a U2F statement is not verified.",
        Check::RegistrationU2fSignature,
    ),
    forgets(
        "register/credential-id-length-unchecked",
        "registration/credential-id",
        "A credential id may have any length.",
        Check::RegistrationCredentialIdLength,
    ),
    forgets(
        "register/credential-id-mismatch",
        "registration/credential-id-strict",
        "The envelope's id and the id that the key signed may differ.",
        Check::RegistrationCredentialId,
    ),
    forgets(
        "register/duplicate-id-overwrites",
        "registration/credential-unique",
        "A credential id that is known already, to whomever, is registered again.",
        Check::RegistrationCredentialUnique,
    ),
    forgets(
        "login/envelope-unchecked",
        "authentication/envelope-strict",
        "The outer form of an assertion is not looked at.",
        Check::AuthenticationEnvelope,
    ),
    forgets(
        "login/envelope-ids-differ",
        "authentication/envelope-strict",
        "The two ids of an assertion's envelope may differ.",
        Check::AuthenticationEnvelopeId,
    ),
    forgets(
        "login/client-data-lax",
        "authentication/client-data-strict",
        "The client data of an assertion may be malformed as long as something can be read.",
        Check::AuthenticationClientData,
    ),
    forgets(
        "parse/clientdata-duplicate-members",
        "authentication/client-data-strict",
        "A member of an assertion's client data may stand twice; the last one counts.",
        Check::AuthenticationClientDataMembers,
    ),
    forgets(
        "login/type-unchecked",
        "authentication/type",
        "The type need not be webauthn.get.",
        Check::AuthenticationType,
    ),
    forgets(
        "login/challenge-not-compared",
        "authentication/challenge",
        "The challenge in the client data is never compared with the one that was issued.",
        Check::AuthenticationChallenge,
    ),
    forgets(
        "login/origin-unchecked",
        "authentication/origin",
        "The origin is not compared at sign-in.",
        Check::AuthenticationOrigin,
    ),
    forgets(
        "login/cross-origin-accepted",
        "authentication/cross-origin",
        "A sign-in inside another site's frame is accepted.",
        Check::AuthenticationCrossOrigin,
    ),
    forgets(
        "login/top-origin-fail-open",
        "authentication/cross-origin",
        "Any top origin is accepted, because no rule is set for it.",
        Check::AuthenticationTopOrigin,
    ),
    forgets(
        "login/authdata-lax",
        "authentication/authenticator-data",
        "The authenticator data of an assertion need not carry what its flags announce.",
        Check::AuthenticationAuthenticatorData,
    ),
    forgets(
        "login/authdata-trailing",
        "authentication/authenticator-data",
        "Bytes behind the authenticator data of an assertion are ignored.",
        Check::AuthenticationTrailing,
    ),
    forgets(
        "login/rpidhash-unchecked",
        "authentication/rp-id-hash",
        "The RP id hash is not compared at sign-in.",
        Check::AuthenticationRpIdHash,
    ),
    forgets(
        "login/up-unchecked",
        "authentication/user-present",
        "A sign-in is accepted without a touch.",
        Check::AuthenticationUserPresent,
    ),
    forgets(
        "login/uv-unchecked",
        "authentication/user-verified",
        "User verification is not required at sign-in although the policy says so.",
        Check::AuthenticationUserVerified,
    ),
    forgets(
        "login/backup-flags-unchecked",
        "authentication/backup-flags",
        "A key may say that it is backed up and that it cannot be.",
        Check::AuthenticationBackupFlags,
    ),
    forgets(
        "login/backup-eligible-flip",
        "authentication/backup-eligibility",
        "Whether a key can be backed up may change between registration and sign-in.",
        Check::AuthenticationBackupEligibility,
    ),
    forgets(
        "login/unknown-credential-accepted",
        "authentication/credential",
        "A sign-in with a credential that nobody registered skips whatever needs its record.",
        Check::AuthenticationCredential,
    ),
    forgets(
        "login/credential-of-other-user",
        "authentication/credential",
        "Another user's key signs in.",
        Check::AuthenticationCredentialOwner,
    ),
    forgets(
        "login/offered-list-not-enforced",
        "authentication/credential",
        "A key signs in although it was not among those that were asked for.",
        Check::AuthenticationCredentialListed,
    ),
    forgets(
        "login/user-handle-unchecked",
        "authentication/user-handle",
        "The user handle is not compared with the user's.",
        Check::AuthenticationUserHandle,
    ),
    forgets(
        "login/user-handle-optional",
        "authentication/user-handle",
        "A sign-in without a user name need not carry a user handle.",
        Check::AuthenticationUserHandleMissing,
    ),
    forgets(
        "login/signature-unchecked",
        "authentication/signature",
        "The signature of an assertion is not verified.",
        Check::AuthenticationSignature,
    ),
    forgets(
        "login/counter-ignored",
        "authentication/counter",
        "The signature counter is not compared.",
        Check::AuthenticationCounter,
    ),
    // The portal around the ceremonies.
    decides(
        "login/challenge-constant",
        "authentication/options",
        "Every challenge is the same.",
        |r| r.challenge.issued = |random| random.constant::<32>("challenge").to_vec(),
    ),
    decides(
        "login/challenge-short",
        "authentication/options",
        "A challenge has eight bytes.",
        |r| r.challenge.issued = |random| random.draw::<8>(Purpose::Challenge).to_vec(),
    ),
    decides(
        "login/rp-id-of-the-domain-above",
        "authentication/options",
        "At sign-in the RP id is the domain above the portal's, which other hosts share.",
        |r| {
            r.options.rp_id = |domain| domain.split_once('.').map_or(domain, |(_, above)| above);
        },
    ),
    decides(
        "login/challenge-padded",
        "authentication/options-form",
        "The challenge is written with padding.",
        |r| r.options.challenge = |challenge| options::text(challenge) + "=",
    ),
    decides(
        "login/keys-not-named",
        "authentication/options",
        "After the password no key is named to the browser.",
        |r| r.options.allowed = |_, _| Vec::new(),
    ),
    decides(
        "login/decoy-named",
        "authentication/options",
        "A made-up key is named beside the user's own, although the password has told who signs in.",
        |r| r.options.allowed = keys::with_a_decoy,
    ),
    decides(
        "login/challenge-from-client",
        "login/challenge-once",
        "The expected challenge is the one that the answer names.",
        |r| {
            r.challenge.of_answer = |world, asked, claimed| {
                let named = claimed.map(|claimed| unheard_of(world, asked, claimed));
                named.or_else(|| begun(world, asked, claimed))
            };
        },
    ),
    decides("login/challenge-reusable", "login/challenge-once", "A challenge stays good.", |r| {
        r.challenge.spent = Spent::Never
    }),
    decides(
        "login/challenge-race",
        "login/challenge-once",
        "A challenge is spent after the answer was verified.",
        |r| r.challenge.spent = Spent::AfterVerification,
    ),
    decides(
        "login/retry-answered-again",
        "login/challenge-once",
        "An answer that comes again is taken for a retry and signs in once more, wherever it comes from.",
        |r| r.sign_in.repeated = sign_in::repeats,
    ),
    decides(
        "register/challenge-reusable",
        "registration/challenge-once",
        "A challenge stays good.",
        |r| r.challenge.spent = Spent::Never,
    ),
    forgets(
        "login/challenge-never-issued",
        "login/challenge-once",
        "A used challenge, or none at all, is taken.",
        Check::LoginChallengeOnce,
    ),
    forgets(
        "register/challenge-never-issued",
        "registration/challenge-once",
        "At registration a used challenge, or none at all, is taken.",
        Check::RegistrationChallengeOnce,
    ),
    forgets(
        "login/challenge-not-session-bound",
        "login/challenge-bound",
        "A challenge issued to one browser is accepted from another.",
        Check::LoginChallengeBound,
    ),
    forgets(
        "register/challenge-not-session-bound",
        "registration/challenge-bound",
        "A registration challenge issued to one browser is accepted from another.",
        Check::RegistrationChallengeBound,
    ),
    forgets(
        "login/challenge-no-expiry",
        "login/challenge-lifetime",
        "The server never ages a challenge.",
        Check::LoginChallengeLifetime,
    ),
    decides(
        "login/challenge-short-lived",
        "login/challenge-lifetime",
        "A challenge lives half as long as the browser is told.",
        |r| r.challenge.lifetime = 30,
    ),
    forgets(
        "register/challenge-no-expiry",
        "registration/challenge-lifetime",
        "The server never ages a registration challenge.",
        Check::RegistrationChallengeLifetime,
    ),
    decides(
        "register/challenge-short-lived",
        "registration/challenge-lifetime",
        "At registration a challenge lives half as long as the browser is told.",
        |r| r.challenge.lifetime = 30,
    ),
    forgets(
        "login/purpose-confusion",
        "login/purpose",
        "A registration challenge is good for a sign-in.",
        Check::LoginPurpose,
    ),
    forgets(
        "register/purpose-confusion",
        "registration/purpose",
        "A sign-in challenge is good for a registration.",
        Check::RegistrationPurpose,
    ),
    decides(
        "login/timeout-unannounced",
        "browser-timeout/announced",
        "The browser is given another time limit than the portal keeps.",
        |r| r.options.timeout = 600_000,
    ),
    decides(
        "login/timeout-in-seconds",
        "authentication/options-form",
        "The browser's time limit is written in seconds instead of milliseconds.",
        |r| r.options.timeout = 60,
    ),
    decides(
        "login/uv-policy-from-client",
        "authentication/user-verified",
        "The client says whether its user has to be verified.",
        |r| r.options.verification = |policy, said| said.unwrap_or(policy),
    ),
    decides(
        "login/account-from-current-session",
        "login/passwordless",
        "Where somebody is signed in already, a key signs that account in.",
        |r| r.sign_in.account = sign_in::of_session,
    ),
    weak(
        "register/user-from-path",
        "registration/challenge-bound",
        "The key is stored for the user that the request names.",
        Weakness::RegistrationUserFromRequest,
    ),
    decides(
        "login/finish-without-begin",
        "login/password-step",
        "A key's answer without a password step is taken for its owner's.",
        |r| r.sign_in.begun = sign_in::begun_by_nobody,
    ),
    decides(
        "login/account-from-userhandle",
        "authentication/user-handle",
        "The account is that of the user handle, which nobody signed.",
        |r| r.sign_in.account = sign_in::of_user_handle,
    ),
    decides(
        "login/empty-allowlist-matches-any",
        "authentication/credential",
        "An empty list of keys is read as any key.",
        |r| r.keys.answers = |listed, own| own || listed.is_empty(),
    ),
    decides(
        "login/counter-rollback-stored",
        "wrong-key/cloned",
        "A counter that went back is refused and stored, so that the clone passes the next time.",
        |r| r.keys.went_back = |key, sent| key.credential.counter = sent,
    ),
    decides(
        "login/counter-race",
        "wrong-key/cloned",
        "The counter is compared when the key is looked up, and not when it is stored.",
        |r| r.keys.counter_compared = Checked::BeforeItActs,
    ),
    decides(
        "login/clone-locks-key",
        "wrong-key/cloned",
        "A counter that went back locks the key for good, its owner's as well.",
        |r| r.keys.went_back = |key, _| key.credential.counter = u32::MAX,
    ),
    decides(
        "login/newest-key-verifies",
        "login/any-key",
        "Every answer is verified with the public key that was registered last.",
        |r| r.keys.record = keys::newest,
    ),
    decides(
        "login/one-try-only",
        "wrong-key/try-again",
        "After one wrong key a sign-in takes no other.",
        |r| r.sign_in.takes = sign_in::one_try_only,
    ),
    forgets(
        "login/disabled-account",
        "login/disabled-account",
        "The factor step does not ask whether the account is enabled.",
        Check::LoginEnabledAtFactor,
    ),
    forgets(
        "login/disabled-account-password",
        "login/disabled-account",
        "The password step does not ask whether the account is enabled.",
        Check::LoginEnabled,
    ),
    weak(
        "login/deleted-credential-accepted",
        "deleted-credential/at-once",
        "A key that was deleted after the options were issued is accepted.",
        Weakness::DeletedKeyStays,
    ),
    weak(
        "login/deleted-credential-cached",
        "deleted-credential/dead",
        "A deleted key is gone from the list, and nowhere else.",
        Weakness::DeletedKeyStays,
    ),
    weak(
        "manage/deleted-key-asked-for",
        "deleted-credential/not-asked-for",
        "A deleted key is asked for still.",
        Weakness::DeletedKeyAskedFor,
    ),
    weak(
        "manage/factor-outlives-keys",
        "deleted-credential/not-asked-for",
        "Whoever had a key is asked for a factor, although the last one is deleted.",
        Weakness::FactorOutlivesKeys,
    ),
    weak(
        "manage/deleted-label-taken",
        "deleted-credential/again",
        "The label of a deleted key stays taken, so that the key cannot come back under it.",
        Weakness::DeletedLabelStaysTaken,
    ),
    weak(
        "manage/deleted-key-listed",
        "deleted-credential/again",
        "A deleted key stays in the list beside the one that takes its place.",
        Weakness::DeletedKeyListed,
    ),
    forgets(
        "login/method-switched-off",
        "login/key-allowed",
        "Keys that were switched off still sign in.",
        Check::LoginKeyAllowed,
    ),
    forgets(
        "login/passwordless-off",
        "login/passwordless",
        "The key alone signs in where the administrator does not allow it.",
        Check::LoginPasswordless,
    ),
    forgets(
        "flow/factor-downgrade",
        "login/only-key",
        "Where only the key counts a code signs in.",
        Check::LoginOnlyKey,
    ),
    weak(
        "flow/factor-downgrade-to-push",
        "login/only-key",
        "Where only the key counts codes sign nobody in, and an approved prompt does.",
        Weakness::OnlyKeyBindsCodesOnly,
    ),
    forgets(
        "flow/wrong-password-accepted",
        "login/password",
        "A wrong password is accepted.",
        Check::LoginPassword,
    ),
    forgets(
        "flow/no-password-limit",
        "login/password-limit",
        "Passwords can be guessed without limit.",
        Check::LoginPasswordLimit,
    ),
    weak(
        "flow/locked-for-ever",
        "login/password-limit",
        "An account that was locked for a while stays locked.",
        Weakness::LockedForEver,
    ),
    forgets(
        "flow/back-steps",
        "login/factor-required",
        "The account page opens to a session without its factor.",
        Check::LoginFactorRequired,
    ),
    weak(
        "flow/full-session-after-password",
        "login/factor-required",
        "The session is full after the password; the factor is only a hint.",
        Weakness::FullAfterPassword,
    ),
    forgets(
        "flow/pending-token-accepted-by-api",
        "login/factor-required",
        "The list of keys opens to a session without its factor.",
        Check::KeysSignedIn,
    ),
    weak(
        "flow/webauthn-only-user-has-no-mfa",
        "login/factor-required",
        "Only codes count as a factor.",
        Weakness::KeyOnlyUserHasNoFactor,
    ),
    weak(
        "flow/unsupported-browser-skips",
        "unsupported-browser/still-asked",
        "A browser that cannot use a key is let in without one.",
        Weakness::UnsupportedBrowserSkips,
    ),
    forgets(
        "flow/dead-ceremony-in-old-browser",
        "login/browser",
        "Internet Explorer is sent into a ceremony that cannot work.",
        Check::LoginBrowser,
    ),
    weak(
        "flow/browser-version-as-text",
        "unsupported-browser/offered",
        "The browser's version is compared as text, so that 130 is older than 67.",
        Weakness::VersionsComparedAsText,
    ),
    weak(
        "flow/every-safari-refused",
        "unsupported-browser/offered",
        "Safari counts as unable to use a key, whatever its version.",
        Weakness::EverySafariRefused,
    ),
    forgets(
        "register/platform-key-anywhere",
        "registration/browser",
        "Touch ID is registered where it cannot be used.",
        Check::RegistrationBrowser,
    ),
    weak(
        "register/chrome-taken-for-safari",
        "registration/browser",
        "Chrome on a Mac is taken for Safari, which it also names.",
        Weakness::ChromeTakenForSafari,
    ),
    weak(
        "register/platform-key-in-chrome-only",
        "registration/browser",
        "Platform authenticators are refused in other browsers than Chrome, on Windows too.",
        Weakness::PlatformKeyInChromeOnly,
    ),
    weak(
        "flow/password-step-skippable",
        "login/password-step",
        "The factor step takes the user's name from the request.",
        Weakness::PasswordStepSkippable,
    ),
    weak(
        "flow/mfa-user-swapped",
        "login/password-step",
        "The code step takes the user's name from the request.",
        Weakness::FactorUserFromRequest,
    ),
    weak(
        "flow/session-fixation",
        "login/session-renewed",
        "The session keeps its id at the password step.",
        Weakness::SessionKeptAtPassword,
    ),
    weak(
        "flow/session-not-rotated-after-mfa",
        "login/session-renewed",
        "The session keeps its id at the factor.",
        Weakness::SessionKeptAtFactor,
    ),
    weak(
        "flow/logout-keeps-session",
        "login/sign-out",
        "Signing out only deletes the cookie.",
        Weakness::SignOutKeepsSession,
    ),
    weak(
        "enum/login-reveals-user",
        "login/enumeration",
        "An unknown user name is told apart from a wrong password.",
        Weakness::UnknownUserNamed,
    ),
    weak(
        "register/pending-login-allowed",
        "registration/signed-in",
        "A session after the password alone may register a key.",
        Weakness::HalfSessionRegisters,
    ),
    weak(
        "register/unauthenticated",
        "registration/signed-in",
        "Whoever asks is given registration options, signed in or not.",
        Weakness::VisitorRegisters,
    ),
    weak(
        "register/finish-without-session",
        "registration/signed-in",
        "The challenge alone tells whose new key it is: nobody asks who answers, or whether the user is still signed in.",
        Weakness::RegistrantFromChallenge,
    ),
    forgets(
        "register/self-registration-ignored",
        "registration/self-service",
        "Users register keys although the administrator does not let them.",
        Check::RegistrationSelfService,
    ),
    forgets(
        "register/key-off-ignored",
        "registration/key-allowed",
        "Users register keys although keys are switched off.",
        Check::RegistrationKeyOff,
    ),
    forgets(
        "register/no-fresh-authentication",
        "registration/fresh-authentication",
        "An old session may add a key.",
        Check::RegistrationFresh,
    ),
    weak(
        "register/fresh-for-half-the-time",
        "registration/fresh-authentication",
        "A session counts as old after half of the time that the policy allows.",
        Weakness::FreshForHalfTheTime,
    ),
    forgets(
        "register/unlimited-keys",
        "registration/key-limit",
        "There is no limit to the keys of a user.",
        Check::RegistrationKeyLimit,
    ),
    forgets(
        "register/label-unchecked",
        "registration/label",
        "A label may hold anything, and any amount of it.",
        Check::RegistrationLabel,
    ),
    weak(
        "register/label-required",
        "registration/label",
        "A key without a label is refused.",
        Weakness::LabelRequired,
    ),
    weak(
        "register/label-escaped",
        "registration/label",
        "The label is escaped when it is stored, and comes back as nobody typed it.",
        Weakness::LabelEscaped,
    ),
    weak(
        "register/label-lost",
        "registration/plain",
        "The label is not stored with the key.",
        Weakness::LabelLost,
    ),
    weak(
        "register/listed-before-touch",
        "registration/abandoned",
        "The key stands in the list as soon as its options are asked for.",
        Weakness::ListedBeforeTouch,
    ),
    decides(
        "register/issued-key-not-own",
        "registration/by-administrator",
        "A key that the administrator registers counts as the administrator's own.",
        |r| {
            r.keys.owns = |owner, key, name| owner == name && !key.administered;
        },
    ),
    weak(
        "register/duplicate-id-race",
        "registration/credential-unique",
        "Whether a credential id is new is asked before it is stored, and not when.",
        Weakness::DuplicateRace,
    ),
    weak(
        "register/one-key-only",
        "registration/several",
        "A user has one key; another takes its place.",
        Weakness::SecondKeyReplacesFirst,
    ),
    weak(
        "register/other-factor-dropped",
        "registration/other-factors",
        "Registering a key removes the authenticator app.",
        Weakness::RegistrationDropsTotp,
    ),
    weak(
        "register/push-dropped",
        "registration/other-factors",
        "Registering a key removes the push device.",
        Weakness::RegistrationDropsPush,
    ),
    decides(
        "register/exclude-list-empty",
        "registration/options",
        "The options do not name the keys that the user has.",
        |r| r.options.excluded = |_| Vec::new(),
    ),
    decides(
        "register/user-handle-has-pii",
        "registration/options",
        "The user handle is the user's name.",
        |r| r.options.new_handle = |_, name| name.as_bytes().to_vec(),
    ),
    decides(
        "register/user-handle-unstable",
        "registration/options",
        "The user handle differs from ceremony to ceremony.",
        |r| r.options.handle = keys::another_handle,
    ),
    decides(
        "register/user-handle-shared",
        "registration/options",
        "All users have one user handle.",
        |r| {
            r.options.new_handle = |world, _| world.random.constant::<32>("user handle").to_vec();
        },
    ),
    decides(
        "register/user-handle-counts",
        "registration/handle-random",
        "The user handle is the number of the account.",
        |r| {
            r.options.new_handle = |world, _| (world.users.len() + 1).to_string().into_bytes();
        },
    ),
    decides(
        "register/rp-id-of-the-domain-above",
        "registration/options",
        "The RP id is the domain above the portal's, which other hosts share.",
        |r| {
            r.options.rp_id = |domain| domain.split_once('.').map_or(domain, |(_, above)| above);
        },
    ),
    decides(
        "register/only-es256-offered",
        "registration/interoperable",
        "No other algorithm than ES256 is offered.",
        |r| r.options.offers = |algorithm| algorithm == -7,
    ),
    decides(
        "register/algorithms-left-out",
        "registration/options-form",
        "The options offer no algorithm, and leave the choice to the browser.",
        |r| r.options.offers = |_| false,
    ),
    decides(
        "register/residency-contradicted",
        "registration/options-form",
        "The old member requires a discoverable key where the new one only prefers it.",
        |r| r.options.requires_resident_key = true,
    ),
    forgets(
        "manage/delete-idor",
        "keys/own",
        "Anyone signed in renames and deletes anybody's key.",
        Check::KeysOwn,
    ),
    forgets(
        "manage/administered-key-renamed",
        "keys/administered",
        "The user renames a key of the administrator's.",
        Check::KeysAdministered,
    ),
    forgets(
        "manage/last-factor-removable",
        "keys/last-factor",
        "The last factor can be deleted although one is required.",
        Check::KeysLastFactor,
    ),
    weak(
        "manage/last-factor-miscounted",
        "keys/last-factor",
        "Kinds of factors are counted instead of factors.",
        Weakness::FactorKindsCounted,
    ),
    forgets(
        "manage/disable-without-proof",
        "keys/fresh-authentication",
        "An old session may delete a key.",
        Check::KeysFresh,
    ),
    forgets(
        "manage/list-shown-when-off",
        "keys/visible",
        "The list is shown although keys are switched off.",
        Check::KeysVisible,
    ),
    weak(
        "manage/rename-breaks-key",
        "keys/rename",
        "Renaming a key breaks it.",
        Weakness::RenameResetsKey,
    ),
    forgets(
        "totp/enrol-wrong-code",
        "totp/enrolment-confirmed",
        "Any code completes the set-up.",
        Check::TotpEnrolmentConfirmed,
    ),
    decides(
        "totp/enrol-without-confirm",
        "totp/enrolment-confirmed",
        "A secret is active before a code of it was entered.",
        |r| r.totp.shown = totp::active_at_once,
    ),
    decides(
        "totp/re-enrol-keeps-verified",
        "totp/active-stays",
        "A new set-up replaces the active secret at once.",
        |r| r.totp.shown = totp::swapped_at_once,
    ),
    weak(
        "totp/rotate-before-mfa",
        "totp/signed-in",
        "A session after the password alone may set codes up.",
        Weakness::HalfSessionEnrolsTotp,
    ),
    weak(
        "totp/unauthenticated",
        "totp/signed-in",
        "Whoever asks is shown a secret, signed in or not.",
        Weakness::VisitorEnrolsTotp,
    ),
    weak(
        "totp/listed-as-key",
        "totp/separate",
        "The authenticator app stands in the list of keys.",
        Weakness::CodesListedAsKey,
    ),
    decides(
        "totp/missing-secret-passes",
        "totp/separate",
        "Where no codes are set up, every code passes.",
        |r| r.totp.accepted = totp::of_no_secret,
    ),
    decides(
        "totp/secret-fixed-before-setup",
        "totp/secret",
        "A user is shown the same secret every time.",
        |r| {
            r.totp.secret = |random, name| random.constant(&format!("totp secret {name}"));
        },
    ),
    decides("totp/secret-shared", "totp/secret", "Every user is shown the same secret.", |r| {
        r.totp.secret = |random, _| random.constant("totp secret")
    }),
    decides(
        "totp/replay-across-purposes",
        "totp/once",
        "The code of the set-up signs in as well.",
        |r| r.totp.confirmed = |_| 0,
    ),
    decides("totp/replay-same-step", "totp/once", "A code is accepted again in its step.", |r| {
        r.totp.used = |_, _| ()
    }),
    decides(
        "totp/replay-in-drift-window",
        "totp/once",
        "A used code is refused only within its own step.",
        |r| {
            // Looks only at the step of now, and forgets the trailing one.
            r.totp.unused = |step, last, present| !(step == last && step == present);
        },
    ),
    decides(
        "totp/replay-older-than-last",
        "totp/once",
        "An older code is accepted after a newer one.",
        |r| r.totp.unused = |step, last, _| step != last,
    ),
    decides("totp/replay-race", "totp/once", "A code is used up after the sign-in.", |r| {
        r.totp.used_up = Checked::BeforeItActs
    }),
    forgets("totp/once-forgotten", "totp/once", "Used codes are not remembered.", Check::TotpOnce),
    decides("totp/window-too-wide", "totp/window", "Codes of three steps ago are accepted.", |r| {
        r.totp.window = |step| step.saturating_sub(3)..=step + 1
    }),
    decides(
        "totp/window-future",
        "totp/window",
        "Codes of three steps from now are accepted.",
        |r| r.totp.window = |step| step.saturating_sub(1)..=step + 3,
    ),
    decides("totp/step-off-by-one", "totp/window", "A code of the next step is refused.", |r| {
        r.totp.window = |step| step.saturating_sub(1)..=step
    }),
    decides(
        "totp/window-too-narrow",
        "totp/window",
        "Only the code of the present step is accepted.",
        |r| r.totp.window = |step| step..=step,
    ),
    forgets("totp/wrong-code-accepted", "totp/code", "A wrong code is accepted.", Check::TotpCode),
    decides(
        "totp/single-digit-accepted",
        "totp/code",
        "The beginning of a code is accepted.",
        |r| r.totp.accepted = totp::beginning,
    ),
    decides("totp/empty-or-null-accepted", "totp/code", "An empty code is accepted.", |r| {
        r.totp.accepted = totp::empty
    }),
    decides("totp/other-users-code", "totp/code", "Anybody's code is accepted.", |r| {
        r.totp.accepted = totp::anybodys
    }),
    forgets(
        "totp/no-attempt-limit",
        "totp/limit",
        "Codes can be guessed without limit.",
        Check::TotpLimit,
    ),
    decides(
        "totp/limit-reset-by-new-login",
        "totp/limit",
        "Wrong codes are counted in the session.",
        |r| r.totp.counted_for = |_, session| session,
    ),
    forgets(
        "totp/enrolment-period-ignored",
        "totp/enrolment-period",
        "The enrollment period never ends.",
        Check::TotpEnrolmentPeriod,
    ),
    decides(
        "totp/enrolment-period-unit",
        "totp/enrolment-period",
        "The enrollment period is set in seconds and counted in milliseconds.",
        |r| r.totp.set_up_missed = totp::period_in_milliseconds,
    ),
    decides(
        "totp/enrolment-reset-ignored",
        "totp/enrolment-period",
        "The administrator's reset does not begin the enrollment period anew.",
        |r| r.totp.period_reset = |_, _| (),
    ),
    forgets(
        "totp/no-fresh-authentication",
        "totp/fresh-authentication",
        "An old session may set codes up.",
        Check::TotpFresh,
    ),
    forgets(
        "reset/expiry-on-page-only",
        "reset/lifetime",
        "Expiry is asked when the link is opened, and not when the password is set.",
        Check::ResetLifetimeAtFinish,
    ),
    weak(
        "reset/token-reusable",
        "reset/once",
        "A reset token works again.",
        Weakness::TokenReusable,
    ),
    weak(
        "reset/token-race",
        "reset/once",
        "A reset token is spent after the password was set.",
        Weakness::ResetRace,
    ),
    weak(
        "reset/token-spent-by-member",
        "reset/once",
        "A reset token is spent only where the body repeats it.",
        Weakness::TokenSpentByMember,
    ),
    forgets(
        "reset/older-token-valid",
        "reset/newest",
        "An older link works after a newer one was asked for.",
        Check::ResetNewest,
    ),
    weak(
        "reset/token-static",
        "reset/token",
        "A user's reset token is always the same.",
        Weakness::TokenStatic,
    ),
    weak(
        "reset/token-weak",
        "reset/token",
        "The reset token is made of the time.",
        Weakness::TokenWeak,
    ),
    weak(
        "reset/token-by-prefix",
        "reset/token",
        "Only the beginning of the reset token is compared.",
        Weakness::TokenByPrefix,
    ),
    weak(
        "reset/token-not-user-bound",
        "reset/token",
        "The reset takes the user's name from the request.",
        Weakness::ResetUserFromRequest,
    ),
    weak(
        "reset/token-in-answer",
        "reset/token",
        "The reset token is in the answer to the request.",
        Weakness::TokenInAnswer,
    ),
    forgets(
        "reset/change-without-mfa",
        "reset/factor",
        "The mailed link alone changes the password of a user who has a key.",
        Check::ResetFactor,
    ),
    forgets(
        "reset/any-challenge",
        "reset/key",
        "A challenge issued for a sign-in confirms a reset.",
        Check::ResetKeyChallenge,
    ),
    weak(
        "reset/opened-by-scanner",
        "reset/plain",
        "Opening the link uses it up.",
        Weakness::OpeningSpends,
    ),
    weak(
        "reset/sessions-kept",
        "reset/sessions",
        "A reset leaves the user's sessions alone.",
        Weakness::ResetKeepsSessions,
    ),
    weak(
        "reset/removes-mfa",
        "reset/not-signed-in",
        "A reset removes the user's factors.",
        Weakness::ResetRemovesFactors,
    ),
    weak(
        "reset/auto-login-skips-mfa",
        "reset/not-signed-in",
        "A reset signs in.",
        Weakness::ResetSignsIn,
    ),
    weak(
        "reset/enumeration-content",
        "reset/enumeration",
        "An unknown address is told apart.",
        Weakness::UnknownAddressNamed,
    ),
    forgets(
        "reset/works-for-disabled",
        "reset/disabled-account",
        "A disabled account is mailed a link.",
        Check::ResetDisabled,
    ),
    forgets("reset/no-limit", "reset/limit", "Links are mailed without limit.", Check::ResetLimit),
    forgets(
        "password/change-without-mfa",
        "password/factor",
        "The password is changed without the key of a user who has one.",
        Check::PasswordFactor,
    ),
    weak(
        "password/only-codes-confirm",
        "password/factor",
        "A change of password takes no key's answer: whoever has a key cannot change it.",
        Weakness::OnlyCodesConfirm,
    ),
    forgets(
        "push/denial-accepted",
        "push/answer",
        "Any answer to a prompt signs in, a denial as well.",
        Check::PushApproved,
    ),
    weak(
        "push/pending-accepted",
        "push/answer",
        "A prompt that nobody has answered yet is taken for an approved one.",
        Weakness::PendingPromptPasses,
    ),
    weak(
        "push/approval-ignored",
        "push/answer",
        "Prompts are offered and sent, and an approval signs nobody in.",
        Weakness::ApprovalIgnored,
    ),
    weak(
        "push/denial-sticks",
        "push/answer",
        "Once a prompt was denied no approval of the user counts any more.",
        Weakness::DenialSticks,
    ),
    weak(
        "push/approval-of-any-session",
        "push/own-prompt",
        "An approval counts for every session of the user, for as long as the prompt lives.",
        Weakness::ApprovalOfAnySession,
    ),
    weak(
        "push/replaces-key",
        "push/choice",
        "Whoever has a push device is not asked for a key any more.",
        Weakness::PushReplacesKey,
    ),
    weak(
        "push/replaces-codes",
        "push/choice",
        "Whoever has a push device cannot enter codes any more.",
        Weakness::PushReplacesCodes,
    ),
    weak(
        "push/no-factor",
        "login/factor-required",
        "A push device does not count as a factor: without another one the password is enough.",
        Weakness::PushIsNoFactor,
    ),
    weak(
        "push/left-out-at-reset",
        "reset/factor",
        "A push device does not count at a reset: without another factor the mailed link is enough.",
        Weakness::PushLeftOutAtReset,
    ),
    forgets(
        "push/off-ignored",
        "push/allowed",
        "A prompt signs in although the administrator has switched push off.",
        Check::PushAllowed,
    ),
    forgets("flow/push-flood", "push/limit", "Prompts are sent without limit.", Check::PushLimit),
    weak(
        "push/limit-reset-by-new-login",
        "push/limit",
        "Prompts are counted in the session.",
        Weakness::PromptLimitInSession,
    ),
    forgets(
        "sso/code-before-mfa",
        "sso/factor-required",
        "Whoever has entered the password is sent to the application with a good ticket.",
        Check::SsoFactorRequired,
    ),
    weak(
        "sso/factor-waived-for-application",
        "sso/factor-required",
        "A sign-in that an application asked for is done with the password.",
        Weakness::FactorWaivedForApplication,
    ),
    weak(
        "sso/ticket-names-nobody",
        "sso/from-portal",
        "The application is told that the ticket is good, and not whose it is.",
        Weakness::TicketNamesNobody,
    ),
    weak(
        "sso/ticket-names-another",
        "sso/own-account",
        "The application is told the name of the first account, whosever the session is.",
        Weakness::TicketNamesFirstUser,
    ),
    weak(
        "sso/application-forgotten-at-factor",
        "sso/from-application",
        "After the factor the portal does not remember which application asked.",
        Weakness::ApplicationForgotten,
    ),
    weak(
        "sso/browser-unasked",
        "sso/browser",
        "A sign-in that an application asked for sends any browser into a key ceremony.",
        Weakness::BrowserUnaskedForApplication,
    ),
    forgets(
        "sso/missed-enrolment-ignored",
        "sso/enrolment-period",
        "Whoever missed the period for setting codes up is sent to the application all the same.",
        Check::SsoEnrolmentPeriod,
    ),
    weak(
        "sso/open-after-sign-out",
        "sso/sign-out",
        "Signing out ends the portal's pages, and leaves applications open.",
        Weakness::ApplicationsStayOpen,
    ),
    Defect {
        id: "canary/accepts-everything",
        breaks: "authentication/signature",
        says: "It makes no check at all.",
        fault: Fault::AcceptsEverything,
    },
];

const fn decides(
    id: &'static str,
    breaks: &'static str,
    says: &'static str,
    change: fn(&mut Rules),
) -> Defect {
    Defect { id, breaks, says, fault: Fault::Decides(change) }
}

const fn weak(
    id: &'static str,
    breaks: &'static str,
    says: &'static str,
    weakness: Weakness,
) -> Defect {
    Defect { id, breaks, says, fault: Fault::Weakness(weakness) }
}

const fn forgets(
    id: &'static str,
    breaks: &'static str,
    says: &'static str,
    check: Check,
) -> Defect {
    Defect { id, breaks, says, fault: Fault::Forgets(check) }
}
