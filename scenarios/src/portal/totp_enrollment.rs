//! One-time codes: their enrollment, their window, their single use.

use std::time::Duration;

use harness::{
    policy::{Factor, Policy},
    requirement::{Family, Proof::Stories, Requirement, at, portal},
    story,
    story::{Stage, Told},
};
use reports::record::{Impact, Level};

/// The requirements of this chapter, in reading order.
pub(super) const CHAPTER: &[&Requirement] = &[
    &CONFIRMED,
    &CODE,
    &WINDOW,
    &ONCE,
    &LIMIT,
    &SIGNED_IN,
    &ACTIVE_STAYS,
    &SECRET,
    &SEPARATE,
    &PERIOD,
    &FRESH,
];

const RFC_6238: &str = "https://www.rfc-editor.org/rfc/rfc6238#section-5.2";

const CONFIRMED: Requirement = Requirement {
    id: "totp/enrolment-confirmed",
    family: Family::TotpEnrollment,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("derived"),
    says: "TOTP is set up only once a right code of the new secret has been entered.",
    catalogue: &["TOT-07"],
    reasons: &[],
    proof: Stories(&[
        story!("complete", "alice sets codes up and signs in with one", set_up, [Totp], ["TOT-07"], after 2 steps),
        story!(
            "walked-away",
            "alice takes the secret down and never enters a code",
            walked_away,
            [Totp],
            ["totp/enrol-without-confirm"]
        ),
        story!(
            "wrong-code",
            "alice completes the set-up with a wrong code",
            wrong_code_at_set_up,
            [Totp],
            []
        ),
    ]),
};

async fn set_up(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.steps_pass(2).await?;

    let mut half = alice.elsewhere();
    half.enters_password().await?;
    half.is_not_signed_in().await?;
    alice.signs_in_with_totp().await?.is_welcomed()
}

async fn walked_away(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.comes_to_set_codes_up().await?;
    alice.begins_totp().await?;

    alice.has_no_codes().await
}

async fn wrong_code_at_set_up(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.comes_to_set_codes_up().await?;
    let begun = alice.begins_totp().await?;

    let wrong = alice.wrong_code().await?;
    alice.confirms_totp(&begun, &wrong).await?.is_turned_down()?;
    alice.has_no_codes().await
}

const CODE: Requirement = Requirement {
    id: "totp/code",
    family: Family::TotpEnrollment,
    level: Level::Must,
    impact: Impact::Takeover,
    source: at("RFC 6238 §5.2", RFC_6238),
    says: "Only the six digits of the user's own secret are accepted.",
    catalogue: &["TOT-08"],
    reasons: &[],
    proof: Stories(&[
        story!("wrong", "alice enters a wrong code, then the right one", wrong_code, [Totp], [], after 2 steps),
        story!("of-another", "alice enters the code of bob's authenticator", code_of_another, [Totp], ["totp/other-users-code"], after 2 steps),
        story!("first-digit", "alice enters only the first digit of the right code", first_digit, [Totp], ["totp/single-digit-accepted"], after 2 steps),
        story!(
            "empty",
            "alice enters nothing",
            empty_code,
            [Totp],
            ["totp/empty-or-null-accepted"], after 2 steps
        ),
    ]),
};

async fn wrong_code(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.steps_pass(2).await?;

    let wrong = alice.wrong_code().await?;
    alice.signs_in_with_code(&wrong).await?.is_refused()?;
    alice.signs_in_with_totp().await?.is_welcomed()
}

async fn code_of_another(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    let mut bob = stage.person("bob").await?;
    bob.enrols_totp().await?;
    stage.steps_pass(2).await?;

    alice.with_codes_of(&bob).signs_in_with_totp().await?.is_refused()?;
    alice.signs_in_with_totp().await?.is_welcomed()
}

async fn first_digit(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.steps_pass(2).await?;

    let code = alice.code_now(0).await?;
    alice.signs_in_with_code(&super::first_digit_of(&code)).await?.is_refused()?;
    alice.signs_in_with_code(&code).await?.is_welcomed()
}

async fn empty_code(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.steps_pass(2).await?;

    alice.signs_in_with_code(&super::nothing()).await?.is_refused()?;
    alice.signs_in_with_totp().await?.is_welcomed()
}

