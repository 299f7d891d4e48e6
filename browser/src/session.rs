//! One session of a browser: begun once, and wiped between those who use it.

use std::{path::Path, sync::OnceLock, time::Duration};

use serde_json::{Value, json};
use url::Url;

use crate::{
    launch::{Engine, Launched, launch},
    shim,
    webdriver::{Server, Trouble, nothing},
};

/// How long a server of the user's may take to end a session.
const GIVES_BACK: Duration = Duration::from_secs(5);

/// How a browser is begun.
#[derive(Clone, Debug)]
pub struct Begin {
    /// Which one.
    pub engine: Engine,
    /// A WebDriver server that runs already; one is started without it.
    pub server: Option<Url>,
    /// Whether a window is shown.
    pub headed: bool,
    /// Hosts that may be contacted, each with the address that it stands for where it is not the one of its name.
    pub hosts: Vec<(String, Option<String>)>,
    /// How long the browser may take for one command.
    pub patience: Duration,
    /// Arguments and settings of the browser beside ours.
    pub arguments: Vec<String>,
}

/// A browser that runs. It ends with this.
#[derive(Debug)]
pub struct Session {
    server: Server,
    path: String,
    launched: Option<Launched>,
    over: OnceLock<Trouble>,
}

impl Session {
    /// Begins one.
    ///
    /// # Errors
    /// When there is no browser or no driver, or it does not start.
    pub async fn begin(begin: &Begin) -> Result<Self, Trouble> {
        let launched = match &begin.server {
            Some(_) => None,
            None => Some(launch(begin.engine).await?),
        };
        let address = begin.server.as_ref().or(launched.as_ref().map(|launched| &launched.address));
        let address = address.ok_or_else(|| Trouble::Missing("no WebDriver server".into()))?;
        let server = Server::new(address, begin.patience)?;
        let wanted = json!({"capabilities": {"alwaysMatch": wanted(begin, launched.as_ref())}});
        let begun = server.post("/session", &wanted).await?;
        let id = begun.get("sessionId").and_then(Value::as_str);
        let id = id.ok_or_else(|| Trouble::Nonsense("a session without an id".into()))?;
        let path = format!("/session/{id}");
        let session = Self { server, path, launched, over: OnceLock::new() };
        session.prepare().await?;
        session.requests().await?;
        Ok(session)
    }

    /// Opens an address, and waits until its page is loaded.
    ///
    /// # Errors
    /// When the browser does not; a page that nobody serves is a refusal.
    pub async fn open(&self, address: &Url) -> Result<(), Trouble> {
        self.post("/url", &json!({"url": address.as_str()})).await.map(drop)
    }

    /// Runs a script as the body of a function, and gives what it returns.
    ///
    /// # Errors
    /// When it throws, or the page goes away meanwhile.
    pub async fn run(&self, script: &str, arguments: &[Value]) -> Result<Value, Trouble> {
        self.post("/execute/sync", &json!({"script": script, "args": arguments})).await
    }

    /// A command of the Chrome DevTools Protocol.
    ///
    /// # Errors
    /// When the browser knows none such.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Result<Value, Trouble> {
        let body = json!({"cmd": command, "params": parameters});
        self.post("/goog/cdp/execute", &body).await
    }

    /// All cookies, as CDP's `Network.Cookie` has them.
    ///
    /// # Errors
    /// When the browser does not say.
    pub async fn cookies(&self) -> Result<Vec<Value>, Trouble> {
        let said = self.devtools("Network.getAllCookies", nothing()).await?;
        Ok(said.get("cookies").and_then(Value::as_array).cloned().unwrap_or_default())
    }

    /// What each tab is told once: to say what it asks for, and to leave ceremonies to us.
    async fn prepare(&self) -> Result<(), Trouble> {
        self.devtools("Network.enable", nothing()).await?;
        let script = json!({"source": shim::SCRIPT});
        self.devtools("Page.addScriptToEvaluateOnNewDocument", script).await.map(drop)
    }

    /// Opens a tab, and brings it to the front; its handle.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn new_tab(&self) -> Result<String, Trouble> {
        let said = self.post("/window/new", &json!({"type": "tab"})).await?;
        let handle = said.get("handle").and_then(Value::as_str).map(str::to_owned);
        let handle = handle.ok_or_else(|| Trouble::Nonsense("a tab without a handle".into()))?;
        self.bring_to_front(&handle).await?;
        self.prepare().await?;
        Ok(handle)
    }

    /// Goes on in a tab by its handle.
    ///
    /// # Errors
    /// When there is none such.
    pub async fn bring_to_front(&self, handle: &str) -> Result<(), Trouble> {
        self.post("/window", &json!({"handle": handle})).await.map(drop)
    }

    /// Closes a tab by its handle. No tab is in front afterwards.
    ///
    /// # Errors
    /// When there is none such.
    pub async fn close(&self, handle: &str) -> Result<(), Trouble> {
        self.bring_to_front(handle).await?;
        self.delete("/window").await.map(drop)
    }

    /// Has these cookies and no others from now on, as CDP's `Network.CookieParam` has them.
    ///
    /// # Errors
    /// When the browser does not take them.
    pub async fn set_cookies(&self, cookies: &[Value]) -> Result<(), Trouble> {
        self.devtools("Network.clearBrowserCookies", nothing()).await?;
        if !cookies.is_empty() {
            self.devtools("Network.setCookies", json!({"cookies": cookies})).await?;
        }
        Ok(())
    }

    /// Where everything is kept that the browser stores; `None` on a server of the user's.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.launched.as_ref().map(|launched| launched.folder.as_path())
    }

    /// Why nothing more is to be had of it, once that is so.
    #[must_use]
    pub fn over(&self) -> Option<&Trouble> {
        self.over.get()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, Trouble> {
        self.heard(self.server.post(&format!("{}{path}", self.path), body).await)
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<Value, Trouble> {
        self.heard(self.server.delete(&format!("{}{path}", self.path)).await)
    }

    /// A browser that hangs is ended: it would hold up whatever comes after.
    fn heard(&self, answered: Result<Value, Trouble>) -> Result<Value, Trouble> {
        if let Some(over) = self.over.get() {
            return Err(over.clone());
        }
        let end = |trouble: &Trouble| {
            if trouble.is_the_end() {
                let _ = self.over.set(trouble.clone());
                self.launched.iter().for_each(Launched::end);
            }
        };
        answered.inspect_err(end)
    }
}

/// A browser that we started ends with its driver. One behind a server of the user's is given back.
impl Drop for Session {
    fn drop(&mut self) {
        if self.launched.is_some() {
            return;
        }
        let (server, path) = (self.server.clone(), self.path.clone());
        // Apart from whatever runs here, which may be ending itself.
        let gives_back = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if let (Ok(runtime), Ok(server)) = (runtime, server.anew(GIVES_BACK)) {
                let _ = runtime.block_on(server.delete(&path));
            }
        });
        let _ = gives_back.join();
    }
}

