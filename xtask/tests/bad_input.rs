//! What the program does with bad input: a clear word on whose it is, the documented exit code, and
//! never a panic or a hang. Hostile portals are a few lines of socket each.

use std::{
    cell::RefCell,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Command, Output},
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

/// What a hostile portal does with a connection.
type Manner = fn(&mut TcpStream);

thread_local! {
    /// What a portal was asked last, in lower case.
    static REQUEST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The name of the first account of whoever asks.
fn first_user() -> String {
    let request = REQUEST.take();
    let mut headers = request.lines();
    let run = headers.find_map(|line| line.strip_prefix("touchstone-run: ")).unwrap_or_default();
    format!("{run}-ts-00001")
}

fn portal(manner: Manner) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { break };
            thread::spawn(move || {
                let mut request = [0; 4096];
                let read = stream.read(&mut request).unwrap_or_default();
                REQUEST.set(String::from_utf8_lossy(&request[..read]).to_ascii_lowercase());
                manner(&mut stream);
            });
        }
    });
    address
}

fn profile(folder: &Path, base: &str, connect: SocketAddr) -> String {
    let text = format!(
        r#"profile = 1

[portal]
name = "hostile"
base = "{base}"
connect = "{connect}"
environment = "local"

[scope]
limits = {{ exchange_timeout = "1s" }}

[actors]
name = "ts-{{run}}-{{n}}"
mail = "ts-{{run}}-{{n}}@example.test"

[flow.create_user]
post = "/accounts"
json = {{ user = "{{user}}" }}
outcome = [{{ status = 201, is = "ok" }}]

[flow.sign_in]
post = "/session"
json = {{ user = "{{user}}", password = "{{password}}" }}
outcome = [{{ status = 200, json = "/user", is = "ok" }}]

[flow.whoami]
get = "/session"
capture = {{ user = {{ json = "/user" }} }}
outcome = [{{ status = 200, json = "/user", is = "ok" }}]
"#
    );
    let file = folder.join("hostile.toml");
    std::fs::write(&file, text).expect("written");
    file.display().to_string()
}

fn run(args: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_touchstone"))
        .args(args)
        .current_dir(folder)
        .output()
        .expect("started")
}

/// Runs the suite on a hostile portal and expects a code and a word in what is said.
fn ends(base: &str, connect: SocketAddr, code: i32, words: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let profile = profile(folder.path(), base, connect);
    let output =
        run(&["scenarios", "login/password/of-another", "--profile", &profile], folder.path());
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(code), "{said}");
    for word in words {
        assert!(said.contains(word), "`{word}` is not in: {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

fn answer(stream: &mut TcpStream, head: &str, body: &[u8]) {
    let _ = stream.write_all(
        format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())
            .as_bytes(),
    );
    let _ = stream.write_all(body);
}

#[test]
fn an_unreachable_host() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    ends("http://hostile.localhost", free, 4, &["network"]);
}

#[test]
fn a_tls_failure() {
    let plain = portal(|stream| answer(stream, "200 OK", b"{}"));
    ends("https://hostile.localhost", plain, 4, &["network", "TLS"]);
}

#[test]
fn a_redirect_to_a_host_outside_the_list() {
    let away =
        portal(|stream| answer(stream, "302 Found\r\nLocation: http://elsewhere.example/", b""));
    ends("http://hostile.localhost", away, 5, &["elsewhere.example"]);
}

/// How many requests the portal below has answered.
static ANSWERED: AtomicU32 = AtomicU32::new(0);

#[test]
fn a_redirect_away_in_the_middle() {
    let turns = portal(|stream| {
        // An account, a password, a look at who is signed in: the first control is honest.
        match ANSWERED.fetch_add(1, Ordering::SeqCst) {
            0 => answer(stream, "201 Created\r\nSet-Cookie: s=1", b"{}"),
            1 | 2 => {
                let user = format!("{{\"user\": \"{}\"}}", first_user());
                answer(stream, "200 OK", user.as_bytes());
            }
            _ => answer(stream, "302 Found\r\nLocation: http://elsewhere.example/", b""),
        }
    });
    ends("http://hostile.localhost", turns, 5, &["elsewhere.example"]);
}

#[test]
fn a_body_of_a_hundred_megabytes() {
    let flood = portal(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\nContent-Type: application/json\r\n\r\n");
        let block = vec![b' '; 1 << 20];
        for _ in 0..100 {
            if stream.write_all(&block).is_err() {
                break;
            }
        }
    });
    ends("http://hostile.localhost", flood, 4, &["portal"]);
}

#[test]
fn a_slow_body() {
    let slow = portal(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
        // The other side gives up first, and closes.
        let _ = stream.read(&mut [0; 16]);
    });
    ends("http://hostile.localhost", slow, 4, &["network"]);
}

