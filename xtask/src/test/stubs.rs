//! A stage about two portals that are wrong on purpose, in another language.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};

use super::touchstone;
use crate::deployment::{group::Group, ports, start::Ready};

/// Two tiny portals in Python: one that accepts everything, one that refuses everything.
pub(super) fn stubs(room: &Path) -> anyhow::Result<()> {
    let accepts = run_stub(room, "accept_everything.py")?;
    ensure!(accepts == 1, "the portal that accepts everything ended with {accepts}, not 1");
    let refuses = run_stub(room, "refuse_everything.py")?;
    ensure!(
        [3, 4].contains(&refuses),
        "the portal that refuses everything ended with {refuses}, not 3 or 4"
    );
    Ok(())
}

fn run_stub(room: &Path, script: &str) -> anyhow::Result<i32> {
    let port = ports::free()?;
    let mut command = Command::new("python3");
    command.arg(Path::new("deployments/stubs").join(script)).arg(port.to_string());
    let _portal = started(command.stdout(Stdio::null()).stderr(Stdio::null()), port)?;
    let profile = room.join("stub.toml");
    ports::copy_of_profile(Path::new("profiles/stub.toml"), &profile, &[(8190, port)])?;
    let text = fs::read_to_string(&profile)?
        .replace("{ generate = true }", "{ env = \"TOUCHSTONE_TEST_PASSWORD\" }");
    fs::write(&profile, text)?;
    let out = room.join("runs").join(script);
    let command = touchstone(["scenarios", "--profile"])
        .arg(profile)
        .arg("--out")
        .arg(&out)
        .stdout(Stdio::null());
    let ended = command.env("TOUCHSTONE_TEST_PASSWORD", PASSWORD).status()?;
    ensure!(
        found_in(&out, PASSWORD)?.is_empty(),
        "the password of an actor stands in {:?}",
        found_in(&out, PASSWORD)?
    );
    ended.code().context("killed")
}

/// Starts a portal and waits until it answers.
pub(super) fn started(command: &mut Command, port: u16) -> anyhow::Result<Group> {
    let portal = Group::start(command)?;
    let ready = Ready { port, base: "http://stub.localhost", path: "/" };
    let deadline = Instant::now() + Duration::from_secs(60);
    while !ready.is_so() {
        ensure!(portal.leader().is_alive(), "the portal ended before it answered");
        if Instant::now() > deadline {
            bail!("the portal did not answer on port {port} in 60 s");
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
    Ok(portal)
}

/// A password with characters that every encoding writes in its own way.
const PASSWORD: &str = "Pa55/word+with \"quotes\" & <marks>";

/// The files of a run that hold a secret, in whatever form.
fn found_in(out: &Path, secret: &str) -> anyhow::Result<Vec<String>> {
    use std::fmt::Write;
    let hex = secret.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let json = serde_json::to_string(secret)?;
    let percent: String = url_encoded(secret);
    let standard = softkey::base64url(secret.as_bytes()).replace('-', "+").replace('_', "/");
    let forms = [
        secret.to_owned(),
        json.trim_matches('"').to_owned(),
        softkey::base64url(secret.as_bytes()),
        standard,
        percent.replace("%20", "+"),
        percent,
        hex.to_uppercase(),
        hex,
    ];
    let mut found = Vec::new();
    for entry in fs::read_dir(out)? {
        let path = entry?.path();
        let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
        found.extend(
            forms
                .iter()
                .filter(|form| text.contains(form.as_str()))
                .map(|form| format!("{}: {form}", path.display())),
        );
    }
    Ok(found)
}

fn url_encoded(text: &str) -> String {
    let encode = |byte: u8| {
        if byte.is_ascii_alphanumeric() {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(encode).collect()
}
