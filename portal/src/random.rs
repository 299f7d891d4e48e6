//! Seeded randomness: a stream for each purpose, each a counter, so that the order in which parallel
//! requests draw from one purpose cannot change another.

use std::collections::BTreeMap;

use hkdf::Hkdf;
use sha2::Sha256;

/// What randomness is drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Purpose {
    Challenge,
    Session,
    ResetToken,
    TotpSecret,
    UserHandle,
    PasswordSalt,
    DeviceToken,
    PushNumber,
    Ticket,
    AdministratorSession,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::Challenge => "challenge",
            Self::Session => "session",
            Self::ResetToken => "reset token",
            Self::TotpSecret => "totp secret",
            Self::UserHandle => "user handle",
            Self::PasswordSalt => "password salt",
            Self::DeviceToken => "device token",
            Self::PushNumber => "push number",
            Self::Ticket => "ticket",
            Self::AdministratorSession => "administrator's session",
        }
    }
}

/// The streams of one portal.
pub(super) struct Random {
    root: Hkdf<Sha256>,
    drawn: BTreeMap<Purpose, u64>,
}

impl Random {
    pub(super) fn new(seed: &[u8; 32], host: &str) -> Self {
        Self { root: Hkdf::new(Some(host.as_bytes()), seed), drawn: BTreeMap::new() }
    }

    /// The next bytes of a stream.
    pub(super) fn draw<const N: usize>(&mut self, purpose: Purpose) -> [u8; N] {
        let counter = self.drawn.entry(purpose).or_insert(0);
        *counter += 1;
        let info = format!("{} {counter}", purpose.label());
        self.bytes(&info)
    }

    /// Always the same bytes.
    pub(super) fn constant<const N: usize>(&self, label: &str) -> [u8; N] {
        self.bytes(label)
    }

    fn bytes<const N: usize>(&self, info: &str) -> [u8; N] {
        let mut bytes = [0; N];
        // Only an output of more than 255 hashes fails, and N is at most a few.
        let _ = self.root.expand(info.as_bytes(), &mut bytes);
        bytes
    }
}
