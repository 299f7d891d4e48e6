//! Flows against small portals on loopback.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use loopback::{Asked, HEAD, TAIL, answer, html, json, redirect, serve};
use profile::{Profile, Verb, effect, error::Error, secret::Secret};
use reports::{record::Reply, redact::Redactor};
use serde_json::{Value, json};

use crate::{
    Recorder,
    deployment::{Access, Driver, Input, Inputs, Mail, Memory, Scene, Visitor, http::HttpDriver},
    fixture::{access, exchanges, visit},
};

async fn over_http(profile: Profile) -> HttpDriver {
    HttpDriver::new(Arc::new(Access::open(profile, None).await.unwrap()))
}

/// Names of the cookies that a visitor has.
fn cookies(visitor: &mut Visitor) -> Vec<String> {
    visitor.memory.in_browser(|browser| browser.jar.names().map(str::to_owned).collect())
}

fn open(value: impl Into<Value>) -> Input {
    Input::Open(value.into())
}

fn alice() -> Inputs {
    BTreeMap::from([
        ("user", open("alice")),
        ("password", Input::Secret(Secret::new("correct horse battery"))),
    ])
}

/// A portal of pages: a form with a token, a page that asks for the password again, options in one of
/// several scripts.
fn pages(asked: &Asked) -> loopback::Back {
    let signed_in = asked.header("cookie").contains("session=s1");
    let fresh = asked.header("cookie").contains("fresh=1");
    match asked.line.as_str() {
        "GET /login?next=%2F" => answer(
            200,
            &["set-cookie: csrf=c1", "content-type: text/html"],
            "<form id=search><input name=q></form>\
            <form id=login method=post action='#'><input type=hidden name=token value=t1><input name=login><input name=password></form>",
        ),
        "POST /login?next=%2F"
            if asked.body == "token=t1&login=alice&password=correct+horse+battery" =>
        {
            assert_eq!(asked.header("origin"), "http://portal.localhost");
            assert_eq!(asked.header("referer"), "http://portal.localhost/login?next=%2F");
            answer(302, &["set-cookie: session=s1", "location: /home"], "")
        }
        "POST /login?next=%2F" => {
            html("<p class=error data-code=bad>user or password are not correct</p>")
        }
        "GET /home" if signed_in => html("<b id=user>alice</b>"),
        "GET /keys/add" if signed_in && !fresh => redirect("/again?next=/keys/add"),
        "GET /again?next=/keys/add" => {
            html("<form method=post><input type=password name=password></form>")
        }
        "POST /again?next=/keys/add" if asked.body == "password=correct+horse+battery" => {
            answer(302, &["set-cookie: fresh=1", "location: /keys/add"], "")
        }
        "GET /keys/add" if fresh => html(
            "<script type='application/json'>{\"theme\":1}</script>\
            <script type='application/json'>{\"creation\":{\"publicKey\":{\"challenge\":\"AAAA\",\"rp\":{\"name\":\"x\"},\"user\":{\"id\":\"MQ\"}}}}</script>\
            <form method=post action=/keys/new><input type=hidden name=state value=42><input name=credential></form>",
        ),
        "POST /keys/new" => {
            assert_eq!(asked.body, "state=42&credential=%7B%22id%22%3A%22k%22%7D&name=desk");
            redirect("/keys")
        }
        "GET /keys" => html(
            "<table><tr data-id=7><td><i>desk</i> <a>x</a></td></tr><tr data-id=8><td><i>bag</i></td></tr></table>",
        ),
        "GET /me" => json(200, &json!({ "user": signed_in.then_some("alice") })),
        _ => answer(404, &[], "no such page"),
    }
}

const PAGES: &str = r##"
[answers]
reason = { css = ".error", attr = "data-code" }
message = { css = ".error" }
[[interrupt]]
when = { url = "/again" }
steps = [{ form = "form:has(input[name=password])", fill = { password = "{password}" } }]
[flow.sign_in]
steps = [
    { get = "/login", query = { next = "/" } },
    { form = "form#login", fill = { login = "{user}", password = "{password}" }, outcome = [
        { url = "/home$", css = "#user", is = "ok" },
        { body = "are not correct", is = "refused" },
    ] },
]
[flow.whoami]
get = "/me"
capture = { user = { json = "/user" } }
outcome = [{ status = 200, is = "ok" }]
[flow.create_user]
post = "/users"
fields = { user = "{user?}" }
outcome = [{ status = 201, is = "ok" }]
[flow.register_key]
webauthn = { rp_id = "{rp_id}", algs = [-7] }
[flow.register_key.begin]
get = "/keys/add"
options = { script = "script[type='application/json']", contains = "challenge", json = "/creation" }
[flow.register_key.finish]
form = "form:has(input[name=credential])"
fill = { credential = "{credential:json-string}", name = "{label}" }
outcome = [{ url = "/keys$", is = "ok" }]
[flow.list_keys]
get = "/keys"
capture = { keys = { css = "tr", each = { id = { css = "tr", attr = "data-id" }, label = { css = "i" } } } }
outcome = [{ css = "table", is = "ok" }]
"##;

#[tokio::test]
async fn a_portal_of_pages_is_driven_with_forms_interrupts_and_scripts() {
    let listener = serve(|asked| pages(&asked)).await;
    let (portal, mut visitor) = visit(&format!("{HEAD}{PAGES}"), &listener, None).await;

    let wrong = BTreeMap::from([
        ("user", open("alice")),
        ("password", Input::Secret(Secret::new("wrong"))),
    ]);
    let answer = portal.perform(&mut visitor, Verb::SignIn, &wrong).await.unwrap();
    assert_eq!((answer.reply, answer.reason.as_deref()), (Reply::Refused, Some("bad")));
    assert_eq!(answer.message.as_deref(), Some("user or password are not correct"));
    let who = portal.perform(&mut visitor, Verb::Whoami, &Inputs::new()).await.unwrap();
    assert_eq!((who.reply, &who.captured["user"]), (Reply::Ok, &Value::Null));

    assert_eq!(
        portal.perform(&mut visitor, Verb::SignIn, &alice()).await.unwrap().reply,
        Reply::Ok
    );
    let who = portal.perform(&mut visitor, Verb::Whoami, &Inputs::new()).await.unwrap();
    assert_eq!(who.captured["user"], "alice");

    let label = BTreeMap::from([("label", open("desk"))]);
    let begun = portal.begin(&mut visitor, Verb::RegisterKey, &label).await.unwrap();
    assert_eq!(begun.answer.reply, Reply::Ok);
    let algs = json!([{ "type": "public-key", "alg": -7 }]);
    let rp = json!({ "name": "x", "id": "portal.localhost" });
    let options =
        json!({ "challenge": "AAAA", "rp": rp, "user": { "id": "MQ" }, "pubKeyCredParams": algs });
    assert_eq!(begun.options, Some(options));

    let credential = BTreeMap::from([("credential", open(json!({ "id": "k" })))]);
    let mut other = visitor.clone();
    for jar in [&mut visitor, &mut other] {
        let answer = portal.finish(jar, Verb::RegisterKey, &begun, &credential).await.unwrap();
        assert_eq!((answer.reply, answer.status), (Reply::Ok, Some(200)));
    }
    let keys = portal.perform(&mut visitor, Verb::ListKeys, &Inputs::new()).await.unwrap();
    assert_eq!(
        keys.captured["keys"],
        json!([{ "id": "7", "label": "desk" }, { "id": "8", "label": "bag" }])
    );

    let written = exchanges(&visitor);
    let record = format!("{written:?}");
    assert!(
        !record.contains("correct horse") && !record.contains("correct+horse"),
        "the password stands in the record"
    );
    let flows: Vec<&str> = written.iter().map(|exchange| exchange.flow.as_str()).collect();
    assert_eq!(flows.iter().filter(|flow| **flow == "register_key.begin").count(), 4);
}

