//! Secrets of a profile: never written in it, always named by reference.

use std::collections::BTreeMap;

use regex::Regex;

use super::{
    grammar::SECRET,
    reader::{Node, Reader, Table},
    template::{Template, Tree},
};
use crate::secret::Secret;

/// Secrets by name, and where others are found.
pub(super) struct Secrets<'p> {
    pub(super) known: BTreeMap<String, Secret>,
    provided: &'p BTreeMap<String, Secret>,
}

const BY_REFERENCE: &str = "a secret is never written in a profile: { env = \"NAME\" }, { file = \"path\" } or { given = true }";

impl<'p> Secrets<'p> {
    /// `[secrets]`.
    pub(super) fn read(root: &Table<'_, '_>, provided: &'p BTreeMap<String, Secret>) -> Self {
        let mut secrets = Self { known: BTreeMap::new(), provided };
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
        let given = table.get("given").filter(|node| node.flag() == Some(true));
        table.close();
        if let Some(secret) = name.and_then(|name| self.provided.get(name)) {
            return Some(secret.clone());
        }
        if let Some((variable, node)) = env {
            return match self
                .provided
                .get(&variable)
                .cloned()
                .or_else(|| std::env::var(&variable).ok().map(Secret::new))
            {
                Some(secret) if !secret.reveal().is_empty() => Some(secret),
                _ => {
                    node.complain(format!(
                        "the environment has no `{}`",
                        super::reader::printable(&variable)
                    ));
                    None
                }
            };
        }
        if let Some(node) = path {
            let text = String::from_utf8(file(&node)?).ok();
            let secret = text
                .as_deref()
                .map(|text| text.trim_end_matches(['\r', '\n']))
                .filter(|text| !text.is_empty());
            if secret.is_none() {
                node.complain("the file is empty or not text");
            }
            return secret.map(Secret::new);
        }
        match given {
            Some(node) => {
                node.complain("the program that started this was to give the secret, and gave none")
            }
            None => node.complain(BY_REFERENCE),
        }
        None
    }
}

/// A file beside the profile.
pub(super) fn file(node: &Node<'_, '_>) -> Option<Vec<u8>> {
    let path = node.beside(node.text()?);
    match std::fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            node.complain(format!("cannot read {}: {}", path.display(), error.kind()));
            None
        }
    }
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
