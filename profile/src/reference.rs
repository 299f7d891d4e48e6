//! The reference of the profile language, `docs/profile.md`, from its grammar.

use std::{collections::BTreeSet, fmt::Write as _};

use super::{
    Ability,
    extractor::TRANSFORMS,
    grammar::{Key, Kind, ROOT, Shape},
    layers::PRESETS,
    verb::{ANSWERS, Browser, Division, SIGNED_IN, Verb, VerbRow},
};

const HEAD: &str = "# The profile language, version 1

Rendered from the grammar that the program reads profiles by; a test keeps it fresh. For editors there is a JSON Schema of the same, `schemas/profile-1.json`: the line `#:schema schemas/profile-1.json` at the head of a profile turns it on in most of them.

A profile is TOML. An unknown key or a wrong value is an error with file, line, column and the nearest known word; nothing is sent before the profile is valid:

    cargo xtask profile check FILE
    cargo xtask profile show --resolved FILE

How to write one, by question: [guide.md](guide.md).
";

const PLACES: &str = "
## Places

A text with places is filled in before it is sent: `{user}`, a part of a value `{credential/response/signature}`, one that may be missing `{code?}`, one that is changed `{credential:json-string}`. `{{` and `}}` stand for the characters themselves. In a path a value is percent-encoded. In a JSON pointer it fills its own step, whatever characters it has: `/keys/[id={key}]/href`.

A place that needs a value and has none: the step is not carried out and the answer is `unknown`; the message names the line, the place, and the line that looked for the value. In a condition: it does not hold. In an extractor: nothing is found.

A place that may be missing, without a value: the whole text is left out that it stands in, and with it the header, the parameter, the field or the member of JSON; a condition does not hold, an extractor finds nothing. So `Authorization = \"Bearer {pass?}\"` is sent by those who have a pass. In a path such a place is empty.
";

/// The reference as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut text = HEAD.to_owned();
    let mut seen = BTreeSet::new();
    shape(&ROOT, &mut text, &mut seen);
    places(&mut text);
    transforms(&mut text);
    flows(&mut text);
    abilities(&mut text);
    text.push_str(
        "\n## Presets\n\nThey ship with the program and stand in `profiles/presets/`:\n\n",
    );
    for (name, _) in PRESETS {
        let _ = writeln!(text, "- `preset:{name}`");
    }
    text
}

/// A table, and after it those that it leads to, each once.
fn shape(shape: &'static Shape, text: &mut String, seen: &mut BTreeSet<&'static str>) {
    if !seen.insert(shape.name) {
        return;
    }
    let _ = write!(text, "\n## {}\n\n{}\n", heading(shape.name), shape.says);
    if let Some(also) = shape.also {
        let _ = write!(
            text,
            "\nAll keys of [{0}](#{1}) may stand in it as well.\n",
            also.name,
            anchor(also.name)
        );
    }
    text.push_str("\n| key | value | |\n|---|---|---|\n");
    for key in shape.keys {
        let needed = if key.needed { " (needed)" } else { "" };
        let _ =
            writeln!(text, "| `{}`{needed} | {} | {} |", key.name, kind(&key.kind), cell(key.says));
    }
    text.push_str("\n```toml\n");
    for key in shape.keys {
        let _ = writeln!(text, "{} = {}", key.name, key.example);
    }
    text.push_str("```\n");
    let next = shape.keys.iter().filter_map(|Key { kind, .. }| leads_to(kind));
    for shape_of_key in shape.also.into_iter().chain(next) {
        self::shape(shape_of_key, text, seen);
    }
}

