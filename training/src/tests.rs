//! That each user stands where the table says, and that the desk shows what a person needs, and no more than
//! to the person at this machine.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use mailbox::Mailbox;
use portal::{Argon2Cost, Defect, Settings, defect::DEFECTS};
use serde_json::{Value, json};
use softkey::{Seed, totp::Codes};
use tower_service::Service;

use super::{Client, Desk, Person, client::Sender, prepare, serve, server::router};

const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8101);

const TOKEN: &str = "the administrator's token";

fn settings(smtp: Option<SocketAddr>, defect: Option<&'static Defect>) -> Settings {
    Settings {
        seed: [7; 32],
        admin_token: TOKEN.to_owned(),
        smtp,
        argon2: Argon2Cost::cheapest(),
        defect,
        trouble: |said| panic!("{said}"),
    }
}

struct Stand {
    portal: Client,
    people: Vec<Person>,
    mail: Mailbox,
    desk: Router,
}

async fn stand() -> Stand {
    stand_with(None).await
}

async fn stand_with(defect: Option<&'static Defect>) -> Stand {
    let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mail = Mailbox::listen(free).await.expect("a listener");
    let answering = portal::router(settings(mail.address(), defect));
    let portal = Client::new(answering, "localhost:8100".to_owned(), TOKEN.to_owned());
    let people = prepare(&portal, &Seed::new([9; 32])).await.expect("users");
    let ready = people.iter().all(|person| person.unready.is_none());
    assert!(ready || defect.is_some(), "{people:?}");
    let desk = Desk { portal: portal.clone(), people: people.clone(), mail: mail.clone() };
    Stand { portal, people, mail, desk: router(Arc::new(desk), ADDRESS) }
}

impl Stand {
    fn person(&self, name: &str) -> &Person {
        self.people.iter().find(|person| person.name == name).expect("in the table")
    }

    /// What the password of somebody leads to, and the browser's cookie.
    async fn enters(&self, name: &str) -> (Value, String) {
        let body = json!({ "user": name, "password": self.person(name).password });
        let sender = Sender::Browser("");
        let answer = self.portal.send(sender, "POST /api/session/password", &body).await;
        (answer.body, answer.cookie)
    }

    async fn told(&self, name: &str) -> Value {
        let request = format!("GET /api/admin/users/{name}");
        self.portal.send(Sender::Administrator, &request, &json!({})).await.body
    }

    /// What the desk answers to a request with these headers.
    async fn asks(
        &mut self,
        request: &str,
        headers: &[(&str, &str)],
        form: &str,
    ) -> (StatusCode, String) {
        let (method, path) = request.split_once(' ').expect("method and path");
        let mut built = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            built = built.header(*name, *value);
        }
        let request = built.body(Body::from(form.to_owned())).expect("a request");
        let response = self.desk.call(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        (parts.status, String::from_utf8(body.to_vec()).expect("text"))
    }

    async fn page(&mut self) -> String {
        self.asks("GET /", &[("host", "localhost:8101")], "").await.1
    }
}

