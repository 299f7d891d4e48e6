//! Directories of runs: in a hundred random set-ups nothing that was there before is changed, and what
//! is written is searched before it has its name.

use std::{
    collections::BTreeMap,
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    process::Command,
};

use proptest::{collection::vec, prelude::*, sample::select};
use reports::{
    journal::{self, Event, Header},
    record::{Guards, Outcome, Profile, SCHEMA_VERSION, Suite, Target},
    source::InMemory,
};

use super::*;

const SECRET: &str = "SuperSecretGateToken-42";

pub(crate) fn redactor() -> Redactor {
    let redactor = Redactor::new([7; 32]);
    redactor.learn("token", SECRET);
    redactor
}

/// The first event of a run without scenarios.
pub(crate) fn started(name: &str) -> Event {
    let target = Target {
        base: "http://portal.localhost".into(),
        origin: "http://portal.localhost".into(),
        rp_id: "portal.localhost".into(),
        environment: "reference".into(),
    };
    let suite = Suite {
        version: "0.1.0".into(),
        digest: String::new(),
        detection: None,
        detection_date: None,
    };
    let header = Header {
        schema_version: SCHEMA_VERSION.into(),
        seed: "7f3a".into(),
        suite,
        profile: Profile { name: name.into(), digest: String::new(), file: None },
        target,
        started: "2026-01-01T00:00:00Z".into(),
        filters: Vec::new(),
        strict: false,
        guards: Guards::default(),
    };
    Event::Started { header: Box::new(header), planned: Vec::new() }
}

/// A run that conforms; its record holds a name.
pub(crate) fn conforming(name: &str) -> Run {
    let mut run = journal::rebuild(&[started(name)], "note").expect("a run");
    (run.outcome, run.exit_code, run.note) = (Outcome::Conforms, 0, None);
    run
}

/// Everything under a folder: kind, mode, time of the last change, and content.
fn snapshot(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut all = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(path) = open.pop() {
        let data = fs::symlink_metadata(&path).expect("there");
        let content = if data.is_symlink() {
            fs::read_link(&path).expect("a link").display().to_string()
        } else if data.is_file() {
            fs::read_to_string(&path).unwrap_or_default()
        } else {
            String::new()
        };
        if data.is_dir() {
            let entries = fs::read_dir(&path).into_iter().flatten().flatten();
            open.extend(entries.map(|entry| entry.path()));
        }
        let (mode, changed) = (data.mode(), data.mtime_nsec() + data.mtime() * 1_000_000_000);
        all.insert(path, format!("{mode:o} {changed} {content}"));
    }
    all
}