#[tokio::test]
async fn where_json_was_expected_and_a_page_came_the_answer_is_unknown() {
    let listener = serve(|_| html("<h1>Sorry</h1>")).await;
    let flow = "[flow.list_keys]\nget = \"/keys\"\ncapture = { keys = { json = \"/keys\" } }\noutcome = [{ json = \"/keys\", is = \"ok\" }]\n";
    let (portal, mut visitor) = visit(&format!("{HEAD}{flow}{TAIL}"), &listener, None).await;
    let answer = portal.perform(&mut visitor, Verb::ListKeys, &Inputs::new()).await.unwrap();
    assert_eq!((answer.reply, answer.captured.len()), (Reply::Unknown, 0));
    let note = answer.note.unwrap();
    let wanted = "the profile looks for JSON, and the body is none; the answer was 200 text/html at /keys, 14 bytes";
    assert!(note.ends_with(wanted), "{note}");
    let who = portal.perform(&mut visitor, Verb::Whoami, &Inputs::new()).await.unwrap();
    assert_eq!(
        who.reply,
        Reply::Unknown,
        "a page that is not JSON says nothing about who is signed in"
    );
}

#[tokio::test]
async fn a_step_that_cannot_be_carried_out_is_unknown_and_says_why() {
    let listener = serve(|_| html("<p>no form here</p>")).await;
    let flow = "[flow.rename_key]\nsteps = [{ get = \"/k\" }, { form = \"form#rename\", outcome = [{ status = 200, is = \"ok\" }] }]\n";
    let (portal, mut visitor) = visit(&format!("{HEAD}{flow}{TAIL}"), &listener, None).await;
    let answer = portal.perform(&mut visitor, Verb::RenameKey, &Inputs::new()).await.unwrap();
    assert_eq!(answer.reply, Reply::Unknown);
    let note = answer.note.unwrap();
    assert!(
        note.ends_with(
            "no form `form#rename` on the page; the last answer was 200 text/html at /k, 19 bytes"
        ),
        "{note}"
    );
}

/// What one request of a flow looked like.
async fn seen(head: &str, flow: &str, verb: Verb, inputs: &Inputs) -> Asked {
    let seen: Arc<Mutex<Option<Asked>>> = Arc::default();
    let last = Arc::clone(&seen);
    let listener = serve(move |asked| {
        if asked.line == "GET /token" {
            return answer(200, &["set-cookie: csrf=from-cookie"], "{\"csrf\":\"from-json\"}");
        }
        *last.lock().unwrap() = Some(asked);
        html("ok")
    })
    .await;
    let tail = TAIL.replace("[flow.sign_in]", "\n[flow.sign_in]");
    let (portal, mut visitor) =
        visit(&format!("{}{flow}{tail}", HEAD.replace("[actors]", head)), &listener, None).await;
    portal.perform(&mut visitor, verb, inputs).await.unwrap();
    let seen = seen.lock().unwrap().clone();
    seen.unwrap()
}

const RENAME: &str = "[flow.rename_key]\npatch = \"/keys/{key}\"\njson = { label = \"{label}\", note = \"{label?}!\", code = \"{user?}\", all = [1, true, \"{key}\"] }\noutcome = [{ status = 200, is = \"ok\" }]\n";

#[tokio::test]
async fn values_are_put_where_they_belong_and_encoded_for_their_place() {
    let inputs = BTreeMap::from([("key", open("a/b c")), ("label", open("\"desk\""))]);
    let asked = seen("[actors]", RENAME, Verb::RenameKey, &inputs).await;
    assert_eq!(asked.line, "PATCH /keys/a%2Fb%20c");
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(
        body,
        json!({ "label": "\"desk\"", "note": "\"desk\"!", "all": [1, true, "a/b c"] })
    );
    assert_eq!(asked.header("content-type"), "application/json");
}

#[tokio::test]
async fn a_value_may_stand_in_the_name_of_a_field() {
    let flow = "[flow.rename_key]\npost = \"/keys\"\nfields = { \"name_{key}\" = \"{label}\", \"not_{key}\" = \"{user?}\" }\noutcome = [{ status = 200, is = \"ok\" }]\n";
    let inputs = BTreeMap::from([("key", open("7")), ("label", open("desk"))]);
    let asked = seen("[actors]", flow, Verb::RenameKey, &inputs).await;
    assert_eq!(asked.body, "name_7=desk");
}

#[tokio::test]
async fn csrf_tokens_are_found_and_sent() {
    let inputs = BTreeMap::from([("key", open("k")), ("label", open("l"))]);
    for (csrf, sent) in [
        ("cookie = \"csrf\"\nget = \"/token\"", "from-cookie"),
        ("token = { json = \"/csrf\" }\nget = \"/token\"", "from-json"),
        ("value = \"1\"", "1"),
    ] {
        let head = format!("[csrf]\nheader = \"X-CSRF\"\n{csrf}\n[actors]");
        let asked = seen(&head, RENAME, Verb::RenameKey, &inputs).await;
        assert_eq!(asked.header("x-csrf"), sent, "{csrf}");
    }
}

#[tokio::test]
async fn headers_of_the_profile_and_the_step_replace_the_drivers_own() {
    let flow = "[flow.sign_out]\npost = \"/out\"\nheaders = { Origin = \"\", X-Two = \"step\" }\noutcome = [{ status = 200, is = \"ok\" }]\n";
    let head = "headers = { X-One = \"{host}\", X-Two = \"portal\" }\n[actors]";
    let asked = seen(head, flow, Verb::SignOut, &Inputs::new()).await;
    assert_eq!((asked.header("x-one"), asked.header("x-two")), ("portal.localhost", "step"));
    assert!(!asked.headers.contains_key("origin"));
}

#[tokio::test]
async fn the_page_that_sign_in_stopped_on_is_where_the_key_answers_even_after_whoami() {
    let listener = serve(|asked| match asked.line.as_str() {
        "POST /login" => html("<form method=post action=/check><input type=hidden name=token value=once><input name=credential></form>\
            <input id=options value='{&quot;challenge&quot;:&quot;AAAA&quot;}'>"),
        "POST /check" => {
            assert_eq!(asked.body, "token=once&credential=%22x%22");
            answer(200, &["set-cookie: in=1"], "")
        }
        _ => json(200, &json!({ "user": null })),
    })
    .await;
    let flow = "[flow.answer_with_key.begin]\nstay = true\noptions = { css = \"#options\", attr = \"value\" }\n\
        [flow.answer_with_key.finish]\nform = \"form\"\nfill = { credential = \"{credential:json-string}\" }\noutcome = [{ cookie = \"in\", is = \"ok\" }]\n";
    let (portal, mut visitor) = visit(&format!("{HEAD}{flow}{TAIL}"), &listener, None).await;
    portal.perform(&mut visitor, Verb::SignIn, &alice()).await.unwrap();
    portal.perform(&mut visitor, Verb::Whoami, &Inputs::new()).await.unwrap();
    let begun = portal.begin(&mut visitor, Verb::AnswerWithKey, &Inputs::new()).await.unwrap();
    assert_eq!(begun.options, Some(json!({ "challenge": "AAAA" })));
    let inputs = BTreeMap::from([("credential", open("x"))]);
    let answer = portal.finish(&mut visitor, Verb::AnswerWithKey, &begun, &inputs).await.unwrap();
    assert_eq!(answer.reply, Reply::Ok);
}

