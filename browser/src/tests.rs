//! A whole ceremony on a small portal on loopback, in Chromium: opened, pressed, answered by softkey, and shown.
//! A machine without a browser is told so, and fails here.

use std::{
    fs,
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use loopback::{Asked, Back, answer, html, serve};
use serde_json::{Value, json};
use softkey::{Browser, Model, Seed, SoftKey};
use url::Url;

use super::*;

/// Registers a key, and shows what the portal would be sent.
const PAGE: &str = r#"<!doctype html><title>t</title><h1>Keys</h1>
<label for="label">Display label</label> <input id="label">
<p role="alert" hidden>Earlier</p>
<button type="button">Add key</button> <p role="status"></p>
<script src="/page.js"></script>"#;

const SCRIPT: &str = r#"
const said = document.querySelector("[role=status]");
document.querySelector("button").addEventListener("click", async () => {
  said.textContent = "";
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const publicKey = {
    rp: { id: "localhost", name: "Portal" },
    user: { id: bytes("YWxpY2U"), name: "alice", displayName: "Alice" },
    challenge: bytes("c29tZSBjaGFsbGVuZ2U"),
    pubKeyCredParams: [{ type: "public-key", alg: -7 }],
    timeout: 60000,
  };
  try {
    const made = await navigator.credentials.create({ publicKey });
    const isOne = made instanceof PublicKeyCredential && made.response instanceof AuthenticatorAttestationResponse;
    said.textContent = JSON.stringify({ label: document.getElementById("label").value, isOne, made,
      bytes: new Uint8Array(made.response.attestationObject).length });
  } catch (error) { said.textContent = error.name; }
});"#;

const STRICT: &str = "content-security-policy: default-src 'self'";

fn portal(asked: &Asked) -> Back {
    match asked.line.split(' ').nth(1).unwrap() {
        "/page.js" => answer(200, &["content-type: text/javascript", STRICT], SCRIPT),
        "/outside" => html("<img src='http://elsewhere.example/a.png'><h1>Outside</h1>"),
        _ => answer(200, &["content-type: text/html", STRICT, "set-cookie: seen=yes"], PAGE),
    }
}

fn begin() -> Begin {
    Begin {
        engine: Engine::Chromium,
        server: None,
        headed: false,
        hosts: vec![("localhost".to_owned(), None)],
        patience: Duration::from_secs(60),
        arguments: Vec::new(),
    }
}

async fn opened(path: &str) -> (Session, Url, Arc<Mutex<Vec<Asked>>>) {
    let heard: Arc<Mutex<Vec<Asked>>> = Arc::default();
    let hears = Arc::clone(&heard);
    let address = serve(move |asked| {
        hears.lock().unwrap().push(asked.clone());
        portal(&asked)
    })
    .await;
    let port = address.rsplit(':').next().unwrap();
    let url = Url::parse(&format!("http://localhost:{port}{path}")).unwrap();
    let session = Session::begin(&begin()).await.unwrap();
    session.open(&url).await.unwrap();
    (session, url, heard)
}

fn role(role: &str, name: Option<&str>) -> Control {
    Control { role: Some(role.to_owned()), name: name.map(str::to_owned), ..Control::default() }
}

async fn one(session: &Session, control: &Control) -> Shown {
    let view = session.look(std::slice::from_ref(control)).await.unwrap();
    let [only] = <[Vec<Shown>; 1]>::try_from(view.shown).unwrap();
    assert_eq!(only.len(), 1, "{control:?}: {only:?}");
    only[0].clone()
}

/// What the page says, once it says something.
async fn said(session: &Session) -> String {
    loop {
        let text = one(session, &role("status", None)).await.text;
        if !text.is_empty() {
            return text;
        }
    }
}

#[tokio::test]
async fn a_key_answers_a_page_and_what_the_page_asked_for_is_known() {
    let (session, url, _) = opened("/keys").await;
    let label = Control { label: Some("Display label".into()), ..Control::default() };
    session.fill(&one(&session, &label).await.element, "a key").await.unwrap();
    session.fill(&one(&session, &label).await.element, "my key").await.unwrap();
    let hidden = session.look(&[role("alert", None)]).await.unwrap();
    assert!(hidden.shown[0].is_empty() && hidden.ready, "{hidden:?}");
    let add = one(&session, &role("button", Some("Add key"))).await.element;

    session.press(&add).await.unwrap();
    let waiting = session.waiting().await.unwrap();
    let [ceremony] = waiting.as_slice() else { panic!("{waiting:?}") };
    assert!(ceremony.creates && !ceremony.conditional);
    assert_eq!(ceremony.options["challenge"], "c29tZSBjaGFsbGVuZ2U");
    assert_eq!(ceremony.options["timeout"], 60000);

    let mut key = SoftKey::new(Model::roaming(), &Seed::new([7; 32]));
    let page = Browser::at(url.origin().ascii_serialization().as_str());
    let spoken = key.register(&ceremony.options, &page, None).unwrap();
    let mut unreadable = spoken.json.clone();
    unreadable["rawId"] = Value::from("%");
    let mut no_text = spoken.json.clone();
    no_text["response"]["attestationObject"] = Value::from(7);
    let answer = |credential| session.answer(ceremony.number, credential);
    assert_eq!(answer(&unreadable).await, Ok(Answered::Unreadable));
    assert_eq!(answer(&no_text).await, Ok(Answered::Unreadable));
    assert_eq!(answer(&spoken.json).await, Ok(Answered::Taken));
    assert_eq!(answer(&spoken.json).await, Ok(Answered::Gone));
    let shown: Value = serde_json::from_str(&said(&session).await).unwrap();
    let bytes = spoken.attestation_object.unwrap().len();
    assert_eq!(as_a_page_has_it(&spoken.json, true).as_ref(), Some(&shown["made"]));
    assert_eq!(
        shown,
        json!({"label": "my key", "isOne": true, "made": spoken.json, "bytes": bytes})
    );

    session.press(&add).await.unwrap();
    let number = session.waiting().await.unwrap()[0].number;
    assert!(session.refuse(number, "NotAllowedError").await.unwrap());
    assert_eq!(said(&session).await, "NotAllowedError");

    let asked = session.requests().await.unwrap();
    assert_eq!(asked[0], url.as_str());
    session.open(&url.join("/outside").unwrap()).await.unwrap();
    let outside = session.requests().await.unwrap();
    assert!(outside.contains(&"http://elsewhere.example/a.png".to_owned()), "{outside:?}");
}

/// Processes that were started for the folder of a session.
fn processes(folder: &Path) -> Vec<i32> {
    let folder = folder.display().to_string();
    let numbers = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let number = entry.unwrap().file_name().to_str()?.parse().ok()?;
        let line = fs::read_to_string(format!("/proc/{number}/cmdline")).ok()?;
        line.contains(&folder).then_some(number)
    });
    numbers.collect()
}

