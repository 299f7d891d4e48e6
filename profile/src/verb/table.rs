//! One row for each verb. A row says what differs from [`PLAIN`]; its comment is what documents print.

use super::{Browser, Capture, Division, Parameter, Presence, ShownOptions, VerbRow};
use crate::effect::Effect;

/// A verb that a visitor performs in one piece, of which nothing more is known.
const PLAIN: VerbRow = VerbRow {
    name: "",
    says: "",
    inputs: &[],
    division: Division::Whole,
    options: ShownOptions::None,
    captures: None,
    effect: None,
    browser: Browser::Visitors,
    leaves_the_page: false,
    is_done_to_an_account: false,
    is_a_try: false,
    counts_unanswered: false,
    is_always_honest: false,
    is_harmless_twice: false,
    sets_password: false,
};

const USER: Parameter = Parameter::USER;
const PASSWORD: Parameter = Parameter::PASSWORD;
const MAIL: Parameter = Parameter::MAIL;
const CODE: Parameter = Parameter::CODE;
const CREDENTIAL: Parameter = Parameter::CREDENTIAL;
const LABEL: Parameter = Parameter::LABEL;
const KEY: Parameter = Parameter::KEY;
const LINK: Parameter = Parameter::LINK;
const POLICY: Parameter = Parameter::POLICY;

const CHANGES: Option<Effect> = Some(Effect::ChangesOwnAccount);

/// Whom an application takes its visitor for.
const TAKEN_FOR: Option<Capture> = captures(
    "user",
    Presence::UnlessNobody,
    "user name or mail address of whom the application takes the visitor for, null for nobody",
);

const fn captures(name: &'static str, presence: Presence, says: &'static str) -> Option<Capture> {
    Some(Capture { name, says, presence })
}

