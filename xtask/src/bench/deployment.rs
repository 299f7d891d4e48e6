//! `bench --profile`: how long a deployment takes to answer. It is a run of honest ceremonies like any other, with
//! every guard and within every limit of the profile; the times are those of its record.

use std::{collections::BTreeMap, time::Duration};

use reports::{
    folder,
    record::{Exchange, Outcome, Run, Step},
};
use rustix::time::{ClockId, clock_gettime};

use crate::{
    cli::{BenchArgs, Kept, RunArgs, Selection},
    say, scenarios,
    stop::Stop,
};

/// Honest ceremonies in many forms, where the command line names none.
const HONEST: [&str; 3] =
    ["authentication/counters", "authentication/every-signature", "authentication/forms"];

/// The parts of a hundred whose times are told.
const PERCENTS: [usize; 4] = [50, 90, 99, 100];

/// Runs honest ceremonies on a deployment, then says how long it took to answer.
pub(crate) fn run(args: &BenchArgs) -> anyhow::Result<Outcome> {
    let filters = match args.rows.as_slice() {
        [] => HONEST.map(str::to_owned).to_vec(),
        named => named.to_vec(),
    };
    let out = args.out.join(crate::folder::now().replace(':', "-"));
    let selection = Selection {
        filters,
        profile: args.profile.clone(),
        secrets: args.secrets.clone(),
        allow_commands: args.allow_commands,
        ..Selection::default()
    };
    let authorised_by = args.authorised_by.clone();
    // Every exchange is timed.
    let keep = Kept::All;
    let run =
        RunArgs { selection, out: Some(out.clone()), keep, authorised_by, ..RunArgs::default() };
    let before = processor_time();
    let outcome = scenarios::run(&run)?;
    let own = processor_time().saturating_sub(before);
    let record = folder::open(&out)
        .map_err(|error| Stop::with(Outcome::NoVerdict, format!("the run's record: {error}")))?;
    say::lines(&in_words(&record.run, own));
    Ok(outcome)
}

/// The times of each flow, and our own share.
fn in_words(run: &Run, own: Duration) -> String {
    let mut flows: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for exchange in run.scenarios.iter().flat_map(|scenario| &scenario.steps).filter_map(answered) {
        flows.entry(&exchange.flow).or_default().push(exchange.micros);
    }
    let exchanges = flows.values().map(Vec::len).sum::<usize>();
    let head = PERCENTS.map(|percent| format!("{:>9}", format!("{percent} %")));
    let mut text = format!("\n{:32} {:>9}{}\n", "answers within, ms", "exchanges", head.concat());
    for (flow, mut times) in flows {
        times.sort_unstable();
        let within = PERCENTS.map(|percent| format!("{:>9.2}", milliseconds(&times, percent)));
        text.push_str(&format!("{flow:32} {:>9}{}\n", times.len(), within.concat()));
    }
    let each =
        own.as_secs_f64() * 1000.0 / f64::from(u32::try_from(exchanges.max(1)).unwrap_or(u32::MAX));
    text + &format!(
        "our own share: {each:.2} ms of processor time for each exchange at most, self-check and reports included\n"
    )
}

/// An exchange that was answered.
fn answered(step: &Step) -> Option<&Exchange> {
    match step {
        Step::Exchange(exchange) if exchange.status.is_some() => Some(exchange),
        Step::Exchange(_)
        | Step::Act { .. }
        | Step::Ceremony(_)
        | Step::Expectation { .. }
        | Step::Wait { .. } => None,
    }
}

/// Within which time so many of a hundred were, of sorted times of which there is one.
fn milliseconds(times: &[u64], percent: usize) -> f64 {
    let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    let micros = times.get(place).copied().unwrap_or_default();
    Duration::from_micros(micros).as_secs_f64() * 1000.0
}

fn processor_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let times: Vec<u64> = (1..=100).map(|time| time * 1000).collect();
        let told = PERCENTS.map(|percent| milliseconds(&times, percent));
        assert_eq!(told, [51.0, 91.0, 100.0, 100.0]);
        assert_eq!(PERCENTS.map(|percent| milliseconds(&[5000], percent)), [5.0; 4]);
    }
}
