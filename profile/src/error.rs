//! One error, its variants by who is at fault. A failed expectation is not an error: it is data.

use reports::record::Fault;

/// What kept us from finding out.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The profile does not describe this portal, or cannot be read.
    #[error("profile: {0}")]
    Profile(String),
    /// The program of the user's that drives the portal ended, said nothing or made no sense.
    #[error("adapter: {0}")]
    Adapter(String),
    /// There is no browser, or it ended or hung while it was driven.
    #[error("browser: {0}")]
    Browser(String),
    /// The portal answered something that no honest portal answers.
    #[error("portal: {0}")]
    Portal(String),
    /// No connection, no name, no TLS, no time.
    #[error("network: {0}")]
    Network(String),
    /// A safety rule of ours stopped it: a host outside the allow-list, a cap.
    #[error("stopped for safety: {0}")]
    Safety(String),
    /// Not sent, because it might do lasting harm to an account: a reason to leave a scenario out.
    #[error("not sent: {0}")]
    NotAllowed(String),
    /// Would show nothing on this portal, as turned out on the way: a reason to leave a scenario out.
    #[error("does not apply: {0}")]
    NotApplicable(String),
    /// Touchstone itself.
    #[error("kit: {0}")]
    Harness(String),
}

impl Error {
    /// The party at fault, as it stands in the record.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Profile(_) => Fault::Profile,
            Self::Adapter(_) => Fault::Adapter,
            Self::Portal(_) => Fault::Portal,
            Self::Network(_) | Self::Browser(_) => Fault::Environment,
            Self::Safety(_) | Self::NotAllowed(_) | Self::NotApplicable(_) | Self::Harness(_) => {
                Fault::Kit
            }
        }
    }
}
