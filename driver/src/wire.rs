//! The only place that opens connections to a portal. One request, one answer: no proxy, no cookies of
//! its own, no redirects, nothing from the environment; everything is checked against the allow-list,
//! capped and timed.

mod breaker;
mod failure;
mod governor;
mod jar;
mod lines;
mod race;
mod resolver;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use profile::{Connect, Description, Portal, error::Error, flow::Place};
use reports::record::{Exchange, Traffic};
use reqwest::{
    Client,
    header::{ACCEPT, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue, LOCATION, SET_COOKIE},
};
use url::Url;

use self::{
    breaker::{Breaker, Pulse},
    governor::{Governor, Pause, Turn},
    resolver::Resolver,
};
pub use self::{failure::Failure, jar::Jar, race::Race};
use crate::{recorder, scene::Scene};

/// The header that names the run: the part of its accounts' names that no other run has.
pub const RUN: &str = "touchstone-run";

/// What every request says that it comes from.
pub(crate) const USER_AGENT: &str =
    concat!("touchstone/", env!("CARGO_PKG_VERSION"), " (security-key conformance check)");

/// Longest exchange with a server that is not the portal.
const SIDE_LONGEST: Duration = Duration::from_secs(10);

/// Sends requests to the portals of one profile.
#[derive(Debug)]
pub struct Wire {
    client: Client,
    resolver: Arc<Resolver>,
    allow: Vec<String>,
    connect: Connect,
    body_limit: usize,
    timeout: Duration,
    governor: Governor,
    breaker: Breaker,
    /// Stands in every request, so that operators find a run in their logs.
    run: Option<String>,
    /// When nothing new may begin any more, by the portal's word.
    until: Option<SystemTime>,
}

/// Whoever sends a request, and what goes with it.
#[derive(Debug)]
pub struct Sender<'v> {
    /// Who sits at the browser, for the record.
    pub who: &'v str,
    /// User agent; `None` is Touchstone's own.
    pub user_agent: Option<&'v str>,
    /// Its cookies.
    pub jar: &'v mut Jar,
    /// The race that it is in, where several act at the same instant.
    pub race: Option<&'v Race>,
    /// The scenario that it belongs to.
    pub scene: &'v Scene,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method.
    pub method: &'static str,
    /// Where to.
    pub url: Url,
    /// Headers; those of the driver's own that are named here are replaced, and left out where empty.
    pub headers: Vec<(String, String)>,
    /// Body and its type.
    pub body: Option<(&'static str, String)>,
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// Status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body, decompressed.
    pub body: String,
}

/// Where in the profile an exchange comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Flow and half.
    pub flow: String,
    /// Where the step stands.
    pub place: Place,
    /// Whether the request is honest whatever the scenario is about; see [`profile::verb::VerbRow`].
    pub honest: bool,
    /// Whether it decides what comes of the flow: of several at the same instant, these leave together.
    pub decides: bool,
}

impl Response {
    /// The first header of a name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Where the answer redirects to.
    #[must_use]
    pub fn redirect(&self, from: &Url) -> Option<Url> {
        let redirects = matches!(self.status, 301 | 302 | 303 | 307 | 308);
        self.header(LOCATION.as_str())
            .filter(|_| redirects)
            .and_then(|location| from.join(location).ok())
    }
}

impl Wire {
    /// A wire to the portals of a profile.
    ///
    /// # Errors
    /// When the CA file is not PEM, or there is none and the system has none.
    pub fn new(portal: &Portal, description: &Description) -> Result<Self, Error> {
        let resolver = Arc::new(Resolver::new(portal.connect.clone(), portal.reach));
        let tls = description.allow.iter().any(|origin| origin.starts_with("https://"));
        let authorities = match &portal.ca {
            Some(pem) => certificates(pem)?,
            None if tls && !portal.insecure_tls => certificates(&systems_authorities()?)?,
            // Nothing to be trusted; the client's own choice would follow the environment.
            None => Vec::new(),
        };
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .user_agent(agent(description.contact.as_deref()))
            .http1_only()
            // A connection that died while idle would look like an answer that was dropped.
            .pool_max_idle_per_host(0)
            .dns_resolver(Arc::clone(&resolver))
            .tls_certs_only(authorities)
            .tls_danger_accept_invalid_certs(portal.insecure_tls)
            .build()
            .map_err(|error| Error::Harness(format!("HTTP client: {error}")))?;
        let limits = description.limits;
        Ok(Self {
            client,
            resolver,
            allow: description.allow.clone(),
            connect: portal.connect.clone(),
            body_limit: usize::try_from(limits.body_limit).unwrap_or(usize::MAX),
            timeout: limits.exchange_timeout,
            governor: Governor::new(&limits),
            breaker: Breaker::default(),
            run: None,
            until: None,
        })
    }

