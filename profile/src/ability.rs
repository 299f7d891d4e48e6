//! What a portal can do, as a profile declares it: scenarios need abilities, and an ability needs
//! the flows that show it.

use crate::Verb;

macro_rules! abilities {
    ($($(#[doc = $says:literal])+ $variant:ident => $word:literal [$($verb:ident),*] $how:ident;)+) => {
        /// One thing a portal can do; the word in a profile's `can`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Ability { $($(#[doc = $says])+ $variant),+ }

        impl Ability {
            /// Every ability.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word for it.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// What it means, in one sentence.
            #[must_use]
            pub fn says(self) -> &'static str {
                match self { $(Self::$variant => concat!($($says),+).trim_start()),+ }
            }

            /// The flows that show it.
            #[must_use]
            pub const fn flows(self) -> &'static [Verb] {
                match self { $(Self::$variant => &[$(Verb::$verb),*]),+ }
            }

            /// Abilities each of which brings this one along, where the profile has its flows.
            #[must_use]
            pub(crate) const fn entailed_by(self) -> &'static [Self] {
                match self { $(Self::$variant => abilities!(@by $how)),+ }
            }

            /// Whether a profile with those flows has the ability without saying so.
            #[must_use]
            pub(crate) const fn implied(self) -> bool {
                match self { $(Self::$variant => abilities!(@$how)),+ }
            }
        }
    };
    (@by entailed) => { &[Self::Key, Self::KeyFirst, Self::Passwordless] };
    (@by $other:ident) => { &[] };
    (@implied) => { true };
    (@declared) => { false };
    (@entailed) => { false };
}

