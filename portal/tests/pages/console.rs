//! The administrator's console: who comes in, and that each form is carried out as its JSON request.

use serde_json::{Value, json};

use crate::{
    browser::{ADMINISTRATOR_TOKEN, Browser, HOST, PASSWORD, Stand},
    key::Key,
    mailbox::Mailbox,
};

/// A browser in which the administrator is signed in.
async fn administrator(stand: &Stand) -> Browser {
    let mut browser = stand.browser();
    browser.get("/admin/sign-in").await;
    let token = [("token", ADMINISTRATOR_TOKEN)];
    assert_eq!(browser.post("/admin/sign-in", &token).await.brief(), "→ /admin");
    browser.get("/admin").await;
    browser
}

/// What the JSON interface says of a user.
async fn told(stand: &Stand, name: &str) -> Value {
    stand.administer("GET", &format!("users/{name}"), json!({})).await.json()
}

/// A policy form with everything as it is by default, and a few fields otherwise.
fn policy<'a>(changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("key", "allowed"),
        ("totp", "allowed"),
        ("push", "off"),
        ("user_verification", "preferred"),
        ("attestation", "none"),
        ("totp_enrolment_seconds", ""),
        ("self_registration", "on"),
    ];
    for (name, value) in changed {
        fields.retain(|(known, _)| known != name);
        if !value.is_empty() {
            fields.push((name, value));
        }
    }
    fields
}

#[tokio::test]
async fn the_token_opens_a_session_with_a_cookie_of_its_own() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut browser = stand.entered("alice").await;
    let user = browser.cookie.clone();
    browser.get("/admin/sign-in").await;
    let wrong = browser.post("/admin/sign-in", &[("token", "a guess")]).await;
    assert_eq!((wrong.status, wrong.alert()), (403, "This is not the administrator's token."));
    assert!(wrong.says("<h1>Sign in as administrator</h1>") && !wrong.says("a guess"));
    assert_eq!(browser.administrator, None);

    let right = browser.post("/admin/sign-in", &[("token", ADMINISTRATOR_TOKEN)]).await;
    let cookie = right.headers["set-cookie"].to_str().expect("text");
    let (name, rest) = cookie.split_once('=').expect("a pair");
    assert_eq!(name, "portal_administrator");
    assert!(rest.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
    assert!(!rest.contains(ADMINISTRATOR_TOKEN), "{cookie}");
    assert_eq!(browser.cookie, user, "the user's session is another");
    assert!(browser.get("/admin").await.says("<h1>Users</h1>"));
    assert!(browser.get("/security").await.says("Signed in as <bdi>alice</bdi>"));
    assert_eq!(browser.get("/admin/sign-in").await.brief(), "→ /admin");
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let stand = Stand::new();
    let mut browser = administrator(&stand).await;
    let cookie = browser.administrator.clone();
    assert_eq!(
        browser.post("/admin/sign-out", &[]).await.brief(),
        "→ /admin/sign-in?done=signed-out"
    );
    assert_eq!(browser.administrator, None);
    let mut old = stand.browser();
    old.administrator = cookie;
    assert_eq!(old.get("/admin").await.brief(), "→ /admin/sign-in");
    assert_eq!(old.api("GET", "/api/admin/users", json!({})).await.status, 403);
}

#[tokio::test]
async fn a_session_of_the_administrator_ends_after_an_hour() {
    let stand = Stand::new();
    let mut browser = administrator(&stand).await;
    stand.advance(3600).await;
    assert_eq!(browser.get("/admin").await.brief(), "200");
    stand.advance(1).await;
    assert_eq!(browser.get("/admin").await.brief(), "→ /admin/sign-in");
}

