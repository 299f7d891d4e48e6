//! The grammar against what reads it: every declared key is read, every example is what it says,
//! and what is rendered from it is fresh.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde_json::{Value, json};

use super::{PLAIN, REFERENCE, parse, printed, provided};
use crate::{
    Complaint, Profile,
    grammar::{Kind, ROOT, Shape},
    layers::PRESETS,
    reference, schema,
};

thread_local! {
    static ASKED: RefCell<BTreeMap<&'static str, BTreeSet<&'static str>>> = RefCell::default();
}

/// Notes that a reader has asked for a key of a table.
pub(crate) fn asked(shape: &'static str, key: &'static str) {
    ASKED.with_borrow_mut(|asked| asked.entry(shape).or_default().insert(key));
}

/// Every table of the language.
pub(crate) fn shapes() -> Vec<&'static Shape> {
    fn visit(shape: &'static Shape, into: &mut Vec<&'static Shape>) {
        if into.iter().any(|known| known.name == shape.name) {
            return;
        }
        into.push(shape);
        shape.all().for_each(|key| follow(&key.kind, into));
        shape.also.into_iter().for_each(|also| visit(also, into));
    }
    fn follow(kind: &'static Kind, into: &mut Vec<&'static Shape>) {
        match kind {
            Kind::Table(shape) => visit(shape, into),
            Kind::Own(kind) | Kind::List(kind) | Kind::Many(kind) => follow(kind, into),
            Kind::Either(kinds) => kinds.iter().for_each(|kind| follow(kind, into)),
            Kind::Verbs(shape) => visit(shape, into),
            Kind::Text
            | Kind::Template
            | Kind::Regex
            | Kind::Selector
            | Kind::Pointer
            | Kind::PointerTemplate
            | Kind::Number
            | Kind::Integer
            | Kind::Flag
            | Kind::Duration
            | Kind::Status
            | Kind::UrlPart
            | Kind::Words(_)
            | Kind::Verb
            | Kind::Value => {}
        }
    }
    let mut all = Vec::new();
    visit(&ROOT, &mut all);
    all
}

/// A profile that says one key of one table with its example, at the place where that table stands.
fn with_example(shape: &Shape, key: &str, example: &str) -> String {
    let line = format!("{key} = {example}");
    let step = |line: &str| {
        format!("{PLAIN}\n[[interrupt]]\nwhen = {{ url = 'x' }}\n[[interrupt.steps]]\n{line}\n")
    };
    let on_page = |line: &str| format!("{PLAIN}\n[page.whoami]\n{line}\n");
    match shape.name {
        "profile" => format!("{line}\n"),
        "step" => step(&line),
        "flow" => format!("{PLAIN}\n[flow.rename_key]\n{line}\n"),
        "page" => on_page(&line),
        "page step" => on_page(&format!("steps = [{{ {line} }}]")),
        "control" => on_page(&format!("steps = [{{ press = {{ {line} }} }}]")),
        "page rule" => on_page(&format!("outcome = [{{ {line} }}]")),
        "condition" => step(&format!("get = \"/\"\nwhen = {{ {line} }}")),
        "outcome rule" => step(&format!("get = \"/\"\noutcome = [{{ {line} }}]")),
        "extractor" => step(&format!("get = \"/\"\ncapture = {{ x = {{ {line} }} }}")),
        "webauthn" => format!("{PLAIN}\n[webauthn]\n{line}\n"),
        "webauthn answer" => format!("{PLAIN}\n[webauthn.answer]\n{line}\n"),
        "interrupt" => format!("{PLAIN}\n[[interrupt]]\n{line}\n"),
        "recogniser" => format!("{PLAIN}\n[[recognised_by]]\n{line}\n"),
        "excluded" => format!("{PLAIN}\n[[excluded]]\n{line}\n"),
        "mail source" => format!("{PLAIN}\n[mail]\nsource = {{ {line} }}\n"),
        "secret" => format!("{PLAIN}\n[secrets.other]\n{line}\n"),
        "password" => format!("{PLAIN}\n[actors]\npassword = {{ {line} }}\n").replacen(
            "[actors]\npassword = { generate = true }\n",
            "",
            1,
        ),
        "lifetimes" | "totp" | "lockout" => format!("{PLAIN}\n[policy.{}]\n{line}\n", shape.name),
        "limits" => format!("{PLAIN}\n[scope.limits]\n{line}\n"),
        "lent account" => format!("{PLAIN}\n[[actors.pool]]\n{line}\n"),
        "portal" => format!("[portal]\n{line}\n"),
        "actors" => format!("{PLAIN}\n[actors]\n{line}\n").replacen(
            "[actors]\npassword = { generate = true }\n",
            "",
            1,
        ),
        other => format!("{PLAIN}\n[{other}]\n{line}\n"),
    }
}

