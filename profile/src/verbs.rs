//! What the verbs ask of their flows: inputs, halves, captures.

use super::Verb;

/// Captures that open an account, whatever a profile or an adapter says of them.
pub const ALWAYS_SECRET: [&str; 2] = ["secret", "uri"];

/// What a verb does, in one sentence.
#[must_use]
pub const fn says(verb: Verb) -> &'static str {
    match verb {
        Verb::SignIn => {
            "User name and password; `factor_needed` where a factor comes next. Also in a browser in which somebody is signed in, that user or another."
        }
        Verb::AnswerWithKey => "The key as factor, after `sign_in`.",
        Verb::SignInWithKey => "The key instead of a password.",
        Verb::AnswerWithTotp => "The one-time code as factor, after `sign_in`.",
        Verb::AnswerWithPush => {
            "A prompt on the user's device as factor, after `sign_in`: the flow asks for it, has the device answer it where `answer` is given, and looks whether the browser is signed in. `ok` when it is, `refused` when the prompt was denied, `factor_needed` while nobody has answered it."
        }
        Verb::RegisterKey => "A user adds a key.",
        Verb::EnrolTotp => {
            "A user sets up one-time codes: the first half shows the secret, the second takes a code."
        }
        Verb::ListKeys => "A user's keys, as a list of `id` and `label`.",
        Verb::RenameKey => "A user gives a key another name.",
        Verb::DeleteKey => "A user deletes a key.",
        Verb::RequestReset => "Somebody asks for a reset; the portal mails a link or code.",
        Verb::OpenReset => "The mailed link is opened, or the code entered.",
        Verb::ConfirmResetWithKey => "The options of the key that confirms a reset.",
        Verb::FinishReset => "The new password is set.",
        Verb::ChangePassword => "A user changes the password; two halves where a key confirms it.",
        Verb::SignOut => "A user signs out.",
        Verb::Whoami => {
            "Who is signed in, null or absent for nobody: the last word on every verdict."
        }
        Verb::CreateUser => "An account is made, by an administrator or by signing up.",
        Verb::SetPolicy => "An administrator says which factors a user may, must or may not use.",
        Verb::AdminRegisterKey => "An administrator registers a key for a user.",
        Verb::AdminDeleteKey => "An administrator deletes a user's key.",
        Verb::ResetEnrolment => "An administrator begins the period for setting up TOTP anew.",
        Verb::DeleteUser => "An administrator deletes a user.",
        Verb::ReadClock => "The portal's clock, in Unix seconds.",
        Verb::AdvanceClock => "The portal's clock is moved.",
        Verb::OpenProtected => "Some page that needs a full session.",
        Verb::OpenApp => {
            "An application that signs in by the portal is opened: whom it takes the visitor for, null or absent for nobody. Also in a browser in which nobody is signed in. Opened anew each time: the cookies of [scope] `applications` are set aside; an adapter, and an application on the portal's own host or with cookies for a whole domain, forgets its visitor itself."
        }
        Verb::StartAtApp => {
            "The first half opens the application and is led to the portal's sign-in; the second, after it, goes back where the portal leads: whom the application takes the visitor for, null or absent for nobody."
        }
    }
}

/// What a flow of this verb is given; the driver takes nothing else.
#[must_use]
pub const fn inputs(verb: Verb) -> &'static [&'static str] {
    match verb {
        Verb::SignIn => &["user", "password", "mail"],
        Verb::AnswerWithKey | Verb::SignInWithKey => &["user", "user_verification", "credential"],
        Verb::AnswerWithTotp => &["user", "code"],
        Verb::AnswerWithPush => &["user", "answer"],
        Verb::EnrolTotp => &["password", "code"],
        Verb::RegisterKey => &["user", "label", "alone", "credential"],
        Verb::AdminRegisterKey => &["user", "label", "credential"],
        Verb::RenameKey => &["key", "label"],
        Verb::DeleteKey => &["key"],
        Verb::AdminDeleteKey => &["user", "key"],
        Verb::RequestReset => &["mail"],
        Verb::OpenReset | Verb::ConfirmResetWithKey => &["link"],
        Verb::FinishReset => &["link", "password", "user", "mail", "credential"],
        Verb::ChangePassword => &["old", "password", "credential"],
        Verb::CreateUser => &["user", "password", "mail", "policy"],
        Verb::SetPolicy => &["user", "policy"],
        Verb::ResetEnrolment => &["user"],
        Verb::DeleteUser => &["user", "password", "mail"],
        Verb::AdvanceClock => &["seconds"],
        Verb::ListKeys
        | Verb::SignOut
        | Verb::Whoami
        | Verb::ReadClock
        | Verb::OpenProtected
        | Verb::OpenApp
        | Verb::StartAtApp => &[],
    }
}

/// Inputs that only the second half is given, where a flow has two: they are what the suite makes of
/// the first.
pub(super) const ANSWERS: &[&str] = &["credential", "code"];

/// What later flows know of the `sign_in` of their browser.
pub(super) const SIGNED_IN: &[&str] = &["user", "password", "mail"];

