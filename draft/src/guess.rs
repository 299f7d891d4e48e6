//! What the public pages of a portal tell: flows by their forms, tokens, files at fixed places,
//! presets that are recognised, and who says who is signed in.

use driver::deployment;
use profile::{Preset, Verb, flow::Condition};
use serde_json::Value;

use super::{
    Csrf, Guess, Halves, Seen, Sighting, Target, Told,
    forms::{self, Reading},
    options,
    page::{self, Topic, forms as forms_of},
    toml::{Rule, Step, literal, named, text},
};

/// Cookies that hold a token, and the header that goes with each by custom of its framework.
const TOKEN_COOKIES: &[(&str, &str)] =
    &[("csrftoken", "X-CSRFToken"), ("XSRF-TOKEN", "X-XSRF-TOKEN"), ("csrf_token", "X-CSRF-Token")];

/// Whether a page of some path was seen of which a condition holds.
pub(super) fn holds(seen: &Seen, path: &str, condition: &Condition) -> bool {
    seen.sightings.iter().any(|sighting| {
        sighting.url.path() == path && deployment::holds(condition, &sighting.page, &sighting.jar)
    })
}

/// Whether a form was seen for something that is looked for.
pub(super) fn speaks_of(seen: &Seen, topic: Topic) -> bool {
    let wanted = match topic {
        Topic::SignIn => Verb::SignIn,
        Topic::SignUp => Verb::CreateUser,
        Topic::Reset => Verb::RequestReset,
        Topic::SignOut | Topic::Factor | Topic::Account => return false,
    };
    seen.sightings.iter().flat_map(readings).any(|(_, reading)| reading.verb == wanted)
}

/// The preset that the portal is of: all its pages were seen, and of each holds what must.
pub(super) fn preset(seen: &Seen, all: Vec<Preset>) -> Option<Preset> {
    all.into_iter().find(|preset| {
        let known = &preset.recognised_by;
        !known.is_empty() && known.iter().all(|(path, condition)| holds(seen, path, condition))
    })
}

/// What the pages tell.
pub(super) fn told(seen: &Seen, target: &Target) -> Told {
    let mut told = Told { csrf: csrf(seen), ..Told::default() };
    for sighting in &seen.sightings {
        for (names, reading) in readings(sighting) {
            if told.flows.iter().all(|guess| guess.verb != reading.verb)
                && target.is_own(&sighting.url)
            {
                told.flows.push(guess(sighting, &names, reading));
            }
        }
    }
    told.flows.extend(whoami(seen, &mut told.notes));
    told.flows.extend(protected(seen, &told.flows));
    for sighting in seen.sightings.iter().filter(|sighting| sighting.page.status() == 200) {
        let path = sighting.url.path();
        if let Some(found) = options::find(sighting.page.body()) {
            let (what, verb) = if found.creates {
                ("registering", "register_key")
            } else {
                ("signing in with", "sign_in_with_key")
            };
            told.notes.push(format!(
                "GET {path} brought WebAuthn options for {what} a key: `options = {}` in [flow.{verb}] `begin`; record a HAR to see where the answer goes",
                super::toml::inline(&found.way)
            ));
        }
        told.notes.extend(published(sighting));
    }
    told
}

fn readings(sighting: &Sighting) -> Vec<(String, Reading)> {
    if sighting.page.status() != 200 {
        return Vec::new();
    }
    let forms = sighting.page.look(|html| forms_of(html, &sighting.url));
    let read = forms.iter().filter_map(|form| {
        let own = form.action.origin() == sighting.url.origin();
        let reading = forms::read(form, sighting.url.path()).filter(|_| own)?;
        Some((form.names(), reading))
    });
    read.collect()
}

fn guess(sighting: &Sighting, names: &str, reading: Reading) -> Guess {
    let path = sighting.url.path();
    let Reading { verb, step, mut unknown } = reading;
    let how = if verb == Verb::SignIn {
        "sign in, and see what is different where it went well (`ok`), where a factor is asked for (`factor_needed`) and where the password was wrong (`refused`)"
    } else if verb == Verb::CreateUser {
        "sign up, and see what is different where it went well (`ok`); who signs up is often signed in by it, then add a step that signs out"
    } else if verb == Verb::RequestReset {
        "ask for a reset, and see what comes (`ok`)"
    } else {
        "see what is different where it went well (`ok`)"
    };
    unknown.push(format!("how the answer is known. To find out: {how}; write it as `outcome` of the last step (docs/profile.md, Outcome rule)"));
    let what = if verb == Verb::SignOut {
        "a form that leads out".to_owned()
    } else {
        format!("a form with {names}")
    };
    Guess {
        verb,
        evidence: vec![format!("GET {path} has {what}")],
        unknown,
        halves: Halves::One(vec![Step::new("get", literal(path)), step]),
    }
}

