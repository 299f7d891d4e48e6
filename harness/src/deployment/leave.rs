//! Leave to send once more what costs something each time: a try that may be a wrong one, or a mail.

use std::sync::Arc;

use super::mails::Mails;
use crate::{profile::Verb, standing::Leave as ForATry};

/// What is asked before each time but the first, for which whoever sends it has asked.
#[derive(Clone, Debug)]
pub(crate) enum Leave {
    /// By what the account has borne.
    Try(ForATry),
    /// By the mails of the last hour.
    Mail(Arc<Mails>),
}

impl Leave {
    /// Takes leave for one more; whether there is any.
    pub(super) fn once_more(&self) -> bool {
        match self {
            Self::Try(leave) => leave.once_more(),
            Self::Mail(mails) => mails.one_more().is_ok(),
        }
    }
}

/// Whether each time counts that a verb is sent.
pub(super) const fn costs(verb: Verb) -> bool {
    verb.is_a_try() || matches!(verb, Verb::RequestReset)
}
