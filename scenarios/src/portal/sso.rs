//! Applications that sign in by the portal: opened from it, begun with at the application, and shut where
//! the sign-in is not done or no longer holds.

use std::time::Duration;

use harness::{
    requirement::{Family, Proof::Stories, Requirement, portal},
    story,
    story::{Stage, Told},
};
use reports::record::{Impact, Level};

use super::{totp_enrollment::ONE_HOUR, unsupported_browser::IE_11};

/// The requirements of this chapter, in reading order.
pub(super) const CHAPTER: &[&Requirement] = &[
    &FROM_PORTAL,
    &OWN_ACCOUNT,
    &FROM_APPLICATION,
    &FACTOR_REQUIRED,
    &ENROLMENT_PERIOD,
    &BROWSER,
    &SIGN_OUT,
];

const FROM_PORTAL: Requirement = Requirement {
    id: "sso/from-portal",
    family: Family::Sso,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("Access an SSO application from the portal"),
    says: "Whoever signed in at the portal with the key opens an application and is signed in there.",
    catalogue: &["SSO-01"],
    reasons: &[],
    proof: Stories(&[story!(
        "with-key",
        "alice signs in with her key and opens the application",
        opens_with_key,
        [KeySignIn, Sso],
        ["SSO-01"]
    )]),
};

async fn opens_with_key(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;

    let mut here = alice.elsewhere();
    // An application that takes everybody for somebody shows nothing by taking her for herself.
    here.opens_the_application().await?.must_sign_nobody_in()?;
    here.signs_in_here_with(&desk).await?;
    here.opens_the_application().await?.is_welcomed()
}

const OWN_ACCOUNT: Requirement = Requirement {
    id: "sso/own-account",
    family: Family::Sso,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("Access an SSO application from the portal"),
    says: "An application takes its visitor for whoever is signed in at the portal in that browser, and for nobody else.",
    catalogue: &["SSO-01"],
    reasons: &[],
    proof: Stories(&[story!(
        "one-after-the-other",
        "alice opens the application, then bob signs in at her browser and opens it",
        one_after_the_other,
        [Sso],
        []
    )]),
};

async fn one_after_the_other(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let bob = stage.person("bob").await?;
    alice.signs_in().await?;
    alice.opens_the_application().await?.is_welcomed()?;

    let mut bob = bob.at_the_browser_of(&alice);
    bob.signs_in().await?;
    bob.opens_the_application().await?.is_welcomed()
}

const FROM_APPLICATION: Requirement = Requirement {
    id: "sso/from-application",
    family: Family::Sso,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("Access an SSO application from the application"),
    says: "Started at the application, the user is led to the portal, signs in with password and key, and returns to the application signed in.",
    catalogue: &["SSO-02"],
    reasons: &[],
    proof: Stories(&[story!(
        "with-key",
        "alice starts at the application and signs in with her key",
        returns_with_key,
        [KeySignIn, SsoFromApp],
        ["SSO-02"]
    )]),
};

async fn returns_with_key(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;

    let mut here = alice.elsewhere();
    let started = here.starts_at_the_application().await?;
    started.is_led_to_the_sign_in()?;
    here.signs_in_here_with(&desk).await?;
    here.returns_to_the_application(&started).await?.is_welcomed()
}

const FACTOR_REQUIRED: Requirement = Requirement {
    id: "sso/factor-required",
    family: Family::Sso,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("derived"),
    says: "An application is given nobody before the factor is done.",
    catalogue: &["SSO-03"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "opened",
            "alice enters her password and opens the application, before the key and after it",
            opened_before_the_key,
            [Key, Sso],
            ["sso/code-before-mfa"]
        ),
        story!(
            "returned",
            "alice starts at the application and goes back there, before the key and after it",
            returned_before_the_key,
            [Key, Sso, SsoFromApp],
            ["SSO-03"]
        ),
    ]),
};

