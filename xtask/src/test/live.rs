//! Stages about portals that are not ours: two stubs in another language, and django-allauth.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
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

/// What django-allauth is known to do, and the scripts that show it.
const EXPECTED: &str = "deployments/allauth/expected.json";

/// Nothing that allauth is able to is left out: the wait allows the longest story, and as many run side
/// by side as the profile permits.
const EVERYTHING: [&str; 4] = ["--max-wait", "6m", "--concurrency", "8"];

/// django-allauth for real, sound and with its insecure-origin switch; and every deviation that the
/// suite finds shown without the suite.
pub(super) fn allauth(room: &Path) -> anyhow::Result<()> {
    let python = venv(room, "deployments/allauth/requirements.txt")?;
    let known = Known::read()?;
    let scripts = evidence(&known)?;
    let sound = run_allauth(room, &python, "sound", &EVERYTHING)?;
    for scenario in &sound {
        let verdict = word(scenario, "verdict");
        ensure!(
            ["pass", "fail", "warn", "skip"].contains(&verdict),
            "{}: {verdict}: {}",
            word(scenario, "id"),
            word(scenario, "because")
        );
        ensure!(
            scenario["not_judged"]["rule"] != "not-selected",
            "{}: left out: {}",
            word(scenario, "id"),
            word(scenario, "because")
        );
    }
    known.agrees(&findings(&sound))?;
    show_evidence(room, &python, &scripts)?;
    let twin = findings(&run_allauth(room, &python, "insecure-origin", &[])?);
    let newly: BTreeSet<String> =
        twin.into_iter().filter(|found| known.is_worse(found)).map(|(id, _)| id).collect();
    same("expected.json, newly_failing_with_insecure_origin", &newly, &known.newly_failing)
}

fn run_allauth(
    room: &Path,
    python: &Path,
    kind: &str,
    more: &[&str],
) -> anyhow::Result<Vec<Value>> {
    let (port, smtp) = (free_port()?, free_port()?);
    let mut command = portal(room, python, kind, port)?;
    command.env("SMTP_PORT", smtp.to_string());
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
        .args(more)
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

/// The portal, ready to be started, with a directory of its own.
fn portal(room: &Path, python: &Path, kind: &str, port: u16) -> anyhow::Result<Command> {
    let home = room.join("allauth").join(kind);
    let _ = fs::remove_dir_all(&home);
    fs::create_dir_all(&home)?;
    let mut command = Command::new(python);
    command.arg("deployments/allauth/portal.py");
    command.env("PORT", port.to_string()).env("VAR", &home);
    Ok(command)
}

/// Where the scripts stand, and the file that lists them.
const EVIDENCE: &str = "deployments/allauth/evidence";

/// The module that the scripts share.
const SHARED: &str = "portal_visit.py";

/// Every script that shows something on the portal as it ships. The list knows every script, and the
/// findings name only those of the list.
fn evidence(known: &Known) -> anyhow::Result<BTreeSet<String>> {
    let text = fs::read_to_string(format!("{EVIDENCE}.toml"))?;
    let list: toml::Table = text.parse().context("evidence.toml")?;
    let rows = list.get("row").and_then(toml::Value::as_array).context("evidence.toml: no rows")?;
    let script = |row: &toml::Value| {
        row.get("script").and_then(toml::Value::as_str).unwrap_or_default().to_owned()
    };
    let listed: BTreeSet<String> = rows.iter().map(script).collect();
    let mut there = BTreeSet::new();
    for entry in fs::read_dir(EVIDENCE)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".py") && name != SHARED {
            there.insert(name);
        }
    }
    same("the rows of evidence.toml", &there, &listed)?;
    for finding in known.findings.values() {
        ensure!(listed.contains(&finding.evidence), "evidence.toml has no {}", finding.evidence);
    }
    Ok(rows.iter().filter(|row| row.get("environment").is_none()).map(script).collect())
}

