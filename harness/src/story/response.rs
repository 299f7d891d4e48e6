//! What came back to a person's act, and the expectations that can be made of it. State decides
//! first, the answer second.

use std::sync::Arc;

use driver::deployment::{Answer, describe};
use reports::record::Reply;

use super::{Shared, Told, as_control};

/// Who a portal says is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Witness {
    /// Nobody.
    Nobody,
    /// Somebody, by the portal's name for them.
    Somebody(String),
    /// It could not be read.
    Unreadable,
}

impl Witness {
    pub(crate) fn read(answer: &Answer) -> Self {
        if answer.reply != Reply::Ok {
            return Self::Unreadable;
        }
        match answer.captured.get("user") {
            None | Some(serde_json::Value::Null) => Self::Nobody,
            Some(serde_json::Value::String(name)) if name.is_empty() => Self::Nobody,
            Some(serde_json::Value::String(name)) => Self::Somebody(name.clone()),
            Some(other) => Self::Somebody(other.to_string()),
        }
    }

    /// As a fact of the record; `None` when unreadable.
    pub(crate) fn fact(&self) -> Option<String> {
        match self {
            Self::Nobody => Some("nobody".into()),
            Self::Somebody(name) => Some(name.clone()),
            Self::Unreadable => None,
        }
    }
}

impl std::fmt::Display for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nobody => f.write_str("nobody is signed in"),
            Self::Somebody(name) => write!(f, "{name} is signed in"),
            Self::Unreadable => f.write_str("who is signed in could not be read"),
        }
    }
}

/// What came back.
pub struct Response {
    pub(crate) shared: Arc<Shared>,
    /// What the person did, in the third person.
    pub(crate) act: String,
    /// The portal's answer.
    pub answer: Answer,
    /// Who was signed in before, in the same jar.
    pub before: Witness,
    /// Who is signed in now, in the same jar.
    pub after: Witness,
    /// The portal's names for the person who acted.
    pub(crate) own_names: Vec<String>,
    /// Whether a refused password may have been right: the portal takes it only with a code.
    pub(crate) goes_with_code: bool,
}

