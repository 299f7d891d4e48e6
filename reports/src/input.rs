//! Files that a user names: profiles, secrets, certificates, recordings, records, ledgers, recipes.
//! Everything else of the program opens them here: a regular file on a disk, up to a size of its kind.
//! A device, a FIFO or a file of `/proc` is refused before a byte of it is read.

use std::{
    error, fmt,
    fs::{self, File, FileType, Metadata, OpenOptions},
    io::{self, Read},
    os::unix::fs::{FileTypeExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::{fs::OFlags, io::Errno};

use crate::render::plain;

/// A kind of file, and how large one may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// What it is called in a message, with its article.
    pub name: &'static str,
    /// Most bytes.
    pub limit: u64,
}

const fn kind(name: &'static str, limit: u64) -> Kind {
    Kind { name, limit }
}

/// What the doctor keeps of how fast a portal answered.
pub const MEASUREMENT: Kind = kind("a measurement of the doctor", 4 << 10);
/// A profile, or one that another stands on.
pub const PROFILE: Kind = kind("a profile", 1 << 20);
/// Certificates to trust.
pub const CERTIFICATES: Kind = kind("a file of certificates", 4 << 20);
/// A password or token.
pub const SECRET: Kind = kind("a secret", 64 << 10);
/// What a browser recorded.
pub const HAR: Kind = kind("a HAR", 256 << 20);
/// `run.json`, `journal.jsonl` and what else a run leaves.
pub const RECORD: Kind = kind("a record", 1 << 30);
/// `deployment.toml`.
pub const RECIPE: Kind = kind("a recipe of a deployment", 1 << 20);
/// `bench.json`.
pub const BENCH: Kind = kind("a benchmark", 4 << 20);
/// A mail in a folder.
pub const MAIL: Kind = kind("a mail", 2 << 20);

/// Longest path that a message shows, characters.
const SHOWN: usize = 160;

impl Kind {
    /// All bytes of a file.
    ///
    /// # Errors
    /// Why it cannot be one of this kind.
    pub fn read(self, path: &Path) -> Result<Vec<u8>, Refused> {
        let mut file = self.open(path, OpenOptions::new().read(true))?;
        self.all(path, &mut file)
    }

    /// A file of text.
    ///
    /// # Errors
    /// As [`Kind::read`], and where it is not UTF-8.
    pub fn text(self, path: &Path) -> Result<String, Refused> {
        String::from_utf8(self.read(path)?).map_err(|error| {
            let (before, bytes) = (error.utf8_error().valid_up_to(), error.as_bytes());
            let line = 1 + bytes[..before].iter().filter(|byte| **byte == b'\n').count();
            self.refuses(path, Why::NotText { line, byte: before + 1 })
        })
    }

    /// Opens a file once, in a way that waits for nobody.
    ///
    /// # Errors
    /// Why it cannot be one of this kind.
    pub fn open(self, path: &Path, options: &mut OpenOptions) -> Result<File, Refused> {
        let failed = |error: io::Error| self.refuses(path, why(error, path));
        // To open a device may do something already, so what it is is asked first, and again of what
        // was opened: it may have been replaced in between.
        self.fits(path, &fs::metadata(path).map_err(failed)?)?;
        let waits_for_nobody = i32::try_from((OFlags::NONBLOCK | OFlags::NOCTTY).bits());
        let file = options
            .custom_flags(waits_for_nobody.unwrap_or_default())
            .open(path)
            .map_err(failed)?;
        self.fits(path, &file.metadata().map_err(failed)?)?;
        Ok(file)
    }

    /// All bytes of a file that was opened.
    ///
    /// # Errors
    /// Where it is too large, or no file on a disk.
    pub fn all(self, path: &Path, file: &mut File) -> Result<Vec<u8>, Refused> {
        let failed = |error: io::Error| self.refuses(path, why(error, path));
        let size = file.metadata().map_err(failed)?.len();
        let mut bytes = Vec::new();
        file.take(self.limit + 1).read_to_end(&mut bytes).map_err(failed)?;
        let read = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        match (size, read) {
            (_, read) if read > self.limit => Err(self.refuses(path, Why::TooLarge)),
            // What `/proc` holds has no size, and yet something in it.
            (0, 1..) => Err(self.refuses(path, Why::NoFile("a file that the system makes up"))),
            (_, _) => Ok(bytes),
        }
    }

    fn fits(self, path: &Path, about: &Metadata) -> Result<(), Refused> {
        let Some(is) = other_than_a_file(about.file_type()) else {
            let fits = about.len() <= self.limit;
            return if fits { Ok(()) } else { Err(self.refuses(path, Why::TooLarge)) };
        };
        Err(self.refuses(path, Why::NoFile(is)))
    }

    fn refuses(self, path: &Path, why: Why) -> Refused {
        Refused { path: path.to_owned(), kind: self, why }
    }
}

/// Why a file is not taken.
#[derive(Debug)]
pub struct Refused {
    path: PathBuf,
    kind: Kind,
    why: Why,
}

#[derive(Debug)]
enum Why {
    Missing,
    Dangling,
    Circle,
    NotPermitted,
    NoFile(&'static str),
    TooLarge,
    NotText { line: usize, byte: usize },
    System(io::Error),
}

impl Refused {
    /// Whether there is nothing of that name.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self.why, Why::Missing)
    }

    /// The same under the name that the user gave.
    #[must_use]
    pub fn of(self, path: &Path) -> Self {
        Self { path: path.to_owned(), ..self }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, kind: Kind { name, limit }, why } = self;
        write!(f, "cannot read {}: ", shown(path))?;
        match why {
            Why::Missing => f.write_str("there is no such file"),
            Why::Dangling => f.write_str("it is a link, and what it leads to is not there"),
            Why::Circle => f.write_str("its links lead in a circle"),
            Why::NotPermitted => f.write_str("this user is not permitted to read it"),
            Why::NoFile(is) => write!(f, "it is {is}; {name} is a regular file on a disk"),
            Why::TooLarge => write!(f, "{name} has at most {}, and it is larger", size(*limit)),
            Why::NotText { line, byte } => {
                write!(f, "line {line} (byte {byte} of the file) is not UTF-8, as {name} must be")
            }
            Why::System(error) => write!(f, "{error}"),
        }
    }
}

