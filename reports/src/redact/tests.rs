//! No form of a secret survives, equal values stay equal, and the final scan finds what was missed.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD},
};
use proptest::{collection::vec, prelude::*};
use serde_json::json;

use super::*;
use crate::{
    bounds::{BODY, cut},
    sample,
};

mod written;

use written::{WAYS, base32};

const SECRET: &str = "p@ss/w\"rd &é<+>'x";

fn redactor() -> Redactor {
    Redactor::new([7; 32])
}

fn knowing(class: &str, value: &str) -> Redactor {
    let redactor = redactor();
    redactor.learn(class, value);
    redactor
}

fn label(class: &str, value: &str) -> String {
    redactor().scope.label(class, value)
}

#[track_caller]
fn check_form(form: Form, written: &str) {
    let redactor = knowing("password", SECRET);
    let expected = format!("a {} z", label("password", SECRET));
    assert_eq!(redactor.text(&format!("a {written} z")), expected, "{form}");
    let leak = Leak { class: "password".into(), form };
    assert_eq!(redactor.scan(format!("a {written} z").as_bytes()), [leak]);
    assert_eq!(redactor.scan(expected.as_bytes()), []);
    // Every break that is in no escape, one at a time.
    for (at, _) in written.char_indices().skip(1) {
        let (before, after) = written.split_at(at);
        let escape = before.rfind(['%', '\\', '&']).is_some_and(|from| at - from < 10);
        for between in ["\r\n", " ", "\u{200b}", "\u{ad}", "\\r\\n", "\n\t "] {
            let split = format!("a {before}{between}{after} z");
            if !escape {
                assert_eq!(redactor.scan(split.as_bytes()).len(), 1, "{split:?}");
                // The last digit of an encoding says next to nothing by itself.
                let shown = redactor.text(&split);
                assert!(shown.starts_with(&expected[..expected.len() - 2]), "{split:?} {shown}");
                assert!(shown.len() < expected.len() + 8, "{split:?} {shown}");
            }
        }
    }
}

