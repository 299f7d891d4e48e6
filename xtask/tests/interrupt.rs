//! Being asked to stop, by any of four signals and at any moment from the first on: what was made is
//! removed, what was finished stands, nothing that was started stays, and the code is 130.
#![cfg(target_os = "linux")]

use std::{
    fs,
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        Once,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;
use tokio::{
    runtime::Builder,
    signal::unix::{SignalKind, signal},
};

/// How long anything may take on a machine that does other things.
const LIMIT: Duration = Duration::from_secs(120);

const SIGNALS: [Signal; 4] = [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT];

/// Lets the program hear SIGHUP, also where the tests were started with nohup: what is caught here begins
/// anew there, and what is ignored here stays ignored.
fn hears_hang_ups() {
    static CAUGHT: Once = Once::new();
    CAUGHT.call_once(|| {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let _entered = runtime.enter();
        drop(signal(SignalKind::hangup()).expect("caught"));
    });
}

fn start(folder: &Path, args: &[&str]) -> Child {
    hears_hang_ups();
    let mut command = Command::new(env!("CARGO_BIN_EXE_touchstone"));
    command.args(args).current_dir(folder).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started")
}

fn wait_until(what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < LIMIT, "not so in {} s: {what}", LIMIT.as_secs());
        thread::park_timeout(Duration::from_millis(2));
    }
}

/// Waits until the program listens to signals: before that it is the system that answers them.
fn listens(child: &Child) {
    let bit = |signal: &Signal| 1_u64 << (signal.as_raw() - 1);
    wait_until("it listens", || {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        caught.is_some_and(|mask| SIGNALS.iter().all(|signal| mask & bit(signal) != 0))
    });
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("sent");
}

/// Waits for the end with 130; what was said. A program that does not end is killed.
fn interrupted(child: Child, about: &str) -> String {
    let begun = Instant::now();
    let (ended, watched) = mpsc::channel::<()>();
    let pid = Pid::from_child(&child);
    thread::spawn(move || {
        if watched.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
            let _ = kill_process(pid, Signal::KILL);
        }
    });
    let Output { status, stdout, stderr } = child.wait_with_output().expect("waited for");
    drop(ended);
    let said = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
    assert_eq!(status.code(), Some(130), "{about}: {status}\n{said}");
    assert!(begun.elapsed() < LIMIT / 2, "{about} took {} s", begun.elapsed().as_secs());
    said
}

/// Waits until the program cleans up: it says so.
fn cleans_up(child: &mut Child) {
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let says =
        |line: std::io::Result<String>| line.is_ok_and(|line| line.contains("being removed"));
    assert!(lines.any(says), "it does not clean up");
    // Whatever else is said must find a reader.
    thread::spawn(move || lines.for_each(drop));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace is above").to_owned()
}

/// A portal that never answers; it tells of each connection.
fn silent() -> (SocketAddr, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (tell, hear) = mpsc::channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in listener.incoming() {
            kept.push(stream);
            let _ = tell.send(());
        }
    });
    (address, hear)
}

/// The profile of the stub, for a portal that may take its time.
fn profile(folder: &Path, portal: SocketAddr) {
    let text = fs::read_to_string(root().join("profiles/stub.toml")).expect("it ships");
    let text = text.replace("127.0.0.1:8190", &portal.to_string());
    let text = text + "\n[scope.limits]\nexchange_timeout = \"10m\"\n";
    fs::write(folder.join("slow.toml"), text).expect("written");
}

fn done(journal: &Path) -> usize {
    let text = fs::read_to_string(journal).unwrap_or_default();
    text.matches("\"event\":\"scenario-done\"").count()
}

#[test]
fn a_run_in_its_first_moment() {
    let folder = tempfile::tempdir().expect("a folder");
    for signal in SIGNALS {
        let child = start(folder.path(), &["scenarios", "--out", "run"]);
        listens(&child);
        send(&child, signal);
        let said = interrupted(child, &format!("{signal:?}"));
        assert!(said.contains("touchstone: interrupted"), "{signal:?}: {said}");
    }
    // Nothing was begun, so that the same directory may be given again.
    let args = ["scenarios", "registration/origin/foreign", "--out", "run"];
    let output = start(folder.path(), &args).wait_with_output().expect("waited for");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_run_between_two_scenarios() {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, signal) in SIGNALS.into_iter().enumerate() {
        let out = format!("run-{number}");
        let begun = Instant::now();
        let child = start(folder.path(), &["scenarios", "--concurrency", "1", "--out", &out]);
        let dir = folder.path().join(&out);
        wait_until("three are done", || done(&dir.join("journal.jsonl")) >= 3);
        send(&child, signal);
        let said = interrupted(child, &format!("{signal:?}"));
        let most = u64::try_from(begun.elapsed().as_millis()).expect("a number");
        assert!(said.contains("interrupted"), "{signal:?}: {said}");
        let json = fs::read(dir.join("run.json")).expect("a record");
        let run: Value = serde_json::from_slice(&json).expect("JSON");
        let took = run["duration_ms"].as_u64().expect("a number");
        assert!((1..=most).contains(&took), "{took} ms of {most} ms");
        assert!(!said.contains("in 0 ms"), "{said}");
        assert!(run["traffic"]["requests"].as_u64() > Some(0), "{}", run["traffic"]);
        let finished = run["scenarios"].as_array().expect("scenarios").iter();
        assert!(finished.filter(|scenario| scenario["verdict"] == "pass").count() >= 3);
        let judge = start(folder.path(), &["judge", &out]);
        interrupted(judge, "judge");
    }
}

