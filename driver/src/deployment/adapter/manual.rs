//! The manual for whoever writes an adapter, `docs/adapter.md`: its examples are messages as they are
//! written and read here, its tables those that the program goes by.

use std::{collections::BTreeMap, fmt::Write as _};

use profile::{
    Connect, Verb,
    verb::{self, ALWAYS_SECRET, Capture, Parameter, Presence, ShownOptions},
};
use reports::record::Reply;
use serde_json::{Value, json};

use super::{
    first,
    protocol::{AdapterRequest, Hello, Notice, Portal, VERSION},
};
use crate::deployment::half::Half;

const HEAD: &str = r#"# Adapters

Rendered from what the program goes by; a test keeps it fresh.

A portal that the [profile language](profile.md) cannot reach is driven by an adapter: a program of yours, in any language, that answers the same verbs as JSON lines on its standard input and output. The profile says where the portal is and what it can do, as always; in place of flows it names the program and the verbs that it answers:

```toml
profile = 1

[portal]
name = "ACME staging"
base = "https://login.acme.example"
environment = "staging"

[actors]
password = { generate = true }

[secrets]
admin = { env = "PORTAL_ADMIN_TOKEN" }

[driver]
command = ["python3", "adapter.py"]
verbs = ["create_user", "delete_user", "sign_in", "answer_with_key", "register_key", "list_keys", "whoami"]
```

    cargo xtask doctor --profile acme.toml --allow-commands
    cargo xtask scenarios --profile acme.toml --allow-commands

`deployments/stubs/adapter.py` is a whole one, for the reference portal, with nothing but Python's standard library.

## What the suite still looks after, and what it cannot

- Nothing is run without `--allow-commands`, nor before the portal may be tested: the host of `base` is on this machine, consents, or somebody answers for it.
- Accounts are written down before they are made and removed afterwards, effects and tries are limited, mail is read by `[mail]`, as without an adapter.
- Questions to the adapter keep to `requests_per_second` and `concurrent`. How many requests it sends to the portal for one of them, nobody counts.
- **What it sends is beyond the allow-list, the limits of connections and bodies, and the breaker.** An adapter can contact any host. Every report of such a run says so among the safety rules that were loosened.

## How it is run

The command is started once a run, without a shell, in the folder of the profile, in a process group of its own, with nothing of the environment but `PATH`, `HOME`, `LANG` and `TMPDIR`. At the end of the run, and when the run is interrupted, the whole group is killed; where standard input ends, the adapter should end as well.

Each message is one JSON object on a line of its own, in UTF-8. Standard output is for messages alone, and has to be flushed after each. Standard error is for everything else; its end is shown where something goes wrong.

An adapter that ends, writes a line that is no message or is longer than `body_limit`, or answers what was not asked is not asked anything more: the run ends with code 4, and what was concluded until then stands. A request that is not answered within `exchange_timeout`, or that the adapter says it failed at, is an error of that scenario (code 3). Either is the adapter's fault, as the report says; no verdict on the portal comes of it. Accounts that could not be removed then, `cargo xtask clean --profile FILE --allow-commands` removes.

"#;

const HELLO: &str = r#"## The first words

We begin. `base` may hold `{scenario}`; requests have it filled in. `connect` is the address to connect to whatever the name, an object of addresses by name where the profile has one for each, and null where it names none. `verbs` are those that the profile names, `secrets` those of its [secrets], in the clear. `line_limit` is the longest line that is read, in bytes, and `timeout_ms` how long an answer is waited for: `body_limit` and `exchange_timeout` of [scope.limits].

"#;

const GREETING: &str = r#"
The adapter answers with the version that it speaks, and a name for itself if it likes:

"#;

const REQUESTS: &str = r#"
## Requests

"#;

const MEMBERS: &str = r#"
| member | |
|---|---|
| `id` | The answer carries it. Several requests may be open at once, and are answered in any order; of acts at the same instant all are, and an adapter that does one after the other shows no race. |
| `visitor` | A browser: a number that was not seen before begins with an empty cookie jar. One visitor's requests come one after the other. |
| `who` | Who sits there, for the adapter's own log. |
| `scenario` | A label of the scenario. |
| `base`, `origin`, `rp_id` | Where this scenario's portal is, and what its keys are bound to. |
| `user_agent` | The browser's make, where it matters; absent where it does not. |
| `verb`, `half` | What is to be done. `begin` goes up to the WebAuthn options (or the TOTP secret, or the sign-in that an application leads to), `finish` takes the answer to them (or goes on from where that sign-in ended), `whole` is all of a verb that has no halves. |
| `inputs` | What the verb is given, by name. Secrets stand in it in the clear. A `finish` has what its `begin` was given as well. |
| `begun` | With `finish`: what the adapter captured in that `begin`. Whatever it needs of the first half belongs there, not into the visitor: a challenge can be answered twice, or from a copy of the browser. |

