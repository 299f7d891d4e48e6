//! A browser that does nothing but sign in: one connection that is kept, and text in place of JSON values.

use std::{
    fmt::Write as _,
    io::{self, Read, Write as _},
    net::{SocketAddr, TcpStream},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::key::Key;

/// The host that the portal answers to.
const HOST: &str = "bench.portal.localhost";

pub(super) struct Browser {
    connection: TcpStream,
    authority: String,
    key: Key,
    handle: String,
    session: String,
    request: String,
    answer: Vec<u8>,
}

impl Browser {
    /// A browser with a key that is registered for a user of its own.
    pub(super) fn registered(portal: SocketAddr, token: &str, number: usize) -> io::Result<Self> {
        let connection = TcpStream::connect(portal)?;
        connection.set_nodelay(true)?;
        let mut browser = Self {
            connection,
            authority: format!("{HOST}:{}", portal.port()),
            key: Key::new(HOST, number),
            handle: String::new(),
            session: String::new(),
            request: String::new(),
            answer: Vec::new(),
        };
        let (user, bearer) =
            (format!("user-{number}"), format!("authorization: Bearer {token}\r\n"));
        let policy = r#"{"passwordless":true}"#;
        let body = format!(
            r#"{{"user":"{user}","password":"a long password","mail":"{user}@example.test","policy":{policy}}}"#
        );
        browser.sends("/api/admin/users", &bearer, &body)?;
        let keys = format!("/api/admin/users/{user}/keys");
        browser.sends(&format!("{keys}/options"), &bearer, "{}")?;
        let challenge = browser.said("\"challenge\":\"")?.to_owned();
        browser.handle = browser.said("\"user\":{\"id\":\"")?.to_owned();
        let client_data = browser.client_data("webauthn.create", &challenge);
        let (id, object) = (text(browser.key.id), text(browser.key.attestation_object()));
        let body = format!(
            r#"{{"label":"","credential":{{"id":"{id}","rawId":"{id}","type":"public-key","clientExtensionResults":{{}},"response":{{"clientDataJSON":"{}","attestationObject":"{object}"}}}}}}"#,
            text(client_data)
        );
        browser.sends(&keys, &bearer, &body)?;
        Ok(browser)
    }

    /// Asks for options, signs, and sends the answer.
    pub(super) fn signs_in(&mut self) -> io::Result<()> {
        self.sends("/api/passwordless/options", "", "{}")?;
        let challenge = self.said("\"challenge\":\"")?;
        let client_data = self.client_data("webauthn.get", challenge);
        let signature = self.key.signature(client_data.as_bytes());
        let (id, data) = (text(self.key.id), text(self.key.authenticator_data()));
        let body = format!(
            r#"{{"id":"{id}","rawId":"{id}","type":"public-key","clientExtensionResults":{{}},"response":{{"clientDataJSON":"{}","authenticatorData":"{data}","signature":"{}","userHandle":"{}"}}}}"#,
            text(client_data),
            text(signature),
            self.handle
        );
        self.sends("/api/passwordless", "", &body)
    }

    fn client_data(&self, kind: &str, challenge: &str) -> String {
        format!(
            r#"{{"type":"{kind}","challenge":"{challenge}","origin":"http://{}","crossOrigin":false}}"#,
            self.authority
        )
    }

    /// Sends a request and reads its answer, which has to be a good one.
    fn sends(&mut self, path: &str, more: &str, body: &str) -> io::Result<()> {
        self.request.clear();
        // Writing to a string cannot fail.
        let _ = write!(
            self.request,
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{more}",
            self.authority,
            body.len()
        );
        if !self.session.is_empty() {
            let _ = write!(self.request, "cookie: portal_session={}\r\n", self.session);
        }
        self.request.push_str("\r\n");
        self.request.push_str(body);
        self.connection.write_all(self.request.as_bytes())?;
        self.reads()?;
        if !self.answer.starts_with(b"HTTP/1.1 20") {
            let answer = String::from_utf8_lossy(&self.answer);
            return Err(io::Error::other(format!("{path} was refused: {answer}")));
        }
        if let Ok(session) = self.after("set-cookie: portal_session=", b';') {
            self.session = session.to_owned();
        }
        Ok(())
    }

    /// Reads a whole answer.
    fn reads(&mut self) -> io::Result<()> {
        self.answer.clear();
        let mut room = [0; 4096];
        loop {
            let count = self.connection.read(&mut room)?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.answer.extend_from_slice(&room[..count]);
            let Some(head) = place(&self.answer, b"\r\n\r\n") else { continue };
            let length = self.after("content-length: ", b'\r')?.parse::<usize>();
            if self.answer.len() >= head + 4 + length.map_err(io::Error::other)? {
                return Ok(());
            }
        }
    }

    /// A text of the answer's body, behind its name.
    fn said(&self, name: &str) -> io::Result<&str> {
        self.after(name, b'"')
    }

    fn after(&self, name: &str, end: u8) -> io::Result<&str> {
        let missing = || io::Error::other(format!("no {name} in the answer"));
        let begin = place(&self.answer, name.as_bytes()).ok_or_else(missing)? + name.len();
        let rest = &self.answer[begin..];
        let length = rest.iter().position(|byte| *byte == end).ok_or_else(missing)?;
        std::str::from_utf8(&rest[..length]).map_err(io::Error::other)
    }
}

fn place(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn text(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
