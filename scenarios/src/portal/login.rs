//! Signing in with a key: the plain way, what a challenge is bound to, and what opens nothing.

use harness::{
    policy::{Factor, Policy},
    requirement::{Family, Proof::Stories, Requirement, at, portal},
    story,
    story::{Manner, Stage, Told},
};
use reports::record::{Impact, Level};
use softkey::Model;

/// The requirements of this chapter, in reading order.
pub(super) const CHAPTER: &[&Requirement] = &[
    &WITH_KEY,
    &CHOICE,
    &ANY_KEY,
    &PASSWORD,
    &ENUMERATION,
    &PASSWORD_LIMIT,
    &PASSWORD_STEP,
    &FACTOR_REQUIRED,
    &SESSION_RENEWED,
    &CHALLENGE_BOUND,
    &CHALLENGE_ONCE,
    &PURPOSE,
    &SIGN_OUT,
    &KEY_ALLOWED,
    &ONLY_KEY,
    &DISABLED,
    &PASSWORDLESS,
];

const CHALLENGES: &str = "https://www.w3.org/TR/webauthn-3/#sctn-cryptographic-challenges";

const WITH_KEY: Requirement = Requirement {
    id: "login/with-key",
    family: Family::Login,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("Logging in with a security key"),
    says: "User name and password, then the key, then a touch: the user is signed in.",
    catalogue: &["LOG-01"],
    reasons: &[],
    proof: Stories(&[story!(
        "plain",
        "alice signs in with password and key",
        plain,
        [KeySignIn],
        ["LOG-01"]
    )]),
};

async fn plain(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;

    let challenge = alice.begins_sign_in().await?;
    alice.answers(&challenge, &desk).await?.is_welcomed()
}

const CHOICE: Requirement = Requirement {
    id: "login/choice",
    family: Family::Login,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("Logging in with a security key"),
    says: "Where more than one factor is set up, the user picks.",
    catalogue: &["LOG-02", "FAC-01"],
    reasons: &[],
    proof: Stories(&[
        story!("key-or-code", "alice has a key and codes, and signs in with either", key_or_code, [KeySignIn, Totp], ["LOG-02"], after 2 steps),
        story!("changes-her-mind", "alice chooses the key, leaves it, and signs in with a code", changes_factor, [Key, Totp], ["FAC-01"], after 2 steps),
    ]),
};

async fn key_or_code(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    let desk = alice.registers_key("desk").await?;
    stage.steps_pass(2).await?;

    alice.signs_in_with(&desk).await?.is_welcomed()?;
    alice.signs_in_with_totp().await?.is_welcomed()
}

async fn changes_factor(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    alice.registers_key("desk").await?;
    stage.steps_pass(2).await?;

    let mut here = alice.elsewhere();
    here.enters_password().await?.passes_the_password_step()?;
    here.asks_for_key().await?;
    let code = here.code_now(0).await?;
    here.enters_code(&code).await?.is_welcomed()
}

const ANY_KEY: Requirement = Requirement {
    id: "login/any-key",
    family: Family::Login,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("Logging in with a security key"),
    says: "Any one of several registered keys signs the user in.",
    catalogue: &["LOG-05"],
    reasons: &[],
    proof: Stories(&[story!(
        "either",
        "alice signs in with her second key, then with her first",
        either_key,
        [KeySignIn],
        ["LOG-05"]
    )]),
};

async fn either_key(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let bag = alice.registers_key("bag").await?;

    alice.signs_in_with(&bag).await?.is_welcomed()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

const PASSWORD: Requirement = Requirement {
    id: "login/password",
    family: Family::Login,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("Logging in with a security key"),
    says: "A wrong password never reaches the factor step.",
    catalogue: &["LOG-03"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "wrong",
            "mallory guesses alice's password and asks for the key step",
            wrong_password,
            [Key],
            ["LOG-03"]
        ),
        story!("of-another", "alice's name with bob's password", password_of_another, [], []),
    ]),
};

