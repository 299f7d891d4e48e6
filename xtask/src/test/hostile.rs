//! The stage about a portal that turns on whoever tests it: every run on it ends by itself, in time and
//! within the memory and disk that a run may take, with a whole record and the documented code, and
//! nobody else hears of it.

use std::{
    fs::{self, File},
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};

use super::{PROGRAM, exits, stubs::started, touchstone};
use crate::{
    deployment::{group::Group, ports},
    say,
};

/// How long one run may take: far more than it needs, on a machine that does other things.
const LIMIT: Duration = Duration::from_secs(90);

/// Scenarios in which the portal is sound while it is not hostile.
const SCENARIOS: &[&str] =
    &["login/password/*", "login/with-key/plain", "unsupported-browser/offered/*"];

/// A way to be hostile, and the code that a run on it ends with.
struct Mode {
    name: &'static str,
    code: i32,
    /// What the run says of it.
    says: &'static str,
    /// What is run.
    scenarios: &'static [&'static str],
}

const fn mode(name: &'static str, code: i32, says: &'static str) -> Mode {
    Mode { name, code, says, scenarios: SCENARIOS }
}

/// One that shows in mails.
const fn mails(name: &'static str, code: i32, says: &'static str) -> Mode {
    Mode { name, code, says, scenarios: &["reset-token"] }
}

/// One that shows where keys are registered, used and listed.
const fn keys(name: &'static str, code: i32, says: &'static str) -> Mode {
    Mode { name, code, says, scenarios: &["login/with-key/plain", "registration/origin/foreign"] }
}

/// How much memory and disk a run may take, bytes, whatever the portal sends.
const MEMORY: u64 = 300 << 20;
const DISK: u64 = 200 << 20;

/// Runs a program and writes down how many kibibytes of memory it took at most.
const MEASURED: &str = "import os, resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
open(sys.argv[1], 'w').write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)";

const MODES: &[Mode] = &[
    mode("none", 0, "conforms"),
    mode("stall", 4, TOO_LATE),
    mode("drip", 4, TOO_LATE),
    mode("flood", 4, "the body is larger than"),
    mode("zip-bomb", 4, "the body is larger than"),
    mode("zip-in-zip", 4, "the breaker opened"),
    mode("long-header", 4, "the breaker opened"),
    mode("not-http", 4, "not HTTP"),
    mode("hangs-up", 4, "dropped the connection"),
    mode("dies", 4, "connection refused"),
    mode("falls-over", 4, "answered 500"),
    mode("429-storm", 4, "the portal limits requests"),
    mode("retry-after-hour", 4, "asked the run to wait 3600 s"),
    mode("slows", 4, "whoami takes 2."),
    mode("busy", 0, "were answered with a call for a pause"),
    mode("retry-after", 0, "1 were answered with a call for a pause"),
    mode("redirect-away", 5, "is outside the allow-list"),
    mails("foreign-mail-link", 5, "`http://127.0.0.2:"),
    mode("redirect-loop", 3, "more than 10 redirects"),
    mode("deep-json", 3, "inconclusive"),
    mode("deep-html", 3, "inconclusive"),
    mode("strange-ends-html", 3, "inconclusive"),
    mode("formats-html", 3, "inconclusive"),
    mode("attributes-html", 3, "inconclusive"),
    mode("escapes", 1, "HOSTILE"),
    mode("script", 1, "HOSTILE"),
    mode("1xx-flood", 4, TOO_LATE),
    mode("long-redirects", 3, "more than 10 redirects"),
    mode("big-headers", 0, "more)"),
    mode("many-headers", 0, "more)"),
    mode("many-cookies", 0, "more)"),
    mode("long-cookie", 0, "conforms"),
    mode("long-reason", 0, "conforms"),
    keys("long-challenge", 1, "(cut: "),
    keys("long-options", 1, "(cut: "),
    keys("many-keys", 1, "(cut: "),
    keys("big-everything", 1, "(cut: "),
    mails("many-mails", 1, "does not conform"),
    mails("big-mail", 1, "does not conform"),
    mails("many-links", 1, "does not conform"),
    mode("tells-on-others", 5, "inconclusive"),
    mode("cuts-names", 4, NOT_APART),
    mode("drops-tails-of-names", 4, NOT_APART),
    mode("cuts-and-folds-names", 4, NOT_APART),
    mode(HAS_A_RULE, 4, NOT_APART),
    mode("folds-names", 0, "conforms"),
];

