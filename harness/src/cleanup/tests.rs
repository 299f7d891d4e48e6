//! Clean-ups against a portal that is a list of accounts.

use std::sync::Mutex;

use driver::deployment::{Access, Target};
use ledger::{Header, Name};
use loopback::{Asked, Back, HEAD, TAIL, answer, serve};
use profile::secret::Secret;

use super::*;
use crate::fixture::profile;

const DELETES: &str = r#"
[flow.delete_user]
delete = "/users/{user}"
outcome = [
    { status = 204, is = "ok" },
    { status = 404, is = "refused" },
]
"#;

/// The accounts of a portal, and what it was asked.
#[derive(Clone, Default)]
struct Portal(Arc<Mutex<(Vec<String>, Vec<String>)>>);

impl Portal {
    fn with(users: &[&str]) -> Self {
        let portal = Self::default();
        portal.0.lock().unwrap().0 = users.iter().map(|&user| user.to_owned()).collect();
        portal
    }

    fn answers(&self, asked: &Asked) -> Back {
        let mut inner = self.0.lock().unwrap();
        inner.1.push(asked.line.clone());
        let user = asked.line.trim_start_matches("DELETE /users/").to_owned();
        if user.ends_with("999") {
            return answer(500, &[], "");
        }
        let before = inner.0.len();
        inner.0.retain(|known| *known != user);
        answer(if inner.0.len() < before { 204 } else { 404 }, &[], "")
    }

    fn users(&self) -> Vec<String> {
        self.0.lock().unwrap().0.clone()
    }

    fn asked(&self) -> usize {
        self.0.lock().unwrap().1.len()
    }

    /// A deployment of it, by a profile with these sections more.
    async fn target(&self, actors: &str, flows: &str) -> Target {
        let portal = self.clone();
        let address = serve(move |asked| portal.answers(&asked)).await;
        let text = format!("{HEAD}{actors}{TAIL}{flows}");
        Target::over_http(Access::open(profile(&text, &address), None).await.unwrap())
    }
}

struct Room {
    ledger: Ledger,
    _folder: tempfile::TempDir,
}

impl Room {
    fn new() -> Self {
        Self::of("7f3a91c2d0")
    }

    /// That of a run with this tag, to which it was shown that names are kept apart.
    fn of(tag: &str) -> Self {
        let room = Self::unshown(tag);
        room.ledger.are_kept_apart();
        room
    }

    fn unshown(tag: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let header = Header { run_tag: tag.into(), ..Header::default() };
        let file = std::fs::File::create_new(folder.path().join(ledger::FILE)).unwrap();
        let ledger = Ledger::create(file, &header, &Redactor::new([7; 32])).unwrap();
        Self { ledger, _folder: folder }
    }

    async fn creating(&self, user: &str) -> ledger::Creating {
        let mail = format!("{user}@touchstone.test");
        self.creates(Name { user: user.into(), mail, scene: "scene".into() }).await
    }

    async fn creates(&self, name: Name) -> ledger::Creating {
        self.ledger.creating(name, Secret::new("x")).await.unwrap()
    }

    async fn swept(&self, target: &Target) -> Swept {
        clean_up(target, &self.ledger, &Redactor::new([7; 32]), 4).await
    }
}

fn stays(user: &str, why: &str) -> Leftover {
    Leftover { user: user.into(), why: why.into() }
}

#[tokio::test]
async fn what_was_made_is_removed_and_what_stays_is_listed() {
    let portal =
        Portal::with(&["ts-7f3a91c2d0-101", "ts-7f3a91c2d0-102", "ts-7f3a91c2d0-999", "alice"]);
    let target = portal.target("", DELETES).await;
    let room = Room::new();
    room.creating("ts-7f3a91c2d0-101").await.created();
    // Made, and the answer never came.
    drop(room.creating("ts-7f3a91c2d0-102").await);
    // Never made.
    drop(room.creating("ts-7f3a91c2d0-103").await);
    room.creating("ts-7f3a91c2d0-999").await.created();
    // Somebody else's, whose name was asked for.
    room.creating("alice").await.refused();
    let swept = room.swept(&target).await;
    let why = "delete_user was answered: 500 error";
    let left = vec![stays("ts-7f3a91c2d0-999", why)];
    let cleanup = Cleanup { created: 3, removed: 2, left, ..Cleanup::default() };
    assert_eq!(swept, Swept { cleanup, reachable: true });
    assert_eq!(portal.users(), ["ts-7f3a91c2d0-999", "alice"]);

    // Once more: only what stayed is asked for.
    let before = portal.asked();
    room.swept(&target).await;
    assert_eq!(portal.asked(), before + 1);
}

