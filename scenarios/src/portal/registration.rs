//! A key becomes an account's: who may register one, for whom, and what stays as it was.

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
    &PLAIN,
    &SEVERAL,
    &PLATFORM,
    &LABEL,
    &ABANDONED,
    &OTHER_FACTORS,
    &BY_ADMINISTRATOR,
    &SELF_SERVICE,
    &KEY_ALLOWED,
    &SIGNED_IN,
    &CHALLENGE_BOUND,
    &CHALLENGE_ONCE,
    &PURPOSE,
    &UNIQUE,
    &FRESH,
    &KEY_LIMIT,
];

const PLAIN: Requirement = Requirement {
    id: "registration/plain",
    family: Family::Registration,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("Registering a security key"),
    says: "A signed-in user registers a key, sees it in the list, and signs in with it.",
    catalogue: &["REG-01", "REG-04"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "first-key",
            "alice registers her first key and signs in with it",
            first_key,
            [KeySignIn, ListKeys],
            ["REG-01"]
        ),
        story!(
            "later",
            "alice, signed in with a key, adds another",
            adds_later,
            [KeySignIn, ListKeys],
            ["REG-04"]
        ),
    ]),
};

async fn first_key(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;

    let desk = alice.new_key("desk", Model::roaming());
    let registering = alice.begins_registration("desk").await?;
    alice.finishes_registration(&registering, &desk).await?.is_accepted()?;

    alice.has_keys(&["desk"]).await?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn adds_later(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    alice.moves_in_with(&desk).await?;

    let bag = alice.new_key("bag", Model::roaming());
    let registering = alice.begins_registration("bag").await?;
    alice.finishes_registration(&registering, &bag).await?.is_accepted()?;

    alice.has_keys(&["desk", "bag"]).await?;
    alice.signs_in_with(&bag).await?.is_welcomed()
}

const SEVERAL: Requirement = Requirement {
    id: "registration/several",
    family: Family::Registration,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("Registering a security key"),
    says: "After one key another can be added at once, and every one of them signs in.",
    catalogue: &["REG-03"],
    reasons: &[],
    proof: Stories(&[story!(
        "at-once",
        "alice registers two keys in one sitting",
        two_at_once,
        [KeySignIn, ListKeys],
        ["REG-03"]
    )]),
};

async fn two_at_once(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;

    let bag = alice.new_key("bag", Model::roaming());
    let registering = alice.begins_registration("bag").await?;
    alice.finishes_registration(&registering, &bag).await?.is_accepted()?;

    alice.has_keys(&["bag", "desk"]).await?;
    alice.signs_in_with(&desk).await?.is_welcomed()?;
    alice.signs_in_with(&bag).await?.is_welcomed()
}

const PLATFORM: Requirement = Requirement {
    id: "registration/platform",
    family: Family::Registration,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("Supported security keys"),
    says: "Roaming keys and platform authenticators can both be registered.",
    catalogue: &["REG-09"],
    reasons: &[],
    proof: Stories(&[story!(
        "both",
        "alice registers a roaming key and a platform authenticator",
        both_kinds,
        [KeySignIn],
        ["REG-09"]
    )]),
};

async fn both_kinds(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;

    let laptop = alice.new_key("laptop", Model::platform());
    let registering = alice.begins_registration("laptop").await?;
    alice.finishes_registration(&registering, &laptop).await?.is_accepted()?;

    alice.signs_in_with(&laptop).await?.is_welcomed()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

const LABEL: Requirement = Requirement {
    id: "registration/label",
    family: Family::Registration,
    level: Level::Must,
    impact: Impact::Hygiene,
    source: portal("Registering a security key"),
    says: "The display label is optional and does no harm, whatever it is.",
    catalogue: &["REG-02", "KEY-05"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "empty",
            "alice leaves the label empty",
            empty_label,
            [KeySignIn, OptionalLabel],
            ["REG-02"]
        ),
        story!(
            "control-characters",
            "alice's label holds a line break and a bell",
            control_characters,
            [KeySignIn, ListKeys, StrictLabel],
            []
        ),
        story!(
            "very-long",
            "alice's label has ten thousand characters",
            very_long_label,
            [KeySignIn, ListKeys, StrictLabel],
            []
        ),
        story!(
            "markup",
            "alice's label is a script element, and comes back as it was typed",
            markup_label,
            [KeySignIn, ListKeys],
            ["KEY-05"]
        ),
    ]),
};

