//! From a form to the flow that it is part of.

use profile::Verb;

use super::{
    page::{Field, Form, Kind, Topic},
    toml::{Step, literal},
};

/// A form, what it is for, and how it is filled in.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) verb: Verb,
    pub(super) step: Step,
    /// What of it could not be told.
    pub(super) unknown: Vec<String>,
}

/// What a form is for, where that can be told from it and from the path that it stands on.
pub(super) fn read(form: &Form, page: &str) -> Option<Reading> {
    let topic = Topic::of(form.action.path()).or_else(|| Topic::of(page));
    let passwords: Vec<&Field> = form.of(Kind::Password).collect();
    let whose = form.has(Kind::User) || form.has(Kind::Mail);
    let old = passwords.iter().any(|field| is_old(&field.name));
    let signs_up = topic == Some(Topic::SignUp) || Topic::of(page) == Some(Topic::SignUp);
    let verb = match passwords.len() {
        _ if topic == Some(Topic::SignOut) && !whose => Verb::SignOut,
        _ if !form.posts => return None,
        1 if whose && signs_up => Verb::CreateUser,
        1 if whose => Verb::SignIn,
        2 | 3 if whose && !old => Verb::CreateUser,
        0 if whose && signs_up => Verb::CreateUser,
        0 if whose && topic == Some(Topic::Reset) => Verb::RequestReset,
        0 if whose && topic == Some(Topic::SignIn) => Verb::SignIn,
        _ => return None,
    };
    let mut unknown = Vec::new();
    let mut step = Step::new("form", form.selector.clone());
    for field in &form.fields {
        match place(field, verb) {
            Some(place) => step.fields.push((field.name.clone(), place)),
            None if field.kind == Kind::Captcha => unknown.push(format!(
                "the form has a captcha (`{}`): let the portal take a test value, `headers` in [portal]", field.name
            )),
            None if field.required && field.kind == Kind::Other => unknown.push(format!(
                "the form asks for `{}`: add it to `fill`", field.name
            )),
            None => {}
        }
    }
    if verb == Verb::SignIn && passwords.is_empty() {
        unknown.push("the password is asked for on the page after this form: sign in with a browser, see how its fields are called, and add a step `form` that fills them in (Step)".to_owned());
    }
    Some(Reading { verb, step, unknown })
}

/// Whether a password field is for the password of before.
pub(super) fn is_old(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("old") || name.contains("current")
}

fn place(field: &Field, verb: Verb) -> Option<String> {
    match field.kind {
        // A reset is asked for by address more often than by name, but the field says so then.
        Kind::User => matches!(verb, Verb::SignIn | Verb::CreateUser | Verb::RequestReset)
            .then(|| "{user}".to_owned()),
        Kind::Mail => Some("{mail}".to_owned()),
        Kind::Password => Some("{password}".to_owned()),
        Kind::Box if field.required => {
            let value = if field.value.is_empty() { "on" } else { &field.value };
            Some(literal(value))
        }
        Kind::Box | Kind::Code | Kind::Hidden | Kind::Button | Kind::Captcha | Kind::Other => None,
    }
}