async fn wrong_password(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;

    let mut mallory = alice.elsewhere();
    let guess = mallory.new_password("guess");
    mallory.enters(&guess).await?.is_refused()?;
    mallory.has_no_key_step().await?;

    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn password_of_another(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let bob = stage.person("bob").await?;

    alice.enters(&bob.account().password).await?.is_refused()?;
    alice.gets_in().await?.is_welcomed()
}

const ENUMERATION: Requirement = Requirement {
    id: "login/enumeration",
    family: Family::Login,
    level: Level::Must,
    impact: Impact::Exposure,
    source: portal("Logging in with a security key"),
    says: "The answer to a wrong password does not tell whether the user name exists.",
    catalogue: &["LOG-03"],
    reasons: &[],
    proof: Stories(&[story!(
        "unknown-user",
        "a wrong password for alice and for nobody are answered alike",
        unknown_user,
        [],
        ["INF-012"]
    )]),
};

async fn unknown_user(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let guess = alice.new_password("guess");

    let known = alice.enters(&guess).await?;
    known.is_refused()?;
    // Of the form that names have here: another one would be refused for that.
    let nobody = format!("nobody-{}", alice.account().user);
    let unknown = alice.named(&nobody).enters(&guess).await?;
    unknown.is_refused()?;

    stage.look_alike(&known, &unknown)
}

const PASSWORD_LIMIT: Requirement = Requirement {
    id: "login/password-limit",
    family: Family::Login,
    level: Level::Should,
    impact: Impact::Takeover,
    source: portal("OWASP ASVS 6.3.1"),
    says: "Guessing a password is slowed down after a few wrong ones, for a while.",
    catalogue: &[],
    reasons: &[],
    proof: Stories(&[
        story!(
            "ten-guesses",
            "ten wrong passwords, then the right one at once",
            ten_guesses,
            [Lockout],
            []
        ),
        story!(
            "lock-ends",
            "ten wrong passwords, and the right one when the time is over",
            lock_ends,
            [Lockout, LockLifetime],
            [],
            after lifetime
        ),
    ]),
};

async fn ten_guesses(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;

    alice.elsewhere().guesses_passwords(10).await?;
    alice.elsewhere().enters_password().await?.is_refused_or_slowed()
}

async fn lock_ends(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    let bob = stage.person("bob").await?;
    alice.elsewhere().guesses_passwords(10).await?;
    alice.elsewhere().enters_password().await?.is_refused_or_slowed()?;

    stage.time_passes(stage.lock_lifetime() + stage.margin()).await?;
    // Where the portal slows everybody down, whoever did it, nothing is shown.
    bob.elsewhere().gets_in().await?.must_be_welcomed()?;
    alice.elsewhere().gets_in().await?.is_welcomed_again()
}

const PASSWORD_STEP: Requirement = Requirement {
    id: "login/password-step",
    family: Family::Login,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("derived"),
    says: "A factor is answered after the password, in the same session.",
    catalogue: &["LOG-04"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "no-session",
            "alice's honest answer comes from a browser that never entered her password",
            factor_without_password,
            [KeySignIn],
            ["login/finish-without-begin"]
        ),
        story!("code-only", "a right code comes from a browser that never entered the password", code_without_password, [Totp], ["flow/password-step-skippable"], after 2 steps),
        story!("other-user", "mallory's own password, then alice's name and code", user_swapped, [Totp], ["flow/mfa-user-swapped"], after 2 steps),
        story!(
            "prompt-only",
            "a prompt is asked for in a browser that never entered the password, and approved",
            prompt_without_password,
            [Push],
            ["flow/password-step-skippable"]
        ),
    ]),
};

async fn prompt_without_password(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    stage.admin().sets_push_up(&alice).await?;

    alice.elsewhere().approves_a_prompt().await?.is_refused()?;
    alice.signs_in_with_push().await?.is_welcomed()
}

