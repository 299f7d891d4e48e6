//! What a profile declares, looked at with the whole suite: every key of a policy, and the edition,
//! changes what is left out, what is waited for or what is found.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use harness::{
    plan::{Patience, Plan, real_wait},
    reference,
    runner::{self, Listener, Settings},
};
use ledger::Ledger;
use portal::defect::{self, Defect};
use profile::{Ability, Description, Profile, secret::Secret};
use reports::{
    brief::Keep,
    journal::Event,
    record::{Suite, Verdict},
    redact::Redactor,
};
use softkey::Seed;

/// A key of a policy: what the reference portal's profile says, what is written in its place, and
/// what a scenario, which passes as the profile ships, comes to then.
type Declared = (&'static str, (&'static str, &'static str), &'static str, Verdict);

const DECLARED: &[Declared] = &[
    (
        "edition",
        ("edition = \"fido-server\"", "edition = \"w3c-l3\""),
        "registration/attestation-u2f-model/named",
        Verdict::Skip,
    ),
    (
        "user_verification",
        ("user_verification = \"preferred\"", "user_verification = \"required\""),
        "authentication/flags/not-verified",
        Verdict::Skip,
    ),
    (
        "challenge",
        ("challenge = \"60s\"", "challenge = \"30s\""),
        "login/challenge-lifetime/too-late",
        Verdict::Fail,
    ),
    ("reset", ("reset = \"5m\"", "reset = \"1m\""), "reset/lifetime/too-late", Verdict::Fail),
    (
        "fresh_authentication",
        ("fresh_authentication = \"10m\"", "fresh_authentication = \"5m\""),
        "registration/fresh-authentication/aged-session",
        Verdict::Warn,
    ),
    (
        "algorithm",
        ("digits = 6", "algorithm = \"SHA256\", digits = 6"),
        "totp/code/wrong",
        Verdict::Inconclusive,
    ),
    ("digits", ("digits = 6", "digits = 8"), "totp/code/wrong", Verdict::Inconclusive),
    ("period", ("period = 30", "period = 60"), "totp/code/wrong", Verdict::Inconclusive),
    ("skew_steps", ("skew_steps = 1", "skew_steps = 0"), "totp/window/just-too-old", Verdict::Fail),
    ("skew_steps", ("skew_steps = 1", "skew_steps = 0"), "totp/window/one-step-old", Verdict::Skip),
    (
        "wrong_tries",
        ("wrong_tries = 5", "wrong_tries = 2"),
        "authentication/origin/foreign",
        Verdict::Skip,
    ),
    (
        "lasts",
        ("lasts = \"5m\"", "lasts = \"1m\""),
        "login/password-limit/lock-ends",
        Verdict::Warn,
    ),
];

struct Silence;

impl Listener for Silence {
    fn hear(&self, _: &Event) {}
}

fn settings() -> Settings {
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

/// A portal of one page, on which the code goes with the password: the reference portal behind flows
/// that send both, and that take the password alone of who has codes for refused.
fn with_one_page() -> String {
    const CHANGES: &[(&str, &str)] = &[
        (
            "    { json = \"/status\", equals = \"factor-needed\", is = \"factor_needed\" },\n",
            "    { json = \"/factors\", equals = [\"totp\"], is = \"refused\" },\n    { json = \"/status\", equals = \"factor-needed\", is = \"factor_needed\" },\n",
        ),
        (
            "[flow.answer_with_totp]\npost = \"/api/session/totp\"\n",
            "[[flow.answer_with_totp.steps]]\npost = \"/api/session/password\"\njson = { user = \"{user}\", password = \"{password}\" }\n[[flow.answer_with_totp.steps]]\npost = \"/api/session/totp\"\n",
        ),
        ("can = [\"key\",", "can = [\"totp-with-password\", \"key\","),
    ];
    let text = reference::PROFILE.to_owned();
    CHANGES.iter().fold(text, |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text.replace(from, to)
    })
}

/// The whole suite on such a portal: nothing is found, and of codes hardly anything is left out.
#[tokio::test]
async fn codes_that_go_with_the_password_are_tested_as_others_are() {
    let mut verdicts = all_come_to(None, "*", &with_one_page()).await;
    assert!(verdicts.len() > 500, "{}", verdicts.len());
    verdicts.retain(|(_, verdict)| *verdict != Verdict::Pass);
    let lost: Vec<&str> = verdicts
        .iter()
        .filter(|(id, _)| id.starts_with("totp/"))
        .map(|(id, _)| id.as_str())
        .collect();
    // The password alone is a wrong try of its own, so that four codes would be the fifth; and it leads
    // to no step at which a key could be asked for.
    assert_eq!(lost, ["totp/once/at-the-same-instant", "totp/separate/codes-are-no-key"]);
    verdicts.retain(|(_, verdict)| *verdict != Verdict::Skip);
    assert_eq!(verdicts, []);
}

#[tokio::test]
async fn a_code_that_goes_with_the_password_twice_is_a_finding() {
    let profile = with_one_page();
    let twice = defect::find("totp/replay-same-step");
    assert_eq!(comes_to("totp/once/same-step", &profile).await, Verdict::Pass);
    assert_eq!(comes_to_with(twice, "totp/once/same-step", &profile).await, Verdict::Fail);
}

/// What one scenario comes to on the reference portal, which is as it is whatever its profile says.
async fn comes_to(scenario: &str, profile: &str) -> Verdict {
    comes_to_with(None, scenario, profile).await
}

