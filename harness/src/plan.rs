//! From filters and the deployment's abilities to an ordered plan. Whatever is left out of it has a
//! reason.

use std::time::Duration;

use driver::deployment::AtOnce;
use profile::{Ability, Description, effect, words};
use reports::record::SkipRule;

use crate::requirement::{Case, Ceremony, Family, Requirement, Scenario, Waits};

/// Real time that any run has: waits as short as this need no `--max-wait`.
const UNASKED: Duration = Duration::from_secs(3);

/// What will be run and what will not.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the command line selected; nothing where it is the whole suite.
    pub filters: Vec<String>,
    /// Everything that the filters selected, in the order of the suite.
    pub entries: Vec<Entry>,
}

/// One selected scenario.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The scenario.
    pub scenario: Scenario,
    /// Why it is not run, where it is not.
    pub skip: Option<(SkipRule, String)>,
}

/// A filter that selects nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no scenario matches `{filter}`{}", nearest.as_ref().map(|id| format!("; the nearest is `{id}`")).unwrap_or_default())]
pub struct NothingMatches {
    /// As it was given.
    pub filter: String,
    /// The id or family most like it.
    pub nearest: Option<String>,
}

/// How long a run may wait for real time to pass.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Longest single wait.
    pub max_wait: Duration,
}

impl Plan {
    /// Selects scenarios of a suite: all of them without filters.
    ///
    /// # Errors
    /// The filter that matches nothing.
    pub fn make(
        suite: &[&'static Requirement],
        filters: &[String],
        description: &Description,
        patience: Patience,
    ) -> Result<Self, NothingMatches> {
        let scenarios = select(suite, filters)?;
        let entries = scenarios
            .into_iter()
            .map(|scenario| Entry { skip: left_out(&scenario, description, patience), scenario })
            .collect();
        Ok(Self { filters: filters.to_vec(), entries })
    }

    /// Those that are run.
    pub fn to_run(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.skip.is_none())
    }
}

