//! Ledgers as files: what stands in one after each step, and what a torn or locked one says.

use super::*;

mod damage;

fn header() -> Header {
    Header {
        portal: "Test".into(),
        base: "http://portal.localhost".into(),
        started: "2026-01-01T00:00:00Z".into(),
        run_tag: "7f3a91c2d0".into(),
    }
}

fn redactor() -> Redactor {
    let redactor = Redactor::new([7; 32]);
    redactor.learn("token", "SuperSecretGateToken-42");
    redactor
}

fn begun(path: &Path) -> Ledger {
    let file = OpenOptions::new().create_new(true).append(true).open(path).unwrap();
    Ledger::create(file, &header(), &redactor()).unwrap()
}

fn opened(path: &Path) -> Result<Ledger, Unusable> {
    Ledger::open(path, &redactor())
}

fn name(user: &str) -> Name {
    Name { user: user.into(), mail: format!("{user}@example.test"), scene: "scene".into() }
}

async fn creates(ledger: &Ledger, user: &str) -> Creating {
    ledger.creating(name(user), Secret::new("not in the file")).await.unwrap()
}

fn open_users(ledger: &Ledger) -> Vec<(String, bool, bool)> {
    let open = ledger.open_accounts().into_iter();
    open.map(|open| (open.name.user, open.was_created, open.may_be_gone)).collect()
}

#[tokio::test]
async fn an_account_is_on_disk_before_it_is_made_and_without_its_password() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join(FILE);
    let ledger = begun(&path);
    let entry = creates(&ledger, "ts-1").await;
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 2, "{text}");
    let line = text.lines().nth(1).unwrap();
    assert!(line.starts_with("{\"entry\":\"creating\",\"before\":{\"lines\":1,"), "{text}");
    assert!(line.contains("},\"n\":0,\"account\":"), "{text}");
    assert!(text.contains("ts-1@example.test") && !text.contains("not in the file"), "{text}");
    entry.created();
    let last =
        "{\"entry\":\"created\",\"before\":{\"lines\":2,\"accounts\":1,\"not_ours\":0},\"n\":0}\n";
    assert!(std::fs::read_to_string(&path).unwrap().ends_with(last));
}

#[tokio::test]
async fn what_a_killed_run_left_is_read_back() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join(FILE);
    let ledger = begun(&path);
    creates(&ledger, "made").await.created();
    drop(creates(&ledger, "unanswered").await);
    creates(&ledger, "refused").await.refused();
    creates(&ledger, "removed").await.created();
    ledger.removing(3);
    ledger.removed(3);
    creates(&ledger, "half-removed").await.created();
    ledger.removing(4);
    creates(&ledger, "stays").await.created();
    ledger.removing(5);
    ledger.stays(5, "it was answered 500".into());
    let stood = open_users(&ledger);
    drop(ledger);

    let torn = [std::fs::read(&path).unwrap(), b"{\"entry\":\"crea".to_vec()].concat();
    std::fs::write(&path, torn).unwrap();
    let again = opened(&path).unwrap();
    let open = |user: &str, made, gone| (user.to_owned(), made, gone);
    let expected = vec![
        open("made", true, false),
        open("unanswered", false, false),
        open("half-removed", true, true),
        open("stays", true, false),
    ];
    assert_eq!(open_users(&again), expected);
    assert_eq!(stood, expected);
    assert_eq!(again.header(), header());
    assert_eq!(again.counts(), (4, 1));
    assert!(again.open_accounts().iter().all(|open| open.password.is_none()));
    // What is appended begins on a line of its own, and numbers go on.
    creates(&again, "later").await.created();
    drop(again);
    assert_eq!(opened(&path).unwrap().counts(), (5, 1));
}

#[tokio::test]
async fn the_ledger_of_a_living_run_is_left_alone() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join(FILE);
    let living = begun(&path);
    assert!(matches!(opened(&path), Err(Unusable::Running)));
    drop(living);
    assert!(opened(&path).is_ok());
}

#[test]
fn what_is_no_ledger_says_so() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join(FILE);
    std::fs::write(&path, "").unwrap();
    assert!(matches!(opened(&path), Err(Unusable::Empty)));
    std::fs::write(&path, "{\"entry\":\"created\",\"n\":0}\nnot one\n").unwrap();
    assert!(matches!(opened(&path), Err(Unusable::NoLedger)));
}

#[tokio::test]
async fn nothing_is_made_when_the_ledger_cannot_be_written() {
    // Every write to this device fails for want of space.
    let file = OpenOptions::new().append(true).open("/dev/full").unwrap();
    let lines = Lines::new(file, &redactor());
    let ledger = Ledger::of(Book { file: Some(lines), ..Book::default() });
    let refused = ledger.creating(name("ts-1"), Secret::new("x")).await.err();
    assert!(matches!(refused, Some(Error::Harness(why)) if why.contains("no account was made")));
    assert!(ledger.open_accounts().is_empty());
    assert!(matches!(ledger.trouble(), Some(LineError::File(_))));
}