#[tokio::test]
async fn a_form_of_the_console_needs_the_token_of_the_console() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut browser = stand.entered("alice").await;
    browser.get("/security").await;
    let users = browser.csrf.clone();
    browser.get("/admin/sign-in").await;
    browser.post("/admin/sign-in", &[("token", ADMINISTRATOR_TOKEN)]).await;
    let other = administrator(&stand).await.csrf;
    browser.get("/admin").await;
    for csrf in ["", "0", &users, &other] {
        for form in ["/admin/users/alice/delete", "/admin/users/alice/policy", "/admin/sign-out"] {
            let refused = browser.post_with(form, csrf, &[]).await;
            assert_eq!(refused.status, 403, "{form} {csrf}");
        }
        let elsewhere = [("origin", "http://evil.example".to_owned())];
        let body = format!("csrf={}", browser.csrf);
        let form = ("application/x-www-form-urlencoded", body.as_str());
        let refused = browser.send("POST", "/admin/users/alice/delete", &elsewhere, form).await;
        assert_eq!(refused.status, 403);
    }
    // The interface of the script stands on the origin, as that of users does.
    let elsewhere = [("origin", "http://evil.example".to_owned())];
    let path = "/api/admin/users/alice";
    let refused = browser.send("DELETE", path, &elsewhere, ("application/json", "{}")).await;
    assert_eq!(refused.status, 403);
    assert_eq!(told(&stand, "alice").await["user"], "alice");
    browser.get("/security").await;
    let crossed = browser.post_with("/totp/begin", &other, &[]).await;
    assert_eq!(crossed.status, 403, "nor does the console's token send a form of a user");
}

#[tokio::test]
async fn users_are_created_listed_and_deleted() {
    let stand = Stand::new();
    let mut browser = administrator(&stand).await;
    assert!(browser.get("/admin").await.says("There are no users yet."));
    let alice = [("user", "alice"), ("password", PASSWORD), ("mail", "alice@portal.test")];
    let created = browser.post("/admin/users", &alice).await;
    assert_eq!(created.brief(), "→ /admin/users/alice?done=user-created");
    let page = browser.get(&created.to).await;
    assert!(page.says("<h1>User alice</h1>") && page.says("The user was created."));
    assert!(
        browser.get("/admin").await.says("<a href=\"/admin/users/alice\"><bdi>alice</bdi></a>")
    );
    stand.entered("alice").await;

    let again = browser.post("/admin/users", &alice).await;
    assert_eq!((again.status, again.alert()), (409, "There is such a user."));
    let nameless = browser.post("/admin/users", &[("user", ""), ("password", "x")]).await;
    assert_eq!((nameless.status, nameless.alert()), (400, "A user has a name and a password."));

    let asked = browser.get("/admin/users/alice/delete").await;
    assert!(asked.says("<h1>Delete this user?</h1>"));
    assert!(asked.says("href=\"/admin/users/alice\">Cancel</a>"));
    assert_eq!(told(&stand, "alice").await["user"], "alice", "asking deletes nothing");
    let deleted = browser.post("/admin/users/alice/delete", &[]).await;
    assert_eq!(deleted.brief(), "→ /admin?done=user-deleted");
    assert!(browser.get(&deleted.to).await.says("There are no users yet."));
    let gone = browser.post("/admin/users/alice/delete", &[]).await;
    assert_eq!((gone.status, gone.alert()), (404, "There is no such user or key."));
}

#[tokio::test]
async fn a_name_may_be_anything() {
    let stand = Stand::new();
    let mut browser = administrator(&stand).await;
    for name in ["a b/c?d#e", "ä%20&amp;", "<b>\"x\"</b>", "\u{202e}ecila"] {
        let created = browser.post("/admin/users", &[("user", name), ("password", PASSWORD)]).await;
        let page = browser.get(&created.to).await;
        assert_eq!(page.status, 200, "{name}: {}", created.to);
        assert!(!page.says("<b>"), "{}", page.body);
        let at = created.to.split('?').next().expect("a path").to_owned();
        let saved = browser.post(&format!("{at}/policy"), &policy(&[("key", "off")])).await;
        assert_eq!(saved.brief(), format!("→ {at}?done=policy-saved"));
        let deleted = browser.post(&format!("{at}/delete"), &[]).await;
        assert_eq!(deleted.brief(), "→ /admin?done=user-deleted", "{name}");
    }
}

