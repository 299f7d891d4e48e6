//! Looks again at what was written down: whether a secret stands where only its pseudonym may. Needs to
//! know none; where it stands gives it away.

use leaks::WITHHELD;

use super::Redactor;
use crate::{bounds::uncut, record::Exchange};

/// What stands between the members and fields of a text.
const BETWEEN: [char; 8] = ['{', '[', ',', '&', ';', '?', '#', '\n'];

/// The member of a recorded exchange in which a secret stands as it was sent: a header, member or field
/// that is named like one. Nothing where [`Redactor::exchange`] would leave the exchange as it is.
#[must_use]
pub fn in_clear(exchange: &Exchange) -> Option<&'static str> {
    let kept = kept(exchange);
    // It knows no secret, and what it makes of one is thrown away.
    let shown = Redactor::new([0; 32]).exchange(kept.clone());
    let members = [
        ("url", kept.url != shown.url),
        ("request_headers", kept.request_headers != shown.request_headers),
        ("request_body", kept.request_body != shown.request_body),
        ("response_headers", kept.response_headers != shown.response_headers),
        ("response_body", kept.response_body != shown.response_body),
    ];
    members.into_iter().find_map(|(name, differs)| differs.then_some(name))
}

/// The exchange without what was said about the rest of a text that was cut.
fn kept(exchange: &Exchange) -> Exchange {
    let headers = |headers: &[(String, String)]| {
        headers.iter().map(|(name, value)| (name.clone(), beginning(value).to_owned())).collect()
    };
    Exchange {
        url: beginning(&exchange.url).to_owned(),
        request_headers: headers(&exchange.request_headers),
        request_body: exchange.request_body.as_deref().map(body),
        response_headers: headers(&exchange.response_headers),
        response_body: exchange.response_body.as_deref().map(body),
        ..exchange.clone()
    }
}

/// What is kept of a text, without the member that the cut went through: nobody knows any more whether a
/// word there was a name or a value.
fn beginning(text: &str) -> &str {
    let kept = uncut(text);
    if text == WITHHELD {
        ""
    } else if kept.len() == text.len() {
        text
    } else {
        &kept[..kept.rfind(BETWEEN).map_or(0, |at| at + 1)]
    }
}

