//! `deployment` as a person sees it: up, list and down of a tiny portal (the reference portal, started
//! by a script as any other), and what is said of those that cannot be started.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    os::unix::{
        fs::{PermissionsExt, symlink},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

/// A folder with a deployment called `tiny`; whatever is up there ends with the test.
struct Place {
    folder: TempDir,
    port: u16,
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = self.run(&["deployment", "down", "tiny"]);
    }
}

/// What every portal of these tests begins with; `{program}` is this program.
const SERVES: &str = "exec {program} serve --port \"$1\" --json";

fn place(script: &str, more: &str) -> Place {
    let folder = tempfile::tempdir().expect("a folder");
    let port = free();
    let place = Place { folder, port };
    let tiny = place.path("deployments/tiny");
    fs::create_dir_all(&tiny).expect("made");
    let recipe = format!(
        "about = \"Tiny 1.0\"\nport = {port}\nbase = \"http://localhost:{{port}}\"\nready = \"/\"\nrun = []\n{more}"
    );
    fs::write(tiny.join("deployment.toml"), recipe).expect("written");
    let script = script.replace("{program}", env!("CARGO_BIN_EXE_touchstone"));
    fs::write(tiny.join("start.sh"), format!("#!/bin/sh\n{script}\n")).expect("written");
    fs::set_permissions(tiny.join("start.sh"), fs::Permissions::from_mode(0o755)).expect("set");
    place
}

fn free() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

impl Place {
    fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join(inside)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_touchstone"));
        command.args(args).current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("started")
    }

    /// Runs a command that ends with a code; gives back what it said.
    fn ends(&self, args: &[&str], code: i32) -> String {
        said(&self.run(args), args, code)
    }

    /// What `list` says of the only deployment.
    fn listed(&self) -> Value {
        let list = self.ends(&["deployment", "list", "--json"], 0);
        let list: Value = serde_json::from_str(&list).expect("JSON");
        assert_eq!(list.as_array().expect("a list").len(), 1, "{list}");
        list[0].clone()
    }

    fn answers(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port)).is_ok()
    }
}

fn said(output: &Output, args: &[&str], code: i32) -> String {
    let said = [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    said
}

/// Whether a process runs.
fn runs(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, after)| !after.starts_with(" Z"))
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::yield_now();
    }
}

/// What takes its time is installed by the script of the portal that this one is a kind of.
#[test]
fn an_installation_by_the_script_of_another_portal() {
    let place = place("exec \"$(dirname \"$0\")/../big/start.sh\" \"$1\"", "within = \"5s\"\n");
    let big = place.path("deployments/big");
    fs::create_dir(&big).expect("made");
    let script = SERVES.replace("{program}", env!("CARGO_BIN_EXE_touchstone"));
    fs::write(big.join("start.sh"), format!("#!/bin/sh\nsleep 6\n{script}\n")).expect("written");
    fs::set_permissions(big.join("start.sh"), fs::Permissions::from_mode(0o755)).expect("set");
    let up = place.ends(&["deployment", "up", "tiny"], 0);
    assert!(up.contains("Tiny 1.0 at http://localhost:"), "{up}");
}

#[test]
fn up_and_down() {
    let place = place(&format!("sleep 600 &\n{SERVES}"), "within = \"60s\"\n");
    assert_eq!(place.listed()["up"], Value::Null);
    let up = place.ends(&["deployment", "up", "tiny"], 0);
    assert!(up.contains(&format!("Tiny 1.0 at http://localhost:{}", place.port)), "{up}");
    assert!(up.contains("cargo xtask deployment down tiny"), "{up}");
    assert!(place.answers());
    let listed = place.listed();
    let pid = listed["up"]["pid"].to_string();
    assert_eq!(listed["up"]["port"], place.port);
    let again = place.ends(&["deployment", "up", "tiny"], 0);
    assert!(again.contains(&format!("up already (process {pid})")), "{again}");
    // The same portal by another name of its folder.
    symlink(place.path("deployments"), place.path("by-path")).expect("linked");
    let again = place.ends(&["deployment", "up", "./by-path/tiny/"], 0);
    assert!(again.contains(&format!("up already (process {pid})")), "{again}");
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).expect("read");
    assert!(runs(&pid) && runs(children.trim()), "{children}");
    let down = place.ends(&["deployment", "down", "./by-path/tiny/"], 0);
    assert!(down.contains("tiny is stopped"), "{down}");
    assert!(!runs(&pid) && !runs(children.trim()) && !place.answers());
    let down = place.ends(&["deployment", "down", "tiny"], 0);
    assert!(down.contains("tiny is not up"), "{down}");
    assert_eq!(place.listed()["up"], Value::Null);
}