async fn factor_without_password(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let challenge = alice.begins_sign_in().await?;
    let spoken = alice.touches(&challenge, &desk, Manner::default())?;

    let elsewhere = challenge.in_a_fresh_browser(&alice);
    alice.sends(&elsewhere, &spoken.json).await?.is_refused()?;

    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn code_without_password(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.steps_pass(2).await?;

    let code = alice.code_now(0).await?;
    alice.elsewhere().enters_code(&code).await?.is_refused()?;

    alice.signs_in_with_totp().await?.is_welcomed()
}

async fn user_swapped(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    let mut mallory = stage.person("mallory").await?;
    mallory.enrols_totp().await?;
    stage.steps_pass(2).await?;

    let mut browser = mallory.elsewhere();
    browser.enters_password().await?.passes_the_password_step()?;
    let code = alice.code_now(0).await?;
    let response = browser.named(&alice.account().user).enters_code(&code).await?;
    response.is_refused()?;

    alice.signs_in_with_totp().await?.is_welcomed()
}

const FACTOR_REQUIRED: Requirement = Requirement {
    id: "login/factor-required",
    family: Family::Login,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("derived"),
    says: "The password alone gives no access where a factor is set up.",
    catalogue: &["LOG-04"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "account-page",
            "alice enters her password and opens the account page",
            half_session_opens,
            [Key, Protected],
            ["LOG-04"]
        ),
        story!(
            "key-list",
            "alice enters her password and reads her keys",
            half_session_lists,
            [Key, ListKeys],
            ["manage/credential-id-disclosed"]
        ),
        story!(
            "signed-in-as",
            "alice enters her password and asks who she is",
            half_session_is_nobody,
            [Key],
            ["flow/full-session-after-password"]
        ),
        story!(
            "codes-only",
            "alice has codes and no key, and enters only her password",
            half_session_with_codes,
            [Totp],
            []
        ),
        story!(
            "push-only",
            "alice has a push device and no other factor, and enters only her password",
            half_session_with_push,
            [Push],
            []
        ),
    ]),
};

async fn half_session_with_push(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    stage.admin().sets_push_up(&alice).await?;

    let mut half = alice.elsewhere();
    half.enters_password().await?.passes_the_password_step()?;
    half.is_not_signed_in().await?;
    half.approves_a_prompt().await?.is_welcomed()
}

async fn half_session_opens(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let mut half = alice.elsewhere();
    half.enters_password().await?.passes_the_password_step()?;

    half.opens_the_account_page().await?.is_turned_down()?;

    alice.moves_in_with(&desk).await?;
    alice.opens_the_account_page().await?.is_accepted()
}

async fn half_session_lists(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.registers_key("desk").await?;
    let mut half = alice.elsewhere();
    half.enters_password().await?.passes_the_password_step()?;

    half.sees_no_keys().await?;
    alice.has_keys(&["desk"]).await
}

async fn half_session_is_nobody(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;

    let mut half = alice.elsewhere();
    half.enters_password().await?;
    half.is_not_signed_in().await?;

    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn half_session_with_codes(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;

    let mut half = alice.elsewhere();
    half.enters_password().await?.passes_by_itself()?;
    half.is_not_signed_in().await
}

const SESSION_RENEWED: Requirement = Requirement {
    id: "login/session-renewed",
    family: Family::Login,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("OWASP ASVS 7.2.4"),
    says: "The session identifier changes at sign-in: whoever knew the old one has nothing.",
    catalogue: &["LOG-06"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "after-the-factor",
            "somebody holds alice's cookies from before she touched the key",
            fixed_after_factor,
            [KeySignIn],
            ["flow/session-not-rotated-after-mfa"]
        ),
        story!(
            "after-the-password",
            "somebody planted alice's cookies before she entered her password",
            fixed_before_password,
            [],
            ["INF-121"]
        ),
    ]),
};

async fn fixed_after_factor(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let challenge = alice.begins_sign_in().await?;
    let mut onlooker = alice.at_the_browser_before(&challenge);
    alice.answers(&challenge, &desk).await?.must_be_welcomed()?;

    onlooker.is_not_signed_in().await
}

async fn fixed_before_password(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enters(&alice.new_password("guess")).await?;
    let mut onlooker = alice.clone();
    alice.signs_in().await?;

    onlooker.is_not_signed_in().await
}

