//! Ends a run on a portal that is not well: nothing new begins once it has stopped answering what any
//! portal answers. Only honest requests count (an account, who is signed in, a list): a portal may
//! refuse a forgery by falling over, and is told so, but it still answers the next visitor.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use profile::error::Error;

use super::{Failure, Response};

/// Scenarios in a row whose honest requests were not answered. One scenario counts once: what is
/// wrong with its account only is a finding of that scenario.
const IN_A_ROW: usize = 3;

/// Answers of one flow that tell how fast the portal is; half of them are faster than what counts.
const ANSWERS: usize = 9;

/// So many times slower than at first is not well.
const SLOWER: u32 = 5;

/// Whatever is faster is no burden, however much slower it is than at first.
const BURDEN: Duration = Duration::from_secs(2);

/// Opens once, and stays open.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: Mutex<BreakerState>,
}

#[derive(Debug, Default)]
struct BreakerState {
    fallen: Vec<String>,
    /// How long honest requests took, by flow: like is compared with like.
    times: BTreeMap<String, Times>,
    why: Option<String>,
}

#[derive(Debug, Default)]
struct Times {
    first: Vec<Duration>,
    last: VecDeque<Duration>,
}

impl Times {
    /// What it is now and was at first, where it is not well.
    fn take(&mut self, took: Duration) -> Option<(Duration, Duration)> {
        if self.first.len() < ANSWERS {
            self.first.push(took);
            return None;
        }
        self.last.push_back(took);
        if self.last.len() > ANSWERS {
            self.last.pop_front();
        }
        let now = median(self.last.iter().copied());
        let at_first = median(self.first.iter().copied());
        let is_slow = self.last.len() == ANSWERS && now >= BURDEN && now >= at_first * SLOWER;
        is_slow.then_some((now, at_first))
    }
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut sorted: Vec<Duration> = times.collect();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// What an honest request found of the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pulse {
    /// It answers.
    Beats,
    /// It does not: no connection, no answer in time, or a server error.
    Fails(String),
    /// The request says nothing about it.
    Unfelt,
}

impl Pulse {
    pub(super) fn feel(answer: &Result<Response, Failure>) -> Self {
        match answer {
            Ok(response) if response.status < 500 => Self::Beats,
            // It asks for a pause, and the governor keeps one.
            Ok(response) if response.status == 503 && response.header("retry-after").is_some() => {
                Self::Unfelt
            }
            Ok(response) => Self::Fails(format!("answered {}", response.status)),
            Err(Failure::Dropped(_)) => Self::Fails("dropped the connection".into()),
            Err(Failure::Broken(Error::Network(how) | Error::Portal(how))) => {
                Self::Fails(how.clone())
            }
            // The profile's, an adapter's or our own fault, and no request went out.
            Err(Failure::Broken(
                Error::Profile(_)
                | Error::Adapter(_)
                | Error::Browser(_)
                | Error::Safety(_)
                | Error::NotAllowed(_)
                | Error::NotApplicable(_)
                | Error::Harness(_),
            )) => Self::Unfelt,
        }
    }
}

