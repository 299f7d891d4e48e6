//! Whoever sits at a browser: what every driver knows of them, and what one driver keeps for itself.

use std::{collections::BTreeMap, mem::take, sync::Arc};

use profile::{Verb, verb::SIGNED_IN};
use reports::record::Reply;

use super::{Input, Leave, Scene, adapter::Session, http, members::Members};
use crate::wire::Race;

/// How often a request is sent again that was answered with a call for a pause.
const AGAIN: u32 = 3;

/// One browser, belonging to one actor of one scenario. Cloning it is copying the browser, cookies and
/// all (for replays and races).
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Who sits there, for the record.
    pub who: String,
    /// User agent; `None` is Touchstone's own.
    pub user_agent: Option<String>,
    /// What the browser keeps.
    pub memory: Memory,
    /// The race that it is in, where several act at the same instant.
    pub race: Option<Arc<Race>>,
    /// Leave to send again what is under way, where somebody counts how often it is sent.
    pub leave: Option<Arc<dyn Leave>>,
    /// Whether something was sent again after a call for a pause: what is refused since may have been
    /// done the first time.
    pub sent_again: bool,
    /// The scenario this belongs to: names its portal where each has its own, and its record.
    pub scene: Arc<Scene>,
}

impl Visitor {
    /// A fresh browser with nothing in it.
    pub(super) fn new(scene: &Arc<Scene>, who: &str) -> Self {
        Self {
            who: who.to_owned(),
            user_agent: None,
            memory: Memory::default(),
            race: None,
            leave: None,
            sent_again: false,
            scene: Arc::clone(scene),
        }
    }

    /// The race that what it does now decides, where it is in one.
    pub(super) fn race(&self, decides: bool) -> Option<&Race> {
        self.race.as_deref().filter(|_| decides)
    }

    /// How often a request may be sent again that the portal did not look at. What runs into a limit on
    /// purpose, and one of several at the same instant, is sent as it is.
    pub(super) fn patience(&self, decides: bool) -> u32 {
        let is_itself = self.scene.meets_limits() || self.race(decides).is_some();
        if is_itself { 0 } else { AGAIN }
    }

    /// Whether what costs something each time may be sent once more.
    pub(super) fn may_try_again(&self) -> bool {
        self.leave.as_ref().is_none_or(|leave| leave.once_more())
    }

    /// Whether nothing has come back to it yet that it would send again, so that it can be nobody.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.memory.is_blank()
    }
}

/// What one browser keeps.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Values for later flows: whom it signed in as, and what the profile keeps.
    kept: BTreeMap<String, Input>,
    /// What it sends and what it does not, member for member.
    pub(super) members: Members,
    state: DriverState,
}

/// What the driver of a browser keeps in it. Each driver takes out its own and puts it back; that of
/// another is no use to it, and counts as none.
#[derive(Clone, Debug, Default)]
pub(super) enum DriverState {
    /// Nothing: no driver has done anything with it.
    #[default]
    Fresh,
    /// Cookies, and the page that it stands on.
    Http(http::Browser),
    /// Its place in an adapter.
    Adapter(Session),
}

impl Memory {
    /// That of a browser which leaves one member out of every body: somebody has taken it off the form.
    #[must_use]
    pub fn leaving_out(member: &str) -> Self {
        Self { members: Members::leaving_out(member), ..Self::default() }
    }

    /// That of another browser which leaves out the same.
    #[must_use]
    pub fn of_a_fresh(&self) -> Self {
        Self { members: self.members.of_a_fresh(), ..Self::default() }
    }

    /// Names of what it has sent in bodies so far, but for those that held the password.
    #[must_use]
    pub fn sent(&self) -> Vec<String> {
        self.members.sent()
    }

    /// Whether later flows know a value of this name.
    #[must_use]
    pub fn keeps(&self, name: &str) -> bool {
        self.kept.contains_key(name)
    }

    /// What later flows know by this name.
    #[must_use]
    pub fn kept(&self, name: &str) -> Option<&Input> {
        self.kept.get(name)
    }

    /// All that later flows know, by name.
    pub(super) const fn all_kept(&self) -> &BTreeMap<String, Input> {
        &self.kept
    }

    /// Keeps a value for later flows.
    pub(super) fn keep(&mut self, name: &str, value: Input) {
        self.kept.insert(name.to_owned(), value);
    }

    /// Whom the visitor is signed in as, and with which password, after a verb that says so. `given`
    /// finds what the verb was given.
    pub fn remember(&mut self, verb: Verb, reply: Reply, given: impl Fn(&str) -> Option<Input>) {
        let names: &[&str] = match (verb, reply) {
            (Verb::SignIn, Reply::Ok | Reply::FactorNeeded) => SIGNED_IN,
            (_, Reply::Ok) if verb.row().sets_password && self.kept.contains_key("password") => {
                &["password"]
            }
            (_, _) => &[],
        };
        let inputs = names.iter().filter_map(|name| Some(((*name).to_owned(), given(name)?)));
        self.kept.extend(inputs);
    }

    /// Takes out what a driver keeps, to be put back when it is through.
    pub(super) fn take_state(&mut self) -> DriverState {
        take(&mut self.state)
    }

    /// Puts in what a driver keeps.
    pub(super) fn put_state(&mut self, state: DriverState) {
        self.state = state;
    }

    fn is_blank(&self) -> bool {
        let unused = match &self.state {
            DriverState::Fresh => true,
            DriverState::Http(browser) => browser.is_blank(),
            DriverState::Adapter(_) => false,
        };
        unused && self.kept.is_empty()
    }
}
