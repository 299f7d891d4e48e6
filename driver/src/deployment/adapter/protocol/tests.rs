//! Lines as an adapter might write them.

use proptest::prelude::*;

use super::{
    super::manual::{EXAMPLES, GREETINGS},
    *,
};

/// What a line comes to, in words.
fn read(line: &str) -> String {
    match answer(line.as_bytes()) {
        Ok(Said { id, answered: Ok(answered), .. }) => format!("{id} {}", answered.reply),
        Ok(Said { id, answered: Err(error), .. }) => format!("{id} {error}"),
        Err(why) => why,
    }
}

#[test]
fn answers_are_read_and_nothing_else_is() {
    for (line, part) in [
        (r#"{"id": 1, "reply": "ok"}"#, "1 ok"),
        (r#" {"reply": "factor_needed", "id": 18446744073709551615} "#, "18446744073709551615 f"),
        (r#"{"id": 1, "failed": "no such page"}"#, "1 adapter: it failed: no such page"),
        (r#"{"id": 1}"#, "with both or neither of"),
        (r#"{"id": 1, "failed": "x", "captured": {"a": "b"}}"#, "1 adapter: it failed: x"),
        (r#"{"id": 1, "failed": "x", "secret": ["a"]}"#, "1 adapter: it failed: x"),
        (r#"{"id": 1, "reply": "ok", "captured": {"a": ["b"]}, "secret": ["a"]}"#, "1 ok"),
        (r#"{"id": 1, "reply": "ok", "captured": {"a": "b"}, "secret": ["a"]}"#, "1 ok"),
        (r#"{"id": 1, "reply": "ok", "failed": "x"}"#, "with both or neither of"),
        (r#"{"id": 1, "reply": "okay"}"#, "unknown variant `okay`, expected one of `ok`"),
        (r#"{"id": 1, "reply": "ok", "capture": {}}"#, "unknown field `capture`"),
        (r#"{"id": 1, "reply": "ok", "status": 99}"#, "with a status that is none of HTTP"),
        (r#"{"id": 1, "reply": "ok", "status": 70000}"#, "no message of the protocol"),
        (r#"{"id": 1, "reply": "ok", "options": []}"#, "with options that are no object"),
        (r#"{"id": -1, "reply": "ok"}"#, "no message of the protocol"),
        (r#"{"reply": "ok"}"#, "missing field `id`"),
        (r#"{"id": 1, "id": 1, "reply": "ok"}"#, "duplicate field"),
        ("", "no message of the protocol"),
        ("signing in…", "no message of the protocol"),
        ("[]", "no message of the protocol"),
        ("null", "no message of the protocol"),
        (&"[".repeat(100_000), "no message of the protocol"),
    ] {
        let said = read(line);
        assert!(said.contains(part), "{line:.80}: {said}");
        assert!(said.len() < 600, "{said}");
    }
    assert!(answer(b"{\"id\": 1, \"reply\": \"ok\", \"note\": \"\xff\"}").is_err());
}

#[test]
fn captures_that_open_an_account_are_told_apart_even_where_it_failed() {
    let captures = r#""captured": {"a": ["b", 7], "secret": "x", "uri": {"y": "z"}, "user": "alice"}, "secret": ["a", "gone"]"#;
    for came_to in [r#""reply": "ok""#, r#""failed": "no such page""#] {
        let said = answer(format!("{{\"id\": 1, {came_to}, {captures}}}").as_bytes()).unwrap();
        let names: Vec<_> = said.secrets.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "secret", "uri"], "{came_to}");
    }
}

#[test]
fn options_are_the_members_of_public_key() {
    let challenge = serde_json::json!({ "challenge": "Zm9v" });
    for line in [
        r#"{"id": 1, "reply": "ok", "options": {"challenge": "Zm9v"}}"#,
        r#"{"id": 1, "reply": "ok", "options": {"publicKey": {"challenge": "Zm9v"}}}"#,
    ] {
        let said = answer(line.as_bytes()).unwrap();
        assert_eq!(said.answered.unwrap().options.as_ref(), Some(&challenge));
    }
}

#[test]
fn an_adapter_speaks_our_version() {
    assert_eq!(greeting(GREETINGS.as_bytes()), Ok(Some("acme adapter 0.3".to_owned())));
    assert_eq!(greeting(b"{\"touchstone\": 1}"), Ok(None));
    for (line, part) in [
        ("{\"touchstone\": 2}", "speaks version 2 of the protocol, and"),
        ("{\"id\": 1, \"reply\": \"ok\"}", "greeted with what is no message"),
        ("hello", "greeted with what is no message"),
    ] {
        let why = greeting(line.as_bytes()).unwrap_err();
        assert!(why.contains(part), "{line}: {why}");
    }
}

#[test]
fn the_manuals_answers_are_answers() {
    for (number, example) in (1..).zip(EXAMPLES) {
        let said = answer(example.as_bytes()).unwrap_or_else(|why| panic!("{example}: {why}"));
        assert_eq!(said.id, number);
    }
}

proptest! {
    #[test]
    fn no_line_breaks_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = answer(&bytes);
        let _ = greeting(&bytes);
    }

    #[test]
    fn no_change_of_an_answer_breaks_the_reader(which in 0..EXAMPLES.len(), at in 0_usize..80, cut in 0_usize..20, new in "[\\[\\]{}\":,0-9a-z]{0,10}") {
        let line = EXAMPLES[which];
        let end = (at + cut).min(line.len());
        if let (Some(before), Some(after)) = (line.get(..at), line.get(end..)) {
            let _ = answer(format!("{before}{new}{after}").as_bytes());
        }
    }
}
