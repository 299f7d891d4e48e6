//! A browser that cannot use a key, as far as it shows on the wire: by its user agent.

use harness::{
    policy::Policy,
    requirement::{Family, Proof::Stories, Requirement, portal},
    story,
    story::{Stage, Told},
};
use reports::record::{Impact, Level};
use softkey::Model;

/// The requirements of this chapter, in reading order.
pub(super) const CHAPTER: &[&Requirement] = &[&OFFERED, &TOLD, &STILL_ASKED, &PLATFORM];

pub(super) const IE_11: &str =
    "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko";
const IE_9: &str = "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0)";
const SAFARI_12: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Safari/605.1.15";
const SAFARI_17: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15";
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";
const CHROME_ON_MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";
const EDGE: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0";
const FIREFOX: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0";

const OFFERED: Requirement = Requirement {
    id: "unsupported-browser/offered",
    family: Family::UnsupportedBrowser,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("Logging in with a security key"),
    says: "Chrome, Firefox, Edge and a current Safari are offered the key.",
    catalogue: &["UNS-01"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "chrome",
            "alice signs in with her key in Chrome",
            in_chrome,
            [KeySignIn],
            ["UNS-01"]
        ),
        story!("firefox", "alice signs in with her key in Firefox", in_firefox, [KeySignIn], []),
        story!("edge", "alice signs in with her key in Edge", in_edge, [KeySignIn], []),
        story!(
            "safari",
            "alice signs in with her key in a current Safari",
            in_safari,
            [KeySignIn],
            []
        ),
    ]),
};

async fn in_chrome(stage: &mut Stage) -> Told {
    signs_in_in(stage, CHROME).await
}

async fn in_firefox(stage: &mut Stage) -> Told {
    signs_in_in(stage, FIREFOX).await
}

async fn in_edge(stage: &mut Stage) -> Told {
    signs_in_in(stage, EDGE).await
}

async fn in_safari(stage: &mut Stage) -> Told {
    signs_in_in(stage, SAFARI_17).await
}

async fn signs_in_in(stage: &mut Stage, browser: &str) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;

    let mut there = alice.with_browser(browser).elsewhere();
    there.enters_password().await?.passes_the_password_step()?;
    let challenge = there.asks_for_key().await?;
    challenge.is_offered()?;
    there.answers(&challenge, &desk).await?.is_welcomed()
}

const TOLD: Requirement = Requirement {
    id: "login/browser",
    family: Family::UnsupportedBrowser,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("Logging in with a security key"),
    says: "Internet Explorer and Safari 12 are not sent into a ceremony that cannot work; other factors sign in.",
    catalogue: &["UNS-02", "UNS-07"],
    reasons: &[],
    proof: Stories(&[
        story!("internet-explorer-11", "alice comes with Internet Explorer 11 and signs in with a code", in_ie_11, [Key, Totp, BrowserPolicy], ["UNS-02"], after 2 steps),
        story!("internet-explorer-9", "alice comes with Internet Explorer 9 and signs in with a code", in_ie_9, [Key, Totp, BrowserPolicy], [], after 2 steps),
        story!("safari-12", "alice comes with Safari 12 and signs in with a code", in_safari_12, [Key, Totp, BrowserPolicy], [], after 2 steps),
        story!("embedded-view", "an application embeds Internet Explorer 11; a code signs in, and it is told why no key", embedded_view, [Key, Totp, BrowserPolicy], ["UNS-07"], after 2 steps),
    ]),
};

async fn in_ie_11(stage: &mut Stage) -> Told {
    code_instead_in(stage, IE_11).await
}

async fn in_ie_9(stage: &mut Stage) -> Told {
    code_instead_in(stage, IE_9).await
}

async fn in_safari_12(stage: &mut Stage) -> Told {
    code_instead_in(stage, SAFARI_12).await
}

/// No key ceremony in such a browser; the code works, and the key elsewhere still does.
async fn code_instead_in(stage: &mut Stage, browser: &str) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    let desk = alice.registers_key("desk").await?;
    stage.steps_pass(2).await?;

    let there = alice.with_browser(browser);
    there.has_no_key_step_after_password().await?;
    there.signs_in_with_totp().await?.is_welcomed()?;
    alice.with_browser(CHROME).signs_in_with(&desk).await?.is_welcomed()
}

