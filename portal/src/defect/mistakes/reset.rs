//! The ways in which real portals reset passwords.

use axum::http::StatusCode;
use serde_json::json;

use crate::{
    reset::{self, Factor},
    router::{Reply, Visit},
    state::{Aim, Session, SessionState, State, User},
};

/// An unknown address is told apart.
pub(in crate::defect) fn unknown_address() -> Option<Reply> {
    Some(Reply::with_status(
        StatusCode::NOT_FOUND,
        json!({ "error": "no-such-address", "check": "reset/enumeration", "message": "No user has this address." }),
    ))
}

/// An unknown user name is told apart from a wrong password.
pub(in crate::defect) fn unknown_name() -> Option<Reply> {
    Some(Reply::with_status(
        StatusCode::NOT_FOUND,
        json!({ "error": "no-such-user", "check": "login/password", "message": "There is no such user." }),
    ))
}

/// Only the beginning of a token is compared.
pub(in crate::defect) fn begins_alike(state: &State, sent: &str) -> String {
    let alike = |beginning| state.resets.keys().find(|known| known.starts_with(beginning));
    sent.get(..16).and_then(alike).map_or(sent, String::as_str).to_owned()
}

/// A token is spent only where the body repeats it.
pub(in crate::defect) fn spend_by_member(state: &mut State, token: &str, visit: &Visit) {
    if !visit.text("token").is_empty() {
        reset::spend(state, token, visit);
    }
}

/// A reset removes the user's factors.
pub(in crate::defect) fn without_factors(state: &mut State, name: &str) -> Option<String> {
    if let Some(user) = state.users.get_mut(name) {
        user.keys.clear();
        user.totp = None;
        user.device = None;
    }
    None
}

/// A reset signs in.
pub(in crate::defect) fn signs_in(state: &mut State, name: &str) -> Option<String> {
    let reached = SessionState::SignedIn { user: name.to_owned(), proof: state.now };
    Some(state.open_session(Session::in_state(reached)))
}

/// A push device does not count at a reset.
pub(in crate::defect) fn without_push(user: &User, aim: &Aim) -> Factor {
    match (reset::confirming(user), aim) {
        (Factor::Push, Aim::Reset(_)) => Factor::Nothing,
        (factor, _) => factor,
    }
}