async fn comes_to_with(defect: Option<&'static Defect>, scenario: &str, profile: &str) -> Verdict {
    let verdicts = all_come_to(defect, scenario, profile).await;
    assert_eq!(verdicts.len(), 1, "{scenario}: {verdicts:?}");
    verdicts[0].1
}

/// What every scenario of a selection comes to.
async fn all_come_to(
    defect: Option<&'static Defect>,
    scenario: &str,
    profile: &str,
) -> Vec<(String, Verdict)> {
    let settings = settings();
    let portal = reference::start_as(profile, &settings.seed, defect, &settings.redactor)
        .await
        .unwrap_or_else(|error| panic!("{scenario}: {error}"));
    let patience = Patience { max_wait: Duration::ZERO };
    let about = portal.target.description();
    let plan = Plan::make(&scenarios::suite(), &[scenario.to_owned()], about, patience)
        .unwrap_or_else(|error| panic!("{error}"));
    let target = portal.target.clone();
    let canary = runner::presumed_canary();
    let run = runner::run(target, &plan, settings, canary, Arc::new(Silence)).await;
    portal.served.stop().await;
    run.scenarios.into_iter().map(|record| (record.id, record.verdict)).collect()
}

fn instead(written: &(&str, &str)) -> String {
    assert_eq!(reference::PROFILE.matches(written.0).count(), 1, "{}", written.0);
    reference::PROFILE.replace(written.0, written.1)
}

#[tokio::test]
async fn every_key_of_a_policy_changes_what_a_scenario_comes_to() {
    for (key, written, scenario, verdict) in DECLARED {
        let shipped = comes_to(scenario, reference::PROFILE).await;
        assert_eq!((*key, shipped), (*key, Verdict::Pass));
        assert_eq!((*key, comes_to(scenario, &instead(written)).await), (*key, *verdict));
    }
}

/// A portal that takes codes of three steps ago keeps its word where it says three, and not where it
/// says two.
#[tokio::test]
async fn a_wide_window_is_a_finding_where_a_narrower_one_is_declared() {
    let wide = defect::find("totp/window-too-wide");
    for (declared, verdict) in
        [("skew_steps = 2", Verdict::Fail), ("skew_steps = 3", Verdict::Pass)]
    {
        let profile = instead(&("skew_steps = 1", declared));
        for scenario in ["totp/window/just-too-old", "totp/window/long-past"] {
            let verdict = if scenario.ends_with("long-past") { Verdict::Pass } else { verdict };
            let found = comes_to_with(wide, scenario, &profile).await;
            assert_eq!((declared, scenario, found), (declared, scenario, verdict));
        }
    }
}

/// The keys of `[policy]` and of the tables in it, and `edition`, by the published schema.
fn keys() -> BTreeSet<String> {
    let schema = include_str!("../../schemas/profile-1.json");
    let schema: serde_json::Value = serde_json::from_str(schema).expect("JSON");
    let tables = schema["$defs"].as_object().expect("tables");
    let of = |table: &str| -> Vec<String> {
        tables[table]["properties"].as_object().expect("keys").keys().cloned().collect()
    };
    let policy = of("policy").into_iter();
    let keys = policy.flat_map(|key| if tables.contains_key(&key) { of(&key) } else { vec![key] });
    keys.chain(["edition".to_owned()]).collect()
}

#[test]
fn no_key_of_a_policy_is_without_a_row() {
    let tried: BTreeSet<String> = DECLARED.iter().map(|(key, ..)| (*key).to_owned()).collect();
    assert_eq!(tried, keys());
}

/// The reference portal's profile with something else in it, where time has to be waited for.
fn in_real_time(written: &(&str, &str)) -> Description {
    let given = ["admin", "listener"].map(|name| (name.to_owned(), Secret::new("127.0.0.1:9")));
    let profile = Profile::parse(&instead(written), "reference.toml", &BTreeMap::from(given));
    let Ok(profile) = profile else { panic!("{written:?}") };
    let mut about = profile.description;
    about.abilities.remove(&Ability::Clock);
    about
}

#[test]
fn a_story_waits_as_long_as_the_profile_says() {
    let waits = |scenario: &str, written: (&str, &str)| {
        let all = scenarios::suite().into_iter().flat_map(|requirement| requirement.scenarios());
        let found = all.into_iter().find(|known| known.id == scenario).expect(scenario);
        real_wait(&found.case, &in_real_time(&written)).as_secs()
    };
    let period = |scenario, seconds| waits(scenario, ("period = 30", seconds));
    assert_eq!(period("totp/code/wrong", "period = 30"), 60);
    assert_eq!(period("totp/code/wrong", "period = 60"), 120);
    assert_eq!(period("login/choice/key-or-code", "period = 60"), 120);
    let skew = |steps| waits("totp/window/just-too-old", ("skew_steps = 1", steps));
    assert_eq!(skew("skew_steps = 0"), 90);
    assert_eq!(skew("skew_steps = 1"), 120);
    assert_eq!(skew("skew_steps = 4"), 210);
    let fresh = |scenario, lasts| waits(scenario, ("fresh_authentication = \"10m\"", lasts));
    for scenario in [
        "registration/fresh-authentication/aged-session",
        "keys/fresh-authentication/aged-session",
        "totp/fresh-authentication/aged-session",
    ] {
        assert_eq!(fresh(scenario, "fresh_authentication = \"10m\""), 620, "{scenario}");
        assert_eq!(fresh(scenario, "fresh_authentication = \"30m\""), 1820, "{scenario}");
    }
}
