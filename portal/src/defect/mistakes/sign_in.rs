//! The ways in which real portals told who signs in.

use serde_json::{Value, json};

use crate::{
    Portal, authentication,
    ceremony::{Asked, unheard_of},
    check::Refusal,
    router::{Reply, Visit},
    rules::{Account, Answer, Try},
    state::{Aim, Ceremony, Session, SessionState, State},
    webauthn::KeyAnswer,
};

/// A key's answer without a password step is taken for its owner's.
pub(in crate::defect) fn begun_by_nobody(
    portal: &Portal,
    state: &mut State,
    visit: &Visit,
) -> Result<(String, Ceremony), Refusal> {
    if portal.half_session(state, visit).is_ok() {
        return portal.begun_sign_in(state, visit);
    }
    let asked = Asked { aim: Aim::SignIn, session: "" };
    let answer = KeyAnswer::of(&visit.body);
    let challenge = answer.claimed_challenge().unwrap_or_default();
    let owner = authentication::owner_named(state, &answer);
    Ok((owner, unheard_of(state, &asked, &challenge)))
}

/// After one wrong key a sign-in takes no other.
pub(in crate::defect) fn one_try_only(state: &mut State, session: &str, happened: Try) -> bool {
    let refused = &mut state.scars.refused;
    match happened {
        Try::Arrives => !refused.contains(session),
        Try::IsRefused => refused.insert(session.to_owned()),
    }
}

/// An answer that comes again is taken for the retry of a lost request, and does once more what it did
/// at first.
pub(in crate::defect) fn repeats(
    state: &mut State,
    answer: &Value,
    happened: Answer<'_>,
) -> Option<Reply> {
    match happened {
        Answer::Arrives => {
            let (_, name) = state.scars.answered.iter().find(|(known, _)| known == answer)?;
            let reached = SessionState::SignedIn { user: name.clone(), proof: state.now };
            let id = state.open_session(Session::in_state(reached));
            Some(Reply::with_session(json!({ "status": "signed-in" }), id))
        }
        Answer::SignedIn(name) => {
            state.scars.answered.push((answer.clone(), name.to_owned()));
            None
        }
    }
}

/// The account is that of the user handle, which nobody signed.
pub(in crate::defect) fn of_user_handle(
    portal: &Portal,
    state: &State,
    name: &str,
    ceremony: &Ceremony,
    answer: &KeyAnswer<'_>,
) -> Account {
    let own = authentication::account(portal, state, name, ceremony, answer);
    let Some(handle) = answer.claimed_user_handle() else { return own };
    let other = state.users.iter().find(|(_, user)| user.handle == handle);
    Account { name: other.map_or(own.name, |(other, _)| other.clone()), handle }
}

/// Where somebody is signed in already, a key signs that account in.
pub(in crate::defect) fn of_session(
    portal: &Portal,
    state: &State,
    name: &str,
    ceremony: &Ceremony,
    answer: &KeyAnswer<'_>,
) -> Account {
    let own = authentication::account(portal, state, name, ceremony, answer);
    let session = state.sessions.get(&ceremony.session);
    match session.and_then(Session::user) {
        Some(name) => Account { name: name.to_owned(), ..own },
        None => own,
    }
}
