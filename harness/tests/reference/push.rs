//! Prompts on a device: whose they are, what answers them, and how long they live.

use super::*;

/// A user with a push device, and what the device's requests carry.
async fn device(stand: &Stand, name: &str) -> String {
    stand.has_user(name, json!({ "push": "allowed" })).await;
    let told = stand.administer(Method::GET, &format!("users/{name}/device"), json!({})).await;
    told.body["token"].as_str().expect("a token").to_owned()
}

/// A browser of the user's after the password.
async fn half(stand: &Stand, name: &str) -> Jar {
    let mut jar = Jar::default();
    let told = stand.enters(&mut jar, name, PASSWORD).await;
    assert_eq!((told.brief(), &told.body["factors"]), ((200, "factor-needed"), &json!(["push"])));
    jar
}

/// Asks for a prompt; the number that the page shows.
async fn prompt(stand: &Stand, jar: &mut Jar) -> String {
    let told = stand.post(jar, "/api/session/push", json!({})).await;
    assert_eq!(told.brief(), (200, "prompted"));
    told.body["number"].as_str().expect("a number").to_owned()
}

async fn says(stand: &Stand, token: &str, answer: &str, number: &str) -> Told {
    let body = json!({ "answer": answer, "number": number }).to_string();
    let request = stand
        .request(Method::POST, "/api/push/answer")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json");
    told(request.body(body).send().await.expect("an answer")).await
}

async fn result(stand: &Stand, jar: &mut Jar) -> Told {
    stand.post(jar, "/api/session/push/result", json!({})).await
}

#[tokio::test]
async fn an_approval_signs_in_once_and_the_session_is_renewed() {
    let stand = Stand::new().await;
    let token = device(&stand, "alice").await;
    let mut jar = half(&stand, "alice").await;
    let before = jar.clone();
    assert_eq!(stand.get(&mut jar, "/api/account").await.brief(), (401, "login/factor-required"));
    let number = prompt(&stand, &mut jar).await;
    assert_eq!(result(&stand, &mut jar).await.brief(), (200, "pending"));
    assert_eq!(stand.whoami(&jar).await, Value::Null);

    assert_eq!(says(&stand, &token, "approve", &number).await.brief(), (200, "answered"));
    assert_eq!(result(&stand, &mut jar).await.brief(), (200, "signed-in"));
    assert_eq!(stand.whoami(&jar).await, "alice");
    assert_eq!(result(&stand, &mut before.clone()).await.brief(), (401, "login/password-step"));
    assert_eq!(result(&stand, &mut jar).await.brief(), (400, "push/approved"));
    // Nothing waits on the device any more.
    assert_eq!(says(&stand, &token, "approve", &number).await.brief(), (400, "push/approved"));
}

#[tokio::test]
async fn one_approval_confirms_one_change() {
    let stand = Stand::new().await;
    let token = device(&stand, "alice").await;
    let mut jar = half(&stand, "alice").await;
    let number = prompt(&stand, &mut jar).await;
    says(&stand, &token, "approve", &number).await;
    assert_eq!(result(&stand, &mut jar).await.brief(), (200, "signed-in"));

    let change = |old: &str, new: &str| json!({ "old": old, "password": new });
    let other = "another horse";
    let told = stand.post(&mut jar, "/api/password", change(PASSWORD, other)).await;
    assert_eq!(told.brief(), (400, "password/factor"));
    let told = stand.post(&mut jar, "/api/password/push", json!({ "old": PASSWORD })).await;
    let told = says(&stand, &token, "approve", told.body["number"].as_str().unwrap()).await;
    assert_eq!(told.brief(), (200, "answered"));
    // It was approved for the change, and signs nobody in.
    assert_eq!(result(&stand, &mut jar).await.brief(), (400, "push/approved"));
    let told = stand.post(&mut jar, "/api/password", change(PASSWORD, other)).await;
    assert_eq!(told.brief(), (200, "password-changed"));
    let told = stand.post(&mut jar, "/api/password", change(other, PASSWORD)).await;
    assert_eq!(told.brief(), (400, "password/factor"));
}

#[tokio::test]
async fn a_reset_by_mail_takes_an_approval_as_well() {
    let stand = Stand::new().await;
    let token = device(&stand, "alice").await;
    let link = format!("/api/reset/{}", stand.mailed_token("alice").await.unwrap());
    let mut jar = Jar::default();
    assert_eq!(stand.get(&mut jar, &link).await.body["factor"], "push");
    let new = json!({ "password": "another horse" });
    assert_eq!(stand.post(&mut jar, &link, new.clone()).await.brief(), (400, "reset/factor"));
    let told = stand.post(&mut jar, &format!("{link}/push"), json!({})).await;
    says(&stand, &token, "approve", told.body["number"].as_str().unwrap()).await;
    assert_eq!(stand.post(&mut jar, &link, new).await.brief(), (200, "password-changed"));
}

