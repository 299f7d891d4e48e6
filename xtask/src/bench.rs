//! `bench`: builds the benchmark of `bench/`, runs it, and says what it measured. The program's own figures come as
//! a file; what is made of them stands in `reports::bench`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
};

use anyhow::Context;
use reports::{
    bench::{self, Bench, Change, Order, Skipped},
    input,
    record::Outcome,
    render,
};

use crate::{cli::BenchArgs, files, interrupt, say, scenarios::ours, stop::Stop};

/// Where the program is built.
const BUILT: &str = "target/bench";

/// A peer that needs more than a Rust compiler.
const OPENSSL: &str = "webauthn-rs-core";

/// The peers, each a feature of the program.
const PEERS: &[&str] = &[OPENSSL, "webauthn_rp", "passkey"];

/// The program's word for an order that it cannot make sense of.
const BAD_ORDER: i32 = 2;

/// Measures, and compares with an earlier run.
pub(crate) fn run(args: &BenchArgs) -> anyhow::Result<Outcome> {
    let before = args.against.as_deref().map(earlier).transpose()?;
    // A program of several processes, which ends as a whole with this one.
    interrupt::ends_descendants();
    let skipped = build()?;
    fs::create_dir_all(&args.out).with_context(|| args.out.display().to_string())?;
    let measured = measure(args, skipped)?;
    let changes = before.map(|before| bench::compare(&before, &measured));
    let page = render::html::bench::render(&measured, changes.as_deref());
    files::replace(&args.out.join("bench.html"), page.as_bytes()).map_err(ours)?;
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
    let mut skipped = Vec::new();
    if !has_openssl() {
        skipped.push(Skipped {
            name: OPENSSL.to_owned(),
            reason: "OpenSSL's headers or pkg-config are missing; on Debian, apt-get install libssl-dev pkg-config"
                .to_owned(),
        });
    }
    let missing = |peer: &str, skipped: &[Skipped]| skipped.iter().any(|one| one.name == peer);
    let peers: Vec<&str> = PEERS.iter().copied().filter(|peer| !missing(peer, &skipped)).collect();
    if cargo_build(&peers)?.success() {
        return Ok(skipped);
    }
    give_up_if_asked()?;
    say::tell("bench: it does not build with what others wrote; once more without");
    let status = cargo_build(&[])?;
    if !status.success() {
        give_up_if_asked()?;
        return Err(ended(&format!(
            "it does not build ({status}); cargo says above what is wrong"
        )));
    }
    let reason = "it did not build; cargo says above what is wrong";
    skipped.extend(
        peers.into_iter().map(|peer| Skipped { name: peer.to_owned(), reason: reason.to_owned() }),
    );
    Ok(skipped)
}

/// Whether the headers of OpenSSL are there, asked as its crate asks.
fn has_openssl() -> bool {
    let mut command = Command::new("pkg-config");
    let found = command.args(["--exists", "openssl"]).stderr(Stdio::null()).status();
    std::env::var_os("OPENSSL_DIR").is_some() || found.is_ok_and(|status| status.success())
}

fn cargo_build(peers: &[&str]) -> anyhow::Result<ExitStatus> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--locked", "--manifest-path", "bench/Cargo.toml"]);
    command.args(["--target-dir", BUILT, "--no-default-features"]);
    command.args(["--features", &peers.join(",")]).stdin(Stdio::null());
    command.status().context("cannot start cargo")
}

/// Runs the program and reads what it measured.
fn measure(args: &BenchArgs, skipped: Vec<Skipped>) -> anyhow::Result<Bench> {
    let out = args.out.join("bench.json");
    let order =
        Order::Rows { filters: args.rows.clone(), rounds: args.rounds, skipped, out: out.clone() };
    start(&order)?;
    let bytes = input::BENCH.read(&out).map_err(ours)?;
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
