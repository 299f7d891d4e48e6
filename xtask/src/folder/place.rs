//! Where a run may write: a folder that is new, or empty, or marked as a run's with nothing begun in it.
//! Anything else is left as it is. Every file is opened by the handle of that folder, made new, and
//! never reached through a link.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, DirBuilder, File, TryLockError},
    io::{self, Read, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::{ffi::OsStrExt, fs::DirBuilderExt},
    },
    path::{Path, PathBuf},
};

use reports::{
    folder::{JOURNAL, MARKER},
    record::Outcome,
    render::plain,
};
use rustix::{
    fs::{Access, AtFlags, Dir, FileType, Mode, OFlags, Stat},
    io::Errno,
};

use super::{CHANGED, renderings};
use crate::stop::Stop;

const MARK: &[u8] =
    b"A run of Touchstone writes into this folder. While nothing else is here, another run may use it.\n";

/// Largest journal or ledger in which nothing may have been begun, bytes.
const BARELY_BEGUN: u64 = 1 << 20;

/// How many names of somebody's files a refusal shows.
const SHOWN: usize = 3;

/// A folder that is a run's as long as this is kept.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    dir: OwnedFd,
    /// Locked: two runs never share a folder.
    _marker: File,
}

/// Which file it is, whatever its name.
#[derive(Clone, Copy)]
pub(super) struct Identity(Stat);

impl Identity {
    pub(super) fn of(file: impl AsFd) -> io::Result<Self> {
        Ok(Self(rustix::fs::fstat(file)?))
    }

    fn is_that_of(&self, other: &Stat) -> bool {
        (self.0.st_dev, self.0.st_ino) == (other.st_dev, other.st_ino)
    }
}

/// Whose a folder is.
enum State {
    Empty,
    /// A run's that began nothing, with what it left.
    Marked(Vec<OsString>),
}

/// Refuses what [`Place::take`] would refuse, without making anything.
pub(super) fn look(path: &Path) -> anyhow::Result<()> {
    let path = normal(path)?;
    let there = match open(&path) {
        Ok(dir) => {
            state(&dir, &path)?;
            path.as_path()
        }
        Err(Errno::NOENT) => nearest(&path),
        Err(error) => return Err(refused(&path, error)),
    };
    let may = Access::WRITE_OK | Access::EXEC_OK;
    rustix::fs::access(there, may).map_err(|error| refused(&path, error))
}

/// The folder that exists on the way to one that does not.
fn nearest(path: &Path) -> &Path {
    let mut above = path.ancestors().skip(1);
    let found = above.find(|folder| fs::symlink_metadata(folder).is_ok());
    found.unwrap_or(Path::new("."))
}

/// A path as people mean it: a slash at its end would lead through a link.
fn normal(path: &Path) -> anyhow::Result<PathBuf> {
    let path: PathBuf = path.components().collect();
    if path.as_os_str().is_empty() {
        return Err(Stop::bad_command("--out is empty; name a folder"));
    }
    Ok(path)
}

impl Place {
    /// Takes a folder for a run; makes it where there is none.
    pub(super) fn take(path: &Path) -> anyhow::Result<Self> {
        let path = normal(path)?;
        let made = Made::folders(&path).map_err(|error| refused(&path, error))?;
        let dir = open(&path).map_err(|error| refused(&path, error))?;
        let marker = match state(&dir, &path)? {
            State::Empty => mark(&dir),
            State::Marked(_) => at(&dir, MARKER, OFlags::RDONLY | OFlags::NONBLOCK),
        };
        let marker = match marker {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(taken(&path)),
            marker => marker.map_err(|error| refused(&path, error))?,
        };
        match marker.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(taken(&path)),
            Err(TryLockError::Error(error)) => return Err(refused(&path, error)),
        }
        // Locked: what another run began before that is seen now, and nothing can be begun any more.
        if let State::Marked(left) = state(&dir, &path)? {
            for name in left {
                rustix::fs::unlinkat(&dir, &name, AtFlags::empty())
                    .map_err(|error| refused(&path, error))?;
            }
        }
        made.stays();
        Ok(Self { path, dir, _marker: marker })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a new file, which its owner alone can read and write. Writing goes to its end.
    pub(super) fn create(&self, name: &str) -> io::Result<File> {
        create(&self.dir, name)
    }

