//! The invariants of ARCHITECTURE.md, as far as manifests and sources show them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace is above").to_owned()
}

fn metadata() -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The folders of our crates.
fn crates() -> Vec<String> {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("packages").iter();
    let manifests = packages.map(|package| package["manifest_path"].as_str().expect("a path"));
    let folders = manifests.map(|manifest| {
        let folder = Path::new(manifest).parent().expect("a folder");
        folder.strip_prefix(root()).expect("inside").display().to_string()
    });
    folders.collect()
}

/// (from, to) between crates of the workspace, without dev-dependencies.
fn arrows(metadata: &Value) -> BTreeSet<(String, String)> {
    let packages = metadata["packages"].as_array().expect("packages");
    let names: BTreeSet<&str> =
        packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut arrows = BTreeSet::new();
    for package in packages {
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let to = dependency["name"].as_str().expect("name");
            if names.contains(to) && dependency["kind"].is_null() {
                arrows.insert((package["name"].as_str().expect("name").to_owned(), to.to_owned()));
            }
        }
    }
    arrows
}

fn sources(under: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![root().join(under)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("readable") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("text");
                found.push((path, text));
            }
        }
    }
    found
}

/// Files under a folder that hold a word, by name.
fn holding(under: &str, word: &str) -> Vec<String> {
    let files = sources(under).into_iter().filter(|(_, text)| text.contains(word));
    files
        .map(|(path, _)| path.strip_prefix(root()).expect("inside").display().to_string())
        .collect()
}

#[test]
fn exactly_these_arrows() {
    let expected = [
        ("browser", "programs"),
        ("draft", "driver"),
        ("draft", "html"),
        ("draft", "profile"),
        ("draft", "reports"),
        ("draft", "softkey"),
        ("driver", "browser"),
        ("driver", "html"),
        ("driver", "mailbox"),
        ("driver", "profile"),
        ("driver", "programs"),
        ("driver", "reports"),
        ("fuzzing", "draft"),
        ("fuzzing", "driver"),
        ("fuzzing", "ledger"),
        ("fuzzing", "mailbox"),
        ("fuzzing", "portal"),
        ("fuzzing", "profile"),
        ("fuzzing", "reports"),
        ("fuzzing", "softkey"),
        ("harness", "driver"),
        ("harness", "ledger"),
        ("harness", "mailbox"),
        ("harness", "portal"),
        ("harness", "profile"),
        ("harness", "reports"),
        ("harness", "softkey"),
        ("html", "reports"),
        ("ledger", "profile"),
        ("ledger", "reports"),
        ("portal", "pages"),
        ("mailbox", "html"),
        ("mailbox", "profile"),
        ("mailbox", "programs"),
        ("mailbox", "reports"),
        ("profile", "reports"),
        ("profile", "softkey"),
        ("reports", "leaks"),
        ("programs", "profile"),
        ("scenarios", "harness"),
        ("scenarios", "profile"),
        ("scenarios", "reports"),
        ("scenarios", "softkey"),
        ("training", "mailbox"),
        ("training", "pages"),
        ("training", "portal"),
        ("training", "softkey"),
        ("xtask", "draft"),
        ("xtask", "driver"),
        ("xtask", "harness"),
        ("xtask", "ledger"),
        ("xtask", "mailbox"),
        ("xtask", "portal"),
        ("xtask", "profile"),
        ("xtask", "programs"),
        ("xtask", "reports"),
        ("xtask", "scenarios"),
        ("xtask", "softkey"),
        ("xtask", "training"),
    ];
    let expected =
        expected.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
    assert_eq!(arrows(&metadata()), expected);
}

#[test]
fn leaves_have_no_sockets_clocks_or_processes() {
    for leaf in ["softkey/src", "pages/src", "leaks/src", "reports/src", "profile/src"] {
        for word in [
            "TcpStream",
            "TcpListener",
            "UdpSocket",
            "std::process",
            "SystemTime",
            "Instant",
            "tokio",
        ] {
            let using: Vec<_> =
                holding(leaf, word).into_iter().filter(|file| !file.contains("tests")).collect();
            assert_eq!(using, Vec::<String>::new(), "{leaf} uses {word}");
        }
    }
}

/// It measures what a page costs.
#[test]
fn one_module_parses_pages() {
    for word in ["Html::parse_", "html5ever"] {
        let using: Vec<_> = crates()
            .iter()
            .flat_map(|name| holding(&format!("{name}/src"), word))
            .filter(|file| !file.ends_with("/tests.rs"))
            .collect();
        assert_eq!(using, ["html/src/lib.rs"], "{word}");
    }
}

