//! Golden events and effects: one file or more per kind below `tests/golden/`, readable for ever.
//!
//! Never change a file: add one when a kind gets a new field, named `<kind>-<what>.json`.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Checks that all files of a folder can still be read, that nothing they say is lost, and that every kind has one.
/// Returns what was read, by file name.
#[track_caller]
pub fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(crate_root: &str, folder: &str) -> Vec<(String, T)> {
    let files = files(&Path::new(crate_root).join("tests/golden").join(folder));
    let named: BTreeSet<&str> = files.iter().map(|(name, _)| kind(name)).collect();
    let missing: Vec<_> = kinds::<T>().into_iter().filter(|kind| !named.contains(kind.as_str())).collect();
    assert_eq!(missing, Vec::<String>::new(), "these kinds need a file in tests/golden/{folder}");
    files.iter().map(|(name, text)| (name.clone(), read(name, text))).collect()
}

fn files(folder: &Path) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(folder).expect("the golden folder is there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    files.sort();
    let read = |path: std::path::PathBuf| {
        let name = path.file_stem().and_then(|name| name.to_str()).expect("golden files have plain names").to_owned();
        (name, std::fs::read_to_string(path).expect("a golden file can be read"))
    };
    files.into_iter().map(read).collect()
}

fn kind(name: &str) -> &str {
    name.split('-').next().expect("a split gives one piece at least")
}

#[track_caller]
fn read<T: Serialize + DeserializeOwned + PartialEq + Debug>(name: &str, text: &str) -> T {
    let stored: Value = serde_json::from_str(text).expect("a golden record is JSON");
    let read: T = serde_json::from_value(stored.clone()).expect("a golden record can be read for ever");
    let written = serde_json::to_value(&read).expect("it can be written");
    assert_eq!(written["type"], kind(name), "in {name}.json");
    assert_keeps(&stored, &written, name);
    assert_eq!(read, serde_json::from_value(written).expect("and read"));
    read
}

/// Whatever a file says is still said after reading; only defaults may be added and empty values left out.
#[track_caller]
fn assert_keeps(stored: &Value, written: &Value, name: &str) {
    match stored {
        Value::Object(fields) => {
            for (field, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                assert!(written.get(field).is_some(), "{field} of {name}.json was not read");
                assert_keeps(value, &written[field], name);
            }
        }
        Value::Array(items) => {
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
