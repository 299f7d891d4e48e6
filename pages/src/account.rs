//! What somebody has who is signed in: applications, factors, and the password.

use maud::{Markup, html};

use crate::{
    ceremony::{Button, Ceremony, Kind},
    frame::{Forms, Tab, View, way},
    keys::{Adding, Key, list},
    reset::{Confirming, new_password_field},
    sign_in::{code_field, shown_number},
};

/// The Applications tab.
pub struct Applications {
    /// Those that sign in by the portal.
    pub applications: Vec<Application>,
    /// Why they stay closed, where they do.
    pub closed: Option<String>,
}

/// An application.
#[derive(Clone, Debug)]
pub struct Application {
    /// Its name.
    pub name: String,
    /// Where it is opened.
    pub opened_at: String,
}

impl View for Applications {
    fn title(&self) -> String {
        "Applications".to_owned()
    }

    fn tab(&self) -> Option<Tab> {
        Some(Tab::Applications)
    }

    fn content(&self, _: Forms<'_>) -> Markup {
        html! {
            section class="card" aria-label="Your applications" {
                @if let Some(why) = &self.closed { p class="notice" { (why) } }
                @if self.applications.is_empty() { p { "There are no applications for you." } }
                ul class="choice" {
                    @for application in &self.applications {
                        li { (way(&application.opened_at, &application.name)) }
                    }
                }
            }
        }
    }
}

/// The Security tab.
pub struct Security {
    /// The user's keys, or why they are not shown.
    pub keys: Result<Vec<Key>, String>,
    /// Whether another key may be added.
    pub adding: Adding,
    /// One-time codes.
    pub codes: Codes,
}

/// How far one-time codes are set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Codes {
    /// They sign the user in.
    Active,
    /// They may be set up.
    Missing,
    /// They are missing, and may not be set up; why.
    Barred(String),
}

impl View for Security {
    fn title(&self) -> String {
        "Security".to_owned()
    }

    fn tab(&self) -> Option<Tab> {
        Some(Tab::Security)
    }

    fn content(&self, forms: Forms<'_>) -> Markup {
        html! {
            h2 { "Multi-factor authentication" }
            section class="card" aria-labelledby="keys" {
                h3 id="keys" { "Security keys" }
                @match &self.keys {
                    Ok(keys) => {
                        (list(keys))
                        (self.adding.form("/security?done=key-registered"))
                    }
                    Err(why) => p class="notice" { (why) },
                }
            }
            section class="card" aria-labelledby="codes" {
                h3 id="codes" { "One-time codes" }
                (self.codes.section(forms))
            }
            h2 { "Password" }
            section class="card" aria-label="Password" { p { (way("/password", "Change password")) } }
        }
    }
}

impl Codes {
    pub(crate) fn section(&self, forms: Forms<'_>) -> Markup {
        match self {
            Self::Active => html! {
                p class="status" { "Active" }
                div class="actions" {
                    (begin(forms, "Set up again"))
                    (way("/totp/delete", "Remove one-time codes"))
                }
            },
            Self::Missing => html! {
                p class="status" { "Not set up" }
                (begin(forms, "Set up one-time codes"))
            },
            Self::Barred(why) => html! {
                p class="status" { "Not set up" }
                p class="notice" { (why) }
            },
        }
    }
}

/// The button that shows a new secret.
fn begin(forms: Forms<'_>, name: &str) -> Markup {
    forms.post("/totp/begin", &html! { div class="actions" { button { (name) } } })
}

/// A signed-in user changes the password.
pub struct ChangePassword {
    /// What confirms it.
    pub confirming: Confirming,
}

impl View for ChangePassword {
    fn title(&self) -> String {
        "Change password".to_owned()
    }

    fn tab(&self) -> Option<Tab> {
        Some(Tab::Security)
    }

    fn content(&self, forms: Forms<'_>) -> Markup {
        let fields = html! {
            label for="old" { "Old password" }
            input id="old" name="old" type="password" required autocomplete="current-password";
            (new_password_field())
        };
        html! {
            section class="card" {
                @match &self.confirming {
                    Confirming::Key => (Ceremony {
                        kind: Kind::Get,
                        options: "/api/password/options",
                        answer: "/api/password",
                        member: Some("credential"),
                        then: "/security?done=password-changed",
                        fields: html! {
                            (fields)
                            p { "Your security key confirms the change." }
                        },
                        buttons: &[Button::new("Change password")],
                    }.form()),
                    Confirming::Refused(why) => p class="notice" { (why) },
                    Confirming::Totp => (forms.post("/password", &html! {
                        (fields) (code_field()) (change())
                    })),
                    Confirming::Nothing => (forms.post("/password", &html! { (fields) (change()) })),
                    Confirming::Push { number: Some(number) } => {
                        (shown_number(number))
                        (forms.post("/password", &html! {
                            p { "Once you have approved the prompt:" } (fields) (change())
                        }))
                    }
                    Confirming::Push { number: None } => (forms.post("/password/prompt", &html! {
                        label for="old" { "Old password" }
                        input id="old" name="old" type="password" required
                            autocomplete="current-password";
                        p { "A prompt on your device confirms the change." }
                        div class="actions" { button { "Send prompt" } }
                    })),
                }
                p { (way("/security", "Cancel")) }
            }
        }
    }
}

fn change() -> Markup {
    html! { div class="actions" { button { "Change password" } } }
}
