//! What is told of pages and recordings like those of real portals, and what never gets out of a
//! recording.

use std::collections::BTreeMap;

use driver::{
    deployment::http::Page,
    wire::{Jar, Response},
};
use loopback::{html, serve, tls};
use profile::Profile;
use proptest::prelude::*;
use serde_json::{Value, json};
use url::Url;

use super::{Recording, Seen, Sighting, Target, UNKNOWN, draft, options};

fn target() -> Target {
    Target {
        url: Url::parse("http://portal.localhost/").unwrap(),
        connect: None,
        name: None,
        private_network: false,
        ca: None,
    }
}

/// A portal of which some pages were seen: path, body.
fn seen(pages: &[(&str, &str)]) -> Seen {
    let sightings = pages.iter().map(|(path, body)| {
        let url = target().url.join(path).unwrap();
        let answer = Response { status: 200, headers: Vec::new(), body: (*body).to_owned() };
        Sighting { url: url.clone(), page: Page::new(url, answer), jar: Jar::default() }
    });
    Seen { sightings: sightings.collect(), ..Seen::default() }
}

/// What `profile check` says of a draft; a draft is always TOML.
fn complaints(draft: &str) -> Vec<String> {
    draft.parse::<::toml::Table>().unwrap_or_else(|error| panic!("{error}\n{draft}"));
    let parsed = Profile::parse(draft, "draft.toml", &BTreeMap::new()).map(|_| ());
    parsed.map_or_else(|all| all.into_iter().map(|one| one.message).collect(), |()| Vec::new())
}

/// Drafts from pages: these lines stand in it, and this is what is missing.
fn check(pages: &[(&str, &str)], lines: &[&str], missing: &[&str]) {
    let draft = draft(&target(), &seen(pages), None);
    for line in lines {
        assert!(draft.contains(line), "`{line}` is not in:\n{draft}");
    }
    let complaints = complaints(&draft);
    assert_eq!(complaints, missing, "{draft}");
    assert!(draft.matches(UNKNOWN).count() >= complaints.len(), "{draft}");
}

const NO_OK: [&str; 3] = [
    "the last step of `steps` in [flow.sign_in] has no rule for `ok`",
    "the last step of `steps` in [flow.create_user] has no rule for `ok`",
    "the last step of `steps` in [flow.request_reset] has no rule for `ok`",
];
const NO_CREATE: &str = "the profile has no [flow.create_user], and no `pool` in [actors]: every scenario has accounts of its own";
const NO_WHOAMI: &str = "the profile has no [flow.whoami]";
const NO_MAIL: &str = "[flow.request_reset] sends mail, and no [mail] says where it arrives";

#[test]
fn a_portal_whose_forms_carry_tokens() {
    // One form for everything on each page; the address is the name.
    check(
        &[
            (
                "/login",
                "<title>Log in</title><form action='/login' method=post><input id=next name=next type=hidden value=x><input name=csrf_token type=hidden value=abc><input name=email type=email required><input name=password type=password><input type=checkbox name=remember><input type=submit name=submit></form>",
            ),
            (
                "/register",
                "<form method=post><input type=hidden name=csrf_token><input name=email type=text><input type=password name=password><input type=password name=password_confirm><input type=checkbox name=terms required value=y></form>",
            ),
            (
                "/reset",
                "<form action='/reset' method='POST'><input name=csrf_token type=hidden><input name=email></form>",
            ),
        ],
        &[
            "name = \"Log in\"",
            "{ get = \"/login\" }",
            "{ form = \"input[name=password]\", fill = { email = \"{mail}\", password = \"{password}\" } }",
            "fill = { email = \"{mail}\", password = \"{password}\", password_confirm = \"{password}\", terms = \"y\" }",
            "{ form = \"input[name=email]\", fill = { email = \"{mail}\" } }",
            "# GET /login has a form with next, csrf_token, email, password, remember",
        ],
        &[NO_WHOAMI, NO_MAIL, NO_OK[0], NO_OK[1], NO_OK[2]],
    );
}

