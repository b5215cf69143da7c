//! Golden events: one file per variant, readable for ever.

use std::collections::BTreeSet;
use std::path::Path;

use tenure_model::testkit::golden;
use tenure_session::Event;

fn stored() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let entries = std::fs::read_dir(folder).expect("the golden folder is there");
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read_to_string(path).unwrap())
    };
    files.into_iter().map(read).collect()
}

#[test]
fn every_stored_event_can_be_read_for_ever() {
    for (name, text) in stored() {
        let event: Event = golden(&text);
        let written = serde_json::to_value(&event).unwrap();
        // Files may be told apart by a suffix: `created.json`, `created-2.json`.
        assert_eq!(written["type"], name.split('-').next().unwrap(), "in {name}.json");
    }
}

#[test]
fn every_kind_of_event_has_a_golden_file() {
    let named: BTreeSet<String> = stored()
        .into_iter()
        .map(|(name, _)| name.split('-').next().unwrap().to_owned())
        .collect();
    let missing: Vec<_> = kinds().into_iter().filter(|kind| !named.contains(*kind)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "write tests/golden/<kind>.json for these");
}

/// Reads the names of all kinds out of what the reader says of an unknown one.
fn kinds() -> Vec<&'static str> {
    let error = serde_json::from_str::<Event>(r#"{"type":"no_such_kind"}"#)
        .unwrap_err()
        .to_string();
    let list = error
        .split_once("expected one of ")
        .expect("the reader lists what it knows")
        .1;
    let names: &'static str = Box::leak(list.to_owned().into_boxed_str());
    names.split('`').skip(1).step_by(2).collect()
}
