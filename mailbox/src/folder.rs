//! A folder of `.eml` files, as some portals and mail servers in development write them, or a
//! Maildir. A mark is a count of the files that were seen until then: two mails of one instant, or a
//! clock that is set back, hide nothing.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use profile::{Layout, error::Error};
use reports::{
    bounds::{MAIL_TOGETHER, MAILS},
    input,
};

use super::message::Message;

/// A folder of mails.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    path: PathBuf,
    layout: Layout,
    /// Files in the order in which they were first seen.
    seen: Arc<Mutex<BTreeMap<File, u64>>>,
}

/// A file that is written again is another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct File {
    /// Nanoseconds since 1970.
    modified: u64,
    /// What stays the same when the file moves from `new` to `cur` and is given flags.
    name: String,
}

impl Folder {
    pub(super) fn new(path: PathBuf, layout: Layout) -> Self {
        Self { path, layout, seen: Arc::default() }
    }

    pub(super) async fn mark(&self) -> Result<u64, Error> {
        let folder = self.clone();
        on_the_side(move || {
            folder.look()?;
            Ok(count(&folder.locked()))
        })
        .await
    }

    pub(super) async fn after(&self, mark: u64) -> Result<Vec<Message>, Error> {
        let folder = self.clone();
        on_the_side(move || {
            let mut messages = Vec::new();
            for (_, path) in folder.look()?.range(mark..) {
                // A file that is gone or still being written is looked at again at the next tick.
                let Ok(raw) = input::MAIL.read(path) else { continue };
                messages.push(Message { recipients: Vec::new(), raw: Arc::from(raw) });
            }
            Ok(messages)
        })
        .await
    }

    /// The mails that are there, by their numbers; takes in what is new.
    fn look(&self) -> io::Result<BTreeMap<u64, PathBuf>> {
        let there = list(&self.path, self.layout)?;
        let mut seen = self.locked();
        let numbered = there.into_iter().map(|(file, path)| {
            let next = count(&seen);
            (*seen.entry(file).or_insert(next), path)
        });
        Ok(numbered.collect())
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<File, u64>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count(seen: &BTreeMap<File, u64>) -> u64 {
    u64::try_from(seen.len()).unwrap_or(u64::MAX)
}

async fn on_the_side<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::Harness(error.to_string()))?;
    done.map_err(|error| Error::Network(format!("the mail folder: {error}")))
}

/// Mails, the newest last. Links to elsewhere are not followed.
fn list(folder: &Path, layout: Layout) -> io::Result<Vec<(File, PathBuf)>> {
    let mut mails: Vec<(File, PathBuf, u64)> = Vec::new();
    match layout {
        Layout::Eml => read(folder, &mut mails, |path| {
            path.extension().is_some_and(|kind| kind.eq_ignore_ascii_case("eml"))
        })?,
        Layout::Maildir => {
            read(&folder.join("new"), &mut mails, |_| true)?;
            read(&folder.join("cur"), &mut mails, |_| true)?;
        }
    }
    mails.sort();
    let mut room = u64::try_from(MAIL_TOGETHER.most).unwrap_or(u64::MAX);
    let fit = mails.iter().rev().take(MAILS.most).take_while(|(.., size)| {
        let left = room.checked_sub(*size);
        room = left.unwrap_or_default();
        left.is_some()
    });
    let newest = mails.len() - fit.count();
    Ok(mails.split_off(newest).into_iter().map(|(file, path, _)| (file, path)).collect())
}

fn read(
    folder: &Path,
    mails: &mut Vec<(File, PathBuf, u64)>,
    is_mail: impl Fn(&Path) -> bool,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        // A mail that somebody has read meanwhile has moved from `new` to `cur`.
        let Ok(about) = entry.metadata() else { continue };
        if is_mail(&path) && about.is_file() && about.len() <= input::MAIL.limit {
            let file = File { modified: nanoseconds(about.modified()?), name: lasting(&entry) };
            mails.push((file, path, about.len()));
        }
    }
    Ok(())
}

/// A name without the flags that a reader of a Maildir puts behind it.
fn lasting(entry: &fs::DirEntry) -> String {
    let name = entry.file_name().to_string_lossy().into_owned();
    name.split_once(':').map_or(name.clone(), |(unflagged, _)| unflagged.to_owned())
}

fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
