//! A forgotten password: the mailed link, its life, its single use, and the factor that confirms it.

use std::time::Duration;

use harness::{
    requirement::{Family, Proof::Stories, Requirement, at, portal},
    story,
    story::{Break, Manner, Person, Stage, Told},
};
use profile::error::Error;
use reports::record::{Impact, Level};

/// The requirements of this chapter, in reading order.
pub(super) const CHAPTER: &[&Requirement] = &[
    &PLAIN,
    &FACTOR,
    &LIFETIME,
    &ONCE,
    &TOKEN,
    &NEWEST,
    &KEY,
    &ENUMERATION,
    &SESSIONS,
    &NOT_SIGNED_IN,
    &DISABLED,
    &LIMIT,
    &PASSWORD,
];

const ASVS: &str = "https://github.com/OWASP/ASVS";

/// Portals that put the time into a link mail the same one twice within a second; nobody is worse off.
const MOMENT: Duration = Duration::from_secs(2);

const PLAIN: Requirement = Requirement {
    id: "reset/plain",
    family: Family::ResetToken,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("Resetting a password"),
    says: "The mailed link sets a new password; the new one works and the old one does not.",
    catalogue: &["RST-01"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "no-factor",
            "alice, who has no factor, resets her password",
            without_factor,
            [Reset],
            []
        ),
        story!(
            "with-key",
            "alice resets her password and confirms with her key",
            with_key,
            [Key, ResetByKey],
            ["RST-01"]
        ),
        story!(
            "looked-at-first",
            "the link is opened twice before it is used",
            opened_before,
            [Reset],
            ["reset/opened-by-scanner"]
        ),
    ]),
};

async fn without_factor(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    let old = alice.account().password.clone();
    let new = alice.new_password("new");

    let link = alice.is_mailed_a_link().await?;
    alice.resets(&link, &new).await?.is_accepted()?;

    alice.password_works(&new).await?;
    alice.password_is_dead(&old).await
}

async fn with_key(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let old = alice.account().password.clone();
    let new = alice.new_password("new");

    let link = alice.is_mailed_a_link().await?;
    alice.resets_with(&link, &new, &desk).await?.is_accepted()?;

    alice.password_works(&new).await?;
    alice.password_is_dead(&old).await?;
    alice.with_password(&new).signs_in_with(&desk).await?.is_welcomed()
}

async fn opened_before(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    let new = alice.new_password("new");
    let link = alice.is_mailed_a_link().await?;

    let mut scanner = alice.elsewhere();
    scanner.opens(&link).await?;
    scanner.is_not_signed_in().await?;
    alice.elsewhere().opens(&link).await?;

    alice.resets(&link, &new).await?.is_accepted()?;
    alice.password_works(&new).await
}

const FACTOR: Requirement = Requirement {
    id: "reset/factor",
    family: Family::ResetToken,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("Resetting a password"),
    says: "Where the user has a factor the mailed token alone changes nothing.",
    catalogue: &["RST-02"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "token-alone",
            "mallory reads alice's mail and has no key",
            token_alone,
            [Key, ResetByKey],
            ["RST-02"]
        ),
        story!("code-for-codes", "alice has codes and no key; the token alone changes nothing", token_alone_with_codes, [Totp, ResetByKey], [], after 2 steps),
        story!(
            "prompt-for-push",
            "alice has a push device and no other factor; the token alone changes nothing",
            token_alone_with_push,
            [Push, ResetByKey],
            []
        ),
    ]),
};

