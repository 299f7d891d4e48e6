//! What a browser can do, as far as its user agent tells. A policy of the portal: Internet Explorer
//! and Safari 12 cannot use a key, and Touch ID is for Chrome.

use super::world::{Key, User};

/// Whether a browser can use a security key at all.
pub(super) fn can_use_a_key(agent: &str) -> bool {
    let internet_explorer = agent.contains("MSIE ") || agent.contains("Trident/");
    let safari_12 = is_safari(agent) && safari_version(agent).is_some_and(|version| version <= 12);
    !internet_explorer && !safari_12
}

/// Whether a browser can use any of a user's keys.
pub(super) fn can_use_a_key_of(agent: &str, user: &User) -> bool {
    let built_in = |key: &Key| {
        let transports = &key.credential.transports;
        !transports.is_empty() && transports.iter().all(|transport| transport == "internal")
    };
    can_use_a_key(agent)
        && (can_use_a_platform_key(agent) || user.keys.iter().any(|key| !built_in(key)))
}

/// Whether a browser can use a platform authenticator: on a Mac, Chrome alone uses Touch ID.
pub(super) fn can_use_a_platform_key(agent: &str) -> bool {
    let mac = agent.contains("Macintosh");
    !mac || agent.contains("Chrome/") && !agent.contains("Edg/")
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
            let seen = (can_use_a_key(&agent), can_use_a_platform_key(&agent));
            assert_eq!(seen, (key, platform_key), "{agent}");
        }
    }
}
