//! Every member of a record and every line of a journal, changed in every way that its form has: each
//! is found. The edits are made from the record itself, so that a new member is among them.

use serde_json::{Value, json};

use super::*;
use crate::{edits::edited, record::Traffic};

/// A run with a finding, a warning, a scenario of each kind and one that was left out.
fn whole() -> Run {
    let mut scenarios = run().scenarios;
    let mut fails = failing();
    fails.id = "login/origin/foreign".into();
    seal(&mut fails);
    let mut warns = passing(Kind::Tampering);
    warns.id = "login/type/create".into();
    warns.answer = Some(answer(Reply::Error, 500));
    seal(&mut warns);
    scenarios.extend([fails, warns]);
    let traffic = Traffic { requests: 40, throttled: 1, paused_ms: 10, ..Traffic::default() };
    sealed(Run { traffic: Some(traffic), ..run_of(scenarios) })
}

#[test]
fn every_edit_of_a_record_is_found() {
    let run = whole();
    let (record, mut found, mut unchanged) = (serde_json::to_value(&run).unwrap(), 0, Vec::new());
    for (what, edited) in edited(&record) {
        let json = serde_json::to_vec(&edited).unwrap();
        if parse_run(&json).as_ref() == Ok(&run) {
            unchanged.push(what);
        } else {
            assert!(verify_run(&json, None).is_err(), "{what}");
            found += 1;
        }
    }
    assert!(found > 2000, "{found}");
    // What says nothing may be left out: the record that is read is the same.
    for what in unchanged {
        let member = what.strip_suffix(" Remove").unwrap_or_else(|| panic!("{what}"));
        let says_nothing = [json!(null), json!(false), json!(0), json!([])];
        assert!(says_nothing.contains(record.pointer(member).unwrap()), "{what}");
    }
}

#[test]
fn whoever_seals_an_edited_record_again_is_found_by_its_journal() {
    let run = whole();
    let (record, journal) = (serde_json::to_value(&run).unwrap(), journal(&run));
    let head = run.seal.as_ref().unwrap().journal.clone();
    let mut tried = 0;
    for (what, edited) in edited(&record) {
        let Ok(mut edited) = serde_json::from_value::<Run>(edited) else { continue };
        crate::evidence::seal_run(&mut edited, head.clone());
        if edited != run && edited.summary == run.summary {
            let found = verify_run(&to_json(&edited), Some(&journal));
            assert!(found.is_err(), "{what}");
            tried += 1;
        }
    }
    assert!(tried > 500, "{tried}");
}

#[test]
fn every_edit_of_a_journal_is_found() {
    let (run, mut other) = (whole(), whole());
    other.seed.push('0');
    other.duration_ms += 1;
    let (json, ours, theirs) = (to_json(&run), journal(&run), journal(&sealed(other)));
    let lines = |bytes: &[u8]| -> Vec<Vec<u8>> {
        bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
    };
    let (ours, theirs) = (lines(&ours), lines(&theirs));
    let check = |lines: &[Vec<u8>], what: &str| {
        let journal = lines.concat();
        assert!(verify_run(&json, Some(&journal)).is_err(), "{what}");
    };
    for at in 0..ours.len() {
        let with = |line: &[u8], what: &str| {
            let mut lines = ours.clone();
            lines[at] = line.to_vec();
            check(&lines, &format!("line {at} {what}"));
        };
        with(b"", "removed");
        with(&[&ours[at][..], &ours[at]].concat(), "twice");
        with(&[b"\n", &ours[at][..]].concat(), "after an empty one");
        with(&ours[at][..ours[at].len() / 2], "cut");
        with(&ours[(at + 1) % ours.len()], "replaced");
        check(&ours[..at], &format!("nothing from line {at} on"));
        for line in theirs.iter().filter(|line| **line != ours[at]) {
            with(line, "of another run");
        }
        let mut swapped = ours.clone();
        swapped.swap(at, (at + 1) % ours.len());
        check(&swapped, &format!("line {at} swapped"));
        let value: Value = serde_json::from_slice(&ours[at]).unwrap();
        for (what, edited) in edited(&value) {
            with(format!("{edited}\n").as_bytes(), &what);
        }
    }
    check(&theirs, "of another run");
    // Written anew, without a scenario: the record knows another chain.
    let shorter = run_of(run.scenarios[1..].to_vec());
    check(&lines(&journal(&shorter)), "written anew");
}