#[test]
fn every_key_that_is_declared_is_read_and_none_but_those() {
    for shape in shapes() {
        for key in shape.keys {
            let text = with_example(shape, key.name, key.example);
            toml::de::DeTable::parse(&text)
                .unwrap_or_else(|e| panic!("{}.{}: {e}\n{text}", shape.name, key.name));
            if let Err(complaints) = parse(&text) {
                let unknown = format!("unknown key `{}`", key.name);
                assert!(!printed(&complaints).contains(&unknown), "{}", printed(&complaints));
            }
        }
    }
    let asked = ASKED.take();
    let unread = shapes().into_iter().flat_map(|shape| {
        let asked = asked.get(shape.name).cloned().unwrap_or_default();
        shape
            .keys
            .iter()
            .filter(move |key| !asked.contains(key.name))
            .map(move |key| format!("{}.{}", shape.name, key.name))
    });
    assert_eq!(unread.collect::<Vec<_>>(), Vec::<String>::new(), "declared, and read by nobody");
}

#[test]
fn the_schema_admits_what_is_valid_and_every_example() {
    let published: Value = serde_json::from_str(&schema()).unwrap();
    let validator = jsonschema::validator_for(&published).unwrap();
    let valid = |text: &str| -> bool {
        let value: toml::Table = text.parse().unwrap();
        validator.is_valid(&json!(value))
    };
    let stub = include_str!("../../../profiles/stub.toml");
    for text in
        [PLAIN, REFERENCE, stub].into_iter().chain(ON_PRESETS.iter().map(|(.., text)| *text))
    {
        assert!(valid(text), "{text}");
    }
    // A preset is what a profile says that stands on another.
    for (name, text) in PRESETS {
        let stands = text.contains("\nextends = ");
        let below = if stands { "profile = 1" } else { "profile = 1\nextends = \"x\"" };
        assert!(valid(&text.replacen("profile = 1", below, 1)), "{name}");
    }
    assert!(!valid(&PLAIN.replace("environment = \"staging\"", "environment = \"stagin\"")));
    assert!(!valid(&PLAIN.replace("[flow.whoami]", "[flow.who_am_i]")));
    assert!(!valid(&PLAIN.replace("capture =", "captur =")));
    assert!(!valid(&PLAIN.replace("base = ", "bass = ")));
    let defs = published["$defs"].clone();
    for shape in shapes() {
        for key in shape.keys {
            let mut of_key = match shape.name {
                "profile" => published["properties"][key.name].clone(),
                name => defs[name.replace(' ', "-")]["properties"][key.name].clone(),
            };
            of_key["$defs"] = defs.clone();
            let example: toml::Table = format!("x = {}", key.example).parse().unwrap();
            let example = json!(example["x"]);
            let checked = jsonschema::validate(&of_key, &example);
            assert!(checked.is_ok(), "{}.{}: {checked:?}", shape.name, key.name);
        }
    }
}

