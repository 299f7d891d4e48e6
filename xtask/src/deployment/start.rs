//! Starting a portal by its `start.sh`, and waiting until it answers. Once for `deployment up` and for
//! the tests.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::Context;
use reports::record::Outcome;

use super::{
    group::{Group, Process},
    recipe::Deployment,
};
use crate::{files, say, stop::Stop};

/// Where portals are installed, and where what is known of those that are up stands.
pub(crate) const INSTALLED: &str = "target/deployments";

/// How long an installation may take.
const INSTALLATION: Duration = Duration::from_secs(15 * 60);

/// How long a single answer may take.
const ANSWER: Duration = Duration::from_secs(15);

/// How many lines of a log are shown.
const LINES: usize = 15;

/// One start of a portal.
pub(crate) struct Start<'a> {
    pub(crate) deployment: &'a Deployment,
    pub(crate) port: u16,
    pub(crate) smtp_port: Option<u16>,
    pub(crate) environment: &'a BTreeMap<String, String>,
    /// Where it keeps its data; without it, a directory that it deletes itself.
    pub(crate) data: Option<&'a Path>,
    /// Where what it says is written.
    pub(crate) log: &'a Path,
}

impl Start<'_> {
    /// Starts it; it may still have to be installed.
    pub(crate) fn begin(&self) -> anyhow::Result<Group> {
        let log = files::open(self.log)
            .and_then(|log| log.set_len(0).map(|()| log))
            .with_context(|| format!("cannot write {}", self.log.display()))?;
        let mut command = Command::new(script(self.deployment));
        command.arg(self.port.to_string()).stdout(log.try_clone()?).stderr(log);
        command.env("VENV", installed(&self.deployment.name)?);
        match self.smtp_port {
            Some(port) => command.env("SMTP_PORT", port.to_string()),
            None => command.env_remove("SMTP_PORT"),
        };
        if let Some(data) = self.data {
            command.env("VAR", data);
        }
        command.envs(self.environment);
        Group::start(&mut command)
    }

    /// Waits until it answers. `tell` hears once of each thing that takes its time.
    pub(crate) fn wait(
        &self,
        leader: &Process,
        tell: &mut dyn FnMut(Waiting),
    ) -> anyhow::Result<()> {
        let recipe = &self.deployment.recipe;
        let ready = Ready { port: self.port, base: &recipe.base(self.port), path: &recipe.ready };
        let mut since = Instant::now();
        let (mut installs, mut told) = (true, false);
        loop {
            if !leader.is_alive() {
                return Err(self.not_ready("ended before it answered"));
            }
            if ready.is_so() {
                return Ok(());
            }
            // The script, or that of another portal which it turned into, becomes the portal when
            // everything is there.
            if installs && !leader.command_line().iter().any(|word| is_script(word)) {
                (installs, told, since) = (false, false, Instant::now());
            }
            let passed = since.elapsed();
            if !told && passed > Duration::from_secs(1) {
                told = true;
                tell(if installs { Waiting::Installation } else { Waiting::Answer });
            }
            let (limit, what) = if installs {
                (INSTALLATION, "its installation")
            } else {
                (recipe.within, "its first answer")
            };
            if passed > limit {
                let limit = limit.as_secs();
                return Err(
                    self.not_ready(&format!("was ended: {what} took longer than {limit} s"))
                );
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }

    fn not_ready(&self, what: &str) -> anyhow::Error {
        let name = &self.deployment.name;
        let lines = match last_lines(self.log) {
            lines if lines.is_empty() => " and is empty".to_owned(),
            lines => format!(" and ends in\n{lines}"),
        };
        let log = self.log.display();
        Stop::with(Outcome::TargetNotReady, format!("{name} {what}; its log is {log}{lines}"))
    }
}

/// What a start waits for.
#[derive(Clone, Copy)]
pub(crate) enum Waiting {
    Installation,
    Answer,
}

/// What starts a portal, in its folder.
const SCRIPT: &str = "start.sh";

fn script(deployment: &Deployment) -> PathBuf {
    deployment.folder.join(SCRIPT)
}

/// Whether a word of a command line is such a script.
fn is_script(word: &str) -> bool {
    Path::new(word).file_name().is_some_and(|name| name == SCRIPT)
}

/// Where a deployment is installed, from the root of the file system.
pub(crate) fn installed(name: &str) -> anyhow::Result<PathBuf> {
    Ok(std::path::absolute(Path::new(INSTALLED).join(name))?)
}

/// Keeps other starts of a deployment waiting, as each may install it. Ends when it is dropped.
pub(crate) fn alone(name: &str) -> anyhow::Result<File> {
    fs::create_dir_all(INSTALLED).with_context(|| format!("cannot make {INSTALLED}"))?;
    let path = format!("{INSTALLED}/{name}.lock");
    let file = files::open(Path::new(&path)).with_context(|| format!("cannot write {path}"))?;
    if file.try_lock().is_err() {
        say::tell(&format!("  {name} is being started already; waiting for that"));
        file.lock().with_context(|| format!("cannot lock {path}"))?;
    }
    Ok(file)
}

/// How a portal shows that it is ready: an answer to a plain request.
pub(crate) struct Ready<'a> {
    pub(crate) port: u16,
    pub(crate) base: &'a str,
    pub(crate) path: &'a str,
}

