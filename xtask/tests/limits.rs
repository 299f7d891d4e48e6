//! Limits of the machine: a file that may not grow is a full disk, the time of the processor that is used
//! up asks the program to stop, and without threads it ends with its own words. Nothing waits for a reader
//! of standard error who does not read.
#![cfg(target_os = "linux")]

use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use serde_json::Value;

/// How long anything may take on a machine that does other things.
const LIMIT: Duration = Duration::from_secs(120);

const PROGRAM: &str = env!("CARGO_BIN_EXE_touchstone");

fn wait_until(what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < LIMIT, "not so in {} s: {what}", LIMIT.as_secs());
        thread::park_timeout(Duration::from_millis(2));
    }
}

/// Waits for the end; what was said. A program that does not end is killed.
fn ends(child: Child) -> (Option<i32>, String) {
    let (ended, watched) = mpsc::channel::<()>();
    let pid = Pid::from_child(&child);
    thread::spawn(move || {
        if watched.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
            let _ = kill_process(pid, Signal::KILL);
        }
    });
    let Output { status, stdout, stderr } = child.wait_with_output().expect("waited for");
    drop(ended);
    (status.code(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

fn start(command: &mut Command, folder: &Path) -> Child {
    command.current_dir(folder).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started")
}

fn done(out: &Path) -> usize {
    let text = fs::read_to_string(out.join("journal.jsonl")).unwrap_or_default();
    text.matches("\"event\":\"scenario-done\"").count()
}

#[test]
fn a_file_that_may_not_grow_is_a_full_disk() {
    for blocks in [1, 16, 128] {
        let folder = tempfile::tempdir().expect("a folder");
        let script =
            format!("ulimit -f {blocks}; exec \"$0\" scenarios registration/origin --out run");
        let child = start(Command::new("sh").args(["-c", &script, PROGRAM]), folder.path());
        let (code, said) = ends(child);
        assert_eq!(code, Some(3), "{blocks}: {said}");
        assert!(said.contains("touchstone: kit: ") && !said.contains("exit 0"), "{blocks}: {said}");
        for entry in fs::read_dir(folder.path().join("run")).into_iter().flatten().flatten() {
            let text = String::from_utf8_lossy(&fs::read(entry.path()).expect("read")).into_owned();
            let green = text.contains("conforms\"") || text.contains("\"exit_code\":0");
            assert!(!green, "{blocks}: {} is green", entry.path().display());
        }
    }
}

#[test]
fn a_run_whose_time_of_the_processor_is_used_up_is_asked_to_stop() {
    let folder = tempfile::tempdir().expect("a folder");
    let args = ["scenarios", "--concurrency", "1", "--out", "run"];
    let child = start(Command::new(PROGRAM).args(args), folder.path());
    let out = folder.path().join("run");
    wait_until("three are done", || done(&out) >= 3);
    let used_up = Rlimit { current: Some(1), maximum: None };
    prlimit(Some(Pid::from_child(&child)), Resource::Cpu, used_up).expect("set");
    let (code, said) = ends(child);
    assert_eq!(code, Some(130), "{said}");
    let json = fs::read(out.join("run.json")).expect("a record");
    let run: Value = serde_json::from_slice(&json).expect("JSON");
    assert_eq!(run["outcome"], "interrupted");
    let judge = start(Command::new(PROGRAM).args(["judge", "run"]), folder.path());
    assert_eq!(ends(judge).0, Some(130));
}

/// The program as somebody for whom limits hold, with so many processes.
fn with_processes(number: u32, folder: &Path) -> Command {
    let limit = format!("--nproc={number}");
    if !rustix::process::geteuid().is_root() {
        let mut command = Command::new("prlimit");
        command.args([&limit, PROGRAM]);
        return command;
    }
    let copy = folder.join("touchstone");
    if !copy.exists() {
        fs::copy(PROGRAM, &copy).expect("copied");
        fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).expect("set");
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "prlimit", &limit]);
    command.arg(copy);
    command
}

#[test]
fn without_threads_it_says_so_and_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    for number in [1, 2, 3, 5] {
        for args in [&["scenarios", "login/password/of-another", "--out", "run"][..], &["serve"]] {
            let child = start(with_processes(number, folder.path()).args(args), folder.path());
            let (code, said) = ends(child);
            assert_eq!(code, Some(3), "{number} {args:?}: {said}");
            assert!(said.contains("too few threads"), "{number} {args:?}: {said}");
            assert!(!said.contains("fault of Touchstone"), "{number} {args:?}: {said}");
        }
    }
}

#[test]
fn nobody_who_asks_it_to_stop_waits_for_a_reader_of_standard_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_reader, mut writer) = std::io::pipe().expect("a pipe");
    // As much as a pipe holds (pipe(7)).
    writer.write_all(&[b'x'; 65536]).expect("written");
    let mut command = Command::new(PROGRAM);
    command.args(["scenarios", "--concurrency", "1", "--out", "run"]);
    command.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
    let child = command.stderr(writer).spawn().expect("started");
    let out = folder.path().join("run");
    wait_until("three are done", || done(&out) >= 3);
    kill_process(Pid::from_child(&child), Signal::INT).expect("sent");
    let begun = Instant::now();
    let (code, _) = ends(child);
    assert_eq!(code, Some(130));
    assert!(begun.elapsed() < LIMIT / 2, "it took {} s", begun.elapsed().as_secs());
    assert!(out.join("run.json").exists());
}

/// What `test` starts itself is none of its groups, and ends with it all the same.
#[test]
fn the_tests_leave_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let (cargo, pids) = (folder.path().join("cargo"), folder.path().join("pids"));
    // They run in the repository alone.
    fs::create_dir(folder.path().join("xtask")).expect("a folder");
    fs::write(folder.path().join("xtask/Cargo.toml"), "").expect("written");
    fs::write(&cargo, "#!/bin/sh\nsleep 600 &\necho $$ $! > pids\nwait\n").expect("written");
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).expect("set");
    let mut command = Command::new(PROGRAM);
    let child =
        start(command.args(["test", "--only", "format"]).env("CARGO", &cargo), folder.path());
    let started = || fs::read_to_string(&pids).unwrap_or_default();
    wait_until("it was started", || started().ends_with('\n'));
    kill_process(Pid::from_child(&child), Signal::TERM).expect("sent");
    let (code, said) = ends(child);
    assert_eq!(code, Some(130), "{said}");
    for pid in started().split_whitespace() {
        let stat = format!("/proc/{pid}/stat");
        wait_until("it has ended", || {
            fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z "))
        });
    }
}
