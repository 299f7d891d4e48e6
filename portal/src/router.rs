//! From an HTTP request to a chapter of the portal and back. Everything that holds for every request
//! is made sure of here: host, body, origin, content type.

use std::sync::Arc;

use ::pages::{Asset, asset, content_security_policy};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{self, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::{
    Portal, PortalsByHost,
    check::{Check, Class, Refusal},
    messages::message,
    site, sso,
    webauthn::KeyAnswer,
};

/// The largest body that is read, bytes.
const BODY_LIMIT: usize = 64 * 1024;
/// What even a portal that forgets the limit reads.
const READ_AT_ALL: usize = 1024 * 1024;
/// The cookie of a user's session.
const SESSION: &str = "portal_session";
/// The cookie of the administrator's session.
const ADMINISTRATOR: &str = "portal_administrator";

/// One request, as the chapters see it.
pub(super) struct Visit {
    /// What is asked for: method and path.
    pub(super) endpoint: String,
    /// The session that the cookie names, if it exists.
    pub(super) session: Option<String>,
    /// That session's line, which outlives a renewal of its id.
    pub(super) line: u64,
    /// The administrator's session, if the cookie names an open one.
    pub(super) administrator: Option<String>,
    pub(super) agent: String,
    /// The request carries the administrator's token, or that session.
    pub(super) authorised: bool,
    /// What the request carries as its authorisation; a device's own token.
    pub(super) bearer: String,
    pub(super) body: Value,
    /// What stands behind the path, decoded.
    pub(super) query: Vec<(String, String)>,
}

impl Visit {
    /// A parameter of the query, as text.
    pub(super) fn asked(&self, name: &str) -> &str {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// What a browser says of a new key.
    pub(super) fn credential(&self) -> KeyAnswer<'_> {
        KeyAnswer::of(self.body.get("credential").unwrap_or(&Value::Null))
    }

    /// A member of the body, as text.
    pub(super) fn text(&self, member: &str) -> &str {
        self.body.get(member).and_then(Value::as_str).unwrap_or_default()
    }
}

/// How the body of a request is written.
#[derive(Clone, Copy)]
pub(super) enum Written {
    /// One JSON value, as programs send it.
    Json,
    /// Names and values, as a browser sends a form.
    Form,
}

impl Written {
    const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
        }
    }

    fn read(self, bytes: &[u8]) -> Option<Value> {
        match self {
            Self::Json if bytes.is_empty() => Some(json!({})),
            Self::Json => serde_json::from_slice(bytes).ok(),
            Self::Form => {
                let fields = form_urlencoded::parse(bytes).into_owned();
                let members = fields.map(|(name, value)| (name, Value::String(value)));
                Some(Value::Object(members.collect::<Map<_, _>>()))
            }
        }
    }
}

/// What a chapter answers.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) content: Content,
    /// The session that the browser has from now on; an empty one ends it.
    pub(super) session: Option<String>,
    /// The same for the session of the administrator.
    pub(super) administrator: Option<String>,
}

/// What an answer holds.
pub(super) enum Content {
    Json(Value),
    Xml(String),
    /// Nothing: where to go.
    Elsewhere(String),
    /// HTML for people.
    Page(String),
    /// A file that a page loads.
    Asset(Asset),
}

impl Reply {
    pub(super) fn ok(body: Value) -> Self {
        Self::with_status(StatusCode::OK, body)
    }

    pub(super) fn with_status(status: StatusCode, body: Value) -> Self {
        Self::holding(status, Content::Json(body))
    }

    fn holding(status: StatusCode, content: Content) -> Self {
        Self { status, content, session: None, administrator: None }
    }

    pub(super) fn xml(body: String) -> Self {
        Self::holding(StatusCode::OK, Content::Xml(body))
    }

    pub(super) fn redirect(to: String) -> Self {
        Self::holding(StatusCode::FOUND, Content::Elsewhere(to))
    }

    /// Where a browser goes on after a form, whatever it was sent with.
    pub(super) fn see_other(to: String) -> Self {
        Self { status: StatusCode::SEE_OTHER, ..Self::redirect(to) }
    }

    pub(super) fn page(status: StatusCode, html: String) -> Self {
        Self::holding(status, Content::Page(html))
    }

    fn asset(asset: Asset) -> Self {
        Self::holding(StatusCode::OK, Content::Asset(asset))
    }

    pub(super) fn with_session(body: Value, session: String) -> Self {
        Self { session: Some(session), ..Self::ok(body) }
    }
}

/// The router of a listener.
pub(super) fn router(portals: Arc<PortalsByHost>) -> Router {
    Router::new().fallback(enter).with_state(portals)
}

