//! Complaints as they are printed, and what a sound profile comes to.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use proptest::prelude::*;

mod driver;
mod form;
pub(super) mod grammar;
mod layers;
mod pages;

use super::{Ability, Complaint, Lent, Profile};
use crate::{effect::Effect, secret::Secret};

const REFERENCE: &str = include_str!("../../profiles/reference.toml");

/// The least that is sound.
pub(super) const PLAIN: &str = r##"profile = 1
can = ["key-first"]

[portal]
name = "Acme"
base = "https://login.acme.example"
environment = "staging"

[secrets]
admin = { given = true }

[actors]
password = { generate = true }

[flow.whoami]
get = "/me"
capture = { user = { json = "/user" } }
outcome = [{ status = 200, is = "ok" }]

[flow.sign_in]
steps = [
    { get = "/login" },
    { form = "form#login", fill = { user = "{user}", password = "{password}" }, outcome = [{ url = "/home", is = "ok" }] },
]

[flow.sign_in_with_key.begin]
get = "/options"
options = { script = "script#data", json = "/request" }

[flow.sign_in_with_key.finish]
post = "/finish"
json = { credential = "{credential}" }
outcome = [{ status = 200, is = "ok" }]

[flow.create_user]
post = "/users"
headers = { Authorization = "Bearer {secret.admin}" }
json = { name = "{user}" }
outcome = [{ status = 201, is = "ok" }]
"##;

fn provided() -> BTreeMap<String, Secret> {
    let pairs = [("listener", "127.0.0.1:8100"), ("admin", "only-for-tests")];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), Secret::new(value))).collect()
}

pub(super) fn parse(text: &str) -> Result<Profile, Vec<Complaint>> {
    Profile::parse(text, "acme.toml", &provided())
}

pub(super) fn printed(complaints: &[Complaint]) -> String {
    complaints.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n")
}

#[test]
fn the_reference_profile_is_sound() {
    let profile = Profile::parse(REFERENCE, "profiles/reference.toml", &provided())
        .map_err(|c| printed(&c))
        .unwrap();
    assert!(
        Ability::ALL
            .iter()
            .filter(|a| !matches!(
                a,
                Ability::KeyFirst | Ability::MandatoryFactor | Ability::TotpWithPassword
            ))
            .all(|a| profile.description.can(*a))
    );
    assert_eq!(profile.description.origin("a-b"), "http://a-b.portal.localhost");
    assert_eq!(profile.description.allow, ["http://{scenario}.portal.localhost"]);
}

#[test]
fn a_plain_profile_takes_what_it_does_not_say_from_its_base() {
    let about = parse(PLAIN).map_err(|c| printed(&c)).unwrap().description;
    assert_eq!(
        (about.origin.as_str(), about.rp_id.as_str()),
        ("https://login.acme.example", "login.acme.example")
    );
    assert_eq!(about.limits.requests_per_second, Some(5));
    assert!(
        about.can(Ability::KeyFirst) && about.can(Ability::CreateUser) && !about.can(Ability::Key)
    );
    assert_eq!(about.actors.mail.text(), "ts-{run}-{n}@touchstone.test");
}

/// A key that signs in alone is a key all the same, where it can be registered.
#[test]
fn an_ability_comes_along_with_any_of_several() {
    let registers = r#"
[flow.register_key.begin]
get = "/options"
options = { json = "/creation" }

[flow.register_key.finish]
post = "/finish"
json = { credential = "{credential}" }
outcome = [{ status = 200, is = "ok" }]
"#;
    let can = |text: &str| {
        let about = parse(text).map_err(|c| printed(&c)).unwrap().description;
        (about.can(Ability::Key), about.can(Ability::KeySignIn))
    };
    assert_eq!(can(PLAIN), (false, false));
    assert_eq!(can(&format!("{PLAIN}{registers}")), (false, true));
    assert_eq!(
        can(&format!("{PLAIN}{registers}").replace("can = [\"key-first\"]\n", "")),
        (false, false)
    );
}

