//! Why an honest key or browser declines to answer.

/// The reason for which there is no response at all; nothing was signed, no counter moved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The key already holds a credential that the portal listed under `excludeCredentials`.
    #[error("the key already holds a credential that the options exclude")]
    Excluded,
    /// No credential of this key, or no key of this kind, is what the options ask for.
    #[error("the key has nothing that the options ask for")]
    NoMatch,
    /// The key knows none of the algorithms in `pubKeyCredParams`.
    #[error("the key knows none of the algorithms that the options offer")]
    UnsupportedAlgorithm,
    /// The relying party id is not the host of the origin or a domain above it, or the origin may
    /// not use WebAuthn at all (neither https nor localhost).
    #[error("the relying party id does not belong to the browser's origin")]
    WrongRpId,
    /// Nobody touched the key in time.
    #[error("nobody touched the key")]
    NoTouch,
    /// User verification is required, and this key or this user cannot give it.
    #[error("user verification is required, and there is none")]
    NoUserVerification,
    /// The options are not what WebAuthn Level 3 §5.4 and §5.5 describe; the text says where.
    #[error("the options cannot be read: {0}")]
    BadOptions(String),
    /// The change belongs to a stage that this ceremony does not have, or left everything as it
    /// was. To go on would be a test that tests nothing.
    #[error("the change has nothing to change: {0}")]
    NothingToChange(&'static str),
}
