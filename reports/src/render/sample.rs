//! A run with every verdict, told by a hostile portal: what the renderings are tested with.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    evidence::seal,
    judge::{conclude, summary},
    record::{
        Answer, CeremonyStep, Cleanup, Control, Ending, Exchange, Fault, Guards, Honest, Impact,
        Kind, Leftover, Level, NotJudged, Profile, Reply, Requirement, Run, SCHEMA_VERSION,
        Scenario, SkipRule, State, States, Step, Suite, Target, Told, Traffic, Verdict,
    },
    sample::canary,
};

/// What a hostile portal may send to hurt whoever reads about it.
pub(super) const HOSTILE: &[&str] = &[
    "\u{1b}[31mFAIL\u{1b}[0m \u{1b}]0;owned\u{7} \u{1b}[2J\u{9b}31m",
    "\u{0}\u{1}\u{8}\u{b}\u{c}\u{7f}\u{85}\u{ffff}\u{fffe}",
    "\r\nPASS  registration/origin/foreign\n\n0 fail",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)> ' onmouseover='alert(1)",
    "</pre></details><!-- --><style>*{display:none}</style>",
    "]]> &amp; &#0; <?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]>",
    "::set-env name=PATH::/tmp\n::error file=a,line=1::no\n##[error]no ##vso[task.setvariable]no",
    "```\n# heading\n[link](javascript:alert(1)) ![pic](https://evil.example/x.png) | a | b |",
    "`` ` ``` ```` @somebody https://evil.example/ <b>bold</b>",
    "\u{202e}gnp.exe\u{202c} \u{200b}\u{feff}\u{e0041} \u{2028}next",
    "=cmd|'/c calc'!A1",
];

/// What log readers of CI servers obey, at the beginning of a text, of a line and within one.
pub(super) const COMMANDS: &[&str] = &[
    "::set-env name=PATH::/tmp",
    "x\n::error file=a,line=1::no\n\t::add-mask::x\r::stop-commands::y\u{2028}::group::z",
    "\u{a0}::error::no\n\u{3000}::warning::no",
    "said ##[error]no ##[group]no ##vso[task.setvariable variable=a]b ##teamcity[message text='x']",
    "#\n##\n###\n####[section]",
    "\u{1b}[0Ksection_start:1560896352:a[collapsed=true]\r\u{1b}[0KHi \u{1b}[0Ksection_end:1:a\r",
];

/// All of [`HOSTILE`] in one text.
pub(super) fn hostile() -> String {
    HOSTILE.join(" ")
}

/// A run with every verdict, of a portal that behaves.
pub(super) fn run() -> Run {
    run_of(vec![
        failed(),
        passed(),
        variation(),
        inconclusive(),
        review(),
        unsteady(),
        broken(),
        warned(),
        skipped("passwordless/origin/foreign", SkipRule::NotApplicable, "declares no passwordless"),
        skipped("passwordless/type/create", SkipRule::NotApplicable, "declares no passwordless"),
        skipped("totp/window/late", SkipRule::NotSelected, "waits two minutes"),
    ])
}

/// The same run, of a portal that puts `text` wherever its words go.
pub(super) fn run_with(text: &str) -> Run {
    let mut run = run();
    for scenario in &mut run.scenarios {
        spoil(scenario, text);
    }
    run.note = Some(text.into());
    run.cleanup = Some(cleanup(text));
    run
}

/// The same run with `text` in place of everything that may be any text.
pub(super) fn stranger(text: &str) -> Run {
    let mut record = serde_json::to_value(run_with("of the portal")).unwrap();
    let mut texts = Vec::new();
    pointers(&record, String::new(), &mut texts);
    for pointer in texts {
        let place = record.pointer_mut(&pointer).unwrap();
        let before = std::mem::replace(place, text.into());
        if serde_json::from_value::<Run>(record.clone()).is_err() {
            *record.pointer_mut(&pointer).unwrap() = before;
        }
    }
    serde_json::from_value(record).unwrap()
}

/// Where the texts of a value are.
fn pointers(value: &Value, at: String, texts: &mut Vec<String>) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(_) => texts.push(at),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, format!("{at}/{index}"), texts);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                pointers(member, format!("{at}/{name}"), texts);
            }
        }
    }
}

/// Two accounts made, one of which stays; `text` is the portal's.
fn cleanup(text: &str) -> Cleanup {
    let left = Leftover {
        user: "ts-7f3a-11".into(),
        why: format!("delete_user was answered 500 error: {text}"),
    };
    Cleanup { created: 2, removed: 1, disposable: false, left: vec![left], note: None }
}

