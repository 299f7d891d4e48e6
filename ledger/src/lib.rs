//! What a run makes on a deployment, written down before it is made, so that it can be removed even
//! after a crash. Names only: nothing in the file opens an account. What to do about an entry is
//! the harness's.

use std::{
    fmt::Debug,
    fs::{File, OpenOptions, TryLockError},
    io::Read,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use profile::{error::Error, secret::Secret};
use reports::{growth::Growth, redact::Redactor};
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

mod book;
mod line;
mod lines;
mod reading;

pub use self::lines::LineError;
use self::{
    book::{Account, Book, Stage},
    line::{Before, Line},
    lines::Lines,
};

/// Name of the file in a run's directory.
pub const FILE: &str = "ledger.jsonl";

/// Largest ledger that is read, bytes: far more than the accounts of any run.
const LARGEST: u64 = 8 << 20;

const KILLED: &str = "an account of the pool that a run had when it was killed: its keys, its password and its codes may not be as they were; put it back by hand";

/// Which run a ledger belongs to, and on which portal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Name of the portal in the profile.
    pub portal: String,
    /// Its base URL; may hold `{scenario}`.
    pub base: String,
    /// When the run began, RFC 3339.
    pub started: String,
    /// What tells the names of this run's accounts from all others.
    pub run_tag: String,
}

/// What an account is called, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    /// User name.
    pub user: String,
    /// Mail address.
    pub mail: String,
    /// Label of the scenario; names its portal where each has its own.
    pub scene: String,
}

/// An account that may still be on the deployment.
#[derive(Clone, Debug)]
pub struct Open {
    /// Its number in the ledger.
    pub n: u64,
    /// What it is called.
    pub name: Name,
    /// Known only while the run lives.
    pub password: Option<Secret>,
    /// Whether it is known to have been made.
    pub was_created: bool,
    /// Whether it may have been removed already by a run that was killed.
    pub may_be_gone: bool,
    /// Whether it was lent: it is never removed.
    pub is_lent: bool,
}

/// An account that was lent, by whoever knows how it was.
#[async_trait]
pub trait Lent: Debug + Send + Sync {
    /// Puts it back as it was; `Err` says what is not.
    async fn given_back(&self) -> Result<(), String>;
}

/// The ledger of one run. Clones are the same ledger.
#[derive(Clone, Debug)]
pub struct Ledger {
    book: Arc<Mutex<Book>>,
    /// Held while an account is being made: a clean-up waits for the answer.
    creating: Arc<RwLock<()>>,
}

/// Why a ledger of another run cannot be worked on.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The run is still going on.
    #[error("the run is still going on")]
    Running,
    /// The file cannot be read or written.
    #[error("{0}")]
    File(#[from] std::io::Error),
    /// Nothing in it is the beginning of a ledger.
    #[error("no line of it says which run it belongs to")]
    NoLedger,
    /// It holds the lines of two.
    #[error("line {line} {what}: lines of two ledgers may stand in it; part them by hand")]
    Mixed {
        /// Counted from one.
        line: usize,
        /// What that line does.
        what: &'static str,
    },
    /// There is nothing in it: the run ended before it began.
    #[error("it is empty")]
    Empty,
    /// It is a link, a device or a pipe, or larger than any ledger.
    #[error(
        "it is not a ledger that a run wrote: a plain file of at most 8 MiB and 100,000 lines, and no link"
    )]
    Odd,
}

