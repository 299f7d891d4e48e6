//! The checks that a portal can make badly, one name each; the mistake itself stands where the portal
//! asks for the name.

/// A check made badly, each as a real portal made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weakness {
    /// Wrong passwords are counted for ever.
    LockedForEver,
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
    /// A visitor is given registration options.
    VisitorRegisters,
    /// The challenge alone tells whose new key it is.
    RegistrantFromChallenge,
    /// A session counts as old after half of its time.
    FreshForHalfTheTime,
    /// A deleted key is asked for still.
    DeletedKeyAskedFor,
    /// Whoever had a key is asked for a factor for good.
    FactorOutlivesKeys,
    /// A deleted key stays in the list.
    DeletedKeyListed,
    /// A change of password takes no key's answer.
    OnlyCodesConfirm,
    /// A visitor is shown a secret.
    VisitorEnrolsTotp,
    /// The authenticator app stands in the list of keys.
    CodesListedAsKey,
    /// The label of a deleted key stays taken.
    DeletedLabelStaysTaken,
    /// The label is not stored.
    LabelLost,
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