/// What is said of a portal that does not come to an end. Only its modes have one second for an answer: on a
/// busy machine an honest one may take longer.
const TOO_LATE: &str = "no complete answer within 1 s";

const NOT_APART: &str = "it does not keep names apart";

/// The mode in which every name is alice's, as far as the portal goes: nothing can be known before her
/// password is another, and it is told.
const HAS_A_RULE: &str = "cuts-names-and-has-a-rule";

pub(super) fn hostile(room: &Path) -> anyhow::Result<()> {
    let elsewhere = TcpListener::bind(("127.0.0.2", 0)).context("no second loopback address")?;
    elsewhere.set_nonblocking(true)?;
    // It hears whoever comes.
    let _caller = TcpStream::connect(elsewhere.local_addr()?)?;
    ensure!(elsewhere.accept().is_ok(), "kit: a call to the other host would not be noticed");
    let away = format!("http://{}", elsewhere.local_addr()?);
    control(room, &away)?;
    ensure!(elsewhere.accept().is_ok(), "kit: a run that goes to the other host is not noticed");
    while elsewhere.accept().is_ok() {}
    looked_at_only(room)?;
    for mode in MODES {
        let begun = Instant::now();
        one(room, mode, &away).with_context(|| format!("hostile.py {}", mode.name))?;
        let reached = elsewhere.accept().map_err(|error| error.kind());
        ensure!(
            matches!(reached, Err(ErrorKind::WouldBlock)),
            "hostile.py {}: another host was contacted",
            mode.name
        );
        say::tell(&format!("   {} ({:.1} s)", mode.name, begun.elapsed().as_secs_f32()));
    }
    Ok(())
}

/// A run that is redirected to the other host, and may go there.
fn control(room: &Path, away: &str) -> anyhow::Result<()> {
    let (port, smtp) = (ports::free()?, ports::free()?);
    let _portal = portal("redirect-away", port, smtp, &["--away", &format!("{away}/")])?;
    let profile = profile(room, "redirect-away", port, smtp)?;
    let text = fs::read_to_string(&profile)?;
    let allowed = format!("[scope]\nallow = [\"{away}\"]\n\n[scope.limits]");
    fs::write(&profile, text.replace("[scope.limits]", &allowed))?;
    let out = room.join("runs").join("hostile-control");
    let command = touchstone(["scenarios", "--profile"]);
    command.arg(profile).arg("--out").arg(&out);
    ends_in_time(command.args(SCENARIOS), &out).map(|_| ())
}

/// What is said by the commands that look at a portal, and how long they look: its words from the first
/// request on, and pages without end.
fn looked_at_only(room: &Path) -> anyhow::Result<()> {
    let pages = ["strange-ends-html", "formats-html", "attributes-html", "long-title"];
    for mode in ["escapes", "script"].into_iter().chain(pages) {
        let (port, smtp) = (ports::free()?, ports::free()?);
        let _portal = portal(mode, port, smtp, &["--at-once"])?;
        let profile = profile(room, mode, port, smtp)?.display().to_string();
        let url = format!("http://stub.localhost:{port}/");
        let speaks = matches!(mode, "escapes" | "script");
        let commands: [(&str, &[&str], i32); 3] = [
            ("init", &["init", &url], 0),
            ("doctor", &["doctor", "--profile", &profile], 4),
            ("doctor-json", &["doctor", "--json", "--profile", &profile], 4),
        ];
        for (name, words, code) in commands.into_iter().take(if speaks { 3 } else { 1 }) {
            let out = room.join("runs").join(format!("hostile-{mode}-{name}"));
            let ended = ends_in_time(touchstone(words), &out);
            let (status, [said, aside]) = ended.with_context(|| format!("{name}, {mode}"))?;
            let told = || format!("hostile.py {mode}, {}: {said}{aside}", words.join(" "));
            ensure!(status.code() == Some(code), "ended with {status}, not {code}: {}", told());
            ensure!(said.contains("HOSTILE") == speaks, "what it says is not told: {}", told());
            harmless_on_a_terminal(&said).with_context(told)?;
            harmless_on_a_terminal(&aside).with_context(told)?;
        }
    }
    Ok(())
}