/// Something that stands in a folder before a run comes.
#[derive(Clone, Debug)]
enum Thing {
    File(&'static str, u32),
    Link(&'static str),
    Pipe,
    Folder(u32, Vec<(&'static str, Thing)>),
}

const NAMES: [&str; 12] = [
    "run.json",
    "journal.jsonl",
    "report.html",
    "summary.md",
    "junit.xml",
    "ceremonies.jsonl",
    "ledger.jsonl",
    ".touchstone-run",
    ".run.json.part",
    "notes.md",
    "gate.txt",
    "deep",
];
const CONTENTS: [&str; 4] = ["", "a note\n", "half a line", "use SuperSecretGateToken-42\n"];
const MODES: [u32; 7] = [0o700, 0o755, 0o777, 0o1777, 0o500, 0o555, 0o2750];
const TARGETS: [&str; 6] =
    ["/nowhere/at/all", "victim.txt", "../victim.txt", "../victims", "..", "."];

fn leaf() -> impl Strategy<Value = Thing> {
    prop_oneof![
        6 => (select(&CONTENTS), select(&[0o600, 0o644, 0o444, 0o000, 0o666]))
            .prop_map(|(content, mode)| Thing::File(content, mode)),
        3 => select(&TARGETS).prop_map(Thing::Link),
        1 => Just(Thing::Pipe),
    ]
}

fn folder() -> impl Strategy<Value = Thing> {
    let inner = vec((select(&NAMES), leaf()), 0..3);
    let nested = (select(&MODES), inner).prop_map(|(mode, all)| Thing::Folder(mode, all));
    let any = prop_oneof![5 => leaf(), 1 => nested];
    let some = vec((select(&NAMES), any), 0..5);
    (select(&MODES), some).prop_map(|(mode, all)| Thing::Folder(mode, all))
}

/// What stands at `--out`, and where that is.
fn set_up() -> impl Strategy<Value = (Option<Thing>, &'static str)> {
    let there =
        prop_oneof![1 => Just(None), 1 => leaf().prop_map(Some), 6 => folder().prop_map(Some)];
    (there, select(&["out", "out/", "out/.", "./out", "out/new", "out/new/deeper"]))
}

fn build(path: &Path, thing: &Thing) {
    match thing {
        Thing::File(content, mode) => {
            fs::write(path, content).expect("written");
            fs::set_permissions(path, Permissions::from_mode(*mode)).expect("set");
        }
        Thing::Link(to) => symlink(to, path).expect("linked"),
        Thing::Pipe => {
            assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo").success());
        }
        Thing::Folder(mode, things) => {
            fs::create_dir(path).expect("made");
            for (name, thing) in things {
                let path = path.join(name);
                if fs::symlink_metadata(&path).is_err() {
                    build(&path, thing);
                }
            }
            fs::set_permissions(path, Permissions::from_mode(*mode)).expect("set");
        }
    }
}

/// The whole life of a run in a directory, with a record that holds no secret.
fn live_in(out: &Path) -> anyhow::Result<()> {
    look(Some(out))?;
    let folder = Folder::make(Some(out), "")?;
    let redactor = redactor();
    let mut journal = folder.journal(&redactor)?;
    journal.keep(&started("plain"));
    let written = folder.prepare(&conforming("plain"), &InMemory, &redactor);
    assert!(written.withheld.is_empty() && written.failed.is_empty(), "{written:?}");
    let again = folder.search_again(&redactor, &[]);
    assert!(again.withheld.is_empty() && again.failed.is_empty(), "{again:?}");
    folder.publish(&written.ready)?;
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_was_there_before_is_changed((thing, out) in set_up()) {
        let room = tempfile::tempdir().expect("a folder");
        let base = room.path().join("base");
        fs::create_dir(&base).expect("made");
        fs::write(base.join("victim.txt"), "use SuperSecretGateToken-42\n").expect("written");
        fs::create_dir(base.join("victims")).expect("made");
        fs::write(base.join("victims/one"), "kept").expect("written");
        if let Some(thing) = &thing {
            build(&base.join("out"), thing);
        }
        let before = snapshot(&base);
        let lived = live_in(&base.join(out));
        let after = snapshot(&base);
        if let Err(error) = &lived {
            let stop = error.downcast_ref::<Stop>().expect("a word");
            prop_assert_eq!(stop.outcome, Outcome::BadCommand, "{}", error);
            prop_assert_eq!(&before, &after, "{}", error);
        }
        let marked = base.join("out/.touchstone-run");
        for (path, stood) in &before {
            // A folder that got a file has changed by that alone; its mode has not.
            let got_one = after.keys().any(|new| {
                new.parent() == Some(path) && !before.contains_key(new)
            });
            // What a run left that began nothing is ours.
            let ours = before.contains_key(&marked)
                && path.parent() == marked.parent()
                && ["journal.jsonl", "ledger.jsonl", ".run.json.part"].iter().any(|name| path.ends_with(name));
            if ours && lived.is_ok() {
                continue;
            }
            let Some(stands) = after.get(path) else {
                prop_assert!(false, "{} is gone", path.display());
                continue;
            };
            let first = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
            if got_one {
                prop_assert_eq!(first(stood), first(stands), "the mode of {}", path.display());
            } else {
                prop_assert_eq!(stood, stands, "{}", path.display());
            }
        }
    }
}

#[test]
fn a_file_that_holds_a_secret_is_withheld_before_it_is_written() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::make(Some(&place.path().join("run")), "").expect("made");
    let written = folder.prepare(&conforming(SECRET), &InMemory, &redactor());
    assert!(written.failed.is_empty(), "{written:?}");
    let said = written.withheld.join("\n");
    assert!(said.contains("run.json: a token in plain form"), "{said}");
    assert!(!said.contains("SuperSecret"), "{said}");
    assert!(written.ready.contains(&"ceremonies.jsonl"), "{written:?}");
    for entry in fs::read_dir(folder.path()).expect("there").flatten() {
        let text = fs::read_to_string(entry.path()).expect("text");
        assert!(!text.contains(SECRET), "{}", entry.path().display());
    }
}

#[test]
fn a_secret_that_was_learnt_late_is_found_in_the_journal() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::make(Some(&place.path().join("run")), "").expect("made");
    let redactor = redactor();
    let mut journal = folder.journal(&redactor).expect("a journal");
    journal.keep(&started("a-token-of-later"));
    assert!(journal.withheld().is_none());
    assert!(folder.search_again(&redactor, &[]).withheld.is_empty());
    redactor.learn("token", "a-token-of-later");
    assert_eq!(folder.search_again(&redactor, &[]).withheld.len(), 1);
    assert!(!folder.path().join(JOURNAL).exists());
}

/// Whatever stands in its place is somebody's: it is told of, and neither searched nor taken away.
#[test]
fn another_file_in_the_place_of_the_journal_stays_whatever_it_holds() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::make(Some(&place.path().join("run")), "").expect("made");
    let redactor = redactor();
    let journal = folder.journal(&redactor).expect("a journal");
    let theirs = folder.path().join(JOURNAL);
    fs::write(folder.path().join("theirs"), SECRET).expect("written");
    fs::rename(folder.path().join("theirs"), &theirs).expect("in its place");
    let written = folder.search_again(&redactor, &[]);
    assert!(written.withheld.is_empty(), "{written:?}");
    assert!(written.failed.join("").contains("another file stands in its place"), "{written:?}");
    assert_eq!(fs::read_to_string(theirs).expect("it stays"), SECRET);
    drop(journal);
}

#[test]
fn a_file_in_the_way_of_a_name_stays() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::make(Some(&place.path().join("run")), "").expect("made");
    let written = folder.prepare(&conforming("plain"), &InMemory, &redactor());
    fs::write(folder.path().join("junit.xml"), "mine").expect("written");
    let error = folder.publish(&written.ready).expect_err("in the way").to_string();
    assert!(error.contains("junit.xml"), "{error}");
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .expect("there")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, [".touchstone-run", "junit.xml"]);
    assert_eq!(fs::read_to_string(folder.path().join("junit.xml")).expect("text"), "mine");
}

