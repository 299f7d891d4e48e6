//! The sections of a profile: where a portal is, what it can do, who the suite may be there.

use super::{
    Kind::{
        Duration, Either, Flag, List, Number, Own, Regex, Table, Template, Text, Verb, Verbs, Words,
    },
    Shape, key, needed,
    pages::PAGE,
    steps::{ANSWERS, CONDITION, CSRF, FLOW, INTERRUPT, MAPPING},
};
use crate::{Ability, effect::Effect, vocabulary};

pub(crate) static ROOT: Shape = Shape {
    name: "profile",
    says: "A profile describes one deployment: where it is, what it can do, and how each verb is performed there. It says nothing about what is right or wrong: that is the suite's.",
    also: None,
    keys: &[
        needed("profile", Number, "1", "Version of the language."),
        key(
            "extends",
            Text,
            "\"preset:allauth\"",
            "A preset that ships with the program, or the path of another profile, in the folder of this one or below. What this profile says of a section's key goes before what that one says; flows go before flows of the same verb; the lists `can`, `excluded` and `interrupt` are taken whole from here when they stand here.",
        ),
        key(
            "recognised_by",
            List(&Table(&RECOGNISER)),
            "[{ get = \"/login\", css = \"form#login input[name=password]\" }]",
            "For a preset: how a portal of its kind is known, when `cargo xtask init` looks at one. All of it must hold. Nothing else reads it.",
        ),
        key(
            "edition",
            Words(|| words(vocabulary::EDITIONS)),
            "\"w3c-l3\"",
            "Which reading of the standard goes: `w3c-l3` is WebAuthn Level 3, and `fido-server` asks for what only the FIDO server tests ask for as well. `w3c-l3` without it.",
        ),
        key(
            "can",
            List(&Words(abilities)),
            "[\"passwordless\", \"optional-label\"]",
            "What the portal can do, beyond what its flows show by themselves. What it cannot do is not tested, and every report says so.",
        ),
        needed(
            "portal",
            Table(&PORTAL),
            "{ name = \"ACME staging\", base = \"https://login.acme.example\", environment = \"staging\" }",
            "Where the portal is.",
        ),
        key(
            "scope",
            Table(&SCOPE),
            "{ allow = [\"https://app.acme.example\"] }",
            "What may be contacted, and how fast.",
        ),
        key(
            "policy",
            Table(&POLICY),
            "{ user_verification = \"required\" }",
            "What the portal requires of keys, and for how long things last.",
        ),
        needed(
            "actors",
            Table(&ACTORS),
            "{ password = { generate = true } }",
            "Who the suite may be.",
        ),
        key(
            "secrets",
            Own(&Table(&SECRET)),
            "{ admin = { env = \"PORTAL_ADMIN_TOKEN\" } }",
            "Secrets by name, for the places `{secret.NAME}`. A secret is never written in a profile.",
        ),
        key(
            "mail",
            Table(&MAIL),
            "{ source = { smtp = \"127.0.0.1:8201\" }, link = 'https?://\\S+/reset/\\S+' }",
            "Where the portal's mail is found.",
        ),
        key(
            "answers",
            Table(&ANSWERS),
            "{ outcome = [{ status = 429, is = \"rate_limited\" }] }",
            "What any answer of the portal may be, tried after a step's own rules.",
        ),
        key(
            "csrf",
            Table(&CSRF),
            "{ cookie = \"csrftoken\", header = \"X-CSRFToken\", get = \"/login\" }",
            "How requests that are not forms prove that they come from the portal's own pages. Forms carry their hidden inputs and need none of this.",
        ),
        key(
            "webauthn",
            Table(&MAPPING),
            "{ rp_id = \"{rp_id}\" }",
            "How WebAuthn's JSON looks at this portal, for all flows.",
        ),
        key(
            "interrupt",
            List(&Table(&INTERRUPT)),
            "[{ when = { url = '/reauthenticate' }, steps = [{ form = \"form\", fill = { password = \"{password}\" } }] }]",
            "Pages that come in between: the password once more, a mailed code, terms.",
        ),
        key(
            "excluded",
            List(&Table(&EXCLUDED)),
            "[{ requirement = \"authentication/counter\", reason = \"synced passkeys only\" }]",
            "Scenarios and requirements that do not apply. Each has a reason, which stands in every report.",
        ),
        key(
            "driver",
            Table(&DRIVER),
            "{ command = [\"python3\", \"adapter.py\"], verbs = [\"create_user\", \"sign_in\", \"whoami\"] }",
            "A program that performs the verbs in place of flows, for a portal that no flow can reach. See `docs/adapter.md`.",
        ),
        key(
            "flow",
            Verbs(&FLOW),
            "{ whoami = { get = \"/me\", capture = { user = { json = \"/user\" } }, outcome = [{ status = 200, is = \"ok\" }] } }",
            "How each verb is performed; needed where there is no [driver], which does not go with it.",
        ),
        key(
            "page",
            Verbs(&PAGE),
            "{ sign_in = { steps = [{ open = \"/login\" }, { fill = { label = \"User name\" }, with = \"{user}\" }, { press = { role = \"button\", name = \"Sign in\" } }], outcome = [{ url = '/home$', is = \"ok\" }] } }",
            "How people perform verbs on the portal's pages, for runs in a browser.",
        ),
    ],
};

