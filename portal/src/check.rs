//! Every check that the reference portal makes, one name each. Code makes a check by
//! [`Checks::require`], and a refusal carries the check that was not met. How a check is made is
//! decided in `rules.rs`.

use super::{
    defect::{Defect, Fault},
    rules::Rules,
};

/// How a refused request is answered: which status, and which word stands under `error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The answer does not hold what it must.
    Refused,
    /// It came too late.
    Expired,
    /// Too many tries or requests came before it.
    RateLimited,
    /// User name and password do not belong together.
    BadCredentials,
    /// Nobody is signed in, or not far enough.
    NotSignedIn,
    /// Somebody is known, and may not do it.
    Forbidden,
    /// Who it is was proved too long ago.
    Stale,
    /// What it names is not there.
    NotFound,
    /// What it brings is there already.
    Taken,
    /// The body is too large.
    TooLarge,
    /// The body is of another type.
    UnsupportedType,
}

macro_rules! checks {
    ($($variant:ident => $id:literal, $class:ident, $says:literal;)+) => {
        /// One thing the portal makes sure of. The id is that of the requirement it keeps, or
        /// `<requirement>/<detail>`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Check { $(#[doc = $says] $variant),+ }

        impl Check {
            /// Every check.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its id, as it stands in a refusal.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }

            /// How it is refused.
            #[must_use]
            pub const fn class(self) -> Class {
                match self { $(Self::$variant => Class::$class),+ }
            }

            /// What it makes sure of, in one sentence; told to the person whose request was refused.
            #[must_use]
            pub const fn says(self) -> &'static str {
                match self { $(Self::$variant => $says),+ }
            }
        }
    };
}

