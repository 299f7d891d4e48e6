//! Sign-ins over HTTP: the reference portal on its own threads, browsers on theirs, all in one program, so that
//! the processor time of each side is known.

mod client;
mod key;

use std::{
    io,
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use portal::{Argon2Cost, Settings};
use reports::bench::Ceremonies;
use rustix::time::{ClockId, clock_gettime};

use self::client::Browser;

/// What one browser did.
struct Done {
    took: Vec<Duration>,
    processor: Duration,
}

/// Signs in for some time, with so many browsers side by side.
pub fn measured(time: Duration, browsers: usize) -> io::Result<Ceremonies> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let token = "the administrator of a benchmark";
    let settings = Settings {
        seed: [7; 32],
        admin_token: token.to_owned(),
        smtp: None,
        argon2: Argon2Cost::recommended(),
        defect: None,
        trouble: |_| (),
    };
    let served =
        runtime.block_on(portal::serve(settings, SocketAddr::from(([127, 0, 0, 1], 0))))?;
    let ready: io::Result<Vec<Browser>> =
        (0..browsers).map(|number| Browser::registered(served.address, token, number)).collect();
    let (before, begun) = (processor_time(ClockId::ProcessCPUTime), Instant::now());
    let done = all_at_once(ready?, time)?;
    let elapsed = begun.elapsed();
    let together = processor_time(ClockId::ProcessCPUTime) - before;
    runtime.block_on(served.stop());
    Ok(figures(done, elapsed, together))
}

fn all_at_once(browsers: Vec<Browser>, time: Duration) -> io::Result<Vec<Done>> {
    let over = Instant::now() + time;
    thread::scope(|scope| {
        let threads: Vec<_> = browsers
            .into_iter()
            .map(|browser| scope.spawn(move || signs_in_until(browser, over)))
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("a browser does not break")).collect()
    })
}

fn signs_in_until(mut browser: Browser, over: Instant) -> io::Result<Done> {
    let before = processor_time(ClockId::ThreadCPUTime);
    let mut took = Vec::new();
    while Instant::now() < over {
        let begun = Instant::now();
        browser.signs_in()?;
        took.push(begun.elapsed());
    }
    Ok(Done { took, processor: processor_time(ClockId::ThreadCPUTime) - before })
}

fn figures(done: Vec<Done>, elapsed: Duration, together: Duration) -> Ceremonies {
    let browsers = done.len();
    let client: Duration = done.iter().map(|one| one.processor).sum();
    let mut took: Vec<Duration> = done.into_iter().flat_map(|one| one.took).collect();
    took.sort_unstable();
    let count = took.len().max(1);
    let each = |time: Duration| time.as_secs_f64() * 1e6 / count as f64;
    let percentile = |percent: usize| {
        let place = (count * percent / 100).min(count - 1);
        took.get(place).map_or(0.0, |time| time.as_secs_f64() * 1e6)
    };
    Ceremonies {
        browsers,
        seconds: elapsed.as_secs_f64(),
        sign_ins: took.len(),
        per_second: took.len() as f64 / elapsed.as_secs_f64(),
        client_us: each(client),
        server_us: each(together.saturating_sub(client)),
        percentiles_us: [50, 90, 99, 100].map(|percent| (percent, percentile(percent))).to_vec(),
    }
}

fn processor_time(clock: ClockId) -> Duration {
    Duration::try_from(clock_gettime(clock)).expect("it never goes below zero")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_sign_in_and_both_sides_are_told_apart() {
        let said = measured(Duration::from_millis(300), 2).expect("a run");
        assert!(said.sign_ins > 2 && said.browsers == 2, "{said:?}");
        assert!(said.client_us > 0.0 && said.server_us > 0.0, "{said:?}");
        let times: Vec<f64> = said.percentiles_us.iter().map(|(_, time)| *time).collect();
        assert!(times.is_sorted() && times[0] > 0.0, "{said:?}");
    }
}
