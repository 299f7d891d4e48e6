//! Passwords: guessing, changing and resetting them.

use super::*;

#[tokio::test]
async fn guesses_are_limited_alike_for_somebody_and_for_nobody() {
    let stand = Stand::new().await;
    stand.has_user("alice", json!({})).await;
    for name in ["alice", "nobody"] {
        let mut jar = Jar::default();
        for _ in 0..5 {
            let told = stand.enters(&mut jar, name, "a guess").await;
            assert_eq!(told.brief(), (401, "login/password"), "{name}");
        }
        let told = stand.enters(&mut jar, name, PASSWORD).await;
        assert_eq!(told.brief(), (429, "login/password-limit"), "{name}");
    }
    stand.time_passes(301).await;
    stand.signed_in("alice").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guesses_at_the_same_instant_count_one_by_one() {
    let stand = Stand::new().await;
    stand.has_user("alice", json!({})).await;
    let guess = async || stand.enters(&mut Jar::default(), "alice", "a guess").await.status;
    let all = futures::future::join_all((0..12).map(|_| guess())).await;
    assert_eq!(all.iter().filter(|status| **status == 401).count(), 5);
    assert_eq!(all.iter().filter(|status| **status == 429).count(), 7);
}

#[tokio::test]
async fn a_disabled_account_is_signed_out_and_mailed_nothing() {
    let stand = Stand::new().await;
    stand.has_user("alice", json!({})).await;
    let alice = stand.signed_in("alice").await;
    let token = stand.mailed_token("alice").await.unwrap();
    stand.set_policy("alice", json!({ "disabled": true })).await;

    assert_eq!(stand.whoami(&alice).await, Value::Null);
    assert_eq!(stand.mailed_token("alice").await, None);
    let path = format!("/api/reset/{token}");
    let told = stand.post(&mut Jar::default(), &path, json!({ "password": "another one" })).await;
    assert_eq!(told.brief(), (403, "reset/disabled-account"));
}

#[tokio::test]
async fn a_changed_password_ends_other_sessions_and_voids_links() {
    let stand = Stand::new().await;
    stand.has_user("alice", json!({})).await;
    let (mut here, there) = (stand.signed_in("alice").await, stand.signed_in("alice").await);
    let token = stand.mailed_token("alice").await.unwrap();

    let wrong = json!({ "old": "a guess", "password": "another one" });
    let told = stand.post(&mut here, "/api/password", wrong).await;
    assert_eq!(told.brief(), (400, "password/old"));
    let right = json!({ "old": PASSWORD, "password": "another one" });
    let told = stand.post(&mut here, "/api/password", right).await;
    assert_eq!(told.brief(), (200, "password-changed"));

    assert_eq!(stand.whoami(&here).await, "alice");
    assert_eq!(stand.whoami(&there).await, Value::Null);
    let path = format!("/api/reset/{token}");
    let told = stand.post(&mut Jar::default(), &path, json!({ "password": "a third one" })).await;
    assert_eq!(told.brief(), (400, "reset/newest"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_link_sets_one_password_however_often_it_is_sent() {
    let stand = Stand::new().await;
    stand.has_user("alice", json!({})).await;
    let path = format!("/api/reset/{}", stand.mailed_token("alice").await.unwrap());
    let resets = (0..8).map(|number| {
        let (stand, path) = (&stand, &path);
        async move {
            let body = json!({ "password": format!("new password {number}") });
            stand.post(&mut Jar::default(), path, body).await.status
        }
    });
    let all = futures::future::join_all(resets).await;
    assert_eq!(all.iter().filter(|status| **status == 200).count(), 1);
}

#[tokio::test]
async fn codes_that_confirm_a_reset_cannot_be_guessed_without_limit() {
    let stand = Stand::new().await;
    stand.has_user("alice", json!({})).await;
    let secret = stand.enrols_totp(&mut stand.signed_in("alice").await).await;
    stand.time_passes(60).await;
    let path = format!("/api/reset/{}", stand.mailed_token("alice").await.unwrap());
    let confirm = async |code: &str| {
        let body = json!({ "password": "another one", "code": code });
        stand.post(&mut Jar::default(), &path, body).await
    };
    for _ in 0..5 {
        assert_eq!(confirm("00000x").await.brief(), (400, "reset/factor"));
    }
    let right = stand.code(&secret).await;
    assert_eq!(confirm(&right).await.brief(), (429, "totp/limit"));
}