#[test]
fn an_application_says_whom_it_takes_the_visitor_for() {
    let last = "outcome = [{ status = 200, is = \"ok\" }]";
    let user = "capture = { user = { xml = \"cas:user\" } }, ";
    let opens = |user: &str| {
        format!("{PLAIN}\n[flow.open_app]\nsteps = [{{ get = \"/app\", {user}{last} }}]\n")
    };
    let starts = |first: &str, second: &str| {
        let begin = format!("begin = {{ get = \"/app\", {first}{last} }}");
        format!(
            "{PLAIN}\n[flow.start_at_app]\n{begin}\nfinish = {{ stay = true, {second}{last} }}\n"
        )
    };
    let abilities = |text: &str| {
        let about = parse(text).map_err(|c| printed(&c)).unwrap().description;
        (about.can(Ability::Sso), about.can(Ability::SsoFromApp))
    };
    assert_eq!(abilities(PLAIN), (false, false));
    assert_eq!(abilities(&opens(user)), (true, false));
    assert_eq!(abilities(&starts("", user)), (false, true));
    for (text, complaint) in [
        (opens(""), "[flow.open_app] does not capture `user`"),
        (starts("", ""), "[flow.start_at_app.finish] does not capture `user`"),
        // Before the sign-in it is nobody yet.
        (starts(user, ""), "[flow.start_at_app.finish] does not capture `user`"),
        (
            starts("", user).replace("[flow.start_at_app]\nbegin", "[flow.open_app]\nbegin"),
            "[flow.open_app] has one half: write `steps`",
        ),
    ] {
        let complaints = parse(&text).unwrap_err();
        assert!(printed(&complaints).contains(complaint), "{}", printed(&complaints));
        assert_eq!(complaints.len(), 1, "{}", printed(&complaints));
    }
}

#[test]
fn effects_and_pauses_are_limited_in_the_scope_and_production_is_an_environment() {
    let plain = parse(PLAIN).map_err(|c| printed(&c)).unwrap().description;
    assert_eq!((plain.effects, plain.limits.pauses.as_secs()), (Effect::all(), 60));
    let scope = "\n[scope]\neffects = [\"creates-account\", \"sends-mail\"]\nlimits = { pauses = \"5m\" }\n";
    let about = parse(&format!("{PLAIN}{scope}")).map_err(|c| printed(&c)).unwrap().description;
    assert_eq!(about.effects, BTreeSet::from([Effect::CreatesAccount, Effect::SendsMail]));
    assert_eq!(about.limits.pauses.as_secs(), 300);

    let wrong = scope.replace("sends-mail", "sends-male");
    let told = printed(&parse(&format!("{PLAIN}{wrong}")).unwrap_err());
    assert!(told.contains("sends-mail"), "{told}");
    let production = PLAIN.replace("\"staging\"", "\"production\"");
    assert_ne!(production, PLAIN);
    assert!(parse(&production).is_ok());
}

#[test]
fn exclusions_are_ids_or_globs() {
    let excluded = "\n[[excluded]]\nrequirement = \"totp/once\"\nreason = \"a\"\n[[excluded]]\nscenario = \"keys/*\"\nreason = \"b\"\n";
    let about = parse(&format!("{PLAIN}{excluded}")).unwrap().description;
    assert_eq!(about.excluded("totp/once/second-login", "totp/once"), Some("a"));
    assert_eq!(about.excluded("keys/own/rename", "keys/own"), Some("b"));
    assert_eq!(about.excluded("totp/onces/x", "totp/onces"), None);
}

