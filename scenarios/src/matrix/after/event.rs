//! The second axis: what happens to somebody. Every event is an honest step on the way: where the portal
//! refuses it, nothing is shown.

use harness::{
    policy::{Factor, Policy},
    requirement::Ability,
    story::{Manner, Stage, Told, as_control},
};

use super::{
    cast::{Cast, Holds},
    held::{Held, resets},
};
use crate::portal::broken;

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    SignOut,
    SignIn,
    SignInBegun,
    PasswordChange,
    PasswordReset,
    LinkAsked,
    LinkOpened,
    RegistrationBegun,
    KeyAdded,
    KeyDeleted,
    KeyDeletedByAdministrator,
    OtherKeyDeleted,
    LastKeyDeleted,
    CodesSetUpAgain,
    SetUpAbandoned,
    Disabled,
    EnabledAgain,
    KeysOff,
    KeysOffAndOn,
    EnrolmentReset,
    WrongPassword,
    WrongKey,
    WrongCode,
    Stranger,
}

impl Event {
    /// What it is called in a title, and what the portal must be able to do.
    const fn row(self) -> (&'static str, &'static [Ability]) {
        use Ability as A;
        match self {
            Self::SignOut => ("alice signs out", &[A::SignOut]),
            Self::SignIn => ("alice signs in in another browser", &[]),
            Self::SignInBegun => {
                ("alice begins to sign in in another browser, and leaves it", &[A::KeySignIn])
            }
            Self::PasswordChange => ("alice changes her password", &[A::PasswordChange]),
            Self::PasswordReset => ("alice resets her password by mail", &[A::Reset]),
            Self::LinkAsked => ("somebody asks for a link to reset alice's password", &[A::Reset]),
            Self::LinkOpened => ("a mail scanner opens alice's link", &[A::Reset]),
            Self::RegistrationBegun => {
                ("alice begins to register a key, and leaves it", &[A::KeySignIn])
            }
            Self::KeyAdded => ("alice registers another key", &[A::KeySignIn]),
            Self::KeyDeleted => ("alice deletes one of two keys", DELETES),
            Self::KeyDeletedByAdministrator => (
                "the administrator deletes one of alice's two keys",
                &[A::KeySignIn, A::AdminDeleteKey, A::ListKeys],
            ),
            Self::OtherKeyDeleted => ("alice deletes her other key", DELETES),
            Self::LastKeyDeleted => ("alice deletes her last key", DELETES),
            Self::CodesSetUpAgain => {
                ("alice sets codes up a second time", &[A::Totp, A::TotpAgain])
            }
            Self::SetUpAbandoned => ("alice begins to set codes up, and leaves it", &[A::Totp]),
            Self::Disabled => ("alice's account is disabled", &[A::DisableUser]),
            Self::EnabledAgain => {
                ("alice's account is disabled, and enabled again", &[A::DisableUser])
            }
            Self::KeysOff => ("keys are switched off for alice", &[A::KeySignIn, A::Policy]),
            Self::KeysOffAndOn => {
                ("keys are switched off for alice, and on again", &[A::KeySignIn, A::Policy])
            }
            Self::EnrolmentReset => (
                "the administrator begins alice's enrollment period anew",
                &[A::TotpEnrolmentPolicy],
            ),
            Self::WrongPassword => ("somebody enters a wrong password for alice", &[]),
            Self::WrongKey => {
                ("a false answer of alice's key is sent from another browser", &[A::Key])
            }
            Self::WrongCode => {
                ("a wrong code is entered for alice in another browser", &[A::Key, A::Totp])
            }
            Self::Stranger => (
                "carol signs in, begins to register a key, and signs out",
                &[A::KeySignIn, A::SignOut],
            ),
        }
    }

