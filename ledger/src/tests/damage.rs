//! Ledgers that are torn, glued, overwritten, cut or out of order: nothing that was let go is ever open
//! again, and no account is forgotten.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, prelude::*};

use super::{
    super::line::{Before, Line, written},
    *,
};

/// What truly became of an account.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Truth {
    There,
    Gone,
    NotOurs,
}

/// The lines of a run, and what became of each account.
fn run(lives: &[(u8, u8)]) -> (Vec<Line>, BTreeMap<u64, Truth>) {
    let mut lines = vec![Line::Begun(header())];
    let mut truths = BTreeMap::new();
    let mut later = Vec::new();
    for (n, (life, rest)) in (0..).zip(lives) {
        let account = name(&format!("ts-{n}"));
        let why = "because".to_owned();
        let (begin, end, truth) = match life % 9 {
            0 => (Line::Creating { n, account }, vec![], Truth::There),
            1 => (Line::Creating { n, account }, vec![Line::Created { n }], Truth::There),
            2 => (Line::Creating { n, account }, vec![Line::Refused { n }], Truth::NotOurs),
            3 => (
                Line::Creating { n, account },
                vec![Line::Created { n }, Line::LetGo { n, why }],
                Truth::NotOurs,
            ),
            4 => (
                Line::Creating { n, account },
                vec![Line::Created { n }, Line::Removing { n }, Line::Removed { n }],
                Truth::Gone,
            ),
            5 => (
                Line::Creating { n, account },
                vec![Line::Removing { n }, Line::Absent { n }],
                Truth::Gone,
            ),
            6 => (
                Line::Creating { n, account },
                vec![Line::Created { n }, Line::Removing { n }, Line::Left { n, why }],
                Truth::There,
            ),
            7 => (Line::Lending { n, account }, vec![Line::GivenBack { n }], Truth::Gone),
            _ => (Line::Lending { n, account }, vec![Line::Left { n, why }], Truth::There),
        };
        lines.push(begin);
        truths.insert(n, truth);
        // Some of it follows at once, the rest when others have begun.
        let at_once = usize::from(*rest) % (end.len() + 1);
        let mut end = end.into_iter();
        lines.extend(end.by_ref().take(at_once));
        later.extend(end);
    }
    lines.extend(later);
    (lines, truths)
}

/// The lines as they stand in a file.
fn texts(lines: &[Line], numbered: bool) -> Vec<Vec<u8>> {
    let mut before = Before::default();
    let text = |line: &Line| {
        let text = written(line, numbered.then_some(before)).unwrap();
        before = before.after(line);
        text
    };
    lines.iter().map(text).collect()
}

/// What may become of a line but the first.
#[derive(Clone, Debug)]
enum Harm {
    /// Only the beginning is left, with its line break or glued to what follows.
    Begins { left: u16, glued: bool },
    /// Only the end is left.
    Ends { left: u16 },
    /// Its line break is lost.
    Glued,
    /// A stretch is overwritten, to the line break and beyond it where that is so.
    Zeros { from: u16, line_break: bool },
    /// It is gone without a trace.
    Gone,
}

fn harms() -> impl Strategy<Value = Vec<(u16, Harm)>> {
    let harm = prop_oneof![
        (any::<u16>(), any::<bool>()).prop_map(|(left, glued)| Harm::Begins { left, glued }),
        any::<u16>().prop_map(|left| Harm::Ends { left }),
        Just(Harm::Glued),
        (any::<u16>(), any::<bool>())
            .prop_map(|(from, line_break)| Harm::Zeros { from, line_break }),
        Just(Harm::Gone),
    ];
    vec((any::<u16>(), harm), 1..4)
}

/// Does harm to a line. Of some of them something stays to be seen: a file that ends sooner is a whole
/// ledger, and lines miss none before them where they do not say so, or where they are torn as well.
fn spoil(text: &mut Vec<u8>, harm: &Harm, leaves_traces: bool) {
    let length = text.len().max(2);
    let within = |at: u16| 1 + usize::from(at) % (length - 1);
    match harm {
        Harm::Begins { left, glued } => {
            text.truncate(within(*left));
            if !glued && text.last() != Some(&b'\n') {
                text.push(b'\n');
            }
        }
        Harm::Ends { left } => drop(text.drain(..within(*left).min(text.len() - 1))),
        Harm::Glued => text.truncate(text.trim_ascii_end().len()),
        Harm::Zeros { from, line_break } => {
            let end = text.len() - usize::from(!line_break);
            let from = within(*from).min(end.saturating_sub(1));
            text[from..end].fill(0);
        }
        Harm::Gone if leaves_traces => *text = b"?\n".to_vec(),
        Harm::Gone => text.clear(),
    }
}