#[tokio::test]
async fn mail_is_awaited_and_a_link_outside_the_list_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let mail = format!(
        "[mail]\nsource = {{ eml_folder = \"{}\" }}\nlink = 'http://\\S+/reset/(\\w+)'\npatience = \"0ms\"\n[actors]",
        folder.path().display()
    );
    let (portal, visitor) =
        visit(&format!("{}{TAIL}", HEAD.replace("[actors]", &mail)), "127.0.0.1:9", None).await;
    let mark = portal.access.mark().await.unwrap();
    let mailed = || portal.access.mailed(&visitor.scene, "alice@x.test", mark, Duration::ZERO);
    assert!(mailed().await.unwrap().is_none());

    let write = |name: &str, host: &str| {
        let text = format!(
            "To: alice@x.test\r\nSubject: reset\r\n\r\nOpen http://{host}/reset/abc123 now\r\n"
        );
        std::fs::write(folder.path().join(name), text).unwrap();
    };
    write("1.eml", "portal.localhost");
    assert_eq!(mailed().await.unwrap().unwrap().reveal(), "abc123");
    write("2.eml", "evil.localhost");
    let error = mailed().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "stopped for safety: `http://evil.localhost` is outside the allow-list"
    );
}

#[tokio::test]
async fn a_code_that_is_mailed_in_between_is_read_and_values_are_kept_for_later_flows() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path().to_owned();
    let listener = serve(move |asked| match asked.line.as_str() {
        "POST /login" => {
            let mail = "To: alice@x.test\r\nSubject: code\r\n\r\nYour code is 4711.\r\n";
            std::fs::write(inbox.join("1.eml"), mail).unwrap();
            json(200, &json!({ "next": "code" }))
        }
        "POST /code" if asked.body == "code=4711" => {
            json(200, &json!({ "token": "bearer-token-1" }))
        }
        "POST /out" => {
            assert_eq!(asked.header("authorization"), "Bearer bearer-token-1");
            json(200, &json!({}))
        }
        _ => answer(404, &[], ""),
    })
    .await;
    let flows = format!(
        r#"
password = {{ generate = true }}
[mail]
source = {{ eml_folder = "{}" }}
code = 'code is (\d+)'
patience = "20s"
[flow.sign_in]
steps = [
    {{ post = "/login", fields = {{ user = "{{user}}", password = "{{password}}" }} }},
    {{ mail = "{{mail}}" }},
    {{ post = "/code", fields = {{ code = "{{mailed}}" }}, capture = {{ token = {{ json = "/token" }} }}, secret = ["token"], keep = ["token"],
       outcome = [{{ status = 200, json = "/token", is = "ok" }}] }},
]
[flow.sign_out]
post = "/out"
headers = {{ Authorization = "Bearer {{token}}" }}
outcome = [{{ status = 200, is = "ok" }}]
[flow.whoami]"#,
        folder.path().display()
    );
    let tail = TAIL.split_once("[flow.whoami]").unwrap().1;
    let (portal, mut visitor) = visit(&format!("{HEAD}{flows}{tail}"), &listener, None).await;
    let mut inputs = alice();
    inputs.insert("mail", open("alice@x.test"));
    let answer = portal.perform(&mut visitor, Verb::SignIn, &inputs).await.unwrap();
    assert_eq!((answer.reply, answer.note), (Reply::Ok, None));
    let answer = portal.perform(&mut visitor, Verb::SignOut, &Inputs::new()).await.unwrap();
    assert_eq!(answer.reply, Reply::Ok);
    assert!(!format!("{:?}", exchanges(&visitor)).contains("bearer-token-1"));
}

#[tokio::test]
async fn a_command_of_the_profile_is_run_only_where_that_is_allowed() {
    let text = format!(
        "{HEAD}{TAIL}\n[mail]\nsource = {{ command = [\"/bin/false\", \"{{to}}\"] }}\ncode = 'x'\n"
    );
    let mut profile = crate::fixture::profile(&text, "127.0.0.1:9");
    let refused = Access::open(profile.clone(), None).await.map(|_| ()).unwrap_err();
    assert!(
        matches!(&refused, Error::Profile(why) if why.contains("--allow-commands")),
        "{refused}"
    );
    profile.commands_allowed = true;
    assert!(Access::open(profile, None).await.is_ok());
}

/// Accounts made by a program: what it was given, what it printed, and how it ended.
#[tokio::test]
async fn a_command_makes_accounts_for_the_administrator() {
    let made = "[flow.create_user]\ncommand = [\"sh\", \"-c\", \"test $NEW = right-1 && printf 'made %s %s' $1 $#\", \"sh\", \"{user}\", \"{policy?}\"]\nenvironment = { NEW = \"{password}\" }\noutcome = [{ exit = 0, body = '^made ts-1 1$', is = \"ok\" }, { exit = [1, 2], is = \"refused\" }]\n";
    let tail = TAIL.split_once("[flow.create_user]").unwrap().0;
    let text = format!("{HEAD}{tail}{made}");
    let mut profile = crate::fixture::profile(&text, "127.0.0.1:9");
    assert!(Access::open(profile.clone(), None).await.is_err(), "--allow-commands");
    profile.commands_allowed = true;
    let driver = over_http(profile).await;
    let (_, mut visitor) = visit(&format!("{HEAD}{TAIL}"), "127.0.0.1:9", None).await;
    for (password, reply) in [("right-1", Reply::Ok), ("wrong-1", Reply::Refused)] {
        let password = Input::Secret(Secret::new(password));
        let inputs = Inputs::from([("user", open("ts-1")), ("password", password)]);
        let answer = driver.perform(&mut visitor, Verb::CreateUser, &inputs).await.unwrap();
        assert_eq!((answer.reply, answer.status, answer.note), (reply, None, None));
    }
    let written = exchanges(&visitor);
    let seen: Vec<_> =
        written.iter().map(|one| (one.method.as_str(), one.status, one.reply)).collect();
    assert_eq!(
        seen,
        [("COMMAND", Some(0), Some(Reply::Ok)), ("COMMAND", Some(1), Some(Reply::Refused)),]
    );
    let line = written[0].request_body.as_ref().unwrap();
    assert!(line.starts_with("NEW=… sh -c ") && line.ends_with(" sh ts-1"), "{line}");
    assert!(!format!("{written:?}").contains("wrong-1"), "a secret stands in the record");
}

#[tokio::test]
async fn a_command_that_cannot_be_run_is_the_profiles_fault_and_no_answer() {
    let made = "[flow.create_user]\nsteps = [{ command = [\"./no-such-program\"] }, { get = \"/{user?}\", outcome = [{ status = 200, is = \"ok\" }] }]\n";
    let tail = TAIL.split_once("[flow.create_user]").unwrap().0;
    let mut profile = crate::fixture::profile(&format!("{HEAD}{tail}{made}"), "127.0.0.1:9");
    profile.commands_allowed = true;
    let driver = over_http(profile).await;
    let (_, mut visitor) = visit(&format!("{HEAD}{TAIL}"), "127.0.0.1:9", None).await;
    let told = driver.perform(&mut visitor, Verb::CreateUser, &Inputs::new()).await;
    let told = told.map(|_| ()).unwrap_err().to_string();
    assert!(told.starts_with("profile: line ") && told.contains("`./no-such-program`"), "{told}");
}

#[tokio::test]
async fn a_flow_does_not_go_on_after_a_command_that_failed() {
    for (code, reached) in [(0, 1), (1, 0)] {
        let count = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counts = Arc::clone(&count);
        let listener = serve(move |_| {
            counts.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            answer(200, &[], "")
        })
        .await;
        let made = format!(
            "[flow.create_user]\nsteps = [{{ command = [\"sh\", \"-c\", \"exit {code}\", \"{{user?}}\"] }}, {{ post = \"/\", outcome = [{{ status = 200, is = \"ok\" }}] }}]\n"
        );
        let tail = TAIL.split_once("[flow.create_user]").unwrap().0;
        let mut profile = crate::fixture::profile(&format!("{HEAD}{tail}{made}"), &listener);
        profile.commands_allowed = true;
        let driver = over_http(profile).await;
        let (_, mut visitor) = visit(&format!("{HEAD}{TAIL}"), &listener, None).await;
        let answer = driver.perform(&mut visitor, Verb::CreateUser, &Inputs::new()).await;
        let expected = if code == 0 { Reply::Ok } else { Reply::Unknown };
        assert_eq!(answer.unwrap().reply, expected);
        assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), reached);
    }
}

