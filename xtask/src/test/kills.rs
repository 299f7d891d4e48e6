//! The stage about a run that is ended at any moment and in any way: nothing that was finished is lost, no
//! account stays once `clean` was run, the record holds, and the exit code is one that is documented. The
//! portal is a stub that lists its accounts.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    process::{Child, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use driver::fresh;
use reports::{
    folder::{self, JOURNAL},
    record::NotJudged,
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use softkey::Seed;

use super::{
    accounts::Stub,
    sample::Sampler,
    schedule::{Mostly, Stage},
    touchstone,
};
use crate::say;

/// How many runs are ended: each way at each moment once.
const SAMPLE: usize = MOMENTS.len() * WAYS.len();

/// How many where everything is tried: fifty at each moment.
const ALL: usize = 200;

/// What each of them runs: enough to make accounts and files of some size, and soon done.
const SCENARIOS: [&str; 2] = ["authentication/origin/*", "authentication/challenge/*"];

/// How many run side by side, on a portal each.
const LANES: usize = 2;

/// How long a run may take to end once it was asked to, on a machine that does other things.
const LIMIT: Duration = Duration::from_secs(120);

/// How often a moment is waited for, each time nearer to its beginning. One that is missed so often was
/// not tried, and the stage fails.
const TRIES: u32 = 10;

/// What is written last.
const LAST: &str = "summary.md";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    FirstSecond,
    BetweenScenarios,
    CleanUp,
    Writing,
}

const MOMENTS: [Moment; 4] =
    [Moment::FirstSecond, Moment::BetweenScenarios, Moment::CleanUp, Moment::Writing];

/// Signals, one after the other.
const WAYS: [&[Signal]; 6] = [
    &[Signal::KILL],
    &[Signal::INT],
    &[Signal::TERM],
    &[Signal::HUP],
    &[Signal::QUIT],
    &[Signal::INT, Signal::TERM],
];

/// One run that is ended.
#[derive(Clone, Copy, Debug)]
struct Case {
    moment: Moment,
    way: &'static [Signal],
    /// How many scenarios are to be finished, where it matters.
    finished: usize,
    /// How far into the moment, and how far the second signal is from the first, in thousandths.
    offsets: [u32; 2],
}

/// How long the moments of an undisturbed run are.
#[derive(Clone, Copy, Debug)]
struct Windows {
    scenarios: usize,
    clean_up: Duration,
    writing: Duration,
}

/// Ends some runs, or many where everything is tried.
pub(super) fn stage(sampler: &Arc<Sampler>) -> Stage {
    let sampler = Arc::clone(sampler);
    Stage {
        name: "a run that is ended at any moment loses nothing".to_owned(),
        full_only: true,
        lacks: None,
        mostly: Mostly::Works,
        run: Box::new(move |room| match sampler.draws("kills") {
            Some((digits, seed)) => {
                say::tell(&format!("   --sample-seed {digits} ends them so again"));
                end_runs(room, &seed, SAMPLE)
            }
            None => {
                let fresh = fresh().map_err(|error| anyhow::anyhow!("{error}"))?;
                end_runs(room, &Seed::new(fresh), ALL)
            }
        }),
    }
}

fn end_runs(room: &Path, seed: &Seed, number: usize) -> anyhow::Result<()> {
    let lanes = (0..LANES).map(|lane| {
        let room = room.join(format!("kills-{lane}"));
        let _ = fs::remove_dir_all(&room);
        fs::create_dir_all(room.join("runs"))?;
        Ok(Lane { stub: Stub::start(&room)?, room })
    });
    let lanes = lanes.collect::<anyhow::Result<Vec<_>>>()?;
    let windows = lanes.first().context("no lane")?.undisturbed()?;
    say::tell(&format!("   {number} runs are ended; of one that is not: {windows:?}"));
    let cases = cases(seed, number, windows.scenarios);
    let (next, told) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for lane in &lanes {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(number) else { return };
                    let done = lane.case(number, case, windows);
                    let done = done.with_context(|| format!("run {number}, {case:?}"));
                    told.lock().unwrap_or_else(PoisonError::into_inner).push(done);
                }
            });
        }
    });
    let told = told.into_inner().unwrap_or_else(PoisonError::into_inner);
    let ends = told.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    let mut counts: BTreeMap<(Moment, String), usize> = BTreeMap::new();
    ends.into_iter().for_each(|end| *counts.entry(end).or_default() += 1);
    for ((moment, end), count) in counts {
        say::tell(&format!("   {count:3} at {moment:?}: {end}"));
    }
    Ok(())
}