#[test]
fn names_that_may_not_be_on_the_disk_are_taken_back() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::make(Some(&place.path().join("run")), "").expect("made");
    let written = folder.prepare(&conforming("plain"), &InMemory, &redactor());
    let error = folder.publish_and(&written.ready, || Err(io::ErrorKind::StorageFull.into()));
    assert_eq!(error.expect_err("no room").kind(), io::ErrorKind::StorageFull);
    let names: Vec<_> = fs::read_dir(folder.path()).expect("there").flatten().collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[test]
fn files_and_folders_of_a_run_are_for_its_owner_alone() {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().join("new/run");
    live_in(&out).expect("lived");
    let mode = |path: &Path| fs::metadata(path).expect("there").mode() & 0o7777;
    assert_eq!(mode(&out), 0o700);
    let entries: Vec<_> = fs::read_dir(&out).expect("there").flatten().collect();
    assert_eq!(entries.len(), 7);
    for entry in entries {
        assert_eq!(mode(&entry.path()), 0o600, "{}", entry.path().display());
    }
}

#[test]
fn a_marked_folder_is_used_again_until_something_is_begun() {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().join("run");
    let made = || Folder::make(Some(&out), "");
    let first = made().expect("made");
    let taken = made().map(|_| ()).expect_err("it is in use").to_string();
    assert!(taken.contains("another run goes on"), "{taken}");
    let journal = first.journal(&redactor()).expect("a journal");
    drop((journal, first));
    fs::write(out.join(".run.json.part"), "half").expect("written");

    let second = made().expect("nothing was begun");
    assert!(!out.join(".run.json.part").exists());
    second.journal(&redactor()).expect("a journal").keep(&started("plain"));
    drop(second);
    let held = made().map(|_| ()).expect_err("a run began").to_string();
    assert!(held.contains("holds a run already; give another --out"), "{held}");
}

#[test]
fn a_mark_is_known_by_what_it_says() {
    let place = tempfile::tempdir().expect("a folder");
    let marker = place.path().join(".touchstone-run");
    let made = || Folder::make(Some(place.path()), "").map(drop);
    fs::write(&marker, "my notes\n").expect("written");
    let refused = made().expect_err("somebody's").to_string();
    assert!(refused.contains("files that no run wrote (.touchstone-run)"), "{refused}");
    assert_eq!(fs::read_to_string(&marker).expect("text"), "my notes\n");
    fs::remove_file(&marker).expect("removed");
    made().expect("empty");
    made().expect("marked, and nothing was begun");
}

#[test]
fn a_clock_that_is_far_wrong_is_written_all_the_same() {
    let since = |seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).expect("a time");
    for (time, expected) in [
        (UNIX_EPOCH - Duration::from_secs(1), "1970-01-01T00:00:00Z"),
        (since(1_700_000_000), "2023-11-14T22:13:20Z"),
        (since(LAST_SECOND + 1), "9999-12-31T23:59:59Z"),
    ] {
        assert_eq!(written(time), expected);
    }
}

#[test]
fn a_path_for_people_does_not_act() {
    assert_eq!(shown(Path::new("a\u{1b}[31m\u{7}b")), "a\u{241b}[31m\u{2407}b");
}
