//! The portal's state: users with their factors, sessions, ceremonies and reset tokens.

mod ends;
mod policy;
mod session;

use std::collections::BTreeMap;

use super::{
    defect::Scars,
    random::{Purpose, Random},
    tries::Tries,
    webauthn::Credential,
};

pub(super) use policy::{Attestation, Place, Policy, Push, Verification};
pub(super) use session::{Session, SessionState};

/// 2026-01-01T00:00:00Z; the clock moves only when the administrator moves it.
const BEGINNING: u64 = 1_767_225_600;

/// So many sessions are kept, and so many ceremonies and tickets: anybody can begin them.
const MOST_SESSIONS: usize = 4096;
const MOST_CEREMONIES: usize = 4096;
const MOST_CEREMONIES_OF_ONE: usize = 32;
const MOST_TICKETS: usize = 4096;
/// So many sessions of the administrator are kept, and each so long, seconds.
const MOST_ADMINISTRATORS: usize = 16;
const ADMINISTRATOR_FOR: u64 = 3600;

/// Everything that a portal knows.
pub(super) struct State {
    pub(super) now: u64,
    pub(super) random: Random,
    pub(super) users: BTreeMap<String, User>,
    pub(super) sessions: BTreeMap<String, Session>,
    /// When each session of the administrator was opened.
    pub(super) administrators: BTreeMap<String, u64>,
    pub(super) ceremonies: Vec<Ceremony>,
    pub(super) resets: BTreeMap<String, Reset>,
    tickets: Vec<Ticket>,
    /// Wrong passwords by the name that was given, whether or not anybody has it.
    pub(super) wrong_passwords: BTreeMap<String, Vec<u64>>,
    /// Wrong codes, by user.
    pub(super) wrong_codes: Tries,
    /// Prompts that were sent, by user.
    pub(super) prompted: Tries,
    lines: u64,
    pub(super) scars: Scars,
}

impl State {
    pub(super) fn new(seed: &[u8; 32], host: &str) -> Self {
        Self {
            now: BEGINNING,
            random: Random::new(seed, host),
            users: BTreeMap::new(),
            sessions: BTreeMap::new(),
            administrators: BTreeMap::new(),
            ceremonies: Vec::new(),
            resets: BTreeMap::new(),
            tickets: Vec::new(),
            wrong_passwords: BTreeMap::new(),
            wrong_codes: Tries::default(),
            prompted: Tries::default(),
            lines: 0,
            scars: Scars::default(),
        }
    }

    pub(super) fn token(&mut self, purpose: Purpose) -> String {
        hex(&self.random.draw::<24>(purpose))
    }