#[tokio::test]
async fn a_key_that_is_to_sign_in_alone_is_registered_as_such() {
    let listener = serve(|asked| match asked.line.as_str() {
        "POST /keys/new" => json(200, &json!({ "challenge": "AAAA", "asked": asked.body })),
        _ => answer(404, &[], "no such page"),
    })
    .await;
    let flow = "[flow.register_key]\nfinish = { post = \"/keys\", outcome = [{ status = 201, is = \"ok\" }] }\n\
        [[flow.register_key.begin]]\npost = \"/keys/new\"\nwhen = { given = \"alone\" }\nfields = { use = \"first\" }\n\
        options = { json = \"\" }\ncapture = { asked = { json = \"/asked\" } }\n\
        [[flow.register_key.begin]]\npost = \"/keys/new\"\nwhen = { not_given = \"alone\" }\nfields = { use = \"second\" }\n\
        options = { json = \"\" }\ncapture = { asked = { json = \"/asked\" } }\n";
    let (portal, mut visitor) = visit(&format!("{HEAD}{flow}{TAIL}"), &listener, None).await;
    for (alone, asked) in [(Some(("alone", open(true))), "use=first"), (None, "use=second")] {
        let with = alone.into_iter().chain([("label", open("desk"))]).collect();
        let begun = portal.begin(&mut visitor, Verb::RegisterKey, &with).await.unwrap();
        assert_eq!(begun.answer.captured["asked"], asked);
    }
}

const HALVES: &str = r#"
[flow.enrol_totp]
begin = { post = "/secret", capture = { secret = { json = "/secret" }, half = { json = "/half" }, state = { json = "/state" } }, keep = ["half"], outcome = [{ status = 200, is = "ok" }] }
finish = { apart = "1s", post = "/confirm", json = { half = "{half?}", state = "{state}" }, outcome = [
    { status = 200, is = "ok" },
    { status = 403, is = "refused" },
] }
"#;

/// A portal whose half-finished set-up is a value in the page of one browser.
fn halves(asked: &Asked) -> loopback::Back {
    match asked.line.as_str() {
        "POST /secret" => json(200, &json!({ "secret": "JBSWY3DP", "half": "h1", "state": "s1" })),
        "POST /confirm" if asked.body == r#"{"half":"h1","state":"s1"}"# => json(200, &json!({})),
        "POST /confirm" if asked.body == r#"{"state":"s1"}"# => json(403, &json!({})),
        _ => answer(404, &[], ""),
    }
}

#[tokio::test]
async fn a_browser_without_cookies_may_be_somebody_by_what_it_keeps() {
    let listener = serve(|asked| halves(&asked)).await;
    let (portal, mut hers) = visit(&format!("{HEAD}{HALVES}{TAIL}"), &listener, None).await;
    assert!(hers.is_blank());
    portal.begin(&mut hers, Verb::EnrolTotp, &Inputs::new()).await.unwrap();
    assert!(!hers.is_blank() && cookies(&mut hers).is_empty());
    assert!(portal.access.visitor(&hers.scene, "mallory").is_blank());
}

#[tokio::test]
async fn the_answer_to_a_request_for_a_reset_is_there_to_be_searched() {
    let listener = serve(|_| answer(200, &[], "sent to you: token-1")).await;
    let request = "[mail]\nsource = { smtp = \"given\" }\nlink = 'http://x/(.*)'\n\
        [flow.request_reset]\npost = \"/reset\"\nfields = { mail = \"{mail}\" }\n\
        outcome = [{ status = 200, is = \"ok\" }]\n";
    let mailbox = Some(mailbox::Mailbox::listen("127.0.0.1:0".parse().unwrap()).await.unwrap());
    let (portal, mut visitor) = visit(&format!("{HEAD}{request}{TAIL}"), &listener, mailbox).await;
    let mail = Inputs::from([("mail", open("alice@x.test"))]);
    let answer = portal.perform(&mut visitor, Verb::RequestReset, &mail).await.unwrap();
    assert_eq!(answer.captured["body"], "sent to you: token-1");
}

#[tokio::test]
async fn what_a_browser_keeps_does_not_go_to_another() {
    let listener = serve(|asked| halves(&asked)).await;
    let (portal, mut hers) = visit(&format!("{HEAD}{HALVES}{TAIL}"), &listener, None).await;
    let mut other = portal.access.visitor(&hers.scene, "mallory");
    let begun = portal.begin(&mut hers, Verb::EnrolTotp, &Inputs::new()).await.unwrap();
    assert_eq!(begun.answer.captured.keys().collect::<Vec<_>>(), ["secret", "state"]);

    let code = Inputs::from([("code", open("123456"))]);
    let elsewhere = portal.finish(&mut other, Verb::EnrolTotp, &begun, &code).await.unwrap();
    assert_eq!(elsewhere.reply, Reply::Refused);
    let here = portal.finish(&mut hers, Verb::EnrolTotp, &begun, &code).await.unwrap();
    assert_eq!(here.reply, Reply::Ok);
}

#[tokio::test]
async fn a_step_keeps_its_distance_from_the_same_person() {
    let listener = serve(|asked| halves(&asked)).await;
    let (portal, mut hers) = visit(&format!("{HEAD}{HALVES}{TAIL}"), &listener, None).await;
    let begun = portal.begin(&mut hers, Verb::EnrolTotp, &Inputs::new()).await.unwrap();
    let code = Inputs::from([("code", open("123456"))]);

    portal.finish(&mut hers, Verb::EnrolTotp, &begun, &code).await.unwrap();
    let first = std::time::Instant::now();
    portal.finish(&mut hers, Verb::EnrolTotp, &begun, &code).await.unwrap();
    assert!(first.elapsed() >= Duration::from_millis(990), "{:?}", first.elapsed());
}

#[tokio::test]
async fn members_that_no_step_has_a_place_for_are_not_sent() {
    let flow = r#"
[flow.register_key]
begin = [{ post = "/keys/begin", options = { json = "" }, outcome = [{ status = 200, is = "ok" }] }]
finish = [
    { stay = true, capture = { data = { value = "{credential/response/clientDataJSON}" } } },
    { post = "/keys", fields = { id = "{credential/id}", data = "{data}" }, outcome = [{ status = 200, is = "ok" }] },
]
"#;
    let listener = serve(|_| html("")).await;
    let (portal, _) = visit(&format!("{HEAD}{TAIL}{flow}"), &listener, None).await;
    let written = |credential: Value| portal.written(Verb::RegisterKey, &credential);
    let sent = |id: &str, data: &str, kind: &str| {
        written(json!({ "id": id, "response": { "clientDataJSON": data }, "type": kind }))
    };
    assert_eq!(sent("a", "b", "public-key"), sent("a", "b", "password"));
    assert_ne!(sent("a", "b", "public-key"), sent("c", "b", "public-key"));
    assert_ne!(sent("a", "b", "public-key"), sent("a", "c", "public-key"));
    assert_ne!(sent("a", "b", "public-key"), written(json!({ "id": "a" })));
}