    /// Sends no more than so many requests in a second from now on, and says when it is time to end.
    pub(crate) fn keep_to(&mut self, per_second: Option<u32>, until: Option<SystemTime>) {
        self.governor.keep_to(per_second);
        self.until = until;
    }

    /// Names the run in every request from now on, in the header [`RUN`].
    pub fn set_run_tag(&mut self, run_tag: String) {
        self.run = Some(run_tag);
    }

    /// Whether a URL may be contacted.
    ///
    /// # Errors
    /// [`Error::Safety`] that names its host.
    pub fn permits(&self, url: &Url, label: &str) -> Result<(), Error> {
        let listed = self.allow.iter().any(|origin| {
            Url::parse(&origin.replace("{scenario}", label))
                .is_ok_and(|origin| origin.origin() == url.origin())
        });
        let plain = url.username().is_empty() && url.password().is_none();
        let of_the_web = matches!(url.scheme(), "http" | "https");
        if listed && plain && of_the_web {
            return Ok(());
        }
        if !of_the_web {
            let scheme = url.scheme();
            return Err(Error::Safety(format!("a `{scheme}:` address is outside the allow-list")));
        }
        Err(Error::Safety(format!(
            "`{}` is outside the allow-list",
            url.origin().ascii_serialization()
        )))
    }

    /// The addresses that a URL's host is connected to; a name stays pinned to them.
    ///
    /// # Errors
    /// When it has none that may be contacted.
    pub async fn addresses(&self, url: &Url) -> Result<Vec<IpAddr>, Error> {
        match url.host() {
            None => Ok(Vec::new()),
            Some(url::Host::Ipv4(address)) => Ok(vec![address.into()]),
            Some(url::Host::Ipv6(address)) => Ok(vec![address.into()]),
            Some(url::Host::Domain(name)) => {
                let found = self.resolver.addresses(name).await;
                let found =
                    found.map_err(|none| Error::Network(format!("{}: {none}", host(url))))?;
                Ok(found.iter().map(SocketAddr::ip).collect())
            }
        }
    }

    /// Sends one request with the sender's cookies, and keeps those that come back. The exchange is
    /// for the record, and still unredacted.
    ///
    /// # Errors
    /// [`Error::Safety`] before anything is sent.
    pub async fn send(
        &self,
        sender: &mut Sender<'_>,
        request: &Request,
        origin: &Origin,
    ) -> Result<(Exchange, Result<Response, Failure>), Error> {
        self.permits(&request.url, &sender.scene.label)?;
        let headers = self.headers(sender, request)?;
        let url = request.url.to_string();
        let mut exchange = recorder::begins(sender.who, origin, request.method, url);
        exchange.request_headers = listed(&headers);
        exchange.request_body = request.body.as_ref().map(|(_, body)| body.clone());
        let turn = self.turn(sender.scene, sender.race.filter(|_| origin.decides)).await?;
        let sent = Instant::now();
        let sending = self.exchange(request, headers)?;
        let answer = tokio::time::timeout(self.timeout, lines::run(sending)?).await;
        let took = sent.elapsed();
        self.governor.took(took);
        exchange.micros = recorder::micros(took);
        let answer = answer.unwrap_or_else(|_| {
            let seconds = self.timeout.as_secs_f32();
            Err(Failure::Broken(Error::Network(format!(
                "{}: no complete answer within {seconds} s",
                host(&request.url)
            ))))
        });
        if origin.honest {
            self.breaker.heard(&sender.scene.label, Pulse::feel(&answer));
            if answer.is_ok() {
                self.breaker.took(&origin.flow, took);
            }
        }
        match &answer {
            Ok(response) => {
                // Whoever runs into a limit on purpose is told so; the others need not wait for that.
                if !sender.scene.meets_limits() {
                    self.governor.heard(&turn, Pause::read(response, now()));
                }
                exchange.status = Some(response.status);
                exchange.response_headers.clone_from(&response.headers);
                exchange.response_body = Some(response.body.clone());
                let set = response.headers.iter().filter(|(name, _)| name == SET_COOKIE.as_str());
                for (_, cookie) in set {
                    if let Some(value) = sender.jar.store(&request.url, cookie, now()) {
                        sender.scene.recorder.redactor().learn("cookie", value.reveal());
                    }
                }
            }
            Err(failure) => exchange.error = Some(failure.to_string()),
        }
        Ok((exchange, answer))
    }

