//! One-time codes: a part of the table of defects.

use super::{Defect, decides, forgets};
use crate::{
    check::Check,
    defect::mistakes::{keys, sessions, totp},
    rules::Checked,
};

pub(super) const DEFECTS: &[Defect] = &[
    decides(
        "totp/old-secret-stays",
        "after/codes-set-up-again",
        "A second set-up is confirmed, and the older secret stays the active one.",
        |r| {
            r.totp.replaced = |active, new| {
                active.get_or_insert(new);
            };
        },
    ),
    forgets(
        "totp/enrol-wrong-code",
        "totp/enrolment-confirmed",
        "Any code completes the set-up.",
        Check::TotpEnrolmentConfirmed,
    ),
    decides(
        "totp/enrol-without-confirm",
        "totp/enrolment-confirmed",
        "A secret is active before a code of it was entered.",
        |r| r.totp.shown = totp::active_at_once,
    ),
    decides(
        "totp/re-enrol-keeps-verified",
        "totp/active-stays",
        "A new set-up replaces the active secret at once.",
        |r| r.totp.shown = totp::swapped_at_once,
    ),
    decides(
        "totp/rotate-before-mfa",
        "totp/signed-in",
        "A session after the password alone may set codes up.",
        |r| r.session.of_request = sessions::half_sets_codes_up,
    ),
    decides(
        "totp/unauthenticated",
        "totp/signed-in",
        "Whoever asks is shown a secret, signed in or not.",
        |r| r.session.of_request = sessions::visitor_sets_codes_up,
    ),
    decides(
        "totp/listed-as-key",
        "totp/separate",
        "The authenticator app stands in the list of keys.",
        |r| r.keys.listed = keys::with_the_app,
    ),
    decides(
        "totp/missing-secret-passes",
        "totp/separate",
        "Where no codes are set up, every code passes.",
        |r| r.totp.accepted = totp::of_no_secret,
    ),
    decides(
        "totp/secret-fixed-before-setup",
        "totp/secret",
        "A user is shown the same secret every time.",
        |r| {
            r.totp.secret = |random, name| random.constant(&format!("totp secret {name}"));
        },
    ),
    decides("totp/secret-shared", "totp/secret", "Every user is shown the same secret.", |r| {
        r.totp.secret = |random, _| random.constant("totp secret")
    }),
    decides(
        "totp/replay-across-purposes",
        "totp/once",
        "The code of the set-up signs in as well.",
        |r| r.totp.confirmed = |_| 0,
    ),
    decides("totp/replay-same-step", "totp/once", "A code is accepted again in its step.", |r| {
        r.totp.used = |_, _| ()
    }),
    decides(
        "totp/replay-in-drift-window",
        "totp/once",
        "A used code is refused only within its own step.",
        |r| {
            // Looks only at the step of now, and forgets the trailing one.
            r.totp.unused = |step, last, present| !(step == last && step == present);
        },
    ),
    decides(
        "totp/replay-older-than-last",
        "totp/once",
        "An older code is accepted after a newer one.",
        |r| r.totp.unused = |step, last, _| step != last,
    ),
    decides("totp/replay-race", "totp/once", "A code is used up after the sign-in.", |r| {
        r.totp.used_up = Checked::BeforeItActs
    }),
    forgets("totp/once-forgotten", "totp/once", "Used codes are not remembered.", Check::TotpOnce),
    decides("totp/window-too-wide", "totp/window", "Codes of three steps ago are accepted.", |r| {
        r.totp.window = |step| step.saturating_sub(3)..=step + 1
    }),
    decides(
        "totp/window-future",
        "totp/window",
        "Codes of three steps from now are accepted.",
        |r| r.totp.window = |step| step.saturating_sub(1)..=step + 3,
    ),
    decides("totp/step-off-by-one", "totp/window", "A code of the next step is refused.", |r| {
        r.totp.window = |step| step.saturating_sub(1)..=step
    }),
    decides(
        "totp/window-too-narrow",
        "totp/window",
        "Only the code of the present step is accepted.",
        |r| r.totp.window = |step| step..=step,
    ),
    forgets("totp/wrong-code-accepted", "totp/code", "A wrong code is accepted.", Check::TotpCode),
    decides(
        "totp/single-digit-accepted",
        "totp/code",
        "The beginning of a code is accepted.",
        |r| r.totp.accepted = totp::beginning,
    ),
    decides("totp/empty-or-null-accepted", "totp/code", "An empty code is accepted.", |r| {
        r.totp.accepted = totp::empty
    }),
    decides("totp/other-users-code", "totp/code", "Anybody's code is accepted.", |r| {
        r.totp.accepted = totp::anybodys
    }),
    forgets(
        "totp/no-attempt-limit",
        "totp/limit",
        "Codes can be guessed without limit.",
        Check::TotpLimit,
    ),
    decides(
        "totp/limit-reset-by-new-login",
        "totp/limit",
        "Wrong codes are counted in the session.",
        |r| r.totp.counted_for = |_, session| session,
    ),
    forgets(
        "totp/enrolment-period-ignored",
        "totp/enrolment-period",
        "The enrollment period never ends.",
        Check::TotpEnrolmentPeriod,
    ),
    decides(
        "totp/enrolment-period-unit",
        "totp/enrolment-period",
        "The enrollment period is set in seconds and counted in milliseconds.",
        |r| r.totp.set_up_missed = totp::period_in_milliseconds,
    ),
    decides(
        "totp/enrolment-reset-ignored",
        "totp/enrolment-period",
        "The administrator's reset does not begin the enrollment period anew.",
        |r| r.totp.period_reset = |_, _| (),
    ),
    forgets(
        "totp/no-fresh-authentication",
        "totp/fresh-authentication",
        "An old session may set codes up.",
        Check::TotpFresh,
    ),
];
