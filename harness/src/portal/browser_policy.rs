//! What a browser can do, as far as its user agent tells. A policy of the portal: Internet Explorer
//! and Safari 12 cannot use a key, and Touch ID is for Chrome.

/// Whether a browser can use a security key at all.
pub(super) fn can_use_a_key(agent: &str) -> bool {
    let internet_explorer = agent.contains("MSIE ") || agent.contains("Trident/");
    let safari_12 = is_safari(agent) && agent.contains("Version/12.");
    !internet_explorer && !safari_12
}

/// Whether a platform authenticator can be registered from a browser.
pub(super) fn can_register_platform_key(agent: &str) -> bool {
    let mac = agent.contains("Macintosh");
    !mac || agent.contains("Chrome/") && !agent.contains("Edg/")
}

fn is_safari(agent: &str) -> bool {
    agent.contains("Safari/") && !agent.contains("Chrome/") && !agent.contains("Chromium/")
}