/// Whether everything that was begun is told of, and nothing that is not the run's is open.
fn holds(bytes: &[u8], truths: &BTreeMap<u64, Truth>) -> Result<Ledger, TestCaseError> {
    let ledger = Ledger::parse(bytes).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let open: BTreeMap<String, bool> =
        ledger.open_accounts().into_iter().map(|open| (open.name.user, open.is_lent)).collect();
    let left = ledger.left();
    let nameless = left.iter().find_map(|(user, _)| user.strip_suffix(" without a name"));
    let nameless: usize =
        nameless.and_then(|text| text.split(' ').next()?.parse().ok()).unwrap_or_default();
    let left: BTreeSet<String> = left.into_iter().map(|(user, _)| user).collect();
    let mut untold = 0;
    for (n, truth) in truths {
        let user = format!("ts-{n}");
        match truth {
            Truth::NotOurs => prop_assert!(!open.contains_key(&user), "{user} is open"),
            Truth::There if !left.contains(&user) => untold += 1,
            Truth::There | Truth::Gone => {}
        }
    }
    prop_assert!(untold <= nameless, "{untold} accounts are forgotten, {nameless} are told of");
    Ok(ledger)
}

/// The same after somebody has worked it off and written on.
fn still_holds(bytes: &[u8], truths: &BTreeMap<u64, Truth>) -> Result<(), TestCaseError> {
    holds(bytes, truths)?;
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join(FILE);
    std::fs::write(&path, bytes).unwrap();
    let ledger = opened(&path).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let left = ledger.left();
    for open in ledger.open_accounts() {
        ledger.stays(open.n, "nothing answered".into());
    }
    prop_assert_eq!(ledger.left().len(), left.len());
    drop(ledger);
    holds(&std::fs::read(&path).unwrap(), truths)?;
    Ok(())
}

/// Harms some lines and puts others in their place.
fn harmed(
    lives: &[(u8, u8)],
    numbered: bool,
    harms: &[(u16, Harm)],
    swaps: &[(u16, u16)],
) -> (Vec<u8>, BTreeMap<u64, Truth>) {
    let (lines, mut truths) = run(lives);
    let mut texts = texts(&lines, numbered);
    let last = texts.len() - 1;
    // Where lines are put in other places besides, the last one is whole and tells of all the others.
    let spared = usize::from(!swaps.is_empty());
    for (at, harm) in harms.iter().filter(|_| last > spared) {
        let at = 1 + usize::from(*at) % (last - spared);
        if texts[at].len() > 2 {
            spoil(&mut texts[at], harm, at == last || !numbered || harms.len() > 1);
        }
    }
    // A line that is not whole at the end was not followed by anything that it announced.
    if let (Some(Line::Creating { n, .. } | Line::Lending { n, .. }), false) =
        (lines.last(), texts[last].ends_with(b"\n"))
    {
        truths.remove(n);
    }
    for (one, other) in swaps {
        let place = |at: u16| usize::from(at) % texts.len();
        let (one, other) = (place(*one), place(*other));
        texts.swap(one, other);
    }
    // Whatever is damaged begins on a line of its own: the ledger sees to that.
    for at in 1..texts.len() {
        let glued = texts[at - 1].last().is_some_and(|last| *last != b'\n');
        if glued && !texts[at].starts_with(b"{\"entry\":\"") {
            texts[at - 1].push(b'\n');
        }
    }
    (texts.concat(), truths)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_line_frees_nobody_and_hides_nobody(
        lives in vec((any::<u8>(), any::<u8>()), 1..9),
        numbered in any::<bool>(),
        harms in harms(),
    ) {
        let (bytes, truths) = harmed(&lives, numbered, &harms, &[]);
        still_holds(&bytes, &truths)?;
    }

    #[test]
    fn lines_out_of_their_order_free_nobody_and_hide_nobody(
        lives in vec((any::<u8>(), any::<u8>()), 1..9),
        numbered in any::<bool>(),
        swaps in vec((any::<u16>(), any::<u16>()), 1..9),
    ) {
        let (bytes, truths) = harmed(&lives, numbered, &[], &swaps);
        still_holds(&bytes, &truths)?;
    }

    #[test]
    fn both_at_once_free_nobody_and_hide_nobody(
        lives in vec((any::<u8>(), any::<u8>()), 1..9),
        harms in harms(),
        swaps in vec((any::<u16>(), any::<u16>()), 1..9),
    ) {
        let (bytes, truths) = harmed(&lives, true, &harms, &swaps);
        still_holds(&bytes, &truths)?;
    }

    /// One line costs no more than itself: whatever it was, all that is not in doubt is still removed.
    #[test]
    fn a_line_costs_itself_and_nothing_else(
        lives in vec((any::<u8>(), any::<u8>()), 1..9),
        at in any::<u16>(),
        harm in harms(),
    ) {
        let (lines, _) = run(&lives);
        let mut texts = texts(&lines, true);
        let whole = Ledger::parse(&texts.concat()).unwrap();
        let last = texts.len() - 1;
        prop_assume!(last > 1);
        let at = 1 + usize::from(at) % (last - 1);
        spoil(&mut texts[at], &harm[0].1, false);
        let torn = Ledger::parse(&texts.concat()).unwrap();
        let users = |ledger: &Ledger| -> BTreeSet<String> {
            ledger.open_accounts().into_iter().map(|open| open.name.user).collect()
        };
        let missing: Vec<_> = users(&whole).difference(&users(&torn)).cloned().collect();
        let begins = lines[at].begins() && missing.len() <= 1;
        prop_assert!(missing.is_empty() || begins || lines[at].bars(), "{missing:?} by {:?}", lines[at]);
    }
}

