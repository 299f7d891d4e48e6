//! What `bench` makes of its program, which a script stands in for: what cannot be built is named, and what became
//! slower ends with its code.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
};

/// A run with two rows, one of which has a ratio.
fn measured(ratio: f64) -> String {
    let row = |name: &str, beside: &str, ratio: f64| {
        format!(
            r#"{{"name":"{name}","library":"ours","threads":1,"median_ns":1000.0,"floor_ns":900.0,"beside":{beside},"ratio":{ratio},"ci95":[{},{}],"own_ns":null}}"#,
            ratio - 0.001,
            ratio + 0.001
        )
    };
    let rows =
        [row("signature/ES256", "null", 1.0), row("assertion/ES256", "\"signature/ES256\"", ratio)];
    format!(
        r#"{{"schema_version":"1.0","processor":"A processor","cores":2,"rounds":10,"rows":[{}],"skipped":[]}}"#,
        rows.join(",")
    )
}

fn script(path: &Path, text: &str) {
    fs::write(path, format!("#!/bin/sh\n{text}\n")).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("set");
}

/// The program in a folder that looks like its repository: what cargo does, and what the benchmark.
fn bench(folder: &Path, builds: &str, measures: &str, args: &[&str]) -> Output {
    fs::create_dir_all(folder.join("xtask")).expect("a folder");
    fs::write(folder.join("xtask/Cargo.toml"), "").expect("written");
    fs::create_dir_all(folder.join("target/bench/release")).expect("a folder");
    script(&folder.join("cargo"), builds);
    script(&folder.join("pkg-config"), "exit 1");
    script(&folder.join("target/bench/release/bench"), measures);
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(env!("CARGO_BIN_EXE_touchstone"));
    command.arg("bench").args(args).current_dir(folder).stdin(Stdio::null());
    command.env("PATH", format!("{}:{path}", folder.display()));
    command.env("CARGO", folder.join("cargo")).env_remove("OPENSSL_DIR");
    command.output().expect("started")
}

#[test]
fn each_end_has_its_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let writes =
        |ratio| format!("cat >target/benchmark/bench.json <<'END'\n{}\nEND", measured(ratio));
    fs::write(folder.path().join("before.json"), measured(1.02)).expect("written");
    fs::write(folder.path().join("other.json"), measured(1.02).replace("\"1.0\"", "\"9.0\""))
        .expect("written");
    let against = &["--against", "before.json"][..];
    for (builds, measures, args, code, said) in [
        ("exit 0", writes(1.02), &[][..], 0, ""),
        ("exit 0", writes(1.02), against, 0, "none of 1 rows became slower"),
        ("exit 0", writes(1.2), against, 1, "slower: assertion/ES256 takes 17.6 % longer"),
        ("exit 0", "exit 2".to_owned(), &["nothing"], 2, "nothing was measured"),
        ("exit 0", writes(1.02), &["--against", "missing.json"], 2, "missing.json"),
        ("exit 0", writes(1.02), &["--against", "other.json"], 2, "has the form 9.0"),
        ("exit 0", writes(1.02), &["--rounds", "1"], 2, "from 10 to 100000"),
        ("exit 0", "exit 101".to_owned(), &[], 3, "it ended with exit status: 101"),
        ("exit 101", writes(1.02), &[], 3, "it does not build"),
    ] {
        let output = bench(folder.path(), builds, &measures, args);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {told}");
        assert!(told.contains(said), "{args:?}: {told}");
    }
}

#[test]
fn a_peer_that_cannot_be_built_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    // Only what asks for no peer builds. What was left out stands in the order.
    let builds = r#"for last; do :; done; test -z "$last""#;
    let measures = "echo \"$1\" >order; exit 2";
    bench(folder.path(), builds, measures, &[]);
    let order = fs::read_to_string(folder.path().join("order")).expect("it was started");
    for (name, reason) in [
        ("webauthn-rs-core", "apt-get install libssl-dev pkg-config"),
        ("webauthn_rp", "it did not build"),
        ("passkey", "it did not build"),
    ] {
        let said = format!(r#"{{"name":"{name}","reason":"#);
        let place = order.find(&said).unwrap_or_else(|| panic!("{name}: {order}"));
        assert!(order[place..].split('}').next().unwrap_or_default().contains(reason), "{order}");
    }
}