/// Each row breaks the plain profile in one place: (what stands there, what is put in its place).
const BROKEN: &[(&str, &str)] = &[
    // The form of the file.
    (PLAIN, ""),
    (PLAIN, "# only a remark\n"),
    ("profile = 1", "profile = 2"),
    ("profile = 1\n", ""),
    ("name = \"Acme\"", "name = \"Acme"),
    ("name = \"Acme\"", "name = 7"),
    // Keys and words.
    ("[portal]\nname", "[portal]\nnmae"),
    ("[flow.sign_in]", "[flow.sing_in]"),
    ("outcome = [{ status = 201", "outcme = [{ status = 201"),
    ("\"key-first\"", "\"key-frist\""),
    ("environment = \"staging\"", "environment = \"stagign\""),
    ("is = \"ok\" }] },", "is = \"okay\" }] },"),
    ("[actors]", "[policy]\nlifetimes = { challenge = \"60\" }\n\n[actors]"),
    ("[actors]", "[policy]\nlifetimes = { challenge = \"18446744073709551615s\" }\n\n[actors]"),
    ("[actors]", "[policy]\ntotp = { skew_steps = 101 }\n\n[actors]"),
    // Texts with a grammar of their own.
    ("\"form#login\"", "\"form[\""),
    ("url = \"/home\"", "url = \"(home\""),
    ("json = \"/user\"", "json = \"user\""),
    ("\"{credential}\"", "\"{credental}\""),
    ("\"{credential}\"", "\"{credential:jsonstring}\""),
    ("\"{credential}\"", "\"{credential\""),
    ("status = 201", "status = \"9xx\""),
    ("{ json = \"/user\" }", "{ json = \"/user\", header = \"x-user\" }"),
    ("{ json = \"/user\" }", "{ regex = 'user=\\w+', group = 2 }"),
    // Flows.
    ("[flow.whoami]\nget = \"/me\"", "[flow.whoami]\nget = \"/me\"\npost = \"/me\""),
    ("[flow.whoami]\nget = \"/me\"\n", "[flow.whoami]\n"),
    ("[flow.sign_in_with_key.begin]", "[flow.sign_in_with_key]"),
    (
        "outcome = [{ url = \"/home\", is = \"ok\" }]",
        "outcome = [{ url = \"/home\", is = \"refused\" }]",
    ),
    (
        "options = { script = \"script#data\", json = \"/request\" }",
        "outcome = [{ status = 200, is = \"ok\" }]",
    ),
    ("capture = { user =", "capture = { usr ="),
    ("get = \"/me\"", "get = \"/me\"\nsecret = [\"session\"]"),
    ("[flow.whoami]", "[flow.open_reset]"),
    // Scope and secrets.
    ("get = \"/me\"", "get = \"https://other.example/me\""),
    ("\"https://login.acme.example\"", "\"login.acme.example\""),
    ("admin = { given = true }", "admin = \"hunter2-hunter2\""),
    ("password = \"{password}\"", "password = \"hunter2-hunter2\""),
    ("\"Bearer {secret.admin}\"", "\"Bearer hunter2-hunter2\""),
    ("password = { generate = true }", "password = { env = \"TOUCHSTONE_TEST_UNSET\" }"),
    ("environment = \"staging\"", "environment = \"staging\"\ninsecure_tls = true"),
    ("environment = \"staging\"", "environment = \"staging\"\nconnect = \"proxy\""),
    (
        "environment = \"staging\"",
        "environment = \"staging\"\nconnect = { \"login.acme.example\" = \"127.0.0.1:1\", \"lgoin.acme.example\" = \"127.0.0.1:1\" }",
    ),
    (
        "environment = \"staging\"",
        "environment = \"staging\"\nconnect = { \"login.acme.example\" = \"127.0.0.1:1\" }\ninsecure_tls = true\n[scope]\nallow = [\"https://app.acme.example\"]",
    ),
    ("name = \"Acme\"", "api_password = \"hunter2-hunter2\" name = \"Acme\""),
    (
        "form = \"form#login\", fill = { user = \"{user}\", password = \"{password}\"",
        "form = \"form[\", fill = { password = \"hunter2-hunter2\"",
    ),
    ("[actors]", "[scope]\ncontact = \"QA (the team)\"\n\n[actors]"),
    (
        "environment = \"staging\"",
        "environment = \"staging\"\nconnect = { \"login.acme.example\" = \"127.0.0.1:1\", \"192.0.2.1\" = \"127.0.0.1:1\" }\n[scope]\nallow = [\"https://192.0.2.1\", \"https://{scenario}.acme.example\"]",
    ),
    // Commands.
    (
        "post = \"/users\"\nheaders = { Authorization = \"Bearer {secret.admin}\" }\njson = { name = \"{user}\" }",
        "command = [\"{mail?}\", \"adduser\", \"{user}\"]",
    ),
    (
        "[flow.create_user]\npost = \"/users\"\nheaders = { Authorization = \"Bearer {secret.admin}\" }\njson = { name = \"{user}\" }\noutcome = [{ status = 201, is = \"ok\" }]",
        "[[flow.create_user.steps]]\nget = \"/me\"\ncapture = { auth = { value = \"Bearer {secret.admin}\" }, whole = { value = \"x{auth}\" } }\n[[flow.create_user.steps]]\ncommand = [\"adduser\", \"{user}\", \"{whole}\"]\noutcome = [{ exit = 0, is = \"ok\" }]",
    ),
    ("post = \"/users\"", "command = [\"adduser\", \"{user}\"]"),
    (
        "post = \"/users\"\nheaders = { Authorization = \"Bearer {secret.admin}\" }\njson = { name = \"{user}\" }",
        "command = [\"adduser\", \"{user}\", \"{password}\", \"--key={secret.admin}\"]",
    ),
    (
        "post = \"/users\"\nheaders = { Authorization = \"Bearer {secret.admin}\" }\njson = { name = \"{user}\" }",
        "command = []\nenvironment = { PASSWORD = \"hunter2-hunter2\" }",
    ),
    ("get = \"/me\"", "command = [\"whoami\"]"),
    ("post = \"/users\"", "post = \"/users\"\nenvironment = { NAME = \"{user}\" }"),
    ("can = [\"key-first\"]", "can = [\"totp\"]"),
    ("[flow.create_user]", "[flow.delete_user]"),
    ("[actors]", "[mail]\nsource = { smtp = \"0.0.0.0:25\" }\nlink = 'x'\n\n[actors]"),
    // Accounts and mail of others.
    ("[actors]", "[actors]\nname = \"admin\""),
    ("[actors]", "[actors]\nname = \"{actor}-{run}-{n}\""),
    ("[actors]", "[actors]\nname = \"ts-{run}-{n}@gmail.com\""),
    ("[actors]", "[actors]\nmail = \"real.person@corp.com\""),
    ("[actors]", "[actors]\nmail = \"ts-{run}-{n}@corp.com\""),
    ("[actors]", "[actors]\nown_domains = [\"co.uk\", \"Gmail.com\", \"a b\"]"),
    ("json = { name = \"{user}\" }", "json = { name = \"admin\" }"),
    // Limits that forbid everything, and ports that nothing listens at.
    (
        "[actors]",
        "[scope.limits]\nrequests_per_second = 0\nconcurrent = 0\nmails_per_hour = 5000000000\nbody_limit = 0\nexchange_timeout = \"0s\"\npauses = \"0ms\"\n\n[actors]",
    ),
    (
        "[actors]",
        "[policy]\nlifetimes = { challenge = \"0s\", reset = \"0s\" }\ntotp = { digits = 0, period = 0 }\nlockout = { wrong_tries = 0, lasts = \"0s\" }\n\n[actors]",
    ),
    ("environment = \"staging\"", "environment = \"staging\"\nconnect = \"127.0.0.1:0\""),
    (
        "environment = \"staging\"",
        "environment = \"staging\"\nconnect = { \"login.acme.example\" = \"127.0.0.1:0\" }",
    ),
    ("\"https://login.acme.example\"", "\"https://login.acme.example:0\""),
    ("[actors]", "[mail]\nsource = { smtp = \"127.0.0.1:0\" }\nlink = 'x'\n\n[actors]"),
    // More than is held in memory.
    ("[actors]", "[scope.limits]\nbody_limit = 16777217\n\n[actors]"),
];

