//! Files beside those of a run that the program writes: whole or not at all, and never through a link.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;

/// Writes a file that does not exist yet; nothing stays where that fails.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}

/// Writes a file that may exist: what stood there stands until the new one is whole. A link is
/// replaced, and what it leads to stays.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = beside(path);
    create(&beside, bytes)?;
    let renamed = fs::rename(&beside, path);
    if renamed.is_err() {
        let _ = fs::remove_file(&beside);
    }
    renamed
}

/// Opens a file of the program's own to write to, as it is; refuses a link.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let careful = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    options.create(true).append(true).custom_flags(careful.bits().cast_signed());
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    Ok(file)
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn nothing_is_written_through_a_link() {
        let room = tempfile::tempdir().expect("a folder");
        let at = |name: &str| room.path().join(name);
        fs::write(at("victim"), "kept").expect("written");
        symlink("victim", at("link")).expect("linked");
        let refused = [create(&at("link"), b"new"), open(&at("link")).map(|_| ())];
        assert!(refused.iter().all(Result::is_err), "{refused:?}");
        replace(&at("link"), b"new").expect("replaced");
        let read = |name: &str| fs::read_to_string(at(name)).expect("text");
        assert_eq!((read("victim"), read("link")), ("kept".to_owned(), "new".to_owned()));
        replace(&at("link"), b"newer").expect("replaced");
        assert_eq!(read("link"), "newer");
        assert_eq!(fs::read_dir(room.path()).expect("there").count(), 2);
    }
}
