//! What is decided about prompts, and about single sign-on.

use crate::{
    Portal,
    ceremony::Asked,
    check::Refusal,
    defect::Scars,
    push,
    state::{Device, Said, Session, State, User},
};

/// Prompts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PushRules {
    /// Whether a prompt is no factor for a user: where only the key counts.
    pub(crate) barred: fn(&User) -> bool,
    /// Whom prompts are counted for: the user, over sessions.
    pub(crate) counted_for: for<'a> fn(name: &'a str, session: &'a str) -> &'a str,
    /// Whether what is said on a device approves: whenever it says so.
    pub(crate) approves: fn(&mut Scars, device: &str, approves: bool) -> bool,
    /// What came of the prompt of a session; its approval is used up.
    pub(crate) outcome: fn(&Portal, &mut Device, &Asked<'_>, now: u64) -> Result<Said, Refusal>,
}

impl PushRules {
    pub(super) const SOUND: Self = Self {
        barred: |user| user.policy.only_key,
        counted_for: |name, _| name,
        approves: |_, _, approves| approves,
        outcome: push::outcome,
    };
}

/// Signing in to applications.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SsoRules {
    /// Whether a session opens an application: once somebody is fully signed in.
    pub(crate) opens: fn(&Session, service: &str) -> bool,
    /// Where the browser is sent after the factor: to the application that asked.
    pub(crate) remembered: fn(wanted: Option<String>) -> Option<String>,
    /// Whose ticket it is: that of whoever is signed in.
    pub(crate) ticket_of: fn(&State, name: String) -> String,
    /// What an application is told of a good ticket: whose it is.
    pub(crate) told: fn(user: String) -> String,
}

impl SsoRules {
    pub(super) const SOUND: Self = Self {
        opens: |session, _| session.opens_applications(),
        remembered: |wanted| wanted,
        ticket_of: |_, name| name,
        told: |user| user,
    };
}