Do as a browser does, and no more. The suite lies, repeats and leaves things out on purpose: an adapter that checks, mends or retries would hide what the portal does.

## Notices

Not answered. A visitor is copied, with all its cookies as they are then; one that is dropped does not come back.

"#;

const ANSWERS: &str = r#"
## Answers

"#;

const ANSWER_MEMBERS: &str = r#"
| member | |
|---|---|
| `id` | Of the request. |
| `reply` | What the portal's answer was, one of the words below. |
| `status` | Its HTTP status, where there is one. |
| `reason`, `message` | The portal's own reason, as a machine would read it, and its own words. |
| `captured` | What the verb captures, by name, and what the adapter wants back with `finish`. |
| `secret` | Names of captures that open an account, besides SECRETS: every text and number in them is kept out of every record. |
| `options` | WebAuthn options as JSON of Level 3, the members of `publicKey`, exactly as the portal sent them. |
| `note` | For the record, where the reply needs an explanation. |
| `failed` | In place of `reply`: why the adapter itself could not find out. Of what it captured by then nothing is used. |

No other member may stand there. All but `id` and one of `reply` and `failed` can be left out.

| reply | |
|---|---|
"#;

const REPLIES_END: &str = r#"
Say `refused` only where the portal refused. What the adapter cannot classify is `unknown`, which is neither accepted nor refused; an unexpected page, a missing element, an exception are `failed`.

After `rate_limited` with `status` 429 the portal has done nothing, and the suite asks again after the pause, up to three times. With another status, as 503, or with none, the portal may have done it: then the suite asks again only for HARMLESS, and for `sign_in` where no code goes with the password. Whatever is asked about limits, or several times at one instant, is asked once.

## Verbs