#[test]
fn what_is_wrong_is_said_with_its_place_and_the_nearest_right_word() {
    let mut all = String::new();
    for (from, to) in BROKEN {
        assert!(PLAIN.contains(from), "{from}");
        let complaints = parse(&PLAIN.replacen(from, to, 1)).map(|_| ()).unwrap_err();
        assert!(!complaints.is_empty(), "{to}");
        let shown = if *from == PLAIN { to.trim_end() } else { to };
        writeln!(all, "── {}\n{}\n", shown.replace('\n', " ⏎ "), printed(&complaints)).unwrap();
    }
    assert!(!printed_part(&all).contains("hunter2"), "a secret is printed");
    insta::assert_snapshot!(all);
}

/// The complaints without the headings, which repeat what was put in.
fn printed_part(all: &str) -> String {
    all.lines().filter(|line| !line.starts_with("──")).collect()
}

#[test]
fn what_cannot_be_is_said() {
    let whoami = "get = \"/me\"";
    let user = "{ json = \"/user\" }";
    for (from, to, said) in [
        (
            user,
            "{ json = \"/mess~2age\" }",
            "`mess~2age` is not a member of a JSON pointer: `~` is written `~0`",
        ),
        (user, "{ json = \"/a~\" }", "`a~` is not a member of a JSON pointer: `~` is written `~0`"),
        (user, "{ header = \"bad header\" }", "no header can be called `bad header`"),
        (user, "{ cookie = \"a=b\" }", "no cookie can be called `a=b`"),
        (user, "{ xml = \"<user>\" }", "no XML element can be called `<user>`"),
        (user, "{ body = false }", "`flow.whoami.capture.user.body` is true, or not there"),
        (user, "{ url = \"query:\" }", "`query:` is not a word for `flow.whoami.capture.user.url`"),
        (user, "[]", "`flow.whoami.capture.user` is an empty list"),
        (
            whoami,
            "get = \"//elsewhere.example/x\"",
            "what begins with `//` names a host: write the whole URL, or one `/`",
        ),
        (
            whoami,
            "get = \"/\\\\elsewhere.example/x\"",
            "what begins with `//` names a host: write the whole URL, or one `/`",
        ),
        (whoami, "get = \"/me\"\nheaders = { \"X Y\" = \"1\" }", "no header can be called `X Y`"),
        (
            whoami,
            "get = \"/me\"\nheaders = { X-Y = \"1\\n2\" }",
            "the header `X-Y` is one line of ASCII",
        ),
        ("status = 201", "status = []", "`flow.create_user.outcome.status` is an empty list"),
        ("status = 201", "exit = 256", "`exit` is a number from 0 to 255"),
        (
            "[actors]",
            "[csrf]\nheader = \"X:Y\"\ncookie = \"csrf\"\n[actors]",
            "no header can be called `X:Y`",
        ),
        (
            "[actors]",
            "[policy]\ntotp = { digits = 10 }\n[actors]",
            "`policy.totp.digits` is a number from 1 to 9",
        ),
        ("{ given = true }", "{ env = \"A=B\" }", "no variable can be called `A=B`"),
        (
            "{ given = true }",
            "{ given = true, to = [\"https://other.example\"] }",
            "`to` names an origin that is neither that of `base` nor in `allow`",
        ),
        (
            "post = \"/users\"",
            "post = \"https://other.example/users\"",
            "`secret.admin` would go to https://other.example: a secret goes to the origin of `base`",
        ),
        ("name = \"Acme\"", "name = \"\"", "`portal.name` is empty"),
        ("name = \"Acme\"", "name = \"a\\nb\"", "`portal.name` is one line"),
    ] {
        let scope = "[scope]\nallow = [\"https://other.example\"]\n\n[actors]";
        let with_scope = said.starts_with("`secret.admin`");
        assert!(PLAIN.contains(from), "{from}");
        let text = PLAIN.replacen(from, to, 1);
        let text = if with_scope { text.replacen("[actors]", scope, 1) } else { text };
        let complaints = parse(&text).map(|_| ()).err().unwrap_or_default();
        assert!(complaints.iter().any(|one| one.message == said), "{to}\n{}", printed(&complaints));
    }
}