async fn token_alone(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let new = alice.new_password("new");
    let link = alice.is_mailed_a_link().await?;

    alice.resets(&link, &new).await?.is_turned_down()?;

    alice.password_is_dead(&new).await?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn token_alone_with_codes(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    let new = alice.new_password("new");
    let link = alice.is_mailed_a_link().await?;
    stage.steps_pass(2).await?;

    alice.resets(&link, &new).await?.is_turned_down()?;

    alice.password_is_dead(&new).await?;
    alice.signs_in_with_totp().await?.is_welcomed()
}

async fn token_alone_with_push(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    stage.admin().sets_push_up(&alice).await?;
    let new = alice.new_password("new");
    let link = alice.is_mailed_a_link().await?;

    alice.resets(&link, &new).await?.is_turned_down()?;

    alice.password_is_dead(&new).await?;
    alice.signs_in_with_push().await?.is_welcomed()
}

const LIFETIME: Requirement = Requirement {
    id: "reset/lifetime",
    family: Family::ResetToken,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("Resetting a password"),
    says: "The token works until its life is over and not after, counted at the moment the new password is confirmed.",
    catalogue: &["RST-03", "RST-04"],
    reasons: &[],
    proof: Stories(&[
        story!("in-time", "alice uses the link just before its end", link_in_time, [Reset, ResetLifetime], [], after lifetime),
        story!("too-late", "alice uses the link just after its end", link_too_late, [Reset, ResetLifetime], ["RST-03"], after lifetime),
        story!("late-at-the-end", "alice opens the link in time and sends the password late", late_at_the_end, [Reset, ResetLifetime], ["reset/expiry-on-page-only"], after lifetime),
        story!("late-at-the-touch", "alice opens the link in time and touches her key late", late_at_the_touch, [Key, ResetByKey, ResetLifetime], ["RST-04"], after lifetime),
    ]),
};

async fn link_in_time(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    let new = alice.new_password("new");
    let link = alice.is_mailed_a_link().await?;
    stage.time_passes(stage.reset_lifetime().saturating_sub(stage.margin())).await?;

    alice.resets(&link, &new).await?.is_accepted()?;
    alice.password_works(&new).await
}

async fn link_too_late(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    let old = alice.account().password.clone();
    let new = alice.new_password("new");
    let link = alice.is_mailed_a_link().await?;
    stage.time_passes(stage.reset_lifetime() + stage.margin()).await?;

    alice.resets(&link, &new).await?.is_turned_down()?;
    alice.password_is_dead(&new).await?;
    alice.password_works(&old).await
}

async fn late_at_the_end(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    let old = alice.account().password.clone();
    let new = alice.new_password("new");
    let link = alice.is_mailed_a_link().await?;
    let mut there = alice.elsewhere();
    there.opens(&link).await?;
    stage.time_passes(stage.reset_lifetime() + stage.margin()).await?;

    there.sets_password(&link, &new).await?.is_turned_down()?;
    alice.password_is_dead(&new).await?;
    alice.password_works(&old).await
}

async fn late_at_the_touch(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let new = alice.new_password("new");
    let link = alice.is_mailed_a_link().await?;
    stage.time_passes(stage.reset_lifetime().saturating_sub(Duration::from_secs(10))).await?;
    let mut there = alice.elsewhere();
    there.opens(&link).await?;
    let challenge = there.begins_confirming(&link).await?;
    stage.time_passes(Duration::from_secs(10) + stage.margin()).await?;

    let spoken = there.touches(&challenge, &desk, Manner::default())?;
    there.sets_password_with(&link, &new, &spoken.json).await?.is_turned_down()?;
    alice.password_is_dead(&new).await
}

const ONCE: Requirement = Requirement {
    id: "reset/once",
    family: Family::ResetToken,
    level: Level::Must,
    impact: Impact::Takeover,
    source: at("OWASP ASVS 6.4.3", ASVS),
    says: "A token works once.",
    catalogue: &["RST-05"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "in-sequence",
            "the link is used again after it was used",
            used_again,
            [Reset],
            ["RST-05"]
        ),
        story!(
            "at-the-same-instant",
            "the link is used five times at the same instant",
            used_at_once,
            [Reset],
            ["reset/token-race"],
            at_once Acts 5
        ),
        story!(
            "member-left-out",
            "the link is used with a hidden field left out, and then again",
            used_with_less,
            [Reset],
            ["reset/token-spent-by-member"]
        ),
    ]),
};

async fn used_again(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    let new = alice.new_password("new");
    let newer = alice.new_password("newer");
    let link = alice.is_mailed_a_link().await?;
    alice.resets(&link, &new).await?.must_be_accepted()?;

    alice.resets(&link, &newer).await?.is_turned_down()?;
    alice.password_is_dead(&newer).await?;
    alice.password_works(&new).await
}

async fn used_at_once(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    let link = alice.is_mailed_a_link().await?;

    alice.resets_at_once(&link, 5).await?.at_most_one_is_accepted()
}

/// Of so many members that a form sends beside the password each is left out once.
const MOST_MEMBERS: usize = 6;

