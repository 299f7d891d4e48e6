//! Passwords and their hashes.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

use super::Portal;

/// Cost of argon2id.
#[derive(Clone, Copy, Debug)]
pub struct Argon2Cost {
    /// Memory, KiB.
    pub memory: u32,
    /// Passes.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Argon2Cost {
    /// The least that argon2id allows: for the suite, which hashes in every scenario.
    #[must_use]
    pub const fn cheapest() -> Self {
        Self { memory: 8, passes: 1, lanes: 1 }
    }

    /// What OWASP recommends for argon2id: 19 MiB, two passes, one lane.
    #[must_use]
    pub const fn recommended() -> Self {
        Self { memory: 19_456, passes: 2, lanes: 1 }
    }

    fn hash(self, password: &str, salt: &[u8]) -> String {
        let mut out = [0; 32];
        // The two costs above are legal, and the salt is 16 bytes; a hash that fails matches nothing.
        let Ok(params) = Params::new(self.memory, self.passes, self.lanes, Some(out.len())) else {
            return String::new();
        };
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        if argon2.hash_password_into(password.as_bytes(), salt, &mut out).is_err() {
            return String::new();
        }
        format!("{}${}", STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(out))
    }
}

/// The most memory times passes that is hashed in place; more goes to a thread of its own.
const CHEAP: u32 = 256;

impl Portal {
    /// A password as it is stored. Slow on purpose: never while the state is held.
    pub(super) async fn hash(&self, password: &str, salt: [u8; 16]) -> String {
        self.hashed(password, salt.to_vec()).await
    }

    /// Whether a password is the stored one. Where there is none the same work is done.
    pub(super) async fn password_matches(&self, password: &str, stored: Option<&str>) -> bool {
        let salt = stored
            .and_then(|stored| stored.split('$').next())
            .and_then(|salt| STANDARD_NO_PAD.decode(salt).ok());
        let hash = self.hashed(password, salt.unwrap_or_else(|| vec![0; 16])).await;
        stored.is_some_and(|stored| {
            !hash.is_empty() && constant_time_eq(stored.as_bytes(), hash.as_bytes())
        })
    }

    async fn hashed(&self, password: &str, salt: Vec<u8>) -> String {
        let cost = self.settings.argon2;
        if cost.memory.saturating_mul(cost.passes) <= CHEAP {
            return cost.hash(password, &salt);
        }
        let password = password.to_owned();
        // A hash that fails is empty, and matches nothing.
        let hashing = tokio::task::spawn_blocking(move || cost.hash(&password, &salt));
        hashing.await.unwrap_or_default()
    }
}

/// Compares without telling where two values differ.
pub(super) fn constant_time_eq(one: &[u8], two: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one, two).is_ok()
}