#[test]
fn a_member_cannot_become_the_whole_and_an_address_is_not_led_elsewhere() {
    let connects = PLAIN.replace(
        "environment = \"staging\"",
        "environment = \"staging\"\nconnect = \"192.0.2.1:80\"",
    );
    let scope = |allow: &str| format!("{connects}\n[scope]\nallow = [\"{allow}\"]\n");
    let renames = |to: &str| format!("{PLAIN}\n[webauthn]\nrename = {{ \"/opts\" = \"{to}\" }}\n");
    let whole = "a member gets the name of a member here, and cannot become the whole";
    let address = "`connect` needs host names in `allow`, not addresses";
    for (text, complaint) in [
        (renames("/challenge"), None),
        (renames("/"), Some(whole)),
        (renames(""), Some(whole)),
        (scope("http://idp.example:81"), None),
        (scope("http://192.0.2.2:81"), Some(address)),
        (scope("http://[2001:db8::1]"), Some(address)),
    ] {
        let complaints = parse(&text).map(|_| ()).err().unwrap_or_default();
        let messages: Vec<&str> = complaints.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(messages, Vec::from_iter(complaint), "{}", printed(&complaints));
    }
}

#[test]
fn who_vouches_for_certificates_is_said_where_there_are_any() {
    let system = "the system's certificates, whatever the environment names";
    let unchecked = "insecure_tls = true\nconnect = \"127.0.0.1:443\"";
    for (more, tls) in [
        ("", Some(system)),
        (unchecked, Some("certificates are not checked")),
        ("ca_file = \"Cargo.toml\"", Some("the certificates of `ca_file`, and no others")),
    ] {
        let more = format!("environment = \"staging\"\n{more}");
        let text = PLAIN.replace("environment = \"staging\"", &more);
        assert_eq!(parse(&text).map_err(|c| printed(&c)).unwrap().description.tls, tls);
    }
    let plain = PLAIN.replace("https://login", "http://login");
    assert_eq!(parse(&plain).map_err(|c| printed(&c)).unwrap().description.tls, None);
}

