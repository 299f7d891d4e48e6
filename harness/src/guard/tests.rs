//! Tries, mails and accounts behind the guard: what a small portal hears of them.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use futures::future::join_all;
use ledger::Ledger;
use loopback::{Back, HEAD, TAIL, answer, serve};
use mailbox::Mailbox;
use profile::secret::Secret;

use super::*;
use crate::{
    account::Account,
    fixture::{account, visit},
};

const CODE: &str = "[flow.answer_with_totp]\npost = \"/code\"\njson = { code = \"{code}\" }\noutcome = [{ status = 200, is = \"ok\" }, { status = 403, is = \"refused\" }]\n";

const OPEN: &str = "[flow.open_protected]\nget = \"/\"\noutcome = [{ status = 200, body = '\\bin\\b', is = \"ok\" }]\n";

const PUSH: &str = "[flow.answer_with_push]\npost = \"/push\"\njson = { said = \"{answer?}\" }\noutcome = [{ status = 200, is = \"ok\" }, { status = 202, is = \"factor_needed\" }, { status = 403, is = \"refused\" }]\n";

/// Enters as many codes, or asks for as many prompts, at once on a portal that locks at three, and
/// again; how many it heard each time.
async fn heard(verb: Verb, status: u16) -> [usize; 2] {
    let flow = if verb == Verb::AnswerWithPush { PUSH } else { CODE };
    let count = Arc::new(AtomicUsize::new(0));
    let counts = Arc::clone(&count);
    let listener = serve(move |_| {
        counts.fetch_add(1, Ordering::SeqCst);
        answer(status, &[], "")
    })
    .await;
    let (inner, visitor) = visit(&format!("{HEAD}{flow}{TAIL}"), &listener, None).await;
    let standings = Arc::new(Standings::new(3, Ledger::in_memory()));
    standings.ours(&visitor.scene.label, &account());
    let guarded = Guarded::target(inner, standings).driver;
    let (name, value) =
        if verb == Verb::AnswerWithPush { ("answer", "deny") } else { ("code", "123456") };
    let inputs = Inputs::from([(name, Input::Open(value.into()))]);
    let mut told = [0, 0];
    for before in &mut told {
        let refusals = Mutex::new(Vec::new());
        let shots = (0..5).map(|_| async {
            let mut shot = visitor.clone();
            if let Err(error) = guarded.perform(&mut shot, verb, &inputs).await {
                refusals.lock().unwrap().push(error);
            }
        });
        join_all(shots).await;
        let refusals = refusals.into_inner().unwrap();
        let withheld = refusals.iter().all(|error| matches!(error, Error::NotAllowed(_)));
        assert!(withheld, "{refusals:?}");
        *before = count.swap(0, Ordering::SeqCst);
        assert_eq!(*before + refusals.len(), 5);
    }
    told
}

#[tokio::test]
async fn tries_at_the_same_instant_are_counted_before_they_are_answered() {
    // Two may be wrong; where they were not, two more may.
    assert_eq!(heard(Verb::AnswerWithTotp, 403).await, [2, 0]);
    assert_eq!(heard(Verb::AnswerWithTotp, 200).await, [2, 2]);
}

/// Where the code goes with the password, the right password alone is a wrong try.
#[tokio::test]
async fn the_right_password_alone_may_be_the_last_try_only_where_it_is_whole() {
    for (can, sent) in [("", 3), ("can = [\"totp-with-password\"]\n", 2)] {
        let count = Arc::new(AtomicUsize::new(0));
        let counts = Arc::clone(&count);
        let listener = serve(move |_| {
            counts.fetch_add(1, Ordering::SeqCst);
            answer(403, &[], "")
        })
        .await;
        let tail =
            TAIL.replacen("is = \"ok\" }", "is = \"ok\" }, { status = 403, is = \"refused\" }", 1);
        let text =
            format!("{}{CODE}{tail}", HEAD.replacen("[portal]", &format!("{can}[portal]"), 1));
        let (inner, visitor) = visit(&text, &listener, None).await;
        let standings = Arc::new(Standings::new(3, Ledger::in_memory()));
        standings.ours(&visitor.scene.label, &account());
        let guarded = Guarded::target(inner, standings).driver;
        let password = Input::Secret(account().password);
        let inputs = Inputs::from([("user", Input::Open("ts-1".into())), ("password", password)]);
        for _ in 0..5 {
            let _ = guarded.perform(&mut visitor.clone(), Verb::SignIn, &inputs).await;
        }
        assert_eq!((can, count.load(Ordering::SeqCst)), (can, sent));
    }
}

