//! The checks that a portal can make badly, one name each; the mistake itself stands where the portal
//! asks for the name.

/// A check made badly, each as a real portal made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weakness {
    /// A way to reach a key that is unknown is stored, and cannot be read again.
    UnknownTransportUnreadable,
    /// Wrong passwords are counted for ever.
    LockedForEver,
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
    /// Registering a key removes the push device.
    RegistrationDropsPush,
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
    /// A reset token is spent only where the body repeats it.
    TokenSpentByMember,
    /// A reset leaves the user's sessions alone.
    ResetKeepsSessions,
    /// A reset removes the user's factors.
    ResetRemovesFactors,
    /// A reset signs in.
    ResetSignsIn,
    /// A refused counter is stored all the same.
    CounterRollbackStored,
    /// A challenge lives half as long as the browser is told.
    ChallengeLivesShort,
    /// Versions of browsers are compared as text.
    VersionsComparedAsText,
    /// Safari counts as unable to use a key, whatever its version.
    EverySafariRefused,
    /// Chrome on a Mac is taken for Safari.
    ChromeTakenForSafari,
    /// Platform authenticators are for Chrome, on every system.
    PlatformKeyInChromeOnly,
    /// A label is escaped when it is stored.
    LabelEscaped,
    /// A key is listed as soon as its options are asked for.
    ListedBeforeTouch,
    /// A key that the administrator registers counts as the administrator's own.
    IssuedKeyNotOwn,
    /// A visitor is given registration options.
    VisitorRegisters,
    /// The challenge alone tells whose new key it is.
    RegistrantFromChallenge,
    /// A session counts as old after half of its time.
    FreshForHalfTheTime,
    /// Every answer is verified with the newest key.
    NewestKeyVerifies,
    /// An answer that comes again signs in again.
    RetryAnsweredAgain,
    /// After one wrong key a sign-in takes no other.
    OneTryOnly,
    /// A counter that went back locks the key.
    CloneLocksKey,
    /// A deleted key is asked for still.
    DeletedKeyAskedFor,
    /// Whoever had a key is asked for a factor for good.
    FactorOutlivesKeys,
    /// A deleted key stays in the list.
    DeletedKeyListed,
    /// A change of password takes no key's answer.
    OnlyCodesConfirm,
    /// Only the code of the present step is accepted.
    OnlyPresentStep,
    /// A visitor is shown a secret.
    VisitorEnrolsTotp,
    /// The authenticator app stands in the list of keys.
    CodesListedAsKey,
    /// Where no codes are set up, every code passes.
    MissingSecretPasses,
    /// The enrollment period is counted in milliseconds.
    EnrolmentPeriodInMilliseconds,
    /// The administrator's reset does not begin the enrollment period anew.
    EnrolmentResetIgnored,
    /// The label of a deleted key stays taken.
    DeletedLabelStaysTaken,
    /// The label is not stored.
    LabelLost,
    /// A challenge has eight bytes.
    ShortChallenge,
    /// All users have one user handle.
    HandleShared,
    /// The user handle is the number of the account.
    HandleCounts,
    /// No other algorithm than ES256 is offered.
    OnlyEs256Offered,
    /// The options say two things about discoverable keys.
    ResidencyContradicted,
    /// The browser's time limit is written in seconds.
    TimeoutInSeconds,
    /// The RP id is the domain above the portal's.
    RpIdOfTheDomainAbove,
    /// The challenge is written with padding.
    PaddedChallenge,
    /// No key is named to the browser.
    NoAllowList,
    /// A made-up key is named beside the user's own.
    DecoyNamed,
    /// A prompt that nobody has answered passes.
    PendingPromptPasses,
    /// After a denial no approval counts any more.
    DenialSticks,
    /// An approval counts for every session of the user, while it lives.
    ApprovalOfAnySession,
    /// Prompts are offered and sent, and an approval signs nobody in.
    ApprovalIgnored,
    /// A push device does not count at a reset.
    PushLeftOutAtReset,
    /// Prompts are counted in the session.
    PromptLimitInSession,
    /// Whoever has a push device is not asked for a key any more.
    PushReplacesKey,
    /// Whoever has a push device cannot enter codes any more.
    PushReplacesCodes,
    /// A push device does not count as a factor.
    PushIsNoFactor,
    /// Where only the key counts, that binds codes and not prompts.
    OnlyKeyBindsCodesOnly,
    /// No algorithm is offered; the browser has to choose.
    AlgorithmsLeftOut,
    /// A sign-in that an application asked for is done with the password.
    FactorWaivedForApplication,
    /// Signing out leaves applications open.
    ApplicationsStayOpen,
    /// After the factor nobody remembers which application asked.
    ApplicationForgotten,
    /// A ticket is whosever account is the first.
    TicketNamesFirstUser,
    /// A ticket is good, and nobody's.
    TicketNamesNobody,
    /// A sign-in that an application asked for does not look at the browser.
    BrowserUnaskedForApplication,
}