impl Ready<'_> {
    /// Whether it answers with a status below 500.
    pub(crate) fn is_so(&self) -> bool {
        self.status().is_ok_and(|status| status.is_some_and(|status| status < 500))
    }

    fn status(&self) -> std::io::Result<Option<u16>> {
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        let mut stream = TcpStream::connect_timeout(&address, ANSWER)?;
        stream.set_read_timeout(Some(ANSWER))?;
        let (base, path) = (self.base.trim_start_matches("http://"), self.path);
        let host = base.split('/').next().unwrap_or_default();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes())?;
        let mut head = Vec::new();
        stream.take(12).read_to_end(&mut head)?;
        let head = String::from_utf8_lossy(&head);
        Ok(head.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..)?.parse().ok()))
    }
}

/// The last lines of a log, set in.
pub(crate) fn last_lines(log: &Path) -> String {
    let text = String::from_utf8_lossy(&fs::read(log).unwrap_or_default()).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(LINES)..];
    last.iter().map(|line| format!("  | {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use std::{io::BufRead, net::TcpListener, thread};

    use super::*;

    /// What a portal with one answer was asked, and whether that made it ready.
    fn asked(answer: &'static str) -> (String, bool) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let portal = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let lines = std::io::BufReader::new(&stream).lines();
            let head: Vec<String> = lines
                .map(|line| line.expect("a line"))
                .take_while(|line| !line.is_empty())
                .collect();
            stream.write_all(answer.as_bytes()).expect("answered");
            head.join("\n")
        });
        let is_so = Ready { port, base: "http://portal.localhost/in", path: "/login" }.is_so();
        (portal.join().expect("asked"), is_so)
    }

    #[test]
    fn ready_is_a_status_below_500() {
        for (answer, expected) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true),
            ("HTTP/1.0 302 Found\r\n\r\n", true),
            ("HTTP/1.1 404 Not Found\r\n\r\n", true),
            ("HTTP/1.1 500 Oh\r\n\r\n", false),
            ("HTTP/1.1 503 Not Yet\r\n\r\n", false),
            ("220 some mail server\r\n", false),
            ("", false),
        ] {
            let (head, is_so) = asked(answer);
            assert_eq!(is_so, expected, "{answer}");
            assert!(head.starts_with("GET /login HTTP/1.1\nHost: portal.localhost\n"), "{head}");
        }
        let nobody = super::super::ports::free().expect("a port");
        assert!(!Ready { port: nobody, base: "http://localhost", path: "/" }.is_so());
    }
}