#[tokio::test]
async fn every_user_is_in_the_state_that_is_printed() {
    let stand = stand().await;
    let names: Vec<&str> = stand.people.iter().map(|person| person.name).collect();
    assert_eq!(names, ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"]);
    for (name, status, codes, keys) in [
        ("alice", "signed-in", "none", 0),
        ("bob", "signed-in", "none", 0),
        ("carol", "factor-needed", "active", 0),
        ("dave", "signed-in", "locked-out", 0),
        ("erin", "factor-needed", "active", 1),
        ("frank", "factor-needed", "none", 0),
        ("heidi", "signed-in", "none", 0),
    ] {
        assert_eq!(stand.enters(name).await.0["status"], status, "{name}");
        let told = stand.told(name).await;
        assert_eq!(told["codes"], codes, "{name}");
        assert_eq!(told["number_of_keys"], keys, "{name}");
    }
    assert_eq!(stand.enters("grace").await.0["check"], "login/disabled-account");
    assert_eq!(stand.told("erin").await["keys"][0]["administered"], true);
    let left = stand.told("bob").await["enrolment_seconds_left"].as_u64();
    assert!(left.is_some_and(|left| (604_000..=604_800).contains(&left)), "{left:?}");
    assert_eq!(stand.told("heidi").await["policy"]["passwordless"], true);
}

/// Somebody is to learn from a portal that is broken: it must be served.
#[tokio::test]
async fn every_defect_can_be_served() {
    for defect in DEFECTS {
        let mut stand = stand_with(Some(defect)).await;
        assert_eq!(stand.people.len(), 8, "{}", defect.id);
        assert!(stand.page().await.contains("What the users hold"), "{}", defect.id);
    }
}

#[tokio::test]
async fn the_portal_has_the_time_of_this_machine() {
    let stand = stand().await;
    let machine = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let machine = machine.expect("after 1970").as_secs();
    let portal = stand.portal.now().await.expect("a clock");
    assert!(machine.abs_diff(portal) <= 60, "{machine} {portal}");
}

#[tokio::test]
async fn the_clock_goes_on_while_the_desk_is_served() {
    let Stand { portal, people, mail, .. } = stand().await;
    let new = portal::router(settings(mail.address(), None));
    let behind = Client::new(new, "localhost:8100".to_owned(), TOKEN.to_owned());
    let (_, serving) = serve(Desk { portal: behind.clone(), people, mail }).await.expect("a port");
    let catches_up = async {
        while behind.now().await.expect("a clock") < portal.now().await.expect("a clock") {
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(10), catches_up);
    tokio::select! {
        () = serving => panic!("the desk is closed"),
        caught_up = in_time => caught_up.expect("the clock stands still"),
    }
}

#[tokio::test]
async fn a_code_of_the_desk_signs_in() {
    let mut stand = stand().await;
    // That of the set-up is used up.
    stand.portal.advance(30).await.expect("moved");
    let (_, cookie) = stand.enters("carol").await;
    let secret = stand.person("carol").secret.clone().expect("a secret");
    let now = stand.portal.now().await.expect("a clock");
    let code = Codes::USUAL.at(&secret, now).expect("a code");
    assert!(stand.page().await.contains(&format!("<code>{code}</code>")));
    let body = json!({ "code": code });
    let answer = stand.portal.send(Sender::Browser(&cookie), "POST /api/session/totp", &body).await;
    assert_eq!(answer.body["status"], "signed-in", "{}", answer.body);
}

#[tokio::test]
async fn a_prompt_is_answered_on_the_desk() {
    let mut stand = stand().await;
    assert!(stand.page().await.contains("No prompt waits."));
    for (answer, status) in [("approve", "signed-in"), ("deny", "")] {
        let (_, cookie) = stand.enters("frank").await;
        let browser = Sender::Browser(&cookie);
        let prompt = stand.portal.send(browser, "POST /api/session/push", &json!({})).await;
        let number = prompt.body["number"].as_str().expect("a number").to_owned();
        let page = stand.page().await;
        assert!(page.contains(">Approve</button>") && page.contains(">Deny</button>"), "{page}");
        assert!(!page.contains(&format!(">{number}<")), "the number stays in the browser");
        let form = format!("user=frank&number={number}&answer={answer}");
        let own = [("host", "localhost:8101"), ("origin", "http://localhost:8101")];
        let (code, page) = stand.asks("POST /answer", &own, &form).await;
        assert_eq!(code, StatusCode::OK);
        assert!(page.contains("The device has answered."), "{page}");
        let came = stand.portal.send(browser, "POST /api/session/push/result", &json!({})).await;
        assert_eq!(came.body["status"].as_str().unwrap_or_default(), status, "{}", came.body);
    }
}

#[tokio::test]
async fn a_mail_is_shown_with_its_link() {
    let mut stand = stand().await;
    assert!(stand.page().await.contains("No mail has come yet."));
    let body = json!({ "mail": "alice@example.test" });
    stand.portal.send(Sender::Browser(""), "POST /api/reset", &body).await;
    let page = stand.page().await;
    assert!(page.contains("Reset your password"), "{page}");
    assert!(page.contains("To <bdi>alice@example.test</bdi>"), "{page}");
    assert!(page.contains("<a href=\"http://localhost:8100/reset/"), "{page}");
}

#[tokio::test]
async fn only_a_person_at_this_machine_reaches_the_desk() {
    let mut stand = stand().await;
    for (request, headers, status) in [
        ("GET /", &[("host", "127.0.0.1:8101")][..], 200),
        ("GET /assets/portal.css", &[("host", "127.0.0.1:8101")], 200),
        ("GET /", &[("host", "evil.example:8101")], 421),
        ("GET /", &[], 421),
        ("GET /nothing", &[("host", "localhost:8101")], 404),
        ("POST /answer", &[("host", "localhost:8101")], 404),
        ("POST /answer", &[("host", "localhost:8101"), ("origin", "http://evil.example")], 421),
        ("POST /answer", &[("host", "localhost:8101"), ("origin", "null")], 421),
    ] {
        let (seen, said) = stand.asks(request, headers, "user=nobody").await;
        assert_eq!(seen.as_u16(), status, "{request} {headers:?}: {said}");
        assert!(status == 200 || !said.contains("alice"), "{said}");
    }
}