const WINDOW: Requirement = Requirement {
    id: "totp/window",
    family: Family::TotpEnrollment,
    level: Level::Must,
    impact: Impact::Bypass,
    source: at("RFC 6238 §5.2", RFC_6238),
    says: "A code is accepted in its time step and in as many steps either side as the portal declares, and in no other.",
    catalogue: &["TOT-08"],
    reasons: &[],
    proof: Stories(&[
        story!("one-step-old", "alice is slow by one step", one_step_old, [Totp, TotpSkew], ["TOT-08"], after 3 steps),
        story!("one-step-ahead", "alice's clock is one step ahead", one_step_ahead, [Totp, TotpSkew], ["totp/step-off-by-one"], after 3 steps),
        story!("just-too-old", "a code of the step before the window is entered", just_too_old, [Totp], ["totp/window-too-wide"], after 3 steps past the window),
        story!("just-too-early", "a code of the step after the window is entered", just_too_early, [Totp], ["totp/window-future"], after 3 steps past the window),
        story!("long-past", "a code of eight steps before the window is entered", long_past, [Totp], [], after 10 steps past the window),
    ]),
};

async fn one_step_old(stage: &mut Stage) -> Told {
    accepts_code(stage, -1).await
}

async fn one_step_ahead(stage: &mut Stage) -> Told {
    accepts_code(stage, 1).await
}

async fn accepts_code(stage: &mut Stage, steps: i64) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.steps_pass(3).await?;

    let code = alice.code_now(steps).await?;
    alice.signs_in_with_code(&code).await?.is_welcomed()
}

async fn just_too_old(stage: &mut Stage) -> Told {
    let outside = stage.window() + 1;
    refuses_code(stage, outside, -i64::from(outside)).await
}

async fn just_too_early(stage: &mut Stage) -> Told {
    let outside = stage.window() + 1;
    refuses_code(stage, outside, i64::from(outside)).await
}

async fn long_past(stage: &mut Stage) -> Told {
    let outside = stage.window() + 8;
    refuses_code(stage, outside, -i64::from(outside)).await
}

async fn refuses_code(stage: &mut Stage, outside: u32, steps: i64) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    // A code of the set-up's step would be refused for having been used.
    stage.steps_pass(outside + 2).await?;

    let code = alice.code_now(steps).await?;
    alice.signs_in_with_code(&code).await?.is_refused()?;
    alice.signs_in_with_totp().await?.is_welcomed()
}

const ONCE: Requirement = Requirement {
    id: "totp/once",
    family: Family::TotpEnrollment,
    level: Level::Must,
    impact: Impact::Takeover,
    source: at("RFC 6238 §5.2", RFC_6238),
    says: "A code is accepted once; after it neither it nor an older one.",
    catalogue: &["TOT-08"],
    reasons: &[],
    proof: Stories(&[
        story!("same-step", "one code signs in twice", same_step, [Totp], ["totp/replay-same-step"], after 2 steps),
        story!("next-step", "a used code is entered again in the next step", next_step, [Totp, TotpSkew], ["totp/replay-in-drift-window"], after 3 steps),
        story!("older", "an older code of the window follows a newer one", older_code, [Totp, TotpSkew], ["totp/replay-older-than-last"], after 3 steps),
        story!(
            "set-up-code",
            "the code that completed the set-up signs in",
            set_up_code,
            [Totp],
            ["totp/replay-across-purposes"], after 2 steps
        ),
        story!("at-the-same-instant", "one code is entered four times at the same instant", code_race, [Totp], ["totp/replay-race"], after 2 steps, at_once Tries 4),
    ]),
};

async fn same_step(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.steps_pass(2).await?;
    let code = alice.code_now(0).await?;
    alice.signs_in_with_code(&code).await?.must_be_welcomed()?;

    alice.signs_in_with_code(&code).await?.is_refused()
}

async fn next_step(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.steps_pass(2).await?;
    let code = alice.code_now(0).await?;
    alice.signs_in_with_code(&code).await?.must_be_welcomed()?;
    stage.steps_pass(1).await?;

    alice.signs_in_with_code(&code).await?.is_refused()?;
    alice.signs_in_with_totp().await?.is_welcomed()
}

async fn older_code(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.steps_pass(3).await?;
    let older = alice.code_now(-1).await?;
    alice.signs_in_with_totp().await?.must_be_welcomed()?;

    alice.signs_in_with_code(&older).await?.is_refused()
}

async fn set_up_code(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.comes_to_set_codes_up().await?;
    let begun = alice.begins_totp().await?;
    let code = alice.code_now(0).await?;
    alice.confirms_totp(&begun, &code).await?.must_be_accepted()?;

    alice.signs_in_with_code(&code).await?.is_refused()?;

    stage.steps_pass(2).await?;
    alice.signs_in_with_totp().await?.is_welcomed()
}

async fn code_race(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.steps_pass(2).await?;

    let code = alice.code_now(0).await?;
    alice.enters_code_at_once(&code, 4).await?.at_most_one_is_welcomed()
}

