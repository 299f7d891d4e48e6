//! The administrator's pages and forms: their tables, and what each page shows.

use ::pages::{
    AdministratorSignIn, DeleteUser, DeleteUserKey, Done, PERIOD, Policy, TICKED, UserDetails,
    UserRow, Users,
};
use axum::http::{Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{
    forms::{Form, Then, api, as_sent, to, told},
    views::{Page, Shown, key},
};
use crate::{
    Portal,
    check::Refusal,
    router::{Content, Reply, Visit},
};

/// The administrator's pages; users and keys as the address writes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Console<'a> {
    SignIn,
    Users,
    User(&'a str),
    DeleteUser(&'a str),
    DeleteKey(&'a str, &'a str),
}

impl<'a> Console<'a> {
    /// The page at an address below `/admin`.
    pub(super) fn at(path: &[&'a str]) -> Option<Self> {
        Some(match *path {
            [] => Self::Users,
            ["sign-in"] => Self::SignIn,
            ["users", name] => Self::User(name),
            ["users", name, "delete"] => Self::DeleteUser(name),
            ["users", name, "keys", id, "delete"] => Self::DeleteKey(name, id),
            _ => return None,
        })
    }
}

/// The form that is sent to an address below `/admin`.
pub(super) fn form<'a>(path: &[&'a str]) -> Option<Form<'a>> {
    let user = |name: &str, rest: &str| api(&format!("admin/users/{name}{rest}"));
    let (method, path, on, then) = match *path {
        ["sign-in"] => (Method::POST, api("admin/session"), Console::SignIn, to("/admin")),
        ["sign-out"] => {
            let then = told("/admin/sign-in", Done::SignedOut);
            (Method::DELETE, api("admin/session"), Console::Users, then)
        }
        ["users"] => {
            (Method::POST, api("admin/users"), Console::Users, Then::User(Done::UserCreated))
        }
        ["users", name, "policy"] => {
            let then = Then::User(Done::PolicySaved);
            (Method::PUT, user(name, "/policy"), Console::User(name), then)
        }
        ["users", name, "period"] => {
            let then = Then::User(Done::PeriodStarted);
            (Method::POST, user(name, "/enrolment"), Console::User(name), then)
        }
        ["users", name, "link"] => {
            let then = told(&format!("/admin/users/{name}"), Done::LinkSent);
            (Method::POST, user(name, "/reset"), Console::User(name), then)
        }
        ["users", name, "delete"] => {
            let then = told("/admin", Done::UserDeleted);
            (Method::DELETE, user(name, ""), Console::Users, then)
        }
        ["users", name, "keys", id, "delete"] => {
            let then = told(&format!("/admin/users/{name}"), Done::KeyDeleted);
            (Method::DELETE, user(name, &format!("/keys/{id}")), Console::User(name), then)
        }
        _ => return None,
    };
    let is_policy = path.ends_with("/policy");
    let body = if is_policy { policy_sent } else { as_sent };
    Some(Form { method, path, on: Page::Console(on), then, body })
}

/// A policy as programs send it. A box that is not ticked does not come with a form, and says no.
fn policy_sent(mut sent: Value) -> Value {
    for (name, _) in TICKED {
        sent[*name] = sent.get(name).is_some().into();
    }
    let period = sent.get(PERIOD).and_then(Value::as_str).map(str::to_owned);
    match period.as_deref().map(|period| (period, period.parse::<u64>())) {
        Some(("", _)) => sent[PERIOD] = Value::Null,
        Some((_, Ok(seconds))) => sent[PERIOD] = seconds.into(),
        Some((_, Err(_))) | None => {}
    }
    sent
}

/// The address of a user's page.
pub(super) fn page_of(name: &str) -> String {
    format!("/admin/users/{}", utf8_percent_encode(name, NON_ALPHANUMERIC))
}

impl Portal {
    /// What a page of the administrator's shows.
    pub(super) fn console(&self, page: Console<'_>, visit: &Visit) -> Result<Shown, Refusal> {
        let shown = match page {
            Console::SignIn if visit.administrator.is_some() => Some(Shown::elsewhere("/admin")),
            Console::SignIn => Some(Shown::view(AdministratorSignIn)),
            Console::Users => Some(Shown::view(Users { users: self.rows_of_users(visit)? })),
            Console::User(name) => self.details(name, visit)?.map(Shown::view),
            Console::DeleteUser(name) => self
                .details(name, visit)?
                .map(|UserDetails { name, page, .. }| Shown::view(DeleteUser { name, page })),
            Console::DeleteKey(name, id) => self.details(name, visit)?.and_then(|details| {
                let UserDetails { name, page, keys, .. } = details;
                let key = keys.into_iter().find(|key| key.id == id)?;
                Some(Shown::view(DeleteUserKey { name, page, key }))
            }),
        };
        Ok(shown.unwrap_or_else(|| {
            let said = "There is no such user or key.";
            Shown::Elsewhere(self.notice(visit, StatusCode::NOT_FOUND, said))
        }))
    }

    fn rows_of_users(&self, visit: &Visit) -> Result<Vec<UserRow>, Refusal> {
        let told = self.tell_administrator(&["users"], visit)?.map(told_of).unwrap_or_default();
        Ok(told["users"].as_array().into_iter().flatten().map(row).collect())
    }

    fn details(&self, name: &str, visit: &Visit) -> Result<Option<UserDetails>, Refusal> {
        let told = self.tell_administrator(&["users", name], visit)?;
        let found = told.filter(|reply| reply.status.is_success());
        Ok(found.map(|reply| details(&told_of(reply))))
    }
}

/// What a JSON answer holds.
fn told_of(reply: Reply) -> Value {
    match reply.content {
        Content::Json(body) => body,
        Content::Xml(_) | Content::Elsewhere(_) | Content::Page(_) | Content::Asset(_) => {
            Value::Null
        }
    }
}

fn text(told: &Value, member: &str) -> String {
    told[member].as_str().unwrap_or_default().to_owned()
}

fn row(told: &Value) -> UserRow {
    let name = text(told, "user");
    UserRow { page: page_of(&name), name, mail: text(told, "mail"), states: states(told) }
}

fn details(told: &Value) -> UserDetails {
    let name = text(told, "user");
    let keys = told["keys"].as_array().into_iter().flatten();
    UserDetails {
        page: page_of(&name),
        name,
        mail: text(told, "mail"),
        states: states(told),
        seconds_left: told["enrolment_seconds_left"].as_u64(),
        policy: policy(&told["policy"]),
        keys: keys.map(key).collect(),
    }
}

fn policy(told: &Value) -> Policy {
    let members = told.as_object().into_iter().flatten();
    let members = members.filter_map(|(name, value)| {
        let value = value
            .as_str()
            .map(str::to_owned)
            .or_else(|| value.as_bool().map(|yes| yes.to_string()));
        Some((name.clone(), value?))
    });
    Policy { members: members.collect(), period: told[PERIOD].as_u64() }
}

/// How things stand with a user, in words.
fn states(told: &Value) -> Vec<String> {
    let keys = match told["number_of_keys"].as_u64().unwrap_or_default() {
        0 => "no keys".to_owned(),
        1 => "1 key".to_owned(),
        keys => format!("{keys} keys"),
    };
    let codes = match told["codes"].as_str() {
        Some("active") => "codes set up",
        Some("locked-out") => "time for codes is over",
        _ => "no codes",
    };
    let mut states = vec![keys, codes.to_owned()];
    if told["device"] == true {
        states.push("device for prompts".to_owned());
    }
    if told["disabled"] == true {
        states.insert(0, "disabled".to_owned());
    }
    states
}
