//! Portals that are well at first: what a run makes of one that is not any more.

use std::sync::atomic::{AtomicUsize, Ordering};

use driver::deployment::{Access, Target};
use loopback::{Asked, Back, HEAD, TAIL, answer, redirect, serve, tail_with_refusals};
use reports::{
    record::{Impact, Level},
    verify,
};

use super::*;
use crate::{
    fixture::profile,
    plan::Patience,
    requirement::{Family, Proof, Requirement, portal},
    story,
    story::Told,
};

async fn comes_in(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    stage.expects("alice came in", "she did".into(), Some(true))
}

const SUITE: Requirement = Requirement {
    id: "test/comes-in",
    family: Family::Login,
    level: Level::Must,
    impact: Impact::Bypass,
    source: portal("test"),
    says: "Alice comes in.",
    catalogue: &[],
    reasons: &[],
    proof: Proof::Stories(&[
        story!("one", "one", comes_in, [], []),
        story!("two", "two", comes_in, [], []),
        story!("three", "three", comes_in, [], []),
        story!("four", "four", comes_in, [], []),
        story!("five", "five", comes_in, [], []),
        story!("six", "six", comes_in, [], []),
        story!("seven", "seven", comes_in, [], []),
        story!("eight", "eight", comes_in, [], []),
    ]),
};

static REQUIREMENT: Requirement = SUITE;

/// A portal that does everything right, with the accounts that it has.
fn sound(accounts: &Mutex<BTreeSet<String>>, asked: &Asked) -> Back {
    let after = |text: &str, start: &str| {
        let rest = text.split_once(start).map_or("", |(_, rest)| rest);
        rest.split(['&', ';', '"']).next().unwrap_or_default().to_owned()
    };
    match asked.line.as_str() {
        "POST /users" => {
            accounts.lock().unwrap().insert(after(&asked.body, "\"name\":\""));
            answer(201, &[], "{}")
        }
        "POST /login" => {
            let user = after(&asked.body, "user=");
            let is_known = accounts.lock().unwrap().contains(&user);
            let cookie = format!("set-cookie: s={user}");
            if is_known { answer(200, &[&cookie], "{}") } else { answer(401, &[], "{}") }
        }
        _ if asked.header("cookie").is_empty() => answer(200, &[], "{}"),
        _ => {
            let user = after(asked.header("cookie"), "s=");
            answer(200, &[], &format!("{{\"user\": \"{user}\"}}"))
        }
    }
}

pub(super) struct Silence;

impl Listener for Silence {
    fn hear(&self, _: &Event) {}
}

/// One scenario at a time, and no waiting.
pub(super) fn settings() -> Settings {
    Settings {
        seed: Seed::new([1; 32]),
        account_seed: Seed::new([2; 32]),
        concurrency: 1,
        max_wait: Duration::ZERO,
        keep: Keep::All,
        strict: false,
        profile_file: None,
        options: String::new(),
        started: "2026-01-01T00:00:00Z".into(),
        suite: Suite {
            version: "0".into(),
            digest: "sha256:0".into(),
            detection: None,
            detection_date: None,
        },
        consent: None,
        ledger: Ledger::in_memory(),
        redactor: Redactor::new([7; 32]),
    }
}

/// Runs everything on a portal, one at a time, and shows that the record holds.
async fn run_on(portal: impl Fn(&Asked, usize) -> Option<Back> + Send + Sync + 'static) -> Run {
    run_with(&Effect::all(), portal).await
}

/// The same, where not everything is allowed.
async fn run_with(
    effects: &BTreeSet<Effect>,
    portal: impl Fn(&Asked, usize) -> Option<Back> + Send + Sync + 'static,
) -> Run {
    let (count, accounts) = (AtomicUsize::new(0), Mutex::default());
    let listener = serve(move |asked| {
        let changed = portal(&asked, count.fetch_add(1, Ordering::SeqCst));
        changed.unwrap_or_else(|| sound(&accounts, &asked))
    })
    .await;
    let profile = profile(&format!("{HEAD}{}", tail_with_refusals()), &listener);
    let mut access = Access::open(profile, None).await.unwrap();
    access.limit_effects(effects);
    let target = Target::over_http(access);
    let patience = Patience { max_wait: Duration::ZERO };
    let plan = Plan::make(&[&REQUIREMENT], &[], target.description(), patience);
    let canary = presumed_canary();
    let run = run(target, &plan.unwrap(), settings(), canary, Arc::new(Silence)).await;
    let json = reports::folder::to_json(&run);
    let verified = verify::verify_run(&json, None);
    assert!(verified.is_ok(), "{:?}", verified.map(|_| ()));
    run
}

