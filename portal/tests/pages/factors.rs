//! One-time codes, prompts, and passwords on the pages.

use serde_json::{Value, json};
use totp_rs::{Algorithm, Builder, Secret};

use crate::{
    browser::{Browser, PASSWORD, Page, Stand},
    key::Key,
    mailbox::Mailbox,
};

/// The code of a secret at the portal's own time.
async fn code(stand: &Stand, secret: &str) -> String {
    let now = stand.browser().api("GET", "/api/clock", json!({})).await.json();
    let now = now["now"].as_u64().expect("seconds");
    let secret = Secret::try_from_base32(secret.replace(' ', "")).expect("base32");
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6);
    builder.with_secret(secret).build().expect("a generator").generate(now).to_string()
}

/// Sets codes up from the Security tab, and gives the secret that the page shows.
async fn sets_codes_up(stand: &Stand, browser: &mut Browser) -> String {
    browser.get("/security").await;
    assert_eq!(browser.post("/totp/begin", &[]).await.brief(), "→ /totp");
    let page = browser.get("/totp").await;
    let secret = page.between("aria-labelledby=\"secret-name\">", "</code>").to_owned();
    let code = code(stand, &secret).await;
    let done = browser.post("/totp", &[("code", &code)]).await;
    assert_eq!(done.brief(), "→ /security?done=codes-set-up", "{}", done.body);
    secret
}

fn alert(page: &Page) -> (u16, &str) {
    (page.status, page.alert())
}

#[tokio::test]
async fn codes_are_shown_as_picture_and_text_and_active_once_one_was_entered() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut alice = stand.entered("alice").await;
    assert!(alice.get("/security").await.says(">Set up one-time codes</button>"));
    alice.post("/totp/begin", &[]).await;
    let page = alice.get("/totp").await;
    assert!(page.says("<svg class=\"qr\" role=\"img\" aria-label=\"QR code of the secret\""));
    assert_eq!(page.headers["cache-control"], "no-store");
    let wrong = alice.post("/totp", &[("code", "000000")]).await;
    assert_eq!(
        alert(&wrong),
        (
            400,
            "This is not a code of the new secret. Please enter the code that your app shows now."
        )
    );
    assert!(wrong.says("<svg class=\"qr\""), "the secret is still there");
    let secret = page.between("aria-labelledby=\"secret-name\">", "</code>");
    let code = code(&stand, secret).await;
    alice.post("/totp", &[("code", &code)]).await;
    let tab = alice.get("/security?done=codes-set-up").await;
    assert!(tab.says("<p class=\"status\">Active</p>") && tab.says("One-time codes are set up."));
    assert_eq!(alice.get("/totp").await.brief(), "→ /security", "a secret is shown once");
}

#[tokio::test]
async fn a_code_signs_in_where_the_key_does_not() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut first = stand.entered("alice").await;
    Key::new(1).register(&mut first, "lost").await;
    let secret = sets_codes_up(&stand, &mut first).await;
    stand.advance(60).await;

    let mut alice = stand.entered("alice").await;
    let choice = alice.get("/sign-in/factor").await;
    for name in ["Security key", "One-time code"] {
        assert!(choice.says(&format!(">{name}</a>")), "{}", choice.body);
    }
    alice.get("/sign-in/code").await;
    let wrong = alice.post("/sign-in/code", &[("code", "12345")]).await;
    assert_eq!(alert(&wrong), (400, "A code has six digits."));
    assert!(wrong.says("href=\"/sign-in/factor\">Use another factor</a>"));
    let code = code(&stand, &secret).await;
    assert_eq!(alice.post("/sign-in/code", &[("code", &code)]).await.brief(), "→ /");
    assert_eq!(alice.get("/").await.brief(), "→ /applications");
}

#[tokio::test]
async fn another_browser_is_told_why_the_key_is_not_offered() {
    let stand = Stand::new().with_user("alice", json!({ "only_key": true })).await;
    let mut first = stand.entered("alice").await;
    let options = stand.administer("POST", "users/alice/keys/options", json!({})).await.json();
    let body = json!({ "label": "", "credential": Key::new(1).made(&options) });
    stand.administer("POST", "users/alice/keys", body).await;
    first.agent = "Mozilla/5.0 (Windows NT 10.0; Trident/7.0; rv:11.0) like Gecko";
    let choice = first.get("/sign-in/factor").await;
    assert!(choice.says("This browser cannot use a security key."), "{}", choice.body);
    assert!(choice.says("Please contact your administrator."), "{}", choice.body);
    let step = first.get("/sign-in/key").await;
    assert_eq!(alert(&step).0, 403);
    assert!(step.says("<h1>Choose a factor</h1>") && !step.says("data-ceremony"), "{}", step.body);
}

