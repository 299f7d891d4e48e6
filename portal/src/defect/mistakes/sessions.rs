//! The ways in which real portals told whose request it is, and ended a session.

use crate::{
    router::Visit,
    session::of_cookie,
    state::{Session, SessionState, State},
};

type Own = Option<(String, Session)>;

/// The session is full after the password; the factor is only a hint.
pub(in crate::defect) fn full_after_password(state: &State, visit: &Visit) -> Own {
    of_cookie(state, visit).map(|(id, session)| (id, filled(state, session)))
}

/// A session after the password alone may register a key.
pub(in crate::defect) fn half_registers(state: &State, visit: &Visit) -> Own {
    let own = of_cookie(state, visit);
    if !["POST /api/keys/options", "POST /api/keys"].contains(&visit.endpoint.as_str()) {
        return own;
    }
    own.map(|(id, session)| (id, filled(state, session)))
}

/// A session after the password alone may set codes up.
pub(in crate::defect) fn half_sets_codes_up(state: &State, visit: &Visit) -> Own {
    let own = of_cookie(state, visit);
    if !sets_codes_up(visit) {
        return own;
    }
    own.map(|(id, session)| (id, filled(state, session)))
}

/// A visitor is given registration options, for the user whom the request names.
pub(in crate::defect) fn visitor_registers(state: &State, visit: &Visit) -> Own {
    let own = of_cookie(state, visit);
    if visit.endpoint != "POST /api/keys/options" {
        return own;
    }
    own.filter(is_full).or_else(|| somebody(state, visit, visit.text("user")))
}

/// A visitor is shown a secret.
pub(in crate::defect) fn visitor_sets_codes_up(state: &State, visit: &Visit) -> Own {
    let own = of_cookie(state, visit);
    if !sets_codes_up(visit) {
        return own;
    }
    own.filter(is_full).or_else(|| somebody(state, visit, ""))
}

/// The challenge alone tells whose new key it is.
pub(in crate::defect) fn registrant_of_challenge(state: &State, visit: &Visit) -> Own {
    let own = of_cookie(state, visit);
    if visit.endpoint != "POST /api/keys" {
        return own;
    }
    let challenge = visit.credential().claimed_challenge();
    let begun = state.ceremonies.iter().find(|known| Some(&known.challenge) == challenge.as_ref());
    let begun = begun.map(|begun| {
        let reached = SessionState::SignedIn { user: begun.user.clone(), proof: state.now };
        (begun.session.clone(), Session::in_state(reached))
    });
    begun.or(own)
}

/// The factor steps take the user's name from the request, where the session has none.
pub(in crate::defect) fn password_step_skippable(state: &State, visit: &Visit) -> Own {
    let own = of_cookie(state, visit);
    let known = own.as_ref().is_some_and(|(_, session)| session.user().is_some());
    if known || !visit.endpoint.starts_with("POST /api/session/") {
        return own;
    }
    let reached = SessionState::HalfSignedIn { user: visit.text("user").to_owned() };
    Some((visit.session.clone().unwrap_or_default(), Session::in_state(reached)))
}

/// The code step takes the user's name from the request.
pub(in crate::defect) fn code_of_whom_the_request_names(state: &State, visit: &Visit) -> Own {
    let (id, session) = of_cookie(state, visit)?;
    let named = visit.text("user");
    let names = visit.endpoint == "POST /api/session/totp" && !named.is_empty();
    if !names || session.user().is_none() {
        return Some((id, session));
    }
    Some((id, Session { state: SessionState::HalfSignedIn { user: named.to_owned() }, ..session }))
}

/// Signing out ends the portal's own pages alone.
pub(in crate::defect) fn left_to_applications(
    state: &mut State,
    session: Option<&str>,
) -> Option<String> {
    let session = session.and_then(|id| state.sessions.get_mut(id))?;
    if let SessionState::SignedIn { user, .. } = &session.state {
        session.state = SessionState::LeftToApplications { user: user.clone() };
    }
    None
}

fn sets_codes_up(visit: &Visit) -> bool {
    ["POST /api/totp/options", "POST /api/totp"].contains(&visit.endpoint.as_str())
}

fn is_full((_, session): &(String, Session)) -> bool {
    session.proof().is_some()
}

/// A session as it is after the factor.
fn filled(state: &State, session: Session) -> Session {
    match session.state {
        SessionState::HalfSignedIn { user } => {
            Session { state: SessionState::SignedIn { user, proof: state.now }, ..session }
        }
        SessionState::Visitor
        | SessionState::SignedIn { .. }
        | SessionState::LeftToApplications { .. } => session,
    }
}

/// Somebody who is taken for signed in.
fn somebody(state: &State, visit: &Visit, user: &str) -> Own {
    let reached = SessionState::SignedIn { user: user.to_owned(), proof: state.now };
    Some((visit.session.clone().unwrap_or_default(), Session::in_state(reached)))
}
