//! A thing that somebody holds: how she comes by it, and how it shows whether it still does its work.
//! State decides: who is signed in, which keys are listed, which password is taken.

use harness::{
    requirement::Ability,
    story::{
        Begun, Break, Challenge, Key, Registering, Response, Stage, Started, Told, as_control,
    },
};
use profile::{error::Error, secret::Secret};

use super::{
    artefact::{Artefact, Place},
    cast::{Cast, signs_in},
};

/// A thing that is held, with what is needed to use it.
pub(super) enum Held {
    Session(Place),
    Registration(Place, Box<Registering>),
    SetUp(Place, Box<Begun>),
    Proof(Place),
    Application(Place),
    HalfSession(Key),
    SignIn(Box<Challenge>, Key),
    Started(Box<Started>),
    Link(Secret),
    Code(Secret),
    Password(Secret),
    Key(Key),
    Codes,
    Push,
    Mark(Key),
    WrongPasswords,
    WrongCodes,
    PasswordLock,
    CodeLock,
}

/// So many wrong tries lock an account that wrong tries lock; see the ability `lockout`.
const LOCKED_BY: u32 = 10;

impl Held {
    /// The link, where it is one.
    pub(super) const fn link(&self) -> Option<&Secret> {
        if let Self::Link(link) = self { Some(link) } else { None }
    }

    /// Whether it is an authenticator app, whose codes are asked for afterwards.
    pub(super) const fn is_an_app(&self) -> bool {
        matches!(self, Self::Codes)
    }

    /// Comes by it.
    ///
    /// # Errors
    /// The refused control.
    pub(super) async fn come_by(
        artefact: Artefact,
        stage: &Stage,
        cast: &mut Cast,
    ) -> Result<Self, Break> {
        Ok(match artefact {
            Artefact::Session(place) => Self::Session(place),
            Artefact::Application(place) => {
                cast.at(place).opens_the_application().await?.must_be_welcomed()?;
                Self::Application(place)
            }
            Artefact::Registration(place) => {
                Self::Registration(place, cast.at(place).begins_registration("begun").await?.into())
            }
            Artefact::SetUp(place) => {
                Self::SetUp(place, cast.at(place).is_shown_a_secret().await?.into())
            }
            Artefact::Proof(place) => {
                let desk = cast.desk()?;
                cast.at(place).confirms_with(&desk).await?;
                Self::Proof(place)
            }
            Artefact::HalfSession => {
                cast.there.goes_to_the_key_step().await?;
                Self::HalfSession(cast.desk()?)
            }
            Artefact::SignIn => {
                Self::SignIn(cast.person.begins_sign_in().await?.into(), cast.desk()?)
            }
            Artefact::Started => {
                let started = cast.there.starts_at_the_application().await?;
                started.must_be_led_to_the_sign_in()?;
                Self::Started(started.into())
            }
            Artefact::Link => Self::Link(cast.person.is_mailed_a_link().await?),
            Artefact::Code => Self::Code(cast.person.code_now(0).await?),
            Artefact::Password => Self::Password(cast.person.account().password.clone()),
            Artefact::Key => Self::Key(cast.desk()?),
            Artefact::Codes => Self::Codes,
            Artefact::Push => Self::Push,
            Artefact::Mark => Self::Mark(cast.given()?),
            Artefact::WrongPasswords => {
                wrong_passwords(cast, stage.wrong_tries() - 1).await?;
                Self::WrongPasswords
            }
            Artefact::WrongCodes => {
                wrong_codes(cast, stage.wrong_tries() - 1).await?;
                Self::WrongCodes
            }
            Artefact::PasswordLock => {
                wrong_passwords(cast, LOCKED_BY).await?;
                Self::PasswordLock
            }
            Artefact::CodeLock => {
                wrong_codes(cast, LOCKED_BY).await?;
                Self::CodeLock
            }
        })
    }

