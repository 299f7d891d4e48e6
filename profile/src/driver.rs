//! Reads `[driver]`: the program of the user's that answers the verbs, where no flow can.

use std::collections::BTreeSet;

use super::{
    flow::Place,
    grammar::DRIVER,
    reader::{Node, Table},
    sections, verb,
};
use crate::{Command, Verb};

/// The sections that say how verbs are performed in flows.
const OF_FLOWS: [&str; 6] = ["answers", "csrf", "flow", "interrupt", "page", "webauthn"];

/// An adapter: it is run with `--allow-commands` and answers verbs in place of flows.
#[derive(Clone, Debug)]
pub struct Driver {
    /// The program.
    pub command: Command,
    /// The verbs that it answers.
    pub verbs: BTreeSet<Verb>,
    /// Where the profile says so.
    pub place: Place,
}

impl Driver {
    pub(super) fn read(root: &Table<'_, '_>) -> Option<Self> {
        let node = root.get("driver")?;
        let table = node.table(&DRIVER)?;
        let command = table.need("command");
        let verbs = table.need("verbs").map(|node| names(&node)).unwrap_or_default();
        table.close();
        for key in OF_FLOWS {
            if let Some(other) = root.get(key) {
                other.complain(format!(
                    "[{key}] does not go with [driver]: an adapter performs the verbs, not flows"
                ));
            }
        }
        let command = command?;
        Some(Self {
            place: node.reader.place(command.span().start),
            command: sections::command(&command)?,
            verbs,
        })
    }
}

fn names(list: &Node<'_, '_>) -> BTreeSet<Verb> {
    let mut verbs = BTreeSet::new();
    for node in list.array() {
        let Some(name) = node.text() else { continue };
        let Some(verb) = verb(&node, name, node.span(), "[driver]") else { continue };
        if !verbs.insert(verb) {
            node.complain(format!("`{}` names `{name}` twice", node.path));
        }
    }
    verbs
}
