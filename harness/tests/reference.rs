//! The portal over a real socket: what no flow of a profile sends, and what happens between a check
//! and the act it allows.

use std::{net::SocketAddr, time::Duration};

use mailbox::{MailQuery, Mailbox};
use portal::{Argon2Cost, Served, Settings, serve};
use regex::Regex;
use reqwest::Method;
use serde_json::{Value, json};
use softkey::{Browser, Counter, Model, Seed, SoftKey};

#[path = "reference/applications.rs"]
mod applications;
#[path = "reference/factors.rs"]
mod factors;
#[path = "reference/passwords.rs"]
mod passwords;
#[path = "reference/push.rs"]
mod push;
#[path = "reference/requests.rs"]
mod requests;

const HOST: &str = "test.portal.localhost";
const ADMIN: &str = "the administrator's token";
const PASSWORD: &str = "correct horse";

/// A portal with a mailbox.
struct Stand {
    served: Served,
    mail: Mailbox,
}

/// One browser: its cookie and its name.
#[derive(Clone, Default)]
struct Jar {
    cookie: Option<String>,
    agent: Option<&'static str>,
}

/// What came back.
#[derive(Debug)]
struct Told {
    status: u16,
    body: Value,
}

impl Told {
    /// The status and the check of a refusal, or the status and the word of an answer.
    fn brief(&self) -> (u16, &str) {
        let word = self.body.get("check").or_else(|| self.body.get("status"));
        (self.status, word.and_then(Value::as_str).unwrap_or_default())
    }
}

impl Stand {
    async fn new() -> Self {
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let mail = Mailbox::listen(loopback).await.expect("a mailbox");
        let settings = Settings {
            seed: [7; 32],
            admin_token: ADMIN.to_owned(),
            smtp: mail.address(),
            argon2: Argon2Cost::cheapest(),
            defect: None,
            trouble: |_| (),
        };
        Self { served: serve(settings, loopback).await.expect("a portal"), mail }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("http://{}{path}", self.served.address);
        reqwest::Client::new().request(method, url).header("host", HOST)
    }

    async fn send(&self, jar: &mut Jar, method: Method, path: &str, body: &Value) -> Told {
        let mut request = self.request(method, path);
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        if let Some(cookie) = &jar.cookie {
            request = request.header("cookie", format!("portal_session={cookie}"));
        }
        if let Some(agent) = jar.agent {
            request = request.header("user-agent", agent);
        }
        let response = request.send().await.expect("an answer");
        let cookie =
            response.headers().get("set-cookie").map(|cookie| cookie.to_str().expect("text"));
        if let Some(cookie) = cookie {
            let value =
                cookie.split(';').next().expect("a cookie").split_once('=').expect("a cookie").1;
            jar.cookie = Some(value.to_owned()).filter(|value| !value.is_empty());
        }
        told(response).await
    }

    async fn post(&self, jar: &mut Jar, path: &str, body: Value) -> Told {
        self.send(jar, Method::POST, path, &body).await
    }

    async fn get(&self, jar: &mut Jar, path: &str) -> Told {
        self.send(jar, Method::GET, path, &Value::Null).await
    }

    async fn administer(&self, method: Method, path: &str, body: Value) -> Told {
        let request = self
            .request(method, &format!("/api/admin/{path}"))
            .header("authorization", format!("Bearer {ADMIN}"))
            .header("content-type", "application/json");
        told(request.body(body.to_string()).send().await.expect("an answer")).await
    }

    /// Creates a user with the usual password and an address of the same name.
    async fn has_user(&self, name: &str, policy: Value) {
        let mail = format!("{name}@portal.test");
        let user = json!({ "user": name, "password": PASSWORD, "mail": mail, "policy": policy });
        assert_eq!(self.administer(Method::POST, "users", user).await.status, 201);
    }

    async fn set_policy(&self, name: &str, policy: Value) {
        let path = format!("users/{name}/policy");
        assert_eq!(self.administer(Method::PUT, &path, policy).await.status, 200);
    }

    async fn time_passes(&self, seconds: u64) {
        self.administer(Method::POST, "clock", json!({ "advance": seconds })).await;
    }

    async fn enters(&self, jar: &mut Jar, name: &str, password: &str) -> Told {
        self.post(jar, "/api/session/password", json!({ "user": name, "password": password })).await
    }

    async fn whoami(&self, jar: &Jar) -> Value {
        self.get(&mut jar.clone(), "/api/session").await.body["user"].take()
    }

    /// A browser in which somebody without a factor is signed in.
    async fn signed_in(&self, name: &str) -> Jar {
        let mut jar = Jar::default();
        assert_eq!(self.enters(&mut jar, name, PASSWORD).await.brief(), (200, "signed-in"));
        jar
    }

    async fn options(&self, jar: &mut Jar, path: &str) -> Value {
        self.post(jar, path, json!({ "old": PASSWORD })).await.body["publicKey"].take()
    }

    async fn registers(&self, jar: &mut Jar, key: &mut SoftKey, label: &str) -> Told {
        let options = self.options(jar, "/api/keys/options").await;
        let credential = key.register(&options, &page(), None).expect("a registration").json;
        self.post(jar, "/api/keys", json!({ "label": label, "credential": credential })).await
    }

    async fn enrols_totp(&self, jar: &mut Jar) -> String {
        let secret = self.post(jar, "/api/totp/options", json!({})).await.body["secret"].take();
        let secret = secret.as_str().expect("text").to_owned();
        let code = self.code(&secret).await;
        let told = self.post(jar, "/api/totp", json!({ "code": code })).await;
        assert_eq!(told.brief(), (200, "active"));
        secret
    }

    async fn code(&self, secret: &str) -> String {
        let now =
            self.get(&mut Jar::default(), "/api/clock").await.body["now"].as_u64().expect("a time");
        softkey::totp::Codes::USUAL.at(secret, now).expect("a code")
    }

    /// Asks for a reset; the token that is mailed.
    async fn mailed_token(&self, name: &str) -> Option<String> {
        let mark = self.mail.mark().await.expect("a mark");
        let address = format!("{name}@portal.test");
        let told = self.post(&mut Jar::default(), "/api/reset", json!({ "mail": address })).await;
        assert_eq!(told.brief(), (200, "sent-if-known"));
        let pattern = Regex::new(r"/reset/([A-Za-z0-9_-]+)").expect("a pattern");
        let seen = MailQuery { to: &address, pattern: &pattern, subject: None };
        let patience = Duration::from_millis(200);
        self.mail.wait(&seen, mark, patience).await.expect("a mail").map(|found| found.value)
    }
}

async fn told(response: reqwest::Response) -> Told {
    let status = response.status().as_u16();
    let text = response.text().await.expect("a body");
    Told { status, body: serde_json::from_str(&text).unwrap_or(Value::Null) }
}

fn page() -> Browser {
    Browser::at(format!("http://{HOST}"))
}

/// A key that always sends a counter of zero, so that no counter excuses a replay.
fn key(seed: u8) -> SoftKey {
    SoftKey::new(Model { counter: Counter::Zero, ..Model::roaming() }, &Seed::new([seed; 32]))
}
