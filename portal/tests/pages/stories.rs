//! What a person lives through on the pages, from one to the next.

use serde_json::json;

use crate::{
    browser::{PASSWORD, Stand},
    key::Key,
};

#[tokio::test]
async fn a_user_signs_in_with_password_and_key() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut first = stand.entered("alice").await;
    assert_eq!(first.get("/").await.brief(), "→ /set-up");
    assert!(first.get("/set-up").await.says("<h1>What do you want to set up first?</h1>"));
    assert!(first.get("/set-up/key").await.says("No security keys"));
    let key = Key::new(1);
    assert_eq!(key.register(&mut first, "on my ring").await.status, 201);
    let after = first.get("/set-up/key?done=key-registered").await;
    assert!(after.says("<h1>Add another security key?</h1>"), "{}", after.body);
    assert!(after.says("The security key is registered."), "{}", after.body);

    let mut alice = stand.entered("alice").await;
    assert_eq!(alice.get("/").await.brief(), "→ /sign-in/factor");
    assert!(alice.get("/sign-in/factor").await.says("href=\"/sign-in/key\">Security key</a>"));
    assert!(alice.get("/sign-in/key").await.says("You have 60 seconds."));
    let options = alice.api("POST", "/api/session/key/options", json!({})).await.json();
    let answer = alice.api("POST", "/api/session/key", key.answer(&options)).await;
    assert_eq!(answer.json()["status"], "signed-in");
    assert!(alice.get("/security").await.says("<bdi>on my ring</bdi>"));
}

#[tokio::test]
async fn a_wrong_password_says_the_same_for_everybody() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut browser = stand.browser();
    browser.get("/sign-in").await;
    for user in ["alice", "nobody"] {
        let refused = browser.post("/sign-in", &[("user", user), ("password", "wrong")]).await;
        assert_eq!(
            (refused.status, refused.alert()),
            (401, "The user name or the password is wrong.")
        );
        assert!(refused.says(&format!("value=\"{user}\"")), "what was typed is kept");
        assert!(!refused.says("value=\"wrong\""), "the password is not");
    }
}

#[tokio::test]
async fn the_security_tab_shows_status_id_and_label() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut alice = stand.entered("alice").await;
    assert!(alice.get("/security").await.says("<p class=\"status\">No security keys</p>"));
    let key = Key::new(1);
    key.register(&mut alice, "").await;
    let page = alice.get("/security").await;
    assert!(page.says("<p class=\"status\">Active keys</p>"));
    assert!(page.says(&format!("<code>{}</code>", key.id())));
    assert!(page.says("aria-label=\"Edit label: key without a label\""));

    let form = format!("/security/keys/{}/label", key.id());
    assert!(alice.get(&form).await.says("<h1>Edit label</h1>"));
    assert_eq!(
        alice.post(&form, &[("label", "at home")]).await.brief(),
        "→ /security?done=key-renamed"
    );
    let page = alice.get("/security?done=key-renamed").await;
    assert!(page.says("<bdi>at home</bdi>") && page.says("The label was changed."));

    // Nothing on any page names the credential id in a field.
    for path in ["/security", &form] {
        let page = alice.get(path).await;
        let fields = page.body.split("<input ").skip(1).filter_map(|rest| rest.split('>').next());
        assert!(fields.filter(|field| field.contains(&key.id())).count() == 0, "{}", page.body);
    }
}

#[tokio::test]
async fn a_key_is_deleted_once_that_is_confirmed() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut alice = stand.entered("alice").await;
    let key = Key::new(1);
    key.register(&mut alice, "mine").await;
    let form = format!("/security/keys/{}/delete", key.id());
    let asked = alice.get(&form).await;
    assert!(asked.says("<h1>Delete this security key?</h1>"));
    assert!(asked.says("href=\"/security\">Cancel</a>"));
    assert!(alice.get("/security").await.says("Active keys"), "asking deletes nothing");
    alice.get(&form).await;
    assert_eq!(alice.post(&form, &[]).await.brief(), "→ /security?done=key-deleted");
    let after = alice.get("/security?done=key-deleted").await;
    assert!(after.says("No security keys") && after.says("The security key was deleted."));
}

#[tokio::test]
async fn the_last_factor_stays_where_one_is_required() {
    let stand = Stand::new().with_user("alice", json!({ "key": "required" })).await;
    let mut alice = stand.entered("alice").await;
    let key = Key::new(1);
    key.register(&mut alice, "mine").await;
    alice.get("/security").await;
    let refused = alice.post(&format!("/security/keys/{}/delete", key.id()), &[]).await;
    assert!(refused.alert().starts_with("You must have a factor."), "{}", refused.body);
    assert!(refused.says("Active keys"), "{}", refused.body);
}

