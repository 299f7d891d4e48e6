//! What the pages asked the network for, as the browser writes it down.

use serde_json::Value;

use crate::{Session, webdriver::Trouble};

/// Schemes that go over the network.
const OF_THE_NETWORK: [&str; 4] = ["http:", "https:", "ws:", "wss:"];

impl Session {
    /// The addresses that pages have asked for since the last time, in order: documents, scripts, pictures,
    /// frames, redirects, requests of scripts. Whether anything was sent is another matter: a host without an
    /// address is asked for as well.
    ///
    /// # Errors
    /// When the browser does not say.
    pub async fn requests(&self) -> Result<Vec<String>, Trouble> {
        let log = self.post("/se/log", &serde_json::json!({"type": "performance"})).await?;
        Ok(log.as_array().into_iter().flatten().filter_map(asked).collect())
    }
}

/// The address of an entry that is about a request.
fn asked(entry: &Value) -> Option<String> {
    let event: Value = serde_json::from_str(entry.get("message")?.as_str()?).ok()?;
    let event = event.get("message")?;
    let address = match event.get("method")?.as_str()? {
        "Network.requestWillBeSent" => event.pointer("/params/request/url")?,
        "Network.webSocketCreated" => event.pointer("/params/url")?,
        _ => return None,
    };
    let address = address.as_str()?;
    OF_THE_NETWORK.iter().any(|scheme| address.starts_with(scheme)).then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_page_asks_the_network_for_is_told_from_the_rest() {
        let entry = |method: &str, params: Value| {
            let event = json!({"message": {"method": method, "params": params}}).to_string();
            asked(&json!({"level": "INFO", "message": event}))
        };
        let request = |url: &str| json!({"request": {"url": url}});
        let sent = "Network.requestWillBeSent";
        assert_eq!(entry(sent, request("http://a.test/x")), Some("http://a.test/x".into()));
        assert_eq!(entry(sent, request("data:image/png;base64,AA")), None);
        assert_eq!(entry("Network.loadingFinished", request("http://a.test/")), None);
        let socket = entry("Network.webSocketCreated", json!({"url": "ws://a.test/y"}));
        assert_eq!(socket, Some("ws://a.test/y".into()));
    }
}