/// The capabilities that are asked for.
fn wanted(begin: &Begin, launched: Option<&Launched>) -> Value {
    let waits = begin.patience.as_millis().to_string().parse::<u64>().unwrap_or(u64::MAX) / 2;
    let timeouts = json!({"script": waits, "pageLoad": waits, "implicit": 0});
    match begin.engine {
        Engine::Chromium => {
            let mut options = json!({
                "args": arguments(begin, launched),
                "perfLoggingPrefs": {"enableNetwork": true, "enablePage": false},
                // Otherwise it opens a page of its own, which asks for a hundred files.
                "prefs": {"session": {"restore_on_startup": 4, "startup_urls": ["about:blank"]}},
            });
            if let Some(launched) = launched {
                options["binary"] = Value::from(launched.program.to_string_lossy());
            }
            json!({
                "browserName": "chrome",
                "timeouts": timeouts,
                "unhandledPromptBehavior": "dismiss",
                "goog:loggingPrefs": {"performance": "ALL"},
                "goog:chromeOptions": options,
            })
        }
    }
}

/// Chromium's arguments: no traffic of its own, no proxy, and no host but those that are named.
fn arguments(begin: &Begin, launched: Option<&Launched>) -> Vec<String> {
    let mut arguments: Vec<String> = [
        "--no-proxy-server",
        "--webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-breakpad",
        "--disable-extensions",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1100,900",
    ]
    .map(str::to_owned)
    .into();
    if !begin.headed {
        arguments.push("--headless".to_owned());
    }
    // Chromium's sandbox does not start for the administrator of a machine.
    if rustix::process::geteuid().is_root() {
        arguments.push("--no-sandbox".to_owned());
    }
    if let Some(launched) = launched {
        arguments.push(format!("--user-data-dir={}", launched.folder.join("profile").display()));
    }
    arguments.push(format!("--host-resolver-rules={}", rules(&begin.hosts)));
    arguments.extend(begin.arguments.iter().cloned());
    arguments.push("about:blank".to_owned());
    arguments
}

/// The first rule that fits a host counts; the last one leaves every other host without an address.
fn rules(hosts: &[(String, Option<String>)]) -> String {
    let mut rules: Vec<String> = hosts
        .iter()
        .filter_map(|(host, address)| Some(format!("MAP {host} {}", address.as_ref()?)))
        .collect();
    rules.push("MAP * ~NOTFOUND".to_owned());
    let left_alone = hosts.iter().filter(|(_, address)| address.is_none());
    rules.extend(left_alone.map(|(host, _)| format!("EXCLUDE {host}")));
    rules.join(" , ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_environment_leads_past_the_hosts() {
        let begin = Begin {
            engine: Engine::Chromium,
            server: None,
            headed: false,
            hosts: Vec::new(),
            patience: Duration::from_secs(1),
            arguments: Vec::new(),
        };
        let arguments = arguments(&begin, None);
        for needed in ["--no-proxy-server", "--webrtc-ip-handling-policy=disable_non_proxied_udp"] {
            assert!(arguments.iter().any(|one| one == needed), "{needed}");
        }
        let unguarded = arguments.iter().any(|one| one == "--no-sandbox");
        assert_eq!(unguarded, rustix::process::geteuid().is_root());
    }

    #[test]
    fn every_host_but_those_that_are_named_has_no_address() {
        let hosts = [
            ("localhost".to_owned(), None),
            ("auth.lab.localhost:80".to_owned(), Some("127.0.0.1:8103".to_owned())),
        ];
        let expected =
            "MAP auth.lab.localhost:80 127.0.0.1:8103 , MAP * ~NOTFOUND , EXCLUDE localhost";
        assert_eq!(rules(&hosts), expected);
        assert_eq!(rules(&[]), "MAP * ~NOTFOUND");
    }
}
