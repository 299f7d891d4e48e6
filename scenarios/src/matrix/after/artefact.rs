//! The first axis: what somebody holds when something happens. How it shows whether it still does its
//! work stands in `held.rs`.

use harness::requirement::Ability;
use reports::record::Impact;

use super::cast::Holds;

/// In which browser something is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In that in which the event happens.
    Own,
    /// In another one of the same person.
    Other,
}

/// What somebody holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Artefact {
    /// A full session.
    Session(Place),
    /// A registration between challenge and touch.
    Registration(Place),
    /// A secret of one-time codes that was shown and is not confirmed.
    SetUp(Place),
    /// A proof that a key made alone, and that is fresh.
    Proof(Place),
    /// A session, as an application is opened from it.
    Application(Place),
    /// A session between password and factor.
    HalfSession,
    /// A sign-in between challenge and touch.
    SignIn,
    /// A sign-in that an application asked for.
    Started,
    /// A mailed link.
    Link,
    /// A code of the present step.
    Code,
    /// The password.
    Password,
    /// A registered key.
    Key,
    /// The authenticator app.
    Codes,
    /// The device for prompts.
    Push,
    /// That a key is the administrator's.
    Mark,
    /// Wrong passwords, one short of a lock.
    WrongPasswords,
    /// Wrong codes, one short of a lock.
    WrongCodes,
    /// An account that wrong passwords have locked.
    PasswordLock,
    /// An account that wrong codes have locked.
    CodeLock,
}

impl Artefact {
    /// Every one, in the order of the table's columns.
    pub(super) const ALL: [Self; 24] = [
        Self::Session(Place::Own),
        Self::Registration(Place::Own),
        Self::SetUp(Place::Own),
        Self::Proof(Place::Own),
        Self::Application(Place::Own),
        Self::Session(Place::Other),
        Self::Registration(Place::Other),
        Self::SetUp(Place::Other),
        Self::Proof(Place::Other),
        Self::Application(Place::Other),
        Self::HalfSession,
        Self::SignIn,
        Self::Started,
        Self::Link,
        Self::Code,
        Self::Password,
        Self::Key,
        Self::Codes,
        Self::Push,
        Self::Mark,
        Self::WrongPasswords,
        Self::WrongCodes,
        Self::PasswordLock,
        Self::CodeLock,
    ];

    /// Its slug, what it is called in a title, and what the portal must be able to do.
    const fn row(self) -> (&'static str, &'static str, &'static [Ability]) {
        use Ability as A;
        use Place::{Other, Own};
        match self {
            Self::Session(Own) => ("own-session", "the session in which she did it", &[]),
            Self::Registration(Own) => {
                ("own-registration", "a registration begun in that session", &[A::KeySignIn])
            }
            Self::SetUp(Own) => {
                ("own-set-up", "a set-up of codes begun in that session", &[A::Totp])
            }
            Self::Proof(Own) => ("own-proof", "a key's fresh proof in that session", PROOF),
            Self::Application(Own) => {
                ("own-application", "the way into an application from that session", &[A::Sso])
            }
            Self::Session(Other) => ("other-session", "her session in another browser", &[]),
            Self::Registration(Other) => {
                ("other-registration", "a registration begun in another browser", &[A::KeySignIn])
            }
            Self::SetUp(Other) => {
                ("other-set-up", "a set-up of codes begun in another browser", &[A::Totp])
            }
            Self::Proof(Other) => ("other-proof", "a key's fresh proof in another browser", PROOF),
            Self::Application(Other) => {
                ("other-application", "the way into an application from another browser", &[A::Sso])
            }
            Self::HalfSession => ("half-session", "a session between password and key", &[A::Key]),
            Self::SignIn => {
                ("sign-in-challenge", "a sign-in between challenge and touch", &[A::KeySignIn])
            }
            Self::Started => {
                ("application-sign-in", "a sign-in begun at an application", &[A::SsoFromApp])
            }
            Self::Link => ("mailed-link", "a mailed link", &[A::Reset]),
            Self::Code => ("code", "a code that was not used", CODES),
            Self::Password => ("password", "her password", &[]),
            Self::Key => ("key", "her key", &[A::KeySignIn]),
            Self::Codes => ("codes", "her authenticator app", CODES),
            Self::Push => ("push-device", "her push device", &[A::KeySignIn, A::Push]),
            Self::Mark => (
                "administered-key",
                "the mark of an administrator's key",
                &[A::KeySignIn, A::AdminKeys, A::ListKeys, A::RenameKey],
            ),
            Self::WrongPasswords => {
                ("wrong-passwords", "the count of wrong passwords", &[A::Lockout])
            }
            Self::WrongCodes => ("wrong-codes", "the count of wrong codes", COUNTED_CODES),
            Self::PasswordLock => ("password-lock", "a lock for wrong passwords", &[A::Lockout]),
            Self::CodeLock => ("code-lock", "a lock for wrong codes", COUNTED_CODES),
        }
    }

