//! The table of forms: the request of the JSON interface that each of them is, the page that it stands
//! on, and where the browser goes on.

use ::pages::Done;
use axum::http::Method;
use serde_json::Value;

use super::{
    console::{self, page_of},
    views::Page,
};
use crate::router::{Content, Reply};

/// One form.
pub(super) struct Form<'a> {
    pub(super) method: Method,
    pub(super) path: String,
    /// The page that is shown again where it is refused.
    pub(super) on: Page<'a>,
    pub(super) then: Then,
    /// The body of the request, from the fields of the form.
    pub(super) body: fn(Value) -> Value,
}

/// Where the browser goes once a form is carried out.
pub(super) enum Then {
    /// Where the answer says; else to the start, or back to where a fresh proof was asked for.
    Next,
    To(String),
    Told(String, Done),
    /// To the administrator's page of the user that the answer names.
    User(Done),
}

impl<'a> Form<'a> {
    /// The form that is sent to an address.
    pub(super) fn at(path: &[&'a str]) -> Option<Self> {
        let (method, path, on, then) = match *path {
            ["sign-in"] => (Method::POST, api("session/password"), Page::SignIn, Then::Next),
            ["sign-in", "code"] => (Method::POST, api("session/totp"), Page::Code, Then::Next),
            ["sign-in", "prompt"] => {
                (Method::POST, api("session/push"), Page::Prompt, to("/sign-in/prompt"))
            }
            ["sign-in", "prompt", "result"] => {
                (Method::POST, api("session/push/result"), Page::Prompt, Then::Next)
            }
            ["sign-out"] => {
                let then = told("/sign-in", Done::SignedOut);
                (Method::DELETE, api("session"), Page::SignIn, then)
            }
            ["security", "keys", id, "label"] => {
                let then = told("/security", Done::KeyRenamed);
                (Method::PATCH, api(&format!("keys/{id}")), Page::RenameKey(id), then)
            }
            ["security", "keys", id, "delete"] => {
                let then = told("/security", Done::KeyDeleted);
                (Method::DELETE, api(&format!("keys/{id}")), Page::Security, then)
            }
            ["totp", "begin"] => (Method::POST, api("totp/options"), Page::Security, to("/totp")),
            ["totp"] => {
                let then = told("/security", Done::CodesSetUp);
                (Method::POST, api("totp"), Page::SetUpTotp, then)
            }
            ["totp", "delete"] => {
                let then = told("/security", Done::CodesDeleted);
                (Method::DELETE, api("totp"), Page::Security, then)
            }
            ["reset"] => (Method::POST, api("reset"), Page::AskForLink, to("/reset/sent")),
            ["reset", token] => {
                let then = told("/sign-in", Done::PasswordReset);
                (Method::POST, api(&format!("reset/{token}")), Page::Reset(token), then)
            }
            ["reset", token, "prompt"] => (
                Method::POST,
                api(&format!("reset/{token}/push")),
                Page::Reset(token),
                to(&format!("/reset/{token}")),
            ),
            ["password"] => {
                let then = told("/security", Done::PasswordChanged);
                (Method::POST, api("password"), Page::Password, then)
            }
            ["password", "prompt"] => {
                (Method::POST, api("password/push"), Page::Password, to("/password"))
            }
            ["admin", ref rest @ ..] => return console::form(rest),
            _ => return None,
        };
        Some(Self { method, path, on, then, body: as_sent })
    }
}

pub(super) fn api(path: &str) -> String {
    format!("/api/{path}")
}

pub(super) fn to(page: &str) -> Then {
    Then::To(page.to_owned())
}

pub(super) fn told(page: &str, done: Done) -> Then {
    Then::Told(page.to_owned(), done)
}

/// A field is a member.
pub(super) fn as_sent(fields: Value) -> Value {
    fields
}

impl Form<'_> {
    /// Where the browser goes once the request was answered. Somebody may have been signed in
    /// before it.
    pub(super) fn goes_on(&self, reply: &Reply, before: Option<&str>) -> String {
        match &self.then {
            Then::Next if reply.says("status") == Some("pending") => "/sign-in/prompt".to_owned(),
            Then::Next => {
                let start = if before.is_some() && before == reply.says("user") {
                    "/security"
                } else {
                    "/"
                };
                reply.says("next").unwrap_or(start).to_owned()
            }
            Then::To(to) => to.clone(),
            Then::Told(to, done) => format!("{to}?done={}", done.word()),
            Then::User(done) => {
                let page = page_of(reply.says("user").unwrap_or_default());
                format!("{page}?done={}", done.word())
            }
        }
    }
}

impl Reply {
    /// A member of a JSON answer, as text.
    pub(super) fn says(&self, member: &str) -> Option<&str> {
        match &self.content {
            Content::Json(body) => body.get(member)?.as_str(),
            Content::Xml(_) | Content::Elsewhere(_) | Content::Page(_) | Content::Asset(_) => None,
        }
    }
}
