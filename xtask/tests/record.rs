//! The record of a real run, judged again as it is, torn, and manipulated.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::LazyLock,
};

use reports::{
    evidence::{seal, seal_run},
    folder::{JOURNAL, RUN, to_json},
    judge::{conclude, summary},
    record::{Exchange, LeftOut, Level, Run, Step},
};

/// A run on the reference portal that keeps everything, made once.
static SOUND: LazyLock<tempfile::TempDir> = LazyLock::new(|| made(&["--keep", "all"]));

fn made(options: &[&str]) -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a folder");
    let ran = Command::new(env!("CARGO_BIN_EXE_touchstone"))
        .args(["scenarios", "registration/origin", "login/challenge-once/*"])
        .args(options)
        .arg("--out")
        .arg(place.path().join("run"))
        .output()
        .expect("it runs");
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
    place
}

fn sound() -> PathBuf {
    SOUND.path().join("run")
}

fn run() -> Run {
    serde_json::from_slice(&fs::read(sound().join(RUN)).expect("a record")).expect("a record")
}

fn journal() -> Vec<u8> {
    fs::read(sound().join(JOURNAL)).expect("a journal")
}

fn touchstone(command: &str, folder: &Path) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_touchstone"));
    program.arg(command).arg(folder).output().expect("it runs")
}

/// Both commands on a folder with these files end with this code; what they say on the way.
#[track_caller]
fn check(record: Option<&[u8]>, journal: Option<&[u8]>, codes: [i32; 2]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in [(RUN, record), (JOURNAL, journal)] {
        if let Some(bytes) = bytes {
            fs::write(folder.path().join(name), bytes).expect("written");
        }
    }
    let said = ["report", "judge"].map(|command| touchstone(command, folder.path()));
    let text = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let seen = said.each_ref().map(|output| output.status.code().unwrap_or(-1));
    assert_eq!(seen, codes, "{}{}", text(&said[0]), text(&said[1]));
    text(&said[1])
}

/// The record after a change, by somebody who knows how it is sealed.
fn written_anew(change: impl FnOnce(&mut Run)) -> Vec<u8> {
    let mut run = run();
    change(&mut run);
    run.scenarios.iter_mut().for_each(seal);
    (run.outcome, run.exit_code) = conclude(&run.scenarios, &run.canary, run.strict, None);
    run.summary = summary(&run.scenarios);
    let chain = run.seal.take().and_then(|seal| seal.journal);
    seal_run(&mut run, chain);
    to_json(&run)
}

#[test]
fn untouched_it_ends_with_its_own_code() {
    let (json, journal) = (to_json(&run()), journal());
    assert_eq!(check(Some(&json), Some(&journal), [0, 0]), "");
    assert_eq!(check(Some(&json), None, [0, 0]), "");
    let said = touchstone("judge", &sound());
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(
        said.contains("every scenario that the suite has for its selection is there"),
        "{said}"
    );
}

/// Most bytes of all files for a scenario that passed, and those that a run has whatever it runs.
const A_PASS: u64 = 18_000;
const A_RUN: u64 = 40_000;

#[test]
fn a_pass_weighs_little_and_holds() {
    let place = made(&[]);
    let folder = place.path().join("run");
    let files = fs::read_dir(&folder).expect("a folder").flatten();
    let bytes: u64 = files.map(|file| file.metadata().expect("a file").len()).sum();
    let json = fs::read(folder.join(RUN)).expect("a record");
    let run: Run = serde_json::from_slice(&json).expect("a record");
    let most = A_RUN + A_PASS * u64::try_from(run.scenarios.len()).expect("a number");
    assert!(bytes < most, "{bytes} bytes, and at most {most}");
    let journal = fs::read(folder.join(JOURNAL)).expect("a journal");
    check(Some(&json), Some(&journal), [0, 0]);
    let changes: [fn(&mut LeftOut); 3] = [
        |left_out| left_out.steps += 1,
        |left_out| left_out.digest = left_out.digest.replace(['0', '1', '2', '3'], "4"),
        |left_out| left_out.exchanges.truncate(1),
    ];
    for change in changes {
        let mut edited = run.clone();
        change(edited.scenarios[0].left_out.as_mut().expect("something is left out"));
        check(Some(&to_json(&edited)), None, [6, 6]);
        check(Some(&to_json(&edited)), Some(&journal), [6, 6]);
    }
}

#[test]
fn a_torn_record_hides_no_journal_and_is_never_green() {
    let (json, journal) = (to_json(&run()), journal());
    for torn in [&b""[..], &json[..1], &json[..json.len() / 2], &json[..json.len() - 2]] {
        let said = check(Some(torn), Some(&journal), [3, 3]);
        assert!(said.contains("run.json is not whole"), "{said}");
        check(Some(torn), None, [6, 6]);
    }
    let said = check(None, Some(&journal), [3, 3]);
    let all = run().scenarios.len();
    assert!(said.contains(&format!("{all} of {all} scenarios come from journal.jsonl")), "{said}");
}

#[test]
fn a_run_that_was_ended_before_it_began_finished_nothing() {
    for journal in [&b""[..], &journal()[..40]] {
        let said = check(None, Some(journal), [3, 3]);
        assert!(said.contains("nothing was finished"), "{said}");
    }
    check(None, None, [2, 2]);
}

