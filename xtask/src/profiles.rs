//! `profile check` and `profile show`, and reading profiles for other commands.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use harness::{
    profile::{Complaint, Profile},
    reference,
    secret::Secret,
};
use reports::record::Outcome;

use crate::{
    cli::{ProfileArgs, ShowProfileArgs},
    scenarios::print,
    stop::Stop,
};

/// Checks the form of a profile, whether its secrets are there or not; nothing is sent.
pub(crate) fn check(args: &ProfileArgs) -> anyhow::Result<Outcome> {
    let (profile, wanted) = form(&args.file)?;
    let about = &profile.description;
    if args.json {
        let machine = serde_json::json!({
            "name": about.name, "digest": about.digest, "valid": true, "wanted": wanted,
        });
        print(&format!("{machine:#}\n"));
    } else {
        let wanted = wanted.iter().map(|wanted| format!("  a run needs {wanted}\n"));
        let wanted: String = wanted.collect();
        print(&format!("{}: valid, {}\n{wanted}", args.file.display(), about.name));
    }
    Ok(Outcome::Conforms)
}

/// Shows what a profile comes to; nothing is sent.
pub(crate) fn show(args: &ShowProfileArgs) -> anyhow::Result<Outcome> {
    let ProfileArgs { file, json } = &args.profile;
    let (profile, _) = form(file)?;
    if args.resolved {
        let resolved = Profile::resolved(&text(file)?, &file.display().to_string());
        let resolved = resolved.map_err(|complaints| wrong(&complaints))?;
        print(&if *json {
            format!("{:#}\n", serde_json::json!({ "toml": resolved }))
        } else {
            resolved
        });
        return Ok(Outcome::Conforms);
    }
    let about = &profile.description;
    let abilities: Vec<&str> = about.abilities.iter().map(|ability| ability.word()).collect();
    let verbs: Vec<&str> = profile.verbs().iter().map(|verb| verb.name()).collect();
    let driver = profile.driver.as_ref().map(|driver| driver.command.line());
    print(&if *json {
        let machine = serde_json::json!({
            "name": about.name, "digest": about.digest, "base": about.base, "origin": about.origin,
            "rp_id": about.rp_id, "allow": about.allow, "can": abilities, "flows": verbs,
            "driver": driver,
        });
        format!("{machine:#}\n")
    } else {
        format!(
            "{}\n  at      {} (origin {}, RP id {})\n  sends to {} and nowhere else{}\n  can     {}\n  {}   {}\n",
            about.name,
            about.base,
            about.origin,
            about.rp_id,
            about.allow.join(", "),
            driver.as_ref().map_or(String::new(), |line| format!(
                "; what the adapter sends (`{line}`) is beyond that"
            )),
            abilities.join(", "),
            if driver.is_some() { "verbs" } else { "flows" },
            verbs.join(", "),
        )
    });
    Ok(Outcome::Conforms)
}

/// The form of a profile, and what would have to be set before a run.
pub(crate) fn form(file: &Path) -> anyhow::Result<(Profile, BTreeSet<String>)> {
    Profile::form(&text(file)?, &file.display().to_string())
        .map_err(|complaints| wrong(&complaints))
}

/// Reads a profile; everything that is wrong with it is in the error.
pub(crate) fn read(file: &Path) -> anyhow::Result<Profile> {
    parse(&text(file)?, &file.display().to_string(), &BTreeMap::new())
}

fn text(file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        Stop::bad_command(format!("profile: cannot read {}: {error}", file.display()))
    })?;
    Ok(text)
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
    Profile::parse(text, name, given).map_err(|complaints| wrong(&complaints))
}

fn wrong(complaints: &[Complaint]) -> anyhow::Error {
    let all: Vec<String> = complaints.iter().map(ToString::to_string).collect();
    let missing = complaints.iter().all(|complaint| complaint.missing);
    let party = if missing { "environment" } else { "profile" };
    Stop::bad_command(format!("{party}: {}\nnothing was sent", all.join("\n")))
}