#[tokio::test]
async fn a_browser_that_somebody_kills_is_told_and_leaves_nothing_behind() {
    let session = Session::begin(&begin()).await.unwrap();
    let folder = session.folder().unwrap().to_owned();
    let browser = processes(&folder);
    assert!(browser.len() > 2 && folder.exists(), "{browser:?}");
    // The browser itself is the oldest.
    let killed = Command::new("kill").args(["-9", &browser[0].to_string()]).status().unwrap();
    assert!(killed.success());
    let trouble = session.run("return 1", &[]).await.unwrap_err();
    assert!(matches!(trouble, Trouble::Ended(_)), "{trouble:?}");
    assert_eq!(session.over(), Some(&trouble));
    drop(session);
    assert!(!folder.exists());
    assert_eq!(processes(&folder), Vec::<i32>::new());
}

#[tokio::test]
async fn a_page_that_never_comes_back_is_ended_with_its_browser() {
    let begin = Begin { patience: Duration::from_secs(5), ..begin() };
    let session = Session::begin(&begin).await.unwrap();
    let folder = session.folder().unwrap().to_owned();
    let began = Instant::now();
    // A script has half of the time; what hangs beyond that is ended.
    let late = session.run("while (true) {}", &[]).await.unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(20), "{late:?}");
    let next = session.run("return 1", &[]).await.unwrap_err();
    assert!(next.is_the_end(), "{late:?}, then {next:?}");
    assert!(!folder.exists());
    assert_eq!(processes(&folder), Vec::<i32>::new());
}

#[tokio::test]
async fn a_browser_of_a_server_of_the_users_is_given_back() {
    let driver = launch::launch(Engine::Chromium).await.unwrap();
    let begin = Begin { server: Some(driver.address.clone()), ..begin() };
    let session = Session::begin(&begin).await.unwrap();
    assert!(session.folder().is_none());
    assert_eq!(session.run("return 1", &[]).await.unwrap(), 1);
    assert!(processes(&driver.folder).len() > 2);
    drop(session);
    // The driver answers a moment before the last of them is gone.
    let began = Instant::now();
    while !processes(&driver.folder).is_empty() {
        assert!(began.elapsed() < Duration::from_secs(20), "the browser is still there");
        tokio::task::yield_now().await;
    }
}
