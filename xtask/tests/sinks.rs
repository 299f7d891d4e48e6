//! What strangers say, in everything that is printed: words of a portal, of a profile, of a ledger and
//! of the command line act on no terminal, in no browser and in no log of a CI server.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use reports::{
    evidence::{seal, seal_run},
    folder::{RUN, to_json},
    record::{Leftover, Run, Step},
};

/// What terminals, browsers and the agents of GitHub and Azure obey.
const HOSTILE: &str = "HOSTILE\u{1b}[31m\u{7}\u{9b}\u{202e}\u{2066}\u{200b}<script>alert(1)</script>##vso[task.setvariable variable=a]b ##[error]c\n::set-output name=a::b\r\n##vso[task.complete]\n";

/// The part of it that can be seen.
const VISIBLE: &str =
    "HOSTILE<script>alert(1)</script>##vso[task.setvariable variable=a]b ##[error]c ::x";

fn touchstone(args: &[&str], folder: &Path) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_touchstone"));
    program.args(args).current_dir(folder).output().expect("it runs")
}

/// A command ends with this code, tells of what was said, and nothing of that acts.
#[track_caller]
fn check(args: &[&str], folder: &Path, code: i32) {
    assert!(tells(args, folder, code), "{args:?} tells nothing");
}

/// Whether a command that ends with this code tells of what was said; nothing of that acts.
#[track_caller]
fn tells(args: &[&str], folder: &Path, code: i32) -> bool {
    let output = touchstone(args, folder);
    let mut tells = false;
    for bytes in [&output.stdout, &output.stderr] {
        let text = String::from_utf8(bytes.clone()).expect("UTF-8");
        tells |= text.contains("HOSTILE");
        assert_eq!(obeyed(&text), None, "{args:?}: {text}");
        let markup = args.contains(&"html") || args.contains(&"junit");
        assert!(!markup || !text.contains("<script>"), "{args:?}");
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    tells
}

/// What somebody would obey.
fn obeyed(text: &str) -> Option<String> {
    let acts = |c: &char| {
        c.is_control() && *c != '\n'
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let character = text.chars().find(acts).map(|c| format!("{c:?}"));
    let anywhere = ["##vso[", "##["].into_iter().find(|command| text.contains(command));
    let line = || text.lines().find(|line| line.trim_start_matches([' ', '"']).starts_with("::"));
    character.or_else(|| anywhere.or_else(line).map(str::to_owned))
}

/// A record in which everything that a portal or a profile has a say in is hostile.
fn hostile(folder: &Path) {
    let made = touchstone(&["scenarios", "login/password", "--out", "run"], folder);
    assert_eq!(made.status.code(), Some(0), "{}", String::from_utf8_lossy(&made.stderr));
    let file = folder.join("run").join(RUN);
    let mut run: Run = serde_json::from_slice(&fs::read(&file).expect("read")).expect("a record");
    let text = || HOSTILE.to_owned();
    run.profile.name = text();
    run.profile.file = Some(text());
    run.note = Some(text());
    run.guards.loosened.push(text());
    run.guards.consent = Some(text());
    run.cleanup.get_or_insert_default().left.push(Leftover { user: text(), why: text() });
    for scenario in &mut run.scenarios {
        for step in &mut scenario.steps {
            match step {
                Step::Act { says } => says.push_str(HOSTILE),
                Step::Exchange(exchange) => {
                    exchange.url.push_str(HOSTILE);
                    exchange.request_body = Some(text());
                    exchange.response_body = Some(text());
                    exchange.response_headers.push((text(), text()));
                    exchange.error = Some(text());
                }
                Step::Ceremony(said) => (said.key, said.client_data) = (text(), text()),
                Step::Expectation { expected, seen, held: _ } => {
                    (*expected, *seen) = (text(), text())
                }
                Step::Wait { .. } => {}
            }
        }
        if let Some(answer) = &mut scenario.answer {
            (answer.reason, answer.message) = (Some(text()), Some(text()));
        }
        seal(scenario);
    }
    seal_run(&mut run, None);
    fs::write(&file, to_json(&run)).expect("written");
    fs::remove_file(folder.join("run/journal.jsonl")).expect("removed");
}

#[test]
fn what_a_portal_says_acts_in_no_report() {
    let folder = tempfile::tempdir().expect("a folder");
    hostile(folder.path());
    for format in ["text", "html", "junit", "md"] {
        check(&["report", "run", "--format", format], folder.path(), 0);
    }
    for args in [&["judge", "run"][..], &["judge", "run", "--json"]] {
        assert!(!tells(args, folder.path(), 0), "{args:?}");
    }
}

/// The profile of the stubs under another name, on a portal where nobody listens.
fn profile(folder: &Path, name: &str) {
    let stub = Path::new(env!("CARGO_MANIFEST_DIR")).join("../profiles/stub.toml");
    let text = fs::read_to_string(stub).expect("it ships").replace("127.0.0.1:8190", "127.0.0.1:1");
    let quoted = serde_json::Value::from(name).to_string();
    fs::write(
        folder.join("stub.toml"),
        text.replace("name = \"stub\"", &format!("name = {quoted}")),
    )
    .expect("written");
}

/// Every command that reads a profile, its code where that is sound, and whether it tells its name
/// then, in words and in JSON.
const PROFILE: [(&[&str], i32, [bool; 2]); 7] = [
    (&["profile", "check", "stub.toml"], 0, [true; 2]),
    (&["profile", "show", "stub.toml"], 0, [true; 2]),
    (&["profile", "show", "--resolved", "stub.toml"], 0, [true; 2]),
    (&["plan", "--profile", "stub.toml"], 0, [true; 2]),
    (&["doctor", "--profile", "stub.toml"], 4, [false; 2]),
    (&["clean", "--profile", "stub.toml"], 0, [false; 2]),
    (&["scenarios", "login/password", "--profile", "stub.toml"], 4, [false, true]),
];

#[test]
fn what_a_profile_says_acts_nowhere() {
    for (form, json) in [&[][..], &["--json"]].into_iter().enumerate() {
        // A run leaves a ledger, which `clean` finds.
        let folder = tempfile::tempdir().expect("a folder");
        for (args, code, named) in PROFILE {
            profile(folder.path(), HOSTILE);
            check(&[args, json].concat(), folder.path(), 2);
            // What can be seen may stand in a profile.
            profile(folder.path(), VISIBLE);
            let args = [args, json].concat();
            assert_eq!(tells(&args, folder.path(), code), named[form], "{args:?}");
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    profile(folder.path(), VISIBLE);
    let resolved = touchstone(&["profile", "show", "--resolved", "stub.toml"], folder.path());
    let resolved = String::from_utf8(resolved.stdout).expect("UTF-8");
    let same: toml::Table = resolved.parse().expect("TOML");
    assert_eq!(same["portal"]["name"].as_str(), Some(VISIBLE));
}

#[test]
fn what_a_ledger_says_acts_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    profile(folder.path(), "stub");
    fs::create_dir(folder.path().join("left")).expect("made");
    let begun = serde_json::json!({
        "entry": "begun", "portal": "stub", "base": "http://stub.localhost",
        "started": HOSTILE, "run_tag": "708ef259e2",
    });
    let account = serde_json::json!({ "user": HOSTILE, "mail": HOSTILE, "scene": HOSTILE });
    let creating = serde_json::json!({ "entry": "creating", "n": 0, "account": account });
    let created = serde_json::json!({ "entry": "created", "n": 0 });
    fs::write(folder.path().join("left/ledger.jsonl"), format!("{begun}\n{creating}\n{created}\n"))
        .expect("written");
    for json in [&[][..], &["--json"]] {
        check(&[&["clean", "--profile", "stub.toml", "left"], json].concat(), folder.path(), 3);
    }
}

#[test]
fn what_the_command_line_says_acts_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    for args in [
        &["show", HOSTILE][..],
        &["scenarios", HOSTILE],
        &["plan", HOSTILE],
        &["plan", HOSTILE, "--json"],
        &["report", HOSTILE],
        &["judge", HOSTILE, "--json"],
        &["profile", "check", HOSTILE, "--json"],
        &["doctor", "--profile", HOSTILE, "--json"],
        &["scenarios", "--seed", HOSTILE],
        &[HOSTILE],
    ] {
        check(args, folder.path(), 2);
    }
}
