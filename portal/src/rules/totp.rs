//! What is decided about one-time codes (RFC 6238).

use std::ops::RangeInclusive;

use super::Checked;
use crate::{
    Portal,
    check::Refusal,
    random::{Purpose, Random},
    state::{Place, State, Totp, User},
    totp,
};

/// One-time codes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TotpRules {
    /// A new secret: random, for each set-up and each user (RFC 4226 §4, R6; RFC 6238 §5.1).
    pub(crate) secret: fn(&mut Random, name: &str) -> [u8; 20],
    /// What showing a secret changes of the user: nothing before a code of it was entered.
    pub(crate) shown: fn(&mut User, secret: &[u8]),
    /// The step that counts as used once a set-up is confirmed: that of its code.
    pub(crate) confirmed: fn(step: u64) -> u64,
    /// Takes the new secret of a confirmed set-up: it replaces an older one.
    pub(crate) replaced: fn(&mut Option<Totp>, new: Totp),
    /// Whether the time to set codes up is over.
    pub(crate) set_up_missed: fn(&User, now: u64) -> bool,
    /// What the administrator's reset changes: the time to set codes up begins anew.
    pub(crate) period_reset: fn(&mut User, now: u64),
    /// Whether codes sign a user in: where the policy allows them.
    pub(crate) stands: fn(&User) -> bool,
    /// The step of a code that is accepted, which is one of the window and has not been used.
    pub(crate) accepted: fn(&Portal, &State, &User, code: &str) -> Result<u64, Refusal>,
    /// The steps whose codes are right: one step behind and one ahead make up for slow hands and
    /// clocks (RFC 6238 §5.2).
    pub(crate) window: fn(step: u64) -> RangeInclusive<u64>,
    /// Whether the code of a step has not been used: it is newer than any that was (RFC 6238 §5.2).
    pub(crate) unused: fn(step: u64, last: u64, present: u64) -> bool,
    /// What using a code changes: it, and all older ones, are used up.
    pub(crate) used: fn(&mut Totp, step: u64),
    /// When a code is used up: as it is accepted.
    pub(crate) used_up: Checked,
    /// Whom wrong codes are counted for: the user, over sessions (RFC 4226 §7.3).
    pub(crate) counted_for: for<'a> fn(name: &'a str, session: &'a str) -> &'a str,
}

impl TotpRules {
    pub(super) const SOUND: Self = Self {
        secret: |random, _| random.draw(Purpose::TotpSecret),
        shown: |_, _| (),
        confirmed: |step| step,
        replaced: |active, new| *active = Some(new),
        set_up_missed: User::missed_enrolment,
        period_reset: |user, now| user.enrolment_from = now,
        stands: |user| user.policy.totp != Place::Off,
        accepted: totp::accepted,
        window: totp::around,
        unused: |step, last, _| step > last,
        used: |totp, step| totp.last_step = step.max(totp.last_step),
        used_up: Checked::AsItActs,
        counted_for: |name, _| name,
    };
}
