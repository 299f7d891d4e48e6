//! Client data (WebAuthn Level 3 §5.8.1): what the browser says about the ceremony, written as the
//! standard's limited-verification serialisation.

use serde_json::Value;

use crate::base64url::{base64url, from_base64url};

/// The value of one member of the client data.
#[derive(Clone, Debug, PartialEq)]
pub enum Member {
    /// A string.
    Text(String),
    /// Any other JSON value.
    Json(Value),
    /// The member is left out.
    Absent,
}

impl Member {
    /// The text, where it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Json(value) => value.as_str(),
            Self::Absent => None,
        }
    }

    fn to_json(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(json_string(text)),
            Self::Json(value) => Some(value.to_string()),
            Self::Absent => None,
        }
    }
}

impl From<&str> for Member {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Member {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Value> for Member {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}

impl From<bool> for Member {
    fn from(value: bool) -> Self {
        Self::Json(value.into())
    }
}

/// The place of a member in the client data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberName {
    /// `type`
    Type,
    /// `challenge`
    Challenge,
    /// `origin`
    Origin,
    /// `crossOrigin`
    CrossOrigin,
    /// `topOrigin`
    TopOrigin,
}

/// Client data before their encoding.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientData {
    /// `type`: `webauthn.create` or `webauthn.get`.
    pub kind: Member,
    /// `challenge`: the portal's, as base64url.
    pub challenge: Member,
    /// `origin`: of the page.
    pub origin: Member,
    /// `crossOrigin`: whether the page is framed by one of another origin.
    pub cross_origin: Member,
    /// `topOrigin`: the origin of the framing page.
    pub top_origin: Member,
    /// Members after these, also ones of the same name.
    pub extra: Vec<(String, Value)>,
    /// The order in which the known members are written; one named twice is written twice.
    pub order: Vec<MemberName>,
}

impl ClientData {
    /// Honest client data of a page that is not framed.
    pub fn new(kind: &str, challenge: &[u8], origin: &str) -> Self {
        Self {
            kind: kind.into(),
            challenge: base64url(challenge).into(),
            origin: origin.into(),
            cross_origin: false.into(),
            top_origin: Member::Absent,
            extra: Vec::new(),
            order: vec![
                MemberName::Type,
                MemberName::Challenge,
                MemberName::Origin,
                MemberName::CrossOrigin,
                MemberName::TopOrigin,
            ],
        }
    }

    /// The value of a member.
    pub fn member(&self, name: MemberName) -> &Member {
        match name {
            MemberName::Type => &self.kind,
            MemberName::Challenge => &self.challenge,
            MemberName::Origin => &self.origin,
            MemberName::CrossOrigin => &self.cross_origin,
            MemberName::TopOrigin => &self.top_origin,
        }
    }

    /// The challenge as text; empty where it is none.
    pub fn challenge_text(&self) -> &str {
        self.challenge.text().unwrap_or_default()
    }

    /// The bytes of the challenge; empty where it is not base64url.
    pub fn challenge_bytes(&self) -> Vec<u8> {
        from_base64url(self.challenge_text()).unwrap_or_default()
    }

    /// Says another challenge.
    pub fn set_challenge_bytes(&mut self, bytes: &[u8]) {
        self.challenge = base64url(bytes).into();
    }

    /// The origin as text; empty where it is none.
    pub fn origin_text(&self) -> &str {
        self.origin.text().unwrap_or_default()
    }

    /// Host and port of the origin: what follows the scheme.
    pub fn origin_authority(&self) -> &str {
        let origin = self.origin_text();
        origin.split_once("://").map_or(origin, |(_, authority)| authority)
    }

    /// The host of the origin, without its port.
    pub fn origin_host(&self) -> &str {
        let authority = self.origin_authority();
        authority.split_once(':').map_or(authority, |(host, _)| host)
    }