/// Whatever a ledger says of it: the portal may say yes to making a name that exists, and a ledger may
/// be written by anybody.
#[tokio::test]
async fn a_name_that_the_profile_does_not_give_the_run_is_never_sent() {
    let own = "ts-7f3a91c2d0-101";
    let mail = "ts-7f3a91c2d0-101@touchstone.test";
    for (tag, user, mail, scene) in [
        ("7f3a91c2d0", "alice", mail, "scene"),
        ("7f3a91c2d0", "alice7f3a91c2d0", mail, "scene"),
        ("7f3a91c2d0", "ts-7f3a91c2d0-101 ", mail, "scene"),
        ("7f3a91c2d0", "ts-7f3a91c2d0-101\n", mail, "scene"),
        ("7f3a91c2d0", "TS-7F3A91C2D0-101", mail, "scene"),
        ("7f3a91c2d0", "alice?ts-7f3a91c2d0-101", mail, "scene"),
        ("7f3a91c2d0", "../alice#ts-7f3a91c2d0-101", mail, "scene"),
        ("7f3a91c2d0", own, "", "scene"),
        ("7f3a91c2d0", own, "alice@corp.com", "scene"),
        ("7f3a91c2d0", own, "ts-7f3a91c2d0-102@touchstone.test", "scene"),
        ("7f3a91c2d0", own, mail, ""),
        ("7f3a91c2d0", own, mail, "evil.example/#"),
        ("7f3a91c2d0", own, mail, "A"),
        ("", "ts--101", "ts--101@touchstone.test", "scene"),
        ("7f3a91", "ts-7f3a91-101", "ts-7f3a91-101@touchstone.test", "scene"),
        ("alice", "alice", "alice", "scene"),
        (".*", own, mail, "scene"),
        ("0000000000", own, mail, "scene"),
    ] {
        let portal = Portal::with(&["alice", user]);
        let target = portal.target("", DELETES).await;
        for was_created in [true, false] {
            let room = Room::of(tag);
            let name = Name { user: user.into(), mail: mail.into(), scene: scene.into() };
            let entry = room.creates(name).await;
            if was_created {
                entry.created();
            }
            drop(entry);
            let swept = room.swept(&target).await;
            assert_eq!(portal.asked(), 0, "{tag:?} {user:?} {mail:?} {scene:?}");
            assert_eq!(swept.cleanup.left, [stays(user, NOT_OWN)], "{tag:?} {user:?}");
        }
    }
}

/// A portal that drops parts of names leaves the tag of one that begins with it, and of another it may
/// leave somebody's name.
#[tokio::test]
async fn until_it_is_known_that_names_are_kept_apart_only_those_with_the_tag_first_are_sent() {
    let names = ["7f3a91c2d0-ts-00101", "ts-7f3a91c2d0-101"];
    for (shown, left, asked) in [(false, &names[1..], 1), (true, &[][..], 2)] {
        let portal = Portal::with(&names);
        let target = portal.target("", DELETES).await;
        let room = if shown { Room::new() } else { Room::unshown("7f3a91c2d0") };
        for name in names {
            room.creating(name).await.created();
        }
        // Its mail is that of an account of the other form.
        let [user, other] = names.map(str::to_owned);
        let mail = format!("{other}@touchstone.test");
        room.creates(Name { user: user.clone(), mail, scene: "scene".into() }).await.created();
        let swept = room.swept(&target).await;
        let why = |user: &str| stays(user, if user == names[1] { NOT_KEPT_APART } else { NOT_OWN });
        let stay: Vec<_> = left.iter().copied().chain([names[0]]).map(why).collect();
        assert_eq!((swept.cleanup.left, portal.asked()), (stay, asked), "{shown}");
        assert_eq!(portal.users(), left);
    }
}

