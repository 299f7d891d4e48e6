//! What the program does with bad input: a clear word on whose it is, the documented exit code, and
//! never a panic or a hang. Hostile portals are a few lines of socket each.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Command, Output},
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

/// What a hostile portal does with a connection.
type Manner = fn(&mut TcpStream);

fn portal(manner: Manner) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { break };
            thread::spawn(move || {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request);
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
name = "{{actor}}"
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
            1 | 2 => answer(stream, "200 OK", b"{\"user\": \"alice\"}"),
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
