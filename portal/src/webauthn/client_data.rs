//! The client data: what the browser says it did (WebAuthn Level 3 §5.8.1).

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::rules::ClientDataRules;

/// What the client data says.
#[derive(Clone, Debug, Default)]
pub(super) struct ClientData {
    pub(super) kind: String,
    pub(super) challenge: String,
    pub(super) origin: String,
    pub(super) cross_origin: bool,
    pub(super) has_top_origin: bool,
    /// Whether no member stands twice.
    pub(super) distinct: bool,
}

impl ClientData {
    /// Reads one JSON object with the members that it needs, each of its type.
    pub(super) fn strict(rules: &ClientDataRules, bytes: &[u8]) -> Option<Self> {
        let (client, sound) = Self::read(rules, bytes);
        sound.then_some(client)
    }

    /// Whatever can be read.
    pub(super) fn leftover(rules: &ClientDataRules, bytes: &[u8]) -> Self {
        Self::read(rules, bytes).0
    }

    fn read(rules: &ClientDataRules, bytes: &[u8]) -> (Self, bool) {
        let lossy = String::from_utf8_lossy(bytes);
        let text = (rules.decoded)(&lossy);
        let mut json = serde_json::Deserializer::from_str(text);
        let Ok(members) = Members::deserialize(&mut json) else { return (Self::default(), false) };

        let whole = json.end().is_ok() && std::str::from_utf8(bytes).is_ok();
        let looks = (rules.looks)(text, &members);
        let members = (rules.kept)(members);
        let typed = ["type", "challenge", "origin"].iter().all(|name| members.text(name).is_some())
            && members.get("crossOrigin").is_none_or(Value::is_boolean);
        let client = Self {
            kind: members.text("type").unwrap_or_default(),
            challenge: members.text("challenge").unwrap_or_default(),
            origin: members.text("origin").unwrap_or_default(),
            cross_origin: members.get("crossOrigin") == Some(&Value::Bool(true)),
            has_top_origin: members.get("topOrigin").is_some(),
            distinct: members.are_distinct(),
        };
        (client, whole && looks && typed)
    }
}

/// The members of a JSON object as they stand; a map would hide those that stand twice.
pub(crate) struct Members(pub(crate) Vec<(String, Value)>);

impl Members {
    /// A member. Where it stands twice, the last one, as most parsers have it.
    fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.as_str().map(str::to_owned)
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
