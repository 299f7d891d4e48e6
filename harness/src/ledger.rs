//! What a run makes on a deployment, written down before it is made, so that it can be removed even
//! after a crash. Names only: nothing in the file opens an account. What to do about an entry is
//! `cleanup.rs`'s.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions, TryLockError},
    io::Read,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use reports::redact::Redactor;
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

use crate::{
    error::Error,
    lines::{LineError, Lines},
    secret::Secret,
    story::Loan,
};

/// Name of the file in a run's directory.
pub const FILE: &str = "ledger.jsonl";

/// Largest ledger that is read, bytes: far more than the accounts of any run.
const LARGEST: u64 = 64 << 20;

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

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "kebab-case", deny_unknown_fields)]
enum Line {
    /// The first line.
    Begun(Header),
    /// An account is about to be made.
    Creating { n: u64, account: Name },
    /// It was made.
    Created { n: u64 },
    /// The portal would not make it.
    Refused { n: u64 },
    /// It is about to be removed.
    Removing { n: u64 },
    /// It was there and was removed.
    Removed { n: u64 },
    /// It turned out not to be there: never made, or removed by a run that was killed.
    Absent { n: u64 },
    /// An account of the pool is about to be lent to a scenario.
    Lending { n: u64, account: Name },
    /// It was put back as it was.
    GivenBack { n: u64 },
    /// It could not be removed, or not put back as it was.
    Left { n: u64, why: String },
    /// The portal took its name for that of another account, which is not the run's: it is touched no
    /// more, by nobody.
    LetGo { n: u64, why: String },
    /// It was shown that the portal keeps names apart. Until then no name is sent to be removed of which
    /// the portal may leave somebody else's.
    KeptApart {},
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

/// How far the life of an account has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Asked for; no answer is known.
    Creating,
    Created,
    Refused,
    /// Its removal was asked for; no answer is known.
    Removing {
        was_created: bool,
    },
    Removed {
        was_created: bool,
    },
    Lent,
    GivenBack,
    LetGo,
}

/// An account that may still be on the deployment.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    /// Its number in the ledger.
    pub(crate) n: u64,
    pub(crate) name: Name,
    /// Known only while the run lives.
    pub(crate) password: Option<Secret>,
    /// Whether it is known to have been made.
    pub(crate) was_created: bool,
    /// Whether it may have been removed already by a run that was killed.
    pub(crate) may_be_gone: bool,
    /// Whether it was lent: it is never removed.
    pub(crate) is_lent: bool,
}

/// The ledger of one run. Clones are the same ledger.
#[derive(Clone, Debug)]
pub struct Ledger {
    book: Arc<Mutex<Book>>,
    /// Held while an account is being made: a clean-up waits for the answer.
    creating: Arc<RwLock<()>>,
}

#[derive(Debug, Default)]
struct Book {
    header: Header,
    /// Locked as long as the run lives. `None` where accounts vanish with the portal.
    file: Option<Lines>,
    /// Why a line is not in the file, where one is not.
    trouble: Option<LineError>,
    accounts: BTreeMap<u64, Account>,
    next: u64,
    /// Whether it was shown that the portal keeps names apart.
    kept_apart: bool,
    /// What puts lent accounts back; known only while the run lives.
    loans: BTreeMap<u64, Arc<Loan>>,
}

