//! A small portal of pages on loopback, driven in Chromium: whoever sits at which tab, what a page refuses, and
//! where an answer goes that no page waits for.

use std::sync::{Arc, Mutex};

use loopback::{Asked, Back, HEAD, TAIL, answer, html, json, redirect, serve};
use profile::{Verb, error::Error, secret::Secret};
use reports::record::Reply;
use serde_json::json;

use super::*;
use crate::{
    deployment::inputs,
    fixture::{access, exchanges},
};

const FORM: &str = "<label>User name <input name=user></label>\
    <label for=p>Password</label><input id=p name=password type=password><button>Sign in</button>";

/// What each page ends in. The first alert is there before anything is done, and says nothing of what comes.
fn form(said: &str) -> Back {
    html(&format!("<form method=post action=/login>{said}{FORM}</form>"))
}

const KEY: &str = r#"<h1>Key</h1><button>Use key</button><p role=alert></p><script>
document.querySelector("button").addEventListener("click", async () => {
  const publicKey = { challenge: Uint8Array.from([1, 2, 3]), rpId: "portal.localhost" };
  const answer = await navigator.credentials.get({ publicKey });
  const sent = await fetch("/key", { method: "POST", body: JSON.stringify(answer) });
  if (sent.ok) location.assign("/home");
  else document.querySelector("[role=alert]").textContent = "Wrong key";
});</script>"#;

/// Loads itself anew while it waits for a key.
const RESTLESS: &str = r#"<button>Use key</button><script>
document.querySelector("button").addEventListener("click", () => {
  navigator.credentials.get({ publicKey: { challenge: Uint8Array.from([1, 2, 3]) } });
  setTimeout(() => location.reload(), 300);
});</script>"#;

/// Sets codes up for all but bob.
fn codes(who: Option<&str>) -> Back {
    let shown = if who == Some("bob") {
        "<p role=alert>Not for you</p>"
    } else {
        "<output>JBSWY3DPEHPK3PXP</output><label>Code <input></label><button onclick=\"\
         this.outerHTML='<p role=status>Done</p>'\">Confirm</button>"
    };
    let shown = shown.replace('"', "&quot;");
    html(&format!(
        "<button onclick=\"this.insertAdjacentHTML('afterend', this.title)\" title=\"{shown}\">Set up</button>"
    ))
}

fn portal(asked: &Asked) -> Back {
    let cookie = asked.header("cookie");
    let who = cookie.split("who=").nth(1).map(|rest| rest.split(';').next().unwrap_or_default());
    match asked.line.as_str() {
        "GET /login" => form("<p role=alert>Passwords expire soon</p>"),
        "POST /login" if asked.body.contains("password=wrong") => {
            form("<p role=alert>Wrong password</p>")
        }
        "POST /login" => {
            let user = asked.body.trim_start_matches("user=").split('&').next().unwrap();
            let cookie = format!("set-cookie: who={user}; HttpOnly");
            answer(303, &[&cookie, "location: /home"], "")
        }
        "GET /home" if who.is_some() => html(&format!("<h1>Hello {}</h1>", who.unwrap())),
        "GET /home" => redirect("/login"),
        "GET /key" if who == Some("bob") => html("<p role=alert>No key for you</p>"),
        "GET /key" => html(KEY),
        "GET /restless" => html(RESTLESS),
        "GET /codes" => codes(who),
        "GET /outside" => html("<h1>Hello</h1><img src='http://elsewhere.localhost/a.png'>"),
        "POST /key" if asked.body.contains("\"signature\":\"AQI\"") => json(200, &json!({})),
        "POST /key" => json(403, &json!({})),
        "GET /options" => json(200, &json!({"publicKey": {"challenge": "AQID"}})),
        "GET /me" => json(200, &json!({"user": who})),
        _ => answer(404, &[], ""),
    }
}

const PAGES: &str = r#"
[flow.answer_with_key]
begin = { get = "/options", options = { json = "/publicKey" } }
finish = { post = "/key", json = "{credential}", outcome = [{ status = 200, is = "ok" }, { status = 403, is = "refused" }] }

[page.sign_in]
steps = [
    { open = "/login" },
    { fill = { label = "User name" }, with = "{user}" },
    { fill = { label = "Password" }, with = "{password}" },
    { press = { role = "button", name = "Sign in" } },
]
outcome = [{ shows = { role = "alert" }, is = "refused" }, { url = '/home$', is = "ok" }]
capture = { greeting = { role = "heading" } }

[page.answer_with_key]
begin = [{ open = "/key" }, { press = { role = "button", name = "Use key" } }]
outcome = [{ shows = { role = "alert", text = 'key' }, is = "refused" }, { url = '/home$', is = "ok" }]
"#;

