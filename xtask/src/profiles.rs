//! `profile check` and `profile show`, and reading profiles for other commands.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use harness::reference;
use profile::{Complaint, NamedSecret, Profile, Use, secret::Secret};
use reports::{
    input::{self, shown},
    record::Outcome,
    render::plain,
};

use crate::{
    cli::{ProfileArgs, SecretArgs, ShowProfileArgs},
    say,
    stop::Stop,
};

/// Most complaints that are printed: who has more has one cause for most of them.
const MOST: usize = 50;

/// Checks the form of a profile, whether its secrets are there or not; nothing is sent.
pub(crate) fn check(args: &ProfileArgs) -> anyhow::Result<Outcome> {
    let (profile, wanted) = form(&args.file, &args.secrets)?;
    let about = &profile.description;
    if args.json {
        let machine = serde_json::json!({
            "name": about.name, "digest": about.digest, "valid": true, "wanted": wanted,
            "secrets": profile.named,
        });
        say::machine(&format!("{machine:#}\n"));
    } else {
        let wanted = wanted.iter().map(|wanted| format!("  a run needs {}\n", plain(wanted)));
        let named = secrets(&profile).into_iter().map(|line| format!("  {line}\n"));
        let lines: String = named.chain(wanted).collect();
        say::lines(&format!("{}: valid, {}\n{lines}", shown(&args.file), plain(&about.name)));
    }
    Ok(Outcome::Conforms)
}

/// Every secret that a profile names, and everywhere it goes, a line each.
pub(crate) fn secrets(profile: &Profile) -> Vec<String> {
    let lines = profile.named.iter().flat_map(|named| {
        let NamedSecret { name, from, goes, .. } = named;
        let nowhere = goes.is_empty().then(|| "is sent nowhere".to_owned());
        let uses = goes.iter().map(|Use { to, place }| format!("goes to {to}, in {place}"));
        let head = format!("{name}, from {from}:");
        let said = uses.chain(nowhere).chain(named.unsought());
        said.map(move |using| plain(&format!("{head} {using}")))
    });
    lines.collect()
}

/// Shows what a profile comes to; nothing is sent.
pub(crate) fn show(args: &ShowProfileArgs) -> anyhow::Result<Outcome> {
    let ProfileArgs { file, secrets, json } = &args.profile;
    let (profile, _) = form(file, secrets)?;
    if args.resolved {
        let resolved = Profile::resolved(&text(file)?, &file.display().to_string());
        let resolved = resolved.map_err(|complaints| wrong(&complaints))?;
        if *json {
            say::machine(&format!("{:#}\n", serde_json::json!({ "toml": resolved })));
        } else {
            say::document(&resolved);
        }
        return Ok(Outcome::Conforms);
    }
    let about = &profile.description;
    let abilities: Vec<&str> = about.abilities.iter().map(|ability| ability.word()).collect();
    let verbs: Vec<&str> = profile.verbs().iter().map(|verb| verb.name()).collect();
    let driver = profile.driver.as_ref().map(|driver| driver.command.line());
    if *json {
        let machine = serde_json::json!({
            "name": about.name, "digest": about.digest, "base": about.base, "origin": about.origin,
            "rp_id": about.rp_id, "allow": about.allow, "can": abilities, "flows": verbs,
            "driver": driver,
        });
        say::machine(&format!("{machine:#}\n"));
    } else {
        say::lines(&format!(
            "{}\n  at      {} (origin {}, RP id {})\n  sends to {} and nowhere else{}\n  can     {}\n  {}   {}\n",
            plain(&about.name),
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
        ));
    }
    Ok(Outcome::Conforms)
}

/// The form of a profile, and what would have to be set before a run.
pub(crate) fn form(
    file: &Path,
    secrets: &SecretArgs,
) -> anyhow::Result<(Profile, BTreeSet<String>)> {
    Profile::form(&text(file)?, &file.display().to_string(), only(secrets).as_ref())
        .map_err(|complaints| wrong(&complaints))
}

/// Reads a profile; everything that is wrong with it is in the error.
pub(crate) fn read(file: &Path, secrets: &SecretArgs) -> anyhow::Result<Profile> {
    let name = file.display().to_string();
    let profile =
        Profile::parse_only(&text(file)?, &name, &BTreeMap::new(), only(secrets).as_ref());
    profile.map_err(|complaints| wrong(&complaints))
}

/// What the command line lets a profile read.
fn only(secrets: &SecretArgs) -> Option<BTreeSet<String>> {
    secrets.only_secrets.as_ref().map(|names| names.iter().cloned().collect())
}

fn text(file: &Path) -> anyhow::Result<String> {
    let text = input::PROFILE.text(file);
    text.map_err(|refused| Stop::bad_command(format!("profile: {refused}\nnothing was sent")))
}

/// The profile of the reference portal, with nothing behind it.
pub(crate) fn reference() -> anyhow::Result<Profile> {
    let given = BTreeMap::from([
        ("admin".to_owned(), Secret::new("not used")),
        ("listener".to_owned(), Secret::new("127.0.0.1:9")),
    ]);
    Profile::parse(reference::PROFILE, "profiles/reference.toml", &given)
        .map_err(|complaints| wrong(&complaints))
}

fn wrong(complaints: &[Complaint]) -> anyhow::Error {
    let mut all: Vec<String> = complaints.iter().take(MOST).map(ToString::to_string).collect();
    if complaints.len() > MOST {
        all.push(format!("and {} more", complaints.len() - MOST));
    }
    let missing = complaints.iter().all(|complaint| complaint.missing);
    let party = if missing { "environment" } else { "profile" };
    Stop::bad_command(format!("{party}: {}\nnothing was sent", all.join("\n")))
}
