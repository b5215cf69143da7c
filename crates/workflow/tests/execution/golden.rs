//! Golden events and effects: one file or more per kind, readable for ever.
//!
//! Never change a file: add one when a kind gets a new field, named `<kind>-<what>.json`.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tenure_model::testkit::golden;
use tenure_workflow::execution::{Effect, Event};
use tenure_workflow::gate;

fn stored(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(folder);
    let entries = std::fs::read_dir(folder).expect("the golden folder is there");
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read_to_string(path).unwrap())
    };
    files.into_iter().map(read).collect()
}

fn kind(name: &str) -> &str {
    name.split('-').next().unwrap()
}

fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(folder: &str) {
    let files = stored(folder);
    for (name, text) in &files {
        let read: T = golden(text);
        let written = serde_json::to_value(&read).unwrap();
        assert_eq!(written["type"], kind(name), "in {name}.json");
        assert_keeps(&serde_json::from_str(text).unwrap(), &written, name);
    }
    let named: BTreeSet<&str> = files.iter().map(|(name, _)| kind(name)).collect();
    let known = kinds::<T>();
    let missing: Vec<_> = known.iter().filter(|kind| !named.contains(kind.as_str())).collect();
    assert_eq!(missing, Vec::<&String>::new(), "these kinds need a file in tests/golden/{folder}");
}

/// Whatever a file says is still said after reading; only defaults may be added and empty values left out.
#[track_caller]
fn assert_keeps(stored: &serde_json::Value, written: &serde_json::Value, name: &str) {
    match stored {
        serde_json::Value::Object(fields) => {
            for (field, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                assert!(written.get(field).is_some(), "{field} of {name}.json was not read");
                assert_keeps(value, &written[field], name);
            }
        }
        serde_json::Value::Array(items) => {
            assert_eq!(Some(items.len()), written.as_array().map(Vec::len), "in {name}.json");
            items.iter().zip(written.as_array().into_iter().flatten()).for_each(|(a, b)| assert_keeps(a, b, name));
        }
        other => assert_eq!(other, written, "in {name}.json"),
    }
}

/// Reads the names of all kinds out of what the reader says of an unknown one.
fn kinds<T: DeserializeOwned>() -> Vec<String> {
    let Err(error) = serde_json::from_str::<T>(r#"{"type":"no_such_kind"}"#) else { panic!("there is no such kind") };
    let error = error.to_string();
    let list = error.split_once(", expected ").expect("the reader lists what it knows").1;
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_kind_of_event_can_be_read_for_ever() {
    check::<Event>("events");
    check::<gate::Event>("gate_events");
}

#[test]
fn every_kind_of_effect_can_be_read_for_ever() {
    check::<Effect>("effects");
    check::<gate::Effect>("gate_effects");
}
