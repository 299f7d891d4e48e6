//! The doctor on the reference portal, on one that takes any password, and on one that is not there.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use driver::deployment::{Access, Target};
use ledger::Ledger;
use profile::{Profile, secret::Secret};
use reports::{record::Fault, redact::Redactor};
use softkey::Seed;

use super::{Finding, Health, examine};
use crate::{fixture, reference};

async fn findings(target: Target) -> (bool, Vec<Finding>) {
    let mut found = Vec::new();
    let (redactor, ledger) = (Redactor::new([7; 32]), Ledger::in_memory());
    let well =
        examine(&target, &Seed::new([9; 32]), &redactor, &ledger, &mut |one| found.push(one)).await;
    (well, found)
}

fn health<'f>(found: &'f [Finding], what: &str) -> &'f Health {
    &found.iter().find(|one| one.what == what).unwrap_or_else(|| panic!("{found:#?}")).health
}

#[tokio::test]
async fn the_reference_portal_is_well() {
    let redactor = Redactor::new([7; 32]);
    let portal = reference::start(&Seed::new([1; 32]), None, &redactor).await.unwrap();
    let (well, found) = findings(portal.target).await;
    assert!(well, "{found:#?}");
    let looked: Vec<&str> = found.iter().map(|one| one.what).collect();
    assert_eq!(
        looked,
        [
            "contact",
            "clock",
            "whoami",
            "account",
            "password",
            "wrong password",
            "security key",
            "account",
            "one-time codes",
            "mail",
            "clean-up"
        ]
    );
}

#[tokio::test]
async fn a_portal_that_takes_any_password_is_told_apart() {
    let redactor = Redactor::new([7; 32]);
    let defect = portal::defect::find("flow/wrong-password-accepted").unwrap();
    let portal = reference::start(&Seed::new([1; 32]), Some(defect), &redactor).await.unwrap();
    let (well, found) = findings(portal.target).await;
    assert!(!well);
    assert!(matches!(health(&found, "wrong password"), Health::Problem(_)), "{found:#?}");
}

#[tokio::test]
async fn a_portal_that_is_not_there_is_the_environments() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let provided = BTreeMap::from([
        ("listener".to_owned(), Secret::new(&address)),
        ("admin".to_owned(), Secret::new("x")),
    ]);
    let text = format!("{}{}", loopback::HEAD, loopback::TAIL);
    let profile = Profile::parse(&text, "test.toml", &provided).unwrap();
    let target = Target::over_http(Access::open(profile, None).await.unwrap());
    let (well, found) = findings(target).await;
    assert!(!well);
    let Health::Problem(trouble) = health(&found, "contact") else { panic!("{found:#?}") };
    assert_eq!(trouble.whose, Fault::Environment);
    assert!(trouble.to_do.contains("start the portal"), "{trouble:?}");
    assert_eq!(found.len(), 1, "nothing else is tried");
}

#[tokio::test]
async fn a_step_that_lacks_a_value_is_the_profiles_and_its_line_is_named() {
    let listener = loopback::serve(|asked| match asked.line.as_str() {
        "POST /users" => loopback::answer(201, &[], ""),
        _ => loopback::json(200, &serde_json::json!({ "user": null })),
    })
    .await;
    let flow = "[flow.sign_in]\nsteps = [\n{ get = \"/\", capture = { link = { json = \"/href\" } } },\n{ post = \"{link}\", outcome = [{ status = 200, is = \"ok\" }] },\n]\n[flow.whoami]";
    let (_, tail) = loopback::TAIL.split_once("[flow.whoami]").unwrap();
    let profile = fixture::profile(&format!("{}{flow}{tail}", loopback::HEAD), &listener);
    let (well, found) =
        findings(Target::over_http(Access::open(profile, None).await.unwrap())).await;
    assert!(!well);
    let Health::Problem(trouble) = health(&found, "password") else { panic!("{found:#?}") };
    assert_eq!(trouble.whose, Fault::Profile);
    let wanted = "line 12: `{link}` has no value: line 11 looked for it and found nothing";
    assert!(trouble.seen.contains(wanted), "{trouble:?}");
    assert_eq!(trouble.to_do, "mend that line, or where its value is taken from");
}

#[tokio::test]
async fn the_doctor_keeps_below_the_lock_of_an_account() {
    let (heard, user) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(String::new())));
    let hears = Arc::clone(&heard);
    let listener = loopback::serve(move |asked| {
        let mut user = user.lock().unwrap();
        let cookie = asked.header("cookie").to_owned();
        let is_hers = asked.body.contains(&format!("user={}&", *user));
        hears.lock().unwrap().push((asked.line.clone(), is_hers, asked.body.clone()));
        match asked.line.as_str() {
            "POST /users" => {
                let named: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
                named["name"].as_str().unwrap().clone_into(&mut user);
                loopback::answer(201, &[], "")
            }
            "POST /login" if is_hers => loopback::answer(200, &["set-cookie: in=1"], ""),
            "POST /login" => loopback::answer(401, &[], ""),
            _ if cookie.is_empty() => loopback::json(200, &serde_json::json!({ "user": null })),
            _ => loopback::json(200, &serde_json::json!({ "user": *user })),
        }
    })
    .await;
    let lockout = "[policy]\nlockout = { wrong_tries = 1 }\n";
    let text = format!("{}{lockout}{}", loopback::HEAD, loopback::tail_with_refusals());
    let profile = fixture::profile(&text, &listener);
    let (well, found) =
        findings(Target::over_http(Access::open(profile, None).await.unwrap())).await;
    assert!(well, "{found:#?}");
    let Health::NotChecked(why) = health(&found, "wrong password") else { panic!("{found:#?}") };
    assert!(why.ends_with("lockout.wrong_tries of the profile is 1"), "{why}");
    let heard = heard.lock().unwrap();
    let logins: Vec<&str> = heard
        .iter()
        .filter(|(line, is_hers, _)| line == "POST /login" && *is_hers)
        .map(|(.., body)| body.as_str())
        .collect();
    assert_eq!(logins.len(), 2, "once more after names that nobody has");
    assert_eq!(logins[0], logins[1], "the right password, and no other");
}