fn texts_of(lines: &[Line]) -> Vec<Vec<u8>> {
    texts(lines, true)
}

fn one_let_go() -> Vec<Line> {
    let begins = |n| [Line::Creating { n, account: name(&format!("ts-{n}")) }, Line::Created { n }];
    let mut lines = vec![Line::Begun(header())];
    lines.extend((0..2).flat_map(begins));
    lines.push(Line::LetGo { n: 0, why: "it is alice".into() });
    lines.extend(begins(2));
    lines
}

#[test]
fn what_a_lost_line_may_have_let_go_is_left_with_the_reason() {
    let lines = one_let_go();
    let mut texts = texts_of(&lines);
    // All of its account that is left says whose it is.
    let cut = texts[5].iter().position(|byte| *byte == b'w').unwrap();
    texts[5].truncate(cut);
    texts[5].push(b'\n');
    let ledger = Ledger::parse(&texts.concat()).unwrap();
    let open = |user: &str| (user.to_owned(), true, false);
    assert_eq!(open_users(&ledger), [open("ts-1"), open("ts-2")]);

    texts[5] = b"\0\0\0\0\n".to_vec();
    let ledger = Ledger::parse(&texts.concat()).unwrap();
    assert_eq!(open_users(&ledger), [open("ts-2")]);
    let left = ledger.left();
    let doubtful = |user: &str| {
        left.iter().any(|(left, why)| {
            left == user && why.as_ref().is_some_and(|why| why.contains("a damaged line"))
        })
    };
    assert!(doubtful("ts-0") && doubtful("ts-1"), "{left:?}");
}

#[test]
fn a_name_that_is_lost_is_told_of() {
    let lines = one_let_go();
    let mut texts = texts_of(&lines);
    texts[6] = b"{\"entry\":\"creating\",\"be\n".to_vec();
    let ledger = Ledger::parse(&texts.concat()).unwrap();
    assert_eq!(open_users(&ledger), [("ts-1".to_owned(), true, false)]);
    let left = ledger.left();
    let (user, why) = left.last().unwrap();
    assert_eq!(user, "1 account without a name");
    assert!(why.as_ref().unwrap().contains("7f3a91c2d0"), "{why:?}");
}

#[test]
fn two_ledgers_in_one_file_are_refused() {
    let texts = texts_of(&one_let_go());
    for numbered in [true, false] {
        let lines = one_let_go();
        let one = self::texts(&lines, numbered).concat();
        let twice = [one.clone(), one].concat();
        let refused = Ledger::parse(&twice).unwrap_err();
        assert!(refused.to_string().starts_with("line 9 begins a second run"), "{refused}");
    }
    let again = [texts.concat(), texts[1].clone()].concat();
    let refused = Ledger::parse(&again).unwrap_err();
    assert!(refused.to_string().contains("a second account of the same number"), "{refused}");
    let again = [texts.concat(), texts[2].clone()].concat();
    let refused = Ledger::parse(&again).unwrap_err();
    assert!(refused.to_string().contains("stands in the place of another"), "{refused}");
}