#[tokio::test]
async fn what_is_left_out_or_written_in_one_way_is_the_honest_answer() {
    let flow = r#"
[webauthn.answer]
omit = ["/rawId"]
base64 = ["/id"]
[flow.register_key]
begin = [{ post = "/keys/begin", options = { json = "" }, outcome = [{ status = 200, is = "ok" }] }]
finish = [{ post = "/keys", json = "{credential}", outcome = [{ status = 200, is = "ok" }] }]
"#;
    let listener = serve(|_| html("")).await;
    let (portal, _) = visit(&format!("{HEAD}{TAIL}{flow}"), &listener, None).await;
    let written = |credential: Value| portal.written(Verb::RegisterKey, &credential);
    let honest = written(json!({ "id": "-_8", "rawId": "-_8", "type": "public-key" }));
    assert_eq!(honest, json!({ "id": "+/8=", "type": "public-key" }));
    assert_eq!(written(json!({ "id": "-_8=", "rawId": "-_8=", "type": "public-key" })), honest);
    assert_eq!(written(json!({ "id": "-_8", "type": "public-key" })), honest);
    assert_ne!(written(json!({ "id": "-_9", "rawId": "-_8", "type": "public-key" })), honest);
    assert_ne!(written(json!({ "id": 7, "rawId": "-_8", "type": "public-key" })), honest);
    assert_ne!(written(json!({ "id": "-_8", "rawId": "-_8" })), honest);
}

#[tokio::test]
async fn every_text_and_number_of_a_secret_stays_out_of_the_record() {
    let flow = r#"
[flow.enrol_totp]
begin = { post = "/secret", capture = { secret = { json = "/secret" }, codes = { json = "/rescue" }, pin = { json = "/digits" } }, secret = ["codes", "pin"], outcome = [{ status = 200, is = "ok" }] }
finish = { post = "/confirm", fields = { code = "{code}" }, outcome = [{ status = 200, is = "ok" }] }
"#;
    let listener = serve(|_| {
        json(
            200,
            &json!({ "secret": "JBSWY3DP", "rescue": ["apple-tree", { "n": [470815] }], "digits": 90210 }),
        )
    })
    .await;
    let (portal, mut hers) = visit(&format!("{HEAD}{flow}{TAIL}"), &listener, None).await;
    let begun = portal.begin(&mut hers, Verb::EnrolTotp, &Inputs::new()).await.unwrap();
    assert_eq!(begun.answer.captured["codes"], json!(["apple-tree", { "n": [470815] }]));
    let [exchange] = &exchanges(&hers)[..] else { panic!("one exchange") };
    let body = exchange.response_body.as_deref().unwrap();
    assert!(body.contains("rescue"), "{body}");
    for secret in ["JBSWY3DP", "apple-tree", "470815", "90210"] {
        assert!(!body.contains(secret), "{secret}: {body}");
    }
}

/// What each request to two hosts had in the common headers, in order: `base` is one of them.
async fn heard_by_two(open: &str) -> Vec<String> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = |name: &'static str| {
        let heard = Arc::clone(&heard);
        move |asked: Asked| {
            let header = |header: &str| asked.headers.get(header).cloned().unwrap_or_default();
            let line = &asked.line;
            let (gate, run) = (header("x-gate"), header("touchstone-run"));
            heard.lock().unwrap().push(format!("{name}: {line} [{gate}] [{run}]"));
            match line.split_once("?to=") {
                Some((_, to)) => redirect(to),
                None => html("in"),
            }
        }
    };
    let (home, other) = (serve(hears("home")).await, serve(hears("other")).await);
    let other = other.replace("127.0.0.1", "other.localhost");
    let head = HEAD
        .replace("http://portal.localhost", &format!("http://{home}"))
        .replace("connect = \"{listener}\"\n", "")
        .replace(
            "[actors]",
            &format!(
                "headers = {{ X-Gate = \"open-sesame\", Touchstone-Run = \"\" }}\n[scope]\nallow = [\"http://{other}\"]\n[actors]"
            ),
        );
    let open = open.replace("HOME", &home).replace("OTHER", &other);
    let flow =
        format!("[flow.open_protected]\n{open}\noutcome = [{{ status = 200, is = \"ok\" }}]\n");
    let (mut access, mut hers) = access(&format!("{head}{flow}{TAIL}"), &home, None).await;
    access.set_run_tag("7f3a91".into());
    let portal = HttpDriver::new(Arc::new(access));
    portal.perform(&mut hers, Verb::OpenProtected, &Inputs::new()).await.unwrap();
    let heard = heard.lock().unwrap().clone();
    heard.iter().map(|line| line.replace(&home, "HOME").replace(&other, "OTHER")).collect()
}

#[tokio::test]
async fn only_the_portal_itself_gets_the_headers_of_every_request() {
    assert_eq!(heard_by_two("get = \"http://OTHER/a\"").await, ["other: GET /a [] []"]);
    assert_eq!(
        heard_by_two("get = \"/a?to=http://OTHER/b?to=http://HOME/c\"").await,
        [
            "home: GET /a?to=http://OTHER/b?to=http://HOME/c [open-sesame] []",
            "other: GET /b?to=http://HOME/c [] []",
            "home: GET /c [open-sesame] []",
        ]
    );
}

/// A portal with two keys and a link for each.
fn rows(asked: &Asked) -> loopback::Back {
    match asked.line.as_str() {
        "GET /keys" => json(
            200,
            &json!({ "me": "alice", "keys": [{ "id": 7, "drop": "/drop/7" }, { "id": "x/y]", "drop": "/drop/other" }] }),
        ),
        "POST /drop/7" => json(200, &json!({ "row": { "id": "7", "n": 1 } })),
        "POST /drop/other" => json(200, &json!({ "row": { "id": "z", "n": 1 } })),
        _ => answer(404, &[], "no such page"),
    }
}

#[tokio::test]
async fn places_in_pointers_and_in_what_a_value_equals_are_filled() {
    let listener = serve(|asked| rows(&asked)).await;
    let flow = r#"[flow.rename_key]
steps = [
    { get = "/keys", capture = { link = { json = "/keys/[id={key}]/drop" } }, outcome = [
        { json = "/keys/[id={key}]/id", equals = "{key}", is = "ok" },
        { json = "/keys/[id={key?}]", exists = false, is = "expired" },
        { json = "/keys", is = "error" },
    ] },
    { stay = true, when = { json = "/me", equals = "{label}" }, outcome = [{ status = 200, is = "rate_limited" }] },
    { post = "{link}", outcome = [
        { json = "/row", equals = { id = "{key}", n = 1 }, is = "ok" },
        { json = "/row", is = "refused" },
    ] },
]
"#;
    let (portal, mut visitor) = visit(&format!("{HEAD}{flow}{TAIL}"), &listener, None).await;
    for (key, label, reply) in [
        (json!("7"), "bob", Reply::Ok),
        // Slashes and brackets of a value are its own.
        (json!("x/y]"), "bob", Reply::Refused),
        (json!("7]/drop"), "bob", Reply::Expired),
        // No value: neither a test of a value nor one of absence holds.
        (Value::Null, "bob", Reply::Error),
        (json!("7"), "alice", Reply::RateLimited),
    ] {
        let inputs = BTreeMap::from([("key", open(key.clone())), ("label", open(label))]);
        let answer = portal.perform(&mut visitor, Verb::RenameKey, &inputs).await.unwrap();
        assert_eq!(answer.reply, reply, "{key} {label}: {:?}", answer.note);
    }
}

#[tokio::test]
async fn a_place_without_a_value_is_named_with_the_line_that_looked_for_it() {
    let listener = serve(|_| json(200, &json!({}))).await;
    let cases = [
        (
            "{ post = \"{link}\" }",
            "line 12: `{link}` has no value: line 11 looked for it and found nothing; the last answer was 200 application/json at /, 2 bytes",
        ),
        (
            "{ stay = true, when = { json = \"/x\" }, capture = { y = { json = \"/y\" } } },\n{ post = \"/a/{y}\" }",
            "line 13: `{y}` has no value: line 12 captures it, and was left out by its `when`, or found nothing",
        ),
        (
            "{ post = \"/a\", json = { u = \"{user}\" } }",
            "line 12: `{user}` has no value: neither the verb nor an earlier flow in this browser gave it",
        ),
        (
            "{ post = \"/a\", headers = { X = \"{key/part}\" } }",
            "line 12: `{key/part}` has no value: `key` has one, but no such part, or none that can be changed so",
        ),
    ];
    for (step, note) in cases {
        let flow = format!(
            "[flow.delete_key]\nsteps = [\n{{ get = \"/\", capture = {{ link = {{ json = \"/href\" }} }} }},\n{step},\n{{ get = \"/end\", outcome = [{{ status = 200, is = \"ok\" }}] }}]\n"
        );
        let (portal, mut visitor) = visit(&format!("{HEAD}{flow}{TAIL}"), &listener, None).await;
        let inputs = BTreeMap::from([("key", open("k"))]);
        let answer = portal.perform(&mut visitor, Verb::DeleteKey, &inputs).await.unwrap();
        assert_eq!((answer.reply, answer.note.as_deref()), (Reply::Unknown, Some(note)));
        assert!(crate::deployment::describe(&answer).ends_with(note));
    }
}