const CODES: &str = r#"
[flow.enrol_totp]
begin = { get = "/options", capture = { secret = { json = "/secret" } }, outcome = [{ status = 200, is = "ok" }] }
finish = { post = "/code", json = { code = "{code}" }, outcome = [{ status = 200, is = "ok" }] }

[page.enrol_totp]
begin = [{ open = "/codes" }, { press = { role = "button", name = "Set up" } }]
finish = [{ fill = { label = "Code" }, with = "{code}" }, { press = { role = "button", name = "Confirm" } }]
outcome = [{ shows = { role = "alert", text = '\S' }, is = "refused" }, { shows = { role = "status" }, message = { css = "output" }, is = "ok" }]
capture = { secret = { css = "output" } }
"#;

struct Street {
    driver: BrowserDriver,
    access: Arc<Access>,
    visitor: Visitor,
    heard: Arc<Mutex<Vec<String>>>,
}

async fn street(pages: &str) -> Street {
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let hears = Arc::clone(&heard);
    let listener = serve(move |asked| {
        hears.lock().unwrap().push(format!("{} {}", asked.line, asked.body));
        portal(&asked)
    })
    .await;
    let text = format!("{HEAD}{TAIL}{pages}")
        .replace("[actors]", "[scope.limits]\nexchange_timeout = \"3s\"\n[actors]");
    let (access, visitor) = access(&text, &listener, None).await;
    let access = Arc::new(access);
    let chosen = InBrowser { engine: Engine::Chromium, server: None, headed: false };
    let driver = BrowserDriver::start(Arc::clone(&access), chosen).await.unwrap();
    Street { driver, access, visitor, heard }
}

fn who(user: &str, password: &str) -> Inputs {
    let password = Input::Secret(Secret::new(password));
    inputs([("user", Input::Open(user.into())), ("password", password)])
}

impl Street {
    async fn signs_in(&self, visitor: &mut Visitor, user: &str, password: &str) -> Answer {
        self.driver.perform(visitor, Verb::SignIn, &who(user, password)).await.unwrap()
    }

    async fn begins(&self, visitor: &mut Visitor) -> Begun {
        self.driver.begin(visitor, Verb::AnswerWithKey, &Inputs::new()).await.unwrap()
    }

    /// Whom the portal takes a visitor for, over HTTP.
    async fn whoami(&self, visitor: &mut Visitor) -> Value {
        let answer = self.driver.perform(visitor, Verb::Whoami, &Inputs::new()).await.unwrap();
        answer.captured.get("user").cloned().unwrap_or_default()
    }

    fn another(&self) -> Visitor {
        self.access.visitor(&self.visitor.scene, "bob")
    }
}

#[tokio::test]
async fn a_page_that_stops_waiting_for_the_key_is_not_passed_over() {
    let street = street(&PAGES.replace("open = \"/key\"", "open = \"/restless\"")).await;
    let mut alice = street.visitor.clone();
    let begun = street.begins(&mut alice).await;
    let Between::Ceremony { number, .. } = begun.between else { panic!("no ceremony") };
    while street.driver.tabs.lock().await.session.waits_for(number).await.unwrap_or(true) {
        tokio::task::yield_now().await;
    }
    let key = inputs([("credential", Input::Open(json!({"id": "AQ"})))]);
    let answer = street.driver.finish(&mut alice, Verb::AnswerWithKey, &begun, &key).await.unwrap();
    assert_eq!(answer.reply, Reply::Unknown);
    assert!(answer.note.unwrap().contains("stopped waiting"));
    assert!(!street.heard.lock().unwrap().iter().any(|line| line.starts_with("POST /key")));
}

#[tokio::test]
async fn a_first_half_without_a_key_ends_with_what_the_second_begins_with_or_a_refusal() {
    let street = street(&format!("{PAGES}{CODES}")).await;
    let (mut alice, mut bob) = (street.visitor.clone(), street.another());
    street.signs_in(&mut alice, "alice", "right").await;
    street.signs_in(&mut bob, "bob", "right").await;
    let none = Inputs::new();
    let begun = street.driver.begin(&mut alice, Verb::EnrolTotp, &none).await.unwrap();
    assert_eq!(begun.answer.reply, Reply::Ok, "{:?}", begun.answer.note);
    assert_eq!(begun.answer.captured["secret"], json!("JBSWY3DPEHPK3PXP"));
    let refused = street.driver.begin(&mut bob, Verb::EnrolTotp, &none).await.unwrap();
    assert_eq!(refused.answer.reply, Reply::Refused, "{:?}", refused.answer.note);
    let code = inputs([("code", Input::Open("123456".into()))]);
    let done = street.driver.finish(&mut alice, Verb::EnrolTotp, &begun, &code).await.unwrap();
    assert_eq!(done.reply, Reply::Ok, "{:?}", done.note);
    assert_eq!(done.message.as_deref(), Some("JBSWY3DPEHPK3PXP"));
    let record = format!("{:?}", exchanges(&street.visitor));
    assert!(
        record.contains("the page shows: ") && !record.contains("JBSWY3DPEHPK3PXP"),
        "{record}"
    );
}

