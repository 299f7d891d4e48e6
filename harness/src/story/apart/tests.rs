//! Portals that keep names apart, portals that do not, and portals of which it cannot be told.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use ledger::Ledger;
use loopback::{Asked, Back, HEAD, answer, json as answers, serve};
use serde_json::{Value, json};
use softkey::Seed;

use super::*;
use crate::{accounts::Accounts, fixture::visit, guard::Guarded};

const FLOWS: &str = r#"
[flow.create_user]
post = "/users"
json = { user = "{user}", password = "{password}" }
outcome = [{ status = 201, is = "ok" }, { status = 409, is = "refused" }]
[flow.sign_in]
post = "/login"
json = { user = "{user}", password = "{password}" }
outcome = [{ status = 200, is = "ok" }, { status = 202, is = "factor_needed" }, { status = 401, is = "refused" }]
[flow.whoami]
get = "/me"
capture = { user = { json = "/user" } }
outcome = [{ status = 200, is = "ok" }]
"#;

const TAG: &str = "b3a91c2d0e";

/// What a portal leaves of a name, and what it answers to a right password and to a wrong one.
#[derive(Clone, Copy)]
struct Manner {
    name: &'static str,
    leaves: fn(&str) -> String,
    right: u16,
    wrong: u16,
    /// How every name begins that it takes.
    begins: &'static str,
    limit: u32,
    /// So many passwords are looked at, and no more.
    looks: usize,
}

const SOUND: Manner = Manner {
    name: "sound",
    leaves: str::to_owned,
    right: 200,
    wrong: 401,
    begins: "",
    limit: 5,
    looks: usize::MAX,
};

/// Takes everybody who is made, whoever had that name, and calls them as they were typed.
#[derive(Default)]
struct State {
    accounts: BTreeMap<String, String>,
    typed: Vec<String>,
    asked: Vec<String>,
}

impl State {
    fn answers(&mut self, manner: Manner, asked: &Asked) -> Back {
        let said: Value = serde_json::from_str(&asked.body).unwrap_or_default();
        let typed = said["user"].as_str().unwrap_or_default();
        let name = (manner.leaves)(typed);
        let password = said["password"].as_str().unwrap_or_default();
        match &*asked.line {
            "POST /users" if !typed.starts_with(manner.begins) => answer(409, &[], ""),
            "POST /users" => {
                self.asked.push(typed.to_owned());
                self.accounts.insert(name, password.to_owned());
                answer(201, &[], "")
            }
            "POST /login" => {
                let is_right = self.accounts.get(&name).is_some_and(|known| known == password);
                let is_right = is_right && self.typed.len() < manner.looks;
                let status = if is_right { manner.right } else { manner.wrong };
                self.typed.push(typed.to_owned());
                let session = format!("set-cookie: s={}", self.typed.len() - 1);
                let headers = if status == 200 { vec![&*session] } else { Vec::new() };
                answer(status, &headers, "")
            }
            _ => {
                let number = asked.header("cookie").strip_prefix("s=").and_then(|n| n.parse().ok());
                let user = number.and_then(|number: usize| self.typed.get(number));
                answers(200, &json!({ "user": user }))
            }
        }
    }
}

/// What was found out about a portal where somebody named alice is already, and what it was asked for.
struct Found {
    apart: Result<Apart, Break>,
    first: String,
    second: Result<String, Break>,
    ledger: Ledger,
    state: Arc<Mutex<State>>,
}

async fn found(manner: Manner) -> Found {
    let state = Arc::new(Mutex::new(State::default()));
    state.lock().unwrap().accounts.insert("alice".to_owned(), "her own".to_owned());
    let portal = Arc::clone(&state);
    let listener = serve(move |asked| portal.lock().unwrap().answers(manner, &asked)).await;
    let limit = format!("[policy]\nlockout = {{ wrong_tries = {} }}\n", manner.limit);
    let text = format!("{HEAD}name = \"alice-{{run}}-{{n}}\"\n{limit}{FLOWS}");
    let (target, visitor) = visit(&text, &listener, None).await;
    let ledger = Ledger::in_memory();
    let accounts = Accounts::new(target.description(), TAG, ledger.clone());
    let guarded = Guarded::target(target, accounts.standings());
    let scene = Arc::clone(&visitor.scene);
    let mut stage = Stage::new(guarded, scene, Arc::new(accounts), Seed::new([3; 32]));
    let first = stage.first_person("alice").await.unwrap();
    let apart = stage.asks_about_names(&first).await;
    let second = stage.person("bob").await.map(|bob| bob.account().user.clone());
    Found { apart, first: first.account().user.clone(), second, ledger, state }
}

/// Not a name of the run is sent before it is known, and alice has her password.
fn nothing_came_of_it(found: &Found, manner: Manner) {
    let state = found.state.lock().unwrap();
    let hers = state.accounts.get("alice").map(String::as_str);
    assert_eq!(hers, Some("her own"), "{}: {:?}", manner.name, state.asked);
}

