//! The administrator's console: signing in with the token, users, and what is decided for each of them.

use maud::{Markup, html};

use crate::{
    frame::{Audience, Forms, View, way},
    keys::{Key, Registration, trashcan},
};

/// Signs the administrator in.
pub struct AdministratorSignIn;

impl View for AdministratorSignIn {
    fn title(&self) -> String {
        "Sign in as administrator".to_owned()
    }

    fn content(&self, forms: Forms<'_>) -> Markup {
        html! {
            section class="card" {
                (forms.post("/admin/sign-in", &html! {
                    label for="token" { "Administrator's token" }
                    input id="token" name="token" type="password" required autocomplete="off"
                        aria-describedby="token-hint" autofocus;
                    p id="token-hint" class="hint" { "The portal was started with it." }
                    div class="actions" { button { "Sign in" } }
                }))
            }
        }
    }
}

/// Every user.
pub struct Users {
    /// In the order in which they are shown.
    pub users: Vec<UserRow>,
}

/// One user of the list.
#[derive(Clone, Debug)]
pub struct UserRow {
    /// The name.
    pub name: String,
    /// The address of the user's page.
    pub page: String,
    /// The e-mail address; may be empty.
    pub mail: String,
    /// How things stand, in a few words each.
    pub states: Vec<String>,
}

impl View for Users {
    fn title(&self) -> String {
        "Users".to_owned()
    }

    fn audience(&self) -> Audience {
        Audience::Administrator
    }

    fn content(&self, forms: Forms<'_>) -> Markup {
        html! {
            section class="card" aria-label="Users" {
                @if self.users.is_empty() { p { "There are no users yet." } } @else { (self.table()) }
            }
            section class="card" aria-labelledby="new" {
                h2 id="new" { "New user" }
                (forms.post("/admin/users", &html! {
                    label for="user" { "User name" }
                    input id="user" name="user" required autocomplete="off" autocapitalize="none"
                        spellcheck="false";
                    label for="password" { "Password" }
                    input id="password" name="password" type="password" required
                        autocomplete="new-password";
                    label for="mail" { "E-mail address" }
                    input id="mail" name="mail" type="email" autocomplete="off";
                    div class="actions" { button { "Create user" } }
                }))
            }
        }
    }
}

impl Users {
    fn table(&self) -> Markup {
        html! {
            table {
                thead { tr { th scope="col" { "Name" } th scope="col" { "E-mail" } th scope="col" { "State" } } }
                tbody {
                    @for user in &self.users {
                        tr {
                            td { a href=(user.page) { bdi { (user.name) } } }
                            td { bdi { (user.mail) } }
                            td { (user.states.join(", ")) }
                        }
                    }
                }
            }
        }
    }
}

/// What the administrator decides for a user, member by member of the policy.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Names and values; those that are yes or no as `true` and `false`.
    pub members: Vec<(String, String)>,
    /// The enrollment period of one-time codes, seconds.
    pub period: Option<u64>,
}

/// Members of a policy that are one of some words: name, label, words.
const CHOICES: &[(&str, &str, &[&str])] = &[
    ("key", "Security keys", &["off", "allowed", "required"]),
    ("totp", "One-time codes", &["off", "allowed", "required"]),
    ("push", "Prompts on a device", &["off", "allowed"]),
    (
        "user_verification",
        "PIN or fingerprint at the key",
        &["discouraged", "preferred", "required"],
    ),
    ("attestation", "Proof of the key's make", &["none", "direct"]),
];

/// Members of a policy that are yes or no: name and label.
pub const TICKED: &[(&str, &str)] = &[
    ("only_key", "Only a security key signs in"),
    ("self_registration", "The user may register security keys"),
    ("passwordless", "A passkey signs in without the password"),
    ("disabled", "The account is disabled"),
];

/// The member of a policy that holds the enrollment period.
pub const PERIOD: &str = "totp_enrolment_seconds";

impl Policy {
    fn value(&self, name: &str) -> &str {
        let found = self.members.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    fn fields(&self) -> Markup {
        html! {
            @for (name, label, words) in CHOICES {
                label for=(name) { (label) }
                select id=(name) name=(name) {
                    @for word in *words {
                        option value=(word) selected[self.value(name) == *word] { (word) }
                    }
                }
            }
            label for=(PERIOD) { "Time to set up one-time codes (seconds)" }
            input id=(PERIOD) name=(PERIOD) type="number" min="0" inputmode="numeric"
                value=[self.period] aria-describedby="period-hint";
            p id="period-hint" class="hint" {
                "It counts where one-time codes are required. Nothing changes where the field is empty."
            }
            @for (name, label) in TICKED {
                p class="ticked" {
                    input id=(name) name=(name) type="checkbox" checked[self.value(name) == "true"];
                    label for=(name) { (label) }
                }
            }
        }
    }
}

/// One user, as the administrator sees and changes them.
pub struct UserDetails {
    /// The name.
    pub name: String,
    /// The address of this page; those of its forms begin with it.
    pub page: String,
    /// The e-mail address; may be empty.
    pub mail: String,
    /// How things stand.
    pub states: Vec<String>,
    /// How long one-time codes may still be set up, seconds, where that is limited.
    pub seconds_left: Option<u64>,
    /// What was decided.
    pub policy: Policy,
    /// The user's keys.
    pub keys: Vec<Key>,
}

impl View for UserDetails {
    fn title(&self) -> String {
        format!("User {}", self.name)
    }

