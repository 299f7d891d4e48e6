//! The form of one line: an event, its number, the line that it continues, and a digest of all that.
//! `{"chain":"sha256:…","n":2,"after":"sha256:…","event":"canary-done",…}` is JSON to any reader; to this
//! one every byte counts.

use super::Event;
use crate::evidence::sha256;

/// What the first line continues.
pub(super) const START: &str = "start";

/// How a line begins that is chained.
pub(super) const PREFIX: &str = "{\"chain\":\"";

/// Where a line stands in its journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// Its number, counted from one.
    pub(super) n: u64,
    /// The chain of the line before it.
    pub(super) after: String,
    /// Digest of its number, of the chain before it and of the event.
    pub(super) chain: String,
}

/// A line of an event, with its line break.
pub(super) fn line(n: u64, after: &str, event: &Event) -> serde_json::Result<(Vec<u8>, String)> {
    // The first line is as long as the suite: it stands in memory once.
    let mut line = format!("{PREFIX}{}\",", sha256(b"")).into_bytes();
    let chained = line.len();
    line.extend(format!("\"n\":{n},\"after\":\"{after}\",").bytes());
    let brace = line.len();
    serde_json::to_writer(&mut line, event)?;
    line.remove(brace);
    let chain = sha256(&line[chained..]);
    line[PREFIX.len()..][..chain.len()].copy_from_slice(chain.as_bytes());
    line.push(b'\n');
    Ok((line, chain))
}

/// Reads a line without its line break; `None` where its digest is another one, or it has none.
pub(super) fn parse(line: &str) -> Option<(Link, serde_json::Result<Event>)> {
    let (chain, chained) = line.strip_prefix(PREFIX)?.split_once("\",")?;
    if sha256(chained.as_bytes()) != chain {
        return None;
    }
    let (n, rest) = chained.strip_prefix("\"n\":")?.split_once(",\"after\":\"")?;
    let (after, members) = rest.split_once("\",")?;
    let link = Link { n: n.parse().ok()?, after: after.to_owned(), chain: chain.to_owned() };
    Some((link, serde_json::from_str(&format!("{{{members}"))))
}