/// Runs scripts, which listen for the portal's mail themselves.
fn show_evidence(room: &Path, python: &Path, scripts: &BTreeSet<String>) -> anyhow::Result<()> {
    let (port, smtp) = (free_port()?, free_port()?.to_string());
    let _portal = start(portal(room, python, "evidence", port)?.env("SMTP_PORT", &smtp), port)?;
    for script in scripts {
        let mut command = Command::new(python);
        command.arg(Path::new(EVIDENCE).join(script));
        command.arg(format!("http://localhost:{port}")).env("SMTP_PORT", &smtp);
        let status = ends_in_time(command.stdout(Stdio::null()), EVIDENCE_LIMIT)
            .with_context(|| format!("evidence/{script}"))?;
        ensure!(status.success(), "evidence/{script} no longer shows its deviation: {status}");
    }
    Ok(())
}

/// The slowest script waits for races: thirty rounds of little more than a second.
const EVIDENCE_LIMIT: Duration = Duration::from_secs(120);

/// Runs a command that must end by itself within a time.
fn ends_in_time(command: &mut Command, limit: Duration) -> anyhow::Result<ExitStatus> {
    let mut child = Started(command.spawn().context("cannot start")?);
    let deadline = Instant::now() + limit;
    while Instant::now() < deadline {
        if let Some(status) = child.0.try_wait()? {
            return Ok(status);
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
    bail!("did not end within {} s", limit.as_secs())
}

fn word<'a>(scenario: &'a Value, member: &str) -> &'a str {
    scenario.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// Scenarios that found something, with the verdict.
fn findings(scenarios: &[Value]) -> BTreeMap<String, String> {
    let found =
        scenarios.iter().filter(|scenario| matches!(word(scenario, "verdict"), "fail" | "warn"));
    found.map(|one| (word(one, "id").to_owned(), word(one, "verdict").to_owned())).collect()
}

/// One finding that is known, and shown by a script without the suite.
struct Finding {
    verdict: String,
    evidence: String,
    /// A race, which the portal does not lose every time.
    sometimes: bool,
}

/// The content of `expected.json`.
struct Known {
    findings: BTreeMap<String, Finding>,
    newly_failing: BTreeSet<String>,
}

impl Known {
    fn read() -> anyhow::Result<Self> {
        let file: Value = serde_json::from_slice(&fs::read(EXPECTED)?).context(EXPECTED)?;
        let rows = |member: &str| {
            file[member].as_array().with_context(|| format!("{EXPECTED} has no {member}"))
        };
        let mut findings = BTreeMap::new();
        for row in rows("findings")? {
            let finding = Finding {
                verdict: word(row, "verdict").to_owned(),
                evidence: word(row, "evidence").to_owned(),
                sometimes: row["sometimes"].as_bool().unwrap_or_default(),
            };
            ensure!(!finding.evidence.is_empty(), "{EXPECTED}: no evidence for {row}");
            findings.insert(word(row, "scenario").to_owned(), finding);
        }
        let newly_failing = rows("newly_failing_with_insecure_origin")?
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        Ok(Self { findings, newly_failing })
    }

    /// Whether a finding is new, or a failure where only a warning is known.
    fn is_worse(&self, (id, verdict): &(String, String)) -> bool {
        self.findings.get(id).is_none_or(|known| known.verdict == "warn" && verdict == "fail")
    }

    /// Whether a run found what is known and nothing else.
    fn agrees(&self, found: &BTreeMap<String, String>) -> anyhow::Result<()> {
        let missed = |(id, finding): &(&String, &Finding)| {
            finding.sometimes && !found.contains_key(id.as_str())
        };
        let expected = self.findings.iter().filter(|row| !missed(row));
        let expected = expected.map(|(id, finding)| format!("{id}: {}", finding.verdict)).collect();
        let found = found.iter().map(|(id, verdict)| format!("{id}: {verdict}")).collect();
        same("expected.json, findings", &found, &expected)
    }
}

fn same(member: &str, found: &BTreeSet<String>, expected: &BTreeSet<String>) -> anyhow::Result<()> {
    let new: Vec<_> = found.difference(expected).collect();
    let gone: Vec<_> = expected.difference(found).collect();
    ensure!(
        new.is_empty() && gone.is_empty(),
        "deployments/allauth: {member}: not expected {new:?}; expected and not found {gone:?}"
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
        std::thread::park_timeout(Duration::from_millis(20));
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
    let address = |port: &str| format!("127.0.0.1:{port}");
    fs::write(&copy, text.replace(&address(from), &address(&to.to_string())))?;
    Ok(copy)
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