#[tokio::test]
async fn a_removal_that_a_killed_run_did_not_live_to_note_is_no_leftover() {
    let portal = Portal::with(&[]);
    let target = portal.target("", DELETES).await;
    let room = Room::new();
    room.creating("ts-7f3a91c2d0-101").await.created();
    room.ledger.removing(0);
    let swept = room.swept(&target).await;
    let cleanup = Cleanup { created: 1, removed: 1, ..Cleanup::default() };
    assert_eq!(swept, Swept { cleanup, reachable: true });
}

#[tokio::test]
async fn an_account_that_is_refused_to_be_removed_stays() {
    let portal = Portal::with(&[]);
    let target = portal.target("", DELETES).await;
    let room = Room::new();
    room.creating("ts-7f3a91c2d0-101").await.created();
    let swept = room.swept(&target).await;
    let left = vec![stays("ts-7f3a91c2d0-101", "delete_user was answered: 404 refused")];
    assert_eq!(swept.cleanup, Cleanup { created: 1, left, ..Cleanup::default() });
}

#[tokio::test]
async fn without_the_verb_everything_stays_and_the_reason_is_said_once() {
    let portal = Portal::with(&["ts-7f3a91c2d0-101", "ts-7f3a91c2d0-102"]);
    let target = portal.target("", "").await;
    let room = Room::new();
    room.creating("ts-7f3a91c2d0-101").await.created();
    room.creating("ts-7f3a91c2d0-102").await.created();
    let swept = room.swept(&target).await;
    assert_eq!(swept.cleanup.note.as_deref(), Some(no_verb().as_str()));
    assert_eq!((swept.cleanup.left.len(), portal.asked()), (2, 0));
}

#[tokio::test]
async fn disposable_accounts_are_counted_and_nothing_is_sent() {
    let portal = Portal::with(&["ts-7f3a91c2d0-101"]);
    let target = portal.target("disposable = true\n", DELETES).await;
    let room = Room::new();
    room.creating("ts-7f3a91c2d0-101").await.created();
    let swept = room.swept(&target).await;
    let cleanup = Cleanup { created: 1, disposable: true, ..Cleanup::default() };
    assert_eq!((swept.cleanup, portal.asked()), (cleanup, 0));
}

#[tokio::test]
async fn a_portal_that_is_gone_is_not_asked_for_ever() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let text = format!("{HEAD}{TAIL}{DELETES}");
    let access = Access::open(profile(&text, &gone.to_string()), None).await.unwrap();
    let target = Target::over_http(access);
    let room = Room::new();
    for number in 0..40 {
        room.creating(&format!("ts-7f3a91c2d0-{number:03}")).await.created();
    }
    let swept = room.swept(&target).await;
    assert!(!swept.reachable);
    let given_up = swept.cleanup.left.iter().filter(|left| left.why == unreachable()).count();
    assert_eq!((swept.cleanup.left.len(), swept.cleanup.removed), (40, 0));
    assert!(given_up >= 30, "{given_up}");
}

#[tokio::test]
async fn a_clean_up_waits_for_the_answer_of_an_account_that_is_being_made() {
    let portal = Portal::with(&["ts-7f3a91c2d0-101"]);
    let target = Arc::new(portal.target("", DELETES).await);
    let room = Arc::new(Room::new());
    let entry = room.creating("ts-7f3a91c2d0-101").await;
    let mut sweeping = Box::pin(room.swept(&target));
    assert!(futures::poll!(&mut sweeping).is_pending());
    assert_eq!(portal.asked(), 0);
    entry.created();
    drop(entry);
    assert_eq!(sweeping.await.cleanup.removed, 1);
}

#[tokio::test]
async fn an_account_that_a_killed_run_had_from_a_pool_is_listed_and_not_touched() {
    let portal = Portal::with(&["qa-7f3a91c2d0"]);
    let target = portal.target("", DELETES).await;
    let room = Room::new();
    let user = "qa-7f3a91c2d0".to_owned();
    let name = Name { user, mail: String::new(), scene: "scene".into() };
    room.ledger.lending(name).await.unwrap();
    for _ in 0..2 {
        let swept = room.swept(&target).await;
        assert!(swept.cleanup.left[0].why.contains("put it back by hand"), "{swept:?}");
        assert_eq!((portal.asked(), swept.cleanup.created), (0, 0));
    }
}
