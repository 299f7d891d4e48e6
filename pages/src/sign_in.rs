//! Signing in: the password, the choice of a factor, and each factor.

use maud::{Markup, html};

use crate::{
    ceremony::{Button, Ceremony, Kind},
    frame::{Forms, View, way},
};

/// The first page: user name and password, or a passkey alone.
pub struct SignIn {
    /// What was typed before, where it was refused.
    pub user: String,
    /// An application waits for the sign-in.
    pub for_application: bool,
}

impl View for SignIn {
    fn title(&self) -> String {
        "Sign in".to_owned()
    }

    fn content(&self, forms: Forms<'_>) -> Markup {
        html! {
            section class="card" {
                @if self.for_application { p { "Please sign in to open the application." } }
                (forms.post("/sign-in", &html! {
                    label for="user" { "User name" }
                    input id="user" name="user" value=(self.user) required autocomplete="username"
                        autocapitalize="none" spellcheck="false" autofocus;
                    label for="password" { "Password" }
                    input id="password" name="password" type="password" required
                        autocomplete="current-password";
                    div class="actions" { button { "Sign in" } }
                }))
                p { a href="/reset" { "Forgot your password?" } }
            }
            section class="card" aria-labelledby="passkey" {
                h2 id="passkey" { "Without a password" }
                (Ceremony {
                    kind: Kind::Get,
                    options: "/api/passwordless/options",
                    answer: "/api/passwordless",
                    member: None,
                    then: "/",
                    fields: html! {
                        p { "If your administrator allows it, a passkey signs you in alone." }
                    },
                    buttons: &[Button::new("Sign in with a passkey")],
                }.form())
            }
        }
    }
}

/// A factor of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// A security key.
    Key,
    /// A one-time code.
    Totp,
    /// A prompt on the user's device.
    Push,
}

impl Factor {
    const fn name(self) -> &'static str {
        match self {
            Self::Key => "Security key",
            Self::Totp => "One-time code",
            Self::Push => "Prompt on your device",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Key => "/sign-in/key",
            Self::Totp => "/sign-in/code",
            Self::Push => "/sign-in/prompt",
        }
    }
}

/// The choice of a factor.
pub struct ChooseFactor {
    /// Those that may be used in this browser.
    pub factors: Vec<Factor>,
    /// What the person is told about the others.
    pub notice: Option<String>,
}

impl View for ChooseFactor {
    fn title(&self) -> String {
        "Choose a factor".to_owned()
    }

    fn content(&self, forms: Forms<'_>) -> Markup {
        html! {
            section class="card" {
                @if let Some(notice) = &self.notice { p class="notice" { (notice) } }
                @if self.factors.is_empty() {
                    p { "You cannot confirm here that it is you. Please contact your administrator." }
                } @else {
                    p { "Please confirm that it is you." }
                    ul class="choice" {
                        @for factor in &self.factors { li { (way(factor.path(), factor.name())) } }
                    }
                }
                (start_over(forms))
            }
        }
    }
}

/// The key step.
pub struct KeyPrompt {
    /// How long the person has, seconds.
    pub seconds: u64,
    /// The page that follows.
    pub then: &'static str,
}

impl View for KeyPrompt {
    fn title(&self) -> String {
        "Use your security key".to_owned()
    }

    fn content(&self, forms: Forms<'_>) -> Markup {
        html! {
            section class="card" {
                (Ceremony {
                    kind: Kind::Get,
                    options: "/api/session/key/options",
                    answer: "/api/session/key",
                    member: None,
                    then: self.then,
                    fields: html! {
                        p {
                            "Insert your security key and touch it when it blinks. You have "
                            (self.seconds) " seconds."
                        }
                    },
                    buttons: &[Button::new("Use security key")],
                }.form())
                (other_factor())
                (start_over(forms))
            }
        }
    }
}

/// The code step.
pub struct CodePrompt;

impl View for CodePrompt {
    fn title(&self) -> String {
        "Enter your one-time code".to_owned()
    }

    fn content(&self, forms: Forms<'_>) -> Markup {
        html! {
            section class="card" {
                (forms.post("/sign-in/code", &html! {
                    (code_field())
                    div class="actions" { button { "Continue" } }
                }))
                (other_factor())
                (start_over(forms))
            }
        }
    }
}

/// The field for a code.
pub(crate) fn code_field() -> Markup {
    html! {
        label for="code" { "One-time code" }
        input id="code" name="code" required inputmode="numeric" autocomplete="one-time-code"
            maxlength="6" aria-describedby="code-hint" class="code" autofocus;
        p id="code-hint" class="hint" { "The six digits that your authenticator app shows now." }
    }
}

/// The prompt step.
pub struct PushPrompt {
    /// What an approval must repeat, once the prompt is sent.
    pub number: Option<String>,
    /// The page that follows.
    pub then: &'static str,
}

impl View for PushPrompt {
    fn title(&self) -> String {
        "Confirm on your device".to_owned()
    }

    fn content(&self, forms: Forms<'_>) -> Markup {
        html! {
            section class="card" {
                @if let Some(number) = &self.number {
                    (shown_number(number))
                    div data-poll="/api/session/push/result" data-then=(self.then) {
                        (forms.post("/sign-in/prompt/result", &html! {
                            p role="status" { "Waiting for your answer." }
                            div class="actions" { button { "I have answered" } }
                        }))
                    }
                } @else {
                    p { "A prompt is sent to the device that your administrator set up." }
                }
                (forms.post("/sign-in/prompt", &html! {
                    div class="actions" {
                        button { @if self.number.is_some() { "Send a new prompt" } @else { "Send prompt" } }
                    }
                }))
                (other_factor())
                (start_over(forms))
            }
        }
    }
}

/// The number that a prompt has to be answered with.
pub(crate) fn shown_number(number: &str) -> Markup {
    html! {
        p { "A prompt was sent to your device. Approve it only if it is you, with this number:" }
        p class="number" { output aria-label="Number to enter" { (number) } }
    }
}

fn other_factor() -> Markup {
    html! { p { a href="/sign-in/factor" { "Use another factor" } } }
}

fn start_over(forms: Forms<'_>) -> Markup {
    forms.post(
        "/sign-out",
        &html! { button class="plain" { "Cancel and sign in as somebody else" } },
    )
}