impl Ledger {
    /// A ledger without a file, for a deployment whose accounts vanish with it: it only counts.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::of(Book::default())
    }

    /// Begins a ledger in a new file that was opened to append to. No line with a secret is written.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(file: File, header: &Header, redactor: &Redactor) -> Result<Self, LineError> {
        file.lock()?;
        let file = Some(Lines::new(file, redactor));
        let before = Some(Before::default());
        let mut book = Book { header: header.clone(), file, before, ..Book::default() };
        book.write(&Line::Begun(header.clone()))?;
        Ok(Self::of(book))
    }

    /// Opens the ledger of a run that is over, whatever became of its lines. None is changed.
    ///
    /// # Errors
    /// When the run still goes on, or the file is no ledger; then it is left as it is.
    pub fn open(path: &Path, redactor: &Redactor) -> Result<Self, Unusable> {
        let careful = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let mut options = OpenOptions::new();
        options.read(true).append(true).custom_flags(careful.bits().cast_signed());
        let file = match options.open(path) {
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
                return Err(Unusable::Odd);
            }
            opened => opened?,
        };
        let about = file.metadata()?;
        if !about.is_file() || about.len() > LARGEST {
            return Err(Unusable::Odd);
        }
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => Unusable::Running,
            TryLockError::Error(error) => Unusable::File(error),
        })?;
        let mut bytes = Vec::new();
        (&file).take(LARGEST).read_to_end(&mut bytes)?;
        let mut book = Book::read(&bytes)?;
        book.file = Some(Lines::after(file, redactor, &bytes));
        Ok(Self::of(book))
    }

    /// What the bytes of a ledger say, without a file to go on in.
    ///
    /// # Errors
    /// When they are no ledger.
    pub fn parse(bytes: &[u8]) -> Result<Self, Unusable> {
        Book::read(bytes).map(Self::of)
    }

    fn of(book: Book) -> Self {
        Self { book: Arc::new(Mutex::new(book)), creating: Arc::default() }
    }

    /// Which run it belongs to.
    #[must_use]
    pub fn header(&self) -> Header {
        self.lock().header.clone()
    }

    /// Hands on why a line is not in the file, where one is not.
    #[must_use]
    pub fn trouble(&self) -> Option<LineError> {
        self.lock().trouble.take()
    }

    /// What was written to its file, where it is one.
    #[must_use]
    pub fn growth(&self) -> Option<Growth> {
        self.lock().file.as_ref().map(|lines| lines.growth().clone())
    }

    /// Writes down that an account is about to be made; on disk when this returns.
    ///
    /// # Errors
    /// When it could not be written: then nothing may be made.
    pub async fn creating(&self, name: Name, password: Secret) -> Result<Creating, Error> {
        let held = Arc::clone(&self.creating).read_owned().await;
        let n = self.ahead(|n| Line::Creating { n, account: name }, Some(password)).await?;
        Ok(Creating { ledger: self.clone(), n, _held: held })
    }

    /// Writes down that an account of the pool is about to be lent; its number.
    ///
    /// # Errors
    /// When it could not be written: then nothing may be changed.
    pub async fn lending(&self, name: Name) -> Result<u64, Error> {
        self.ahead(|n| Line::Lending { n, account: name }, None).await
    }

    /// Writes a line down before something is sent: whatever happens then, it is on disk.
    async fn ahead(
        &self,
        line: impl FnOnce(u64) -> Line + Send + 'static,
        password: Option<Secret>,
    ) -> Result<u64, Error> {
        let ledger = self.clone();
        let written = tokio::task::spawn_blocking(move || {
            let mut book = ledger.lock();
            let n = book.next;
            if book.accounts.contains_key(&n) {
                return Err(std::io::Error::other("its numbers are used up").into());
            }
            // Whatever comes of it: the line may stand in the file.
            book.next = n.saturating_add(1);
            let line = line(n);
            book.write(&line)?;
            book.sync()?;
            book.take(line);
            book.accounts.entry(n).or_default().password = password;
            Ok::<u64, LineError>(n)
        });
        match written.await {
            Ok(Ok(n)) => Ok(n),
            Ok(Err(error)) => {
                let refused = unwritten(&error);
                self.lock().trouble.get_or_insert(error);
                Err(refused)
            }
            Err(error) => Err(unwritten(&error)),
        }
    }

    /// What puts a lent account back.
    pub fn is_lent(&self, n: u64, lent: Arc<dyn Lent>) {
        self.lock().lent.insert(n, lent);
    }

    /// Puts a lent account back as it was, once; `Err` says what is not as it was.
    pub async fn gives_back(&self, n: u64) -> Result<(), String> {
        let lent = self.lock().lent.remove(&n);
        let Some(lent) = lent else { return Err(self.why_it_stays(n)) };
        let given_back = lent.given_back().await;
        self.note(match &given_back {
            Ok(()) => Line::GivenBack { n },
            Err(why) => Line::Left { n, why: format!("not as it was before: {why}") },
        });
        given_back
    }

    fn why_it_stays(&self, n: u64) -> String {
        let book = self.lock();
        let why = book.accounts.get(&n).and_then(|account| account.why.clone());
        why.unwrap_or_else(|| KILLED.to_owned())
    }

    /// Waits until no account is being made any more. None can be made while the result is kept.
    pub async fn rest(&self) -> tokio::sync::OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.creating).write_owned().await
    }

    /// What may still be on the deployment.
    #[must_use]
    pub fn open_accounts(&self) -> Vec<Open> {
        let book = self.lock();
        let open = book.accounts.iter().filter_map(|(n, account)| {
            let (was_created, may_be_gone) = match account.stage {
                Stage::Begun => (account.is_lent, false),
                Stage::Created => (true, false),
                Stage::Removing { was_created } => (was_created, true),
                Stage::Refused | Stage::Removed { .. } | Stage::GivenBack | Stage::LetGo => {
                    return None;
                }
            };
            let (name, password) = (account.name.clone()?, account.password.clone());
            let is_lent = account.is_lent;
            Some(Open { n: *n, name, password, was_created, may_be_gone, is_lent })
        });
        open.collect()
    }

    /// How many accounts were made, and how many of them were removed.
    #[must_use]
    pub fn counts(&self) -> (u32, u32) {
        let book = self.lock();
        let count = |which: fn(Stage) -> bool| {
            let number = book.accounts.values().filter(|account| which(account.stage)).count();
            u32::try_from(number).unwrap_or(u32::MAX)
        };
        let removed = count(|stage| stage == Stage::Removed { was_created: true });
        let there =
            count(|stage| matches!(stage, Stage::Created | Stage::Removing { was_created: true }));
        (there.saturating_add(removed), removed)
    }

    /// What stays, with the reason that was written down.
    #[must_use]
    pub fn left(&self) -> Vec<(String, Option<String>)> {
        let mut left = self.those(|stage| match stage {
            Stage::Begun | Stage::Created | Stage::Removing { .. } | Stage::LetGo => true,
            Stage::Refused | Stage::Removed { .. } | Stage::GivenBack => false,
        });
        left.extend(self.nameless());
        left
    }

    /// What was let go: it is not the run's.
    #[must_use]
    pub fn let_go(&self) -> Vec<(String, Option<String>)> {
        self.those(|stage| stage == Stage::LetGo)
    }

    fn those(&self, which: fn(Stage) -> bool) -> Vec<(String, Option<String>)> {
        let book = self.lock();
        let those = book.accounts.values().filter(|account| which(account.stage));
        let named = those.filter_map(|account| Some((account.name.as_ref()?, &account.why)));
        named.map(|(name, why)| (name.user.clone(), why.clone())).collect()
    }

    /// Accounts whose names are lost, in one line.
    fn nameless(&self) -> Option<(String, Option<String>)> {
        let book = self.lock();
        let nameless = |account: &&Account| account.name.is_none();
        let seen = book.accounts.values().filter(nameless);
        let over =
            seen.clone().filter(|account| account.stage.is_last() && account.stage != Stage::LetGo);
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let left = book.hidden.max(count(seen.count())).saturating_sub(count(over.count()));
        let plural = if left == 1 { "" } else { "s" };
        let tag = &book.header.run_tag;
        let why = format!(
            "a damaged line of the ledger hides the name: look by hand for names with `{tag}`"
        );
        (left > 0).then(|| (format!("{left} account{plural} without a name"), Some(why)))
    }

    /// A scenario's account turned out to be somebody else's.
    pub fn lets_go(&self, scene: &str, user: &str, why: &str) {
        let found: Vec<u64> = {
            let book = self.lock();
            let own = |account: &Account| {
                let name = account.name.as_ref();
                let named = name.is_some_and(|name| name.scene == scene && name.user == user);
                named && !account.is_lent && matches!(account.stage, Stage::Begun | Stage::Created)
            };
            let found = book.accounts.iter().filter(|(_, account)| own(account));
            found.map(|(n, _)| *n).collect()
        };
        found.into_iter().for_each(|n| self.note(Line::LetGo { n, why: why.to_owned() }));
    }

    /// It was shown that the portal keeps names apart. The line is on disk before that of any account that
    /// is made later.
    pub fn are_kept_apart(&self) {
        self.note(Line::KeptApart {});
    }

    /// Whether that was shown.
    #[must_use]
    pub fn keeps_apart(&self) -> bool {
        self.lock().kept_apart
    }

    /// It is about to be removed.
    pub fn removing(&self, n: u64) {
        self.note(Line::Removing { n });
    }

    /// It was there and was removed.
    pub fn removed(&self, n: u64) {
        self.note(Line::Removed { n });
    }

    /// It is not there.
    pub fn absent(&self, n: u64) {
        self.note(Line::Absent { n });
    }

    /// It could not be removed.
    pub fn stays(&self, n: u64, why: String) {
        self.note(Line::Left { n, why });
    }

    fn note(&self, line: Line) {
        self.lock().note(line);
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unwritten(error: &dyn std::fmt::Display) -> Error {
    Error::Harness(format!(
        "the ledger could not be written, so no account was made: {error}; free space or give another --out"
    ))
}

/// An account that is being made.
#[derive(Debug)]
pub struct Creating {
    ledger: Ledger,
    n: u64,
    _held: OwnedRwLockReadGuard<()>,
}

impl Creating {
    /// It was made.
    pub fn created(&self) {
        self.ledger.note(Line::Created { n: self.n });
    }

    /// The portal would not make it. Somebody may have that name: it is never touched.
    pub fn refused(&self) {
        self.ledger.note(Line::Refused { n: self.n });
    }
}

#[cfg(test)]
mod tests;
