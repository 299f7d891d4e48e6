//! What a profile loosens of the guards that are in force: a row for each key that can. What a command
//! line adds is the command line's.

use super::{Limits, Profile, Reach, named};

/// A guard that is loosened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loosened {
    /// The key of the profile, or the option of the command line, that does it.
    pub by: &'static str,
    /// What it means, for every report.
    pub says: String,
}

type Row = (&'static str, fn(&Profile) -> Vec<String>);

const BEYOND: &str =
    "what it sends is beyond the allow-list, the limits of connections and bodies, and the breaker";

/// The key that takes caps off a portal on this machine.
pub(crate) const ENVIRONMENT: &str = "portal.environment";

/// Every key that loosens a guard.
const ROWS: &[Row] = &[
    ("portal.insecure_tls", |profile| {
        when(profile.portal.insecure_tls, || "certificates are not checked (insecure_tls)".into())
    }),
    ("portal.private_network", |profile| {
        let says = || "names may resolve to private addresses (private_network)".into();
        when(profile.portal.reach == Reach::PrivateNetwork, says)
    }),
    (ENVIRONMENT, environment),
    ("portal.headers", |profile| {
        let mut headers = profile.portal.headers.iter();
        let hides = headers.any(|(name, _)| name.eq_ignore_ascii_case("touchstone-run"));
        when(hides, || "requests do not say which run they belong to (headers)".into())
    }),
    ("scope.allow", |profile| {
        let others: Vec<&str> = profile.description.allow.iter().skip(1).map(|s| &**s).collect();
        when(!others.is_empty(), || format!("other hosts may be contacted: {}", others.join(", ")))
    }),
    ("scope.applications", |profile| {
        let applications = &profile.description.applications;
        when(!applications.is_empty(), || {
            format!("applications are opened as well: {}", applications.join(", "))
        })
    }),
    // Without it a secret goes to the origin of `base` alone.
    ("secret.to", named::elsewhere),
    ("scope.limits.requests_per_second", |profile| {
        let most = |limits: &Limits| limits.requests_per_second.map(u64::from);
        beyond(profile, most, |number| format!("{number} requests in a second"))
    }),
    ("scope.limits.concurrent", |profile| {
        let most = |limits: &Limits| Some(limits.concurrent.into());
        beyond(profile, most, |number| format!("{number} scenarios and requests at once"))
    }),
    ("scope.limits.mails_per_hour", |profile| {
        let most = |limits: &Limits| limits.mails_per_hour.map(u64::from);
        beyond(profile, most, |number| format!("{number} mails in an hour"))
    }),
    ("scope.limits.body_limit", |profile| {
        let most = |limits: &Limits| Some(limits.body_limit);
        beyond(profile, most, |number| format!("bodies of {number} bytes"))
    }),
    ("scope.limits.exchange_timeout", |profile| {
        let most = |limits: &Limits| u64::try_from(limits.exchange_timeout.as_millis()).ok();
        beyond(profile, most, |number| format!("exchanges of {number} ms"))
    }),
    ("scope.limits.pauses", |profile| {
        let most = |limits: &Limits| u64::try_from(limits.pauses.as_millis()).ok();
        beyond(profile, most, |number| format!("pauses of {number} ms in all"))
    }),
    ("policy.lockout.wrong_tries", |profile| {
        let tries = profile.description.policy.wrong_tries;
        when(tries > super::Policy::WRONG_TRIES, || {
            format!("accounts are tried wrongly up to {} times in a row", tries - 1)
        })
    }),
    ("actors.own_domains", |profile| {
        let own = &profile.description.actors.own_domains;
        when(!own.is_empty(), || {
            format!("mail goes to domains that the profile calls its own: {}", own.join(", "))
        })
    }),
    ("actors.pool", |profile| {
        let lent = profile.description.actors.pool.len();
        when(lent > 0, || format!("{lent} accounts that were there before are changed (pool)"))
    }),
    ("actors.disposable", |profile| {
        let says = || "accounts are not removed: they vanish with the portal (disposable)".into();
        when(profile.description.actors.disposable, says)
    }),
    ("driver.command", |profile| {
        let driver = profile.driver.iter();
        let says = |line| format!("an adapter drives the portal ({line}): {BEYOND}");
        driver.map(|driver| says(driver.command.line())).collect()
    }),
    ("mail source.command", |profile| {
        let program = profile.mail_program().into_iter();
        program.map(|program| format!("a command prints mails ({})", program.line())).collect()
    }),
    ("step.command", |profile| {
        let steps = profile.flows.commands();
        let says = |(verb, line): (crate::Verb, String)| {
            format!("a command is part of {} ({line}): {BEYOND}", verb.name())
        };
        steps.map(says).collect()
    }),
];

/// What a profile loosens.
pub(super) fn of(profile: &Profile) -> Vec<Loosened> {
    let rows = ROWS
        .iter()
        .flat_map(|(by, says)| says(profile).into_iter().map(|says| Loosened { by, says }));
    rows.collect()
}

fn when(is_so: bool, says: impl FnOnce() -> String) -> Vec<String> {
    is_so.then(says).into_iter().collect()
}

/// A limit above that of a portal about which nothing is known.
fn beyond(
    profile: &Profile,
    most: impl Fn(&Limits) -> Option<u64>,
    says: impl Fn(u64) -> String,
) -> Vec<String> {
    let (now, usual) = (most(&profile.description.limits), most(&Limits::CAUTIOUS));
    let (Some(now), Some(usual)) = (now, usual) else { return Vec::new() };
    when(now > usual, || format!("{}, {usual} without the key", says(now)))
}

/// On this machine nothing is slowed down and names may be its own, where the profile says what it is.
fn environment(profile: &Profile) -> Vec<String> {
    let about = &profile.description;
    let caps = [
        (about.limits.requests_per_second.is_none(), "requests are not slowed down"),
        (about.limits.mails_per_hour.is_none(), "mails are not counted"),
    ];
    let off: Vec<&str> = caps.iter().filter(|(off, _)| *off).map(|(_, says)| *says).collect();
    when(!off.is_empty(), || format!("{} ({})", off.join(", "), about.environment))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::tests::{PLAIN, grammar, parse, printed};

    /// Keys of the same tables that loosen nothing, or make a guard stricter.
    const NOT: &[&str] = &[
        "portal.name",
        "portal.base",
        "portal.origin",
        "portal.rp_id",
        // Where names lead, and whose certificates go, are guards of their own in the record.
        "portal.connect",
        "portal.ca_file",
        "scope.effects",
        "scope.contact",
        "scope.limits",
        "lockout.lasts",
        "actors.name",
        "actors.mail",
        "actors.password",
        "driver.verbs",
        "mail source.smtp",
        "mail source.eml_folder",
        "mail source.maildir",
        "mail source.mailpit",
        "mail source.mailhog",
        "password.generate",
        // Which of them may be read is the command line's: `--only-secrets`.
        "secret.env",
        "secret.file",
        "secret.given",
        "step.get",
        "step.post",
        "step.put",
        "step.patch",
        "step.delete",
        "step.form",
        "step.stay",
        "step.mail",
        "step.environment",
        "step.fill",
        "step.leave_out",
        "step.press",
        "step.fields",
        "step.json",
        "step.headers",
        "step.query",
        "step.when",
        "step.apart",
        "step.follow",
        "step.csrf",
        "step.cookies",
        "step.capture",
        "step.secret",
        "step.keep",
        "step.options",
        "step.outcome",
    ];

    /// Whole tables in which no key loosens a guard: they say how the portal is driven and what its
    /// answers are. What a request may be sent to, and what it may hold, is guarded where it is sent.
    const NO_TABLE: &[&str] = &[
        "profile",
        "recogniser",
        "policy",
        "lifetimes",
        "totp",
        "lent account",
        "mail",
        "excluded",
        "flow",
        "condition",
        "outcome rule",
        "extractor",
        "answers",
        "interrupt",
        "csrf",
        "webauthn",
        "webauthn answer",
        "page",
        "page step",
        "page rule",
        "control",
    ];

    /// Whoever adds a key, or a table, to the language says whether it loosens a guard.
    #[test]
    fn every_key_that_could_loosen_a_guard_does_or_is_said_not_to() {
        let tables: Vec<_> = grammar::shapes();
        let known: BTreeSet<&str> = tables.iter().map(|shape| shape.name).collect();
        let gone: Vec<_> = NO_TABLE.iter().filter(|name| !known.contains(*name)).collect();
        assert!(gone.is_empty(), "no such tables: {gone:?}");
        let looked_at = tables.iter().filter(|shape| !NO_TABLE.contains(&shape.name));
        let keys = looked_at
            .flat_map(|shape| shape.keys.iter().map(|key| format!("{}.{}", shape.name, key.name)));
        let keys: BTreeSet<String> = keys.collect();
        let last = |key: &str| {
            let parts: Vec<&str> = key.rsplit('.').take(2).collect();
            parts.into_iter().rev().collect::<Vec<_>>().join(".")
        };
        let rows = ROWS.iter().map(|(key, _)| last(key));
        let said: BTreeSet<String> = rows.chain(NOT.iter().map(|&key| key.to_owned())).collect();
        assert_eq!(keys, said);
    }

    /// A profile for each row that loosens this guard and no other.
    const SAMPLES: &[(&str, &str, &str)] = &[
        (
            "portal.insecure_tls",
            "environment = \"staging\"",
            "environment = \"staging\"\nconnect = \"127.0.0.1:1\"\ninsecure_tls = true",
        ),
        (
            "portal.private_network",
            "environment = \"staging\"",
            "environment = \"staging\"\nprivate_network = true",
        ),
        (
            ENVIRONMENT,
            "environment = \"staging\"",
            "environment = \"test\"\nconnect = \"127.0.0.1:1\"",
        ),
        (
            "portal.headers",
            "environment = \"staging\"",
            "environment = \"staging\"\nheaders = { touchstone-RUN = \"\" }",
        ),
        ("scope.allow", "[actors]", "[scope]\nallow = [\"https://app.acme.example\"]\n[actors]"),
        (
            "scope.applications",
            "[actors]",
            "[scope]\napplications = [\"https://app.acme.example\"]\n[actors]",
        ),
        (
            "secret.to",
            "[secrets]\nadmin = { given = true }",
            "[scope]\nallow = [\"https://app.acme.example\"]\n[secrets]\nadmin = { given = true, to = [\"https://app.acme.example\"] }",
        ),
        (
            "scope.limits.requests_per_second",
            "[actors]",
            "[scope.limits]\nrequests_per_second = 6\n[actors]",
        ),
        ("scope.limits.concurrent", "[actors]", "[scope.limits]\nconcurrent = 9\n[actors]"),
        (
            "scope.limits.mails_per_hour",
            "[actors]",
            "[scope.limits]\nmails_per_hour = 101\n[actors]",
        ),
        ("scope.limits.body_limit", "[actors]", "[scope.limits]\nbody_limit = 2097153\n[actors]"),
        (
            "scope.limits.exchange_timeout",
            "[actors]",
            "[scope.limits]\nexchange_timeout = \"11s\"\n[actors]",
        ),
        ("scope.limits.pauses", "[actors]", "[scope.limits]\npauses = \"61s\"\n[actors]"),
        ("policy.lockout.wrong_tries", "[actors]", "[policy.lockout]\nwrong_tries = 6\n[actors]"),
        ("actors.own_domains", "[actors]", "[actors]\nown_domains = [\"qa.corp.com\"]"),
        (
            "actors.pool",
            "[actors]",
            "[actors]\npool = [{ name = \"qa-1\", password = { env = \"PATH\" } }]",
        ),
        ("actors.disposable", "[actors]", "[actors]\ndisposable = true"),
        (
            "mail source.command",
            "[actors]",
            "[mail]\nsource = { command = [\"x\"] }\nlink = 'x'\n[actors]",
        ),
        (
            "step.command",
            "post = \"/users\"\nheaders = { Authorization = \"Bearer {secret.admin}\" }\njson = { name = \"{user}\" }",
            "command = [\"adduser\", \"{user}\"]",
        ),
    ];

    #[test]
    fn each_row_is_told_where_its_key_stands_and_only_there() {
        let told = |text: &str| -> Vec<&str> {
            let profile = parse(text).unwrap_or_else(|all| panic!("{}\n{text}", printed(&all)));
            profile.description.loosened.iter().map(|loosened| loosened.by).collect()
        };
        assert_eq!(told(PLAIN), Vec::<&str>::new());
        for (key, from, to) in SAMPLES {
            let mut text = PLAIN.replacen(from, to, 1);
            if *key == "actors.pool" {
                text = text.split("[flow.create_user]").next().unwrap_or_default().to_owned();
            }
            let told = told(&text);
            // An application is a host that is allowed as well, and so is where a secret may go.
            let expected: &[&str] = match *key {
                "scope.applications" | "secret.to" => &["scope.allow", key],
                _ => &[key],
            };
            assert_eq!(told, expected, "{to}");
        }
        let tried: Vec<&str> = SAMPLES.iter().map(|(key, ..)| *key).collect();
        let rows = ROWS.iter().map(|(key, _)| *key).filter(|key| *key != "driver.command");
        assert_eq!(tried, rows.collect::<Vec<_>>());
    }

    /// A secret goes to the origin of `base` anyway.
    #[test]
    fn a_secret_that_may_go_to_the_portal_itself_loosens_nothing() {
        let loosened = |to: &str| {
            let given = format!("admin = {{ given = true, to = [{to}] }}");
            let text = PLAIN.replacen("admin = { given = true }", &given, 1).replacen(
                "[actors]",
                "[scope]\nallow = [\"https://app.acme.example\"]\n[actors]",
                1,
            );
            let profile = parse(&text).unwrap_or_else(|all| panic!("{}", printed(&all)));
            let all = profile.description.loosened.into_iter();
            all.filter(|one| one.by == "secret.to").map(|one| one.says).collect::<Vec<_>>()
        };
        let (own, other) = ("\"https://login.acme.example\"", "\"https://app.acme.example\"");
        assert_eq!(loosened(own), Vec::<String>::new());
        let says = "`secret.admin` may go to other hosts: https://app.acme.example (to)";
        assert_eq!(loosened(other), [says]);
        assert_eq!(loosened(&format!("{own}, {other}")), [says]);
    }

    /// `local` and `test` are about this machine: elsewhere they are words.
    #[test]
    fn an_environment_takes_caps_off_only_on_this_machine() {
        let cautious = (Some(5), Some(100));
        for (portal, rest, expected) in [
            ("connect = \"127.0.0.1:1\"", "", (None, None)),
            ("connect = \"[::1]:1\"", "", (None, None)),
            ("", "", cautious),
            ("connect = \"192.0.2.1:80\"", "", cautious),
            ("connect = \"10.0.0.1:80\"", "", cautious),
            ("connect = \"0.0.0.0:80\"", "", cautious),
            (
                "connect = { \"login.acme.example\" = \"127.0.0.1:1\" }",
                "[scope]\nallow = [\"https://app.acme.example\"]",
                cautious,
            ),
            (
                "connect = { \"login.acme.example\" = \"127.0.0.1:1\" }",
                "[scope]\napplications = [\"https://app.acme.example\"]",
                cautious,
            ),
            ("", "[scope.limits]\nrequests_per_second = 50", (Some(50), Some(100))),
            (
                "connect = \"127.0.0.1:1\"",
                "[scope.limits]\nrequests_per_second = 3",
                (Some(3), None),
            ),
        ] {
            for environment in ["local", "test"] {
                let here = format!("environment = \"{environment}\"\n{portal}");
                let text = PLAIN.replacen("environment = \"staging\"", &here, 1).replacen(
                    "[actors]",
                    &format!("{rest}\n[actors]"),
                    1,
                );
                let about = parse(&text).unwrap_or_else(|all| panic!("{}", printed(&all)));
                let limits = about.description.limits;
                let found = (limits.requests_per_second, limits.mails_per_hour);
                assert_eq!(found, expected, "{environment} {portal} {rest}");
            }
        }
    }
}
