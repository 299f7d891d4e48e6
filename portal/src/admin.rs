//! What only the administrator may do.

mod session;
mod told;

use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Portal,
    check::{Check, Refusal},
    random::Purpose,
    router::{Reply, Visit},
    rules::{EndRules, Ended},
    state::{Attestation, Device, Place, Policy, Push, State, User, Verification},
};

/// A policy as it comes in: what is absent stays as it is.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wished {
    key: Option<Place>,
    totp: Option<Place>,
    push: Option<Push>,
    totp_enrolment_seconds: Option<u64>,
    only_key: Option<bool>,
    self_registration: Option<bool>,
    passwordless: Option<bool>,
    user_verification: Option<Verification>,
    attestation: Option<Attestation>,
    disabled: Option<bool>,
}

impl Wished {
    fn apply(self, policy: &mut Policy) {
        policy.key = self.key.unwrap_or(policy.key);
        policy.totp = self.totp.unwrap_or(policy.totp);
        policy.push = self.push.unwrap_or(policy.push);
        policy.totp_enrolment = self.totp_enrolment_seconds.or(policy.totp_enrolment);
        policy.only_key = self.only_key.unwrap_or(policy.only_key);
        policy.self_registration = self.self_registration.unwrap_or(policy.self_registration);
        policy.passwordless = self.passwordless.unwrap_or(policy.passwordless);
        policy.verification = self.user_verification.unwrap_or(policy.verification);
        policy.attestation = self.attestation.unwrap_or(policy.attestation);
        policy.disabled = self.disabled.unwrap_or(policy.disabled);
    }
}

impl Portal {
    /// The administrator's endpoints. `None` for a path that is none of them.
    pub(super) async fn administer(
        &self,
        method: &str,
        path: &[&str],
        visit: &Visit,
    ) -> Result<Option<Reply>, Refusal> {
        if let ("POST", ["session"]) = (method, path) {
            return Ok(Some(self.sign_administrator_in(visit)));
        }
        if method == "GET" {
            return self.tell_administrator(path, visit);
        }
        self.require(Check::AdminAuthorised, visit.authorised)?;
        let path: Vec<String> = path.iter().map(|segment| decoded(segment)).collect();
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let reply = match (method, path.as_slice()) {
            ("DELETE", ["session"]) => Ok(self.sign_administrator_out(visit)),
            ("POST", ["clock"]) => Ok(self.advance(visit)),
            ("POST", ["users"]) => Ok(self.create_user(visit).await),
            ("PUT", ["users", name, "policy"]) => Ok(self.set_policy(name, &visit.body)),
            ("DELETE", ["users", name]) => Ok(self.delete_user(name)),
            (_, ["users", name, "keys", ..]) if !self.state().users.contains_key(*name) => {
                Ok(nobody())
            }
            ("POST", ["users", name, "keys", "options"]) => self.ask_to_register_for(name),
            ("POST", ["users", name, "keys"]) => self.register_for(name, visit),
            ("DELETE", ["users", name, "keys", id]) => Ok(self.delete_key_of(name, id)),
            ("POST", ["users", name, "enrolment"]) => Ok(self.reset_enrolment(name)),
            ("POST", ["users", name, "reset"]) => self.mail_link_to(name).await,
            _ => return Ok(None),
        };
        reply.map(Some)
    }

    /// What the administrator may ask. `None` for a path that is nothing of that.
    pub(super) fn tell_administrator(
        &self,
        path: &[&str],
        visit: &Visit,
    ) -> Result<Option<Reply>, Refusal> {
        self.require(Check::AdminAuthorised, visit.authorised)?;
        Ok(Some(match path {
            ["users"] => self.users_told(),
            ["users", name] => self.user_told(&decoded(name)),
            ["users", name, "device"] => self.device_of(&decoded(name)),
            _ => return Ok(None),
        }))
    }

    /// Mails a user the link that a new password is set behind.
    async fn mail_link_to(&self, name: &str) -> Result<Reply, Refusal> {
        let mail = self.state().users.get(name).map(|user| user.mail.clone());
        match mail {
            Some(mail) => self.send_link(&mail).await,
            None => Ok(nobody()),
        }
    }

    fn advance(&self, visit: &Visit) -> Reply {
        let mut state = self.state();
        let seconds = visit.body.get("advance").and_then(Value::as_u64).unwrap_or_default();
        state.now = state.now.saturating_add(seconds);
        Reply::ok(json!({ "now": state.now }))
    }

