//! The WebDriver protocol (W3C WebDriver, §6): commands as JSON over HTTP to a server that holds a browser. One
//! command, one answer, and a time in which it must have come.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use url::Url;

/// Largest answer, bytes: a picture of a long page in base64.
const LARGEST: usize = 64 << 20;

/// Why a command brought nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// There is no browser or no driver on this machine.
    #[error("{0}")]
    Missing(String),
    /// The browser or its driver has ended, or cannot be reached.
    #[error("the browser has ended: {0}")]
    Ended(String),
    /// No answer in time: it hangs.
    #[error("the browser did not answer within {} s", .0.as_secs_f32())]
    Hangs(Duration),
    /// The browser did not do it, and says why in a word of the protocol.
    #[error("the browser: {word}: {message}")]
    Refused {
        /// Error code of WebDriver, such as `no such element`.
        word: String,
        /// In words.
        message: String,
    },
    /// An answer that is none.
    #[error("the driver of the browser answered what is not WebDriver: {0}")]
    Nonsense(String),
}

impl Trouble {
    /// Whether nothing more is to be had of this browser.
    #[must_use]
    pub const fn is_the_end(&self) -> bool {
        match self {
            Self::Missing(_) | Self::Ended(_) | Self::Hangs(_) => true,
            Self::Refused { .. } | Self::Nonsense(_) => false,
        }
    }
}

/// Errors after which the browser behind a driver is gone.
const ENDS: [&str; 2] = ["invalid session id", "session not created"];

/// What drivers say of a browser that somebody has ended; the code alone is `unknown error`.
const GONE: [&str; 4] = ["not reachable", "disconnected", "crashed", "no longer running"];

/// A WebDriver server.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    client: Client,
    base: String,
    patience: Duration,
}

impl Server {
    /// A server by its address. `patience` is how long an answer may take.
    pub(crate) fn new(base: &Url, patience: Duration) -> Result<Self, Trouble> {
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .tls_certs_only([])
            .timeout(patience)
            .build()
            .map_err(|error| Trouble::Missing(format!("HTTP client: {error}")))?;
        Ok(Self { client, base: base.as_str().trim_end_matches('/').to_owned(), patience })
    }

    /// The same, with connections of its own.
    pub(crate) fn anew(&self, patience: Duration) -> Result<Self, Trouble> {
        let base = Url::parse(&self.base).map_err(|error| Trouble::Nonsense(error.to_string()))?;
        Self::new(&base, patience)
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, Trouble> {
        let request = self.client.request(Method::POST, format!("{}{path}", self.base));
        let request = request.header("content-type", "application/json; charset=utf-8");
        self.answered(request.body(body.to_string())).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<Value, Trouble> {
        self.answered(self.client.request(Method::DELETE, format!("{}{path}", self.base))).await
    }

    async fn answered(&self, request: RequestBuilder) -> Result<Value, Trouble> {
        let broken = |error: reqwest::Error| {
            if error.is_timeout() {
                Trouble::Hangs(self.patience)
            } else {
                Trouble::Ended(error.without_url().to_string())
            }
        };
        let mut answer = request.send().await.map_err(broken)?;
        let good = answer.status().is_success();
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(broken)? {
            if bytes.len() + chunk.len() > LARGEST {
                return Err(Trouble::Nonsense(format!("more than {LARGEST} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
        let body: Value = serde_json::from_slice(&bytes)
            .map_err(|_| Trouble::Nonsense(format!("{} bytes that are no JSON", bytes.len())))?;
        let value = body.get("value").cloned().unwrap_or_default();
        if good { Ok(value) } else { Err(refusal(&value)) }
    }
}

/// An error of the protocol (W3C WebDriver, §6.6).
fn refusal(value: &Value) -> Trouble {
    let part = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    let (word, message) = (part("error"), part("message"));
    let message = message.lines().next().unwrap_or_default().to_owned();
    if ENDS.contains(&word) || GONE.iter().any(|gone| message.contains(gone)) {
        return Trouble::Ended(message);
    }
    Trouble::Refused { word: word.to_owned(), message }
}

/// The body of a command without parameters.
pub(crate) fn nothing() -> Value {
    json!({})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_that_is_gone_is_told_from_one_that_refuses() {
        let of = |word: &str, message: &str| refusal(&json!({"error": word, "message": message}));
        let gone = of("unknown error", "session deleted as the browser is not reachable\n  (x)");
        assert_eq!(gone, Trouble::Ended("session deleted as the browser is not reachable".into()));
        assert!(of("invalid session id", "").is_the_end());
        let refused = of("no such element", "none\nmore");
        assert!(!refused.is_the_end());
        assert_eq!(refused.to_string(), "the browser: no such element: none");
    }
}