/// These scenarios as a run that ended in an orderly way.
pub(super) fn run_of(mut scenarios: Vec<Scenario>) -> Run {
    for scenario in &mut scenarios {
        let verdict = scenario.verdict;
        seal(scenario);
        scenario.verdict = verdict;
    }
    let (outcome, exit_code) = conclude(&scenarios, &canary(), false, None);
    Run {
        schema_version: SCHEMA_VERSION.into(),
        outcome,
        exit_code,
        filters: Vec::new(),
        strict: false,
        seed: "7f3a91c2".into(),
        suite: Suite {
            version: "0.1.0".into(),
            digest: "sha256:9c1e".into(),
            detection: Some("214/214".into()),
            detection_date: Some("2026-01-01".into()),
        },
        profile: Profile {
            name: "acme-staging".into(),
            digest: "sha256:51ab".into(),
            file: Some("profiles/acme-staging.toml".into()),
        },
        target: Target {
            base: "https://login.example".into(),
            origin: "https://login.example".into(),
            rp_id: "login.example".into(),
            environment: "staging".into(),
        },
        started: "2026-01-01T00:00:00Z".into(),
        duration_ms: 83_400,
        canary: canary(),
        summary: summary(&scenarios),
        guards: Guards {
            allow: vec!["https://login.example".into()],
            connect: None,
            effects: vec!["creates-account".into(), "sends-mail".into()],
            consent: Some("authorised by <b>somebody</b>\u{1b}[2J".into()),
            body_limit: 2_097_152,
            exchange_timeout_ms: 10_000,
            max_wait_ms: 60_000,
            concurrency: 4,
            requests_per_second: Some(5),
            pauses_ms: 60_000,
            tls: Some("certificates are not checked".into()),
            loosened: vec!["insecure TLS on loopback".into()],
        },
        traffic: Some(Traffic {
            requests: 2910,
            throttled: 2,
            paused_ms: 14_000,
            ..Traffic::default()
        }),
        note: None,
        cleanup: Some(cleanup("busy")),
        scenarios,
        seal: None,
    }
}

