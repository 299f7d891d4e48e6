//! From a portal's flavour of WebAuthn JSON to that of WebAuthn Level 3 §5.1, and back for the
//! answer. What does not have the shape that a mapping expects is left as it is: it may be wrong on
//! purpose.

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use profile::{
    extractor::{Pointer, PointerStep, Transform},
    flow::{AnswerMapping, Binary, Mapping},
};
use serde_json::{Value, json};

use super::extract::{plain, point};

/// Options in the form of the standard.
pub(super) struct Mapped {
    pub(super) options: Value,
    /// Members that the portal left out and the profile stands in for.
    pub(super) filled_in: Vec<&'static str>,
}

/// `None` where what was found is not an object.
pub(super) fn map(
    found: Value,
    mapping: &Mapping,
    rp_id: Option<&str>,
    creates: bool,
) -> Option<Mapped> {
    let found = match found.as_str() {
        Some(text) => serde_json::from_str(text).ok()?,
        None => found,
    };
    let mut options = match found {
        Value::Object(mut members) if members.get("publicKey").is_some_and(Value::is_object) => {
            members.remove("publicKey")?
        }
        Value::Object(members) => Value::Object(members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            return None;
        }
    };
    for (from, to) in &mapping.rename {
        if let Some(value) = take(&mut options, from) {
            put(&mut options, to, value);
        }
    }
    binaries(&mut options, mapping);
    let mut filled_in = Vec::new();
    if let Some(rp_id) = rp_id {
        let (path, name): (&[&str], _) =
            if creates { (&["rp", "id"], "rp.id") } else { (&["rpId"], "rpId") };
        let pointer = Pointer {
            steps: path.iter().map(|step| PointerStep::Member((*step).to_owned())).collect(),
        };
        let missing = point(&options, &pointer).is_none_or(|id| id.is_null() || id == "");
        if missing {
            put(&mut options, &pointer, Value::from(rp_id));
            filled_in.push(name);
        }
    }
    if let (true, Some(algs)) = (creates, &mapping.algs) {
        let none =
            options.get("pubKeyCredParams").and_then(Value::as_array).is_none_or(Vec::is_empty);
        if none {
            options["pubKeyCredParams"] =
                algs.iter().map(|alg| json!({ "type": "public-key", "alg": alg })).collect();
            filled_in.push("pubKeyCredParams");
        }
    }
    Some(Mapped { options, filled_in })
}

fn binaries(options: &mut Value, mapping: &Mapping) {
    let binary = mapping.binary.unwrap_or(Binary::Base64Url);
    if let Some(user_id) = options.pointer_mut("/user/id") {
        to_base64url(user_id, mapping.user_id.unwrap_or(binary));
    }
    if let Some(challenge) = options.get_mut("challenge") {
        to_base64url(challenge, binary);
    }
    for list in ["excludeCredentials", "allowCredentials"] {
        let credentials = options.get_mut(list).and_then(Value::as_array_mut);
        for id in
            credentials.into_iter().flatten().filter_map(|credential| credential.get_mut("id"))
        {
            to_base64url(id, binary);
        }
    }
}

fn to_base64url(value: &mut Value, from: Binary) {
    let converted = match from {
        Binary::Base64Url => None,
        Binary::Base64 => super::transform::transform(value.clone(), &[Transform::Base64ToUrl]),
        Binary::Text => Some(Value::from(BASE64_URL_SAFE_NO_PAD.encode(plain(value)))),
        Binary::Numbers => {
            numbers(value).map(|bytes| Value::from(BASE64_URL_SAFE_NO_PAD.encode(bytes)))
        }
    };
    if let Some(converted) = converted {
        *value = converted;
    }
}

