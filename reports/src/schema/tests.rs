//! The published schema is that of the types, admits a record and refuses a broken one.

use serde_json::{Value, json};

use super::run_schema;
use crate::sample;

/// The published copy. Write it again with `TOUCHSTONE_WRITE_SCHEMA=1 cargo test -p reports schema`.
const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/run-1.json");

type Break = fn(&mut Value);

#[test]
fn the_published_schema_is_fresh() {
    if std::env::var_os("TOUCHSTONE_WRITE_SCHEMA").is_some() {
        std::fs::write(PUBLISHED, run_schema()).unwrap();
    }
    let published = std::fs::read_to_string(PUBLISHED).unwrap_or_default();
    assert!(
        published == run_schema(),
        "schemas/run-1.json is stale: set TOUCHSTONE_WRITE_SCHEMA=1"
    );
}

#[test]
fn a_record_is_valid() {
    let record = record();
    let errors: Vec<_> = validator().iter_errors(&record).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
}

#[test]
fn a_broken_record_is_not() {
    let breaks: [(&str, Break); 7] = [
        ("no outcome", |record| drop(record.as_object_mut().unwrap().remove("outcome"))),
        ("an outcome of another word", |record| record["outcome"] = json!("green")),
        ("an exit code above a byte", |record| record["exit_code"] = json!(256)),
        ("an unknown member", |record| record["extra"] = json!(1)),
        ("an unknown verdict", |record| record["scenarios"][0]["verdict"] = json!("passed")),
        ("a count of another verdict", |record| record["summary"]["passed"] = json!(1)),
        ("a step of another kind", |record| {
            record["scenarios"][0]["steps"][0]["step"] = json!("x")
        }),
    ];
    let validator = validator();
    for (what, break_it) in breaks {
        let mut record = record();
        break_it(&mut record);
        assert!(!validator.is_valid(&record), "{what}");
    }
}

fn validator() -> jsonschema::Validator {
    jsonschema::validator_for(&serde_json::from_str(&run_schema()).unwrap()).unwrap()
}

fn record() -> Value {
    serde_json::to_value(sample::run()).unwrap()
}
