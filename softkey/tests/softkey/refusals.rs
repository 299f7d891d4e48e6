//! When an honest key or browser gives no response, and what a dishonest browser gets out of it.

use serde_json::{Value, json};
use softkey::{Browser, Model, Refusal, SoftKey, base64url};

use super::judge::*;

fn refused(model: Model, browser: &Browser, change: &[(&str, Value)]) -> Option<Refusal> {
    let mut key = key(model);
    let refusal = key.register(&creation(change), browser, None).err();
    assert_eq!(key.credentials().len(), usize::from(refusal.is_none()));
    refusal
}

#[test]
fn a_registration_that_cannot_be() {
    let selection = |name: &str, value: &str| [("/authenticatorSelection", json!({ name: value }))];
    for (model, change, expected) in [
        (Model::u2f(), selection("userVerification", "required"), Refusal::NoUserVerification),
        (Model::u2f(), selection("residentKey", "required"), Refusal::NoMatch),
        (Model::roaming(), selection("authenticatorAttachment", "platform"), Refusal::NoMatch),
        (Model::synced(), selection("authenticatorAttachment", "cross-platform"), Refusal::NoMatch),
        (
            Model::synced(),
            [("/pubKeyCredParams", json!([{"type": "public-key", "alg": -8}]))],
            Refusal::UnsupportedAlgorithm,
        ),
        (
            Model::synced(),
            [("/pubKeyCredParams", json!([{"type": "private-key", "alg": -7}]))],
            Refusal::UnsupportedAlgorithm,
        ),
        (Model::synced(), [("/rp/id", json!("other.example"))], Refusal::WrongRpId),
    ] {
        assert_eq!(refused(model, &page(), &change), Some(expected), "{change:?}");
    }
    for (model, kind) in
        [(Model::roaming(), "cross-platform"), (Model::synced(), "platform"), (Model::u2f(), "new")]
    {
        let matching = selection("authenticatorAttachment", kind);
        assert_eq!(refused(model, &page(), &matching), None, "{kind}");
    }
    let untouched = Browser { touches: false, ..page() };
    assert_eq!(refused(Model::roaming(), &untouched, &[]), Some(Refusal::NoTouch));
    let unknown = Browser { verifies: false, ..page() };
    let required = selection("userVerification", "required");
    assert_eq!(refused(Model::roaming(), &unknown, &required), Some(Refusal::NoUserVerification));
    assert_eq!(refused(Model::roaming(), &unknown, &[]), None);
    let insecure = Browser::at("http://portal.example");
    assert_eq!(refused(Model::roaming(), &insecure, &[]), Some(Refusal::WrongRpId));
}

#[test]
fn options_that_no_browser_could_read() {
    for (pointer, value) in [
        ("/challenge", json!(null)),
        ("/challenge", json!("not base64!")),
        ("/challenge", json!([1, 2, 3])),
        ("/user/id", json!("")),
        ("/user/id", json!(base64url(&[1; 65]))),
        ("/user/name", json!(null)),
        ("/user/displayName", json!(7)),
        ("/rp/name", json!(null)),
        ("/pubKeyCredParams", json!(null)),
        ("/pubKeyCredParams", json!([{"alg": "ES256", "type": "public-key"}])),
        ("/excludeCredentials", json!([{"id": "AA"}])),
    ] {
        let refusal = refused(Model::roaming(), &page(), &[(pointer, value.clone())]);
        assert!(matches!(refusal, Some(Refusal::BadOptions(_))), "{pointer} {value}: {refusal:?}");
    }
    let nothing = key(Model::roaming()).sign_in(&json!(null), &page(), None);
    assert!(matches!(nothing, Err(Refusal::BadOptions(_))));
}

#[test]
fn a_refusal_is_a_sentence_for_people() {
    let refusal = refused(Model::roaming(), &page(), &[("/challenge", json!("a!"))]).unwrap();
    assert_eq!(refusal.to_string(), "the options cannot be read: \"a!\" is not base64url");
}

