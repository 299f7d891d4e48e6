//! What a plan leaves out, by the limits of a profile.

use loopback::{HEAD, TAIL};
use reports::record::{Impact, Level};

use super::*;
use crate::{
    fixture::profile,
    requirement::{Proof, portal},
    story,
    story::{Stage, Told},
};

async fn nothing_happens(_: &mut Stage) -> Told {
    Ok(())
}

static REQUIREMENT: Requirement = Requirement {
    id: "test/races",
    family: Family::Login,
    level: Level::Must,
    impact: Impact::Bypass,
    source: portal("test"),
    says: "Nothing happens twice.",
    catalogue: &[],
    reasons: &[],
    proof: Proof::Stories(&[
        story!("none", "nothing at once", nothing_happens, [], []),
        story!("acts", "four at once", nothing_happens, [], [], at_once Acts 4),
        story!("tries", "four tries at once", nothing_happens, [], [], at_once Tries 4),
    ]),
};

/// Cases that are run, and why the last of the others is not.
fn check(sections: &str, expected: &[&str], reason: Option<&str>) {
    let about = profile(&format!("{HEAD}{sections}{TAIL}"), "127.0.0.1:9").description;
    let patience = Patience { max_wait: Duration::ZERO };
    let plan = Plan::make(&[&REQUIREMENT], &[], &about, patience).unwrap();
    let run: Vec<&str> = plan.to_run().map(|entry| entry.scenario.case.slug()).collect();
    assert_eq!(run, expected, "{sections}");
    let skips: Vec<_> = plan.entries.iter().filter_map(|entry| entry.skip.clone()).collect();
    let reason = reason.map(|reason| (SkipRule::NotAllowed, reason.to_owned()));
    assert_eq!(skips.last().cloned(), reason, "{sections}");
}

#[test]
fn a_race_that_the_limits_do_not_let_leave_at_once_is_left_out() {
    let limits = |limits: &str| format!("[scope]\nlimits = {{ {limits} }}\n");
    check("", &["none", "acts", "tries"], None);
    check(&limits("requests_per_second = 4"), &["none", "acts", "tries"], None);
    let narrow = "4 requests leave at the same instant, the pace allows 3 in a second";
    check(&limits("requests_per_second = 3"), &["none"], Some(narrow));
    let narrow =
        "4 requests leave at the same instant, `concurrent` in [scope.limits] allows 3 at once";
    check(&limits("concurrent = 3"), &["none"], Some(narrow));
}

#[test]
fn tries_at_the_same_instant_stay_below_the_lock_of_an_account() {
    let lockout = |tries: u32| format!("[policy]\nlockout = {{ wrong_tries = {tries} }}\n");
    check(&lockout(5), &["none", "acts", "tries"], None);
    let reason = "makes wrong tries on an account: needs lockout.wrong_tries of 5 or more, the profile says 4";
    check(&lockout(4), &["none", "acts"], Some(reason));
}