checks! {
    // Registration ceremony, WebAuthn L3 §7.1.
    RegistrationEnvelope => "registration/envelope", Refused, "The answer is a public-key credential with an id, a client data and an attestation object.";
    RegistrationEnvelopeId => "registration/envelope/id", Refused, "The two ids of the envelope are the same.";
    RegistrationClientData => "registration/client-data", Refused, "The client data is one well-formed JSON object.";
    RegistrationType => "registration/type", Refused, "The client data says that a credential was created.";
    RegistrationChallenge => "registration/challenge", Refused, "The challenge is the one that was issued.";
    RegistrationOrigin => "registration/origin", Refused, "The origin is one that the portal expects.";
    RegistrationCrossOrigin => "registration/cross-origin", Refused, "The ceremony did not run in a frame of another site.";
    RegistrationTopOrigin => "registration/cross-origin/top", Refused, "No other site's page stands around the ceremony.";
    RegistrationAttestationObject => "registration/attestation-object", Refused, "The attestation object is well-formed CBOR.";
    RegistrationAttestationKeys => "registration/attestation-object/duplicates", Refused, "No map of the attestation object names a key twice.";
    RegistrationAuthenticatorData => "registration/authenticator-data", Refused, "The authenticator data is well-formed and complete.";
    RegistrationTrailing => "registration/authenticator-data/trailing", Refused, "Nothing stands behind the authenticator data.";
    RegistrationRpIdHash => "registration/rp-id-hash", Refused, "The key was made for this portal.";
    RegistrationUserPresent => "registration/user-present", Refused, "The user touched the key.";
    RegistrationUserVerified => "registration/user-verified", Refused, "The key verified its user, where that is asked for.";
    RegistrationBackupFlags => "registration/backup-flags", Refused, "A key that cannot be backed up does not say that it was.";
    RegistrationAlgorithm => "registration/algorithm", Refused, "The algorithm is one that was offered.";
    RegistrationPublicKey => "registration/public-key", Refused, "The public key is of the algorithm that it names, and sound.";
    RegistrationAttestationFormat => "registration/attestation-format", Refused, "The attestation format is known.";
    RegistrationAttestationNone => "registration/attestation-none", Refused, "A missing attestation carries no statement.";
    RegistrationPackedForm => "registration/attestation-packed/form", Refused, "A packed statement has the members that its kind asks for.";
    RegistrationPackedAlgorithm => "registration/attestation-packed/algorithm", Refused, "The statement's algorithm is that of the key that signs it.";
    RegistrationPackedSignature => "registration/attestation-packed/signature", Refused, "The statement's signature verifies.";
    RegistrationPackedCertificate => "registration/attestation-packed/certificate", Refused, "The attestation certificate is one that an authenticator may have.";
    RegistrationPackedAaguid => "registration/attestation-packed/aaguid", Refused, "The certificate names the model that the authenticator data names.";
    RegistrationU2fForm => "registration/attestation-u2f/form", Refused, "A U2F statement has one certificate with a P-256 key and a signature.";
    RegistrationU2fSignature => "registration/attestation-u2f/signature", Refused, "The U2F statement's signature verifies.";
    RegistrationCredentialIdLength => "registration/credential-id/length", Refused, "The credential id has 1 to 1023 bytes.";
    RegistrationCredentialId => "registration/credential-id", Refused, "The envelope's id is the one that the key signed.";
    RegistrationCredentialUnique => "registration/credential-unique", Taken, "The credential id is new.";
    // Authentication ceremony, WebAuthn L3 §7.2.
    AuthenticationEnvelope => "authentication/envelope", Refused, "The answer is a public-key credential with an id, a client data, authenticator data and a signature.";
    AuthenticationEnvelopeId => "authentication/envelope/id", Refused, "The two ids of the envelope are the same.";
    AuthenticationClientData => "authentication/client-data", Refused, "The client data is one well-formed JSON object.";
    AuthenticationType => "authentication/type", Refused, "The client data says that an assertion was made.";
    AuthenticationChallenge => "authentication/challenge", Refused, "The challenge is the one that was issued.";
    AuthenticationOrigin => "authentication/origin", Refused, "The origin is one that the portal expects.";
    AuthenticationCrossOrigin => "authentication/cross-origin", Refused, "The ceremony did not run in a frame of another site.";
    AuthenticationTopOrigin => "authentication/cross-origin/top", Refused, "No other site's page stands around the ceremony.";
    AuthenticationAuthenticatorData => "authentication/authenticator-data", Refused, "The authenticator data is well-formed and complete.";
    AuthenticationRpIdHash => "authentication/rp-id-hash", Refused, "The key answers this portal.";
    AuthenticationUserPresent => "authentication/user-present", Refused, "The user touched the key.";
    AuthenticationUserVerified => "authentication/user-verified", Refused, "The key verified its user, where that is asked for.";
    AuthenticationBackupFlags => "authentication/backup-flags", Refused, "A key that cannot be backed up does not say that it was.";
    AuthenticationBackupEligibility => "authentication/backup-eligibility", Refused, "Whether the key can be backed up has not changed since registration.";
    AuthenticationCredential => "authentication/credential", Refused, "The key is registered.";
    AuthenticationCredentialOwner => "authentication/credential/owner", Refused, "The key is registered for the user who signs in.";
    AuthenticationCredentialListed => "authentication/credential/listed", Refused, "The key is one of those that were asked for.";
    AuthenticationUserHandle => "authentication/user-handle", Refused, "The user handle is that of the user who signs in.";
    AuthenticationUserHandleMissing => "authentication/user-handle/missing", Refused, "A ceremony without a user name carries a user handle.";
    AuthenticationSignature => "authentication/signature", Refused, "The signature is the key's.";
    AuthenticationCounter => "authentication/counter", Refused, "The signature counter goes forward.";
    // Ceremonies as the portal runs them.
    RegistrationSignedIn => "registration/signed-in", NotSignedIn, "A key is registered by somebody who is signed in.";
    RegistrationSelfService => "registration/self-service", Forbidden, "The administrator lets users register keys themselves.";
    RegistrationKeyOff => "registration/key-allowed", Forbidden, "The administrator allows security keys.";
    RegistrationChallengeBound => "registration/challenge-bound", Refused, "The challenge was issued to this session.";
    RegistrationChallengeOnce => "registration/challenge-once", Refused, "The challenge has not been used.";
    RegistrationChallengeLifetime => "registration/challenge-lifetime", Expired, "The key was touched within the time that the page gives.";
    RegistrationPurpose => "registration/purpose", Refused, "The challenge was issued for a registration.";
    RegistrationFresh => "registration/fresh-authentication", Stale, "The last proof of the user is recent.";
    RegistrationLabel => "registration/label", Refused, "The label is at most 64 characters of text.";
    RegistrationKeyLimit => "registration/key-limit", Refused, "The user has room for another key.";
    LoginPassword => "login/password", BadCredentials, "The password is that of the user.";
    LoginEnabled => "login/disabled-account", Forbidden, "The account is enabled.";
    LoginEnabledAtFactor => "login/disabled-account/factor", Forbidden, "The account is still enabled when the factor is answered.";
    LoginPasswordStep => "login/password-step", NotSignedIn, "A factor is answered after the password, in the same session.";
    LoginFactorRequired => "login/factor-required", NotSignedIn, "A session without its factor opens nothing.";
    LoginChallengeBound => "login/challenge-bound", Refused, "The challenge was issued to this session.";
    LoginChallengeOnce => "login/challenge-once", Refused, "The challenge has not been used.";
    LoginChallengeLifetime => "login/challenge-lifetime", Expired, "The key was touched within the time that the page gives.";
    LoginPurpose => "login/purpose", Refused, "The challenge was issued for a sign-in.";
    LoginKeyAllowed => "login/key-allowed", Forbidden, "The administrator allows security keys.";
    LoginOnlyKey => "login/only-key", Forbidden, "Where only the key counts, no other factor signs in.";
    LoginBrowser => "login/browser", Forbidden, "The browser can use a security key.";
    LoginPasswordLimit => "login/password-limit", RateLimited, "There were few wrong passwords of late.";
    LoginPasswordless => "login/passwordless", Refused, "The administrator allows to sign in with the key alone.";
    TotpSignedIn => "totp/signed-in", NotSignedIn, "TOTP is set up by somebody who is signed in.";
    TotpAllowed => "totp/allowed", Forbidden, "The administrator allows TOTP.";
    TotpFresh => "totp/fresh-authentication", Stale, "The last proof of the user is recent.";
    TotpEnrolmentConfirmed => "totp/enrolment-confirmed", Refused, "A code of the new secret was entered.";
    TotpEnrolmentPeriod => "totp/enrolment-period", Forbidden, "The enrollment period is not over.";
    TotpForm => "totp/code/form", Refused, "A code has exactly six digits.";
    TotpCode => "totp/code", Refused, "The code is right.";
    TotpOnce => "totp/once", Refused, "The code has not been used.";
    TotpLimit => "totp/limit", RateLimited, "There were few wrong codes of late.";
    PushAllowed => "push/allowed", Forbidden, "The administrator allows prompts, and has set a device up.";
    PushLimit => "push/limit", RateLimited, "Few prompts were sent of late.";
    PushDevice => "push/device", NotSignedIn, "A prompt is answered on the user's own device.";
    PushNumber => "push/number", Refused, "An approval repeats the number that the page shows.";
    PushLifetime => "push/lifetime", Expired, "The prompt is answered and used within its time.";
    PushApproved => "push/approved", Refused, "The prompt of this session was approved, and its approval is not used.";
    KeysSignedIn => "keys/signed-in", NotSignedIn, "Keys are managed by somebody who is signed in.";
    KeysVisible => "keys/visible", Forbidden, "The administrator allows security keys.";
    KeysOwn => "keys/own", NotFound, "The key belongs to the user.";
    KeysAdministered => "keys/administered", Forbidden, "The key was registered by the user and not by the administrator.";
    KeysLastFactor => "keys/last-factor", Forbidden, "A factor remains where one is required.";
    KeysFresh => "keys/fresh-authentication", Stale, "The last proof of the user is recent.";
    ResetToken => "reset/token", Refused, "The link is one that was mailed.";
    ResetLifetimeAtOpening => "reset/lifetime/opening", Expired, "The link is opened within five minutes.";
    ResetLifetimeAtFinish => "reset/lifetime/finish", Expired, "The new password is sent within five minutes.";
    ResetOnce => "reset/once", Refused, "The link has not been used.";
    ResetNewest => "reset/newest", Refused, "The link is the newest that was asked for.";
    ResetFactor => "reset/factor", Refused, "The reset is confirmed with the user's factor.";
    ResetKeyChallenge => "reset/key", Refused, "The challenge was issued for this reset.";
    ResetPassword => "reset/password", Refused, "The new password has at least eight characters.";
    PasswordSignedIn => "password/signed-in", NotSignedIn, "The password is changed by somebody who is signed in.";
    PasswordOld => "password/old", Refused, "The old password is right.";
    PasswordFactor => "password/factor", Refused, "The change is confirmed with the user's factor.";
    AdminAuthorised => "admin/authorised", Forbidden, "The administrator's token is right.";
    LoginHasKey => "login/choice", Refused, "The user has a key to be asked for.";
    LoginKeyStands => "deleted-credential/at-once", Refused, "The key is still registered when its answer is accepted.";
    RegistrationBrowser => "registration/browser", Forbidden, "This browser can make a key of this kind.";
    ResetDisabled => "reset/disabled-account", Forbidden, "The account whose password is reset is enabled.";
    ResetLimit => "reset/limit", Refused, "Few links were mailed of late.";
    SsoApplication => "sso/ticket/registered", Refused, "The application is one that signs in by this portal.";
    SsoFactorRequired => "sso/factor-required", NotSignedIn, "Only whoever is fully signed in is sent to an application.";
    SsoEnrolmentPeriod => "sso/enrolment-period", Forbidden, "Whoever opens an application has not missed the time to set up one-time codes.";
    SsoTicket => "sso/ticket", Refused, "The ticket was issued, and has not been used.";
    SsoTicketLifetime => "sso/ticket/lifetime", Refused, "The ticket is used within ten seconds.";
    SsoTicketApplication => "sso/ticket/application", Refused, "The ticket is used by the application that it was issued for.";
    SessionCsrf => "session/csrf", Forbidden, "The request comes from a page of this portal.";
    SessionContentType => "session/content-type", UnsupportedType, "The body is JSON and says so.";
    SessionBodyLimit => "session/body-limit", TooLarge, "The body is small.";
    // Finer checks of the two ceremonies.
    RegistrationClientDataMembers => "registration/client-data/duplicates", Refused, "No member of the client data stands twice.";
    RegistrationAttestationTrailing => "registration/attestation-object/trailing", Refused, "Nothing stands behind the attestation object.";
    RegistrationAttestedData => "registration/authenticator-data/attested", Refused, "The authenticator data says that it carries a credential, and does.";
    RegistrationPublicKeyMembers => "registration/public-key/duplicates", Refused, "No member of the public key stands twice.";
    RegistrationPublicKeyType => "registration/public-key/type", Refused, "The key type is that of the algorithm.";
    RegistrationPublicKeyCurve => "registration/public-key/curve", Refused, "The curve is that of the algorithm.";
    RegistrationPublicKeyPrivate => "registration/public-key/private", Refused, "The public key carries nothing of the private one.";
    RegistrationPublicKeyPoint => "registration/public-key/point", Refused, "The public key is a point of its curve.";
    RegistrationPublicKeyStrength => "registration/public-key/strength", Refused, "An RSA key has a modulus and an exponent of sound size.";
    RegistrationPublicKeyOrder => "registration/public-key/small-order", Refused, "An Ed25519 key is not one of those that sign everything.";
    RegistrationU2fAaguid => "registration/attestation-u2f/aaguid", Refused, "A U2F key names no model.";
    RegistrationAttestationPolicy => "registration/attestation-policy", Refused, "The key has an attestation, where one is asked for.";
    RegistrationAttestationPolicySelf => "registration/attestation-policy/self", Refused, "The attestation is not the key's own, where one is asked for.";
    AuthenticationClientDataMembers => "authentication/client-data/duplicates", Refused, "No member of the client data stands twice.";
    AuthenticationTrailing => "authentication/authenticator-data/trailing", Refused, "Nothing stands behind the authenticator data.";
}

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal(pub Check);