#[test]
fn each_form_is_found() {
    check_form(Form::Plain, SECRET);
    check_form(Form::Escaped, r#"p@ss/w\"rd &é<+>'x"#);
    check_form(Form::Escaped, r#"p@ss\/w\"rd &\u00e9<+>'x"#);
    check_form(Form::Escaped, r#"p@ss/w\"rd \u0026\u00E9\u003C\u002B\u003E\u0027x"#);
    check_form(Form::Escaped, "p@ss/w&quot;rd &amp;é&lt;+&gt;&#39;x");
    check_form(Form::Escaped, "p@ss/w&quot;rd &amp;&eacute;&lt;+&gt;&#x27;x");
    check_form(Form::Escaped, "p%40ss%2Fw%22rd+%26%C3%A9%3C%2B%3E%27x");
    check_form(Form::Escaped, "p%40ss%2fw%22rd+%26%c3%a9%3c%2b%3e%27x");
    check_form(Form::Escaped, "p%40ss%2Fw%22rd%20%26%C3%A9%3C%2B%3E'x");
    check_form(Form::Escaped, "p@ss%2Fw%22rd%20&%C3%A9%3C+%3E'x");
    check_form(Form::Base64, STANDARD.encode(SECRET).trim_end_matches('='));
    check_form(Form::Base32, base32(SECRET).trim_end_matches('='));
    check_form(Form::Hex, "704073732f772272642026c3a93c2b3e2778");
    check_form(Form::Hex, "704073732F772272642026C3A93C2B3E2778");
}

/// The forms that got through once: a portal said `next=%252F…` in a nested redirect, and the like.
#[test]
fn encodings_of_portals_as_they_are() {
    let secret = "SuperSecretGateToken-42-abcdef";
    let redactor = knowing("token", secret);
    let it = label("token", secret);
    let twice = STANDARD.encode(STANDARD.encode(secret));
    let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let colons: Vec<_> = secret.bytes().map(|byte| format!("{byte:02X}")).collect();
    for (said, shown) in [
        (
            "next=%252Fa%253Ft%253DSuperSecretGateToken%252D42%252Dabcdef",
            "next=%252Fa%253Ft%253D{}",
        ),
        (&secret.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>(), "{}"),
        (&secret.bytes().map(|byte| format!("&#{byte};")).collect::<String>(), "{}"),
        (&secret.bytes().map(|byte| format!("&#x{byte:X};")).collect::<String>(), "{}"),
        (&secret.bytes().map(|byte| format!("\\u{byte:04x}")).collect::<String>(), "{}"),
        (&base32(secret), "{}"),
        (&colons.join(":"), "{}"),
        ("SuperSecretGat=65Token=2D42=\r\n=2Dabcdef", "{}"),
        (&twice, "{}"),
        (&STANDARD.encode(wide), "{}"),
        // The rest of a token in a name of a header or a cookie, and in a reason phrase.
        ("x-supersecretgatetoken-42-abcdef: 1", "x-{}: 1"),
        ("X_SuperSecretGateToken42abcdef=1", "X_{}=1"),
        ("No SUPERSECRETGATETOKEN 42 ABCDEF", "No {}"),
    ] {
        assert_eq!(redactor.text(said), shown.replace("{}", &it), "{said}");
        assert_eq!(redactor.scan(said.as_bytes()).len(), 1, "{said}");
        let quoted = json!({ "body": said }).to_string();
        assert_eq!(redactor.scan(quoted.as_bytes()).len(), 1, "{quoted}");
        assert_eq!(redactor.scan(redactor.text(&quoted).as_bytes()), [], "{quoted}");
    }
}

#[test]
fn a_name_of_a_header_is_looked_at_too() {
    let secret = "SuperSecretGateToken-42-abcdef";
    let redactor = knowing("token", secret);
    let name = format!("x-{}", secret.to_ascii_lowercase());
    let exchange = Exchange { response_headers: vec![(name, "1".into())], ..sample::exchange() };
    let headers = redactor.exchange(exchange).response_headers;
    assert_eq!(headers, [(format!("x-{}", label("token", secret)), "1".to_owned())]);
}

/// What a portal can make of a text to keep a search busy comes to an end, and is not shown where it was
/// not searched to the end.
#[test]
fn hostile_texts_are_searched_in_time_or_withheld() {
    let secret = "SuperSecretGateToken-42-abcdef";
    let redactor = knowing("token", secret);
    let mut nested = format!("{secret} and more");
    while nested.len() < 300_000 {
        nested = STANDARD.encode(&nested);
    }
    let many = |text: &str| text.repeat(300_000 / text.len());
    for text in [
        nested,
        many("A"),
        many("a"),
        many("0x"),
        many("%25"),
        many("&#"),
        many("&#000"),
        many("&ampamp"),
        many("\\u005c"),
        many("="),
        many("=3D"),
        many("SuperSecre "),
        many("\u{200b}"),
        many("U3Vw"),
    ] {
        let shown = redactor.text(&text);
        assert_eq!(redactor.scan(shown.as_bytes()), []);
        assert!(!shown.contains(secret));
    }
}

#[test]
fn base64_is_found_padded_and_inside_of_more() {
    let secret = "0123456789abcdef>>??~~";
    let redactor = knowing("token", secret);
    for before in ["", "a", "ab", "abc"] {
        for after in ["", "z", "yz", "xyz"] {
            let whole = format!("{before}{secret}{after}");
            for written in
                [STANDARD.encode(&whole), URL_SAFE.encode(&whole), URL_SAFE_NO_PAD.encode(&whole)]
            {
                let text = redactor.text(&written);
                assert!(text.contains(&label("token", secret)), "{written} → {text}");
                assert!(text.len() < 24, "{written} → {text}");
                assert!(!redactor.scan(written.as_bytes()).is_empty());
            }
        }
    }
}

#[test]
fn short_values_and_codes_are_taken_as_whole_words() {
    let redactor = knowing("code", "123456");
    redactor.learn("password", "p@ss");
    let (code, password) = (label("code", "123456"), label("password", "p@ss"));
    assert_eq!(
        redactor.text("123456, 1123456, 123456a, code=123456&x"),
        format!("{code}, 1123456, 123456a, code={code}&x")
    );
    assert_eq!(redactor.text("\\n123456 %3D123456"), format!("\\n{code} %3D{code}"));
    assert_eq!(
        redactor.text("p@ss p@ssx xp@ss p%40ss"),
        format!("{password} p@ssx xp@ss {password}")
    );
    // Too short to be looked for where it may stand by chance.
    assert_eq!(redactor.scan(b"123456 p@ss"), []);
}

#[test]
fn words_of_the_report_are_no_secrets() {
    let redactor = knowing("password", "password");
    redactor.learn("token", "");
    assert_eq!(redactor.text("the password"), "the password");
    assert_eq!(redactor.scan(b"the password"), []);
}

#[test]
fn overlapping_secrets_leave_nothing_behind() {
    let redactor = knowing("a", "abcdefgh");
    redactor.learn("b", "fghijklmno");
    redactor.learn("c", "abcdef");
    assert_eq!(redactor.text("-abcdefghijklmno-"), format!("-{}-", label("b", "fghijklmno")));
    assert_eq!(redactor.text("-abcdefgh-"), format!("-{}-", label("a", "abcdefgh")));
    assert_eq!(redactor.text("abcdefabcdef"), label("c", "abcdef").repeat(2));
}

#[test]
fn equality_stays_visible_and_keys_differ() {
    let redactor = knowing("cookie", "session-one");
    redactor.learn("cookie", "session-two");
    let text = redactor.text("session-one session-two session-one");
    let words: Vec<_> = text.split(' ').collect();
    assert_eq!(words[0], words[2]);
    assert_ne!(words[0], words[1]);
    assert_eq!(words[0].len(), "<cookie:0000>".len());
    let other = Redactor::new([8; 32]);
    other.learn("cookie", "session-one");
    assert_ne!(other.text("session-one"), words[0]);
}

#[test]
fn a_scope_sees_its_parent_and_keeps_its_own() {
    let root = redactor();
    let (alice, bob) = (root.scoped(), root.scoped());
    alice.learn("token", "alices-token");
    root.learn("key", "administrators-key");
    let both = "alices-token administrators-key";
    let key = label("key", "administrators-key");
    assert_eq!(alice.text(both), format!("{} {key}", label("token", "alices-token")));
    assert_eq!(bob.text(both), format!("alices-token {key}"));
    assert_eq!(root.text(both), format!("alices-token {key}"));
    for redactor in [&root, &alice, &bob] {
        assert_eq!(redactor.scan(both.as_bytes()).len(), 2);
    }
}

#[test]
fn nothing_of_a_secret_is_in_debug() {
    assert_eq!(format!("{:?}", knowing("canary", "canary-1234")), "<redactor>");
}

#[test]
fn canaries_are_found_in_every_form() {
    let canary = "canary/7f3a+91c2=touch stone";
    let redactor = redactor();
    redactor.scoped().learn("canary", canary);
    for (name, write) in WAYS {
        let written = write(canary);
        let leaks = redactor.scan(format!("<p>{written}</p>").as_bytes());
        assert_eq!(leaks.len(), 1, "{name} {written}");
    }
    let split = r#"{"body":"canary/7f3a+\r\n91c2=touch stone"}"#;
    assert_eq!(
        redactor.scan(split.as_bytes()),
        [Leak { class: "canary".into(), form: Form::Escaped }]
    );
}

/// Each way of writing put on each.
#[test]
fn no_way_of_writing_a_way_of_writing_hides_a_secret() {
    let mut missed = Vec::new();
    for secret in ["Tr0ub4dor&3/+é~x", "zQ3_x-9Kfh2LwPq8", "'\"0<_0AA'0'<A'!a<"] {
        let redactor = redactor();
        redactor.scoped().learn("password", secret);
        redactor.learn("password", secret);
        for (inner, write) in WAYS {
            for (outer, write_again) in WAYS {
                let text = format!("<p>said: aa {}, and so on</p>", write_again(&write(secret)));
                let shown = redactor.text(&text);
                let found = redactor.scan(text.as_bytes()).len() == 1;
                if !found
                    || !shown.contains(&label("password", secret))
                    || !redactor.scan(shown.as_bytes()).is_empty()
                {
                    missed.push(format!("{outer} of {inner}: {found} {text} → {shown}"));
                }
            }
        }
    }
    assert!(missed.is_empty(), "{}: {}", missed.len(), missed.join("\n"));
}

#[test]
fn headers_that_carry_secrets_are_redacted_unknown_ones_too() {
    let header = |name: &str, value: &str| {
        let exchange =
            Exchange { request_headers: vec![(name.into(), value.into())], ..sample::exchange() };
        redactor().exchange(exchange).request_headers[0].1.clone()
    };
    let one = label("cookie", "s3ss10n");
    assert_eq!(
        header("Cookie", "sid=s3ss10n; theme=dark"),
        format!("sid={one}; theme={}", label("cookie", "dark"))
    );
    assert_eq!(
        header("set-cookie", "sid=s3ss10n; HttpOnly; Path=/"),
        format!("sid={one}; HttpOnly; Path=/")
    );
    assert_eq!(header("Set-Cookie", "sid=; Max-Age=0"), "sid=; Max-Age=0");
    assert_eq!(
        header("Authorization", "Bearer s3cr3t"),
        format!("Bearer {}", label("token", "s3cr3t"))
    );
    assert_eq!(header("X-CSRF-Token", "abc"), label("X-CSRF-Token", "abc"));
    assert_eq!(
        header("Location", "/reset?token=abc#top"),
        format!("/reset?token={}#top", label("token", "abc"))
    );
    assert_eq!(header("Content-Type", "application/json"), "application/json");
}

#[track_caller]
fn check_body(body: &str, expected: &str) {
    let exchange = Exchange {
        request_body: Some(body.into()),
        response_body: Some(body.into()),
        ..sample::exchange()
    };
    let exchange = redactor().exchange(exchange);
    assert_eq!(exchange.request_body.as_deref(), Some(expected));
    assert_eq!(exchange.response_body.as_deref(), Some(expected));
}

#[test]
fn what_a_command_prints_is_looked_at_line_by_line() {
    let printed =
        "made alice\nPASSWORD=hush hush\r\nid: 5\nnew token: abc\n{\"otp\":\"1234\"}\nCODE=";
    let shown = |method: &str| {
        let exchange = Exchange {
            method: method.into(),
            response_body: Some(printed.into()),
            ..sample::exchange()
        };
        redactor().exchange(exchange).response_body.unwrap_or_default()
    };
    let (password, token) = (label("PASSWORD", "hush hush"), label("token", "abc"));
    let otp = label("otp", "1234");
    assert_eq!(
        shown("COMMAND"),
        format!(
            "made alice\nPASSWORD={password}\r\nid: 5\nnew token: {token}\n{{\"otp\":\"{otp}\"}}\nCODE="
        )
    );
    assert!(shown("GET").contains("hush hush"), "a page is no list of variables");
}

#[test]
fn secrets_in_the_middle_of_a_printed_line_are_hidden_and_everyday_words_are_not() {
    let x = |name: &str| label(name, "hunter2");
    for (printed, shown) in [
        ("user=alice password=hunter2 id=5", format!("user=alice password={} id=5", x("password"))),
        ("INFO: password=hunter2", format!("INFO: password={}", x("password"))),
        ("10:00:00 Password: hunter2", format!("10:00:00 Password: {}", x("Password"))),
        ("{'password': 'hunter2'}", format!("{{'password': '{}'}}", x("password"))),
        (
            "link: http://p/r?token=hunter2&x=1",
            format!("link: http://p/r?token={}&x=1", x("token")),
        ),
        ("export CODE=123456", format!("export CODE={}", label("CODE", "123456"))),
        ("code: 123456", format!("code: {}", label("code", "123456"))),
        ("code: 0", "code: 0".into()),
        ("current: main", "current: main".into()),
        ("New: alice", "New: alice".into()),
        ("password:", "password:".into()),
    ] {
        let exchange = Exchange {
            method: "COMMAND".into(),
            response_body: Some(printed.into()),
            ..sample::exchange()
        };
        assert_eq!(redactor().exchange(exchange).response_body, Some(shown), "{printed}");
    }
}

#[test]
fn members_that_carry_secrets_are_redacted_and_the_rest_stays_byte_for_byte() {
    let (password, code) = (label("password", "a\"b"), label("code", "123456"));
    check_body(
        r#"{ "user":"alice", "password" : "a\"b", "code":123456, "code":"123456" }"#,
        &format!(
            r#"{{ "user":"alice", "password" : "{password}", "code":"{code}", "code":"{code}" }}"#
        ),
    );
    let (one, two) = (label("token", "one"), label("token", "two"));
    check_body(
        r#"[{"token":["one",{"x":"two"}],"y":"three"},{"code":400,"otp":null}]"#,
        &format!(
            r#"[{{"token":["{one}",{{"x":"{two}"}}],"y":"three"}},{{"code":400,"otp":null}}]"#
        ),
    );
    // Cut off in the middle, and JSON inside of a page.
    check_body(r#"{"csrfToken":"abc"#, &format!(r#"{{"csrfToken":"{}"#, label("csrfToken", "abc")));
    check_body(
        "<a href=\"/reset?token=abc\">\n<script>x={\"_csrf\":\"abc\"}</script>",
        &format!(
            "<a href=\"/reset?token={}\">\n<script>x={{\"_csrf\":\"{}\"}}</script>",
            label("token", "abc"),
            label("_csrf", "abc"),
        ),
    );
    let uri = "otpauth://totp/a?secret=JBSW&issuer=x";
    check_body(
        &format!(r#"{{"uri":"{uri}"}}"#),
        &format!(r#"{{"uri":"otpauth://totp/a?secret={}&issuer=x"}}"#, label("secret", "JBSW")),
    );
}

#[test]
fn form_fields_that_carry_secrets_are_redacted() {
    let password = label("new_password", "p@ss word");
    check_body(
        "user=alice&new_password=p%40ss+word&x=1",
        &format!("user=alice&new_password={password}&x=1"),
    );
}

#[test]
fn ceremonies_stay_readable() {
    let body = r#"{"publicKey":{"challenge":"AAEC","rp":{"id":"x"},"user":{"id":"AQ"}},"id":"AAEC","rawId":"AAEC","response":{"clientDataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0","signature":"MEUC","authenticatorData":"AAEC","userHandle":"AQ","attestationObject":"o2Nm"},"type":"public-key"}"#;
    check_body(body, body);
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(redactor().value(&body), body);
}

#[test]
fn values_are_redacted_by_member_and_by_what_is_known() {
    let redactor = knowing("cookie", "s3ss10n-1");
    let given = json!({ "password": "s3ss10n-1", "a": ["x s3ss10n-1", 7], "old": "hunter2", "code": 123456, "n": 123456, "s3ss10n-1": 1 });
    let cookie = label("cookie", "s3ss10n-1");
    let mut expected = json!({
        "password": cookie, "a": [format!("x {cookie}"), 7], "old": label("old", "hunter2"),
        "code": label("code", "123456"), "n": 123456,
    });
    expected[&cookie] = 1.into();
    assert_eq!(redactor.value(&given), expected);
    assert_eq!(redactor.value(&expected), expected);
}

#[test]
fn a_known_secret_keeps_one_pseudonym_wherever_it_stands() {
    let redactor = knowing("password", "hunter2!");
    let exchange = Exchange {
        url: "http://x/hunter2%21?password=hunter2%21".into(),
        request_headers: vec![("X-Trace".into(), "hunter2!".into())],
        request_body: Some(r#"{"old":"hunter2!","hash":"aHVudGVyMiE="}"#.into()),
        error: Some("cannot send hunter2!".into()),
        ..sample::exchange()
    };
    let it = label("password", "hunter2!");
    let redacted = redactor.exchange(exchange);
    assert_eq!(redacted.url, format!("http://x/{it}?password={it}"));
    assert_eq!(redacted.request_headers[0].1, it);
    assert_eq!(redacted.request_body, Some(format!(r#"{{"old":"{it}","hash":"{it}"}}"#)));
    assert_eq!(redacted.error, Some(format!("cannot send {it}")));
}

#[test]
fn queries_that_carry_secrets_are_redacted() {
    let exchange =
        Exchange { url: "http://x/reset?user=a&token=abc#code=def".into(), ..sample::exchange() };
    let (token, code) = (label("token", "abc"), label("code", "def"));
    assert_eq!(
        redactor().exchange(exchange).url,
        format!("http://x/reset?user=a&token={token}#code={code}")
    );
}

#[test]
fn a_body_that_is_cut_after_redaction_holds_no_half_of_a_secret() {
    let redactor = knowing("token", "the-secret-token");
    let body = |before: usize| {
        let exchange = Exchange {
            request_body: Some("é".repeat(before) + "xthe-secret-tokené" + &"é".repeat(BODY.most)),
            ..sample::exchange()
        };
        cut(redactor.exchange(exchange).request_body.unwrap(), BODY.most)
    };
    for before in BODY.most / 2 - 80..=BODY.most / 2 {
        let body = body(before);
        assert!(body.len() <= BODY.most && body.len() > BODY.most - 2);
        assert!(!body.contains("the-s"));
    }
}

/// Ten megabytes, three thousand secrets: the final scan of a run must not be what it waits for.
#[test]
fn a_large_file_is_scanned_for_many_secrets() {
    let root = redactor();
    for index in 0..3000 {
        root.scoped().learn("token", &format!("{index:04}-{}", evidence_like(index)));
    }
    let page =
        "<td>signed_in</td><td>\"nobody\" → \"alice\" 7f3a91c2</td>\n".repeat(10_000_000 / 56);
    let leaky = format!("{page}2999-{}{page}", evidence_like(2999));
    assert_eq!(root.scan(page.as_bytes()), []);
    assert_eq!(root.scan(leaky.as_bytes()).len(), 1);
}

fn evidence_like(index: u32) -> String {
    crate::evidence::sha256(&index.to_be_bytes())[7..39].to_owned()
}

proptest! {
    #[test]
    fn no_form_of_a_secret_survives(
        secret in "[a-zA-Z0-9_.~@!$*()<>\"'/?#é-]{8,40}", ways in vec(0..WAYS.len(), 2),
        before in "[a-z ,.:;<>\"{}()\n]{0,40}", after in "[a-z ,.:;<>\"{}()\n]{0,40}",
    ) {
        // Eight digits are a code: they count only as a word of their own.
        prop_assume!(secret.len() > 8 || !secret.bytes().all(|byte| byte.is_ascii_digit()));
        let redactor = redactor();
        redactor.scoped().learn("password", &secret);
        redactor.learn("password", &secret);
        let names: Vec<_> = ways.iter().map(|way| WAYS[*way].0).collect();
        // What breaks a line of quoted-printable cannot be told from it where more stands within.
        let spread = ["line breaks", "blanks", "zero-width blanks", "byte order marks", "UTF-16"];
        prop_assume!(names[0] != "quoted-printable" || !spread.contains(&names[1]));
        let written = ways.iter().fold(secret.clone(), |text, way| WAYS[*way].1(&text));
        let text = format!("{before} {written} {after}");
        prop_assert!(!redactor.scan(text.as_bytes()).is_empty(), "{names:?} {text:?}");
        let shown = redactor.text(&text);
        prop_assert_eq!(redactor.scan(shown.as_bytes()), [], "{:?} {:?} {:?}", names, text, shown);
        prop_assert!(shown.contains(&label("password", &secret)), "{names:?} {text:?} {shown:?}");
        prop_assert_eq!(redactor.text(&shown), shown);
    }

    #[test]
    fn what_is_no_secret_stays_as_it_is(
        secrets in vec("[a-zA-Z0-9_-]{16,40}", 1..20),
        text in "([a-z0-9/.-]{1,12}[ \n\"<>:,=&%\\\\]{1,3}|\\PC{0,8}|&[a-z]{2,6};|%[0-9a-f]{2}|=[0-9A-F]{2}){0,60}",
        bytes in vec(any::<u8>(), 0..300),
    ) {
        let redactor = redactor();
        for secret in &secrets {
            redactor.learn("token", secret);
        }
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let text = format!("{text} {} {hex}", URL_SAFE_NO_PAD.encode(&bytes));
        prop_assert_eq!(&redactor.text(&text), &text);
        prop_assert_eq!(redactor.scan(text.as_bytes()), []);
    }

    #[test]
    fn any_body_can_be_redacted(body in "[\"{}\\[\\]:,\\\\\na-z0-9é?=&#<-]{0,200}", header in "[ -~]{0,40}") {
        let exchange = Exchange {
            request_body: Some(body.clone()),
            request_headers: vec![("Cookie".into(), header.clone()), ("Set-Cookie".into(), header)],
            ..sample::exchange()
        };
        let once = redactor().exchange(exchange);
        prop_assert!(once.request_body.is_some());
        let _ = redactor().value(&Value::from(body));
    }

    #[test]
    fn a_secret_under_a_secret_name_never_survives(value in "[a-z]{3}[ -~]{3,20}", around in "[a-z ]{0,10}") {
        prop_assume!(!structure::is_vocabulary(&value));
        let body = json!({ "x": around, "list": [{ "newPassword": value }] }).to_string();
        let exchange = Exchange { request_body: Some(body.clone()), ..sample::exchange() };
        let redacted = redactor().exchange(exchange).request_body.unwrap();
        let expected = json!({ "x": around, "list": [{ "newPassword": label("newPassword", &value) }] });
        prop_assert_eq!(serde_json::from_str::<Value>(&redacted).unwrap(), expected);
    }
}

#[test]
fn every_text_and_number_of_a_value_is_learnt_and_small_numbers_are_left() {
    let redactor = Redactor::new([7; 32]);
    let said = serde_json::json!({ "n": [470815, 7], "t": { "u": "apple-tree" }, "v": true });
    redactor.learn_all("token", &said);
    let shown = redactor.value(&said).to_string();
    for secret in ["470815", "apple-tree"] {
        assert!(!shown.contains(secret) && !redactor.text(&said.to_string()).contains(secret));
    }
    assert!(shown.contains(",7]") && shown.contains("\"v\":true"), "{shown}");
}

#[test]
fn more_secrets_than_can_be_looked_for_hide_whatever_could_be_one() {
    let redactor = redactor().scoped();
    let cookie = |n: usize| format!("{n:08x}").repeat(512);
    for n in 0..SECRETS.most / 4096 {
        redactor.learn("cookie", &cookie(n));
        assert!(!redactor.is_full());
    }
    let text = "alice signs in with a-very-long-token: s3cret-token 200 <b>";
    assert_eq!(redactor.text(text), text);
    redactor.learn("cookie", "one-more");
    assert!(redactor.is_full() && !redactor.scoped().text(&cookie(0)).contains("0000"));
    let shown = "alice signs in with <hidden>: <hidden> 200 <b>";
    assert_eq!(redactor.text(text), shown);
    // Only this scenario is full: another one has room of its own.
    assert!(!self::redactor().is_full());
    assert!(redactor.scan(cookie(7).as_bytes()).iter().any(|leak| leak.class == "cookie"));
}

#[test]
fn the_secrets_of_a_run_are_bounded_together() {
    let run = redactor();
    for n in 0..SECRETS_OF_RUN.most.div_ceil(200 + BESIDE) {
        run.scoped().learn("cookie", &format!("cookie-{n:0193}"));
    }
    let scenario = run.scoped();
    scenario.learn("cookie", &format!("cookie-{:0193}", 5));
    assert!(!scenario.is_full(), "it is looked for already");
    scenario.learn("cookie", "one-too-many");
    assert!(scenario.is_full());
}

#[test]
fn of_a_long_secret_its_end_is_looked_for_in_every_form() {
    let long = format!("{}/{}", "head".repeat(300), "é+tail".repeat(20));
    let redactor = knowing("token", &long);
    for written in [long.clone(), STANDARD.encode(&long), URL_SAFE.encode(&long)] {
        assert!(!redactor.scan(format!("<{written}>").as_bytes()).is_empty(), "{written}");
    }
    assert_eq!(redactor.scan("head".repeat(300).as_bytes()), []);
    assert_eq!(redactor.text(&format!("a {long} b")), format!("a {} b", label("token", &long)));
}

/// A cookie of words shares its letters with texts that hold none of it; a token does not.
#[test]
fn letters_alone_are_enough_for_tokens_only() {
    let words = "%7B%22name%22%3A%22application-portal%22%7D";
    let text = b"{\"name\":\"x\"},{\"is\":\"name: application (portal)\"}";
    assert_eq!(knowing("cookie", words).scan(text), []);
    assert_eq!(knowing("cookie", words).scan(words.as_bytes()).len(), 1);
    let token = knowing("token", "Gate_Token-42.abcdef");
    assert_eq!(token.scan(b"x-gatetoken42abcdef: 1").len(), 1);
}