async fn enter(
    extract::State(portals): extract::State<Arc<PortalsByHost>>,
    request: Request,
) -> Response {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let Some(portal) = portals.portal(&host) else {
        let body = json!({ "error": "misdirected", "message": "No portal answers to this host." });
        return respond(Reply::with_status(StatusCode::MISDIRECTED_REQUEST, body));
    };
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    if let Some(asset) = asset(&path) {
        return respond(Reply::asset(asset));
    }
    if site::is_for_people(&path, request.headers()) {
        return respond(portal.serve_people(request).await);
    }
    let outcome = match portal.visit(request, Written::Json).await {
        Ok(visit) => portal.answer(&method, &path, &visit).await,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(Some(reply)) => respond(reply),
        Ok(None) => respond(Reply::with_status(
            StatusCode::NOT_FOUND,
            json!({ "error": "not-found", "message": "There is nothing here." }),
        )),
        Err(Refusal(check)) => refuse(check),
    }
}

fn refuse(check: Check) -> Response {
    let (status, error) = status_of(check.class());
    let body = json!({ "error": error, "check": check.id(), "message": message(check) });
    respond(Reply::with_status(status, body))
}

/// The status of a class of refusals, and the word for it.
pub(super) const fn status_of(class: Class) -> (StatusCode, &'static str) {
    match class {
        Class::Refused => (StatusCode::BAD_REQUEST, "refused"),
        Class::Expired => (StatusCode::GONE, "expired"),
        Class::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "rate-limited"),
        Class::BadCredentials => (StatusCode::UNAUTHORIZED, "bad-credentials"),
        Class::NotSignedIn => (StatusCode::UNAUTHORIZED, "not-signed-in"),
        Class::Forbidden | Class::Stale => (StatusCode::FORBIDDEN, "forbidden"),
        Class::NotFound => (StatusCode::NOT_FOUND, "refused"),
        Class::Taken => (StatusCode::CONFLICT, "refused"),
        Class::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "refused"),
        Class::UnsupportedType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "refused"),
    }
}

/// What a browser may do with a page, beside what its own files do (HTML §7.1.3, Permissions Policy). Without
/// any referrer it would send forms with the origin `null` (Fetch §3.2); with the origin alone no address of a
/// page, and no token in one, leaves it.
const OF_PAGES: [(HeaderName, &str); 3] = [
    (header::REFERRER_POLICY, "strict-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "publickey-credentials-create=(self), publickey-credentials-get=(self)",
    ),
];