#[derive(Debug)]
struct Account {
    name: Name,
    password: Option<Secret>,
    stage: Stage,
    why: Option<String>,
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
    /// A line other than a torn last one is not an entry.
    #[error("line {line} is not an entry of a ledger: {source}")]
    Line {
        /// Counted from one.
        line: usize,
        /// What the parser says.
        source: serde_json::Error,
    },
    /// There is nothing in it: the run ended before it began.
    #[error("it is empty")]
    Empty,
    /// It is a link, a device or a pipe, or larger than any ledger.
    #[error("it is not a ledger that a run wrote: a plain file of at most 64 MiB, and no link")]
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
        let file = Some(Lines::new(file, redactor)?);
        let mut book = Book { header: header.clone(), file, ..Book::default() };
        book.write(&Line::Begun(header.clone()))?;
        Ok(Self::of(book))
    }

    /// Opens the ledger of a run that is over. A torn last line is cut off.
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
        let whole = reports::journal::whole_lines(&bytes);
        let mut book = Book::read(&bytes[..whole])?;
        // Now it is known to be a ledger.
        file.set_len(u64::try_from(whole).unwrap_or_default())?;
        book.file = Some(Lines::new(file, redactor)?);
        Ok(Self::of(book))
    }

    /// What the bytes of a ledger say, without a file to go on in.
    ///
    /// # Errors
    /// When they are no ledger.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Unusable> {
        let whole = bytes.get(..reports::journal::whole_lines(bytes)).unwrap_or_default();
        Book::read(whole).map(Self::of)
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

    /// Whether it is a file that outlives the run.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.lock().file.is_some()
    }

    /// Writes down that an account is about to be made; on disk when this returns.
    ///
    /// # Errors
    /// When it could not be written: then nothing may be made.
    pub(crate) async fn creating(&self, name: Name, password: Secret) -> Result<Creating, Error> {
        let held = Arc::clone(&self.creating).read_owned().await;
        let n = self.ahead(|n| Line::Creating { n, account: name }, Some(password)).await?;
        Ok(Creating { ledger: self.clone(), n, _held: held })
    }

    /// Writes down that an account of the pool is about to be lent; its number.
    ///
    /// # Errors
    /// When it could not be written: then nothing may be changed.
    pub(crate) async fn lending(&self, name: Name) -> Result<u64, Error> {
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
            let line = line(n);
            book.write(&line)?;
            book.file.as_ref().map_or(Ok(()), |lines| lines.file().sync_data())?;
            book.take(line, password);
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
    pub(crate) fn is_lent(&self, n: u64, loan: Arc<Loan>) {
        self.lock().loans.insert(n, loan);
    }

    /// Puts a lent account back as it was, once; `Err` says what is not as it was.
    pub(crate) async fn gives_back(&self, n: u64) -> Result<(), String> {
        let loan = self.lock().loans.remove(&n);
        let Some(loan) = loan else { return Err(self.why_it_stays(n)) };
        let given_back = loan.given_back().await;
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
    pub(crate) async fn rest(&self) -> tokio::sync::OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.creating).write_owned().await
    }

    /// What may still be on the deployment.
    pub(crate) fn open_accounts(&self) -> Vec<Open> {
        let book = self.lock();
        let open = book.accounts.iter().filter_map(|(n, account)| {
            let is_lent = account.stage == Stage::Lent;
            let (was_created, may_be_gone) = match account.stage {
                Stage::Creating => (false, false),
                Stage::Created | Stage::Lent => (true, false),
                Stage::Removing { was_created } => (was_created, true),
                Stage::Refused | Stage::Removed { .. } | Stage::GivenBack | Stage::LetGo => {
                    return None;
                }
            };
            let (name, password) = (account.name.clone(), account.password.clone());
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
        (there + removed, removed)
    }

    /// What stays, with the reason that was written down.
    #[must_use]
    pub fn left(&self) -> Vec<(String, Option<String>)> {
        self.those(|stage| match stage {
            Stage::Creating
            | Stage::Created
            | Stage::Removing { .. }
            | Stage::Lent
            | Stage::LetGo => true,
            Stage::Refused | Stage::Removed { .. } | Stage::GivenBack => false,
        })
    }

    /// What was let go: it is not the run's.
    #[must_use]
    pub fn let_go(&self) -> Vec<(String, Option<String>)> {
        self.those(|stage| stage == Stage::LetGo)
    }

    fn those(&self, which: fn(Stage) -> bool) -> Vec<(String, Option<String>)> {
        let book = self.lock();
        let those = book.accounts.values().filter(|account| which(account.stage));
        those.map(|account| (account.name.user.clone(), account.why.clone())).collect()
    }

    /// A scenario's account turned out to be somebody else's.
    pub(crate) fn lets_go(&self, scene: &str, user: &str, why: &str) {
        let found: Vec<u64> = {
            let book = self.lock();
            let own = |account: &Account| {
                let named = account.name.scene == scene && account.name.user == user;
                named && matches!(account.stage, Stage::Creating | Stage::Created)
            };
            let found = book.accounts.iter().filter(|(_, account)| own(account));
            found.map(|(n, _)| *n).collect()
        };
        found.into_iter().for_each(|n| self.note(Line::LetGo { n, why: why.to_owned() }));
    }

    /// It was shown that the portal keeps names apart. The line is on disk before that of any account that
    /// is made later.
    pub(crate) fn are_kept_apart(&self) {
        self.note(Line::KeptApart {});
    }

    /// Whether that was shown.
    pub(crate) fn keeps_apart(&self) -> bool {
        self.lock().kept_apart
    }

    /// It is about to be removed.
    pub(crate) fn removing(&self, n: u64) {
        self.note(Line::Removing { n });
    }

    /// It was there and was removed.
    pub(crate) fn removed(&self, n: u64) {
        self.note(Line::Removed { n });
    }

    /// It is not there.
    pub(crate) fn absent(&self, n: u64) {
        self.note(Line::Absent { n });
    }

    /// It could not be removed.
    pub(crate) fn stays(&self, n: u64, why: String) {
        self.note(Line::Left { n, why });
    }

    /// What follows a request need not be on disk before anything else happens: without it an account
    /// is looked for that is gone.
    fn note(&self, line: Line) {
        let mut book = self.lock();
        if let Err(error) = book.write(&line) {
            book.trouble.get_or_insert(error);
        }
        book.take(line, None);
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
pub(crate) struct Creating {
    ledger: Ledger,
    n: u64,
    _held: OwnedRwLockReadGuard<()>,
}

impl Creating {
    /// It was made.
    pub(crate) fn created(&self) {
        self.ledger.note(Line::Created { n: self.n });
    }

    /// The portal would not make it. Somebody may have that name: it is never touched.
    pub(crate) fn refused(&self) {
        self.ledger.note(Line::Refused { n: self.n });
    }
}

impl Book {
    /// What the whole lines of a ledger say.
    fn read(bytes: &[u8]) -> Result<Self, Unusable> {
        let mut book = Self::default();
        for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let read: Line = serde_json::from_slice(line)
                .map_err(|source| Unusable::Line { line: index + 1, source })?;
            book.take(read, None);
        }
        if bytes.is_empty() {
            return Err(Unusable::Empty);
        }
        Ok(book)
    }

    fn write(&mut self, line: &Line) -> Result<(), LineError> {
        let Some(lines) = &mut self.file else { return Ok(()) };
        let mut bytes = serde_json::to_vec(line).map_err(std::io::Error::from)?;
        bytes.push(b'\n');
        lines.append(&bytes)
    }

    fn take(&mut self, line: Line, password: Option<Secret>) {
        match line {
            Line::Begun(header) => self.header = header,
            Line::KeptApart {} => self.kept_apart = true,
            Line::Creating { n, account } => {
                let account =
                    Account { name: account, password, stage: Stage::Creating, why: None };
                self.accounts.insert(n, account);
                self.next = self.next.max(n.saturating_add(1));
            }
            Line::Lending { n, account } => {
                let account =
                    Account { name: account, password: None, stage: Stage::Lent, why: None };
                self.accounts.insert(n, account);
                self.next = self.next.max(n.saturating_add(1));
            }
            Line::GivenBack { n } => self.stage(n, |_| Stage::GivenBack),
            Line::Created { n } => self.stage(n, |_| Stage::Created),
            Line::Refused { n } => self.stage(n, |_| Stage::Refused),
            Line::Removing { n } => {
                self.stage(n, |stage| Stage::Removing { was_created: was_created(stage) });
            }
            Line::Removed { n } => self.stage(n, |_| Stage::Removed { was_created: true }),
            Line::Absent { n } => {
                self.stage(n, |stage| Stage::Removed { was_created: was_created(stage) });
            }
            Line::LetGo { n, why } => {
                self.kept_apart = false;
                self.stage(n, |_| Stage::LetGo);
                if let Some(account) = self.accounts.get_mut(&n) {
                    account.why = Some(why);
                }
            }
            Line::Left { n, why } => {
                self.stage(n, |stage| match stage {
                    Stage::Lent => Stage::Lent,
                    Stage::Created
                    | Stage::Removing { was_created: true }
                    | Stage::Removed { was_created: true } => Stage::Created,
                    Stage::Creating
                    | Stage::Refused
                    | Stage::GivenBack
                    | Stage::LetGo
                    | Stage::Removing { was_created: false }
                    | Stage::Removed { was_created: false } => Stage::Creating,
                });
                let own = |account: &&mut Account| account.stage != Stage::LetGo;
                if let Some(account) = self.accounts.get_mut(&n).filter(own) {
                    account.why = Some(why);
                }
            }
        }
    }

    /// Nothing that is written of an account later makes one that was let go the run's again.
    fn stage(&mut self, n: u64, next: fn(Stage) -> Stage) {
        if let Some(account) = self.accounts.get_mut(&n).filter(|one| one.stage != Stage::LetGo) {
            account.stage = next(account.stage);
        }
    }
}

const fn was_created(stage: Stage) -> bool {
    match stage {
        Stage::Created => true,
        Stage::Creating | Stage::Refused | Stage::Lent | Stage::GivenBack | Stage::LetGo => false,
        Stage::Removing { was_created } | Stage::Removed { was_created } => was_created,
    }
}

#[cfg(test)]
mod tests;
