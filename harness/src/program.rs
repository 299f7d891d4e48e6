//! What this program is called where it runs, for the lines that a person is to copy.

use std::sync::OnceLock;

/// In its repository.
pub const IN_ITS_REPOSITORY: &str = "cargo xtask";

/// Where it is installed.
pub const INSTALLED: &str = "touchstone";

static NAME: OnceLock<&str> = OnceLock::new();

/// The words that a command line of it begins with.
#[must_use]
pub fn name() -> &'static str {
    NAME.get().copied().unwrap_or(IN_ITS_REPOSITORY)
}

/// From now on it is called as an installed program. The first word that anybody was told stays.
pub fn is_installed() {
    NAME.get_or_init(|| INSTALLED);
}
