//! What holds for every request, and what only the administrator may do.

use super::*;

#[tokio::test]
async fn requests_of_another_site_or_form_are_refused() {
    let stand = Stand::new().await;
    stand.has_user("alice", json!({})).await;
    let own = format!("http://{HOST}");
    let right = json!({ "user": "alice", "password": PASSWORD }).to_string();
    let long = json!({ "user": "alice", "password": "x".repeat(70_000) }).to_string();
    let form = "application/x-www-form-urlencoded";
    for (origin, kind, body, expected) in [
        (Some(own.as_str()), "application/json", right.as_str(), (200, "signed-in")),
        (None, "application/json; charset=utf-8", &right, (200, "signed-in")),
        (Some("http://evil.example"), "application/json", &right, (403, "session/csrf")),
        (Some("null"), "application/json", &right, (403, "session/csrf")),
        (None, "text/plain", &right, (415, "session/content-type")),
        (None, form, "", (415, "session/content-type")),
        (None, "application/json", "{", (415, "session/content-type")),
        (None, "application/json", &long, (413, "session/body-limit")),
    ] {
        let mut request = stand.request(Method::POST, "/api/session/password");
        request = request.header("content-type", kind).body(body.to_owned());
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let told = told(request.send().await.unwrap()).await;
        assert_eq!(told.brief(), expected, "{origin:?} {kind}");
    }
}

#[tokio::test]
async fn a_host_that_is_none_of_ours_has_no_portal() {
    let stand = Stand::new().await;
    for (host, status) in [
        ("evil.example", 421),
        ("portal.localhost", 421),
        ("other.portal.localhost", 200),
        ("localhost:80", 200),
        ("127.0.0.1:80", 200),
    ] {
        let url = format!("http://{}/api/session", stand.served.address);
        let request = reqwest::Client::new().get(url).header("host", host);
        assert_eq!(request.send().await.unwrap().status().as_u16(), status, "{host}");
    }
}

#[tokio::test]
async fn nothing_of_the_administrators_is_open_to_others() {
    let stand = Stand::new().await;
    stand.has_user("alice", json!({})).await;
    let alice = stand.signed_in("alice").await;
    for (method, path) in [
        (Method::POST, "users"),
        (Method::PUT, "users/alice/policy"),
        (Method::DELETE, "users/alice"),
        (Method::POST, "users/alice/keys/options"),
        (Method::POST, "users/alice/keys"),
        (Method::DELETE, "users/alice/keys/AAAA"),
        (Method::POST, "users/alice/enrolment"),
        (Method::POST, "clock"),
    ] {
        let path = format!("/api/admin/{path}");
        for mut jar in [Jar::default(), alice.clone()] {
            let told = stand.send(&mut jar, method.clone(), &path, &json!({})).await;
            assert_eq!(told.brief(), (403, "admin/authorised"), "{path}");
        }
    }
    assert_eq!(stand.whoami(&alice).await, "alice");
}

#[tokio::test]
async fn a_challenge_for_one_user_registers_no_key_for_another() {
    let stand = Stand::new().await;
    stand.has_user("alice", json!({})).await;
    stand.has_user("bob", json!({})).await;
    let options = stand.administer(Method::POST, "users/alice/keys/options", json!({})).await;
    let credential = key(1).register(&options.body["publicKey"], &page(), None).unwrap().json;
    let body = json!({ "label": "issued", "credential": credential });

    let bob = stand.administer(Method::POST, "users/bob/keys", body.clone()).await;
    assert_eq!(bob.brief(), (400, "registration/challenge-bound"));
    let nobody = stand.administer(Method::POST, "users/nobody/keys", body.clone()).await;
    assert_eq!(nobody.status, 404);
    assert_eq!(stand.administer(Method::POST, "users/alice/keys", body).await.status, 201);
}