    /// The same origin under another scheme.
    pub fn origin_with_scheme(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.origin_authority())
    }

    /// The same scheme and port at another host.
    pub fn origin_with_host(&self, host: &str) -> String {
        let scheme = self.origin_text().split_once("://").map_or("https", |(scheme, _)| scheme);
        let port = self.origin_authority().split_once(':').map(|(_, port)| format!(":{port}"));
        format!("{scheme}://{host}{}", port.unwrap_or_default())
    }

    /// The same scheme and host at another port.
    pub fn origin_with_port(&self, port: u16) -> String {
        let scheme = self.origin_text().split_once("://").map_or("https", |(scheme, _)| scheme);
        format!("{scheme}://{}:{port}", self.origin_host())
    }

    /// The client data in bytes: the members in their order, then the extra ones.
    pub fn encode(&self) -> Vec<u8> {
        let known = self.order.iter().filter_map(|name| {
            Some(format!("{}:{}", json_string(name.as_str()), self.member(*name).to_json()?))
        });
        let extra = self.extra.iter().map(|(name, value)| format!("{}:{value}", json_string(name)));
        let members: Vec<String> = known.chain(extra).collect();
        format!("{{{}}}", members.join(",")).into_bytes()
    }
}

impl MemberName {
    /// The name as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Challenge => "challenge",
            Self::Origin => "origin",
            Self::CrossOrigin => "crossOrigin",
            Self::TopOrigin => "topOrigin",
        }
    }
}

/// §5.8.1.1, CCDToString: only quotes, backslashes and control characters are escaped.
fn json_string(text: &str) -> String {
    let mut json = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => json.extend(['\\', letter]),
            '\0'..='\x1f' => json.push_str(&format!("\\u{:04x}", u32::from(letter))),
            _ => json.push(letter),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn data() -> ClientData {
        ClientData::new("webauthn.get", &[0xfb, 0xff], "https://portal.example:8443")
    }

    fn written(change: impl FnOnce(&mut ClientData)) -> String {
        let mut data = data();
        change(&mut data);
        String::from_utf8(data.encode()).unwrap()
    }

    #[test]
    fn honest_client_data() {
        let expected = r#"{"type":"webauthn.get","challenge":"-_8","origin":"https://portal.example:8443","crossOrigin":false}"#;
        assert_eq!(written(|_| ()), expected);
    }

    #[test]
    fn members_can_be_anything_anywhere() {
        let text = written(|data| {
            data.kind = 7.to_string().into();
            data.challenge = Member::Absent;
            data.origin = json!(["a"]).into();
            data.cross_origin = true.into();
            data.top_origin = "x\"\\\n\u{1f}\u{7f}é".into();
            data.extra.push(("type".into(), json!(null)));
            data.order.reverse();
            data.order.push(MemberName::Type);
        });
        let expected = concat!(
            r#"{"topOrigin":"x\"\\\u000a\u001f"#,
            "\u{7f}é",
            r#"","crossOrigin":true,"origin":["a"],"type":"7","type":"7","type":null}"#
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn origins_can_be_derived_from_the_honest_one() {
        let data = data();
        assert_eq!(data.origin_host(), "portal.example");
        assert_eq!(data.origin_with_scheme("http"), "http://portal.example:8443");
        assert_eq!(data.origin_with_port(1), "https://portal.example:1");
        assert_eq!(data.origin_with_host("a.b"), "https://a.b:8443");
        let plain = ClientData::new("", b"", "http://portal.example");
        assert_eq!(plain.origin_with_port(1), "http://portal.example:1");
        assert_eq!(plain.origin_with_host("a.b"), "http://a.b");
    }

    #[test]
    fn challenges_can_be_derived_from_the_honest_one() {
        let mut data = data();
        let mut bytes = data.challenge_bytes();
        assert_eq!(bytes, [0xfb, 0xff]);
        bytes[0] ^= 1;
        data.set_challenge_bytes(&bytes);
        assert_eq!(data.challenge_text(), "-v8");
    }

    proptest! {
        #[test]
        fn every_text_survives_a_json_reader(text in any::<String>()) {
            let read: Value = serde_json::from_str(&json_string(&text)).unwrap();
            prop_assert_eq!(read, Value::String(text));
        }
    }
}
