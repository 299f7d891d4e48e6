//! The JSON Schema of the record, made from its types. The one that ships stands in
//! `schemas/run-1.json`.

use schemars::schema_for;

use crate::record::Run;

/// The schema as it is written to the file.
#[must_use]
pub fn run() -> String {
    let mut text = serde_json::to_string_pretty(&schema_for!(Run)).unwrap_or_default();
    text.push('\n');
    text
}
