//! A browser without a window: it keeps its cookie and the token of the last page, and sends forms. No
//! socket is opened.

use std::net::SocketAddr;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, header},
};
use portal::{Argon2Cost, Settings};
use serde_json::{Value, json};
use tower_service::Service;

pub(crate) const HOST: &str = "pages.portal.localhost";
pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const ADMINISTRATOR_TOKEN: &str = "the administrator's token";
/// As a current browser on Linux asks.
const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0.0.0 Safari/537.36";
const ACCEPT: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// One portal, and what its administrator does.
pub(crate) struct Stand(Router);

fn settings() -> Settings {
    Settings {
        seed: [7; 32],
        admin_token: ADMINISTRATOR_TOKEN.to_owned(),
        smtp: None,
        argon2: Argon2Cost::cheapest(),
        defect: None,
        trouble: |said| panic!("{said}"),
    }
}

impl Stand {
    pub(crate) fn new() -> Self {
        Self(portal::router(settings()))
    }

    pub(crate) fn with_defect(id: &str) -> Self {
        let defect = Some(portal::defect::find(id).expect("a defect"));
        Self(portal::router(Settings { defect, ..settings() }))
    }

    /// One whose mail goes to an address.
    pub(crate) fn with_mail(smtp: SocketAddr) -> Self {
        Self(portal::router(Settings { smtp: Some(smtp), ..settings() }))
    }

    pub(crate) async fn with_user(self, name: &str, policy: Value) -> Self {
        let mail = format!("{name}@portal.test");
        let user = json!({ "user": name, "password": PASSWORD, "mail": mail, "policy": policy });
        self.administer("POST", "users", user).await;
        self
    }

    pub(crate) async fn administer(&self, method: &str, path: &str, body: Value) -> Page {
        let mut browser = self.browser();
        let path = format!("/api/admin/{path}");
        let headers = [("authorization", format!("Bearer {ADMINISTRATOR_TOKEN}"))];
        let body = body.to_string();
        let told = browser.send(method, &path, &headers, ("application/json", &body)).await;
        assert!((200..300).contains(&told.status), "{path}: {}", told.body);
        told
    }

    pub(crate) async fn advance(&self, seconds: u64) {
        self.administer("POST", "clock", json!({ "advance": seconds })).await;
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser {
            router: self.0.clone(),
            cookie: None,
            administrator: None,
            csrf: String::new(),
            agent: CHROME,
        }
    }

    /// A browser in which the password of a user was entered.
    pub(crate) async fn entered(&self, user: &str) -> Browser {
        let mut browser = self.browser();
        browser.get("/sign-in").await;
        let told = browser.post("/sign-in", &[("user", user), ("password", PASSWORD)]).await;
        assert_eq!((told.status, told.to.as_str()), (303, "/"), "{}", told.body);
        browser
    }
}

pub(crate) struct Browser {
    router: Router,
    pub(crate) cookie: Option<String>,
    /// The cookie of the administrator's session.
    pub(crate) administrator: Option<String>,
    /// What the forms of the last page carry.
    pub(crate) csrf: String,
    pub(crate) agent: &'static str,
}

/// What was answered.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The address that the browser is sent to, if it is.
    pub(crate) to: String,
    pub(crate) body: String,
}

impl Page {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// The status, and where the browser is sent.
    pub(crate) fn brief(&self) -> String {
        if self.to.is_empty() { self.status.to_string() } else { format!("→ {}", self.to) }
    }

    /// The text between two marks.
    pub(crate) fn between(&self, before: &str, after: &str) -> &str {
        let found = self.body.split_once(before).and_then(|(_, rest)| rest.split_once(after));
        found.unwrap_or_else(|| panic!("no {before}…{after} in {}", self.body)).0
    }

    pub(crate) fn says(&self, text: &str) -> bool {
        self.body.contains(text)
    }

    /// What the page says was refused.
    pub(crate) fn alert(&self) -> &str {
        self.between("role=\"alert\">", "</p>")
    }
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.send("GET", path, &[("accept", ACCEPT.to_owned())], ("", "")).await
    }

    /// Sends a form of the last page.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let csrf = self.csrf.clone();
        self.post_with(path, &csrf, fields).await
    }

    pub(crate) async fn post_with(
        &mut self,
        path: &str,
        csrf: &str,
        fields: &[(&str, &str)],
    ) -> Page {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields).append_pair("csrf", csrf);
        let headers = [("accept", ACCEPT.to_owned()), ("origin", format!("http://{HOST}"))];
        let body = form.finish();
        self.send("POST", path, &headers, ("application/x-www-form-urlencoded", &body)).await
    }

    /// A request of the JSON interface, as the script of the pages makes it.
    pub(crate) async fn api(&mut self, method: &str, path: &str, body: Value) -> Page {
        self.send(method, path, &[], ("application/json", &body.to_string())).await
    }

    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, String)],
        (kind, body): (&str, &str),
    ) -> Page {
        let mut request = Request::builder().method(method).uri(path).header("host", HOST);
        request = request.header("user-agent", self.agent);
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let own = [("portal_session", &self.cookie), ("portal_administrator", &self.administrator)];
        let own = own.iter().filter_map(|(name, id)| Some(format!("{name}={}", id.as_ref()?)));
        let own: Vec<String> = own.collect();
        if !own.is_empty() {
            request = request.header("cookie", own.join("; "));
        }
        let request = request.body(Body::from(body.to_owned())).expect("a request");
        let response = self.router.call(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().ok().and_then(|cookie| cookie.split(';').next());
            let (name, id) = pair.and_then(|pair| pair.split_once('=')).expect("a pair");
            let id = Some(id.to_owned()).filter(|id| !id.is_empty());
            match name {
                "portal_session" => self.cookie = id,
                "portal_administrator" => self.administrator = id,
                other => panic!("an unknown cookie: {other}"),
            }
        }
        let to = header(header::LOCATION).unwrap_or_default().to_owned();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body");
        let body = String::from_utf8(bytes.to_vec()).expect("text");
        let token = body.split_once("name=\"csrf\" value=\"");
        if let Some((csrf, _)) = token.and_then(|(_, rest)| rest.split_once('"')) {
            csrf.clone_into(&mut self.csrf);
        }
        Page { status: parts.status.as_u16(), headers: parts.headers, to, body }
    }
}
