//! `plan`: what a run would do, ask for and take, and what it would leave out. Nothing is sent.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::Duration,
};

use anyhow::Context;
use harness::{
    effect,
    plan::{Patience, Plan, real_wait},
    profile::{Description, Profile},
};
use reports::record::{Outcome, Run};
use serde::Serialize;

use crate::{
    cli::PlanArgs,
    costs::{self, Costs},
    profiles, safety,
    scenarios::print,
    stop::Stop,
    suite,
};

/// What a run would come to.
#[derive(Serialize)]
struct Forecast<'p> {
    profile: &'p str,
    /// Scenarios that would be run.
    scenarios: Vec<&'p str>,
    /// Requests, as far as they can be known: pages that come in between are not counted.
    requests: u32,
    mails: u32,
    /// Most of them in an hour; null where there is no limit.
    mails_per_hour: Option<u32>,
    accounts: u32,
    /// Accounts that are lent instead, where none can be made.
    pool: usize,
    /// Most wrong passwords, codes and keys of one account, and the scenario that makes them.
    wrong_tries: (u32, Option<&'p str>),
    /// What the scenarios do beside looking.
    effects: Vec<String>,
    waiting: usize,
    longest_wait_s: u64,
    side_by_side: u32,
    /// The least that the run takes, and why.
    at_least_s: u64,
    determined_by: &'static str,
    left_out: Vec<LeftOut<'p>>,
}

#[derive(Serialize)]
struct LeftOut<'p> {
    reason: &'p str,
    scenarios: Vec<&'p str>,
}

/// Says what a run would do, or learns what scenarios cost.
pub(crate) fn run(args: &PlanArgs) -> anyhow::Result<Outcome> {
    if let Some(folder) = &args.learn {
        return learn(folder, Path::new("scenarios/costs.json"));
    }
    let selection = &args.selection;
    let mut profile = match &selection.profile {
        Some(file) => profiles::read(file)?,
        None => profiles::reference()?,
    };
    safety::limit(selection, &mut profile.description);
    let patience = Patience { max_wait: selection.patience() };
    let plan =
        Plan::make(&suite::requirements(), &selection.filters, &profile.description, patience)
            .map_err(Stop::bad_command)?;
    let forecast = forecast(&plan, &profile, costs::costs()?);
    print(&if selection.json {
        format!("{}\n", serde_json::to_string_pretty(&forecast)?)
    } else {
        in_words(&forecast)
    });
    Ok(Outcome::Conforms)
}

/// Writes down what the scenarios cost by the record of a whole run on the reference portal.
fn learn(folder: &Path, to: &Path) -> anyhow::Result<Outcome> {
    let learned = of_record(folder)?;
    let rows: Vec<String> = learned
        .iter()
        .map(|(id, cost)| {
            Ok(format!("{}: {}", serde_json::to_string(id)?, serde_json::to_string(cost)?))
        })
        .collect::<anyhow::Result<_>>()?;
    fs::write(to, format!("{{\n{}\n}}\n", rows.join(",\n")))
        .with_context(|| format!("kit: cannot write {}", to.display()))?;
    print(&format!("{}: {} scenarios\n", to.display(), learned.len()));
    Ok(Outcome::Conforms)
}

/// What a record shows of the costs.
fn of_record(folder: &Path) -> anyhow::Result<Costs> {
    let file = folder.join("run.json");
    let bytes = fs::read(&file)
        .map_err(|error| Stop::bad_command(format!("cannot read {}: {error}", file.display())))?;
    let run: Run = serde_json::from_slice(&bytes)
        .map_err(|error| Stop::bad_command(format!("{}: {error}", file.display())))?;
    costs::learned(&run, &profiles::reference()?)
}

/// Whether the shipped costs are those that a record shows.
pub(crate) fn costs_are_fresh(folder: &Path) -> anyhow::Result<()> {
    let (shipped, learned) = (costs::costs()?, of_record(folder)?);
    let stale: BTreeSet<&String> = shipped
        .keys()
        .chain(learned.keys())
        .filter(|id| shipped.get(*id) != learned.get(*id))
        .collect();
    anyhow::ensure!(
        stale.is_empty(),
        "scenarios/costs.json is stale for {stale:?}: cargo xtask plan --learn {}",
        folder.display()
    );
    Ok(())
}