const CHALLENGE_BOUND: Requirement = Requirement {
    id: "login/challenge-bound",
    family: Family::Login,
    level: Level::Must,
    impact: Impact::Takeover,
    source: at("WebAuthn L3 §13.4.3", CHALLENGES),
    says: "A challenge is good only in the session and for the user that it was issued to.",
    catalogue: &["LOG-06"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "other-session",
            "alice answers in one browser with the challenge of another",
            challenge_of_another_session,
            [KeySignIn],
            ["LOG-06"]
        ),
        story!(
            "other-user",
            "alice answers with a challenge that was issued to bob",
            challenge_of_another_user,
            [KeySignIn],
            ["INF-115"]
        ),
    ]),
};

async fn challenge_of_another_session(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let here = alice.begins_sign_in().await?;
    let there = alice.begins_sign_in().await?;

    alice.answers(&there.with_challenge_of(&here), &desk).await?.is_refused()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn challenge_of_another_user(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let mut bob = stage.person("bob").await?;
    bob.registers_key("his").await?;
    let his = bob.begins_sign_in().await?;
    let hers = alice.begins_sign_in().await?;

    alice.answers(&hers.with_challenge_of(&his), &desk).await?.is_refused()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

const CHALLENGE_ONCE: Requirement = Requirement {
    id: "login/challenge-once",
    family: Family::Login,
    level: Level::Must,
    impact: Impact::Takeover,
    source: at("WebAuthn L3 §13.4.3", CHALLENGES),
    says: "An assertion is accepted once.",
    catalogue: &["LOG-07"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "same-browser",
            "alice's answer is sent again after she signed out",
            replayed_after_sign_out,
            [KeySignIn],
            ["login/challenge-reusable"]
        ),
        story!(
            "half-signed-in",
            "alice's answer is sent again with her cookies from before it",
            replayed_with_old_cookies,
            [KeySignIn],
            ["INF-113"]
        ),
        story!(
            "next-session",
            "alice's answer is sent again in a new session of hers",
            replayed_in_new_session,
            [KeySignIn],
            ["INF-116"]
        ),
        story!(
            "after-failure",
            "a challenge that was answered wrongly is answered again, rightly",
            after_failure,
            [KeySignIn, ChallengeSpentByFailure],
            ["INF-114"]
        ),
        story!(
            "at-the-same-instant",
            "alice's answer is sent four times at the same instant",
            four_at_once,
            [KeySignIn],
            ["INF-120"],
            at_once Tries 4
        ),
    ]),
};

