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
use serde_json::json;
use url::Url;

use bench::ceremony::{ORIGIN, creation_options, request_options};
use softkey::Algorithm;

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
    let made = serde_json::to_vec(&made.expect("a new key")).expect("JSON");
    let stored = portal_of_tests::registers(&made).expect("a registration of passkey's");

    let options = json!({ "publicKey": request_options() });
    let options: CredentialRequestOptions = serde_json::from_value(options).expect("options");
    let made = runtime.block_on(browser.authenticate(&origin, options, DefaultClientData));
    let made = serde_json::to_vec(&made.expect("an answer")).expect("JSON");
    assert_eq!(portal_of_tests::signs_in(&stored, &made).map(|_| ()), Ok(()));
}