#[tokio::test]
async fn a_prompt_is_approved_with_the_number_of_the_page() {
    let stand = Stand::new().with_user("alice", json!({ "push": "allowed" })).await;
    let mut alice = stand.entered("alice").await;
    assert!(alice.get("/sign-in/factor").await.says(">Prompt on your device</a>"));
    let before = alice.get("/sign-in/prompt").await;
    assert!(before.says(">Send prompt</button>"), "asking for the page sends none");
    assert_eq!(alice.post("/sign-in/prompt", &[]).await.brief(), "→ /sign-in/prompt");
    let page = alice.get("/sign-in/prompt").await;
    let number = page.between("aria-label=\"Number to enter\">", "</output>").to_owned();
    let pending = alice.post("/sign-in/prompt/result", &[]).await;
    assert_eq!(pending.brief(), "→ /sign-in/prompt", "nobody has answered");

    assert_eq!(waits(&stand).await, json!({ "waiting": true }), "and no number");
    answers(&stand, "approve", &number).await;
    assert_eq!(waits(&stand).await, json!({ "waiting": false }));
    assert_eq!(alice.post("/sign-in/prompt/result", &[]).await.brief(), "→ /");
    assert_eq!(alice.get("/security").await.brief(), "200");
}

#[tokio::test]
async fn a_denied_prompt_says_so_and_leaves_the_way_open() {
    let stand = Stand::new().with_user("alice", json!({ "push": "allowed" })).await;
    let mut alice = stand.entered("alice").await;
    alice.get("/sign-in/prompt").await;
    alice.post("/sign-in/prompt", &[]).await;
    alice.get("/sign-in/prompt").await;
    answers(&stand, "deny", "").await;
    let denied = alice.post("/sign-in/prompt/result", &[]).await;
    assert!(denied.alert().starts_with("The prompt was not approved."), "{}", denied.body);
    assert!(denied.says("Send a new prompt") && denied.says("Use another factor"));
}

#[tokio::test]
async fn a_prompt_that_is_too_old_waits_no_more() {
    let stand = Stand::new().with_user("alice", json!({ "push": "allowed" })).await;
    let mut alice = stand.entered("alice").await;
    assert_eq!(waits(&stand).await, json!({ "waiting": false }));
    alice.get("/sign-in/prompt").await;
    alice.post("/sign-in/prompt", &[]).await;
    stand.advance(60).await;
    assert_eq!(waits(&stand).await, json!({ "waiting": true }));
    stand.advance(1).await;
    assert_eq!(waits(&stand).await, json!({ "waiting": false }));
    let stranger = stand.browser().api("GET", "/api/push", json!({})).await;
    assert_eq!(stranger.status, 401, "{}", stranger.body);
}

/// A request of alice's device.
async fn device(stand: &Stand, method: &str, path: &str, body: Value) -> Page {
    let device = stand.administer("GET", "users/alice/device", json!({})).await.json();
    let bearer = format!("Bearer {}", device["token"].as_str().expect("a token"));
    let headers = [("authorization", bearer)];
    let body = body.to_string();
    let told = stand.browser().send(method, path, &headers, ("application/json", &body)).await;
    assert_eq!(told.status, 200, "{}", told.body);
    told
}

async fn waits(stand: &Stand) -> Value {
    device(stand, "GET", "/api/push", json!({})).await.json()
}

async fn answers(stand: &Stand, answer: &str, number: &str) {
    let body = json!({ "answer": answer, "number": number });
    device(stand, "POST", "/api/push/answer", body).await;
}

#[tokio::test]
async fn the_dialog_asks_which_comes_first_and_goes_on_with_the_other() {
    let policy = json!({ "totp": "required", "totp_enrolment_seconds": 600 });
    let stand = Stand::new().with_user("alice", policy).await;
    let mut alice = stand.entered("alice").await;
    let dialog = alice.get("/set-up").await;
    assert!(
        dialog.says(">Set up security key</a>") && dialog.says(">Set up one-time codes</button>")
    );
    assert!(dialog.says("href=\"/applications\">Close</a>"));
    Key::new(1).register(&mut alice, "").await;
    assert!(alice.get("/set-up/key").await.says("href=\"/set-up\">Close</a>"));
    let dialog = alice.get("/set-up").await;
    assert!(dialog.says("<h1>Set up one-time codes</h1>"), "{}", dialog.body);
    sets_codes_up(&stand, &mut alice).await;
    assert_eq!(alice.get("/set-up").await.brief(), "→ /applications");
}

