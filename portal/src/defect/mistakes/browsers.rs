//! The ways in which real portals took one browser for another.

use crate::browser_policy::{is_chrome, is_on_a_mac, is_safari, is_safari_12, safari_version};

/// Versions are compared as text: 130 comes before 67.
pub(in crate::defect) fn old_as_text(agent: &str) -> bool {
    let before = |name: &str, least: &str| {
        agent.split_once(name).is_some_and(|(_, version)| version < least)
    };
    is_safari_12(agent) || before("Chrome/", "67") || before("Firefox/", "60")
}

/// Safari counts as too old, whatever its version.
pub(in crate::defect) fn every_safari(agent: &str) -> bool {
    is_safari(agent) && safari_version(agent).is_some()
}

/// Chrome on a Mac is taken for Safari, which it also names.
pub(in crate::defect) fn chrome_is_safari(agent: &str) -> bool {
    !is_on_a_mac(agent) || is_chrome(agent) && !agent.contains("Safari/")
}