#[tokio::test]
async fn visitors_have_a_tab_and_cookies_of_their_own_over_http_too() {
    let street = street(PAGES).await;
    let (mut alice, mut bob) = (street.visitor.clone(), street.another());
    let wrong = street.signs_in(&mut alice, "alice", "wrong").await;
    assert_eq!((wrong.reply, wrong.message.as_deref()), (Reply::Refused, Some("Wrong password")));
    assert_eq!(street.whoami(&mut alice).await, Value::Null);
    let right = street.signs_in(&mut alice, "alice", "right").await;
    assert_eq!((right.reply, &right.captured["greeting"]), (Reply::Ok, &json!("Hello alice")));
    assert_eq!(street.signs_in(&mut bob, "bob", "right").await.reply, Reply::Ok);
    let hers = street.begins(&mut alice).await.answer;
    assert_eq!(hers.reply, Reply::Ok, "bob would be told that there is no key for him");
    assert_eq!(street.whoami(&mut alice).await, "alice");
    assert_eq!(street.whoami(&mut bob).await, "bob");
    let written = exchanges(&street.visitor);
    assert!(written.iter().all(|exchange| !format!("{exchange:?}").contains("right\"")));
    let page = written.iter().find(|exchange| exchange.method == "BROWSER").unwrap();
    let done = page.request_body.as_deref().unwrap();
    assert!(done.starts_with("open /login\nfill label \"User name\""), "{done}");
}

#[tokio::test]
async fn a_page_has_one_answer_of_a_key_and_what_it_does_not_wait_for_goes_over_http() {
    let street = street(PAGES).await;
    let mut alice = street.visitor.clone();
    street.signs_in(&mut alice, "alice", "right").await;
    let key = |signature: &str| {
        let credential = json!({
            "id": "AQI", "rawId": "AQI", "type": "public-key", "clientExtensionResults": {},
            "response": {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": signature},
        });
        inputs([("credential", Input::Open(credential))])
    };
    let begun = street.begins(&mut alice).await;
    assert_eq!(begun.options.as_ref().unwrap()["challenge"], "AQID");
    let finish = async |visitor: &mut Visitor, signature| {
        street.driver.finish(visitor, Verb::AnswerWithKey, &begun, &key(signature)).await
    };
    let mut alice = alice.clone();
    let unreadable = finish(&mut alice, "%").await.unwrap_err();
    assert!(matches!(unreadable, Error::NotApplicable(_)), "{unreadable}");
    let wrong = finish(&mut alice, "AQ").await.unwrap();
    assert_eq!((wrong.reply, wrong.message.as_deref()), (Reply::Refused, Some("Wrong key")));
    let without_a_page = finish(&mut alice, "AQI").await.unwrap();
    assert_eq!((without_a_page.reply, without_a_page.status), (Reply::Ok, Some(200)));
    let sent =
        street.heard.lock().unwrap().iter().filter(|line| line.starts_with("POST /key")).count();
    assert_eq!(sent, 2);
    let begun = street.begins(&mut alice).await;
    let answer = street.driver.finish(&mut alice, Verb::AnswerWithKey, &begun, &key("AQI")).await;
    assert_eq!(answer.unwrap().reply, Reply::Ok);
}

#[tokio::test]
async fn what_a_page_says_in_place_of_a_control_is_its_answer_and_nothing_is_unknown() {
    let street = street(PAGES).await;
    let mut bob = street.another();
    street.signs_in(&mut bob, "bob", "right").await;
    let refused = street.begins(&mut bob).await.answer;
    assert_eq!(
        (refused.reply, refused.message.as_deref()),
        (Reply::Refused, Some("No key for you"))
    );
    let unknown = PAGES.replace("name = \"Sign in\"", "name = \"Log in\"");
    let unknown = unknown.replace("{ role = \"alert\" }", "{ role = \"status\" }");
    let street = self::street(&unknown).await;
    let mut alice = street.visitor.clone();
    let answer = street.signs_in(&mut alice, "alice", "right").await;
    assert_eq!(answer.reply, Reply::Unknown);
    let note = answer.note.unwrap();
    assert!(
        note.contains("role \"button\", name \"Log in\": it is not shown, on /login"),
        "{note}"
    );
}

#[tokio::test]
async fn a_page_that_asks_for_another_host_ends_the_run() {
    let street = street(&PAGES.replace("open = \"/login\"", "open = \"/outside\"")).await;
    let mut alice = street.visitor.clone();
    let pages = street.driver.perform(&mut alice, Verb::SignIn, &who("alice", "right")).await;
    let error = pages.unwrap_err();
    assert!(matches!(error, Error::Safety(_)), "{error}");
    assert!(error.to_string().contains("elsewhere.localhost"), "{error}");
}
