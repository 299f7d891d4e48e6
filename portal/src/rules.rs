//! Every decision of the portal, once: what it compares, what it keeps, what it tells a browser. The
//! portal reads its decisions here and makes its checks by name, as `check.rs` lists them.
//!
//! [`Rules::SOUND`] is what the standard asks. A defect replaces one member (`defect/table/`), and
//! sound code never mentions it.

mod ceremonies;
mod challenges;
mod ends;
mod keys;
mod push;
mod reset;
mod sessions;
mod sign_in;
mod totp;

use crate::webauthn::authenticator_data::Flags;

pub(crate) use ceremonies::{
    AuthenticationRules, ClientDataRules, DataRules, RegistrationRules, UserVerification,
};
pub(crate) use challenges::{ChallengeRules, OptionsRules, Spent};
pub(crate) use ends::{EndRules, Ended, Scope};
pub(crate) use keys::{Checked, KeyRules, NewKeyRules, Registering};
pub(crate) use push::{PushRules, SsoRules};
pub(crate) use reset::ResetRules;
pub(crate) use sessions::{SessionId, SessionRules};
pub(crate) use sign_in::{Account, Answer, BrowserRules, FactorsHad, SignInRules, Try};
pub(crate) use totp::TotpRules;

/// What the portal decides.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Reading client data.
    pub(crate) client_data: ClientDataRules,
    /// Which flags a key may set, in both ceremonies: any, and reserved ones mean nothing (§6.1).
    pub(crate) flags: fn(Flags) -> bool,
    /// Verifying a registration.
    pub(crate) registration: RegistrationRules,
    /// Verifying an assertion.
    pub(crate) authentication: AuthenticationRules,
    /// What becomes of a challenge.
    pub(crate) challenge: ChallengeRules,
    /// What a browser is told of a ceremony.
    pub(crate) options: OptionsRules,
    /// Keys that are registered.
    pub(crate) keys: KeyRules,
    /// Passwords, and signing in with a key.
    pub(crate) sign_in: SignInRules,
    /// One-time codes.
    pub(crate) totp: TotpRules,
    /// Sessions, and who is signed in.
    pub(crate) session: SessionRules,
    /// What ends when something happens.
    pub(crate) ends: EndRules,
    /// What browsers can do.
    pub(crate) browser: BrowserRules,
    /// Registering keys, around the ceremony.
    pub(crate) new_key: NewKeyRules,
    /// Resetting and changing a password.
    pub(crate) reset: ResetRules,
    /// Prompts.
    pub(crate) push: PushRules,
    /// Signing in to applications.
    pub(crate) sso: SsoRules,
}

impl Rules {
    /// The sound portal.
    pub const SOUND: Self = Self {
        client_data: ClientDataRules::SOUND,
        flags: |_| true,
        registration: RegistrationRules::SOUND,
        authentication: AuthenticationRules::SOUND,
        challenge: ChallengeRules::SOUND,
        options: OptionsRules::SOUND,
        keys: KeyRules::SOUND,
        sign_in: SignInRules::SOUND,
        totp: TotpRules::SOUND,
        session: SessionRules::SOUND,
        ends: EndRules::SOUND,
        browser: BrowserRules::SOUND,
        new_key: NewKeyRules::SOUND,
        reset: ResetRules::SOUND,
        push: PushRules::SOUND,
        sso: SsoRules::SOUND,
    };
}

impl Default for Rules {
    fn default() -> Self {
        Self::SOUND
    }
}