#[tokio::test]
async fn a_number_is_used_once_also_where_its_line_may_not_be_on_the_disk() {
    // A pipe takes the line, and cannot be asked whether it is on a disk.
    let (_reader, writer) = std::io::pipe().unwrap();
    let file = File::from(std::os::fd::OwnedFd::from(writer));
    let lines = Lines::new(file, &redactor());
    let ledger = Ledger::of(Book { file: Some(lines), ..Book::default() });
    for _ in 0..2 {
        let refused = ledger.creating(name("ts-1"), Secret::new("x")).await.err();
        assert!(matches!(refused, Some(Error::Harness(_))));
    }
    assert_eq!(ledger.lock().next, 2);
    assert!(ledger.open_accounts().is_empty());
}

/// Who was let go stays so where the disk was full for a while.
#[tokio::test]
async fn what_lets_go_is_written_as_soon_as_there_is_room() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join(FILE);
    let ledger = begun(&path);
    creates(&ledger, "ts-1").await.created();
    let full = OpenOptions::new().append(true).open("/dev/full").unwrap();
    let lines = Lines::new(full, &redactor());
    let kept = ledger.lock().file.replace(lines);
    ledger.lets_go("scene", "ts-1", "it is alice");
    assert!(matches!(ledger.trouble(), Some(LineError::File(_))));
    ledger.lock().file = kept;
    creates(&ledger, "ts-2").await.created();
    drop(ledger);
    assert_eq!(open_users(&opened(&path).unwrap()), [("ts-2".to_owned(), true, false)]);
}

#[tokio::test]
async fn what_lets_go_is_written_also_where_its_reason_holds_a_secret() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join(FILE);
    let ledger = begun(&path);
    creates(&ledger, "ts-1").await.created();
    ledger.lets_go("scene", "ts-1", "it is SuperSecretGateToken-42");
    assert!(matches!(ledger.trouble(), Some(LineError::Withheld(_))));
    drop(ledger);
    assert!(!std::fs::read_to_string(&path).unwrap().contains("SuperSecret"));
    assert_eq!(open_users(&opened(&path).unwrap()), []);
}

#[test]
fn of_a_line_nothing_may_be_left_but_its_line_break() {
    let (lines, truths) = run(&[(0, 0)]);
    let mut texts = texts(&lines, true);
    texts[1] = b"\n".to_vec();
    holds(&texts.concat(), &truths).unwrap();
}

/// Its lines are held in memory.
#[test]
fn a_file_of_more_lines_than_any_run_writes_is_no_ledger() {
    let header = r#"{"entry":"begun","portal":"p","base":"http://p","started":"2026-01-01T00:00:00Z","run_tag":"a123456789"}"#;
    let text = |lines: usize| format!("{header}\n{}", "x\n".repeat(lines));
    assert!(matches!(Ledger::parse(text(100_000).as_bytes()), Err(Unusable::Odd)));
    assert!(Ledger::parse(text(1000).as_bytes()).is_ok());
}

/// A line that is lost may say that the portal takes one name for another.
#[test]
fn that_names_are_kept_apart_is_known_only_where_no_line_may_deny_it() {
    let whole = concat!(
        r#"{"entry":"begun","portal":"p","base":"http://p","started":"2026-01-01T00:00:00Z","run_tag":"a123456789"}"#,
        "\n{\"entry\":\"kept-apart\"}\n",
    );
    let let_go = "{\"entry\":\"let-go\",\"n\":0,\"why\":\"it is another's\"}\n";
    let again = "{\"entry\":\"kept-apart\"}\n";
    for (more, known) in
        [("", true), ("{\"entry\":\"cre", true), ("\0\0\0\n", false), (let_go, false)]
    {
        let read = |text: String| Ledger::parse(text.as_bytes()).expect("a ledger").keeps_apart();
        assert_eq!(read(format!("{whole}{more}")), known, "{more:?}");
        if more.ends_with('\n') {
            assert!(read(format!("{whole}{more}{again}")), "{more:?}");
        }
    }
}