fn forecast<'p>(plan: &'p Plan, profile: &'p Profile, costs: &Costs) -> Forecast<'p> {
    let about = &profile.description;
    let scenarios: Vec<&str> = plan.to_run().map(|entry| entry.scenario.id.as_str()).collect();
    let sum = |flow: &dyn Fn(&str) -> bool, each: &dyn Fn(&str) -> u32| {
        let calls = scenarios.iter().filter_map(|id| costs.get(*id)).flat_map(|cost| &cost.calls);
        calls.filter(|(name, _)| flow(name)).map(|(name, calls)| calls * each(name)).sum()
    };
    let requests = sum(&|_| true, &|name| costs::steps_of(name, profile).unwrap_or_default());
    let mails = sum(&|name| name == "request_reset", &|_| 1);
    let accounts = sum(&|name| name == "create_user", &|_| 1);
    let tries = scenarios.iter().map(|id| (costs.get(*id).map_or(0, |cost| cost.wrong_tries), *id));
    let worst = tries.max_by_key(|(tries, _)| *tries).filter(|(tries, _)| *tries > 0);
    let waits: Vec<Duration> =
        plan.to_run().map(|entry| real_wait(&entry.scenario.case, about)).collect();
    let longest = waits.iter().max().copied().unwrap_or_default();
    let effects = plan.to_run().flat_map(|entry| effect::on(&entry.scenario.case, about)).collect();
    let (at_least, determined_by) = least(about, requests, &waits);
    Forecast {
        profile: &about.name,
        scenarios,
        requests,
        mails,
        mails_per_hour: about.limits.mails_per_hour,
        accounts,
        pool: about.actors.pool.len(),
        wrong_tries: worst.map_or((0, None), |(tries, id)| (tries, Some(id))),
        effects: effect::words(&effects),
        waiting: waits.iter().filter(|wait| !wait.is_zero()).count(),
        longest_wait_s: longest.as_secs(),
        side_by_side: about.limits.concurrent,
        at_least_s: at_least.as_secs(),
        determined_by,
        left_out: left_out(plan),
    }
}

/// The least that a run takes: its longest wait, all its waits side by side, or the pace.
fn least(about: &Description, requests: u32, waits: &[Duration]) -> (Duration, &'static str) {
    let longest = waits.iter().max().copied().unwrap_or_default();
    let all: Duration = waits.iter().sum();
    let abreast = all / about.limits.concurrent.max(1);
    let pace = about.limits.requests_per_second.map_or(Duration::ZERO, |in_a_second| {
        Duration::from_secs(u64::from(requests / in_a_second.max(1)))
    });
    let bounds = [
        (Duration::ZERO, "the portal's own speed"),
        (longest, "the longest wait"),
        (abreast, "all waits, as many side by side as the profile allows"),
        (pace, "the requests in a second that the profile allows"),
    ];
    bounds.into_iter().max_by_key(|(bound, _)| *bound).unwrap_or_default()
}

fn left_out(plan: &Plan) -> Vec<LeftOut<'_>> {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in &plan.entries {
        if let Some((_, reason)) = &entry.skip {
            reasons.entry(reason).or_default().push(&entry.scenario.id);
        }
    }
    reasons.into_iter().map(|(reason, scenarios)| LeftOut { reason, scenarios }).collect()
}

fn in_words(forecast: &Forecast<'_>) -> String {
    let of: usize = forecast.left_out.iter().map(|left| left.scenarios.len()).sum();
    let mut text = format!(
        "{}: {} scenarios of {}\n",
        forecast.profile,
        forecast.scenarios.len(),
        forecast.scenarios.len() + of
    );
    let (tries, worst) = forecast.wrong_tries;
    let rows = [
        ("effects", forecast.effects.join(", ")),
        (
            "accounts",
            match forecast.pool {
                0 => format!("{}, made for the run", forecast.accounts),
                pool => format!(
                    "{pool} of a pool: {pool} scenarios with one person side by side, {} with two",
                    pool / 2
                ),
            },
        ),
        ("requests", format!("about {}", forecast.requests)),
        (
            "mails",
            match forecast.mails_per_hour {
                None => format!("{} asked for", forecast.mails),
                Some(most) => format!("{} asked for, {most} in an hour at most", forecast.mails),
            },
        ),
        (
            "wrong tries",
            worst
                .map_or("none".to_owned(), |id| format!("at most {tries} on one account, in {id}")),
        ),
        (
            "real waits",
            format!("{} scenarios, the longest {} s", forecast.waiting, forecast.longest_wait_s),
        ),
        ("side by side", format!("{} scenarios at most", forecast.side_by_side)),
        (
            "takes",
            format!(
                "at least {}, determined by {}",
                time(forecast.at_least_s),
                forecast.determined_by
            ),
        ),
    ];
    for (what, said) in rows {
        text.push_str(&format!("  {what:12} {said}\n"));
    }
    for LeftOut { reason, scenarios } in &forecast.left_out {
        text.push_str(&format!("  left out     {:3}  {reason}\n", scenarios.len()));
        for id in scenarios {
            text.push_str(&format!("                    {id}\n"));
        }
    }
    text
}

fn time(seconds: u64) -> String {
    humantime::format_duration(Duration::from_secs(seconds)).to_string()
}
