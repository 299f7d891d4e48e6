//! Stages about what a run leaves behind on a portal: nothing, however it ends. The portal is a stub in
//! Python that lists its accounts.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use super::{exits, stubs::started, succeeds, touchstone};
use crate::deployment::{group::Group, ports};

/// A stub with a profile of its own.
pub(super) struct Stub {
    port: u16,
    pub(super) profile: PathBuf,
    _portal: Group,
}

impl Stub {
    pub(super) fn start(room: &Path) -> anyhow::Result<Self> {
        let port = ports::free()?;
        let mut command = Command::new("python3");
        command.args(["deployments/stubs/accept_everything.py", &port.to_string()]);
        let portal = started(command.stdout(Stdio::null()).stderr(Stdio::null()), port)?;
        let profile = room.join("accounts.toml");
        ports::copy_of_profile(Path::new("profiles/stub.toml"), &profile, &[(8190, port)])?;
        Ok(Self { port, profile, _portal: portal })
    }

    /// The accounts that the portal has.
    fn accounts(&self) -> anyhow::Result<Vec<String>> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.write_all(
            b"GET /api/accounts HTTP/1.1\r\nHost: stub.localhost\r\nConnection: close\r\n\r\n",
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let body = answer.split_once("\r\n\r\n").context("no answer")?.1;
        let listed: Value = serde_json::from_str(body)?;
        let accounts = listed["accounts"].as_array().context("no list")?;
        Ok(accounts.iter().filter_map(|user| user.as_str().map(str::to_owned)).collect())
    }

    pub(super) fn run(&self, room: &Path, name: &str) -> (PathBuf, &'static mut Command) {
        let out = room.join("runs").join(name);
        let command = touchstone(["scenarios", "--concurrency", "2", "--profile"]);
        command.arg(&self.profile).arg("--out").arg(&out);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        (out, command)
    }

    /// A run that has made some accounts and is in the middle of making more.
    fn halfway(&self, room: &Path, name: &str) -> anyhow::Result<(PathBuf, Child)> {
        let (out, command) = self.run(room, name);
        let mut child = command.spawn()?;
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.accounts()?.len() < 8 {
            if child.try_wait()?.is_some() {
                bail!("the run ended before it was halfway");
            }
            if Instant::now() > deadline {
                let _ = child.kill();
                bail!("the run made no accounts in 60 s");
            }
            std::thread::yield_now();
        }
        Ok((out, child))
    }

    pub(super) fn has_none(&self, when: &str) -> anyhow::Result<()> {
        let accounts = self.accounts()?;
        ensure!(accounts.is_empty(), "{when} the portal still has {accounts:?}");
        Ok(())
    }
}

fn cleanup(out: &Path) -> anyhow::Result<Value> {
    let run: Value = serde_json::from_slice(&fs::read(out.join("run.json"))?)?;
    let cleanup = run["cleanup"].clone();
    ensure!(
        cleanup["created"].as_u64() > Some(0)
            && cleanup["removed"] == cleanup["created"]
            && cleanup["left"] == Value::Array(Vec::new()),
        "the record says of the clean-up: {cleanup}"
    );
    Ok(cleanup)
}

/// A run removes its accounts, with findings and when it is interrupted.
pub(super) fn removed(room: &Path) -> anyhow::Result<()> {
    let stub = Stub::start(room)?;
    let (out, command) = stub.run(room, "accounts-finished");
    exits(command.arg("login"), 1)?;
    cleanup(&out)?;
    stub.has_none("after a run with findings")?;

    let (out, mut child) = stub.halfway(room, "accounts-interrupted")?;
    succeeds(Command::new("kill").args(["-INT", &child.id().to_string()]))?;
    let status = child.wait()?;
    ensure!(status.code() == Some(130), "an interrupted run ended with {status}");
    cleanup(&out)?;
    stub.has_none("after an interrupted run")?;
    exits(touchstone(["judge".as_ref(), out.as_os_str()]).stdout(Stdio::null()), 130)
}

/// A doctor that is killed leaves a ledger like that of a run; one that is asked to stop cleans up.
fn clean_after_a_doctor(stub: &Stub, room: &Path) -> anyhow::Result<()> {
    let slow = room.join("accounts-slow.toml");
    let text = fs::read_to_string(&stub.profile)?;
    fs::write(&slow, format!("{text}\n[scope.limits]\nrequests_per_second = 4\n"))?;
    for (signal, left) in [("-KILL", true), ("-INT", false)] {
        let mut child = touchstone(["doctor".as_ref(), "--profile".as_ref(), slow.as_os_str()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        while stub.accounts()?.is_empty() {
            ensure!(child.try_wait()?.is_none(), "the doctor ended before it had made an account");
            std::thread::park_timeout(Duration::from_millis(20));
        }
        succeeds(Command::new("kill").args([signal, &child.id().to_string()]))?;
        let status = child.wait()?;
        ensure!(status.code() == (!left).then_some(130), "doctor {signal} ended with {status}");
        ensure!(stub.accounts()?.is_empty() != left, "doctor {signal}: {:?}", stub.accounts()?);
        exits(touchstone(["clean", "--profile"]).arg(&slow).stdout(Stdio::null()), 0)?;
        stub.has_none("after clean")?;
    }
    Ok(())
}

/// `clean` removes what a killed run left, once; a run that goes on is not touched.
pub(super) fn cleaned(room: &Path) -> anyhow::Result<()> {
    let stub = Stub::start(room)?;
    let clean = |out: &Path| {
        let command = touchstone(["clean", "--json", "--profile"]);
        command.arg(&stub.profile).arg(out);
        command
    };
    let (out, mut child) = stub.halfway(room, "accounts-killed")?;
    exits(clean(&out).stderr(Stdio::null()), 2).context("while the run goes on")?;
    child.kill()?;
    child.wait()?;
    ensure!(stub.accounts()?.len() >= 8, "a killed run cleaned up by itself");

    let said = clean(&out).output()?;
    let told: Value = serde_json::from_slice(&said.stdout).context("clean --json")?;
    ensure!(said.status.code() == Some(0), "clean ended with {}: {told}", said.status);
    let run = &told["runs"][0];
    ensure!(
        run["removed"].as_u64() >= Some(8) && run["left"] == Value::Array(Vec::new()),
        "clean says {told}"
    );
    stub.has_none("after clean")?;
    clean_after_a_doctor(&stub, room)?;
    let again = clean(&out).output()?;
    let told: Value = serde_json::from_slice(&again.stdout).context("clean --json")?;
    ensure!(again.status.success() && told["runs"][0]["removed"] == 0, "clean again says {told}");
    Ok(())
}