pub(crate) static DRIVER: Shape = Shape {
    name: "driver",
    says: "An adapter: a program of yours that answers the verbs as JSON lines on its standard input and output, as `docs/adapter.md` says. It is run only with `--allow-commands`, and what it sends is beyond the allow-list; every report says so. [flow], [answers], [csrf], [webauthn] and [interrupt] do not go with it.",
    also: None,
    keys: &[
        needed(
            "command",
            List(&Text),
            "[\"python3\", \"adapter.py\"]",
            "The program and its arguments, run without a shell in the folder of the profile.",
        ),
        needed(
            "verbs",
            List(&Verb),
            "[\"create_user\", \"sign_in\", \"whoami\"]",
            "The verbs that it answers. What the portal can do follows from them as it does from flows.",
        ),
    ],
};

pub(crate) static RECOGNISER: Shape = Shape {
    name: "recogniser",
    says: "A page, and what must hold of it for whoever has no account.",
    also: Some(&CONDITION),
    keys: &[needed("get", Text, "\"/login\"", "Its path from the root of the portal's host.")],
};

pub(crate) static PORTAL: Shape = Shape {
    name: "portal",
    says: "Where a portal is. In `base`, `origin`, `rp_id` and `allow` the place `{scenario}` stands for a label of the scenario, for deployments that have a portal for each.",
    also: None,
    keys: &[
        needed("name", Text, "\"ACME staging\"", "What reports call it."),
        needed(
            "base",
            Text,
            "\"https://login.acme.example\"",
            "Its URL. Paths in flows are below it.",
        ),
        key(
            "origin",
            Text,
            "\"https://login.acme.example\"",
            "The origin that client data must name; that of `base` without it.",
        ),
        key("rp_id", Text, "\"acme.example\"", "The RP id; the host of `base` without it."),
        key(
            "connect",
            Either(&[Text, Own(&Text)]),
            "{ \"login.acme.example\" = \"127.0.0.1:8103\" }",
            "Address and port that names are connected to, whatever they resolve to: one for every allowed name, or one for each of some hosts, by name, whatever the port; the others are resolved then. Addresses are never led elsewhere, and hosts with `{scenario}` only all together. The Host header stays, as behind a reverse proxy.",
        ),
        key(
            "ca_file",
            Text,
            "\"ca.pem\"",
            "Certificates to trust instead of the system's, PEM: a path from the folder of the profile, or one from the root. They are no secret, and may lie anywhere.",
        ),
        key(
            "insecure_tls",
            Flag,
            "false",
            "Whether any certificate goes; on this machine only, and every report says so.",
        ),
        key(
            "private_network",
            Flag,
            "false",
            "Whether names may resolve to private addresses. Where `environment` is `local` or `test` they may resolve to this machine's own.",
        ),
        needed(
            "environment",
            Words(|| words(vocabulary::ENVIRONMENTS)),
            "\"staging\"",
            "What it is: where it is `local` or `test` and every address is this machine's own, nothing is slowed down; everything else is.",
        ),
        key(
            "headers",
            Own(&Template),
            "{ X-Test-Captcha = \"{secret.captcha}\" }",
            "Headers of every request.",
        ),
    ],
};

