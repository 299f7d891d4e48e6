//! What a browser can do, as far as its user agent tells. A policy of the portal: Internet Explorer
//! and Safari 12 cannot use a key, and Touch ID is for Chrome.

use super::{
    check::Checks,
    state::{Key, User},
};

/// Whether a browser can use a security key at all.
pub(super) fn can_use_a_key(checks: &Checks, agent: &str) -> bool {
    let internet_explorer = agent.contains("MSIE ") || agent.contains("Trident/");
    !internet_explorer && !(checks.rules().browser.too_old)(agent)
}

/// Whether it is Safari 12 or an older one.
pub(super) fn is_safari_12(agent: &str) -> bool {
    is_safari(agent) && safari_version(agent).is_some_and(|version| version <= 12)
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

/// Whether a browser can use a platform authenticator.
pub(super) fn can_use_a_platform_key(checks: &Checks, agent: &str) -> bool {
    (checks.rules().browser.platform_key)(agent)
}

/// On a Mac, Chrome alone uses Touch ID.
pub(super) fn has_touch_id_or_its_like(agent: &str) -> bool {
    !is_on_a_mac(agent) || is_chrome(agent)
}

pub(super) fn is_on_a_mac(agent: &str) -> bool {
    agent.contains("Macintosh")
}

/// Chrome calls itself Safari as well, and Edge calls itself Chrome.
pub(super) fn is_chrome(agent: &str) -> bool {
    agent.contains("Chrome/") && !agent.contains("Edg/")
}

pub(super) fn is_safari(agent: &str) -> bool {
    agent.contains("Safari/") && !agent.contains("Chrome/") && !agent.contains("Chromium/")
}

pub(super) fn safari_version(agent: &str) -> Option<u32> {
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
