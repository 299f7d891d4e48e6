//! Answers that come in any order, late, twice, or not at all.

use std::sync::Arc;

use reports::redact::Redactor;

use super::*;

fn pending() -> Pending {
    let log = Log { redactor: Redactor::new([7; 32]), over: Arc::default() };
    Pending::new("adapter".to_owned(), log)
}

fn reply(heard: Heard) -> String {
    heard.unwrap().1.answered.unwrap().reply.to_string()
}

#[tokio::test]
async fn answers_find_who_waits_for_them_in_any_order() {
    let pending = pending();
    let (one, two) = (pending.expects(1).unwrap(), pending.expects(2).unwrap());
    pending.hears(br#"{"id": 2, "reply": "refused"}"#).unwrap();
    pending.hears(br#"{"id": 1, "reply": "ok"}"#).unwrap();
    assert_eq!((reply(one.await), reply(two.await)), ("ok".into(), "refused".into()));
}

#[tokio::test]
async fn an_answer_that_nobody_waits_for_any_more_is_let_pass_once() {
    let pending = pending();
    drop(pending.expects(1).unwrap());
    pending.hears(br#"{"id": 1, "reply": "ok"}"#).unwrap();
    for id in [1, 7] {
        let line = format!("{{\"id\": {id}, \"reply\": \"ok\"}}");
        let why = pending.hears(line.as_bytes()).unwrap_err();
        assert_eq!(why, format!("answered request {id}, which is not open"));
    }
}

#[tokio::test]
async fn once_it_has_ended_everybody_is_told_with_its_last_words_but_for_secrets() {
    let pending = pending();
    pending.log.redactor.learn("password", "correct horse");
    let waits = pending.expects(1).unwrap();
    pending.keeps(&b"x".repeat(3 * KEPT));
    pending.keeps(b"\nTraceback\n  no page for \x1bcorrect horse\n");
    pending.closes("ended with exit status: 1");
    let told = waits.await.unwrap_err();
    assert!(matches!(told, Error::Adapter(_)));
    let told = told.to_string();
    assert!(told.starts_with("adapter: `adapter` ended with exit status: 1; the end of"), "{told}");
    assert!(told.contains("| Traceback |   no page for <password:"), "{told}");
    assert!(told.len() < SHOWN + 200, "{}", told.len());
    let later = pending.expects(2).map(|_| ()).unwrap_err().to_string();
    assert_eq!(later, told);
    assert!(pending.locked().errors.len() <= KEPT);
}