pub(crate) static SCOPE: Shape = Shape {
    name: "scope",
    says: "What may be contacted, and how fast. Nothing outside is ever contacted: not by a redirect, not by a mailed link.",
    also: None,
    keys: &[
        key(
            "allow",
            List(&Text),
            "[\"https://app.acme.example\"]",
            "Origins beside that of `base`.",
        ),
        key(
            "applications",
            List(&Text),
            "[\"https://wiki.acme.example\"]",
            "Origins of applications that sign in by the portal; allowed as well. `open_app` goes there as a browser that has never been there: their own sessions say nothing of the portal's.",
        ),
        key(
            "effects",
            List(&Words(effects)),
            "[\"creates-account\", \"sends-mail\"]",
            "What a run may do beside looking; all of it without this key. Scenarios that would do more are left out.",
        ),
        key(
            "contact",
            Text,
            "\"qa@acme.example\"",
            "Whom the portal's operators may ask about the requests: a mail address or a URL. It stands in the `User-Agent` of every request that a scenario does not send as a browser of some make.",
        ),
        key(
            "limits",
            Table(&LIMITS),
            "{ requests_per_second = 5, concurrent = 8 }",
            "Caps of the driver.",
        ),
    ],
};

pub(crate) static LIMITS: Shape = Shape {
    name: "limits",
    says: "Caps of the driver.",
    also: None,
    keys: &[
        key(
            "requests_per_second",
            Number,
            "5",
            "Requests in a second, all actors together. 5 without it; as fast as it goes where a `local` or `test` portal is on this machine.",
        ),
        key(
            "concurrent",
            Number,
            "8",
            "Scenarios side by side, whatever `--concurrency` says, and requests at the same instant; 8 without it.",
        ),
        key(
            "mails_per_hour",
            Number,
            "100",
            "Mails that the portal is asked for in an hour. 100 without it; as many as it takes where a `local` or `test` portal is on this machine. A scenario that would ask for more is left out.",
        ),
        key(
            "body_limit",
            Number,
            "2097152",
            "Largest body that is read, bytes; 2 MiB without it, 16 MiB at most.",
        ),
        key(
            "pauses",
            Duration,
            "\"60s\"",
            "How long the run waits in all because the portal asks for it (429, Retry-After); 60 s without it. Where it asks for more, nothing new begins.",
        ),
        key(
            "exchange_timeout",
            Duration,
            "\"10s\"",
            "Longest exchange, from the connection to the last byte; 10 s without it.",
        ),
    ],
};

pub(crate) static POLICY: Shape = Shape {
    name: "policy",
    says: "What a portal requires of keys, and for how long things last, as its configuration says.",
    also: None,
    keys: &[
        key(
            "user_verification",
            Words(|| words(vocabulary::VERIFICATION)),
            "\"preferred\"",
            "What it asks of keys; `preferred` without it.",
        ),
        key(
            "lifetimes",
            Table(&LIFETIMES),
            "{ challenge = \"60s\", reset = \"5m\" }",
            "For how long things last.",
        ),
        key("totp", Table(&TOTP), "{ digits = 6, period = 30, skew_steps = 1 }", "One-time codes."),
        key("lockout", Table(&LOCKOUT), "{ wrong_tries = 5 }", "When an account is locked."),
    ],
};