impl Response {
    /// The person is signed in now, whatever was answered.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub fn is_welcomed(&self) -> Told {
        let expected = format!("{}, and is signed in", self.act);
        let seen = self.seen();
        let held = match &self.after {
            Witness::Somebody(name) => Some(self.is_own(name)),
            Witness::Nobody if matches!(self.answer.reply, Reply::Unknown | Reply::RateLimited) => {
                None
            }
            Witness::Nobody => Some(false),
            Witness::Unreadable => None,
        };
        self.shared.expect(&expected, seen, held)
    }

    /// The same once the time of a limit is over: one that still holds is a finding.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub fn is_welcomed_again(&self) -> Told {
        if self.answer.reply != Reply::RateLimited || self.after != Witness::Nobody {
            return self.is_welcomed();
        }
        let expected = format!("{}, and is slowed down no more", self.act);
        self.shared.expect(&expected, describe(&self.answer), Some(false))
    }

    /// The same for an honest step on the way: a refusal shows nothing.
    ///
    /// # Errors
    /// The refused control.
    pub fn must_be_welcomed(&self) -> Told {
        as_control(self.is_welcomed())
    }

    /// Refused: nobody else is signed in than before, and the answer does not say yes.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub fn is_refused(&self) -> Told {
        let expected = format!("{}, and is refused", self.act);
        let seen = self.seen();
        let unreadable = self.before == Witness::Unreadable || self.after == Witness::Unreadable;
        let taken = self.after != self.before && self.after != Witness::Nobody;
        let held = match (unreadable, taken) {
            (true, _) => None,
            (false, true) => Some(false),
            // Signed out by a refusal is not signed in by it; the answer still has to be a refusal.
            (false, false) => self.refused_in_words(),
        };
        self.shared.expect(&expected, seen, held)
    }

    fn refused_in_words(&self) -> Option<bool> {
        match self.answer.reply {
            Reply::Refused | Reply::Expired | Reply::FactorNeeded => Some(true),
            Reply::RateLimited | Reply::Unknown => None,
            Reply::Ok => {
                self.shared.graceless(format!("{}: said yes, did nothing", self.act));
                Some(true)
            }
            Reply::Error | Reply::Dropped => {
                self.shared.graceless(format!(
                    "{}: refused by falling over ({})",
                    self.act,
                    describe(&self.answer)
                ));
                Some(true)
            }
        }
    }

    /// Refused as [`Self::is_refused`], for what was said on the device: where the portal still waits
    /// for that, nothing shows that it arrived.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub fn is_denied(&self) -> Told {
        if self.answer.reply == Reply::FactorNeeded && self.after == self.before {
            let expected = format!("{}, and the portal hears of it", self.act);
            let seen = self.seen();
            return self.shared.expect(&expected, seen, None);
        }
        self.is_refused()
    }

    /// Refused as [`Self::is_refused`], or slowed down: for limits on guessing.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub fn is_refused_or_slowed(&self) -> Told {
        if self.answer.reply == Reply::RateLimited {
            let expected = format!("{}, and is refused or slowed down", self.act);
            let seen = self.seen();
            let held = match self.after {
                Witness::Unreadable => None,
                Witness::Nobody | Witness::Somebody(_) => Some(self.after == self.before),
            };
            return self.shared.expect(&expected, seen, held);
        }
        self.is_refused()
    }

    /// Signed in by this: nobody was before. Where a password alone signs in, a factor after it did nothing.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub fn is_welcomed_by_it(&self) -> Told {
        if matches!(self.before, Witness::Nobody) || !matches!(self.after, Witness::Somebody(_)) {
            return self.is_welcomed();
        }
        let expected = format!("{}, and is signed in by it", self.act);
        let seen = format!("{} before it; {}", self.before, describe(&self.answer));
        let held = if self.before == Witness::Unreadable { None } else { Some(false) };
        self.shared.expect(&expected, seen, held)
    }

    /// A password that is right, and is not taken or is slowed down: for limits that hold. A factor that is
    /// asked for says that it was taken.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub fn is_barred(&self) -> Told {
        let expected = format!("{}, and is refused or slowed down although it is right", self.act);
        self.shared.expect(&expected, self.seen(), self.password_let_on().map(|taken| !taken))
    }

    /// A password that is taken, and not slowed down: for limits that are over.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub fn is_let_on(&self) -> Told {
        let expected = format!("{}, and is neither refused nor slowed down", self.act);
        self.shared.expect(&expected, self.seen(), self.password_let_on())
    }

    fn password_let_on(&self) -> Option<bool> {
        if self.answer.reply == Reply::RateLimited && self.after == Witness::Nobody {
            return Some(false);
        }
        self.password_taken()
    }

    fn seen(&self) -> String {
        format!("{}; {}", describe(&self.answer), self.after)
    }

    /// The answer says yes. For acts whose effect the story asks for next.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub fn is_accepted(&self) -> Told {
        let expected = format!("{}, and it is accepted", self.act);
        let held = match self.answer.reply {
            Reply::Ok => Some(true),
            Reply::Unknown | Reply::RateLimited => None,
            Reply::FactorNeeded
            | Reply::Refused
            | Reply::Expired
            | Reply::Error
            | Reply::Dropped => Some(false),
        };
        self.shared.expect(&expected, describe(&self.answer), held)
    }

    /// The same for an honest step on the way.
    ///
    /// # Errors
    /// The refused control.
    pub fn must_be_accepted(&self) -> Told {
        super::control(&format!("{}, and it is accepted", self.act), &self.answer)
    }

    /// The answer does not say yes; whoever is signed in stays. For acts whose effect the story asks
    /// for next.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub fn is_turned_down(&self) -> Told {
        let expected = format!("{}, and it is refused", self.act);
        let held =
            if self.answer.reply == Reply::Ok { Some(false) } else { self.refused_in_words() };
        self.shared.expect(&expected, describe(&self.answer), held)
    }

    /// The answer tells the person something; an empty page or a bare number is no help.
    ///
    /// # Errors
    /// A finding, or that the profile does not say where messages stand.
    pub fn tells_why(&self) -> Told {
        let expected = format!("{}, and is told why", self.act);
        let held = self.answer.message.as_ref().map(|message| !message.trim().is_empty());
        self.shared.expect(&expected, describe(&self.answer), held)
    }

    /// Whether the password was taken: a factor is asked for, or the person is signed in; `None`
    /// where it could not be told.
    pub(crate) fn password_taken(&self) -> Option<bool> {
        match (&self.after, self.answer.reply) {
            (Witness::Nobody, Reply::Refused) if self.goes_with_code => None,
            (Witness::Somebody(name), _) => Some(self.is_own(name)),
            (Witness::Nobody, Reply::FactorNeeded) => Some(true),
            (Witness::Nobody, Reply::Refused | Reply::Expired) => Some(false),
            (
                Witness::Nobody,
                Reply::Ok | Reply::RateLimited | Reply::Error | Reply::Dropped | Reply::Unknown,
            )
            | (Witness::Unreadable, _) => None,
        }
    }

    /// An honest password step on the way: signed in, or asked for a factor.
    ///
    /// # Errors
    /// The refused control.
    pub fn passes_the_password_step(&self) -> Told {
        if self.goes_with_code {
            return Ok(());
        }
        let expected = format!("{}, and it is right", self.act);
        let seen = self.seen();
        match self.password_taken() {
            Some(true) => Ok(()),
            Some(false) => Err(super::Break::ControlRefused { expected, seen }),
            None => Err(super::Break::Unclear { expected, seen }),
        }
    }

    /// The same where the password is the whole of the step: alone it shows nothing on a portal that takes
    /// it with a code.
    ///
    /// # Errors
    /// The refused control.
    pub fn passes_by_itself(&self) -> Told {
        if self.goes_with_code {
            let why = "a password alone shows nothing where codes go with it";
            return Err(profile::error::Error::NotApplicable(why.to_owned()).into());
        }
        self.passes_the_password_step()
    }

    /// The portal's words without what was typed: an answer may repeat the name or the address.
    pub(crate) fn message_without_names(&self) -> Option<String> {
        let message = self.answer.message.as_ref()?.to_lowercase();
        let mut names: Vec<String> =
            self.own_names.iter().map(|name| name.to_lowercase()).collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        let known = names.iter().filter(|name| !name.is_empty());
        Some(known.fold(message, |message, name| message.replace(name.as_str(), "‹name›")))
    }

    /// Whether an answer leaves nothing to go on with.
    pub(crate) const fn bars_the_way(&self) -> bool {
        match self.answer.reply {
            Reply::Ok | Reply::FactorNeeded => false,
            Reply::Refused => !self.goes_with_code,
            Reply::Expired
            | Reply::RateLimited
            | Reply::Error
            | Reply::Dropped
            | Reply::Unknown => true,
        }
    }

    /// Expects a certain other person not to be signed in by this.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub fn does_not_sign_in(&self, other: &super::Person) -> Told {
        let expected = format!("{} is not signed in by it", other.account().alias);
        let held = match &self.after {
            Witness::Nobody => Some(true),
            Witness::Somebody(name) => {
                Some(!other.own_names().iter().any(|own| own.eq_ignore_ascii_case(name)))
            }
            Witness::Unreadable => None,
        };
        self.shared.expect(&expected, self.seen(), held)
    }

    /// Expects nobody to be signed in by this.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub fn signs_nobody_in(&self) -> Told {
        let expected = format!("{}, and nobody is signed in by it", self.act);
        let held = match &self.after {
            Witness::Nobody => Some(true),
            Witness::Somebody(_) => Some(false),
            Witness::Unreadable => None,
        };
        self.shared.expect(&expected, self.seen(), held)
    }

    /// The same for a step on the way: where somebody is signed in already, nothing is shown.
    ///
    /// # Errors
    /// The refused control.
    pub fn must_sign_nobody_in(&self) -> Told {
        as_control(self.signs_nobody_in())
    }

    /// Expects the answer not to hold a mailed link or its token.
    ///
    /// # Errors
    /// A finding, or that there is no link to look for.
    pub fn does_not_hold(&self, link: Option<&profile::secret::Secret>) -> Told {
        let body = self.answer.captured.get("body").and_then(serde_json::Value::as_str);
        let held = match (link, body) {
            (Some(link), Some(body)) => {
                let runs = link
                    .reveal()
                    .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
                let token = runs.max_by_key(|run| run.len()).unwrap_or_default();
                Some(token.is_empty() || !body.contains(token))
            }
            (Some(_) | None, None) | (None, Some(_)) => None,
        };
        self.shared.expect(
            "the answer does not hold the mailed token",
            describe(&self.answer),
            held,
        )
    }

    fn is_own(&self, name: &str) -> bool {
        self.own_names.iter().any(|own| own.eq_ignore_ascii_case(name))
    }
}