/// Each time that a reset is asked for may send a mail, also after a pause.
#[tokio::test]
async fn no_more_mails_are_asked_for_again_than_are_allowed() {
    let reset = r#"
[mail]
source = { smtp = "given" }
link = 'http://x/(.*)'
[flow.request_reset]
steps = [
    { get = "/reset" },
    { post = "/reset", json = { mail = "{mail}" }, outcome = [{ status = 429, is = "rate_limited" }] },
    { get = "/sent", outcome = [{ status = 200, is = "ok" }] },
]
"#;
    for (most, sent) in [(1, 1), (2, 2), (100, 4)] {
        let count = Arc::new(AtomicUsize::new(0));
        let counts = Arc::clone(&count);
        let listener = serve(move |asked| match &*asked.line {
            "POST /reset" => {
                counts.fetch_add(1, Ordering::SeqCst);
                answer(429, &["retry-after: 0"], "")
            }
            _ => answer(200, &[], ""),
        })
        .await;
        let limit = format!("[scope]\nlimits = {{ mails_per_hour = {most} }}\n");
        let mailbox = Mailbox::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let text = format!("{HEAD}{limit}{reset}{TAIL}");
        let (inner, mut visitor) = visit(&text, &listener, Some(mailbox)).await;
        let standings = Arc::new(Standings::new(3, Ledger::in_memory()));
        let guarded = Guarded::target(inner, standings).driver;
        let mail = Inputs::from([("mail", Input::Open("ts-1@example.test".into()))]);
        let answer = guarded.perform(&mut visitor, Verb::RequestReset, &mail).await.unwrap();
        assert_eq!(answer.reply, Reply::RateLimited);
        assert_eq!((most, count.load(Ordering::SeqCst)), (most, sent));
    }
}

#[tokio::test]
async fn a_prompt_that_was_denied_or_not_answered_is_a_wrong_try() {
    assert_eq!(heard(Verb::AnswerWithPush, 403).await, [2, 0]);
    assert_eq!(heard(Verb::AnswerWithPush, 202).await, [2, 0]);
    assert_eq!(heard(Verb::AnswerWithPush, 200).await, [2, 2]);
}

/// A portal that calls whoever signs in so; what a visitor came to who signed in with the account's
/// own password and changes it then, and how many requests were heard.
async fn called(name: &'static str) -> (usize, Ledger, Result<Answer, Error>, Option<Error>) {
    const CHANGES: &str = "[flow.change_password]\npost = \"/password\"\njson = { password = \"{password}\" }\noutcome = [{ status = 200, is = \"ok\" }]\n";
    let count = Arc::new(AtomicUsize::new(0));
    let counts = Arc::clone(&count);
    let listener = serve(move |_| {
        counts.fetch_add(1, Ordering::SeqCst);
        answer(200, &[], &serde_json::json!({ "user": name }).to_string())
    })
    .await;
    let (inner, mut visitor) = visit(&format!("{HEAD}{CHANGES}{TAIL}"), &listener, None).await;
    let ledger = Ledger::in_memory();
    let standings = Arc::new(Standings::new(3, ledger.clone()));
    let (label, mail) = (visitor.scene.label.clone(), "ts-1@example.test".to_owned());
    let account = Account { mail: mail.clone(), ..account() };
    let named = ledger::Name { user: account.user.clone(), mail, scene: label.clone() };
    ledger.creating(named, account.password.clone()).await.unwrap().created();
    standings.ours(&label, &account);
    let guarded = Guarded::target(inner, standings).driver;
    let password = Input::Secret(account.password);
    let inputs = Inputs::from([("user", Input::Open("ts-1".into())), ("password", password)]);
    guarded.perform(&mut visitor, Verb::SignIn, &inputs).await.unwrap();
    guarded.perform(&mut visitor, Verb::Whoami, &Inputs::new()).await.unwrap();
    let new = Input::Secret(Secret::new("new"));
    let new = Inputs::from([("old", inputs["password"].clone()), ("password", new)]);
    let changed = guarded.perform(&mut visitor, Verb::ChangePassword, &new).await;
    let more = Inputs::from([("user", Input::Open("ts-2".into()))]);
    let more = guarded.perform(&mut visitor.clone(), Verb::CreateUser, &more).await.err();
    (count.load(Ordering::SeqCst), ledger, changed, more)
}

