//! A browser's cookies, after RFC 6265 as far as portals go: name, domain, path, secure, expiry and
//! the name prefixes.

use profile::secret::Secret;
use reports::bounds::{COOKIE, COOKIES};
use serde_json::{Value, json};
use url::Url;

/// Cookies of one browser. A clone is a copy: what happens to it does not happen to the other.
#[derive(Clone, Debug, Default)]
pub struct Jar {
    cookies: Vec<Cookie>,
}

#[derive(Clone, Debug)]
struct Cookie {
    name: String,
    value: Secret,
    domain: String,
    host_only: bool,
    path: String,
    secure: bool,
    http_only: bool,
    /// Unix seconds.
    expires: Option<i64>,
}

impl Jar {
    /// Keeps what a `Set-Cookie` header says; the value, where there is one to keep.
    pub(super) fn store(&mut self, url: &Url, header: &str, now: i64) -> Option<Secret> {
        if header.len() > COOKIE.most {
            return None;
        }
        let cookie = Cookie::parse(url, header, now)?;
        self.cookies.retain(|old| !old.is(&cookie));
        if cookie.expires.is_some_and(|at| at <= now) {
            return None;
        }
        let value = cookie.value.clone();
        self.cookies.push(cookie);
        if self.cookies.len() > COOKIES.most {
            self.cookies.remove(0);
        }
        (!value.reveal().is_empty()).then_some(value)
    }

    /// The `Cookie` header for a URL.
    pub(super) fn header(&self, url: &Url, now: i64) -> Option<String> {
        let mut fit: Vec<&Cookie> =
            self.cookies.iter().filter(|cookie| cookie.fits(url, now)).collect();
        fit.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> =
            fit.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value.reveal())).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// The value of a cookie, whatever its domain; the newest, and never an empty one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Secret> {
        let mut newest_first = self.cookies.iter().rev();
        newest_first
            .find(|cookie| cookie.name == name && !cookie.value.reveal().is_empty())
            .map(|cookie| &cookie.value)
    }

    /// The names of all cookies.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.cookies.iter().map(|cookie| cookie.name.as_str())
    }

    /// Takes the cookies of some hosts out.
    pub(crate) fn take_those_of(&mut self, hosts: &[String]) -> Self {
        let theirs = |cookie: &Cookie| hosts.contains(&cookie.domain);
        let (taken, left) = std::mem::take(&mut self.cookies).into_iter().partition(theirs);
        self.cookies = left;
        Self { cookies: taken }
    }

    /// Puts back what was taken out.
    pub(crate) fn put_back(&mut self, taken: Self) {
        self.cookies.extend(taken.cookies);
    }

    /// The values of all cookies.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Secret> {
        self.cookies.iter().map(|cookie| &cookie.value)
    }

    /// All of them as a real browser takes them (CDP, `Network.CookieParam`).
    pub(crate) fn for_a_browser(&self) -> Vec<Value> {
        self.cookies.iter().map(Cookie::for_a_browser).collect()
    }

    /// Those of a real browser (CDP, `Network.Cookie`).
    pub(crate) fn of_a_browser(cookies: &[Value]) -> Self {
        Self { cookies: cookies.iter().filter_map(Cookie::of_a_browser).collect() }
    }

    /// Throws a cookie away.
    pub fn forget(&mut self, name: &str) {
        self.cookies.retain(|cookie| cookie.name != name);
    }
}

impl Cookie {
    /// Whether one takes the place of the other.
    fn is(&self, other: &Self) -> bool {
        (&self.name, &self.domain, &self.path) == (&other.name, &other.domain, &other.path)
    }

    fn for_a_browser(&self) -> Value {
        let scheme = if self.secure { "https" } else { "http" };
        let mut cookie = json!({
            "name": self.name,
            "value": self.value.reveal(),
            "url": format!("{scheme}://{}{}", self.domain, self.path),
            "path": self.path,
            "secure": self.secure,
            "httpOnly": self.http_only,
        });
        if !self.host_only {
            cookie["domain"] = Value::from(self.domain.as_str());
        }
        if let Some(at) = self.expires {
            cookie["expires"] = Value::from(at);
        }
        cookie
    }

