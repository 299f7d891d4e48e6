//! `clean`: removes what runs that were killed left on a deployment, by their ledgers.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::Context;
use driver::{
    consent,
    deployment::{Access, Target},
};
use harness::{accounts, cleanup};
use ledger::{self, Ledger, Unusable};
use profile::{Description, Verb};
use reports::{
    record::{Leftover, Outcome},
    redact::Redactor,
    render::plain,
};
use softkey::Seed;

use crate::{
    cli::CleanArgs,
    folder::{self, shown},
    interrupt, profiles, safety, say,
    scenarios::ours,
    stop::Stop,
};

/// One run's ledger, worked off.
struct Cleaned {
    dir: PathBuf,
    removed: u32,
    left: Vec<Leftover>,
}

/// Works off every ledger that belongs to the profile's portal.
pub(crate) fn run(args: &CleanArgs) -> anyhow::Result<Outcome> {
    let mut profile = profiles::read(&args.profile, &args.secrets)?;
    profile.commands_allowed = args.allow_commands;
    profile.only_for(Verb::DeleteUser);
    safety::may_remove(&mut profile.description, args.yes_production.as_deref())?;
    let work = async {
        let mut access = Access::open(profile, None).await.map_err(ours)?;
        let seed = Seed::new(driver::fresh().map_err(ours)?);
        access.set_run_tag(accounts::run_tag(&seed));
        consent::obtain(&mut access, args.authorised_by.as_deref()).await.map_err(ours)?;
        let redactor = Redactor::new(driver::fresh().map_err(ours)?);
        let (mut ledgers, mut unread) = (Vec::new(), Vec::new());
        for (dir, named) in directories(args)? {
            let path = dir.join(ledger::FILE);
            match Ledger::open(&path, &redactor) {
                Err(error) if !says_that_nothing_is_there(&error) => {
                    unread.push(format!("{}: {error}", shown(&path)));
                }
                opened => {
                    let ledger = belongs(&dir, opened, access.description(), named)?;
                    ledgers.extend(ledger.map(|ledger| (dir, ledger)));
                }
            }
        }
        let target = Target::begin(access).await.map_err(ours)?;
        let outcome = work_off(ledgers, &target, &redactor, args.json).await?;
        all_were_read(&unread).map(|()| outcome)
    };
    interrupt::block_on(interrupt::unless_asked(work, "the same command goes on with what is left"))
}

/// Whether a ledger is none that is worked off now; every other one hides accounts until it is mended.
fn says_that_nothing_is_there(error: &Unusable) -> bool {
    match error {
        Unusable::Running | Unusable::Empty => true,
        Unusable::File(error) => error.kind() == ErrorKind::NotFound,
        Unusable::NoLedger | Unusable::Mixed { .. } | Unusable::Odd => false,
    }
}

/// What could not be read is no reason to leave the rest, and none to say that nothing is left.
fn all_were_read(unread: &[String]) -> anyhow::Result<()> {
    if unread.is_empty() {
        return Ok(());
    }
    let message = format!(
        "ledger: what these runs made may stay on the portal:\n  {}\nmend or remove the line or file, and \
         run `clean` again",
        unread.join("\n  ")
    );
    Err(Stop::with(Outcome::NoVerdict, message))
}

/// Directories that may hold a ledger, and whether the command line names them.
fn directories(args: &CleanArgs) -> anyhow::Result<Vec<(PathBuf, bool)>> {
    if !args.dirs.is_empty() {
        return Ok(args.dirs.iter().map(|dir| (dir.clone(), true)).collect());
    }
    let mut dirs = Vec::new();
    // Whichever name the program had that made them.
    for runs in [folder::IN_ITS_REPOSITORY, folder::INSTALLED] {
        dirs.extend(runs_in(runs)?.into_iter().map(|dir| (dir, false)));
    }
    dirs.sort();
    Ok(dirs)
}

