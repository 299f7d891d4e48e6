//! A key that is no longer there.

use harness::{
    policy::{Factor, Policy},
    requirement::{Family, Proof::Stories, Requirement, portal},
    story,
    story::{Stage, Told},
};
use reports::record::{Impact, Level};

/// The requirements of this chapter, in reading order.
pub(super) const CHAPTER: &[&Requirement] =
    &[&DEAD, &AT_ONCE, &NOT_ASKED_FOR, &AGAIN, &OWN, &LAST_FACTOR];

const DEAD: Requirement = Requirement {
    id: "deleted-credential/dead",
    family: Family::DeletedCredential,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("Possible authentication errors"),
    says: "A deleted key no longer signs in, whoever deleted it; the other keys do.",
    catalogue: &["DEL-01", "DEL-03"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "by-administrator",
            "the administrator deletes one of alice's keys",
            deleted_by_administrator,
            [KeySignIn, AdminDeleteKey, ListKeys],
            ["DEL-01"]
        ),
        story!(
            "by-user",
            "alice deletes one of her keys",
            deleted_by_user,
            [KeySignIn, DeleteKey],
            ["DEL-03"]
        ),
    ]),
};

async fn deleted_by_administrator(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let lost = alice.registers_key("lost").await?;
    alice.signs_in_with(&lost).await?.must_be_welcomed()?;

    stage.admin().deletes_key(&alice, &lost).await?;
    let challenge = alice.begins_sign_in().await?;
    alice.answers_unasked(&challenge, &lost).await?.is_refused()?;

    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn deleted_by_user(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let lost = alice.registers_key("lost").await?;
    alice.signs_in_with(&lost).await?.must_be_welcomed()?;

    alice.deletes(&lost).await?.is_accepted()?;
    alice.has_keys(&["desk"]).await?;
    let challenge = alice.begins_sign_in().await?;
    alice.answers_unasked(&challenge, &lost).await?.is_refused()?;

    alice.signs_in_with(&desk).await?.is_welcomed()
}

const AT_ONCE: Requirement = Requirement {
    id: "deleted-credential/at-once",
    family: Family::DeletedCredential,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("Possible authentication errors"),
    says: "Deletion takes effect at once: a sign-in begun before it cannot be finished with that key after it.",
    catalogue: &["DEL-02"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "in-another-tab",
            "alice deletes a key in one tab and touches it in another",
            deleted_between,
            [KeySignIn, DeleteKey],
            ["DEL-02"]
        ),
        story!(
            "by-administrator-between",
            "the administrator deletes the key between challenge and touch",
            deleted_by_admin_between,
            [KeySignIn, AdminDeleteKey, ListKeys],
            ["INF-106"]
        ),
    ]),
};

async fn deleted_between(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let lost = alice.registers_key("lost").await?;
    let challenge = alice.begins_sign_in().await?;
    alice.deletes(&lost).await?.must_be_accepted()?;

    alice.answers(&challenge, &lost).await?.is_refused()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn deleted_by_admin_between(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let lost = alice.registers_key("lost").await?;
    let challenge = alice.begins_sign_in().await?;
    stage.admin().deletes_key(&alice, &lost).await?;

    alice.answers(&challenge, &lost).await?.is_refused()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

const NOT_ASKED_FOR: Requirement = Requirement {
    id: "deleted-credential/not-asked-for",
    family: Family::DeletedCredential,
    level: Level::Must,
    impact: Impact::Hygiene,
    source: portal("Deleting your security keys"),
    says: "A deleted key is no longer among those that the options name.",
    catalogue: &["DEL-06"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "options",
            "alice deletes a key and looks at what the browser is asked for",
            gone_from_options,
            [Key, DeleteKey],
            ["INF-100"]
        ),
        story!(
            "last-key",
            "alice deletes her only key and signs in with the password alone",
            last_key_deleted,
            [Key, DeleteKey, ListKeys],
            ["DEL-06"]
        ),
    ]),
};

async fn gone_from_options(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let lost = alice.registers_key("lost").await?;
    let before = alice.begins_sign_in().await?;
    before.asks_for(&lost, true)?;

    alice.deletes(&lost).await?.must_be_accepted()?;
    let after = alice.begins_sign_in().await?;
    after.asks_for(&lost, false)?;
    after.asks_for(&desk, true)
}

