//! Accounts lent and given back, on the reference portal.

use std::sync::Arc;

use driver::{
    Recorder,
    deployment::{Scene, Target},
};
use ledger::Ledger;
use portal::Served;
use profile::{Lent, effect, secret::Secret};
use reports::{record::Reply, redact::Redactor};
use softkey::{Model, Seed, Tampering};

use crate::{
    account::Account,
    accounts::{Accounts, Made},
    guard::Guarded,
    policy::Policy,
    reference,
    story::{Break, Manner, Person, Stage},
};

/// A stage whose one person has an account that somebody else made.
struct Lending {
    stage: Stage,
    accounts: Arc<Accounts>,
    ledger: Ledger,
    /// Without the guard.
    target: Target,
    _served: Served,
}

const USER: &str = "qa-1";

async fn lending() -> Lending {
    let (seed, redactor) = (Seed::new([3; 32]), Redactor::new([7; 32]));
    let reference = reference::start(&seed, None, &redactor).await.unwrap();
    let target = reference.target.clone();
    let recorder = Recorder::new(redactor);
    let effects = effect::but_for_limits();
    let scene = Arc::new(Scene::new("pool".to_owned(), 1, effects, recorder));
    let lent = Lent {
        user: USER.to_owned(),
        mail: "qa-1@portal.test".to_owned(),
        password: Secret::new("Correct-horse-battery-9"),
    };
    let account = Account {
        alias: USER.to_owned(),
        user: lent.user.clone(),
        password: lent.password.clone(),
        mail: lent.mail.clone(),
        passwordless: false,
    };
    // Whoever lends the account has made it; the run's own accounts are others.
    let lenders = Accounts::new(target.description(), "", Ledger::in_memory());
    let made = lenders.create(&target, &scene, &account, Policy::plain()).await.unwrap();
    assert!(matches!(made, Made::Yes));

    let ledger = Ledger::in_memory();
    let accounts = Arc::new(Accounts::new(target.description(), "", ledger.clone()));
    let guarded = Guarded::target(target.clone(), accounts.standings());
    let stage = Stage::new(guarded, scene, Arc::clone(&accounts), seed);
    stage.is_lent(vec![lent]);
    Lending { stage, accounts, ledger, target, _served: reference.served }
}

async fn alice(lending: &mut Lending) -> Person {
    lending.stage.person("alice").await.map_err(|broken| format!("{broken:?}")).unwrap()
}

/// What could not be put back, and why.
async fn given_back(lending: &Lending) -> (Vec<String>, Vec<Option<String>>) {
    let unsound = lending.stage.gives_back().await;
    (unsound, lending.ledger.left().into_iter().map(|(_, why)| why).collect())
}

