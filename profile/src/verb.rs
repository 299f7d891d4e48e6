//! The verbs: what can be done on a portal, under the names of the profile's flows. What each asks of its
//! flow is `verbs.rs`'s.

use reports::record::Reply;

/// What a person, an administrator or a clock can do. The names are those of the profile's flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// `sign_in`: user name and password. Inputs `user`, `password`.
    SignIn,
    /// `answer_with_key`, two halves: the key as factor after `sign_in`. Input `user_verification` (what a
    /// client asks for, mostly absent), then `credential`.
    AnswerWithKey,
    /// `sign_in_with_key`, two halves: passwordless. Input `user` (may be unused), then `credential`.
    SignInWithKey,
    /// `answer_with_totp`: the code as factor after `sign_in`. Input `code`.
    AnswerWithTotp,
    /// `answer_with_push`: a prompt on the user's device as factor after `sign_in`. Inputs `user` and
    /// `answer`, what is said on the device: `approve`, `deny`, or absent where nobody answers.
    AnswerWithPush,
    /// `register_key`, two halves. Inputs `label` and, for a key that is to sign in alone, `alone` (portals
    /// that tell such keys from second factors ask for it); then `credential` as well.
    RegisterKey,
    /// `enrol_totp`, two halves: the first captures `secret`; the second takes `code`. Input `password`,
    /// where the visitor has signed in with none.
    EnrolTotp,
    /// `list_keys`: captures `keys`, an array of {id, label}.
    ListKeys,
    /// `rename_key`. Inputs `key` (the portal's name for it), `label`.
    RenameKey,
    /// `delete_key`. Input `key`.
    DeleteKey,
    /// `request_reset`. Input `mail`.
    RequestReset,
    /// `open_reset`. Input `link`: the mailed link or code. May capture `options`.
    OpenReset,
    /// `confirm_reset_with_key`: captures `options` of the ceremony that confirms a reset.
    ConfirmResetWithKey,
    /// `finish_reset`. Inputs `link`, `password` (the new one) and, where asked for, `credential` or `code`.
    FinishReset,
    /// `change_password`, two halves where a key confirms it. Inputs `old`, `password`, then `credential`.
    ChangePassword,
    /// `sign_out`.
    SignOut,
    /// `whoami`: captures `user`, absent or null for nobody.
    Whoami,
    /// `create_user`, the administrator's (or sign-up). Inputs `user`, `password`, `mail`, `policy`.
    CreateUser,
    /// `set_policy`, the administrator's. Inputs `user`, `policy`.
    SetPolicy,
    /// `admin_register_key`, the administrator's, two halves. Inputs `user`, `label`, then `credential`.
    AdminRegisterKey,
    /// `admin_delete_key`, the administrator's. Inputs `user`, `key`.
    AdminDeleteKey,
    /// `reset_enrolment`, the administrator's: a new TOTP enrollment period. Input `user`.
    ResetEnrolment,
    /// `delete_user`, the administrator's. Input `user`.
    DeleteUser,
    /// `read_clock`: captures `now`, Unix seconds of the portal's clock.
    ReadClock,
    /// `advance_clock`. Input `seconds`.
    AdvanceClock,
    /// `open_protected`: some page or endpoint that needs a full session.
    OpenProtected,
    /// `open_app`: an application that signs in by the portal, whoever is signed in there. Captures `user`,
    /// whom it takes the visitor for, absent or null for nobody.
    OpenApp,
    /// `start_at_app`, two halves: the application leads to the portal's sign-in; once that is done, the
    /// browser goes back, which captures `user` as `open_app` does.
    StartAtApp,
}

impl Verb {
    /// Whether a portal may count it against the account when it is wrong.
    #[must_use]
    pub const fn is_a_try(self) -> bool {
        matches!(
            self,
            Self::SignIn
                | Self::AnswerWithKey
                | Self::SignInWithKey
                | Self::AnswerWithTotp
                | Self::AnswerWithPush
        )
    }

    /// Every verb with its name in a profile.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::SignIn, "sign_in"),
        (Self::AnswerWithKey, "answer_with_key"),
        (Self::SignInWithKey, "sign_in_with_key"),
        (Self::AnswerWithTotp, "answer_with_totp"),
        (Self::AnswerWithPush, "answer_with_push"),
        (Self::RegisterKey, "register_key"),
        (Self::EnrolTotp, "enrol_totp"),
        (Self::ListKeys, "list_keys"),
        (Self::RenameKey, "rename_key"),
        (Self::DeleteKey, "delete_key"),
        (Self::RequestReset, "request_reset"),
        (Self::OpenReset, "open_reset"),
        (Self::ConfirmResetWithKey, "confirm_reset_with_key"),
        (Self::FinishReset, "finish_reset"),
        (Self::ChangePassword, "change_password"),
        (Self::SignOut, "sign_out"),
        (Self::Whoami, "whoami"),
        (Self::CreateUser, "create_user"),
        (Self::SetPolicy, "set_policy"),
        (Self::AdminRegisterKey, "admin_register_key"),
        (Self::AdminDeleteKey, "admin_delete_key"),
        (Self::ResetEnrolment, "reset_enrolment"),
        (Self::DeleteUser, "delete_user"),
        (Self::ReadClock, "read_clock"),
        (Self::AdvanceClock, "advance_clock"),
        (Self::OpenProtected, "open_protected"),
        (Self::OpenApp, "open_app"),
        (Self::StartAtApp, "start_at_app"),
    ];

    /// Whether its requests are honest in every scenario: nothing is ever tried with them, so that a
    /// portal that does not answer them is not well.
    #[must_use]
    pub const fn is_always_honest(self) -> bool {
        match self {
            Self::CreateUser
            | Self::Whoami
            | Self::ListKeys
            | Self::SignOut
            | Self::SetPolicy
            | Self::ResetEnrolment
            | Self::DeleteUser
            | Self::ReadClock
            | Self::AdvanceClock => true,
            Self::SignIn
            | Self::AnswerWithKey
            | Self::SignInWithKey
            | Self::AnswerWithTotp
            | Self::AnswerWithPush
            | Self::RegisterKey
            | Self::EnrolTotp
            | Self::RenameKey
            | Self::DeleteKey
            | Self::RequestReset
            | Self::OpenReset
            | Self::ConfirmResetWithKey
            | Self::FinishReset
            | Self::ChangePassword
            | Self::AdminRegisterKey
            | Self::AdminDeleteKey
            | Self::OpenProtected
            | Self::OpenApp
            | Self::StartAtApp => false,
        }
    }

    /// The name of its flow in a profile.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(verb, _)| *verb == self).map_or("", |(_, name)| name)
    }
}

/// Whether a portal may have counted a try of this verb that was answered so: a prompt that nobody has
/// answered, as one that was denied.
#[must_use]
pub const fn may_count(verb: Verb, reply: Reply) -> bool {
    match reply {
        Reply::Ok => false,
        Reply::FactorNeeded => matches!(verb, Verb::AnswerWithPush),
        Reply::Refused
        | Reply::Expired
        | Reply::RateLimited
        | Reply::Error
        | Reply::Dropped
        | Reply::Unknown => true,
    }
}