fn one(room: &Path, mode: &Mode, away: &str) -> anyhow::Result<()> {
    let (port, smtp) = (ports::free()?, ports::free()?);
    let _portal = portal(mode.name, port, smtp, &["--away", &format!("{away}/")])?;
    let profile = profile(room, mode.name, port, smtp)?;
    let label = format!("hostile-{}-{port}", mode.name);
    let out = room.join("runs").join(label);
    let (said, aside, status, memory) = measured(mode, &profile, &out)?;
    ensure!(
        status.code() == Some(mode.code),
        "ended with {status}, not {}: {said}{aside}",
        mode.code
    );
    let disk = size(&out)?;
    ensure!(memory <= MEMORY, "it took {} MB of memory", memory >> 20);
    ensure!(disk <= DISK, "it took {} MB of files", disk >> 20);
    let record = fs::read_to_string(out.join("run.json"))?;
    // What a portal says of itself has to reach the terminal, or nothing is shown about it there.
    let quoted = mode.says == "HOSTILE";
    ensure!(
        said.contains(mode.says) || (!quoted && record.contains(mode.says)),
        "nothing says {:?}: {said}{aside}",
        mode.says
    );
    exits(touchstone(["judge".as_ref(), out.as_os_str()]).stdout(Stdio::null()), mode.code)?;
    harmless_on_a_terminal(&said)?;
    harmless_on_a_terminal(&aside)?;
    tells_on_nobody(&out)?;
    if takes_names(mode.name) {
        leaves_alice(mode, port, &profile, &out)?;
    }
    harmless_to_readers(&out)
}

/// Whether it takes what is left of a name for somebody else's.
fn takes_names(mode: &str) -> bool {
    mode.ends_with("-names") || mode == HAS_A_RULE
}

/// Alice was there before, and is there afterwards, also after a clean-up; with her own password, or it is
/// told that she may have another.
fn leaves_alice(mode: &Mode, port: u16, profile: &Path, out: &Path) -> anyhow::Result<()> {
    let command = touchstone(["clean", "--profile"]);
    command.arg(profile).arg(out).stdout(Stdio::null());
    exits(command, if mode.code == 0 { 0 } else { 3 })?;
    let listed = asked(port, "GET /api/accounts", "")?;
    let others = listed.matches("alice").count() - usize::from(listed.contains("\"alice\""));
    ensure!(listed.contains("\"alice\"") && others == 0, "the portal has {listed}");
    let hers = r#"{"user": "alice", "password": "her own password"}"#;
    let signed_in = asked(port, "POST /api/session/password", hers)?.starts_with("HTTP/1.1 200");
    let record = fs::read_to_string(out.join("run.json"))?;
    let told = record.contains("whether a password was changed");
    ensure!(signed_in == (mode.name != HAS_A_RULE), "her password is hers: {signed_in}");
    ensure!(signed_in || told, "nothing tells that her password may be another");
    Ok(())
}

