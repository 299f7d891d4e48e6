//! A profile that stands on another one: which texts it is made of, and how they are put together.
//! Sections are put together key by key and flows verb by verb; everything else is taken whole from
//! the first text that says it.

use std::{ops::Range, path::Path, sync::Arc};

use toml::{Table, Value, de::DeTable};

use reports::{
    input,
    render::{plain, plain_toml},
};

use super::{
    files,
    reader::{Reader, Source, kind_of, printable},
};
use crate::words::meant;

/// What ships with the program for portals of a kind, by name.
pub(super) const PRESETS: &[(&str, &str)] = &[
    ("allauth", include_str!("../../profiles/presets/allauth.toml")),
    ("flask-security", include_str!("../../profiles/presets/flask-security.toml")),
    ("lemonldap-ng", include_str!("../../profiles/presets/lemonldap-ng.toml")),
    ("canaille", include_str!("../../profiles/presets/canaille.toml")),
    ("canaille-codes", include_str!("../../profiles/presets/canaille-codes.toml")),
    ("canaille-password", include_str!("../../profiles/presets/canaille-password.toml")),
    ("better-auth", include_str!("../../profiles/presets/better-auth.toml")),
];

/// What a preset is written as.
const PREFIX: &str = "preset:";

/// A profile on a profile on a profile: more than this is taken for a mistake.
const DEEPEST: usize = 4;

/// Something wrong with an `extends`.
pub(super) struct Trouble {
    span: Range<usize>,
    message: String,
    help: Option<String>,
}

impl Trouble {
    pub(super) fn complain(self, reader: &Reader<'_>) {
        reader.complain_with(self.span, self.message, self.help);
    }
}

/// The texts that a profile is made of, its own first, and what kept others from being found.
pub(super) fn gather(text: &str, name: &str) -> (Vec<Source>, Option<Trouble>) {
    let is_shown = why_none(text).is_none();
    let mut sources = vec![Source { text: text.to_owned(), name: name.into(), base: 0, is_shown }];
    while let Some((Wanted { path, span }, last)) = sources.last().and_then(extends) {
        let base = last.base + last.text.len() + 1;
        let found = match path {
            Ok(_) if sources.len() == DEEPEST => {
                Err((format!("more than {DEEPEST} profiles stand on one another"), None))
            }
            Ok(wanted) => read(&wanted, &last.name, name),
            Err(message) => Err((message, None)),
        };
        match found {
            Ok((name, text)) => sources.push(Source { text, name, base, is_shown: true }),
            Err((message, help)) => return (sources, Some(Trouble { span, message, help })),
        }
    }
    (sources, None)
}

/// Why a text is no profile, in words that hold nothing of it.
pub(super) fn why_none(text: &str) -> Option<String> {
    let (tree, errors) = DeTable::parse_recoverable(text);
    let version = tree.get_ref().get("profile");
    if version.is_some_and(|version| version.get_ref().as_integer().is_some()) {
        return None;
    }
    Some(errors.first().map_or_else(
        || "it does not say `profile = 1`".to_owned(),
        |error| {
            let before = error.span().map_or(0, |span| span.start);
            let breaks = text.bytes().take(before).filter(|byte| *byte == b'\n').count();
            format!("it does not say `profile = 1`, and line {} is not TOML", breaks + 1)
        },
    ))
}

/// What a text stands on, as far as it says so, and where.
struct Wanted {
    path: Result<String, String>,
    span: Range<usize>,
}

/// Other errors in the text are found later.
fn extends(source: &Source) -> Option<(Wanted, &Source)> {
    let (tree, _) = DeTable::parse_recoverable(&source.text);
    let value = tree.get_ref().get("extends").filter(|_| source.is_shown)?;
    let span = value.span().start + source.base..value.span().end + source.base;
    let found = kind_of(value.get_ref());
    let text = value.get_ref().as_str().map(str::to_owned);
    let path = text.ok_or_else(|| format!("`extends` is a string, found {found}"));
    Some((Wanted { path, span }, source))
}

type Wrong = (String, Option<String>);

/// What a profile beside `beside` stands on; `top` is the one that the command line names.
fn read(wanted: &str, beside: &str, top: &str) -> Result<(Arc<str>, String), Wrong> {
    if let Some(name) = wanted.strip_prefix(PREFIX) {
        let known = || PRESETS.iter().map(|(known, _)| *known);
        let preset = PRESETS.iter().find(|(known, _)| *known == name);
        return preset.map(|(_, text)| (wanted.into(), (*text).to_owned())).ok_or_else(|| {
            let help = meant(name, known()).map_or_else(
                || format!("presets: {}", known().collect::<Vec<_>>().join(", ")),
                |near| format!("did you mean `{PREFIX}{near}`?"),
            );
            (format!("there is no preset `{}`", printable(name)), Some(help))
        });
    }
    let path = Path::new(beside).parent().unwrap_or(Path::new("")).join(wanted);
    let real = files::within_folder_of(top, &path).map_err(|message| {
        (message, Some("a profile stands on others in its folder or below, or on a preset".into()))
    })?;
    let text = input::PROFILE.text(&real).map_err(|refused| {
        let help = format!("a preset is written as \"{PREFIX}NAME\"");
        (refused.of(&path).to_string(), Some(help))
    })?;
    if let Some(why) = why_none(&text) {
        let help = "nothing of a file that is no profile is shown";
        let message = format!("{} is no profile: {why}", input::shown(&path));
        return Err((message, Some(help.to_owned())));
    }
    Ok((path.display().to_string().into(), text))
}

