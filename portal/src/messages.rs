//! What people are told when a request is refused: what happened, and the way out.

use super::check::Check;

/// Checks that a person can do something about, with the words for it.
const MESSAGES: &[(Check, &str)] = &[
    (Check::LoginPassword, "The user name or the password is wrong."),
    (
        Check::LoginPasswordLimit,
        "There were too many wrong passwords. Please wait five minutes, then try again.",
    ),
    (Check::LoginEnabled, "This account is disabled. Please contact your administrator."),
    (Check::LoginEnabledAtFactor, "This account is disabled. Please contact your administrator."),
    (Check::LoginPasswordStep, "Please enter your user name and password first."),
    (Check::LoginFactorRequired, "Please sign in, and confirm with your factor."),
    (Check::LoginChallengeBound, "This answer belongs to another session. Please try again."),
    (Check::LoginChallengeOnce, "This answer was sent before. Please try again."),
    (
        Check::LoginChallengeLifetime,
        "The time to use your security key is over. Please try again, or use another factor.",
    ),
    (Check::LoginPurpose, "The key answered another question. Please try again."),
    (
        Check::LoginKeyAllowed,
        "Security keys are not allowed for you. Please use another factor, or contact your administrator.",
    ),
    (
        Check::LoginHasKey,
        "You have no security key that can be used here. Please use another factor, or contact your administrator.",
    ),
    (
        Check::LoginKeyStands,
        "This security key was deleted. Please use another key or another factor, or contact your administrator.",
    ),
    (
        Check::LoginOnlyKey,
        "Only a security key signs you in. Please use your key, or contact your administrator.",
    ),
    (
        Check::LoginBrowser,
        "This browser cannot use your security key. Please use a one-time code or another browser.",
    ),
    (
        Check::LoginPasswordless,
        "The security key did not sign you in. Please sign in with your user name and password.",
    ),
    (
        Check::AuthenticationCredential,
        "This security key is not registered here. Please use one of your registered keys, or another factor.",
    ),
    (
        Check::AuthenticationCredentialOwner,
        "This security key is not one of yours. Please use one of your own keys, or another factor.",
    ),
    (
        Check::AuthenticationCredentialListed,
        "This security key was not asked for. Please use one of your registered keys, or another factor.",
    ),
    (
        Check::AuthenticationUserPresent,
        "The security key was not touched. Please try again, and touch it.",
    ),
    (
        Check::AuthenticationUserVerified,
        "The security key did not verify you. Please try again with your PIN or fingerprint.",
    ),
    (
        Check::AuthenticationCounter,
        "There may be a copy of this security key. Please use another factor, and contact your administrator.",
    ),
    (Check::RegistrationSignedIn, "Please sign in before you register a security key."),
    (
        Check::RegistrationSelfService,
        "You cannot register security keys yourself. Please ask your administrator.",
    ),
    (
        Check::RegistrationKeyOff,
        "Security keys are not allowed for you. Please ask your administrator.",
    ),
    (
        Check::RegistrationBrowser,
        "This key cannot be registered in this browser. On a Mac, please use Chrome for Touch ID, or a key that you plug in.",
    ),
    (
        Check::RegistrationChallengeBound,
        "This answer belongs to another session. Please try again.",
    ),
    (Check::RegistrationChallengeOnce, "This answer was sent before. Please try again."),
    (
        Check::RegistrationChallengeLifetime,
        "The time to use the security key is over. Please try again.",
    ),
    (
        Check::RegistrationFresh,
        "You signed in a while ago. Please enter your password or use your factor again.",
    ),
    (Check::RegistrationLabel, "A label has at most 64 characters, and no control characters."),
    (
        Check::RegistrationKeyLimit,
        "You have as many security keys as one account can have. Please delete one first.",
    ),
    (Check::RegistrationCredentialUnique, "This security key is registered already."),
    (
        Check::RegistrationAlgorithm,
        "This security key uses an algorithm that the portal does not support.",
    ),
    (
        Check::RegistrationUserVerified,
        "The security key did not verify you. Please set up a PIN or a fingerprint for it.",
    ),
    (
        Check::RegistrationAttestationPolicy,
        "Only security keys that prove their make can be registered. Please ask your administrator.",
    ),
    (
        Check::RegistrationAttestationPolicySelf,
        "Only security keys that prove their make can be registered. Please ask your administrator.",
    ),
    (Check::TotpSignedIn, "Please sign in before you set up one-time codes."),
    (
        Check::TotpAllowed,
        "One-time codes are not allowed for you. Please contact your administrator.",
    ),
    (
        Check::TotpFresh,
        "You signed in a while ago. Please enter your password or use your factor again.",
    ),
    (
        Check::TotpEnrolmentConfirmed,
        "This is not a code of the new secret. Please enter the code that your app shows now.",
    ),
    (
        Check::TotpEnrolmentPeriod,
        "The time to set up one-time codes is over. Please contact your administrator.",
    ),
    (Check::TotpForm, "A code has six digits."),
    (Check::TotpCode, "The code is wrong. Please enter the code that your app shows now."),
    (Check::TotpOnce, "This code was used already. Please wait for the next one."),
    (
        Check::TotpLimit,
        "There were too many wrong codes. Please wait five minutes, or use your security key.",
    ),
    (
        Check::PushAllowed,
        "Prompts are not set up for you. Please use another factor, or contact your administrator.",
    ),
    (
        Check::PushLimit,
        "There were too many prompts. Please wait five minutes, or use another factor.",
    ),
    (Check::PushDevice, "This device is not set up here. Please contact your administrator."),
    (
        Check::PushNumber,
        "This is not the number that your browser shows. If you are not signing in, change your password.",
    ),
    (
        Check::PushLifetime,
        "The time to answer the prompt is over. Please ask for a new one, or use another factor.",
    ),
    (
        Check::PushApproved,
        "The prompt was not approved. Please ask for a new one, or use another factor.",
    ),
    (Check::KeysSignedIn, "Please sign in, and confirm with your factor."),
    (Check::KeysVisible, "Security keys are not allowed for you. Please ask your administrator."),
    (Check::KeysOwn, "You have no such security key."),
    (
        Check::KeysAdministered,
        "Your administrator registered this security key. Please ask them for another label.",
    ),
    (
        Check::KeysLastFactor,
        "You must have a factor. Please set up another one before you delete this one.",
    ),
    (
        Check::KeysFresh,
        "You signed in a while ago. Please enter your password or use your factor again.",
    ),
    (Check::ResetToken, "This link is not valid. Please ask for a new one."),
    (Check::ResetLifetimeAtOpening, "This link has expired. Please ask for a new one."),
    (Check::ResetLifetimeAtFinish, "This link has expired. Please ask for a new one."),
    (Check::ResetOnce, "This link was used already. Please ask for a new one."),
    (Check::ResetNewest, "There is a newer link. Please use the one in your latest mail."),
    (Check::ResetFactor, "Please confirm the new password with your factor."),
    (Check::ResetDisabled, "This account is disabled. Please contact your administrator."),
    (Check::ResetKeyChallenge, "The key answered another question. Please try again."),
    (Check::ResetPassword, "A password has at least eight characters."),
    (Check::PasswordSignedIn, "Please sign in before you change your password."),
    (Check::PasswordOld, "The old password is wrong."),
    (Check::PasswordFactor, "Please confirm the new password with your factor."),
    (Check::AdminAuthorised, "Only the administrator may do this."),
    (
        Check::SsoApplication,
        "This application does not sign in by this portal. Please contact your administrator.",
    ),
    (
        Check::SsoEnrolmentPeriod,
        "The time to set up one-time codes is over. Please contact your administrator.",
    ),
    (Check::SessionCsrf, "This request came from another site."),
    (Check::SessionContentType, "The request is not of the form that is asked for."),
    (Check::SessionBodyLimit, "The request is too large."),
];

/// What somebody is told whose request did not meet a check.
pub(super) fn message(check: Check) -> &'static str {
    let own = MESSAGES.iter().find(|(known, _)| *known == check);
    own.map_or_else(|| of_chapter(check.id()), |(_, message)| message)
}

/// The details of a ceremony are for the portal's log; a person can only try again.
fn of_chapter(id: &str) -> &'static str {
    if id.starts_with("registration/") {
        "The security key's answer was not accepted, and no key was registered. Please try again."
    } else if id.starts_with("authentication/") {
        "The security key's answer was not accepted. Please try again, or use another factor."
    } else {
        "The request was refused. Please try again."
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_check_has_two_messages_and_all_are_sentences() {
        let checks: BTreeSet<Check> = MESSAGES.iter().map(|(check, _)| *check).collect();
        assert_eq!(checks.len(), MESSAGES.len());
        for check in Check::ALL {
            assert!(message(*check).ends_with('.'), "{}", check.id());
        }
    }
}
