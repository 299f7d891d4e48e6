//! The program as it is installed: alone, in a directory that is not its repository.

use std::{
    path::Path,
    process::{Command, Output},
};

/// The program in an empty directory, as a shell starts it.
fn touchstone(place: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_touchstone"));
    command.args(args).current_dir(place).env_remove("CARGO_MANIFEST_DIR");
    command.output().expect("the program")
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said)).concat()
}

#[test]
fn what_is_printed_names_the_program_as_it_is_typed() {
    let room = tempfile::tempdir().expect("a room");
    for args in [&["--help"][..], &["profile", "check", "--help"], &["show", "login/origin-prefix"]]
    {
        let output = touchstone(room.path(), args);
        let said = said(&output);
        assert!(output.status.success() && said.contains("touchstone "), "{said}");
        assert!(!said.contains("cargo xtask"), "{said}");
    }
}

#[test]
fn a_run_needs_nothing_of_the_repository() {
    let room = tempfile::tempdir().expect("a room");
    let run = ["scenarios", "authentication/origin/prefix", "--defect", "login/origin-prefix"];
    let output = touchstone(room.path(), &run);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("again     touchstone scenarios authentication/origin/prefix"), "{text}");
    // What it left is where the next command looks for it.
    let latest = room.path().join("touchstone-runs/latest/run.json");
    assert!(latest.is_file(), "{text}");
    let output = touchstone(room.path(), &["judge", "touchstone-runs/latest"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
}

#[test]
fn a_profile_stands_on_a_preset_that_is_inside() {
    let room = tempfile::tempdir().expect("a room");
    let profile = r#"profile = 1
extends = "preset:allauth"

[portal]
name = "ours"
base = "http://localhost:8101"
environment = "local"

[actors]
name = "ts-{run}-{n}"
mail = "ts-{run}-{n}@example.test"
password = { generate = true }

[mail]
source = { smtp = "127.0.0.1:8201" }

[flow.whoami]
get = "/whoami"
capture = { user = { json = "/user" } }
outcome = [{ status = 200, is = "ok" }]
"#;
    std::fs::write(room.path().join("ours.toml"), profile).expect("a profile");
    let output = touchstone(room.path(), &["profile", "check", "ours.toml"]);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn what_is_about_the_project_says_where_to_go() {
    let room = tempfile::tempdir().expect("a room");
    for command in ["test", "fuzz"] {
        let output = touchstone(room.path(), &[command]);
        let text = said(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains("is not its repository"), "{text}");
        assert_eq!(std::fs::read_dir(room.path()).expect("the room").count(), 0, "{text}");
    }
}
