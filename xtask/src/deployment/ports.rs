//! Ports on loopback for portals and their mail: free ones, and profiles that name others than they
//! ship with.

use std::{
    net::TcpListener,
    sync::atomic::{AtomicU16, Ordering},
};

use anyhow::{Context, bail};
use reports::input;

/// Where ports are looked for: below those that the kernel gives to outgoing connections, of which a run
/// makes thousands.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// How many ports have been looked at.
static LOOKED_AT: AtomicU16 = AtomicU16::new(0);

/// Whether nobody listens on a port.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

/// A port on which nobody listens. None is given out twice, and another program that looks at the same
/// time begins elsewhere.
pub(crate) fn free() -> anyhow::Result<u16> {
    let begin = u16::try_from(std::process::id() % u32::from(COUNT))?;
    for _ in 0..COUNT {
        let step = LOOKED_AT.fetch_add(1, Ordering::Relaxed) % COUNT;
        let port = FIRST + (begin + step) % COUNT;
        if is_free(port) {
            return Ok(port);
        }
    }
    bail!("kit: no port is free")
}

/// A text with ports in place of others. A port stands behind a colon, and each must be there.
pub(crate) fn replaced(text: &str, changes: &[(u16, u16)]) -> anyhow::Result<String> {
    let mut seen = Vec::new();
    let mut pieces = text.split(':');
    let mut done = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
        let (digits, rest) = piece.split_at(end);
        let change = changes.iter().find(|(from, _)| from.to_string() == digits);
        let port = change.map_or_else(|| digits.to_owned(), |(_, to)| to.to_string());
        seen.extend(change.map(|(from, _)| *from));
        done = done + ":" + &port + rest;
    }
    let missing = changes.iter().map(|(from, _)| from).find(|from| !seen.contains(from));
    missing.map_or(Ok(done), |from| Err(anyhow::anyhow!("names no port {from}")))
}

/// Writes a copy of a profile that names other ports.
pub(crate) fn copy_of_profile(
    profile: &std::path::Path,
    copy: &std::path::Path,
    changes: &[(u16, u16)],
) -> anyhow::Result<()> {
    let name = profile.display();
    let text = input::PROFILE.text(profile)?;
    let text = replaced(&text, changes).with_context(|| name.to_string())?;
    crate::files::replace(copy, text.as_bytes())
        .with_context(|| format!("cannot write {}", copy.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_change_where_they_stand_behind_a_colon() {
        let text = "a 127.0.0.1:8101 b localhost:81010 c 8101 d ::8101/x :8201\"";
        let done = replaced(text, &[(8101, 8201), (8201, 8101)]).expect("both are there");
        assert_eq!(done, "a 127.0.0.1:8201 b localhost:81010 c 8101 d ::8201/x :8101\"");
        let error = replaced(text, &[(8101, 1), (8301, 2)]).expect_err("not there");
        assert_eq!(error.to_string(), "names no port 8301");
    }

    #[test]
    fn free_ports_are_free_and_differ() {
        let (one, other) = (free().expect("a port"), free().expect("a port"));
        assert_ne!(one, other);
        let _listener = TcpListener::bind(("127.0.0.1", one)).expect("it was free");
        assert!(!is_free(one));
    }
}