    async fn create_user(&self, visit: &Visit) -> Reply {
        let (name, password, mail) =
            (visit.text("user"), visit.text("password"), visit.text("mail"));
        if name.is_empty() || password.is_empty() {
            return bad("A user has a name and a password.");
        }
        let mut policy = Policy::default();
        match serde_json::from_value::<Wished>(
            visit.body.get("policy").cloned().unwrap_or(json!({})),
        ) {
            Ok(wished) => wished.apply(&mut policy),
            Err(error) => return bad(&error.to_string()),
        }
        let salt = self.state().random.draw(Purpose::PasswordSalt);
        let hash = self.hash(password, salt).await;
        let mut state = self.state();
        if state.users.contains_key(name) {
            return Reply::with_status(
                StatusCode::CONFLICT,
                json!({ "error": "exists", "message": "There is such a user." }),
            );
        }
        let handle = (self.rules().options.new_handle)(&mut state, name);
        let user = User {
            mail: mail.to_owned(),
            password: hash,
            handle,
            policy,
            keys: Vec::new(),
            totp: None,
            device: None,
            enrolment_from: state.now,
            mailed: Vec::new(),
        };
        state.users.insert(name.to_owned(), user);
        give_device(&mut state, name);
        Reply::with_status(StatusCode::CREATED, json!({ "user": name }))
    }

    fn set_policy(&self, name: &str, body: &Value) -> Reply {
        let wished = match serde_json::from_value::<Wished>(body.clone()) {
            Ok(wished) => wished,
            Err(error) => return bad(&error.to_string()),
        };
        let mut state = self.state();
        let Some(user) = state.users.get_mut(name) else { return nobody() };
        let before = user.policy.clone();
        wished.apply(&mut user.policy);
        let event = policy_event(&before, &user.policy);
        give_device(&mut state, name);
        self.happened(&mut state, event, (name, ""));
        Reply::ok(json!({ "user": name }))
    }

    fn delete_user(&self, name: &str) -> Reply {
        let mut state = self.state();
        if state.forget(name) { Reply::ok(json!({ "deleted": name })) } else { nobody() }
    }

    fn delete_key_of(&self, name: &str, id: &str) -> Reply {
        let mut state = self.state();
        let id = URL_SAFE_NO_PAD.decode(id).unwrap_or_default();
        if state.owner(&id).is_none_or(|(owner, _)| owner != name) {
            return nobody();
        }
        self.remove_key(&mut state, (name, ""), &id);
        self.happened(&mut state, |ends| &ends.key_taken, (name, ""));
        Reply::ok(json!({ "deleted": "key" }))
    }

    /// What the requests of a user's device carry, for whoever plays the device.
    fn device_of(&self, name: &str) -> Reply {
        let state = self.state();
        let device = state.users.get(name).and_then(|user| user.device.as_ref());
        device.map_or_else(nobody, |device| Reply::ok(json!({ "token": device.token })))
    }

    fn reset_enrolment(&self, name: &str) -> Reply {
        let mut state = self.state();
        let now = state.now;
        let Some(user) = state.users.get_mut(name) else { return nobody() };
        (self.rules().totp.period_reset)(user, now);
        self.happened(&mut state, |ends| &ends.period_reset, (name, ""));
        Reply::ok(json!({ "user": name }))
    }
}

/// A name as an address writes it.
fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// What another policy is for its user.
fn policy_event(before: &Policy, now: &Policy) -> fn(&EndRules) -> &Ended {
    if now.disabled {
        |ends| &ends.disabled
    } else if before.disabled {
        |ends| &ends.enabled
    } else if now.key == Place::Off {
        |ends| &ends.keys_off
    } else {
        |ends| &ends.policy_changed
    }
}

/// Sets up a device for a user who may use one and has none yet.
fn give_device(state: &mut State, name: &str) {
    let token = state.token(Purpose::DeviceToken);
    if let Some(user) = state.users.get_mut(name)
        && user.policy.push == Push::Allowed
        && user.device.is_none()
    {
        user.device = Some(Device { token, ..Device::default() });
    }
}

fn bad(message: &str) -> Reply {
    let body = json!({ "error": "bad-request", "message": message });
    Reply::with_status(StatusCode::BAD_REQUEST, body)
}

fn nobody() -> Reply {
    let body = json!({ "error": "not-found", "message": "There is no such user or key." });
    Reply::with_status(StatusCode::NOT_FOUND, body)
}
