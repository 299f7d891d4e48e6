//! Requests to the portal's router without a socket, in the names of those who would send them.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use serde_json::{Value, json};
use tower_service::Service;

use crate::Error;

/// The largest answer that is read, bytes.
const ANSWER: usize = 1024 * 1024;

/// A portal, as its administrator and its users speak to it.
#[derive(Clone)]
pub struct Client {
    router: Router,
    /// Host and port of the portal.
    host: String,
    /// What the administrator's requests carry.
    token: String,
}

/// Who sends a request.
#[derive(Clone, Copy)]
pub(crate) enum Sender<'a> {
    Administrator,
    /// A browser with this cookie; empty for none.
    Browser(&'a str),
    /// A device with this token.
    Device(&'a str),
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    /// The cookie that is sent from now on.
    pub(crate) cookie: String,
}

impl Client {
    /// A client of the portal behind `host`, for whoever knows the administrator's token.
    #[must_use]
    pub fn new(router: Router, host: String, token: String) -> Self {
        Self { router, host, token }
    }

    /// Where browsers open the portal.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.host)
    }

    /// What the administrator signs in with.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    pub(crate) async fn send(&self, sender: Sender<'_>, request: &str, body: &Value) -> Answer {
        let (method, path) = request.split_once(' ').unwrap_or(("GET", request));
        let mut built = Request::builder().method(method).uri(path);
        built = built.header(header::HOST, &self.host);
        built = built.header(header::CONTENT_TYPE, "application/json");
        built = match sender {
            Sender::Administrator => {
                built.header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            }
            Sender::Device(token) => built.header(header::AUTHORIZATION, format!("Bearer {token}")),
            Sender::Browser(cookie) => built.header(header::COOKIE, cookie),
        };
        let nothing = |status| Answer { status, body: Value::Null, cookie: String::new() };
        let Ok(request) = built.body(Body::from(body.to_string())) else {
            return nothing(StatusCode::BAD_REQUEST);
        };
        let Ok(response) = self.router.clone().call(request).await;
        let (parts, body) = response.into_parts();
        let cookie = parts.headers.get(header::SET_COOKIE);
        let cookie = cookie.and_then(|cookie| cookie.to_str().ok()?.split(';').next());
        let cookie = cookie.unwrap_or_default().to_owned();
        let Ok(bytes) = to_bytes(body, ANSWER).await else { return nothing(parts.status) };
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Answer { status: parts.status, body, cookie }
    }

    /// Sends a request that has to be carried out.
    pub(crate) async fn done(
        &self,
        sender: Sender<'_>,
        request: &str,
        body: &Value,
    ) -> Result<Answer, Error> {
        let answer = self.send(sender, request, body).await;
        if answer.status.is_success() {
            return Ok(answer);
        }
        Err(Error::Portal { request: request.to_owned(), status: answer.status })
    }

    /// The portal's time, seconds since 1970.
    pub(crate) async fn now(&self) -> Result<u64, Error> {
        let clock = self.done(Sender::Browser(""), "GET /api/clock", &json!({})).await?;
        Ok(clock.body["now"].as_u64().unwrap_or_default())
    }

    pub(crate) async fn advance(&self, seconds: u64) -> Result<(), Error> {
        let body = json!({ "advance": seconds });
        self.done(Sender::Administrator, "POST /api/admin/clock", &body).await.map(drop)
    }

    /// Moves the portal's clock on to that of this machine, where it is behind.
    ///
    /// # Errors
    /// When the portal does not let its clock be moved.
    pub async fn catch_up(&self) -> Result<(), Error> {
        let machine = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        match machine.saturating_sub(self.now().await?) {
            0 => Ok(()),
            behind => self.advance(behind).await,
        }
    }
}