    /// What it is called in a title.
    pub(super) const fn words(self) -> &'static str {
        self.row().0
    }

    /// What the portal must be able to do.
    pub(super) const fn needs(self) -> &'static [Ability] {
        self.row().1
    }

    /// Whether it happens in a session of her own.
    const fn is_done_here(self) -> bool {
        match self {
            Self::SignOut
            | Self::PasswordChange
            | Self::RegistrationBegun
            | Self::KeyAdded
            | Self::KeyDeleted
            | Self::OtherKeyDeleted
            | Self::LastKeyDeleted
            | Self::CodesSetUpAgain
            | Self::SetUpAbandoned => true,
            Self::SignIn
            | Self::SignInBegun
            | Self::PasswordReset
            | Self::LinkAsked
            | Self::LinkOpened
            | Self::KeyDeletedByAdministrator
            | Self::Disabled
            | Self::EnabledAgain
            | Self::KeysOff
            | Self::KeysOffAndOn
            | Self::EnrolmentReset
            | Self::WrongPassword
            | Self::WrongKey
            | Self::WrongCode
            | Self::Stranger => false,
        }
    }

    /// Whether she has to be signed in for it.
    pub(super) fn needs_a_session(self) -> bool {
        // The portal's name of a key is read off her own list.
        self.is_done_here() || self == Self::KeyDeletedByAdministrator
    }

    /// What she must have for it, beside what the cell is about.
    pub(super) const fn adds_to(self, holds: Holds) -> Holds {
        match self {
            Self::KeyDeleted | Self::KeyDeletedByAdministrator | Self::OtherKeyDeleted => {
                Holds { desk: true, bag: true, ..holds }
            }
            Self::SignInBegun
            | Self::LastKeyDeleted
            | Self::KeysOff
            | Self::KeysOffAndOn
            | Self::WrongKey => Holds { desk: true, ..holds },
            // Signing in by the key leaves the codes of the present step unused.
            Self::CodesSetUpAgain | Self::WrongCode => Holds { desk: true, codes: true, ..holds },
            Self::EnrolmentReset => Holds { period: true, ..holds },
            Self::SignOut
            | Self::SignIn
            | Self::PasswordChange
            | Self::PasswordReset
            | Self::LinkAsked
            | Self::LinkOpened
            | Self::RegistrationBegun
            | Self::KeyAdded
            | Self::SetUpAbandoned
            | Self::Disabled
            | Self::EnabledAgain
            | Self::WrongPassword
            | Self::Stranger => holds,
        }
    }

    /// It happens.
    ///
    /// # Errors
    /// The refused control.
    pub(super) async fn happens(self, stage: &mut Stage, cast: &mut Cast, held: &Held) -> Told {
        match self {
            Self::SignOut => {
                // Somebody has a copy of her cookies: what a browser forgets shows nothing.
                let copy = cast.here.clone();
                cast.here.signs_out().await?.must_be_accepted()?;
                cast.here = copy;
                Ok(())
            }
            Self::SignIn => cast.afresh().await.map(drop),
            Self::SignInBegun => cast.person.begins_sign_in().await.map(drop),
            Self::RegistrationBegun => cast.here.begins_registration("left").await.map(drop),
            Self::KeyAdded => {
                let added = cast.here.registers_key("added").await?;
                cast.works.get_or_insert(added);
                Ok(())
            }
            Self::CodesSetUpAgain => {
                sets_codes_up_again(cast).await?;
                // The code that confirmed the new secret is of the present step: one of the old app would be
                // refused there as used.
                if held.is_an_app() { stage.steps_pass(2).await } else { Ok(()) }
            }
            Self::SetUpAbandoned => cast.here.asks_for_totp().await?.must_be_accepted(),
            Self::PasswordChange => changes_password(stage, cast).await,
            Self::PasswordReset => resets_password(cast).await,
            Self::LinkAsked => cast.person.asks_for_reset().await?.0.must_be_accepted(),
            Self::LinkOpened => is_scanned(cast, held).await,
            Self::WrongPassword => as_control(cast.person.elsewhere().guesses_passwords(1).await),
            Self::WrongKey => answers_falsely(cast).await,
            Self::WrongCode => {
                let mut there = cast.person.elsewhere();
                there.enters_password().await?.passes_the_password_step()?;
                as_control(there.guesses_codes(1).await)
            }
            Self::Stranger => comes_and_goes(stage).await,
            Self::KeyDeleted
            | Self::KeyDeletedByAdministrator
            | Self::OtherKeyDeleted
            | Self::LastKeyDeleted => self.deletes(stage, cast).await,
            Self::Disabled => {
                stage.admin().disables(&cast.person).await?;
                cast.barred_until = Some(Policy { disabled: Some(false), ..Policy::plain() });
                Ok(())
            }
            Self::EnabledAgain => {
                stage.admin().disables(&cast.person).await?;
                stage.admin().enables(&cast.person).await
            }
            Self::KeysOff => {
                keys_are(stage, cast, Factor::Off).await?;
                cast.barred_until = Some(keys(Factor::Allowed));
                Ok(())
            }
            Self::KeysOffAndOn => {
                keys_are(stage, cast, Factor::Off).await?;
                keys_are(stage, cast, Factor::Allowed).await
            }
            Self::EnrolmentReset => stage.admin().resets_enrolment(&cast.person).await,
        }
    }

    async fn deletes(self, stage: &Stage, cast: &mut Cast) -> Told {
        let desk = cast.desk()?;
        if self == Self::OtherKeyDeleted {
            let bag = cast.bag()?;
            return cast.here.deletes(&bag).await?.must_be_accepted();
        }
        if self == Self::KeyDeletedByAdministrator {
            stage.admin().deletes_key(&cast.here, &desk).await?;
        } else {
            cast.here.deletes(&desk).await?.must_be_accepted()?;
        }
        cast.works = cast.bag().ok();
        Ok(())
    }
}