#[test]
fn several_complaints_come_at_once_in_the_order_of_the_file() {
    let broken = PLAIN
        .replace("name = \"Acme\"", "nmae = \"Acme\"")
        .replace("\"form#login\"", "\"form[\"")
        .replace("is = \"ok\"", "is = \"okay\"");
    let lines: Vec<usize> =
        parse(&broken).map(|_| ()).unwrap_err().iter().map(|complaint| complaint.line).collect();
    assert_eq!(lines, [4, 5, 18, 23, 23, 33, 39]);
}

proptest! {
    #[test]
    fn no_text_breaks_the_parser(text in "\\PC{0,200}") {
        let _ = parse(&text).map_err(|complaints| printed(&complaints));
    }

    #[test]
    fn no_change_of_a_profile_breaks_the_parser(at in 0..PLAIN.len(), cut in 0_usize..40, new in "[\\[\\]{}\"'=.\n a-z0-9é]{0,12}") {
        let end = (at + cut).min(PLAIN.len());
        if let (Some(before), Some(after)) = (PLAIN.get(..at), PLAIN.get(end..)) {
            let _ = parse(&format!("{before}{new}{after}")).map_err(|complaints| printed(&complaints));
        }
    }

    #[test]
    fn no_template_breaks_the_parser(text in "[{}:/?a-z-]{0,30}") {
        let _ = super::template::parse(&text);
    }
}

#[test]
fn a_pool_stands_in_place_of_create_user() {
    use loopback::{HEAD, TAIL};
    let (flows, _) = TAIL.split_once("[flow.create_user]").unwrap();
    let pool = r#"pool = [
    { name = "qa-1", mail = "qa-1@example.test", password = { env = "QA_1" } },
    { name = "qa-2", password = { env = "QA_2" } },
]
"#;
    let read = |text: &str| {
        let provided = [("listener", "127.0.0.1:9"), ("QA_1", "one"), ("QA_2", "two")];
        let provided = provided.map(|(name, value)| (name.to_owned(), Secret::new(value))).into();
        Profile::parse(text, "test.toml", &provided)
            .map_err(|complaints| complaints.iter().map(ToString::to_string).collect::<String>())
    };
    let profile = read(&format!("{HEAD}{pool}{flows}")).unwrap();
    let lent = |user: &str, mail: &str, password: &str| Lent {
        user: user.into(),
        mail: mail.into(),
        password: Secret::new(password),
    };
    let expected = vec![lent("qa-1", "qa-1@example.test", "one"), lent("qa-2", "", "two")];
    assert_eq!(profile.description.actors.pool, expected);
    assert!(!profile.description.can(Ability::CreateUser));

    let said = read(&format!("{HEAD}{pool}{TAIL}")).unwrap_err();
    assert!(said.contains("made or lent, not both"), "{said}");
    let said = read(&format!("{HEAD}{flows}")).unwrap_err();
    assert!(said.contains("no `pool` in [actors]"), "{said}");
    let twice = pool.replace("qa-2", "qa-1");
    let said = read(&format!("{HEAD}{twice}{flows}")).unwrap_err();
    assert!(said.contains("names this account twice"), "{said}");
    let written = pool.replace("{ env = \"QA_1\" }", "\"hunter2\"");
    let said = read(&format!("{HEAD}{written}{flows}")).unwrap_err();
    assert!(said.contains("is written out") && !said.contains("hunter2"), "{said}");
}