/// To a portal, from one module of one crate. Two more send requests to servers that are no portal: where a
/// browser is driven, and where mail is kept.
#[test]
fn three_modules_send_requests() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("packages").iter();
    let asks = |package: &&Value| {
        let mut all = package["dependencies"].as_array().expect("dependencies").iter();
        all.any(|one| one["name"] == "reqwest" && one["kind"].is_null())
    };
    let senders: Vec<_> = packages.filter(asks).map(|package| &package["name"]).collect();
    assert_eq!(senders, ["driver", "browser", "mailbox"]);
    // The mailbox is handed its client.
    for (sources, module) in
        [("driver/src", "driver/src/wire"), ("browser/src", "browser/src/webdriver")]
    {
        let strays: Vec<_> = holding(sources, "reqwest")
            .into_iter()
            .filter(|file| !file.starts_with(module))
            .collect();
        assert_eq!(strays, Vec::<String>::new());
    }
}

/// Files that no user names, or that are opened with the same care where they are written.
const OPENS_ITSELF: &[(&str, &str)] = &[
    ("reports/src/input.rs", "the place where everything else is opened"),
    ("ledger/src/lib.rs", "a ledger is locked and written as well; the same is asked of it"),
    ("driver/src/wire.rs", "the system's certificates"),
    ("programs/src/group.rs", "what the system says of processes"),
    ("xtask/src/files.rs", "what the program writes beside runs: new, or its own"),
    ("xtask/src/deployment.rs", "the notes of `deployment up`"),
    ("xtask/src/deployment/group.rs", "what the system says of processes"),
    ("xtask/src/deployment/host.rs", "what the system says of itself"),
    ("xtask/src/deployment/start.rs", "the log of a portal that it has started"),
    ("xtask/src/interrupt.rs", "what the system says of signals"),
];

#[test]
fn a_file_that_a_user_names_is_opened_in_one_place() {
    let opens = ["fs::read(", "fs::read_to_string(", "File::open(", "OpenOptions::new()"];
    let of_the_project = |file: &str| {
        file.contains("/tests")
            || file.starts_with("xtask/src/test")
            || file.ends_with("fixture.rs")
    };
    let mut found = BTreeSet::new();
    for name in crates() {
        for (path, text) in sources(&format!("{name}/src")) {
            let file = path.strip_prefix(root()).expect("inside").display().to_string();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            if !of_the_project(&file) && opens.iter().any(|word| code.contains(word)) {
                found.insert(file);
            }
        }
    }
    let allowed = OPENS_ITSELF.iter().map(|(file, _)| (*file).to_owned()).collect();
    let strays: Vec<&String> = found.difference(&allowed).collect();
    assert!(strays.is_empty(), "not by reports::input: {strays:?}");
}

#[test]
fn scenarios_know_no_http() {
    for word in ["axum", "http::", "StatusCode", "HttpDriver"] {
        assert_eq!(holding("scenarios/src", word), Vec::<String>::new(), "{word}");
    }
}

#[test]
fn every_file_says_what_lives_in_it() {
    let mut silent = Vec::new();
    for name in crates() {
        for (path, text) in sources(&name) {
            if !text.starts_with("//!") {
                silent.push(path);
            }
        }
    }
    assert_eq!(silent, Vec::<PathBuf>::new());
}

/// Every package that a build takes, with the features that are asked of it.
fn features(of: &[&str]) -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--offline", "--prefix", "none", "--format", "{p} {f}"])
        .args(of)
        .current_dir(root())
        .output()
        .expect("cargo tree");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(|line| line.trim_end_matches(" (*)").trim_end().to_owned()).collect()
}

/// Otherwise what both stand on is built twice, and the tests take minutes longer.
#[test]
fn the_program_and_the_tests_share_one_build() {
    // What a macro of the compiler stands on is built apart, and `cargo tree` names one of the two alone.
    let program = features(&["--package", "xtask", "--edges", "no-dev,no-proc-macro"]);
    let tests = features(&["--workspace", "--edges", "all,no-proc-macro"]);
    assert!(program.len() > 100, "{program:?}");
    let twice: Vec<_> = program.difference(&tests).collect();
    assert!(
        twice.is_empty(),
        "the tests ask for more features of these than the program does: ask for them in the manifest \
         of harness as well, as for hashbrown: {twice:#?}"
    );
}