pub(crate) static LIFETIMES: Shape = Shape {
    name: "lifetimes",
    says: "For how long things last.",
    also: None,
    keys: &[
        key("challenge", Duration, "\"60s\"", "A challenge; 60 s without it."),
        key("reset", Duration, "\"5m\"", "A mailed reset link or code; 5 minutes without it."),
        key(
            "fresh_authentication",
            Duration,
            "\"10m\"",
            "How old the last proof may be when factors are changed, where the portal can do `fresh-authentication`; 10 minutes without it.",
        ),
    ],
};

pub(crate) static TOTP: Shape = Shape {
    name: "totp",
    says: "One-time codes of a portal (RFC 6238).",
    also: None,
    keys: &[
        key(
            "algorithm",
            Words(|| words(vocabulary::ALGORITHMS)),
            "\"SHA1\"",
            "The hash; `SHA1` without it.",
        ),
        key("digits", Number, "6", "Digits of a code; 6 without it."),
        key("period", Number, "30", "Seconds of a step; 30 without it."),
        key(
            "skew_steps",
            Number,
            "1",
            "Steps before and after the present one whose codes are accepted, and no others; RFC 6238 recommends no more than 1. 1 without it.",
        ),
    ],
};

pub(crate) static LOCKOUT: Shape = Shape {
    name: "lockout",
    says: "When an account is locked.",
    also: None,
    keys: &[
        key(
            "wrong_tries",
            Number,
            "5",
            "Wrong tries in a row that an account bears; the suite stays below it. 5 without it.",
        ),
        key("lasts", Duration, "\"5m\"", "How long they lock it; 5 minutes without it."),
    ],
};

pub(crate) static ACTORS: Shape = Shape {
    name: "actors",
    says: "Who the suite may be. Every scenario makes accounts of its own with the verb `create_user`.",
    also: None,
    keys: &[
        key(
            "name",
            Text,
            "\"ts-{run}-{n}\"",
            "User names: `{run}` is new in each run, `{n}` in each account, `{actor}` is who it is in the story. `{run}` stands within the first 20 characters, after fixed text at the most, so that no portal takes the name for somebody else's; `{n}` is in it as well. The first account of a run has `{run}` before that text, and so have all where the portal does not tell such a name from another: `{run}-ts-00001`.",
        ),
        key(
            "mail",
            Text,
            "\"ts-{run}-{n}@qa.acme.example\"",
            "Mail addresses, made as user names are. Their domain is one that is set aside (`example.com`, `.test` and the like; some portals refuse `.test`), or one of `own_domains`.",
        ),
        key(
            "own_domains",
            List(&Text),
            "[\"qa.acme.example\"]",
            "Domains whose every mailbox is yours: mail to any address there or below reaches nobody else.",
        ),
        key(
            "password",
            Table(&PASSWORD),
            "{ generate = true }",
            "Their passwords; generated without it.",
        ),
        key(
            "pool",
            List(&Table(&LENT)),
            "[{ name = \"qa-1\", mail = \"qa-1@qa.acme.example\", password = { env = \"QA_1_PASSWORD\" } }]",
            "Accounts that are lent where none can be made. Each scenario has what it needs of them for itself, and they are put back as they were; no other account that exists already is ever changed.",
        ),
        key(
            "disposable",
            Flag,
            "true",
            "Whether the accounts vanish with the portal, so that nothing has to be removed after a run.",
        ),
    ],
};

pub(crate) static LENT: Shape = Shape {
    name: "lent account",
    says: "An account of a pool: without factors, with a password, and nobody's own.",
    also: None,
    keys: &[
        needed("name", Text, "\"qa-1\"", "Its user name."),
        key(
            "mail",
            Text,
            "\"qa-1@qa.acme.example\"",
            "Its mail address, where scenarios send it mail.",
        ),
        needed(
            "password",
            Table(&SECRET),
            "{ env = \"QA_1_PASSWORD\" }",
            "Its password, by reference.",
        ),
    ],
};

