//! JSON as the verifier reads it: borrowed from the text that it stands in, every member as it stands, repeated ones
//! too. Reads what `serde_json` reads, and refuses what it refuses.

use std::{borrow::Cow, fmt};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// So many members have room at once: as many as an answer has.
const USUAL: usize = 8;

/// A JSON text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Json<'a> {
    #[default]
    Null,
    Bool(bool),
    /// Any number: the verifier looks at none.
    Number,
    Text(Cow<'a, str>),
    Array(Vec<Json<'a>>),
    Object(Members<'a>),
}

/// The members of an object, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Members<'a>(pub(crate) Vec<(Cow<'a, str>, Json<'a>)>);

impl<'a> Json<'a> {
    /// Reads a text, with nothing but blanks behind it.
    pub(crate) fn read(text: &'a [u8]) -> Option<Self> {
        // Checked once, and not again for each string.
        serde_json::from_str(std::str::from_utf8(text).ok()?).ok()
    }

    /// An object's member. Where it stands twice, the last one.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.members()?.get(name)
    }

    pub(crate) fn members(&self) -> Option<&Members<'a>> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn array(&self) -> Option<&[Self]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }
}

impl<'a> Members<'a> {
    /// A member. Where it stands twice, the last one, as most parsers have it.
    pub(crate) fn get(&self, name: &str) -> Option<&Json<'a>> {
        self.0.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// Takes a member out as text.
    pub(crate) fn take_text(&mut self, name: &str) -> Option<Cow<'a, str>> {
        let found = self.0.iter_mut().rev().find(|(own, _)| own == name);
        match found.map(|(_, value)| std::mem::take(value)) {
            Some(Json::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn are_distinct(&self) -> bool {
        let members = self.0.as_slice();
        if members.len() <= USUAL {
            // Of a few, each beside each is quicker than sorting them.
            let before = |place: usize| members.get(..place).unwrap_or_default();
            let is_new = |(place, (name, _)): (usize, &(Cow<'_, str>, Json<'_>))| {
                before(place).iter().all(|(other, _)| other != name)
            };
            return members.iter().enumerate().all(is_new);
        }
        let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_ref()).collect();
        names.sort_unstable();
        names.windows(2).all(|pair| pair.first() != pair.last())
    }
}

/// A text that is borrowed where it stands as it is read, without escapes.
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl<'de> Visitor<'de> for Name {
            type Value = Text<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(Name)
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
                members(object)
            }
        }

        deserializer.deserialize_map(Object)
    }
}

fn members<'de, A: MapAccess<'de>>(mut object: A) -> Result<Members<'de>, A::Error> {
    let mut members = Vec::new();
    while let Some((Text(name), value)) = object.next_entry()? {
        if members.is_empty() {
            members.reserve(USUAL);
        }
        members.push((name, value));
    }
    Ok(Members(members))
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Json<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("JSON")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Json::Null)
            }

            fn visit_bool<E>(self, truth: bool) -> Result<Self::Value, E> {
                Ok(Json::Bool(truth))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Json::Number)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Json::Number)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Json::Number)
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Json::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Json::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = array.next_element()? {
                    items.push(item);
                }
                Ok(Json::Array(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
                members(object).map(Json::Object)
            }
        }

        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// The same without what the verifier does not look at: numbers, and members that stand again.
    fn of(value: &Value) -> Json<'_> {
        Json::deserialize(value).unwrap()
    }

    fn is_the_same(read: &Json<'_>, value: &Value) -> bool {
        match (read, value) {
            (Json::Null, Value::Null) | (Json::Number, Value::Number(_)) => true,
            (Json::Bool(one), Value::Bool(other)) => one == other,
            (Json::Text(one), Value::String(other)) => one == other,
            (Json::Array(one), Value::Array(other)) => {
                one.len() == other.len()
                    && one.iter().zip(other).all(|(one, other)| is_the_same(one, other))
            }
            (Json::Object(one), Value::Object(other)) => {
                one.0.iter().all(|(name, _)| other.contains_key(name.as_ref()))
                    && other.iter().all(|(name, other)| {
                        one.get(name).is_some_and(|one| is_the_same(one, other))
                    })
            }
            _ => false,
        }
    }

    /// What another reader of the same library makes of a text.
    fn agree(text: &[u8]) {
        let (read, value) = (Json::read(text), serde_json::from_slice::<Value>(text).ok());
        match (&read, &value) {
            (None, None) => {}
            (Some(read), Some(value)) => {
                assert!(is_the_same(read, value), "{read:?} {value:?}");
                assert!(is_the_same(&of(value), value), "{value:?}");
            }
            _ => panic!("{read:?} {value:?} of {:?}", String::from_utf8_lossy(text)),
        }
    }

    #[test]
    fn whatever_one_reader_refuses_the_other_does() {
        let deep = |levels: usize| ["[".repeat(levels), "]".repeat(levels)].concat();
        for text in [
            "",
            "{}",
            " {} ",
            "{}{}",
            "{} x",
            r#"{"a":1,"a":"2"}"#,
            r#"{"a":1,}"#,
            r#"{"\u0061":"\u00e9\n"}"#,
            r#"{"a":"\ud800"}"#,
            r#"["\ud83d\udd11"]"#,
            "1e999",
            "-0.5e3",
            "123456789012345678901234567890",
            "nul",
            "\u{feff}{}",
            "\"\u{1}\"",
            &deep(100),
            &deep(200),
        ] {
            agree(text.as_bytes());
        }
        agree(b"{\"a\":\"\xff\"}");
    }

    #[test]
    fn members_are_kept_as_they_stand() {
        let read = Json::read(br#"{"a":null,"b":"1","a":"2"}"#).unwrap();
        let members = read.members().unwrap();
        assert_eq!((members.0.len(), members.are_distinct()), (3, false));
        assert_eq!(read.get("a").and_then(Json::text), Some("2"));
        assert!(matches!(read.get("b"), Some(Json::Text(Cow::Borrowed("1")))));
        // Few members and many are looked at in two ways.
        for many in [2_usize, USUAL, USUAL + 1, 100] {
            let names = |last: usize| (1..many).chain([last]).map(|name| format!("\"{name}\":1"));
            let object = |last| format!("{{{}}}", names(last).collect::<Vec<_>>().join(","));
            for (last, distinct) in [(0, true), (1, false), (many / 2, false)] {
                let text = object(last);
                let read = Json::read(text.as_bytes()).unwrap();
                assert_eq!(read.members().unwrap().are_distinct(), distinct, "{text}");
            }
        }
    }

    proptest! {
        #[test]
        fn both_readers_agree_on_any_text(text in r#"[\[\]{}:,"\\ua01e.\-tnl ]{0,40}"#) {
            agree(text.as_bytes());
        }
    }
}
