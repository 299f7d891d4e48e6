//! Secrets of a profile: never written in it, always named by reference.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    path::Path,
};

use regex::Regex;
use reports::input::{self, shown};

use super::{
    files,
    grammar::SECRET,
    names,
    reader::{Node, Reader, Table, printable},
    sections,
    template::{Template, Tree},
};
use crate::secret::Secret;

/// What the launcher knows, what else may be read, and what becomes of a value that is nowhere.
#[derive(Clone, Copy)]
pub(super) struct Given<'p> {
    pub(super) secrets: &'p BTreeMap<String, Secret>,
    /// The variables and files that may be read; without it all.
    pub(super) only: Option<&'p BTreeSet<String>>,
    /// Where it is noted that a run needs a value, while only the form of the profile is looked at.
    pub(super) wanted: Option<&'p RefCell<BTreeSet<String>>>,
}

/// Where a secret comes from, and where else than to the portal it may go.
pub(super) struct Origin {
    pub(super) name: String,
    pub(super) from: String,
    pub(super) to: Vec<(String, Range<usize>)>,
    pub(super) secret: Secret,
}

/// A value that is not there: as a complaint, and as what a run needs.
pub(super) struct Missing {
    pub(super) message: String,
    pub(super) help: String,
    pub(super) wanted: String,
}

impl Given<'_> {
    /// A complaint; where only the form counts, a note, and something that stands in its place.
    pub(super) fn lacks(&self, node: &Node<'_, '_>, missing: Missing, or: &str) -> Option<Secret> {
        let Some(wanted) = self.wanted else {
            node.reader.misses(node.span(), missing.message, missing.help);
            return None;
        };
        wanted.borrow_mut().insert(missing.wanted);
        Some(Secret::new(or))
    }
}

/// Secrets by name, and where others are found.
pub(super) struct Secrets<'p> {
    pub(super) known: BTreeMap<String, Secret>,
    given: Given<'p>,
    origins: RefCell<Vec<Origin>>,
}

/// Stands for a secret while only the form of a profile is looked at.
const NOT_THERE: &str = "a secret that is not there";

const BY_REFERENCE: &str = "a secret is never written in a profile: { env = \"NAME\" }, { file = \"path\" } or { given = true }";

impl<'p> Secrets<'p> {
    /// `[secrets]`.
    pub(super) fn read(root: &Table<'_, '_>, given: Given<'p>) -> Self {
        let mut secrets = Self { known: BTreeMap::new(), given, origins: RefCell::default() };
        let entries = root.get("secrets").map(|node| node.entries()).unwrap_or_default();
        for (name, _, node) in entries {
            if let Some(secret) = secrets.reference(&node, Some(&name)) {
                secrets.known.insert(name, secret);
            }
        }
        secrets
    }

    /// Where each comes from.
    pub(super) fn origins(&self) -> Vec<Origin> {
        self.origins.take()
    }

    /// `{ env = … }`, `{ file = … }` or `{ given = true }`; a value is a complaint that hides it.
    pub(super) fn reference(&self, node: &Node<'_, '_>, name: Option<&str>) -> Option<Secret> {
        if !node.is_table() {
            node.reader.complain_hidden(
                node.span(),
                format!("`{}` is written out", node.path),
                BY_REFERENCE,
            );
            return None;
        }
        let table = node.table(&SECRET)?;
        let sources: Vec<_> =
            ["env", "file", "given"].iter().filter_map(|key| table.get(key)).collect();
        let to = table.get("to").map(|node| node.array()).unwrap_or_default();
        let to =
            to.iter().filter_map(|node| Some((sections::origin(node)?, node.span()))).collect();
        table.close();
        let [source] = &sources[..] else {
            node.complain(BY_REFERENCE);
            return None;
        };
        let (from, secret) = match (table.has("env"), table.has("file")) {
            (true, _) => {
                let variable = names::variable(source)?;
                (
                    format!("`{variable}` in the environment"),
                    self.variable(source, &variable, name)?,
                )
            }
            (false, true) => {
                let path = shown(Path::new(source.text()?));
                (format!("the file {path}"), self.file(source, name)?)
            }
            (false, false) => {
                source.only_true()?;
                let from = "the program that starts the portal".to_owned();
                (from, self.given(source, name)?)
            }
        };
        let name =
            name.map_or_else(|| node.path.clone(), |name| format!("secret.{}", printable(name)));
        let origin = Origin { name, from, to, secret: secret.clone() };
        self.origins.borrow_mut().push(origin);
        Some(secret)
    }

    /// What the launcher gives under the name that the profile has for it.
    fn told(&self, name: Option<&str>) -> Option<Secret> {
        name.and_then(|name| self.given.secrets.get(name)).cloned()
    }

    /// Whether the command line lets a profile read something by this name.
    fn may_read(&self, node: &Node<'_, '_>, what: &str) -> bool {
        let Some(only) = self.given.only.filter(|only| !only.contains(what)) else { return true };
        let allowed: Vec<&str> = only.iter().map(String::as_str).chain([what]).collect();
        let message =
            format!("--only-secrets does not name `{}`, which this reads", printable(what));
        let help = format!(
            "whoever starts the run decides whether it may: --only-secrets {}",
            printable(allowed.join(",").trim_start_matches(','))
        );
        node.reader.complain_with(node.span(), message, Some(help));
        false
    }

