//! Security keys: their list, adding one, its label, and deleting it.

use maud::{Markup, html};

use crate::{
    ceremony::{Button, Ceremony, Kind},
    frame::{Forms, Tab, View, confirm_again, way},
};

/// One registered key.
#[derive(Clone, Debug)]
pub struct Key {
    /// The credential id, base64url.
    pub id: String,
    /// What its owner calls it; may be empty, and may hold any text.
    pub label: String,
    /// The administrator registered it, so that its label is not the user's to change.
    pub administered: bool,
}

impl Key {
    /// What it is called in a sentence.
    pub(crate) fn called(&self) -> Markup {
        html! { @if self.label.is_empty() { "without a label" } @else { bdi { (self.label) } } }
    }

    pub(crate) fn name(&self) -> &str {
        if self.label.is_empty() { "key without a label" } else { &self.label }
    }

    fn row(&self) -> Markup {
        html! {
            li class="key" {
                div {
                    p class="label" { (self.called()) }
                    p class="hint" {
                        "Credential id " code { (self.id) }
                        @if self.administered { " · registered by your administrator" }
                    }
                }
                div class="icons" {
                    @if !self.administered {
                        a href={ "/security/keys/" (self.id) "/label" } title="Edit label"
                            aria-label={ "Edit label: " (self.name()) } { (pencil()) }
                    }
                    a href={ "/security/keys/" (self.id) "/delete" } title="Delete key"
                        aria-label={ "Delete key: " (self.name()) } { (trashcan()) }
                }
            }
        }
    }
}

fn pencil() -> Markup {
    html! {
        svg viewBox="0 0 24 24" aria-hidden="true" focusable="false" {
            path d="M4 20l1-4L16 5l3 3L8 19l-4 1z" {}
        }
    }
}

pub(crate) fn trashcan() -> Markup {
    html! {
        svg viewBox="0 0 24 24" aria-hidden="true" focusable="false" {
            path d="M5 7h14M10 4h4M7 7l1 13h8l1-13M10 11v5M14 11v5" {}
        }
    }
}

/// The list of somebody's keys, with its status.
pub(crate) fn list(keys: &[Key]) -> Markup {
    html! {
        p class="status" {
            @if keys.is_empty() { "No security keys" } @else { "Active keys" }
        }
        @if !keys.is_empty() {
            ul class="keys" aria-label="Your security keys" { @for key in keys { (key.row()) } }
        }
    }
}

/// Whether somebody may add a key here.
#[derive(Clone, Debug)]
pub enum Adding {
    /// A key that is plugged in or held to a reader, and where it is possible the one that is built in.
    Offered {
        /// What the built-in one is called.
        built_in: Option<&'static str>,
    },
    /// Not here, and why.
    Refused(String),
    /// Once the person has confirmed again who they are; what they are told.
    Stale(String),
}

impl Adding {
    /// The form, or the reason why there is none.
    pub(crate) fn form(&self, then: &str) -> Markup {
        match self {
            Self::Refused(why) => html! { p class="notice" { (why) } },
            Self::Stale(why) => html! { p class="notice" { (why) } p { (confirm_again()) } },
            Self::Offered { built_in } => Registration {
                options: "/api/keys/options",
                answer: "/api/keys",
                then,
                hint: "For example where you keep it. Only you see it.",
                built_in: *built_in,
            }
            .form(),
        }
    }
}

/// The form that registers a key.
pub(crate) struct Registration<'a> {
    /// Where the options come from.
    pub(crate) options: &'a str,
    /// Where the answer goes.
    pub(crate) answer: &'a str,
    /// The page that follows.
    pub(crate) then: &'a str,
    /// What a label is for.
    pub(crate) hint: &'a str,
    /// What the authenticator that is built in is called, where it may be registered.
    pub(crate) built_in: Option<&'static str>,
}

impl Registration<'_> {
    pub(crate) fn form(&self) -> Markup {
        let built_in = self.built_in.map(|name| format!("Add {name}"));
        let attachment = built_in.is_some().then_some("cross-platform");
        let mut buttons = vec![Button { name: "Add key", attachment }];
        if let Some(name) = &built_in {
            buttons.push(Button { name, attachment: Some("platform") });
        }
        let fields = html! {
            label for="label" { "Display label (optional)" }
            input id="label" name="label" maxlength="64" autocomplete="off"
                aria-describedby="label-hint";
            p id="label-hint" class="hint" { (self.hint) }
        };
        Ceremony {
            kind: Kind::Create,
            options: self.options,
            answer: self.answer,
            member: Some("credential"),
            then: self.then,
            fields,
            buttons: &buttons,
        }
        .form()
    }
}

/// Another label for a key.
pub struct RenameKey {
    /// The key.
    pub key: Key,
}

impl View for RenameKey {
    fn title(&self) -> String {
        "Edit label".to_owned()
    }

    fn tab(&self) -> Option<Tab> {
        Some(Tab::Security)
    }

    fn content(&self, forms: Forms<'_>) -> Markup {
        let action = format!("/security/keys/{}/label", self.key.id);
        html! {
            section class="card" {
                p class="hint" { "Credential id " code { (self.key.id) } }
                (forms.post(&action, &html! {
                    label for="label" { "Display label" }
                    input id="label" name="label" value=(self.key.label) maxlength="64"
                        autocomplete="off" autofocus;
                    div class="actions" {
                        button { "Save label" }
                        (way("/security", "Cancel"))
                    }
                }))
            }
        }
    }
}

/// Asks whether a key is to be deleted.
pub struct DeleteKey {
    /// The key.
    pub key: Key,
}

impl View for DeleteKey {
    fn title(&self) -> String {
        "Delete this security key?".to_owned()
    }

    fn tab(&self) -> Option<Tab> {
        Some(Tab::Security)
    }

    fn content(&self, forms: Forms<'_>) -> Markup {
        let action = format!("/security/keys/{}/delete", self.key.id);
        html! {
            section class="card" {
                p { "The key " (self.key.called()) " will not sign you in any more." }
                p class="hint" { "Credential id " code { (self.key.id) } }
                (forms.post(&action, &html! {
                    div class="actions" {
                        button class="danger" { "Delete key" }
                        (way("/security", "Cancel"))
                    }
                }))
            }
        }
    }
}