    /// Writes a whole new file that does not have its name yet. Nothing stays where that fails.
    pub(super) fn prepare(
        &self,
        name: &str,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> io::Result<()> {
        let part = part(name);
        let mut file = self.create(&part)?;
        let written = write(&mut file).and_then(|()| file.sync_all());
        if written.is_err() {
            self.remove(&part);
        }
        written
    }

    /// Gives a file that was prepared its name. One that has that name already is left alone.
    pub(super) fn publish(&self, name: &str) -> io::Result<()> {
        Ok(rename(&self.dir, &part(name), name)?)
    }

    /// Takes a file away that was prepared.
    pub(super) fn discard(&self, name: &str) {
        self.remove(&part(name));
    }

    /// Takes a file away that this run made.
    pub(super) fn remove(&self, name: &str) {
        let _ = rustix::fs::unlinkat(&self.dir, name, AtFlags::empty());
    }

    /// A file that this run made, to be read.
    pub(super) fn open(&self, name: &str) -> io::Result<File> {
        at(&self.dir, name, OFlags::RDONLY | OFlags::NONBLOCK)
    }

    /// The bytes of one.
    pub(super) fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(name)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Whether the folder still stands where it was.
    pub(super) fn is_there(&self) -> io::Result<()> {
        if !Identity::of(&self.dir)?.is_that_of(&rustix::fs::stat(&self.path)?) {
            return Err(io::Error::other("another folder stands in its place"));
        }
        Ok(())
    }

    /// Whether a name is still that of a file that this run made, with so many bytes in it.
    pub(super) fn holds(&self, name: &str, made: Identity, length: Option<u64>) -> io::Result<()> {
        let found = rustix::fs::statat(&self.dir, name, AtFlags::SYMLINK_NOFOLLOW)?;
        if !made.is_that_of(&found) {
            return Err(io::Error::other("another file stands in its place"));
        }
        let found = u64::try_from(found.st_size).unwrap_or_default();
        match length.filter(|written| *written != found) {
            None => Ok(()),
            Some(written) => Err(io::Error::other(format!(
                "{CHANGED}: it holds {found} bytes, and {written} were written"
            ))),
        }
    }

    /// Waits until the names are on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        match rustix::fs::fsync(&self.dir) {
            // Not every file system knows how.
            Err(Errno::INVAL) => Ok(()),
            synced => Ok(synced?),
        }
    }

    /// Takes the folder away with these files of the run; it stays where it holds anything else.
    pub(super) fn unmake(self, names: &[&str]) {
        for name in names.iter().chain(&[MARKER]) {
            self.remove(name);
        }
        let _ = fs::remove_dir(&self.path);
    }
}

/// Folders that were made for a run; taken away again unless it comes to that.
struct Made(Vec<PathBuf>);

impl Made {
    fn folders(path: &Path) -> io::Result<Self> {
        let is_missing = |path: &&Path| {
            let found = fs::symlink_metadata(path).map_err(|error| error.kind());
            !path.as_os_str().is_empty() && found.err() == Some(io::ErrorKind::NotFound)
        };
        let mut missing: Vec<&Path> = path.ancestors().take_while(is_missing).collect();
        missing.reverse();
        let mut made = Self(Vec::new());
        for folder in missing {
            let mut builder = DirBuilder::new();
            if folder == path {
                builder.mode(0o700);
            }
            builder.create(folder)?;
            made.0.push(folder.to_owned());
        }
        Ok(made)
    }

    fn stays(mut self) {
        self.0.clear();
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

fn open(path: &Path) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty())
}

fn at(dir: &OwnedFd, name: &str, flags: OFlags) -> io::Result<File> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(dir, name, flags, Mode::RUSR | Mode::WUSR)?.into())
}

fn create(dir: &OwnedFd, name: &str) -> io::Result<File> {
    at(dir, name, OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | OFlags::EXCL)
}

/// Marks an empty folder.
fn mark(dir: &OwnedFd) -> io::Result<File> {
    let mut file = create(dir, MARKER)?;
    if let Err(error) = file.write_all(MARK) {
        let _ = rustix::fs::unlinkat(dir, MARKER, AtFlags::empty());
        return Err(error);
    }
    Ok(file)
}

/// What a file is called that is not yet whole.
fn part(name: &str) -> String {
    format!(".{name}.part")
}

fn is_part(name: &OsStr) -> bool {
    renderings().any(|file| name == part(file.name).as_str())
}

/// Renames, unless the new name is taken.
fn rename(dir: &OwnedFd, from: &str, to: &str) -> Result<(), Errno> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let flags = rustix::fs::RenameFlags::NOREPLACE;
        match rustix::fs::renameat_with(dir, from, dir, to, flags) {
            // Not every file system knows how.
            Err(Errno::INVAL | Errno::NOSYS) => {}
            renamed => return renamed,
        }
    }
    match rustix::fs::statat(dir, to, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => rustix::fs::renameat(dir, from, dir, to),
        Err(error) => Err(error),
        Ok(_) => Err(Errno::EXIST),
    }
}