/// The runs, drawn anew with each seed: every way at every moment as often as every other.
fn cases(seed: &Seed, number: usize, scenarios: usize) -> Vec<Case> {
    let draw = |number: usize, what: &str, below: u32| {
        let bytes = seed.bytes(&format!("{what} {number}"), 4).try_into().unwrap_or([0; 4]);
        u32::from_be_bytes(bytes) % below.max(1)
    };
    let case = |number: usize| {
        let most = u32::try_from(scenarios).unwrap_or(u32::MAX);
        Case {
            moment: MOMENTS[number % MOMENTS.len()],
            way: WAYS[(number / MOMENTS.len()) % WAYS.len()],
            finished: usize::try_from(draw(number, "finished", most)).unwrap_or_default(),
            offsets: [draw(number, "first", 1000), draw(number, "second", 1000)],
        }
    };
    (0..number).map(case).collect()
}

/// A portal, and room for the runs on it.
struct Lane {
    stub: Stub,
    room: PathBuf,
}

impl Lane {
    /// Watches a run that nobody ends.
    fn undisturbed(&self) -> anyhow::Result<Windows> {
        let (out, mut child) = self.begin("undisturbed")?;
        let mut seen = [None; 2];
        while child.try_wait()?.is_none() {
            for (seen, moment) in seen.iter_mut().zip([Moment::CleanUp, Moment::Writing]) {
                if seen.is_none() && has_come(moment, &out, 0) {
                    *seen = Some(Instant::now());
                }
            }
            std::thread::yield_now();
        }
        let over = Instant::now();
        ensure!(child.wait()?.code() == Some(1), "an undisturbed run found nothing");
        let [clean_up, writing] = seen.map(|seen| seen.unwrap_or(over));
        Ok(Windows {
            scenarios: finished(&out).len(),
            clean_up: writing.saturating_duration_since(clean_up),
            writing: over.saturating_duration_since(writing),
        })
    }

    fn begin(&self, name: &str) -> anyhow::Result<(PathBuf, Child)> {
        let (out, command) = self.stub.run(&self.room, name);
        let _ = fs::remove_dir_all(&out);
        Ok((out, command.args(SCENARIOS).stdin(Stdio::null()).spawn()?))
    }

    /// Ends one run and looks at what is left; how it ended, in words.
    fn case(
        &self,
        number: usize,
        case: &Case,
        windows: Windows,
    ) -> anyhow::Result<(Moment, String)> {
        for again in 1..=TRIES {
            let begun = Instant::now();
            let (out, mut child) = self.begin(&number.to_string())?;
            case.waits(&mut child, &out, (windows, again))?;
            let journal = fs::read(out.join(JOURNAL)).unwrap_or_default();
            let came = case.goes_on(&out, begun) && child.try_wait()?.is_none();
            case.strikes(&mut child)?;
            let status = ends(&mut child)?;
            // What is missed is looked at like everything else.
            let end = self.looks(case, &out, status, &finished_in(&journal))?;
            if came {
                return Ok((case.moment, format!("{:?} {end}", case.way)));
            }
        }
        bail!("the moment was over each of {TRIES} times that the run was to be ended in it")
    }

