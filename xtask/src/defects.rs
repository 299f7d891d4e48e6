//! `defects`: the suite against the reference portal with one check forgotten.

use anyhow::Context;
use harness::{
    canary::{self, ACCEPTS_EVERYTHING},
    defects::{Breadth, Row, run_reference, try_defect},
    runner::Settings,
};
use ledger::Ledger;
use portal::defect::{DEFECTS, Defect};
use reports::{
    brief::Keep,
    record::{Outcome, Run},
    redact::Redactor,
};
use softkey::Seed;

use crate::{
    cli::DefectsArgs,
    folder, interrupt, say,
    scenarios::ours,
    stop::Stop,
    suite::{self, Table},
};

/// The seed of every `defects` run, so that the table repeats.
const SEED: [u8; 32] = [7; 32];

/// Tries defects, each against the scenarios of the requirement that it breaks.
pub(crate) fn run(args: &DefectsArgs) -> anyhow::Result<Outcome> {
    let chosen = choose(&args.ids)?;
    let work = try_all(args, &chosen);
    interrupt::block_on(interrupt::unless_asked(work, "the other defects were not tried"))
}

fn choose(ids: &[String]) -> anyhow::Result<Vec<&'static Defect>> {
    let all: Vec<&'static Defect> =
        DEFECTS.iter().filter(|defect| defect.id != ACCEPTS_EVERYTHING).collect();
    if ids.is_empty() {
        return Ok(all);
    }
    ids.iter().map(|id| suite::defect(id)).collect()
}

fn settings() -> anyhow::Result<Settings> {
    let seed = Seed::new(SEED);
    Ok(Settings {
        account_seed: seed.clone(),
        redactor: Redactor::new(SEED),
        seed,
        concurrency: 8,
        max_wait: std::time::Duration::ZERO,
        keep: Keep::Deciding,
        strict: false,
        profile_file: None,
        options: String::new(),
        started: folder::now(),
        suite: suite::about()?,
        consent: None,
        ledger: Ledger::in_memory(),
    })
}

async fn try_all(args: &DefectsArgs, chosen: &[&'static Defect]) -> anyhow::Result<Outcome> {
    let suite = suite::requirements();
    let canary = canary::check(&suite, scenarios::CANARIES, &settings()?).await.map_err(ours)?;
    if !canary.caught {
        return Err(Stop::with(
            Outcome::Void,
            "kit: a portal that accepts everything was not caught",
        ));
    }
    let baseline = run_reference(&suite, None, &[], &settings()?).await.map_err(ours)?;
    if let Some(note) = not_green(&baseline) {
        return Err(Stop::with(
            Outcome::Void,
            format!("kit: the sound portal is not green, so nothing was measured: {note}"),
        ));
    }
    let breadth = if args.matrix { Breadth::Matrix } else { Breadth::Own };
    let mut rows = Vec::new();
    for (number, defect) in chosen.iter().enumerate() {
        let (row, run) = try_defect(&suite, defect, breadth, &settings()?).await.map_err(ours)?;
        if !args.json {
            say::lines(&line(&row));
            if !args.ids.is_empty() {
                say::lines(&why(&row, &run));
            }
        } else if (number + 1) % 20 == 0 {
            say::tell(&format!("  {}/{}", number + 1, chosen.len()));
        }
        rows.push(row);
        say::goes_on()?;
    }
    conclude(args, &rows)
}

fn not_green(baseline: &Run) -> Option<String> {
    if baseline.outcome == Outcome::Conforms
        && baseline.scenarios.iter().all(|scenario| scenario.verdict.word() == "pass")
    {
        return None;
    }
    let open = baseline.scenarios.iter().find(|scenario| scenario.verdict.word() != "pass");
    let note = open
        .map(|scenario| format!("{} is {}: {}", scenario.id, scenario.verdict, scenario.because));
    Some(note.or_else(|| baseline.note.clone()).unwrap_or_else(|| baseline.outcome.to_string()))
}

fn line(row: &Row) -> String {
    match (&row.broken, row.caught_by.first()) {
        (Some(note), _) => format!("  BROKEN    {:<44} {note}\n", row.id),
        (None, None) => {
            format!("  SURVIVED  {:<44} nothing of {} found it\n", row.id, row.requirement)
        }
        (None, Some(first)) => {
            let more = row.caught_by.len() - 1;
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            format!("  caught    {:<44} {first}{more}\n", row.id)
        }
    }
}

/// What the scenarios of its requirement said of a defect that survived.
fn why(row: &Row, run: &Run) -> String {
    if row.is_caught() {
        return String::new();
    }
    let own = run.scenarios.iter().filter(|scenario| scenario.requirement.id == row.requirement);
    let lines = own.map(|scenario| {
        format!(
            "            {:<12} {}: {}\n",
            scenario.verdict.word(),
            scenario.id,
            scenario.because
        )
    });
    lines.collect()
}

fn conclude(args: &DefectsArgs, rows: &[Row]) -> anyhow::Result<Outcome> {
    let total = rows.len();
    let caught = rows.iter().filter(|row| row.is_caught()).count();
    let not_modelled = suite::table()?.not_modelled.clone();
    if let Some(file) = &args.write {
        let date = folder::now();
        let date = date.get(..10).unwrap_or_default().to_owned();
        let table = Table { date, not_modelled: not_modelled.clone(), defects: rows.to_vec() };
        let text = serde_json::to_string_pretty(&table)?;
        crate::files::replace(file, (text + "\n").as_bytes())
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    if args.json {
        let machine = serde_json::json!({ "caught": caught, "total": total, "not_modelled": not_modelled, "defects": rows });
        say::machine(&format!("{machine:#}\n"));
    } else {
        say::lines(&format!(
            "{caught}/{total} caught by their own requirement · {} survived · {} of the catalogue not modelled\n",
            total - caught,
            not_modelled.len()
        ));
    }
    Ok(if caught == total { Outcome::Conforms } else { Outcome::DoesNotConform })
}
