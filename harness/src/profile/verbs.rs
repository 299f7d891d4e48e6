//! What the verbs ask of their flows: inputs, halves, captures.

use crate::deployment::Verb;

/// What a flow of this verb is given.
pub(super) const fn inputs(verb: Verb) -> &'static [&'static str] {
    match verb {
        Verb::AnswerWithKey => &["credential", "user_verification"],
        Verb::SignInWithKey => &["credential"],
        Verb::AnswerWithTotp | Verb::EnrolTotp => &["code"],
        Verb::RegisterKey | Verb::AdminRegisterKey => &["label", "credential"],
        Verb::RenameKey => &["key", "label"],
        Verb::DeleteKey | Verb::AdminDeleteKey => &["key"],
        Verb::OpenReset | Verb::ConfirmResetWithKey => &["link"],
        Verb::FinishReset => &["link", "credential", "code"],
        Verb::ChangePassword => &["old", "credential", "code"],
        Verb::CreateUser | Verb::SetPolicy => &["policy"],
        Verb::AdvanceClock => &["seconds"],
        Verb::SignIn
        | Verb::ListKeys
        | Verb::RequestReset
        | Verb::SignOut
        | Verb::Whoami
        | Verb::ResetEnrolment
        | Verb::DeleteUser
        | Verb::ReadClock
        | Verb::OpenProtected => &[],
    }
}

/// How many halves a verb must have; `None` where either goes.
pub(super) const fn halves_of(verb: Verb) -> Option<u8> {
    match verb {
        Verb::AnswerWithKey
        | Verb::SignInWithKey
        | Verb::RegisterKey
        | Verb::EnrolTotp
        | Verb::AdminRegisterKey => Some(2),
        Verb::ChangePassword => None,
        Verb::SignIn
        | Verb::AnswerWithTotp
        | Verb::ListKeys
        | Verb::RenameKey
        | Verb::DeleteKey
        | Verb::RequestReset
        | Verb::OpenReset
        | Verb::ConfirmResetWithKey
        | Verb::FinishReset
        | Verb::SignOut
        | Verb::Whoami
        | Verb::CreateUser
        | Verb::SetPolicy
        | Verb::AdminDeleteKey
        | Verb::ResetEnrolment
        | Verb::DeleteUser
        | Verb::ReadClock
        | Verb::AdvanceClock
        | Verb::OpenProtected => Some(1),
    }
}

/// Whether the first half must say where the WebAuthn options are.
pub(super) const fn needs_options(verb: Verb) -> bool {
    matches!(
        verb,
        Verb::AnswerWithKey
            | Verb::SignInWithKey
            | Verb::RegisterKey
            | Verb::AdminRegisterKey
            | Verb::ConfirmResetWithKey
    )
}

/// What the suite reads from what a flow captured.
pub(super) fn must_capture(verb: Verb) -> Option<&'static str> {
    const BINDING: &[(Verb, &str)] = &[
        (Verb::EnrolTotp, "secret"),
        (Verb::ListKeys, "keys"),
        (Verb::Whoami, "user"),
        (Verb::ReadClock, "now"),
    ];
    BINDING.iter().find(|(known, _)| *known == verb).map(|(_, name)| *name)
}