/// The checks of one portal: all of them made, save for the one defect it is told to have.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    rules: Rules,
    forgets: Forgets,
}

/// The checks that a portal does not make.
#[derive(Clone, Copy, Debug, Default)]
enum Forgets {
    #[default]
    Nothing,
    One(Check),
    Everything,
}

impl Checks {
    /// A portal's checks, with one defect or none.
    #[must_use]
    pub fn new(defect: Option<&'static Defect>) -> Self {
        let mut checks = Self::default();
        match defect.map(|defect| defect.fault) {
            Some(Fault::Decides(change)) => change(&mut checks.rules),
            Some(Fault::Forgets(check)) => checks.forgets = Forgets::One(check),
            Some(Fault::AcceptsEverything) => checks.forgets = Forgets::Everything,
            None => {}
        }
        checks
    }

    /// Those of a portal that forgets one of them, and decides so.
    pub(crate) const fn forgetting(check: Check, rules: Rules) -> Self {
        Self { rules, forgets: Forgets::One(check) }
    }

    /// What this portal decides.
    pub(crate) const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Makes a check.
    ///
    /// # Errors
    /// The check, when it does not hold and is not the one that this portal forgets.
    pub fn require(&self, check: Check, holds: bool) -> Result<(), Refusal> {
        if holds || self.forgets(check) { Ok(()) } else { Err(Refusal(check)) }
    }

