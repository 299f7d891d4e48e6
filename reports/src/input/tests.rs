//! What is no regular file is refused, at once and with a word on what it is.

use std::{
    fs::{self, Permissions},
    os::unix::{fs::PermissionsExt, fs::symlink, net::UnixListener},
    path::Path,
    process::Command,
};

use super::*;

fn said(path: &Path) -> String {
    match PROFILE.text(path) {
        Ok(text) => panic!("{text:?} was read of {}", path.display()),
        Err(refused) => refused.to_string(),
    }
}

#[test]
fn what_is_no_file_on_a_disk_is_refused_by_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    assert!(Command::new("mkfifo").arg(at("fifo")).status().unwrap().success());
    let _socket = UnixListener::bind(at("socket")).unwrap();
    fs::create_dir(at("folder")).unwrap();
    symlink("nowhere", at("dangling")).unwrap();
    symlink("circle", at("circle")).unwrap();
    symlink("/dev/zero", at("link-to-device")).unwrap();
    fs::write(at("latin"), b"one\ntwo\xe9\n").unwrap();
    File::create(at("sparse")).unwrap().set_len(4 << 30).unwrap();
    let regular = "; a profile is a regular file on a disk";
    for (path, why) in [
        ("/dev/zero".into(), format!("it is a device{regular}")),
        (at("link-to-device"), format!("it is a device{regular}")),
        (at("fifo"), format!("it is a pipe (FIFO){regular}")),
        (at("socket"), format!("it is a socket{regular}")),
        (at("folder"), format!("it is a directory{regular}")),
        ("/proc/self/environ".into(), format!("it is a file that the system makes up{regular}")),
        (at("dangling"), "it is a link, and what it leads to is not there".into()),
        (at("circle"), "its links lead in a circle".into()),
        (at("missing"), "there is no such file".into()),
        (at("sparse"), "a profile has at most 1 MiB, and it is larger".into()),
        (at("latin"), "line 2 (byte 8 of the file) is not UTF-8, as a profile must be".into()),
    ] {
        assert_eq!(said(&path), format!("cannot read {}: {why}", path.display()));
    }
}

#[test]
fn what_may_not_be_read_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("private");
    fs::write(&file, "text").unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o000)).unwrap();
    // Whoever may read everything is refused nothing.
    if File::open(&file).is_err() {
        let why = "this user is not permitted to read it";
        assert_eq!(said(&file), format!("cannot read {}: {why}", file.display()));
    }
    let denied = why(io::ErrorKind::PermissionDenied.into(), &file);
    assert!(matches!(denied, Why::NotPermitted));
}

#[test]
fn a_regular_file_is_read_up_to_its_limit_by_a_link_too() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("empty"), "").unwrap();
    fs::write(at("file"), "abcd").unwrap();
    symlink("file", at("link")).unwrap();
    let four = Kind { name: "a test", limit: 4 };
    assert_eq!(four.read(&at("link")).unwrap(), b"abcd");
    assert_eq!(four.read(&at("empty")).unwrap(), b"");
    let three = Kind { name: "a test", limit: 3 };
    assert!(three.read(&at("file")).unwrap_err().to_string().ends_with("it is larger"));
    // It grows after it was looked at.
    let mut file = three.open(&at("empty"), OpenOptions::new().read(true)).unwrap();
    fs::write(at("empty"), "abcdefgh").unwrap();
    let grown = three.all(&at("empty"), &mut file).unwrap_err();
    assert!(matches!(grown.why, Why::TooLarge));
}

#[test]
fn a_path_acts_on_no_terminal_and_is_shown_shortened() {
    assert_eq!(shown(Path::new("a\u{1b}[31mb")), "a\u{241b}[31mb");
    let long = shown(Path::new(&format!("{}end", "x".repeat(100_000))));
    assert!(long.len() < 200 && long.ends_with("end (100003 characters)"), "{long}");
}
