//! Keys and codes: what happens between challenge and answer, and at the same instant.

use super::*;

const SAFARI: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15";

/// A user with a key, and a browser of theirs after the password.
async fn half_session(stand: &Stand, key: &mut SoftKey) -> Jar {
    stand.has_user("alice", json!({ "passwordless": true })).await;
    let mut jar = stand.signed_in("alice").await;
    assert_eq!(stand.registers(&mut jar, key, "desk").await.status, 201);
    let mut half = Jar::default();
    let told = stand.enters(&mut half, "alice", PASSWORD).await;
    assert_eq!(told.brief(), (200, "factor-needed"));
    assert_eq!(told.body["factors"], json!(["key"]));
    half
}

async fn answer(stand: &Stand, jar: &mut Jar, key: &mut SoftKey) -> Value {
    let options = stand.options(jar, "/api/session/key/options").await;
    key.sign_in(&options, &page(), None).expect("an answer").json
}

#[tokio::test]
async fn a_key_signs_in_and_the_session_is_renewed() {
    let (stand, mut key) = (Stand::new().await, key(1));
    let mut half = half_session(&stand, &mut key).await;
    let before = half.clone();
    assert_eq!(stand.get(&mut half, "/api/account").await.brief(), (401, "login/factor-required"));
    let credential = answer(&stand, &mut half, &mut key).await;

    let told = stand.post(&mut half, "/api/session/key", credential).await;
    assert_eq!(told.brief(), (200, "signed-in"));
    assert_eq!(told.body["set_up"], json!(["totp"]));
    assert_eq!(stand.whoami(&half).await, "alice");
    assert_eq!(stand.whoami(&before).await, Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_answer_signs_in_once_however_often_it_is_sent() {
    let (stand, mut key) = (Stand::new().await, key(1));
    let mut half = half_session(&stand, &mut key).await;
    let credential = answer(&stand, &mut half, &mut key).await;
    let sends = (0..8).map(|_| {
        let (stand, mut jar, credential) = (&stand, half.clone(), credential.clone());
        async move { stand.post(&mut jar, "/api/session/key", credential).await.status }
    });
    let all = futures::future::join_all(sends).await;
    assert_eq!(all.iter().filter(|status| **status == 200).count(), 1);
}

#[tokio::test]
async fn nobody_is_signed_in_whose_session_ended_before_the_touch() {
    let (stand, mut key) = (Stand::new().await, key(1));
    let mut half = half_session(&stand, &mut key).await;
    let credential = answer(&stand, &mut half, &mut key).await;
    stand.send(&mut half.clone(), Method::DELETE, "/api/session", &Value::Null).await;

    let told = stand.post(&mut half, "/api/session/key", credential).await;
    assert_eq!(told.brief(), (401, "login/password-step"));
}

#[tokio::test]
async fn a_key_alone_that_fails_does_not_tell_why() {
    let (stand, mut known) =
        (Stand::new().await, SoftKey::new(Model::synced(), &Seed::new([1; 32])));
    half_session(&stand, &mut known).await;
    stand.set_policy("alice", json!({ "passwordless": false })).await;
    let mut stranger = known.clone();
    stranger.claim_id(b"an id that nobody registered");
    for mut key in [known, stranger] {
        let mut jar = Jar::default();
        let options = stand.options(&mut jar, "/api/passwordless/options").await;
        let credential = key.sign_in(&options, &page(), None).unwrap().json;
        let told = stand.post(&mut jar, "/api/passwordless", credential).await;
        assert_eq!(told.brief(), (400, "login/passwordless"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_keys_are_the_limit_even_at_the_same_instant() {
    let stand = Stand::new().await;
    stand.has_user("alice", json!({})).await;
    let mut jar = stand.signed_in("alice").await;
    let mut bodies = Vec::new();
    for seed in 1..=24 {
        let options = stand.options(&mut jar, "/api/keys/options").await;
        let credential = key(seed).register(&options, &page(), None).unwrap().json;
        bodies.push(json!({ "label": "", "credential": credential }));
    }
    let sends = bodies.into_iter().map(|body| {
        let (stand, mut jar) = (&stand, jar.clone());
        async move { stand.post(&mut jar, "/api/keys", body).await.status }
    });
    let all = futures::future::join_all(sends).await;
    assert_eq!(all.iter().filter(|status| **status == 201).count(), 20);
}

#[tokio::test]
async fn a_policy_may_ask_for_the_make_of_a_key() {
    let stand = Stand::new().await;
    stand.has_user("alice", json!({ "attestation": "direct" })).await;
    let mut jar = stand.signed_in("alice").await;
    let options = stand.options(&mut jar, "/api/keys/options").await;
    assert_eq!(options["attestation"], "direct");
    let mut silent = options;
    silent["attestation"] = json!("none");
    let credential = key(1).register(&silent, &page(), None).unwrap().json;
    let told = stand.post(&mut jar, "/api/keys", json!({ "credential": credential })).await;
    assert_eq!(told.brief(), (400, "registration/attestation-policy"));
}

#[tokio::test]
async fn touch_id_is_not_asked_for_where_it_cannot_answer() {
    let stand = Stand::new().await;
    let mut laptop = SoftKey::new(Model::platform(), &Seed::new([1; 32]));
    half_session(&stand, &mut laptop).await;
    let mut safari = Jar { agent: Some(SAFARI), ..Jar::default() };
    let told = stand.enters(&mut safari, "alice", PASSWORD).await;
    assert_eq!((told.brief(), &told.body["factors"]), ((200, "factor-needed"), &json!([])));
    assert!(told.body["notice"].as_str().is_some_and(|notice| notice.contains("Chrome")));
    let told = stand.post(&mut safari, "/api/session/key/options", json!({})).await;
    assert_eq!(told.brief(), (403, "login/browser"));
}

#[tokio::test]
async fn the_last_factor_stays_where_one_is_required() {
    let stand = Stand::new().await;
    stand.has_user("alice", json!({ "totp": "required" })).await;
    let mut jar = stand.signed_in("alice").await;
    stand.enrols_totp(&mut jar).await;
    let told = stand.send(&mut jar, Method::DELETE, "/api/totp", &Value::Null).await;
    assert_eq!(told.brief(), (403, "keys/last-factor"));

    assert_eq!(stand.registers(&mut jar, &mut key(1), "desk").await.status, 201);
    let told = stand.send(&mut jar, Method::DELETE, "/api/totp", &Value::Null).await;
    assert_eq!(told.brief(), (200, "none"));
}

#[tokio::test]
async fn an_enrolment_that_was_missed_is_the_administrators_to_reopen() {
    let stand = Stand::new().await;
    stand.has_user("alice", json!({ "totp": "required", "totp_enrolment_seconds": 3600 })).await;
    stand.time_passes(3601).await;
    let mut jar = Jar::default();
    let told = stand.enters(&mut jar, "alice", PASSWORD).await;
    assert_eq!(told.body["set_up"], json!(["key"]));
    assert!(told.body["notice"].as_str().is_some_and(|notice| notice.contains("administrator")));
    let told = stand.post(&mut jar, "/api/totp/options", json!({})).await;
    assert_eq!(told.brief(), (403, "totp/enrolment-period"));

    stand.administer(Method::POST, "users/alice/enrolment", json!({})).await;
    stand.enrols_totp(&mut jar).await;
}