async fn used_with_less(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let link = alice.is_mailed_a_link().await?;
    let new = alice.new_password("new");
    let members = alice.resets_and_tells_members(&link, &new).await?;
    let (mut tried, most) = (0, members.len().min(MOST_MEMBERS));
    for member in &members[..most] {
        let bob = match stage.person(&format!("bob-{tried}")).await {
            // Of accounts that are lent there may be no more.
            Err(Break::Ours(Error::NotAllowed(_))) if tried > 0 => break,
            bob => bob?,
        };
        used_without(&bob, member).await?;
        tried += 1;
    }
    if tried < members.len() {
        stage.notes(&format!("(never left out: {:?})", &members[tried..]));
    }
    Ok(())
}

/// Whether the portal takes less than its form sends is its own business; that a link is used up then
/// as well is not. Who is let in tells which it was.
async fn used_without(bob: &Person, member: &str) -> Told {
    let link = bob.is_mailed_a_link().await?;
    let (new, newer) = (bob.new_password("new"), bob.new_password("newer"));
    bob.leaving_out(member).resets(&link, &new).await?;
    if !bob.is_let_in_by(&new).await? {
        return bob.password_works(&bob.account().password).await;
    }
    bob.resets(&link, &newer).await?.is_turned_down()?;
    bob.password_is_dead(&newer).await?;
    bob.password_works(&new).await
}

const TOKEN: Requirement = Requirement {
    id: "reset/token",
    family: Family::ResetToken,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("derived"),
    says: "A token is bound to one user, and cannot be guessed or altered.",
    catalogue: &["RST-06"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "altered",
            "one character of the link is another",
            altered_link,
            [Reset],
            ["RST-06"]
        ),
        story!("fresh-each-time", "two requests mail two different links", fresh_each_time, [Reset], ["reset/token-static"], after 2),
        story!(
            "long",
            "the token is long enough not to be guessed",
            long_token,
            [Reset],
            ["reset/token-weak"]
        ),
        story!(
            "bound",
            "bob's link does not change alice's password",
            bound_to_its_user,
            [Reset],
            ["reset/token-not-user-bound"], after 2
        ),
        story!(
            "not-in-the-answer",
            "the answer to the request does not hold the link",
            not_in_the_answer,
            [Reset],
            ["reset/token-in-answer"]
        ),
    ]),
};

async fn altered_link(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    let old = alice.account().password.clone();
    let new = alice.new_password("new");
    let link = alice.is_mailed_a_link().await?;

    alice.resets(&super::altered(&link), &new).await?.is_turned_down()?;
    alice.password_is_dead(&new).await?;
    alice.password_works(&old).await
}

async fn fresh_each_time(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    let first = alice.is_mailed_a_link().await?;
    stage.time_passes(MOMENT).await?;
    let second = alice.is_mailed_a_link().await?;

    let held = Some(first != second);
    stage.expects("two requests mail two different links", format!("different: {held:?}"), held)
}

async fn long_token(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    let link = alice.is_mailed_a_link().await?;

    let length = super::token_of(&link).len();
    stage.expects(
        "the token has at least 20 characters",
        format!("{length} characters"),
        Some(length >= 20),
    )
}

async fn bound_to_its_user(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    let bob = stage.person("bob").await?;
    let new = alice.new_password("new");
    let his = bob.is_mailed_a_link().await?;

    // The request names alice; the token is bob's.
    alice.resets(&his, &new).await?;
    alice.password_is_dead(&new).await?;

    // Some portals make the same link twice within one second.
    stage.time_passes(Duration::from_secs(2)).await?;
    let again = bob.is_mailed_a_link().await?;
    bob.resets(&again, &bob.new_password("his")).await?.is_accepted()
}

async fn not_in_the_answer(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    let (response, link) = alice.asks_for_reset().await?;
    response.must_be_accepted()?;

    response.does_not_hold(link.as_ref())
}

const NEWEST: Requirement = Requirement {
    id: "reset/newest",
    family: Family::ResetToken,
    level: Level::Should,
    impact: Impact::Takeover,
    source: portal("derived"),
    says: "A newer request makes the earlier token void.",
    catalogue: &["RST-08"],
    reasons: &[],
    proof: Stories(&[
        story!("older-link", "alice asks twice and uses the first link", older_link, [Reset], ["reset/older-token-valid"], after 2),
    ]),
};

