//! A portal that is not on this machine, or is one of production: without a word from somebody nothing
//! is sent to it, whatever the command, but the one question whether it may be tested.

mod support;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use support::Lines;

/// A portal that has nothing; its port, and what it is asked.
fn portal() -> (u16, Lines) {
    let (address, heard) = support::portal(|_| ("404 Not Found", String::new()));
    (address.port(), heard)
}

const FLOWS: &str = r#"
[actors]
name = "ts-{run}-{n}"
password = { generate = true }

[flow.create_user]
post = "/accounts"
json = { user = "{user}", password = "{password}" }
outcome = [{ status = 201, is = "ok" }]

[flow.delete_user]
delete = "/accounts/{user}"
outcome = [{ status = 200, is = "ok" }]

[flow.sign_in]
post = "/session"
json = { user = "{user}", password = "{password}" }
outcome = [{ status = 200, is = "ok" }]

[flow.whoami]
get = "/session"
capture = { user = { json = "/user" } }
outcome = [{ status = 200, is = "ok" }]
"#;

fn profile(folder: &Path, environment: &str, connect: &str) {
    let text = format!(
        "profile = 1\ncan = []\n\n[portal]\nname = \"far\"\nbase = \"http://far.example\"\nconnect = \"{connect}\"\nenvironment = \"{environment}\"\n{FLOWS}"
    );
    fs::write(folder.join("far.toml"), text).expect("written");
}

fn run(folder: &Path, command: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_touchstone"))
        .args([command, "--profile", "far.toml"])
        .current_dir(folder)
        .output()
        .expect("started")
}

const QUESTION: &str = "GET /.well-known/touchstone-consent HTTP/1.1";

/// Every command that sends anything to a portal. The address 0.0.0.0 is none of this machine's as far
/// as consent goes, and yet nothing that is sent to it leaves the machine.
#[test]
fn nothing_but_the_question_is_sent_to_a_portal_that_nobody_answers_for() {
    for (environment, host, asked, word) in [
        ("test", "0.0.0.0", &[QUESTION][..], "does not say at /.well-known/touchstone-consent"),
        ("production", "0.0.0.0", &[], "describes a production portal"),
        ("production", "127.0.0.1", &[], "describes a production portal"),
    ] {
        for command in ["scenarios", "doctor", "clean"] {
            let folder = tempfile::tempdir().expect("a folder");
            let (port, heard) = portal();
            profile(folder.path(), environment, &format!("{host}:{port}"));
            let output = run(folder.path(), command);
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(5), "{environment} {command}: {said}");
            assert!(said.contains(word), "{environment} {command}: {said}");
            assert_eq!(*heard.lock().expect("lines"), asked, "{environment} {command}");
        }
    }
}

/// The same portal on this machine is asked more: there the silence above comes of the address.
#[test]
fn a_portal_on_this_machine_is_asked_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (port, heard) = portal();
    profile(folder.path(), "test", &format!("127.0.0.1:{port}"));
    let output = run(folder.path(), "doctor");
    assert_ne!(output.status.code(), Some(5), "{output:?}");
    let heard = heard.lock().expect("lines");
    assert!(!heard.is_empty() && !heard.iter().any(|line| line == QUESTION), "{heard:?}");
}
