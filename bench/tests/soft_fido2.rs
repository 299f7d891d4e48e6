//! The portal's verifier accepts what the authenticator of `soft-fido2` makes. It speaks CTAP 2: the browser in
//! between is this test. AGPL, and so a dependency of tests alone.

mod portal_of_tests;

use std::sync::Mutex;

use bench::ceremony::{CHALLENGE, ORIGIN, RP_ID, USER_HANDLE};
use ciborium::Value as Cbor;
use portal::webauthn::sha256;
use serde_json::{Value, json};
use soft_fido2::{
    Authenticator, AuthenticatorCallbacks, AuthenticatorConfig, AuthenticatorOptions, Credential,
    CredentialRef, Result, UpResult, UvResult,
};
use softkey::base64url;

const MAKE_CREDENTIAL: u8 = 0x01;
const GET_ASSERTION: u8 = 0x02;

/// Somebody who touches the key and enters the PIN, with a drawer for credentials.
#[derive(Default)]
struct Drawer(Mutex<Vec<Credential>>);

impl Drawer {
    fn all(&self) -> Vec<Credential> {
        self.0.lock().expect("nobody broke it").clone()
    }
}

impl AuthenticatorCallbacks for Drawer {
    fn request_up(&self, _: &str, _: Option<&str>, _: &str) -> Result<UpResult> {
        Ok(UpResult::Accepted)
    }

    fn request_uv(&self, _: &str, _: Option<&str>, _: &str) -> Result<UvResult> {
        Ok(UvResult::AcceptedWithUp)
    }

    fn write_credential(&self, credential: &CredentialRef<'_>) -> Result<()> {
        self.delete_credential(credential.id)?;
        self.0.lock().expect("nobody broke it").push(credential.to_owned());
        Ok(())
    }

    fn read_credential(&self, id: &[u8]) -> Result<Option<Credential>> {
        Ok(self.all().into_iter().find(|known| known.id == id))
    }

    fn delete_credential(&self, id: &[u8]) -> Result<()> {
        self.0.lock().expect("nobody broke it").retain(|known| known.id != id);
        Ok(())
    }

    fn list_credentials(&self, rp_id: &str, user: Option<&[u8]>) -> Result<Vec<Credential>> {
        let own = |known: &Credential| {
            known.rp.id == rp_id && user.is_none_or(|user| known.user.id == user)
        };
        Ok(self.all().into_iter().filter(own).collect())
    }

    fn enumerate_rps(&self) -> Result<Vec<(String, Option<String>, usize)>> {
        Ok(Vec::new())
    }

    fn credential_count(&self) -> Result<usize> {
        Ok(self.all().len())
    }

    fn get_timestamp_ms(&self) -> u64 {
        0
    }
}

fn map<K: Into<Cbor>>(members: impl IntoIterator<Item = (K, Cbor)>) -> Cbor {
    Cbor::Map(members.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

/// Asks the key, and reads its answer.
fn ask(key: &mut Authenticator<Drawer>, command: u8, asked: &Cbor) -> Vec<(Cbor, Cbor)> {
    let mut request = vec![command];
    ciborium::into_writer(asked, &mut request).expect("CBOR");
    let mut answer = Vec::new();
    key.handle(&request, &mut answer).expect("an answer");
    assert_eq!(answer[0], 0, "the key refuses: {answer:02x?}");
    let answer: Cbor = ciborium::from_reader(&answer[1..]).expect("CBOR");
    answer.into_map().expect("a map")
}

fn member(answer: &[(Cbor, Cbor)], number: i32) -> Cbor {
    let found = answer.iter().find(|(own, _)| *own == Cbor::from(number));
    found.map(|(_, value)| value.clone()).expect("the answer has it")
}

fn client_data(kind: &str) -> Vec<u8> {
    let challenge = base64url(&CHALLENGE);
    format!(
        r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{ORIGIN}","crossOrigin":false}}"#
    )
    .into_bytes()
}

fn body(id: &[u8], response: Value) -> Vec<u8> {
    let (id, kind) = (base64url(id), "public-key");
    let body = json!({
        "id": id, "rawId": id, "type": kind, "clientExtensionResults": {}, "response": response,
    });
    body.to_string().into_bytes()
}

/// What the browser sends for a new key, and its id.
fn registration(key: &mut Authenticator<Drawer>) -> (Vec<u8>, Vec<u8>) {
    let client_data = client_data("webauthn.create");
    let kind = ("type", Cbor::from("public-key"));
    let user = [("id", Cbor::Bytes(USER_HANDLE.to_vec())), ("name", "alice".into())];
    let asked = map([
        (1, Cbor::Bytes(sha256(&client_data).to_vec())),
        (2, map([("id", RP_ID.into()), ("name", "Portal".into())])),
        (3, map(user)),
        (4, Cbor::Array(vec![map([("alg", Cbor::from(-7)), kind])])),
        (7, map([("rk", Cbor::Bool(true)), ("uv", Cbor::Bool(true))])),
    ]);
    let said = ask(key, MAKE_CREDENTIAL, &asked);
    let [format, data, statement] = [1, 2, 3].map(|number| member(&said, number));
    let bytes = data.as_bytes().expect("authenticator data").clone();
    let length = usize::from(u16::from_be_bytes([bytes[53], bytes[54]]));
    let mut object = Vec::new();
    let parts = map([("fmt", format), ("attStmt", statement), ("authData", data)]);
    ciborium::into_writer(&parts, &mut object).expect("CBOR");
    let id = bytes[55..55 + length].to_vec();
    let response = json!({
        "clientDataJSON": base64url(&client_data),
        "attestationObject": base64url(&object),
        "transports": ["usb"],
    });
    (body(&id, response), id)
}

/// What the browser sends for a sign-in.
fn sign_in(key: &mut Authenticator<Drawer>, id: &[u8]) -> Vec<u8> {
    let client_data = client_data("webauthn.get");
    let listed = [("id", Cbor::Bytes(id.to_vec())), ("type", "public-key".into())];
    let asked = map([
        (1, Cbor::from(RP_ID)),
        (2, Cbor::Bytes(sha256(&client_data).to_vec())),
        (3, Cbor::Array(vec![map(listed)])),
        (5, map([("uv", Cbor::Bool(true))])),
    ]);
    let said = ask(key, GET_ASSERTION, &asked);
    let text = |number| base64url(member(&said, number).as_bytes().expect("bytes"));
    let response = json!({
        "clientDataJSON": base64url(&client_data),
        "authenticatorData": text(2),
        "signature": text(3),
    });
    body(id, response)
}

#[test]
fn what_soft_fido2_makes_is_accepted() {
    let options = AuthenticatorOptions::new().with_resident_keys(true);
    let config =
        AuthenticatorConfig::builder().options(options.with_user_verification(Some(true))).build();
    let key = Authenticator::with_config(Drawer::default(), config);
    let mut key = key.unwrap_or_else(|error| panic!("a key: {error:?}"));
    let (made, id) = registration(&mut key);
    let stored = portal_of_tests::registers(&made).expect("a registration of soft-fido2's");
    let made = sign_in(&mut key, &id);
    assert_eq!(portal_of_tests::signs_in(&stored, &made).map(|_| ()), Ok(()));
}