/// Whether a verb makes an account, or changes or removes the one that it is told to.
pub(super) const fn is_done_to_an_account(verb: Verb) -> bool {
    matches!(
        verb,
        Verb::CreateUser
            | Verb::SetPolicy
            | Verb::AdminRegisterKey
            | Verb::ResetEnrolment
            | Verb::DeleteUser
    )
}

/// Whether a verb is performed in a browser that has done nothing else, so that nothing is known there
/// of an earlier flow: the administrator's verbs, and whoever asks for a reset.
pub(super) const fn in_a_new_browser(verb: Verb) -> bool {
    match verb {
        Verb::RequestReset
        | Verb::CreateUser
        | Verb::SetPolicy
        | Verb::AdminRegisterKey
        | Verb::AdminDeleteKey
        | Verb::ResetEnrolment
        | Verb::DeleteUser
        | Verb::ReadClock
        | Verb::AdvanceClock => true,
        Verb::SignIn
        | Verb::AnswerWithKey
        | Verb::SignInWithKey
        | Verb::AnswerWithTotp
        | Verb::AnswerWithPush
        | Verb::RegisterKey
        | Verb::EnrolTotp
        | Verb::ListKeys
        | Verb::RenameKey
        | Verb::DeleteKey
        | Verb::OpenReset
        | Verb::ConfirmResetWithKey
        | Verb::FinishReset
        | Verb::ChangePassword
        | Verb::SignOut
        | Verb::Whoami
        | Verb::OpenProtected
        | Verb::OpenApp
        | Verb::StartAtApp => false,
    }
}

/// Whether a verb is an administrator's, so that a command may be part of it.
pub(super) const fn is_an_administrators(verb: Verb) -> bool {
    in_a_new_browser(verb) && !matches!(verb, Verb::RequestReset)
}

/// How many halves a verb must have; `None` where either goes.
#[must_use]
pub const fn halves_of(verb: Verb) -> Option<u8> {
    match verb {
        Verb::AnswerWithKey
        | Verb::SignInWithKey
        | Verb::RegisterKey
        | Verb::EnrolTotp
        | Verb::AdminRegisterKey
        | Verb::StartAtApp => Some(2),
        Verb::ChangePassword => None,
        Verb::SignIn
        | Verb::AnswerWithTotp
        | Verb::AnswerWithPush
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
        | Verb::OpenProtected
        | Verb::OpenApp => Some(1),
    }
}

/// Whether the first half must say where the WebAuthn options are.
#[must_use]
pub const fn needs_options(verb: Verb) -> bool {
    matches!(
        verb,
        Verb::AnswerWithKey
            | Verb::SignInWithKey
            | Verb::RegisterKey
            | Verb::AdminRegisterKey
            | Verb::ConfirmResetWithKey
    )
}

/// What an adapter captures, in words.
#[must_use]
pub const fn captures(verb: Verb) -> Option<&'static str> {
    Some(match verb {
        Verb::EnrolTotp => "`secret`: the secret that is shown, base32",
        Verb::ListKeys => {
            "`keys`: a list of `{\"id\": …, \"label\": …}`, by which the portal knows them"
        }
        Verb::Whoami => "`user`: user name or mail address of who is signed in, null for nobody",
        Verb::OpenApp | Verb::StartAtApp => {
            "`user`: user name or mail address of whom the application takes the visitor for, null for nobody"
        }
        Verb::ReadClock => "`now`: Unix seconds",
        Verb::RequestReset => "[`body`]: the answer's text, which must not hold what was mailed",
        Verb::SignIn
        | Verb::AnswerWithKey
        | Verb::SignInWithKey
        | Verb::AnswerWithTotp
        | Verb::AnswerWithPush
        | Verb::RegisterKey
        | Verb::RenameKey
        | Verb::DeleteKey
        | Verb::OpenReset
        | Verb::ConfirmResetWithKey
        | Verb::FinishReset
        | Verb::ChangePassword
        | Verb::SignOut
        | Verb::CreateUser
        | Verb::SetPolicy
        | Verb::AdminRegisterKey
        | Verb::AdminDeleteKey
        | Verb::ResetEnrolment
        | Verb::DeleteUser
        | Verb::AdvanceClock
        | Verb::OpenProtected => return None,
    })
}

/// What the suite reads from what a flow captured.
#[must_use]
pub fn must_capture(verb: Verb) -> Option<&'static str> {
    const BINDING: &[(Verb, &str)] = &[
        (Verb::EnrolTotp, "secret"),
        (Verb::ListKeys, "keys"),
        (Verb::Whoami, "user"),
        (Verb::ReadClock, "now"),
        (Verb::OpenApp, "user"),
        (Verb::StartAtApp, "user"),
    ];
    BINDING.iter().find(|(known, _)| *known == verb).map(|(_, name)| *name)
}

/// Whether that may be missing: it names somebody, and there may be nobody.
#[must_use]
pub const fn may_name_nobody(verb: Verb) -> bool {
    matches!(verb, Verb::Whoami | Verb::OpenApp | Verb::StartAtApp)
}

/// Whether other verbs come between its halves, in the same browser: the second goes on from where they
/// led, and it is the second that captures what the suite reads.
#[must_use]
pub const fn has_others_between(verb: Verb) -> bool {
    matches!(verb, Verb::StartAtApp)
}