const DELETES: &[Ability] = &[Ability::KeySignIn, Ability::DeleteKey, Ability::ListKeys];

async fn keys_are(stage: &Stage, cast: &Cast, place: Factor) -> Told {
    stage.admin().sets_policy(&cast.person, keys(place)).await
}

const fn keys(place: Factor) -> Policy {
    Policy { key: Some(place), ..Policy::plain() }
}

async fn sets_codes_up_again(cast: &mut Cast) -> Told {
    let begun = cast.here.is_shown_a_secret().await?;
    let code = cast.here.code_now(0).await?;
    cast.here.confirms_totp(&begun, &code).await?.must_be_accepted()
}

async fn changes_password(stage: &Stage, cast: &mut Cast) -> Told {
    let new = cast.person.new_password("changed");
    let confirms = cast.works.clone().filter(|_| stage.can(Ability::PasswordChangeByKey));
    let changed = match &confirms {
        Some(key) => cast.here.changes_password_with(&new, key).await?,
        None => cast.here.changes_password(&new).await?,
    };
    changed.must_be_accepted()?;
    cast.takes(&new);
    Ok(())
}

async fn resets_password(cast: &mut Cast) -> Told {
    let new = cast.person.new_password("reset");
    let link = cast.person.is_mailed_a_link().await?;
    resets(cast, &link, &new).await?.must_be_accepted()?;
    cast.takes(&new);
    Ok(())
}

/// A mail scanner opens the link that the cell is about, or another one.
async fn is_scanned(cast: &Cast, held: &Held) -> Told {
    let mut scanner = cast.person.elsewhere();
    let opened = match held.link() {
        Some(link) => scanner.opens(link).await?,
        None => scanner.opens(&cast.person.is_mailed_a_link().await?).await?,
    };
    opened.must_be_accepted()
}

/// After the password an answer of her key is sent whose signature is another.
async fn answers_falsely(cast: &Cast) -> Told {
    let challenge = cast.person.begins_sign_in().await?;
    let spoken = cast.person.touches(&challenge, &cast.desk()?, Manner::default())?;
    let answered = cast.person.sends(&challenge, &broken(&spoken.json)).await?;
    as_control(answered.is_refused())
}

/// Somebody else does what she likes with her own account.
async fn comes_and_goes(stage: &mut Stage) -> Told {
    let mut carol = stage.person("carol").await?;
    let hers = carol.registers_key("hers").await?;
    carol.begins_registration("left").await?;
    carol.signs_in_with(&hers).await?.must_be_welcomed()?;
    carol.begins_sign_in().await?;
    carol.signs_out().await?.must_be_accepted()
}
