//! When each stage runs. Builds go one after the other, and so does what works all the time; beside them
//! runs what mostly waits, several at a time. All begin at once, so that nobody waits for nothing.

use std::{
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use crate::say;

/// How many stages that mostly wait run side by side. What is left of so many fits on two cores.
const WAIT_AT_ONCE: usize = 4;

/// What a stage does in the room of the tests.
pub(super) type Work = Box<dyn Fn(&Path) -> anyhow::Result<()> + Send + Sync>;

/// What a stage does with the time that it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mostly {
    /// It builds, with the processors that the others leave.
    Builds,
    /// It keeps the processors busy.
    Works,
    /// It waits: for a link that expires, a time step that passes, a portal that answers.
    Waits,
}

/// One part of the tests, with a name to ask for it.
pub(super) struct Stage {
    pub(super) name: String,
    /// Needs the network for its set-up, or takes long.
    pub(super) full_only: bool,
    /// What this machine lacks for it, in words.
    pub(super) lacks: Option<String>,
    pub(super) mostly: Mostly,
    pub(super) run: Work,
}

/// What became of a stage.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Done {
    pub(super) name: String,
    pub(super) passed: bool,
    pub(super) seconds: f32,
}

/// Runs stages, each kind in its order; goes on after one that failed. `tell` hears of each.
pub(super) fn run(stages: &[Stage], room: &Path, tell: &(dyn Fn(&str) + Sync)) -> Vec<Done> {
    let of = |kind| stages.iter().filter(move |stage| stage.mostly == kind).collect::<Vec<_>>();
    let lanes = [(Mostly::Builds, 1), (Mostly::Works, 1), (Mostly::Waits, WAIT_AT_ONCE)]
        .map(|(kind, at_once)| (of(kind), at_once, AtomicUsize::new(0)));
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for (stages, at_once, next) in &lanes {
            for _ in 0..*at_once {
                scope.spawn(|| {
                    while let Some(stage) = stages.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let one = stage.done(room, tell);
                        done.lock().unwrap_or_else(PoisonError::into_inner).push(one);
                    }
                });
            }
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}

impl Stage {
    /// Runs it.
    fn done(&self, room: &Path, tell: &(dyn Fn(&str) + Sync)) -> Done {
        say::tell(&format!("── {}", self.name));
        let begun = Instant::now();
        let result = (self.run)(room);
        let (name, seconds) = (self.name.clone(), begun.elapsed().as_secs_f32());
        match &result {
            Ok(()) => tell(&format!("ok      {name} ({seconds:.1} s)\n")),
            Err(error) => tell(&format!("FAILED  {name} ({seconds:.1} s): {error:#}\n")),
        }
        Done { name, passed: result.is_ok(), seconds }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Barrier};

    use super::*;

    fn stage(name: &str, mostly: Mostly, run: Work) -> Stage {
        Stage { name: name.to_owned(), full_only: false, lacks: None, mostly, run }
    }

    /// What was told of stages and what became of them, by name.
    fn told_and_done(stages: &[Stage]) -> (Vec<String>, Vec<(String, bool)>) {
        let told = Mutex::new(Vec::new());
        let tell = |line: &str| told.lock().expect("whole").push(line.to_owned());
        let mut done: Vec<_> = run(stages, Path::new("nowhere"), &tell)
            .into_iter()
            .map(|done| (done.name, done.passed))
            .collect();
        done.sort();
        (told.into_inner().expect("whole"), done)
    }

    #[test]
    fn every_stage_runs_whatever_becomes_of_the_others() {
        let stages = ["one", "two fails", "three", "four", "five", "six"].map(|name| {
            let run: Work = if name.contains("fails") {
                Box::new(|_| Err(anyhow::anyhow!("it did")))
            } else {
                Box::new(|_| Ok(()))
            };
            let mostly = if name.contains('o') { Mostly::Works } else { Mostly::Waits };
            stage(name, mostly, run)
        });
        let (told, done) = told_and_done(&stages);
        assert_eq!(told.iter().filter(|line| line.starts_with("ok ")).count(), 5, "{told:?}");
        assert!(
            told.iter().any(|line| {
                line.starts_with("FAILED  two fails (") && line.ends_with(" s): it did\n")
            }),
            "{told:?}"
        );
        let passed = ["five", "four", "one", "six", "three", "two fails"]
            .map(|name| (name.to_owned(), name != "two fails"));
        assert_eq!(done, passed);
    }

    #[test]
    fn what_builds_and_what_works_goes_in_order_one_by_one() {
        one_by_one(Mostly::Builds);
        one_by_one(Mostly::Works);
    }

    fn one_by_one(mostly: Mostly) {
        let running = Arc::new(Mutex::new(()));
        let order = Arc::new(Mutex::new(Vec::new()));
        let stages: Vec<Stage> = (0..6)
            .map(|number| {
                let (running, order) = (Arc::clone(&running), Arc::clone(&order));
                let run: Work = Box::new(move |_| {
                    let _alone = running.try_lock().map_err(|_| anyhow::anyhow!("not alone"))?;
                    std::thread::yield_now();
                    order.lock().expect("whole").push(number);
                    Ok(())
                });
                stage(&number.to_string(), mostly, run)
            })
            .collect();
        let (_, done) = told_and_done(&stages);
        assert!(done.iter().all(|(_, passed)| *passed), "{done:?}");
        assert_eq!(*order.lock().expect("whole"), [0, 1, 2, 3, 4, 5]);
    }

    /// Each waits for all the others, for one that builds and one that works: all are under way at the
    /// same time.
    #[test]
    fn what_waits_runs_beside_the_rest() {
        let kinds =
            [vec![Mostly::Builds, Mostly::Works], vec![Mostly::Waits; WAIT_AT_ONCE]].concat();
        let meet = Arc::new(Barrier::new(kinds.len()));
        let stages: Vec<Stage> = kinds
            .iter()
            .map(|mostly| {
                let meet = Arc::clone(&meet);
                let run: Work = Box::new(move |_| {
                    meet.wait();
                    Ok(())
                });
                stage("one", *mostly, run)
            })
            .collect();
        let (_, done) = told_and_done(&stages);
        assert_eq!(done.len(), kinds.len());
    }
}