#[tokio::test]
async fn an_old_proof_is_asked_for_again() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut alice = stand.entered("alice").await;
    let key = Key::new(1);
    key.register(&mut alice, "mine").await;
    stand.advance(601).await;
    let page = alice.get("/security").await;
    assert!(page.says("href=\"/sign-in/factor\">Confirm that it is you</a>"), "{}", page.body);
    let refused = alice.post(&format!("/security/keys/{}/delete", key.id()), &[]).await;
    assert_eq!(refused.status, 403);
    assert!(refused.alert().starts_with("You signed in a while ago."), "{}", refused.body);
    // The key step leads back to where the proof was asked for.
    assert!(alice.get("/sign-in/key").await.says("data-then=\"/security\""));
    let options = alice.api("POST", "/api/session/key/options", json!({})).await.json();
    alice.api("POST", "/api/session/key", key.answer(&options)).await;
    alice.get("/security").await;
    let done = alice.post(&format!("/security/keys/{}/delete", key.id()), &[]).await;
    assert_eq!(done.brief(), "→ /security?done=key-deleted");
}

/// Whoever signs in after somebody else begins anew.
#[tokio::test]
async fn a_password_is_a_fresh_proof_for_the_same_user_alone() {
    let stand = Stand::new().with_user("alice", json!({})).await.with_user("bob", json!({})).await;
    for (user, to) in [("alice", "→ /security"), ("bob", "→ /")] {
        let mut browser = stand.entered("alice").await;
        browser.get("/sign-in").await;
        let done = browser.post("/sign-in", &[("user", user), ("password", PASSWORD)]).await;
        assert_eq!(done.brief(), to, "{user}");
    }
}

#[tokio::test]
async fn a_key_of_the_administrators_has_no_pencil() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut alice = stand.entered("alice").await;
    let key = Key::new(1);
    let options = stand.administer("POST", "users/alice/keys/options", json!({})).await;
    let body = json!({ "label": "from the office", "credential": key.made(&options.json()) });
    stand.administer("POST", "users/alice/keys", body).await;
    let page = alice.get("/security").await;
    assert!(page.says("registered by your administrator"));
    assert!(!page.says("Edit label"), "{}", page.body);
    assert!(page.says("Delete key: from the office"), "{}", page.body);
    let form = format!("/security/keys/{}/label", key.id());
    assert_eq!(alice.get(&form).await.status, 403);
    let refused = alice.post(&form, &[("label", "mine")]).await;
    assert!(refused.alert().starts_with("Your administrator registered"), "{}", refused.body);
}

#[tokio::test]
async fn keys_are_offered_where_the_administrator_and_the_browser_allow() {
    let touch_id = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/130.0.0.0 Safari/537.36";
    let safari = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.4 Safari/605.1.15";
    let explorer = "Mozilla/5.0 (Windows NT 10.0; Trident/7.0; rv:11.0) like Gecko";
    for (policy, agent, buttons) in [
        (json!({}), touch_id, &["Add key", "Add Touch ID"][..]),
        (json!({}), safari, &["Add key"]),
        (json!({}), explorer, &[]),
        (json!({ "self_registration": false }), touch_id, &[]),
        (json!({ "key": "off" }), touch_id, &[]),
    ] {
        let stand = Stand::new().with_user("alice", policy.clone()).await;
        let mut alice = stand.entered("alice").await;
        alice.agent = agent;
        let page = alice.get("/security").await;
        for name in ["Add key", "Add Touch ID"] {
            let shown = page.says(&format!(">{name}</button>"));
            assert_eq!(shown, buttons.contains(&name), "{policy} {agent} {name}");
        }
        assert!(!buttons.is_empty() || page.says("class=\"notice\""), "it says why");
    }
}

#[tokio::test]
async fn an_application_waits_for_the_sign_in() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut browser = stand.browser();
    let application = "/cas/login?service=http%3A%2F%2Fapp.portal.test%2F";
    assert_eq!(browser.get(application).await.brief(), "→ /");
    assert!(browser.get("/sign-in").await.says("Please sign in to open the application."));
    let done = browser.post("/sign-in", &[("user", "alice"), ("password", PASSWORD)]).await;
    assert_eq!(done.brief(), format!("→ {application}"));
    assert!(browser.get(&done.to).await.to.starts_with("http://app.portal.test/?ticket="));
}
