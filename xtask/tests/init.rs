//! `init` against a small portal: it asks one host only, sends GETs only, and writes over nothing.

mod support;

use std::{
    net::TcpListener,
    process::{Command, Output},
};

use support::portal;

fn init(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_touchstone")).arg("init").args(args).output().expect("started")
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn one_host_is_asked_and_with_nothing_but_gets() {
    let (other, heard_there) = portal(|_| ("200 OK", "another host".to_owned()));
    let (address, heard) = portal(move |path| {
        match path {
        "/" => (
            "200 OK",
            format!(
                "<title>Front</title><a href='http://{other}/login'>Log in elsewhere</a><a href='/sign-in'>Sign in</a><a href='/logout'>Out</a>\
                 <form method=post action='http://{other}/login'><input name=user><input type=password name=password></form>"
            ),
        ),
        "/sign-in" => (
            "200 OK",
            "<form method=post action=/sign-in><input name=user><input type=password name=pass></form>".to_owned(),
        ),
        "/reset" => {
            // No place for the header: the address of the other is not static.
            ("404 Not Found", String::new())
        }
        "/register" => ("302 Found\r\nLocation: http://elsewhere.example/register", String::new()),
        _ => ("404 Not Found", String::new()),
    }
    });
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("draft.toml").display().to_string();
    let base = format!("http://portal.localhost:{}/", address.port());
    let output = init(&[&base, "--connect", &address.to_string(), "--out", &out]);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    let lines = heard.lock().expect("lines").clone();
    assert!(lines.len() <= 25 && lines.len() > 5, "{lines:?}");
    assert!(lines.iter().all(|line| line.starts_with("GET ")), "{lines:?}");
    assert!(lines.iter().all(|line| !line.contains("logout")), "{lines:?}");
    assert_eq!(heard_there.lock().expect("lines").len(), 0, "the other host was asked");
    for word in [
        "elsewhere.example: not contacted",
        "profile check",
        "doctor",
        &format!("{other}: not contacted"),
    ] {
        assert!(told.contains(word), "`{word}` is not in: {told}");
    }
    let draft = std::fs::read_to_string(&out).expect("the draft");
    assert!(draft.contains("{ get = \"/sign-in\" }"), "{draft}");
    assert!(draft.contains("pass = \"{password}\""), "{draft}");

    let again = init(&[&base, "--connect", &address.to_string(), "--out", &out]);
    assert_eq!(again.status.code(), Some(2), "{}", said(&again));
    assert!(said(&again).contains("there already"), "{}", said(&again));
    assert_eq!(std::fs::read_to_string(&out).expect("the draft"), draft);
    assert_eq!(
        heard.lock().expect("lines").len(),
        lines.len(),
        "asked before it was known where to write"
    );
}

#[test]
fn what_cannot_be_begun_says_so() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    for (args, code, word) in [
        (vec!["ftp://login.example/"], 2, "is not a URL"),
        (vec!["http://alice:pw@login.example/"], 2, "is not a URL"),
        (vec!["http://portal.localhost/", "--har", "nowhere.har"], 2, "nowhere.har"),
        (vec!["https://portal.localhost/", "--ca-file", "nowhere.pem"], 2, "nowhere.pem"),
        (vec!["https://portal.localhost/", "--ca-file", "Cargo.toml"], 2, "no PEM certificates"),
        (vec!["http://127.0.0.1/", "--connect", "127.0.0.1:9"], 2, "host name"),
        (vec!["http://portal.localhost/", "--connect", &free.to_string()], 4, "connection refused"),
    ] {
        let output = init(&args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", said(&output));
        assert!(said(&output).contains(word), "{args:?}: {}", said(&output));
    }
}