const LIMIT: Requirement = Requirement {
    id: "totp/limit",
    family: Family::TotpEnrollment,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("derived"),
    says: "Guessing codes is bounded, over sessions, for each account.",
    catalogue: &["TOT-09"],
    reasons: &[],
    proof: Stories(&[
        story!("one-session", "ten wrong codes in one session, then the right one", ten_in_one_session, [Totp, Lockout], ["TOT-09"], after 3 steps),
        story!("new-sessions", "ten wrong codes, each after a new password step, then the right one", ten_in_new_sessions, [Totp, Lockout], ["totp/limit-reset-by-new-login"], after 3 steps),
    ]),
};

async fn ten_in_one_session(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.steps_pass(2).await?;
    alice.signs_in_with_totp().await?.must_be_welcomed()?;
    stage.steps_pass(1).await?;

    let mut mallory = alice.elsewhere();
    mallory.enters_password().await?.passes_the_password_step()?;
    mallory.guesses_codes(10).await?;
    let right = alice.code_now(0).await?;
    mallory.enters_code(&right).await?.is_refused_or_slowed()
}

async fn ten_in_new_sessions(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.steps_pass(2).await?;
    alice.signs_in_with_totp().await?.must_be_welcomed()?;
    stage.steps_pass(1).await?;

    alice.guesses_codes_in_new_sessions(10).await?;
    alice.tries_totp().await?.is_refused_or_slowed()
}

const SIGNED_IN: Requirement = Requirement {
    id: "totp/signed-in",
    family: Family::TotpEnrollment,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("derived"),
    says: "Codes are set up only by somebody who is fully signed in.",
    catalogue: &[],
    reasons: &[],
    proof: Stories(&[
        story!("half-signed-in", "mallory knows alice's password, not her code, and sets up codes of her own", half_session_rotates, [Totp], ["totp/rotate-before-mfa"], after 2 steps),
        story!("visitor", "a visitor asks for a secret", visitor_enrols, [Totp], []),
    ]),
};

async fn half_session_rotates(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.steps_pass(2).await?;

    let mut mallory = alice.elsewhere();
    mallory.enters_password().await?.passes_the_password_step()?;
    mallory.asks_for_totp().await?.is_turned_down()?;
    mallory.is_not_signed_in().await?;

    alice.signs_in_with_totp().await?.is_welcomed()
}

async fn visitor_enrols(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;

    alice.elsewhere().asks_for_totp().await?.is_turned_down()?;
    alice.comes_to_set_codes_up().await?;
    alice.asks_for_totp().await?.is_accepted()
}

const ACTIVE_STAYS: Requirement = Requirement {
    id: "totp/active-stays",
    family: Family::TotpEnrollment,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("derived"),
    says: "A set-up that was begun anew and left does not touch the codes that work.",
    catalogue: &[],
    reasons: &[],
    proof: Stories(&[
        story!("left", "alice begins a new set-up and leaves it", re_enrolment_left, [Totp, TotpAgain], ["totp/re-enrol-keeps-verified"], after 2 steps),
    ]),
};

async fn re_enrolment_left(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    let with_old_codes = alice.clone();
    alice.begins_totp().await?;
    stage.steps_pass(2).await?;

    alice.signs_in_with_totp().await?.is_refused()?;
    with_old_codes.signs_in_with_totp().await?.is_welcomed()
}

const SECRET: Requirement = Requirement {
    id: "totp/secret",
    family: Family::TotpEnrollment,
    level: Level::Must,
    impact: Impact::Takeover,
    source: at("RFC 6238 §5.1", RFC_6238),
    says: "Every set-up has a secret of its own.",
    catalogue: &[],
    reasons: &[],
    proof: Stories(&[
        story!(
            "of-each-user",
            "alice and bob are shown different secrets",
            secrets_differ,
            [Totp],
            []
        ),
        story!(
            "of-each-set-up",
            "alice is shown a new secret in a new session",
            new_secret_each_time,
            [Totp],
            ["totp/secret-fixed-before-setup"]
        ),
    ]),
};

async fn secrets_differ(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.comes_to_set_codes_up().await?;
    let mut bob = stage.person("bob").await?;
    bob.comes_to_set_codes_up().await?;

    alice.begins_totp().await?;
    bob.begins_totp().await?;
    alice.has_another_secret_than(&bob)
}

async fn new_secret_each_time(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let mut later = alice.elsewhere();
    alice.comes_to_set_codes_up().await?;
    later.comes_to_set_codes_up().await?;

    alice.begins_totp().await?;
    later.begins_totp().await?;
    alice.has_another_secret_than(&later)
}

