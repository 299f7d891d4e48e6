//! What this machine is, as far as a portal's installation asks for it.

use std::fs;

use serde::Deserialize;

/// What a portal's installation asks of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Need {
    /// Installs packages of the system.
    #[serde(rename = "root")]
    Root,
    /// Is a package of that release, in that version.
    #[serde(rename = "debian-12")]
    Debian12,
}

/// The machine, in the words of its own files.
pub(crate) struct Host {
    /// `/proc/self/status`
    status: String,
    /// `/etc/os-release`
    release: String,
}

impl Host {
    /// The one this runs on.
    pub(crate) fn this() -> Self {
        let read = |file| fs::read_to_string(file).unwrap_or_default();
        Self { status: read("/proc/self/status"), release: read("/etc/os-release") }
    }

    /// Which needs are not met and why, in words; nothing where all are.
    pub(crate) fn lacks(&self, needs: &[Need]) -> Option<String> {
        let missed: Vec<String> = needs.iter().filter_map(|need| self.misses(*need)).collect();
        (!missed.is_empty()).then(|| missed.join("; "))
    }

    fn misses(&self, need: Need) -> Option<String> {
        match need {
            Need::Root => {
                let user = self.user();
                (user != Some("0"))
                    .then(|| format!("needs root, and this is user {}", user.unwrap_or("unknown")))
            }
            Need::Debian12 => {
                let is = self.release("ID") == Some("debian")
                    && self.release("VERSION_ID").is_some_and(|version| version == "12");
                let other = || self.release("PRETTY_NAME").unwrap_or("an unknown system");
                (!is).then(|| format!("needs Debian 12, and this is {}", other()))
            }
        }
    }

    /// The effective user id.
    fn user(&self) -> Option<&str> {
        let ids = self.status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
        ids.split_whitespace().nth(1)
    }

    fn release(&self, key: &str) -> Option<&str> {
        let value =
            self.release.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
        Some(value.trim_matches('"'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEBIAN: &str =
        "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n";
    const UBUNTU: &str =
        "PRETTY_NAME=\"Ubuntu 12\"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"12\"\n";
    const NEWER: &str =
        "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\nVERSION_ID=\"13\"\n";

    fn lacks(user: &str, release: &str, needs: &[Need]) -> Option<String> {
        let status = format!("Name:\ttouchstone\nUid:\t1\t{user}\t2\t3\nGid:\t0\t0\t0\t0\n");
        Host { status, release: release.to_owned() }.lacks(needs)
    }

    #[test]
    fn needs_that_are_met_and_needs_that_are_not() {
        let both = [Need::Root, Need::Debian12];
        for (user, release, needs, expected) in [
            ("0", DEBIAN, &both[..], None),
            ("1000", NEWER, &[], None),
            ("1000", DEBIAN, &both, Some("needs root, and this is user 1000")),
            ("0", UBUNTU, &both, Some("needs Debian 12, and this is Ubuntu 12")),
            (
                "7",
                NEWER,
                &both,
                Some(
                    "needs root, and this is user 7; needs Debian 12, and this is Debian GNU/Linux 13 (trixie)",
                ),
            ),
            ("0", "", &both, Some("needs Debian 12, and this is an unknown system")),
        ] {
            assert_eq!(lacks(user, release, needs).as_deref(), expected, "{user} {release}");
        }
    }
}