async fn empty_label(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;

    let key = alice.new_key("", Model::roaming());
    let registering = alice.begins_registration("").await?;
    alice.finishes_registration(&registering, &key).await?.is_accepted()?;

    alice.signs_in_with(&key).await?.is_welcomed()
}

async fn control_characters(stage: &mut Stage) -> Told {
    is_kept_out(stage, "desk\u{7}\nroot").await
}

async fn very_long_label(stage: &mut Stage) -> Told {
    is_kept_out(stage, &"x".repeat(10_000)).await
}

/// A label that a portal with rules for labels turns down, and no key is left behind.
async fn is_kept_out(stage: &mut Stage, label: &str) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.registers_key("desk").await?;

    let key = alice.new_key("odd", Model::roaming());
    alice.tries_to_register(&key, label).await?.is_turned_down()?;

    alice.has_keys(&["desk"]).await
}

async fn markup_label(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;

    let label = "<script>alert(1)</script>";
    let key = alice.new_key(label, Model::roaming());
    let registering = alice.begins_registration(label).await?;
    alice.finishes_registration(&registering, &key).await?.is_accepted()?;

    alice.has_keys(&[label]).await?;
    alice.signs_in_with(&key).await?.is_welcomed()
}

const ABANDONED: Requirement = Requirement {
    id: "registration/abandoned",
    family: Family::Registration,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("derived"),
    says: "A registration that was abandoned or failed leaves no key behind and does not bar the next one.",
    catalogue: &["REG-08"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "walked-away",
            "alice asks for a registration and never touches the key",
            walked_away,
            [KeySignIn, ListKeys],
            ["REG-08"]
        ),
        story!(
            "failed",
            "alice's first answer is garbage, her second is honest",
            failed_first,
            [KeySignIn, ListKeys],
            []
        ),
    ]),
};

