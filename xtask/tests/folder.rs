//! What a run does with the directory that it is given: it writes into one of its own, and leaves
//! everything else as it is.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::{Command, Output},
};

const SCENARIO: &str = "login/password/of-another";

fn run(folder: &Path, more: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_touchstone"))
        .args(["scenarios", SCENARIO])
        .args(more)
        .current_dir(folder)
        .output()
        .expect("started");
    let said = [String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)].concat();
    (status.code(), said)
}

#[test]
fn a_folder_with_files_of_somebody_is_left_as_it_is() {
    let room = tempfile::tempdir().expect("a folder");
    let mine = room.path().join("mine");
    fs::create_dir(&mine).expect("made");
    fs::write(mine.join("gate.txt"), "SuperSecretGateToken-42-abcdef\n").expect("written");
    symlink("../victim", mine.join("summary.md")).expect("linked");
    fs::set_permissions(&mine, fs::Permissions::from_mode(0o1777)).expect("set");
    fs::write(room.path().join("victim"), "kept").expect("written");
    symlink("mine", room.path().join("link")).expect("linked");
    fs::create_dir(room.path().join("empty")).expect("made");
    symlink("empty", room.path().join("link-to-empty")).expect("linked");
    for (out, why) in [
        ("mine", "holds files that no run wrote (gate.txt, summary.md)"),
        ("link", "it is a link"),
        ("link-to-empty/", "it is a link"),
        ("victim", "it is no folder"),
        ("victim/new", "cannot write to victim/new"),
    ] {
        let (code, said) = run(room.path(), &["--out", out]);
        assert_eq!(code, Some(2), "{out}: {said}");
        assert!(said.contains(why), "{out}: {said}");
    }
    let read = |name: &str| fs::read_to_string(room.path().join(name)).expect("text");
    assert_eq!(read("mine/gate.txt"), "SuperSecretGateToken-42-abcdef\n");
    assert_eq!(read("victim"), "kept");
    let mode = fs::metadata(&mine).expect("there").permissions().mode() & 0o7777;
    assert_eq!(mode, 0o1777);
    assert_eq!(fs::read_dir(room.path().join("empty")).expect("there").count(), 0);
}

#[test]
fn a_run_is_written_once_and_latest_is_moved_only_where_it_is_a_link() {
    let room = tempfile::tempdir().expect("a folder");
    let out = "with\u{1b}[31m\u{7}control";
    let (code, said) = run(room.path(), &["--out", out]);
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains('\u{1b}') && !said.contains('\u{7}'), "{said:?}");
    let (code, again) = run(room.path(), &["--out", out]);
    assert_eq!(code, Some(2), "{again}");
    assert!(again.contains("holds a run already; give another --out"), "{again}");
    assert!(!again.contains('\u{1b}'), "{again:?}");

    let runs = room.path().join("target/touchstone");
    fs::create_dir_all(runs.join("latest")).expect("made");
    fs::write(runs.join("latest/mine"), "kept").expect("written");
    let (code, said) = run(room.path(), &[]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(fs::read_to_string(runs.join("latest/mine")).expect("text"), "kept");
    fs::remove_dir_all(runs.join("latest")).expect("removed");
    symlink("nowhere", runs.join("latest")).expect("linked");
    let (code, said) = run(room.path(), &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(runs.join("latest/run.json").is_file(), "latest leads nowhere");
}
