//! Ends a run on a portal that is not well: nothing new begins once it has stopped answering what any
//! portal answers. Only honest requests count (an account, who is signed in, a list): a portal may
//! refuse a forgery by falling over, and is told so, but it still answers the next visitor.

use std::sync::{Mutex, PoisonError};

use super::{Failure, Response};
use crate::error::Error;

/// Scenarios in a row whose honest requests were not answered. One scenario counts once: what is
/// wrong with its account only is a finding of that scenario.
const IN_A_ROW: usize = 3;

/// Opens once, and stays open.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    fallen: Vec<String>,
    why: Option<String>,
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
            // The profile's or our own fault, and no request went out.
            Err(Failure::Broken(
                Error::Profile(_) | Error::Safety(_) | Error::Withheld(_) | Error::Harness(_),
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