async fn walked_away(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    alice.begins_registration("never").await?;

    alice.has_keys(&[]).await?;

    let desk = alice.registers_key("desk").await?;
    alice.has_keys(&["desk"]).await?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn failed_first(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    let registering = alice.begins_registration("odd").await?;

    alice
        .sends_registration(&registering, "odd", &super::garbage_registration())
        .await?
        .is_turned_down()?;
    alice.has_keys(&[]).await?;

    let desk = alice.registers_key("desk").await?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

const OTHER_FACTORS: Requirement = Requirement {
    id: "registration/other-factors",
    family: Family::Registration,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("Using security keys with other MFA factors"),
    says: "Registering a key leaves the user's other factors working.",
    catalogue: &["REG-11"],
    reasons: &[],
    proof: Stories(&[
        story!("totp", "alice has one-time codes and adds a key", totp_stays, [KeySignIn, Totp], ["REG-11"], after 2 steps),
        story!(
            "push",
            "alice has a push device and adds a key",
            push_stays,
            [KeySignIn, Push],
            ["REG-11"]
        ),
    ]),
};

async fn push_stays(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    stage.admin().sets_push_up(&alice).await?;
    let desk = alice.registers_key("desk").await?;

    alice.signs_in_with_push().await?.is_welcomed()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn totp_stays(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    let desk = alice.registers_key("desk").await?;
    stage.steps_pass(2).await?;

    alice.signs_in_with_totp().await?.is_welcomed()?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

const BY_ADMINISTRATOR: Requirement = Requirement {
    id: "registration/by-administrator",
    family: Family::Registration,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("Your IT admin registers security keys for you"),
    says: "An administrator registers a key for a user, who signs in with it and needs no set-up.",
    catalogue: &["REG-06"],
    reasons: &[],
    proof: Stories(&[story!(
        "signs-in",
        "the administrator registers a key for alice",
        by_administrator,
        [Key, AdminKeys],
        ["REG-06"]
    )]),
};

async fn by_administrator(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    let key = stage.admin().registers_key_for(&alice, "issued").await?;

    alice.signs_in_with(&key).await?.is_welcomed()
}

const SELF_SERVICE: Requirement = Requirement {
    id: "registration/self-service",
    family: Family::Registration,
    level: Level::Must,
    impact: Impact::Bypass,
    source: portal("Setting up security keys"),
    says: "Where the administrator has not enabled self-registration, the registration endpoints refuse.",
    catalogue: &["REG-05"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "forbidden",
            "alice may not register keys herself and asks anyway",
            self_service_off,
            [Key, Policy],
            ["REG-05"]
        ),
        story!(
            "withdrawn",
            "self-registration is withdrawn between alice's challenge and her touch",
            self_service_withdrawn,
            [Key, ListKeys, Policy],
            []
        ),
    ]),
};

async fn self_service_off(stage: &mut Stage) -> Told {
    let mut bob = stage.person("bob").await?;
    bob.registers_key("desk").await?;

    let forbidden = Policy { self_registration: Some(false), ..Policy::plain() };
    let mut alice = stage.person_with("alice", forbidden).await?;
    alice.signs_in().await?;
    alice.asks_to_register("own").await?.is_turned_down()
}

async fn self_service_withdrawn(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.registers_key("desk").await?;
    let key = alice.new_key("late", Model::roaming());
    let registering = alice.begins_registration("late").await?;
    stage
        .admin()
        .sets_policy(&alice, Policy { self_registration: Some(false), ..Policy::plain() })
        .await?;

    alice.finishes_registration(&registering, &key).await?.is_turned_down()?;
    alice.has_keys(&["desk"]).await
}

const KEY_ALLOWED: Requirement = Requirement {
    id: "registration/key-allowed",
    family: Family::Registration,
    level: Level::Must,
    impact: Impact::Bypass,
    source: portal("Setting up security keys"),
    says: "Where the administrator has switched security keys off, none can be registered.",
    catalogue: &["ADM-01"],
    reasons: &[],
    proof: Stories(&[story!(
        "off",
        "keys are off for alice and she asks to register one",
        key_off,
        [Key, Policy],
        []
    )]),
};

async fn key_off(stage: &mut Stage) -> Told {
    let mut bob = stage.person("bob").await?;
    bob.registers_key("desk").await?;

    let mut alice =
        stage.person_with("alice", Policy { key: Some(Factor::Off), ..Policy::plain() }).await?;
    alice.signs_in().await?;
    alice.asks_to_register("own").await?.is_turned_down()
}

const SIGNED_IN: Requirement = Requirement {
    id: "registration/signed-in",
    family: Family::Registration,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("derived"),
    says: "Only somebody who is fully signed in can register a key.",
    catalogue: &["LOG-04"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "visitor",
            "a visitor asks for registration options",
            visitor_registers,
            [KeySignIn],
            ["INF-011"]
        ),
        story!(
            "half-signed-in",
            "mallory knows alice's password, not her key, and adds one of her own",
            half_session_registers,
            [Key],
            ["register/pending-login-allowed"]
        ),
        story!(
            "signed-out-between",
            "alice signs out between challenge and touch",
            signed_out_between,
            [KeySignIn, ListKeys, SignOut],
            ["INF-022"]
        ),
        story!(
            "cookie-lost",
            "the answer comes from a browser without alice's cookies",
            cookie_lost,
            [KeySignIn, ListKeys],
            ["INF-021"]
        ),
    ]),
};

async fn visitor_registers(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.registers_key("desk").await?;

    alice.elsewhere().asks_to_register("visitor").await?.is_turned_down()
}