#[tokio::test]
async fn a_text_whose_optional_place_has_no_value_is_left_out_whole() {
    let flow = "[flow.rename_key]\npost = \"/out/{label?}\"\nheaders = { Authorization = \"Tea {label?}\", X-Two = \"{label?}\" }\nquery = { q = \"x{label?}\", r = \"1\" }\njson = { a = \"b {label?}\", l = [\"{label?}!\", 1], c = 1 }\noutcome = [{ status = 200, is = \"ok\" }]\n";
    let head = "headers = { X-One = \"Tea {label?}\", X-Two = \"portal\" }\n[actors]";
    // Headers of the portal know what every flow knows.
    let head = head.replace("{label?}", "{user?}");
    let with = |label: Value| BTreeMap::from([("key", open("k")), ("label", open(label))]);
    let asked = seen(&head, flow, Verb::RenameKey, &with(Value::Null)).await;
    assert_eq!(asked.line, "POST /out/?r=1");
    assert_eq!(asked.body, "{\"l\":[1],\"c\":1}");
    assert!(!asked.headers.contains_key("authorization") && !asked.headers.contains_key("x-one"));
    assert_eq!(asked.header("x-two"), "portal", "what is left out hides nothing");
    let asked = seen(&head, flow, Verb::RenameKey, &with(json!("t"))).await;
    assert_eq!(asked.line, "POST /out/t?q=xt&r=1");
    assert_eq!(asked.body, "{\"a\":\"b t\",\"l\":[\"t!\",1],\"c\":1}");
    assert_eq!((asked.header("authorization"), asked.header("x-two")), ("Tea t", "t"));

    let flow = "[flow.rename_key]\npost = \"/k\"\nfields = { a = \"x{label?}\", \"b{label?}\" = \"1\", c = \"2\" }\noutcome = [{ status = 200, is = \"ok\" }]\n";
    let asked = seen("[actors]", flow, Verb::RenameKey, &with(Value::Null)).await;
    assert_eq!(asked.body, "c=2");
    let asked = seen("[actors]", flow, Verb::RenameKey, &with(json!("t"))).await;
    assert_eq!(asked.body, "a=xt&bt=1&c=2");
}

/// The recipe of docs/guide.md for portals without cookies.
#[tokio::test]
async fn a_pass_is_kept_by_the_browser_and_its_copies_as_cookies_are() {
    let listener = serve(|asked| match (asked.line.as_str(), asked.header("authorization")) {
        // A refusal that brings the first pass.
        ("POST /login", _) => json(401, &json!({ "pass": "p1" })),
        ("GET /keys", "Bearer p1") => json(200, &json!({ "keys": [], "was": "p1" })),
        ("POST /out", "Bearer p1") => json(200, &json!({ "pass": null })),
        (_, "") => json(200, &json!({ "user": "no pass" })),
        (_, pass) => json(200, &json!({ "user": pass })),
    })
    .await;
    let flows = r#"
[flow.sign_in]
post = "/login"
capture = { pass = { json = "/pass" }, auth = { value = "Bearer {pass}" } }
keep = ["pass", "auth"]
outcome = [{ status = 401, is = "refused" }, { status = 200, is = "ok" }]
[flow.list_keys]
get = "/keys"
headers = { Authorization = "{auth?}" }
capture = { keys = { json = "/keys" }, pass = { json = "/pass" } }
keep = ["pass"]
outcome = [{ json = "/was", is = "ok" }]
[flow.sign_out]
post = "/out"
headers = { Authorization = "Bearer {pass?}" }
capture = { pass = { json = "/pass" } }
keep = ["pass"]
outcome = [{ status = 200, is = "ok" }]
[flow.whoami]
get = "/me"
headers = { Authorization = "Bearer {pass?}" }
capture = { user = { json = "/user" } }
outcome = [{ status = 200, is = "ok" }]
"#;
    let (_, create_user) = TAIL.split_once("[flow.create_user]").unwrap();
    let text = format!("{HEAD}{flows}[flow.create_user]{create_user}");
    let (portal, mut visitor) = visit(&text, &listener, None).await;
    let user = async |visitor: &mut Visitor| {
        portal.perform(visitor, Verb::Whoami, &Inputs::new()).await.unwrap().captured["user"]
            .clone()
    };
    assert_eq!(user(&mut visitor).await, "no pass");
    let answer = portal.perform(&mut visitor, Verb::SignIn, &alice()).await.unwrap();
    assert_eq!((answer.reply, user(&mut visitor).await), (Reply::Refused, json!("Bearer p1")));
    // Found nothing: the older value stays.
    let keys = portal.perform(&mut visitor, Verb::ListKeys, &Inputs::new()).await.unwrap();
    assert_eq!((keys.reply, user(&mut visitor).await), (Reply::Ok, json!("Bearer p1")));
    let mut copy = visitor.clone();
    // Found, and null: there is none any more.
    portal.perform(&mut visitor, Verb::SignOut, &Inputs::new()).await.unwrap();
    assert_eq!(user(&mut visitor).await, "no pass");
    assert_eq!(user(&mut copy).await, "Bearer p1");
}

#[tokio::test]
async fn what_no_row_of_the_verb_says_is_not_given_to_it() {
    let (portal, mut visitor) = visit(&format!("{HEAD}{TAIL}"), "127.0.0.1:9", None).await;
    let inputs = BTreeMap::from([("user", open("alice"))]);
    let error = portal.perform(&mut visitor, Verb::Whoami, &inputs).await.unwrap_err();
    assert_eq!(error.to_string(), "kit: whoami is not to be given `user`");
}

#[tokio::test]
async fn a_csrf_token_is_fetched_for_every_write_and_a_cookie_only_where_there_is_none() {
    for (csrf, fetched) in [("token = { json = \"/csrf\" }", 2), ("cookie = \"csrf\"", 1)] {
        let count: Arc<Mutex<u32>> = Arc::default();
        let fetches = Arc::clone(&count);
        let listener = serve(move |asked| {
            let token = asked.line == "GET /token";
            *fetches.lock().unwrap() += u32::from(token);
            assert!(
                token || asked.header("x-csrf") == "c1" || asked.line == "GET /read",
                "{asked:?}"
            );
            answer(200, &["set-cookie: csrf=c1"], "{\"csrf\":\"c1\"}")
        })
        .await;
        let head = HEAD.replace(
            "[actors]",
            &format!("[csrf]\nheader = \"X-CSRF\"\nget = \"/token\"\n{csrf}\n[actors]"),
        );
        let flow = "[flow.sign_out]\nsteps = [{ post = \"/a\" }, { get = \"/read\" }, { put = \"/b\", outcome = [{ status = 200, is = \"ok\" }] }]\n";
        let (portal, mut visitor) = visit(&format!("{head}{flow}{TAIL}"), &listener, None).await;
        let answer = portal.perform(&mut visitor, Verb::SignOut, &Inputs::new()).await.unwrap();
        assert_eq!((answer.reply, *count.lock().unwrap()), (Reply::Ok, fetched), "{csrf}");
    }
}