    /// What must hold however a run was ended.
    fn looks(
        &self,
        case: &Case,
        out: &Path,
        status: ExitStatus,
        before: &BTreeMap<String, String>,
    ) -> anyhow::Result<String> {
        let killed = case.way == [Signal::KILL] && status.code().is_none();
        // One that was over before it was asked ends with what it found.
        let own = status.code() == Some(1)
            && folder::open(out).is_ok_and(|opened| opened.run.exit_code == 1);
        let asked = status.code() == Some(130);
        ensure!(killed || own || asked, "it ended with {status}");
        if asked && case.way.len() == 1 {
            self.stub.has_none("after a run that was asked to stop once")?;
        }
        self.record_holds(out, before)?;
        if out.join(ledger::FILE).metadata().is_ok_and(|file| file.len() > 0) {
            let clean = touchstone(["clean", "--profile"]).arg(&self.stub.profile).arg(out);
            let cleaned = clean.output()?;
            ensure!(cleaned.status.code() == Some(0), "clean: {cleaned:?}");
        }
        self.stub.has_none("after clean")?;
        Ok(if killed {
            "was killed"
        } else if own {
            "ended by itself"
        } else {
            "ended with 130"
        }
        .to_owned())
    }

    fn record_holds(&self, out: &Path, before: &BTreeMap<String, String>) -> anyhow::Result<()> {
        let judged = touchstone(["judge".as_ref(), out.as_os_str()]).output()?;
        let code = judged.status.code();
        if !before.is_empty() {
            let run = folder::open(out)?.run;
            for (id, digest) in before {
                let found = run.scenarios.iter().find(|scenario| scenario.id == *id);
                let found = found.filter(|found| found.not_judged != Some(NotJudged::Unfinished));
                let same = found.is_some_and(|found| found.evidence_digest == *digest);
                ensure!(same, "{id} was finished, and the record does not have it as it was");
            }
            ensure!(code == Some(i32::from(run.exit_code)), "judge: {judged:?}");
        }
        // Of a run that had not begun there is nothing to judge; never is it evidence that does not hold.
        ensure!(matches!(code, Some(1 | 2 | 3 | 130)), "judge: {judged:?}");
        Ok(())
    }
}

impl Case {
    /// Waits for the moment, and until it is some way on: less far with each time.
    fn waits(
        &self,
        child: &mut Child,
        out: &Path,
        (windows, again): (Windows, u32),
    ) -> anyhow::Result<()> {
        let begun = Instant::now();
        let into = match self.moment {
            Moment::FirstSecond => Duration::from_secs(1),
            Moment::BetweenScenarios => Duration::from_millis(50),
            Moment::CleanUp => windows.clean_up,
            Moment::Writing => windows.writing,
        };
        let listens = self.way == [Signal::KILL] || self.moment != Moment::FirstSecond;
        loop {
            let has_come = match self.moment {
                Moment::FirstSecond => listens || hears(child),
                Moment::BetweenScenarios | Moment::CleanUp | Moment::Writing => {
                    has_come(self.moment, out, self.finished)
                }
            };
            if has_come {
                break;
            }
            if child.try_wait()?.is_some() {
                return Ok(());
            }
            ensure!(begun.elapsed() < LIMIT, "the moment did not come in {} s", LIMIT.as_secs());
            std::thread::yield_now();
        }
        passes(into * self.offsets[0] / 1000 / again);
        Ok(())
    }

    /// Whether the moment has come and is not over.
    fn goes_on(&self, out: &Path, begun: Instant) -> bool {
        let has_come = |moment| has_come(moment, out, self.finished);
        match self.moment {
            Moment::FirstSecond => begun.elapsed() < Duration::from_secs(1),
            Moment::BetweenScenarios => {
                has_come(Moment::BetweenScenarios)
                    && !has_come(Moment::CleanUp)
                    && !has_come(Moment::Writing)
            }
            Moment::CleanUp => has_come(Moment::CleanUp) && !has_come(Moment::Writing),
            Moment::Writing => has_come(Moment::Writing) && !out.join(LAST).exists(),
        }
    }

    fn strikes(&self, child: &mut Child) -> anyhow::Result<()> {
        for (number, signal) in self.way.iter().enumerate() {
            if number > 0 {
                passes(Duration::from_millis(200) * self.offsets[1] / 1000);
            }
            if child.try_wait()?.is_none() {
                let pid = Pid::from_child(child);
                kill_process(pid, *signal)?;
            }
        }
        Ok(())
    }
}

