//! Secrets of a profile: never written in it, always named by reference.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use regex::Regex;

use super::{
    grammar::SECRET,
    reader::{Node, Reader, Table},
    template::{Template, Tree},
};
use crate::secret::Secret;

/// What the launcher knows, and what becomes of a value that is nowhere.
#[derive(Clone, Copy)]
pub(super) struct Given<'p> {
    pub(super) secrets: &'p BTreeMap<String, Secret>,
    /// Where it is noted that a run needs a value, while only the form of the profile is looked at.
    pub(super) wanted: Option<&'p RefCell<BTreeSet<String>>>,
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
}

/// Stands for a secret while only the form of a profile is looked at.
const NOT_THERE: &str = "a secret that is not there";

const BY_REFERENCE: &str = "a secret is never written in a profile: { env = \"NAME\" }, { file = \"path\" } or { given = true }";

impl<'p> Secrets<'p> {
    /// `[secrets]`.
    pub(super) fn read(root: &Table<'_, '_>, given: Given<'p>) -> Self {
        let mut secrets = Self { known: BTreeMap::new(), given };
        let entries = root.get("secrets").map(|node| node.entries()).unwrap_or_default();
        for (name, _, node) in entries {
            if let Some(secret) = secrets.reference(&node, Some(&name)) {
                secrets.known.insert(name, secret);
            }
        }
        secrets
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
        let env = table.get("env").and_then(|node| Some((node.text()?.to_owned(), node)));
        let path = table.get("file");
        let told = table.get("given").filter(|node| node.flag() == Some(true));
        table.close();
        if let Some(secret) = name.and_then(|name| self.given.secrets.get(name)) {
            return Some(secret.clone());
        }
        if let Some((variable, node)) = env {
            return self.variable(&node, &variable);
        }
        if let Some(node) = path {
            return self.file(&node);
        }
        let Some(word) = told else {
            node.complain(BY_REFERENCE);
            return None;
        };
        let missing = Missing {
            message: "the program that started this was to give the secret, and gave none".into(),
            help: "nothing is wrong with the profile: it is for the program that starts the portal itself".into(),
            wanted: format!("`{}`, which only the program that starts the portal can give", node.path),
        };
        self.given.lacks(&word, missing, NOT_THERE)
    }

    /// `{ env = "NAME" }`.
    fn variable(&self, node: &Node<'_, '_>, variable: &str) -> Option<Secret> {
        let told = self.given.secrets.get(variable).cloned();
        let secret = told.or_else(|| std::env::var(variable).ok().map(Secret::new));
        if let Some(secret) = secret.filter(|secret| !secret.reveal().is_empty()) {
            return Some(secret);
        }
        let name = super::reader::printable(variable);
        let missing = Missing {
            message: format!("the environment has no `{name}`"),
            help: format!(
                "nothing is wrong with the profile: whoever starts the run sets `{name}` before it, in the shell or among the secrets of the CI"
            ),
            wanted: format!("`{name}` in the environment"),
        };
        self.given.lacks(node, missing, NOT_THERE)
    }

    /// `{ file = "path" }`.
    fn file(&self, node: &Node<'_, '_>) -> Option<Secret> {
        let path = node.beside(node.text()?);
        let text = read(&path).map(|bytes| String::from_utf8(bytes).unwrap_or_default());
        let message = match text {
            Ok(text) => {
                let secret = text.trim_end_matches(['\r', '\n']);
                if !secret.is_empty() {
                    return Some(Secret::new(secret));
                }
                "the file is empty or not text".to_owned()
            }
            Err(message) => message,
        };
        let help =
            "nothing is wrong with the profile: whoever starts the run puts the secret there"
                .into();
        let wanted = format!("the secret in the file {}", path.display());
        self.given.lacks(node, Missing { message, help, wanted }, NOT_THERE)
    }
}

/// A file beside the profile.
pub(super) fn file(node: &Node<'_, '_>) -> Option<Vec<u8>> {
    let path = node.beside(node.text()?);
    read(&path).map_err(|message| node.complain(message)).ok()
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("cannot read {}: {}", path.display(), error.kind()))
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