#[test]
fn a_portal_that_posts_to_the_same_address() {
    check(
        &[(
            "/",
            "<form id=search action='/find'><input name=user></form><form action='#' method=post><input type=hidden name=url><input type=hidden name=token value=t><input name=user><input name=password type=password autocomplete=current-password></form><a href='/logout'>out</a>",
        )],
        &[
            "{ get = \"/\" }",
            "form = \"input[name=password]\", fill = { user = \"{user}\", password = \"{password}\" }",
            "# UNKNOWN: [flow.whoami]",
        ],
        &[NO_WHOAMI, NO_CREATE, NO_OK[0]],
    );
}

#[test]
fn a_portal_that_asks_for_the_name_first() {
    check(
        &[(
            "/login",
            "<form method=post><input type=hidden name=csrf_token><input name=login required></form>",
        )],
        &[
            "form = \"input[name=login]\", fill = { login = \"{user}\" }",
            "# UNKNOWN: the password is asked for on the page after this form",
        ],
        &[NO_WHOAMI, NO_CREATE, NO_OK[0]],
    );
}

#[test]
fn a_portal_without_forms_is_all_unknown() {
    check(
        &[("/", "<div id=root></div><script src=/app.js></script>"), ("/get-session", "null")],
        &[
            "# UNKNOWN: [flow.sign_in]",
            "# UNKNOWN: [flow.create_user]",
            "GET /get-session answered JSON to nobody",
        ],
        &["the profile has no flows: [flow.sign_in], [flow.whoami], …"],
    );
}

const ALLAUTH_LOGIN: &str = "<form method=post action='/accounts/login/'><input type=hidden name=csrfmiddlewaretoken value=x><input name=login><input type=password name=password></form>";
const ALLAUTH_SIGNUP: &str = "<form method=post><input type=hidden name=csrfmiddlewaretoken><input name=username><input type=email name=email><input type=password name=password1><input type=password name=password2></form>";
const ALLAUTH_RESET: &str = "<form method=post><input type=hidden name=csrfmiddlewaretoken><input type=email name=email></form>";