#[test]
fn invalid_json() {
    let broken =
        portal(|stream| answer(stream, "200 OK\r\nContent-Type: application/json", b"{\"user\": "));
    ends("http://hostile.localhost", broken, 4, &["control"]);
}

#[test]
fn a_page_where_json_was_expected() {
    let page = portal(|stream| {
        answer(stream, "200 OK\r\nContent-Type: text/html", b"<html><body>Welcome</body></html>")
    });
    ends("http://hostile.localhost", page, 4, &["control"]);
}

#[test]
fn a_portal_that_hangs_up() {
    let rude = portal(|_| ());
    ends("http://hostile.localhost", rude, 4, &["control"]);
}

#[test]
fn profiles_that_are_none() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [
        ("empty", ""),
        ("other-version", "profile = 2\n"),
        ("not-toml", "profile = = 1\n"),
        ("binary", "\u{0}\u{1}"),
    ] {
        let file = folder.path().join(format!("{name}.toml"));
        std::fs::write(&file, text).expect("written");
        for command in
            [vec!["profile", "check"], vec!["scenarios", "--profile"], vec!["plan", "--profile"]]
        {
            let file = file.display().to_string();
            let args: Vec<&str> = command.iter().copied().chain([file.as_str()]).collect();
            let output = run(&args, folder.path());
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{name}: {said}");
            assert!(said.contains("profile") && said.contains(name), "{said}");
        }
    }
}

/// Stands for everything that no profile may bring to light.
const PRIVATE: &str = "hunter2hunter2";

/// The same as `run`, with a secret in an environment that holds nothing else.
fn run_with_a_secret(args: &[&str], folder: &Path) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_touchstone"))
        .args(args)
        .current_dir(folder)
        .env("PORTAL_ADMIN", PRIVATE)
        .env("DATABASE_URL", format!("postgres://u:{PRIVATE}@h/db"))
        .output()
        .expect("started");
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn a_profile_shows_nothing_of_other_files_and_of_the_environment() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = profile(folder.path(), "http://127.0.0.1:9", ([127, 0, 0, 1], 9).into());
    let sound = std::fs::read_to_string(&file).expect("read");
    std::fs::write(folder.path().join(".env"), format!("PORTAL_ADMIN={PRIVATE}\n"))
        .expect("written");
    std::fs::write(folder.path().join("key.json"), format!("{{\"key\": \"{PRIVATE}\"}}"))
        .expect("written");
    let fifo = folder.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().expect("mkfifo").success());
    for named in
        ["/proc/self/environ", "/etc/shadow", "/dev/zero", "/dev/stdin", "fifo", ".env", "key.json"]
    {
        let extends = format!("extends = \"{named}\"\n{sound}");
        std::fs::write(&file, extends).expect("written");
        let as_profile = folder.path().join(named).display().to_string();
        for command in [
            vec!["profile", "check"],
            vec!["profile", "show", "--resolved"],
            vec!["plan", "--profile"],
            vec!["scenarios", "--profile"],
            vec!["doctor", "--profile"],
            vec!["clean", "--profile"],
        ] {
            for file in [&file, &as_profile] {
                let args: Vec<&str> = command.iter().copied().chain([file.as_str()]).collect();
                let (code, said) = run_with_a_secret(&args, folder.path());
                assert_eq!(code, Some(2), "{args:?}: {said}");
                assert!(!said.contains(PRIVATE) && said.contains("nothing was sent"), "{said}");
            }
        }
    }
    for args in [
        ["init", "http://127.0.0.1:9", "--har", "fifo"],
        ["init", "http://127.0.0.1:9", "--har", "/dev/zero"],
        ["init", "http://127.0.0.1:9", "--ca-file", "/proc/self/environ"],
        ["init", "http://127.0.0.1:9", "--ca-file", "."],
    ] {
        let (code, said) = run_with_a_secret(&args, folder.path());
        assert_eq!(code, Some(2), "{args:?}: {said}");
        assert!(said.contains("a regular file on a disk"), "{said}");
    }
}

