//! What is written is read again, torn ends are left out, and a killed run is rebuilt.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

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
    let rebuilt = rebuild(&read(&crate::sample::journal(&run)).events, NOTE).unwrap();
    assert_eq!(rebuilt, Run { seal: None, ..run });
}

#[test]
fn a_killed_run_keeps_what_was_finished_and_has_no_verdict() {
    let whole = crate::sample::journal(&run());
    // Up to the end of the first scenario: started, canary, scenario started, scenario done.
    let kept = lines(&whole)[..4].concat();
    let rebuilt = rebuild(&read(&kept).events, NOTE).unwrap();
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
    let mut events = read(lines(&whole)[0]).events;
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
    let rebuilt = rebuild(&read(&lines[..lines.len() - 1].concat()).events, NOTE).unwrap();
    assert_eq!((rebuilt.outcome, rebuilt.exit_code), (Outcome::NoVerdict, 3));
}

#[test]
fn a_finding_stands_in_a_run_that_was_killed() {
    let accepted = Answer { status: Some(200), ..answer(Reply::Ok, 200) };
    let mut failing = Scenario { answer: Some(accepted), ..passing(Kind::Tampering) };
    failing.state.after = crate::sample::signed_in("alice");
    seal(&mut failing);
    let whole = crate::sample::journal(&run_of(vec![failing, passing(Kind::Story)]));
    let rebuilt = rebuild(&read(&lines(&whole)[..4].concat()).events, NOTE).unwrap();
    assert_eq!((rebuilt.outcome, rebuilt.exit_code), (Outcome::DoesNotConform, 1));
}

/// A sink with room for some bytes, and more from time to time.
#[derive(Clone, Default)]
struct Disk {
    written: Rc<RefCell<Vec<u8>>>,
    room: Rc<Cell<usize>>,
}

impl std::io::Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let fits = bytes.len().min(self.room.get());
        if fits == 0 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.room.set(self.room.get() - fits);
        self.written.borrow_mut().extend(&bytes[..fits]);
        Ok(fits)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_disk_that_was_full_for_a_while_costs_nothing() {
    let (run, whole) = (run(), crate::sample::journal(&run()));
    let events = crate::sample::events(&run);
    let (last, first) = events.split_last().unwrap();
    for room in (0..whole.len() - lines(&whole).last().unwrap().len()).step_by(7) {
        let disk = Disk::default();
        disk.room.set(room);
        let mut journal = Journal::new(disk.clone());
        let failed = first.iter().filter(|event| journal.append(event).is_err()).count();
        assert!(failed > 0 && journal.head().is_none(), "{room}");
        // Up to there it can be read, whatever came of the last line.
        let reading = read(&disk.written.borrow());
        assert_eq!((reading.lost, &reading.faults[..]), (0, &[][..]));

        disk.room.set(usize::MAX);
        journal.append(last).unwrap();
        assert_eq!(journal.head(), read(&whole).head.as_deref());
        assert!(*disk.written.borrow() == whole, "{room}");
    }
}

#[test]
fn where_a_line_comes_to_stand_is_known_before_there_is_room() {
    let (written, room) = (Rc::default(), Rc::new(Cell::new(usize::MAX)));
    let disk = Disk { written: Rc::clone(&written), room: Rc::clone(&room) };
    let mut journal = Journal::new(disk);
    let mut places = Vec::new();
    let events = crate::sample::events(&run());
    for (at, event) in events.iter().enumerate() {
        // Full for a while, in the middle of a line.
        room.set(if (2..5).contains(&at) { 7 } else { usize::MAX });
        let begins = journal.end();
        assert_eq!(journal.append(event).is_err(), (2..5).contains(&at), "{at}");
        places.push(begins..journal.end());
    }
    let written = written.borrow();
    for (place, event) in places.iter().zip(&events) {
        let [start, end] = [place.start, place.end].map(|at| usize::try_from(at).unwrap());
        if let Event::ScenarioDone { scenario } = event {
            assert_eq!(finished(&written[start..end]).as_ref(), Some(scenario.as_ref()));
        }
    }
    assert_eq!(places.last().unwrap().end, u64::try_from(written.len()).unwrap());
}

