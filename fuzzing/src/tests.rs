//! Replays the corpora, and makes sure that each target reaches what it is for.

use std::{collections::BTreeSet, fs, path::PathBuf};

use super::{TARGETS, ceremonies::HONEST};

fn fuzz() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz"))
}

/// Inputs of a target, by file name.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = fuzz().join("corpus").join(target);
    let files =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut inputs: Vec<(String, Vec<u8>)> = files
        .map(|file| {
            let file = file.expect("an entry");
            let name = file.file_name().to_string_lossy().into_owned();
            (name, fs::read(file.path()).expect("an input"))
        })
        .collect();
    inputs.sort();
    inputs
}

#[test]
fn every_target_keeps_its_promises_on_its_corpus() {
    for target in TARGETS {
        let inputs = corpus(target.name);
        assert!(inputs.len() >= 3, "{}: {} inputs", target.name, inputs.len());
        for (name, bytes) in inputs {
            let ended = std::panic::catch_unwind(|| (target.run)(&bytes));
            assert!(ended.is_ok(), "fuzz/corpus/{}/{name}", target.name);
        }
        // No corpus needs it, and every reader meets it.
        (target.run)(b"");
    }
}

#[test]
fn corpora_are_small() {
    for target in TARGETS {
        let bytes: usize = corpus(target.name).iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(bytes <= 256 * 1024, "{}: {bytes} bytes", target.name);
    }
}

#[test]
fn each_target_has_a_program_and_a_corpus_and_nothing_else_has() {
    let names: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(names.len(), TARGETS.len(), "a name stands twice");
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).expect("the manifest");
    let manifest: toml::Table = manifest.parse().expect("TOML");
    let bins = manifest["bin"].as_array().expect("programs");
    let bins = bins.iter().map(|bin| bin["name"].as_str().expect("a name").to_owned()).collect();
    assert_eq!(names, bins);
    let folders = fs::read_dir(fuzz().join("corpus")).expect("corpora");
    let folders = folders
        .map(|folder| folder.expect("a folder").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(names, folders);
}

/// Inputs are mutated from what a portal accepts; a target whose honest input is refused at the door
/// would fuzz the door.
#[test]
fn honest_parts_are_among_the_inputs() {
    let honest = &*HONEST;
    let object = honest.registration.attestation_object.clone().expect("an object");
    for (target, bytes) in [
        ("client-data", &honest.registration.client_data),
        ("client-data", &honest.sign_in.client_data),
        ("attestation-object", &object),
        ("cbor", &object),
    ] {
        let inputs = corpus(target);
        assert!(
            inputs.iter().any(|(_, input)| input == bytes),
            "fuzz/corpus/{target}: the honest input is missing"
        );
    }
}
