//! Adapters made of a few lines of shell: what they answer, and the ways in which they fail.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use loopback::HEAD;
use profile::effect;
use reports::record::Fault;

use super::*;
use crate::{Recorder, deployment::Target, fixture};

/// Greets, and answers every request with what `ANSWER` says after its id.
const EVERY: &str = r#"
read -r hello; echo '{"touchstone": 1}'
while read -r line; do
    case $line in '{"id":'*) ;; *) continue ;; esac
    id=${line#*:}; id=${id%%,*}
    ANSWER
done"#;

fn every(answer: &str) -> String {
    EVERY.replace("ANSWER", answer)
}

fn says(members: &str) -> String {
    every(&format!("echo '{{\"id\": '$id', {members}}}'"))
}

fn profile(script: &str) -> profile::Profile {
    let text = format!(
        "{HEAD}[scope.limits]\nexchange_timeout = \"2s\"\nbody_limit = 2000\n[driver]\ncommand = [\"sh\", \"-c\", '''{script}''']\nverbs = [\"create_user\", \"rename_key\", \"sign_in\", \"whoami\", \"register_key\", \"enrol_totp\", \"open_app\", \"start_at_app\"]\n"
    );
    let mut profile = fixture::profile(&text, "127.0.0.1:9");
    profile.commands_allowed = true;
    profile
}

/// An adapter of a script, and a visitor.
async fn started(script: &str) -> Result<(Target, Visitor), Error> {
    let target = Target::begin(Access::open(profile(script), None).await?).await?;
    let recorder = Recorder::new(Redactor::new([7; 32]));
    let effects = effect::but_for_limits();
    let scene = Arc::new(Scene::new("scene".to_owned(), 1, effects, recorder));
    let visitor = target.visitor(&scene, "alice");
    Ok((target, visitor))
}

fn password() -> Inputs {
    let user = Input::Open(Value::from("alice-1"));
    Inputs::from([("user", user), ("password", Input::Secret(Secret::new("correct horse")))])
}

/// What a verb comes to with an adapter of a script.
async fn asked(script: &str, verb: Verb, inputs: &Inputs) -> Result<(Answer, Visitor), Error> {
    let (target, mut visitor) = started(script).await?;
    let answer = target.driver.perform(&mut visitor, verb, inputs).await?;
    Ok((answer, visitor))
}

#[tokio::test]
async fn an_answer_is_what_the_adapter_says_and_stands_in_the_record_without_secrets() {
    let script =
        says(r#""reply": "refused", "status": 401, "message": "no", "reason": "password""#);
    let (answer, visitor) = asked(&script, Verb::SignIn, &password()).await.unwrap();
    assert_eq!((answer.reply, answer.status), (Reply::Refused, Some(401)));
    assert_eq!(
        (answer.message.as_deref(), answer.reason.as_deref()),
        (Some("no"), Some("password"))
    );
    assert!(!visitor.is_blank() && !visitor.memory.keeps("password"));
    let [exchange] = &fixture::exchanges(&visitor)[..] else { panic!("one exchange") };
    let place = (exchange.method.as_str(), exchange.url.as_str(), exchange.flow.as_str());
    assert_eq!(place, ("ADAPTER", "http://portal.localhost", "sign_in"));
    assert_eq!((exchange.status, exchange.reply), (Some(401), Some(Reply::Refused)));
    assert!(exchange.line.is_some());
    let body = exchange.request_body.as_deref().unwrap();
    assert!(body.contains("\"verb\":\"sign_in\"") && body.contains("alice-1"), "{body}");
    assert!(body.contains("<password:") && !body.contains("correct horse"), "{body}");
}

#[tokio::test]
async fn whoever_has_signed_in_is_remembered() {
    let script = says(r#""reply": "factor_needed""#);
    let (_, visitor) = asked(&script, Verb::SignIn, &password()).await.unwrap();
    assert!(visitor.memory.keeps("password") && visitor.memory.keeps("user"));
}

/// Nobody may be there, and whoever was there before the sign-in is not who came back.
#[tokio::test]
async fn whom_an_application_takes_the_visitor_for_is_said_after_the_sign_in() {
    let script = every(
        r#"case $line in *'"half":"finish"'*) echo '{"id": '$id', "reply": "ok"}' ;;
        *) echo '{"id": '$id', "reply": "ok", "captured": {"user": "a guest", "page": "p-17"}}' ;; esac"#,
    );
    let (target, mut visitor) = started(&script).await.unwrap();
    let none = Inputs::new();
    let opened = target.driver.perform(&mut visitor, Verb::OpenApp, &none).await.unwrap();
    assert_eq!(opened.captured["user"], "a guest");
    let begun = target.driver.begin(&mut visitor, Verb::StartAtApp, &none).await.unwrap();
    let back = target.driver.finish(&mut visitor, Verb::StartAtApp, &begun, &none).await.unwrap();
    let expected = BTreeMap::from([("page".to_owned(), Value::from("p-17"))]);
    assert_eq!((back.reply, back.captured), (Reply::Ok, expected));
}

#[tokio::test]
async fn two_halves_share_what_the_first_captured_and_secrets_are_learnt() {
    let script = every(
        r#"case $line in *'"half":"begin"'*) echo '{"id": '$id', "reply": "ok", "captured": {"secret": "JBSWY3DPEHPK3PXP", "page": "p-17"}, "secret": ["page"]}' ;;
        *'"begun":{"page":"p-17"'*) echo '{"id": '$id', "reply": "ok"}' ;;
        *) echo '{"id": '$id', "reply": "unknown"}' ;; esac"#,
    );
    let (target, mut visitor) = started(&script).await.unwrap();
    let begun = target.driver.begin(&mut visitor, Verb::EnrolTotp, &Inputs::new()).await.unwrap();
    assert_eq!(begun.answer.captured["secret"], "JBSWY3DPEHPK3PXP");
    let code = Inputs::from([("code", Input::Secret(Secret::new("123456")))]);
    let answer = target.driver.finish(&mut visitor, Verb::EnrolTotp, &begun, &code).await.unwrap();
    assert_eq!(answer.reply, Reply::Ok);
    let written = format!("{:?}", fixture::exchanges(&visitor));
    for secret in ["JBSWY3DPEHPK3PXP", "p-17", "123456"] {
        assert!(!written.contains(secret), "{secret}: {written}");
    }
}