#[test]
fn a_line_that_is_not_whole_costs_itself_and_nothing_else() {
    let whole = crate::sample::journal(&run());
    let lines = lines(&whole);
    let events = read(&whole).events;
    assert!(read(&whole).is_whole());
    for at in 0..lines.len() - 1 {
        let half = &lines[at][..lines[at].len() / 2];
        let others = [&events[..at], &events[at + 1..]].concat();
        for spoilt in [&[half, b"\n"].concat(), half, &[b"\0".repeat(900), b"\n".to_vec()].concat()]
        {
            let journal = [&lines[..at].concat(), spoilt, &lines[at + 1..].concat()].concat();
            let reading = read(&journal);
            assert_eq!((reading.lost, &reading.faults[..]), (1, &[][..]), "line {at}");
            assert!(reading.events == others && !reading.is_whole());
            let rebuilt = rebuild(&reading.events, NOTE);
            assert_eq!(rebuilt.is_ok(), at > 0);
        }
    }
}

#[test]
fn the_last_line_may_be_torn() {
    let whole = crate::sample::journal(&run());
    let lines = lines(&whole);
    let torn = &whole[..whole.len() - 3];
    let reading = read(torn);
    assert_eq!((reading.events.len(), reading.torn, reading.lost), (lines.len() - 1, true, 0));
    assert_eq!(whole_lines(torn), whole.len() - lines[lines.len() - 1].len());
    assert_eq!(whole_lines(b"{\"ev"), 0);
    assert_eq!(rebuild(&[], NOTE), Err(NoStart));
    assert_eq!(rebuild(&read(lines[1]).events, NOTE), Err(NoStart));
}

#[test]
fn a_journal_of_before_the_chain_is_read() {
    let plain: Vec<String> = crate::sample::events(&run())
        .iter()
        .map(|event| serde_json::to_string(event).unwrap())
        .collect();
    let reading = read((plain.join("\n") + "\n").as_bytes());
    assert_eq!((reading.events.len(), reading.chained, reading.lost), (plain.len(), false, 0));
    // As a full disk left it: half a line with the next one glued to it.
    let torn = format!("{}\n{}\n", plain[0], plain[1..4].join("\n").replacen("}\n", "", 1));
    let reading = read(torn.as_bytes());
    assert_eq!((reading.events.len(), reading.lost, &reading.faults[..]), (2, 1, &[][..]));
}

#[test]
fn whatever_is_done_to_a_line_by_hand_is_told_from_an_accident() {
    let whole = crate::sample::journal(&run());
    let lines = lines(&whole);
    let mut other = run();
    other.seed.push('0');
    other.duration_ms += 1;
    let other = crate::sample::journal(&other);
    let theirs = other.split_inclusive(|byte| *byte == b'\n').next_back().unwrap();
    let faulty = |journal: &[u8], what: &str, at: usize| {
        assert!(!read(journal).faults.is_empty(), "{what} {at}");
    };
    for at in 0..lines.len() {
        let (before, after) = (lines[..at].concat(), lines[at + 1..].concat());
        let text = std::str::from_utf8(lines[at]).unwrap();
        let with = |line: &[u8]| [&before, line, &after].concat();
        let digit = text.replacen("sha256:9", "sha256:8", 1);
        if digit != text {
            faulty(&with(digit.as_bytes()), "an edited digest", at);
        }
        faulty(&with(text.replacen("\"event\"", " \"event\"", 1).as_bytes()), "a space", at);
        let (_, event) = text.split_once(",\"event\"").unwrap();
        faulty(&with(format!("{{\"event\"{event}").as_bytes()), "no chain", at);
        faulty(&with(&[lines[at], lines[at]].concat()), "twice", at);
        faulty(&with(&[b"\n", lines[at]].concat()), "an empty line before", at);
        faulty(&with(theirs), "of another run", at);
        if at + 1 < lines.len() {
            faulty(&with(b""), "taken out", at);
            let swapped = [&before, lines[at + 1], lines[at], &lines[at + 2..].concat()].concat();
            faulty(&swapped, "swapped", at);
        }
    }
}

proptest! {
    #[test]
    fn a_journal_cut_anywhere_can_be_read(at in 0..20_000_usize) {
        let whole = crate::sample::journal(&run());
        let at = at % (whole.len() + 1);
        let reading = read(&whole[..at]);
        prop_assert_eq!((&reading.faults[..], reading.lost), (&[][..], 0));
        let events = reading.events;
        let complete = whole[..at].iter().filter(|byte| **byte == b'\n').count();
        // One more where only the line break is missing.
        prop_assert!(events.len() == complete || (events.len() == complete + 1 && whole.get(at) == Some(&b'\n')));
    }

    #[test]
    fn garbage_is_no_event_and_no_panic(bytes: Vec<u8>) {
        prop_assert_eq!(read(&bytes).events, []);
    }
}
