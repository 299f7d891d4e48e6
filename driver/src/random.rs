//! Randomness of the operating system.

use profile::error::Error;

/// What must not be guessed.
///
/// # Errors
/// When the system has none.
pub fn fresh() -> Result<[u8; 32], Error> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| Error::Harness("the system has no randomness".into()))?;
    Ok(bytes)
}