    /// Makes a check by reading: what passes *is* what was asked for. A portal that forgets the check
    /// goes on with what could be read.
    pub(crate) fn admit<T>(
        &self,
        check: Check,
        strict: Option<T>,
        leftover: impl FnOnce() -> T,
    ) -> Result<T, Refusal> {
        self.require(check, strict.is_some())?;
        Ok(strict.unwrap_or_else(leftover))
    }

    fn forgets(&self, check: Check) -> bool {
        match self.forgets {
            Forgets::Nothing => false,
            Forgets::One(own) => own == check,
            Forgets::Everything => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static FORGETFUL: Defect = Defect {
        id: "test/forgets",
        breaks: "",
        says: "It forgets one check.",
        fault: Fault::Forgets(Check::LoginPassword),
    };

    #[test]
    fn only_a_forgetful_portal_goes_on_with_what_could_be_read() {
        let (sound, forgetful) = (Checks::default(), Checks::new(Some(&FORGETFUL)));
        let (check, other) = (Check::LoginPassword, Check::TotpCode);
        assert_eq!(sound.admit(check, Some(1), || unreachable!()), Ok(1));
        assert_eq!(sound.admit(check, None, || unreachable!()), Err::<u8, _>(Refusal(check)));
        assert_eq!(forgetful.admit(check, None, || 2), Ok(2));
        assert_eq!(forgetful.admit(other, None, || unreachable!()), Err::<u8, _>(Refusal(other)));
    }
}