abilities! {
    /// A security key is a factor after the password.
    Key => "key" [SignIn, AnswerWithKey, RegisterKey] implied;
    /// A security key signs in, after the password or in its place; there wherever one of the two is.
    KeySignIn => "key-sign-in" [RegisterKey] entailed;
    /// A security key signs in a user who gave a name, without a password.
    KeyFirst => "key-first" [SignInWithKey] declared;
    /// A discoverable credential signs in without a user name.
    Passwordless => "passwordless" [SignInWithKey] declared;
    /// Nobody is signed in without a factor: who has none sets one up inside the sign-in.
    MandatoryFactor => "mandatory-factor" [SignIn] declared;
    /// One-time codes are a factor after the password.
    Totp => "totp" [SignIn, EnrolTotp, AnswerWithTotp] implied;
    /// A prompt on a device that the administrator sets up is a factor after the password.
    Push => "push" [SignIn, AnswerWithPush, SetPolicy] implied;
    /// TOTP must be set up within a period, which the administrator can begin anew.
    TotpEnrolmentPolicy => "totp-enrolment-policy" [EnrolTotp, SetPolicy, ResetEnrolment] implied;
    /// A forgotten password is reset by mail.
    Reset => "reset" [RequestReset, OpenReset, FinishReset] implied;
    /// A key confirms the reset of a user who has one.
    ResetByKey => "reset-by-key" [RequestReset, ConfirmResetWithKey, FinishReset] implied;
    /// A code confirms the reset of a user who has TOTP and no key.
    ResetByTotp => "reset-by-totp" [RequestReset, FinishReset] declared;
    /// Users see their keys.
    ListKeys => "list-keys" [ListKeys] implied;
    /// Users give their keys other names.
    RenameKey => "rename-key" [RenameKey] implied;
    /// Users delete their keys.
    DeleteKey => "delete-key" [DeleteKey] implied;
    /// Users register keys themselves, and an administrator can forbid it.
    SelfRegistration => "self-registration" [RegisterKey, SetPolicy] declared;
    /// An administrator registers keys for users.
    AdminKeys => "admin-keys" [AdminRegisterKey] implied;
    /// An administrator deletes users' keys.
    AdminDeleteKey => "admin-delete-key" [AdminDeleteKey] implied;
    /// An administrator says which factors a user may, must or may not use.
    Policy => "policy" [SetPolicy] implied;
    /// An administrator disables a user.
    DisableUser => "disable-user" [SetPolicy] declared;
    /// Accounts are made when they are needed.
    CreateUser => "create-user" [CreateUser] implied;
    /// An administrator deletes a user.
    DeleteUser => "delete-user" [DeleteUser] implied;
    /// Time is moved instead of waited for.
    Clock => "clock" [ReadClock, AdvanceClock] implied;
    /// Browsers that cannot use a key are told so.
    BrowserPolicy => "browser-policy" [SignIn] declared;
    /// Users change their password.
    PasswordChange => "password-change" [ChangePassword] implied;
    /// A key confirms a change of password.
    PasswordChangeByKey => "password-change-by-key" [ChangePassword] declared;
    /// Mail of the portal can be read. A profile with [mail] has it without saying so.
    Mail => "mail" [] declared;
    /// Users sign out.
    SignOut => "sign-out" [SignOut] implied;
    /// Some page needs a full session.
    Protected => "protected" [OpenProtected] implied;
    /// An application takes whoever is signed in at the portal for that user.
    Sso => "sso" [SignIn, OpenApp] implied;
    /// An application sends its visitors to sign in at the portal, and is returned to.
    SsoFromApp => "sso-from-app" [SignIn, StartAtApp] implied;
    /// That application asks for one-time codes: whoever missed the period for setting them up stays
    /// outside.
    SsoTotp => "sso-totp" [OpenApp, EnrolTotp, SetPolicy, ResetEnrolment] declared;
    /// Wrong tries lock an account for a while: after ten wrong passwords or codes the right one is
    /// refused or slowed down as well.
    Lockout => "lockout" [SignIn] declared;
    /// A locked account opens again by itself, when the profile says.
    LockLifetime => "lock-lifetime" [SignIn] declared;
    /// Changes of factors ask for a proof that is not old.
    FreshAuthentication => "fresh-authentication" [SignIn] declared;
    /// The label of a key may be left empty.
    OptionalLabel => "optional-label" [RegisterKey] declared;
    /// Labels have rules: one with a line break and a bell is refused, and so is one of ten thousand
    /// characters.
    StrictLabel => "strict-label" [RegisterKey] declared;
    /// An account takes twenty keys and no more.
    KeyLimit => "key-limit" [RegisterKey] declared;
    /// Attestation statements are read, whether they were asked for or not.
    Attestation => "attestation" [RegisterKey] declared;
    /// EdDSA is offered.
    EdDsa => "eddsa" [RegisterKey] declared;
    /// RS256 is offered.
    Rs256 => "rs256" [RegisterKey] declared;
    /// A challenge lives as long as the profile says, and the browser is told.
    ChallengeLifetime => "challenge-lifetime" [RegisterKey] declared;
    /// A challenge that was answered wrongly is used up.
    ChallengeSpentByFailure => "challenge-spent-by-failure" [RegisterKey] declared;
    /// Somebody who is signed in proves it again with a key.
    Reauthentication => "reauthentication" [AnswerWithKey] declared;
    /// Codes of one step before and after are accepted.
    TotpSkew => "totp-skew" [AnswerWithTotp] declared;
    /// Codes are entered with the password, at once: the password alone of somebody who has codes is
    /// refused. `answer_with_totp` sends both then, as in `"{password}{code}"`.
    TotpWithPassword => "totp-with-password" [SignIn, AnswerWithTotp] declared;
    /// TOTP can be set up anew while it is active.
    TotpAgain => "totp-again" [EnrolTotp] declared;
    /// A reset link lives as long as the profile says.
    ResetLifetime => "reset-lifetime" [FinishReset] declared;
    /// Links are mailed only so often.
    ResetLimit => "reset-limit" [RequestReset] declared;
    /// Prompts are sent only so often: after ten that nobody answers an approval is refused or slowed down.
    PushLimit => "push-limit" [AnswerWithPush] declared;
}