#[tokio::test]
async fn another_number_is_a_denial() {
    let stand = Stand::new().await;
    let token = device(&stand, "alice").await;
    let mut jar = half(&stand, "alice").await;
    let number = prompt(&stand, &mut jar).await;
    let other = if number == "00" { "01" } else { "00" };
    assert_eq!(says(&stand, &token, "approve", other).await.brief(), (400, "push/number"));
    assert_eq!(result(&stand, &mut jar).await.brief(), (400, "push/approved"));
    // There is no second guess.
    assert_eq!(says(&stand, &token, "approve", &number).await.brief(), (400, "push/approved"));
    assert_eq!(stand.whoami(&jar).await, Value::Null);
}

#[tokio::test]
async fn a_prompt_belongs_to_one_session_and_to_one_device() {
    let stand = Stand::new().await;
    let token = device(&stand, "alice").await;
    let foreign = device(&stand, "bob").await;
    let (mut here, mut there) = (half(&stand, "alice").await, half(&stand, "alice").await);
    let number = prompt(&stand, &mut here).await;
    assert_eq!(says(&stand, "", "approve", &number).await.brief(), (401, "push/device"));
    assert_eq!(says(&stand, ADMIN, "approve", &number).await.brief(), (401, "push/device"));
    assert_eq!(says(&stand, &foreign, "approve", &number).await.brief(), (400, "push/approved"));
    says(&stand, &token, "approve", &number).await;

    assert_eq!(result(&stand, &mut there).await.brief(), (400, "push/approved"));
    prompt(&stand, &mut there).await;
    assert_eq!(result(&stand, &mut there).await.brief(), (200, "pending"));
    assert_eq!(result(&stand, &mut here).await.brief(), (200, "signed-in"));
}

#[tokio::test]
async fn a_prompt_lives_a_minute() {
    let stand = Stand::new().await;
    let token = device(&stand, "alice").await;
    let mut jar = half(&stand, "alice").await;
    let number = prompt(&stand, &mut jar).await;
    stand.time_passes(61).await;
    assert_eq!(says(&stand, &token, "approve", &number).await.brief(), (410, "push/lifetime"));
    assert_eq!(result(&stand, &mut jar).await.brief(), (410, "push/lifetime"));

    let number = prompt(&stand, &mut jar).await;
    stand.time_passes(60).await;
    assert_eq!(says(&stand, &token, "approve", &number).await.brief(), (200, "answered"));
    stand.time_passes(1).await;
    assert_eq!(result(&stand, &mut jar).await.brief(), (410, "push/lifetime"));
}

#[tokio::test]
async fn three_prompts_in_five_minutes_are_the_limit_over_all_sessions() {
    let stand = Stand::new().await;
    device(&stand, "alice").await;
    for _ in 0..3 {
        prompt(&stand, &mut half(&stand, "alice").await).await;
    }
    let mut jar = half(&stand, "alice").await;
    let told = stand.post(&mut jar, "/api/session/push", json!({})).await;
    assert_eq!(told.brief(), (429, "push/limit"));
    stand.time_passes(300).await;
    let told = stand.post(&mut jar, "/api/session/push", json!({})).await;
    assert_eq!(told.brief(), (429, "push/limit"));
    stand.time_passes(1).await;
    prompt(&stand, &mut jar).await;
}

#[tokio::test]
async fn what_the_administrator_decides_holds_for_an_approved_prompt() {
    for (policy, refused) in [
        (json!({ "push": "off" }), (403, "push/allowed")),
        (json!({ "only_key": true }), (403, "login/only-key")),
        (json!({ "disabled": true }), (403, "login/disabled-account/factor")),
    ] {
        let stand = Stand::new().await;
        let token = device(&stand, "alice").await;
        let mut jar = half(&stand, "alice").await;
        let number = prompt(&stand, &mut jar).await;
        says(&stand, &token, "approve", &number).await;
        stand.set_policy("alice", policy).await;
        assert_eq!(result(&stand, &mut jar).await.brief(), refused);
        let told = stand.post(&mut jar, "/api/session/push", json!({})).await;
        assert_eq!(told.brief(), refused);
        assert_eq!(stand.whoami(&jar).await, Value::Null);
    }
}