The profile names those that the adapter answers; at least `sign_in`, `whoami`, and `create_user` or a pool in [actors]. What each is for stands in [profile.md](profile.md#verbs). What is in brackets may be missing or null.

| input | |
|---|---|
INPUTS
| verb | half | inputs | captures | |
|---|---|---|---|---|
"#;

/// The manual as Markdown.
#[must_use]
pub fn manual() -> String {
    let mut text = HEAD.to_owned();
    text += HELLO;
    example(&mut text, &hello());
    text += GREETING;
    example(&mut text, GREETINGS);
    text += REQUESTS;
    requests().iter().for_each(|request| example(&mut text, request));
    text += MEMBERS;
    let notices = [Notice::Copied { visitor: 7, to: 8 }, Notice::Dropped { visitor: 7 }];
    notices.iter().for_each(|notice| example(&mut text, &notice.line()));
    text += ANSWERS;
    EXAMPLES.iter().for_each(|answer| example(&mut text, answer));
    let secrets = ALWAYS_SECRET.map(|name| format!("`{name}`")).join(" and ");
    text += &ANSWER_MEMBERS.replace("SECRETS", &secrets);
    for reply in Reply::ALL {
        let _ = writeln!(text, "| `{reply}` | {} |", says(*reply));
    }
    let input = |input: &Parameter| format!("| `{}` | {} |\n", input.name, input.says);
    let inputs: String = Parameter::ALL.iter().map(input).collect();
    let harmless = Verb::ALL.iter().map(|verb| verb.row()).filter(|row| row.is_harmless_twice);
    let harmless: Vec<_> = harmless.map(|row| format!("`{}`", row.name)).collect();
    text += &REPLIES_END
        .replace("INPUTS\n", &format!("{inputs}\n"))
        .replace("HARMLESS", &harmless.join(", "));
    Verb::ALL.iter().for_each(|verb| row(&mut text, *verb));
    text
}

/// An adapter's first line.
pub(super) const GREETINGS: &str = r#"{"touchstone": 1, "name": "acme adapter 0.3"}"#;

/// Answers of an adapter.
pub(super) const EXAMPLES: &[&str] = &[
    r#"{"id": 1, "reply": "factor_needed", "status": 200}"#,
    r#"{"id": 2, "reply": "ok", "captured": {"state": "5e1c"}, "options": {"challenge": "Zm9vYmFy", "rpId": "login.acme.example", "allowCredentials": []}}"#,
    r#"{"id": 3, "reply": "refused", "status": 401, "reason": "origin", "message": "This key was not accepted."}"#,
    r#"{"id": 4, "reply": "ok", "captured": {"user": null}}"#,
    r#"{"id": 5, "reply": "ok", "captured": {"secret": "JBSWY3DPEHPK3PXP", "recovery": "4711-0815"}, "secret": ["recovery"]}"#,
    r#"{"id": 6, "failed": "the page after the password has no form that is known"}"#,
];

fn hello() -> String {
    let portal = Portal {
        name: "ACME staging",
        base: "https://login.acme.example",
        connect: &Connect::AsResolved,
    };
    let verbs = vec!["create_user", "sign_in", "answer_with_key", "register_key", "whoami"];
    let secrets = BTreeMap::from([("admin", "s3cr3t")]);
    let (line_limit, timeout_ms) = (2 << 20, 10_000);
    Hello { touchstone: VERSION, portal, verbs, secrets, line_limit, timeout_ms }.line()
}

fn requests() -> [String; 3] {
    let of = |id, verb: Verb, half: Half, inputs: &[(&'static str, Value)], begun| {
        let name = half.of(verb);
        let half = name.split_once('.').map_or("whole", |(_, half)| half);
        let base = || "https://login.acme.example".to_owned();
        let request = AdapterRequest {
            id,
            visitor: 7,
            who: "alice",
            scenario: "login-by-key",
            base: base(),
            origin: base(),
            rp_id: "login.acme.example".to_owned(),
            user_agent: None,
            verb: verb.name(),
            half,
            inputs: inputs.iter().cloned().collect(),
            begun,
        };
        request.line()
    };
    let user = ("user", json!("ts-4f1a-3"));
    let credential = json!({ "id": "q83v", "rawId": "q83v", "type": "public-key", "response": { "clientDataJSON": "e30", "authenticatorData": "AAAA", "signature": "MEUC" }, "clientExtensionResults": {} });
    let begun = BTreeMap::from([("state".to_owned(), json!("5e1c"))]);
    let password = ("password", json!("correct horse"));
    [
        of(1, Verb::SignIn, Half::Whole, &[user.clone(), password], None),
        of(2, Verb::AnswerWithKey, Half::Begin, std::slice::from_ref(&user), None),
        of(3, Verb::AnswerWithKey, Half::Finish, &[user, ("credential", credential)], Some(&begun)),
    ]
}

fn example(text: &mut String, line: &str) {
    let _ = writeln!(text, "    {line}");
}

/// What a reply means to whoever answers.
const fn says(reply: Reply) -> &'static str {
    match reply {
        Reply::Ok => "Accepted, or the options were issued.",
        Reply::FactorNeeded => "So far so good; a factor is asked for.",
        Reply::Refused => "Refused.",
        Reply::Expired => "Refused because it came too late.",
        Reply::RateLimited => {
            "Refused because of too many tries or requests; the run makes a pause. See below."
        }
        Reply::Error => "The portal fell over, as with a status of 500.",
        Reply::Dropped => "The portal closed the connection without an answer.",
        Reply::Unknown => "What the answer means cannot be told.",
    }
}

/// The rows of a verb, one for each half.
fn row(text: &mut String, verb: Verb) {
    let halves: &[Half] = match first(verb) {
        Half::Whole => &[Half::Whole],
        Half::Begin | Half::Finish => &[Half::Begin, Half::Finish],
    };
    for half in halves {
        let name = half.of(verb);
        let half_name = name.split_once('.').map_or("whole", |(_, half)| half);
        let given: Vec<_> = given(verb, *half).map(shown).collect();
        let late = verb.has_others_between();
        let captures = verb.row().captures.filter(|_| (*half == Half::Finish) == late);
        let captures = captures.as_ref().map(captured).unwrap_or_default();
        let options = match (verb.row().options, half) {
            (ShownOptions::None, _) | (_, Half::Finish) => "",
            (ShownOptions::MaybeRequest, _) => "`options` where a key is to confirm it",
            (ShownOptions::Request | ShownOptions::Creation, _) => "`options`",
        };
        let _ = writeln!(
            text,
            "| `{}` | `{half_name}` | {} | {captures} | {options} |",
            verb.name(),
            given.join(", ")
        );
    }
}

/// What is captured, in brackets where it may be missing.
fn captured(capture: &Capture) -> String {
    let Capture { name, says, presence } = capture;
    match presence {
        Presence::Always | Presence::UnlessNobody => format!("`{name}`: {says}"),
        Presence::Optional => format!("[`{name}`]: {says}"),
    }
}

/// The inputs of a verb's half.
fn given(verb: Verb, half: Half) -> impl Iterator<Item = &'static Parameter> {
    let is_known_at_first = move |input: &Parameter| {
        let late = (verb, input.name) == (Verb::RegisterKey, "user");
        !late && !verb::ANSWERS.contains(&input.name)
    };
    verb.row().inputs.iter().filter(move |input| half != Half::Begin || is_known_at_first(input))
}

/// An input, in brackets where it may be missing.
fn shown(input: &Parameter) -> String {
    let name = input.name;
    if input.is_optional { format!("[`{name}`]") } else { format!("`{name}`") }
}
