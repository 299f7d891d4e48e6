//! Stages about portals that are not ours: two stubs in another language, and django-allauth.

use std::{
    collections::BTreeSet,
    fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use super::{succeeds, touchstone};

/// A portal in a process of its own, ended with the stage.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Two tiny portals in Python: one that accepts everything, one that refuses everything.
pub(super) fn stubs(room: &Path) -> anyhow::Result<()> {
    let accepts = run_stub(room, "accept_everything.py", &[])?;
    ensure!(accepts == 1, "the portal that accepts everything ended with {accepts}, not 1");
    let refuses = run_stub(room, "refuse_everything.py", &[])?;
    ensure!(
        [3, 4].contains(&refuses),
        "the portal that refuses everything ended with {refuses}, not 3 or 4"
    );
    Ok(())
}

fn run_stub(room: &Path, script: &str, more: &[&str]) -> anyhow::Result<i32> {
    let port = free_port()?;
    let mut command = Command::new("python3");
    command.arg(Path::new("deployments/stubs").join(script)).arg(port.to_string()).args(more);
    let _portal = start(&mut command, port)?;
    let profile = profile_on(room, "profiles/stub.toml", "8190", port)?;
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

/// django-allauth for real, sound and with its insecure-origin switch.
pub(super) fn allauth(room: &Path) -> anyhow::Result<()> {
    let python = venv(room, "deployments/allauth/requirements.txt")?;
    let sound = run_allauth(room, &python, "sound")?;
    for scenario in &sound {
        let verdict = word(scenario, "verdict");
        ensure!(
            verdict != "error" && verdict != "inconclusive",
            "{}: {verdict}: {}",
            word(scenario, "id"),
            word(scenario, "because")
        );
    }
    let found = failing(&sound);
    expected(&found, "deployments/allauth/expected.json", "findings")?;
    let twin = run_allauth(room, &python, "insecure-origin")?;
    let newly: BTreeSet<String> = failing(&twin).difference(&found).cloned().collect();
    expected(&newly, "deployments/allauth/expected.json", "newly_failing_with_insecure_origin")
}

fn run_allauth(room: &Path, python: &Path, kind: &str) -> anyhow::Result<Vec<Value>> {
    let (port, smtp) = (free_port()?, free_port()?);
    let home = room.join("allauth").join(kind);
    let _ = fs::remove_dir_all(&home);
    fs::create_dir_all(&home)?;
    let mut command = Command::new(python);
    command.arg("deployments/allauth/portal.py").arg("serve");
    command.env("PORT", port.to_string()).env("VAR", &home).env("SMTP_PORT", smtp.to_string());
    if kind == "insecure-origin" {
        command.env("INSECURE_ORIGIN", "1");
    }
    let _portal = start(&mut command, port)?;
    let profile = profile_on(room, "profiles/allauth.toml", "8101", port)?;
    let profile = profile_on(room, &profile.to_string_lossy(), "8201", smtp)?;
    let out = room.join("runs").join(format!("allauth-{kind}"));
    touchstone(["scenarios", "--profile"])
        .arg(profile)
        .arg("--out")
        .arg(&out)
        .stdout(Stdio::null())
        .status()?;
    let run: Value =
        serde_json::from_slice(&fs::read(out.join("run.json")).context("the run left no record")?)?;
    ensure!(
        run["outcome"] == "conforms" || run["outcome"] == "does-not-conform",
        "the run on allauth is {}: {}",
        run["outcome"],
        run["note"]
    );
    Ok(run["scenarios"].as_array().cloned().unwrap_or_default())
}

fn word<'a>(scenario: &'a Value, member: &str) -> &'a str {
    scenario.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// Ids of the scenarios that found something.
fn failing(scenarios: &[Value]) -> BTreeSet<String> {
    let found =
        scenarios.iter().filter(|scenario| matches!(word(scenario, "verdict"), "fail" | "warn"));
    found.map(|scenario| word(scenario, "id").to_owned()).collect()
}

fn expected(found: &BTreeSet<String>, file: &str, member: &str) -> anyhow::Result<()> {
    let expected: Value = serde_json::from_slice(&fs::read(file)?)?;
    let rows = expected[member].as_array().with_context(|| format!("{file} has no {member}"))?;
    let expected: BTreeSet<String> = rows
        .iter()
        .filter_map(|row| row["scenario"].as_str().or(row.as_str()))
        .map(str::to_owned)
        .collect();
    let new: Vec<_> = found.difference(&expected).collect();
    let gone: Vec<_> = expected.difference(found).collect();
    ensure!(
        new.is_empty() && gone.is_empty(),
        "{file}: {member}: not expected {new:?}; expected and not found {gone:?}"
    );
    Ok(())
}

/// A Python environment with what a portal needs, from the Python package index.
fn venv(room: &Path, requirements: &str) -> anyhow::Result<PathBuf> {
    let venv = room.join("venv");
    let python = venv.join("bin/python");
    if !python.exists() {
        eprintln!("   making a Python environment under {}", venv.display());
        succeeds(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    }
    eprintln!("   installing {requirements} with pip");
    succeeds(Command::new(&python).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-r",
        requirements,
    ]))?;
    Ok(python)
}

/// Starts a portal and waits until it listens.
fn start(command: &mut Command, port: u16) -> anyhow::Result<Started> {
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut started = Started(
        child.with_context(|| format!("cannot start {}", command.get_program().display()))?,
    );
    let deadline = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if let Some(status) = started.0.try_wait()? {
            bail!("the portal ended with {status} before it listened");
        }
        if Instant::now() > deadline {
            bail!("the portal did not listen on port {port} in 60 s");
        }
        std::thread::yield_now();
    }
    Ok(started)
}

/// A copy of a profile with another port.
fn profile_on(room: &Path, profile: &str, from: &str, to: u16) -> anyhow::Result<PathBuf> {
    let text = fs::read_to_string(profile).with_context(|| format!("cannot read {profile}"))?;
    let name = Path::new(profile)
        .file_name()
        .context("a profile has a name")?
        .to_string_lossy()
        .into_owned();
    let copy = room.join(name);
    fs::write(&copy, text.replace(from, &to.to_string()))?;
    Ok(copy)
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