#[test]
fn a_place_that_can_never_have_a_value_is_refused() {
    let said = |flow: &str| {
        let broken = parse(&format!("{PLAIN}\n{flow}\n"));
        broken.map_or_else(|complaints| printed(&complaints), |_| String::new())
    };
    let ok = "outcome = [{ status = 200, is = \"ok\" }]";
    for (flow, unknown) in [
        // Whoever asks for a reset has signed in nowhere, and gives no name.
        (format!("[flow.request_reset]\npost = \"/r/{{user}}\"\n{ok}"), "user"),
        (format!("[flow.set_policy]\npost = \"/r\"\njson = \"{{password}}\"\n{ok}"), "password"),
        // What the suite makes of the first half is not there before it.
        (
            format!("[flow.enrol_totp]\nbegin = {{ post = \"/{{code}}\", capture = {{ secret = {{ body = true }} }}, {ok} }}\nfinish = {{ post = \"/\", {ok} }}"),
            "code",
        ),
        // In a pointer, in what a value equals, and before the capture of that name.
        (format!("[flow.sign_out]\npost = \"/o\"\ncapture = {{ x = {{ json = \"/[id={{key}}]\" }} }}\n{ok}"), "key"),
        (
            "[flow.sign_out]\npost = \"/o\"\noutcome = [{ json = \"/x\", equals = \"{key}\", is = \"ok\" }]".to_owned(),
            "key",
        ),
        (
            format!("[flow.sign_out]\npost = \"/o\"\ncapture = {{ a = {{ value = \"{{late}}\" }}, late = {{ body = true }} }}\n{ok}"),
            "late",
        ),
    ] {
        let said = said(&flow);
        assert!(said.contains(&format!("no value is called `{unknown}` here")), "{flow}\n{said}");
    }
    for flow in [
        format!(
            "[flow.sign_out]\npost = \"/o\"\nfields = {{ u = \"{{user}}\", m = \"{{mail}}\" }}\n{ok}"
        ),
        format!("[flow.set_policy]\npost = \"/{{user}}\"\njson = \"{{policy}}\"\n{ok}"),
        format!(
            "[flow.delete_key]\nget = \"/k\"\ncapture = {{ x = {{ json = \"/[id={{key}}]/a{{{{b\" }}, y = {{ value = \"{{x}}\" }} }}\n{ok}"
        ),
    ] {
        assert_eq!(said(&flow), "", "{flow}");
    }
    let mapped = said("[webauthn.answer]\nomit = [\"/{user}\"]");
    assert!(mapped.contains("no place can stand in this pointer"), "{mapped}");
}

#[test]
fn a_missing_flow_is_one_complaint_however_many_abilities_want_it() {
    let told = parse(&PLAIN.replace("[\"key-first\"]", "[\"strict-label\", \"key-limit\"]"));
    let told = printed(&told.map(|_| ()).unwrap_err());
    assert_eq!(told.matches("error:").count(), 1, "{told}");
    let wanted =
        "`strict-label`, `key-limit` are declared, and the profile has no [flow.register_key]";
    assert!(told.contains(wanted), "{told}");
}

#[test]
fn the_guides_recipes_are_sound_and_links_to_the_guide_lead_somewhere() {
    let guide = include_str!("../../docs/guide.md");
    let recipe: Vec<&str> = guide.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    let (_, create_user) = loopback::TAIL.split_once("[flow.create_user]").unwrap();
    let text = format!("{}{}\n[flow.create_user]{create_user}", loopback::HEAD, recipe.join("\n"));
    let provided = BTreeMap::from([("listener".to_owned(), Secret::new("127.0.0.1:9"))]);
    let profile = Profile::parse(&text, "test.toml", &provided).unwrap();
    assert_eq!(profile.flows.by_verb.len(), 6);
    let headings: Vec<String> = guide
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(|heading| {
            heading.to_lowercase().replace(' ', "-").replace(['?', ',', '`', '\'', '[', ']'], "")
        })
        .collect();
    let reference = super::reference();
    let anchors: Vec<&str> =
        reference.split("guide.md#").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(!anchors.is_empty());
    assert!(
        anchors.iter().all(|anchor| headings.iter().any(|known| known == anchor)),
        "{headings:?}"
    );
}
