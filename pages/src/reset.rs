//! A forgotten password: asking for a link, and the new password behind it.

use maud::{Markup, html};

use crate::{
    ceremony::{Button, Ceremony, Kind},
    frame::{Forms, View, way},
    sign_in::{code_field, shown_number},
};

/// Asks for the address of whoever forgot the password.
pub struct AskForLink;

impl View for AskForLink {
    fn title(&self) -> String {
        "Reset your password".to_owned()
    }

    fn content(&self, forms: Forms<'_>) -> Markup {
        html! {
            section class="card" {
                p { "We send you a link. It works once, and for five minutes." }
                (forms.post("/reset", &html! {
                    label for="mail" { "E-mail address" }
                    input id="mail" name="mail" type="email" required autocomplete="email" autofocus;
                    div class="actions" {
                        button { "Send link" }
                        (way("/sign-in", "Cancel"))
                    }
                }))
            }
        }
    }
}

/// The same for every address.
pub struct LinkSent;

impl View for LinkSent {
    fn title(&self) -> String {
        "Look into your mail".to_owned()
    }

    fn content(&self, _: Forms<'_>) -> Markup {
        html! {
            section class="card" {
                p role="status" {
                    "If the address is known, a link is on its way. Open it within five minutes."
                }
                p { (way("/sign-in", "Back to sign-in")) }
            }
        }
    }
}

/// What confirms a new password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirming {
    /// The security key.
    Key,
    /// A one-time code.
    Totp,
    /// A prompt, with its number once it is sent.
    Push {
        /// What an approval must repeat.
        number: Option<String>,
    },
    /// Nothing more.
    Nothing,
    /// A factor that cannot be used here, and what the person is told.
    Refused(String),
}

/// The page behind a mailed link.
pub struct NewPassword {
    /// What the link carries.
    pub token: String,
    /// What confirms the new password.
    pub confirming: Confirming,
}

impl View for NewPassword {
    fn title(&self) -> String {
        "Choose a new password".to_owned()
    }

    fn content(&self, forms: Forms<'_>) -> Markup {
        let page = format!("/reset/{}", self.token);
        let prompt = format!("{page}/prompt");
        html! {
            section class="card" {
                @match &self.confirming {
                    Confirming::Key => (self.with_key()),
                    Confirming::Refused(why) => p class="notice" { (why) },
                    Confirming::Totp => (forms.post(&page, &html! {
                        (new_password_field()) (code_field()) (set())
                    })),
                    Confirming::Nothing => (forms.post(&page, &html! { (new_password_field()) (set()) })),
                    Confirming::Push { number: Some(number) } => {
                        (shown_number(number))
                        (forms.post(&page, &html! {
                            p { "Once you have approved the prompt:" }
                            (new_password_field()) (set())
                        }))
                    }
                    Confirming::Push { number: None } => (forms.post(&prompt, &html! {
                        p { "A prompt on your device confirms that it is you." }
                        div class="actions" { button { "Send prompt" } }
                    })),
                }
            }
        }
    }
}

impl NewPassword {
    fn with_key(&self) -> Markup {
        let api = format!("/api/reset/{}", self.token);
        Ceremony {
            kind: Kind::Get,
            options: &format!("{api}/options"),
            answer: &api,
            member: Some("credential"),
            then: "/sign-in?done=password-reset",
            fields: html! {
                (new_password_field())
                p { "Your security key confirms that it is you." }
            },
            buttons: &[Button::new("Set new password")],
        }
        .form()
    }
}

/// The field for a new password.
pub(crate) fn new_password_field() -> Markup {
    html! {
        label for="password" { "New password" }
        input id="password" name="password" type="password" required minlength="8"
            autocomplete="new-password" aria-describedby="password-hint";
        p id="password-hint" class="hint" { "At least eight characters." }
    }
}

fn set() -> Markup {
    html! { div class="actions" { button { "Set new password" } } }
}
