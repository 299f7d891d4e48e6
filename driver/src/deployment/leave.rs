//! Leave to send once more what costs something each time: a try that may be a wrong one, or a mail.

use std::fmt::Debug;

use profile::Verb;

/// What is asked before each time but the first, for which whoever sends it has asked.
pub trait Leave: Debug + Send + Sync {
    /// Takes leave for one more; whether there is any.
    fn once_more(&self) -> bool;
}

/// Whether each time counts that a verb is sent.
pub(super) const fn costs(verb: Verb) -> bool {
    verb.row().is_a_try || matches!(verb, Verb::RequestReset)
}
