//! The published schema and the reader know the same fields.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tenure_workflow::trigger::{Patch, schema};

fn names(schema: &Value) -> BTreeSet<String> {
    schema["properties"].as_object().expect("properties").keys().cloned().collect()
}

#[test]
fn the_reader_takes_every_field_of_the_schema_and_no_other() {
    let schema = schema();
    let kinds = schema["properties"]["type"]["enum"].as_array().expect("the types").clone();
    assert_eq!(kinds.len(), 4);
    let of = |kind: &Value| names(&schema["$defs"][kind.as_str().expect("a word")]);
    let every: BTreeSet<String> = kinds.iter().flat_map(of).filter(|field| field != "type").collect();
    for (field, kind) in every.iter().flat_map(|field| kinds.iter().map(move |kind| (field, kind))) {
        let mut trigger = json!({ "type": kind });
        trigger[field] = json!(true);
        let mistakes = Patch::value(&trigger).unwrap().onto(None).err().unwrap_or_default();
        let unknown =
            mistakes.iter().any(|one| one.code == "unknown_field" && one.path.ends_with(&format!(".{field}")));
        assert_eq!(!unknown, of(kind).contains(field), "{field} of {kind}");
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses_in_one_field() {
    let validator = jsonschema::validator_for(&schema()).expect("the schema is one");
    let good = json!({ "name": "x", "type": "schedule", "cron": "0 3 * * *", "workflow": "w" });
    assert!(validator.is_valid(&good));
    for (field, value) in [
        ("type", json!("cron")),
        ("name", json!(5)),
        ("cron", json!([])),
        ("overlap", json!("never")),
        ("enabled", json!("yes")),
        ("jitter", json!("soon")),
        ("catch_up", json!({ "policy": "all", "max": 0 })),
        ("repos", json!(["a/b"])),
        ("banana", json!(1)),
    ] {
        let mut bad = good.clone();
        bad[field] = value.clone();
        assert!(Patch::value(&bad).unwrap().onto(None).is_err(), "the reader takes {field} {value}");
        assert!(!validator.is_valid(&bad), "the schema takes {field} {value}");
    }
}