async fn half_session_registers(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;

    let mut mallory = alice.elsewhere();
    mallory.enters_password().await?.passes_the_password_step()?;
    mallory.asks_to_register("hers").await?.is_turned_down()?;
    mallory.is_not_signed_in().await?;

    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn signed_out_between(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let bag = alice.new_key("bag", Model::roaming());
    let registering = alice.begins_registration("bag").await?;
    alice.signs_out().await?.must_be_accepted()?;

    alice.finishes_registration(&registering, &bag).await?.is_turned_down()?;

    alice.moves_in_with(&desk).await?;
    alice.has_keys(&["desk"]).await
}

async fn cookie_lost(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.registers_key("desk").await?;
    let bag = alice.new_key("bag", Model::roaming());
    let registering = alice.begins_registration("bag").await?;

    alice.elsewhere().finishes_registration(&registering, &bag).await?.is_refused()?;
    alice.has_keys(&["desk"]).await
}

const CHALLENGE_BOUND: Requirement = Requirement {
    id: "registration/challenge-bound",
    family: Family::Registration,
    level: Level::Must,
    impact: Impact::Takeover,
    source: at(
        "WebAuthn L3 §13.4.3",
        "https://www.w3.org/TR/webauthn-3/#sctn-cryptographic-challenges",
    ),
    says: "A registration challenge is good only in the session and for the user that it was issued to.",
    catalogue: &[],
    reasons: &[],
    proof: Stories(&[
        story!(
            "other-user",
            "bob answers with a challenge that was issued to alice",
            challenge_of_another,
            [KeySignIn, ListKeys],
            ["INF-016"]
        ),
        story!(
            "other-session",
            "alice answers in one browser with the challenge of another",
            challenge_of_another_session,
            [KeySignIn, ListKeys],
            ["INF-015"]
        ),
        story!(
            "for-another",
            "mallory registers a key and names alice as its user",
            key_for_another,
            [KeySignIn, ListKeys],
            ["register/user-from-path"]
        ),
        story!(
            "user-changed",
            "bob signs in at alice's browser between her challenge and the touch",
            session_switch,
            [KeySignIn, ListKeys],
            ["register/session-switch"]
        ),
    ]),
};

async fn challenge_of_another(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    let mut bob = stage.person("bob").await?;
    bob.registers_key("desk").await?;
    let hers = alice.begins_registration("hers").await?;
    let his = bob.begins_registration("his").await?;

    let key = bob.new_key("his", Model::roaming());
    bob.finishes_registration(&his.with_challenge_of(&hers), &key).await?.is_turned_down()?;
    bob.has_keys(&["desk"]).await?;
    alice.has_keys(&[]).await
}

async fn challenge_of_another_session(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let mut upstairs = alice.elsewhere();
    alice.signs_in().await?;
    upstairs.signs_in().await?;
    let here = alice.begins_registration("here").await?;
    let there = upstairs.begins_registration("there").await?;

    let key = alice.new_key("there", Model::roaming());
    upstairs
        .finishes_registration(&there.with_challenge_of(&here), &key)
        .await?
        .is_turned_down()?;
    upstairs.has_keys(&[]).await?;

    let fresh = alice.registers_key("desk").await?;
    alice.signs_in_with(&fresh).await?.is_welcomed()
}

async fn key_for_another(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    let mut mallory = stage.person("mallory").await?;
    mallory.signs_in().await?;
    let registering = mallory.begins_registration("hers").await?;

    let key = mallory.new_key("hers", Model::roaming());
    mallory.named(&alice.account().user).finishes_registration(&registering, &key).await?;
    alice.has_keys(&[]).await?;
    alice.elsewhere().gets_in().await?.is_welcomed()
}

async fn session_switch(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    let registering = alice.begins_registration("hers").await?;
    let mut bob = stage.person("bob").await?.at_the_browser_of(&alice);
    bob.signs_in().await?;

    let key = alice.new_key("hers", Model::roaming());
    bob.finishes_registration(&registering, &key).await?.is_turned_down()?;
    bob.has_keys(&[]).await
}

const CHALLENGE_ONCE: Requirement = Requirement {
    id: "registration/challenge-once",
    family: Family::Registration,
    level: Level::Must,
    impact: Impact::Bypass,
    source: at(
        "WebAuthn L3 §13.4.3",
        "https://www.w3.org/TR/webauthn-3/#sctn-cryptographic-challenges",
    ),
    says: "A registration challenge is good for one answer.",
    catalogue: &[],
    reasons: &[],
    proof: Stories(&[
        story!(
            "replayed",
            "alice deletes her key and the answer that registered it is sent again",
            replayed_registration,
            [KeySignIn, ListKeys, DeleteKey],
            ["INF-013", "register/challenge-reusable"]
        ),
        story!(
            "after-failure",
            "a challenge that was answered wrongly is answered again, rightly",
            after_failure,
            [KeySignIn, ListKeys],
            ["INF-014"]
        ),
        story!(
            "never-asked",
            "an answer comes without any options",
            never_asked,
            [KeySignIn, ListKeys],
            ["INF-019"]
        ),
    ]),
};

async fn replayed_registration(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.registers_key("desk").await?;
    let bag = alice.new_key("bag", Model::roaming());
    let registering = alice.begins_registration("bag").await?;
    let (response, spoken) = alice.registers(&registering, &bag, Manner::default()).await?;
    response.must_be_accepted()?;
    alice.deletes(&bag).await?.must_be_accepted()?;

    alice.sends_registration(&registering, "bag", &spoken.json).await?.is_turned_down()?;
    alice.has_keys(&["desk"]).await
}

async fn after_failure(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.registers_key("desk").await?;
    let bag = alice.new_key("bag", Model::roaming());
    let registering = alice.begins_registration("bag").await?;
    let honest = alice.touches_to_register(&registering, &bag)?;
    alice
        .sends_registration(&registering, "bag", &super::broken(&honest))
        .await?
        .is_turned_down()?;

    alice.sends_registration(&registering, "bag", &honest).await?.is_turned_down()?;
    alice.has_keys(&["desk"]).await
}

async fn never_asked(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.registers_key("desk").await?;
    let mut bob = stage.person("bob").await?;
    bob.signs_in().await?;
    let hers = alice.begins_registration("bag").await?;
    let bag = alice.new_key("bag", Model::roaming());
    let honest = alice.touches_to_register(&hers, &bag)?;

    bob.sends_registration(&hers, "bag", &honest).await?.is_turned_down()?;
    bob.has_keys(&[]).await
}

const PURPOSE: Requirement = Requirement {
    id: "registration/purpose",
    family: Family::Registration,
    level: Level::Must,
    impact: Impact::Bypass,
    source: at(
        "WebAuthn L3 §13.4.3",
        "https://www.w3.org/TR/webauthn-3/#sctn-cryptographic-challenges",
    ),
    says: "A challenge that was issued for a sign-in registers nothing.",
    catalogue: &[],
    reasons: &[],
    proof: Stories(&[
        story!(
            "sign-in-challenge",
            "alice registers a key with the challenge of a sign-in",
            sign_in_challenge,
            [KeySignIn, ListKeys],
            []
        ),
        story!(
            "in-one-session",
            "alice registers a key with the challenge of a fresh proof in the same session",
            proof_challenge,
            [Key, ListKeys, Reauthentication],
            ["INF-017"]
        ),
    ]),
};

async fn sign_in_challenge(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    alice.moves_in_with(&desk).await?;
    let registering = alice.begins_registration("bag").await?;
    let signing = alice.begins_sign_in().await?;

    let bag = alice.new_key("bag", Model::roaming());
    alice
        .finishes_registration(&registering.with_challenge_of(&signing), &bag)
        .await?
        .is_turned_down()?;
    alice.has_keys(&["desk"]).await
}

async fn proof_challenge(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    alice.moves_in_with(&desk).await?;
    let registering = alice.begins_registration("bag").await?;
    let proving = alice.asks_for_key().await?;

    let bag = alice.new_key("bag", Model::roaming());
    alice
        .finishes_registration(&registering.with_challenge_of(&proving), &bag)
        .await?
        .is_turned_down()?;
    alice.has_keys(&["desk"]).await
}

const UNIQUE: Requirement = Requirement {
    id: "registration/credential-unique",
    family: Family::Registration,
    level: Level::Must,
    impact: Impact::Takeover,
    source: at(
        "WebAuthn L3 §7.1",
        "https://www.w3.org/TR/webauthn-3/#sctn-registering-a-new-credential",
    ),
    says: "A credential id that is known already is refused, whoever offers it.",
    catalogue: &["REG-07"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "same-user",
            "alice's client ignores the exclude list and registers her key again",
            same_key_again,
            [KeySignIn, ListKeys],
            ["INF-053"]
        ),
        story!(
            "other-user",
            "bob registers the id of alice's key, and she still signs in",
            id_of_another,
            [KeySignIn, ListKeys],
            ["INF-054"]
        ),
        story!(
            "at-the-same-instant",
            "alice and bob register one id at the same instant",
            one_id_at_once,
            [KeySignIn, ListKeys],
            ["register/duplicate-id-race"],
            at_once Acts 2
        ),
    ]),
};

