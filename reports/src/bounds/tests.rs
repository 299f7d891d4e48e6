//! What is cut still counts: equal values stay equal, others do not, and nothing grows past its bound.

use proptest::prelude::*;
use serde_json::json;

use super::{keeper::weigh, *};
use crate::{
    judge::judge,
    record::{Cut, Exchange, Kind, Scenario, Step},
    sample,
};

/// The published copy. Write it again with `TOUCHSTONE_WRITE_DOCS=1 cargo test -p reports bounds`.
const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/limits.md");

#[test]
fn the_published_limits_are_fresh() {
    if std::env::var_os("TOUCHSTONE_WRITE_DOCS").is_some() {
        std::fs::write(PUBLISHED, manual()).unwrap();
    }
    let published = std::fs::read_to_string(PUBLISHED).unwrap_or_default();
    assert!(published == manual(), "docs/limits.md is stale: set TOUCHSTONE_WRITE_DOCS=1");
}

#[test]
fn a_text_that_is_cut_says_how_long_it_was_and_what_it_was() {
    let long = "é".repeat(1000);
    let shown = cut(long.clone(), 300);
    let digest = sha256(long.as_bytes());
    assert!(shown.starts_with("éé") && shown.ends_with(&format!("… (cut: 2000 bytes, {digest})")));
    assert!(shown.len() <= 300 && shown.len() > 297, "{}", shown.len());
    assert_eq!(cut("short".to_owned(), 5), "short");
}

/// An exchange that is too long in every place that a portal fills.
fn large(n: usize, times: usize) -> Exchange {
    let value = |times: usize| "<&'\"\u{1}x".repeat(times) + &n.to_string();
    let headers = || (0..90).map(|n| (format!("x-{n}"), value(times / 100))).collect();
    Exchange {
        url: format!("http://x/{}", value(times)),
        request_headers: headers(),
        request_body: Some(value(times)),
        response_headers: headers(),
        response_body: Some(value(times)),
        error: Some(value(times)),
        ..sample::exchange()
    }
}

/// One of them after the other.
fn many(count: usize) -> impl Iterator<Item = Step> {
    (0..count).map(|n| Step::Exchange(Box::new(large(n, 300))))
}

fn large_ceremony() -> Step {
    let value = || "x".repeat(1 << 20);
    let Some(Step::Ceremony(mut said)) = sample::passing(Kind::Tampering).steps.pop() else {
        panic!("the sample has a ceremony");
    };
    said.client_data = value();
    said.attestation_object = Some(value());
    said.envelope = json!({ "id": value(), "response": { "clientDataJSON": value() } });
    Step::Ceremony(said)
}

#[test]
fn every_value_of_a_step_is_bounded() {
    let mut keeper = Keeper::default();
    let value = || "x".repeat(1 << 20);
    for (step, most) in [
        (Step::Act { says: value() }, SENTENCE.most + 100),
        (
            Step::Expectation { expected: value(), seen: value(), held: None },
            2 * SENTENCE.most + 100,
        ),
        (Step::Exchange(Box::new(large(0, 170_000))), 300_000),
        (large_ceremony(), 5 * CEREMONY.most),
    ] {
        let kept = keeper.keep(step).unwrap();
        assert!(weigh(&kept) < most, "{} of {most}", weigh(&kept));
    }
    let mut scenario = sample::passing(Kind::Story);
    keeper.trim(&mut scenario);
    // A sentence; two; URL, bodies, error, and each way three headers and the others; of what the key said.
    assert_eq!(scenario.cut, Some(Cut { values: 1 + 2 + (4 + 8) + 4, ..Cut::default() }));
}

#[test]
fn what_is_short_enough_is_left_as_it_is() {
    let mut keeper = Keeper::default();
    for step in sample::passing(Kind::Tampering).steps {
        assert_eq!(keeper.keep(step.clone()), Some(step));
    }
    let mut scenario = sample::passing(Kind::Tampering);
    keeper.trim(&mut scenario);
    assert_eq!(scenario, sample::passing(Kind::Tampering));
}

#[test]
fn beyond_its_room_a_scenario_keeps_exchanges_in_short_and_then_nothing() {
    let mut keeper = Keeper::default();
    let steps: Vec<Step> = many(2500).filter_map(|step| keeper.keep(step)).collect();
    assert!(steps.iter().map(weigh).sum::<usize>() <= 2 * SCENARIO.most);
    let Some(Step::Exchange(last)) = steps.last() else { panic!("an exchange") };
    assert_eq!((last.method.as_str(), last.status), ("POST", sample::exchange().status));
    assert!(last.response_headers.is_empty() && last.url.contains("sha256:"));
    let body = last.response_body.as_deref().unwrap_or_default();
    let whole = large(steps.len() - 1, 300).response_body.unwrap();
    let digest = sha256(whole.as_bytes());
    assert_eq!(body, format!("… (cut: {} bytes, {digest})", whole.len()));
    let mut scenario = sample::passing(Kind::Story);
    keeper.trim(&mut scenario);
    let cut = scenario.cut.unwrap();
    assert!(cut.in_short > 100 && cut.steps + u64::try_from(steps.len()).unwrap() == 2500);
}

#[test]
fn facts_that_are_cut_are_equal_where_the_whole_ones_are() {
    let verdict = |before: &str, after: &str| {
        let long = |end: &str| Some("a".repeat(1 << 20) + end);
        let mut scenario = sample::passing(Kind::Tampering);
        scenario.state.before = [("signed_in".to_owned(), long(before))].into();
        scenario.state.after = [("signed_in".to_owned(), long(after))].into();
        let whole = judge(&scenario);
        Keeper::default().trim(&mut scenario);
        assert!(serde_json::to_string(&scenario).unwrap().len() < 20_000);
        assert_eq!(judge(&scenario).verdict, whole.verdict);
        whole.verdict
    };
    assert_ne!(verdict("alice", "alice"), verdict("alice", "bob"));
}

#[test]
fn a_run_keeps_findings_longer_than_the_rest_and_all_of_it_stays_bounded() {
    let mut room = Room { all: 1 << 20, findings: 1 << 20, in_short: 400_000 };
    let scenario = |kind| {
        let mut keeper = Keeper::default();
        let mut scenario = sample::passing(kind);
        scenario.steps = many(12).filter_map(|step| keeper.keep(step)).collect();
        scenario
    };
    let passes = scenario(Kind::Tampering);
    let fails = {
        let mut scenario = passes.clone();
        scenario.control = sample::passing(Kind::Tampering).control;
        scenario.state.after = sample::signed_in("mallory");
        scenario
    };
    let (mut kept, mut last) = (0, passes.clone());
    let mut admit = |scenario: &Scenario| {
        let mut scenario = scenario.clone();
        room.admit(&mut scenario);
        kept += scenario.steps.iter().map(weigh).sum::<usize>();
        scenario
    };
    for _ in 0..15 {
        last = admit(&passes);
    }
    assert_eq!(last.cut.map(|cut| cut.in_short), Some(12));
    assert_eq!(admit(&fails).cut, None);
    for _ in 0..60 {
        last = admit(&passes);
    }
    assert_eq!((last.steps.len(), last.cut.map(|cut| cut.steps)), (0, Some(12)));
    assert!(kept <= 2 * (1 << 20) + 400_000);
}

proptest! {
    #[test]
    fn no_cut_is_longer_than_its_bound(text in "[a-zé<]{0,600}", most in 120_usize..500) {
        let whole = text.clone();
        let shown = cut(text, most);
        prop_assert!(shown.len() <= most);
        prop_assert_eq!(shown == whole, whole.len() <= most);
    }
}
