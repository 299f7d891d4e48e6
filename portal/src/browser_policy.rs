//! What a browser can do, as far as its user agent tells. A policy of the portal: Internet Explorer
//! and Safari 12 cannot use a key, and Touch ID is for Chrome.

use super::{
    check::Checks,
    defect::Weakness,
    world::{Key, User},
};

/// Whether a browser can use a security key at all.
pub(super) fn can_use_a_key(checks: &Checks, agent: &str) -> bool {
    let internet_explorer = agent.contains("MSIE ") || agent.contains("Trident/");
    let every_safari = checks.weak(Weakness::EverySafariRefused);
    let old = |version| version <= 12 || every_safari;
    let safari_12 = is_safari(agent) && safari_version(agent).is_some_and(old);
    let too_old = checks.weak(Weakness::VersionsComparedAsText) && looks_old_as_text(agent);
    !internet_explorer && !safari_12 && !too_old
}

/// The mistake of a portal that compares versions as text: 130 comes before 67.
fn looks_old_as_text(agent: &str) -> bool {
    let before = |name: &str, least: &str| {
        agent.split_once(name).is_some_and(|(_, version)| version < least)
    };
    before("Chrome/", "67") || before("Firefox/", "60")
}

/// Whether a browser can use any of a user's keys.
pub(super) fn can_use_a_key_of(checks: &Checks, agent: &str, user: &User) -> bool {
    let built_in = |key: &Key| {
        let transports = &key.credential.transports;
        !transports.is_empty() && transports.iter().all(|transport| transport == "internal")
    };
    can_use_a_key(checks, agent)
        && (can_use_a_platform_key(checks, agent) || user.keys.iter().any(|key| !built_in(key)))
}

/// Whether a browser can use a platform authenticator: on a Mac, Chrome alone uses Touch ID.
pub(super) fn can_use_a_platform_key(checks: &Checks, agent: &str) -> bool {
    let mac = agent.contains("Macintosh") || checks.weak(Weakness::PlatformKeyInChromeOnly);
    // Chrome calls itself Safari as well.
    let safari = agent.contains("Safari/") && checks.weak(Weakness::ChromeTakenForSafari);
    !mac || agent.contains("Chrome/") && !agent.contains("Edg/") && !safari
}

fn is_safari(agent: &str) -> bool {
    agent.contains("Safari/") && !agent.contains("Chrome/") && !agent.contains("Chromium/")
}

fn safari_version(agent: &str) -> Option<u32> {
    let (_, version) = agent.split_once("Version/")?;
    version.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_apart() {
        const MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
        const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
        for (agent, key, platform_key) in [
            (format!("{WINDOWS} Trident/7.0; rv:11.0) like Gecko"), false, true),
            ("Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1)".to_owned(), false, true),
            (format!("{MAC} Version/12.1.2 Safari/605.1.15"), false, false),
            (format!("{MAC} Version/17.4 Safari/605.1.15"), true, false),
            (format!("{MAC} Chrome/130.0.0.0 Safari/537.36"), true, true),
            (format!("{MAC} Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0"), true, false),
            (format!("{MAC} Gecko/20100101 Firefox/132.0"), true, false),
            (format!("{WINDOWS} Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0"), true, true),
            (format!("{WINDOWS} Gecko/20100101 Firefox/132.0"), true, true),
            (String::new(), true, true),
        ] {
            let sound = Checks::default();
            let seen = (can_use_a_key(&sound, &agent), can_use_a_platform_key(&sound, &agent));
            assert_eq!(seen, (key, platform_key), "{agent}");
        }
    }
}
