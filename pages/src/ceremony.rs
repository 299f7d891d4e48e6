//! A form that is sent with the answer of a security key. The script of the pages carries the ceremony
//! out, and shows one of the failures that stand here; it holds no words of its own.

use maud::{Markup, html};

/// What a ceremony does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A new credential is made.
    Create,
    /// A registered key answers.
    Get,
}

/// One ceremony of a page.
pub(crate) struct Ceremony<'a> {
    pub(crate) kind: Kind,
    /// Where the options come from.
    pub(crate) options: &'a str,
    /// Where the answer goes.
    pub(crate) answer: &'a str,
    /// The member of the body that the answer is sent as; it is the body itself without one.
    pub(crate) member: Option<&'a str>,
    /// The page that follows. The portal's answer goes before it, where it names one.
    pub(crate) then: &'a str,
    /// What a person fills in.
    pub(crate) fields: Markup,
    /// What starts it. The first button is the one that Enter presses.
    pub(crate) buttons: &'a [Button<'a>],
}

/// What starts a ceremony.
#[derive(Clone, Copy)]
pub(crate) struct Button<'a> {
    pub(crate) name: &'a str,
    /// The kind of authenticator that it is for; any without it (WebAuthn L3 §5.4.5).
    pub(crate) attachment: Option<&'static str>,
}

impl<'a> Button<'a> {
    pub(crate) const fn new(name: &'a str) -> Self {
        Self { name, attachment: None }
    }
}

impl Ceremony<'_> {
    pub(crate) fn form(&self) -> Markup {
        let kind = match self.kind {
            Kind::Create => "create",
            Kind::Get => "get",
        };
        html! {
            form data-ceremony=(kind) data-options=(self.options) data-answer=(self.answer)
                data-member=[self.member] data-then=(self.then) {
                (self.fields)
                p data-without-scripts {
                    "A security key works only where JavaScript is allowed, in a browser that supports "
                    "WebAuthn. Please allow it, use another browser, or contact your administrator."
                }
                p class="waiting" role="status" data-waiting hidden {
                    "Please use your security key now. "
                    span data-countdown aria-hidden="true" {}
                }
                div role="alert" data-failures { (failures(self.kind)) }
                div class="actions" {
                    @for button in self.buttons {
                        button disabled name="attachment" value=(button.attachment.unwrap_or_default()) {
                            (button.name)
                        }
                    }
                }
            }
        }
    }
}

/// What can go wrong in a browser, by the word that the script knows it by.
const FAILURES: &[(&str, &str, &str)] = &[
    (
        "connection",
        "The portal cannot be reached. Please check your connection, then try again.",
        "The portal cannot be reached. Please check your connection, then try again.",
    ),
    (
        "time-out",
        "The time to use your security key is over. Please try again, or use another factor.",
        "The time to use the security key is over, and no key was registered. Please try again.",
    ),
    (
        "refused",
        "No key answered. The request was cancelled, or this key is not one of your registered keys. \
         Please try again with one of them, use another factor, or contact your administrator.",
        "No key was registered: the request was cancelled. Please try again.",
    ),
    (
        "known",
        "This security key cannot be used here. Please use another one.",
        "This security key is registered already. Please use another one.",
    ),
    (
        "key",
        "This browser cannot use this security key, or the key does not support what the portal asks \
         for. Please use another key or another factor, or contact your administrator.",
        "This browser cannot use this security key, or the key does not support what the portal asks \
         for. Please use another key, or contact your administrator.",
    ),
    (
        "browser",
        "This browser does not support security keys. Please use another factor or another browser, \
         or contact your administrator.",
        "This browser does not support security keys. Please use another browser, or contact your \
         administrator.",
    ),
    (
        "address",
        "Security keys do not work at this address of the portal. Please open it by its own name.",
        "Security keys do not work at this address of the portal. Please open it by its own name.",
    ),
    (
        "trouble",
        "The portal has a problem. Please try again later, or contact your administrator.",
        "The portal has a problem. Please try again later, or contact your administrator.",
    ),
];

fn failures(kind: Kind) -> Markup {
    html! {
        @for (word, get, create) in FAILURES {
            p data-failure=(word) hidden {
                @match kind { Kind::Get => (get), Kind::Create => (create) }
            }
        }
        // Whatever the portal itself says.
        p data-failure="said" hidden {}
    }
}
