//! Golden events: one file or more per kind, readable for ever.
//!
//! Never change a file: add one when a kind gets a new field, named `<kind>-<what>.json`.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use tenure_model::testkit::golden;
use tenure_workflow::library::Event;

#[test]
fn every_kind_of_event_can_be_read_for_ever() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/library");
    let mut named = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("the golden folder is there") {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let event: Event = golden(&text);
        let (written, stored) = (serde_json::to_value(&event).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
        assert_eq!(written, stored, "in {}", path.display());
        let kind = path.file_stem().unwrap().to_str().unwrap().split('-').next().unwrap().to_owned();
        assert_eq!(written["type"], kind);
        if let Some((hash, definition)) = event.definition() {
            assert_eq!(definition.hash(), hash, "the definition in {} is still the one of its hash", path.display());
        }
        named.insert(kind);
    }
    assert_eq!(named, kinds(), "every kind needs a file in tests/golden/library");
}

/// Reads the names of all kinds out of what the reader says of an unknown one.
fn kinds() -> BTreeSet<String> {
    let Err(error) = serde_json::from_str::<Event>(r#"{"type":"no_such_kind"}"#) else { panic!("there is none") };
    let error = error.to_string();
    let list = error.split_once("expected one of ").expect("the reader lists what it knows").1;
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