#[test]
fn every_command_that_may_take_long() {
    let folder = tempfile::tempdir().expect("a folder");
    let (address, connected) = silent();
    profile(folder.path(), address);
    let base = format!("http://{address}/");
    for (args, waits_for_portal) in [
        (vec!["init", &base], true),
        (vec!["doctor", "--profile", "slow.toml"], true),
        (vec!["scenarios", "login", "--profile", "slow.toml"], true),
        (vec!["defects", "login/origin-prefix"], false),
        (vec!["serve", "--port", "0"], false),
    ] {
        for signal in SIGNALS {
            let about = format!("{args:?} {signal:?}");
            let mut child = start(folder.path(), &args);
            listens(&child);
            if waits_for_portal {
                connected.recv_timeout(LIMIT).expect("a connection");
            }
            send(&child, signal);
            // The clean-up waits for the answer to the account that was asked for.
            if args[0] == "scenarios" {
                cleans_up(&mut child);
                send(&child, signal);
            }
            interrupted(child, &about);
            while connected.try_recv().is_ok() {}
        }
    }
}

#[test]
fn a_second_time_ends_the_clean_up_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (address, connected) = silent();
    profile(folder.path(), address);
    let out = folder.path().join("run");
    let args = ["scenarios", "login", "--profile", "slow.toml", "--out", "run"];
    let mut child = start(folder.path(), &args);
    connected.recv_timeout(LIMIT).expect("a connection");
    send(&child, Signal::INT);
    // It waits for the answer to the account that was asked for.
    cleans_up(&mut child);
    send(&child, Signal::TERM);
    let said = interrupted(child, "twice");
    assert!(said.contains("the clean-up was interrupted"), "{said}");
    let json = fs::read(out.join("run.json")).expect("a record");
    let run: Value = serde_json::from_slice(&json).expect("JSON");
    assert_eq!(run["outcome"], "interrupted");
    assert_eq!(run["cleanup"]["left"].as_array().map(Vec::len), Some(1), "{}", run["cleanup"]);
    interrupted(start(folder.path(), &["judge", "run"]), "judge");
}

#[test]
fn an_adapter_never_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("adapter.sh");
    fs::write(&script, "#!/bin/sh\nsleep 600 &\necho $$ $! > pids\nwait\n").expect("written");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("set");
    let text = fs::read_to_string(root().join("profiles/adapter.toml")).expect("it ships");
    let text = text
        .replace(
            "command = [\"python3\", \"../deployments/stubs/adapter.py\"]",
            "command = [\"./adapter.sh\"]",
        )
        .replace("admin = { env = \"TOUCHSTONE_ADMIN\" }", "");
    let text = text + "\n[scope.limits]\nexchange_timeout = \"10m\"\n";
    fs::write(folder.path().join("adapter.toml"), text).expect("written");
    let pids = folder.path().join("pids");
    for command in ["scenarios", "doctor"] {
        for signal in SIGNALS {
            let args = [command, "--profile", "adapter.toml", "--allow-commands"];
            let child = start(folder.path(), &args);
            let started = || fs::read_to_string(&pids).unwrap_or_default();
            wait_until("it was started", || started().ends_with('\n'));
            send(&child, signal);
            interrupted(child, &format!("{command} {signal:?}"));
            for pid in started().split_whitespace() {
                let pid = pid.parse().ok().and_then(Pid::from_raw).expect("a process");
                wait_until("the adapter has ended", || !runs(pid));
            }
            fs::remove_file(&pids).expect("removed");
        }
    }
}

/// Whether a process is there and has not ended.
fn runs(pid: Pid) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    test_kill_process(pid).is_ok() && status.is_ok_and(|status| !status.contains(") Z "))
}

#[test]
fn nohup_is_heeded() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' HUP; exec \"$0\" serve --port 0 --json"]);
    command.arg(env!("CARGO_BIN_EXE_touchstone")).current_dir(folder.path()).stdin(Stdio::null());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    let mut line = String::new();
    let stdout = child.stdout.as_mut().expect("piped");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    send(&child, Signal::HUP);
    let said: Value = serde_json::from_str(&line).expect("JSON");
    let address = said["base"].as_str().expect("a base").trim_start_matches("http://").to_owned();
    std::net::TcpStream::connect(address).expect("it goes on");
    send(&child, Signal::TERM);
    interrupted(child, "nohup");
}
