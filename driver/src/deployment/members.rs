//! The members of what a browser sends: which it has sent, so that a story can leave them out one by one,
//! and the one that it leaves out.

use std::collections::BTreeSet;

/// What one browser sends and does not send.
#[derive(Clone, Debug, Default)]
pub(super) struct Members {
    left_out: Option<String>,
    sent: BTreeSet<String>,
}

impl Members {
    pub(super) fn leaving_out(member: &str) -> Self {
        Self { left_out: Some(member.to_owned()), sent: BTreeSet::new() }
    }

    pub(super) fn of_a_fresh(&self) -> Self {
        Self { left_out: self.left_out.clone(), sent: BTreeSet::new() }
    }

    /// Names of what was sent.
    pub(super) fn sent(&self) -> Vec<String> {
        self.sent.iter().cloned().collect()
    }

    /// Whether a member is the one that is left out.
    pub(super) fn leaves_out(&self, member: &str) -> bool {
        self.left_out.as_deref() == Some(member)
    }

    /// Takes down that a member was sent.
    pub(super) fn note(&mut self, member: &str) {
        self.sent.insert(member.to_owned());
    }
}