#[test]
fn secrets_are_listed_and_only_those_that_the_command_line_names_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = profile(folder.path(), "http://127.0.0.1:9", ([127, 0, 0, 1], 9).into());
    let sound =
        std::fs::read_to_string(&file).expect("read").replace("connect = \"127.0.0.1:9\"\n", "");
    std::fs::write(folder.path().join("gate.txt"), PRIVATE).expect("written");
    let text = sound
        .replace("environment = \"local\"", "environment = \"local\"\nheaders = { X-Gate = \"{secret.gate}\" }")
        .replace("[actors]", "[secrets]\ngate = { file = \"gate.txt\" }\nadmin = { env = \"PORTAL_ADMIN\" }\n\n[actors]")
        .replace("post = \"/accounts\"", "post = \"/accounts\"\nheaders = { Authorization = \"Bearer {secret.admin}\" }");
    std::fs::write(&file, text).expect("written");
    let lines = [
        "secret.gate, from the file gate.txt: goes to http://127.0.0.1:9, in the header `X-Gate` of every request",
        "secret.admin, from `PORTAL_ADMIN` in the environment: goes to http://127.0.0.1:9, in the header `Authorization` of [flow.create_user]",
    ];
    let with = |command: &[&str], only: Option<&str>| {
        let mut args = [command, &[file.as_str()]].concat();
        args.extend(only.map(|_| "--only-secrets"));
        args.extend(only);
        run_with_a_secret(&args, folder.path())
    };
    for command in [&["profile", "check"][..], &["plan", "--profile"]] {
        for only in [None, Some("PORTAL_ADMIN,gate.txt")] {
            let (code, said) = with(command, only);
            assert_eq!(code, Some(0), "{said}");
            assert!(lines.iter().all(|line| said.contains(line)), "{said}");
            assert!(!said.contains(PRIVATE), "{said}");
        }
    }
    for command in [
        &["profile", "check"][..],
        &["plan", "--profile"],
        &["scenarios", "--profile"],
        &["doctor", "--profile"],
        &["clean", "--profile"],
    ] {
        for (only, missing) in
            [("gate.txt", "PORTAL_ADMIN"), ("PORTAL_ADMIN", "gate.txt"), ("", "PORTAL_ADMIN")]
        {
            let (code, said) = with(command, Some(only));
            assert_eq!(code, Some(2), "{command:?} {only}: {said}");
            let word = format!("--only-secrets does not name `{missing}`");
            assert!(said.contains(&word) && said.contains("nothing was sent"), "{said}");
        }
    }
}

#[test]
fn what_a_file_says_acts_on_no_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = profile(folder.path(), "http://127.0.0.1:9", ([127, 0, 0, 1], 9).into());
    let sound = std::fs::read_to_string(&file).expect("read");
    for (from, to) in [
        ("name = \"hostile\"", "name = \"\\u001b[31mred\\u0007\""),
        ("/accounts", "/acc\\u009bounts"),
        ("json = \"/user\"", "json = \"/us\\u202eer\""),
        ("[portal]", "# \u{1b}[31m\n[portal]"),
    ] {
        assert!(sound.contains(from), "{from}");
        std::fs::write(&file, sound.replace(from, to)).expect("written");
        for command in [
            &["profile", "check"][..],
            &["profile", "show"],
            &["profile", "show", "--resolved"],
            &["plan", "--profile"],
        ] {
            for json in [&[][..], &["--json"]] {
                let args = [command, &[file.as_str()], json].concat();
                let (_, said) = run_with_a_secret(&args, folder.path());
                let acts = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
                assert!(!said.contains(acts), "{said:?}");
            }
        }
    }
    let odd = folder.path().join("\u{1b}[31mno.toml").display().to_string();
    let (code, said) = run_with_a_secret(&["profile", "check", &odd], folder.path());
    assert!(code == Some(2) && !said.contains('\u{1b}'), "{said:?}");
}

#[test]
fn filters_seeds_and_directories_that_are_none() {
    let folder = tempfile::tempdir().expect("a folder");
    for (args, word) in [
        (vec!["scenarios", "registration/orgin/*"], "registration/origin"),
        (vec!["scenarios", "--seed", "xyz"], "hexadecimal"),
        (vec!["show", "registration/orgin"], "registration/origin"),
        (vec!["serve", "--defect", "nothing"], "nothing"),
        (vec!["defects", "login/orgin-prefix"], "login/origin-prefix"),
        (vec!["judge", "nowhere"], "nowhere"),
        (vec!["report", "nowhere"], "nowhere"),
        (vec!["no-such-command"], "no-such-command"),
    ] {
        let output = run(&args, folder.path());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(word), "{args:?}: {said}");
    }
}

/// A machine without room for files is in trouble; neither the suite nor the portal is.
#[test]
fn few_file_handles_are_our_own_trouble() {
    for handles in 8..=24 {
        let room = tempfile::tempdir().expect("a folder");
        let out = room.path().join("run").display().to_string();
        let line = format!(
            "ulimit -n {handles} && exec \"$0\" scenarios login/password/wrong --out \"$1\""
        );
        let ended = Command::new("sh")
            .args(["-c", &line, env!("CARGO_BIN_EXE_touchstone"), &out])
            .output()
            .expect("a shell");
        let code = ended.status.code();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(matches!(code, Some(0 | 3)), "{handles} handles: {:?}: {said}", ended.status);
        assert!(code == Some(0) || said.contains("touchstone: kit: "), "{handles} handles: {said}");
    }
}