fn leads_to(kind: &'static Kind) -> Option<&'static Shape> {
    match kind {
        Kind::Table(shape) => Some(shape),
        Kind::Own(kind) | Kind::List(kind) | Kind::Many(kind) => leads_to(kind),
        Kind::Verbs(shape) => Some(shape),
        Kind::Either(kinds) => kinds.iter().find_map(leads_to),
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
        | Kind::Value => None,
    }
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Text => "text".to_owned(),
        Kind::Template => "text with [places](#places)".to_owned(),
        Kind::Regex => "regular expression".to_owned(),
        Kind::Selector => "CSS selector".to_owned(),
        Kind::Pointer => "JSON pointer".to_owned(),
        Kind::PointerTemplate => "JSON pointer with [places](#places)".to_owned(),
        Kind::Number | Kind::Integer => "whole number".to_owned(),
        Kind::Flag => "`true` or `false`".to_owned(),
        Kind::Duration => "time: `\"250ms\"`, `\"60s\"`, `\"5m\"`, `\"1h\"`".to_owned(),
        Kind::Status => "status, or a class such as `\"4xx\"`".to_owned(),
        Kind::UrlPart => "`whole`, `path`, `last` (segment) or `query:NAME`".to_owned(),
        Kind::Words(words) => {
            let words = words();
            if words.len() > 12 {
                return "one of the words [below](#abilities)".to_owned();
            }
            words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
        }
        Kind::Value => "any value; texts in it may have [places](#places)".to_owned(),
        Kind::Table(shape) => format!("[{}](#{})", shape.name, anchor(shape.name)),
        Kind::Own(inner) => format!("table with keys of your own, each: {}", self::kind(inner)),
        Kind::Verb => "a [verb](#verbs)".to_owned(),
        Kind::Verbs(shape) => {
            format!("a [{0}](#{0}) for each [verb](#verbs)", shape.name)
        }
        Kind::List(inner) => format!("list of: {}", self::kind(inner)),
        Kind::Many(inner) => format!("{}; or a list of such", self::kind(inner)),
        Kind::Either(kinds) => kinds.iter().map(self::kind).collect::<Vec<_>>().join(", or "),
    }
}

fn places(text: &mut String) {
    text.push_str(PLACES);
    text.push_str("\nKnown everywhere: ");
    let code = |names: &[&str]| {
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    };
    text.push_str(&code(super::check::ALWAYS));
    let _ = writeln!(
        text,
        ", `secret.NAME`. In a flow as well: what an earlier step captured, what an earlier flow of the same browser kept, and what the [verb](#verbs) gives; where a flow has two halves, {} to the second only. {} are known where the verb gives them and, in a browser in which `sign_in` was answered with ok or factor_needed, in every later flow.",
        code(ANSWERS),
        code(SIGNED_IN),
    );
    let new: Vec<&str> = Verb::ALL
        .iter()
        .filter(|verb| verb.row().browser != Browser::Visitors)
        .map(|verb| verb.name())
        .collect();
    let _ = writeln!(
        text,
        "\nIn a new browser each time, where no earlier flow has left anything: {}. A place that no value can ever fill is an error of `profile check`.",
        code(&new)
    );
}

fn transforms(text: &mut String) {
    text.push_str("\n## Transforms\n\n| word | does |\n|---|---|\n");
    for (word, _, says) in TRANSFORMS {
        let _ = writeln!(text, "| `{word}` | {says} |");
    }
}

fn flows(text: &mut String) {
    text.push_str("\n## Verbs\n\n`[flow.VERB]` says how it is performed; what an adapter is given and answers, `docs/adapter.md` says. What `sign_in` must do where somebody is signed in already: [guide](guide.md#what-must-sign_in-do-where-somebody-is-signed-in-already).\n\n| verb | halves | is given | captures | does |\n|---|---|---|---|---|\n");
    for verb in Verb::ALL {
        let VerbRow { name, says, inputs, division, .. } = verb.row();
        let halves = match division {
            Division::Whole => "1",
            Division::Halves | Division::HalvesApart => "2",
            Division::Either => "1 or 2",
        };
        let given: Vec<String> = inputs.iter().map(|input| format!("`{}`", input.name)).collect();
        let captures = verb.must_capture().map_or(String::new(), |name| format!("`{name}`"));
        let _ =
            writeln!(text, "| `{name}` | {halves} | {} | {captures} | {says} |", given.join(", "));
    }
}

fn abilities(text: &mut String) {
    text.push_str("\n## Abilities\n\nWhat a portal can do. Those marked *shown* need not be declared in `can`: a profile that has their flows has them.\n\n| ability | | flows | |\n|---|---|---|---|\n");
    for ability in Ability::ALL {
        let flows: Vec<String> =
            ability.flows().iter().map(|verb| format!("`{}`", verb.name())).collect();
        let shown = if ability.implied() { "shown" } else { "" };
        let _ = writeln!(
            text,
            "| `{}` | {shown} | {} | {} |",
            ability.word(),
            flows.join(", "),
            ability.says()
        );
    }
}

fn heading(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

fn anchor(name: &str) -> String {
    name.replace(' ', "-")
}

/// A text that may stand in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