    /// Expects it to do its work still, or not to do it any more.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub(super) async fn shows(self, stage: &Stage, cast: &mut Cast, lives: bool) -> Told {
        match self {
            Self::Session(place) if lives => cast.at(place).is_signed_in().await,
            Self::Session(place) => cast.at(place).is_not_signed_in().await,
            Self::Application(place) => {
                at_an_application(&cast.at(place).opens_the_application().await?, lives)
            }
            Self::Started(started) => {
                let key = cast.works.clone();
                signs_in(&mut cast.there, key.as_ref()).await?;
                at_an_application(&cast.there.returns_to_the_application(&started).await?, lives)
            }
            Self::Registration(place, registering) => {
                let key = cast.new_key("begun");
                let response = cast.at(place).finishes_registration(&registering, &key).await?;
                accepts(&response, lives)?;
                if lives {
                    // It is her only key, where she had none.
                    cast.works.get_or_insert(key);
                }
                lists(stage, cast, "begun", lives).await
            }
            Self::Proof(place) => {
                let key = cast.new_key("probe");
                accepts(&cast.at(place).tries_to_register(&key, "probe").await?, lives)?;
                lists(stage, cast, "probe", lives).await
            }
            Self::SetUp(place, begun) => set_up_shows(stage, cast, (place, &begun), lives).await,
            Self::HalfSession(key) => {
                signs_in_or_not(&cast.there.tries_key_here(&key).await?, lives)
            }
            Self::SignIn(challenge, key) => {
                signs_in_or_not(&cast.person.answers_unasked(&challenge, &key).await?, lives)
            }
            Self::Link(link) => link_shows(stage, cast, &link, lives).await,
            Self::Mark(key) => mark_shows(stage, cast, &key).await,
            Self::Code(_)
            | Self::Password(_)
            | Self::Key(_)
            | Self::Codes
            | Self::Push
            | Self::WrongPasswords
            | Self::WrongCodes
            | Self::PasswordLock
            | Self::CodeLock => self.shows_at_a_sign_in(cast, lives).await,
        }
    }

    /// The same of what shows by signing in afresh.
    async fn shows_at_a_sign_in(&self, cast: &mut Cast, lives: bool) -> Told {
        let person = &cast.person;
        match self {
            Self::Code(code) => signs_in_or_not(&person.tries_code(code).await?, lives),
            Self::Password(password) if lives => person.password_works(password).await,
            Self::Password(password) => person.password_is_dead(password).await,
            Self::Key(key) => {
                let tried = person.elsewhere().tries_to_sign_in_here_with(key).await?;
                signs_in_or_not(&tried, lives)
            }
            Self::Codes => signs_in_or_not(&person.tries_totp().await?, lives),
            Self::Push => signs_in_or_not(&person.tries_push().await?, lives),
            Self::WrongPasswords => {
                wrong_passwords(cast, 1).await?;
                barred_or_not(&person.elsewhere().enters_password().await?, lives)
            }
            Self::WrongCodes => {
                wrong_codes(cast, 1).await?;
                refused_or_not(&cast.person.tries_totp().await?, lives)
            }
            Self::PasswordLock => {
                barred_or_not(&person.elsewhere().enters_password().await?, lives)
            }
            Self::CodeLock => refused_or_not(&person.tries_totp().await?, lives),
            Self::Session(_)
            | Self::Registration(..)
            | Self::SetUp(..)
            | Self::Proof(_)
            | Self::Application(_)
            | Self::HalfSession(_)
            | Self::SignIn(..)
            | Self::Started(_)
            | Self::Link(_)
            | Self::Mark(_) => {
                Err(Error::Harness("what is held shows otherwise than by signing in".into()).into())
            }
        }
    }
}

fn signs_in_or_not(response: &Response, lives: bool) -> Told {
    if lives { response.is_welcomed_by_it() } else { response.is_refused() }
}

fn accepts(response: &Response, lives: bool) -> Told {
    if lives { response.is_accepted() } else { response.is_turned_down() }
}

fn at_an_application(response: &Response, lives: bool) -> Told {
    if lives { response.is_welcomed() } else { response.signs_nobody_in() }
}

/// The right password, tried at a count of wrong ones that lives on, or that does not.
fn barred_or_not(right: &Response, lives: bool) -> Told {
    if lives { right.is_barred() } else { right.is_let_on() }
}

/// The same of the right code.
fn refused_or_not(right: &Response, lives: bool) -> Told {
    if lives { right.is_refused_or_slowed() } else { right.is_welcomed_by_it() }
}

/// Enters wrong passwords in one browser: a step on the way, so that one that is taken shows nothing.
async fn wrong_passwords(cast: &Cast, times: u32) -> Told {
    as_control(cast.person.elsewhere().guesses_passwords(times).await)
}

/// Enters wrong codes after the password, in one browser; the same.
async fn wrong_codes(cast: &Cast, times: u32) -> Told {
    let mut there = cast.person.elsewhere();
    there.enters_password().await?.passes_the_password_step()?;
    as_control(there.guesses_codes(times).await)
}

/// Whether a key stands in the list that its owner sees in a fresh session.
async fn lists(stage: &Stage, cast: &mut Cast, label: &str, listed: bool) -> Told {
    if !stage.can(Ability::ListKeys) {
        return Ok(());
    }
    cast.can_be_looked_at(stage).await?;
    let keys = cast.afresh().await?.keys().await?;
    let labels: Vec<&str> = keys.iter().map(|(_, label)| label.as_str()).collect();
    let expected = if listed { "is" } else { "is not" };
    stage.expects(
        &format!("the key \"{label}\" {expected} in her list"),
        format!("{labels:?}"),
        Some(labels.contains(&label) == listed),
    )
}

async fn set_up_shows(
    stage: &Stage,
    cast: &mut Cast,
    (place, begun): (Place, &Begun),
    lives: bool,
) -> Told {
    let browser = cast.at(place);
    let code = browser.code_now(0).await?;
    accepts(&browser.confirms_totp(begun, &code).await?, lives)?;
    stage.steps_pass(2).await?;
    if !lives {
        cast.can_be_looked_at(stage).await?;
    }
    signs_in_or_not(&cast.at(place).tries_totp().await?, lives)
}

async fn link_shows(stage: &Stage, cast: &mut Cast, link: &Secret, lives: bool) -> Told {
    let new = cast.person.new_password("by the link");
    let response = resets(cast, link, &new).await?;
    accepts(&response, lives)?;
    cast.can_be_looked_at(stage).await?;
    if lives {
        cast.person.password_works(&new).await
    } else {
        cast.person.password_is_dead(&new).await
    }
}

/// Sets a password through a link, confirmed with her key where she has one and the portal asks for it.
pub(super) async fn resets(cast: &Cast, link: &Secret, new: &Secret) -> Result<Response, Break> {
    match &cast.works {
        Some(key) => cast.person.resets_as_asked(link, new, key).await,
        None => cast.person.resets(link, new).await,
    }
}

/// The owner of a key that is the administrator's does not give it another label, and gives one to her own.
async fn mark_shows(stage: &Stage, cast: &mut Cast, key: &Key) -> Told {
    let mut fresh = cast.afresh().await?;
    if let Some(own) = &cast.works {
        fresh.renames(own, "hers").await?.must_be_accepted()?;
    }
    fresh.renames(key, "mine").await?.is_turned_down()?;
    lists(stage, cast, &key.label, true).await
}