/// A reset whose form repeats in its fields what stands in its address.
const RESET: &str = "[flow.finish_reset]\nsteps = [\n\
    { get = \"/reset?mail=m1&lang=en\" },\n\
    { form = \"form\", fill = { new = \"{password}\" } },\n\
    { post = \"/done\", json = { mail = \"m1\", again = \"{password}\" }, outcome = [{ status = 200, is = \"ok\" }] },\n\
    ]\n";

/// What was sent to the two places, by a browser that leaves this out.
async fn reset_without(member: Option<&str>) -> (Vec<String>, Vec<String>) {
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let hears = Arc::clone(&heard);
    let listener = serve(move |asked| {
        if asked.line.starts_with("POST") {
            hears.lock().unwrap().push(format!("{} {}", asked.line, asked.body));
        }
        html(
            "<form method=post action='#'><input type=hidden name=mail value=m1>\
            <input type=hidden name=form value=f1><input name=new></form>",
        )
    })
    .await;
    let (portal, mut visitor) = visit(&format!("{HEAD}{RESET}{TAIL}"), &listener, None).await;
    if let Some(member) = member {
        visitor.memory = Memory::leaving_out(member);
    }
    let with = Inputs::from([("password", Input::Secret(Secret::new("correct horse")))]);
    portal.perform(&mut visitor, Verb::FinishReset, &with).await.unwrap();
    let heard = heard.lock().unwrap().clone();
    (heard, visitor.memory.sent())
}

#[tokio::test]
async fn a_browser_leaves_a_member_out_of_bodies_and_of_the_address_that_repeats_it() {
    let (heard, sent) = reset_without(None).await;
    assert_eq!(
        heard,
        [
            "POST /reset?mail=m1&lang=en mail=m1&form=f1&new=correct+horse",
            "POST /done {\"mail\":\"m1\",\"again\":\"correct horse\"}"
        ]
    );
    assert_eq!(sent, ["form", "mail"], "and not what held the password");

    let (heard, sent) = reset_without(Some("mail")).await;
    assert_eq!(
        heard,
        [
            "POST /reset?lang=en form=f1&new=correct+horse",
            "POST /done {\"again\":\"correct horse\"}"
        ]
    );
    assert_eq!(sent, ["form"]);
}

const APPLICATION: &str = r#"
[flow.open_app]
get = "/app"
capture = { user = { json = "/visitor" } }
outcome = [{ status = 200, is = "ok" }]
[flow.start_at_app]
begin = { get = "/app", capture = { user = { json = "/visitor" }, from = { json = "/asks" } }, outcome = [{ status = 200, is = "ok" }] }
finish = [
    { stay = true, capture = { next = { json = "/next" } }, outcome = [{ status = 200, is = "ok" }] },
    { get = "{next}", when = { given = "next" }, capture = { user = { json = "/visitor" } }, outcome = [{ status = 200, is = "ok" }] },
]
"#;

/// Between the halves the browser signs in: the second goes on from there, with what the first captured
/// but for whom the application took the visitor for.
#[tokio::test]
async fn the_way_back_to_an_application_begins_where_the_sign_in_ended() {
    let listener = serve(|asked| match asked.line.as_str() {
        "POST /login" => json(200, &json!({ "next": "/app?back" })),
        "GET /app?back" => json(200, &json!({ "visitor": "alice" })),
        "GET /app" => json(200, &json!({ "visitor": "a guest", "asks": "portal" })),
        _ => json(200, &json!({})),
    })
    .await;
    let profile = format!("{HEAD}{APPLICATION}{TAIL}");
    let (portal, mut visitor) = visit(&profile, &listener, None).await;
    let none = Inputs::new();

    let begun = portal.begin(&mut visitor, Verb::StartAtApp, &none).await.unwrap();
    let early = portal.finish(&mut visitor, Verb::StartAtApp, &begun, &none).await.unwrap();
    assert_eq!((early.reply, early.captured.get("user")), (Reply::Ok, None));
    assert_eq!(early.captured["from"], "portal");

    portal.perform(&mut visitor, Verb::SignIn, &alice()).await.unwrap();
    // In a second tab: the browser stays where the sign-in ended.
    let opened = portal.perform(&mut visitor, Verb::OpenApp, &none).await.unwrap();
    assert_eq!(opened.captured["user"], "a guest");
    let back = portal.finish(&mut visitor, Verb::StartAtApp, &begun, &none).await.unwrap();
    assert_eq!((back.reply, &back.captured["user"]), (Reply::Ok, &Value::from("alice")));
}

/// Its own session would outlive the portal's: it is a stranger's browser each time, and the portal's
/// cookies stay.
#[tokio::test]
async fn an_application_of_its_own_host_is_opened_anew_each_time() {
    let app = serve(|asked| {
        let set = if asked.header("cookie").is_empty() { "set-cookie: app=1" } else { "x: y" };
        answer(200, &[set], &json!({ "user": asked.header("cookie") }).to_string())
    })
    .await;
    let listener = serve(|asked| match asked.line.as_str() {
        "GET /sent" => answer(302, &["set-cookie: seen=1", "location: /"], ""),
        _ => answer(200, &["set-cookie: portal=1"], "{}"),
    })
    .await;
    let head = HEAD.replace("\"{listener}\"", "{ \"portal.localhost\" = \"{listener}\" }");
    let flow = format!(
        "[scope]\napplications = [\"http://{app}\"]\n[flow.open_app]\nsteps = [{{ get = \"/sent\", follow = false }}, {{ get = \"http://{app}/\", capture = {{ user = {{ json = \"/user\" }} }}, outcome = [{{ status = 200, is = \"ok\" }}] }}]\n"
    );
    let (portal, mut visitor) = visit(&format!("{head}{flow}{TAIL}"), &listener, None).await;
    portal.perform(&mut visitor, Verb::SignIn, &alice()).await.unwrap();
    for _ in 0..2 {
        let opened = portal.perform(&mut visitor, Verb::OpenApp, &Inputs::new()).await.unwrap();
        assert_eq!((opened.reply, &opened.captured["user"]), (Reply::Ok, &Value::from("")));
        assert_eq!(cookies(&mut visitor), ["portal", "seen"]);
    }
}

/// What an application asks a portal it asks by itself: no cookie of the browser goes along, none that comes
/// back is kept, and the next step has those that there were.
#[tokio::test]
async fn a_step_without_cookies_is_not_the_browsers() {
    let listener = serve(|asked| {
        let set = ["set-cookie: who=the-application"];
        let by =
            json!({ "by": asked.header("cookie"), "token": asked.header("x-token") }).to_string();
        let set = if asked.line == "GET /ticket" { &set[..] } else { &[] };
        match asked.line.as_str() {
            "POST /login" => answer(200, &["set-cookie: who=alice"], ""),
            _ => answer(200, set, &by),
        }
    })
    .await;
    let flow = r#"
[flow.open_app]
steps = [
    { get = "/ticket", cookies = false, capture = { asker = { json = "/by" } }, outcome = [{ status = 200, is = "ok" }] },
    { post = "/page", cookies = false, capture = { token = { json = "/token" } }, outcome = [{ status = 200, is = "ok" }] },
    { get = "/page", capture = { user = { json = "/by" } }, outcome = [{ status = 200, is = "ok" }] },
]
[csrf]
cookie = "who"
header = "X-Token"
"#;
    let (portal, mut visitor) = visit(&format!("{HEAD}{flow}{TAIL}"), &listener, None).await;
    portal.perform(&mut visitor, Verb::SignIn, &alice()).await.unwrap();
    let opened = portal.perform(&mut visitor, Verb::OpenApp, &Inputs::new()).await.unwrap();
    assert_eq!(opened.captured["asker"], "");
    assert_eq!(opened.captured["token"], "", "the browser's token is none of the application's");
    assert_eq!(opened.captured["user"], "who=alice");
}