async fn last_key_deleted(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    alice.signs_in_with(&desk).await?.must_be_welcomed()?;

    alice.deletes(&desk).await?.is_accepted()?;
    alice.has_keys(&[]).await?;
    alice.elsewhere().gets_in().await?.is_welcomed()
}

const AGAIN: Requirement = Requirement {
    id: "deleted-credential/again",
    family: Family::DeletedCredential,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("Deleting your security keys"),
    says: "After deletion the same key or a new one can be registered, and works.",
    catalogue: &["DEL-04"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "same-key",
            "alice deletes a key and registers it again",
            same_key_again,
            [KeySignIn, DeleteKey],
            ["DEL-04"]
        ),
        story!(
            "new-key",
            "alice deletes a key and registers another",
            new_key_instead,
            [KeySignIn, DeleteKey, ListKeys],
            []
        ),
    ]),
};

async fn same_key_again(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.registers_key("desk").await?;
    let bag = alice.registers_key("bag").await?;
    alice.deletes(&bag).await?.must_be_accepted()?;

    let registering = alice.begins_registration("bag").await?;
    alice.finishes_registration(&registering, &bag).await?.is_accepted()?;
    alice.signs_in_with(&bag).await?.is_welcomed()
}

async fn new_key_instead(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    alice.deletes(&desk).await?.must_be_accepted()?;

    let bag = alice.registers_key("bag").await?;
    alice.has_keys(&["bag"]).await?;
    alice.signs_in_with(&bag).await?.is_welcomed()
}

const OWN: Requirement = Requirement {
    id: "keys/own",
    family: Family::DeletedCredential,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("derived"),
    says: "A user can delete and rename only their own keys.",
    catalogue: &["DEL-05"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "delete",
            "mallory deletes alice's key by its id",
            deletes_of_another,
            [KeySignIn, DeleteKey, ListKeys],
            ["DEL-05"]
        ),
        story!(
            "rename",
            "mallory renames alice's key by its id",
            renames_of_another,
            [KeySignIn, RenameKey, ListKeys],
            ["manage/rename-idor"]
        ),
    ]),
};

async fn deletes_of_another(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let mut mallory = stage.person("mallory").await?;
    mallory.registers_key("hers").await?;

    let answer = mallory.deletes_by_id(&alice.id_of(&desk).await?).await?;
    // What became of the key decides: a portal may say yes and delete nothing.
    alice.has_keys(&["desk"]).await?;
    alice.signs_in_with(&desk).await?.is_welcomed()?;
    answer.is_refused()
}

async fn renames_of_another(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let mut mallory = stage.person("mallory").await?;
    mallory.registers_key("hers").await?;

    mallory.renames_by_id(&alice.id_of(&desk).await?, "owned").await?.is_turned_down()?;
    alice.has_keys(&["desk"]).await
}

const LAST_FACTOR: Requirement = Requirement {
    id: "keys/last-factor",
    family: Family::DeletedCredential,
    level: Level::Must,
    impact: Impact::Bypass,
    source: portal("Deleting your security keys"),
    says: "Where a factor is required the last one cannot be deleted; one of several can.",
    catalogue: &["ADM-01"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "required",
            "a key is required of alice and she deletes her only one",
            required_key_stays,
            [Key, DeleteKey, ListKeys, Policy],
            ["manage/last-factor-removable"]
        ),
        story!(
            "one-of-two",
            "a key is required of alice and she deletes one of two",
            one_of_two_goes,
            [Key, DeleteKey, ListKeys, Policy],
            ["manage/last-factor-miscounted"]
        ),
    ]),
};

async fn required_key_stays(stage: &mut Stage) -> Told {
    let mut alice = stage
        .person_with("alice", Policy { key: Some(Factor::Required), ..Policy::plain() })
        .await?;
    let desk = alice.registers_key("desk").await?;

    alice.deletes(&desk).await?.is_turned_down()?;
    alice.has_keys(&["desk"]).await?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn one_of_two_goes(stage: &mut Stage) -> Told {
    let mut alice = stage
        .person_with("alice", Policy { key: Some(Factor::Required), ..Policy::plain() })
        .await?;
    let desk = alice.registers_key("desk").await?;
    let bag = alice.registers_key("bag").await?;

    alice.deletes(&bag).await?.is_accepted()?;
    alice.has_keys(&["desk"]).await?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}
