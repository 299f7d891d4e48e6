//! What stands around the content of every page: head, navigation, what was done or refused.

use maud::{DOCTYPE, Markup, html};

use crate::assets::{ICON, SCRIPT, STYLE};

/// What one page shows.
pub trait View {
    /// The heading, which is the title of the window as well.
    fn title(&self) -> String;

    /// The tab that it belongs to.
    fn tab(&self) -> Option<Tab> {
        None
    }

    /// Whom it is for.
    fn audience(&self) -> Audience {
        Audience::Users
    }

    /// What stands under the heading.
    fn content(&self, forms: Forms<'_>) -> Markup;
}

/// Whom a page is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Users, signed in or not.
    Users,
    /// The administrator, who is signed in.
    Administrator,
}

/// The tabs of somebody who is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// The applications that sign in by the portal.
    Applications,
    /// Factors and password.
    Security,
}

impl Tab {
    const ALL: [Self; 2] = [Self::Applications, Self::Security];

    const fn name(self) -> &'static str {
        match self {
            Self::Applications => "Applications",
            Self::Security => "Security",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Applications => "/applications",
            Self::Security => "/security",
        }
    }
}

/// What a page has beside its view.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// What the forms of the page carry, so that they count as the session's own.
    pub csrf: &'a str,
    /// Who is signed in.
    pub who: Who<'a>,
    /// What came of the last request.
    pub said: Option<Said<'a>>,
}

/// Who is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who<'a> {
    /// Nobody, or not all the way.
    Nobody,
    /// A user.
    User(&'a str),
    /// The administrator.
    Administrator,
}

/// What came of a request.
#[derive(Clone, Copy, Debug)]
pub enum Said<'a> {
    /// It was done.
    Done(Done),
    /// It was refused, with what the person is told.
    Refused(&'a str),
    /// The same, until the person confirms again who they are.
    Stale(&'a str),
}

/// What was done, as the address of the next page names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// A security key was registered.
    KeyRegistered,
    /// A key has another label.
    KeyRenamed,
    /// A key was deleted.
    KeyDeleted,
    /// One-time codes were set up.
    CodesSetUp,
    /// One-time codes were removed.
    CodesDeleted,
    /// The password was changed by somebody who is signed in.
    PasswordChanged,
    /// The password was reset.
    PasswordReset,
    /// The session has ended.
    SignedOut,
    /// The administrator created a user.
    UserCreated,
    /// The administrator deleted a user.
    UserDeleted,
    /// The administrator changed a policy.
    PolicySaved,
    /// The administrator started an enrollment period again.
    PeriodStarted,
    /// The administrator had a link mailed.
    LinkSent,
}

impl Done {
    /// Everything that can be done.
    pub const ALL: [Self; 13] = [
        Self::KeyRegistered,
        Self::KeyRenamed,
        Self::KeyDeleted,
        Self::CodesSetUp,
        Self::CodesDeleted,
        Self::PasswordChanged,
        Self::PasswordReset,
        Self::SignedOut,
        Self::UserCreated,
        Self::UserDeleted,
        Self::PolicySaved,
        Self::PeriodStarted,
        Self::LinkSent,
    ];

    /// Its word in an address.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::KeyRegistered => "key-registered",
            Self::KeyRenamed => "key-renamed",
            Self::KeyDeleted => "key-deleted",
            Self::CodesSetUp => "codes-set-up",
            Self::CodesDeleted => "codes-deleted",
            Self::PasswordChanged => "password-changed",
            Self::PasswordReset => "password-reset",
            Self::SignedOut => "signed-out",
            Self::UserCreated => "user-created",
            Self::UserDeleted => "user-deleted",
            Self::PolicySaved => "policy-saved",
            Self::PeriodStarted => "period-started",
            Self::LinkSent => "link-sent",
        }
    }

    /// What an address says was done.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.word() == word)
    }

    const fn says(self) -> &'static str {
        match self {
            Self::KeyRegistered => "The security key is registered.",
            Self::KeyRenamed => "The label was changed.",
            Self::KeyDeleted => "The security key was deleted.",
            Self::CodesSetUp => "One-time codes are set up.",
            Self::CodesDeleted => "One-time codes were removed.",
            Self::PasswordChanged => "Your password was changed. Your other sessions have ended.",
            Self::PasswordReset => {
                "Your password was changed. Please sign in with the new password."
            }
            Self::SignedOut => "You are signed out.",
            Self::UserCreated => "The user was created.",
            Self::UserDeleted => "The user was deleted.",
            Self::PolicySaved => "The policy was saved.",
            Self::PeriodStarted => "The enrollment period starts again now.",
            Self::LinkSent => "A link to set a new password was sent.",
        }
    }
}

