//! Extractors and conditions of the profile language, on one page and one JSON answer.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use loopback::{HEAD, TAIL};
use profile::flow::Halves;
use reports::redact::Redactor;
use serde_json::{Value, json};
use url::Url;

use super::{super::fill::Values, *};
use crate::{
    Recorder,
    deployment::{Access, Input, Scene},
    fixture::profile,
};

const PAGE: &str = r#"<title>Keys</title><p class="note">first <b>note</b></p><p class="note">the second</p>
<script type="application/init">{"lang":"en"}</script>
<script type="application/init">{"request":{"challenge":"AAAA"},"list":[{"type":"totp","n":1},{"type":"webauthn","n":2}]}</script>
<script>handleRegister('{"challenge":"BBBB"}');</script><input id="o" value="{&quot;a&quot;:1}">
<div>7KP5-gorh</div><table><tr><td>desk</td></tr><tr><td>bag</td></tr></table>"#;

/// What a step's capture `x` finds, and whether its condition holds, on a page.
async fn seen(body: &str, step: &str) -> (Option<Value>, bool) {
    let flow = format!(
        "[flow.open_protected]\nget = \"/\"\n{step}\noutcome = [{{ status = 200, is = \"ok\" }}]\n"
    );
    let profile = profile(&format!("{HEAD}{flow}{TAIL}"), "127.0.0.1:9");
    let portal = Access::open(profile, None).await.unwrap();
    let recorder = Recorder::new(Redactor::new([7; 32]));
    let scene = Arc::new(Scene::new("scene".to_owned(), 1, BTreeSet::new(), recorder));
    let visitor = portal.visitor(&scene, "alice");
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let page = Page {
        exit: None,
        url: Some(Url::parse("http://portal.localhost/a/b/?n=1&m=x%20y").unwrap()),
        status: 302,
        headers: [header("location", "../next?ticket=ST-1"), header("x-user", "alice")].into(),
        body: body.into(),
    };
    let inputs = BTreeMap::from([("user", Input::Open(json!("alice")))]);
    let values = Values::new(&portal.profile, &visitor, &inputs, None);
    let Halves::One(steps) = &portal.profile.flows.by_verb[&profile::Verb::OpenProtected].halves
    else {
        panic!()
    };
    let view = PageView { page: &page, jar: &Jar::default() };
    let found = steps[0].capture.first().and_then(|(_, extractor)| view.find(extractor, &values));
    (found, steps[0].when.as_ref().is_some_and(|when| view.meets(when, &values)))
}

#[tokio::test]
async fn extractors_find_values_where_portals_put_them() {
    for (extractor, found) in [
        (r#"{ css = ".note" }"#, json!("first note")),
        (r#"{ css = ".note", contains = "second" }"#, json!("the second")),
        (
            r#"{ css = "input[value]", attr = "value", transforms = "json-parse" }"#,
            json!({ "a": 1 }),
        ),
        (r#"{ css = ".absent" }"#, Value::Null),
        (r#"[{ css = ".absent" }, { css = "title" }]"#, json!("Keys")),
        (
            r#"{ script = "script[type='application/init']", json = "/request" }"#,
            json!({ "challenge": "AAAA" }),
        ),
        (
            r#"{ script = "script[type='application/init']", contains = "challenge", json = "/list/[type=webauthn]/n" }"#,
            json!(2),
        ),
        (
            r#"{ regex = 'handleRegister\(.(\{.*?\}).\)', transforms = ["json-parse"] }"#,
            json!({ "challenge": "BBBB" }),
        ),
        (r#"{ regex = '7KP5-\w+', transforms = ["strip:-", "upper"] }"#, json!("7KP5GORH")),
        (
            r#"{ css = "td", each = { label = { css = "td" } } }"#,
            json!([{ "label": "desk" }, { "label": "bag" }]),
        ),
        (
            r#"{ regex = '<td>\w+', each = { label = { regex = '>(\w+)' } } }"#,
            json!([{ "label": "desk" }, { "label": "bag" }]),
        ),
        (r#"{ header = "X-User" }"#, json!("alice")),
        (r#"{ cookie = "none" }"#, Value::Null),
        (r#"{ location = "query:ticket" }"#, json!("ST-1")),
        (r#"{ location = "path" }"#, json!("/a/next")),
        (r#"{ url = "last" }"#, json!("b")),
        (r#"{ url = "query:m" }"#, json!("x y")),
        (r#"{ status = true }"#, json!(302)),
        (r#"{ value = "{user}@{host}" }"#, json!("alice@portal.localhost")),
    ] {
        let (seen, _) = seen(PAGE, &format!("capture = {{ x = {extractor} }}")).await;
        assert_eq!(seen.unwrap_or_default(), found, "{extractor}");
    }
}

#[tokio::test]
async fn conditions_hold_when_all_their_parts_do() {
    let answer = r#"{"success":false,"n":1,"none":null,"error":"badCode"}"#;
    for (body, condition, holds) in [
        (PAGE, r#"status = 302, url = '/a/b/\?', location = 'ticket=', body = 'trmsg|Keys'"#, true),
        (PAGE, r#"status = "3xx", css = ".note", no_css = ".absent""#, true),
        (PAGE, r#"status = [200, "4xx"]"#, false),
        (PAGE, r#"css = ".note", body = 'nowhere'"#, false),
        (PAGE, r#"cookie = "session""#, false),
        (PAGE, r#"no_cookie = "session""#, true),
        (PAGE, r#"given = "user", not_given = "password""#, true),
        (PAGE, r#"json = "/error", exists = false"#, false),
        (answer, r#"json = "/error""#, true),
        (answer, r#"json = "/none""#, false),
        (answer, r#"json = "/none", exists = false"#, true),
        (answer, r#"json = "/success", equals = false"#, true),
        (answer, r#"json = "/n", equals = 1"#, true),
        (answer, r#"json = "/n", equals = "1""#, false),
        (answer, r#"json = "/error", matches = '^bad'"#, true),
    ] {
        let (_, held) = seen(body, &format!("when = {{ {condition} }}")).await;
        assert_eq!(held, holds, "{condition}");
    }
}

#[tokio::test]
async fn xml_is_read_by_name_and_its_own_entities_are_not() {
    let answer = "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY big \"boom\">]><cas:serviceResponse xmlns:cas='http://x'>\
        <cas:authenticationSuccess><cas:user> a&amp;b<i>no</i><![CDATA[&c]]>&#33; </cas:user><cas:user>second</cas:user><e/>\
        <bad>&big;</bad></cas:authenticationSuccess></cas:serviceResponse>";
    for (name, expected) in [
        ("cas:user", Some(json!("a&b&c!"))),
        ("e", Some(json!(""))),
        ("user", None),
        ("bad", None),
        ("missing", None),
    ] {
        let step = format!("capture = {{ x = {{ xml = \"{name}\" }} }}");
        assert_eq!(seen(answer, &step).await.0, expected, "{name}");
    }
    for broken in ["<a><cas:user>x", "<cas:user>x</other>", "not xml", ""] {
        assert_eq!(
            seen(broken, "capture = { x = { xml = \"cas:user\" } }").await.0,
            None,
            "{broken}"
        );
    }
}