/// Lets some time pass: what is drawn is the time itself.
fn passes(time: Duration) {
    let until = Instant::now() + time;
    while let Some(rest) = until.checked_duration_since(Instant::now()) {
        std::thread::park_timeout(rest);
    }
}

fn ends(child: &mut Child) -> anyhow::Result<ExitStatus> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if begun.elapsed() > LIMIT {
            let _ = child.kill();
            let _ = child.wait();
            bail!("it did not end in {} s", LIMIT.as_secs());
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// Whether a run already listens to signals: before that it is the system that answers them.
fn hears(child: &Child) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    [Signal::HUP, Signal::INT, Signal::QUIT, Signal::TERM]
        .iter()
        .all(|signal| mask & (1 << (signal.as_raw() - 1)) != 0)
}

/// Whether a moment of a run has come, by its files.
fn has_come(moment: Moment, out: &Path, finished: usize) -> bool {
    match moment {
        Moment::FirstSecond => true,
        Moment::BetweenScenarios => {
            let journal = fs::read_to_string(out.join(JOURNAL)).unwrap_or_default();
            journal.matches("\"event\":\"scenario-done\"").count() >= finished.max(1)
        }
        Moment::CleanUp => end_of(&out.join(ledger::FILE)).contains("\"entry\":\"remov"),
        Moment::Writing => {
            let end = end_of(&out.join(JOURNAL));
            end.contains("\"event\":\"cleaned-up\"") || end.contains("\"event\":\"ended\"")
        }
    }
}

/// The last bytes of a file.
fn end_of(path: &Path) -> String {
    let read = || {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(2048)))?;
        let mut end = Vec::new();
        file.read_to_end(&mut end)?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&end).into_owned())
    };
    read().unwrap_or_default()
}

/// The scenarios that the journal has as finished, with their digests.
fn finished(out: &Path) -> BTreeMap<String, String> {
    finished_in(&fs::read(out.join(JOURNAL)).unwrap_or_default())
}

fn finished_in(journal: &[u8]) -> BTreeMap<String, String> {
    let whole = journal.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    let events = whole.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let done = events.filter(|event| event["event"] == "scenario-done");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    done.map(|event| (text(&event["scenario"]["id"]), text(&event["scenario"]["evidence_digest"])))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_at_every_moment_as_often_as_every_other() {
        let mut counts = BTreeMap::new();
        for case in cases(&Seed::new([7; 32]), SAMPLE, 30) {
            assert!(case.finished < 30 && case.offsets.iter().all(|offset| *offset < 1000));
            *counts.entry(format!("{:?} {:?}", case.moment, case.way)).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), SAMPLE);
        assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    }

    #[test]
    fn a_moment_goes_on_until_the_next_has_come() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path();
        let long_ago = Instant::now().checked_sub(Duration::from_secs(2)).expect("a time");
        let now = |begun| {
            let case = |moment| Case { moment, way: WAYS[0], finished: 1, offsets: [0, 0] };
            MOMENTS.map(|moment| case(moment).goes_on(out, begun))
        };
        let write = |name: &str, text: &str| fs::write(out.join(name), text).expect("written");
        let moment = |moment: Moment| MOMENTS.map(|other| other == moment);
        assert_eq!(now(Instant::now()), moment(Moment::FirstSecond));
        assert_eq!(now(long_ago), [false; 4]);
        write(JOURNAL, "{\"event\":\"scenario-done\"}\n");
        assert_eq!(now(long_ago), moment(Moment::BetweenScenarios));
        write(ledger::FILE, "{\"entry\":\"removing\"}\n");
        assert_eq!(now(long_ago), moment(Moment::CleanUp));
        write(JOURNAL, "{\"event\":\"scenario-done\"}\n{\"event\":\"cleaned-up\"}\n");
        assert_eq!(now(long_ago), moment(Moment::Writing));
        write(LAST, "");
        assert_eq!(now(long_ago), [false; 4]);
    }
}
