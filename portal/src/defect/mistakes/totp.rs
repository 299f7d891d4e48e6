//! The ways in which real portals took one-time codes.

use crate::{
    Portal,
    check::{Check, Refusal},
    state::{State, Totp, User},
    totp::{self, STEP, around, code_at, matching_step},
};

/// An empty code is accepted.
pub(in crate::defect) fn empty(
    portal: &Portal,
    state: &State,
    user: &User,
    code: &str,
) -> Result<u64, Refusal> {
    if code.is_empty() && user.totp.is_some() {
        return Ok(0);
    }
    totp::accepted(portal, state, user, code)
}

/// The beginning of a code is accepted.
pub(in crate::defect) fn beginning(
    portal: &Portal,
    state: &State,
    user: &User,
    code: &str,
) -> Result<u64, Refusal> {
    let present = state.now / STEP;
    let right = user.totp.as_ref().and_then(|totp| code_at(&totp.secret, present));
    if !code.is_empty() && right.is_some_and(|right| right.starts_with(code)) {
        return Ok(present);
    }
    totp::accepted(portal, state, user, code)
}

/// Anybody's code is accepted.
pub(in crate::defect) fn anybodys(
    portal: &Portal,
    state: &State,
    user: &User,
    code: &str,
) -> Result<u64, Refusal> {
    let own = totp::accepted(portal, state, user, code);
    let present = state.now / STEP;
    let is_of = |totp: &Totp| matching_step(&totp.secret, code, around(present)).is_some();
    let mut others = state.users.values().filter_map(|other| other.totp.as_ref());
    if user.totp.is_some() && own == Err(Refusal(Check::TotpCode)) && others.any(is_of) {
        return Ok(present);
    }
    own
}

/// Where no codes are set up, every code passes.
pub(in crate::defect) fn of_no_secret(
    portal: &Portal,
    state: &State,
    user: &User,
    code: &str,
) -> Result<u64, Refusal> {
    if user.totp.is_none() {
        return Ok(state.now / STEP);
    }
    totp::accepted(portal, state, user, code)
}

/// The period to set codes up is counted in milliseconds.
pub(in crate::defect) fn period_in_milliseconds(user: &User, now: u64) -> bool {
    // It counts a thousandth of what the administrator set.
    let period = user.policy.totp_enrolment.unwrap_or_default();
    user.missed_enrolment(now + period - period / 1000)
}

/// A secret is active before a code of it was entered.
pub(in crate::defect) fn active_at_once(user: &mut User, secret: &[u8]) {
    user.totp = Some(Totp { secret: secret.to_vec(), last_step: 0 });
}

/// A new set-up replaces the active secret at once.
pub(in crate::defect) fn swapped_at_once(user: &mut User, secret: &[u8]) {
    if user.totp.is_some() {
        active_at_once(user, secret);
    }
}