#[test]
fn another_port_and_a_profile_that_names_it() {
    let place = place(SERVES, "within = \"60s\"\nsmtp_port = 8299\n");
    let (port, smtp) = (free().to_string(), free().to_string());
    fs::create_dir_all(place.path("profiles")).expect("made");
    let profile = format!("connect = \"127.0.0.1:{}\"\nsmtp = \"127.0.0.1:8299\"\n", place.port);
    fs::write(place.path("profiles/tiny.toml"), profile).expect("written");
    let up = place.ends(&["deployment", "up", "tiny", "--port", &port, "--smtp-port", &smtp], 0);
    assert!(up.contains("scenarios --profile target/deployments/tiny.toml"), "{up}");
    let copy = fs::read_to_string(place.path("target/deployments/tiny.toml")).expect("a copy");
    assert_eq!(copy, format!("connect = \"127.0.0.1:{port}\"\nsmtp = \"127.0.0.1:{smtp}\"\n"));
    assert!(!place.answers());
    assert_eq!(place.listed()["up"]["port"].to_string(), port);
}

#[test]
fn a_script_that_ends_early() {
    let place = place("echo first; echo 'no such package' >&2; exit 9", "within = \"60s\"\n");
    let up = place.ends(&["deployment", "up", "tiny"], 4);
    assert!(up.contains("ended before it answered"), "{up}");
    assert!(up.contains("first") && up.contains("no such package"), "{up}");
    assert_eq!(place.listed()["up"], Value::Null);
}

#[test]
fn a_portal_that_does_not_answer_in_time() {
    let place = place("echo $$ > pid\nexec sleep 600", "within = \"100ms\"\n");
    let up = place.ends(&["deployment", "up", "tiny"], 4);
    assert!(up.contains("its first answer took longer"), "{up}");
    let pid = fs::read_to_string(place.path("pid")).expect("it began");
    assert!(!runs(pid.trim()), "{pid} runs on");
}

/// Starts `up` of a script that goes on installing, and gives back the script's pid when it does.
fn installing(place: &Place) -> (Child, String) {
    let mut command = place.command(&["deployment", "up", "tiny"]);
    let up = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    let pid = || fs::read_to_string(place.path("pid")).unwrap_or_default();
    wait_until("the script began", || pid().ends_with('\n'));
    (up, pid().trim().to_owned())
}

#[test]
fn an_interrupted_start_leaves_nothing() {
    // Installing takes its time, and the time for the first answer does not run meanwhile.
    let place = place("sleep 600 &\necho $$ > pid\nwait", "within = \"1ms\"\n");
    let (up, pid) = installing(&place);
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).expect("read");
    assert!(runs(&pid) && runs(children.trim()));
    let kill = Command::new("kill").args(["-INT", &up.id().to_string()]).status().expect("kill");
    assert!(kill.success());
    let output = up.wait_with_output().expect("ended");
    let text = said(&output, &["up"], 130);
    assert!(text.contains("interrupted"), "{text}");
    assert!(!runs(&pid) && !runs(children.trim()));
    assert_eq!(place.listed()["up"], Value::Null);
}

#[test]
fn down_ends_a_start_that_goes_on() {
    let place = place("echo $$ > pid\nsleep 600", "within = \"60s\"\n");
    let (up, pid) = installing(&place);
    wait_until("it is noted", || place.listed()["up"]["pid"].as_u64() == pid.parse().ok());
    place.ends(&["deployment", "down", "tiny"], 0);
    let text = said(&up.wait_with_output().expect("ended"), &["up"], 4);
    assert!(text.contains("ended before it answered"), "{text}");
    assert!(!runs(&pid));
}