/// The profile as one text, each part with where it is from.
pub(super) fn resolved(sources: &[Source]) -> Option<String> {
    let layers: Vec<(&str, Table)> = sources
        .iter()
        .map(|source| Some((&*source.name, source.text.parse().ok()?)))
        .collect::<Option<_>>()?;
    let mut chunks = Vec::new();
    for key in names(layers.iter().map(|(_, layer)| layer)) {
        if key == "extends" {
            continue;
        }
        let holders: Vec<(&str, &Value)> =
            layers.iter().filter_map(|(name, layer)| Some((*name, layer.get(&key)?))).collect();
        chunks.extend(section(&key, &holders));
    }
    // What is no section comes first: after a section's head it would be in it.
    chunks.sort_by_key(|(is_section, _)| *is_section);
    Some(chunks.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("\n"))
}

/// A root key as TOML; the flows one by one.
fn section(key: &str, holders: &[(&str, &Value)]) -> Vec<(bool, String)> {
    let Some((first, value)) = holders.first() else { return Vec::new() };
    if !value.is_table() {
        let is_section = value.as_array().is_some_and(|list| list.iter().all(Value::is_table));
        return vec![(is_section, part(first, &one(key, (*value).clone())))];
    }
    let tables = holders.iter().filter_map(|(name, value)| Some((*name, value.as_table()?)));
    let tables: Vec<(&str, &Table)> = tables.collect();
    let held = names(tables.iter().map(|(_, table)| *table)).into_iter().filter_map(|name| {
        let (from, table) = tables.iter().find(|(_, table)| table.contains_key(&name))?;
        Some((name.clone(), *from, table.get(&name)?.clone()))
    });
    if key == "flow" || key == "page" {
        let flow = |(name, from, value): (String, &str, Value)| {
            (true, part(from, &one(key, one(&name, value).into())))
        };
        return held.map(flow).collect();
    }
    let mut whole = Table::new();
    let mut sources: Vec<&str> = Vec::new();
    for (name, from, value) in held {
        whole.insert(name, value);
        if !sources.contains(&from) {
            sources.push(from);
        }
    }
    vec![(true, part(&sources.join(", "), &one(key, whole.into())))]
}

/// The keys of several tables, each once, in the order in which they first stand.
fn names<'t>(tables: impl Iterator<Item = &'t Table>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for key in tables.flat_map(Table::keys) {
        if !names.contains(key) {
            names.push(key.clone());
        }
    }
    names
}

fn one(key: &str, value: Value) -> Table {
    Table::from_iter([(key.to_owned(), value)])
}

fn part(from: &str, table: &Table) -> String {
    let mut set_apart = SetApart::default();
    let value = set_apart.value(table.clone().into());
    // A table that was read from TOML can be written as TOML.
    let text = toml::to_string(&value).unwrap_or_default();
    format!("# {}\n{}", plain(from), set_apart.put_back(&text))
}

/// What stands for a text that is set apart, up to its number.
const APART: &str = "touchstone-text-";

/// Texts in which something would act on a terminal or a log. TOML is written without them, since it
/// leaves such characters as they are; then they are put back with each escaped.
#[derive(Default)]
struct SetApart(Vec<String>);

impl SetApart {
    fn value(&mut self, value: Value) -> Value {
        match value {
            Value::String(text) => self.text(text).into(),
            Value::Array(items) => {
                items.into_iter().map(|item| self.value(item)).collect::<Vec<_>>().into()
            }
            Value::Table(members) => {
                let member = |(name, value)| (self.text(name), self.value(value));
                members.into_iter().map(member).collect::<Table>().into()
            }
            Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => value,
        }
    }

    fn text(&mut self, text: String) -> String {
        if !text.contains(APART) && text.split('\n').all(|line| plain(line) == line) {
            return text;
        }
        self.0.push(text);
        format!("{APART}{}-", self.0.len() - 1)
    }

    fn put_back(&self, toml: &str) -> String {
        let mut parts = toml.split(APART);
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (number, mut rest) = part.split_once('-').unwrap_or_default();
            let text = number.parse().ok().and_then(|number: usize| self.0.get(number));
            // A name stands without quotation marks.
            if let (true, Some(after)) = (whole.ends_with('"'), rest.strip_prefix('"')) {
                whole.pop();
                rest = after;
            }
            whole.push_str(&text.map(|text| plain_toml(text)).unwrap_or_default());
            whole.push_str(rest);
        }
        whole
    }
}