impl error::Error for Refused {}

/// A path as a message shows it: nothing in it acts on a terminal, and the middle of a long one is left
/// out.
#[must_use]
pub fn shown(path: &Path) -> String {
    let text = plain(&path.display().to_string());
    let length = text.chars().count();
    if length <= SHOWN {
        return text;
    }
    let half = SHOWN / 2;
    let from = |skip| text.chars().skip(skip).take(half).collect::<String>();
    format!("{}…{} ({length} characters)", from(0), from(length - half))
}

fn why(error: io::Error, path: &Path) -> Why {
    let kind = error.kind();
    if kind == io::ErrorKind::NotFound {
        let is_there = fs::symlink_metadata(path).is_ok();
        return if is_there { Why::Dangling } else { Why::Missing };
    }
    if kind == io::ErrorKind::PermissionDenied {
        return Why::NotPermitted;
    }
    let turns = Errno::from_io_error(&error) == Some(Errno::LOOP);
    if turns { Why::Circle } else { Why::System(error) }
}

fn other_than_a_file(kind: FileType) -> Option<&'static str> {
    let others = [
        (kind.is_dir(), "a directory"),
        (kind.is_fifo(), "a pipe (FIFO)"),
        (kind.is_socket(), "a socket"),
        (kind.is_char_device(), "a device"),
        (kind.is_block_device(), "a device"),
        (!kind.is_file(), "no regular file"),
    ];
    others.iter().find(|(is, _)| *is).map(|(_, word)| *word)
}

fn size(bytes: u64) -> String {
    if bytes < 1 << 20 { format!("{} KiB", bytes >> 10) } else { format!("{} MiB", bytes >> 20) }
}

#[cfg(test)]
mod tests;
