//! The client data: what the browser says it did (WebAuthn Level 3 §5.8.1).

use std::borrow::Cow;

use serde::Deserialize;

use super::json::{Json, Members};
use crate::rules::ClientDataRules;

/// What the client data says.
#[derive(Clone, Debug, Default)]
pub(super) struct ClientData<'a> {
    pub(super) kind: Cow<'a, str>,
    pub(super) challenge: Cow<'a, str>,
    pub(super) origin: Cow<'a, str>,
    pub(super) cross_origin: bool,
    pub(super) has_top_origin: bool,
    /// Whether no member stands twice.
    pub(super) distinct: bool,
}

impl<'a> ClientData<'a> {
    /// Reads one JSON object with the members that it needs, each of its type.
    pub(super) fn strict(rules: &ClientDataRules, bytes: &'a [u8]) -> Option<Self> {
        let (client, sound) = Self::read(rules, std::str::from_utf8(bytes).ok()?);
        sound.then_some(client)
    }

    /// Whatever can be read.
    pub(super) fn leftover(rules: &ClientDataRules, bytes: &'a [u8]) -> Self {
        match String::from_utf8_lossy(bytes) {
            Cow::Borrowed(text) => Self::read(rules, text).0,
            Cow::Owned(text) => ClientData::read(rules, &text).0.into_owned(),
        }
    }

    fn read(rules: &ClientDataRules, text: &'a str) -> (Self, bool) {
        let text = (rules.decoded)(text);
        let mut json = serde_json::Deserializer::from_str(text);
        let Ok(members) = Members::deserialize(&mut json) else { return (Self::default(), false) };

        let whole = json.end().is_ok();
        let looks = (rules.looks)(text, &members);
        let mut members = (rules.kept)(members);
        let distinct = members.are_distinct();
        let cross_origin = members.get("crossOrigin");
        let is_truth = matches!(cross_origin, None | Some(Json::Bool(_)));
        let cross_origin = cross_origin == Some(&Json::Bool(true));
        let has_top_origin = members.get("topOrigin").is_some();
        let texts = ["type", "challenge", "origin"].map(|name| members.take_text(name));
        let typed = texts.iter().all(Option::is_some) && is_truth;
        let [kind, challenge, origin] = texts.map(Option::unwrap_or_default);
        let client = Self { kind, challenge, origin, cross_origin, has_top_origin, distinct };
        (client, whole && looks && typed)
    }

    fn into_owned(self) -> ClientData<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        ClientData {
            kind: owned(self.kind),
            challenge: owned(self.challenge),
            origin: owned(self.origin),
            cross_origin: self.cross_origin,
            has_top_origin: self.has_top_origin,
            distinct: self.distinct,
        }
    }
}