/// What the portal answers to one request.
fn asked(port: u16, line: &str, body: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    let length = body.len();
    write!(
        stream,
        "{line} HTTP/1.1\r\nHost: stub.localhost\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// No file holds the password that a portal told somebody else of.
fn tells_on_nobody(out: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(out)? {
        let path = entry?.path();
        let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
        let mut told = text.split("the first password was ").skip(1);
        let in_clear = told.any(|after| !after.starts_with(['<', '&']));
        ensure!(!in_clear, "{} holds somebody else's password", path.display());
    }
    Ok(())
}

/// A run on the portal: what it said on both channels, how it ended, and the most memory it took.
fn measured(
    mode: &Mode,
    profile: &Path,
    out: &Path,
) -> anyhow::Result<(String, String, ExitStatus, u64)> {
    let most = out.with_extension("memory");
    let mut command = Command::new("python3");
    command.args(["-c", MEASURED]).arg(&most).arg(PROGRAM);
    command.args(["scenarios", "--profile"]).arg(profile).arg("--out").arg(out);
    let (status, [said, aside]) = ends_in_time(command.args(mode.scenarios), out)?;
    let kibibytes: u64 = fs::read_to_string(most)?.parse().context("kit: no measure")?;
    Ok((said, aside, status, kibibytes << 10))
}

/// Bytes of all files in a run's directory.
pub(super) fn size(out: &Path) -> anyhow::Result<u64> {
    let sizes = fs::read_dir(out)?.map(|entry| Ok(entry?.metadata()?.len()));
    sizes.sum()
}

/// Nothing that a terminal would act on, nor text that cannot be seen or runs the other way.
fn harmless_on_a_terminal(said: &str) -> anyhow::Result<()> {
    let acts = |c: &char| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let Some(found) = said.chars().find(acts) else { return Ok(()) };
    bail!("the terminal is sent {found:?}");
}

/// What a browser would act on.
const ACTIVE: &[&str] = &["<script", "<img", "<svg/onload", "\u{1b}", "\u{9b}"];

/// Nothing that a browser, a reader of XML or Markdown, or a CI log would act on.
fn harmless_to_readers(out: &Path) -> anyhow::Result<()> {
    let html = fs::read_to_string(out.join("report.html"))?;
    let summary = fs::read_to_string(out.join("summary.md"))?;
    for (name, text) in [("report.html", &html), ("summary.md", &unfenced(&summary))] {
        for active in ACTIVE {
            ensure!(!text.contains(active), "{name} holds {active:?}");
        }
    }
    let commands = summary.lines().any(|line| line.trim_start().starts_with("::"));
    ensure!(!commands, "summary.md commands the CI");
    let xml = out.join("junit.xml");
    let reads = "import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])";
    exits(Command::new("python3").args(["-c", reads]).arg(xml), 0)
}

/// Markdown without its fenced blocks, in which nothing acts.
fn unfenced(markdown: &str) -> String {
    let mut open = None;
    let mut rest = String::new();
    for line in markdown.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match open {
            None if ticks >= 3 => open = Some(ticks),
            None => rest.extend([line, "\n"]),
            Some(fence) if ticks >= fence && line.len() == ticks => open = None,
            Some(_) => {}
        }
    }
    rest
}

/// The hostile portal, once it listens.
pub(super) fn portal(mode: &str, port: u16, smtp: u16, more: &[&str]) -> anyhow::Result<Group> {
    let mut command = Command::new("python3");
    command.args(["deployments/stubs/hostile.py", &port.to_string(), mode]);
    command.args(["--smtp", &smtp.to_string()]).args(more);
    started(command.stdout(Stdio::null()).stderr(Stdio::null()), port)
}

/// The stubs' profile, with limits that are soon met, and what a mode needs beside it.
fn profile(room: &Path, mode: &str, port: u16, smtp: u16) -> anyhow::Result<PathBuf> {
    let file = room.join(format!("hostile-{mode}.toml"));
    ports::copy_of_profile(Path::new("profiles/stub.toml"), &file, &[(8190, port)])?;
    // Without `connect`: that would lead every name to the portal, and away from no other host.
    let mut text = fs::read_to_string(&file)?
        .replace("stub.localhost\"", &format!("stub.localhost:{port}\""))
        .replace(&format!("connect = \"127.0.0.1:{port}\"\n"), "");
    ensure!(!text.contains("connect ="), "kit: the profile of the stubs is another");
    let pauses = if mode == "busy" { 20 } else { 3 };
    let late = MODES.iter().any(|one| one.name == mode && one.says == TOO_LATE);
    let timeout = if late { 1 } else { 10 };
    text.push_str(&format!(
        "\n[scope.limits]\nexchange_timeout = \"{timeout}s\"\npauses = \"{pauses}s\"\n"
    ));
    if MODES.iter().any(|one| one.name == mode && one.scenarios == ["reset-token"]) {
        text.push_str(&format!(
            r#"
[mail]
source = {{ smtp = "127.0.0.1:{smtp}" }}
link = 'https?://[^\s/]+/reset/([0-9a-f]+)'

[flow.request_reset]
post = "/api/reset"
json = {{ mail = "{{mail}}" }}

[flow.open_reset]
get = "/api/reset/open"

[flow.finish_reset]
post = "/api/reset/finish"
json = {{ password = "{{password}}" }}
"#
        ));
    }
    if takes_names(mode) {
        let alice = if mode == "cuts-and-folds-names" { "ALICE" } else { "alice" };
        text = text.replace("ts-{run}", &format!("{alice}-{{run}}"));
        ensure!(text.contains(alice), "kit: the profile of the stubs is another");
    }
    if mode.ends_with("-html") {
        text = text.replace("{ json = \"/message\" }", "{ css = \"p.message\" }");
    }
    fs::write(&file, text)?;
    Ok(file)
}

/// How a command ended that must end by itself, and what it said on both channels.
fn ends_in_time(command: &mut Command, out: &Path) -> anyhow::Result<(ExitStatus, [String; 2])> {
    let files = ["out", "err"].map(|channel| out.with_extension(channel));
    let [said, aside] = &files;
    command.stdout(File::create(said)?).stderr(File::create(aside)?);
    let status = Group::start(command)?.ends_within(LIMIT)?;
    let read =
        |file: &PathBuf| fs::read(file).map(|all| String::from_utf8_lossy(&all).into_owned());
    Ok((status, [read(said)?, read(aside)?]))
}
