//! What the administrator is told of users.

use serde_json::{Value, json};

use crate::{
    Portal,
    keys::rows,
    router::Reply,
    state::{Policy, State, User},
    totp,
};

use super::nobody;

impl Portal {
    /// Every user, in short.
    pub(super) fn users_told(&self) -> Reply {
        let state = self.state();
        let users: Vec<Value> =
            state.users.iter().map(|(name, user)| in_short(name, user, state.now)).collect();
        Reply::ok(json!({ "users": users }))
    }

    /// Everything that the administrator decides of one user, and what the user has set up.
    pub(super) fn user_told(&self, name: &str) -> Reply {
        let state = self.state();
        let Some(user) = state.users.get(name) else { return nobody() };
        let mut told = in_short(name, user, state.now);
        told["policy"] = policy(&user.policy);
        told["keys"] = rows(&state, name).into();
        told["enrolment_seconds_left"] = seconds_left(&state, user);
        Reply::ok(told)
    }
}

fn in_short(name: &str, user: &User, now: u64) -> Value {
    json!({
        "user": name,
        "mail": user.mail,
        "disabled": user.policy.disabled,
        "number_of_keys": user.keys.len(),
        "codes": totp::status(user, now),
        "device": user.device.is_some(),
    })
}

/// A policy, with the members that the administrator sends.
fn policy(policy: &Policy) -> Value {
    json!({
        "key": policy.key,
        "totp": policy.totp,
        "push": policy.push,
        "totp_enrolment_seconds": policy.totp_enrolment,
        "only_key": policy.only_key,
        "self_registration": policy.self_registration,
        "passwordless": policy.passwordless,
        "user_verification": policy.verification,
        "attestation": policy.attestation,
        "disabled": policy.disabled,
    })
}

/// How long the user may still set codes up; null without an enrollment period.
fn seconds_left(state: &State, user: &User) -> Value {
    let ends = user.policy.totp_enrolment.map(|period| user.enrolment_from.saturating_add(period));
    ends.map_or(Value::Null, |ends| ends.saturating_sub(state.now).into())
}