/// Outcome, passes, and scenarios that were not begun.
fn brief(run: &Run) -> (Outcome, usize, usize) {
    let passed = run.scenarios.iter().filter(|one| one.verdict == Verdict::Pass).count();
    let not_begun =
        run.scenarios.iter().filter(|one| one.not_judged == Some(NotJudged::Unfinished)).count();
    (run.outcome, passed, not_begun)
}

/// Requests of the first control and of two scenarios: an account, the password, who is signed in; and the
/// password of the first under two names that nobody has, and under its own once more.
const THREE: usize = 15;

#[tokio::test]
async fn a_sound_portal_runs_through() {
    let run = run_on(|_, _| None).await;
    assert_eq!(brief(&run), (Outcome::Conforms, 8, 0));
    assert_eq!(run.note, None);
    assert_eq!(run.traffic.map(|traffic| traffic.requests), Some(33));
}

#[tokio::test]
async fn a_portal_that_dies_ends_the_run_after_three_scenarios() {
    let run = run_on(|_, number| (number >= THREE).then(|| answer(500, &[], "oh"))).await;
    assert_eq!(brief(&run), (Outcome::TargetNotReady, 2, 3));
    assert_eq!(
        run.note.as_deref(),
        Some(
            "the breaker opened: honest requests of 3 scenarios in a row were not answered, the last: answered 500; 3 scenarios were not begun"
        )
    );
}

#[tokio::test]
async fn a_portal_that_hangs_up_ends_it_too() {
    let run = run_on(|_, number| (number >= THREE).then_some(Back::Dropped)).await;
    assert_eq!(brief(&run), (Outcome::TargetNotReady, 2, 3));
}

#[tokio::test]
async fn a_portal_that_flaps_is_gone_through() {
    // Every second account cannot be made; in between the portal answers.
    let flaps = |asked: &Asked, number: usize| {
        (asked.line == "POST /users" && number >= THREE && number.is_multiple_of(2))
            .then(|| answer(500, &[], "oh"))
    };
    let run = run_on(flaps).await;
    let (outcome, passed, not_begun) = brief(&run);
    assert_eq!((outcome, not_begun), (Outcome::NoVerdict, 0));
    assert!((3..8).contains(&passed), "{passed}");
}

#[tokio::test]
async fn a_portal_that_falls_over_what_may_be_a_forgery_is_gone_through() {
    let falls = |asked: &Asked, number: usize| {
        (asked.line == "POST /login" && number >= THREE).then(|| answer(500, &[], "oh"))
    };
    assert_eq!(brief(&run_on(falls).await), (Outcome::NoVerdict, 2, 0));
}

#[tokio::test]
async fn a_portal_that_asks_for_an_hour_is_left_alone() {
    let storm = |_: &Asked, number: usize| {
        (number >= THREE).then(|| answer(429, &["retry-after: 3600"], ""))
    };
    let begun = Instant::now();
    let run = run_on(storm).await;
    assert_eq!(brief(&run), (Outcome::TargetNotReady, 2, 5));
    assert!(begun.elapsed().as_secs() < 60, "it was waited for");
    let traffic = run.traffic.unwrap();
    assert_eq!((traffic.requests, traffic.throttled), (16, 1));
    assert!(
        run.note.unwrap().contains("asked the run to wait 3600 s in all, and 60 s are allowed")
    );
}

#[tokio::test]
async fn a_step_outside_the_list_ends_the_run_at_once() {
    let away = |asked: &Asked, number: usize| {
        (asked.line == "POST /login" && number >= THREE)
            .then(|| redirect("http://elsewhere.example/"))
    };
    let run = run_on(away).await;
    assert_eq!(brief(&run), (Outcome::StoppedForSafety, 2, 5));
    let note = run.note.unwrap();
    assert!(note.contains("`http://elsewhere.example` is outside the allow-list"), "{note}");
    assert!(note.ends_with("5 scenarios were not begun"), "{note}");
    assert_eq!(run.traffic.map(|traffic| traffic.requests), Some(17));
}

#[tokio::test]
async fn where_nothing_is_allowed_nothing_is_sent() {
    let run = run_with(&BTreeSet::from([Effect::CreatesAccount]), |_, _| None).await;
    assert_eq!(brief(&run), (Outcome::NoVerdict, 0, 0));
    assert_eq!(run.traffic.map(|traffic| traffic.requests), Some(0));
    for scenario in &run.scenarios {
        let reason = "not allowed here: wrong-tries".to_owned();
        let rule = SkipRule::NotAllowed;
        assert_eq!(scenario.not_judged, Some(NotJudged::Skipped { rule, reason }));
    }
}

