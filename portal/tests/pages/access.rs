//! Which page opens for whom: states of a person × pages, and the same for forms.

use serde_json::json;

use crate::{
    browser::{ADMINISTRATOR_TOKEN, Browser, Stand},
    key::Key,
};

/// What comes of asking for a page: shown (`200`), refused with a status, or sent elsewhere: to the sign-in
/// (`in`) or that of the administrator (`a-in`), the choice of a factor (`factor`), another page. `K` is the credential id of alice's key, and `T`
/// a link that nobody was mailed.
const TABLE: &str = "
    page                              visitor  half     alice    bob      no-keys  missed   admin
    /                                 in       factor   set-up   set-up   set-up   set-up   in
    /sign-in                          200      200      200      200      200      200      200
    /sign-in/factor                   in       200      200      in       in       in       in
    /sign-in/key                      in       200      200      400      403      400      in
    /sign-in/code                     in       factor   factor   factor   factor   factor   in
    /sign-in/prompt                   in       403      403      403      403      403      in
    /set-up                           in       factor   200      200      200      200      in
    /set-up/key                       in       factor   200      200      403      200      in
    /security                         in       factor   200      200      200      200      in
    /security/keys/K/label            in       factor   200      404      403      404      in
    /security/keys/K/delete           in       factor   200      404      403      404      in
    /totp                             in       factor   security security security 403      in
    /totp/delete                      in       factor   security security security security in
    /reset                            200      200      200      200      200      200      200
    /reset/sent                       200      200      200      200      200      200      200
    /reset/T                          400      400      400      400      400      400      400
    /password                         in       factor   200      200      200      200      in
    /applications                     in       factor   200      200      200      200      in
    /cas/login?service=APP            start    start    app      app      app      403      start
    /cas/login?service=EVIL           400      400      400      400      400      400      400
    /admin                            a-in     a-in     a-in     a-in     a-in     a-in     200
    /admin/sign-in                    200      200      200      200      200      200      admin
    /admin/users/alice                a-in     a-in     a-in     a-in     a-in     a-in     200
    /admin/users/nobody               a-in     a-in     a-in     a-in     a-in     a-in     404
    /admin/users/alice/delete         a-in     a-in     a-in     a-in     a-in     a-in     200
    /admin/users/nobody/delete        a-in     a-in     a-in     a-in     a-in     a-in     404
    /admin/users/alice/keys/K/delete  a-in     a-in     a-in     a-in     a-in     a-in     200
    /admin/users/bob/keys/K/delete    a-in     a-in     a-in     a-in     a-in     a-in     404
    /admin/nothing                    404      404      404      404      404      404      404
    /nothing                          404      404      404      404      404      404      404
    /assets/nothing.css               404      404      404      404      404      404      404";

/// Asks for every page of the table in one browser, and compares one column.
async fn check(mut browser: Browser, who: &str) {
    let own = browser.cookie.clone();
    let mut rows = TABLE.trim().lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let head = rows.next().expect("a head");
    let column = head.iter().position(|name| *name == who).expect("a column");
    let mut strays = Vec::new();
    for row in rows {
        let page = row[0].replace("/K/", &format!("/{}/", Key::new(1).id()));
        let page = page.replace("/T", "/0000000000000000");
        let page = page.replace("APP", "http%3A%2F%2Fapp.portal.test%2F");
        let page = page.replace("EVIL", "http%3A%2F%2Fevil.example%2F");
        let answer = browser.get(&page).await;
        let seen = match answer.to.as_str() {
            "" => answer.status.to_string(),
            "/" => "start".to_owned(),
            "/sign-in" => "in".to_owned(),
            "/admin/sign-in" => "a-in".to_owned(),
            "/sign-in/factor" => "factor".to_owned(),
            to if to.starts_with("http://app.portal.test/?ticket=ST-") => "app".to_owned(),
            to => to.trim_start_matches('/').to_owned(),
        };
        if seen != row[column] {
            strays.push(format!("{}: {seen}, not {}", row[0], row[column]));
        }
        // Asking for a page neither signs in nor ends a session.
        assert!(own.is_none() || browser.cookie == own, "{who}: {page}");
    }
    assert_eq!(strays, Vec::<String>::new(), "{who}");
}

#[tokio::test]
async fn a_page_opens_for_whom_it_is() {
    let stand = Stand::new()
        .with_user("alice", json!({}))
        .await
        .with_user("bob", json!({}))
        .await
        .with_user("carol", json!({ "key": "off" }))
        .await
        .with_user("dave", json!({ "totp": "required", "totp_enrolment_seconds": 60 }))
        .await;
    check(stand.browser(), "visitor").await;
    let mut administrator = stand.browser();
    administrator.get("/admin/sign-in").await;
    administrator.post("/admin/sign-in", &[("token", ADMINISTRATOR_TOKEN)]).await;
    let mut alice = stand.entered("alice").await;
    Key::new(1).register(&mut alice, "first").await;
    check(alice, "alice").await;
    check(administrator, "admin").await;
    check(stand.entered("alice").await, "half").await;
    check(stand.entered("bob").await, "bob").await;
    check(stand.entered("carol").await, "no-keys").await;
    stand.advance(61).await;
    check(stand.entered("dave").await, "missed").await;
}

#[tokio::test]
async fn a_session_that_was_ended_opens_nothing() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut alice = stand.entered("alice").await;
    let cookie = alice.cookie.clone();
    alice.get("/security").await;
    alice.post("/sign-out", &[]).await;
    let mut old = stand.browser();
    old.cookie = cookie;
    for page in ["/security", "/password", "/applications", "/set-up"] {
        assert_eq!(old.get(page).await.brief(), "→ /sign-in", "{page}");
    }
}

#[tokio::test]
async fn no_form_does_anything_for_a_visitor() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut visitor = stand.browser();
    visitor.get("/sign-in").await;
    for form in [
        "/sign-in/code",
        "/sign-in/prompt",
        "/sign-in/prompt/result",
        "/security/keys/AAAA/label",
        "/security/keys/AAAA/delete",
        "/totp/begin",
        "/totp",
        "/totp/delete",
        "/password",
        "/password/prompt",
    ] {
        assert_eq!(
            visitor.post(form, &[("password", "long enough")]).await.brief(),
            "→ /sign-in",
            "{form}"
        );
    }
}

/// A defect of the portal is one of its pages as well: they ask the same rules.
#[tokio::test]
async fn a_portal_that_is_full_after_the_password_shows_its_pages_then() {
    let stand = Stand::with_defect("flow/full-session-after-password");
    let stand = stand.with_user("alice", json!({})).await;
    let mut first = stand.entered("alice").await;
    Key::new(1).register(&mut first, "first").await;
    let mut half = stand.entered("alice").await;
    assert_eq!(half.get("/security").await.brief(), "200");
}