/// Whose a folder is; refused where it is neither empty nor a run's that began nothing.
fn state(dir: &OwnedFd, path: &Path) -> anyhow::Result<State> {
    let names = names(dir).map_err(|error| refused(path, error))?;
    if names.is_empty() {
        return Ok(State::Empty);
    }
    let marked = names.iter().any(|name| name == MARKER) && is_marked(dir);
    let is_other = |name: &OsString| !(marked && name == MARKER);
    let others: Vec<OsString> = names.into_iter().filter(is_other).collect();
    if marked && others.iter().all(|name| began_nothing(dir, name)) {
        return Ok(State::Marked(others));
    }
    let is_run = |name: &OsString| name == JOURNAL || name == reports::folder::RUN;
    if marked || others.iter().any(is_run) {
        return Err(Stop::bad_command(format!(
            "{} holds a run already; give another --out",
            shown(path)
        )));
    }
    let mut some: Vec<String> = others.iter().map(|name| shown(Path::new(name))).collect();
    some.sort();
    let more = if some.len() > SHOWN { ", …" } else { "" };
    some.truncate(SHOWN);
    Err(Stop::bad_command(format!(
        "{} holds files that no run wrote ({}{more}); nothing in it was changed; give a new or an empty folder as --out",
        shown(path),
        some.join(", ")
    )))
}

fn names(dir: &OwnedFd) -> Result<Vec<OsString>, Errno> {
    let mut names = Vec::new();
    for entry in Dir::read_from(dir)? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name != "." && name != ".." {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// Whether the mark of a folder is one that a run made.
fn is_marked(dir: &OwnedFd) -> bool {
    let mut text = Vec::new();
    kind(dir, MARKER).is_some()
        && at(dir, MARKER, OFlags::RDONLY | OFlags::NONBLOCK)
            .and_then(|file| file.take(BARELY_BEGUN).read_to_end(&mut text))
            .is_ok()
        && text == MARK
}

/// The size of a plain file; `None` for anything else.
fn kind(dir: &OwnedFd, name: impl rustix::path::Arg) -> Option<u64> {
    let stat = rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
    let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
    is_file.then(|| u64::try_from(stat.st_size).unwrap_or(u64::MAX))
}

/// Whether a file in a marked folder is what a run leaves that ended before it began anything: a
/// journal without a line, a ledger without an account, a file that never got its name.
fn began_nothing(dir: &OwnedFd, name: &OsStr) -> bool {
    let Some(size) = kind(dir, name) else { return false };
    let lines = || {
        let mut text = Vec::new();
        let file = at(dir, name.to_str()?, OFlags::RDONLY | OFlags::NONBLOCK).ok()?;
        file.take(BARELY_BEGUN).read_to_end(&mut text).ok()?;
        Some(text.iter().filter(|byte| **byte == b'\n').count())
    };
    let few = |most| size < BARELY_BEGUN && lines().is_some_and(|lines| lines <= most);
    is_part(name) || (name == JOURNAL && few(0)) || (name == ledger::FILE && few(1))
}

/// A path for people: nothing in it acts on a terminal or a build agent.
pub(crate) fn shown(path: &Path) -> String {
    plain(&path.display().to_string())
}

fn taken(path: &Path) -> anyhow::Error {
    Stop::bad_command(format!("another run goes on in {}; give another --out", shown(path)))
}

/// Whose fault it is that nothing can be written: the disk's, or the command line's.
fn refused(path: &Path, error: impl Into<io::Error>) -> anyhow::Error {
    let (shown, error) = (shown(path), error.into());
    let errno = Errno::from_io_error(&error);
    if errno.is_some_and(is_of_the_machine) {
        let message =
            format!("kit: cannot write to {shown}: {error}; free space or give another --out");
        return Stop::with(Outcome::NoVerdict, message);
    }
    let why = match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => {
            "it is a link, and a run follows none; name the folder itself".to_owned()
        }
        Ok(found) if !found.is_dir() => "it is no folder; give another --out".to_owned(),
        _ => format!("{error}; give another --out"),
    };
    Stop::bad_command(format!("cannot write to {shown}: {why}"))
}

/// Whether an error says that the machine, and not the command line, is the trouble.
fn is_of_the_machine(errno: Errno) -> bool {
    [
        Errno::NOSPC,
        Errno::DQUOT,
        Errno::FBIG,
        Errno::ROFS,
        Errno::IO,
        Errno::MFILE,
        Errno::NFILE,
        Errno::NOMEM,
    ]
    .contains(&errno)
}
