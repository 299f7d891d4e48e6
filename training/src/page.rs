//! The one page of the desk: who there is, what their devices and apps show, and the mails that came.

use mailbox::Mail;
use maud::{DOCTYPE, Markup, html};

use crate::people::Person;

/// Everything that the page shows.
pub(crate) struct View<'a> {
    pub(crate) portal: &'a str,
    pub(crate) token: &'a str,
    pub(crate) people: &'a [Shown],
    /// The newest first.
    pub(crate) mails: &'a [Mail],
    /// What came of the last answer of a device.
    pub(crate) said: &'a str,
}

/// A person, at this moment.
pub(crate) struct Shown {
    pub(crate) person: Person,
    /// What the authenticator app shows.
    pub(crate) code: Option<String>,
    /// A prompt waits on the device.
    pub(crate) is_asked: bool,
}

pub(crate) fn render(view: &View<'_>) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { "Desk of the reference portal" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="stylesheet" href="/assets/portal.css";
            }
            body {
                header {
                    p class="brand" { "Desk" }
                    nav aria-label="Desk" { ul {
                        li { a href="/" { "Look again" } }
                        li { a href=(view.portal) { "Portal" } }
                        li { a href={ (view.portal) "/admin" } { "Administrator's console" } }
                    } }
                }
                main {
                    h1 { "What the users hold in their hands" }
                    @if !view.said.is_empty() { p class="notice" role="status" { (view.said) } }
                    (users(view))
                    (devices(view.people))
                    (mails(view.mails))
                }
            }
        }
    };
    page.into_string()
}

fn users(view: &View<'_>) -> Markup {
    html! {
        section class="card" aria-labelledby="users" {
            h2 id="users" { "Users" }
            p { "Administrator's token: " code { (view.token) } }
            table {
                thead { tr {
                    th scope="col" { "Name" } th scope="col" { "Password" }
                    th scope="col" { "Code now" } th scope="col" { "State" }
                } }
                tbody {
                    @for Shown { person, code, .. } in view.people {
                        tr {
                            td class="whole" { (person.name) }
                            td class="whole" { code { (person.password) } }
                            td {
                                @if let Some(code) = code { code { (code) } } @else { "–" }
                            }
                            td {
                                (person.state())
                                @if let Some(secret) = &person.secret {
                                    br; span class="hint" { "Secret: " code { (secret) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn devices(people: &[Shown]) -> Markup {
    html! {
        section class="card" aria-labelledby="devices" {
            h2 id="devices" { "Prompts" }
            @for Shown { person, is_asked, .. } in people.iter().filter(|own| own.person.device.is_some()) {
                h3 { "The device of " (person.name) }
                @if *is_asked {
                    form method="post" action="/answer" {
                        input type="hidden" name="user" value=(person.name);
                        p role="status" { "Somebody wants to sign in. Is it you?" }
                        label for={ "number-" (person.name) } { "Number that the browser shows" }
                        input id={ "number-" (person.name) } name="number" inputmode="numeric"
                            autocomplete="off" class="code";
                        div class="actions" {
                            button name="answer" value="approve" { "Approve" }
                            button name="answer" value="deny" class="danger" { "Deny" }
                        }
                    }
                } @else {
                    p { "No prompt waits." }
                }
            }
        }
    }
}

fn mails(mails: &[Mail]) -> Markup {
    html! {
        section class="card" aria-labelledby="mails" {
            h2 id="mails" { "Mails" }
            @if mails.is_empty() { p { "No mail has come yet." } }
            @for mail in mails {
                article {
                    h3 { bdi { (mail.subject) } }
                    p class="hint" { "To " bdi { (mail.to) } }
                    @for line in mail.text.lines() { p { (linked(line)) } }
                }
            }
        }
    }
}

/// A line that is an address leads there.
fn linked(line: &str) -> Markup {
    let line = line.trim();
    let is_address = ["http://", "https://"].iter().any(|scheme| line.starts_with(scheme));
    html! { @if is_address { a href=(line) { (line) } } @else { (line) } }
}