#[tokio::test]
async fn names_that_are_kept_apart_are_as_the_profile_writes_them() {
    let lower: fn(&str) -> String = str::to_ascii_lowercase;
    for manner in [
        SOUND,
        Manner { name: "folds case", leaves: lower, ..SOUND },
        Manner { name: "asks for a factor", right: 202, ..SOUND },
        Manner { name: "locks at once", limit: 1, ..SOUND },
    ] {
        let found = found(manner).await;
        assert!(matches!(found.apart, Ok(Apart::Shown)), "{}: {:?}", manner.name, found.apart);
        assert_eq!(found.first, "b3a91c2d0e-alice-00101");
        assert_eq!(found.second.as_deref().unwrap(), "alice-b3a91c2d0e-102");
        assert!(found.ledger.keeps_apart() && found.ledger.let_go().is_empty());
        nothing_came_of_it(&found, manner);
    }
}

#[tokio::test]
async fn where_names_are_not_kept_apart_every_account_is_let_go() {
    let cut = |name: &str| name.chars().take(5).collect();
    let dropped = |name: &str| name.split(['-', '+']).next().unwrap_or_default().to_owned();
    let numberless = |name: &str| name.trim_end_matches(char::is_numeric).to_owned();
    let tagless = |name: &str| {
        let other = |c: char| !c.is_ascii_hexdigit();
        let parts = name.split('-').filter(|part| part.len() != TAG.len() || part.contains(other));
        parts.collect::<Vec<_>>().join("-")
    };
    for manner in [
        Manner { name: "cuts", leaves: cut, ..SOUND },
        Manner { name: "drops", leaves: dropped, ..SOUND },
        Manner { name: "drops numbers", leaves: numberless, ..SOUND },
        Manner { name: "drops tags", leaves: tagless, ..SOUND },
        Manner { name: "asks for a factor", leaves: cut, right: 202, ..SOUND },
        Manner { name: "locks at once", leaves: cut, limit: 1, ..SOUND },
    ] {
        let found = found(manner).await;
        let Err(Break::Ours(Error::Portal(why))) = &found.apart else {
            panic!("{}: {:?}", manner.name, found.apart)
        };
        assert!(why.contains("does not keep names apart") && why.contains(&found.first), "{why}");
        let refused = found.second.as_ref().err();
        assert!(matches!(refused, Some(Break::Ours(Error::Safety(_)))), "{refused:?}");
        let let_go = found.ledger.let_go();
        assert_eq!(let_go, [(found.first.clone(), Some(LET_GO.to_owned()))], "{}", manner.name);
        assert!(!found.ledger.keeps_apart() && found.ledger.open_accounts().is_empty());
        nothing_came_of_it(&found, manner);
    }
}

#[tokio::test]
async fn where_it_cannot_be_shown_names_go_on_with_the_tag_first() {
    let cut = |name: &str| name.chars().take(5).collect();
    for (manner, why) in [
        (Manner { name: "lets everybody in", wrong: 200, ..SOUND }, ALIKE),
        (Manner { name: "asks everybody", right: 202, wrong: 202, ..SOUND }, ALIKE),
        (Manner { name: "asks, and locks", leaves: cut, right: 202, limit: 1, ..SOUND }, NOT_TRIED),
        (Manner { name: "falls over", wrong: 500, ..SOUND }, "was answered: 500"),
        (Manner { name: "tires", looks: 2, ..SOUND }, NO_CONTROL),
    ] {
        let found = found(manner).await;
        let Ok(Apart::NotShown(told)) = &found.apart else { panic!("{:?}", found.apart) };
        assert!(told.contains(why), "{}: {told}", manner.name);
        assert_eq!(found.second.as_deref().unwrap(), "b3a91c2d0e-alice-00102", "{}", manner.name);
        assert!(!found.ledger.keeps_apart());
        nothing_came_of_it(&found, manner);
    }
}

/// Then alice's name is sent before anything can be known: she is let go, and it is told.
#[tokio::test]
async fn where_the_tag_may_not_stand_first_names_are_as_the_profile_writes_them() {
    let cut = |name: &str| name.chars().take(5).collect();
    let ruled = Manner { name: "has a rule", begins: "alice", ..SOUND };
    let sound = found(ruled).await;
    assert!(matches!(sound.apart, Ok(Apart::Shown)), "{:?}", sound.apart);
    assert_eq!(sound.first, "alice-b3a91c2d0e-102");
    nothing_came_of_it(&sound, ruled);
    // Nothing goes on where that can be told of no name.
    let untold = found(Manner { wrong: 500, ..ruled }).await;
    let Err(Break::Ours(Error::Portal(why))) = &untold.apart else { panic!("{:?}", untold.apart) };
    assert!(why.contains("could not be told") && !untold.ledger.keeps_apart(), "{why}");
    let cuts = found(Manner { leaves: cut, ..ruled }).await;
    assert!(matches!(cuts.apart, Err(Break::Ours(Error::Portal(_)))), "{:?}", cuts.apart);
    assert_eq!(cuts.state.lock().unwrap().asked, ["alice-b3a91c2d0e-102"]);
    assert!(cuts.ledger.open_accounts().is_empty());
    let [(_, Some(why))] = &cuts.ledger.let_go()[..] else { panic!("nothing is told") };
    assert!(why.contains("whether a password was changed"), "{why}");
}
