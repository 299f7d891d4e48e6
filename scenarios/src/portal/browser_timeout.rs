//! A touch that comes too late. Lifetimes are those that the profile declares.

use std::time::Duration;

use harness::{
    requirement::{Family, Proof::Stories, Requirement, portal},
    story,
    story::{Stage, Told},
};
use reports::record::{Impact, Level};
use softkey::Model;

/// The requirements of this chapter, in reading order.
pub(super) const CHAPTER: &[&Requirement] = &[&ANNOUNCED, &SIGN_IN, &REGISTRATION];

const ANNOUNCED: Requirement = Requirement {
    id: "browser-timeout/announced",
    family: Family::BrowserTimeout,
    level: Level::Must,
    impact: Impact::Hygiene,
    source: portal("Logging in with a security key"),
    says: "The browser is given the time limit that the portal keeps.",
    catalogue: &["TMO-01"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "sign-in",
            "alice's browser is told how long she has to sign in",
            announced_at_sign_in,
            [KeySignIn, ChallengeLifetime],
            []
        ),
        story!(
            "registration",
            "alice's browser is told how long she has to register",
            announced_at_registration,
            [KeySignIn, ChallengeLifetime],
            []
        ),
    ]),
};

async fn announced_at_sign_in(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.registers_key("desk").await?;

    let challenge = alice.begins_sign_in().await?;
    challenge.announces(stage.ceremony_lifetime())
}

async fn announced_at_registration(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;

    let registering = alice.begins_registration("desk").await?;
    registering.announces(stage.ceremony_lifetime())
}

const SIGN_IN: Requirement = Requirement {
    id: "login/challenge-lifetime",
    family: Family::BrowserTimeout,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("Logging in with a security key"),
    says: "An answer within the limit is accepted; one after it is refused by the server, and a fresh attempt succeeds.",
    catalogue: &["TMO-01", "TMO-03", "TMO-05"],
    reasons: &[],
    proof: Stories(&[
        story!("in-time", "alice touches her key just before the limit", sign_in_in_time, [KeySignIn, ChallengeLifetime], ["TMO-01"], after lifetime),
        story!("too-late", "alice touches her key just after the limit", sign_in_too_late, [KeySignIn, ChallengeLifetime], ["TMO-03"], after lifetime),
        story!("fresh-attempt", "after a time-out alice is given a fresh challenge, and succeeds", sign_in_afresh, [KeySignIn, ChallengeLifetime], ["TMO-05"], after lifetime),
        story!("each-its-own", "of two challenges the older times out and the younger does not", each_its_own_age, [KeySignIn, ChallengeLifetime], ["INF-117"], after lifetime),
    ]),
};

async fn sign_in_in_time(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let challenge = alice.begins_sign_in().await?;
    stage.time_passes(stage.ceremony_lifetime().saturating_sub(stage.margin())).await?;

    alice.answers(&challenge, &desk).await?.is_welcomed()
}

async fn sign_in_too_late(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let challenge = alice.begins_sign_in().await?;
    stage.time_passes(stage.ceremony_lifetime() + stage.margin()).await?;

    alice.answers(&challenge, &desk).await?.is_refused()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn sign_in_afresh(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let mut here = alice.elsewhere();
    here.goes_to_the_key_step().await?;
    let stale = here.asks_for_key().await?;
    stage.time_passes(stage.ceremony_lifetime() + stage.margin()).await?;

    let mut fresh = here.asks_for_key().await?;
    if !fresh.was_issued() {
        // The half of the sign-in may have ended with its challenge: an attempt begins with the password.
        here.goes_to_the_key_step().await?;
        fresh = here.asks_for_key().await?;
    }
    fresh.differs_from(&stale)?;
    here.answers(&fresh, &desk).await?.is_welcomed()
}

async fn each_its_own_age(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let older = alice.begins_sign_in().await?;
    stage.time_passes(stage.ceremony_lifetime().saturating_sub(Duration::from_secs(10))).await?;
    let younger = alice.begins_sign_in().await?;
    stage.time_passes(Duration::from_secs(10) + stage.margin()).await?;

    alice.answers(&older, &desk).await?.is_refused()?;
    alice.answers(&younger, &desk).await?.is_welcomed()
}

const REGISTRATION: Requirement = Requirement {
    id: "registration/challenge-lifetime",
    family: Family::BrowserTimeout,
    level: Level::Must,
    impact: Impact::Bypass,
    source: portal("derived"),
    says: "Registration has a limit as well; a late touch leaves no key behind and does not bar the next attempt.",
    catalogue: &["TMO-04"],
    reasons: &[],
    proof: Stories(&[
        story!("in-time", "alice touches her new key just before the limit", registration_in_time, [KeySignIn, ListKeys, ChallengeLifetime], [], after lifetime),
        story!("too-late", "alice touches her new key just after the limit", registration_too_late, [KeySignIn, ListKeys, ChallengeLifetime], ["INF-018"], after lifetime),
        story!("fresh-attempt", "after a time-out alice registers the key afresh", registration_afresh, [KeySignIn, ListKeys, ChallengeLifetime], ["TMO-04"], after lifetime),
    ]),
};

async fn registration_in_time(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    let desk = alice.new_key("desk", Model::roaming());
    let registering = alice.begins_registration("desk").await?;
    stage.time_passes(stage.ceremony_lifetime().saturating_sub(stage.margin())).await?;

    alice.finishes_registration(&registering, &desk).await?.is_accepted()?;
    alice.has_keys(&["desk"]).await
}

async fn registration_too_late(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.registers_key("desk").await?;
    let bag = alice.new_key("bag", Model::roaming());
    let registering = alice.begins_registration("bag").await?;
    stage.time_passes(stage.ceremony_lifetime() + stage.margin()).await?;

    alice.finishes_registration(&registering, &bag).await?.is_turned_down()?;
    alice.has_keys(&["desk"]).await
}

async fn registration_afresh(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    let stale = alice.begins_registration("desk").await?;
    stage.time_passes(stage.ceremony_lifetime() + stage.margin()).await?;

    let desk = alice.new_key("desk", Model::roaming());
    let fresh = alice.begins_registration("desk").await?;
    fresh.differs_from(&stale)?;
    alice.finishes_registration(&fresh, &desk).await?.is_accepted()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}