#[test]
fn a_preset_is_recognised_by_all_its_pages_and_leaves_little_to_say() {
    let pages = [
        ("/accounts/login/", ALLAUTH_LOGIN),
        ("/accounts/signup/", ALLAUTH_SIGNUP),
        ("/accounts/password/reset/", ALLAUTH_RESET),
        ("/whoami", r#"{"user": null}"#),
    ];
    check(
        &pages,
        &[
            "extends = \"preset:allauth\"",
            "source = { smtp =",
            "[flow.whoami]",
            "{ get = \"/whoami\", capture = { user = { json = \"/user\" } }",
        ],
        &[],
    );
    let recognised = draft(&target(), &seen(&pages), None);
    assert!(!recognised.contains("[flow.sign_in]"), "{recognised}");
    let without = draft(&target(), &seen(&pages[1..]), None);
    assert!(!without.contains("extends"), "{without}");
}

#[test]
fn options_are_found_wherever_portals_put_them() {
    let creation = r#"{"challenge":"AAAA","rp":{"name":"x"},"pubKeyCredParams":[]}"#;
    let request = r#"{"challenge":"AA==","rpId":"x","allowCredentials":[]}"#;
    let escaped = request.replace('"', "&quot;");
    for (body, creates, way) in [
        (format!(r#"{{"data":{{"publicKey":{creation}}}}}"#), true, r#"json = "/data/publicKey""#),
        (request.to_owned(), false, r#"json = """#),
        (
            format!(
                r#"<script id="js_data" type="application/json">{{"creation_options":{{"publicKey":{creation}}}}}</script>"#
            ),
            true,
            r#"script = 'script[id="js_data"]', json = "/creation_options/publicKey""#,
        ),
        (
            format!(
                r#"<script type="application/init">{{"a":1}}</script><script type="application/init">{{"request":{request}}}</script>"#
            ),
            false,
            r#"script = 'script[type="application/init"]', json = "/request", contains = "challenge""#,
        ),
        (
            format!(r#"<input id="webauthn-options" value="{escaped}">"#),
            false,
            r#"css = 'input[id="webauthn-options"]', attr = "value", contains = "challenge""#,
        ),
        (
            format!("<script>let a = {{}}; handleRegister('{creation}');</script>"),
            true,
            r"regex = '''handleRegister\('(\{.*\})''''",
        ),
    ] {
        let found = options::find(&body).unwrap_or_else(|| panic!("{body}"));
        let said: Vec<String> =
            found.way.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        assert_eq!((found.creates, said.join(", ")), (creates, way.to_owned()), "{body}");
        assert_eq!(found.binary, (!creates).then_some("base64"), "{body}");
    }
    assert!(options::find(r#"{"challenge": "a CAPTCHA"}"#).is_none());
}

/// One entry of a HAR.
#[expect(clippy::needless_pass_by_value, reason = "entries are written as tables of literals")]
fn entry(method: &str, path: &str, sent: Value, status: u16, answer: &str) -> Value {
    let url = if path.starts_with("http") {
        path.to_owned()
    } else {
        format!("http://portal.localhost{path}")
    };
    let post = match &sent {
        Value::Null => Value::Null,
        Value::String(form) => {
            json!({ "mimeType": "application/x-www-form-urlencoded", "text": form })
        }
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            json!({ "mimeType": "application/json", "text": sent.to_string() })
        }
    };
    let mut headers = vec![json!({ "name": "Content-Type", "value": "text/html" })];
    if let Some((_, to)) = answer.split_once("Location: ") {
        headers.push(json!({ "name": "Location", "value": to }));
    }
    json!({
        "request": { "method": method, "url": url, "headers": [], "postData": post },
        "response": { "status": status, "headers": headers, "content": { "text": answer } },
    })
}

#[expect(clippy::needless_pass_by_value, reason = "recordings are made where they are used")]
fn har(entries: Vec<Value>) -> String {
    json!({ "log": { "entries": entries } }).to_string()
}

/// Drafts from a recording alone.
fn drafted(har: &str) -> String {
    let recording = Recording::read(har, &target()).unwrap();
    draft(&target(), &Seen::default(), Some(&recording))
}

/// A sign-in with forms, and a key and codes set up and used: with a secret at every place.
#[expect(clippy::too_many_lines, reason = "one recording, told from its beginning to its end")]
fn forms_portal(secret: &str) -> Vec<Value> {
    let creation = json!({ "creation": { "publicKey": { "challenge": secret, "rp": { "name": "x" }, "pubKeyCredParams": [] } } });
    let request =
        json!({ "challenge": secret, "rpId": "x", "allowCredentials": [{ "id": secret }] });
    let attested = json!({ "id": secret, "rawId": secret, "type": "public-key", "response": { "clientDataJSON": secret, "attestationObject": secret } });
    let asserted = json!({ "id": secret, "response": { "clientDataJSON": secret, "authenticatorData": secret, "signature": secret } });
    let field = |value: &Value| {
        url::form_urlencoded::byte_serialize(value.to_string().as_bytes()).collect::<String>()
    };
    let login = format!(
        "<form action='/login' method=post><input type=hidden name=token value='{secret}'><input name=user><input type=password name=password></form>"
    );
    let mut with_csrf = entry(
        "POST",
        &format!("/keys/{secret}-state"),
        json!({ "response": attested, "state": format!("{secret}-state"), "keyName": "blue", "kind": "second" }),
        200,
        r#"{"success":true}"#,
    );
    with_csrf["request"]["headers"] = json!([{ "name": "Cookie", "value": format!("a=1; csrftoken={secret}") }, { "name": "X-CSRFToken", "value": secret }]);
    vec![
        entry("GET", "/login", Value::Null, 200, &login),
        entry(
            "POST",
            "/login",
            json!(format!("token={secret}&user=alice-of-the-recording&password=tangerine{secret}")),
            302,
            "Location: /home",
        ),
        entry(
            "GET",
            "/api/me",
            Value::Null,
            200,
            r#"{"account":{"name":"alice-of-the-recording"}}"#,
        ),
        entry(
            "GET",
            "/keys/add",
            Value::Null,
            200,
            &format!("{{\"opts\":{creation},\"state_id\":\"{secret}-state\"}}"),
        ),
        with_csrf,
        entry(
            "GET",
            "/totp",
            Value::Null,
            200,
            "<form method=post action=/totp><input type=hidden id=secret name=secret value=JBSWY3DPEHPK3PXPJBSWY3DP><input name=code></form>",
        ),
        entry(
            "POST",
            "/totp",
            json!("secret=JBSWY3DPEHPK3PXPJBSWY3DP&code=493817"),
            302,
            "Location: /factors",
        ),
        entry("POST", "/logout", Value::Null, 302, "Location: /login"),
        entry("GET", "/login", Value::Null, 200, &login),
        entry(
            "POST",
            "/login",
            json!(format!("token={secret}&user=alice-of-the-recording&password=tangerine{secret}")),
            302,
            "Location: /factor",
        ),
        entry(
            "GET",
            "/factor",
            Value::Null,
            200,
            &format!(
                "<script id=data>{{\"request\":{request}}}</script><form method=post action=/factor><input type=hidden name=credential></form>"
            ),
        ),
        entry(
            "POST",
            "/factor",
            json!(format!("credential={}", field(&asserted))),
            302,
            "Location: /home",
        ),
        entry("GET", "https://elsewhere.example/pixel", Value::Null, 200, ""),
    ]
}

#[test]
fn a_recording_of_forms_shows_every_flow_that_it_holds() {
    let draft = drafted(&har(forms_portal("Zm9vYmFyMTIzNDU2Nzg5MGFi")));
    for line in [
        "form = \"input[name=password]\", fill = { user = \"{user}\", password = \"{password}\" }, follow = false",
        "{ status = 302, location = '^(https?://[^/]+)?/home(\\?|$)', is = \"ok\" }",
        "{ status = 302, location = '^(https?://[^/]+)?/factor(\\?|$)', is = \"factor_needed\" }",
        "capture = { user = { json = \"/account/name\" } }",
        "options = { json = \"/opts/creation/publicKey\" }",
        "capture = { sent_state_id = { json = \"/state_id\" } }",
        "post = \"/keys/{sent_state_id}\", json = { response = \"{credential}\", state = \"{sent_state_id}\", keyName = \"{label}\", kind = \"{sent_kind}\" }",
        "{ status = 200, json = \"/success\", equals = true, is = \"ok\" }",
        "header = \"x-csrftoken\"",
        "cookie = \"csrftoken\"",
        "capture = { secret = { css = 'input[id=\"secret\"]', attr = \"value\"",
        "form = \"input[name=code]\", fill = { code = \"{code}\" }, follow = false",
        "options = { script = 'script[id=\"data\"]', json = \"/request\" }",
        "form = \"input[name=credential]\", fill = { credential = \"{credential:json-string}\" }",
        "https://elsewhere.example: in the recording, and not used",
    ] {
        assert!(draft.contains(line), "`{line}` is not in:\n{draft}");
    }
    assert_eq!(complaints(&draft), [NO_CREATE, "no value is called `sent_kind` here"], "{draft}");
}

#[test]
fn a_recording_of_json_shows_wrapped_answers_and_a_step_in_between() {
    let options = r#"{"challenge":"AAAA","rpId":"x"}"#;
    let answer = json!({ "id": "a", "response": { "authenticatorData": "b", "signature": "c", "clientDataJSON": "d" } });
    let draft = drafted(&har(vec![
        entry(
            "POST",
            "/api/auth/sign-in/email",
            json!({ "email": "a@b.example", "password": "secret word" }),
            200,
            r#"{"redirect":false,"user":{"id":"1"}}"#,
        ),
        entry("POST", "/api/auth/sign-out", Value::Null, 200, r#"{"success":true}"#),
        entry(
            "POST",
            "/api/auth/sign-in/email",
            json!({ "email": "a@b.example", "password": "secret word" }),
            200,
            r#"{"twoFactorRedirect":true}"#,
        ),
        entry(
            "POST",
            "/api/auth/two-factor/verify",
            json!({ "code": "123456" }),
            200,
            r#"{"user":{"id":"1"}}"#,
        ),
        entry("POST", "/api/auth/sign-out", Value::Null, 200, r#"{"success":true}"#),
        entry("GET", "/api/auth/passkey/options", Value::Null, 200, options),
        entry(
            "POST",
            "/api/auth/passkey/verify",
            json!({ "response": answer }),
            200,
            r#"{"session":{"id":"1"}}"#,
        ),
    ]));
    for line in [
        "post = \"/api/auth/sign-in/email\", json = { email = \"{mail}\", password = \"{password}\" }",
        "{ status = 200, json = \"/user\", is = \"ok\" }",
        "{ status = 200, json = \"/twoFactorRedirect\", equals = true, is = \"factor_needed\" }",
        "[flow.answer_with_totp]",
        "json = { code = \"{code}\" }",
        "[flow.sign_in_with_key]",
        "json = { response = \"{credential}\" }",
    ] {
        assert!(draft.contains(line), "`{line}` is not in:\n{draft}");
    }
    assert_eq!(complaints(&draft), [NO_WHOAMI, NO_CREATE], "{draft}");
}

#[test]
fn what_is_no_recording_of_this_portal_is_said() {
    for (text, word) in [
        ("nonsense", "not JSON"),
        ("{}", "log.entries"),
        (
            r#"{"log":{"entries":[{"request":{"method":"GET","url":"https://other.example/"},"response":{"status":200}}]}}"#,
            "https://other.example",
        ),
    ] {
        let error = Recording::read(text, &target()).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}

/// What finds a form is taken from its page, and a page may hold anything.
#[test]
fn names_that_are_made_by_chance_and_names_that_stand_twice_are_left_out() {
    let id = "q7Zk2Vx9Lw4m";
    let page = format!(
        "<form id='{id}' method=post action=/in><input name=user></form><form method=post action=/in><input name=user><input name=user value=b></form>"
    );
    let first = entry("POST", "/in", json!("user=alice&password=x"), 302, "Location: /home");
    let draft = drafted(&har(vec![entry("GET", "/in", Value::Null, 200, &page), first.clone()]));
    assert!(!draft.contains(id), "{draft}");
    complaints(&draft);
    let twice = entry("POST", "/in", json!("user=alice&user=b&password=x"), 302, "Location: /home");
    let draft = drafted(&har(vec![twice]));
    assert!(draft.contains("fields = { user = \"{user}\", password = \"{password}\" }"), "{draft}");
    complaints(&draft);
    let path = format!("/in/{id}");
    let page = format!(
        "<form method=post action='{path}'><input type=submit></form><form action='{path}' method=post><input name=user><input type=password name='{id}'></form>"
    );
    let sent = json!(format!("user=alice&{id}=x&password=y"));
    let draft = drafted(&har(vec![
        entry("GET", "/in", Value::Null, 200, &page),
        entry("POST", &path, sent, 302, "Location: /home"),
    ]));
    assert!(!draft.contains(id), "{draft}");
}

/// Any JSON of a few levels.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!("challenge")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec(
                (".{0,8}|response|challenge|rp|clientDataJSON|password|user", inner),
                0..4
            )
            .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Secrets that no one takes for a word: in fields, members, paths, pages and headers.
    #[test]
    fn no_value_of_a_recording_is_in_the_draft(start in "[A-Za-z]{3}[0-9]{2}[A-Za-z]{3}[0-9]{2}", end in "[A-Za-z0-9_-]{4,20}") {
        let secret = format!("{start}{end}");
        let draft = drafted(&har(forms_portal(&secret)));
        for value in [secret.as_str(), "tangerine", "alice-of-the-recording", "JBSWY3DP", "493817", "blue", "second"] {
            prop_assert!(!draft.contains(value), "{} in:\n{}", value, draft);
        }
    }

    /// Any change of an honest recording, and any JSON in place of a part, still gives TOML.
    #[test]
    fn no_recording_breaks_it(at in 0usize..12, part in 0usize..7, other in any_json(), text in "\\PC{0,40}") {
        let mut entries = forms_portal("Zm9vYmFyMTIzNDU2Nzg5MGFi");
        let entry = &mut entries[at];
        match part {
            0 => entry["request"]["postData"] = json!({ "mimeType": "application/json", "text": other.to_string() }),
            1 => entry["response"]["content"]["text"] = json!(other.to_string()),
            2 => entry["response"]["content"]["text"] = json!(format!("<form method=post action='{text}'><input name='{text}'><input type=password name='{text}x'></form>")),
            3 => entry["request"] = other,
            4 => entry["request"]["url"] = json!(format!("http://portal.localhost/{text}")),
            5 => entry["response"]["headers"] = json!([{ "name": "location", "value": text.clone() }, { "name": text, "value": "x" }]),
            _ => entry["request"]["postData"] = json!({ "mimeType": "application/x-www-form-urlencoded", "text": format!("{text}={text}&password={text}") }),
        }
        complaints(&drafted(&har(entries)));
    }

    /// Any tangle of tags, and any names in a form, give a draft whose selectors are selectors.
    #[test]
    fn no_page_breaks_it(tangle in "(<form method=post>|<input name=|type=password|user|'|\"|>|\\PC|</form>|<script>|\\{\"challenge\":){0,20}", name in "\\PC{0,12}", other in "[\"\\\\{}a-z#\\]]{1,8}") {
        let form = format!("<title>{other}</title><form id='{other}' action='{name}' method=post><input name='{name}'><input name='user{other}'><input type=password name='{other}'><input type=checkbox required name=c value='{other}'></form>");
        for body in [tangle, form] {
            let all = complaints(&draft(&target(), &seen(&[("/login", &body)]), None));
            prop_assert!(all.iter().all(|one| one.contains("[flow.") || one.contains("no flows")), "{:?} in {}", all, body);
        }
    }
}

#[tokio::test]
async fn a_portal_with_its_own_authority_is_looked_at_with_it_and_the_draft_names_it() {
    let (address, pem) = tls::serve("<title>Behind TLS</title>");
    let vouched = |ca| Target {
        url: Url::parse("https://portal.localhost/").unwrap(),
        connect: Some(address),
        private_network: true,
        ca,
        ..target()
    };
    let strange = super::visit(&vouched(None)).await.map(|_| ()).unwrap_err();
    assert!(strange.to_string().contains("certificate"), "{strange}");

    let target = vouched(Some(("/labs/ca.pem".into(), pem.into_bytes())));
    let draft = draft(&target, &super::visit(&target).await.unwrap(), None);
    for line in ["name = \"Behind TLS\"", "ca_file = \"/labs/ca.pem\""] {
        assert!(draft.contains(line), "`{line}` is not in:\n{draft}");
    }
    assert!(!draft.contains("private_network"), "it is on this machine:\n{draft}");
}

#[test]
fn a_portal_on_a_private_network_is_described_as_one() {
    let target = Target {
        url: Url::parse("https://login.corp.example/").unwrap(),
        private_network: true,
        ..target()
    };
    let draft = draft(&target, &seen(&[]), None);
    assert!(draft.contains("private_network = true"), "{draft}");
}

#[tokio::test]
async fn every_request_says_what_it_belongs_to() {
    let heard = |asked: loopback::Asked| {
        let run = asked.header("touchstone-run");
        html(&format!("<title>asked by {run}</title>"))
    };
    let target = Target { connect: Some(serve(heard).await.parse().unwrap()), ..target() };
    let seen = super::visit(&target).await.unwrap();
    assert_eq!(seen.run_tag().len(), profile::TAG_LENGTH);
    let draft = draft(&target, &seen, None);
    assert!(draft.contains(&format!("name = \"asked by {}\"", seen.run_tag())), "{draft}");
}

thread_local! {
    static WORK: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Counts what a draft reads: bytes of answers, and of texts that are looked through.
pub(super) fn works(bytes: usize) {
    WORK.set(WORK.get() + bytes);
}

/// A recording of so many rounds of everything that looks back: pages, passwords, codes, tokens.
fn rounds(count: usize) -> String {
    let mut entries = Vec::new();
    for round in 0..count {
        let page = format!(
            "<html><head><meta name=\"csrf-token\" content=\"tok-{round}-x7Yq2\"></head><body><form action=\"/login\" method=\"post\"><input name=\"user\"><input name=\"password\" type=\"password\"></form></body></html>"
        );
        entries.push(recorded("GET", &format!("/page/{round}"), None, (200, &[], &page)));
        let body =
            json!({"user": format!("ts-{round}-aB3dE"), "password": format!("p4ssW0rd-{round}")});
        let cookie = format!("session{round}=v4lu3-{round}-Zz; Path=/");
        entries.push(recorded(
            "POST",
            "/login",
            Some(&body.to_string()),
            (200, &[("Set-Cookie", cookie.as_str())], "{\"status\":\"ok\"}"),
        ));
        let code = json!({"code": format!("{:06}", round + 100_000)}).to_string();
        entries.push(recorded("POST", "/code", Some(&code), (200, &[], "{\"ok\":true}")));
    }
    json!({"log": {"entries": entries}}).to_string()
}

fn recorded(
    method: &str,
    path: &str,
    body: Option<&str>,
    (status, headers, answer): (u16, &[(&str, &str)], &str),
) -> Value {
    let listed = |headers: &[(&str, &str)]| -> Vec<Value> {
        headers.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
    };
    let mut request = json!({
        "method": method,
        "url": format!("http://portal.localhost{path}"),
        "headers": listed(&[("X-CSRF-Token", "never-on-a-page-9Qx")]),
    });
    if let Some(body) = body {
        request["postData"] = json!({"mimeType": "application/json", "text": body});
    }
    json!({
        "request": request,
        "response": {
            "status": status, "headers": listed(headers), "content": {"text": answer},
        },
    })
}

#[test]
fn a_recording_costs_in_proportion_to_its_length() {
    let work = |count: usize| {
        let recording = Recording::read(&rounds(count), &target()).unwrap();
        WORK.set(0);
        let draft = draft(&target(), &Seen::default(), Some(&recording));
        assert!(draft.contains("[flow.sign_in]"), "{draft}");
        WORK.get()
    };
    let (some, more) = (work(50), work(400));
    assert!(some > 0 && more <= 10 * some, "{some} for 50 rounds, {more} for 400");
}

#[test]
fn what_people_are_called_is_no_part_of_a_draft() {
    for (user, members) in [
        ("alice", vec!["alice", "alice_id", "aliceKeys", "ALICE"]),
        ("j.doe@mail.example", vec!["j.doe", "j.doe@mail.example"]),
        ("Zoë", vec!["zoë"]),
        ("qa", vec!["qa", "qa-settings"]),
    ] {
        let mut entries = vec![recorded(
            "POST",
            "/login",
            Some(&json!({"username": user, "password": "hunter2hunter2"}).to_string()),
            (200, &[], "{\"status\":\"ok\"}"),
        )];
        for member in &members {
            let answer = json!({"users": {*member: {"name": user}}, *member: user}).to_string();
            let path = format!("/api/{member}/whoami");
            entries.push(recorded("GET", &path, None, (200, &[], &answer)));
            let body = json!({*member: "x", "new_password": "hunter2hunter3", "old_password": "hunter2hunter2"});
            entries.push(recorded(
                "POST",
                "/password",
                Some(&body.to_string()),
                (200, &[], &answer),
            ));
        }
        let har = json!({"log": {"entries": entries}}).to_string();
        let recording = Recording::read(&har, &target()).unwrap();
        let draft = draft(&target(), &Seen::default(), Some(&recording)).to_lowercase();
        for member in members {
            assert!(!draft.contains(&member.to_lowercase()), "{member} is in:\n{draft}");
        }
        assert!(draft.contains("username = \"{user}\"") || draft.contains("{mail}"), "{draft}");
    }
}
