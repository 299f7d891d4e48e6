//! What is decided about sessions, and about who is signed in.

use crate::{
    router::Visit,
    session,
    state::{Session, State},
};

/// Sessions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionRules {
    /// Whose request it is: that of the session which its cookie names, as far as that one has come.
    pub(crate) of_request: fn(&State, &Visit) -> Option<(String, Session)>,
    /// What becomes of a session's id at the password step, so that whoever knew it has nothing
    /// (OWASP ASVS 7.2.4).
    pub(crate) id_at_password: SessionId,
    /// The same at the factor.
    pub(crate) id_at_factor: SessionId,
    /// How long a proof of who somebody is stays fresh, seconds.
    pub(crate) fresh_for: u64,
    /// Ends a session on the server (OWASP ASVS 7.4.1); what the browser's cookie holds from then on.
    pub(crate) signed_out: fn(&mut State, session: Option<&str>) -> Option<String>,
}

/// What becomes of a session's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionId {
    Renewed,
    Kept,
}

impl SessionRules {
    pub(super) const SOUND: Self = Self {
        of_request: session::of_cookie,
        id_at_password: SessionId::Renewed,
        id_at_factor: SessionId::Renewed,
        fresh_for: 600,
        signed_out: |state, session| {
            session.map(|id| state.sessions.remove(id));
            Some(String::new())
        },
    };
}
