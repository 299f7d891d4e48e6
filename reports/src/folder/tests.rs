//! A run's directory: whole, killed, torn, spoilt, edited and empty.

use std::fs;

use super::*;
use crate::{
    evidence::seal,
    record::{Kind, SCHEMA_VERSION, Verdict},
    sample::{journal, passing, run, run_of, signed_in},
};

/// A directory with these files.
fn folder(record: Option<&[u8]>, journal: Option<&[u8]>) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in [(RUN, record), (JOURNAL, journal)] {
        if let Some(bytes) = bytes {
            fs::write(dir.path().join(name), bytes).unwrap();
        }
    }
    dir
}

/// What is read from these files.
fn opened(record: Option<&[u8]>, journal: Option<&[u8]>) -> Result<Opened, FolderError> {
    open(folder(record, journal).path())
}

/// The same, which holds; the exit code and how many scenarios were finished.
#[track_caller]
fn brief(record: Option<&[u8]>, journal: Option<&[u8]>) -> (u8, usize, Vec<String>) {
    let opened = opened(record, journal).unwrap();
    assert_eq!(opened.findings, []);
    let open = |one: &&crate::record::Scenario| one.not_judged == Some(NotJudged::Unfinished);
    let all = opened.run.scenarios.len();
    (opened.run.exit_code, all - opened.run.scenarios.iter().filter(open).count(), opened.remarks)
}

#[test]
fn a_record_is_read_with_its_journal_or_without() {
    let (run, json, journal) = (run(), to_json(&run()), journal(&run()));
    for journal in [None, Some(&journal[..])] {
        let opened = opened(Some(&json), journal).unwrap();
        assert_eq!((opened.run, opened.findings, opened.sealed), (run.clone(), vec![], true));
        assert_eq!((opened.with_journal, opened.remarks), (journal.is_some(), vec![]));
    }
    let mut edited = run.clone();
    edited.scenarios[0].title.push('x');
    let found = opened(Some(&to_json(&edited)), Some(&journal)).unwrap().findings;
    let places: Vec<_> = found.iter().map(|finding| &*finding.place).collect();
    assert_eq!(places, ["seal.digest", &run.scenarios[0].id]);
}

/// So that they can be compared, by people and by the last look for secrets.
#[test]
fn a_record_has_a_line_for_each_scenario_and_it_reads_as_in_the_journal() {
    let run = run();
    let json = String::from_utf8(to_json(&run)).unwrap();
    let journal = String::from_utf8(journal(&run)).unwrap();
    let members = serde_json::to_value(&run).unwrap().as_object().unwrap().len();
    // Brackets of the record, and of its lists.
    let lines: Vec<_> = json.lines().map(|line| line.trim_end_matches(',')).collect();
    let lists = lines.iter().filter(|line| **line == "]").count();
    let others = run.filters.len();
    assert_eq!(lines.len(), 2 + members + lists + others + run.scenarios.len());
    for scenario in &run.scenarios {
        let line = serde_json::to_string(scenario).unwrap();
        assert!(lines.contains(&&*line), "{line}");
        assert!(journal.contains(&line), "{line}");
    }
}

#[test]
fn nothing_is_no_record() {
    assert!(matches!(opened(None, None), Err(FolderError::Empty(_))));
    assert!(matches!(opened(Some(b"{}"), None), Err(FolderError::Form(_))));
    assert!(matches!(opened(Some(b"{}"), Some(&journal(&run()))), Err(FolderError::Form(_))));
    assert!(matches!(opened(Some(b""), None), Err(FolderError::Torn(_))));
    assert!(matches!(opened(None, Some(b"x\n")), Err(FolderError::Journal(NoStart))));
}

#[test]
fn a_run_that_was_killed_before_it_began_finished_nothing() {
    let whole = journal(&run());
    let first = whole.iter().position(|byte| *byte == b'\n').unwrap();
    for torn in [&b""[..], &whole[..1], &whole[..first]] {
        assert!(matches!(opened(None, Some(torn)), Err(FolderError::NothingBegun(_))));
        assert!(matches!(opened(Some(b""), Some(torn)), Err(FolderError::NothingBegun(_))));
    }
    assert!(matches!(brief(None, Some(&whole[..=first])), (3, 1, _)));
    let marked = folder(None, None);
    fs::write(marked.path().join(MARKER), "").unwrap();
    assert!(matches!(open(marked.path()), Err(FolderError::NothingBegun(_))));
}

