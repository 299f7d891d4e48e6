//! `profile check`, and reading profiles for other commands.

use std::{collections::BTreeMap, path::Path};

use harness::{profile::Profile, reference, secret::Secret};
use reports::record::Outcome;

use crate::{cli::ProfileArgs, scenarios::print, stop::Stop};

/// Checks a profile; nothing is sent.
pub(crate) fn check(args: &ProfileArgs) -> anyhow::Result<Outcome> {
    let profile = read(&args.file)?;
    let about = &profile.description;
    if args.json {
        let machine =
            serde_json::json!({ "name": about.name, "digest": about.digest, "valid": true });
        print(&format!("{machine:#}\n"));
    } else {
        print(&format!("{}: valid, {}\n", args.file.display(), about.name));
    }
    Ok(Outcome::Conforms)
}

/// Reads a profile; everything that is wrong with it is in the error.
pub(crate) fn read(file: &Path) -> anyhow::Result<Profile> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        Stop::bad_command(format!("profile: cannot read {}: {error}", file.display()))
    })?;
    parse(&text, &file.display().to_string(), &BTreeMap::new())
}

/// The profile of the reference portal, with nothing behind it.
pub(crate) fn reference() -> anyhow::Result<Profile> {
    let given = BTreeMap::from([
        ("admin".to_owned(), Secret::new("not used")),
        ("listener".to_owned(), Secret::new("127.0.0.1:9")),
    ]);
    parse(reference::PROFILE, "profiles/reference.toml", &given)
}

fn parse(text: &str, name: &str, given: &BTreeMap<String, Secret>) -> anyhow::Result<Profile> {
    Profile::parse(text, name, given).map_err(|complaints| {
        let all: Vec<String> = complaints.iter().map(ToString::to_string).collect();
        Stop::bad_command(format!("profile: {}\nnothing was sent", all.join("\n")))
    })
}