fn fresh(path: &str, rendered: &str) {
    let path = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("TOUCHSTONE_WRITE_SCHEMA").is_some() {
        fs::write(&path, rendered).unwrap();
    }
    let published = fs::read_to_string(&path).unwrap_or_default();
    assert!(published == rendered, "{path} is stale: set TOUCHSTONE_WRITE_SCHEMA=1");
}

#[test]
fn what_is_rendered_from_the_grammar_is_fresh() {
    fresh("schemas/profile-1.json", &schema());
    fresh("docs/profile.md", &reference());
}

/// The shipped profiles that stand on a preset.
const ON_PRESETS: &[(&str, &str, &str)] = &[
    ("allauth", "allauth", include_str!("../../../profiles/allauth.toml")),
    ("flasksec", "flask-security", include_str!("../../../profiles/flasksec.toml")),
    ("llng", "lemonldap-ng", include_str!("../../../profiles/llng.toml")),
    ("canaille", "canaille", include_str!("../../../profiles/canaille.toml")),
    ("canaille-codes", "canaille-codes", include_str!("../../../profiles/canaille-codes.toml")),
    ("betterauth", "better-auth", include_str!("../../../profiles/betterauth.toml")),
];

/// Presets of portals whose pages do not tell them from another preset's, and what presets stand on.
const NOT_TOLD: &[&str] = &["canaille-codes", ON_BY_PRESETS];

/// The preset that no profile stands on itself.
const ON_BY_PRESETS: &str = "canaille-password";

#[test]
fn every_shipped_preset_says_how_it_is_recognised() {
    for preset in crate::presets() {
        let declared: toml::Table = preset.text.parse().unwrap();
        let declared =
            declared.get("recognised_by").map_or(0, |list| list.as_array().unwrap().len());
        assert_eq!(declared == 0, NOT_TOLD.contains(&preset.name), "{}", preset.name);
        assert_eq!(preset.recognised_by.len(), declared, "{}", preset.name);
    }
    let with = |line: &str| parse(&format!("{PLAIN}\n[[recognised_by]]\n{line}\n")).map(|_| ());
    let relative = printed(&with("get = \"login\"").unwrap_err());
    assert!(relative.contains("begins with `/`"), "{relative}");
    assert!(with("get = \"/login\"\ncss = \"form\"").is_ok());
}

#[test]
fn the_shipped_presets_are_sound_below_a_profile_that_says_where_the_portal_is() {
    for (name, preset, text) in ON_PRESETS {
        let profile = Profile::parse(text, &format!("profiles/{name}.toml"), &provided())
            .map_err(|c| printed(&c))
            .unwrap();
        let sign_in = &profile.flows.by_verb[&crate::Verb::SignIn];
        let place = sign_in.steps().next().unwrap().place.clone();
        let file = place.file.as_deref().and_then(|file| file.strip_prefix("preset:")).unwrap();
        let (_, stands) = PRESETS.iter().find(|(known, _)| known == preset).unwrap();
        assert!(file == *preset || stands.contains(&format!("\nextends = \"preset:{file}\"")));
        let (_, shipped) = PRESETS.iter().find(|(known, _)| *known == file).unwrap();
        let line = shipped.lines().nth(usize::try_from(place.line).unwrap() - 1).unwrap();
        assert!(
            line.contains("get = ") || line.contains("post = ") || line.contains("[flow.sign_in]"),
            "{name}: {line}"
        );
    }
    let tried = PRESETS.iter().filter(|(known, _)| *known != ON_BY_PRESETS);
    assert_eq!(ON_PRESETS.len(), tried.count(), "a preset that no shipped profile tries");
}

