//! Starts a browser's driver on this machine: found on PATH, in a process group of its own, with a folder for
//! everything that the browser keeps. Both go when the run ends.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use programs::Group;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};
use url::Url;

use crate::webdriver::Trouble;

/// A browser that is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Chromium, by chromedriver.
    Chromium,
}

impl Engine {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::Chromium];

    /// Its word on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
        }
    }

    const fn driver(self) -> &'static str {
        match self {
            Self::Chromium => "chromedriver",
        }
    }

    /// Names under which the browser itself is found.
    const fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => &["chromium", "chromium-browser", "google-chrome"],
        }
    }

    const fn advice(self) -> &'static str {
        match self {
            Self::Chromium => {
                "install both with `apt-get install chromium chromium-driver`, or name a running WebDriver server with --webdriver"
            }
        }
    }
}

/// How long a driver may take until it listens.
const STARTS: Duration = Duration::from_secs(20);

/// A driver that runs, and the folder of its browsers. Both end with this.
#[derive(Debug)]
pub(crate) struct Launched {
    /// Where it listens.
    pub(crate) address: Url,
    /// The browser.
    pub(crate) program: PathBuf,
    /// For what the browser keeps.
    pub(crate) folder: PathBuf,
    group: Group,
    _child: Child,
    /// Its output stays open: a driver that cannot write any more ends.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Launched {
    /// Ends the driver and all of its browsers now.
    pub(crate) fn end(&self) {
        self.group.end();
    }
}

/// What a driver and its browsers know of our environment: no proxy, and no secret of a profile.
const ENVIRONMENT: [&str; 7] =
    ["PATH", "HOME", "LANG", "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR"];

/// Starts the driver of a browser.
pub(crate) async fn launch(engine: Engine) -> Result<Launched, Trouble> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let (driver, program) = found(engine, &std::env::split_paths(&path).collect::<Vec<_>>())?;
    let folder = tempfile::Builder::new().prefix("touchstone-browser-").tempdir();
    let folder = folder.map_err(|error| Trouble::Missing(format!("no folder for it: {error}")))?;
    let folder = folder.keep();
    let known = ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    let mut command = Command::new(&driver);
    command
        .arg("--port=0")
        .current_dir(&folder)
        .env_clear()
        .envs(known)
        .env("TMPDIR", &folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let (mut child, group) = Group::start_in(&mut command, &folder).map_err(|error| {
        Trouble::Missing(format!("{} does not start: {error}", driver.display()))
    })?;
    let output = child.stdout.take().ok_or_else(|| Trouble::Ended("it has no output".into()))?;
    let mut output = BufReader::new(output).lines();
    let port = timeout(STARTS, port(&mut output)).await.map_err(|_| Trouble::Hangs(STARTS))?;
    let port = port.ok_or_else(|| Trouble::Ended(format!("{} said no port", engine.driver())))?;
    let address = Url::parse(&format!("http://127.0.0.1:{port}"));
    let address = address.map_err(|error| Trouble::Nonsense(error.to_string()))?;
    Ok(Launched { address, program, folder, group, _child: child, _output: output })
}

/// The port that a driver says it listens at; `None` where it ends before.
async fn port(output: &mut Lines<BufReader<ChildStdout>>) -> Option<u16> {
    while let Ok(Some(line)) = output.next_line().await {
        if let Some(port) = port_in(&line) {
            return Some(port);
        }
    }
    None
}

/// `… started successfully on port 41663.` of chromedriver.
fn port_in(line: &str) -> Option<u16> {
    let (_, after) = line.split_once("successfully on port ")?;
    after.trim_end_matches('.').trim().parse().ok()
}

/// The driver and the browser, by the folders of PATH.
fn found(engine: Engine, path: &[PathBuf]) -> Result<(PathBuf, PathBuf), Trouble> {
    let look = |name: &str| path.iter().map(|folder| folder.join(name)).find(|file| runs(file));
    let missing =
        |what: &str| Trouble::Missing(format!("no {what} is found on PATH: {}", engine.advice()));
    let driver = look(engine.driver()).ok_or_else(|| missing(engine.driver()))?;
    let program = engine.programs().iter().find_map(|name| look(name));
    Ok((driver, program.ok_or_else(|| missing(engine.word()))?))
}

fn runs(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_says_where_it_listens() {
        assert_eq!(port_in("ChromeDriver was started successfully on port 41663."), Some(41663));
        assert_eq!(port_in("Starting ChromeDriver 148 on port 0"), None);
    }

    #[test]
    fn what_is_missing_is_named_with_the_packages_that_bring_it() {
        let empty = tempfile::tempdir().unwrap();
        let said =
            |path: &Path| found(Engine::Chromium, &[path.to_owned()]).unwrap_err().to_string();
        let driver = said(empty.path());
        assert!(driver.starts_with("no chromedriver is found on PATH"), "{driver}");
        assert!(driver.contains("apt-get install chromium chromium-driver"), "{driver}");
        let program = empty.path().join("chromedriver");
        std::fs::write(&program, "").unwrap();
        assert!(said(empty.path()).contains("no chromedriver"), "it cannot be run");
        std::os::unix::fs::symlink("/bin/sh", empty.path().join("sh")).unwrap();
        std::fs::remove_file(&program).unwrap();
        std::os::unix::fs::symlink("/bin/sh", &program).unwrap();
        assert!(said(empty.path()).starts_with("no chromium is found"), "the browser");
    }
}
