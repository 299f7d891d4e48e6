//! What the lines of a ledger add up to, and how it is written on. How far an account has come is here as
//! well; what is made of a damaged file is `reading.rs`'s.

use std::{collections::BTreeMap, io, sync::Arc};

use profile::secret::Secret;

use super::{
    Header, Lent, Name,
    line::{Before, Line, written},
    lines::{LineError, Lines},
};

/// How far the life of an account has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// Asked for, and no answer is known; or lent.
    #[default]
    Begun,
    Created,
    Refused,
    /// Its removal was asked for; no answer is known.
    Removing {
        was_created: bool,
    },
    Removed {
        was_created: bool,
    },
    GivenBack,
    LetGo,
}

impl Stage {
    const fn was_created(self) -> bool {
        match self {
            Self::Created => true,
            Self::Begun | Self::Refused | Self::GivenBack | Self::LetGo => false,
            Self::Removing { was_created } | Self::Removed { was_created } => was_created,
        }
    }

    /// Whether it is over: nothing that is written of the account later reopens it.
    pub(super) const fn is_last(self) -> bool {
        match self {
            Self::Begun | Self::Created | Self::Removing { .. } => false,
            Self::Refused | Self::Removed { .. } | Self::GivenBack | Self::LetGo => true,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Account {
    /// Nothing where the line that begins it is damaged.
    pub(super) name: Option<Name>,
    pub(super) password: Option<Secret>,
    /// Whether it is one of the pool: it is never removed.
    pub(super) is_lent: bool,
    pub(super) stage: Stage,
    pub(super) why: Option<String>,
    /// Whether a line that is lost may have said that it is not the run's.
    pub(super) is_doubtful: bool,
}

impl Account {
    fn hears(&mut self, line: Line) {
        let was_created = self.stage.was_created();
        match line {
            Line::Begun(_) | Line::KeptApart {} => {}
            Line::Creating { account, .. } => self.name = self.name.take().or(Some(account)),
            Line::Lending { account, .. } => {
                self.name = self.name.take().or(Some(account));
                self.is_lent = true;
                if !self.stage.is_last() {
                    self.stage = Stage::Begun;
                }
            }
            Line::LetGo { why, .. } => (self.stage, self.why) = (Stage::LetGo, Some(why)),
            Line::Left { why, .. } => self.stays(why),
            Line::GivenBack { .. } if self.is_lent || self.name.is_none() => {
                self.comes_to(Stage::GivenBack);
            }
            Line::GivenBack { .. } => {}
            Line::Created { .. } => self.was_made(),
            Line::Refused { .. } => self.comes_to_if_made(Stage::Refused),
            Line::Removing { .. } => self.comes_to_if_made(Stage::Removing { was_created }),
            Line::Removed { .. } => self.comes_to_if_made(Stage::Removed { was_created: true }),
            Line::Absent { .. } => self.comes_to_if_made(Stage::Removed { was_created }),
        }
    }

    fn comes_to(&mut self, stage: Stage) {
        if !self.stage.is_last() {
            self.stage = stage;
        }
    }

    /// What only happens to an account that the run asked for.
    fn comes_to_if_made(&mut self, stage: Stage) {
        if !self.is_lent {
            self.comes_to(stage);
            // Whoever wrote this held it for the run's own.
            self.is_doubtful = false;
        }
    }

    fn was_made(&mut self) {
        match &mut self.stage {
            Stage::Removing { was_created } | Stage::Removed { was_created } => *was_created = true,
            stage @ Stage::Begun if !self.is_lent => *stage = Stage::Created,
            Stage::Begun | Stage::Created | Stage::Refused | Stage::GivenBack | Stage::LetGo => {}
        }
    }

    fn stays(&mut self, why: String) {
        self.stage = match self.stage {
            Stage::Removing { was_created: true } => Stage::Created,
            Stage::Removing { was_created: false } => Stage::Begun,
            Stage::GivenBack if self.is_lent => Stage::Begun,
            stage @ (Stage::Begun
            | Stage::Created
            | Stage::Refused
            | Stage::Removed { .. }
            | Stage::GivenBack
            | Stage::LetGo) => stage,
        };
        self.is_doubtful = false;
        if self.stage != Stage::LetGo {
            self.why = Some(why);
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) header: Header,
    /// Locked as long as the run lives. `None` where accounts vanish with the portal.
    pub(super) file: Option<Lines>,
    /// What stands in the file before the next line, where its lines say it.
    pub(super) before: Option<Before>,
    /// Lines that found no room and without which somebody else's account would be removed.
    pub(super) owed: Vec<Line>,
    /// Why a line is not in the file, where one is not.
    pub(super) trouble: Option<LineError>,
    pub(super) accounts: BTreeMap<u64, Account>,
    /// How many accounts were begun on lines that are lost.
    pub(super) hidden: u64,
    pub(super) next: u64,
    /// Whether it was shown that the portal keeps names apart.
    pub(super) kept_apart: bool,
    /// What puts lent accounts back; known only while the run lives.
    pub(super) lent: BTreeMap<u64, Arc<dyn Lent>>,
}

impl Book {
    /// Writes one line, after those that are owed.
    pub(super) fn write(&mut self, line: &Line) -> Result<(), LineError> {
        while let Some(owed) = self.owed.pop() {
            if let Err(error) = self.put(&owed) {
                self.owed.push(owed);
                return Err(error);
            }
        }
        self.put(line)
    }

    fn put(&mut self, line: &Line) -> Result<(), LineError> {
        let Some(lines) = &mut self.file else { return Ok(()) };
        lines.append(&written(line, self.before)?)?;
        self.before = self.before.map(|before| before.after(line));
        Ok(())
    }

    /// Waits until what was written is on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.as_ref().map_or(Ok(()), |lines| lines.file().sync_data())
    }

    /// Writes down what followed a request. That need not be on the disk before anything else happens:
    /// without it an account is looked for that is gone. What keeps somebody else's from being removed
    /// must be; it is written without its reason where that holds a secret, and later where it finds no
    /// room.
    pub(super) fn note(&mut self, line: Line) {
        let mut wrote = self.write(&line);
        if let (Err(LineError::Withheld(_)), true) = (&wrote, line.bars()) {
            self.hears_of(wrote);
            wrote = self.write(&line.without_reason());
        }
        if line.bars() {
            if matches!(wrote, Err(LineError::File(_))) {
                self.owed.push(line.without_reason());
            } else {
                self.hears_of(self.sync().map_err(LineError::from));
            }
        }
        self.hears_of(wrote);
        self.take(line);
    }

    fn hears_of(&mut self, wrote: Result<(), LineError>) {
        if let Err(error) = wrote {
            self.trouble.get_or_insert(error);
        }
    }

    pub(super) fn take(&mut self, line: Line) {
        match line {
            Line::Begun(_) | Line::LetGo { .. } => self.kept_apart = false,
            Line::KeptApart {} => self.kept_apart = true,
            Line::Creating { .. }
            | Line::Created { .. }
            | Line::Refused { .. }
            | Line::Removing { .. }
            | Line::Removed { .. }
            | Line::Absent { .. }
            | Line::Lending { .. }
            | Line::GivenBack { .. }
            | Line::Left { .. } => {}
        }
        if let Line::Begun(header) = line {
            self.header = header;
        } else if let Some(n) = line.number() {
            self.next = self.next.max(n.saturating_add(1));
            self.accounts.entry(n).or_default().hears(line);
        }
    }
}
