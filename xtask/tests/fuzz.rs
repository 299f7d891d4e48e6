//! What `fuzz` makes of cargo-fuzz, which a script stands in for: only an input that was left behind breaks a
//! promise.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

const LIMIT: Duration = Duration::from_secs(60);

/// The program, where cargo-fuzz does something in place of building and of running.
fn fuzz(folder: &Path, builds: &str, runs: &str) -> Command {
    let script = format!(
        "#!/bin/sh\ncase $1:$2 in fuzz:build) {builds};; fuzz:run) mkdir -p fuzz/artifacts/cbor; {runs};; esac\n"
    );
    for (name, text) in [("cargo-fuzz", &*script), ("c++", "#!/bin/sh\n")] {
        fs::write(folder.join(name), text).expect("written");
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).expect("set");
    }
    // It runs in the repository alone.
    fs::create_dir_all(folder.join("xtask")).expect("a folder");
    fs::write(folder.join("xtask/Cargo.toml"), "").expect("written");
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(env!("CARGO_BIN_EXE_touchstone"));
    command.args(["fuzz", "cbor", "--for", "1s"]).current_dir(folder);
    command.env("PATH", format!("{}:{path}", folder.display())).stdin(Stdio::null());
    command
}

#[test]
fn only_an_input_that_was_left_breaks_a_promise() {
    let folder = tempfile::tempdir().expect("a folder");
    for (builds, runs, code, said) in [
        ("exit 0", "exit 0", 0, ""),
        ("exit 101", "exit 0", 3, "cbor does not build"),
        ("exit 0", "exit 1", 3, "left no input"),
        ("exit 0", "echo x >fuzz/artifacts/cbor/slow-unit-1; exit 0", 0, ""),
        ("exit 0", "echo x >fuzz/artifacts/cbor/crash-1; exit 77", 1, "an input breaks a promise"),
        // The same input again.
        ("exit 0", "echo x >fuzz/artifacts/cbor/crash-1; exit 77", 1, "an input breaks a promise"),
        ("exit 0", "exit 1", 3, "left no input"),
    ] {
        let output = fuzz(folder.path(), builds, runs).output().expect("started");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{builds} {runs}: {told}");
        assert!(told.contains(said), "{builds} {runs}: {told}");
        assert_eq!(told.contains("breaks a promise"), code == 1, "{told}");
    }
}

#[test]
fn whoever_ends_it_hears_of_no_broken_promise() {
    for (builds, runs) in
        [("exit 0", "echo >begun; sleep 600"), ("echo >begun; sleep 600", "exit 0")]
    {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = fuzz(folder.path(), builds, runs);
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("started");
        let begun = Instant::now();
        while !folder.path().join("begun").exists() {
            assert!(begun.elapsed() < LIMIT, "it does not begin");
            thread::park_timeout(Duration::from_millis(2));
        }
        kill_process(Pid::from_child(&child), Signal::INT).expect("sent");
        let output = child.wait_with_output().expect("waited for");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(130), "{told}");
        assert!(!told.contains("promise"), "{told}");
    }
}