#[test]
fn a_stranger_with_the_pid_or_the_port_is_left_alone() {
    let place = place(SERVES, "within = \"60s\"\n");
    place.ends(&["deployment", "up", "tiny"], 0);
    let note = place.path("target/deployments/tiny.up");
    let noted = fs::read_to_string(&note).expect("noted");
    let known: Value = serde_json::from_str(&noted).expect("JSON");
    let (pid, start) = (known["leader"]["pid"].to_string(), known["leader"]["start"].to_string());
    fs::write(&note, noted.replace(&start, "1")).expect("written");
    let down = place.ends(&["deployment", "down", "tiny"], 0);
    assert!(down.contains("tiny is not up"), "{down}");
    assert!(runs(&pid) && place.answers());
    let up = place.ends(&["deployment", "up", "tiny"], 2);
    assert!(up.contains(&format!("port {} of 127.0.0.1 is taken", place.port)), "{up}");
    fs::write(&note, noted).expect("written");
    place.ends(&["deployment", "down", "tiny"], 0);
    assert!(!runs(&pid));
}

#[test]
fn names_and_recipes_that_are_none() {
    let place = place(SERVES, "within = \"60s\"\n");
    let nothing = tempfile::tempdir().expect("a folder");
    for (args, word) in [
        (&["deployment", "up", "tinny"][..], "the nearest is `tiny`"),
        (&["deployment", "down", "tinny"], "the nearest is `tiny`"),
        (&["deployment", "up", "./nowhere"], "./nowhere/deployment.toml"),
        (&["deployment", "up", "tiny", "--smtp-port", "8299"], "tiny sends no mail"),
        (&["deployment", "up", "tiny", "--port", "0"], "--port"),
        (&["deployment", "down"], "<NAME>"),
    ] {
        let said = place.ends(args, 2);
        assert!(said.contains(word), "`{word}` is not in: {said}");
    }
    let mut elsewhere = place.command(&["deployment", "up", "tiny"]);
    let text = said(&elsewhere.current_dir(nothing.path()).output().expect("started"), &["up"], 2);
    assert!(text.contains("there is no deployments/ here"), "{text}");
    fs::write(place.path("deployments/tiny/deployment.toml"), "about = 1\n").expect("written");
    for command in [&["deployment", "up", "tiny"][..], &["deployment", "list"]] {
        let said = place.ends(command, 2);
        assert!(
            said.contains("deployments/tiny/deployment.toml") && said.contains("about"),
            "{said}"
        );
    }
}

#[test]
fn every_command_has_an_example() {
    for command in ["up", "down", "list"] {
        let help = Command::new(env!("CARGO_BIN_EXE_touchstone"))
            .args(["deployment", command, "--help"])
            .output()
            .expect("started");
        let help = String::from_utf8_lossy(&help.stdout).into_owned();
        assert!(help.contains(&format!("Example:\n  cargo xtask deployment {command}")), "{help}");
    }
}

/// A user who is not root, as the program has to be run by one here.
const NOBODY: u32 = 65_534;

#[test]
fn needs_that_are_not_met() {
    let place = place(SERVES, "within = \"60s\"\nneeds = [\"root\"]\n");
    let is_root = fs::metadata("/proc/self").map(|own| std::os::unix::fs::MetadataExt::uid(&own));
    let mut command = if is_root.expect("/proc") == 0 {
        // The program may stand where only root may look.
        let program = place.path("touchstone");
        fs::copy(env!("CARGO_BIN_EXE_touchstone"), &program).expect("copied");
        open(place.folder.path());
        let mut command = Command::new(program);
        command.uid(NOBODY);
        command
    } else {
        Command::new(env!("CARGO_BIN_EXE_touchstone"))
    };
    command.args(["deployment", "up", "tiny"]).current_dir(place.folder.path());
    let text = said(&command.output().expect("started"), &["up"], 4);
    assert!(
        text.contains("tiny cannot be started here: it needs root, and this is user"),
        "{text}"
    );
    assert!(!place.answers());
}

/// Lets everybody look.
fn open(folder: &Path) {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("set");
}