pub(crate) static PASSWORD: Shape = Shape {
    name: "password",
    says: "Where a password comes from.",
    also: Some(&SECRET),
    keys: &[key("generate", Flag, "true", "A new one for each account, forgotten with the run.")],
};

pub(crate) static SECRET: Shape = Shape {
    name: "secret",
    says: "Where a secret comes from: one of `env`, `file` and `given`. `profile check` and `plan` list every secret, and where it goes.",
    also: None,
    keys: &[
        key("env", Text, "\"PORTAL_ADMIN_TOKEN\"", "A variable of the environment."),
        key(
            "file",
            Text,
            "\"admin-token\"",
            "A file in the folder of the profile, or below; a line's end at its end is left out.",
        ),
        key("given", Flag, "true", "The program that starts the suite gives it."),
        key(
            "to",
            List(&Text),
            "[\"https://admin.acme.example\"]",
            "Beside one of those: origins of the scope that it may be sent to as well as to that of `base`. It is sent to no other: a flow that would is wrong, and a page that leads there ends the run.",
        ),
    ],
};

pub(crate) static MAIL: Shape = Shape {
    name: "mail",
    says: "Where the portal's mail is found, and what in it counts: `link` or `code`.",
    also: None,
    keys: &[
        needed(
            "source",
            Table(&MAIL_SOURCE),
            "{ smtp = \"127.0.0.1:8201\" }",
            "Where mail arrives.",
        ),
        key(
            "link",
            Regex,
            "'https?://\\S+/reset/\\S+'",
            "The link in a mail: group 1 where there is one. It must be within the scope.",
        ),
        key("code", Regex, "'code is (\\d{6})'", "The code in a mail: group 1 where there is one."),
        key("subject", Regex, "'Reset'", "What the subject must match."),
        key("patience", Duration, "\"10s\"", "How long mail is waited for; 10 s without it."),
    ],
};

pub(crate) static MAIL_SOURCE: Shape = Shape {
    name: "mail source",
    says: "A place where mail arrives: one of these.",
    also: None,
    keys: &[
        key(
            "smtp",
            Text,
            "\"127.0.0.1:8201\"",
            "The suite listens there while it runs, and the portal delivers to it. `given` is an address that the program which starts the portal has opened.",
        ),
        key("eml_folder", Text, "\"mails\"", "A folder of `.eml` files beside the profile."),
        key("maildir", Text, "\"Maildir\"", "A Maildir beside the profile."),
        key("mailpit", Text, "\"http://127.0.0.1:8025\"", "Mailpit, by the URL of its pages."),
        key("mailhog", Text, "\"http://127.0.0.1:8025\"", "MailHog, by the URL of its pages."),
        key(
            "command",
            List(&Text),
            "[\"./newest-mail\", \"{to}\", \"{since}\"]",
            "A program and its arguments, run without a shell, and only with `--allow-commands`. `{to}` is the address, `{since}` a time in milliseconds since 1970; it prints the newest mail to that address that came since, or nothing.",
        ),
    ],
};

pub(crate) static EXCLUDED: Shape = Shape {
    name: "excluded",
    says: "What does not apply to this portal: `scenario` or `requirement`, an id or a glob.",
    also: None,
    keys: &[
        key("scenario", Text, "\"*/origin/other-port\"", "A scenario's id, or a glob."),
        key("requirement", Text, "\"authentication/counter\"", "A requirement's id, or a glob."),
        needed(
            "reason",
            Text,
            "\"origins are compared by host name\"",
            "Why; it stands in every report.",
        ),
    ],
};

fn abilities() -> Vec<&'static str> {
    Ability::ALL.iter().map(|ability| ability.word()).collect()
}

fn effects() -> Vec<&'static str> {
    Effect::ALL.iter().map(|effect| effect.word()).collect()
}

fn words<T>(known: &[(&'static str, T)]) -> Vec<&'static str> {
    known.iter().map(|(word, _)| *word).collect()
}
