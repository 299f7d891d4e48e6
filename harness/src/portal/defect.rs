//! What the reference portal can be told to forget or to weaken, one thing at a time.

use super::check::Check;

/// How a defective portal goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It does not make a check.
    Forgets(Check),
    /// It makes a check badly.
    Weakness(Weakness),
    /// It makes no check at all: the canary.
    AcceptsEverything,
}

/// A check made badly, each as a real portal made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weakness {
    /// The origin's host is compared by its end, without a dot before it.
    OriginSuffix,
    /// The origin is compared by its beginning.
    OriginPrefix,
    /// Every sub-domain's origin passes.
    OriginSubdomain,
    /// The origin's scheme is not compared.
    OriginScheme,
    /// The origin's port is not compared.
    OriginPort,
    /// As [`Weakness::OriginSuffix`], at registration.
    RegistrationOriginSuffix,
    /// As [`Weakness::OriginPrefix`], at registration.
    RegistrationOriginPrefix,
    /// As [`Weakness::OriginSubdomain`], at registration.
    RegistrationOriginSubdomain,
    /// As [`Weakness::OriginScheme`], at registration.
    RegistrationOriginScheme,
    /// As [`Weakness::OriginPort`], at registration.
    RegistrationOriginPort,
    /// The challenge has only to begin as the one that was issued.
    AuthenticationChallengePrefix,
    /// As [`Weakness::AuthenticationChallengePrefix`], at registration.
    RegistrationChallengePrefix,
    /// The client's word about a U2F appid switches the RP id hash off.
    AppidOutputTrusted,
    /// Where the envelope's two ids differ, what the verification says is dropped.
    VerifyResultIgnored,
    /// A counter may fall back to zero.
    CounterDropsToZero,
    /// Keys that always send zero are refused.
    ZeroCountersRefused,
    /// An ECDSA signature of two zeros verifies.
    ZeroSignature,
    /// ECDSA signatures with a short integer are refused.
    ShortIntegersRefused,
    /// ECDSA signatures are read leniently.
    LaxDer,
    /// A credential id may be empty.
    EmptyCredentialId,
    /// A credential id may be longer than 1023 bytes.
    LongCredentialId,
    /// Attestation statements are not looked at.
    StatementNotVerified,
    /// An authority's certificate may sign an attestation.
    AuthorityAsLeaf,
    /// Extension outputs are taken for a part of the key.
    ExtensionsSwallowed,
    /// Reserved flags are refused.
    ReservedFlagsRefused,
    /// Flags may announce parts that are not there.
    FlagsWithoutData,
    /// The client data's members have to stand in one order.
    FixedMemberOrder,
    /// A byte order mark is not taken off the client data.
    ByteOrderMarkKept,
    /// A user handle of null is refused.
    NullMembersRefused,
}

/// One defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Its id: the catalogue's where the catalogue has it, `login/origin-suffix-no-dot`.
    pub id: &'static str,
    /// The requirement that it breaks; one of its scenarios must fail.
    pub breaks: &'static str,
    /// What the portal does wrong, in one sentence.
    pub says: &'static str,
    /// How.
    pub fault: Fault,
}

