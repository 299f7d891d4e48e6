//! How rows are measured: one batch of each in every round, and beside each batch one of the row that it is
//! compared with. Whatever slows the machine down for a moment slows both, and their ratio stays.

use std::{
    collections::BTreeMap,
    fs,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use reports::bench::{Bench, Row, SCHEMA_VERSION, Skipped};
use rustix::time::{ClockId, clock_gettime};

use crate::statistics::Samples;

/// How long a batch takes: long beside the clock's own steps, short beside what disturbs a machine.
const BATCH: Duration = Duration::from_millis(2);

/// One thing to measure.
pub struct Work {
    /// The name of its row.
    pub name: String,
    /// Whose code does it, and which library makes the signatures.
    pub library: &'static str,
    /// How many threads do it at once.
    pub threads: usize,
    /// The row that it is measured beside.
    pub beside: Option<String>,
    /// How many signatures of that row it verifies, where that is known.
    pub signatures: Option<u32>,
    /// Does it once.
    pub run: Box<dyn Fn() + Send + Sync>,
}

/// What the rounds came to, for one row: times of the row, and of the one beside it.
#[derive(Default)]
struct Times {
    own: Vec<f64>,
    beside: Vec<f64>,
}

/// Measures rows, in so many rounds.
pub fn measured(works: &[Work], rounds: usize, skipped: Vec<Skipped>) -> Bench {
    let named: BTreeMap<&str, usize> =
        works.iter().enumerate().map(|(place, work)| (work.name.as_str(), place)).collect();
    let counts: Vec<u32> = works.iter().map(batch).collect();
    let mut times: Vec<Times> = works.iter().map(|_| Times::default()).collect();
    for round in 0..rounds {
        eprint!("\rround {} of {rounds}", round + 1);
        for step in 0..works.len() {
            // Another row first in each round, and the other one of a pair.
            let place = (step + round) % works.len();
            let beside = works[place].beside.as_deref().map(|name| named[name]);
            let one = |place: usize| nanoseconds(&works[place], counts[place]);
            let (own, other) = match beside {
                None => (one(place), None),
                Some(beside) if round % 2 == 0 => (one(place), Some(one(beside))),
                Some(beside) => {
                    let other = one(beside);
                    (one(place), Some(other))
                }
            };
            times[place].own.push(own);
            times[place].beside.extend(other);
        }
    }
    eprintln!();
    Bench {
        schema_version: SCHEMA_VERSION.to_owned(),
        processor: processor(),
        cores: thread::available_parallelism().map_or(1, usize::from),
        rounds,
        rows: works.iter().zip(times).map(|(work, times)| row(work, times)).collect(),
        skipped,
    }
}

fn row(work: &Work, times: Times) -> Row {
    let pairs = || times.own.iter().zip(&times.beside);
    let (mut ratio, mut ci95, mut own_ns) = (1.0, [1.0; 2], None);
    if work.beside.is_some() {
        let ratios = Samples::new(pairs().map(|(own, beside)| own / beside).collect());
        (ratio, ci95) = (ratios.median(), ratios.ci95());
        own_ns = work.signatures.map(|count| {
            let rest = |(own, beside): (&f64, &f64)| own - f64::from(count) * beside;
            Samples::new(pairs().map(rest).collect()).median()
        });
    }
    let own = Samples::new(times.own);
    Row {
        name: work.name.clone(),
        library: work.library.to_owned(),
        threads: work.threads,
        median_ns: own.median(),
        floor_ns: own.floor(),
        beside: work.beside.clone(),
        ratio,
        ci95,
        own_ns,
    }
}

/// How many times a row is done in one batch.
fn batch(work: &Work) -> u32 {
    let mut count = 1;
    loop {
        let begun = processor_time();
        (0..count).for_each(|_| (work.run)());
        let taken = processor_time() - begun;
        if taken >= BATCH / 4 {
            let times = BATCH.as_secs_f64() / taken.as_secs_f64() * f64::from(count);
            return (times as u32).max(1);
        }
        count *= 2;
    }
}

/// Does a row in a batch; how long it takes each time, over all threads.
fn nanoseconds(work: &Work, count: u32) -> f64 {
    let taken = if work.threads == 1 { alone(work, count) } else { together(work, count) };
    taken.as_secs_f64() * 1e9 / f64::from(count) / work.threads as f64
}

fn alone(work: &Work, count: u32) -> Duration {
    warm_up(work, count);
    let begun = processor_time();
    (0..count).for_each(|_| (work.run)());
    processor_time() - begun
}

/// The processor time of this thread: what other programs take in between is not in it.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("it never goes below zero")
}

/// The row before it has left its own code and tables in the caches.
fn warm_up(work: &Work, count: u32) {
    (0..count.div_ceil(10)).for_each(|_| (work.run)());
}

/// From when the first thread begins until the last one is done, by the clock on the wall: a thread that waits for
/// another takes no processor time.
fn together(work: &Work, count: u32) -> Duration {
    let barrier = Barrier::new(work.threads);
    let one = || {
        warm_up(work, count);
        barrier.wait();
        let begun = Instant::now();
        (0..count).for_each(|_| (work.run)());
        (begun, Instant::now())
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..work.threads).map(|_| scope.spawn(one)).collect();
        let spans: Vec<(Instant, Instant)> =
            threads.into_iter().map(|thread| thread.join().expect("a row does not fail")).collect();
        let first = spans.iter().map(|(begun, _)| *begun).min().expect("a thread");
        let last = spans.iter().map(|(_, done)| *done).max().expect("a thread");
        last - first
    })
}

/// The processor, as the system calls it.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    model.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, model)| model.to_owned())
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    fn work(name: &str, beside: Option<&str>, steps: u64) -> Work {
        let run = move || {
            for step in 0..steps {
                black_box(step);
            }
        };
        Work {
            name: name.to_owned(),
            library: "none",
            threads: 1,
            beside: beside.map(str::to_owned),
            signatures: Some(1),
            run: Box::new(run),
        }
    }

    #[test]
    fn a_row_of_twice_the_work_takes_twice_as_long() {
        let works = [work("one", None, 20_000), work("two", Some("one"), 40_000)];
        let bench = measured(&works, 40, Vec::new());
        let two = bench.row("two").expect("it was measured");
        assert!((1.8..2.2).contains(&two.ratio), "{two:?}");
        assert!(two.ci95[0] <= two.ratio && two.ratio <= two.ci95[1], "{two:?}");
        assert!(two.floor_ns <= two.median_ns, "{two:?}");
        let one = bench.row("one").expect("it was measured");
        assert_eq!((one.ratio, one.own_ns), (1.0, None));
    }
}
