//! `serve`, with plain requests as curl makes them: that a defect is real, and gone without the flag, and that
//! what a person is told is true.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

/// A served portal, ended with the test.
struct Served {
    child: Child,
    address: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(more: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_touchstone"));
    command.args(["serve", "--port", "0"]).args(more).stdout(Stdio::piped());
    command.spawn().expect("started")
}

fn serve(more: &[&str]) -> Served {
    let mut child = start(&[&["--json"], more].concat());
    let mut line = String::new();
    let stdout = child.stdout.take().expect("piped");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let said: Value = serde_json::from_str(&line).expect("JSON");
    let base = said["base"].as_str().expect("a base URL");
    Served { child, address: base.trim_start_matches("http://").to_owned() }
}

/// What is answered to a request, head and body.
fn answer(address: &str, request: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("connected");
    let request = format!(
        "{request} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    answer
}

/// The status of a sign-in as somebody who does not exist.
fn stranger_signs_in(served: &Served) -> String {
    let body = r#"{"user":"nobody","password":"not-a-password"}"#;
    let answer = answer(&served.address, "POST /api/session/password", body);
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[test]
fn a_defect_is_real_and_gone_without_the_flag() {
    let sound = serve(&[]);
    assert_eq!(stranger_signs_in(&sound), "401");
    let defective = serve(&["--defect", "enum/login-reveals-user"]);
    assert_eq!(stranger_signs_in(&defective), "404");
}

/// What a person copies from the terminal works as it stands there.
#[test]
fn a_person_is_told_all_that_is_needed() {
    let defect = ["--defect", "enum/login-reveals-user"];
    let mut served = Served { child: start(&defect), address: String::new() };
    let stdout = served.child.stdout.take().expect("piped");
    let mut said = Vec::new();
    for line in BufReader::new(stdout).lines() {
        said.push(line.expect("text"));
        if said.last().is_some_and(|line| line.starts_with("  heidi")) {
            break;
        }
    }
    let after = |word: &str| {
        let found = said.iter().filter_map(|line| line.split_once(word)).next();
        let (_, rest) = found.unwrap_or_else(|| panic!("no {word}in {said:#?}"));
        rest.trim_start().split([' ', ',']).next().unwrap_or_default()
    };
    let address = after("portal on http://").to_owned();
    assert_eq!(after("  defect "), "enum/login-reveals-user");
    assert_eq!(after("  console "), format!("http://{address}/admin"));
    let body = format!(r#"{{"user":"bob","password":"{}"}}"#, after("  bob "));
    let signed_in = answer(&address, "POST /api/session/password", &body);
    assert!(signed_in.contains("signed-in"), "{signed_in}");
    let token = format!(r#"{{"token":"{}"}}"#, after("  administrator "));
    let administrator = answer(&address, "POST /api/admin/session", &token);
    assert!(administrator.contains("portal_administrator="), "{administrator}");
    let desk = answer(after("  desk ").trim_start_matches("http://"), "GET /", "");
    assert!(desk.contains(after("  heidi ")), "{desk}");
}
