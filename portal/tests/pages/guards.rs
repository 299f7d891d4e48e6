//! What holds for every page and every form: headers, token, origin, size, and text that is hostile.

use serde_json::json;

use crate::{
    browser::{PASSWORD, Stand},
    key::Key,
};

#[tokio::test]
async fn every_page_forbids_what_it_does_not_need() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut alice = stand.entered("alice").await;
    for page in
        ["/sign-in", "/reset", "/security", "/set-up", "/applications", "/nothing", "/reset/0"]
    {
        let page = alice.get(page).await;
        let header = |name: &str| page.headers[name].to_str().expect("text").to_owned();
        let policy = header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'self' http://app.portal.test/",
        ] {
            assert!(policy.split("; ").any(|own| own == part), "{part}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("referrer-policy"), "strict-origin");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("content-type"), "text/html; charset=utf-8");
    }
}

#[tokio::test]
async fn the_files_of_the_pages_are_served() {
    let mut browser = Stand::new().browser();
    for (path, kind) in [
        ("/assets/portal.js", "text/javascript; charset=utf-8"),
        ("/assets/portal.css", "text/css; charset=utf-8"),
        ("/assets/portal.svg", "image/svg+xml"),
    ] {
        let file = browser.get(path).await;
        assert_eq!((file.status, file.headers["content-type"].to_str().unwrap()), (200, kind));
    }
}

#[tokio::test]
async fn a_form_without_the_token_of_its_session_does_nothing() {
    let stand = Stand::new().with_user("alice", json!({})).await.with_user("bob", json!({})).await;
    let mut alice = stand.entered("alice").await;
    Key::new(1).register(&mut alice, "mine").await;
    let mut bob = stand.entered("bob").await;
    bob.get("/security").await;
    alice.get("/security").await;
    let form = format!("/security/keys/{}/delete", Key::new(1).id());
    for csrf in ["", "0", &bob.csrf.clone()] {
        let refused = alice.post_with(&form, csrf, &[]).await;
        assert_eq!(refused.status, 403, "{csrf}");
        assert!(refused.alert().contains("another session"), "{}", refused.body);
        assert!(alice.get("/security").await.says("Active keys"));
    }
    // The page that says no has the right token: sent again from there, it is carried out.
    assert_eq!(alice.post(&form, &[]).await.brief(), "→ /security?done=key-deleted");
}

/// Somebody else's account cannot be put under a victim's hands.
#[tokio::test]
async fn a_sign_in_needs_a_token_too() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut browser = stand.browser();
    let right = [("user", "alice"), ("password", PASSWORD)];
    let refused = browser.post_with("/sign-in", "", &right).await;
    assert_eq!(refused.status, 403);
    assert_eq!(browser.get("/security").await.brief(), "→ /sign-in");
    browser.get("/sign-in").await;
    assert_eq!(browser.post("/sign-in", &right).await.brief(), "→ /");
}

#[tokio::test]
async fn a_token_does_not_outlive_its_session() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut browser = stand.browser();
    browser.get("/sign-in").await;
    let before = browser.csrf.clone();
    browser.post("/sign-in", &[("user", "alice"), ("password", PASSWORD)]).await;
    assert_eq!(browser.post_with("/totp/begin", &before, &[]).await.status, 403);
}