/// Values of every form that TOML has, and texts that no key means.
const WRONG: &[&str] = &[
    "5",
    "-5",
    "99999999999999999999",
    "1.5",
    "nan",
    "true",
    "false",
    "2026-01-31",
    "\"\"",
    "\"x\"",
    "\"\\u001b[31mx\"",
    "\"\\u202ex\"",
    "\"\\u007f\"",
    "\"a\\nb\"",
    "\"{\"",
    "\"/~2\"",
    "[]",
    "[5]",
    "[true]",
    "[\"\"]",
    "[[]]",
    "[{}]",
    "{}",
    "{ x = 5 }",
    "{ \"\" = \"x\" }",
];

/// Whether a value may be one of a kind: what is not must be complained about.
fn may_be(kind: &Kind, value: &toml::Value) -> bool {
    let text = value.as_str();
    // Wherever it stands, and in a name as well.
    if value.to_string().contains("\\u") || value.to_string().contains(['\u{202e}', '\u{7f}']) {
        return false;
    }
    let is_template = |text: &str| !text.contains('{');
    match kind {
        Kind::Text => text.is_some_and(|text| !text.is_empty() && !text.contains('\n')),
        Kind::Template => text.is_some_and(is_template),
        Kind::Regex => text.is_some_and(|text| !text.is_empty() && text != "{"),
        Kind::Selector => text.is_some_and(|text| ["x", "a\nb"].contains(&text)),
        Kind::Pointer | Kind::PointerTemplate => text == Some(""),
        Kind::Number => value.as_integer().is_some_and(|number| number >= 0),
        Kind::Integer => value.is_integer(),
        Kind::Flag => value.is_bool(),
        Kind::Duration | Kind::Status | Kind::UrlPart | Kind::Words(_) | Kind::Verb => false,
        Kind::Value => text.is_none_or(is_template),
        // What stands in them is tried for each table by itself.
        Kind::Table(_) | Kind::Verbs(_) => value.is_table(),
        Kind::Own(of) => value.as_table().is_some_and(|table| {
            table.iter().all(|(name, value)| !name.is_empty() && may_be(of, value))
        }),
        // Arguments of programs are whatever those take.
        Kind::List(Kind::Text) => {
            value.as_array().is_some_and(|list| list.iter().all(toml::Value::is_str))
        }
        Kind::List(of) => {
            value.as_array().is_some_and(|list| list.iter().all(|item| may_be(of, item)))
        }
        Kind::Many(of) => match value.as_array() {
            Some(list) => !list.is_empty() && list.iter().all(|item| may_be(of, item)),
            None => may_be(of, value),
        },
        Kind::Either(kinds) => kinds.iter().any(|kind| may_be(kind, value)),
    }
}

#[test]
fn a_value_that_no_key_means_is_complained_about_where_it_stands() {
    let mut passed_over = Vec::new();
    for shape in shapes() {
        for key in shape.keys {
            for wrong in WRONG {
                let value: Result<toml::Table, _> = format!("x = {wrong}").parse();
                let fits = value.as_ref().is_ok_and(|value| may_be(&key.kind, &value["x"]));
                if fits {
                    continue;
                }
                let text = with_example(shape, key.name, wrong);
                let whole =
                    if text.contains("profile = ") { text } else { format!("profile = 1\n{text}") };
                let said = format!("{} = {wrong}", key.name);
                let line = whole
                    .lines()
                    .collect::<Vec<_>>()
                    .iter()
                    .rposition(|line| line.contains(&said))
                    .unwrap()
                    + 1;
                let complaints = parse(&whole).map(|_| ()).err().unwrap_or_default();
                if !complaints.iter().any(|one| one.line == line && is_about(one)) {
                    passed_over.push(format!("{}.{said}\n{}", shape.name, printed(&complaints)));
                }
            }
        }
    }
    assert!(passed_over.is_empty(), "{}: {}", passed_over.len(), passed_over.join("\n──\n"));
}

/// Whether a complaint is about a value and not about what is missing beside it.
fn is_about(complaint: &Complaint) -> bool {
    !complaint.message.contains(" has no `") && !complaint.message.starts_with("no value is called")
}
