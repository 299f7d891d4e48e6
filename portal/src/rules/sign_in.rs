//! What is decided about signing in.

use serde_json::Value;

use crate::{
    Portal, authentication,
    browser_policy::{has_touch_id_or_its_like, is_safari_12},
    check::Refusal,
    router::{Reply, Visit},
    state::{Ceremony, State, User},
    tries::recent,
    webauthn::KeyAnswer,
};

/// Signing in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignInRules {
    /// How many of the wrong passwords for a name count: those of late, so that a lock ends.
    pub(crate) wrong_passwords: fn(moments: &[u64], now: u64) -> usize,
    /// What is answered at once to a name that nobody has: nothing, and its password is looked at like
    /// any other (OWASP ASVS 6.3.8).
    pub(crate) unknown_name: fn() -> Option<Reply>,
    /// Whether a factor follows the password: whoever has one is asked for it, in any browser.
    pub(crate) needs_factor: fn(FactorsHad, &Portal, agent: &str) -> bool,
    /// Whether a browser is sent into a key ceremony: if it is able to, whoever asked for the sign-in.
    pub(crate) browser: fn(able: bool, for_application: bool) -> bool,
    /// Whether a user's keys may be asked for: always.
    pub(crate) keys_stand: fn(&User) -> bool,
    /// Whose sign-in an answer finishes, and the ceremony that it answers: those of the session.
    pub(crate) begun: fn(&Portal, &mut State, &Visit) -> Begun,
    /// Whether a session takes another answer of a key, also told of each that is refused. A person may
    /// have touched the wrong key.
    pub(crate) takes: fn(&mut State, session: &str, Try) -> bool,
    /// What an answer comes to that signed in before: nothing of its own. Also told of each that signs
    /// in.
    pub(crate) repeated: fn(&mut State, answer: &Value, Answer<'_>) -> Option<Reply>,
    /// Whose session it becomes, and the user handle that the answer has to carry: those of the user of
    /// the password step, or else of the key's owner (§7.2 step 6).
    pub(crate) account:
        fn(&Portal, &State, name: &str, &Ceremony, answer: &KeyAnswer<'_>) -> Account,
}

/// The user of a sign-in, and the ceremony that was begun for it.
pub(crate) type Begun = Result<(String, Ceremony), Refusal>;

/// What somebody has set up, enabled or not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FactorsHad {
    pub(crate) key: bool,
    pub(crate) totp: bool,
    pub(crate) push: bool,
    /// Only the key counts, so that somebody without one is not let in.
    pub(crate) only_key: bool,
}

impl FactorsHad {
    pub(crate) const fn any(self) -> bool {
        self.key || self.totp || self.push || self.only_key
    }
}

/// What becomes of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Try {
    Arrives,
    IsRefused,
}

/// What becomes of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer<'a> {
    Arrives,
    SignedIn(&'a str),
}

/// An account that a key answers for.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) handle: Vec<u8>,
}

impl SignInRules {
    pub(super) const SOUND: Self = Self {
        wrong_passwords: recent,
        unknown_name: || None,
        needs_factor: |had, _, _| had.any(),
        browser: |able, _| able,
        keys_stand: |_| true,
        begun: Portal::begun_sign_in,
        takes: |_, _, _| true,
        repeated: |_, _, _| None,
        account: authentication::account,
    };
}

/// What browsers can do, as far as their user agent tells. A policy of this portal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BrowserRules {
    /// Whether a browser, which is not Internet Explorer, is too old for a key.
    pub(crate) too_old: fn(agent: &str) -> bool,
    /// Whether a browser can use the authenticator of its platform.
    pub(crate) platform_key: fn(agent: &str) -> bool,
}

impl BrowserRules {
    pub(crate) const SOUND: Self =
        Self { too_old: is_safari_12, platform_key: has_touch_id_or_its_like };
}