async fn embedded_view(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    alice.registers_key("desk").await?;
    stage.steps_pass(2).await?;

    let mut view = alice.with_browser(IE_11);
    view.enters_password().await?.passes_the_password_step()?;
    view.asks_for_key_anyway().await?.tells_why()?;
    let code = view.code_now(0).await?;
    view.enters_code(&code).await?.is_welcomed()
}

const STILL_ASKED: Requirement = Requirement {
    id: "unsupported-browser/still-asked",
    family: Family::UnsupportedBrowser,
    level: Level::Must,
    impact: Impact::Takeover,
    source: portal("Possible authentication errors"),
    says: "A browser that cannot use a key is not let in without a factor.",
    catalogue: &["UNS-02"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "internet-explorer",
            "alice has a key and nothing else, and comes with Internet Explorer 11",
            key_only_in_ie,
            [Key],
            ["flow/unsupported-browser-skips"]
        ),
        story!("no-user-agent", "a browser of no name enters alice's password", no_name, [Key], []),
        story!("only-key", "only the key counts for alice, and she comes with Safari 12", only_key_in_safari_12, [Key, Totp, Policy, BrowserPolicy], [], after 2 steps),
    ]),
};

async fn key_only_in_ie(stage: &mut Stage) -> Told {
    not_let_in(stage, IE_11).await
}

async fn no_name(stage: &mut Stage) -> Told {
    not_let_in(stage, "unknown").await
}

async fn not_let_in(stage: &mut Stage, browser: &str) -> Told {
    let mut alice = stage.person("alice").await?;
    let desk = alice.registers_key("desk").await?;

    let mut there = alice.with_browser(browser);
    there.enters_password().await?;
    there.is_not_signed_in().await?;

    alice.signs_in_with(&desk).await?.is_welcomed()
}

async fn only_key_in_safari_12(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?;
    alice.enrols_totp().await?;
    let desk = alice.registers_key("desk").await?;
    stage.admin().sets_policy(&alice, Policy { only_key: Some(true), ..Policy::plain() }).await?;
    stage.steps_pass(2).await?;

    let mut there = alice.with_browser(SAFARI_12);
    there.enters_password().await?;
    there.is_not_signed_in().await?;
    there.tries_totp().await?.is_refused()?;

    alice.signs_in_with(&desk).await?.is_welcomed()
}

const PLATFORM: Requirement = Requirement {
    id: "registration/browser",
    family: Family::UnsupportedBrowser,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("Supported security keys"),
    says: "Touch ID is registered in Chrome only; a Windows fingerprint reader in Chrome, Firefox and Edge.",
    catalogue: &["UNS-04", "UNS-05"],
    reasons: &[],
    proof: Stories(&[
        story!(
            "touch-id-in-chrome",
            "alice registers Touch ID in Chrome on a Mac",
            touch_id_in_chrome,
            [Key, BrowserPolicy],
            ["UNS-04"]
        ),
        story!(
            "touch-id-in-safari",
            "alice registers Touch ID in Safari, and is refused",
            touch_id_in_safari,
            [Key, BrowserPolicy, ListKeys],
            []
        ),
        story!(
            "fingerprint-in-firefox",
            "alice registers a Windows fingerprint reader in Firefox",
            fingerprint_in_firefox,
            [Key, BrowserPolicy],
            ["UNS-05"]
        ),
    ]),
};

async fn touch_id_in_chrome(stage: &mut Stage) -> Told {
    platform_key_in(stage, CHROME_ON_MAC).await
}

async fn fingerprint_in_firefox(stage: &mut Stage) -> Told {
    platform_key_in(stage, FIREFOX).await
}

async fn platform_key_in(stage: &mut Stage, browser: &str) -> Told {
    let mut alice = stage.person("alice").await?.with_browser(browser);
    alice.signs_in().await?;

    let laptop = alice.new_key("laptop", Model::platform());
    let registering = alice.begins_registration("laptop").await?;
    alice.finishes_registration(&registering, &laptop).await?.is_accepted()?;
    alice.signs_in_with(&laptop).await?.is_welcomed()
}

async fn touch_id_in_safari(stage: &mut Stage) -> Told {
    let mut alice = stage.person("alice").await?.with_browser(SAFARI_17);
    alice.registers_key("desk").await?;

    let laptop = alice.new_key("laptop", Model::platform());
    let registering = alice.begins_registration("laptop").await?;
    alice.finishes_registration(&registering, &laptop).await?.is_turned_down()?;
    alice.has_keys(&["desk"]).await
}
