//! The server of the desk, on loopback: its page, and what a person says on a device.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use mailbox::Mailbox;
use serde_json::json;
use softkey::totp::Codes;
use tokio::net::TcpListener;
use url::form_urlencoded;

use crate::{
    Error,
    client::{Client, Sender},
    page::{self, Shown, View},
    people::Person,
};

/// How often the portal's clock is set.
const TICK: Duration = Duration::from_secs(1);
/// The largest form that is read, bytes.
const FORM: usize = 4096;
/// Only the page's own style, and forms to the page itself.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// What the page is made of.
pub struct Desk {
    /// The portal.
    pub portal: Client,
    /// Its users.
    pub people: Vec<Person>,
    /// Where its mails arrive.
    pub mail: Mailbox,
}

/// Serves the desk until the future that it gives is dropped, and lets the portal's clock go with that of the
/// machine. It takes a free port of loopback.
///
/// # Errors
/// When no port can be listened on.
pub async fn serve(desk: Desk) -> Result<(SocketAddr, impl Future<Output = ()>), Error> {
    let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let desk = Arc::new(desk);
    let router = router(Arc::clone(&desk), address);
    let serving = async move {
        let ticking = async {
            let mut ticks = tokio::time::interval(TICK);
            loop {
                ticks.tick().await;
                // A defective portal may refuse; its clock then stays where it is.
                let _ = desk.portal.catch_up().await;
            }
        };
        tokio::select! {
            _ = axum::serve(listener, router) => {}
            () = ticking => {}
        }
    };
    Ok((address, serving))
}

/// What answers the requests of the desk.
pub(crate) fn router(desk: Arc<Desk>, address: SocketAddr) -> Router {
    Router::new().fallback(enter).with_state((desk, address))
}

async fn enter(
    State((desk, address)): State<(Arc<Desk>, SocketAddr)>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    if !is_own(&parts.headers, address) {
        return text(StatusCode::MISDIRECTED_REQUEST, "This desk answers at its own address only.");
    }
    if let Some(asset) = pages::asset(parts.uri.path()) {
        return respond(StatusCode::OK, asset.media_type, asset.text.to_owned());
    }
    match (parts.method, parts.uri.path()) {
        (Method::GET | Method::HEAD, "/") => desk.page("").await,
        (Method::POST, "/answer") => match to_bytes(body, FORM).await {
            Ok(form) => desk.answer(&form).await,
            Err(_) => text(StatusCode::PAYLOAD_TOO_LARGE, "The form is too large."),
        },
        _ => text(StatusCode::NOT_FOUND, "There is nothing here."),
    }
}

/// Whether a request names this desk, and no page of another site sent it.
fn is_own(headers: &HeaderMap, address: SocketAddr) -> bool {
    let hosts = [address.to_string(), format!("localhost:{}", address.port())];
    let named = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let host = named(header::HOST).unwrap_or_default();
    let origin = named(header::ORIGIN);
    hosts.iter().any(|own| own == host)
        && origin.is_none_or(|origin| origin == format!("http://{host}"))
}

impl Desk {
    async fn page(&self, said: &str) -> Response {
        let now = self.portal.now().await.unwrap_or_default();
        let mut people = Vec::new();
        for person in self.people.iter().cloned() {
            let code = person.secret.as_ref().and_then(|secret| Codes::USUAL.at(secret, now));
            let is_asked = self.is_asked(&person).await;
            people.push(Shown { person, code, is_asked });
        }
        let mails = self.mail.arrived();
        let portal = self.portal.origin();
        let token = self.portal.token();
        let view = View { portal: &portal, token, people: &people, mails: &mails, said };
        respond(StatusCode::OK, "text/html; charset=utf-8", page::render(&view))
    }

    async fn is_asked(&self, person: &Person) -> bool {
        let Some(device) = &person.device else { return false };
        let asked = self.portal.send(Sender::Device(device), "GET /api/push", &json!({})).await;
        asked.body["waiting"] == true
    }

    /// Sends what a person said on a user's device.
    async fn answer(&self, form: &[u8]) -> Response {
        let field = |name: &str| {
            let mut fields = form_urlencoded::parse(form);
            fields.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
        };
        let user = field("user").unwrap_or_default();
        let device = self.people.iter().find(|person| person.name == user);
        let Some(device) = device.and_then(|person| person.device.as_ref()) else {
            return text(StatusCode::NOT_FOUND, "There is no such device.");
        };
        let body = json!({ "answer": field("answer"), "number": field("number") });
        let answer = self.portal.send(Sender::Device(device), "POST /api/push/answer", &body).await;
        let said = answer.body["message"].as_str().unwrap_or("The device has answered.");
        self.page(said).await
    }
}

fn text(status: StatusCode, said: &str) -> Response {
    respond(status, "text/plain; charset=utf-8", said.to_owned())
}

fn respond(status: StatusCode, kind: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "strict-origin"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