fn respond(reply: Reply) -> Response {
    let mut headers = HeaderMap::new();
    let body = match reply.content {
        Content::Json(body) => {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Body::from(body.to_string())
        }
        Content::Xml(body) => {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
            Body::from(body)
        }
        Content::Elsewhere(to) => {
            HeaderValue::from_str(&to).ok().map(|to| headers.insert(header::LOCATION, to));
            Body::empty()
        }
        Content::Page(html) => {
            let html_type = HeaderValue::from_static("text/html; charset=utf-8");
            headers.insert(header::CONTENT_TYPE, html_type);
            let policy = content_security_policy(sso::APPLICATIONS);
            HeaderValue::from_str(&policy)
                .ok()
                .map(|policy| headers.insert(header::CONTENT_SECURITY_POLICY, policy));
            headers.extend(OF_PAGES.map(|(name, value)| (name, HeaderValue::from_static(value))));
            Body::from(html)
        }
        Content::Asset(asset) => {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
            Body::from(asset.text)
        }
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    for (name, same_site, id) in
        [(SESSION, "Lax", reply.session), (ADMINISTRATOR, "Strict", reply.administrator)]
    {
        let Some(id) = id else { continue };
        let age = if id.is_empty() { "; Max-Age=0" } else { "" };
        let cookie = format!("{name}={id}; Path=/; HttpOnly; SameSite={same_site}{age}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
    let mut response = Response::new(body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = headers;
    response
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = text(headers, "cookie")?.split(';');
    let mut pairs = cookies.filter_map(|cookie| cookie.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
}

impl Portal {
    /// Reads a request, and makes sure of what holds for all of them.
    pub(super) async fn visit(&self, request: Request, written: Written) -> Result<Visit, Refusal> {
        let (parts, body) = request.into_parts();
        let headers = &parts.headers;
        let changes = parts.method != Method::GET && parts.method != Method::HEAD;
        let own = self.origin.as_str();
        let foreign = text(headers, "origin").is_some_and(|origin| origin != own);
        self.require(Check::SessionCsrf, !(changes && foreign))?;
        let Ok(bytes) = to_bytes(body, READ_AT_ALL).await else {
            return Err(Refusal(Check::SessionBodyLimit));
        };
        self.require(Check::SessionBodyLimit, bytes.len() <= BODY_LIMIT)?;
        let says_so = text(headers, "content-type").is_some_and(|kind| {
            kind.split(';')
                .next()
                .is_some_and(|kind| kind.trim().eq_ignore_ascii_case(written.media_type()))
        });
        let untyped = !headers.contains_key(header::CONTENT_TYPE);
        let body = written.read(&bytes);
        self.require(
            Check::SessionContentType,
            if bytes.is_empty() { untyped || says_so } else { says_so && body.is_some() },
        )?;
        let token = text(headers, "authorization")
            .and_then(|value| value.strip_prefix("Bearer "))
            .unwrap_or_default();
        let administrator = cookie(headers, ADMINISTRATOR);
        let administrator = administrator.filter(|id| self.state().is_of_administrator(id));
        let session = cookie(headers, SESSION);
        let line = session.as_ref().and_then(|id| Some(self.state().sessions.get(id)?.line));
        let session = session.filter(|_| line.is_some());
        Ok(Visit {
            endpoint: format!("{} {}", parts.method, parts.uri.path()),
            session,
            line: line.unwrap_or_default(),
            agent: text(headers, "user-agent").unwrap_or_default().to_owned(),
            bearer: token.to_owned(),
            authorised: administrator.is_some() || self.is_the_token(token),
            administrator,
            body: body.unwrap_or(Value::Null),
            query: form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect(),
        })
    }

    /// The table of the portal's endpoints. `None` for a path that is none of them.
    pub(super) async fn answer(
        &self,
        method: &Method,
        path: &str,
        visit: &Visit,
    ) -> Result<Option<Reply>, Refusal> {
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let rest = match segments.as_slice() {
            ["api", "admin", rest @ ..] => {
                return self.administer(method.as_str(), rest, visit).await;
            }
            ["cas", rest @ ..] => return self.serve_application((method.as_str(), rest), visit),
            ["api", rest @ ..] => rest,
            _ => return Ok(None),
        };
        let reply = match (method.as_str(), rest) {
            ("GET", ["session"]) => self.who(visit),
            ("DELETE", ["session"]) => self.sign_out(visit),
            ("POST", ["session", "password"]) => self.enter_password(visit).await,
            ("POST", ["session", "key", "options"]) => self.ask_for_key(visit),
            ("POST", ["session", "key"]) => self.answer_with_key(visit).await,
            ("POST", ["session", "totp"]) => self.answer_with_totp(visit).await,
            ("POST", ["session", "push"]) => self.ask_for_push(visit),
            ("POST", ["session", "push", "result"]) => self.answer_with_push(visit),
            ("GET", ["push"]) => self.waiting_prompt(visit),
            ("POST", ["push", "answer"]) => self.answer_prompt(visit),
            ("POST", ["passwordless", "options"]) => self.ask_passwordless(visit),
            ("POST", ["passwordless"]) => self.answer_passwordless(visit).await,
            ("GET", ["account"]) => self.account(visit),
            ("GET", ["keys"]) => self.list_keys(visit),
            ("POST", ["keys", "options"]) => self.ask_to_register(visit),
            ("POST", ["keys"]) => self.register(visit).await,
            ("PATCH", ["keys", id]) => self.rename_key(visit, id),
            ("DELETE", ["keys", id]) => self.delete_key(visit, id),
            ("GET", ["totp"]) => self.totp_status(visit),
            ("DELETE", ["totp"]) => self.delete_totp(visit),
            ("POST", ["totp", "options"]) => self.begin_totp(visit),
            ("POST", ["totp"]) => self.confirm_totp(visit),
            ("POST", ["reset"]) => self.request_reset(visit).await,
            ("GET", ["reset", token]) => self.open_reset(token),
            ("POST", ["reset", token, "options"]) => self.ask_to_confirm_reset(visit, token),
            ("POST", ["reset", token, "push"]) => self.ask_to_confirm_reset_by_push(token),
            ("POST", ["reset", token]) => self.finish_reset(visit, token).await,
            ("POST", ["password", "options"]) => self.ask_to_confirm_password(visit).await,
            ("POST", ["password", "push"]) => self.ask_to_confirm_password_by_push(visit).await,
            ("POST", ["password"]) => self.change_password(visit).await,
            ("GET", ["clock"]) => Ok(Reply::ok(json!({ "now": self.state().now }))),
            _ => return Ok(None),
        };
        reply.map(Some)
    }
}
