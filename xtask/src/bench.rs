//! `bench`: builds the benchmark of `bench/`, runs it, and says what it measured. The program's own figures come as
//! a file; what is made of them stands in `reports::bench`.

mod deployment;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
};

use anyhow::Context;
use reports::{
    bench::{self, Bench, Ceremonies, Change, Order, Skipped},
    input,
    record::Outcome,
    render,
};
use serde::de::DeserializeOwned;

use crate::{cli::BenchArgs, files, interrupt, say, stop::Stop};

/// Where the program is built.
const BUILT: &str = "target/bench";

/// A peer that needs more than a Rust compiler.
const OPENSSL: &str = "webauthn-rs-core";

/// The peers, each a feature of the program.
const PEERS: &[&str] = &[OPENSSL, "webauthn_rp", "passkey"];

/// The program's word for an order that it cannot make sense of.
const BAD_ORDER: i32 = 2;

/// Measures what the command line asks for.
pub(crate) fn run(args: &BenchArgs) -> anyhow::Result<Outcome> {
    fs::create_dir_all(&args.out).with_context(|| args.out.display().to_string())?;
    if args.profile.is_some() {
        return deployment::run(args);
    }
    // A program of several processes, which ends as a whole with this one.
    interrupt::ends_descendants();
    if args.ceremonies { ceremonies(args) } else { rows(args) }
}

/// Sign-ins at the reference portal over HTTP.
fn ceremonies(args: &BenchArgs) -> anyhow::Result<Outcome> {
    let out = args.out.join("ceremonies.json");
    built(&[])?;
    start(&Order::Ceremonies {
        seconds: args.time.as_secs_f64(),
        browsers: args.browsers,
        out: out.clone(),
    })?;
    let said: Ceremonies = read(&out)?;
    if args.json {
        say::machine(&(serde_json::to_string_pretty(&said)? + "\n"));
    } else {
        say::lines(&format!("{}written: {}\n", bench::in_words(&said), out.display()));
    }
    Ok(Outcome::Conforms)
}

/// Measures rows, and compares with an earlier run.
fn rows(args: &BenchArgs) -> anyhow::Result<Outcome> {
    let before = args.against.as_deref().map(earlier).transpose()?;
    let skipped = build()?;
    let measured = measure(args, skipped)?;
    let changes = before.as_ref().map(|before| bench::compare(before, &measured));
    for row in before.iter().flat_map(|before| bench::unmeasured(before, &measured)) {
        say::tell(&format!("not compared: {row} was measured then, and not now"));
    }
    let page = render::html::bench::render(&measured, changes.as_deref());
    files::replace(&args.out.join("bench.html"), page.as_bytes())
        .map_err(|error| ended(&format!("bench.html: {error}")))?;
    if args.json {
        say::machine(&(serde_json::to_string_pretty(&measured)? + "\n"));
    } else {
        say::document(&say::OUTPUT.characters(&bench::table(&measured)));
        let out = args.out.display();
        say::lines(&format!("written: {out}/bench.json, {out}/bench.html\n"));
    }
    Ok(changes.map_or(Outcome::Conforms, |changes| compared(&changes)))
}

/// What an earlier run measured.
fn earlier(path: &Path) -> anyhow::Result<Bench> {
    let bytes = input::BENCH.read(path).map_err(Stop::bad_command)?;
    let bench: Bench = serde_json::from_slice(&bytes).map_err(|error| {
        Stop::bad_command(format!("{} is not what `bench` writes: {error}", path.display()))
    })?;
    if bench.schema_version != bench::SCHEMA_VERSION {
        let (theirs, own) = (bench.schema_version, bench::SCHEMA_VERSION);
        let what = format!("{} has the form {theirs}, and this is {own}", path.display());
        return Err(Stop::bad_command(what));
    }
    Ok(bench)
}

/// Says what became slower; whether anything did.
fn compared(changes: &[Change]) -> Outcome {
    let slower: Vec<&Change> = changes.iter().filter(|change| change.is_slower()).collect();
    for change in &slower {
        say::tell(&format!(
            "slower: {} takes {:.1} % longer, with a confidence of {:.1} %",
            change.name,
            change.longer * 100.0,
            change.confidence * 100.0
        ));
    }
    if changes.is_empty() {
        say::tell("touchstone: the two runs have no row in common");
        return Outcome::NoVerdict;
    }
    if slower.is_empty() {
        say::tell(&format!("none of {} rows became slower", changes.len()));
        return Outcome::Conforms;
    }
    Outcome::DoesNotConform
}

