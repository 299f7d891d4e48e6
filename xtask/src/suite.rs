//! What this build knows of its own suite: its digest, and how many defects it catches.

use std::{collections::BTreeSet, sync::LazyLock};

use harness::{defects::Row, program, requirement::Requirement, runner::described};
use portal::defect::{self, DEFECTS, Defect};
use profile::words;
use reports::{evidence::sha256, record::Suite};
use serde::{Deserialize, Serialize};

use crate::stop::Stop;

/// The table of defects as it ships: a snapshot under review, written by `defects --matrix --write`.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Table {
    /// The day it was made, RFC 3339.
    pub(crate) date: String,
    /// Defects of the catalogue that are not modelled, with the reason.
    pub(crate) not_modelled: Vec<NotModelled>,
    /// A row a defect.
    pub(crate) defects: Vec<Row>,
}

/// A defect of real portals that the reference portal does not imitate.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct NotModelled {
    /// Its id in the catalogue.
    pub(crate) id: String,
    /// One of the four reasons.
    pub(crate) reason: String,
}

static TABLE: LazyLock<Result<Table, String>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../scenarios/defects.json"))
        .map_err(|error| error.to_string())
});

/// The shipped table.
pub(crate) fn table() -> anyhow::Result<&'static Table> {
    TABLE.as_ref().map_err(|error| anyhow::anyhow!("kit: scenarios/defects.json: {error}"))
}

/// The suite.
pub(crate) fn requirements() -> Vec<&'static Requirement> {
    scenarios::suite()
}

/// The defect of the reference portal with an id.
///
/// # Errors
/// With the nearest id where there is none of this one.
pub(crate) fn defect(id: &str) -> anyhow::Result<&'static Defect> {
    defect::find(id).ok_or_else(|| {
        let nearest = words::nearest(id, DEFECTS.iter().map(|defect| defect.id)).unwrap_or_default();
        let list = program::name();
        Stop::bad_command(format!(
            "no defect is called `{id}`; the nearest is `{nearest}`, and {list} list --defects tells all"
        ))
    })
}

/// The ids of its scenarios.
pub(crate) fn ids() -> BTreeSet<String> {
    let scenarios = requirements().into_iter().flat_map(Requirement::scenarios);
    scenarios.map(|scenario| scenario.id).collect()
}

/// Version, digest and detection score, as they stand in every record.
pub(crate) fn about() -> anyhow::Result<Suite> {
    let mut text = String::new();
    for requirement in requirements() {
        for scenario in requirement.scenarios() {
            text.push_str(&serde_json::to_string(&described(&scenario))?);
            text.push('\n');
        }
    }
    let table = table()?;
    let caught = table.defects.iter().filter(|row| row.is_caught()).count();
    Ok(Suite {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        digest: sha256(text.as_bytes()),
        detection: (!table.defects.is_empty()).then(|| format!("{caught}/{}", table.defects.len())),
        detection_date: Some(table.date.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_of_the_front_page_are_the_suites() {
        let page = include_str!("../../README.md");
        let defects = table().expect("the shipped table").defects.len();
        for figure in [format!(" {} scenarios ", ids().len()), format!(" {defects} mistakes ")] {
            assert!(page.contains(&figure), "README.md has no `{figure}`");
        }
    }
}