    fn of_a_browser(cookie: &Value) -> Option<Self> {
        let text = |name: &str| cookie.get(name)?.as_str();
        let flag = |name: &str| cookie.get(name).and_then(Value::as_bool).unwrap_or_default();
        let domain = text("domain")?;
        let expires = cookie.get("expires").filter(|_| !flag("session"));
        Some(Self {
            name: text("name")?.to_owned(),
            value: Secret::new(text("value")?),
            domain: domain.trim_start_matches('.').to_owned(),
            host_only: !domain.starts_with('.'),
            path: text("path")?.to_owned(),
            secure: flag("secure"),
            http_only: flag("httpOnly"),
            // Whole seconds are enough.
            expires: expires.and_then(|at| at.to_string().split('.').next()?.parse().ok()),
        })
    }

    fn is_sent_to(&self, host: &str) -> bool {
        self.domain == host || !self.host_only && is_below(host, &self.domain)
    }

    fn parse(url: &Url, header: &str, now: i64) -> Option<Self> {
        let host = url.host_str()?.to_ascii_lowercase();
        let mut parts = header.split(';');
        let (name, value) = parts.next()?.split_once('=')?;
        let (name, value) = (name.trim(), value.trim().trim_matches('"'));
        let fit = |text: &str| !text.chars().any(|c| c.is_control());
        if name.is_empty() || !fit(name) || !fit(value) {
            return None;
        }
        let mut cookie = Self {
            name: name.to_owned(),
            value: Secret::new(value),
            domain: host.clone(),
            host_only: true,
            path: default_path(url),
            secure: false,
            http_only: false,
            expires: None,
        };
        let mut max_age = None;
        let mut has_path = false;
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim();
            match key.trim().to_ascii_lowercase().as_str() {
                "domain" if !value.is_empty() => {
                    let domain = value.trim_start_matches('.').to_ascii_lowercase();
                    if domain != host && !(domain.contains('.') && is_below(&host, &domain)) {
                        return None;
                    }
                    (cookie.domain, cookie.host_only) = (domain, false);
                }
                "path" if value.starts_with('/') => {
                    (cookie.path, has_path) = (value.to_owned(), value == "/")
                }
                "secure" => cookie.secure = true,
                "httponly" => cookie.http_only = true,
                "max-age" => {
                    max_age = value.parse::<i64>().ok().map(|seconds| now.saturating_add(seconds))
                }
                "expires" => cookie.expires = date(value),
                _ => {}
            }
        }
        cookie.expires = max_age.or(cookie.expires);
        let trustworthy = url.scheme() == "https" || is_local(&host);
        let prefixed = match name {
            _ if name.starts_with("__Host-") => cookie.secure && cookie.host_only && has_path,
            _ if name.starts_with("__Secure-") => cookie.secure,
            _ => true,
        };
        (prefixed && (trustworthy || !cookie.secure)).then_some(cookie)
    }

    fn fits(&self, url: &Url, now: i64) -> bool {
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        let path = url.path();
        let path_fits = path.strip_prefix(self.path.as_str()).is_some_and(|rest| {
            rest.is_empty() || self.path.ends_with('/') || rest.starts_with('/')
        });
        let scheme_fits = !self.secure || url.scheme() == "https" || is_local(&host);
        self.is_sent_to(&host) && path_fits && scheme_fits && self.expires.is_none_or(|at| at > now)
    }
}

fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
        && host.parse::<std::net::IpAddr>().is_err()
}

/// Browsers trust this machine without TLS.
fn is_local(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost"
        || host.ends_with(".localhost")
        || address.is_ok_and(|address| address.is_loopback())
}

fn default_path(url: &Url) -> String {
    match url.path().rfind('/') {
        None | Some(0) => "/".to_owned(),
        Some(at) => url.path()[..at].to_owned(),
    }
}