/// The scenarios of a suite that the filters select, in the order of the suite.
///
/// # Errors
/// The filter that matches nothing.
pub fn select(
    suite: &[&'static Requirement],
    filters: &[String],
) -> Result<Vec<Scenario>, NothingMatches> {
    let all: Vec<Scenario> = suite.iter().flat_map(|requirement| requirement.scenarios()).collect();
    for filter in filters {
        if !all.iter().any(|scenario| matches(filter, scenario)) {
            return Err(NothingMatches { filter: filter.clone(), nearest: nearest(filter, &all) });
        }
    }
    if filters.is_empty() {
        return Ok(all);
    }
    let selected =
        all.into_iter().filter(|scenario| filters.iter().any(|filter| matches(filter, scenario)));
    Ok(selected.collect())
}

fn matches(filter: &str, scenario: &Scenario) -> bool {
    filter == scenario.id
        || filter == scenario.requirement.id
        || filter == scenario.requirement.family.word()
        || (filter.contains(['*', '?']) && words::glob(filter, &scenario.id))
}

fn nearest(filter: &str, all: &[Scenario]) -> Option<String> {
    let families = Family::ALL.iter().map(|family| family.word());
    let requirements = all.iter().map(|scenario| scenario.requirement.id);
    let ids = all.iter().map(|scenario| &*scenario.id);
    words::nearest(filter, families.chain(requirements).chain(ids)).map(str::to_owned)
}

fn left_out(
    scenario: &Scenario,
    description: &Description,
    patience: Patience,
) -> Option<(SkipRule, String)> {
    if let Some(reason) = description.excluded(&scenario.id, scenario.requirement.id) {
        return Some((SkipRule::NotApplicable, format!("the profile excludes it: {reason}")));
    }
    let missing: Vec<&str> = scenario
        .case
        .needs()
        .into_iter()
        .filter(|need| !description.can(*need))
        .map(Ability::word)
        .collect();
    if !missing.is_empty() {
        return Some((
            SkipRule::NotApplicable,
            format!("the profile does not declare: {}", missing.join(", ")),
        ));
    }
    if let Some(reason) = undeclared(scenario, description) {
        return Some((SkipRule::NotApplicable, reason));
    }
    if let Some(reason) = beyond_a_pool(&scenario.case, description) {
        return Some((SkipRule::NotAllowed, reason));
    }
    let tries = description.policy.wrong_tries;
    if tries < least_tries(&scenario.case) && !scenario.case.meets_limits() {
        let least = least_tries(&scenario.case);
        let reason = format!(
            "makes wrong tries on an account: needs lockout.wrong_tries of {least} or more, the profile says {tries}"
        );
        return Some((SkipRule::NotAllowed, reason));
    }
    let width = scenario.case.at_once().map(AtOnce::width);
    if let Some(reason) = width.and_then(|width| description.limits.too_few_for(width)) {
        return Some((SkipRule::NotAllowed, reason));
    }
    let does = scenario.case.effects_on(description);
    let forbidden = does.difference(&description.effects).copied().collect();
    if !does.is_subset(&description.effects) {
        let reason = format!("not allowed here: {}", effect::words(&forbidden).join(", "));
        return Some((SkipRule::NotAllowed, reason));
    }
    let waits = real_wait(&scenario.case, description);
    if waits > patience.max_wait.max(UNASKED) {
        let (needs, allowed) = (waits.as_secs(), patience.max_wait.as_secs());
        return Some((
            SkipRule::NotSelected,
            format!("needs {needs} s of real time, --max-wait allows {allowed} s"),
        ));
    }
    None
}

/// Why a scenario does not apply to what the profile says of the standard and of codes.
fn undeclared(scenario: &Scenario, description: &Description) -> Option<String> {
    let (only, edition) = (scenario.requirement.source.only, description.edition);
    if let Some(only) = only.filter(|only| *only != edition) {
        let (only, edition) = (only.word(), edition.word());
        return Some(format!(
            "only the edition {only} asks for it, and the edition of the profile is {edition}"
        ));
    }
    let of_another_step = scenario.case.needs().contains(&Ability::TotpSkew);
    (of_another_step && description.totp.skew_steps == 0).then(|| {
        "the profile declares that codes of the present step alone are accepted (skew_steps = 0)"
            .to_owned()
    })
}

/// How many people a scenario has, at the most.
#[must_use]
pub const fn people(case: &Case) -> usize {
    match case {
        Case::Tampering(..) | Case::Variation(..) => 1,
        Case::Observation(_) | Case::Story(_) => 2,
    }
}

/// Why a scenario cannot be run with accounts that are lent: they must be put back as they were.
fn beyond_a_pool(case: &Case, description: &Description) -> Option<String> {
    let pool = description.actors.pool.len();
    if pool == 0 {
        return None;
    }
    if people(case) > pool {
        return Some(format!("needs {} accounts, the pool has {pool}", people(case)));
    }
    let needs = case.needs();
    let needs_one_of = |some: &[Ability]| needs.iter().any(|need| some.contains(need));
    let undone_by = |verbs: &[Ability]| verbs.iter().all(|verb| description.can(*verb));
    for (changes, undo, what) in LASTING {
        if needs_one_of(changes) && (undo.is_empty() || !undone_by(undo)) {
            return Some(format!("would leave an account of the pool changed: {what}"));
        }
    }
    None
}

/// What scenarios with these abilities change, what undoes it, and what is said where that is missing.
const LASTING: &[(&[Ability], &[Ability], &str)] = &[
    (&[Ability::Lockout], &[], "it would be locked"),
    (
        &[
            Ability::Totp,
            Ability::TotpEnrolmentPolicy,
            Ability::ResetByTotp,
            Ability::TotpSkew,
            Ability::TotpAgain,
        ],
        &[],
        "no verb switches one-time codes off again",
    ),
    (
        &[
            Ability::Policy,
            Ability::DisableUser,
            Ability::SelfRegistration,
            Ability::AdminKeys,
            Ability::Push,
        ],
        &[],
        "its policy is not known, and cannot be set back",
    ),
    (
        &[Ability::Key, Ability::KeyFirst, Ability::Passwordless],
        &[Ability::ListKeys, Ability::DeleteKey],
        "its keys are not listed or not deleted (list_keys, delete_key)",
    ),
    (
        &[Ability::Reset, Ability::ResetByKey, Ability::PasswordChange],
        &[Ability::PasswordChange],
        "its password cannot be set back (change_password)",
    ),
];

/// How many wrong tries in a row an account must bear, at the least, for a scenario to be run: one
/// false answer, and room for an honest one that the portal refuses wrongly. What a story needs shows
/// only while it is told, but for tries at the same instant; see [`crate::standing`].
const fn least_tries(case: &Case) -> u32 {
    match case {
        Case::Tampering(Ceremony::Authentication | Ceremony::Passwordless, _) => 3,
        Case::Tampering(Ceremony::Registration, _) => 2,
        Case::Variation(..) | Case::Observation(_) => 0,
        Case::Story(story) => match story.at_once {
            // All of them are under way before the first is answered.
            Some(AtOnce::Tries(width)) => width + 1,
            Some(AtOnce::Acts(_)) | None => 0,
        },
    }
}

/// How long a scenario must wait for real time to pass on this deployment.
#[must_use]
pub fn real_wait(case: &Case, description: &Description) -> Duration {
    if description.can(Ability::Clock) {
        return Duration::ZERO;
    }
    let totp = &description.totp;
    match case.waits() {
        Waits::Seconds(seconds) => Duration::from_secs(seconds),
        Waits::Steps(steps) => totp.lasts(steps),
        Waits::StepsPastTheWindow(steps) => totp.lasts(totp.skew_steps.saturating_add(steps)),
        Waits::Lifetime => longest_lifetime(case, description) + PAST_THE_END,
    }
}

/// The longest of the lifetimes that a scenario is about.
fn longest_lifetime(case: &Case, description: &Description) -> Duration {
    let (needs, policy) = (case.needs(), &description.policy);
    let lifetimes = [
        (Ability::ChallengeLifetime, policy.challenge_lifetime),
        (Ability::ResetLifetime, policy.reset_lifetime),
        (Ability::LockLifetime, policy.lock_lifetime),
        (Ability::FreshAuthentication, policy.fresh_for),
    ];
    let declared = lifetimes.iter().filter(|(ability, _)| needs.contains(ability));
    declared.map(|(_, lifetime)| *lifetime).max().unwrap_or_default()
}

/// A lifetime is outwaited by this much at the most.
const PAST_THE_END: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests;
