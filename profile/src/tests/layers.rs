//! Profiles that stand on others.

use std::{fs, path::Path};

use reports::render::plain;
use toml::{Table, Value};

use super::{PLAIN, printed, provided};
use crate::{Complaint, Profile, layers, reader::Source};

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
    let whoami = place(crate::Verb::Whoami);
    assert_eq!((whoami.file, whoami.line), (None, 6));
    let sign_in = place(crate::Verb::SignIn);
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

/// What would act on a terminal, in a log of GitHub's or Azure's, or cannot be seen.
const ACTS: &str =
    "\u{1b}[31m\u{7}\u{9b} \u{202e} \u{200b} \u{e0041} ##vso[task.setvariable] '\"\\ \n::error::x";

#[test]
fn the_resolved_text_quotes_what_would_act_and_keeps_its_value() {
    let name = Value::String(ACTS.to_owned());
    let headers = Table::from_iter([(ACTS.to_owned(), name.clone())]);
    let portal = Table::from_iter([
        ("name".to_owned(), name.clone()),
        ("base".to_owned(), "touchstone-text-2-".into()),
        ("headers".to_owned(), headers.into()),
        ("more".to_owned(), Value::Array(vec![name, 5.into()])),
    ]);
    let profile = Table::from_iter([("portal".to_owned(), Value::Table(portal))]);
    let text = toml::to_string(&profile).unwrap();
    let source = Source { text, name: ACTS.into(), base: 0, is_shown: true };
    let resolved = layers::resolved(&[source]).unwrap();
    assert_eq!(resolved.parse::<Table>().unwrap(), profile, "{resolved}");
    for line in resolved.lines() {
        assert_eq!(plain(line), line, "{resolved}");
    }
}

#[test]
fn the_resolved_text_is_the_same_profile_in_one_file() {
    let text = include_str!("../../../profiles/allauth.toml");
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

/// Stands for everything that nobody may see of a file that is no profile.
const PRIVATE: &str = "hunter2hunter2";

/// Files as they lie about beside profiles.
fn no_profiles() -> Vec<String> {
    let private = PRIVATE;
    vec![
        format!("PATH=/bin\0{private}={private}\0DATABASE_URL=postgres://u:{private}@h/db"),
        format!("root:{private}:19000:0:99999:7:::\n{private}:!:1::::::\n"),
        format!("export {private}={private}\n"),
        format!("{private} = \"{private}\"\n[{private}]\n{private} = 1\n"),
        format!("[profile {private}]\naws_secret_access_key = {private}\n"),
        format!("{{\"private_key\": \"{private}\", \"{private}\": [\"{private}\"]}}"),
        format!("-----BEGIN PRIVATE KEY-----\n{private}\n-----END PRIVATE KEY-----\n"),
        format!("profile = \"{private}\"\n{private} = 1\n"),
        format!("extends = \"{private}\"\n"),
        private.to_owned(),
        format!("\"\"\"{private}"),
    ]
}

#[test]
fn nothing_of_a_file_that_is_no_profile_is_shown() {
    for text in no_profiles() {
        let own = Profile::form(&text, "own.toml", None).map(|_| ()).unwrap_err();
        let below = {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("below"), &text).unwrap();
            let file = folder.path().join("own.toml").display().to_string();
            let own = "profile = 1\nextends = \"below\"\n";
            Profile::form(own, &file, None).map(|_| ()).unwrap_err()
        };
        for complaints in [own, below] {
            let said = printed(&complaints);
            assert!(!said.contains(PRIVATE) && !said.contains("hunter"), "{text}\n{said}");
            assert!(said.contains("profile = 1") || said.contains("number"), "{said}");
        }
    }
}

#[test]
fn a_profile_stands_on_files_of_its_own_folder() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("profiles");
    fs::create_dir_all(inner.join("deeper")).unwrap();
    fs::write(folder.path().join("plain.toml"), PLAIN).unwrap();
    fs::write(inner.join("deeper/plain.toml"), PLAIN).unwrap();
    fs::write(inner.join("deeper/middle.toml"), "profile = 1\nextends = \"plain.toml\"\n").unwrap();
    fs::write(inner.join("deeper/out.toml"), "profile = 1\nextends = \"../../plain.toml\"\n")
        .unwrap();
    std::os::unix::fs::symlink("../plain.toml", inner.join("link.toml")).unwrap();
    let file = inner.join("own.toml").display().to_string();
    let on = |wanted: &str| {
        let own = format!("profile = 1\nextends = \"{wanted}\"\n");
        let read = Profile::parse(&own, &file, &provided()).map(|_| ());
        read.map_or_else(|complaints| printed(&complaints), |()| String::new())
    };
    let outside = "is outside of the folder of the profile";
    for wanted in ["deeper/plain.toml", "deeper/middle.toml", "deeper/../deeper/plain.toml"] {
        assert_eq!(on(wanted), "", "{wanted}");
    }
    for wanted in [
        "../plain.toml",
        "link.toml",
        "deeper/out.toml",
        "../missing.toml",
        "/etc/shadow",
        "/proc/self/environ",
        "/dev/zero",
    ] {
        let said = on(wanted);
        assert!(said.contains(outside), "{wanted}: {said}");
    }
    assert!(on("missing.toml").contains("there is no such file"));
    assert!(on("deeper").contains("it is a directory; a profile is a regular file"));
    let long = on(&"x".repeat(100_000));
    assert!(long.len() < 2000, "{}", long.len());
}

#[test]
fn what_a_profile_stands_on_is_a_text() {
    for (wrong, found) in
        [("5", "a number"), ("[\"plain.toml\"]", "a list"), ("true", "true or false")]
    {
        let said = on_plain(&format!("profile = 1\nextends = {wrong}\n")).map(|_| ()).unwrap_err();
        let said = printed(&said);
        assert!(said.contains(&format!("`extends` is a string, found {found}")), "{said}");
        assert!(said.contains("own.toml:2:11"), "{said}");
    }
}

#[test]
fn a_secret_lies_in_the_folder_of_the_profile() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("profiles");
    fs::create_dir(&inner).unwrap();
    fs::write(folder.path().join("gate.txt"), PRIVATE).unwrap();
    fs::write(inner.join("gate.txt"), PRIVATE).unwrap();
    std::os::unix::fs::symlink("../gate.txt", inner.join("link.txt")).unwrap();
    let file = inner.join("own.toml").display().to_string();
    let with = |path: &str| {
        let secret = format!("[secrets]\ngate = {{ file = \"{path}\" }}\n");
        let text = PLAIN.replace("[secrets]\n", &secret);
        let read = Profile::parse(&text, &file, &provided()).map(|_| ());
        let form = Profile::form(&text, &file, None).map(|_| ());
        let said = |read: Result<(), Vec<Complaint>>| {
            read.map_or_else(|c| printed(&c), |()| String::new())
        };
        assert_eq!(said(read.clone()), said(form), "{path}");
        said(read)
    };
    assert_eq!(with("gate.txt"), "");
    for path in ["../gate.txt", "link.txt", "/etc/hostname", "../missing"] {
        assert!(with(path).contains("is outside of the folder of the profile"), "{path}");
    }
}