/// A list of bytes, or an object as a script's typed array becomes in JSON.
fn numbers(value: &Value) -> Option<Vec<u8>> {
    let byte = |number: &Value| number.as_u64().and_then(|number| u8::try_from(number).ok());
    match value {
        Value::Array(items) => items.iter().map(byte).collect(),
        Value::Object(members) => members.values().map(byte).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// The answer as the portal wants it.
pub(in crate::deployment::http) fn map_answer(
    mut credential: Value,
    mapping: &AnswerMapping,
) -> Value {
    for pointer in &mapping.omit {
        take(&mut credential, pointer);
    }
    for pointer in &mapping.base64 {
        let Some(text) = point(&credential, pointer).and_then(Value::as_str) else { continue };
        let lenient =
            GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        // What is not base64url is sent as it is: it was made so.
        if let Ok(bytes) = GeneralPurpose::new(&URL_SAFE, lenient).decode(text) {
            put(&mut credential, pointer, Value::from(BASE64_STANDARD.encode(bytes)));
        }
    }
    for (from, to) in &mapping.rename {
        if let Some(value) = take(&mut credential, from) {
            put(&mut credential, to, value);
        }
    }
    credential
}

fn take(value: &mut Value, pointer: &Pointer) -> Option<Value> {
    let (PointerStep::Member(last), outer) = pointer.steps.split_last()? else { return None };
    let mut inner = value;
    for step in outer {
        let PointerStep::Member(name) = step else { return None };
        inner = inner.get_mut(name)?;
    }
    inner.as_object_mut()?.shift_remove(last)
}

/// Makes the objects on the way that are not there.
fn put(value: &mut Value, pointer: &Pointer, new: Value) {
    let mut inner = value;
    for step in &pointer.steps {
        let PointerStep::Member(name) = step else { return };
        let Some(members) = inner.as_object_mut() else { return };
        inner = members.entry(name.as_str()).or_insert_with(|| json!({}));
    }
    *inner = new;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointer(text: &str) -> Pointer {
        Pointer {
            steps: text
                .split('/')
                .skip(1)
                .map(|step| PointerStep::Member(step.to_owned()))
                .collect(),
        }
    }

    #[test]
    fn renamed_wrapped_and_missing_members_become_those_of_the_standard() {
        let mapping = Mapping {
            rename: vec![
                (pointer("/chal"), pointer("/challenge")),
                (pointer("/site"), pointer("/rp/name")),
            ],
            algs: Some(vec![-7]),
            binary: Some(Binary::Base64),
            user_id: Some(Binary::Text),
            ..Mapping::default()
        };
        let found = json!({ "publicKey": { "chal": "+/8=", "site": "Acme", "user": { "id": "42" },
            "excludeCredentials": [{ "id": "-_8" }, { "id": "AA==" }] } });
        let mapped =
            map(Value::from(found.to_string()), &mapping, Some("a.example"), true).unwrap();
        assert_eq!(
            mapped.options,
            json!({ "user": { "id": "NDI" }, "excludeCredentials": [{ "id": "-_8" }, { "id": "AA" }], "challenge": "-_8",
                "rp": { "name": "Acme", "id": "a.example" }, "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }] })
        );
        assert_eq!(mapped.filled_in, ["rp.id", "pubKeyCredParams"]);
    }

    #[test]
    fn an_answer_is_sent_in_the_portals_flavour_and_a_malformed_one_as_it_is() {
        let mapping = AnswerMapping {
            omit: vec![pointer("/clientExtensionResults")],
            base64: vec![pointer("/response/publicKey"), pointer("/response/signature")],
            rename: vec![(pointer("/rawId"), pointer("/raw_id"))],
        };
        let credential = json!({ "rawId": "AA", "clientExtensionResults": {}, "response": { "publicKey": "-_8", "signature": 7 } });
        let sent = map_answer(credential, &mapping);
        assert_eq!(
            sent,
            json!({ "response": { "publicKey": "+/8=", "signature": 7 }, "raw_id": "AA" })
        );
        assert_eq!(map_answer(json!("nonsense"), &mapping), json!("nonsense"));

        // Pointers of `omit` and `base64` are those before `rename`; an emptied object stays.
        let mapping = AnswerMapping {
            omit: vec![pointer("/response/other")],
            base64: vec![pointer("/response/signature")],
            rename: vec![(pointer("/response/signature"), pointer("/other"))],
        };
        let sent = map_answer(json!({ "response": { "signature": "-_8" } }), &mapping);
        assert_eq!(sent, json!({ "response": {}, "other": "+/8=" }));
    }
}
