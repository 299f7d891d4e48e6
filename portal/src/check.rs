//! Every check that the reference portal makes, one name each. Code makes a check by
//! [`Checks::require`], and a refusal carries the check that was not met. How a check is made is
//! decided in `rules.rs`.

use super::{
    defect::{Defect, Fault},
    rules::Rules,
};

macro_rules! checks {
    ($($(#[$meta:meta])* $variant:ident => $id:literal, $says:literal;)+) => {
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
    RegistrationEnvelope => "registration/envelope", "The answer is a public-key credential with an id, a client data and an attestation object.";
    RegistrationEnvelopeId => "registration/envelope/id", "The two ids of the envelope are the same.";
    RegistrationClientData => "registration/client-data", "The client data is one well-formed JSON object.";
    RegistrationType => "registration/type", "The client data says that a credential was created.";
    RegistrationChallenge => "registration/challenge", "The challenge is the one that was issued.";
    RegistrationOrigin => "registration/origin", "The origin is one that the portal expects.";
    RegistrationCrossOrigin => "registration/cross-origin", "The ceremony did not run in a frame of another site.";
    RegistrationTopOrigin => "registration/cross-origin/top", "No other site's page stands around the ceremony.";
    RegistrationAttestationObject => "registration/attestation-object", "The attestation object is well-formed CBOR.";
    RegistrationAttestationKeys => "registration/attestation-object/duplicates", "No map of the attestation object names a key twice.";
    RegistrationAuthenticatorData => "registration/authenticator-data", "The authenticator data is well-formed and complete.";
    RegistrationTrailing => "registration/authenticator-data/trailing", "Nothing stands behind the authenticator data.";
    RegistrationRpIdHash => "registration/rp-id-hash", "The key was made for this portal.";
    RegistrationUserPresent => "registration/user-present", "The user touched the key.";
    RegistrationUserVerified => "registration/user-verified", "The key verified its user, where that is asked for.";
    RegistrationBackupFlags => "registration/backup-flags", "A key that cannot be backed up does not say that it was.";
    RegistrationAlgorithm => "registration/algorithm", "The algorithm is one that was offered.";
    RegistrationPublicKey => "registration/public-key", "The public key is of the algorithm that it names, and sound.";
    RegistrationAttestationFormat => "registration/attestation-format", "The attestation format is known.";
    RegistrationAttestationNone => "registration/attestation-none", "A missing attestation carries no statement.";
    RegistrationPackedForm => "registration/attestation-packed/form", "A packed statement has the members that its kind asks for.";
    RegistrationPackedAlgorithm => "registration/attestation-packed/algorithm", "The statement's algorithm is that of the key that signs it.";
    RegistrationPackedSignature => "registration/attestation-packed/signature", "The statement's signature verifies.";
    RegistrationPackedCertificate => "registration/attestation-packed/certificate", "The attestation certificate is one that an authenticator may have.";
    RegistrationPackedAaguid => "registration/attestation-packed/aaguid", "The certificate names the model that the authenticator data names.";
    RegistrationU2fForm => "registration/attestation-u2f/form", "A U2F statement has one certificate with a P-256 key and a signature.";
    RegistrationU2fSignature => "registration/attestation-u2f/signature", "The U2F statement's signature verifies.";
    RegistrationCredentialIdLength => "registration/credential-id/length", "The credential id has 1 to 1023 bytes.";
    RegistrationCredentialId => "registration/credential-id", "The envelope's id is the one that the key signed.";
    RegistrationCredentialUnique => "registration/credential-unique", "The credential id is new.";
    // Authentication ceremony, WebAuthn L3 §7.2.
    AuthenticationEnvelope => "authentication/envelope", "The answer is a public-key credential with an id, a client data, authenticator data and a signature.";
    AuthenticationEnvelopeId => "authentication/envelope/id", "The two ids of the envelope are the same.";
    AuthenticationClientData => "authentication/client-data", "The client data is one well-formed JSON object.";
    AuthenticationType => "authentication/type", "The client data says that an assertion was made.";
    AuthenticationChallenge => "authentication/challenge", "The challenge is the one that was issued.";
    AuthenticationOrigin => "authentication/origin", "The origin is one that the portal expects.";
    AuthenticationCrossOrigin => "authentication/cross-origin", "The ceremony did not run in a frame of another site.";
    AuthenticationTopOrigin => "authentication/cross-origin/top", "No other site's page stands around the ceremony.";
    AuthenticationAuthenticatorData => "authentication/authenticator-data", "The authenticator data is well-formed and complete.";
    AuthenticationRpIdHash => "authentication/rp-id-hash", "The key answers this portal.";
    AuthenticationUserPresent => "authentication/user-present", "The user touched the key.";
    AuthenticationUserVerified => "authentication/user-verified", "The key verified its user, where that is asked for.";
    AuthenticationBackupFlags => "authentication/backup-flags", "A key that cannot be backed up does not say that it was.";
    AuthenticationBackupEligibility => "authentication/backup-eligibility", "Whether the key can be backed up has not changed since registration.";
    AuthenticationCredential => "authentication/credential", "The key is registered.";
    AuthenticationCredentialOwner => "authentication/credential/owner", "The key is registered for the user who signs in.";
    AuthenticationCredentialListed => "authentication/credential/listed", "The key is one of those that were asked for.";
    AuthenticationUserHandle => "authentication/user-handle", "The user handle is that of the user who signs in.";
    AuthenticationUserHandleMissing => "authentication/user-handle/missing", "A ceremony without a user name carries a user handle.";
    AuthenticationSignature => "authentication/signature", "The signature is the key's.";
    AuthenticationCounter => "authentication/counter", "The signature counter goes forward.";
    // Ceremonies as the portal runs them.
    RegistrationSignedIn => "registration/signed-in", "A key is registered by somebody who is signed in.";
    RegistrationSelfService => "registration/self-service", "The administrator lets users register keys themselves.";
    RegistrationKeyOff => "registration/key-allowed", "The administrator allows security keys.";
    RegistrationChallengeBound => "registration/challenge-bound", "The challenge was issued to this session.";
    RegistrationChallengeOnce => "registration/challenge-once", "The challenge has not been used.";
    RegistrationChallengeLifetime => "registration/challenge-lifetime", "The key was touched within the time that the page gives.";
    RegistrationPurpose => "registration/purpose", "The challenge was issued for a registration.";
    RegistrationFresh => "registration/fresh-authentication", "The last proof of the user is recent.";
    RegistrationLabel => "registration/label", "The label is at most 64 characters of text.";
    RegistrationKeyLimit => "registration/key-limit", "The user has room for another key.";
    LoginPassword => "login/password", "The password is that of the user.";
    LoginEnabled => "login/disabled-account", "The account is enabled.";
    LoginEnabledAtFactor => "login/disabled-account/factor", "The account is still enabled when the factor is answered.";
    LoginPasswordStep => "login/password-step", "A factor is answered after the password, in the same session.";
    LoginFactorRequired => "login/factor-required", "A session without its factor opens nothing.";
    LoginChallengeBound => "login/challenge-bound", "The challenge was issued to this session.";
    LoginChallengeOnce => "login/challenge-once", "The challenge has not been used.";
    LoginChallengeLifetime => "login/challenge-lifetime", "The key was touched within the time that the page gives.";
    LoginPurpose => "login/purpose", "The challenge was issued for a sign-in.";
    LoginKeyAllowed => "login/key-allowed", "The administrator allows security keys.";
    LoginOnlyKey => "login/only-key", "Where only the key counts, no other factor signs in.";
    LoginBrowser => "login/browser", "The browser can use a security key.";
    LoginPasswordLimit => "login/password-limit", "There were few wrong passwords of late.";
    LoginPasswordless => "login/passwordless", "The administrator allows to sign in with the key alone.";
    TotpSignedIn => "totp/signed-in", "TOTP is set up by somebody who is signed in.";
    TotpAllowed => "totp/allowed", "The administrator allows TOTP.";
    TotpFresh => "totp/fresh-authentication", "The last proof of the user is recent.";
    TotpEnrolmentConfirmed => "totp/enrolment-confirmed", "A code of the new secret was entered.";
    TotpEnrolmentPeriod => "totp/enrolment-period", "The enrollment period is not over.";
    TotpForm => "totp/code/form", "A code has exactly six digits.";
    TotpCode => "totp/code", "The code is right.";
    TotpOnce => "totp/once", "The code has not been used.";
    TotpLimit => "totp/limit", "There were few wrong codes of late.";
    PushAllowed => "push/allowed", "The administrator allows prompts, and has set a device up.";
    PushLimit => "push/limit", "Few prompts were sent of late.";
    PushDevice => "push/device", "A prompt is answered on the user's own device.";
    PushNumber => "push/number", "An approval repeats the number that the page shows.";
    PushLifetime => "push/lifetime", "The prompt is answered and used within its time.";
    PushApproved => "push/approved", "The prompt of this session was approved, and its approval is not used.";
    KeysSignedIn => "keys/signed-in", "Keys are managed by somebody who is signed in.";
    KeysVisible => "keys/visible", "The administrator allows security keys.";
    KeysOwn => "keys/own", "The key belongs to the user.";
    KeysAdministered => "keys/administered", "The key was registered by the user and not by the administrator.";
    KeysLastFactor => "keys/last-factor", "A factor remains where one is required.";
    KeysFresh => "keys/fresh-authentication", "The last proof of the user is recent.";
    ResetToken => "reset/token", "The link is one that was mailed.";
    ResetLifetimeAtOpening => "reset/lifetime/opening", "The link is opened within five minutes.";
    ResetLifetimeAtFinish => "reset/lifetime/finish", "The new password is sent within five minutes.";
    ResetOnce => "reset/once", "The link has not been used.";
    ResetNewest => "reset/newest", "The link is the newest that was asked for.";
    ResetFactor => "reset/factor", "The reset is confirmed with the user's factor.";
    ResetKeyChallenge => "reset/key", "The challenge was issued for this reset.";
    ResetPassword => "reset/password", "The new password has at least eight characters.";
    PasswordSignedIn => "password/signed-in", "The password is changed by somebody who is signed in.";
    PasswordOld => "password/old", "The old password is right.";
    PasswordFactor => "password/factor", "The change is confirmed with the user's factor.";
    AdminAuthorised => "admin/authorised", "The administrator's token is right.";
    LoginHasKey => "login/choice", "The user has a key to be asked for.";
    LoginKeyStands => "deleted-credential/at-once", "The key is still registered when its answer is accepted.";
    RegistrationBrowser => "registration/browser", "This browser can make a key of this kind.";
    ResetDisabled => "reset/disabled-account", "The account whose password is reset is enabled.";
    ResetLimit => "reset/limit", "Few links were mailed of late.";
    SsoApplication => "sso/ticket/registered", "The application is one that signs in by this portal.";
    SsoFactorRequired => "sso/factor-required", "Only whoever is fully signed in is sent to an application.";
    SsoEnrolmentPeriod => "sso/enrolment-period", "Whoever opens an application has not missed the time to set up one-time codes.";
    SsoTicket => "sso/ticket", "The ticket was issued, and has not been used.";
    SsoTicketLifetime => "sso/ticket/lifetime", "The ticket is used within ten seconds.";
    SsoTicketApplication => "sso/ticket/application", "The ticket is used by the application that it was issued for.";
    SessionCsrf => "session/csrf", "The request comes from a page of this portal.";
    SessionContentType => "session/content-type", "The body is JSON and says so.";
    SessionBodyLimit => "session/body-limit", "The body is small.";
    // Finer checks of the two ceremonies.
    RegistrationClientDataMembers => "registration/client-data/duplicates", "No member of the client data stands twice.";
    RegistrationAttestationTrailing => "registration/attestation-object/trailing", "Nothing stands behind the attestation object.";
    RegistrationAttestedData => "registration/authenticator-data/attested", "The authenticator data says that it carries a credential, and does.";
    RegistrationPublicKeyMembers => "registration/public-key/duplicates", "No member of the public key stands twice.";
    RegistrationPublicKeyType => "registration/public-key/type", "The key type is that of the algorithm.";
    RegistrationPublicKeyCurve => "registration/public-key/curve", "The curve is that of the algorithm.";
    RegistrationPublicKeyPrivate => "registration/public-key/private", "The public key carries nothing of the private one.";
    RegistrationPublicKeyPoint => "registration/public-key/point", "The public key is a point of its curve.";
    RegistrationPublicKeyStrength => "registration/public-key/strength", "An RSA key has a modulus and an exponent of sound size.";
    RegistrationPublicKeyOrder => "registration/public-key/small-order", "An Ed25519 key is not one of those that sign everything.";
    RegistrationU2fAaguid => "registration/attestation-u2f/aaguid", "A U2F key names no model.";
    RegistrationAttestationPolicy => "registration/attestation-policy", "The key has an attestation, where one is asked for.";
    RegistrationAttestationPolicySelf => "registration/attestation-policy/self", "The attestation is not the key's own, where one is asked for.";
    AuthenticationClientDataMembers => "authentication/client-data/duplicates", "No member of the client data stands twice.";
    AuthenticationTrailing => "authentication/authenticator-data/trailing", "Nothing stands behind the authenticator data.";
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
