//! Finding and managing keys.

use harness::{
    policy::{Factor, Policy},
    requirement::{Family, Proof::Stories, Requirement, portal},
    story,
    story::{Stage, Told},
};
use reports::record::{Impact, Level};

/// The requirements of this chapter, in reading order.
pub(super) const CHAPTER: &[&Requirement] = &[&RENAME, &ADMINISTERED, &VISIBLE, &FRESH];

const RENAME: Requirement = Requirement {
    id: "keys/rename",
    family: Family::Keys,
    level: Level::Must,
    impact: Impact::Hygiene,
    source: portal("About the display label"),
    says: "A user can change the label of a key they registered; the key stays the same.",
    catalogue: &["KEY-02"],
    reasons: &[],
    proof: Stories(&[story!(
        "own",
        "alice gives her key another label",
        own_label,
        [KeySignIn, RenameKey, ListKeys],
        ["KEY-02"]
    )]),
};

async fn own_label(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;

    alice.renames(&desk, "office").await?.is_accepted()?;
    alice.has_keys(&["office"]).await?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

const ADMINISTERED: Requirement = Requirement {
    id: "keys/administered",
    family: Family::Keys,
    level: Level::Must,
    impact: Impact::Hygiene,
    source: portal("About the display label"),
    says: "The label of a key that the administrator registered cannot be changed by the user.",
    catalogue: &["KEY-03"],
    reasons: &[],
    proof: Stories(&[story!(
        "rename",
        "alice renames the key that the administrator gave her",
        renames_issued,
        [Key, AdminKeys, RenameKey, ListKeys],
        ["KEY-03"]
    )]),
};

async fn renames_issued(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let issued = stage.admin().registers_key_for(&alice, "issued").await?;
    alice.moves_in_with(&issued).await?;

    alice.renames(&issued, "mine").await?.is_turned_down()?;
    alice.has_keys(&["issued"]).await
}

const VISIBLE: Requirement = Requirement {
    id: "keys/visible",
    family: Family::Keys,
    level: Level::Must,
    impact: Impact::Hygiene,
    source: portal("About the security key status"),
    says: "The status of keys is shown only to users whose administrator allows keys.",
    catalogue: &["KEY-06"],
    reasons: &[],
    proof: Stories(&[story!(
        "off",
        "keys are switched off for alice, who has one, and she opens the list",
        hidden_when_off,
        [Key, ListKeys, Policy],
        ["KEY-06"]
    )]),
};

async fn hidden_when_off(stage: &mut Stage) -> Told {
    let mut bob = stage.person("bob").await?;
    bob.signs_in().await?;
    bob.has_keys(&[]).await?;

    let mut alice = stage.person("alice").await?;
    alice.registers_key("desk").await?;
    stage.admin().sets_policy(&alice, Policy { key: Some(Factor::Off), ..Policy::plain() }).await?;
    alice.sees_no_keys().await
}

const FRESH: Requirement = Requirement {
    id: "keys/fresh-authentication",
    family: Family::Keys,
    level: Level::Should,
    impact: Impact::Takeover,
    source: portal("OWASP ASVS 7.5.1"),
    says: "Deleting a key asks for a fresh proof when the last one is older than the portal lets it be.",
    catalogue: &["KEY-07"],
    reasons: &[],
    proof: Stories(&[
        story!("aged-session", "alice signed in too long ago for a fresh proof, and deletes a key", aged_session, [KeySignIn, DeleteKey, ListKeys, FreshAuthentication], ["manage/disable-without-proof"], after lifetime),
    ]),
};

async fn aged_session(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let bag = alice.registers_key("bag").await?;
    stage.time_passes(stage.proof_lifetime() + stage.margin()).await?;

    alice.deletes(&bag).await?.is_turned_down()?;
    alice.moves_in_with(&desk).await?;
    alice.deletes(&bag).await?.is_accepted()
}