#[tokio::test]
async fn keys_and_password_are_put_back() {
    let mut lending = lending().await;
    let mut alice = alice(&mut lending).await;
    let key = alice.registers_key("desk").await.unwrap();
    let new = alice.new_password("new");
    alice.changes_password_with(&new, &key).await.unwrap().must_be_accepted().unwrap();
    alice.renames(&key, "office").await.unwrap().must_be_accepted().unwrap();
    assert_ne!(
        lending.accounts.standings().password_of("pool", USER),
        Some(alice.account().password.clone())
    );
    assert_eq!(given_back(&lending).await, (vec![], vec![]));
    // The password of before signs in alone.
    alice.elsewhere().signs_in().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_put_back_is_told() {
    let mut lending = lending().await;
    alice(&mut lending).await.enrols_totp().await.unwrap();
    let (unsound, left) = given_back(&lending).await;
    assert_eq!(unsound, [USER]);
    assert!(left[0].as_ref().unwrap().contains("not as it was before"), "{left:?}");
}

#[tokio::test]
async fn nobody_has_more_people_than_accounts_or_another_policy() {
    let mut lending = lending().await;
    let policy = Policy { disabled: Some(true), ..Policy::plain() };
    let refused = lending.stage.person_with("alice", policy).await.err().unwrap();
    assert!(matches!(refused, Break::Ours(profile::error::Error::NotAllowed(_))), "{refused:?}");
    let refused = lending.stage.person("bob").await.err().unwrap();
    assert!(matches!(refused, Break::Ours(profile::error::Error::NotAllowed(_))), "{refused:?}");
}

#[tokio::test]
async fn another_account_than_ours_is_not_changed() {
    let mut lending = lending().await;
    let alice = alice(&mut lending).await;
    let somebody = alice.named("somebody");
    let refused =
        lending.stage.admin().sets_policy(&somebody, Policy::plain()).await.err().unwrap();
    let Break::Ours(profile::error::Error::Safety(why)) = refused else { panic!("{refused:?}") };
    assert_eq!(why, "set_policy names an account that this run did not make: somebody");
    lending.stage.admin().sets_policy(&alice, Policy::plain()).await.unwrap();
}

#[tokio::test]
async fn no_account_is_tried_until_it_is_locked() {
    let mut lending = lending().await;
    let alice = alice(&mut lending).await;
    // The reference locks after five wrong tries.
    alice.elsewhere().guesses_passwords(4).await.unwrap();
    let refused = alice.elsewhere().guesses_passwords(1).await.err().unwrap();
    let Break::Ours(profile::error::Error::NotAllowed(why)) = refused else {
        panic!("{refused:?}")
    };
    let said = "5 wrong tries in a row on one account, and lockout.wrong_tries of the profile is 5";
    assert_eq!(why, said);
    // The right password is not withheld, and ends the count.
    alice.elsewhere().signs_in().await.unwrap();
    alice.elsewhere().guesses_passwords(4).await.unwrap();
}

/// The owner of a lent account may use it while it is lent: what the run did not register stays.
#[tokio::test]
async fn keys_that_the_run_did_not_register_stay() {
    let mut lending = lending().await;
    let mut alice = alice(&mut lending).await;
    alice.registers_key("desk").await.unwrap();
    // The owner, in a browser that the run knows nothing of.
    let mut owner = Person::new(owners(&lending), alice.account().clone());
    let desk = alice.shared.keys_of("alice").remove(0);
    owner.moves_in_with(&desk).await.unwrap();
    owner.registers_key("the owner's").await.unwrap();
    // A registration that is refused makes no key: it must not stand for the owner's.
    let spare = alice.new_key("spare", Model::roaming());
    let registering = alice.begins_registration("spare").await.unwrap();
    let foreign = Tampering::ClientData(|data| data.origin = "https://evil.example".into());
    let manner = Manner { change: Some((&foreign, "another site")), ..Manner::default() };
    let (refused, _) = alice.registers(&registering, &spare, manner).await.unwrap();
    assert_eq!(refused.answer.reply, Reply::Refused);
    let (unsound, left) = given_back(&lending).await;
    assert_eq!(unsound, [USER]);
    assert!(left[0].as_ref().unwrap().contains("not as it was before"), "{left:?}");
    let labels = owner.keys().await.unwrap().into_iter().map(|(_, label)| label);
    assert_eq!(labels.collect::<Vec<_>>(), ["the owner's"]);
}

/// What the run has called otherwise or deleted bears its label no more; what it was refused does.
#[tokio::test]
async fn a_label_that_the_run_has_freed_is_the_owners_to_give() {
    let mut lending = lending().await;
    let mut alice = alice(&mut lending).await;
    let desk = alice.registers_key("desk").await.unwrap();
    let spare = alice.registers_key("spare").await.unwrap();
    alice.renames(&desk, "office").await.unwrap().must_be_accepted().unwrap();
    alice.deletes(&spare).await.unwrap().must_be_accepted().unwrap();
    alice.registers_key("kept").await.unwrap();
    let too_long = "x".repeat(3000);
    let kept = alice.keys().await.unwrap().into_iter().find(|(_, label)| label == "kept");
    let refused = alice.renames_by_id(&kept.unwrap().0, &too_long).await.unwrap();
    assert_eq!(refused.answer.reply, Reply::Refused);
    let mut owner = Person::new(owners(&lending), alice.account().clone());
    owner.moves_in_with(&desk).await.unwrap();
    for label in ["desk", "spare"] {
        owner.registers_key(label).await.unwrap();
    }
    given_back(&lending).await;
    let labels = owner.keys().await.unwrap().into_iter().map(|(_, label)| label);
    assert_eq!(labels.collect::<Vec<_>>(), ["desk", "spare"]);
}

/// The same portal without the run's guard.
fn owners(lending: &Lending) -> Arc<crate::story::Shared> {
    let shared = &lending.stage.shared;
    let seed = shared.seed.derive("owner");
    let accounts = Accounts::new(lending.target.description(), "", Ledger::in_memory());
    let (target, scene) = (lending.target.clone(), Arc::clone(&shared.scene));
    Stage::new(target, scene, Arc::new(accounts), seed).shared
}

#[tokio::test]
async fn a_key_that_was_there_before_is_not_changed() {
    let mut lending = lending().await;
    let alice = alice(&mut lending).await;
    lending.accounts.standings().had_keys("pool", USER, &["k1".to_owned()]);
    for changed in [
        alice.clone().deletes_by_id("k1").await.err(),
        alice.clone().renames_by_id("k1", "mine").await.err(),
    ] {
        let Some(Break::Ours(profile::error::Error::Safety(why))) = changed else {
            panic!("{changed:?}")
        };
        assert!(why.contains("before it was lent"), "{why}");
    }
    assert!(!matches!(
        alice.clone().deletes_by_id("k2").await.err(),
        Some(Break::Ours(profile::error::Error::Safety(_)))
    ));
}