#[test]
fn an_excluded_credential_stops_a_registration() {
    let mut key = key(Model::roaming());
    let first = key.register(&creation(&[]), &page(), None).unwrap();
    let options = creation(&[("/excludeCredentials", json!([named(&first.credential_id)]))]);
    assert_eq!(key.register(&options, &page(), None), Err(Refusal::Excluded));
    let unknown = json!([{"type": "unknown", "id": base64url(&first.credential_id)}]);
    let ignored = creation(&[("/excludeCredentials", unknown)]);
    assert!(key.clone().register(&ignored, &page(), None).is_ok());
    let careless = Browser { obeys_lists: false, ..page() };
    assert!(key.register(&options, &careless, None).is_ok());
    let mut other = super::judge::key(Model::roaming());
    assert!(other.register(&options, &page(), None).is_ok());
}

fn two_credentials() -> (SoftKey, [Vec<u8>; 2]) {
    let mut key = key(Model::roaming());
    let resident = creation(&[("/authenticatorSelection/residentKey", json!("required"))]);
    let mut register = || key.register(&resident, &page(), None).unwrap().credential_id;
    let ids = [register(), register()];
    (key, ids)
}

#[test]
fn a_sign_in_uses_what_the_portal_lists() {
    let (mut key, [first, second]) = two_credentials();
    let mut chosen = |list: &[&[u8]], browser: &Browser| {
        let list: Vec<_> = list.iter().map(|id| named(id)).collect();
        let options = request(&[("/allowCredentials", json!(list))]);
        key.sign_in(&options, browser, None).map(|said| said.credential_id)
    };
    let stranger: &[u8] = b"a stranger's";
    let careless = Browser { obeys_lists: false, ..page() };
    let picky = Browser { picks: Some(base64url(&first)), ..page() };
    assert_eq!(chosen(&[], &page()), Ok(second.clone()));
    assert_eq!(chosen(&[stranger, &first, &second], &page()), Ok(first.clone()));
    assert_eq!(chosen(&[&second, &first], &page()), Ok(second.clone()));
    assert_eq!(chosen(&[stranger], &page()), Err(Refusal::NoMatch));
    assert_eq!(chosen(&[stranger], &careless), Ok(second.clone()));
    assert_eq!(chosen(&[], &picky), Ok(first.clone()));
    assert_eq!(chosen(&[&second, &first], &picky), Ok(first.clone()));
    assert_eq!(chosen(&[&second], &picky), Err(Refusal::NoMatch));
    let both = Browser { obeys_lists: false, ..picky };
    assert_eq!(chosen(&[&second], &both), Ok(first));
}

#[test]
fn a_credential_answers_its_own_relying_party_only() {
    let (mut key, [first, _]) = two_credentials();
    let elsewhere = Browser::at("https://other.example");
    let options = request(&[
        ("/rpId", json!("other.example")),
        ("/allowCredentials", json!([named(&first)])),
    ]);
    assert_eq!(key.sign_in(&options, &elsewhere, None), Err(Refusal::NoMatch));
    assert_eq!(key.sign_in(&request(&[]), &elsewhere, None), Err(Refusal::WrongRpId));
    let untouched = Browser { touches: false, ..page() };
    assert_eq!(key.sign_in(&request(&[]), &untouched, None), Err(Refusal::NoTouch));
    let unknown = Browser { verifies: false, ..page() };
    let required = request(&[("/userVerification", json!("required"))]);
    assert_eq!(key.sign_in(&required, &unknown, None), Err(Refusal::NoUserVerification));
}

#[test]
fn only_a_discoverable_credential_is_found_without_a_list() {
    let mut key = key(Model::roaming());
    key.register(&creation(&[]), &page(), None).unwrap();
    assert_eq!(key.sign_in(&request(&[]), &page(), None), Err(Refusal::NoMatch));
}

#[test]
fn a_forgotten_credential_is_gone() {
    let (mut key, [first, second]) = two_credentials();
    key.forget(&base64url(&second));
    let said = key.sign_in(&request(&[]), &page(), None).unwrap();
    assert_eq!(said.credential_id, first);
    key.forget(&base64url(&first));
    assert_eq!(key.sign_in(&request(&[]), &page(), None), Err(Refusal::NoMatch));
}

#[test]
fn a_refusal_moves_no_counter() {
    let (mut key, _) = two_credentials();
    let mut untouched = key.clone();
    let silent = Browser { touches: false, ..page() };
    assert_eq!(key.sign_in(&request(&[]), &silent, None), Err(Refusal::NoTouch));
    let after = key.sign_in(&request(&[]), &page(), None).unwrap();
    assert_eq!(after, untouched.sign_in(&request(&[]), &page(), None).unwrap());
}