#[test]
fn a_half_line_costs_itself_and_a_missing_one_is_found() {
    let journal = journal();
    let lines: Vec<&[u8]> = journal.split_inclusive(|byte| *byte == b'\n').collect();
    let killed = &lines[..lines.len() - 2];
    let done = killed.iter().position(|line| line.windows(13).any(|it| it == b"scenario-done"));
    let at = done.expect("a scenario that is done");
    let torn =
        [&killed[..at].concat(), &lines[at][..90], b"\n", &killed[at + 1..].concat()].concat();
    let said = check(Some(b""), Some(&torn), [3, 3]);
    assert!(said.contains("1 line of journal.jsonl cannot be read"), "{said}");
    let missing = [killed[..at].concat(), killed[at + 1..].concat()].concat();
    let said = check(None, Some(&missing), [6, 6]);
    assert!(said.contains("1 lines before it are missing"), "{said}");
    check(Some(&to_json(&run())), Some(&torn), [6, 6]);
}

#[test]
fn whatever_is_changed_in_it_is_found() {
    let journal = journal();
    let changes: [fn(&mut Run); 14] = [
        |run| drop(run.scenarios.remove(0)),
        |run| run.scenarios.reverse(),
        |run| run.scenarios[0].id.push('x'),
        |run| run.target.base = "https://login.bank.example".into(),
        |run| run.suite.version = "9.9.9".into(),
        |run| run.seed = "00".into(),
        |run| run.started.push('0'),
        |run| run.profile.name.push('x'),
        |run| run.guards.loosened.push("x".into()),
        |run| run.cleanup = None,
        |run| run.note = Some("x".into()),
        |run| run.traffic = None,
        |run| run.filters.clear(),
        |run| {
            let (first, second) = run.scenarios.split_at_mut(1);
            std::mem::swap(&mut first[0].steps, &mut second[0].steps);
        },
    ];
    for change in changes {
        let mut edited = run();
        change(&mut edited);
        check(Some(&to_json(&edited)), None, [6, 6]);
        check(Some(&to_json(&edited)), Some(&journal), [6, 6]);
        // Sealed again, it is not what its journal says.
        check(Some(&written_anew(change)), Some(&journal), [6, 6]);
    }
}

#[test]
fn one_that_was_written_anew_is_compared_with_the_suite() {
    check(Some(&written_anew(|_| {})), None, [0, 0]);
    let cut = |run: &mut Run| drop(run.scenarios.remove(1));
    let said = check(Some(&written_anew(cut)), None, [6, 6]);
    assert!(said.contains("a scenario that the suite has for this selection"), "{said}");
    check(Some(&written_anew(|run| run.scenarios[0].level = Level::May)), None, [6, 6]);
    check(Some(&written_anew(|run| run.filters.clear())), None, [6, 6]);
    let self_check = |run: &mut Run| drop(run.canary.tried.pop_first());
    check(Some(&written_anew(self_check)), None, [6, 6]);
}

#[test]
fn another_suite_is_told_and_never_green() {
    let other = written_anew(|run| run.suite.digest = "sha256:0".into());
    let said = check(Some(&other), None, [3, 3]);
    assert!(said.contains("whether its plan is complete was not checked"), "{said}");
    let later = written_anew(|run| run.suite.version = "9.9.9".into());
    let said = check(Some(&later), None, [0, 0]);
    assert!(said.contains("the record was made by version 9.9.9"), "{said}");
}

#[test]
fn one_of_before_the_seal_is_shown_and_does_not_verify() {
    let old = Run { schema_version: "1.0".into(), seal: None, ..run() };
    let said = check(Some(&to_json(&old)), None, [3, 6]);
    assert!(said.contains("no digest of the whole"), "{said}");
}

/// Changes the first exchange of a record for which that goes.
fn change_exchange(run: &mut Run, change: fn(&mut Exchange) -> bool) {
    let mut steps = run.scenarios.iter_mut().flat_map(|scenario| &mut scenario.steps);
    let changed = steps
        .any(|step| if let Step::Exchange(exchange) = step { change(exchange) } else { false });
    assert!(changed, "no exchange of the record is like that");
}

#[test]
fn a_secret_that_stands_where_only_its_pseudonym_may_is_not_shown() {
    let changes: [fn(&mut Exchange) -> bool; 4] = [
        |exchange| {
            exchange.request_body = Some(r#"{"password":"correct horse"}"#.into());
            true
        },
        |exchange| {
            let mut headers = exchange.response_headers.iter_mut();
            let cookie = headers.find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
            cookie.is_some_and(|(_, value)| {
                *value = "sid=correct-horse; Path=/".into();
                true
            })
        },
        |exchange| {
            exchange.url.push_str("?token=correct-horse");
            true
        },
        |exchange| {
            exchange.response_headers.push(("X-CSRF-Token".into(), "correct-horse".into()));
            true
        },
    ];
    for change in changes {
        let mut edited = run();
        change_exchange(&mut edited, change);
        let said = check(Some(&to_json(&edited)), None, [5, 5]);
        assert!(said.contains("holds a secret in clear"), "{said}");
        assert!(!said.contains("correct"), "{said}");
        // Sealed again, with a journal or without, the record would hold.
        let anew = written_anew(|run| change_exchange(run, change));
        check(Some(&anew), None, [5, 5]);
        check(Some(&anew), Some(&journal()), [5, 5]);
    }
}

#[test]
fn nothing_of_a_record_with_a_secret_is_rendered_in_any_form() {
    let folder = tempfile::tempdir().expect("a folder");
    let anew = written_anew(|run| {
        change_exchange(run, |exchange| {
            exchange.request_body = Some(r#"{"code":"correct horse"}"#.into());
            true
        });
    });
    fs::write(folder.path().join(RUN), anew).expect("written");
    for args in [
        &["report"][..],
        &["report", "--format", "html"],
        &["report", "--format", "junit"],
        &["report", "--format", "md"],
        &["judge"],
        &["judge", "--json"],
    ] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_touchstone"));
        let output = program.args(args).arg(folder.path()).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(5), "{args:?}: {said}");
        assert!(output.stdout.is_empty() && !said.contains("correct"), "{args:?}: {said}");
    }
}