    /// Opens a session under a new id. Where there are too many, a visitor's goes first, the oldest
    /// before the others.
    pub(super) fn open_session(&mut self, mut session: Session) -> String {
        if self.sessions.len() >= MOST_SESSIONS {
            let oldest =
                self.sessions.iter().min_by_key(|(_, own)| (own.user().is_some(), own.line));
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                self.sessions.remove(&oldest);
            }
        }
        if session.line == 0 {
            self.lines += 1;
            session.line = self.lines;
        }
        let id = self.token(Purpose::Session);
        self.sessions.insert(id.clone(), session);
        id
    }

    /// Opens a session of the administrator. Where there are too many, the oldest goes.
    pub(super) fn open_administrator(&mut self) -> String {
        if self.administrators.len() >= MOST_ADMINISTRATORS {
            let oldest = self.administrators.iter().min_by_key(|(_, opened)| **opened);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                self.administrators.remove(&oldest);
            }
        }
        let id = self.token(Purpose::AdministratorSession);
        self.administrators.insert(id.clone(), self.now);
        id
    }

    /// Whether a session of the administrator is still open.
    pub(super) fn is_of_administrator(&self, id: &str) -> bool {
        let opened = self.administrators.get(id);
        opened.is_some_and(|opened| self.now <= opened + ADMINISTRATOR_FOR)
    }

    /// Remembers a ceremony. Where there are too many, the holder's own oldest goes first.
    pub(super) fn remember(&mut self, ceremony: Ceremony) {
        let own = |known: &Ceremony| known.session == ceremony.session;
        if self.ceremonies.iter().filter(|known| own(known)).count() >= MOST_CEREMONIES_OF_ONE {
            let oldest = self.ceremonies.iter().position(own);
            oldest.map(|place| self.ceremonies.remove(place));
        }
        if self.ceremonies.len() >= MOST_CEREMONIES {
            self.ceremonies.remove(0);
        }
        self.ceremonies.push(ceremony);
    }

    /// Uses a challenge up.
    pub(super) fn spend(&mut self, challenge: &[u8]) {
        let known = self.ceremonies.iter_mut().filter(|known| known.challenge == challenge);
        known.for_each(|known| known.spent = true);
    }

    /// Keeps a ticket. Where there are too many, the oldest goes.
    pub(super) fn keep_ticket(&mut self, ticket: Ticket) {
        if self.tickets.len() >= MOST_TICKETS {
            self.tickets.remove(0);
        }
        self.tickets.push(ticket);
    }

    /// Takes a ticket away: nobody finds it again.
    pub(super) fn take_ticket(&mut self, id: &str) -> Option<Ticket> {
        let place = self.tickets.iter().position(|known| known.id == id)?;
        Some(self.tickets.remove(place))
    }

    /// A user's keys, as far as they are used for something. Deleted ones are used for nothing.
    pub(super) fn keys_for(&self, name: &str, used: KeyUse) -> impl Iterator<Item = &Key> {
        let own = self.users.get(name).map(|user| user.keys.as_slice()).unwrap_or_default();
        own.iter().chain(self.deleted_keys(name, used))
    }

    /// A user's deleted keys that are still used for something.
    pub(super) fn deleted_keys(&self, name: &str, used: KeyUse) -> impl Iterator<Item = &Key> {
        let deleted = self.scars.deleted_keys(used);
        deleted.filter(move |(owner, _)| *owner == name).map(|(_, key)| key)
    }

    /// The key with a credential id, whosever it is.
    pub(super) fn key_mut(&mut self, id: &[u8]) -> Option<&mut Key> {
        let mut keys = self.users.values_mut().flat_map(|user| user.keys.iter_mut());
        keys.find(|key| key.credential.id == id)
    }

    /// Who has a credential: the user's name, and the key.
    pub(super) fn owner(&self, id: &[u8]) -> Option<(&str, &Key)> {
        let alive = self
            .users
            .iter()
            .flat_map(|(name, user)| user.keys.iter().map(move |key| (name.as_str(), key)));
        let mut keys = alive.chain(self.scars.deleted_keys(KeyUse::Answering));
        keys.find(|(_, key)| key.credential.id == id)
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One user.
pub(super) struct User {
    pub(super) mail: String,
    pub(super) password: String,
    pub(super) handle: Vec<u8>,
    pub(super) policy: Policy,
    pub(super) keys: Vec<Key>,
    pub(super) totp: Option<Totp>,
    /// The device for prompts, which the administrator sets up.
    pub(super) device: Option<Device>,
    /// When the enrollment period for TOTP began.
    pub(super) enrolment_from: u64,
    pub(super) mailed: Vec<u64>,
}

impl User {
    /// Whether the enrollment period is over and TOTP is still missing.
    pub(super) fn missed_enrolment(&self, now: u64) -> bool {
        let over =
            self.policy.totp_enrolment.is_some_and(|period| now > self.enrolment_from + period);
        self.policy.totp == Place::Required && self.totp.is_none() && over
    }

    /// Whether the key counts: allowed, and there is one.
    pub(super) fn has_key_factor(&self) -> bool {
        self.policy.key != Place::Off && !self.keys.is_empty()
    }

    /// Whether codes count: allowed, and set up.
    pub(super) fn has_totp_factor(&self) -> bool {
        self.policy.totp != Place::Off && self.totp.is_some()
    }

    /// Whether prompts count: allowed, and there is a device for them.
    pub(super) fn has_push_factor(&self) -> bool {
        self.policy.push == Push::Allowed && self.device.is_some()
    }

    /// Whether a factor that counts is left when keys do not.
    pub(super) fn has_factor_beside_keys(&self) -> bool {
        (self.has_totp_factor() || self.has_push_factor()) && !self.policy.only_key
    }

    /// Whether the policy asks for a factor.
    pub(super) fn must_have_a_factor(&self) -> bool {
        let required = |place: Place| place == Place::Required;
        required(self.policy.key) || required(self.policy.totp) || self.policy.only_key
    }

    /// The factors that sign this user in.
    pub(super) fn factors(&self) -> Vec<&'static str> {
        let mut factors = Vec::new();
        if self.has_key_factor() {
            factors.push("key");
        }
        if self.has_totp_factor() && !self.policy.only_key {
            factors.push("totp");
        }
        if self.has_push_factor() && !self.policy.only_key {
            factors.push("push");
        }
        factors
    }

    /// Whether any factor is set up, enabled or not.
    pub(super) fn has_factor(&self) -> bool {
        !self.keys.is_empty() || self.totp.is_some() || self.device.is_some()
    }
}

/// What keys are used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyUse {
    /// Their answers are verified.
    Answering,
    /// Browsers are told to ask for them.
    Asking,
    /// They are shown to their owner.
    Listing,
    /// Their labels are taken.
    Labelling,
    /// Whoever has one is asked for a factor.
    Counting,
}

/// One registered key.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) credential: Credential,
    pub(super) label: String,
    pub(super) administered: bool,
}

/// An active authenticator app.
#[derive(Clone)]
pub(super) struct Totp {
    pub(super) secret: Vec<u8>,
    /// The newest step whose code was used.
    pub(super) last_step: u64,
}

/// A device that prompts are sent to.
#[derive(Clone, Default)]
pub(super) struct Device {
    /// What its own requests carry.
    pub(super) token: String,
    pub(super) prompts: Vec<Prompt>,
}

/// One prompt between the page that asks for it and its use.
#[derive(Clone)]
pub(super) struct Prompt {
    pub(super) aim: Aim,
    pub(super) session: String,
    /// What the page shows, and an approval must repeat.
    pub(super) number: String,
    pub(super) sent: u64,
    pub(super) said: Said,
}

/// What was said to a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Nothing,
    Yes,
    No,
}

/// What a challenge is issued for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    Registration,
    SignIn,
    Passwordless,
    Reset(String),
    Password,
    AdminRegistration,
}

/// One ceremony between challenge and answer.
#[derive(Clone)]
pub(super) struct Ceremony {
    pub(super) challenge: Vec<u8>,
    pub(super) aim: Aim,
    pub(super) session: String,
    /// The user who is asked; nobody where a key signs in alone.
    pub(super) user: String,
    pub(super) issued: u64,
    pub(super) spent: bool,
    /// The credentials that were asked for; empty for any.
    pub(super) listed: Vec<Vec<u8>>,
    pub(super) verification: Verification,
}

/// One mailed reset token.
#[derive(Clone)]
pub(super) struct Reset {
    pub(super) user: String,
    pub(super) issued: u64,
    pub(super) spent: bool,
    pub(super) newest: bool,
}

/// What an application is sent, for whom it may let in.
#[derive(Clone)]
pub(super) struct Ticket {
    pub(super) id: String,
    pub(super) user: String,
    pub(super) service: String,
    pub(super) issued: u64,
}