/// Builds the program with every peer that can be built; which cannot, and why.
fn build() -> anyhow::Result<Vec<Skipped>> {
    let lacks = lacks().map(|reason| Skipped { name: OPENSSL.to_owned(), reason });
    let mut skipped: Vec<Skipped> = lacks.into_iter().collect();
    let missing = |peer: &str, skipped: &[Skipped]| skipped.iter().any(|one| one.name == peer);
    let peers: Vec<&str> = PEERS.iter().copied().filter(|peer| !missing(peer, &skipped)).collect();
    if cargo_build(&peers)?.success() {
        return Ok(skipped);
    }
    give_up_if_asked()?;
    say::tell("bench: it does not build with what others wrote; once more without");
    built(&[])?;
    let reason = "it did not build; cargo says above what is wrong";
    skipped.extend(
        peers.into_iter().map(|peer| Skipped { name: peer.to_owned(), reason: reason.to_owned() }),
    );
    Ok(skipped)
}

/// Builds the program with some peers.
fn built(peers: &[&str]) -> anyhow::Result<()> {
    let status = cargo_build(peers)?;
    if status.success() {
        return Ok(());
    }
    give_up_if_asked()?;
    Err(ended(&format!("it does not build ({status}); cargo says above what is wrong")))
}

/// What this machine lacks to build every peer: the headers of OpenSSL, looked for as its crate does.
pub(crate) fn lacks() -> Option<String> {
    let mut command = Command::new("pkg-config");
    let found = command.args(["--exists", "openssl"]).stderr(Stdio::null()).status();
    let is_there =
        std::env::var_os("OPENSSL_DIR").is_some() || found.is_ok_and(|status| status.success());
    let needs =
        "needs OpenSSL's headers and pkg-config; on Debian, apt-get install libssl-dev pkg-config";
    (!is_there).then(|| needs.to_owned())
}

/// The tests of the benchmark, which ask others' verifiers and authenticators.
pub(crate) fn second_opinions() -> Command {
    let mut command = cargo("test");
    command.arg("--quiet");
    match lacks() {
        None => drop(command.args(["--features", OPENSSL])),
        Some(lacks) => say::tell(&format!("webauthn-rs-core is not asked: {lacks}")),
    }
    command
}

/// A command of cargo's on the benchmark.
fn cargo(command: &str) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args([command, "--locked", "--manifest-path", "bench/Cargo.toml"]);
    cargo.args(["--target-dir", BUILT]).stdin(Stdio::null());
    cargo
}

fn cargo_build(peers: &[&str]) -> anyhow::Result<ExitStatus> {
    let mut command = cargo("build");
    command.args(["--release", "--no-default-features", "--features", &peers.join(",")]);
    command.status().context("cannot start cargo")
}

/// Runs the program and reads what it measured.
fn measure(args: &BenchArgs, skipped: Vec<Skipped>) -> anyhow::Result<Bench> {
    let out = args.out.join("bench.json");
    let order =
        Order::Rows { filters: args.rows.clone(), rounds: args.rounds, skipped, out: out.clone() };
    start(&order)?;
    read(&out)
}

/// What the program wrote.
fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let bytes = input::BENCH.read(path).map_err(|error| ended(&error.to_string()))?;
    serde_json::from_slice(&bytes).context("what the benchmark wrote")
}

/// Gives the program an order, and waits until it is carried out.
fn start(order: &Order) -> anyhow::Result<()> {
    let program: PathBuf = [BUILT, "release", "bench"].iter().collect();
    let order = serde_json::to_string(order)?;
    let status = Command::new(program).arg(order).stdin(Stdio::null()).status();
    let status = status.context("cannot start the benchmark")?;
    match status.code() {
        Some(0) => Ok(()),
        Some(BAD_ORDER) => Err(Stop::with(Outcome::BadCommand, "bench: nothing was measured")),
        Some(_) | None => {
            give_up_if_asked()?;
            Err(ended(&format!("it ended with {status}")))
        }
    }
}

/// A person ended it.
fn give_up_if_asked() -> anyhow::Result<()> {
    if interrupt::is_asked() {
        return Err(Stop::with(Outcome::Interrupted, "interrupted; nothing was measured"));
    }
    Ok(())
}

fn ended(what: &str) -> anyhow::Error {
    Stop::with(Outcome::NoVerdict, format!("kit: bench: {what}"))
}