#[tokio::test]
async fn the_time_to_an_answer_is_counted() {
    let script = every(r#"sleep 0.01; echo '{"id": '$id', "reply": "ok"}'"#);
    let (target, mut visitor) = started(&script).await.unwrap();
    target.driver.perform(&mut visitor, Verb::Whoami, &Inputs::new()).await.unwrap();
    assert!(target.traffic().answering_ms >= 10, "{:?}", target.traffic());
}

#[tokio::test]
async fn several_requests_are_open_at_once_and_answered_in_any_order() {
    let script = r#"read -r hello; echo '{"touchstone": 1}'
        read -r one; read -r two
        for line in "$two" "$one"; do
            id=${line#*:}; id=${id%%,*}; who=${line#*'"visitor":'}; who=${who%%,*}
            echo '{"id": '$id', "reply": "ok", "captured": {"user": '$who'}}'
        done; read -r end"#;
    let (target, mut alice) = started(script).await.unwrap();
    let mut bob = target.visitor(&alice.scene, "bob");
    let none = Inputs::new();
    let (alices, bobs) = tokio::join!(
        target.driver.perform(&mut alice, Verb::Whoami, &none),
        target.driver.perform(&mut bob, Verb::Whoami, &none)
    );
    assert_eq!(
        (&alices.unwrap().captured["user"], &bobs.unwrap().captured["user"]),
        (&1.into(), &2.into())
    );
}

#[tokio::test]
async fn a_secret_of_any_shape_stays_out_of_the_record_and_one_that_failed_is_asked_again() {
    let captures = r#""captured": {"codes": ["apple-tree", 470815], "uri": ["otpauth://totp/x"], "user": "alice"}, "secret": ["codes"]"#;
    for came_to in [r#""reply": "ok""#, r#""failed": "no such page""#] {
        let (target, mut visitor) =
            started(&says(&format!("{came_to}, {captures}"))).await.unwrap();
        let told = target.driver.perform(&mut visitor, Verb::Whoami, &Inputs::new()).await;
        assert_eq!(told.is_ok(), came_to.contains("ok"), "{told:?}");
        let [exchange] = &fixture::exchanges(&visitor)[..] else { panic!("one exchange") };
        let line = exchange.response_body.as_deref().unwrap();
        assert!(line.contains("alice"), "{line}");
        for secret in ["apple-tree", "470815", "otpauth"] {
            assert!(!line.contains(secret), "{secret}: {line}");
        }
        assert_eq!(target.stopped(), None, "an error of that scenario only");
    }
}

/// Each row: an adapter, and how what is told of it begins once a verb is asked for.
#[tokio::test]
async fn what_goes_wrong_with_an_adapter_is_told_as_its_own_fault() {
    let greets = r#"read -r hello; echo '{"touchstone": 1}'; read -r line; "#;
    let rows = [
        ("exit 7".to_owned(), "ended with exit status: 7; it wrote nothing"),
        (
            "echo no such browser >&2; exit 1".to_owned(),
            "ended with exit status: 1; the end of its standard error: no such browser",
        ),
        ("echo hello; read -r line".to_owned(), "greeted with what is no message"),
        (r#"echo '{"touchstone": 2}'; read -r line"#.to_owned(), "speaks version 2"),
        ("read -r hello; exec sleep 100".to_owned(), "said nothing within 2 s"),
        (
            format!("{greets}echo wrong path >&2; exit 3"),
            "ended with exit status: 3; the end of its standard error: wrong path",
        ),
        (format!("{greets}kill -s KILL $$"), "ended with signal: 9"),
        (format!("{greets}exec >&-; exec sleep 100"), "closed its standard output"),
        (format!("{greets}echo signing in; read -r line"), "wrote a line that is no message"),
        (
            format!("{greets}echo '{{\"id\": 99, \"reply\": \"ok\"}}'; read -r line"),
            "answered request 99, which is not open",
        ),
        (
            format!("{greets}printf '%03000d' 1; read -r line"),
            "wrote a line of more than 2000 bytes",
        ),
        (
            says(r#""reply": "accepted""#),
            "wrote a line that is no message of the protocol: unknown variant `accepted`",
        ),
        (says(r#""failed": "no such page""#), "it failed: no such page"),
        (format!("{greets}exec sleep 100"), "did not answer request 1 within 2 s"),
        (
            says(r#""reply": "ok""#),
            "it answered `ok` to register_key.begin, and its answer has no `options`",
        ),
    ];
    for (script, part) in rows {
        let label = Inputs::from([("label", Input::Open(Value::from("desk")))]);
        let error = asked(&script, Verb::RegisterKey, &label).await.map(|_| ()).unwrap_err();
        assert_eq!(error.fault(), Fault::Adapter, "{script}: {error}");
        assert!(error.to_string().contains(part), "{script}: {error}");
    }
    let mut profile = profile("");
    profile.driver.as_mut().unwrap().command.argv = vec!["./no-such-adapter".to_owned()];
    let access = Access::open(profile, None).await.unwrap();
    let error = Target::begin(access).await.map(|_| ()).unwrap_err().to_string();
    assert!(error.starts_with("adapter: `./no-such-adapter` cannot be started"), "{error}");
}

#[tokio::test]
async fn once_it_has_ended_nothing_new_begins() {
    let greets = r#"read -r hello; echo '{"touchstone": 1}'; read -r line; exit 1"#;
    let (target, mut visitor) = started(greets).await.unwrap();
    assert_eq!(target.stopped(), None);
    target.driver.perform(&mut visitor, Verb::Whoami, &Inputs::new()).await.unwrap_err();
    assert!(target.stopped().unwrap().contains("ended with exit status: 1"));
    let [exchange] = &fixture::exchanges(&visitor)[..] else { panic!("one exchange") };
    assert!(exchange.error.as_deref().unwrap().contains("exit status: 1"), "{exchange:?}");
}

/// The lines that an adapter heard, once it has been told of everything before a last question.
async fn heard(act: impl AsyncFn(&Target, &mut Visitor)) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("heard");
    let answers = says(r#""reply": "ok""#).replace(
        "while read -r line; do",
        &format!("while read -r line; do echo \"$line\" >> {}", file.display()),
    );
    let (target, mut visitor) = started(&answers).await.unwrap();
    act(&target, &mut visitor).await;
    target.driver.perform(&mut visitor, Verb::Whoami, &Inputs::new()).await.unwrap();
    let text = fs::read_to_string(file).unwrap();
    let requests = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        line.get("id").map_or_else(|| line.to_string(), |_| format!("visitor {}", line["visitor"]))
    };
    text.lines().map(requests).collect()
}

#[tokio::test]
async fn copies_and_ends_of_visitors_are_told_of_those_that_it_knows() {
    let none = Inputs::new();
    let lines = heard(async |target, visitor| {
        drop(visitor.clone());
        target.driver.perform(visitor, Verb::Whoami, &none).await.unwrap();
        let mut copy = visitor.clone();
        target.driver.perform(&mut copy, Verb::Whoami, &none).await.unwrap();
    })
    .await;
    let expected = [
        "visitor 1",
        r#"{"copied":{"visitor":1,"to":2}}"#,
        "visitor 2",
        r#"{"dropped":{"visitor":2}}"#,
        "visitor 1",
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn nothing_is_started_that_nobody_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("started");
    let mut profile = profile(&format!("touch {}", trace.display()));
    profile.commands_allowed = false;
    let refused = Access::open(profile, None).await.map(|_| ()).unwrap_err();
    assert!(matches!(refused, Error::Profile(_)), "{refused}");
    assert!(refused.to_string().contains("--allow-commands permits it"), "{refused}");
    assert!(!trace.exists());
}

fn runs(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

#[tokio::test]
async fn what_it_started_ends_with_it_and_it_has_no_environment_of_ours() {
    let script = every(
        r#"sleep 1000 & echo '{"id": '$id', "reply": "ok", "message": "'$!' '${CARGO_MANIFEST_DIR-clean}' '${PATH:+path}'"}'"#,
    );
    let (target, mut visitor) = started(&script).await.unwrap();
    let answer = target.driver.perform(&mut visitor, Verb::Whoami, &Inputs::new()).await.unwrap();
    let message = answer.message.unwrap();
    let (pid, environment) = message.split_once(' ').unwrap();
    assert_eq!(environment, "clean path");
    assert!(Path::new("/proc/self/stat").exists() && runs(pid));
    drop(target);
    let deadline = Instant::now() + Duration::from_secs(10);
    while runs(pid) {
        assert!(Instant::now() < deadline, "process {pid} still runs");
        std::thread::yield_now();
    }
}

/// An adapter that says nothing of the status may have met one that tells nothing of what was done.
#[test]
fn what_changes_something_is_asked_for_again_only_where_nothing_was_done() {
    let answered = |reply, status| Answered {
        reply,
        status,
        reason: None,
        message: None,
        note: None,
        captured: BTreeMap::new(),
        options: None,
    };
    for (verb, unsure) in [
        (Verb::Whoami, true),
        (Verb::CreateUser, true),
        (Verb::SignIn, true),
        (Verb::RenameKey, false),
        (Verb::RequestReset, false),
        (Verb::AnswerWithKey, false),
    ] {
        let limited = [Some(429), Some(503), None]
            .map(|status| may_follow(verb, &answered(Reply::RateLimited, status), false));
        assert_eq!(limited, [true, unsure, unsure], "{}", verb.name());
        assert!(!may_follow(verb, &answered(Reply::Refused, Some(429)), false));
    }
    let spent = answered(Reply::RateLimited, Some(503));
    assert!(!may_follow(Verb::SignIn, &spent, true));
}

#[tokio::test]
async fn what_may_have_been_done_is_not_asked_for_again() {
    let script = says("\"reply\": \"rate_limited\", \"status\": 503");
    let (target, mut visitor) = started(&script).await.unwrap();
    let renamed =
        target.driver.perform(&mut visitor, Verb::RenameKey, &Inputs::new()).await.unwrap();
    assert_eq!((renamed.reply, target.traffic().requests), (Reply::RateLimited, 1));
}

#[test]
fn the_manual_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/adapter.md");
    let rendered = manual();
    if std::env::var_os("TOUCHSTONE_WRITE_SCHEMA").is_some() {
        fs::write(path, &rendered).unwrap();
    }
    let published = fs::read_to_string(path).unwrap_or_default();
    assert!(published == rendered, "{path} is stale: set TOUCHSTONE_WRITE_SCHEMA=1");
}
