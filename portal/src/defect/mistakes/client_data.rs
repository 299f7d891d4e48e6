//! The ways in which real portals read client data, and compared its challenge.

use crate::webauthn::{base64url, json::Members};

/// Whether the challenge begins as the one that was issued.
pub(in crate::defect) fn challenge_begins_alike(sent: &str, issued: &[u8]) -> bool {
    sent.starts_with(&base64url::text(issued))
        || base64url::lenient(sent).is_some_and(|sent| sent.starts_with(issued))
}

/// Whether the members stand in the order in which most browsers write them.
pub(in crate::defect) fn in_order(_: &str, Members(members): &Members<'_>) -> bool {
    let names = ["type", "challenge", "origin"];
    members.iter().map(|(name, _)| name.as_ref()).take(names.len()).eq(names)
}

/// Whether the portal knows every member.
pub(in crate::defect) fn are_known(_: &str, Members(members): &Members<'_>) -> bool {
    let known = ["type", "challenge", "origin", "crossOrigin", "topOrigin"];
    members.iter().all(|(name, _)| known.contains(&name.as_ref()))
}

/// The first of the members that have one name.
pub(in crate::defect) fn first_of_each(Members(members): Members<'_>) -> Members<'_> {
    let mut first = Vec::new();
    for (name, value) in members {
        if !first.iter().any(|(known, _)| *known == name) {
            first.push((name, value));
        }
    }
    Members(first)
}
