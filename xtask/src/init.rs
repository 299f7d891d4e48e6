//! `init`: drafts a profile of a portal that nobody has described.

use std::path::{Path, PathBuf};

use anyhow::Context;
use draft::{Recording, Seen, Target, UNKNOWN};
use driver::wire::RUN;
use harness::program;
use profile::{Profile, error::Error};
use reports::{input, record::Outcome, render::plain};

use crate::{cli::InitArgs, files, folder::shown, interrupt, say, scenarios::ours, stop::Stop};

/// Looks, drafts, and says what comes next.
pub(crate) fn run(args: &InitArgs) -> anyhow::Result<Outcome> {
    let target = target(args)?;
    if let Some(out) = args.out.as_deref().filter(|out| out.symlink_metadata().is_ok()) {
        return Err(taken(out));
    }
    let recording = args.har.as_deref().map(|file| recording(file, &target)).transpose()?;
    let visit = async { Ok(draft::visit(&target).await) };
    let visit = interrupt::unless_asked(visit, "nothing was written");
    let seen = match interrupt::block_on(visit)? {
        Ok(seen) => seen,
        // A recording can be read without the portal.
        Err(error @ (Error::Network(_) | Error::Portal(_))) if recording.is_some() => {
            say::tell(&format!("not looked at: {error}"));
            Seen::default()
        }
        Err(error) => return Err(ours(error)),
    };
    let (requests, tag) = (seen.requests(), seen.run_tag());
    say::tell(&format!("{requests} GETs to {} ({RUN}: {tag}), and nothing else", target.origin()));
    seen.notes().iter().for_each(|note| say::tell(&format!("  {}", plain(note))));
    let draft = draft::draft(&target, &seen, recording.as_ref());
    match &args.out {
        Some(out) => write(out, &draft)?,
        None => say::document(&draft),
    }
    next(args.out.as_deref(), &draft);
    Ok(Outcome::Conforms)
}

fn target(args: &InitArgs) -> anyhow::Result<Target> {
    let wrong =
        || Stop::bad_command(format!("`{}` is not a URL such as https://login.example", args.url));
    let url = args.url.parse().map_err(|_| wrong())?;
    let target = Target {
        url,
        connect: args.connect,
        name: args.name.clone(),
        private_network: args.private_network,
        ca: args.ca_file.as_deref().map(authorities).transpose()?,
    };
    let web = matches!(target.url.scheme(), "http" | "https") && target.url.has_host();
    let plain = target.url.username().is_empty() && target.url.password().is_none();
    if !web || !plain {
        return Err(wrong());
    }
    if args.connect.is_some() && target.url.domain().is_none() {
        return Err(Stop::bad_command("--connect needs a host name in the URL, not an address"));
    }
    Ok(target)
}

/// A file of certificates, by a path that holds wherever the draft is put.
fn authorities(file: &Path) -> anyhow::Result<(PathBuf, Vec<u8>)> {
    let pem = input::CERTIFICATES.read(file).map_err(Stop::bad_command)?;
    let path = std::path::absolute(file).context("kit: where is this folder?")?;
    Ok((path, pem))
}

fn recording(file: &Path, target: &Target) -> anyhow::Result<Recording> {
    let text = input::HAR.text(file).map_err(Stop::bad_command)?;
    Recording::read(text.trim_start_matches('\u{feff}'), target)
        .map_err(|error| Stop::bad_command(format!("cannot read {}: {error}", input::shown(file))))
}

fn taken(out: &Path) -> anyhow::Error {
    Stop::bad_command(format!(
        "{} is there already: a draft is never written over anything; name another file",
        shown(out)
    ))
}

fn write(out: &Path, draft: &str) -> anyhow::Result<()> {
    files::create(out, draft.as_bytes()).map_err(|error| {
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            return taken(out);
        }
        Stop::bad_command(format!("cannot write {}: {error}", shown(out)))
    })
}

/// What is open, and the commands that come next.
fn next(out: Option<&Path>, draft: &str) {
    let marks = draft.lines().filter(|line| line.starts_with(UNKNOWN)).count();
    let file = out.map_or("FILE".to_owned(), shown);
    let name = out.map_or("draft", |_| file.as_str());
    let valid = Profile::parse(draft, name, &std::collections::BTreeMap::new());
    let open = valid.map_or_else(|complaints| complaints.len(), |_| 0);
    if out.is_some() {
        say::tell(&format!("{file}: written"));
    }
    let marks = if marks == 1 { "1 mark".to_owned() } else { format!("{marks} marks") };
    let open = if open == 1 { "1 thing is".to_owned() } else { format!("{open} things are") };
    say::tell(&format!("{marks} UNKNOWN; {open} missing before it is valid"));
    let me = program::name();
    say::tell(&format!("next: {me} profile check {file}       # names what is missing"));
    say::tell(&format!(
        "      {me} doctor --profile {file}    # once it is valid: does it describe the portal?"
    ));
}
