//! The form of a profile, apart from whether its secrets are there.

use super::{PLAIN, REFERENCE, parse, printed};
use crate::Profile;

/// The plain profile with one more secret.
fn with(secret: &str) -> String {
    PLAIN.replace("[actors]", &format!("other = {secret}\n\n[actors]"))
}

/// What a run needs, by the form; a sound one.
fn wanted(text: &str) -> Vec<String> {
    let form = Profile::form(text, "form.toml", None).map(|(_, wanted)| wanted);
    form.map_err(|complaints| printed(&complaints)).unwrap().into_iter().collect()
}

#[test]
fn a_profile_is_sound_whether_its_secrets_are_there_or_not() {
    const ADMIN: &str = "`secrets.admin`, which only the program that starts the portal can give";
    assert_eq!(wanted(PLAIN), [ADMIN]);
    let listener = "`{listener}`, which only the program that starts the portal can give";
    assert_eq!(wanted(REFERENCE), [ADMIN, listener]);
    let unset = "`TOUCHSTONE_TEST_UNSET` in the environment";
    assert_eq!(wanted(&with("{ env = \"TOUCHSTONE_TEST_UNSET\" }")), [unset, ADMIN]);
    let file = "the secret in the file not/there";
    assert_eq!(wanted(&with("{ file = \"not/there\" }")), [ADMIN, file]);
}

#[test]
fn a_run_without_them_says_whose_part_they_are() {
    for (secret, message, help) in [
        (
            "{ env = \"TOUCHSTONE_TEST_UNSET\" }",
            "the environment has no `TOUCHSTONE_TEST_UNSET`",
            "nothing is wrong with the profile: whoever starts the run sets `TOUCHSTONE_TEST_UNSET`",
        ),
        (
            "{ file = \"not/there\" }",
            "cannot read not/there: there is no such file",
            "nothing is wrong with the profile: whoever starts the run puts the secret there",
        ),
        (
            "{ given = true }",
            "the program that started this was to give the secret, and gave none",
            "nothing is wrong with the profile: it is for the program that starts the portal",
        ),
    ] {
        let complaints = parse(&with(secret)).map(|_| ()).unwrap_err();
        let [one] = &complaints[..] else { panic!("{}", printed(&complaints)) };
        assert_eq!((one.message.as_str(), one.missing), (message, true));
        assert!(one.help.as_ref().is_some_and(|said| said.starts_with(help)), "{one}");
    }
}

#[test]
fn what_is_wrong_with_the_form_is_said_all_the_same() {
    for (text, message) in [
        (with("\"hunter2\""), "`secrets.other` is written out"),
        (with("{ env = \"TOUCHSTONE_TEST_UNSET\" }").replace("can =", "cn ="), "unknown key `cn`"),
    ] {
        let complaints = Profile::form(&text, "form.toml", None).map(|_| ()).unwrap_err();
        let [one] = &complaints[..] else { panic!("{}", printed(&complaints)) };
        assert!(one.message.starts_with(message) && !one.missing, "{one}");
    }
}
