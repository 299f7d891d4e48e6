//! `plan`: what a run would do, ask for and take, and what it would leave out. Nothing is sent.

mod time;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use anyhow::Context;
use harness::plan::{Patience, Plan, real_wait};
use profile::{
    Ability, NamedSecret, Profile,
    effect::{self, Effect},
};
use reports::{
    input,
    record::{Outcome, Run},
    render::plain,
};
use serde::Serialize;

use self::time::Known;

use crate::{
    cli::PlanArgs,
    costs::{self, Costs},
    files, folder,
    pace::Pace,
    profiles, safety, say,
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
    /// Those of them that are deleted at the end.
    deletions: u32,
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
    /// About how long it takes where the portal answers as fast as that.
    about_s: u64,
    one_by_one_s: u64,
    answer_ms: u64,
    /// When the doctor measured that; null where it is assumed.
    measured: Option<String>,
    /// Commands of the profile that a run executes, with what each is for.
    commands: Vec<(String, String)>,
    /// Secrets that the profile names, and where they go.
    secrets: &'p [NamedSecret],
    #[serde(skip)]
    secrets_in_words: Vec<String>,
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
        Some(file) => profiles::read(file, &selection.secrets)?,
        None => profiles::reference()?,
    };
    safety::limit(selection, &mut profile.description);
    let patience = Patience { max_wait: selection.patience() };
    let plan =
        Plan::make(&suite::requirements(), &selection.filters, &profile.description, patience)
            .map_err(Stop::bad_command)?;
    let pace = Pace::last(Path::new(folder::runs()), &profile.description.base);
    let known = (costs::costs()?, pace.as_ref());
    let forecast = forecast(&plan, &profile, selection.side_by_side(), known);
    if selection.json {
        say::machine(&format!("{}\n", serde_json::to_string_pretty(&forecast)?));
    } else {
        say::lines(&in_words(&forecast));
    }
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
    files::replace(to, format!("{{\n{}\n}}\n", rows.join(",\n")).as_bytes())
        .with_context(|| format!("kit: cannot write {}", to.display()))?;
    say::lines(&format!("{}: {} scenarios\n", to.display(), learned.len()));
    Ok(Outcome::Conforms)
}

/// What a record shows of the costs.
fn of_record(folder: &Path) -> anyhow::Result<Costs> {
    let file = folder.join("run.json");
    let bytes = input::RECORD.read(&file).map_err(Stop::bad_command)?;
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

fn forecast<'p>(
    plan: &'p Plan,
    profile: &'p Profile,
    wished_for: u32,
    (costs, pace): (&Costs, Option<&Pace>),
) -> Forecast<'p> {
    let about = &profile.description;
    let scenarios: Vec<&str> = plan.to_run().map(|entry| entry.scenario.id.as_str()).collect();
    let sum = |flow: &dyn Fn(&str) -> bool, each: &dyn Fn(&str) -> u32| {
        let calls = scenarios.iter().filter_map(|id| costs.get(*id)).flat_map(|cost| &cost.calls);
        calls.filter(|(name, _)| flow(name)).map(|(name, calls)| calls * each(name)).sum()
    };
    let steps = |name: &str| costs::steps_of(name, profile).unwrap_or_default();
    let mails = sum(&|name| name == "request_reset", &|_| 1);
    let accounts = sum(&|name| name == "create_user", &|_| 1);
    let deletions = if deletes(profile) { accounts } else { 0 };
    let requests = sum(&|_| true, &steps) + deletions * steps("delete_user");
    let tries = scenarios.iter().map(|id| (costs.get(*id).map_or(0, |cost| cost.wrong_tries), *id));
    let worst = tries.max_by_key(|(tries, _)| *tries).filter(|(tries, _)| *tries > 0);
    let waits: Vec<Duration> =
        plan.to_run().map(|entry| real_wait(&entry.scenario.case, about)).collect();
    let longest = waits.iter().max().copied().unwrap_or_default();
    let done = plan.to_run().flat_map(|entry| entry.scenario.case.effects_on(about));
    let effects = done.chain((deletions > 0).then_some(Effect::DeletesOwnAccount)).collect();
    let side_by_side = wished_for.min(about.limits.concurrent);
    let answer = pace.map_or(time::ANSWER, |pace| Duration::from_millis(pace.answer_ms));
    let known = Known { limits: &about.limits, requests, answer, waits: &waits, side_by_side };
    let (at_least, determined_by) = known.least();
    let (at_once, one_by_one) = known.about();
    Forecast {
        profile: &about.name,
        scenarios,
        requests,
        mails,
        mails_per_hour: about.limits.mails_per_hour,
        accounts,
        deletions,
        pool: about.actors.pool.len(),
        wrong_tries: worst.map_or((0, None), |(tries, id)| (tries, Some(id))),
        effects: effect::words(&effects),
        waiting: waits.iter().filter(|wait| !wait.is_zero()).count(),
        longest_wait_s: longest.as_secs(),
        side_by_side,
        at_least_s: at_least.as_secs(),
        determined_by,
        about_s: at_once.as_secs(),
        one_by_one_s: one_by_one.as_secs(),
        answer_ms: u64::try_from(answer.as_millis()).unwrap_or(u64::MAX),
        measured: pace.map(|pace| pace.measured.clone()),
        commands: profile.commands(),
        secrets: &profile.named,
        secrets_in_words: profiles::secrets(profile),
        left_out: left_out(plan),
    }
}