#[test]
fn a_record_that_is_not_whole_hides_no_journal() {
    let (json, whole) = (to_json(&run()), journal(&run()));
    let killed = &whole[..whole.len() - 10];
    for journal in [&whole[..], killed] {
        let (code, known, remarks) = brief(None, Some(journal));
        assert_eq!((code, known), (3, 5));
        assert_eq!(remarks, ["there is no run.json: 5 of 5 scenarios come from journal.jsonl"]);
        // Cut anywhere; the very last byte is a line break, and says nothing.
        for end in (0..json.len() - 1).step_by(97).chain([json.len() - 2]) {
            let (code, known, remarks) = brief(Some(&json[..end]), Some(journal));
            assert_eq!((code, known, remarks.len()), (3, 5, 1));
            assert!(remarks[0].starts_with("run.json is not whole ("), "{remarks:?}");
        }
        for spoilt in [[0; 4096], [b'x'; 4096], [0xff; 4096]] {
            assert_eq!(brief(Some(&spoilt), Some(journal)).0, 3);
        }
    }
}

#[test]
fn a_record_that_cannot_be_opened_hides_no_journal() {
    let dir = folder(None, Some(&journal(&run())));
    fs::create_dir(dir.path().join(RUN)).unwrap();
    let opened = open(dir.path()).unwrap();
    assert_eq!((opened.run.exit_code, opened.findings.len()), (3, 0));
    assert!(
        opened.remarks[0].contains("it is a directory; a record is a regular file"),
        "{:?}",
        opened.remarks
    );
}

#[test]
fn half_a_line_costs_itself_and_says_so() {
    let whole = journal(&run());
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let torn = [&lines[..3].concat(), &lines[3][..200], b"\n", &lines[4..8].concat()].concat();
    let (code, known, remarks) = brief(Some(b""), Some(&torn));
    assert_eq!((code, known, remarks.len()), (3, 3, 2));
    assert_eq!(remarks[1], "1 line of journal.jsonl cannot be read: evidence is missing");
    // A run that ended in an orderly way lost no line.
    let torn = [&torn[..], &lines[8..].concat()].concat();
    let findings = opened(None, Some(&torn)).unwrap().findings;
    assert_eq!(findings[0].seen, "1 of them lost");
    let findings = opened(Some(&to_json(&run())), Some(&torn)).unwrap().findings;
    assert!(!findings.is_empty());
}

#[test]
fn a_finding_stands_where_the_record_is_not_whole() {
    let mut failing = passing(Kind::Tampering);
    failing.state.after = signed_in("alice");
    seal(&mut failing);
    assert_eq!(failing.verdict, Verdict::Fail);
    let journal = journal(&run_of(vec![failing, passing(Kind::Story)]));
    assert_eq!(brief(Some(b"{"), Some(&journal)).0, 1);
}

/// Passes had all their steps then.
#[test]
fn a_record_of_before_passes_were_kept_in_brief_holds() {
    let old = crate::sample::sealed(Run { schema_version: "1.1".into(), ..run() });
    let opened = opened(Some(&to_json(&old)), Some(&journal(&old))).unwrap();
    assert_eq!((opened.run, opened.findings, opened.sealed), (old, vec![], true));
}

#[test]
fn a_record_of_before_the_seal_is_shown_and_is_not_sealed() {
    let old = |run: Run| Run { schema_version: "1.0".into(), seal: None, ..run };
    let events = crate::sample::events(&run()).into_iter().map(|event| {
        let json = serde_json::to_string(&event).unwrap();
        let version = |version| format!("\"schema_version\":\"{version}\"");
        json.replace(&version(SCHEMA_VERSION), &version("1.0")) + "\n"
    });
    let journal: String = events.collect();
    for journal in [None, Some(journal.as_bytes())] {
        let opened = opened(Some(&to_json(&old(run()))), journal).unwrap();
        assert_eq!((opened.findings, opened.sealed), (vec![], false));
        assert!(opened.remarks[0].contains("before version 1.1"), "{:?}", opened.remarks);
    }
    let opened_again = opened(None, Some(journal.as_bytes())).unwrap();
    assert_eq!((opened_again.findings, opened_again.sealed), (vec![], false));
    // One that only says that it is old does not get by.
    let mut bare = run();
    bare.seal = None;
    assert_eq!(opened(Some(&to_json(&bare)), None).unwrap().findings[0].place, "seal");
    let sound = crate::sample::journal(&run());
    assert!(!opened(Some(&to_json(&old(run()))), Some(&sound)).unwrap().findings.is_empty());
}
