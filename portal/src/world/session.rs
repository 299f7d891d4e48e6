//! A browser's session, and how far somebody has come in it.

/// One browser's session.
#[derive(Clone, Default)]
pub(crate) struct Session {
    /// Stays the same when the id is renewed at the factor; nobody's at first.
    pub(crate) line: u64,
    pub(crate) state: State,
    /// The secret of a TOTP set-up that is not confirmed.
    pub(crate) pending_totp: Option<Vec<u8>>,
    /// The application that sent this browser to sign in.
    pub(crate) wanted: Option<String>,
}

/// How far somebody has come in a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum State {
    /// Nobody has said who they are.
    #[default]
    Visitor,
    /// After the password; a factor is still to be answered.
    HalfSignedIn { user: String },
    /// After the factor, or where none is asked for.
    SignedIn {
        user: String,
        /// When the user last proved who they are.
        proof: u64,
    },
    /// Signed out of the portal's own pages, and not of applications.
    LeftToApplications { user: String },
}

impl Session {
    /// A new session in a state.
    pub(crate) fn in_state(state: State) -> Self {
        Self { state, ..Self::default() }
    }

    /// Whose it is, after the password step.
    pub(crate) fn user(&self) -> Option<&str> {
        match &self.state {
            State::Visitor => None,
            State::HalfSignedIn { user }
            | State::SignedIn { user, .. }
            | State::LeftToApplications { user } => Some(user),
        }
    }

    /// When the user who is signed in last proved who they are.
    pub(crate) const fn proof(&self) -> Option<u64> {
        match &self.state {
            State::SignedIn { proof, .. } => Some(*proof),
            State::Visitor | State::HalfSignedIn { .. } | State::LeftToApplications { .. } => None,
        }
    }

    /// Whether it opens applications.
    pub(crate) const fn opens_applications(&self) -> bool {
        match &self.state {
            State::SignedIn { .. } | State::LeftToApplications { .. } => true,
            State::Visitor | State::HalfSignedIn { .. } => false,
        }
    }
}
