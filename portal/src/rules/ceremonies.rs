//! What is decided while an answer is verified: WebAuthn Level 3 §7.1 and §7.2, and the parts that
//! they read.

use crate::{
    check::Refusal,
    webauthn::{
        Accepted, Attempt, Expectation, PublicKey,
        attestation::{self, Certificate, Procedure},
        authenticator_data::{self, Flags, Parts},
        base64url,
        json::{Json, Members},
    },
};

/// How the client data is read, in both ceremonies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientDataRules {
    /// The text that is parsed: a "UTF-8 decode" takes a byte order mark off (§7.1 step 5).
    pub(crate) decoded: fn(text: &str) -> &str,
    /// What the text has to look like beside being JSON: like nothing in particular, since members may
    /// come in any order, with blanks, and beside others (§5.8.1).
    pub(crate) looks: fn(text: &str, members: &Members<'_>) -> bool,
    /// The members that are looked at: as they stand, each as often as it stands.
    pub(crate) kept: fn(Members<'_>) -> Members<'_>,
}

impl ClientDataRules {
    pub(crate) const SOUND: Self = Self {
        decoded: |text| text.strip_prefix('\u{feff}').unwrap_or(text),
        looks: |_, _| true,
        kept: |members| members,
    };
}

/// How the authenticator data of one ceremony is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DataRules {
    /// How many bytes it may have: as many as its flags announce, and 37 at least (§6.1).
    pub(crate) length: fn(usize) -> bool,
    /// The parts behind the head that are read.
    pub(crate) parts: fn(flags: Flags, rest: &[u8]) -> Parts,
    /// Takes the extension outputs off what is left: one map, whatever it holds (§9.5).
    pub(crate) extensions: fn(rest: &mut &[u8]) -> Option<()>,
}

impl DataRules {
    /// A new credential is looked for even where the flag for it is not set, which is refused by a
    /// check of its own.
    const AT_REGISTRATION: Self = Self {
        parts: |flags, _| Parts { attested: true, extensions: flags.extensions() },
        ..Self::AT_AUTHENTICATION
    };
    const AT_AUTHENTICATION: Self = Self {
        length: |length| length >= authenticator_data::HEAD,
        parts: |flags, _| Parts { attested: flags.attested(), extensions: flags.extensions() },
        extensions: authenticator_data::extensions,
    };
}

/// Registering a new credential, §7.1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RegistrationRules {
    /// Step 8: the challenge is the one that was issued, byte for byte.
    pub(crate) challenge: fn(sent: &str, issued: &[u8]) -> bool,
    /// Step 9: the origin is the portal's own, byte for byte.
    pub(crate) origin: fn(sent: &str, expect: &Expectation<'_>) -> bool,
    /// Step 13: how the authenticator data is read.
    pub(crate) data: DataRules,
    /// Steps 21 and 22: the procedure of a format, where it is known (§8.2, §8.6, §8.7).
    pub(crate) procedure: fn(format: &str) -> Option<Procedure>,
    /// §8.2.1: whether an authenticator may have this certificate, which is no authority's.
    pub(crate) leaf: fn(&Certificate) -> bool,
    /// Step 25: how many bytes a credential id may have.
    pub(crate) id_length: fn(usize) -> bool,
}

impl RegistrationRules {
    pub(super) const SOUND: Self = Self {
        challenge: is_issued,
        origin: is_ours,
        data: DataRules::AT_REGISTRATION,
        procedure: attestation::procedure,
        leaf: |leaf| leaf.is_of_an_authenticator && leaf.is_no_authority,
        id_length: |length| (1..=1023).contains(&length),
    };
}

/// Verifying an assertion, §7.2.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AuthenticationRules {
    /// Whether an answer has no user handle: the member is left out or null (§5.2.2).
    pub(crate) no_handle: fn(member: Option<&Json<'_>>) -> bool,
    /// Which extension outputs of the browser are taken: any, and those that nobody asked for are
    /// ignored (step 23).
    pub(crate) outputs: fn(Option<&Members<'_>>) -> bool,
    /// Step 11: the challenge is the one that was issued, byte for byte.
    pub(crate) challenge: fn(sent: &str, issued: &[u8]) -> bool,
    /// Step 12: the origin is the portal's own, byte for byte.
    pub(crate) origin: fn(sent: &str, expect: &Expectation<'_>) -> bool,
    /// Steps 13 and 14: whether the ceremony may run in another site's page. It may not.
    pub(crate) framed: fn(by_another: bool) -> bool,
    /// How the authenticator data is read.
    pub(crate) data: DataRules,
    /// Step 15: the key answers this RP id. No appid was asked for, so that none is compared (§10.1.1).
    pub(crate) rp_id_hash: fn(sent: &[u8], ours: &[u8; 32], outputs: Option<&Json<'_>>) -> bool,
    /// Step 17: the key has verified its user, where that is asked for.
    pub(crate) user_verified: fn(UserVerification) -> bool,
    /// Step 21: the signature is the key's.
    pub(crate) signature: fn(&PublicKey, message: &[u8], signature: &[u8]) -> bool,
    /// Step 22: the counter goes forward. Keys without one always send zero.
    pub(crate) counter: fn(stored: u32, sent: u32) -> bool,
    /// What becomes of an answer that does not meet a check: it is refused.
    pub(crate) refused: fn(Refusal, &Attempt<'_>) -> Result<Accepted, Refusal>,
}

/// What is known of a user's verification.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UserVerification {
    pub(crate) required: bool,
    /// Whether the key says that it verified its user.
    pub(crate) said: bool,
    /// Whether it said so at registration; `None` where no credential was found.
    pub(crate) said_at_registration: Option<bool>,
}

impl AuthenticationRules {
    pub(super) const SOUND: Self = Self {
        no_handle: |member| matches!(member, None | Some(Json::Null)),
        outputs: |_| true,
        challenge: is_issued,
        origin: is_ours,
        framed: |by_another| !by_another,
        data: DataRules::AT_AUTHENTICATION,
        rp_id_hash: |sent, ours, _| sent == ours,
        user_verified: |verification| verification.said || !verification.required,
        signature: PublicKey::verifies,
        counter: |stored, sent| (stored, sent) == (0, 0) || sent > stored,
        refused: |refusal, _| Err(refusal),
    };
}

fn is_issued(sent: &str, issued: &[u8]) -> bool {
    base64url::strict(sent).is_some_and(|sent| sent == issued)
}

fn is_ours(sent: &str, expect: &Expectation<'_>) -> bool {
    sent == expect.origin
}