#[tokio::test]
async fn a_line_that_holds_a_secret_is_withheld_and_told() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join(FILE);
    let ledger = begun(&path);
    creates(&ledger, "made").await.created();
    assert!(ledger.trouble().is_none());
    ledger.stays(0, "answered SuperSecretGateToken-42".into());
    assert!(matches!(ledger.trouble(), Some(LineError::Withheld(_))));
    drop(ledger);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.ends_with("},\"n\":0}\n") && text.contains("\"entry\":\"created\""), "{text}");
}

#[test]
fn what_is_no_ledger_is_left_as_it_is() {
    let room = tempfile::tempdir().unwrap();
    let [notes, link, pipe, folder] =
        ["notes", "link", "pipe", "folder"].map(|name| room.path().join(name));
    let text = "my notes\nwithout a last line break";
    std::fs::write(&notes, text).unwrap();
    assert!(matches!(opened(&notes), Err(Unusable::NoLedger)));
    assert_eq!(std::fs::read_to_string(&notes).unwrap(), text);

    let ledger = room.path().join(FILE);
    drop(begun(&ledger));
    std::os::unix::fs::symlink(&ledger, &link).unwrap();
    let status = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(status.success());
    std::fs::create_dir(&folder).unwrap();
    assert!(matches!(opened(&link), Err(Unusable::Odd)));
    assert!(matches!(opened(&pipe), Err(Unusable::Odd)));
    assert!(matches!(opened(&folder), Err(Unusable::File(_) | Unusable::Odd)));
    assert!(opened(&ledger).is_ok());
}

#[tokio::test]
async fn a_lent_account_is_never_one_to_be_removed() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join(FILE);
    let ledger = begun(&path);
    let n = ledger.lending(name("qa-1")).await.unwrap();
    drop(ledger);
    let again = opened(&path).unwrap();
    assert!(again.open_accounts().iter().all(|open| open.is_lent));
    assert_eq!(again.gives_back(n).await, Err(KILLED.to_owned()));
    again.stays(n, KILLED.to_owned());
    drop(again);
    let again = opened(&path).unwrap();
    assert!(again.open_accounts()[0].is_lent);
    assert_eq!(again.counts(), (0, 0));
}

#[tokio::test]
async fn that_names_are_kept_apart_stands_before_what_is_made_later() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join(FILE);
    let ledger = begun(&path);
    creates(&ledger, "first").await.created();
    assert!(!ledger.keeps_apart());
    ledger.are_kept_apart();
    creates(&ledger, "second").await.created();
    drop(ledger);
    let text = std::fs::read_to_string(&path).unwrap();
    let shown = text.lines().nth(3).unwrap_or_default();
    assert!(shown.starts_with("{\"entry\":\"kept-apart\","), "{text}");
    assert!(opened(&path).unwrap().keeps_apart());
}

#[tokio::test]
async fn a_number_that_no_run_reaches_is_read_and_never_given_again() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join(FILE);
    let ledger = begun(&path);
    creates(&ledger, "first").await.created();
    drop(ledger);
    let text = std::fs::read_to_string(&path).unwrap();
    let last = text.replace("\"n\":0", &format!("\"n\":{}", u64::MAX)).replace("first", "last");
    let place = |line: &str, from: u8, to: u8| {
        let place = |number: u8| format!("\"lines\":{number},");
        let line = line.replace(&place(from), &place(to));
        line.replace("\"accounts\":1", "\"accounts\":2").replace("\"accounts\":0", "\"accounts\":1")
            + "\n"
    };
    let added: String =
        (1..).zip(last.lines().skip(1)).map(|(at, line)| place(line, at, at + 2)).collect();
    std::fs::write(&path, text + &added).unwrap();

    let again = opened(&path).unwrap();
    let open = |user: &str| (user.to_owned(), true, false);
    assert_eq!(open_users(&again), [open("first"), open("last")]);
    let refused = again.creating(name("more"), Secret::new("x")).await.map(|_| ()).unwrap_err();
    assert!(refused.to_string().contains("its numbers are used up"), "{refused}");
    again.removing(u64::MAX);
    again.removed(u64::MAX);
    drop(again);
    assert_eq!(open_users(&opened(&path).unwrap()), [open("first")]);
}

#[tokio::test]
async fn what_was_let_go_is_never_the_runs_again() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join(FILE);
    let ledger = begun(&path);
    creates(&ledger, "ts-1").await.created();
    creates(&ledger, "ts-2").await.created();
    ledger.lets_go("another scene", "ts-2", "not ours");
    ledger.lets_go("scene", "ts-1", "not ours");
    ledger.removing(0);
    ledger.removed(0);
    ledger.stays(0, "it was answered 500".into());
    drop(ledger);
    let again = opened(&path).unwrap();
    let let_go = vec![("ts-1".to_owned(), Some("not ours".to_owned()))];
    assert_eq!(again.let_go(), let_go);
    assert_eq!(again.left(), [let_go, vec![("ts-2".to_owned(), None)]].concat());
    assert_eq!(open_users(&again), [("ts-2".to_owned(), true, false)]);
    assert_eq!(again.counts(), (1, 0));
}