#[tokio::test]
async fn a_form_of_another_site_or_kind_is_refused() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut browser = stand.browser();
    browser.get("/sign-in").await;
    let form = "application/x-www-form-urlencoded";
    let body = format!("user=alice&password={}&csrf={}", "correct+horse+battery", browser.csrf);
    let long = format!("{body}&more={}", "x".repeat(70_000));
    let own = "http://pages.portal.localhost";
    for (origin, kind, body, status) in [
        ("http://evil.example", form, body.as_str(), 403),
        ("null", form, &body, 403),
        ("http://portal.localhost", form, &body, 403),
        (own, "text/plain", &body, 415),
        (own, "application/json", "{}", 415),
        (own, "multipart/form-data; boundary=x", &body, 415),
        (own, form, &long, 413),
        (own, form, &body, 303),
    ] {
        let headers = [("origin", origin.to_owned())];
        let answer = browser.send("POST", "/sign-in", &headers, (kind, body)).await;
        assert_eq!(answer.status, status, "{origin} {kind}: {}", answer.body);
        assert!(status == 303 || answer.says("<h1>Not possible</h1>"), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_method_that_no_page_has_finds_nothing() {
    let stand = Stand::new();
    let mut browser = stand.browser();
    for (method, path) in [("PUT", "/security"), ("DELETE", "/sign-in"), ("POST", "/applications")]
    {
        let answer = browser.send(method, path, &[], ("", "")).await;
        assert!([403, 404].contains(&answer.status), "{method} {path}: {}", answer.status);
    }
    browser.get("/sign-in").await;
    let body = format!("user=alice&password={PASSWORD}&csrf={}", browser.csrf);
    let form = ("application/x-www-form-urlencoded", body.as_str());
    for method in ["PUT", "PATCH", "DELETE", "OPTIONS"] {
        let answer = browser.send(method, "/sign-in", &[], form).await;
        assert_eq!(answer.status, 404, "{method} carries the form out: {}", answer.body);
    }
}

#[tokio::test]
async fn a_hostile_label_is_text_wherever_it_stands() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut alice = stand.entered("alice").await;
    let labels = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "\u{202e}desrever\u{2066}",
        "'; alert(1); //",
    ];
    for (number, label) in (1..).zip(labels) {
        let key = Key::new(number);
        assert_eq!(key.register(&mut alice, label).await.status, 201);
        for page in [
            "/security",
            &format!("/security/keys/{}/label", key.id()),
            &format!("/security/keys/{}/delete", key.id()),
        ] {
            let page = alice.get(page).await;
            assert_eq!(page.body.matches("<script").count(), 1, "{}", page.body);
            assert!(!page.says("<img") && !page.says("onerror=alert(1)>"), "{}", page.body);
        }
    }
    let list = alice.get("/security").await;
    assert!(list.says("<bdi>\u{202e}desrever\u{2066}</bdi>"), "{}", list.body);
}

#[tokio::test]
async fn a_label_that_is_none_is_refused_on_the_page() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut alice = stand.entered("alice").await;
    let key = Key::new(1);
    key.register(&mut alice, "mine").await;
    let form = format!("/security/keys/{}/label", key.id());
    alice.get("/security").await;
    for label in ["bell \u{7}", "two\nlines", &"x".repeat(65)] {
        let refused = alice.post(&form, &[("label", label)]).await;
        assert_eq!(refused.status, 400, "{label:?}");
        assert!(refused.alert().starts_with("A label has at most 64"), "{}", refused.body);
        assert!(alice.get("/security").await.says("<bdi>mine</bdi>"));
    }
}

/// A form that another site sends comes without the cookie. What it is answered with must not take the place of
/// the session that the person has.
#[tokio::test]
async fn a_form_from_elsewhere_leaves_the_session_alone() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let form = "application/x-www-form-urlencoded";
    for origin in ["http://evil.example", "http://pages.portal.localhost"] {
        for path in ["/sign-in", "/sign-out", "/totp/begin"] {
            let mut without = stand.browser();
            let headers = [("origin", origin.to_owned())];
            let refused = without.send("POST", path, &headers, (form, "user=alice")).await;
            assert_eq!(without.cookie, None, "{origin} {path}");
            assert_eq!(refused.status, 403, "{origin} {path}");
        }
    }
}

/// Nothing that a request names comes back as markup, or leads to another site.
#[tokio::test]
async fn an_address_is_not_repeated() {
    let mut browser = Stand::new().browser();
    for path in [
        "/sign-in?done=<b>",
        "/security/keys/<b>/label",
        "/reset/%3Cb%3E",
        "//evil.example",
        "/x?next=//evil.example",
    ] {
        let path = path.replace('<', "%3C").replace('>', "%3E");
        let answer = browser.get(&path).await;
        assert!(!answer.says("<b>") && !answer.says("evil.example"), "{path}: {}", answer.body);
        assert!(!answer.to.contains("evil"), "{path}: {}", answer.to);
    }
}

#[tokio::test]
async fn programs_are_answered_as_before() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let accepts = [("accept", "text/html, application/json;q=0.9, */*;q=0.8".to_owned())];
    for accepts in [&accepts[..], &[]] {
        for (path, status) in [
            ("/nothing", 404),
            ("/cas/login?service=http%3A%2F%2Fapp.portal.test%2F", 200),
            ("/api/session", 200),
        ] {
            let answer = stand.browser().send("GET", path, accepts, ("", "")).await;
            assert_eq!(answer.status, status);
            assert_eq!(answer.headers["content-type"], "application/json", "{path}");
        }
    }
}