fn runs_in(runs: &str) -> anyhow::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(runs) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.with_context(|| format!("cannot read {runs}"))?,
    };
    let mut dirs = Vec::new();
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read {runs}"))?;
        // `latest` is a link to one of the others.
        if entry.file_type().with_context(|| shown(&entry.path()))?.is_dir() {
            dirs.push(entry.path());
        }
    }
    Ok(dirs)
}

/// The ledger of a run, where it is over and was made on this portal.
fn belongs(
    dir: &Path,
    opened: Result<Ledger, Unusable>,
    about: &Description,
    named: bool,
) -> anyhow::Result<Option<Ledger>> {
    let ledger = match opened {
        Ok(ledger) => ledger,
        // What runs, began nothing or made no accounts.
        Err(_) if !named => return Ok(None),
        Err(Unusable::File(_)) => {
            let why = "the run made no accounts, or only such as vanish with their portal";
            return Err(Stop::bad_command(format!(
                "{} has no {}: {why}",
                shown(dir),
                ledger::FILE
            )));
        }
        Err(error) => {
            let path = shown(&dir.join(ledger::FILE));
            return Err(Stop::bad_command(format!("{path}: {error}")));
        }
    };
    let header = ledger.header();
    if header.portal == about.name && header.base == about.base {
        return Ok(Some(ledger));
    }
    if named {
        return Err(Stop::bad_command(format!(
            "{}: that run was made on `{}` at {}, and the profile describes `{}` at {}",
            shown(dir),
            header.portal,
            header.base,
            about.name,
            about.base
        )));
    }
    Ok(None)
}

async fn work_off(
    ledgers: Vec<(PathBuf, Ledger)>,
    target: &Target,
    redactor: &Redactor,
    json: bool,
) -> anyhow::Result<Outcome> {
    let side_by_side = usize::try_from(target.description().limits.concurrent).unwrap_or(1);
    let mut cleaned = Vec::new();
    let mut unwritten = Vec::new();
    let mut reachable = true;
    for (dir, ledger) in ledgers {
        let (_, before) = ledger.counts();
        let swept = cleanup::clean_up(target, &ledger, redactor, side_by_side).await;
        reachable &= swept.reachable;
        if let Some(error) = ledger.trouble() {
            unwritten.push(format!("{}: {error}", shown(&dir.join(ledger::FILE))));
        }
        let removed = swept.cleanup.removed.saturating_sub(before);
        cleaned.push(Cleaned { dir, removed, left: swept.cleanup.left });
    }
    if json {
        say::machine(&machine(&cleaned));
    } else {
        say::lines(&words(&cleaned));
    }
    if !unwritten.is_empty() {
        let message = format!(
            "kit: what was done could not be written down:\n  {}\nfree space and run `clean` again",
            unwritten.join("\n  ")
        );
        return Err(Stop::with(Outcome::NoVerdict, message));
    }
    let left = cleaned.iter().any(|one| !one.left.is_empty());
    Ok(match (left, reachable) {
        (false, _) => Outcome::Conforms,
        (true, true) => Outcome::NoVerdict,
        (true, false) => Outcome::TargetNotReady,
    })
}

fn words(cleaned: &[Cleaned]) -> String {
    let mut text = String::new();
    for Cleaned { dir, removed, left } in cleaned {
        if *removed == 0 && left.is_empty() {
            continue;
        }
        text.push_str(&format!("{}: {removed} removed, {} left\n", shown(dir), left.len()));
        for Leftover { user, why } in left {
            text.push_str(&format!("  left  {}: {}\n", plain(user), plain(why)));
        }
    }
    if text.is_empty() { "nothing was left\n".to_owned() } else { text }
}

fn machine(cleaned: &[Cleaned]) -> String {
    let runs: Vec<_> = cleaned
        .iter()
        .map(|Cleaned { dir, removed, left }| serde_json::json!({ "dir": dir, "removed": removed, "left": left }))
        .collect();
    format!("{:#}\n", serde_json::json!({ "runs": runs }))
}