/// Unix seconds of a date in a header, such as that of `Expires`; `None` where it is none. Portals write them
/// in many ways that browsers take (RFC 6265 §5.1.1), one digit for a day among them. The crate `cookie` drops
/// such a date without a word, and the cookie would stay that a portal deletes; so it is not used here.
pub(super) fn date(text: &str) -> Option<i64> {
    let text = text.replace('-', " ");
    mail_parser::DateTime::parse_rfc822(&text).map(|date| date.to_timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stores headers that came from one URL; the `Cookie` header for another.
    fn check(from: &str, headers: &[&str], to: &str) -> Option<String> {
        let mut jar = Jar::default();
        for header in headers {
            jar.store(&Url::parse(from).unwrap(), header, 1_000_000_000);
        }
        jar.header(&Url::parse(to).unwrap(), 1_000_000_000)
    }

    #[test]
    fn cookies_go_where_they_belong_and_nowhere_else() {
        let auth = "http://auth.lab.localhost/";
        for (from, set, to, sent) in [
            (auth, "a=1", auth, Some("a=1")),
            (auth, "a=1", "http://app.lab.localhost/", None),
            (auth, "a=1; Domain=.lab.localhost", "http://app.lab.localhost/", Some("a=1")),
            (auth, "a=1; Domain=.lab.localhost", "http://evil-lab.localhost/", None),
            (auth, "a=1; Domain=localhost", auth, None),
            (auth, "a=1; Domain=other.example", auth, None),
            (auth, "a=1; Path=/x", "http://auth.lab.localhost/x/y", Some("a=1")),
            (auth, "a=1; Path=/x", "http://auth.lab.localhost/xy", None),
            ("http://auth.lab.localhost/p/q", "a=1", "http://auth.lab.localhost/p/r", Some("a=1")),
            ("http://auth.lab.localhost/p/q", "a=1", auth, None),
            ("https://a.example/", "a=1; Secure", "http://a.example/", None),
            ("http://a.example/", "a=1; Secure", "https://a.example/", None),
            (auth, "a=1; Secure", auth, Some("a=1")),
            (auth, "a=1; Max-Age=0", auth, None),
            (auth, "a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", auth, Some("a=1")),
            (auth, "a=1; Expires=Thu, 01-Jan-1970 00:00:00 GMT", auth, None),
            (auth, "a=1; Expires=Thu, 1 Jan 1970 00:00:00 GMT", auth, None),
            (auth, "a=1; Expires=Thu, 01 Jan 1970 00:00:00 UTC", auth, None),
            (auth, "a=1; Expires=Thu, 01 Jan 1970 00:00:00 +0000", auth, None),
            (auth, "a=1; Expires=Thu, 01-Jan-70 00:00:00 GMT", auth, None),
            (auth, "a=1; Expires=Wed, 09 Jun 2100 10:18:14 GMT", auth, Some("a=1")),
            (
                "https://a.example/",
                "__Host-a=1; Secure; Path=/",
                "https://a.example/",
                Some("__Host-a=1"),
            ),
            ("https://a.example/", "__Host-a=1; Path=/", "https://a.example/", None),
            (auth, "a=\"quoted\"", auth, Some("a=quoted")),
            (auth, "no pair", auth, None),
        ] {
            assert_eq!(check(from, &[set], to).as_deref(), sent, "{set} from {from} to {to}");
        }
    }

    #[test]
    fn the_same_cookie_is_replaced_and_deleted_and_longer_paths_go_first() {
        let url = "http://a.localhost/x/y";
        assert_eq!(check(url, &["a=1; Path=/", "a=2; Path=/"], url).as_deref(), Some("a=2"));
        assert_eq!(check(url, &["a=1; Path=/", "a=; Path=/; Max-Age=0"], url), None);
        assert_eq!(check(url, &["a=1; Path=/", "b=2; Path=/x"], url).as_deref(), Some("b=2; a=1"));
    }

    #[test]
    fn the_cookies_of_some_hosts_are_taken_out_and_put_back() {
        let mut jar = Jar::default();
        let from = |host: &str| Url::parse(&format!("http://{host}/")).unwrap();
        jar.store(&from("idp.acme.example"), "sid=1", 0);
        jar.store(&from("app.acme.example"), "app=1", 0);
        jar.store(&from("app.acme.example"), "all=1; Domain=acme.example", 0);
        let taken = jar.take_those_of(&["app.acme.example".to_owned()]);
        assert_eq!(jar.names().collect::<Vec<_>>(), ["sid", "all"]);
        assert_eq!(taken.names().collect::<Vec<_>>(), ["app"]);
        jar.put_back(taken);
        assert_eq!(jar.names().collect::<Vec<_>>(), ["sid", "all", "app"]);
    }

    #[test]
    fn a_jar_does_not_print_its_values() {
        let mut jar = Jar::default();
        jar.store(&Url::parse("http://a.localhost/").unwrap(), "a=hush-hush", 0);
        assert!(!format!("{jar:?}").contains("hush"));
    }
}
