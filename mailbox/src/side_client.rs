//! Requests to a server of the tests' own that the profile names, and that is not the portal: where
//! its mail is kept. One GET, one answer; nothing of the portal's goes along.

use profile::error::Error;
use reqwest::Client;
use url::Url;

/// Longest answer, bytes.
const LARGEST: usize = 8 << 20;

/// A client for a server that is not the portal.
#[derive(Debug)]
pub(crate) struct SideClient {
    client: Client,
    /// What the server is to us, for messages.
    what: &'static str,
}

impl SideClient {
    /// A client for one server.
    pub(crate) const fn new(what: &'static str, client: Client) -> Self {
        Self { client, what }
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