impl Breaker {
    /// Takes in what an honest request of a scenario found.
    pub(super) fn heard(&self, scenario: &str, pulse: Pulse) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match pulse {
            Pulse::Unfelt => {}
            Pulse::Beats => state.fallen.clear(),
            Pulse::Fails(how) => {
                if !state.fallen.iter().any(|fallen| fallen == scenario) {
                    state.fallen.push(scenario.to_owned());
                }
                if state.fallen.len() >= IN_A_ROW {
                    state.why.get_or_insert(format!(
                        "honest requests of {IN_A_ROW} scenarios in a row were not answered, the last: {how}"
                    ));
                }
            }
        }
    }

    /// Takes in how long an honest request of a flow took that was answered.
    pub(super) fn took(&self, flow: &str, took: Duration) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let slow = state.times.entry(flow.to_owned()).or_default().take(took);
        if let Some((now, at_first)) = slow {
            state.why.get_or_insert(format!(
                "{flow} takes {:.1} s, and took {:.1} s at first",
                now.as_secs_f32(),
                at_first.as_secs_f32()
            ));
        }
    }

    /// Why it is open; `None` while it is not.
    pub(super) fn is_open(&self) -> Option<String> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).why.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16) -> Result<Response, Failure> {
        Ok(Response { status, headers: Vec::new(), body: String::new() })
    }

    fn open_after(heard: &[(&str, Pulse)]) -> bool {
        let breaker = Breaker::default();
        heard.iter().for_each(|(scenario, pulse)| breaker.heard(scenario, pulse.clone()));
        breaker.is_open().is_some()
    }

    #[test]
    fn three_scenarios_in_a_row_open_it_and_an_answer_begins_anew() {
        let fails = || Pulse::Fails("answered 500".into());
        for (heard, open) in [
            (vec![("a", fails()), ("b", fails())], false),
            (vec![("a", fails()), ("b", fails()), ("c", fails())], true),
            (vec![("a", fails()), ("b", fails()), ("c", fails()), ("d", Pulse::Beats)], true),
            (vec![("a", fails()), ("b", fails()), ("b", Pulse::Beats), ("c", fails())], false),
            (vec![("a", fails()), ("a", fails()), ("a", fails()), ("a", fails())], false),
            (vec![("a", fails()), ("b", Pulse::Unfelt), ("c", fails()), ("d", fails())], true),
        ] {
            assert_eq!(open_after(&heard), open, "{heard:?}");
        }
    }

    /// Whether it is open after answers of one flow, in milliseconds, among quick ones of another.
    fn open_after_answers(took: &[u64]) -> bool {
        let breaker = Breaker::default();
        for took in took {
            breaker.took("whoami", Duration::from_millis(*took));
            breaker.took("list_keys", Duration::from_millis(1));
        }
        breaker.is_open().is_some()
    }

    #[test]
    fn a_portal_that_has_become_five_times_slower_opens_it() {
        let then = |first: u64, last: u64, times: usize| {
            let mut took = vec![first; ANSWERS];
            took.resize(ANSWERS + times, last);
            took
        };
        assert!(open_after_answers(&then(400, 2000, ANSWERS)));
        // Not long enough, not five times, and no burden.
        assert!(!open_after_answers(&then(400, 2000, ANSWERS - 1)));
        assert!(!open_after_answers(&then(401, 2000, ANSWERS)));
        assert!(!open_after_answers(&then(10, 1999, 3 * ANSWERS)));
        // Less than half of the answers.
        let spikes: Vec<u64> =
            (0..5 * ANSWERS).map(|n| if n % 3 == 0 { 9000 } else { 10 }).collect();
        assert!(!open_after_answers(&spikes));
    }

    #[test]
    fn refusals_are_answers_and_our_own_faults_are_nothing() {
        let network = || Error::Network("no answer".into());
        for (answer, beats) in [
            (answered(200), Some(true)),
            (answered(403), Some(true)),
            (answered(429), Some(true)),
            (answered(500), Some(false)),
            (answered(503), Some(false)),
            (Err(Failure::Dropped("reset".into())), Some(false)),
            (Err(Failure::Broken(network())), Some(false)),
            (Err(Failure::Broken(Error::Portal("too large".into()))), Some(false)),
            (Err(Failure::Broken(Error::Safety("elsewhere".into()))), None),
            (Err(Failure::Broken(Error::Harness("ours".into()))), None),
        ] {
            let felt = match Pulse::feel(&answer) {
                Pulse::Beats => Some(true),
                Pulse::Fails(_) => Some(false),
                Pulse::Unfelt => None,
            };
            assert_eq!(felt, beats, "{answer:?}");
        }
    }
}
