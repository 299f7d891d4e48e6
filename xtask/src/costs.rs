//! What each scenario asks of a portal: how often which flow is begun, and how many tries go wrong.
//! Learned from the record of a whole run on the reference portal, where every run is the same.

use std::{collections::BTreeMap, sync::LazyLock};

use anyhow::ensure;
use profile::{
    Profile, Verb,
    flow::{Flow, Halves},
    may_count,
};
use reports::record::{Exchange, Exchanges, Reply, Run, Scenario, Step};
use serde::{Deserialize, Serialize};

/// What one scenario asks of a portal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Cost {
    /// How often a flow, or a half of one, is gone through: `sign_in`, `register_key.begin`.
    pub(crate) calls: BTreeMap<String, u32>,
    /// Most wrong passwords, codes and keys of one person.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) wrong_tries: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// By scenario.
pub(crate) type Costs = BTreeMap<String, Cost>;

static COSTS: LazyLock<Result<Costs, String>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../scenarios/costs.json"))
        .map_err(|error| error.to_string())
});

/// The shipped costs, `scenarios/costs.json`.
pub(crate) fn costs() -> anyhow::Result<&'static Costs> {
    COSTS.as_ref().map_err(|error| anyhow::anyhow!("kit: scenarios/costs.json: {error}"))
}

/// What the record of a whole run shows. `profile` is the one that the run was made with.
pub(crate) fn learned(run: &Run, profile: &Profile) -> anyhow::Result<Costs> {
    let whole = run.scenarios.iter().all(|scenario| scenario.not_judged.is_none());
    ensure!(whole, "the record is not that of a whole run: something was left out of it");
    let costs = run.scenarios.iter().map(|scenario| (scenario.id.clone(), cost(scenario, profile)));
    Ok(costs.collect())
}

/// Exchanges of a scenario that are alike.
struct Asked<'a> {
    who: &'a str,
    flow: &'a str,
    reply: Option<Reply>,
    times: u32,
}

/// Those that are kept, and those that are left out.
fn asked(scenario: &Scenario) -> impl Iterator<Item = Asked<'_>> {
    let kept = scenario.steps.iter().filter_map(|step| match step {
        Step::Exchange(exchange) => {
            let Exchange { who, flow, reply, .. } = &**exchange;
            Some(Asked { who, flow, reply: *reply, times: 1 })
        }
        Step::Act { .. } | Step::Ceremony(_) | Step::Expectation { .. } | Step::Wait { .. } => None,
    });
    let left_out = scenario.left_out.iter().flat_map(|left_out| &left_out.exchanges);
    kept.chain(left_out.map(|Exchanges { who, flow, reply, times }| Asked {
        who,
        flow,
        reply: *reply,
        times: *times,
    }))
}

fn cost(scenario: &Scenario, profile: &Profile) -> Cost {
    let mut requests: BTreeMap<&str, u32> = BTreeMap::new();
    let mut wrong: BTreeMap<&str, u32> = BTreeMap::new();
    for Asked { who, flow, reply, times } in asked(scenario) {
        *requests.entry(flow).or_default() += times;
        let may_count = |verb| reply.is_some_and(|reply| may_count(verb, reply));
        if tried(flow).is_some_and(may_count) {
            *wrong.entry(who).or_default() += times;
        }
    }
    let calls = requests.into_iter().map(|(flow, requests)| {
        let each = steps_of(flow, profile).unwrap_or(1).max(1);
        (flow.to_owned(), requests.div_ceil(each))
    });
    Cost { calls: calls.collect(), wrong_tries: wrong.into_values().max().unwrap_or_default() }
}

/// The verb of a flow, or of a half of one, that may count against an account. A challenge that is
/// asked for is no try yet.
fn tried(flow: &str) -> Option<Verb> {
    let (verb, half) = halved(flow);
    Verb::named(verb).filter(|verb| half != Some("begin") && verb.row().is_a_try)
}

/// The name of a flow, and of its half where it is one.
fn halved(flow: &str) -> (&str, Option<&str>) {
    flow.split_once('.').map_or((flow, None), |(verb, half)| (verb, Some(half)))
}

/// The requests of a flow, or of a half of one, where the profile has it.
pub(crate) fn steps_of(name: &str, profile: &Profile) -> Option<u32> {
    let (verb, half) = halved(name);
    let verb = Verb::named(verb)?;
    if let Some(driver) = &profile.driver {
        // What an adapter sends for it, nobody knows; it is asked once.
        return driver.verbs.contains(&verb).then_some(1);
    }
    let flow: &Flow = profile.flows.by_verb.get(&verb)?;
    let steps = match (&flow.halves, half) {
        (Halves::Two { begin, .. }, Some("begin")) => begin.len(),
        (Halves::Two { finish, .. }, Some(_)) => finish.len(),
        (Halves::Two { begin, finish }, None) => begin.len() + finish.len(),
        (Halves::One(steps), _) => steps.len(),
    };
    u32::try_from(steps).ok()
}