/// Somebody without a session asked who is signed in, and was told that nobody is.
fn whoami(seen: &Seen, notes: &mut Vec<String>) -> Option<Guess> {
    const NAMES: &[&str] = &["user", "username", "name", "login", "email", "result", "who", "sub"];
    for sighting in &seen.sightings {
        let last = sighting.url.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let asked = ["whoami", "me", "session", "get-session", "mysession"].contains(&last);
        let Ok(json) = serde_json::from_str::<Value>(sighting.page.body()) else { continue };
        if !asked || sighting.page.status() != 200 {
            continue;
        }
        let query = sighting.url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let path = format!("{}{query}", sighting.url.path());
        let member = NAMES.iter().find(|name| json.get(**name).is_some_and(Value::is_null));
        let Some(member) = member else {
            notes.push(format!(
                "GET {path} answered JSON to nobody: it may say who is signed in, for [flow.whoami]"
            ));
            continue;
        };
        let pointer = text(&format!("/{member}"));
        let mut step = Step::new("get", literal(&path));
        step.capture.push(("user".to_owned(), vec![("json", pointer.clone())]));
        step.outcome = vec![
            Rule { when: format!("status = 200, json = {pointer}"), is: "ok" },
            Rule { when: format!("status = 200, json = {pointer}, exists = false"), is: "ok" },
        ];
        return Some(Guess {
            verb: Verb::Whoami,
            evidence: vec![format!(
                "GET {path} answered JSON in which `{member}` is null for nobody"
            )],
            unknown: Vec::new(),
            halves: Halves::One(vec![step]),
        });
    }
    None
}

/// A page that sends nobody to the page where one signs in.
fn protected(seen: &Seen, flows: &[Guess]) -> Option<Guess> {
    let sign_in = flows.iter().find(|guess| guess.verb == Verb::SignIn)?;
    let Halves::One(steps) = &sign_in.halves else { return None };
    let door = &steps.first()?.ask.1;
    let found = seen.sightings.iter().find_map(|sighting| {
        let away = (300..400).contains(&sighting.page.status());
        let location = sighting.page.headers().iter().find(|(name, _)| name == "location")?;
        let to = sighting.url.join(&location.1).ok()?;
        let path = sighting.url.path();
        let leads =
            literal(to.path()) == *door && path != "/" && !path.starts_with("/.well-known/");
        (away && leads && (Topic::of(path) == Some(Topic::Account) || path == "/me"))
            .then(|| (path.to_owned(), to.path().to_owned()))
    });
    let (path, to) = found?;
    let mut step = Step::new("get", literal(&path));
    let at = |path: &str| text(&format!("^[^?]*{}(\\?|$)", regex::escape(path)));
    step.outcome = vec![
        Rule { when: format!("url = {}", at(&to)), is: "refused" },
        Rule { when: format!("url = {}, status = 200", at(&path)), is: "ok" },
    ];
    Some(Guess {
        verb: Verb::OpenProtected,
        evidence: vec![format!("GET {path} sent nobody to {to}")],
        unknown: Vec::new(),
        halves: Halves::One(vec![step]),
    })
}

fn csrf(seen: &Seen) -> Option<Csrf> {
    for sighting in seen.sightings.iter().filter(|sighting| sighting.page.status() == 200) {
        let path = sighting.url.path();
        let get = ("get", text(&literal(path)));
        let cookie = TOKEN_COOKIES.iter().find(|(name, _)| sighting.jar.get(name).is_some());
        if let Some((cookie, header)) = cookie {
            return Some(Csrf {
                evidence: format!(
                    "GET {path} sets the cookie {cookie}; the header that goes with it is custom, and was not seen"
                ),
                entries: vec![("cookie", text(cookie)), ("header", text(header)), get],
            });
        }
        if let Some((name, _)) = sighting.page.look(page::token_in_head) {
            let css = text(&format!("meta{}", named(&name)));
            return Some(Csrf {
                evidence: format!(
                    "GET {path} has a token in its head; the header that goes with it is custom, and was not seen"
                ),
                entries: vec![
                    ("token", format!("{{ css = {css}, attr = \"content\" }}")),
                    ("header", text("X-CSRF-Token")),
                    get,
                ],
            });
        }
    }
    None
}

/// What a site publishes about itself.
fn published(sighting: &Sighting) -> Vec<String> {
    let path = sighting.url.path();
    if !path.starts_with("/.well-known/") {
        return Vec::new();
    }
    let Ok(Value::Object(members)) = serde_json::from_str(sighting.page.body()) else {
        return Vec::new();
    };
    let told = members.iter().filter(|(name, _)| {
        ["issuer", "enroll", "manage", "origins", "userinfo_endpoint", "end_session_endpoint"]
            .contains(&name.as_str())
    });
    told.map(|(name, value)| format!("GET {path}: {name} = {value}")).collect()
}