async fn older_link(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    let new = alice.new_password("new");
    let newer = alice.new_password("newer");
    let first = alice.is_mailed_a_link().await?;
    stage.time_passes(MOMENT).await?;
    let second = alice.is_mailed_a_link().await?;

    alice.resets(&first, &new).await?.is_turned_down()?;
    alice.password_is_dead(&new).await?;
    alice.resets(&second, &newer).await?.is_accepted()
}

const KEY: Requirement = Requirement {
    id: "reset/key",
    family: Family::ResetToken,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("derived"),
    says: "A wrong, deleted or other user's key does not confirm a reset, and the password stays.",
    catalogue: &["RST-09"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "of-another",
            "mallory reads alice's mail and confirms with her own key",
            key_of_another,
            [Key, ResetByKey],
            ["RST-09"]
        ),
        story!(
            "deleted",
            "alice confirms with a key that she has deleted since",
            deleted_key,
            [Key, ResetByKey, DeleteKey],
            []
        ),
        story!(
            "sign-in-assertion",
            "mallory confirms with an assertion that alice made to sign in",
            sign_in_assertion,
            [Key, ResetByKey],
            []
        ),
    ]),
};

async fn key_of_another(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let mut mallory = stage.person("mallory").await?;
    let hers = mallory.registers_key("hers").await?;
    let new = alice.new_password("new");
    let link = alice.is_mailed_a_link().await?;

    alice.resets_with(&link, &new, &hers).await?.is_turned_down()?;
    alice.password_is_dead(&new).await?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn deleted_key(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.registers_key("desk").await?;
    let lost = alice.registers_key("lost").await?;
    let new = alice.new_password("new");
    let link = alice.is_mailed_a_link().await?;
    let mut there = alice.elsewhere();
    there.opens(&link).await?;
    let challenge = there.begins_confirming(&link).await?;
    let spoken = there.touches(&challenge, &lost, Manner::default())?;
    alice.deletes(&lost).await?.must_be_accepted()?;

    there.sets_password_with(&link, &new, &spoken.json).await?.is_turned_down()?;
    alice.password_is_dead(&new).await
}

async fn sign_in_assertion(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let new = alice.new_password("new");
    let link = alice.is_mailed_a_link().await?;
    let signing = alice.begins_sign_in().await?;
    let spoken = alice.touches(&signing, &desk, Manner::default())?;

    let mut mallory = alice.elsewhere();
    mallory.opens(&link).await?;
    mallory.sets_password_with(&link, &new, &spoken.json).await?.is_turned_down()?;
    alice.password_is_dead(&new).await
}

const ENUMERATION: Requirement = Requirement {
    id: "reset/enumeration",
    family: Family::ResetToken,
    level: Level::Must,
    impact: Impact::Exposure,
    source: portal("derived"),
    says: "Asking for a reset answers the same for known and unknown addresses.",
    catalogue: &["RST-07"],
    reasons: &[],
    proof: Stories(&[story!(
        "unknown-address",
        "a reset is asked for alice and for nobody",
        unknown_address,
        [Reset],
        ["RST-07"]
    )]),
};

async fn unknown_address(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;

    let (known, link) = alice.asks_for_reset().await?;
    let unknown = alice.asks_for_reset_of_nobody().await?;
    stage.expects(
        "alice is mailed a link",
        format!("mailed: {}", link.is_some()),
        link.is_some().then_some(true),
    )?;
    stage.look_alike(&known, &unknown)
}

const SESSIONS: Requirement = Requirement {
    id: "reset/sessions",
    family: Family::ResetToken,
    level: Level::Should,
    impact: Impact::Takeover,
    source: portal("derived"),
    says: "A completed reset ends the user's other sessions.",
    catalogue: &["RST-08"],
    reasons: &[],
    proof: Stories(&[story!(
        "other-session",
        "alice resets her password while mallory sits in her session",
        other_session_ends,
        [Reset],
        ["RST-08"]
    )]),
};

async fn other_session_ends(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    let mut onlooker = alice.clone();
    let new = alice.new_password("new");
    let link = alice.is_mailed_a_link().await?;
    alice.resets(&link, &new).await?.must_be_accepted()?;

    onlooker.is_not_signed_in().await
}

const NOT_SIGNED_IN: Requirement = Requirement {
    id: "reset/not-signed-in",
    family: Family::ResetToken,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("derived"),
    says: "A finished reset signs nobody in past the factor, and leaves the factors as they were.",
    catalogue: &[],
    reasons: &[],
    proof: Stories(&[
        story!(
            "factor-still-asked",
            "alice resets her password and is asked for her key afterwards",
            factor_still_asked,
            [KeySignIn, Reset],
            ["reset/auto-login-skips-mfa"]
        ),
        story!(
            "keys-stay",
            "alice's keys are there after a reset",
            keys_stay,
            [Key, Reset],
            ["reset/removes-mfa"]
        ),
    ]),
};

async fn factor_still_asked(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let new = alice.new_password("new");
    let link = alice.is_mailed_a_link().await?;

    alice.resets_as_asked(&link, &new, &desk).await?.signs_nobody_in()?;
    alice.with_password(&new).signs_in_with(&desk).await?.is_welcomed()
}

async fn keys_stay(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let new = alice.new_password("new");
    let link = alice.is_mailed_a_link().await?;
    alice.resets_as_asked(&link, &new, &desk).await?.must_be_accepted()?;

    let mut half = alice.with_password(&new).elsewhere();
    half.enters_password().await?;
    half.is_not_signed_in().await?;
    alice.with_password(&new).signs_in_with(&desk).await?.is_welcomed()
}

const DISABLED: Requirement = Requirement {
    id: "reset/disabled-account",
    family: Family::ResetToken,
    level: Level::Must,
    impact: Impact::Bypass,
    source: portal("derived"),
    says: "A disabled account is mailed no link, and the answer does not say so.",
    catalogue: &[],
    reasons: &[],
    proof: Stories(&[story!(
        "no-mail",
        "a reset is asked for a disabled account",
        disabled_gets_no_mail,
        [Reset, DisableUser],
        ["reset/works-for-disabled"]
    )]),
};

async fn disabled_gets_no_mail(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;
    let bob = stage.person("bob").await?;
    stage.admin().disables(&alice).await?;

    let (known, mailed) = bob.asks_for_reset().await?;
    let (disabled, nothing) = alice.asks_for_reset().await?;
    stage.expects(
        "bob is mailed a link",
        format!("mailed: {}", mailed.is_some()),
        mailed.is_some().then_some(true),
    )?;
    stage.expects(
        "alice is mailed none",
        format!("mailed: {}", nothing.is_some()),
        Some(nothing.is_none()),
    )?;
    stage.look_alike(&known, &disabled)
}

const LIMIT: Requirement = Requirement {
    id: "reset/limit",
    family: Family::ResetToken,
    level: Level::Should,
    impact: Impact::Hygiene,
    source: portal("derived"),
    says: "One account is not mailed link after link.",
    catalogue: &[],
    reasons: &[],
    proof: Stories(&[story!(
        "ten-requests",
        "ten resets are asked for alice in a row",
        ten_requests,
        [Reset, ResetLimit],
        ["reset/no-limit"]
    )]),
};

async fn ten_requests(stage: &mut Stage) -> Told {
    let alice = stage.person("alice").await?;

    let mails = alice.asks_for_resets(10).await?;
    stage.expects(
        "at most five links are mailed, and at least one",
        format!("{mails} mails"),
        (mails > 0).then_some(mails <= 5),
    )
}

const PASSWORD: Requirement = Requirement {
    id: "password/factor",
    family: Family::ResetToken,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("Resetting a password"),
    says: "A signed-in user who changes the password confirms it with the key, where one is set up.",
    catalogue: &["RST-11"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "with-key",
            "alice changes her password and confirms with her key",
            changes_with_key,
            [Key, PasswordChangeByKey],
            ["RST-11"]
        ),
        story!(
            "without-touch",
            "alice changes her password and does not touch her key",
            changes_without_touch,
            [Key, PasswordChangeByKey],
            []
        ),
    ]),
};

async fn changes_with_key(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let new = alice.new_password("new");

    alice.changes_password_with(&new, &desk).await?.is_accepted()?;
    alice.password_works(&new).await
}

async fn changes_without_touch(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;
    let new = alice.new_password("new");

    alice.changes_password(&new).await?.is_turned_down()?;
    alice.password_is_dead(&new).await?;
    alice.signs_in_with(&desk).await?.is_welcomed()
}