#[tokio::test]
async fn an_account_that_the_portal_calls_by_another_name_is_let_go() {
    for own in ["ts-1", "TS-1", "ts-1@example.test"] {
        let (heard, ledger, changed, more) = called(own).await;
        assert!(changed.is_ok() && more.is_none() && ledger.let_go().is_empty(), "{own}");
        assert_eq!(heard, 4, "{own}");
    }
    for strange in ["alice", "ts-11", "ts"] {
        let (heard, ledger, changed, more) = called(strange).await;
        assert_eq!(heard, 2, "{strange}");
        for refused in [changed.err(), more] {
            assert!(
                matches!(&refused, Some(Error::Safety(why)) if why.contains(strange)),
                "{refused:?}"
            );
        }
        assert_eq!(ledger.let_go().len(), 1, "{strange}");
        assert!(ledger.open_accounts().is_empty());
    }
}

/// Tries a verb on a portal that takes at most so many wrong tries; what it came to, and how many
/// requests the portal heard. The first ones are answered otherwise.
async fn tried(
    (verb, limit): (Verb, u32),
    first: usize,
    otherwise: impl Fn() -> Back + Send + Sync + 'static,
) -> (Reply, usize) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let listener = serve(move |_| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        if number < first { otherwise() } else { answer(200, &[], "in") }
    })
    .await;
    let (inner, mut visitor) = visit(&format!("{HEAD}{CODE}{OPEN}{TAIL}"), &listener, None).await;
    let standings = Arc::new(Standings::new(limit, Ledger::in_memory()));
    standings.ours(&visitor.scene.label, &account());
    let guarded = Guarded::target(inner, standings).driver;
    let text = |text: &str| Input::Open(text.into());
    let mut inputs = Inputs::new();
    if verb.row().is_a_try {
        inputs.insert("user", text("ts-1"));
    }
    if verb == Verb::SignIn {
        inputs.insert("password", Input::Secret(account().password));
    }
    if verb == Verb::AnswerWithTotp {
        inputs.insert("code", text("123456"));
    }
    let told = guarded.perform(&mut visitor, verb, &inputs).await.unwrap();
    (told.reply, asked.load(Ordering::SeqCst))
}

fn throttled() -> Back {
    answer(429, &["retry-after: 0"], "")
}

#[tokio::test]
async fn what_was_not_looked_at_is_sent_again() {
    for (verb, limit, first, came_to) in [
        (Verb::OpenProtected, 3, 1, (Reply::Ok, 2)),
        // Four times the same is no bad moment.
        (Verb::OpenProtected, 3, 9, (Reply::Unknown, 4)),
        (Verb::SignIn, 3, 2, (Reply::Ok, 3)),
        (Verb::AnswerWithTotp, 9, 2, (Reply::Ok, 3)),
        // The portal may have counted it, and the third wrong one would lock the account.
        (Verb::AnswerWithTotp, 3, 9, (Reply::Unknown, 2)),
    ] {
        assert_eq!(tried((verb, limit), first, throttled).await, came_to, "{verb:?} {limit}");
    }
}

#[tokio::test]
async fn a_password_whose_connection_broke_is_tried_a_second_time() {
    for (verb, first, came_to) in [
        (Verb::SignIn, 1, (Reply::Ok, 2)),
        (Verb::SignIn, 9, (Reply::Dropped, 2)),
        // A code may be spent by now: another refusal would say nothing.
        (Verb::AnswerWithTotp, 1, (Reply::Dropped, 1)),
    ] {
        assert_eq!(tried((verb, 9), first, || Back::Dropped).await, came_to, "{verb:?} {first}");
    }
}