/// Whether the accounts of a run are deleted at its end.
fn deletes(profile: &Profile) -> bool {
    let about = &profile.description;
    about.can(Ability::DeleteUser)
        && about.effects.contains(&Effect::DeletesOwnAccount)
        && !about.actors.disposable
        && about.actors.pool.is_empty()
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
        plain(forecast.profile),
        forecast.scenarios.len(),
        forecast.scenarios.len() + of
    );
    let (tries, worst) = forecast.wrong_tries;
    let rows = [
        ("effects", forecast.effects.join(", ")),
        ("accounts", accounts_in_words(forecast)),
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
        ("takes", time_in_words(forecast)),
    ];
    let commands = forecast.commands.iter().map(|(what, line)| {
        ("executes", format!("{line} (it {what}; only with --allow-commands)"))
    });
    let secrets = forecast.secrets_in_words.iter().map(|line| ("secret", line.clone()));
    for (what, said) in rows.into_iter().chain(commands).chain(secrets) {
        let said = plain(&said);
        text.push_str(&format!("  {what:12} {said}\n"));
    }
    for LeftOut { reason, scenarios } in &forecast.left_out {
        text.push_str(&format!("  left out     {:3}  {}\n", scenarios.len(), plain(reason)));
        for id in scenarios {
            text.push_str(&format!("                    {id}\n"));
        }
    }
    text
}

fn accounts_in_words(forecast: &Forecast<'_>) -> String {
    match (forecast.pool, forecast.deletions) {
        (0, 0) => format!("{}, made for the run", forecast.accounts),
        (0, _) => format!("{}, made for the run and deleted after it", forecast.accounts),
        (pool, _) => format!(
            "{pool} of a pool: {pool} scenarios with one person side by side, {} with two",
            pool / 2
        ),
    }
}

fn time_in_words(forecast: &Forecast<'_>) -> String {
    let source = forecast.measured.as_ref().map_or_else(
        || "assumed; `doctor` measures it".to_owned(),
        |measured| format!("as `doctor` found {measured}"),
    );
    format!(
        "at least {}, determined by {}; at {} ms for each answer ({source}) about {} where the portal answers {} at the same time, and {} where one after the other",
        time(forecast.at_least_s),
        forecast.determined_by,
        forecast.answer_ms,
        time(forecast.about_s),
        forecast.side_by_side,
        time(forecast.one_by_one_s)
    )
}

fn time(seconds: u64) -> String {
    humantime::format_duration(Duration::from_secs(seconds)).to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use profile::secret::Secret;
    use reports::record::Traffic;

    use super::*;

    /// What a plan of the reference's profile says once its text is changed, with so many wished for.
    fn said(wished_for: u32, changes: &[(&str, &str)]) -> String {
        said_after(None, wished_for, changes)
    }

    /// The same where the doctor measured before.
    fn said_after(pace: Option<&Pace>, wished_for: u32, changes: &[(&str, &str)]) -> String {
        let mut text = std::fs::read_to_string("../profiles/reference.toml").expect("it ships");
        for (from, to) in changes {
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
        }
        let provided =
            ["listener", "admin"].map(|name| (name.to_owned(), Secret::new("127.0.0.1:9")));
        let profile = Profile::parse(&text, "reference.toml", &BTreeMap::from(provided))
            .unwrap_or_else(|complaints| panic!("{complaints:?}"));
        let patience = Patience { max_wait: Duration::ZERO };
        let filters = ["login/challenge-once/same-browser".to_owned()];
        let about = &profile.description;
        let plan = Plan::make(&suite::requirements(), &filters, about, patience).expect("a plan");
        let costs = costs::costs().expect("costs");
        in_words(&forecast(&plan, &profile, wished_for, (costs, pace)))
    }

    #[test]
    fn what_a_run_removes_and_executes_is_said_beforehand() {
        let plain = said(4, &[]);
        let takes = "  takes        at least 0s, determined by nothing but the portal's own speed; at 35 ms for each answer (assumed; `doctor` measures it) about 0s where the portal answers 4 at the same time, and 0s where one after the other\n";
        assert!(plain.contains(takes), "{plain}");
        let traffic = Traffic { requests: 10, answering_ms: 21_000, ..Traffic::default() };
        let pace = Pace::of("http://{scenario}.portal.localhost", traffic).expect("measured");
        let measured = said_after(Some(&pace), 4, &[]);
        let found = format!("at 2100 ms for each answer (as `doctor` found {})", pace.measured);
        assert!(measured.contains(&found) && !measured.contains("about 0s"), "{measured}");
        assert!(!plain.contains("  executes") && !plain.contains("deleted after it"), "{plain}");
        let secret = "  secret       secret.admin, from the program that starts the portal: goes to http://{scenario}.portal.localhost, in the header `Authorization` of [flow.create_user]\n";
        assert!(plain.contains(secret), "{plain}");
        assert!(said(64, &[]).contains("  side by side 8 scenarios at most\n"));

        let mail =
            ("source = { smtp = \"given\" }", "source = { command = [\"mails\", \"--all\"] }");
        let kept = said(4, &[("disposable = true", "disposable = false"), mail]);
        for line in [
            "  accounts     1, made for the run and deleted after it\n",
            "changes-own-account, deletes-own-account, wrong-tries\n",
            "  executes     mails --all (it prints mails; only with --allow-commands)\n",
        ] {
            assert!(kept.contains(line), "{line}{kept}");
        }
    }
}
