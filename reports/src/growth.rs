//! How far a file has grown by what was written to it: enough to tell whether it still holds just that.

use std::io;

use sha2::{Digest, Sha256};

/// What was written to the end of a file that was empty, by its length and its digest.
#[derive(Clone, Debug, Default)]
pub struct Growth {
    length: u64,
    digest: Sha256,
}

impl Growth {
    /// Something more was written.
    pub fn add(&mut self, bytes: &[u8]) {
        self.length = self.length.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.digest.update(bytes);
    }

    /// How much was written, bytes.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// Whether the same was written.
    #[must_use]
    pub fn is_that_of(&self, other: &Self) -> bool {
        self.length == other.length
            && self.digest.clone().finalize() == other.digest.clone().finalize()
    }

    /// Whether these bytes are what was written.
    #[must_use]
    pub fn is(&self, bytes: &[u8]) -> bool {
        u64::try_from(bytes.len()) == Ok(self.length)
            && self.digest.clone().finalize() == Sha256::digest(bytes)
    }
}

/// It takes whatever is written, and keeps nothing of it.
impl io::Write for Growth {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.add(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
