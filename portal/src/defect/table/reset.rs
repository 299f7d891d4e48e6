//! Resetting and changing a password: a part of the table of defects.

use super::{Defect, decides, forgets};
use crate::{
    check::Check,
    defect::mistakes::reset,
    rules::{Checked, Scope},
    state::{Aim, hex},
};

pub(super) const DEFECTS: &[Defect] = &[
    decides(
        "reset/nothing-stored",
        "after/password-reset",
        "A reset says that it is done, and the old password stays.",
        |r| {
            r.reset.stored = |user, hash, aim| {
                if *aim == Aim::Password {
                    user.password = hash;
                }
            };
        },
    ),
    decides(
        "password/nothing-stored",
        "after/password-change",
        "A change of password says that it is done, and the old one stays.",
        |r| {
            r.reset.stored = |user, hash, aim| {
                if *aim != Aim::Password {
                    user.password = hash;
                }
            };
        },
    ),
    forgets(
        "reset/expiry-on-page-only",
        "reset/lifetime",
        "Expiry is asked when the link is opened, and not when the password is set.",
        Check::ResetLifetimeAtFinish,
    ),
    decides("reset/token-reusable", "reset/once", "A reset token works again.", |r| {
        r.reset.spent = |_, _, _| ()
    }),
    decides(
        "reset/token-race",
        "reset/once",
        "A reset token is spent after the password was set.",
        |r| r.reset.token_asked = Checked::BeforeItActs,
    ),
    decides(
        "reset/token-spent-by-member",
        "reset/once",
        "A reset token is spent only where the body repeats it.",
        |r| r.reset.spent = reset::spend_by_member,
    ),
    forgets(
        "reset/older-token-valid",
        "reset/newest",
        "An older link works after a newer one was asked for.",
        Check::ResetNewest,
    ),
    decides("reset/token-static", "reset/token", "A user's reset token is always the same.", |r| {
        r.reset.token = |state, name| hex(&state.random.constant::<24>(&format!("reset {name}")));
    }),
    decides("reset/token-weak", "reset/token", "The reset token is made of the time.", |r| {
        r.reset.token = |state, _| format!("{:x}{:x}", state.now, state.resets.len())
    }),
    decides(
        "reset/token-by-prefix",
        "reset/token",
        "Only the beginning of the reset token is compared.",
        |r| r.reset.named = reset::begins_alike,
    ),
    decides(
        "reset/token-not-user-bound",
        "reset/token",
        "The reset takes the user's name from the request.",
        |r| {
            r.reset.whose = |reset, visit| match visit.text("user") {
                "" => reset.user.clone(),
                named => named.to_owned(),
            };
        },
    ),
    decides(
        "reset/token-in-answer",
        "reset/token",
        "The reset token is in the answer to the request.",
        |r| {
            r.reset.answered = |mut body, token| {
                body["debug"] = token.into();
                body
            };
        },
    ),
    forgets(
        "reset/change-without-mfa",
        "reset/factor",
        "The mailed link alone changes the password of a user who has a key.",
        Check::ResetFactor,
    ),
    forgets(
        "reset/any-challenge",
        "reset/key",
        "A challenge issued for a sign-in confirms a reset.",
        Check::ResetKeyChallenge,
    ),
    decides("reset/opened-by-scanner", "reset/plain", "Opening the link uses it up.", |r| {
        r.reset.opened = |reset| reset.spent = true
    }),
    decides(
        "reset/sessions-kept",
        "reset/sessions",
        "A reset leaves the user's sessions alone.",
        |r| r.ends.password_reset.sessions = Scope::Nowhere,
    ),
    decides(
        "reset/removes-mfa",
        "reset/not-signed-in",
        "A reset removes the user's factors.",
        |r| r.reset.completed = reset::without_factors,
    ),
    decides("reset/auto-login-skips-mfa", "reset/not-signed-in", "A reset signs in.", |r| {
        r.reset.completed = reset::signs_in
    }),
    decides(
        "reset/enumeration-content",
        "reset/enumeration",
        "An unknown address is told apart.",
        |r| r.reset.unknown_address = reset::unknown_address,
    ),
    forgets(
        "reset/works-for-disabled",
        "reset/disabled-account",
        "A disabled account is mailed a link.",
        Check::ResetDisabled,
    ),
    forgets("reset/no-limit", "reset/limit", "Links are mailed without limit.", Check::ResetLimit),
    forgets(
        "password/change-without-mfa",
        "password/factor",
        "The password is changed without the key of a user who has one.",
        Check::PasswordFactor,
    ),
    decides(
        "password/only-codes-confirm",
        "password/factor",
        "A change of password takes no key's answer: whoever has a key cannot change it.",
        |r| r.reset.key_confirms = |aim| *aim != Aim::Password,
    ),
];
