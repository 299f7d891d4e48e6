//! The set-up dialog that follows a sign-in, as long as a factor can be set up.

use maud::{Markup, html};

use crate::{
    account::Codes,
    frame::{Forms, View, way},
    keys::{Adding, Key, list},
};

/// What is still to be set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Neither: the user picks which comes first.
    Both,
    /// A security key.
    Key,
    /// One-time codes.
    Codes,
}

/// The first page of the dialog.
pub struct SetUp {
    /// What is missing.
    pub missing: Missing,
    /// What cannot be set up, and why.
    pub notice: Option<String>,
}

impl View for SetUp {
    fn title(&self) -> String {
        match self.missing {
            Missing::Both => "What do you want to set up first?",
            Missing::Key => "Set up a security key",
            Missing::Codes => "Set up one-time codes",
        }
        .to_owned()
    }

    fn content(&self, forms: Forms<'_>) -> Markup {
        html! {
            @if let Some(notice) = &self.notice { p class="notice" { (notice) } }
            @if self.missing != Missing::Codes {
                section class="card" aria-labelledby="key" {
                    h2 id="key" { "Security key" }
                    p { "A key that you plug in or hold to your device. Nobody can phish it." }
                    p { a class="way primary" href="/set-up/key" { "Set up security key" } }
                }
            }
            @if self.missing != Missing::Key {
                section class="card" aria-labelledby="codes" {
                    h2 id="codes" { "One-time codes" }
                    p { "An app on your phone shows a code of six digits." }
                    (Codes::Missing.section(forms))
                }
            }
            p { (way("/applications", "Close")) }
        }
    }
}

/// The page of the dialog that registers keys, one after the other.
pub struct SetUpKey {
    /// Those that are registered by now.
    pub keys: Vec<Key>,
    /// Whether another may be added.
    pub adding: Adding,
}

impl View for SetUpKey {
    fn title(&self) -> String {
        if self.keys.is_empty() { "Set up a security key" } else { "Add another security key?" }
            .to_owned()
    }

    fn content(&self, _: Forms<'_>) -> Markup {
        html! {
            section class="card" aria-label="Security keys" {
                (list(&self.keys))
                (self.adding.form("/set-up/key?done=key-registered"))
            }
            // The dialog goes on with what is still missing.
            p { (way("/set-up", "Close")) }
        }
    }
}
