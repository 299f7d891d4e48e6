//! The ways in which real portals told whose request it is, and ended a session.

use crate::{
    door::Visit,
    session::of_cookie,
    world::{Session, State, World},
};

type Own = Option<(String, Session)>;

/// The session is full after the password; the factor is only a hint.
pub(in crate::defect) fn full_after_password(world: &World, visit: &Visit) -> Own {
    of_cookie(world, visit).map(|(id, session)| (id, filled(world, session)))
}

/// A session after the password alone may register a key.
pub(in crate::defect) fn half_registers(world: &World, visit: &Visit) -> Own {
    let own = of_cookie(world, visit);
    if !["POST /api/keys/options", "POST /api/keys"].contains(&visit.endpoint.as_str()) {
        return own;
    }
    own.map(|(id, session)| (id, filled(world, session)))
}

/// A session after the password alone may set codes up.
pub(in crate::defect) fn half_sets_codes_up(world: &World, visit: &Visit) -> Own {
    let own = of_cookie(world, visit);
    if !sets_codes_up(visit) {
        return own;
    }
    own.map(|(id, session)| (id, filled(world, session)))
}

/// A visitor is given registration options, for the user whom the request names.
pub(in crate::defect) fn visitor_registers(world: &World, visit: &Visit) -> Own {
    let own = of_cookie(world, visit);
    if visit.endpoint != "POST /api/keys/options" {
        return own;
    }
    own.filter(is_full).or_else(|| somebody(world, visit, visit.text("user")))
}

/// A visitor is shown a secret.
pub(in crate::defect) fn visitor_sets_codes_up(world: &World, visit: &Visit) -> Own {
    let own = of_cookie(world, visit);
    if !sets_codes_up(visit) {
        return own;
    }
    own.filter(is_full).or_else(|| somebody(world, visit, ""))
}

/// The challenge alone tells whose new key it is.
pub(in crate::defect) fn registrant_of_challenge(world: &World, visit: &Visit) -> Own {
    let own = of_cookie(world, visit);
    if visit.endpoint != "POST /api/keys" {
        return own;
    }
    let challenge = visit.credential().claimed_challenge();
    let begun = world.ceremonies.iter().find(|known| Some(&known.challenge) == challenge.as_ref());
    let begun = begun.map(|begun| {
        let state = State::SignedIn { user: begun.user.clone(), proof: world.now };
        (begun.session.clone(), Session::in_state(state))
    });
    begun.or(own)
}

/// The factor steps take the user's name from the request, where the session has none.
pub(in crate::defect) fn password_step_skippable(world: &World, visit: &Visit) -> Own {
    let own = of_cookie(world, visit);
    let known = own.as_ref().is_some_and(|(_, session)| session.user().is_some());
    if known || !visit.endpoint.starts_with("POST /api/session/") {
        return own;
    }
    let state = State::HalfSignedIn { user: visit.text("user").to_owned() };
    Some((visit.session.clone().unwrap_or_default(), Session::in_state(state)))
}

/// The code step takes the user's name from the request.
pub(in crate::defect) fn code_of_whom_the_request_names(world: &World, visit: &Visit) -> Own {
    let (id, session) = of_cookie(world, visit)?;
    let named = visit.text("user");
    let names = visit.endpoint == "POST /api/session/totp" && !named.is_empty();
    if !names || session.user().is_none() {
        return Some((id, session));
    }
    Some((id, Session { state: State::HalfSignedIn { user: named.to_owned() }, ..session }))
}

/// Signing out ends the portal's own pages alone.
pub(in crate::defect) fn left_to_applications(
    world: &mut World,
    session: Option<&str>,
) -> Option<String> {
    let session = session.and_then(|id| world.sessions.get_mut(id))?;
    if let State::SignedIn { user, .. } = &session.state {
        session.state = State::LeftToApplications { user: user.clone() };
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
fn filled(world: &World, session: Session) -> Session {
    match session.state {
        State::HalfSignedIn { user } => {
            Session { state: State::SignedIn { user, proof: world.now }, ..session }
        }
        State::Visitor | State::SignedIn { .. } | State::LeftToApplications { .. } => session,
    }
}

/// Somebody who is taken for signed in.
fn somebody(world: &World, visit: &Visit, user: &str) -> Own {
    let state = State::SignedIn { user: user.to_owned(), proof: world.now };
    Some((visit.session.clone().unwrap_or_default(), Session::in_state(state)))
}
