//! Golden events: one file per kind, readable for ever. Never change a file: add one.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tenure_model::testkit::golden;

fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(folder: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(folder);
    let mut named = BTreeSet::new();
    for entry in std::fs::read_dir(path).expect("the golden folder is there") {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let written = serde_json::to_value(golden::<T>(&text)).unwrap();
        assert_eq!(written, serde_json::from_str::<serde_json::Value>(&text).unwrap(), "in {}", path.display());
        let kind = path.file_stem().unwrap().to_str().unwrap().split('-').next().unwrap().to_owned();
        assert_eq!(written["type"], kind);
        named.insert(kind);
    }
    assert_eq!(named, kinds::<T>(), "every kind needs a file in tests/golden/{folder}");
}

/// Reads the names of all kinds out of what the reader says of an unknown one.
fn kinds<T: DeserializeOwned>() -> BTreeSet<String> {
    let Err(error) = serde_json::from_str::<T>(r#"{"type":"no_such_kind"}"#) else { panic!("there is no such kind") };
    let error = error.to_string();
    let list = error.split_once("expected one of ").expect("the reader lists what it knows").1;
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_kind_of_event_of_a_realm_can_be_read_for_ever() {
    check::<tenure_account::realm::Event>("realm");
}

#[test]
fn every_kind_of_event_of_an_owner_can_be_read_for_ever() {
    check::<tenure_account::owner::Event>("owner");
}
