//! Tickets of applications: whom they are for, and how long, how often and where they are good.

use reqwest::redirect;
use url::form_urlencoded;

use super::*;

const APPLICATION: &str = "http://app.portal.test/";
const ANOTHER: &str = "http://other.portal.test/";

impl Stand {
    /// Sends a browser from an application to the portal: the status, and where it goes on.
    async fn sends(&self, jar: &Jar, service: &str) -> (u16, Option<String>) {
        let client = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .build()
            .expect("a client");
        let url =
            asked(&format!("http://{}/cas/login", self.served.address), &[("service", service)]);
        let mut request = client.get(url).header("host", HOST);
        if let Some(cookie) = &jar.cookie {
            request = request.header("cookie", format!("portal_session={cookie}"));
        }
        let response = request.send().await.expect("an answer");
        let to = response.headers().get("location").map(|to| to.to_str().expect("text").to_owned());
        (response.status().as_u16(), to)
    }

    /// The ticket that a browser is sent back with.
    async fn ticket(&self, jar: &Jar) -> String {
        let (status, to) = self.sends(jar, APPLICATION).await;
        let to = to.expect("a way back");
        let ticket = to.strip_prefix("http://app.portal.test/?ticket=ST-").expect("a ticket");
        assert_eq!((status, ticket.len()), (302, 48), "{to}");
        format!("ST-{ticket}")
    }

    /// What the application is told about a ticket: whose it is, or the code of the failure.
    async fn redeems(&self, service: &str, ticket: &str) -> Result<String, String> {
        let path = asked("/cas/serviceValidate", &[("service", service), ("ticket", ticket)]);
        let xml = self
            .request(Method::GET, &path)
            .send()
            .await
            .expect("an answer")
            .text()
            .await
            .expect("an answer");
        let part = |from: &str, to: &str| {
            let (_, rest) = xml.split_once(from)?;
            rest.split_once(to).map(|(part, _)| part.to_owned())
        };
        let user = part("<cas:authenticationSuccess><cas:user>", "</cas:user>");
        user.ok_or_else(|| part("<cas:authenticationFailure code=\"", "\"").expect("a failure"))
    }
}

fn asked(path: &str, query: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    format!("{path}?{query}")
}

fn fails(code: &str) -> Result<String, String> {
    Err(code.to_owned())
}

#[tokio::test]
async fn a_ticket_is_good_once() {
    let stand = Stand::new().await;
    stand.has_user("alice & <bob>", json!({})).await;
    let alice = stand.signed_in("alice & <bob>").await;

    let ticket = stand.ticket(&alice).await;
    let name = stand.redeems(APPLICATION, &ticket).await.unwrap();
    assert_eq!(name, "alice &amp; &lt;bob&gt;");
    assert_eq!(stand.redeems(APPLICATION, &ticket).await, fails("INVALID_TICKET"));
    assert_eq!(stand.redeems(APPLICATION, "ST-0").await, fails("INVALID_TICKET"));
    assert_eq!(stand.redeems(APPLICATION, "").await, fails("INVALID_REQUEST"));
    assert_eq!(stand.redeems("", &stand.ticket(&alice).await).await, fails("INVALID_REQUEST"));
}

#[tokio::test]
async fn a_ticket_is_good_for_its_application() {
    let stand = Stand::new().await;
    stand.has_user("alice", json!({})).await;
    let alice = stand.signed_in("alice").await;

    let ticket = stand.ticket(&alice).await;
    assert_eq!(stand.redeems(ANOTHER, &ticket).await, fails("INVALID_SERVICE"));
    assert_eq!(stand.redeems(APPLICATION, &ticket).await, fails("INVALID_TICKET"));
}

#[tokio::test]
async fn a_ticket_lives_for_ten_seconds_and_no_longer_than_its_account() {
    let stand = Stand::new().await;
    stand.has_user("alice", json!({})).await;
    let alice = stand.signed_in("alice").await;
    for (later, expected) in [(10, Ok("alice".to_owned())), (11, fails("INVALID_TICKET"))] {
        let ticket = stand.ticket(&alice).await;
        stand.time_passes(later).await;
        assert_eq!(stand.redeems(APPLICATION, &ticket).await, expected, "{later}");
    }
    let ticket = stand.ticket(&alice).await;
    stand.set_policy("alice", json!({ "disabled": true })).await;
    assert_eq!(stand.redeems(APPLICATION, &ticket).await, fails("INVALID_TICKET"));
}

#[tokio::test]
async fn no_other_application_is_sent_anybody() {
    let stand = Stand::new().await;
    stand.has_user("alice", json!({})).await;
    let alice = stand.signed_in("alice").await;
    for service in [
        ANOTHER,
        "",
        "http://app.portal.test/elsewhere",
        "http://app.portal.test.evil.example/",
        "http://app.portal.test@evil.example/",
        "https://app.portal.test/",
    ] {
        assert_eq!(stand.sends(&alice, service).await, (400, None), "{service}");
    }
    assert_eq!(stand.sends(&alice, APPLICATION).await.0, 302);
}

#[tokio::test]
async fn the_application_is_remembered_until_the_sign_in_is_done() {
    let stand = Stand::new().await;
    stand.has_user("alice", json!({})).await;
    let secret = stand.enrols_totp(&mut stand.signed_in("alice").await).await;
    stand.time_passes(60).await;
    let mut jar = Jar::default();
    let path = "/cas/login?service=http%3A%2F%2Fapp.portal.test%2F";
    assert_eq!(stand.get(&mut jar, path).await.brief(), (200, "sign-in"));

    let told = stand.enters(&mut jar, "alice", PASSWORD).await;
    assert_eq!((told.brief(), told.body.get("next")), ((200, "factor-needed"), None));
    let code = stand.code(&secret).await;
    let told = stand.post(&mut jar, "/api/session/totp", json!({ "code": code })).await;
    assert_eq!((told.brief(), &told.body["next"]), ((200, "signed-in"), &json!(path)));
    let ticket = stand.ticket(&jar).await;
    assert_eq!(stand.redeems(APPLICATION, &ticket).await.as_deref(), Ok("alice"));

    // The next sign-in is not for an application.
    let told = stand.enters(&mut jar, "alice", PASSWORD).await;
    assert_eq!((told.brief(), told.body.get("next")), ((200, "factor-needed"), None));
    assert_eq!(stand.sends(&jar, APPLICATION).await, (200, None));
}
