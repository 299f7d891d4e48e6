//! What is written is read again, torn ends are left out, and a killed run is rebuilt.

use proptest::prelude::*;

use super::*;
use crate::{
    evidence::seal,
    record::{Answer, Fault, Kind, Reply, Verdict},
    sample::{answer, passing, run, run_of},
};

const NOTE: &str = "unfinished";

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n').collect()
}

#[test]
fn a_journal_of_a_whole_run_rebuilds_its_record() {
    let run = run();
    let events = read(&crate::sample::journal(&run)).unwrap();
    assert_eq!(rebuild(&events, NOTE).unwrap(), run);
}

#[test]
fn a_killed_run_keeps_what_was_finished_and_has_no_verdict() {
    let whole = crate::sample::journal(&run());
    // Up to the end of the first scenario: started, canary, scenario started, scenario done.
    let kept = lines(&whole)[..4].concat();
    let rebuilt = rebuild(&read(&kept).unwrap(), NOTE).unwrap();
    assert_eq!((rebuilt.outcome, rebuilt.exit_code), (Outcome::NoVerdict, 3));
    assert_eq!(rebuilt.note.as_deref(), Some(NOTE));
    let verdicts: Vec<_> = rebuilt.scenarios.iter().map(|scenario| scenario.verdict).collect();
    let open = Verdict::Inconclusive;
    assert_eq!(verdicts, [Verdict::Pass, open, open, open, Verdict::Skip]);
    assert_eq!(rebuilt.scenarios[1].not_judged, Some(NotJudged::Unfinished));
    assert_eq!(rebuilt.scenarios[1].fault, Some(Fault::Environment));
}

#[test]
fn a_planned_scenario_never_stands_as_judged() {
    let whole = crate::sample::journal(&run());
    let mut events = read(lines(&whole)[0]).unwrap();
    let Some(Event::Started { planned, .. }) = events.first_mut() else { panic!("no start") };
    planned[0] = passing(Kind::Tampering);
    let rebuilt = rebuild(&events, NOTE).unwrap();
    assert_eq!(rebuilt.scenarios[0].verdict, Verdict::Inconclusive);
    assert_eq!(rebuilt.scenarios[0].not_judged, Some(NotJudged::Unfinished));
}

#[test]
fn a_run_that_was_killed_after_its_last_scenario_is_still_unfinished() {
    let whole = crate::sample::journal(&run());
    let lines = lines(&whole);
    let rebuilt = rebuild(&read(&lines[..lines.len() - 1].concat()).unwrap(), NOTE).unwrap();
    assert_eq!((rebuilt.outcome, rebuilt.exit_code), (Outcome::NoVerdict, 3));
}

#[test]
fn a_finding_stands_in_a_run_that_was_killed() {
    let accepted = Answer { status: Some(200), ..answer(Reply::Ok, 200) };
    let mut failing = Scenario { answer: Some(accepted), ..passing(Kind::Tampering) };
    failing.state.after = crate::sample::signed_in("alice");
    seal(&mut failing);
    let whole = crate::sample::journal(&run_of(vec![failing, passing(Kind::Story)]));
    let rebuilt = rebuild(&read(&lines(&whole)[..4].concat()).unwrap(), NOTE).unwrap();
    assert_eq!((rebuilt.outcome, rebuilt.exit_code), (Outcome::DoesNotConform, 1));
}

#[test]
fn a_resumed_run_has_not_ended() {
    let whole = crate::sample::journal(&run());
    let lines = lines(&whole);
    let resumed = [&whole[..], lines[2]].concat();
    assert_eq!(rebuild(&read(&resumed).unwrap(), NOTE).unwrap().outcome, Outcome::NoVerdict);
    let ended_again = [&resumed[..], lines[3], lines[lines.len() - 1]].concat();
    assert_eq!(rebuild(&read(&ended_again).unwrap(), NOTE).unwrap(), run());
}

#[test]
fn only_the_last_line_may_be_torn() {
    let whole = crate::sample::journal(&run());
    let lines = lines(&whole);
    let torn = &whole[..whole.len() - 3];
    assert_eq!(read(torn).unwrap().len(), lines.len() - 1);
    assert_eq!(whole_lines(torn), whole.len() - lines[lines.len() - 1].len());
    assert_eq!(whole_lines(b"{\"ev"), 0);

    let broken_inside = [lines[0], b"{\"event\":\n", lines[1]].concat();
    assert!(matches!(read(&broken_inside), Err(JournalError::Line { line: 2, .. })));
    let broken_at_the_end = [lines[0], b"{\"event\":\n"].concat();
    assert!(matches!(read(&broken_at_the_end), Err(JournalError::Line { line: 2, .. })));
    assert!(matches!(rebuild(&[], NOTE), Err(JournalError::NoStart)));
    assert!(matches!(rebuild(&read(lines[1]).unwrap(), NOTE), Err(JournalError::NoStart)));
}

proptest! {
    #[test]
    fn a_journal_cut_anywhere_can_be_read(at in 0..20_000_usize) {
        let whole = crate::sample::journal(&run());
        let at = at % (whole.len() + 1);
        let events = read(&whole[..at]).unwrap();
        let complete = whole[..at].iter().filter(|byte| **byte == b'\n').count();
        // One more where only the line break is missing.
        prop_assert!(events.len() == complete || (events.len() == complete + 1 && whole.get(at) == Some(&b'\n')));
    }

    #[test]
    fn garbage_is_an_error_and_no_panic(bytes: Vec<u8>) {
        let _ = read(&bytes);
    }
}
