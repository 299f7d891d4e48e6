//! A browser's session, and how far somebody has come in it.

/// One browser's session.
#[derive(Clone, Default)]
pub(crate) struct Session {
    /// Stays the same when the id is renewed at the factor; nobody's at first.
    pub(crate) line: u64,
    pub(crate) state: SessionState,
    /// The secret of a TOTP set-up that is not confirmed.
    pub(crate) pending_totp: Option<Vec<u8>>,
    /// The key that alone made the last proof, by its credential id.
    pub(crate) proved_by: Option<Vec<u8>>,
    /// The application that sent this browser to sign in.
    pub(crate) wanted: Option<String>,
    /// The set-up dialog was shown by itself.
    pub(crate) was_asked_to_set_up: bool,
}

/// How far somebody has come in a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum SessionState {
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
    pub(crate) fn in_state(state: SessionState) -> Self {
        Self { state, ..Self::default() }
    }

    /// Whose it is, after the password step.
    pub(crate) fn user(&self) -> Option<&str> {
        match &self.state {
            SessionState::Visitor => None,
            SessionState::HalfSignedIn { user }
            | SessionState::SignedIn { user, .. }
            | SessionState::LeftToApplications { user } => Some(user),
        }
    }

    /// When the user who is signed in last proved who they are.
    pub(crate) const fn proof(&self) -> Option<u64> {
        match &self.state {
            SessionState::SignedIn { proof, .. } => Some(*proof),
            SessionState::Visitor
            | SessionState::HalfSignedIn { .. }
            | SessionState::LeftToApplications { .. } => None,
        }
    }

    /// Lets the last proof be as old as one can be.
    pub(crate) fn outlive_proof(&mut self) {
        if let SessionState::SignedIn { proof, .. } = &mut self.state {
            *proof = 0;
        }
    }

    /// Whether a factor is still to be answered.
    pub(crate) const fn is_half_signed_in(&self) -> bool {
        match &self.state {
            SessionState::HalfSignedIn { .. } => true,
            SessionState::Visitor
            | SessionState::SignedIn { .. }
            | SessionState::LeftToApplications { .. } => false,
        }
    }

    /// Whether it opens applications.
    pub(crate) const fn opens_applications(&self) -> bool {
        match &self.state {
            SessionState::SignedIn { .. } | SessionState::LeftToApplications { .. } => true,
            SessionState::Visitor | SessionState::HalfSignedIn { .. } => false,
        }
    }
}