async fn opened_before_the_key(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;

    let mut here = alice.elsewhere();
    here.enters_password().await?.passes_the_password_step()?;
    here.opens_the_application().await?.signs_nobody_in()?;
    here.confirms_with(&desk).await?;
    here.opens_the_application().await?.must_be_welcomed()
}

async fn returned_before_the_key(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;

    let mut here = alice.elsewhere();
    let started = here.starts_at_the_application().await?;
    started.must_be_led_to_the_sign_in()?;
    here.enters_password().await?.passes_the_password_step()?;
    here.returns_to_the_application(&started).await?.signs_nobody_in()?;
    here.opens_the_application().await?.signs_nobody_in()?;
    here.confirms_with(&desk).await?;
    here.returns_to_the_application(&started).await?.must_be_welcomed()?;
    here.opens_the_application().await?.must_be_welcomed()
}

const ENROLMENT_PERIOD: Requirement = Requirement {
    id: "sso/enrolment-period",
    family: Family::Sso,
    level: Level::Must,
    impact: Impact::Bypass,
    source: portal("Registering when TOTP MFA is enabled"),
    says: "An application that asks for one-time codes stays closed to whoever missed the enrollment period.",
    catalogue: &["SSO-05"],
    reasons: &[],
    proof: Stories(&[
        story!("missed", "alice opens the application within her enrollment period, after it, and in a new one", missed_enrolment, [Sso, SsoTotp, TotpEnrolmentPolicy], ["SSO-05"], after 3700),
    ]),
};

async fn missed_enrolment(stage: &mut Stage) -> Told {
    let mut alice = stage.person_with("alice", ONE_HOUR).await?;
    alice.signs_in().await?;
    alice.opens_the_application().await?.must_be_welcomed()?;
    stage.time_passes(Duration::from_secs(3601)).await?;

    // Whether she is signed in at the portal is its own affair.
    let mut late = alice.elsewhere();
    late.enters_password().await?;
    late.opens_the_application().await?.signs_nobody_in()?;
    alice.opens_the_application().await?.signs_nobody_in()?;

    stage.admin().resets_enrolment(&alice).await?;
    let mut again = alice.elsewhere();
    again.signs_in().await?;
    again.opens_the_application().await?.must_be_welcomed()
}

const BROWSER: Requirement = Requirement {
    id: "sso/browser",
    family: Family::Sso,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("Access an SSO application from the application"),
    says: "Started at the application in a browser that cannot use a key, the user is not sent into a key ceremony, and returns to the application with another factor.",
    catalogue: &["SSO-06"],
    reasons: &[],
    proof: Stories(&[
        story!("internet-explorer", "alice starts at the application in Internet Explorer and signs in with a code", without_a_key, [Key, Totp, BrowserPolicy, SsoFromApp], ["SSO-06"], after 2 steps),
    ]),
};

async fn without_a_key(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    alice.registers_key("desk").await?;
    stage.steps_pass(2).await?;

    let mut there = alice.with_browser(IE_11);
    let started = there.starts_at_the_application().await?;
    started.must_be_led_to_the_sign_in()?;
    there.enters_password().await?.passes_the_password_step()?;
    there.has_no_key_step().await?;
    let code = there.code_now(0).await?;
    there.enters_code(&code).await?.is_welcomed()?;
    there.returns_to_the_application(&started).await?.is_welcomed()
}

const SIGN_OUT: Requirement = Requirement {
    id: "sso/sign-out",
    family: Family::Sso,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("derived"),
    says: "After the user has signed out at the portal no application is opened in that browser.",
    catalogue: &["LOG-08"],
    reasons: &[],
    proof: Stories(&[story!(
        "opened-anew",
        "alice signs out at the portal and the application is opened anew",
        opened_after_sign_out,
        [Sso, SignOut],
        []
    )]),
};

async fn opened_after_sign_out(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.signs_in().await?;
    alice.opens_the_application().await?.must_be_welcomed()?;

    alice.signs_out().await?.must_be_accepted()?;
    alice.opens_the_application().await?.signs_nobody_in()
}
