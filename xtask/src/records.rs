//! `report` and `judge`: from the record of a run, offline.

use std::io::IsTerminal;

use reports::{
    folder::{self, FolderError},
    record::{Outcome, Run},
    render::{html, junit, markdown, terminal},
};

use crate::{
    cli::{Format, JudgeArgs, ReportArgs},
    scenarios::print,
    stop::Stop,
};

/// Renders a record again. Ends with the record's own word.
pub(crate) fn report(args: &ReportArgs) -> anyhow::Result<Outcome> {
    let run = folder::load(&args.dir).map_err(|error| unreadable(&error))?;
    print(&rendered(&run, args.format));
    // Rendered all the same, so that a person can look; but not with a word that does not hold.
    folder::verify(&args.dir).map_err(|error| unreadable(&error))?;
    Ok(run.outcome)
}

fn rendered(run: &Run, format: Format) -> String {
    match format {
        Format::Html => html::render(run),
        Format::Junit => junit::render(run),
        Format::Md => markdown::render(run),
        Format::Text => terminal::summary(run, std::io::stdout().is_terminal()),
    }
}

/// Judges a record again; ends with the record's own word where it holds.
pub(crate) fn judge(args: &JudgeArgs) -> anyhow::Result<Outcome> {
    let verified = folder::verify(&args.dir).map_err(|error| unreadable(&error))?;
    let (scenarios, outcome) = (verified.run.scenarios.len(), verified.run.outcome);
    if args.json {
        let machine =
            serde_json::json!({ "valid": true, "scenarios": scenarios, "outcome": outcome });
        print(&format!("{machine:#}\n"));
    } else {
        print(&format!(
            "  judged again   {scenarios} of {scenarios} verdicts come out the same; the run {outcome}\n"
        ));
    }
    Ok(outcome)
}

fn unreadable(error: &FolderError) -> anyhow::Error {
    let outcome = match error {
        FolderError::Empty(_) => Outcome::BadCommand,
        FolderError::Unreadable { .. } => Outcome::BadCommand,
        FolderError::Form(_) | FolderError::Journal(_) | FolderError::DoesNotHold(_) => {
            Outcome::EvidenceInvalid
        }
    };
    Stop::with(
        outcome,
        format!("record: {error}; give the directory of a run, as in target/touchstone/latest"),
    )
}