const SEPARATE: Requirement = Requirement {
    id: "totp/separate",
    family: Family::TotpEnrollment,
    level: Level::Must,
    impact: Impact::Bypass,
    source: portal("About security keys"),
    says: "Codes and keys are enrolled apart: having the one is not having the other.",
    catalogue: &["TOT-10", "TOT-04"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "codes-are-no-key",
            "alice has codes, and there is no key to ask for",
            codes_are_no_key,
            [Key, Totp, ListKeys],
            ["TOT-10"]
        ),
        story!("codes-then-key", "alice sets codes up first, and then a key", codes_then_key, [KeySignIn, Totp], ["TOT-04"], after 2 steps),
        story!(
            "key-is-no-code",
            "alice has a key and no codes, and enters a code",
            key_is_no_code,
            [Key, Totp],
            []
        ),
    ]),
};

async fn codes_are_no_key(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;

    alice.has_keys(&[]).await?;
    alice.has_no_key_named_after_password().await
}

async fn codes_then_key(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    let desk = alice.registers_key("desk").await?;
    stage.steps_pass(2).await?;

    alice.signs_in_with(&desk).await?.is_welcomed()?;
    alice.signs_in_with_totp().await?.is_welcomed()
}

async fn key_is_no_code(stage: &mut Stage) -> Told {
    let mut bob = stage.person("bob").await?;
    bob.enrols_totp().await?;
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;

    alice.with_codes_of(&bob).signs_in_with_totp().await?.is_refused()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

const PERIOD: Requirement = Requirement {
    id: "totp/enrolment-period",
    family: Family::TotpEnrollment,
    level: Level::Must,
    impact: Impact::Bypass,
    source: portal("Registering when TOTP MFA is enabled"),
    says: "Once the enrollment period is over codes cannot be set up until the administrator resets it; a key does not lift that.",
    catalogue: &["TOT-02", "TOT-03", "TOT-05", "TOT-06"],
    reasons: &[],
    proof: Stories(&[
        story!("within", "alice sets codes up within her enrollment period", within_the_period, [Totp, TotpEnrolmentPolicy], ["TOT-02"], after 60),
        story!("over", "alice's enrollment period is over and she sets codes up", after_the_period, [Totp, TotpEnrolmentPolicy], ["TOT-05"], after 3700),
        story!("key-does-not-lift", "alice's period is over, and she has a key", key_does_not_lift, [Key, Totp, TotpEnrolmentPolicy], ["TOT-03"], after 3700),
        story!("reset", "the administrator resets alice's period and she sets codes up", period_reset, [Totp, TotpEnrolmentPolicy], ["TOT-06"], after 3800),
    ]),
};

pub(super) const ONE_HOUR: Policy =
    Policy { totp: Some(Factor::Required), totp_enrolment_seconds: Some(3600), ..Policy::plain() };

async fn within_the_period(stage: &mut Stage) -> Told {
    let mut alice = stage.person_with("alice", ONE_HOUR).await?;
    stage.time_passes(Duration::from_secs(60)).await?;

    alice.signs_in().await?;
    alice.asks_for_totp().await?.is_accepted()
}

async fn after_the_period(stage: &mut Stage) -> Told {
    let mut alice = stage.person_with("alice", ONE_HOUR).await?;
    stage.time_passes(Duration::from_secs(3601)).await?;

    alice.enters_password().await?;
    let refused = alice.asks_for_totp().await?;
    refused.is_turned_down()?;
    refused.tells_why()
}

async fn key_does_not_lift(stage: &mut Stage) -> Told {
    let mut alice = stage.person_with("alice", ONE_HOUR).await?;
    let desk = alice.registers_key("desk").await?;
    stage.time_passes(Duration::from_secs(3601)).await?;

    alice.moves_in_with(&desk).await?;
    alice.asks_for_totp().await?.is_turned_down()
}

async fn period_reset(stage: &mut Stage) -> Told {
    let mut alice = stage.person_with("alice", ONE_HOUR).await?;
    stage.time_passes(Duration::from_secs(3601)).await?;
    stage.admin().resets_enrolment(&alice).await?;

    alice.enters_password().await?;
    alice.asks_for_totp().await?.is_accepted()
}

const FRESH: Requirement = Requirement {
    id: "totp/fresh-authentication",
    family: Family::TotpEnrollment,
    level: Level::Should,
    impact: Impact::Takeover,
    source: portal("OWASP ASVS 7.5.1"),
    says: "Setting codes up asks for a fresh proof when the last one is older than the portal lets it be.",
    catalogue: &["KEY-07"],
    reasons: &[],
    proof: Stories(&[
        story!("aged-session", "alice signed in too long ago for a fresh proof, and sets codes up", aged_session, [Totp, FreshAuthentication], [], after lifetime),
    ]),
};

async fn aged_session(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    stage.time_passes(stage.proof_lifetime() + stage.margin()).await?;

    alice.asks_for_totp().await?.is_turned_down()?;
    alice.elsewhere().sets_up_afresh().await
}
