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

/// Two steps: no code of the enrollment is valid any more.
const TWO_STEPS: Duration = Duration::from_secs(60);

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
        story!("complete", "alice sets codes up and signs in with one", set_up, [Totp], ["TOT-07"], after 60),
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
    stage.time_passes(TWO_STEPS).await?;

    let mut half = alice.elsewhere();
    half.enters_password().await?;
    half.is_not_signed_in().await?;
    alice.signs_in_with_totp().await?.is_welcomed()
}

async fn walked_away(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    alice.begins_totp().await?;

    alice.elsewhere().enters_password().await?.is_welcomed()
}

async fn wrong_code_at_set_up(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    let begun = alice.begins_totp().await?;

    let wrong = alice.wrong_code().await?;
    alice.confirms_totp(&begun, &wrong).await?.is_turned_down()?;
    alice.elsewhere().enters_password().await?.is_welcomed()
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
        story!("wrong", "alice enters a wrong code, then the right one", wrong_code, [Totp], [], after 60),
        story!("of-another", "alice enters the code of bob's authenticator", code_of_another, [Totp], ["totp/other-users-code"], after 60),
        story!("first-digit", "alice enters only the first digit of the right code", first_digit, [Totp], ["totp/single-digit-accepted"], after 60),
        story!(
            "empty",
            "alice enters nothing",
            empty_code,
            [Totp],
            ["totp/empty-or-null-accepted"], after 60
        ),
    ]),
};

async fn wrong_code(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.time_passes(TWO_STEPS).await?;

    let wrong = alice.wrong_code().await?;
    alice.signs_in_with_code(&wrong).await?.is_refused()?;
    alice.signs_in_with_totp().await?.is_welcomed()
}

async fn code_of_another(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    let mut bob = stage.person("bob").await?;
    bob.enrols_totp().await?;
    stage.time_passes(TWO_STEPS).await?;

    alice.with_codes_of(&bob).signs_in_with_totp().await?.is_refused()?;
    alice.signs_in_with_totp().await?.is_welcomed()
}

async fn first_digit(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.time_passes(TWO_STEPS).await?;

    let code = alice.code_now(0).await?;
    alice.signs_in_with_code(&super::first_digit_of(&code)).await?.is_refused()?;
    alice.signs_in_with_code(&code).await?.is_welcomed()
}

async fn empty_code(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.time_passes(TWO_STEPS).await?;

    alice.signs_in_with_code(&super::nothing()).await?.is_refused()?;
    alice.signs_in_with_totp().await?.is_welcomed()
}

const WINDOW: Requirement = Requirement {
    id: "totp/window",
    family: Family::TotpEnrollment,
    level: Level::Must,
    impact: Impact::Bypass,
    source: at("RFC 6238 §5.2", RFC_6238),
    says: "A code is accepted in its time step and at most one step either side.",
    catalogue: &["TOT-08"],
    reasons: &[],
    proof: Stories(&[
        story!("one-step-old", "alice is slow by one step", one_step_old, [Totp, TotpSkew], ["TOT-08"], after 90),
        story!("one-step-ahead", "alice's clock is one step ahead", one_step_ahead, [Totp, TotpSkew], ["totp/step-off-by-one"], after 90),
        story!("two-steps-old", "a code of two steps ago is entered", two_steps_old, [Totp], ["totp/window-too-wide"], after 120),
        story!("two-steps-ahead", "a code of two steps from now is entered", two_steps_ahead, [Totp], ["totp/window-future"], after 120),
        story!("ten-steps-old", "a code of ten steps ago is entered", ten_steps_old, [Totp], [], after 330),
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
    stage.time_passes(Duration::from_secs(90)).await?;

    let code = alice.code_now(steps).await?;
    alice.signs_in_with_code(&code).await?.is_welcomed()
}

async fn two_steps_old(stage: &mut Stage) -> Told {
    refuses_code(stage, -2, Duration::from_secs(120)).await
}

async fn two_steps_ahead(stage: &mut Stage) -> Told {
    refuses_code(stage, 2, Duration::from_secs(120)).await
}

async fn ten_steps_old(stage: &mut Stage) -> Told {
    refuses_code(stage, -10, Duration::from_secs(330)).await
}

async fn refuses_code(stage: &mut Stage, steps: i64, later: Duration) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.time_passes(later).await?;

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
        story!("same-step", "one code signs in twice", same_step, [Totp], ["totp/replay-same-step"], after 60),
        story!("next-step", "a used code is entered again in the next step", next_step, [Totp, TotpSkew], ["totp/replay-in-drift-window"], after 90),
        story!("older", "an older code of the window follows a newer one", older_code, [Totp, TotpSkew], ["totp/replay-older-than-last"], after 60),
        story!(
            "set-up-code",
            "the code that completed the set-up signs in",
            set_up_code,
            [Totp],
            ["totp/replay-across-purposes"], after 60
        ),
        story!("at-the-same-instant", "one code is entered five times at the same instant", code_race, [Totp], ["totp/replay-race"], after 60),
    ]),
};