/// Every defect, by chapter of the catalogue.
pub const DEFECTS: &[Defect] = &[
    Defect {
        id: "login/origin-suffix-no-dot",
        breaks: "authentication/origin",
        says: "The origin's host is matched as a bare suffix of the RP id, so that a look-alike passes.",
        fault: Fault::Weakness(Weakness::OriginSuffix),
    },
    Defect {
        id: "login/origin-prefix",
        breaks: "authentication/origin",
        says: "The origin is matched by prefix, so that our host followed by another domain passes.",
        fault: Fault::Weakness(Weakness::OriginPrefix),
    },
    Defect {
        id: "login/origin-any-subdomain",
        breaks: "authentication/origin",
        says: "Every sub-domain is an accepted origin, although one host was configured.",
        fault: Fault::Weakness(Weakness::OriginSubdomain),
    },
    Defect {
        id: "login/origin-scheme-ignored",
        breaks: "authentication/origin",
        says: "The scheme of the origin is not compared.",
        fault: Fault::Weakness(Weakness::OriginScheme),
    },
    Defect {
        id: "login/origin-port-ignored",
        breaks: "authentication/origin",
        says: "The port of the origin is not compared.",
        fault: Fault::Weakness(Weakness::OriginPort),
    },
    Defect {
        id: "register/origin-suffix-no-dot",
        breaks: "registration/origin",
        says: "At registration the origin's host is matched as a bare suffix of the RP id.",
        fault: Fault::Weakness(Weakness::RegistrationOriginSuffix),
    },
    Defect {
        id: "register/origin-prefix",
        breaks: "registration/origin",
        says: "At registration the origin is matched by prefix.",
        fault: Fault::Weakness(Weakness::RegistrationOriginPrefix),
    },
    Defect {
        id: "register/origin-any-subdomain",
        breaks: "registration/origin",
        says: "At registration every sub-domain is an accepted origin.",
        fault: Fault::Weakness(Weakness::RegistrationOriginSubdomain),
    },
    Defect {
        id: "register/origin-scheme-ignored",
        breaks: "registration/origin",
        says: "At registration the scheme of the origin is not compared.",
        fault: Fault::Weakness(Weakness::RegistrationOriginScheme),
    },
    Defect {
        id: "register/origin-port-ignored",
        breaks: "registration/origin",
        says: "At registration the port of the origin is not compared.",
        fault: Fault::Weakness(Weakness::RegistrationOriginPort),
    },
    Defect {
        id: "login/challenge-substring",
        breaks: "authentication/challenge",
        says: "The challenge is matched by prefix, so that more may stand behind it.",
        fault: Fault::Weakness(Weakness::AuthenticationChallengePrefix),
    },
    Defect {
        id: "register/challenge-substring",
        breaks: "registration/challenge",
        says: "At registration the challenge is matched by prefix.",
        fault: Fault::Weakness(Weakness::RegistrationChallengePrefix),
    },
    Defect {
        id: "login/appid-output-trusted",
        breaks: "authentication/rp-id-hash",
        says: "The client's appid output switches the comparison of the RP id hash off, although no appid was asked for.",
        fault: Fault::Weakness(Weakness::AppidOutputTrusted),
    },
    Defect {
        id: "login/verify-result-ignored",
        breaks: "authentication/envelope",
        says: "Where the two ids of the envelope differ, the sign-in goes on whatever the signature is worth.",
        fault: Fault::Weakness(Weakness::VerifyResultIgnored),
    },
    Defect {
        id: "login/counter-zero-after-nonzero",
        breaks: "authentication/counter",
        says: "A drop of the counter from a positive value to zero is not noticed.",
        fault: Fault::Weakness(Weakness::CounterDropsToZero),
    },
    Defect {
        id: "login/counter-both-zero-rejected",
        breaks: "authentication/counter",
        says: "Keys without a counter, which always send zero, are locked out.",
        fault: Fault::Weakness(Weakness::ZeroCountersRefused),
    },
    Defect {
        id: "crypto/ecdsa-zero-signature",
        breaks: "authentication/signature",
        says: "An ECDSA signature with r and s zero verifies.",
        fault: Fault::Weakness(Weakness::ZeroSignature),
    },
    Defect {
        id: "crypto/der-leading-zero-refused",
        breaks: "authentication/signature",
        says: "Valid ECDSA signatures are refused when r or s happens to be short.",
        fault: Fault::Weakness(Weakness::ShortIntegersRefused),
    },
    Defect {
        id: "crypto/der-lax",
        breaks: "authentication/signature",
        says: "ECDSA signatures are accepted in forms that DER rules out, with bytes left over too.",
        fault: Fault::Weakness(Weakness::LaxDer),
    },
    Defect {
        id: "register/credential-id-empty",
        breaks: "registration/credential-id",
        says: "A credential id without any byte is accepted.",
        fault: Fault::Weakness(Weakness::EmptyCredentialId),
    },
    Defect {
        id: "register/credential-id-too-long",
        breaks: "registration/credential-id",
        says: "Credential ids above 1023 bytes are accepted.",
        fault: Fault::Weakness(Weakness::LongCredentialId),
    },
    Defect {
        id: "attest/statement-not-verified",
        breaks: "registration/attestation-packed",
        says: "The attestation's format is recorded, its statement is never verified.",
        fault: Fault::Weakness(Weakness::StatementNotVerified),
    },
    Defect {
        id: "attest/ca-certificate-as-leaf",
        breaks: "registration/attestation-packed",
        says: "The attestation certificate may be one of an authority: its basic constraints are not looked at.",
        fault: Fault::Weakness(Weakness::AuthorityAsLeaf),
    },
    Defect {
        id: "parse/extension-data-swallowed",
        breaks: "registration/authenticator-data",
        says: "Extension outputs behind the key are read as part of the key, so that keys which send any are refused.",
        fault: Fault::Weakness(Weakness::ExtensionsSwallowed),
    },
    Defect {
        id: "parse/reserved-bits",
        breaks: "authentication/authenticator-data",
        says: "Authenticator data with a reserved flag set is refused instead of the flag being ignored.",
        fault: Fault::Weakness(Weakness::ReservedFlagsRefused),
    },
    Defect {
        id: "parse/at-or-ed-without-data",
        breaks: "authentication/authenticator-data",
        says: "The flags of an assertion may announce a credential or extensions that do not follow.",
        fault: Fault::Weakness(Weakness::FlagsWithoutData),
    },
    Defect {
        id: "parse/clientdata-reserialised",
        breaks: "authentication/client-data",
        says: "The members of the client data are expected in one order, so that other browsers are refused.",
        fault: Fault::Weakness(Weakness::FixedMemberOrder),
    },
    Defect {
        id: "parse/clientdata-bom",
        breaks: "authentication/client-data",
        says: "A byte order mark before the client data breaks its reading.",
        fault: Fault::Weakness(Weakness::ByteOrderMarkKept),
    },
    Defect {
        id: "parse/null-members",
        breaks: "authentication/envelope",
        says: "A user handle of null, which says that there is none, is refused.",
        fault: Fault::Weakness(Weakness::NullMembersRefused),
    },
    Defect {
        id: "register/envelope-unchecked",
        breaks: "registration/envelope",
        says: "The outer form of a registration is not looked at.",
        fault: Fault::Forgets(Check::RegistrationEnvelope),
    },
    Defect {
        id: "register/envelope-ids-differ",
        breaks: "registration/envelope",
        says: "The two ids of a registration's envelope may differ.",
        fault: Fault::Forgets(Check::RegistrationEnvelopeId),
    },
    Defect {
        id: "register/client-data-lax",
        breaks: "registration/client-data",
        says: "The client data of a registration may be malformed as long as something can be read.",
        fault: Fault::Forgets(Check::RegistrationClientData),
    },
    Defect {
        id: "register/clientdata-duplicate-members",
        breaks: "registration/client-data",
        says: "A member of a registration's client data may stand twice; the last one counts.",
        fault: Fault::Forgets(Check::RegistrationClientDataMembers),
    },
    Defect {
        id: "register/type-unchecked",
        breaks: "registration/type",
        says: "The type need not be webauthn.create.",
        fault: Fault::Forgets(Check::RegistrationType),
    },
    Defect {
        id: "register/challenge-not-compared",
        breaks: "registration/challenge",
        says: "A registration is accepted with any challenge.",
        fault: Fault::Forgets(Check::RegistrationChallenge),
    },
    Defect {
        id: "register/origin-unchecked",
        breaks: "registration/origin",
        says: "The origin is not compared at registration.",
        fault: Fault::Forgets(Check::RegistrationOrigin),
    },
    Defect {
        id: "register/cross-origin-accepted",
        breaks: "registration/cross-origin",
        says: "A registration inside another site's frame is accepted.",
        fault: Fault::Forgets(Check::RegistrationCrossOrigin),
    },
    Defect {
        id: "register/top-origin-fail-open",
        breaks: "registration/cross-origin",
        says: "At registration any top origin is accepted, because no rule is set for it.",
        fault: Fault::Forgets(Check::RegistrationTopOrigin),
    },
    Defect {
        id: "parse/attestation-object-lax",
        breaks: "registration/attestation-object",
        says: "The attestation object may come in open-ended or long-winded CBOR.",
        fault: Fault::Forgets(Check::RegistrationAttestationObject),
    },
    Defect {
        id: "parse/cbor-duplicate-keys",
        breaks: "registration/attestation-object",
        says: "Maps of the attestation object may name a key twice; the last one counts.",
        fault: Fault::Forgets(Check::RegistrationAttestationKeys),
    },
    Defect {
        id: "parse/attestation-object-trailing",
        breaks: "registration/attestation-object",
        says: "Bytes behind the attestation object are ignored.",
        fault: Fault::Forgets(Check::RegistrationAttestationTrailing),
    },
    Defect {
        id: "register/authdata-lax",
        breaks: "registration/authenticator-data",
        says: "The authenticator data of a registration need not carry what its flags announce.",
        fault: Fault::Forgets(Check::RegistrationAuthenticatorData),
    },
    Defect {
        id: "register/no-attested-data",
        breaks: "registration/authenticator-data",
        says: "The flag that announces a new credential need not be set.",
        fault: Fault::Forgets(Check::RegistrationAttestedData),
    },
    Defect {
        id: "register/authdata-trailing",
        breaks: "registration/authenticator-data",
        says: "Bytes behind the authenticator data of a registration are ignored.",
        fault: Fault::Forgets(Check::RegistrationTrailing),
    },
    Defect {
        id: "register/rpidhash-unchecked",
        breaks: "registration/rp-id-hash",
        says: "The RP id hash is not compared at registration.",
        fault: Fault::Forgets(Check::RegistrationRpIdHash),
    },
    Defect {
        id: "register/up-unchecked",
        breaks: "registration/user-present",
        says: "A registration is accepted without a touch.",
        fault: Fault::Forgets(Check::RegistrationUserPresent),
    },
    Defect {
        id: "register/uv-unchecked",
        breaks: "registration/user-verified",
        says: "User verification is not required at registration although the policy says so.",
        fault: Fault::Forgets(Check::RegistrationUserVerified),
    },
    Defect {
        id: "register/backup-flags-unchecked",
        breaks: "registration/backup-flags",
        says: "A new key may say that it is backed up and that it cannot be.",
        fault: Fault::Forgets(Check::RegistrationBackupFlags),
    },
    Defect {
        id: "crypto/alg-not-offered",
        breaks: "registration/algorithm",
        says: "A key of an algorithm that was not offered is registered.",
        fault: Fault::Forgets(Check::RegistrationAlgorithm),
    },
    Defect {
        id: "crypto/key-form-lax",
        breaks: "registration/public-key",
        says: "The coordinates of a public key may have any width, or be a compressed point.",
        fault: Fault::Forgets(Check::RegistrationPublicKey),
    },
    Defect {
        id: "crypto/key-duplicate-members",
        breaks: "registration/public-key",
        says: "A member of a public key may stand twice; the last one counts.",
        fault: Fault::Forgets(Check::RegistrationPublicKeyMembers),
    },
    Defect {
        id: "crypto/kty-alg-mismatch",
        breaks: "registration/public-key",
        says: "The key type and the algorithm of a public key may contradict each other.",
        fault: Fault::Forgets(Check::RegistrationPublicKeyType),
    },
    Defect {
        id: "crypto/curve-alg-mismatch",
        breaks: "registration/public-key",
        says: "The curve of a public key is not tied to its algorithm.",
        fault: Fault::Forgets(Check::RegistrationPublicKeyCurve),
    },
    Defect {
        id: "crypto/private-members-accepted",
        breaks: "registration/public-key",
        says: "A public key with private members is accepted.",
        fault: Fault::Forgets(Check::RegistrationPublicKeyPrivate),
    },
    Defect {
        id: "crypto/point-not-on-curve",
        breaks: "registration/public-key",
        says: "A public key that is no point of its curve is registered.",
        fault: Fault::Forgets(Check::RegistrationPublicKeyPoint),
    },
    Defect {
        id: "crypto/rsa-weak-key",
        breaks: "registration/public-key",
        says: "RSA keys of any size and any exponent are registered.",
        fault: Fault::Forgets(Check::RegistrationPublicKeyStrength),
    },
    Defect {
        id: "crypto/ed25519-low-order-key",
        breaks: "registration/public-key",
        says: "An Ed25519 key of small order, which signs everything, is registered.",
        fault: Fault::Forgets(Check::RegistrationPublicKeyOrder),
    },
    Defect {
        id: "attest/unknown-format-as-none",
        breaks: "registration/attestation-format",
        says: "An unknown attestation format is treated as none.",
        fault: Fault::Forgets(Check::RegistrationAttestationFormat),
    },
    Defect {
        id: "attest/none-with-statement",
        breaks: "registration/attestation-none",
        says: "An attestation of the format none may carry a statement.",
        fault: Fault::Forgets(Check::RegistrationAttestationNone),
    },
    Defect {
        id: "attest/packed-form-lax",
        breaks: "registration/attestation-packed",
        says: "A packed statement need not have its members.",
        fault: Fault::Forgets(Check::RegistrationPackedForm),
    },
    Defect {
        id: "attest/alg-mismatch",
        breaks: "registration/attestation-packed",
        says: "The algorithm of a packed statement may differ from the key that signs it.",
        fault: Fault::Forgets(Check::RegistrationPackedAlgorithm),
    },
    Defect {
        id: "attest/packed-signature-unchecked",
        breaks: "registration/attestation-packed",
        says: "The signature of a packed statement is not verified.",
        fault: Fault::Forgets(Check::RegistrationPackedSignature),
    },
    Defect {
        id: "attest/certificate-unchecked",
        breaks: "registration/attestation-packed",
        says: "The attestation certificate may be anybody's.",
        fault: Fault::Forgets(Check::RegistrationPackedCertificate),
    },
    Defect {
        id: "attest/aaguid-extension-ignored",
        breaks: "registration/attestation-packed",
        says: "The model that the certificate names is not compared with the one that the key names.",
        fault: Fault::Forgets(Check::RegistrationPackedAaguid),
    },
    Defect {
        id: "attest/u2f-form-lax",
        breaks: "registration/attestation-u2f",
        says: "A U2F statement may come with any number of certificates.",
        fault: Fault::Forgets(Check::RegistrationU2fForm),
    },
    Defect {
        id: "attest/u2f-nonzero-aaguid",
        breaks: "registration/attestation-u2f",
        says: "A U2F key may name a model.",
        fault: Fault::Forgets(Check::RegistrationU2fAaguid),
    },
    Defect {
        id: "attest/u2f-signature-unchecked",
        breaks: "registration/attestation-u2f",
        says: "The signature of a U2F statement is not verified.",
        fault: Fault::Forgets(Check::RegistrationU2fSignature),
    },
    Defect {
        id: "attest/none-satisfies-policy",
        breaks: "registration/attestation-policy",
        says: "A key without attestation is registered although the policy asks for one.",
        fault: Fault::Forgets(Check::RegistrationAttestationPolicy),
    },
    Defect {
        id: "attest/self-satisfies-allow-list",
        breaks: "registration/attestation-policy",
        says: "A self attestation passes for one of the maker.",
        fault: Fault::Forgets(Check::RegistrationAttestationPolicySelf),
    },
    Defect {
        id: "register/credential-id-length-unchecked",
        breaks: "registration/credential-id",
        says: "A credential id may have any length.",
        fault: Fault::Forgets(Check::RegistrationCredentialIdLength),
    },
    Defect {
        id: "register/credential-id-mismatch",
        breaks: "registration/credential-id",
        says: "The envelope's id and the id that the key signed may differ.",
        fault: Fault::Forgets(Check::RegistrationCredentialId),
    },
    Defect {
        id: "register/duplicate-id-overwrites",
        breaks: "registration/credential-unique",
        says: "A credential id that is known already, to whomever, is registered again.",
        fault: Fault::Forgets(Check::RegistrationCredentialUnique),
    },
    Defect {
        id: "login/envelope-unchecked",
        breaks: "authentication/envelope",
        says: "The outer form of an assertion is not looked at.",
        fault: Fault::Forgets(Check::AuthenticationEnvelope),
    },
    Defect {
        id: "login/envelope-ids-differ",
        breaks: "authentication/envelope",
        says: "The two ids of an assertion's envelope may differ.",
        fault: Fault::Forgets(Check::AuthenticationEnvelopeId),
    },
    Defect {
        id: "login/client-data-lax",
        breaks: "authentication/client-data",
        says: "The client data of an assertion may be malformed as long as something can be read.",
        fault: Fault::Forgets(Check::AuthenticationClientData),
    },
    Defect {
        id: "parse/clientdata-duplicate-members",
        breaks: "authentication/client-data",
        says: "A member of an assertion's client data may stand twice; the last one counts.",
        fault: Fault::Forgets(Check::AuthenticationClientDataMembers),
    },
    Defect {
        id: "login/type-unchecked",
        breaks: "authentication/type",
        says: "The type need not be webauthn.get.",
        fault: Fault::Forgets(Check::AuthenticationType),
    },
    Defect {
        id: "login/challenge-not-compared",
        breaks: "authentication/challenge",
        says: "The challenge in the client data is never compared with the one that was issued.",
        fault: Fault::Forgets(Check::AuthenticationChallenge),
    },
    Defect {
        id: "login/origin-unchecked",
        breaks: "authentication/origin",
        says: "The origin is not compared at sign-in.",
        fault: Fault::Forgets(Check::AuthenticationOrigin),
    },
    Defect {
        id: "login/cross-origin-accepted",
        breaks: "authentication/cross-origin",
        says: "A sign-in inside another site's frame is accepted.",
        fault: Fault::Forgets(Check::AuthenticationCrossOrigin),
    },
    Defect {
        id: "login/top-origin-fail-open",
        breaks: "authentication/cross-origin",
        says: "Any top origin is accepted, because no rule is set for it.",
        fault: Fault::Forgets(Check::AuthenticationTopOrigin),
    },
    Defect {
        id: "login/authdata-lax",
        breaks: "authentication/authenticator-data",
        says: "The authenticator data of an assertion need not carry what its flags announce.",
        fault: Fault::Forgets(Check::AuthenticationAuthenticatorData),
    },
    Defect {
        id: "login/authdata-trailing",
        breaks: "authentication/authenticator-data",
        says: "Bytes behind the authenticator data of an assertion are ignored.",
        fault: Fault::Forgets(Check::AuthenticationTrailing),
    },
    Defect {
        id: "login/rpidhash-unchecked",
        breaks: "authentication/rp-id-hash",
        says: "The RP id hash is not compared at sign-in.",
        fault: Fault::Forgets(Check::AuthenticationRpIdHash),
    },
    Defect {
        id: "login/up-unchecked",
        breaks: "authentication/user-present",
        says: "A sign-in is accepted without a touch.",
        fault: Fault::Forgets(Check::AuthenticationUserPresent),
    },
    Defect {
        id: "login/uv-unchecked",
        breaks: "authentication/user-verified",
        says: "User verification is not required at sign-in although the policy says so.",
        fault: Fault::Forgets(Check::AuthenticationUserVerified),
    },
    Defect {
        id: "login/backup-flags-unchecked",
        breaks: "authentication/backup-flags",
        says: "A key may say that it is backed up and that it cannot be.",
        fault: Fault::Forgets(Check::AuthenticationBackupFlags),
    },
    Defect {
        id: "login/backup-eligible-flip",
        breaks: "authentication/backup-eligibility",
        says: "Whether a key can be backed up may change between registration and sign-in.",
        fault: Fault::Forgets(Check::AuthenticationBackupEligibility),
    },
    Defect {
        id: "login/unknown-credential-accepted",
        breaks: "authentication/credential",
        says: "A sign-in with a credential that nobody registered skips whatever needs its record.",
        fault: Fault::Forgets(Check::AuthenticationCredential),
    },
    Defect {
        id: "login/credential-of-other-user",
        breaks: "authentication/credential",
        says: "Another user's key signs in.",
        fault: Fault::Forgets(Check::AuthenticationCredentialOwner),
    },
    Defect {
        id: "login/offered-list-not-enforced",
        breaks: "authentication/credential",
        says: "A key signs in although it was not among those that were asked for.",
        fault: Fault::Forgets(Check::AuthenticationCredentialListed),
    },
    Defect {
        id: "login/user-handle-unchecked",
        breaks: "authentication/user-handle",
        says: "The user handle is not compared with the user's.",
        fault: Fault::Forgets(Check::AuthenticationUserHandle),
    },
    Defect {
        id: "login/user-handle-optional",
        breaks: "authentication/user-handle",
        says: "A sign-in without a user name need not carry a user handle.",
        fault: Fault::Forgets(Check::AuthenticationUserHandleMissing),
    },
    Defect {
        id: "login/signature-unchecked",
        breaks: "authentication/signature",
        says: "The signature of an assertion is not verified.",
        fault: Fault::Forgets(Check::AuthenticationSignature),
    },
    Defect {
        id: "login/counter-ignored",
        breaks: "authentication/counter",
        says: "The signature counter is not compared.",
        fault: Fault::Forgets(Check::AuthenticationCounter),
    },
];

/// The defect with an id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Defect> {
    DEFECTS.iter().find(|defect| defect.id == id)
}
