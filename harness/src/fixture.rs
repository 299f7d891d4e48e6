//! Small portals on loopback for tests: well-behaved ones made of a function, and hostile ones made
//! of bytes.

pub(crate) mod tls;

use std::{collections::BTreeMap, sync::Arc};

use reports::{
    record::{Exchange, Step},
    redact::Redactor,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    accounts::Account,
    deployment::{Deployment, Scene, Visitor, http::HttpDeployment},
    effect,
    mailbox::Mailbox,
    profile::Profile,
    recorder::Recorder,
    secret::Secret,
};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// `POST /login?x=1`.
    pub(crate) line: String,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What comes back.
pub(crate) enum Back {
    /// These bytes, and the connection is closed.
    Bytes(Vec<u8>),
    /// These bytes, and then nothing for ever.
    Stuck(Vec<u8>),
    /// The connection is closed without a word.
    Dropped,
}

/// An answer with a body.
pub(crate) fn answer(status: u16, headers: &[&str], body: &str) -> Back {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let length = body.len();
    Back::Bytes(
        format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n{body}")
            .into_bytes(),
    )
}

/// A page.
pub(crate) fn html(body: &str) -> Back {
    answer(200, &["content-type: text/html"], body)
}

/// JSON.
pub(crate) fn json(status: u16, body: &serde_json::Value) -> Back {
    answer(status, &["content-type: application/json"], &body.to_string())
}

/// Elsewhere.
pub(crate) fn redirect(to: &str) -> Back {
    answer(302, &[&format!("location: {to}")], "")
}

/// Serves a function; its address.
pub(crate) async fn serve(portal: impl Fn(Asked) -> Back + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
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
pub(crate) const HEAD: &str = r#"
profile = 1
[portal]
name = "Test"
base = "http://portal.localhost"
connect = "{listener}"
environment = "local"
[actors]
"#;

/// The flows that every profile must have; a test that is about them writes its own.
pub(crate) const TAIL: &str = r#"
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
pub(crate) fn tail_with_refusals() -> String {
    let refused = "is = \"ok\" }, { status = 401, is = \"refused\" }";
    TAIL.replacen("is = \"ok\" }", refused, 1)
}

/// A sound profile of a portal that listens at an address.
pub(crate) fn profile(text: &str, listener: &str) -> Profile {
    let provided = BTreeMap::from([("listener".to_owned(), Secret::new(listener))]);
    Profile::parse(text, "test.toml", &provided)
        .map_err(|complaints| {
            complaints.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        })
        .unwrap_or_else(|complaints| panic!("{complaints}"))
}

/// A deployment, and a visitor of one scene.
pub(crate) async fn visit(
    text: &str,
    listener: &str,
    mailbox: Option<Mailbox>,
) -> (HttpDeployment, Visitor) {
    let deployment = HttpDeployment::new(profile(text, listener), mailbox).await.unwrap();
    let recorder = Recorder::new(Redactor::new([7; 32]));
    let effects = effect::but_for_limits();
    let scene = Arc::new(Scene::new("scene".to_owned(), 1, effects, recorder));
    let visitor = deployment.visitor(&scene, "alice");
    (deployment, visitor)
}

/// The exchanges that were written down.
pub(crate) fn exchanges(visitor: &Visitor) -> Vec<Exchange> {
    let (steps, _) = visitor.scene.recorder.take();
    let exchanges = steps.into_iter().filter_map(|step| match step {
        Step::Exchange(exchange) => Some(*exchange),
        Step::Act { .. } | Step::Ceremony(_) | Step::Expectation { .. } | Step::Wait { .. } => None,
    });
    exchanges.collect()
}

/// An account of the run's own, `ts-1`.
pub(crate) fn account() -> Account {
    Account {
        alias: "alice".into(),
        user: "ts-1".into(),
        password: Secret::new("right"),
        mail: String::new(),
        passwordless: false,
    }
}
