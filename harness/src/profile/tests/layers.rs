//! Profiles that stand on others.

use std::{fs, path::Path};

use super::{PLAIN, printed, provided};
use crate::profile::{Complaint, Profile};

/// A profile on PLAIN, in a folder of their own.
fn on_plain(own: &str) -> Result<Profile, Vec<Complaint>> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("plain.toml"), PLAIN).unwrap();
    let file = folder.path().join("own.toml");
    Profile::parse(own, &file.display().to_string(), &provided())
}

#[test]
fn a_profile_says_what_differs_and_the_rest_is_taken_from_below() {
    let own = "profile = 1\nextends = \"plain.toml\"\n[portal]\nname = \"Other\"\n\n[flow.whoami]\nget = \"/session\"\ncapture = { user = { json = \"/who\" } }\noutcome = [{ status = 200, is = \"ok\" }]\n";
    let profile = on_plain(own).map_err(|c| printed(&c)).unwrap();
    let about = &profile.description;
    assert_eq!((about.name.as_str(), about.base.as_str()), ("Other", "https://login.acme.example"));
    let place = |verb| profile.flows.by_verb[&verb].steps().next().unwrap().place.clone();
    let whoami = place(crate::deployment::Verb::Whoami);
    assert_eq!((whoami.file, whoami.line), (None, 6));
    let sign_in = place(crate::deployment::Verb::SignIn);
    let below = sign_in.file.clone().unwrap();
    assert_eq!(Path::new(&*below).file_name().unwrap(), "plain.toml");
    assert_eq!(sign_in.to_string(), format!("line 22 of {below}"));
    let plain = Profile::parse(PLAIN, "plain.toml", &provided()).map_err(|c| printed(&c)).unwrap();
    assert_ne!(about.digest, plain.description.digest);
}

#[test]
fn what_is_wrong_below_is_said_of_the_file_below() {
    let folder = tempfile::tempdir().unwrap();
    let broken = PLAIN.replace("is = \"ok\" }] },", "is = \"okay\" }] },");
    fs::write(folder.path().join("plain.toml"), broken).unwrap();
    let file = folder.path().join("own.toml").display().to_string();
    let own = "profile = 1\nextends = \"plain.toml\"\n[portal]\nnmae = \"Other\"\n";
    let complaints = Profile::parse(own, &file, &provided()).map(|_| ()).unwrap_err();
    let said: Vec<_> = complaints
        .iter()
        .map(|one| {
            (
                Path::new(&one.file).file_name().unwrap().to_str().unwrap(),
                one.line,
                one.message.as_str(),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            ("own.toml", 4, "unknown key `nmae` in [portal]"),
            ("plain.toml", 23, "`okay` is not a word for `flow.sign_in.steps.outcome.is`"),
        ]
    );
}

#[test]
fn a_profile_stands_on_what_there_is_and_not_on_itself() {
    let message = |own: &str| on_plain(own).map(|_| ()).unwrap_err()[0].to_string();
    let missing = message("profile = 1\nextends = \"plan.toml\"\n");
    assert!(missing.contains("cannot read") && missing.contains("own.toml:2:11"), "{missing}");
    let unknown = message("profile = 1\nextends = \"preset:alauth\"\n");
    assert!(unknown.contains("did you mean `preset:allauth`?"), "{unknown}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.toml");
    let own = "profile = 1\nextends = \"own.toml\"\n";
    fs::write(&file, own).unwrap();
    let complaints =
        Profile::parse(own, &file.display().to_string(), &provided()).map(|_| ()).unwrap_err();
    assert!(complaints[0].message.contains("more than 4 profiles"), "{}", printed(&complaints));
}

#[test]
fn the_resolved_text_is_the_same_profile_in_one_file() {
    let text = include_str!("../../../../profiles/allauth.toml");
    let resolved =
        Profile::resolved(text, "profiles/allauth.toml").map_err(|c| printed(&c)).unwrap();
    let again =
        Profile::parse(&resolved, "resolved.toml", &provided()).map_err(|c| printed(&c)).unwrap();
    let profile = Profile::parse(text, "profiles/allauth.toml", &provided()).unwrap();
    let parts = |profile: &Profile| {
        let about = &profile.description;
        let flows: Vec<String> = profile
            .flows
            .by_verb
            .iter()
            .map(|(verb, flow)| format!("{verb:?}{}", flow.steps().count()))
            .collect();
        (
            about.name.clone(),
            about.abilities.clone(),
            format!("{:?}", about.policy),
            about.exclusions.len(),
            flows,
            profile.flows.interrupts.len(),
        )
    };
    assert_eq!(parts(&again), parts(&profile));
    assert!(resolved.contains("# profiles/allauth.toml\n[flow.whoami]"), "{resolved}");
    assert!(resolved.contains("# preset:allauth\n[[flow.sign_in.steps]]"), "{resolved}");
    assert!(resolved.contains("# profiles/allauth.toml, preset:allauth\n[policy]"), "{resolved}");
}
