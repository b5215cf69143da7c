//! The published schema and the reader know the same fields.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use tenure_workflow::{read, schema};

fn validator() -> jsonschema::Validator {
    jsonschema::validator_for(&schema::schema()).expect("the schema is one")
}

fn names(schema: &Value) -> BTreeSet<String> {
    schema["properties"].as_object().expect("properties").keys().cloned().collect()
}

/// Tells whether the reader knows a field: what it does not know, it says.
fn is_known(definition: &Value, field: &str) -> bool {
    let mistakes = read::value(definition).err().unwrap_or_default();
    !mistakes.iter().any(|mistake| mistake.code == "unknown_field" && mistake.path.ends_with(&format!(".{field}")))
}

#[test]
fn the_reader_takes_every_field_of_the_schema_and_no_other() {
    let schema = schema::schema();
    let kinds = schema["$defs"]["step"]["properties"]["type"]["enum"].as_array().expect("the types").clone();
    assert_eq!(kinds.len(), 12);
    let every: BTreeSet<String> = kinds
        .iter()
        .flat_map(|kind| names(&schema["$defs"][kind.as_str().expect("a word")]))
        .chain(names(&schema))
        .collect();
    for field in &every {
        let root = Value::Object(Map::from_iter([(field.clone(), json!(true))]));
        assert_eq!(is_known(&root, field), names(&schema).contains(field), "{field} of a workflow");
        for kind in &kinds {
            let mut step = json!({ "type": kind });
            if field != "type" {
                step[field] = json!(true);
            }
            let in_schema = names(&schema["$defs"][kind.as_str().expect("a word")]).contains(field);
            assert_eq!(is_known(&json!({ "name": "x", "steps": [step] }), field), in_schema, "{field} of {kind}");
        }
    }
}

#[test]
fn every_field_of_the_schema_is_explained() {
    fn walk(at: &str, schema: &Value) {
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            for (name, property) in
                properties.iter().filter(|(name, _)| !matches!(name.as_str(), "type" | "variable" | "equals"))
            {
                assert!(
                    property["description"].as_str().is_some_and(|text| text.len() > 5),
                    "{at}.{name} is not explained"
                );
            }
        }
        match schema {
            Value::Object(map) => map.iter().for_each(|(name, value)| walk(&format!("{at}.{name}"), value)),
            Value::Array(items) => items.iter().for_each(|value| walk(at, value)),
            _ => {}
        }
    }
    walk("schema", &schema::schema());
}

#[test]
fn the_schema_refuses_what_the_reader_refuses_in_one_field() {
    let validator = validator();
    let good = json!({ "name": "x", "steps": [{ "type": "bash", "command": "true" }] });
    assert!(validator.is_valid(&good) && read::value(&good).is_ok());
    for (pointer, value) in [
        ("/name", json!(5)),
        ("/steps", json!([])),
        ("/steps/0/type", json!("bsh")),
        ("/steps/0/command", json!([])),
        ("/steps/0/comand", json!("true")),
        ("/steps/0/id", json!("a/b")),
        ("/steps/0/timeout", json!("soon")),
        ("/steps/0/timeout", json!(5)),
        ("/steps/0/timeout_ms", json!("5s")),
        ("/steps/0/retry", json!({ "max_attempts": 100 })),
        ("/steps/0/on_unknown", json!("redo")),
        ("/steps/0/env", json!({ "a-b": "x" })),
        ("/max_steps", json!(0)),
        ("/inputs", json!({ "a": { "type": "text" } })),
        ("/inputs", json!([{ "type": "string" }])),
        ("/banana", json!(1)),
    ] {
        let mut bad = good.clone();
        let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
        bad.pointer_mut(parent).expect("the parent")[field] = value.clone();
        assert!(read::value(&bad).is_err(), "the reader takes {pointer} {value}");
        assert!(!validator.is_valid(&bad), "the schema takes {pointer} {value}");
    }
}
