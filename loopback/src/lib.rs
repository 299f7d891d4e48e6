//! Small portals on loopback for tests: well-behaved ones made of a function, and hostile ones made
//! of bytes. Beside them what every profile of such a portal says. For tests of this workspace only.

pub mod tls;

use std::{collections::BTreeMap, sync::Arc};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `POST /login?x=1`.
    pub line: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    /// What stands after the head.
    pub body: String,
}

impl Asked {
    /// A header of a name in lower case; empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What comes back.
pub enum Back {
    /// These bytes, and the connection is closed.
    Bytes(Vec<u8>),
    /// These bytes, and then nothing for ever.
    Stuck(Vec<u8>),
    /// The connection is closed without a word.
    Dropped,
}

/// An answer with a body.
pub fn answer(status: u16, headers: &[&str], body: &str) -> Back {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let length = body.len();
    Back::Bytes(
        format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n{body}")
            .into_bytes(),
    )
}

/// A page.
pub fn html(body: &str) -> Back {
    answer(200, &["content-type: text/html"], body)
}

/// JSON.
pub fn json(status: u16, body: &serde_json::Value) -> Back {
    answer(status, &["content-type: application/json"], &body.to_string())
}

/// Elsewhere.
pub fn redirect(to: &str) -> Back {
    answer(302, &[&format!("location: {to}")], "")
}

/// Serves a function; its address.
pub async fn serve(portal: impl Fn(Asked) -> Back + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    let portal = Arc::new(portal);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let portal = Arc::clone(&portal);
            tokio::spawn(async move { one(stream, &*portal).await });
        }
    });
    address
}

async fn one(mut stream: TcpStream, portal: &(dyn Fn(Asked) -> Back + Send + Sync)) -> Option<()> {
    let mut bytes = Vec::new();
    let (head, length) = loop {
        stream.read_buf(&mut bytes).await.ok().filter(|read| *read > 0)?;
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok()
            });
            break (head.to_owned(), length.unwrap_or(0_usize));
        }
    };
    while bytes.len() < head.len() + 4 + length {
        stream.read_buf(&mut bytes).await.ok().filter(|read| *read > 0)?;
    }
    let mut lines = head.lines();
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let pairs = lines.filter_map(|line| line.split_once(": "));
    let headers =
        pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let body = String::from_utf8_lossy(&bytes[head.len() + 4..]).into_owned();
    match portal(Asked { line, headers, body }) {
        Back::Bytes(back) => {
            stream.write_all(&back).await.ok()?;
            stream.shutdown().await.ok()
        }
        Back::Stuck(back) => {
            stream.write_all(&back).await.ok()?;
            std::future::pending().await
        }
        Back::Dropped => None,
    }
}

/// The head of every profile in tests: the portal is `http://portal.localhost`, wherever it listens.
pub const HEAD: &str = r#"
profile = 1
[portal]
name = "Test"
base = "http://portal.localhost"
connect = "{listener}"
environment = "local"
[actors]
"#;

/// The flows that every profile must have; a test that is about them writes its own.
pub const TAIL: &str = r#"
[flow.sign_in]
post = "/login"
fields = { user = "{user}", password = "{password}" }
outcome = [{ status = 200, is = "ok" }]
[flow.whoami]
get = "/me"
capture = { user = { json = "/user" } }
outcome = [{ status = 200, json = "/user", exists = true, is = "ok" }, { status = 200, json = "/user", exists = false, is = "ok" }]
[flow.create_user]
post = "/users"
json = { name = "{user}" }
outcome = [{ status = 201, is = "ok" }]
"#;

/// The same of a portal that refuses passwords with 401.
pub fn tail_with_refusals() -> String {
    let refused = "is = \"ok\" }, { status = 401, is = \"refused\" }";
    TAIL.replacen("is = \"ok\" }", refused, 1)
}