    /// Last part of a cell's id.
    pub(super) const fn slug(self) -> &'static str {
        self.row().0
    }

    /// What it is called in a title.
    pub(super) const fn words(self) -> &'static str {
        self.row().1
    }

    /// What the portal must be able to do.
    pub(super) const fn needs(self) -> &'static [Ability] {
        self.row().2
    }

    /// What it costs when it does not end, or when it does.
    pub(super) const fn impact(self, ends: bool) -> Impact {
        match self {
            Self::Mark
            | Self::WrongPasswords
            | Self::WrongCodes
            | Self::PasswordLock
            | Self::CodeLock => {
                if ends {
                    Impact::Denial
                } else {
                    Impact::Bypass
                }
            }
            Self::Proof(_) | Self::Code | Self::Codes | Self::Push => {
                if ends {
                    Impact::Bypass
                } else {
                    Impact::Denial
                }
            }
            Self::Session(_)
            | Self::Registration(_)
            | Self::SetUp(_)
            | Self::Application(_)
            | Self::HalfSession
            | Self::SignIn
            | Self::Started
            | Self::Link
            | Self::Password
            | Self::Key => {
                if ends {
                    Impact::Takeover
                } else {
                    Impact::Denial
                }
            }
        }
    }

    /// Whether it shows only by a lock, which begins at a number of tries that no profile says exactly.
    pub(super) const fn is_a_count(self) -> bool {
        matches!(self, Self::WrongPasswords | Self::WrongCodes)
    }

    /// What its holder has before it.
    pub(super) const fn holds(self) -> Holds {
        let (desk, given, codes, push) = match self {
            Self::Proof(_) | Self::HalfSession | Self::SignIn | Self::Key => {
                (true, false, false, false)
            }
            // A sign-in by the key leaves the codes of the present step unused.
            Self::Code | Self::Codes | Self::WrongCodes | Self::CodeLock => {
                (true, false, true, false)
            }
            Self::Push => (true, false, false, true),
            Self::Mark => (true, true, false, false),
            Self::Session(_)
            | Self::Registration(_)
            | Self::SetUp(_)
            | Self::Application(_)
            | Self::Started
            | Self::Link
            | Self::Password
            | Self::WrongPasswords
            | Self::PasswordLock => (false, false, false, false),
        };
        Holds { desk, bag: false, given, codes, push, period: false }
    }

    /// In which full session it is held, where it is held in one.
    pub(super) const fn place(self) -> Option<Place> {
        match self {
            Self::Session(place)
            | Self::Registration(place)
            | Self::SetUp(place)
            | Self::Proof(place)
            | Self::Application(place) => Some(place),
            Self::HalfSession
            | Self::SignIn
            | Self::Started
            | Self::Link
            | Self::Code
            | Self::Password
            | Self::Key
            | Self::Codes
            | Self::Push
            | Self::Mark
            | Self::WrongPasswords
            | Self::WrongCodes
            | Self::PasswordLock
            | Self::CodeLock => None,
        }
    }
}

const PROOF: &[Ability] =
    &[Ability::Key, Ability::FreshAuthentication, Ability::Reauthentication, Ability::ListKeys];
const CODES: &[Ability] = &[Ability::Key, Ability::Totp];
const COUNTED_CODES: &[Ability] = &[Ability::Key, Ability::Totp, Ability::Lockout];