#[tokio::test]
async fn each_member_of_a_policy_is_saved_and_shown() {
    for (name, value, stored) in [
        ("key", "off", json!("off")),
        ("key", "required", json!("required")),
        ("totp", "off", json!("off")),
        ("totp", "required", json!("required")),
        ("push", "allowed", json!("allowed")),
        ("user_verification", "required", json!("required")),
        ("attestation", "direct", json!("direct")),
        ("only_key", "on", json!(true)),
        ("self_registration", "", json!(false)),
        ("passwordless", "on", json!(true)),
        ("disabled", "on", json!(true)),
        ("totp_enrolment_seconds", "90", json!(90)),
    ] {
        let stand = Stand::new().with_user("alice", json!({})).await;
        let mut browser = administrator(&stand).await;
        browser.get("/admin/users/alice").await;
        let before = told(&stand, "alice").await["policy"].clone();
        assert_ne!(before[name], stored, "{name}");
        let saved = browser.post("/admin/users/alice/policy", &policy(&[(name, value)])).await;
        assert_eq!(saved.brief(), "→ /admin/users/alice?done=policy-saved", "{}", saved.body);
        let mut expected = before;
        expected[name] = stored.clone();
        assert_eq!(told(&stand, "alice").await["policy"], expected, "{name} and nothing else");

        let page = browser.get("/admin/users/alice").await;
        let field = page.between(&format!(" id=\"{name}\""), "</p>");
        let shown = match &stored {
            Value::String(word) => field.contains(&format!("value=\"{word}\" selected")),
            Value::Bool(yes) => field.split('>').next().expect("a tag").contains("checked") == *yes,
            Value::Number(seconds) => field.contains(&format!("value=\"{seconds}\"")),
            Value::Null | Value::Array(_) | Value::Object(_) => false,
        };
        assert!(shown, "{name}: {}", page.body);
        // What the page shows is saved as it is.
        let again = browser.post("/admin/users/alice/policy", &policy(&[(name, value)])).await;
        assert_eq!(again.status, 303);
        assert_eq!(told(&stand, "alice").await["policy"], expected, "{name}");
    }
}

#[tokio::test]
async fn a_policy_that_is_none_is_refused_on_the_page() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut browser = administrator(&stand).await;
    let before = told(&stand, "alice").await;
    for (name, value) in [
        ("key", "perhaps"),
        ("push", "required"),
        ("totp_enrolment_seconds", "soon"),
        ("totp_enrolment_seconds", "-1"),
        ("more", "x"),
    ] {
        browser.get("/admin/users/alice").await;
        let refused = browser.post("/admin/users/alice/policy", &policy(&[(name, value)])).await;
        assert_eq!(refused.status, 400, "{name} {value}");
        assert!(!refused.alert().is_empty() && refused.says("<h1>User alice</h1>"));
        assert_eq!(told(&stand, "alice").await, before, "{name} {value}");
    }
}

#[tokio::test]
async fn a_period_that_was_missed_starts_again() {
    let required = json!({ "totp": "required", "totp_enrolment_seconds": 60 });
    let stand = Stand::new().with_user("alice", required).await;
    let mut browser = administrator(&stand).await;
    assert!(browser.get("/admin/users/alice").await.says("The user has 60 seconds left."));
    stand.advance(61).await;
    let page = browser.get("/admin/users/alice").await;
    assert!(page.says("The period is over.") && page.says("time for codes is over"));
    let mut alice = stand.entered("alice").await;
    assert_eq!(alice.get("/totp").await.status, 403);
    let started = browser.post("/admin/users/alice/period", &[]).await;
    assert_eq!(started.brief(), "→ /admin/users/alice?done=period-started");
    assert!(browser.get(&started.to).await.says("The user has 60 seconds left."));
    assert_eq!(alice.get("/totp").await.brief(), "→ /security", "alice may set codes up");
}

