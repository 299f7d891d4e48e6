//! The JSON Schema of the record, from its types. The published copy is `schemas/run-1.json`.

use crate::record::Run;

/// The JSON Schema of `run.json`, as it is published.
#[must_use]
pub fn run_schema() -> String {
    // A schema is a tree of strings, numbers and truth values: there is nothing to fail.
    let mut text = serde_json::to_string_pretty(&schemars::schema_for!(Run)).unwrap_or_default();
    text.push('\n');
    text
}