    /// `{ given = true }`.
    fn given(&self, node: &Node<'_, '_>, name: Option<&str>) -> Option<Secret> {
        if let Some(secret) = self.told(name) {
            return Some(secret);
        }
        let path = node.path.strip_suffix(".given").unwrap_or(&node.path);
        let missing = Missing {
            message: "the program that started this was to give the secret, and gave none".into(),
            help: "nothing is wrong with the profile: it is for the program that starts the portal itself".into(),
            wanted: format!("`{path}`, which only the program that starts the portal can give"),
        };
        self.given.lacks(node, missing, NOT_THERE)
    }

    /// `{ env = "NAME" }`.
    fn variable(&self, node: &Node<'_, '_>, variable: &str, name: Option<&str>) -> Option<Secret> {
        let told = self.told(name).or_else(|| self.given.secrets.get(variable).cloned());
        if told.is_none() && !self.may_read(node, variable) {
            return None;
        }
        let secret = told.or_else(|| std::env::var(variable).ok().map(Secret::new));
        if let Some(secret) = secret.filter(|secret| !secret.reveal().is_empty()) {
            return Some(secret);
        }
        let missing = Missing {
            message: format!("the environment has no `{variable}`"),
            help: format!(
                "nothing is wrong with the profile: whoever starts the run sets `{variable}` before it, in the shell or among the secrets of the CI"
            ),
            wanted: format!("`{variable}` in the environment"),
        };
        self.given.lacks(node, missing, NOT_THERE)
    }

    /// `{ file = "path" }`.
    fn file(&self, node: &Node<'_, '_>, name: Option<&str>) -> Option<Secret> {
        if let Some(secret) = self.told(name) {
            return Some(secret);
        }
        let written = node.text()?;
        let path = node.beside(written);
        let real = match files::within_folder_of(&node.reader.source(0).name, &path) {
            Ok(real) => real,
            Err(message) => {
                let help = "put the secret there, or into the environment: { env = \"NAME\" }";
                node.reader.complain_with(node.span(), message, Some(help.to_owned()));
                return None;
            }
        };
        if !self.may_read(node, written) {
            return None;
        }
        let message = match input::SECRET.text(&real) {
            Ok(text) => {
                let secret = text.trim_end_matches(['\r', '\n']);
                if !secret.is_empty() {
                    return Some(Secret::new(secret));
                }
                format!("{} is empty", shown(&path))
            }
            Err(refused) => refused.of(&path).to_string(),
        };
        let help =
            "nothing is wrong with the profile: whoever starts the run puts the secret there"
                .into();
        let wanted = format!("the secret in the file {}", shown(&path));
        self.given.lacks(node, Missing { message, help, wanted }, NOT_THERE)
    }
}

/// The certificates of `ca_file`.
pub(super) fn certificates(node: &Node<'_, '_>) -> Option<Vec<u8>> {
    let path = node.beside(node.text()?);
    let read = input::CERTIFICATES.read(&path);
    read.map_err(|refused| node.complain(refused.to_string())).ok()
}

/// Passwords and credentials are never written out as the value of a field or header.
pub(super) fn written_out<'t>(
    reader: &Reader<'_>,
    named: impl IntoIterator<Item = (&'t str, &'t Template)>,
) {
    for (name, template) in named {
        let name = name.to_ascii_lowercase();
        let private = name.contains("passw") || name == "authorization" || name == "cookie";
        if private && !template.parts.is_empty() && template.places().next().is_none() {
            let help =
                "use a place such as {password} or {secret.NAME}, and name the secret in [secrets]";
            reader.complain_hidden(template.span.clone(), format!("`{name}` is written out"), help);
        }
    }
}

/// The members of JSON that are templates, by name.
pub(super) fn members<'t>(tree: &'t Tree, into: &mut Vec<(&'t str, &'t Template)>) {
    match tree {
        Tree::Value(_) | Tree::Template(_) => {}
        Tree::Array(items) => items.iter().for_each(|item| members(item, into)),
        Tree::Object(entries) => {
            for (name, member) in entries {
                if let Tree::Template(template) = member {
                    into.push((name, template));
                }
                members(member, into);
            }
        }
    }
}

/// A file that is not TOML is still printed in part: values that look like secrets are kept out.
pub(super) fn hide_what_looks_secret(reader: &Reader<'_>) {
    let looks =
        r#"(?i)(?:passw|secret|token|authorization|api.?key|credential)[^=\n]*=\s*(\S[^\n]*)"#;
    let Ok(looks) = Regex::new(looks) else { return };
    for source in reader.sources() {
        let values = looks.captures_iter(&source.text).filter_map(|found| found.get(1));
        values
            .for_each(|value| reader.hide(source.base + value.start()..source.base + value.end()));
    }
}