#[tokio::test]
async fn the_dialog_comes_by_itself_once_in_a_session_and_always_where_it_must() {
    let required = json!({ "totp": "required", "totp_enrolment_seconds": 600 });
    for (policy, again) in [
        (json!({}), "→ /applications"),
        (json!({ "key": "required" }), "→ /set-up"),
        (required, "→ /set-up"),
    ] {
        let stand = Stand::new().with_user("alice", policy.clone()).await;
        let mut alice = stand.entered("alice").await;
        assert_eq!(alice.get("/").await.brief(), "→ /set-up", "{policy}");
        assert_eq!(alice.get("/").await.brief(), again, "{policy}");
        assert_eq!(alice.get("/set-up").await.status, 200, "it can still be opened");
        let mut next = stand.entered("alice").await;
        assert_eq!(next.get("/").await.brief(), "→ /set-up", "{policy}: in a new session");
    }
    // Who may set one-time codes up no more is not held there by them.
    let missed = json!({ "totp": "required", "totp_enrolment_seconds": 60 });
    let stand = Stand::new().with_user("alice", missed).await;
    stand.advance(61).await;
    let mut alice = stand.entered("alice").await;
    assert_eq!(alice.get("/").await.brief(), "→ /set-up");
    assert_eq!(alice.get("/").await.brief(), "→ /applications");
}

#[tokio::test]
async fn whoever_missed_the_time_reads_whom_to_ask() {
    let policy = json!({ "totp": "required", "totp_enrolment_seconds": 60 });
    let stand = Stand::new().with_user("alice", policy).await;
    stand.advance(61).await;
    let mut alice = stand.entered("alice").await;
    let told = "The time to set up one-time codes is over. Please contact your administrator.";
    for page in ["/set-up", "/security", "/applications"] {
        assert!(alice.get(page).await.says(told), "{page}");
    }
    assert_eq!(alert(&alice.post("/totp/begin", &[]).await), (403, told));
    stand.administer("POST", "users/alice/enrolment", json!({})).await;
    sets_codes_up(&stand, &mut alice).await;
}

#[tokio::test]
async fn codes_are_removed_once_that_is_confirmed() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut alice = stand.entered("alice").await;
    sets_codes_up(&stand, &mut alice).await;
    assert!(alice.get("/totp/delete").await.says("<h1>Remove one-time codes?</h1>"));
    assert_eq!(alice.post("/totp/delete", &[]).await.brief(), "→ /security?done=codes-deleted");
    assert!(alice.get("/security").await.says(">Set up one-time codes</button>"));
}

#[tokio::test]
async fn a_link_is_asked_for_in_the_same_words_for_everybody() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut browser = stand.browser();
    browser.get("/reset").await;
    for mail in ["alice@portal.test", "nobody@portal.test"] {
        let asked = browser.post("/reset", &[("mail", mail)]).await;
        assert_eq!(asked.brief(), "→ /reset/sent");
    }
    assert!(
        browser.get("/reset/sent").await.says("If the address is known, a link is on its way.")
    );
}

#[tokio::test]
async fn a_dead_link_leads_to_a_new_one() {
    let mut browser = Stand::new().browser();
    let page = browser.get("/reset/0000").await;
    assert_eq!(alert(&page), (400, "This link is not valid. Please ask for a new one."));
    assert!(page.says("<h1>Reset your password</h1>"), "the form is there: {}", page.body);
}