async fn replayed_after_sign_out(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let challenge = alice.begins_sign_in().await?;
    let spoken = alice.touches(&challenge, &desk, Manner::default())?;
    alice.sends(&challenge, &spoken.json).await?.must_be_welcomed()?;

    let later = challenge.in_a_fresh_browser(&alice);
    alice.sends(&later, &spoken.json).await?.is_refused()?;

    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn replayed_with_old_cookies(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let zero = Model { counter: softkey::Counter::Zero, ..Model::roaming() };
    let desk = alice.registers_model("desk", zero).await?;
    let challenge = alice.begins_sign_in().await?;
    let spoken = alice.touches(&challenge, &desk, Manner::default())?;
    alice.sends(&challenge, &spoken.json).await?.must_be_welcomed()?;

    alice.sends(&challenge, &spoken.json).await?.is_refused()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn replayed_in_new_session(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let zero = Model { counter: softkey::Counter::Zero, ..Model::roaming() };
    let desk = alice.registers_model("desk", zero).await?;
    let first = alice.begins_sign_in().await?;
    let spoken = alice.touches(&first, &desk, Manner::default())?;
    alice.sends(&first, &spoken.json).await?.must_be_welcomed()?;

    let second = alice.begins_sign_in().await?;
    alice.sends(&second, &spoken.json).await?.is_refused()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn after_failure(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let challenge = alice.begins_sign_in().await?;
    let spoken = alice.touches(&challenge, &desk, Manner::default())?;
    alice.sends(&challenge, &super::broken(&spoken.json)).await?.is_refused()?;

    alice.sends(&challenge, &spoken.json).await?.is_refused()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn four_at_once(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let zero = Model { counter: softkey::Counter::Zero, ..Model::roaming() };
    let desk = alice.registers_model("desk", zero).await?;
    let challenge = alice.begins_sign_in().await?;
    let spoken = alice.touches(&challenge, &desk, Manner::default())?;

    alice.sends_at_once(&challenge, &spoken.json, 4).await?.at_most_one_is_welcomed()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

const PURPOSE: Requirement = Requirement {
    id: "login/purpose",
    family: Family::Login,
    level: Level::Must,
    impact: Impact::Bypass,
    source: at("WebAuthn L3 §13.4.3", CHALLENGES),
    says: "A challenge that was issued for a registration signs nobody in.",
    catalogue: &[],
    reasons: &[],
    proof: Stories(&[
        story!(
            "registration-challenge",
            "alice signs in with the challenge of a registration",
            registration_challenge,
            [KeySignIn],
            []
        ),
        story!(
            "in-one-session",
            "alice proves herself with the challenge of a registration in the same session",
            registration_as_proof,
            [Key, Reauthentication],
            ["login/purpose-confusion"]
        ),
    ]),
};

async fn registration_challenge(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let registering = alice.begins_registration("bag").await?;
    let signing = alice.begins_sign_in().await?;

    alice.answers(&signing.with_challenge_of(&registering), &desk).await?.is_refused()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn registration_as_proof(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    alice.moves_in_with(&desk).await?;
    let proving = alice.asks_for_key().await?;
    let registering = alice.begins_registration("bag").await?;

    alice.answers(&proving.with_challenge_of(&registering), &desk).await?.is_turned_down()?;

    let again = alice.asks_for_key().await?;
    alice.answers(&again, &desk).await?.is_accepted()
}

const SIGN_OUT: Requirement = Requirement {
    id: "login/sign-out",
    family: Family::Login,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("derived"),
    says: "Signing out ends the session on the server.",
    catalogue: &["LOG-08"],
    reasons: &[],
    proof: Stories(&[story!(
        "old-cookie",
        "alice signs out and somebody uses a copy of her cookies",
        old_cookie,
        [SignOut],
        ["LOG-08"]
    )]),
};

async fn old_cookie(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    let mut onlooker = alice.clone();
    onlooker.is_signed_in().await?;

    alice.signs_out().await?.must_be_accepted()?;
    onlooker.is_not_signed_in().await
}

const KEY_ALLOWED: Requirement = Requirement {
    id: "login/key-allowed",
    family: Family::Login,
    level: Level::Should,
    impact: Impact::Bypass,
    source: portal("Logging in with a security key"),
    says: "Where the administrator has switched keys off, a key no longer signs in.",
    catalogue: &["LOG-09"],
    reasons: &[],
    proof: Stories(&[
        story!("switched-off", "keys are switched off for alice, who has one and codes", key_switched_off, [Key, Totp, Policy], ["LOG-09"], after 2 steps),
    ]),
};

async fn key_switched_off(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    let desk = alice.registers_key("desk").await?;
    stage.steps_pass(2).await?;
    let challenge = alice.begins_sign_in().await?;
    stage.admin().sets_policy(&alice, Policy { key: Some(Factor::Off), ..Policy::plain() }).await?;

    alice.answers(&challenge, &desk).await?.is_refused()?;
    alice.elsewhere().has_no_key_step_after_password().await?;
    alice.signs_in_with_totp().await?.is_welcomed()
}

const ONLY_KEY: Requirement = Requirement {
    id: "login/only-key",
    family: Family::Login,
    level: Level::Must,
    impact: Impact::Bypass,
    source: portal("Logging in with a security key"),
    says: "Where only the key counts, no other factor signs in.",
    catalogue: &["ADM-03"],
    reasons: &[],
    proof: Stories(&[
        story!("code-refused", "only the key counts for alice, and she enters a right code", code_instead_of_key, [Key, Totp, Policy], ["ADM-03"], after 2 steps),
        story!(
            "prompt-refused",
            "only the key counts for alice, and she approves a prompt",
            prompt_instead_of_key,
            [KeySignIn, Push],
            ["ADM-03"]
        ),
    ]),
};

async fn prompt_instead_of_key(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    stage.admin().sets_push_up(&alice).await?;
    alice.signs_in_with_push().await?.must_be_welcomed()?;
    stage.admin().sets_policy(&alice, Policy { only_key: Some(true), ..Policy::plain() }).await?;

    alice.signs_in_with_push().await?.is_refused()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn code_instead_of_key(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    let desk = alice.registers_key("desk").await?;
    stage.admin().sets_policy(&alice, Policy { only_key: Some(true), ..Policy::plain() }).await?;
    stage.steps_pass(2).await?;

    alice.signs_in_with_totp().await?.is_refused()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

const DISABLED: Requirement = Requirement {
    id: "login/disabled-account",
    family: Family::Login,
    level: Level::Must,
    impact: Impact::Bypass,
    source: portal("derived"),
    says: "A disabled account does not sign in, with whatever key.",
    catalogue: &[],
    reasons: &[],
    proof: Stories(&[
        story!(
            "password",
            "alice's account is disabled and she enters her password",
            disabled_password,
            [Key, DisableUser],
            ["INF-112"]
        ),
        story!(
            "between",
            "alice's account is disabled between challenge and touch",
            disabled_between,
            [KeySignIn, DisableUser],
            ["login/disabled-account"]
        ),
        story!(
            "before-the-prompt",
            "alice's account is disabled between password and prompt",
            disabled_before_the_prompt,
            [Push, DisableUser],
            ["login/disabled-account"]
        ),
    ]),
};

async fn disabled_before_the_prompt(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    stage.admin().sets_push_up(&alice).await?;
    alice.signs_in_with_push().await?.must_be_welcomed()?;
    let mut here = alice.elsewhere();
    here.enters_password().await?.passes_the_password_step()?;
    stage.admin().disables(&alice).await?;

    here.approves_a_prompt().await?.is_refused()
}

async fn disabled_password(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.registers_key("desk").await?;
    stage.admin().disables(&alice).await?;

    let mut there = alice.elsewhere();
    there.enters_password().await?.is_refused()?;
    there.has_no_key_step().await
}

async fn disabled_between(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    alice.signs_in_with(&desk).await?.must_be_welcomed()?;
    let challenge = alice.begins_sign_in().await?;
    stage.admin().disables(&alice).await?;

    alice.answers(&challenge, &desk).await?.is_refused()
}

const PASSWORDLESS: Requirement = Requirement {
    id: "login/passwordless",
    family: Family::Login,
    level: Level::Must,
    impact: Impact::Bypass,
    source: at("WebAuthn L3 §7.2", "https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion"),
    says: "The key alone signs in where the administrator allows it, and nowhere else.",
    catalogue: &[],
    reasons: &[],
    proof: Stories(&[
        story!(
            "allowed",
            "alice may sign in with the key alone, and does",
            passwordless_allowed,
            [KeySignIn, Passwordless],
            ["INF-099"]
        ),
        story!(
            "where-another-is",
            "bob signs in with his key alone at a browser where alice is signed in",
            passwordless_where_another_is,
            [KeySignIn, Passwordless],
            ["login/account-from-current-session"]
        ),
        story!(
            "off",
            "alice may not sign in with the key alone, and tries",
            passwordless_off,
            [Key, Passwordless, Policy],
            []
        ),
    ]),
};

async fn passwordless_allowed(stage: &mut Stage) -> Told {
    let mut alice = stage.person_with("alice", Policy::passwordless()).await?;
    let desk = alice.registers_model("desk", Model::synced()).await?;

    let challenge = alice.begins_passwordless().await?;
    alice.answers(&challenge, &desk).await?.is_welcomed()
}

async fn passwordless_where_another_is(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    let mut bob = stage.person_with("bob", Policy::passwordless()).await?;
    let his = bob.registers_model("his", Model::synced()).await?;

    let bob = bob.at_the_browser_of(&alice);
    let challenge = bob.begins_passwordless_here().await?;
    bob.answers(&challenge, &his).await?.is_welcomed()
}

async fn passwordless_off(stage: &mut Stage) -> Told {
    let mut alice = stage.person_with("alice", Policy::passwordless()).await?;
    let desk = alice.registers_model("desk", Model::synced()).await?;
    stage
        .admin()
        .sets_policy(&alice, Policy { passwordless: Some(false), ..Policy::plain() })
        .await?;

    alice.tries_passwordless(&desk).await?.is_refused()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}
