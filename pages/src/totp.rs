//! Setting up one-time codes, and removing them.

use maud::{Markup, html};

use crate::{
    frame::{Forms, Tab, View, way},
    qr,
    sign_in::code_field,
};

/// A secret that is shown once, with the field for a code of it.
pub struct SetUpTotp {
    /// The secret, base32.
    pub secret: String,
    /// The same as an `otpauth` address, which the QR code holds.
    pub uri: String,
}

impl View for SetUpTotp {
    fn title(&self) -> String {
        "Set up one-time codes".to_owned()
    }

    fn tab(&self) -> Option<Tab> {
        Some(Tab::Security)
    }

    fn content(&self, forms: Forms<'_>) -> Markup {
        html! {
            section class="card" aria-label="Secret" {
                p { "Scan this code with your authenticator app, or type the secret into it." }
                @if let Some(code) = qr::svg(&self.uri) { (code) }
                p id="secret-name" class="hint" { "Secret as text" }
                p { code class="secret" aria-labelledby="secret-name" { (grouped(&self.secret)) } }
                (forms.post("/totp", &html! {
                    (code_field())
                    div class="actions" {
                        button { "Confirm code" }
                        (way("/security", "Cancel"))
                    }
                }))
            }
        }
    }
}

/// Groups of four are easier to type.
fn grouped(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

/// Asks whether the codes are to be removed.
pub struct DeleteTotp;

impl View for DeleteTotp {
    fn title(&self) -> String {
        "Remove one-time codes?".to_owned()
    }

    fn tab(&self) -> Option<Tab> {
        Some(Tab::Security)
    }

    fn content(&self, forms: Forms<'_>) -> Markup {
        html! {
            section class="card" {
                p { "Your authenticator app will not sign you in any more." }
                (forms.post("/totp/delete", &html! {
                    div class="actions" {
                        button class="danger" { "Remove one-time codes" }
                        (way("/security", "Cancel"))
                    }
                }))
            }
        }
    }
}
