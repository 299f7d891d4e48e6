//! `serve`: that a defect is real, and gone without the flag, shown with plain requests as curl makes
//! them.

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

fn serve(more: &[&str]) -> Served {
    let mut child = Command::new(env!("CARGO_BIN_EXE_touchstone"))
        .args(["serve", "--port", "0", "--json"])
        .args(more)
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("piped");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let said: Value = serde_json::from_str(&line).expect("JSON");
    let base = said["base"].as_str().expect("a base URL");
    Served { child, address: base.trim_start_matches("http://").to_owned() }
}

/// The status of a sign-in as somebody who does not exist.
fn stranger_signs_in(served: &Served) -> String {
    let body = r#"{"user":"nobody","password":"not-a-password"}"#;
    let mut stream = TcpStream::connect(&served.address).expect("connected");
    let request = format!(
        "POST /api/session/password HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        served.address,
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[test]
fn a_defect_is_real_and_gone_without_the_flag() {
    let sound = serve(&[]);
    assert_eq!(stranger_signs_in(&sound), "401");
    let defective = serve(&["--defect", "enum/login-reveals-user"]);
    assert_eq!(stranger_signs_in(&defective), "404");
}
