//! The ways in which real portals told who signs in.

use serde_json::{Value, json};

use crate::{
    Portal, authentication,
    ceremony::{Asked, unheard_of},
    check::Refusal,
    door::{Reply, Visit},
    rules::{Account, Answer, Try},
    webauthn::KeyAnswer,
    world::{Aim, Ceremony, Session, State, World},
};

/// A key's answer without a password step is taken for its owner's.
pub(in crate::defect) fn begun_by_nobody(
    portal: &Portal,
    world: &mut World,
    visit: &Visit,
) -> Result<(String, Ceremony), Refusal> {
    if portal.half_session(world, visit).is_ok() {
        return portal.begun_sign_in(world, visit);
    }
    let asked = Asked { aim: Aim::SignIn, session: "" };
    let answer = KeyAnswer::of(&visit.body);
    let challenge = answer.claimed_challenge().unwrap_or_default();
    let owner = authentication::owner_named(world, &answer);
    Ok((owner, unheard_of(world, &asked, &challenge)))
}

/// After one wrong key a sign-in takes no other.
pub(in crate::defect) fn one_try_only(world: &mut World, session: &str, happened: Try) -> bool {
    let refused = &mut world.scars.refused;
    match happened {
        Try::Arrives => !refused.contains(session),
        Try::IsRefused => refused.insert(session.to_owned()),
    }
}

/// An answer that comes again is taken for the retry of a lost request, and does once more what it did
/// at first.
pub(in crate::defect) fn repeats(
    world: &mut World,
    answer: &Value,
    happened: Answer<'_>,
) -> Option<Reply> {
    match happened {
        Answer::Arrives => {
            let (_, name) = world.scars.answered.iter().find(|(known, _)| known == answer)?;
            let state = State::SignedIn { user: name.clone(), proof: world.now };
            let id = world.open_session(Session::in_state(state));
            Some(Reply::with_session(json!({ "status": "signed-in" }), id))
        }
        Answer::SignedIn(name) => {
            world.scars.answered.push((answer.clone(), name.to_owned()));
            None
        }
    }
}

/// The account is that of the user handle, which nobody signed.
pub(in crate::defect) fn of_user_handle(
    portal: &Portal,
    world: &World,
    name: &str,
    ceremony: &Ceremony,
    answer: &KeyAnswer<'_>,
) -> Account {
    let own = authentication::account(portal, world, name, ceremony, answer);
    let Some(handle) = answer.claimed_user_handle() else { return own };
    let other = world.users.iter().find(|(_, user)| user.handle == handle);
    Account { name: other.map_or(own.name, |(other, _)| other.clone()), handle }
}

/// Where somebody is signed in already, a key signs that account in.
pub(in crate::defect) fn of_session(
    portal: &Portal,
    world: &World,
    name: &str,
    ceremony: &Ceremony,
    answer: &KeyAnswer<'_>,
) -> Account {
    let own = authentication::account(portal, world, name, ceremony, answer);
    let session = world.sessions.get(&ceremony.session);
    match session.and_then(Session::user) {
        Some(name) => Account { name: name.to_owned(), ..own },
        None => own,
    }
}