/// A tampering that a portal let through.
pub(super) fn failed() -> Scenario {
    let mut scenario = tampering("registration/origin/foreign", "another site's origin");
    scenario.verdict = Verdict::Fail;
    scenario.answer = Some(answer(Reply::Ok, 200));
    scenario.state.after = state("keys", "1");
    if let Some(Step::Exchange(exchange)) = scenario.steps.last_mut() {
        exchange.status = Some(200);
        exchange.reply = Some(Reply::Ok);
        exchange.response_body = Some(r#"{"status":"ok"}"#.into());
    }
    scenario
}

fn passed() -> Scenario {
    tampering("registration/challenge/stale", "the challenge of an earlier ceremony")
}

fn variation() -> Scenario {
    let mut scenario = tampering("registration/algorithm/es384", "a key that signs with ES384");
    scenario.kind = Kind::Variation;
    scenario.answer = Some(answer(Reply::Ok, 201));
    scenario.state.after = state("keys", "1");
    scenario.state.goal = BTreeMap::from([("keys".to_owned(), "1".to_owned())]);
    scenario
}

fn inconclusive() -> Scenario {
    let mut scenario = tampering("login/origin/suffix", "a host that ends like ours");
    scenario.verdict = Verdict::Inconclusive;
    scenario.control.after = Honest::Refused;
    scenario
}

fn review() -> Scenario {
    Scenario { verdict: Verdict::Review, ..story("unsupported-browser/wording", Ending::Held) }
}

fn unsteady() -> Scenario {
    Scenario { verdict: Verdict::Unsteady, ..story("login/once/parallel", Ending::Broke) }
}

fn warned() -> Scenario {
    let mut scenario = story("deleted-credential/open-page", Ending::Broke);
    scenario.verdict = Verdict::Warn;
    scenario.level = Level::Should;
    scenario
}

fn broken() -> Scenario {
    let mut scenario = story("reset/lifetime/opened-late", Ending::Held);
    scenario.verdict = Verdict::Error;
    scenario.told = None;
    scenario.not_judged = Some(NotJudged::Broken {
        fault: Fault::Environment,
        error: "network: no mail in 30 s".into(),
    });
    scenario
}

fn skipped(id: &str, rule: SkipRule, reason: &str) -> Scenario {
    let mut scenario = bare(id, "a case", Kind::Tampering);
    scenario.verdict = Verdict::Skip;
    scenario.not_judged = Some(NotJudged::Skipped { rule, reason: reason.into() });
    scenario
}

fn story(id: &str, ending: Ending) -> Scenario {
    let mut scenario = bare(id, "a deleted key is tried on a page that was open", Kind::Story);
    let broke = ending == Ending::Broke;
    scenario.told = Some(Told {
        ending,
        step: broke.then(|| "alice answers with the deleted key".into()),
        expected: broke.then(|| "refused".into()),
        seen: broke.then(|| r#"200 {"status":"signed-in"}"#.into()),
        graceless: Vec::new(),
        checked: 2,
    });
    scenario.steps = vec![
        Step::Act { says: "alice signs in with her key \"desk\"".into() },
        Step::Exchange(Box::new(exchange())),
        Step::Wait { ms: 61_000, virtual_time: true },
        Step::Expectation { expected: "refused".into(), seen: "200".into(), held: Some(!broke) },
    ];
    scenario
}

pub(super) fn tampering(id: &str, title: &str) -> Scenario {
    let mut scenario = bare(id, title, Kind::Tampering);
    scenario.control =
        Control { before: Honest::Accepted, after: Honest::Accepted, ..Control::default() };
    scenario.answer = Some(answer(Reply::Refused, 400));
    scenario.state =
        States { before: state("keys", "0"), after: state("keys", "0"), goal: BTreeMap::new() };
    scenario.steps = vec![
        Step::Act { says: "alice begins to register a key".into() },
        Step::Exchange(Box::new(exchange())),
        Step::Ceremony(Box::new(ceremony())),
        Step::Exchange(Box::new(exchange())),
    ];
    scenario
}

fn bare(id: &str, title: &str, kind: Kind) -> Scenario {
    let (chapter, rest) = id.split_once('/').unwrap();
    let fact = rest.split('/').next().unwrap();
    Scenario {
        id: id.into(),
        title: title.into(),
        kind,
        family: chapter.into(),
        requirement: Requirement {
            id: format!("{chapter}/{fact}"),
            says: "The origin in the client data is one the portal expects.".into(),
            source: "WebAuthn L3 §7.1".into(),
            link: Some(
                "https://www.w3.org/TR/webauthn-3/#sctn-registering-a-new-credential".into(),
            ),
        },
        level: Level::Must,
        impact: Impact::Takeover,
        covers: vec!["origin-checked".into()],
        verdict: Verdict::Pass,
        grade: None,
        symptom: None,
        fault: None,
        because: String::new(),
        duration_ms: 12,
        control: Control::default(),
        state: States::default(),
        answer: None,
        told: None,
        not_judged: None,
        steps: Vec::new(),
        again: format!(
            "cargo xtask scenarios {id} --profile profiles/acme-staging.toml --seed 7f3a91c2"
        ),
        left_out: None,
        cut: None,
        evidence_digest: String::new(),
    }
}

fn answer(reply: Reply, status: u16) -> Answer {
    Answer { reply, status: Some(status), reason: None, message: None, names_the_rule: false }
}

fn state(fact: &str, value: &str) -> State {
    State::from([(fact.to_owned(), Some(value.to_owned()))])
}

fn exchange() -> Exchange {
    Exchange {
        who: "alice".into(),
        flow: "register_key.finish".into(),
        line: Some(63),
        file: None,
        method: "POST".into(),
        url: "https://login.example/api/keys".into(),
        request_headers: vec![
            ("content-type".into(), "application/json".into()),
            ("cookie".into(), "portal_session=<cookie:3f2a>".into()),
        ],
        request_body: Some(
            r#"{"label":"desk","credential":{"id":"AAEC","type":"public-key"}}"#.into(),
        ),
        status: Some(400),
        response_headers: vec![("content-type".into(), "application/json".into())],
        response_body: Some(r#"{"error":"refused","check":"registration/origin"}"#.into()),
        reply: Some(Reply::Refused),
        micros: 1800,
        error: None,
    }
}

fn ceremony() -> CeremonyStep {
    CeremonyStep {
        ceremony: "registration".into(),
        who: "alice".into(),
        key: "desk".into(),
        told: Some(
            r#"client data: origin "https://login.example" → "https://evil.example", then signed"#
                .into(),
        ),
        client_data:
            r#"{"type":"webauthn.create","challenge":"AAEC","origin":"https://evil.example"}"#
                .into(),
        authenticator_data: format!(
            "{}c500000007{}0003000102a10102",
            "49".repeat(32),
            "ab".repeat(16)
        ),
        attestation_object: Some("a263666d74646e6f6e656761747453746d74a0".into()),
        signature: None,
        credential_id: "AAEC".into(),
        envelope: json!({ "id": "AAEC", "type": "public-key" }),
    }
}

/// Puts a text wherever words of a portal go.
fn spoil(scenario: &mut Scenario, text: &str) {
    let words = || text.to_owned();
    scenario.because = words();
    scenario.symptom = Some(words());
    if let Some(answer) = &mut scenario.answer {
        answer.reason = Some(words());
        answer.message = Some(words());
    }
    if let Some(told) = &mut scenario.told {
        told.seen = Some(words());
        told.expected = Some(words());
        told.step = Some(words());
        told.graceless = vec![words()];
    }
    if let Some(NotJudged::Broken { error, .. }) = &mut scenario.not_judged {
        *error = words();
    }
    scenario.state.after.insert(words(), Some(words()));
    for step in &mut scenario.steps {
        match step {
            Step::Act { says } => *says = words(),
            Step::Exchange(exchange) => {
                exchange.url.push_str(text);
                exchange.request_body = Some(words());
                exchange.response_headers.push((words(), words()));
                exchange.response_body = Some(words());
                exchange.error = Some(words());
            }
            Step::Ceremony(ceremony) => {
                ceremony.told = Some(words());
                ceremony.client_data = words();
                ceremony.authenticator_data = words();
                ceremony.envelope = json!({ "id": text });
            }
            Step::Expectation { seen, .. } => *seen = words(),
            Step::Wait { .. } => {}
        }
    }
}
