//! The reference portal for a person. [`prepare`] gives a portal a user in each state, and [`serve`] shows what
//! the users would have in their hands: mails, a device for prompts, and an authenticator app.

mod client;
mod page;
mod people;
mod server;

pub use client::Client;
pub use people::{Person, prepare};
pub use server::{Desk, serve};

use axum::http::StatusCode;

/// Why a portal is not as it should be for a person.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The portal answered otherwise than a sound one does.
    #[error("the portal answered {status} to {request}")]
    Portal {
        /// Method and path.
        request: String,
        /// What it answered with.
        status: StatusCode,
    },
    /// The software key cannot answer what the portal asks.
    #[error("the key of {0} cannot be registered")]
    Key(&'static str),
    /// The page's own address cannot be listened on.
    #[error("cannot listen: {0}")]
    Listen(#[from] std::io::Error),
}

#[cfg(test)]
mod tests;