async fn same_key_again(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    let desk = alice.new_key("desk", Model::roaming());
    let twin = desk.cloned_device();
    let registering = alice.begins_registration("desk").await?;
    alice.finishes_registration(&registering, &desk).await?.must_be_accepted()?;

    let registering = alice.begins_registration("twin").await?;
    let manner = Manner { ignores_lists: true, ..Manner::default() };
    alice.registers(&registering, &twin, manner).await?.0.is_turned_down()?;

    alice.has_keys(&["desk"]).await?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn id_of_another(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    let mut bob = stage.person("bob").await?;
    bob.signs_in().await?;
    let desk = alice.new_key("desk", Model::roaming());
    let twin = desk.cloned_device();
    let registering = alice.begins_registration("desk").await?;
    alice.finishes_registration(&registering, &desk).await?.must_be_accepted()?;

    let registering = bob.begins_registration("stolen").await?;
    bob.finishes_registration(&registering, &twin).await?.is_turned_down()?;

    bob.has_keys(&[]).await?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn one_id_at_once(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    let mut bob = stage.person("bob").await?;
    bob.signs_in().await?;
    let hers = alice.new_key("desk", Model::roaming());
    let his = hers.cloned_device();
    let for_her = alice.begins_registration("desk").await?;
    let for_him = bob.begins_registration("desk").await?;
    let hers = alice.touches_to_register(&for_her, &hers)?;
    let his = bob.touches_to_register(&for_him, &his)?;

    alice.registers_at_once_with(&mut bob, (&for_her, &hers), (&for_him, &his)).await?;

    let together = alice.keys().await?.len() + bob.keys().await?.len();
    // That both were refused shows nothing.
    let held = (together > 0).then_some(together == 1);
    stage.expects("exactly one of the two has the key", format!("{together} have it"), held)
}

const FRESH: Requirement = Requirement {
    id: "registration/fresh-authentication",
    family: Family::Registration,
    level: Level::Should,
    impact: Impact::Takeover,
    source: portal("OWASP ASVS 7.5.1"),
    says: "Adding a key asks for a fresh proof when the last one is older than the portal lets it be.",
    catalogue: &["KEY-07"],
    reasons: &[],
    proof: Stories(&[
        story!("aged-session", "alice signed in too long ago for a fresh proof, and adds a key", aged_session, [KeySignIn, FreshAuthentication], ["register/no-fresh-authentication"], after lifetime),
        story!("young-session", "alice signed in just recently enough, and adds a key", young_session, [KeySignIn, FreshAuthentication], [], after lifetime),
    ]),
};

async fn aged_session(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    alice.moves_in_with(&desk).await?;
    stage.time_passes(stage.proof_lifetime() + stage.margin()).await?;

    alice.asks_to_register("late").await?.is_turned_down()?;

    alice.moves_in_with(&desk).await?;
    alice.registers_key("fresh").await.map(|_| ())
}

async fn young_session(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    alice.moves_in_with(&desk).await?;
    stage.time_passes(stage.proof_lifetime().saturating_sub(stage.margin())).await?;

    alice.asks_to_register("soon").await?.is_accepted()
}

const KEY_LIMIT: Requirement = Requirement {
    id: "registration/key-limit",
    family: Family::Registration,
    level: Level::Should,
    impact: Impact::Hygiene,
    source: portal("derived"),
    says: "There is a limit to the keys of one account.",
    catalogue: &[],
    reasons: &[],
    proof: Stories(&[story!(
        "twenty-one",
        "alice registers twenty keys and one more",
        twenty_one_keys,
        [KeySignIn, KeyLimit],
        ["register/unlimited-keys"]
    )]),
};

async fn twenty_one_keys(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    alice.registers_keys(20).await?;

    alice.asks_to_register("one more").await?.is_turned_down()
}