/// The beginning of a body. One that was cut may have looked like a form only up to there.
fn body(text: &str) -> String {
    let kept = beginning(text);
    if kept.len() == text.len() { kept.to_owned() } else { format!("{kept}\n") }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};
    use serde_json::Value;

    use super::*;
    use crate::{bounds::cut, record::COMMAND, sample};

    fn redactor() -> Redactor {
        Redactor::new([7; 32])
    }

    /// An exchange is in clear there, and not once it was redacted.
    #[track_caller]
    fn check(member: &str, exchange: &Exchange) {
        assert_eq!(in_clear(exchange), Some(member), "{exchange:?}");
        let redacted = redactor().exchange(exchange.clone());
        assert_eq!(in_clear(&redacted), None, "{redacted:?}");
    }

    #[test]
    fn a_secret_in_clear_is_found_wherever_its_place_gives_it_away() {
        assert_eq!(in_clear(&sample::exchange()), None);
        let url = |url: &str| Exchange { url: url.into(), ..sample::exchange() };
        check("url", &url("https://portal.example/reset?user=alice&token=Kx7f"));
        for (name, value) in [
            ("Cookie", "theme=dark; sid=Kx7f"),
            ("Authorization", "Bearer Kx7f"),
            ("X-CSRF-Token", "Kx7f"),
            ("Referer", "/reset?code=470815"),
        ] {
            let request_headers = vec![(name.to_owned(), value.to_owned())];
            check("request_headers", &Exchange { request_headers, ..sample::exchange() });
        }
        let response_headers = vec![("Set-Cookie".to_owned(), "sid=Kx7f; Path=/".to_owned())];
        check("response_headers", &Exchange { response_headers, ..sample::exchange() });
        for body in [
            r#"{"user":"alice","password":"correct horse"}"#,
            r#"{"tokens":[],"new_password":["correct horse"]}"#,
            "user=alice&password=correct+horse",
            r#"{"code":470815}"#,
        ] {
            let body = Some(body.to_owned());
            check("request_body", &Exchange { request_body: body.clone(), ..sample::exchange() });
            check("response_body", &Exchange { response_body: body, ..sample::exchange() });
        }
        let response_body = Some("signed in\npassword=correct".to_owned());
        let method = COMMAND.to_owned();
        check("response_body", &Exchange { method, response_body, ..sample::exchange() });
    }

    #[test]
    fn a_text_that_was_cut_shows_no_secret_before_the_cut() {
        let body = |value: &str| {
            let text = format!("{{\"password\":\"{value}\",\"x\":\"{}\"}}", "x".repeat(200));
            (0..=text.len() - 100).map(move |at| {
                format!("{}… (cut: 300 bytes, sha256:{})", &text[..at], "0".repeat(64))
            })
        };
        let found = |request_body: String| {
            in_clear(&Exchange { request_body: Some(request_body), ..sample::exchange() })
        };
        assert!(body("<password:ab12>").all(|body| found(body).is_none()));
        assert_eq!(body("correct horse").filter(|body| found(body.clone()).is_none()).count(), 28);
        // Who imitates the mark hides nothing behind it.
        let imitated = "… (cut: 5 bytes, sha256:\"token\":\"Kx7f\")";
        assert_eq!(found(imitated.to_owned()), Some("request_body"));
    }

    #[test]
    fn what_more_secrets_than_can_be_looked_for_left_is_not_in_clear() {
        for value in ["<<hidden>:ab12>", "<code:<token:ab12>>", "<hidden><cookie:ab12>", WITHHELD] {
            let request_headers = vec![("Cookie".to_owned(), value.to_owned())];
            let exchange = Exchange { request_headers, ..sample::exchange() };
            assert_eq!(in_clear(&exchange), None, "{value}");
        }
    }

    /// What texts of portals and programs are made of.
    const PARTS: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "=",
        "&",
        "?",
        "#",
        ";",
        " ",
        "\n",
        "'",
        "\"",
        "\\",
        "<",
        ">",
        "/",
        "password",
        "token",
        "code",
        "current",
        "name",
        "é",
        "4",
        "470815",
        "; Kx7f-secret;",
        "'correct horse'",
        "\"password\":",
        "password=",
        "token: ",
        "\"Kx7f-secret\"",
        "<code:ab12>",
    ];

    fn text() -> impl Strategy<Value = String> {
        vec(select(PARTS), 0..60).prop_map(|parts| parts.concat())
    }

    const KINDS: &[&str] =
        &["application/json", "application/x-www-form-urlencoded", "text/html", "text/plain"];

    /// What portals say in JSON.
    fn json() -> impl Strategy<Value = Value> {
        let word = select(&["alice", "a, b", "/reset?code=470815&x=1", "Kx7f-secret", ""][..]);
        let leaf = prop_oneof![word.prop_map(Value::from), any::<u32>().prop_map(Value::from)];
        let name = select(&["password", "current", "name", "api_token", "keys", "csrf"][..]);
        leaf.prop_recursive(4, 40, 6, move |inner| {
            prop_oneof![
                vec(inner.clone(), 0..6).prop_map(Value::from),
                vec((name.clone(), inner), 0..6).prop_map(|members| {
                    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
                }),
            ]
        })
    }

    fn knowing(known: &[&str]) -> Redactor {
        let redactor = redactor();
        known.iter().for_each(|secret| redactor.learn("token", secret));
        redactor
    }

    fn known() -> impl Strategy<Value = Vec<&'static str>> {
        vec(select(&["Kx7f-secret", "correct horse", "470815"][..]), 0..3)
    }

    proptest! {
        #[test]
        fn nothing_is_in_clear_once_it_was_redacted(
            body in text(), value in text(), kind in select(KINDS),
            method in select(&["GET", COMMAND][..]), known in known(),
        ) {
            let mut headers = vec![("Content-Type".to_owned(), kind.to_owned())];
            let names = ["Cookie", "Set-Cookie", "Authorization", "Location", "X-Token"];
            headers.extend(names.map(|name| (name.to_owned(), value.clone())));
            let redacted = knowing(&known).exchange(Exchange {
                method: method.into(),
                url: format!("/{value}"),
                request_headers: headers.clone(),
                request_body: Some(body.clone()),
                response_headers: headers,
                response_body: Some(body),
                ..sample::exchange()
            });
            prop_assert_eq!(in_clear(&redacted), None, "{:?}", redacted);
        }

        #[test]
        fn nothing_is_in_clear_where_it_was_cut(
            json in json(), form in "([a-z]{1,4}|password|code)=[a-z0-9%+]{0,9}(&([a-z]{1,4}|token)=[a-z0-9]{0,8}){9,20}",
            known in known(), most in 120..400_usize,
        ) {
            let redacted = knowing(&known).exchange(Exchange {
                url: format!("/reset?{form}"),
                request_body: Some(json.to_string()),
                response_body: Some(form),
                response_headers: Vec::new(),
                ..sample::exchange()
            });
            let cut = Exchange {
                url: cut(redacted.url, most),
                request_body: redacted.request_body.map(|text| cut(text, most)),
                response_body: redacted.response_body.map(|text| cut(text, most)),
                ..redacted
            };
            prop_assert_eq!(in_clear(&cut), None, "{:?}", cut);
        }
    }
}