    /// Whether an answer asks for a pause: the request was not looked at, and may be sent again
    /// after it.
    pub(crate) fn asks_for_a_pause(&self, response: &Response) -> bool {
        Pause::read(response, now()).is_some()
    }

    /// Waits until a request may go, by the pace; one that decides a race, also for the others in it.
    pub(crate) async fn turn(&self, scene: &Scene, decides: Option<&Race>) -> Result<Turn, Error> {
        match decides {
            Some(race) => race.turn(&self.governor, &scene.waiting).await,
            None => {
                let _waits = scene.waiting.begins();
                self.governor.turn().await
            }
        }
    }

    /// How long it took to come to something.
    pub(crate) fn took(&self, time: Duration) {
        self.governor.took(time);
    }

    /// What came of it: whether the portal asked for a pause, without saying for how long.
    pub(crate) fn came_of(&self, turn: &Turn, asks_for_a_pause: bool) {
        self.governor.heard(turn, asks_for_a_pause.then(Pause::unsaid));
    }

    /// Why nothing new should begin on this portal, where that is so.
    #[must_use]
    pub fn stopped(&self) -> Option<String> {
        let storm = || Some(format!("the portal limits requests: {}", self.governor.storm()?));
        let over = || {
            self.until.filter(|until| *until <= SystemTime::now())?;
            Some("the time is over in which the portal may be tested".to_owned())
        };
        self.breaker.is_open().or_else(storm).or_else(over)
    }

    /// What went over the wire so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.governor.traffic()
    }

    fn headers(&self, sender: &Sender<'_>, request: &Request) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::new();
        let mut put = |name: &str, value: &str| -> Result<(), Error> {
            let wrong = |_| Error::Profile(format!("`{name}` with this value is not a header"));
            let name_of = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| Error::Profile(format!("`{name}` is not the name of a header")))?;
            if value.is_empty() {
                headers.remove(&name_of);
            } else {
                headers.insert(name_of, HeaderValue::from_bytes(value.as_bytes()).map_err(wrong)?);
            }
            Ok(())
        };
        put(ACCEPT.as_str(), "text/html, application/json;q=0.9, */*;q=0.8")?;
        if let Some(agent) = sender.user_agent {
            put("user-agent", agent)?;
        }
        if let Some(run) = &self.run {
            put(RUN, run)?;
        }
        if let Some(cookies) = sender.jar.header(&request.url, now()) {
            put(COOKIE.as_str(), &cookies)?;
        }
        if let Some((kind, _)) = &request.body {
            put("content-type", kind)?;
        }
        if let (true, Some(port)) = (self.is_led(&request.url), request.url.port()) {
            put(HOST.as_str(), &format!("{}:{port}", request.url.host_str().unwrap_or_default()))?;
        }
        for (name, value) in &request.headers {
            put(name, value)?;
        }
        Ok(headers)
    }

    /// Whether a URL's host is connected to an address of the profile's.
    fn is_led(&self, url: &Url) -> bool {
        url.domain().is_some_and(|name| self.connect.of(name).is_some())
    }

    /// The exchange, from the connection to the last byte.
    fn exchange(
        &self,
        request: &Request,
        headers: HeaderMap,
    ) -> Result<impl Future<Output = Result<Response, Failure>> + Send + use<>, Error> {
        let mut url = request.url.clone();
        if self.is_led(&url) && url.port().is_some() {
            // The port to connect to is the resolver's to say; the Host header keeps the name's own.
            let _ = url.set_port(None);
        }
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|_| Error::Harness(format!("`{}` is not a method", request.method)))?;
        let mut builder = self.client.request(method, url).headers(headers);
        if let Some((_, body)) = &request.body {
            builder = builder.body(body.clone());
        }
        Ok(answer(builder, host(&request.url), self.body_limit))
    }
}

