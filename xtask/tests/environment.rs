//! A run in an environment that would lead a careless client astray: proxies, passwords and
//! certificates by the way. It is the same run, and nobody else hears of it.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Command, Output},
    sync::{Arc, Mutex},
    thread,
};

use serde_json::{Value, json};

const PROFILE: &str = r#"profile = 1
can = []

[portal]
name = "small"
base = "http://small.localhost"
connect = "LISTENER"
environment = "local"

[actors]
name = "ts-{run}-{n}"
password = { generate = true }

[flow.create_user]
post = "/accounts"
json = { user = "{user}", password = "{password}" }
outcome = [{ status = 201, is = "ok" }]

[flow.sign_in]
post = "/session"
json = { user = "{user}", password = "{password}" }
outcome = [{ status = 200, is = "ok" }, { status = 401, is = "refused" }]

[flow.whoami]
get = "/session"
capture = { user = { json = "/user" } }
outcome = [{ status = 200, is = "ok" }]
"#;

/// A portal with names and passwords; keeps the head of every request as it came.
struct Small {
    address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    heads: Vec<String>,
    passwords: BTreeMap<String, Value>,
    sessions: BTreeMap<String, String>,
}

impl Small {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let kept = Arc::new(Mutex::new(Kept::default()));
        let keeps = Arc::clone(&kept);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (Ok(stream), kept) = (stream, Arc::clone(&keeps)) else { break };
                thread::spawn(move || Self::serve(&stream, &kept));
            }
        });
        Self { address, kept }
    }

    fn serve(mut stream: &TcpStream, kept: &Mutex<Kept>) -> Option<()> {
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            reader.read_line(&mut head).ok().filter(|read| *read > 0)?;
        }
        let length = head.lines().find_map(|line| {
            line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok()
        });
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body).ok()?;
        let said: Value = serde_json::from_slice(&body).unwrap_or_default();
        let cookie = head.lines().find_map(|line| line.strip_prefix("cookie: s="));
        let cookie = cookie.unwrap_or_default();
        let mut kept = kept.lock().ok()?;
        let user = said["user"].as_str().unwrap_or_default();
        let (status, set, told) = if head.starts_with("POST /accounts") {
            kept.passwords.insert(user.to_owned(), said["password"].clone());
            ("201 Created", None, json!({}))
        } else if head.starts_with("GET") {
            ("200 OK", None, json!({ "user": kept.sessions.get(cookie) }))
        } else if kept.passwords.get(user) == Some(&said["password"]) {
            let session = format!("session-0123456789-{}", kept.sessions.len());
            kept.sessions.insert(session.clone(), user.to_owned());
            ("200 OK", Some(session), json!({}))
        } else {
            ("401 Unauthorized", None, json!({}))
        };
        kept.heads.push(head.clone());
        drop(kept);
        let set = set.map(|session| format!("set-cookie: s={session}\r\n")).unwrap_or_default();
        let told = told.to_string();
        let length = told.len();
        write!(stream, "HTTP/1.1 {status}\r\n{set}content-length: {length}\r\n\r\n{told}").ok()
    }
}

fn run(folder: &Path, small: &Small, environment: &BTreeMap<&str, String>) -> Output {
    let profile = folder.join("small.toml");
    let text = PROFILE.replace("LISTENER", &small.address.to_string());
    fs::write(&profile, text).expect("written");
    Command::new(env!("CARGO_BIN_EXE_touchstone"))
        .args(["scenarios", "login/password/of-another", "--out", "out", "--profile"])
        .arg(profile)
        .current_dir(folder)
        .envs(environment)
        .output()
        .expect("started")
}

/// Method, path and names of the headers of every request; the accounts differ from run to run.
fn shape(small: &Small) -> Vec<String> {
    let kept = small.kept.lock().expect("kept");
    let shapes = kept.heads.iter().map(|head| {
        let names = head.lines().map(|line| line.split(": ").next().unwrap_or_default());
        names.collect::<Vec<_>>().join(" ")
    });
    shapes.collect()
}

#[test]
fn a_poisoned_environment_changes_nothing_and_nobody_else_hears_of_the_run() {
    let trap = TcpListener::bind("127.0.0.1:0").expect("a port");
    trap.set_nonblocking(true).expect("no waiting");
    let proxy = format!("http://user:pass@{}", trap.local_addr().expect("an address"));
    let home = tempfile::tempdir().expect("a folder");
    for name in [".netrc", "_netrc", ".curlrc"] {
        let lines = "machine small.localhost login netrc-user password netrc-pass\ndefault login netrc-user password netrc-pass\n";
        fs::write(home.path().join(name), lines).expect("written");
    }
    let mut poison = BTreeMap::from([
        ("HOME", home.path().display().to_string()),
        ("NETRC", home.path().join(".netrc").display().to_string()),
        ("SSL_CERT_FILE", "/nowhere/cert.pem".to_owned()),
        ("SSL_CERT_DIR", "/nowhere".to_owned()),
        ("NO_PROXY", "elsewhere.example".to_owned()),
        ("no_proxy", "elsewhere.example".to_owned()),
        ("LOCALDOMAIN", "elsewhere.example".to_owned()),
    ]);
    let names =
        ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    poison.extend(names.map(|name| (name, proxy.clone())));

    let (clean, poisoned) = (Small::start(), Small::start());
    let folders = [tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder")];
    let plain = run(folders[0].path(), &clean, &BTreeMap::new());
    let led_astray = run(folders[1].path(), &poisoned, &poison);

    for output in [&plain, &led_astray] {
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert!(shape(&clean).len() > 5, "{:?}", shape(&clean));
    assert_eq!(shape(&clean), shape(&poisoned));
    let sent = poisoned.kept.lock().expect("kept").heads.join("").to_lowercase();
    assert!(!sent.contains("authorization"), "credentials of the environment were sent: {sent}");
    assert!(trap.accept().is_err(), "the proxy of the environment was asked");
}
