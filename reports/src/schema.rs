//! The JSON Schema of the record, from its types. The published copy is `schemas/run-1.json`.

use serde_json::{Value, json};

use crate::record::Run;

/// The JSON Schema of `run.json`, as it is published.
#[must_use]
fn run_schema() -> String {
    let mut schema = schemars::schema_for!(Run);
    // The derived schema admits any name for a count; only the names of verdicts are meant.
    if let Some(Value::Object(summary)) = schema.pointer_mut("/properties/summary") {
        summary.insert("propertyNames".into(), json!({ "$ref": "#/$defs/Verdict" }));
    }
    // A schema is a tree of strings, numbers and truth values: there is nothing to fail.
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests;
