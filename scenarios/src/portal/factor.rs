//! Push beside the other factors: what a prompt on a device must sign in, and what it must not.

use harness::{
    policy::{Policy, Push},
    requirement::{Family, Proof::Stories, Requirement, portal},
    story,
    story::{Stage, Told},
};
use reports::record::{Impact, Level};

/// The requirements of this chapter, in reading order.
pub(super) const CHAPTER: &[&Requirement] = &[&ANSWER, &OWN_PROMPT, &CHOICE, &ALLOWED, &LIMIT];

const ANSWER: Requirement = Requirement {
    id: "push/answer",
    family: Family::Factor,
    level: Level::Must,
    impact: Impact::Bypass,
    source: portal("Logging in with a security key"),
    says: "A prompt signs in once it is approved on the user's device, and neither when it is denied nor when nobody answers it.",
    catalogue: &["FAC-02"],
    reasons: &[],
    proof: Stories(&[
        story!("approved", "alice asks for a prompt and approves it", approved, [Push], ["FAC-02"]),
        story!(
            "denied",
            "alice denies a prompt, and approves the next one",
            denied,
            [Push],
            ["FAC-02"]
        ),
        story!(
            "unanswered",
            "nobody answers the prompt that alice asked for, and she approves the next one",
            unanswered,
            [Push],
            ["FAC-02"]
        ),
    ]),
};

async fn approved(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    stage.admin().sets_push_up(&alice).await?;

    alice.signs_in_with_push().await?.is_welcomed()
}

async fn denied(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    stage.admin().sets_push_up(&alice).await?;

    let mut here = alice.elsewhere();
    here.enters_password().await?.passes_the_password_step()?;
    here.denies_a_prompt().await?.is_denied()?;
    alice.signs_in_with_push().await?.is_welcomed()
}

async fn unanswered(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    stage.admin().sets_push_up(&alice).await?;

    let mut here = alice.elsewhere();
    here.enters_password().await?.passes_the_password_step()?;
    here.leaves_a_prompt().await?.is_refused()?;
    alice.signs_in_with_push().await?.is_welcomed()
}

const OWN_PROMPT: Requirement = Requirement {
    id: "push/own-prompt",
    family: Family::Factor,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("derived"),
    says: "An approval signs in the browser that asked for the prompt, and no other.",
    catalogue: &["FAC-02"],
    reasons: &[],
    proof: Stories(&[story!(
        "other-browser",
        "mallory knows alice's password, and waits at her own browser while alice approves her prompt",
        other_browser,
        [Push],
        ["FAC-02"]
    )]),
};

async fn other_browser(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    stage.admin().sets_push_up(&alice).await?;
    let mut mallory = alice.elsewhere();
    mallory.enters_password().await?.passes_the_password_step()?;

    alice.signs_in_with_push().await?.must_be_welcomed()?;
    mallory.is_not_signed_in().await?;
    mallory.leaves_a_prompt().await?.is_refused()?;

    alice.signs_in_with_push().await?.is_welcomed()
}

const CHOICE: Requirement = Requirement {
    id: "push/choice",
    family: Family::Factor,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("Logging in with a security key"),
    says: "Push stands beside the key and codes: each of them signs in, whatever else is set up.",
    catalogue: &["FAC-02", "FAC-01", "LOG-02"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "beside-key",
            "alice has a key and a push device, and signs in with either",
            beside_key,
            [KeySignIn, Push],
            ["LOG-02"]
        ),
        story!("beside-codes", "alice has codes and a push device, and signs in with either", beside_codes, [Totp, Push], ["FAC-02"], after 2 steps),
        story!(
            "changes-her-mind",
            "alice chooses the key, leaves it, and approves a prompt",
            changes_her_mind,
            [Key, Push],
            ["FAC-01"]
        ),
    ]),
};

async fn beside_key(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    stage.admin().sets_push_up(&alice).await?;

    let challenge = alice.asks_for_sign_in().await?;
    challenge.is_offered()?;
    alice.answers(&challenge, &desk).await?.is_welcomed()?;
    alice.signs_in_with_push().await?.is_welcomed()
}

async fn beside_codes(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    stage.admin().sets_push_up(&alice).await?;
    stage.steps_pass(2).await?;

    alice.signs_in_with_totp().await?.is_welcomed()?;
    alice.signs_in_with_push().await?.is_welcomed()
}

async fn changes_her_mind(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.registers_key("desk").await?;
    stage.admin().sets_push_up(&alice).await?;

    let mut here = alice.elsewhere();
    here.enters_password().await?.passes_the_password_step()?;
    here.asks_for_key().await?.is_offered()?;
    here.approves_a_prompt().await?.is_welcomed()
}

const ALLOWED: Requirement = Requirement {
    id: "push/allowed",
    family: Family::Factor,
    level: Level::Should,
    impact: Impact::Bypass,
    source: portal("derived"),
    says: "Where the administrator has switched push off, a prompt no longer signs in.",
    catalogue: &["FAC-02"],
    reasons: &[],
    proof: Stories(&[story!(
        "switched-off",
        "push is switched off for alice, who has a device and a key",
        switched_off,
        [KeySignIn, Push],
        ["FAC-02"]
    )]),
};

async fn switched_off(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    stage.admin().sets_push_up(&alice).await?;
    alice.signs_in_with_push().await?.must_be_welcomed()?;
    let mut here = alice.elsewhere();
    here.enters_password().await?.passes_the_password_step()?;
    stage.admin().sets_policy(&alice, Policy { push: Some(Push::Off), ..Policy::plain() }).await?;

    here.approves_a_prompt().await?.is_refused()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

const LIMIT: Requirement = Requirement {
    id: "push/limit",
    family: Family::Factor,
    level: Level::Should,
    impact: Impact::Takeover,
    source: portal("derived"),
    says: "Whoever knows a password cannot have the user prompted until an approval slips out: prompts are sent only so often.",
    catalogue: &["FAC-02"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "ten-prompts",
            "mallory, who knows alice's password, asks for ten prompts; the next one cannot be approved",
            ten_prompts,
            [Push, PushLimit],
            ["flow/push-flood"]
        ),
        story!(
            "new-sessions",
            "the same, each prompt after a new password step in a new browser",
            ten_in_new_sessions,
            [Push, PushLimit],
            []
        ),
    ]),
};

async fn ten_prompts(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    stage.admin().sets_push_up(&alice).await?;
    alice.signs_in_with_push().await?.must_be_welcomed()?;

    let mut mallory = alice.elsewhere();
    mallory.enters_password().await?.passes_the_password_step()?;
    mallory.leaves_prompts(10).await?;
    mallory.approves_a_prompt().await?.is_refused_or_slowed()
}

async fn ten_in_new_sessions(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    stage.admin().sets_push_up(&alice).await?;
    alice.signs_in_with_push().await?.must_be_welcomed()?;

    alice.leaves_prompts_in_new_sessions(10).await?;
    alice.tries_push().await?.is_refused_or_slowed()
}
