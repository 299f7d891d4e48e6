//! Requests to a server of the tests' own that the profile names, and that is not the portal: where
//! its mail is kept. One GET, one answer; nothing of the portal's goes along.

use std::time::Duration;

use profile::error::Error;
use reqwest::Client;
use url::Url;

/// Longest answer, bytes, and longest exchange.
const LARGEST: usize = 8 << 20;
const LONGEST: Duration = Duration::from_secs(10);

/// A client without cookies, proxies and redirects.
#[derive(Debug)]
pub(crate) struct SideClient {
    client: Client,
    /// What the server is to us, for messages.
    what: &'static str,
}

impl SideClient {
    /// A client for one server; the system's certificates go where it is reached by TLS.
    pub(crate) fn new(what: &'static str, server: &Url) -> Result<Self, Error> {
        let authorities = if server.scheme() == "https" {
            super::certificates(&super::systems_authorities()?)?
        } else {
            Vec::new()
        };
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(super::USER_AGENT)
            .timeout(LONGEST)
            .tls_certs_only(authorities)
            .build()
            .map_err(|error| Error::Harness(format!("HTTP client: {error}")))?;
        Ok(Self { client, what })
    }

    /// The body of an answer with status 200.
    pub(crate) async fn get(&self, url: &Url) -> Result<String, Error> {
        let broken = |why: String| Error::Network(format!("{} at {}: {why}", self.what, host(url)));
        let sent = self.client.get(url.clone()).send().await;
        let mut answer = sent.map_err(|error| broken(error.without_url().to_string()))?;
        if answer.status() != reqwest::StatusCode::OK {
            return Err(broken(format!("answered {}", answer.status().as_u16())));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| broken(error.to_string()))? {
            if bytes.len() + chunk.len() > LARGEST {
                return Err(broken(format!("the answer is larger than {LARGEST} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
        // A mail may be in any encoding; what is looked for in it is ASCII.
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

fn host(url: &Url) -> String {
    url.origin().ascii_serialization()
}