#[tokio::test]
async fn a_step_with_an_effect_that_is_not_allowed_is_not_taken() {
    let accounts = Mutex::default();
    let listener = serve(move |asked| sound(&accounts, &asked)).await;
    let profile = profile(&format!("{HEAD}{TAIL}"), &listener);
    let mut access = Access::open(profile, None).await.unwrap();
    access.limit_effects(&BTreeSet::from([Effect::WrongTries]));
    let (target, mut visitor) = crate::fixture::visitor(access);
    let verb = profile::Verb::CreateUser;
    let told = target.driver.perform(&mut visitor, verb, &driver::deployment::Inputs::new()).await;
    assert_eq!(
        told.unwrap_err().to_string(),
        "stopped for safety: [flow.create_user] creates-account: that is not allowed here"
    );
    assert_eq!(target.traffic().requests, 0);
}

#[test]
fn whose_time_it_was_decides_whose_fault_it_is() {
    let exchange = |seconds: u64| {
        Step::Exchange(Box::new(reports::record::Exchange {
            who: String::new(),
            flow: String::new(),
            line: None,
            file: None,
            method: String::new(),
            url: String::new(),
            request_headers: Vec::new(),
            request_body: None,
            status: None,
            response_headers: Vec::new(),
            response_body: None,
            reply: None,
            micros: seconds * 1_000_000,
            error: None,
        }))
    };
    let limit = Duration::from_secs(100);
    assert!(matches!(out_of_time(limit, &[]), Error::Harness(_)));
    assert!(matches!(out_of_time(limit, &[exchange(30), exchange(19)]), Error::Harness(_)));
    assert!(matches!(out_of_time(limit, &[exchange(30), exchange(30)]), Error::Network(_)));
}

async fn waits_for_its_turns(stage: &mut Stage) -> Told {
    let waits = stage.shared.scene.waiting.begins();
    tokio::time::sleep(Duration::from_secs(300)).await;
    drop(waits);
    stage.expects("it comes to its end", "it did".into(), Some(true))
}

async fn takes_its_time(stage: &mut Stage) -> Told {
    tokio::time::sleep(Duration::from_secs(300)).await;
    stage.expects("it comes to its end", "it did".into(), Some(true))
}

static SLOW: Requirement = Requirement {
    proof: Proof::Stories(&[
        story!("waits", "it waits for its turns", waits_for_its_turns, [], []),
        story!("takes", "it takes its time", takes_its_time, [], []),
    ]),
    ..SUITE
};

#[tokio::test(start_paused = true)]
async fn waiting_for_a_turn_is_not_the_time_of_a_scenario() {
    let profile = profile(&format!("{HEAD}{TAIL}"), "127.0.0.1:9");
    let target = Target::over_http(Access::open(profile, None).await.unwrap());
    let patience = Patience { max_wait: Duration::ZERO };
    let plan = Plan::make(&[&SLOW], &[], target.description(), patience).unwrap();
    let context = Context::new(target, settings());
    let mut errors = Vec::new();
    for entry in &plan.entries {
        errors.push(context.entry(1, entry).await.not_judged);
    }
    let error = "kit: out of time after 120 s".to_owned();
    let late = NotJudged::Broken { fault: reports::record::Fault::Kit, error };
    assert_eq!(errors, [None, Some(late)]);
}

#[tokio::test]
async fn what_was_answered_before_a_run_is_none_of_its_time() {
    let accounts = Mutex::default();
    let listener = serve(move |asked| {
        if asked.line == "GET /me" {
            std::thread::sleep(Duration::from_millis(5));
        }
        sound(&accounts, &asked)
    })
    .await;
    let text = format!("{HEAD}{}", tail_with_refusals());
    let (target, mut visitor) = crate::fixture::visit(&text, &listener, None).await;
    let verb = profile::Verb::Whoami;
    target.driver.perform(&mut visitor, verb, &driver::deployment::Inputs::new()).await.unwrap();
    let before = target.traffic().answering_ms;
    assert!(before >= 5);
    let patience = Patience { max_wait: Duration::ZERO };
    let plan = Plan::make(&[&REQUIREMENT], &[], target.description(), patience).unwrap();
    let told = target.clone();
    let run = run(told, &plan, settings(), presumed_canary(), Arc::new(Silence)).await;
    let all = target.traffic();
    let of_the_run = run.traffic.unwrap();
    assert_eq!((of_the_run.requests, all.requests), (34, 34));
    assert_eq!(of_the_run.answering_ms + before, all.answering_ms);
}