#[tokio::test]
async fn a_key_is_registered_and_deleted_for_a_user() {
    let stand = Stand::new().with_user("alice", json!({ "self_registration": false })).await;
    let mut browser = administrator(&stand).await;
    let page = browser.get("/admin/users/alice").await;
    for address in [
        "data-options=\"/api/admin/users/alice/keys/options\"",
        "data-answer=\"/api/admin/users/alice/keys\"",
        "data-then=\"/admin/users/alice?done=key-registered\"",
        "data-member=\"credential\"",
    ] {
        assert!(page.says(address), "{address}: {}", page.body);
    }
    // As the script of the page does it: with the cookie, and without the administrator's token.
    let key = Key::new(1);
    let options = browser.api("POST", "/api/admin/users/alice/keys/options", json!({})).await;
    let body = json!({ "label": "from the office", "credential": key.made(&options.json()) });
    let stored = browser.api("POST", "/api/admin/users/alice/keys", body).await;
    assert_eq!(stored.status, 201, "{}", stored.body);
    let page = browser.get("/admin/users/alice?done=key-registered").await;
    assert!(page.says("Active keys") && page.says("<bdi>from the office</bdi>"));
    assert!(page.says("aria-label=\"Delete key: from the office\""));

    let second = Key::new(2);
    let options = browser.api("POST", "/api/admin/users/alice/keys/options", json!({})).await;
    let body = json!({ "label": "at home", "credential": second.made(&options.json()) });
    browser.api("POST", "/api/admin/users/alice/keys", body).await;
    let of_second = format!("/admin/users/alice/keys/{}/delete", second.id());
    assert!(browser.get(&of_second).await.says("<bdi>at home</bdi>"));
    browser.post(&of_second, &[]).await;

    let at = format!("/admin/users/alice/keys/{}/delete", key.id());
    assert!(browser.get(&at).await.says("<h1>Delete this security key?</h1>"));
    assert!(browser.get("/admin/users/alice").await.says("Active keys"), "asking deletes nothing");
    let deleted = browser.post(&at, &[]).await;
    assert_eq!(deleted.brief(), "→ /admin/users/alice?done=key-deleted");
    assert!(browser.get(&deleted.to).await.says("No security keys"));
    let gone = browser.get(&at).await;
    assert_eq!(gone.status, 404, "{}", gone.body);
}

#[tokio::test]
async fn a_user_is_mailed_a_link_to_a_new_password() {
    let mut mails = Mailbox::new().await;
    let stand = Stand::with_mail(mails.address).with_user("alice", json!({})).await;
    let mut browser = administrator(&stand).await;
    browser.get("/admin/users/alice").await;
    let sent = browser.post("/admin/users/alice/link", &[]).await;
    assert_eq!(sent.brief(), "→ /admin/users/alice?done=link-sent");
    let link = mails.link().await;
    assert!(!browser.get(&sent.to).await.says(&link), "the administrator does not see it");
    let mut alice = stand.browser();
    assert!(alice.get(&link).await.says("<h1>Choose a new password</h1>"));
    let done = alice.post(&link, &[("password", "a new password")]).await;
    assert_eq!(done.brief(), "→ /sign-in?done=password-reset");
}

#[tokio::test]
async fn no_form_of_the_console_does_anything_for_others() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut alice = stand.entered("alice").await;
    let key = Key::new(1);
    key.register(&mut alice, "mine").await;
    let before = told(&stand, "alice").await;
    let mut visitor = stand.browser();
    for browser in [&mut visitor, &mut alice] {
        browser.get("/sign-in").await;
        for form in [
            "/admin/sign-out",
            "/admin/users",
            "/admin/users/alice/policy",
            "/admin/users/alice/period",
            "/admin/users/alice/link",
            "/admin/users/alice/delete",
            &format!("/admin/users/alice/keys/{}/delete", key.id()),
        ] {
            let refused = browser.post(form, &[("user", "mallory"), ("password", "x")]).await;
            assert_eq!(refused.brief(), "→ /admin/sign-in", "{form}");
        }
        for (method, path) in [
            ("GET", "users"),
            ("GET", "users/alice"),
            ("POST", "users/alice/reset"),
            ("POST", "users/alice/keys/options"),
            ("DELETE", "session"),
        ] {
            let refused = browser.api(method, &format!("/api/admin/{path}"), json!({})).await;
            assert_eq!(refused.status, 403, "{method} {path}");
        }
    }
    assert_eq!(told(&stand, "alice").await, before);
    assert_eq!(stand.browser().api("GET", "/api/clock", json!({})).await.status, 200, "{HOST}");
}
