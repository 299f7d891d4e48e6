//! The portal's verifier accepts what the authenticator and the browser of `passkey` make.

mod portal_of_tests;

use passkey::{
    authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod},
    client::{Client, DefaultClientData},
    crypto::rust_crypto::RustCryptoBackend,
    types::{
        Passkey,
        ctap2::{Aaguid, Ctap2Error},
        webauthn::{CredentialCreationOptions, CredentialRequestOptions},
    },
};
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use bench::ceremony::{ORIGIN, creation_options, request_options};
use softkey::{Algorithm, base64url};

/// Somebody who touches the key and enters the PIN.
struct Willing;

#[async_trait::async_trait]
impl UserValidationMethod for Willing {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _: UiHint<'a, Self::PasskeyItem>,
        presence: bool,
        verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence, verification })
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }
}

/// What a page sends of it. passkey writes bytes as numbers, and a page as base64url.
fn written(made: &impl Serialize) -> Vec<u8> {
    let mut body = serde_json::to_value(made).expect("JSON");
    as_base64url(&mut body);
    body.to_string().into_bytes()
}

fn as_base64url(value: &mut Value) {
    let byte = |item: &Value| item.as_u64().and_then(|item| u8::try_from(item).ok());
    match value {
        Value::Array(items)
            if !items.is_empty() && items.iter().all(|item| byte(item).is_some()) =>
        {
            let bytes: Vec<u8> = items.iter().filter_map(byte).collect();
            *value = base64url(&bytes).into();
        }
        Value::Array(items) => items.iter_mut().for_each(as_base64url),
        Value::Object(members) => members.values_mut().for_each(as_base64url),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn what_passkey_makes_is_accepted() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let origin = Url::parse(ORIGIN).expect("an origin");
    let store: Option<Passkey> = None;
    let key = Authenticator::new(Aaguid::new_empty(), store, Willing, RustCryptoBackend);
    let mut browser = Client::new(key);

    let options = json!({ "publicKey": creation_options(Algorithm::Es256) });
    let options: CredentialCreationOptions = serde_json::from_value(options).expect("options");
    let made = runtime.block_on(browser.register(&origin, options, DefaultClientData));
    let made = written(&made.expect("a new key"));
    let stored = portal_of_tests::registers(&made).expect("a registration of passkey's");

    let options = json!({ "publicKey": request_options() });
    let options: CredentialRequestOptions = serde_json::from_value(options).expect("options");
    let made = runtime.block_on(browser.authenticate(&origin, options, DefaultClientData));
    let made = written(&made.expect("an answer"));
    assert_eq!(portal_of_tests::signs_in(&stored, &made).map(|_| ()), Ok(()));
}
