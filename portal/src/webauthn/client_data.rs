//! The client data: what the browser says it did (WebAuthn Level 3 §5.8.1).

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::{Expectation, base64url};
use crate::{check::Checks, defect::Weakness};

/// The client data, read as far as it can be read.
#[derive(Clone, Debug, Default)]
pub(super) struct ClientData {
    pub(super) kind: String,
    pub(super) challenge: String,
    pub(super) origin: String,
    pub(super) cross_origin: bool,
    pub(super) has_top_origin: bool,
    /// Whether it is one JSON object with the members that it needs, each of its type.
    pub(super) well_formed: bool,
    /// Whether no member stands twice.
    pub(super) distinct: bool,
}

impl ClientData {
    pub(super) fn read(checks: &Checks, bytes: &[u8]) -> Self {
        let lossy = String::from_utf8_lossy(bytes);
        // Step 5 of both ceremonies is a "UTF-8 decode", which takes a byte order mark off.
        let text = match lossy.strip_prefix('\u{feff}') {
            Some(rest) if !checks.weak(Weakness::ByteOrderMarkKept) => rest,
            _ => &lossy,
        };
        let mut json = serde_json::Deserializer::from_str(text);
        let Ok(mut members) = Members::deserialize(&mut json) else { return Self::default() };

        let whole = json.end().is_ok() && std::str::from_utf8(bytes).is_ok();
        let typed = ["type", "challenge", "origin"].iter().all(|name| members.text(name).is_some())
            && members.get("crossOrigin").is_none_or(Value::is_boolean);
        let ordered = !checks.weak(Weakness::FixedMemberOrder)
            || members.begin_with(&["type", "challenge", "origin"]);
        let expected = (members.are_all_known() || !checks.weak(Weakness::UnknownMemberRefused))
            && (text.starts_with("{\"") || !checks.weak(Weakness::BlanksRefused));
        let first_counts = checks.weak(Weakness::FirstMemberCounts);
        if first_counts {
            members.0.reverse();
        }
        Self {
            kind: members.text("type").unwrap_or_default(),
            challenge: members.text("challenge").unwrap_or_default(),
            origin: members.text("origin").unwrap_or_default(),
            cross_origin: members.get("crossOrigin") == Some(&Value::Bool(true)),
            has_top_origin: members.get("topOrigin").is_some(),
            well_formed: whole && typed && ordered && expected,
            distinct: members.are_distinct() || first_counts,
        }
    }

    /// Whether the challenge is the one that was issued, byte for byte.
    pub(super) fn answers(&self, expect: &Expectation<'_>) -> bool {
        base64url::strict(&self.challenge).is_some_and(|challenge| challenge == expect.challenge)
    }

    /// The mistake of a portal that asks whether the challenge begins as the one that was issued.
    pub(super) fn begins_as(&self, expect: &Expectation<'_>) -> bool {
        self.challenge.starts_with(&base64url::text(expect.challenge))
            || base64url::lenient(&self.challenge)
                .is_some_and(|challenge| challenge.starts_with(expect.challenge))
    }
}

/// The members of a JSON object as they stand; a map would hide those that stand twice.
struct Members(Vec<(String, Value)>);

impl Members {
    /// A member. Where it stands twice, the last one, as most parsers have it.
    fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.as_str().map(str::to_owned)
    }

    fn begin_with(&self, names: &[&str]) -> bool {
        self.0.iter().map(|(name, _)| name.as_str()).take(names.len()).eq(names.iter().copied())
    }

    fn are_all_known(&self) -> bool {
        let known = ["type", "challenge", "origin", "crossOrigin", "topOrigin"];
        self.0.iter().all(|(name, _)| known.contains(&name.as_str()))
    }

    fn are_distinct(&self) -> bool {
        let mut names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.windows(2).all(|pair| pair.first() != pair.last())
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = object.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}
