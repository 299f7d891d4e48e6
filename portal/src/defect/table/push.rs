//! Prompts, and single sign-on: a part of the table of defects.

use super::{Defect, decides, forgets};
use crate::{
    check::Check,
    defect::mistakes::{push, reset, sessions},
    state::Place,
};

pub(super) const DEFECTS: &[Defect] = &[
    forgets(
        "push/denial-accepted",
        "push/answer",
        "Any answer to a prompt signs in, a denial as well.",
        Check::PushApproved,
    ),
    decides(
        "push/pending-accepted",
        "push/answer",
        "A prompt that nobody has answered yet is taken for an approved one.",
        |r| r.push.outcome = push::pending_passes,
    ),
    decides(
        "push/approval-ignored",
        "push/answer",
        "Prompts are offered and sent, and an approval signs nobody in.",
        |r| r.push.outcome = push::approval_ignored,
    ),
    decides(
        "push/denial-sticks",
        "push/answer",
        "Once a prompt was denied no approval of the user counts any more.",
        |r| r.push.approves = push::denial_sticks,
    ),
    decides(
        "push/approval-of-any-session",
        "push/own-prompt",
        "An approval counts for every session of the user, for as long as the prompt lives.",
        |r| r.push.outcome = push::of_any_session,
    ),
    decides(
        "push/replaces-key",
        "push/choice",
        "Whoever has a push device is not asked for a key any more.",
        |r| r.sign_in.keys_stand = |user| !user.has_push_factor(),
    ),
    decides(
        "push/replaces-codes",
        "push/choice",
        "Whoever has a push device cannot enter codes any more.",
        |r| {
            r.totp.stands = |user| user.policy.totp != Place::Off && !user.has_push_factor();
        },
    ),
    decides(
        "push/no-factor",
        "login/factor-required",
        "A push device does not count as a factor: without another one the password is enough.",
        |r| r.sign_in.needs_factor = |had, _, _| had.key || had.totp,
    ),
    decides(
        "push/left-out-at-reset",
        "reset/factor",
        "A push device does not count at a reset: without another factor the mailed link is enough.",
        |r| r.reset.confirming = reset::without_push,
    ),
    forgets(
        "push/off-ignored",
        "push/allowed",
        "A prompt signs in although the administrator has switched push off.",
        Check::PushAllowed,
    ),
    forgets("flow/push-flood", "push/limit", "Prompts are sent without limit.", Check::PushLimit),
    decides(
        "push/limit-reset-by-new-login",
        "push/limit",
        "Prompts are counted in the session.",
        |r| r.push.counted_for = |_, session| session,
    ),
    forgets(
        "sso/code-before-mfa",
        "sso/factor-required",
        "Whoever has entered the password is sent to the application with a good ticket.",
        Check::SsoFactorRequired,
    ),
    decides(
        "sso/factor-waived-for-application",
        "sso/factor-required",
        "A sign-in that an application asked for is done with the password.",
        |r| {
            r.sso.opens = |session, service| {
                session.opens_applications() || session.wanted.as_deref() == Some(service)
            };
        },
    ),
    decides(
        "sso/ticket-names-nobody",
        "sso/from-portal",
        "The application is told that the ticket is good, and not whose it is.",
        |r| r.sso.told = |_| String::new(),
    ),
    decides(
        "sso/ticket-names-another",
        "sso/own-account",
        "The application is told the name of the first account, whosever the session is.",
        |r| {
            r.sso.ticket_of = |state, name| state.users.keys().next().cloned().unwrap_or(name);
        },
    ),
    decides(
        "sso/application-forgotten-at-factor",
        "sso/from-application",
        "After the factor the portal does not remember which application asked.",
        |r| r.sso.remembered = |_| None,
    ),
    decides(
        "sso/browser-unasked",
        "sso/browser",
        "A sign-in that an application asked for sends any browser into a key ceremony.",
        |r| r.sign_in.browser = |able, for_application| able || for_application,
    ),
    forgets(
        "sso/missed-enrolment-ignored",
        "sso/enrolment-period",
        "Whoever missed the period for setting codes up is sent to the application all the same.",
        Check::SsoEnrolmentPeriod,
    ),
    decides(
        "sso/open-after-sign-out",
        "sso/sign-out",
        "Signing out ends the portal's pages, and leaves applications open.",
        |r| r.session.signed_out = sessions::left_to_applications,
    ),
];
