//! The checks that a portal can make badly, one name each; the mistake itself stands where the portal
//! asks for the name.

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
