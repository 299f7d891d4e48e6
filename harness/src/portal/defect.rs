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
    /// Every challenge is the same.
    ConstantChallenge,
    /// The expected challenge is the one that the answer names.
    ChallengeFromClient,
    /// A challenge stays good.
    ChallengeSpentOnSuccess,
    /// A challenge is spent after the answer was verified.
    ChallengeSpentLate,
    /// An empty list of keys is read as any key.
    EmptyListMatchesAny,
    /// The client says whether its user has to be verified.
    VerificationFromClient,
    /// The browser is given another time limit than the portal keeps.
    TimeoutUnannounced,
    /// The options do not name the keys that the user has.
    NoExcludeList,
    /// The user handle is the user's name.
    HandleIsName,
    /// The user handle differs from ceremony to ceremony.
    HandleChanges,
    /// The counter is compared when the key is looked up, and not when it is stored.
    CounterRace,
    /// The session is full after the password; the factor is only a hint.
    FullAfterPassword,
    /// The session keeps its id at the password step.
    SessionKeptAtPassword,
    /// The session keeps its id at the factor.
    SessionKeptAtFactor,
    /// Signing out only deletes the cookie.
    SignOutKeepsSession,
    /// A browser that cannot use a key is let in without one.
    UnsupportedBrowserSkips,
    /// Only codes count as a factor.
    KeyOnlyUserHasNoFactor,
    /// An unknown user name is told apart from a wrong password.
    UnknownUserNamed,
    /// The factor step takes the user's name from the request.
    PasswordStepSkippable,
    /// A key's answer without a password step is taken for its owner's.
    FinishWithoutBegin,
    /// The account is that of the user handle, which nobody signed.
    AccountFromUserHandle,
    /// Where somebody is signed in already, a key signs that account in.
    AccountFromSession,
    /// The code step takes the user's name from the request.
    FactorUserFromRequest,
    /// A session after the password alone may register a key.
    HalfSessionRegisters,
    /// The key is stored for the user that the request names.
    RegistrationUserFromRequest,
    /// A key without a label is refused.
    LabelRequired,
    /// Whether a credential id is new is asked before it is stored, and not when.
    DuplicateRace,
    /// A user has one key; another takes its place.
    SecondKeyReplacesFirst,
    /// Registering a key removes the authenticator app.
    RegistrationDropsTotp,
    /// Renaming a key breaks it.
    RenameResetsKey,
    /// A deleted key is gone from the list, and nowhere else.
    DeletedKeyStays,
    /// Kinds of factors are counted instead of factors.
    FactorKindsCounted,
    /// A session after the password alone may set codes up.
    HalfSessionEnrolsTotp,
    /// A user is shown the same secret every time.
    TotpSecretFixed,
    /// Every user is shown the same secret.
    TotpSecretShared,
    /// A secret is active before a code of it was entered.
    TotpActiveUnconfirmed,
    /// A new set-up replaces the active secret at once.
    TotpSwappedUnconfirmed,
    /// The code of the set-up signs in as well.
    EnrolmentCodeReusable,
    /// A code is accepted again in its step.
    CodeReusable,
    /// A code is used up after the sign-in.
    CodeRace,
    /// Wrong codes are counted in the session.
    CodeLimitInSession,
    /// An empty code is accepted.
    EmptyCodeAccepted,
    /// The beginning of a code is accepted.
    CodePrefixAccepted,
    /// Codes of three steps ago are accepted.
    WindowTooWide,
    /// Codes of three steps from now are accepted.
    WindowFuture,
    /// A code of the next step is refused.
    StepOffByOne,
    /// A used code is refused only within its own step.
    OnlySameStepUsed,
    /// An older code is accepted after a newer one.
    OlderCodesUsable,
    /// Anybody's code is accepted.
    AnyUsersCode,
    /// An unknown address is told apart.
    UnknownAddressNamed,
    /// The reset token is in the answer to the request.
    TokenInAnswer,
    /// A user's reset token is always the same.
    TokenStatic,
    /// The reset token is made of the time.
    TokenWeak,
    /// Only the beginning of the reset token is compared.
    TokenByPrefix,
    /// A reset token works again.
    TokenReusable,
    /// Opening the link uses it up.
    OpeningSpends,
    /// The reset takes the user's name from the request.
    ResetUserFromRequest,
    /// A reset token is spent after the password was set.
    ResetRace,
    /// A reset leaves the user's sessions alone.
    ResetKeepsSessions,
    /// A reset removes the user's factors.
    ResetRemovesFactors,
    /// A reset signs in.
    ResetSignsIn,
    /// A refused counter is stored all the same.
    CounterRollbackStored,
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
        breaks: "authentication/counters",
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
        id: "crypto/der-lax",
        breaks: "authentication/signature",
        says: "ECDSA signatures are accepted in forms that DER rules out, with bytes left over too.",
        fault: Fault::Weakness(Weakness::LaxDer),
    },
    Defect {
        id: "register/credential-id-empty",
        breaks: "registration/credential-id-strict",
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
        breaks: "registration/extensions",
        says: "Extension outputs behind the key are read as part of the key, so that keys which send any are refused.",
        fault: Fault::Weakness(Weakness::ExtensionsSwallowed),
    },
    Defect {
        id: "parse/reserved-bits",
        breaks: "authentication/flags",
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
        breaks: "authentication/forms",
        says: "The members of the client data are expected in one order, so that other browsers are refused.",
        fault: Fault::Weakness(Weakness::FixedMemberOrder),
    },
    Defect {
        id: "parse/clientdata-bom",
        breaks: "authentication/forms",
        says: "A byte order mark before the client data breaks its reading.",
        fault: Fault::Weakness(Weakness::ByteOrderMarkKept),
    },
    Defect {
        id: "parse/null-members",
        breaks: "authentication/forms",
        says: "A user handle of null, which says that there is none, is refused.",
        fault: Fault::Weakness(Weakness::NullMembersRefused),
    },
    Defect {
        id: "register/envelope-unchecked",
        breaks: "registration/envelope-strict",
        says: "The outer form of a registration is not looked at.",
        fault: Fault::Forgets(Check::RegistrationEnvelope),
    },
    Defect {
        id: "register/envelope-ids-differ",
        breaks: "registration/envelope-strict",
        says: "The two ids of a registration's envelope may differ.",
        fault: Fault::Forgets(Check::RegistrationEnvelopeId),
    },
    Defect {
        id: "register/client-data-lax",
        breaks: "registration/client-data-strict",
        says: "The client data of a registration may be malformed as long as something can be read.",
        fault: Fault::Forgets(Check::RegistrationClientData),
    },
    Defect {
        id: "register/clientdata-duplicate-members",
        breaks: "registration/client-data-strict",
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
        breaks: "registration/attestation-object-strict",
        says: "Maps of the attestation object may name a key twice; the last one counts.",
        fault: Fault::Forgets(Check::RegistrationAttestationKeys),
    },
    Defect {
        id: "parse/attestation-object-trailing",
        breaks: "registration/attestation-object-strict",
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
        breaks: "registration/public-key-strict",
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
        breaks: "registration/public-key-strict",
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
        breaks: "registration/attestation-u2f-model",
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
        id: "register/credential-id-length-unchecked",
        breaks: "registration/credential-id",
        says: "A credential id may have any length.",
        fault: Fault::Forgets(Check::RegistrationCredentialIdLength),
    },
    Defect {
        id: "register/credential-id-mismatch",
        breaks: "registration/credential-id-strict",
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
        breaks: "authentication/envelope-strict",
        says: "The outer form of an assertion is not looked at.",
        fault: Fault::Forgets(Check::AuthenticationEnvelope),
    },
    Defect {
        id: "login/envelope-ids-differ",
        breaks: "authentication/envelope-strict",
        says: "The two ids of an assertion's envelope may differ.",
        fault: Fault::Forgets(Check::AuthenticationEnvelopeId),
    },
    Defect {
        id: "login/client-data-lax",
        breaks: "authentication/client-data-strict",
        says: "The client data of an assertion may be malformed as long as something can be read.",
        fault: Fault::Forgets(Check::AuthenticationClientData),
    },
    Defect {
        id: "parse/clientdata-duplicate-members",
        breaks: "authentication/client-data-strict",
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
    // The portal around the ceremonies.
    weak(
        "login/challenge-constant",
        "authentication/options",
        "Every challenge is the same.",
        Weakness::ConstantChallenge,
    ),
    weak(
        "login/challenge-from-client",
        "login/challenge-once",
        "The expected challenge is the one that the answer names.",
        Weakness::ChallengeFromClient,
    ),
    weak(
        "login/challenge-reusable",
        "login/challenge-once",
        "A challenge stays good.",
        Weakness::ChallengeSpentOnSuccess,
    ),
    weak(
        "login/challenge-race",
        "login/challenge-once",
        "A challenge is spent after the answer was verified.",
        Weakness::ChallengeSpentLate,
    ),
    weak(
        "register/challenge-reusable",
        "registration/challenge-once",
        "A challenge stays good.",
        Weakness::ChallengeSpentOnSuccess,
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
    forgets(
        "register/challenge-no-expiry",
        "registration/challenge-lifetime",
        "The server never ages a registration challenge.",
        Check::RegistrationChallengeLifetime,
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
    weak(
        "login/timeout-unannounced",
        "browser-timeout/announced",
        "The browser is given another time limit than the portal keeps.",
        Weakness::TimeoutUnannounced,
    ),
    weak(
        "login/uv-policy-from-client",
        "authentication/user-verified",
        "The client says whether its user has to be verified.",
        Weakness::VerificationFromClient,
    ),
    weak(
        "login/account-from-current-session",
        "login/passwordless",
        "Where somebody is signed in already, a key signs that account in.",
        Weakness::AccountFromSession,
    ),
    weak(
        "register/user-from-path",
        "registration/challenge-bound",
        "The key is stored for the user that the request names.",
        Weakness::RegistrationUserFromRequest,
    ),
    weak(
        "login/finish-without-begin",
        "login/password-step",
        "A key's answer without a password step is taken for its owner's.",
        Weakness::FinishWithoutBegin,
    ),
    weak(
        "login/account-from-userhandle",
        "authentication/user-handle",
        "The account is that of the user handle, which nobody signed.",
        Weakness::AccountFromUserHandle,
    ),
    weak(
        "login/empty-allowlist-matches-any",
        "authentication/credential",
        "An empty list of keys is read as any key.",
        Weakness::EmptyListMatchesAny,
    ),
    weak(
        "login/counter-rollback-stored",
        "wrong-key/cloned",
        "A counter that went back is refused and stored, so that the clone passes the next time.",
        Weakness::CounterRollbackStored,
    ),
    weak(
        "login/counter-race",
        "wrong-key/cloned",
        "The counter is compared when the key is looked up, and not when it is stored.",
        Weakness::CounterRace,
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
    forgets(
        "register/platform-key-anywhere",
        "registration/browser",
        "Touch ID is registered where it cannot be used.",
        Check::RegistrationBrowser,
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
        "register/exclude-list-empty",
        "registration/options",
        "The options do not name the keys that the user has.",
        Weakness::NoExcludeList,
    ),
    weak(
        "register/user-handle-has-pii",
        "registration/options",
        "The user handle is the user's name.",
        Weakness::HandleIsName,
    ),
    weak(
        "register/user-handle-unstable",
        "registration/options",
        "The user handle differs from ceremony to ceremony.",
        Weakness::HandleChanges,
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
    weak(
        "totp/enrol-without-confirm",
        "totp/enrolment-confirmed",
        "A secret is active before a code of it was entered.",
        Weakness::TotpActiveUnconfirmed,
    ),
    weak(
        "totp/re-enrol-keeps-verified",
        "totp/active-stays",
        "A new set-up replaces the active secret at once.",
        Weakness::TotpSwappedUnconfirmed,
    ),
    weak(
        "totp/rotate-before-mfa",
        "totp/signed-in",
        "A session after the password alone may set codes up.",
        Weakness::HalfSessionEnrolsTotp,
    ),
    weak(
        "totp/secret-fixed-before-setup",
        "totp/secret",
        "A user is shown the same secret every time.",
        Weakness::TotpSecretFixed,
    ),
    weak(
        "totp/secret-shared",
        "totp/secret",
        "Every user is shown the same secret.",
        Weakness::TotpSecretShared,
    ),
    weak(
        "totp/replay-across-purposes",
        "totp/once",
        "The code of the set-up signs in as well.",
        Weakness::EnrolmentCodeReusable,
    ),
    weak(
        "totp/replay-same-step",
        "totp/once",
        "A code is accepted again in its step.",
        Weakness::CodeReusable,
    ),
    weak(
        "totp/replay-in-drift-window",
        "totp/once",
        "A used code is refused only within its own step.",
        Weakness::OnlySameStepUsed,
    ),
    weak(
        "totp/replay-older-than-last",
        "totp/once",
        "An older code is accepted after a newer one.",
        Weakness::OlderCodesUsable,
    ),
    weak(
        "totp/replay-race",
        "totp/once",
        "A code is used up after the sign-in.",
        Weakness::CodeRace,
    ),
    forgets("totp/once-forgotten", "totp/once", "Used codes are not remembered.", Check::TotpOnce),
    weak(
        "totp/window-too-wide",
        "totp/window",
        "Codes of three steps ago are accepted.",
        Weakness::WindowTooWide,
    ),
    weak(
        "totp/window-future",
        "totp/window",
        "Codes of three steps from now are accepted.",
        Weakness::WindowFuture,
    ),
    weak(
        "totp/step-off-by-one",
        "totp/window",
        "A code of the next step is refused.",
        Weakness::StepOffByOne,
    ),
    forgets("totp/wrong-code-accepted", "totp/code", "A wrong code is accepted.", Check::TotpCode),
    weak(
        "totp/single-digit-accepted",
        "totp/code",
        "The beginning of a code is accepted.",
        Weakness::CodePrefixAccepted,
    ),
    weak(
        "totp/empty-or-null-accepted",
        "totp/code",
        "An empty code is accepted.",
        Weakness::EmptyCodeAccepted,
    ),
    weak(
        "totp/other-users-code",
        "totp/code",
        "Anybody's code is accepted.",
        Weakness::AnyUsersCode,
    ),
    forgets(
        "totp/no-attempt-limit",
        "totp/limit",
        "Codes can be guessed without limit.",
        Check::TotpLimit,
    ),
    weak(
        "totp/limit-reset-by-new-login",
        "totp/limit",
        "Wrong codes are counted in the session.",
        Weakness::CodeLimitInSession,
    ),
    forgets(
        "totp/enrolment-period-ignored",
        "totp/enrolment-period",
        "The enrollment period never ends.",
        Check::TotpEnrolmentPeriod,
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
    Defect {
        id: "canary/accepts-everything",
        breaks: "authentication/signature",
        says: "It makes no check at all.",
        fault: Fault::AcceptsEverything,
    },
];

/// The defect with an id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Defect> {
    DEFECTS.iter().find(|defect| defect.id == id)
}
