//! The suite looked at as a whole: ids, proofs, families, defects, and what counts.

use std::collections::{BTreeMap, BTreeSet};

use harness::{
    defects::Row,
    requirement::{Family, Proof, Requirement, Scenario},
    runner::label,
};
use portal::{
    Check,
    defect::{DEFECTS, Fault},
};
use profile::Ability;
use serde::Deserialize;

fn all() -> Vec<Scenario> {
    scenarios::suite().into_iter().flat_map(Requirement::scenarios).collect()
}

fn slug(part: &str) -> bool {
    !part.is_empty()
        && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

#[test]
fn ids_are_slugs_and_unique() {
    let requirements: Vec<&str> =
        scenarios::suite().iter().map(|requirement| requirement.id).collect();
    assert_eq!(requirements.iter().collect::<BTreeSet<_>>().len(), requirements.len());
    let ids: Vec<String> = all().into_iter().map(|scenario| scenario.id).collect();
    let mut seen = BTreeSet::new();
    for id in &ids {
        assert!(seen.insert(id), "{id} stands twice");
        let parts: Vec<&str> = id.split('/').collect();
        assert!(
            parts.len() == 3 && parts.iter().all(|part| slug(part)),
            "{id} is not chapter/fact/case"
        );
    }
    let labels: BTreeSet<String> = ids.iter().map(|id| label(id)).collect();
    assert_eq!(labels.len(), ids.len(), "two scenarios share a portal");
}

#[test]
fn every_requirement_is_proved_or_excused() {
    for requirement in scenarios::suite() {
        let excused = matches!(requirement.proof, Proof::NotObservable(why) if !why.is_empty());
        assert!(excused || !requirement.scenarios().is_empty(), "{} has no proof", requirement.id);
        assert!(requirement.says.ends_with('.'), "{}: not a sentence", requirement.id);
    }
}

/// Where a key signs in alone nobody gives a name: what asks for a key of this user's, for a key that does
/// not find its credential by itself, or for one that says less than whose it is, has no place there.
#[test]
fn a_key_that_signs_in_alone_is_tried_with_what_needs_no_password() {
    let needs = |id: &str| {
        let scenario = all().into_iter().find(|scenario| scenario.id == id).expect(id);
        let needs = scenario.case.needs();
        (needs.contains(&Ability::Key), needs.contains(&Ability::KeySignIn))
    };
    for id in [
        "registration/origin/foreign",
        "registration/attestation-u2f/other-key",
        "authentication/origin/foreign",
        "passwordless/verified/foreign-origin",
        "login/challenge-once/next-session",
        "authentication/options/challenge-fresh",
    ] {
        assert_eq!(needs(id), (false, true), "{id}");
    }
    for id in [
        "authentication/options/keys-asked-for",
        "authentication/credential/not-listed",
        "authentication/flags/not-verified",
        "authentication/forms/no-user-handle",
        "authentication/forms/null-user-handle",
        "login/factor-required/signed-in-as",
    ] {
        assert!(needs(id).0, "{id}");
    }
}

#[test]
fn every_family_of_the_mission_has_eight_scenarios() {
    let mut families: BTreeMap<Family, u32> = BTreeMap::new();
    for scenario in all() {
        *families.entry(scenario.requirement.family).or_default() += 1;
    }
    for family in Family::ALL {
        let wanted =
            if matches!(family, Family::Keys | Family::Admin | Family::Sso) { 0 } else { 8 };
        assert!(
            families.get(family).copied().unwrap_or(0) >= wanted,
            "{} has too few",
            family.word()
        );
    }
}

#[test]
fn every_defect_breaks_a_requirement_of_the_suite() {
    let known: BTreeSet<&str> =
        scenarios::suite().iter().map(|requirement| requirement.id).collect();
    let strange: Vec<_> = DEFECTS
        .iter()
        .filter(|defect| !known.contains(defect.breaks))
        .map(|defect| (defect.id, defect.breaks))
        .collect();
    assert_eq!(strange, Vec::new());
    let ids: BTreeSet<&str> = DEFECTS.iter().map(|defect| defect.id).collect();
    assert_eq!(ids.len(), DEFECTS.len(), "a defect's id stands twice");
}

/// Checks that no defect forgets, each with the reason. The list may only get shorter.
const WITHOUT_A_DEFECT: &[(Check, &str)] = &[
    (
        Check::LoginKeyStands,
        "only a deletion between two locks of one request reaches it; see the decision",
    ),
    (
        Check::ResetLifetimeAtOpening,
        "opening changes nothing, and the lifetime is asked again when the password is set",
    ),
    (Check::LoginHasKey, "without a key the options would be empty, which nothing can answer"),
    (
        Check::SessionCsrf,
        "needs a request that no flow of a profile makes: the Origin of another site",
    ),
    (
        Check::SessionContentType,
        "needs a request that no flow of a profile makes: another content type",
    ),
    (
        Check::SsoApplication,
        "needs a request that no flow of a profile makes: that of another application",
    ),
    (
        Check::SsoTicket,
        "the flow of a profile plays an honest application: it asks for its ticket once",
    ),
    (
        Check::SsoTicketLifetime,
        "the flow of a profile plays an honest application: it asks for its ticket at once",
    ),
    (
        Check::SsoTicketApplication,
        "the flow of a profile plays an honest application: it asks for no other's ticket",
    ),
    (Check::SessionBodyLimit, "needs a request that no flow of a profile makes: a large body"),
    (
        Check::AdminAuthorised,
        "needs a request that no flow of a profile makes: the administrator's, without the token",
    ),
    (
        Check::RegistrationSignedIn,
        "a visitor without a user has nothing to register for; the half session has its own defect",
    ),
    (
        Check::TotpSignedIn,
        "a visitor without a user has nothing to enroll; the half session has its own defect",
    ),
    (Check::PasswordSignedIn, "a visitor without a user has no password to change"),
    (Check::PasswordOld, "the flow of a profile always sends the right old password"),
    (Check::TotpAllowed, "no scenario switches TOTP off yet"),
    (Check::TotpForm, "a malformed code is also a wrong one; the defects of codes are decisions"),
    (
        Check::PushDevice,
        "the flow of a profile answers prompts on the user's own device; the portal's own tests forge one",
    ),
    (
        Check::PushNumber,
        "the flow of a profile repeats the number that the page shows; the portal's own tests take another",
    ),
    (
        Check::PushLifetime,
        "prompt, answer and outcome are one flow, in which no time passes; the portal's own tests wait",
    ),
    (Check::ResetToken, "a token that is none names no user to change"),
    (
        Check::ResetOnce,
        "forgetting it alone changes nothing: the token is spent when it is taken; see the decision",
    ),
    (Check::ResetPassword, "a rule about passwords, not about keys"),
    (Check::LoginPasswordStep, "a session without a user has nobody to sign in; see the decisions"),
    (Check::RegistrationAttestationPolicy, "no policy of the reference asks for an attestation"),
    (
        Check::RegistrationAttestationPolicySelf,
        "no policy of the reference asks for an attestation",
    ),
];

#[test]
fn every_check_has_a_defect_or_a_reason() {
    let forgotten: BTreeSet<Check> = DEFECTS
        .iter()
        .filter_map(|defect| match defect.fault {
            Fault::Forgets(check) => Some(check),
            Fault::Decides(_) | Fault::AcceptsEverything => None,
        })
        .collect();
    let excused: BTreeSet<Check> = WITHOUT_A_DEFECT.iter().map(|(check, _)| *check).collect();
    let bare: Vec<_> = Check::ALL
        .iter()
        .filter(|check| !forgotten.contains(check) && !excused.contains(check))
        .collect();
    assert_eq!(bare, Vec::<&Check>::new());
    let idle: Vec<_> = excused.intersection(&forgotten).collect();
    assert_eq!(idle, Vec::<&Check>::new(), "excused, and has a defect");
}

#[derive(Deserialize)]
struct Table {
    defects: Vec<Row>,
}

/// A scenario counts where it alone catches some defect, or covers a catalogue id that no other
/// covers.
#[test]
fn at_least_120_scenarios_count() {
    let table: Table =
        serde_json::from_str(include_str!("../defects.json")).expect("the shipped table");
    let mut sole: BTreeSet<&str> = BTreeSet::new();
    for row in &table.defects {
        if let ([only], []) = (row.caught_by.as_slice(), row.collateral.as_slice()) {
            sole.insert(only);
        }
    }
    let mut covered: BTreeMap<&str, u32> = BTreeMap::new();
    let all = all();
    for id in all.iter().flat_map(|scenario| scenario.case.covers()) {
        *covered.entry(id).or_default() += 1;
    }
    let counts = |scenario: &&Scenario| {
        sole.contains(scenario.id.as_str())
            || scenario.case.covers().iter().any(|id| covered.get(id) == Some(&1))
    };
    let counting = all.iter().filter(counts).count();
    assert!(counting >= 120, "{counting} of {} count", all.len());
}

#[test]
fn the_shipped_table_knows_every_defect_and_all_are_caught() {
    let table: Table =
        serde_json::from_str(include_str!("../defects.json")).expect("the shipped table");
    let rows: BTreeSet<&str> = table.defects.iter().map(|row| row.id.as_str()).collect();
    let defects: BTreeSet<&str> =
        DEFECTS.iter().map(|defect| defect.id).filter(|id| !id.starts_with("canary/")).collect();
    assert_eq!(rows, defects);
    let survivors: Vec<&str> =
        table.defects.iter().filter(|row| !row.is_caught()).map(|row| row.id.as_str()).collect();
    assert_eq!(survivors, Vec::<&str>::new());
}

/// Scenarios that fail under no defect, each with the reason. The list may only get shorter.
const WITHOUT_A_ROW: &[(&str, &str)] = &[
    (
        "registration/options/handle-short",
        "a browser takes no longer handle, and neither does our key, so that the first control ends the run; the tests of the observations see it fail",
    ),
    (
        "login/with-key/plain",
        "it is the first control of every run: where it is refused the run ends",
    ),
];

/// Every check can fail: a scenario that no defect breaks may be one that cannot break.
#[test]
fn every_scenario_fails_under_a_defect_or_has_a_reason() {
    let table: Table =
        serde_json::from_str(include_str!("../defects.json")).expect("the shipped table");
    let fails: BTreeSet<&str> = table
        .defects
        .iter()
        .flat_map(|row| row.caught_by.iter().chain(&row.collateral))
        .map(String::as_str)
        .collect();
    let excused: BTreeSet<&str> = WITHOUT_A_ROW.iter().map(|(id, _)| *id).collect();
    let ids: Vec<String> = all().into_iter().map(|scenario| scenario.id).collect();

    let bare: Vec<&str> = ids
        .iter()
        .map(String::as_str)
        .filter(|id| !fails.contains(id) && !excused.contains(id))
        .collect();
    assert_eq!(bare, Vec::<&str>::new());
    let idle: Vec<_> = excused
        .iter()
        .filter(|id| fails.contains(*id) || !ids.iter().any(|known| known == *id))
        .collect();
    assert_eq!(idle, Vec::<&&str>::new(), "excused, and fails under a defect or is gone");
}