/// Sends, and reads the answer as far as it may go.
async fn answer(
    request: reqwest::RequestBuilder,
    at: String,
    limit: usize,
) -> Result<Response, Failure> {
    let mut answer = request.send().await.map_err(|error| failure::classify(&error, &at))?;
    let status = answer.status().as_u16();
    let headers = listed(answer.headers());
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| failure::classify(&error, &at))? {
        if bytes.len() + chunk.len() > limit {
            return Err(
                Error::Portal(format!("{at}: the body is larger than {limit} bytes")).into()
            );
        }
        bytes.extend_from_slice(&chunk);
    }
    let body = text(bytes, &headers).map_err(|reason| Error::Portal(format!("{at}: {reason}")))?;
    Ok(Response { status, headers, body })
}

fn certificates(pem: &[u8]) -> Result<Vec<reqwest::Certificate>, Error> {
    let none = || Error::Profile("`ca_file` holds no PEM certificates".into());
    let found = reqwest::Certificate::from_pem_bundle(pem).map_err(|_| none())?;
    if found.is_empty() { Err(none()) } else { Ok(found) }
}

/// A client for a server that the profile names and that is not the portal: where its mail is kept. Without cookies,
/// proxies and redirects; the system's certificates go where it is reached by TLS.
///
/// # Errors
/// When there can be no client.
pub(crate) fn side_client(server: &Url) -> Result<Client, Error> {
    let is_tls = server.scheme() == "https";
    let authorities = if is_tls { certificates(&systems_authorities()?)? } else { Vec::new() };
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(USER_AGENT)
        .timeout(SIDE_LONGEST)
        .tls_certs_only(authorities)
        .build()
        .map_err(|error| Error::Harness(format!("HTTP client: {error}")))
}

/// [`USER_AGENT`], with whom to ask.
fn agent(contact: Option<&str>) -> String {
    let with = |contact| USER_AGENT.replace(')', &format!("; {contact})"));
    contact.map_or_else(|| USER_AGENT.to_owned(), with)
}

/// The system's own certificates, by their usual places: environment variables that name others would
/// be followed without a word in any report.
fn systems_authorities() -> Result<Vec<u8>, Error> {
    const PLACES: &[&str] = &[
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ];
    let found = PLACES.iter().find_map(|place| std::fs::read(place).ok());
    found.ok_or_else(|| {
        Error::Profile(
            "this system's certificates are not where they usually are: name them in `ca_file`"
                .into(),
        )
    })
}

fn listed(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), shown(value))).collect()
}

/// UTF-8, or one of the single-byte encodings of the web where the portal says so.
fn text(bytes: Vec<u8>, headers: &[(String, String)]) -> Result<String, String> {
    let kind = headers
        .iter()
        .find(|(name, _)| name == "content-type")
        .map_or("", |(_, kind)| kind.as_str());
    let kind = kind.to_ascii_lowercase();
    if ["iso-8859-1", "latin1", "windows-1252", "us-ascii"]
        .iter()
        .any(|charset| kind.contains(charset))
    {
        return Ok(bytes.into_iter().map(char::from).collect());
    }
    let binary = ["image/", "font/", "audio/", "video/", "octet-stream"]
        .iter()
        .any(|word| kind.contains(word));
    if binary {
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    String::from_utf8(bytes).map_err(|error| {
        format!("the body is not UTF-8 (at byte {})", error.utf8_error().valid_up_to())
    })
}

fn host(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