/// Declares the verbs, the list of them and their rows at once, so that none can lack a row or be left out
/// of the list.
macro_rules! verbs {
    ($($(#[doc = $says:literal])+ $verb:ident { name: $name:literal $(, $column:ident: $value:expr)* $(,)? })+) => {
        /// What a person, an administrator or a clock can do. The names are those of the profile's flows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Verb { $($(#[doc = $says])+ $verb),+ }

        impl Verb {
            /// Every verb.
            pub const ALL: &[Self] = &[$(Self::$verb),+];

            /// All that is true of it.
            #[must_use]
            pub const fn row(self) -> &'static VerbRow {
                match self {
                    $(Self::$verb => const {
                        &VerbRow {
                            name: $name,
                            says: concat!($($says),+).trim_ascii_start(),
                            $($column: $value,)*
                            ..PLAIN
                        }
                    }),+
                }
            }
        }
    };
}

verbs! {
    /// User name and password; `factor_needed` where a factor comes next. Also in a browser in which
    /// somebody is signed in, that user or another.
    SignIn {
        name: "sign_in",
        inputs: &[USER, PASSWORD, MAIL],
        is_a_try: true,
    }
    /// The key as factor, after `sign_in`.
    AnswerWithKey {
        name: "answer_with_key",
        inputs: &[USER, Parameter::USER_VERIFICATION, CREDENTIAL],
        division: Division::Halves,
        options: ShownOptions::Request,
        is_a_try: true,
    }
    /// The key instead of a password.
    SignInWithKey {
        name: "sign_in_with_key",
        inputs: &[USER, Parameter::USER_VERIFICATION, CREDENTIAL],
        division: Division::Halves,
        options: ShownOptions::Request,
        is_a_try: true,
    }
    /// The one-time code as factor, after `sign_in`.
    AnswerWithTotp {
        name: "answer_with_totp",
        inputs: &[USER, CODE],
        is_a_try: true,
    }
    /// A prompt on the user's device as factor, after `sign_in`: the flow asks for it, has the device
    /// answer it where `answer` is given, and looks whether the browser is signed in. `ok` when it is,
    /// `refused` when the prompt was denied, `factor_needed` while nobody has answered it.
    AnswerWithPush {
        name: "answer_with_push",
        inputs: &[USER, Parameter::ANSWER],
        is_a_try: true,
        counts_unanswered: true,
    }
    /// A user adds a key.
    RegisterKey {
        name: "register_key",
        inputs: &[USER, LABEL, Parameter::ALONE, CREDENTIAL],
        division: Division::Halves,
        options: ShownOptions::Creation,
        effect: CHANGES,
    }
    /// A user sets up one-time codes: the first half shows the secret, the second takes a code.
    EnrolTotp {
        name: "enrol_totp",
        // The password, where the visitor has signed in with none.
        inputs: &[PASSWORD.optional(), CODE],
        division: Division::Halves,
        captures: captures("secret", Presence::Always, "the secret that is shown, base32"),
        effect: CHANGES,
    }
    /// A user's keys, as a list of `id` and `label`.
    ListKeys {
        name: "list_keys",
        captures: captures("keys", Presence::Always, "a list of `{\"id\": …, \"label\": …}`, by which the portal knows them"),
        leaves_the_page: true,
        is_always_honest: true,
        is_harmless_twice: true,
    }
    /// A user gives a key another name.
    RenameKey {
        name: "rename_key",
        inputs: &[KEY, LABEL],
        effect: CHANGES,
    }
    /// A user deletes a key.
    DeleteKey {
        name: "delete_key",
        inputs: &[KEY],
        effect: CHANGES,
    }
    /// Somebody asks for a reset; the portal mails a link or code.
    RequestReset {
        name: "request_reset",
        inputs: &[MAIL],
        captures: captures("body", Presence::Optional, "the answer's text, which must not hold what was mailed"),
        effect: Some(Effect::SendsMail),
        browser: Browser::New,
    }
    /// The mailed link is opened, or the code entered.
    OpenReset {
        name: "open_reset",
        inputs: &[LINK],
    }
    /// The options of the key that confirms a reset.
    ConfirmResetWithKey {
        name: "confirm_reset_with_key",
        inputs: &[LINK],
        options: ShownOptions::Request,
    }
    /// The new password is set.
    FinishReset {
        name: "finish_reset",
        inputs: &[LINK, PASSWORD, USER, MAIL, CREDENTIAL.optional()],
        effect: CHANGES,
        sets_password: true,
    }
    /// A user changes the password; two halves where a key confirms it.
    ChangePassword {
        name: "change_password",
        inputs: &[Parameter::OLD, PASSWORD, CREDENTIAL.optional()],
        division: Division::Either,
        options: ShownOptions::MaybeRequest,
        effect: CHANGES,
        sets_password: true,
    }
    /// A user signs out.
    SignOut {
        name: "sign_out",
        is_always_honest: true,
    }
    /// Who is signed in, null or absent for nobody: the last word on every verdict.
    Whoami {
        name: "whoami",
        captures: captures("user", Presence::UnlessNobody, "user name or mail address of who is signed in, null for nobody"),
        leaves_the_page: true,
        is_always_honest: true,
        is_harmless_twice: true,
    }
    /// An account is made, by an administrator or by signing up.
    CreateUser {
        name: "create_user",
        inputs: &[USER, PASSWORD, MAIL, POLICY],
        effect: Some(Effect::CreatesAccount),
        browser: Browser::Administrators,
        is_done_to_an_account: true,
        is_always_honest: true,
        is_harmless_twice: true,
    }
    /// An administrator says which factors a user may, must or may not use.
    SetPolicy {
        name: "set_policy",
        inputs: &[USER, POLICY],
        effect: CHANGES,
        browser: Browser::Administrators,
        is_done_to_an_account: true,
        is_always_honest: true,
    }
    /// An administrator registers a key for a user.
    AdminRegisterKey {
        name: "admin_register_key",
        inputs: &[USER, LABEL, CREDENTIAL],
        division: Division::Halves,
        options: ShownOptions::Creation,
        effect: CHANGES,
        browser: Browser::Administrators,
        is_done_to_an_account: true,
    }
    /// An administrator deletes a user's key.
    AdminDeleteKey {
        name: "admin_delete_key",
        inputs: &[USER, KEY],
        effect: CHANGES,
        browser: Browser::Administrators,
    }
    /// An administrator begins the period for setting up TOTP anew.
    ResetEnrolment {
        name: "reset_enrolment",
        inputs: &[USER],
        effect: CHANGES,
        browser: Browser::Administrators,
        is_done_to_an_account: true,
        is_always_honest: true,
    }
    /// An administrator deletes a user.
    DeleteUser {
        name: "delete_user",
        inputs: &[USER, PASSWORD.optional(), MAIL],
        effect: Some(Effect::DeletesOwnAccount),
        browser: Browser::Administrators,
        is_done_to_an_account: true,
        is_always_honest: true,
    }
    /// The portal's clock, in Unix seconds.
    ReadClock {
        name: "read_clock",
        captures: captures("now", Presence::Always, "Unix seconds"),
        browser: Browser::Administrators,
        leaves_the_page: true,
        is_always_honest: true,
        is_harmless_twice: true,
    }
    /// The portal's clock is moved.
    AdvanceClock {
        name: "advance_clock",
        inputs: &[Parameter::SECONDS],
        browser: Browser::Administrators,
        is_always_honest: true,
    }
    /// Some page that needs a full session.
    OpenProtected {
        name: "open_protected",
        leaves_the_page: true,
    }
    /// An application that signs in by the portal is opened: whom it takes the visitor for, null or absent
    /// for nobody. Also in a browser in which nobody is signed in. Opened anew each time: the cookies of
    /// [scope] `applications` are set aside; an adapter, and an application on the portal's own host or
    /// with cookies for a whole domain, forgets its visitor itself.
    OpenApp {
        name: "open_app",
        captures: TAKEN_FOR,
        leaves_the_page: true,
    }
    /// The first half opens the application and is led to the portal's sign-in; the second, after it, goes
    /// back where the portal leads: whom the application takes the visitor for, null or absent for nobody.
    StartAtApp {
        name: "start_at_app",
        division: Division::HalvesApart,
        captures: TAKEN_FOR,
    }
}