async fn same_step(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.time_passes(TWO_STEPS).await?;
    let code = alice.code_now(0).await?;
    alice.signs_in_with_code(&code).await?.must_be_welcomed()?;

    alice.signs_in_with_code(&code).await?.is_refused()
}

async fn next_step(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.time_passes(TWO_STEPS).await?;
    let code = alice.code_now(0).await?;
    alice.signs_in_with_code(&code).await?.must_be_welcomed()?;
    stage.time_passes(Duration::from_secs(30)).await?;

    alice.signs_in_with_code(&code).await?.is_refused()?;
    alice.signs_in_with_totp().await?.is_welcomed()
}

async fn older_code(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.time_passes(Duration::from_secs(90)).await?;
    let older = alice.code_now(-1).await?;
    alice.signs_in_with_totp().await?.must_be_welcomed()?;

    alice.signs_in_with_code(&older).await?.is_refused()
}

async fn set_up_code(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    let begun = alice.begins_totp().await?;
    let code = alice.code_now(0).await?;
    alice.confirms_totp(&begun, &code).await?.must_be_accepted()?;

    alice.signs_in_with_code(&code).await?.is_refused()?;

    stage.time_passes(TWO_STEPS).await?;
    alice.signs_in_with_totp().await?.is_welcomed()
}

async fn code_race(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.time_passes(TWO_STEPS).await?;

    let code = alice.code_now(0).await?;
    alice.enters_code_at_once(&code, 5).await?.at_most_one_is_welcomed()
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
        story!("one-session", "ten wrong codes in one session, then the right one", ten_in_one_session, [Totp, Lockout], ["TOT-09"], after 90),
        story!("new-sessions", "ten wrong codes, each after a new password step, then the right one", ten_in_new_sessions, [Totp, Lockout], ["totp/limit-reset-by-new-login"], after 90),
    ]),
};

async fn ten_in_one_session(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.time_passes(TWO_STEPS).await?;
    alice.signs_in_with_totp().await?.must_be_welcomed()?;
    stage.time_passes(Duration::from_secs(30)).await?;

    let mut mallory = alice.elsewhere();
    mallory.enters_password().await?.passes_the_password_step()?;
    mallory.guesses_codes(10).await?;
    let right = alice.code_now(0).await?;
    mallory.enters_code(&right).await?.is_refused_or_slowed()
}

async fn ten_in_new_sessions(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.time_passes(TWO_STEPS).await?;
    alice.signs_in_with_totp().await?.must_be_welcomed()?;
    stage.time_passes(Duration::from_secs(30)).await?;

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
        story!("half-signed-in", "mallory knows alice's password, not her code, and sets up codes of her own", half_session_rotates, [Totp], ["totp/rotate-before-mfa"], after 60),
        story!("visitor", "a visitor asks for a secret", visitor_enrols, [Totp], []),
    ]),
};

async fn half_session_rotates(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.time_passes(TWO_STEPS).await?;

    let mut mallory = alice.elsewhere();
    mallory.enters_password().await?.passes_the_password_step()?;
    mallory.asks_for_totp().await?.is_turned_down()?;
    mallory.is_not_signed_in().await?;

    alice.signs_in_with_totp().await?.is_welcomed()
}

async fn visitor_enrols(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;

    alice.elsewhere().asks_for_totp().await?.is_turned_down()?;
    alice.signs_in().await?;
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
        story!("left", "alice begins a new set-up and leaves it", re_enrolment_left, [Totp, TotpAgain], ["totp/re-enrol-keeps-verified"], after 60),
    ]),
};

async fn re_enrolment_left(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    let with_old_codes = alice.clone();
    alice.begins_totp().await?;
    stage.time_passes(TWO_STEPS).await?;

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
    alice.signs_in().await?;
    let mut bob = stage.person("bob").await?;
    bob.signs_in().await?;

    alice.begins_totp().await?;
    bob.begins_totp().await?;
    alice.has_another_secret_than(&bob)
}

async fn new_secret_each_time(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let mut later = alice.elsewhere();
    alice.signs_in().await?;
    later.signs_in().await?;

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
        story!("codes-then-key", "alice sets codes up first, and then a key", codes_then_key, [KeySignIn, Totp], ["TOT-04"], after 60),
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
    stage.time_passes(TWO_STEPS).await?;

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

const ONE_HOUR: Policy =
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
    says: "Setting codes up asks for a fresh proof when the last one is older than ten minutes.",
    catalogue: &["KEY-07"],
    reasons: &[],
    proof: Stories(&[
        story!("aged-session", "alice signed in eleven minutes ago and sets codes up", aged_session, [Totp, FreshAuthentication], [], after 660),
    ]),
};

async fn aged_session(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    stage.time_passes(Duration::from_secs(660)).await?;

    alice.asks_for_totp().await?.is_turned_down()?;
    alice.elsewhere().sets_up_afresh().await
}