/// A portal with alice, her mails, and the link that she asked for.
async fn with_link(policy: Value) -> (Stand, Mailbox, Browser, String) {
    let mut mails = Mailbox::new().await;
    let stand = Stand::with_mail(mails.address).with_user("alice", policy).await;
    let mut browser = stand.browser();
    browser.get("/reset").await;
    browser.post("/reset", &[("mail", "alice@portal.test")]).await;
    let link = mails.link().await;
    (stand, mails, browser, link)
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_behind_the_mailed_link() {
    let (stand, _mails, mut browser, link) = with_link(json!({})).await;
    let page = browser.get(&link).await;
    assert!(page.says("<h1>Choose a new password</h1>"), "{}", page.body);
    let short = browser.post(&link, &[("password", "short")]).await;
    assert_eq!(alert(&short), (400, "A password has at least eight characters."));
    let done = browser.post(&link, &[("password", "a new password")]).await;
    assert_eq!(done.brief(), "→ /sign-in?done=password-reset");
    assert!(browser.get(&done.to).await.says("Please sign in with the new password."));
    let old = browser.post("/sign-in", &[("user", "alice"), ("password", PASSWORD)]).await;
    assert_eq!(old.status, 401);
    let new = [("user", "alice"), ("password", "a new password")];
    assert_eq!(browser.post("/sign-in", &new).await.brief(), "→ /");
    let again = stand.browser().get(&link).await;
    assert_eq!(alert(&again).1, "This link was used already. Please ask for a new one.");
}

#[tokio::test]
async fn a_link_alone_does_not_replace_the_key() {
    let (stand, mut mails, _, _) = with_link(json!({})).await;
    let mut alice = stand.entered("alice").await;
    let key = Key::new(1);
    key.register(&mut alice, "").await;
    let mut browser = stand.browser();
    browser.get("/reset").await;
    browser.post("/reset", &[("mail", "alice@portal.test")]).await;
    let link = mails.link().await;
    let page = browser.get(&link).await;
    assert!(page.says(&format!("data-options=\"/api{link}/options\"")), "{}", page.body);
    let without = browser.post(&link, &[("password", "a new password")]).await;
    assert_eq!(alert(&without), (400, "Please confirm the new password with your factor."));
    let options = browser.api("POST", &format!("/api{link}/options"), json!({})).await.json();
    let body = json!({ "password": "a new password", "credential": key.answer(&options) });
    assert_eq!(browser.api("POST", &format!("/api{link}"), body).await.status, 200);
}

#[tokio::test]
async fn a_link_that_is_too_old_says_so() {
    let (stand, _mails, mut browser, link) = with_link(json!({})).await;
    browser.get(&link).await;
    stand.advance(301).await;
    let late = browser.post(&link, &[("password", "a new password")]).await;
    assert_eq!(alert(&late), (410, "This link has expired. Please ask for a new one."));
    let page = browser.get(&link).await;
    assert_eq!(alert(&page), (410, "This link has expired. Please ask for a new one."));
    assert!(page.says("<h1>Reset your password</h1>"), "{}", page.body);
}

#[tokio::test]
async fn a_prompt_confirms_a_reset() {
    let (stand, _mails, mut browser, link) = with_link(json!({ "push": "allowed" })).await;
    assert!(browser.get(&link).await.says(">Send prompt</button>"));
    assert_eq!(browser.post(&format!("{link}/prompt"), &[]).await.brief(), format!("→ {link}"));
    let page = browser.get(&link).await;
    let number = page.between("aria-label=\"Number to enter\">", "</output>").to_owned();
    let early = browser.post(&link, &[("password", "a new password")]).await;
    assert_eq!(alert(&early).1, "Please confirm the new password with your factor.");
    answers(&stand, "approve", &number).await;
    let done = browser.post(&link, &[("password", "a new password")]).await;
    assert_eq!(done.brief(), "→ /sign-in?done=password-reset");
}

#[tokio::test]
async fn a_password_is_changed_with_the_old_one_and_the_factor() {
    let stand = Stand::new().with_user("alice", json!({})).await;
    let mut alice = stand.entered("alice").await;
    alice.get("/password").await;
    let short = alice.post("/password", &[("old", PASSWORD), ("password", "short")]).await;
    assert_eq!(alert(&short), (400, "A password has at least eight characters."));
    let wrong = alice.post("/password", &[("old", "wrong"), ("password", "long enough")]).await;
    assert_eq!(alert(&wrong), (400, "The old password is wrong."));
    let secret = sets_codes_up(&stand, &mut alice).await;
    assert!(alice.get("/password").await.says("name=\"code\""));
    let new = [("old", PASSWORD), ("password", "long enough")];
    let without = alice.post("/password", &new).await;
    assert_eq!(alert(&without), (400, "Please confirm the new password with your factor."));
    stand.advance(60).await;
    let code = code(&stand, &secret).await;
    let done = alice.post("/password", &[new[0], new[1], ("code", &code)]).await;
    assert_eq!(done.brief(), "→ /security?done=password-changed");
    Key::new(1).register(&mut alice, "").await;
    let page = alice.get("/password").await;
    assert!(page.says("data-options=\"/api/password/options\""), "the key confirms: {}", page.body);
}