    fn audience(&self) -> Audience {
        Audience::Administrator
    }

    fn content(&self, forms: Forms<'_>) -> Markup {
        html! {
            section class="card" aria-label="State" {
                p class="status" { (self.states.join(", ")) }
                p { "E-mail: " bdi { (self.mail) } }
                div class="actions" {
                    (way("/admin", "All users"))
                    (way(&format!("{}/delete", self.page), "Delete user"))
                }
            }
            section class="card" aria-labelledby="keys" { h2 id="keys" { "Security keys" } (self.keys()) }
            section class="card" aria-labelledby="policy" {
                h2 id="policy" { "Policy" }
                (forms.post(&format!("{}/policy", self.page), &html! {
                    (self.policy.fields())
                    div class="actions" { button { "Save policy" } }
                }))
            }
            section class="card" aria-labelledby="period" {
                h2 id="period" { "Enrollment period" }
                p { (self.period()) }
                (forms.post(&format!("{}/period", self.page), &html! {
                    div class="actions" { button { "Start the period again" } }
                }))
            }
            section class="card" aria-labelledby="password" {
                h2 id="password" { "Password" }
                (forms.post(&format!("{}/link", self.page), &html! {
                    p { "The user gets a link by mail, and sets a new password behind it." }
                    div class="actions" { button { "Send link" } }
                }))
            }
        }
    }
}

impl UserDetails {
    fn keys(&self) -> Markup {
        let api = format!("/api{}/keys", self.page);
        html! {
            @if self.keys.is_empty() { p class="status" { "No security keys" } } @else {
                p class="status" { "Active keys" }
                ul class="keys" aria-label="The user's security keys" {
                    @for key in &self.keys { (self.row(key)) }
                }
            }
            (Registration {
                options: &format!("{api}/options"),
                answer: &api,
                then: &format!("{}?done=key-registered", self.page),
                hint: "The user sees it, and cannot change it.",
                built_in: None,
            }.form())
        }
    }

    fn row(&self, key: &Key) -> Markup {
        html! {
            li class="key" {
                div {
                    p class="label" { (key.called()) }
                    p class="hint" {
                        "Credential id " code { (key.id) }
                        @if key.administered { " · registered by an administrator" }
                    }
                }
                div class="icons" {
                    a href={ (self.page) "/keys/" (key.id) "/delete" } title="Delete key"
                        aria-label={ "Delete key: " (key.name()) } { (trashcan()) }
                }
            }
        }
    }

    fn period(&self) -> String {
        match self.seconds_left {
            None => "There is no limit.".to_owned(),
            Some(0) => "The period is over.".to_owned(),
            Some(left) => format!("The user has {left} seconds left."),
        }
    }
}

/// Asks whether a user is to be deleted.
pub struct DeleteUser {
    /// The name.
    pub name: String,
    /// The address of the user's page.
    pub page: String,
}

impl View for DeleteUser {
    fn title(&self) -> String {
        "Delete this user?".to_owned()
    }

    fn audience(&self) -> Audience {
        Audience::Administrator
    }

    fn content(&self, forms: Forms<'_>) -> Markup {
        html! {
            section class="card" {
                p { "The account " bdi { (self.name) } " and all its factors will be gone." }
                (confirmed(forms, &format!("{}/delete", self.page), "Delete user", &self.page))
            }
        }
    }
}

/// Asks whether a user's key is to be deleted.
pub struct DeleteUserKey {
    /// The user's name.
    pub name: String,
    /// The address of the user's page.
    pub page: String,
    /// The key.
    pub key: Key,
}

impl View for DeleteUserKey {
    fn title(&self) -> String {
        "Delete this security key?".to_owned()
    }

    fn audience(&self) -> Audience {
        Audience::Administrator
    }

    fn content(&self, forms: Forms<'_>) -> Markup {
        let action = format!("{}/keys/{}/delete", self.page, self.key.id);
        html! {
            section class="card" {
                p {
                    "The key " (self.key.called()) " will not sign in " bdi { (self.name) } " any more."
                }
                p class="hint" { "Credential id " code { (self.key.id) } }
                (confirmed(forms, &action, "Delete key", &self.page))
            }
        }
    }
}

/// The button that does it, and the way back.
fn confirmed(forms: Forms<'_>, action: &str, name: &str, back: &str) -> Markup {
    forms.post(
        action,
        &html! {
            div class="actions" {
                button class="danger" { (name) }
                (way(back, "Cancel"))
            }
        },
    )
}
