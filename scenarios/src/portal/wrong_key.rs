//! A key that is not the right one.

use harness::{
    requirement::{Family, Proof::Stories, Requirement, at, portal},
    story,
    story::{Stage, Told},
};
use reports::record::{Impact, Level};
use softkey::Model;

/// The requirements of this chapter, in reading order.
pub(super) const CHAPTER: &[&Requirement] = &[&CREDENTIAL, &TRY_AGAIN, &CLONED];

const CREDENTIAL: Requirement = Requirement {
    id: "authentication/credential",
    family: Family::WrongKey,
    level: Level::Must,
    impact: Impact::Takeover,
    source: at("WebAuthn L3 §7.2", "https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion"),
    says: "Only a key that is registered for the user who signs in is accepted.",
    catalogue: &["WRK-01", "WRK-02", "WRK-03"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "unregistered",
            "alice answers with a key that was registered somewhere else",
            unregistered,
            [KeySignIn],
            ["WRK-01"]
        ),
        story!(
            "of-another-user",
            "mallory enters alice's password and answers with her own registered key",
            of_another_user,
            [Key],
            ["WRK-02"]
        ),
        story!(
            "same-id-other-key",
            "a key with the id of alice's and secrets of its own",
            same_id_other_secret,
            [KeySignIn],
            ["WRK-03"]
        ),
        story!(
            "not-listed",
            "alice answers with a key of hers that was not asked for",
            not_listed,
            [Key],
            ["INF-108"]
        ),
        story!(
            "no-keys-of-her-own",
            "alice has codes and no key, and answers with bob's key",
            empty_allow_list,
            [Key, Totp],
            ["login/empty-allowlist-matches-any"]
        ),
    ]),
};

async fn unregistered(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let stranger = alice.has_a_key_of_nowhere("strange").await?;

    let challenge = alice.begins_sign_in().await?;
    alice.answers_unasked(&challenge, &stranger).await?.is_refused()?;

    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn of_another_user(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let mut mallory = stage.person("mallory").await?;
    // A key that carries no user handle: only its id tells whose it is.
    let hers = mallory.registers_model("hers", Model::u2f()).await?;

    let challenge = alice.begins_sign_in().await?;
    alice.answers_unasked(&challenge, &hers).await?.is_refused()?;

    mallory.signs_in_with(&hers).await?.is_welcomed()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn same_id_other_secret(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let mut mallory = stage.person("mallory").await?;
    let hers = mallory.registers_key("hers").await?;

    let challenge = alice.begins_sign_in().await?;
    alice.answers_in_the_name_of(&challenge, &hers, &desk).await?.is_refused()?;

    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn empty_allow_list(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    let mut bob = stage.person("bob").await?;
    let his = bob.registers_model("his", Model::u2f()).await?;
    let for_bob = bob.begins_sign_in().await?;

    let challenge = alice.asks_for_sign_in().await?;
    alice.answers_unasked(&challenge.or_the_options_of(&for_bob), &his).await?.is_refused()
}

async fn not_listed(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.registers_key("desk").await?;
    let challenge = alice.begins_sign_in().await?;
    let bag = alice.registers_key("bag").await?;

    alice.answers_unasked(&challenge, &bag).await?.is_refused()?;
    alice.signs_in_with(&bag).await?.is_welcomed()
}

const TRY_AGAIN: Requirement = Requirement {
    id: "wrong-key/try-again",
    family: Family::WrongKey,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("What happens if your security key fails?"),
    says: "After a refusal the user tries again with the right key, or switches to another factor, without starting over.",
    catalogue: &["WRK-04"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "right-key",
            "alice answers with the wrong key, then with hers, in one session",
            right_key_next,
            [Key],
            ["WRK-04"]
        ),
        story!("code", "alice answers with the wrong key, then with a code, in one session", code_next, [Key, Totp], [], after 2 steps),
    ]),
};

async fn right_key_next(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let mut mallory = stage.person("mallory").await?;
    let hers = mallory.registers_key("hers").await?;

    let mut here = alice.elsewhere();
    here.enters_password().await?.passes_the_password_step()?;
    let challenge = here.asks_for_key().await?;
    here.answers_unasked(&challenge, &hers).await?.is_refused()?;

    let again = here.asks_for_key().await?;
    here.answers(&again, &desk).await?.is_welcomed()
}

async fn code_next(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    alice.registers_key("desk").await?;
    let mut mallory = stage.person("mallory").await?;
    let hers = mallory.registers_key("hers").await?;
    stage.steps_pass(2).await?;

    let mut here = alice.elsewhere();
    here.enters_password().await?.passes_the_password_step()?;
    let challenge = here.asks_for_key().await?;
    here.answers_unasked(&challenge, &hers).await?.is_refused()?;

    let code = here.code_now(0).await?;
    here.enters_code(&code).await?.is_welcomed()
}

const CLONED: Requirement = Requirement {
    id: "wrong-key/cloned",
    family: Family::WrongKey,
    level: Level::Should,
    impact: Impact::Takeover,
    source: at("WebAuthn L3 §6.1.1", "https://www.w3.org/TR/webauthn-3/#sctn-sign-counter"),
    says: "A cloned key, shown by a counter that does not go forward, is refused, and stays refused.",
    catalogue: &["WRK-05"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "clone",
            "a clone of alice's key answers with a counter that she has passed",
            clone_answers,
            [KeySignIn],
            ["WRK-05"]
        ),
        story!(
            "clone-twice",
            "the clone is refused and answers again, one further",
            clone_twice,
            [KeySignIn],
            ["login/counter-rollback-stored"]
        ),
        story!(
            "original-goes-on",
            "after the clone was refused alice's own key still signs in",
            original_goes_on,
            [KeySignIn],
            ["INF-130"]
        ),
        story!(
            "at-the-same-instant",
            "alice's key and its clone answer at the same instant with one counter",
            clone_race,
            [KeySignIn],
            ["login/counter-race"],
            at_once Tries 2
        ),
    ]),
};

async fn clone_answers(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let clone = desk.cloned_device();
    alice.signs_in_with(&desk).await?.must_be_welcomed()?;

    alice.signs_in_with(&clone).await?.is_refused()
}

async fn clone_twice(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let clone = desk.cloned_device();
    desk.set_counter(1_000_000);
    alice.signs_in_with(&desk).await?.must_be_welcomed()?;
    alice.signs_in_with(&clone).await?;

    alice.signs_in_with(&clone).await?.is_refused()
}

async fn original_goes_on(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let clone = desk.cloned_device();
    alice.signs_in_with(&desk).await?.must_be_welcomed()?;
    alice.signs_in_with(&clone).await?;

    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn clone_race(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_model("desk", Model::roaming()).await?;
    let clone = desk.cloned_device();
    let here = alice.begins_sign_in().await?;
    let there = alice.begins_sign_in().await?;

    alice.answers_at_once((&here, &desk), (&there, &clone)).await?.at_most_one_is_welcomed()
}
