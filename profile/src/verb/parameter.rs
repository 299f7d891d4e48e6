//! What the flows of verbs are given, each under one name with one meaning.

/// Something that a flow is given.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The name of its placeholder.
    pub name: &'static str,
    /// What it is, in words.
    pub says: &'static str,
    /// Whether it may be missing.
    pub is_optional: bool,
    /// Whether it opens an account.
    pub is_secret: bool,
}

impl Parameter {
    pub(super) const USER: Self = Self::new("user", "A user name.");
    pub(super) const PASSWORD: Self =
        Self::new("password", "The password; the new one where one is set.").secret();
    pub(super) const OLD: Self = Self::new("old", "The password until now.").secret();
    pub(super) const MAIL: Self = Self::new("mail", "A mail address.");
    pub(super) const CODE: Self = Self::new("code", "A one-time code.").secret();
    pub(super) const ANSWER: Self = Self::new(
        "answer",
        "What is said on the user's device, `approve` or `deny`; absent where nobody answers.",
    )
    .optional();
    pub(super) const CREDENTIAL: Self = Self::new(
        "credential",
        "What the key said: a PublicKeyCredential as JSON of WebAuthn Level 3.",
    );
    pub(super) const USER_VERIFICATION: Self = Self::new(
        "user_verification",
        "What the client asks the portal to ask for, `discouraged`.",
    )
    .optional();
    pub(super) const LABEL: Self = Self::new("label", "The name of a key.");
    pub(super) const ALONE: Self =
        Self::new("alone", "True for a key that is to sign in without a password.").optional();
    pub(super) const KEY: Self = Self::new("key", "The `id` of a key in `list_keys`.");
    pub(super) const LINK: Self =
        Self::new("link", "What `[mail]` found in the mail: the link, its token or a code.")
            .secret();
    pub(super) const POLICY: Self = Self::new(
        "policy",
        "An object, what an administrator decides for the user: `key` and `totp` (`off`, `allowed`, `required`), `push` (`off`, `allowed`: a push device is set up for the user, and may be used), `totp_enrolment_seconds`, `only_key`, `self_registration`, `passwordless` and `disabled` (true, false), `user_verification` (`preferred`, `required`). What is not in it stays as it is.",
    );
    pub(super) const SECONDS: Self =
        Self::new("seconds", "By how much the portal's clock is moved.");

    /// Each of them, as a manual lists them.
    pub const ALL: &[Self] = &[
        Self::USER,
        Self::PASSWORD,
        Self::OLD,
        Self::MAIL,
        Self::CODE,
        Self::ANSWER,
        Self::CREDENTIAL,
        Self::USER_VERIFICATION,
        Self::LABEL,
        Self::ALONE,
        Self::KEY,
        Self::LINK,
        Self::POLICY,
        Self::SECONDS,
    ];

    const fn new(name: &'static str, says: &'static str) -> Self {
        Self { name, says, is_optional: false, is_secret: false }
    }

    const fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    /// The same, where the verb may do without it.
    pub(super) const fn optional(self) -> Self {
        Self { is_optional: true, ..self }
    }
}