#[test]
fn a_journal_by_itself_shows_what_was_done_to_it_and_is_never_green() {
    let run = whole();
    let ours = journal(&run);
    let lines: Vec<&[u8]> = ours.split_inclusive(|byte| *byte == b'\n').collect();
    let findings = |journal: &[u8]| {
        let reading = read(journal);
        let Ok(run) = crate::journal::rebuild(&reading.events, "unfinished") else { return true };
        !examine_rebuilt(&run, &reading).is_empty()
    };
    assert!(!findings(&ours));
    for at in 0..lines.len() {
        let with = |line: &[u8]| [&lines[..at].concat(), line, &lines[at + 1..].concat()].concat();
        if at + 1 < lines.len() {
            assert!(findings(&with(b"")), "{at} removed");
            assert!(
                findings(&with(&[&lines[at][..lines[at].len() / 2], b"\n"].concat())),
                "{at} cut"
            );
        }
        assert!(findings(&with(&[lines[at], lines[at]].concat())), "{at} twice");
        let value: Value = serde_json::from_slice(lines[at]).unwrap();
        for (what, edited) in edited(&value) {
            assert!(findings(&with(format!("{edited}\n").as_bytes())), "{at} {what}");
        }
    }
}

#[test]
fn a_record_that_was_written_anew_is_compared_with_the_suite() {
    let run = whole();
    let suite = run.scenarios.clone();
    assert_eq!(compare_with_suite(&run, &suite), []);
    let again = |scenarios: Vec<Scenario>| {
        let mut anew = run_of(scenarios);
        for scenario in &mut anew.scenarios {
            // Only of a pass may something be left out.
            scenario.left_out = None;
            seal(scenario);
        }
        let (outcome, exit_code) = conclude(&anew.scenarios, &anew.canary, anew.strict, None);
        let summary = summary(&anew.scenarios);
        let anew = sealed(Run { outcome, exit_code, summary, ..anew });
        assert_eq!(verify_run(&to_json(&anew), None).map(|_| ()), Ok(()));
        anew
    };
    for at in 0..suite.len() {
        let (mut fewer, mut swapped) = (suite.clone(), suite.clone());
        fewer.remove(at);
        assert!(!compare_with_suite(&again(fewer), &suite).is_empty(), "{at} cut");
        swapped.swap(at, (at + 1) % suite.len());
        assert!(!compare_with_suite(&again(swapped), &suite).is_empty(), "{at} swapped");
        let changes: [fn(&mut Scenario); 8] = [
            |it| it.id.push('x'),
            |it| it.title.push('x'),
            |it| it.family.push('x'),
            |it| it.requirement.says.push('x'),
            |it| it.level = crate::record::Level::May,
            |it| it.impact = crate::record::Impact::Hygiene,
            |it| it.covers.push("x".into()),
            |it| it.kind = if it.kind == Kind::Story { Kind::Observation } else { Kind::Story },
        ];
        for change in changes {
            let mut changed = suite.clone();
            change(&mut changed[at]);
            assert!(!compare_with_suite(&again(changed), &suite).is_empty(), "{at}");
        }
    }
    // What fails and what warns is cut: green by itself, and not with the suite at hand.
    let kept = |it: &Scenario| !matches!(it.verdict, Verdict::Fail | Verdict::Warn);
    let forged = again(suite.iter().filter(|it| kept(it)).cloned().collect());
    assert_eq!(forged.outcome, Outcome::Conforms);
    assert_eq!(compare_with_suite(&forged, &suite).len(), 2);
}
