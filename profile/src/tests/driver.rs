//! Profiles whose portal an adapter drives: what is wrong with one, and what a sound one comes to.

use std::{collections::BTreeSet, path::Path};

use super::{PLAIN, parse, printed};
use crate::{Ability, Verb};

const DRIVER: &str = r#"[driver]
command = ["python3", "adapter.py"]
verbs = ["sign_in", "whoami", "create_user", "list_keys", "sign_in_with_key"]
"#;

/// The plain profile with an adapter in place of its flows.
fn adapted() -> String {
    let (head, _) = PLAIN.split_once("[flow.whoami]").unwrap();
    format!("{head}{DRIVER}")
}

#[test]
fn what_the_portal_can_do_follows_from_the_verbs_of_its_adapter() {
    let profile = parse(&adapted()).map_err(|c| printed(&c)).unwrap();
    let about = &profile.description;
    let verbs = [Verb::SignIn, Verb::Whoami, Verb::CreateUser, Verb::ListKeys, Verb::SignInWithKey];
    assert_eq!(profile.verbs(), BTreeSet::from(verbs));
    assert!(about.can(Ability::ListKeys) && about.can(Ability::KeyFirst));
    assert!(!about.can(Ability::Key) && profile.flows.by_verb.is_empty());
    let driver = profile.driver.unwrap();
    assert_eq!((driver.command.line().as_str(), driver.place.line), ("python3 adapter.py", 16));
    assert_eq!(driver.command.folder, Path::new("."));
    assert_eq!(about.loosened.len(), 1);
    assert!(
        about.loosened[0].says.starts_with("an adapter drives the portal (python3 adapter.py): ")
    );
}

#[test]
fn what_is_wrong_with_a_driver_is_said_with_its_place() {
    let flow = "\n[flow.sign_out]\nget = \"/out\"\noutcome = [{ status = 200, is = \"ok\" }]\n";
    let interrupt = "\n[[interrupt]]\nwhen = { url = 'x' }\nsteps = [{ get = \"/\" }]\n";
    let answers = "\n[answers]\noutcome = [{ status = \"5xx\", is = \"error\" }]\n";
    let mut wrong = Vec::new();
    for (from, to, part, place) in [
        ("", flow, "[flow] does not go with [driver]", "acme.toml:19:2"),
        ("", interrupt, "[interrupt] does not go with [driver]", "acme.toml:19:1"),
        ("", answers, "[answers] does not go with [driver]", "acme.toml:19:1"),
        ("[\"python3\", \"adapter.py\"]", "[]", "a program and its arguments", "acme.toml:16:11"),
        (
            "[\"python3\", \"adapter.py\"]",
            "\"adapter\"",
            "is a list, found a string",
            "acme.toml:16:11",
        ),
        (
            "command = [\"python3\", \"adapter.py\"]\n",
            "",
            "[driver] has no `command`",
            "acme.toml:15:1",
        ),
        ("command =", "comand =", "did you mean `command`?", "acme.toml:16:1"),
        ("\"list_keys\"", "\"list_key\"", "did you mean `list_keys`?", "acme.toml:17:46"),
        (
            "\"list_keys\"",
            "\"rode_bike\"",
            "unknown verb `rode_bike` in [driver]",
            "acme.toml:17:46",
        ),
        ("\"list_keys\"", "\"sign_in\"", "names `sign_in` twice", "acme.toml:17:46"),
        ("\"whoami\", ", "", "no `whoami` among the verbs of [driver]", "acme.toml:16:1"),
        ("\"sign_in\", ", "", "no `sign_in` among the verbs of [driver]", "acme.toml:16:1"),
        ("\"create_user\", ", "", "no `create_user` among the verbs of [driver]", "acme.toml:16:1"),
        ("\"list_keys\"", "\"request_reset\"", "no [mail] says where it arrives", "acme.toml:16:1"),
        (", \"sign_in_with_key\"", "", "no `sign_in_with_key` among the verbs", "acme.toml:2:8"),
    ] {
        let text = adapted();
        assert!(text.contains(from), "{from}");
        let text = if from.is_empty() { format!("{text}{to}") } else { text.replacen(from, to, 1) };
        let told = printed(&parse(&text).map(|_| ()).unwrap_err());
        if !(told.contains(part) && told.contains(place)) {
            wrong.push(format!("{to} instead of {from}: {part} at {place}\n{told}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_profile_without_flows_is_asked_for_either() {
    let (head, _) = PLAIN.split_once("[flow.whoami]").unwrap();
    let told = printed(&parse(head).map(|_| ()).unwrap_err());
    assert!(told.contains("that no flow can reach: [driver]"), "{told}");
}
