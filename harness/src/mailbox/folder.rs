//! A folder of `.eml` files, as some portals and mail servers in development write them, or a
//! Maildir. A mark is the time of the newest file then, in nanoseconds; files of the same instant are
//! newer.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use super::message::Message;
use crate::error::Error;

/// Largest mail that is read, and most mails that are looked at.
const LARGEST: u64 = 2 << 20;
const MOST: usize = 1000;

/// How mails stand in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Files whose names end in `.eml`.
    Eml,
    /// Files of any name in `new` and `cur`.
    Maildir,
}

pub(super) async fn mark(folder: PathBuf, layout: Layout) -> Result<u64, Error> {
    on_the_side(move || {
        let newest = list(&folder, layout)?.last().map_or(0, |(time, _)| time + 1);
        Ok(newest)
    })
    .await
}

pub(super) async fn after(
    folder: PathBuf,
    layout: Layout,
    mark: u64,
) -> Result<Vec<Message>, Error> {
    on_the_side(move || {
        let mut messages = Vec::new();
        let newer = list(&folder, layout)?.into_iter().filter(|(time, _)| *time >= mark);
        for (_, path) in newer {
            // A file that is gone or still being written is looked at again at the next tick.
            let Ok(raw) = fs::read(&path) else { continue };
            messages.push(Message { recipients: Vec::new(), raw: Arc::from(raw) });
        }
        Ok(messages)
    })
    .await
}

async fn on_the_side<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::Harness(error.to_string()))?;
    done.map_err(|error| Error::Network(format!("the mail folder: {error}")))
}

/// Mails with their times, the newest last. Links to elsewhere are not followed.
fn list(folder: &Path, layout: Layout) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut mails = Vec::new();
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
    let surplus = mails.len().saturating_sub(MOST);
    Ok(mails.split_off(surplus))
}

fn read(
    folder: &Path,
    mails: &mut Vec<(u64, PathBuf)>,
    is_mail: impl Fn(&Path) -> bool,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        // A mail that somebody has read meanwhile has moved from `new` to `cur`.
        let Ok(about) = entry.metadata() else { continue };
        if is_mail(&path) && about.is_file() && about.len() <= LARGEST {
            mails.push((nanoseconds(about.modified()?), path));
        }
    }
    Ok(())
}

fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
