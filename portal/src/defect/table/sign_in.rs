//! Signing in, and the session after it: a part of the table of defects.

use super::{Defect, decides, forgets};
use crate::{
    browser_policy::{can_use_a_key, is_chrome},
    check::Check,
    defect::mistakes::{browsers, keys, reset, sessions, sign_in},
    rules::{Checked, SessionId},
    state::KeyUse,
};

pub(super) const DEFECTS: &[Defect] = &[
    decides(
        "login/account-from-current-session",
        "login/passwordless",
        "Where somebody is signed in already, a key signs that account in.",
        |r| r.sign_in.account = sign_in::of_session,
    ),
    decides(
        "register/user-from-path",
        "registration/challenge-bound",
        "The key is stored for the user that the request names.",
        |r| {
            r.new_key.registrant = |name, visit| match visit.text("user") {
                "" => name,
                named => named.to_owned(),
            };
        },
    ),
    decides(
        "login/finish-without-begin",
        "login/password-step",
        "A key's answer without a password step is taken for its owner's.",
        |r| r.sign_in.begun = sign_in::begun_by_nobody,
    ),
    decides(
        "login/account-from-userhandle",
        "authentication/user-handle",
        "The account is that of the user handle, which nobody signed.",
        |r| r.sign_in.account = sign_in::of_user_handle,
    ),
    decides(
        "login/empty-allowlist-matches-any",
        "authentication/credential",
        "An empty list of keys is read as any key.",
        |r| r.keys.answers = |listed, own| own || listed.is_empty(),
    ),
    decides(
        "login/counter-rollback-stored",
        "wrong-key/cloned",
        "A counter that went back is refused and stored, so that the clone passes the next time.",
        |r| r.keys.went_back = |key, sent| key.credential.counter = sent,
    ),
    decides(
        "login/counter-race",
        "wrong-key/cloned",
        "The counter is compared when the key is looked up, and not when it is stored.",
        |r| r.keys.counter_compared = Checked::BeforeItActs,
    ),
    decides(
        "login/clone-locks-key",
        "wrong-key/cloned",
        "A counter that went back locks the key for good, its owner's as well.",
        |r| r.keys.went_back = |key, _| key.credential.counter = u32::MAX,
    ),
    decides(
        "login/newest-key-verifies",
        "login/any-key",
        "Every answer is verified with the public key that was registered last.",
        |r| r.keys.record = keys::newest,
    ),
    decides(
        "login/one-try-only",
        "wrong-key/try-again",
        "After one wrong key a sign-in takes no other.",
        |r| r.sign_in.takes = sign_in::one_try_only,
    ),
    forgets(
        "login/disabled-account",
        "login/disabled-account",
        "The factor step does not ask whether the account is enabled.",
        Check::LoginEnabledAtFactor,
    ),
    forgets(
        "login/disabled-account-password",
        "login/disabled-account",
        "The password step does not ask whether the account is enabled.",
        Check::LoginEnabled,
    ),
    decides(
        "login/deleted-credential-accepted",
        "deleted-credential/at-once",
        "A key that was deleted after the options were issued is accepted.",
        |r| {
            r.keys.deleted = |state, owner, key| state.scars.keep(KeyUse::Answering, owner, key);
        },
    ),
    decides(
        "login/deleted-credential-cached",
        "deleted-credential/dead",
        "A deleted key is gone from the list, and nowhere else.",
        |r| {
            r.keys.deleted = |state, owner, key| state.scars.keep(KeyUse::Answering, owner, key);
        },
    ),
    decides(
        "manage/deleted-key-asked-for",
        "deleted-credential/not-asked-for",
        "A deleted key is asked for still.",
        |r| {
            r.keys.deleted = |state, owner, key| state.scars.keep(KeyUse::Asking, owner, key);
        },
    ),
    decides(
        "manage/factor-outlives-keys",
        "deleted-credential/not-asked-for",
        "Whoever had a key is asked for a factor, although the last one is deleted.",
        |r| {
            r.keys.deleted = |state, owner, key| state.scars.keep(KeyUse::Counting, owner, key);
        },
    ),
    decides(
        "manage/deleted-label-taken",
        "deleted-credential/again",
        "The label of a deleted key stays taken, so that the key cannot come back under it.",
        |r| {
            r.keys.deleted = |state, owner, key| state.scars.keep(KeyUse::Labelling, owner, key);
        },
    ),
    decides(
        "manage/deleted-key-listed",
        "deleted-credential/again",
        "A deleted key stays in the list beside the one that takes its place.",
        |r| {
            r.keys.deleted = |state, owner, key| state.scars.keep(KeyUse::Listing, owner, key);
        },
    ),
    forgets(
        "login/method-switched-off",
        "login/key-allowed",
        "Keys that were switched off still sign in.",
        Check::LoginKeyAllowed,
    ),
    forgets(
        "login/passwordless-off",
        "login/passwordless",
        "The key alone signs in where the administrator does not allow it.",
        Check::LoginPasswordless,
    ),
    forgets(
        "flow/factor-downgrade",
        "login/only-key",
        "Where only the key counts a code signs in.",
        Check::LoginOnlyKey,
    ),
    decides(
        "flow/factor-downgrade-to-push",
        "login/only-key",
        "Where only the key counts codes sign nobody in, and an approved prompt does.",
        |r| r.push.barred = |_| false,
    ),
    forgets(
        "flow/wrong-password-accepted",
        "login/password",
        "A wrong password is accepted.",
        Check::LoginPassword,
    ),
    forgets(
        "flow/no-password-limit",
        "login/password-limit",
        "Passwords can be guessed without limit.",
        Check::LoginPasswordLimit,
    ),
    decides(
        "flow/locked-for-ever",
        "login/password-limit",
        "An account that was locked for a while stays locked.",
        |r| r.sign_in.wrong_passwords = |moments, _| moments.len(),
    ),
    forgets(
        "flow/back-steps",
        "login/factor-required",
        "The account page opens to a session without its factor.",
        Check::LoginFactorRequired,
    ),
    decides(
        "flow/full-session-after-password",
        "login/factor-required",
        "The session is full after the password; the factor is only a hint.",
        |r| r.session.of_request = sessions::full_after_password,
    ),
    forgets(
        "flow/pending-token-accepted-by-api",
        "login/factor-required",
        "The list of keys opens to a session without its factor.",
        Check::KeysSignedIn,
    ),
    decides(
        "flow/webauthn-only-user-has-no-mfa",
        "login/factor-required",
        "Only codes count as a factor.",
        |r| r.sign_in.needs_factor = |had, _, _| had.totp,
    ),
    decides(
        "flow/unsupported-browser-skips",
        "unsupported-browser/still-asked",
        "A browser that cannot use a key is let in without one.",
        |r| {
            r.sign_in.needs_factor =
                |had, portal, agent| can_use_a_key(&portal.checks, agent) && had.any();
        },
    ),
    forgets(
        "flow/dead-ceremony-in-old-browser",
        "login/browser",
        "Internet Explorer is sent into a ceremony that cannot work.",
        Check::LoginBrowser,
    ),
    decides(
        "flow/browser-version-as-text",
        "unsupported-browser/offered",
        "The browser's version is compared as text, so that 130 is older than 67.",
        |r| r.browser.too_old = browsers::old_as_text,
    ),
    decides(
        "flow/every-safari-refused",
        "unsupported-browser/offered",
        "Safari counts as unable to use a key, whatever its version.",
        |r| r.browser.too_old = browsers::every_safari,
    ),
    forgets(
        "register/platform-key-anywhere",
        "registration/browser",
        "Touch ID is registered where it cannot be used.",
        Check::RegistrationBrowser,
    ),
    decides(
        "register/chrome-taken-for-safari",
        "registration/browser",
        "Chrome on a Mac is taken for Safari, which it also names.",
        |r| r.browser.platform_key = browsers::chrome_is_safari,
    ),
    decides(
        "register/platform-key-in-chrome-only",
        "registration/browser",
        "Platform authenticators are refused in other browsers than Chrome, on Windows too.",
        |r| r.browser.platform_key = is_chrome,
    ),
    decides(
        "flow/password-step-skippable",
        "login/password-step",
        "The factor step takes the user's name from the request.",
        |r| r.session.of_request = sessions::password_step_skippable,
    ),
    decides(
        "flow/mfa-user-swapped",
        "login/password-step",
        "The code step takes the user's name from the request.",
        |r| {
            r.session.of_request = sessions::code_of_whom_the_request_names;
        },
    ),
    decides(
        "flow/session-fixation",
        "login/session-renewed",
        "The session keeps its id at the password step.",
        |r| r.session.id_at_password = SessionId::Kept,
    ),
    decides(
        "flow/session-not-rotated-after-mfa",
        "login/session-renewed",
        "The session keeps its id at the factor.",
        |r| r.session.id_at_factor = SessionId::Kept,
    ),
    decides(
        "flow/logout-keeps-session",
        "login/sign-out",
        "Signing out only deletes the cookie.",
        |r| r.session.signed_out = |_, _| Some(String::new()),
    ),
    decides(
        "enum/login-reveals-user",
        "login/enumeration",
        "An unknown user name is told apart from a wrong password.",
        |r| r.sign_in.unknown_name = reset::unknown_name,
    ),
];
