//! The presets that ship, and how each says that a portal is of its kind.

use super::{
    flow::Condition,
    grammar::{RECOGNISER, ROOT},
    layers::PRESETS,
    parsed,
    reader::{Layer, Reader, Source, Table},
    rules,
};

/// A preset that ships with the program.
#[derive(Debug)]
pub struct Preset {
    /// What `extends` calls it, without `preset:`.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
    /// Paths of pages, and what must hold of each.
    pub recognised_by: Vec<(String, Condition)>,
}

/// All of them.
#[must_use]
pub fn presets() -> Vec<Preset> {
    let read = |(name, text): &(&'static str, &'static str)| {
        let source =
            Source { text: (*text).to_owned(), name: (*name).into(), base: 0, is_shown: true };
        let sources = [source];
        let reader = Reader::new(&sources);
        let tree = parsed(&sources[0], &reader);
        let layers = vec![Layer { entries: &tree, base: 0 }];
        let recognised_by = recognisers(&Table::root(&reader, &ROOT, layers));
        Preset { name, text, recognised_by }
    };
    PRESETS.iter().map(read).collect()
}

/// `recognised_by = […]`.
pub(super) fn recognisers(root: &Table<'_, '_>) -> Vec<(String, Condition)> {
    let nodes = root.get("recognised_by").map(|node| node.array()).unwrap_or_default();
    let read = nodes.iter().filter_map(|node| {
        let table = node.table(&RECOGNISER)?;
        let get = table.need("get").filter(|node| {
            let is_path =
                node.text().is_some_and(|path| path.starts_with('/') && !path.starts_with("//"));
            if !is_path {
                node.complain("`get` is a path that begins with `/`");
            }
            is_path
        });
        let condition = rules::condition_of(&table);
        table.close();
        Some((get?.text()?.to_owned(), condition?))
    });
    read.collect()
}