/// What comes of a flow whose page leads a form with a secret to another host of the scope.
async fn leads_away(secret: &str, flow: &str) -> (Result<Reply, Error>, Vec<String>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    let other = serve(move |asked| {
        hears.lock().unwrap().push(format!("{} {}", asked.line, asked.body));
        html("in")
    })
    .await;
    let there = other.clone();
    let home = serve(move |asked| match asked.line.as_str() {
        "GET /form" => {
            html(&format!("<form method=post action=http://{there}/taken><input name=gate></form>"))
        }
        "POST /again" => answer(307, &[&format!("location: http://{there}/taken")], ""),
        _ => html("in"),
    })
    .await;
    let head = HEAD
        .replace("http://portal.localhost", &format!("http://{home}"))
        .replace("connect = \"{listener}\"\n", "")
        .replace(
            "[actors]",
            &format!(
                "[scope]\nallow = [\"http://{other}\"]\n[secrets]\ngate = {}\n[actors]",
                secret.replace("OTHER", &format!("http://{other}"))
            ),
        );
    let flow = format!(
        "[flow.open_protected]\nsteps = [{}, {{ stay = true, outcome = [{{ status = 200, is = \"ok\" }}] }}]\n",
        flow.replace("OTHER", &format!("http://{other}"))
    );
    let provided = [("gate".to_owned(), Secret::new("open-sesame-42"))].into();
    let profile = Profile::parse(&format!("{head}{flow}{TAIL}"), "test.toml", &provided);
    let profile = profile.unwrap_or_else(|all| panic!("{}", all[0]));
    let access = Access::open(profile, None).await.unwrap();
    let recorder = Recorder::new(Redactor::new([7; 32]));
    let scene = Arc::new(Scene::new("scene".to_owned(), 1, effect::but_for_limits(), recorder));
    let mut visitor = access.visitor(&scene, "alice");
    let driver = HttpDriver::new(Arc::new(access));
    let answer = driver.perform(&mut visitor, Verb::OpenProtected, &Inputs::new()).await;
    let heard = heard.lock().unwrap().clone();
    (answer.map(|answer| answer.reply), heard)
}

#[tokio::test]
async fn a_secret_goes_to_no_other_host_wherever_a_page_leads() {
    let form = "{ get = \"/form\" }, { form = \"form\", fill = { gate = \"GATE\" } }";
    let again = "{ post = \"/again\", fields = { gate = \"GATE\" } }";
    let captured = "{ get = \"/form\", capture = { made = { value = \"Basic GATE\" } } }, { form = \"form\", fill = { gate = \"{made}\" } }";
    for flow in [form, again, captured] {
        for gate in ["{secret.gate}", "x-{secret.gate:url-encode}"] {
            let flow = flow.replace("GATE", gate);
            let (told, heard) = leads_away("{ given = true }", &flow).await;
            assert!(matches!(told, Err(Error::Safety(_))), "{flow}: {told:?}");
            assert_eq!(heard, Vec::<String>::new(), "{flow}");
            let (told, heard) = leads_away("{ given = true, to = [\"OTHER\"] }", &flow).await;
            assert!(
                matches!(told, Ok(Reply::Ok)) && heard.len() == 1,
                "{flow}: {told:?} {heard:?}"
            );
        }
    }
}

/// How often a portal hears of what a verb decides, where it asks for a pause each time.
async fn heard(verb: Verb, status: u16) -> usize {
    let count = Arc::new(Mutex::new(0));
    let counts = Arc::clone(&count);
    let listener = serve(move |_| {
        *counts.lock().unwrap() += 1;
        answer(status, &["retry-after: 0"], "")
    })
    .await;
    let changes = [Verb::ChangePassword, Verb::SignOut, Verb::RenameKey].map(|verb| {
        let name = verb.name();
        format!("[flow.{name}]\npost = \"/{name}\"\noutcome = [{{ status = 200, is = \"ok\" }}]\n")
    });
    let profile = format!("{HEAD}{TAIL}{}", changes.concat());
    let (driver, mut visitor) = visit(&profile, &listener, None).await;
    let mut given = alice();
    given.retain(|name, _| verb.takes(name));
    driver.perform(&mut visitor, verb, &given).await.unwrap();
    *count.lock().unwrap()
}

/// What is in front of a portal says 503 of what the portal may have done. An account is made once only,
/// however often it is asked for.
#[tokio::test]
async fn what_changes_something_is_sent_again_after_429_and_not_after_503() {
    for (verb, after_503) in [
        (Verb::Whoami, 4),
        (Verb::SignIn, 4),
        (Verb::CreateUser, 4),
        (Verb::ChangePassword, 1),
        (Verb::SignOut, 1),
        (Verb::RenameKey, 1),
    ] {
        let heard = [heard(verb, 429).await, heard(verb, 503).await];
        assert_eq!(heard, [4, after_503], "{}", verb.name());
    }
}

/// A portal whose sign-in asks for the name first, and takes the step after the password once more. It
/// cuts a request short so many times, as `how` says; what was heard of it, and what came of it.
async fn cut_short(path: &'static str, how: Option<u16>, times: usize) -> (Reply, Vec<String>) {
    let flow = r#"[flow.sign_in]
steps = [
    { get = "/login" },
    { post = "/name", json = { user = "{user}" } },
    { post = "/password", json = { password = "{password}" } },
    { post = "/terms", outcome = [{ status = 200, is = "ok" }] },
]
"#;
    let (_, rest) = TAIL.split_once("[flow.whoami]").unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    let listener = serve(move |asked| {
        let mut heard = hears.lock().unwrap();
        let is_fresh = asked.header("cookie").is_empty() == (asked.line == "GET /login");
        assert!(is_fresh, "what came of the last try is still there: {}", asked.line);
        heard.push(asked.line.clone());
        let so_far = heard.iter().filter(|line| **line == asked.line).count();
        if asked.line.ends_with(path) && so_far <= times {
            let Some(status) = how else { return loopback::Back::Dropped };
            return answer(status, &["retry-after: 0"], "");
        }
        answer(200, &["set-cookie: begun=1; Path=/"], "")
    })
    .await;
    let (driver, mut visitor) =
        visit(&format!("{HEAD}{flow}[flow.whoami]{rest}"), &listener, None).await;
    let answer = driver.perform(&mut visitor, Verb::SignIn, &alice()).await.unwrap();
    let heard = heard.lock().unwrap().clone();
    (answer.reply, heard)
}

/// Neither a portal that was busy for a moment nor a connection that was reset once bars the way; one that
/// falls over always does.
#[tokio::test]
async fn a_sign_in_that_was_cut_short_is_begun_again() {
    for (path, how, times, came_to) in [
        ("/name", Some(503), 1, Reply::Ok),
        ("/name", Some(503), 3, Reply::Ok),
        ("/name", Some(503), 9, Reply::Error),
        ("/name", None, 1, Reply::Ok),
        ("/name", None, 9, Reply::Dropped),
        ("/terms", Some(503), 1, Reply::Ok),
        ("/terms", None, 1, Reply::Ok),
    ] {
        let (reply, heard) = cut_short(path, how, times).await;
        assert_eq!(reply, came_to, "{path} {how:?} {times}: {heard:?}");
        let begun = heard.iter().filter(|line| *line == "GET /login").count();
        let again = match how {
            Some(_) => times.min(3),
            None => 1,
        };
        assert_eq!(begun, 1 + again, "{path} {how:?} {times}: {heard:?}");
    }
}

#[tokio::test]
async fn what_decides_is_repeated_by_itself() {
    for (how, times) in [(Some(503), 1), (None, 1)] {
        let (reply, heard) = cut_short("/password", how, times).await;
        assert_eq!(reply, Reply::Ok);
        assert_eq!(
            heard,
            ["GET /login", "POST /name", "POST /password", "POST /password", "POST /terms"]
        );
    }
}