/// Makes the forms of a page.
#[derive(Clone, Copy, Debug)]
pub struct Forms<'a> {
    csrf: &'a str,
}

impl Forms<'_> {
    /// A form that is sent without a script.
    pub(crate) fn post(self, action: &str, inside: &Markup) -> Markup {
        html! {
            form method="post" action=(action) {
                input type="hidden" name="csrf" value=(self.csrf);
                (inside)
            }
        }
    }
}

/// The HTML of a page.
#[must_use]
pub fn render(frame: &Frame<'_>, view: &dyn View) -> String {
    let forms = Forms { csrf: frame.csrf };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (head(&view.title()))
            body {
                a class="skip" href="#content" { "Skip to content" }
                (header(frame, view.tab(), forms))
                main id="content" tabindex="-1" {
                    h1 { (view.title()) }
                    (said(frame.said))
                    (view.content(forms))
                }
                @if frame.who != Who::Administrator { footer { p { "Something does not work? Please contact your administrator." } } }
            }
        }
    };
    page.into_string()
}

fn head(title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            title { (title) " · Reference portal" }
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="robots" content="noindex";
            link rel="icon" href=(ICON) type="image/svg+xml";
            link rel="stylesheet" href=(STYLE);
            script src=(SCRIPT) defer {}
        }
    }
}

fn header(frame: &Frame<'_>, tab: Option<Tab>, forms: Forms<'_>) -> Markup {
    html! {
        header {
            p class="brand" { "Reference portal" }
            @match frame.who {
                Who::Nobody => {}
                Who::User(user) => {
                    (navigation(&Tab::ALL.map(|known| (known.path(), known.name(), tab == Some(known)))))
                    (signed_in(forms, &html! { "Signed in as " bdi { (user) } }, "/sign-out"))
                }
                Who::Administrator => {
                    (navigation(&[("/admin", "Users", false)]))
                    (signed_in(forms, &html! { "Administrator" }, "/admin/sign-out"))
                }
            }
        }
    }
}

/// Links to addresses, with names; one of them is the page that is shown.
fn navigation(links: &[(&str, &str, bool)]) -> Markup {
    html! {
        nav aria-label="Portal" {
            ul {
                @for (path, name, is_shown) in links {
                    li { a href=(path) aria-current=[is_shown.then_some("page")] { (name) } }
                }
            }
        }
    }
}

fn signed_in(forms: Forms<'_>, as_whom: &Markup, sign_out: &str) -> Markup {
    html! {
        div class="who" {
            p { (as_whom) }
            (forms.post(sign_out, &html! { button class="plain" { "Sign out" } }))
        }
    }
}

fn said(said: Option<Said<'_>>) -> Markup {
    match said {
        Some(Said::Done(done)) => html! { p class="done" role="status" { (done.says()) } },
        Some(Said::Refused(message)) => html! { p class="refused" role="alert" { (message) } },
        Some(Said::Stale(message)) => html! {
            p class="refused" role="alert" { (message) }
            p { (confirm_again()) }
        },
        None => html! {},
    }
}

/// To the factors of whoever is signed in.
pub(crate) fn confirm_again() -> Markup {
    way("/sign-in/factor", "Confirm that it is you")
}

/// A link that stands where a button could.
pub(crate) fn way(to: &str, name: &str) -> Markup {
    html! { a class="way" href=(to) { (name) } }
}
