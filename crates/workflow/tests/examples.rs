//! Every example is read, keeps its hash through the canonical form, and passes the published schema.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tenure_workflow::{Definition, Mistake, read, schema};

fn examples() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/workflows");
    let entries = fs::read_dir(folder).expect("the examples are there").map(|entry| entry.expect("an entry").path());
    let files = entries.filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    let mut files: Vec<(String, String)> = files
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("an example"))
        })
        .collect();
    files.sort();
    files
}

fn said(mistakes: Vec<Mistake>) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_example_is_right() {
    let names: Vec<String> = examples().into_iter().map(|(name, _)| name).collect();
    for name in [
        "batch",
        "failing-test-fixer",
        "incident-triage",
        "nightly-dependency-report",
        "pull-request-review",
        "release-check",
    ] {
        assert!(names.iter().any(|known| known == name), "{name} is missing");
    }
    let wrong: Vec<String> = examples()
        .into_iter()
        .filter_map(|(name, text)| read::text(&text).err().map(|mistakes| format!("{name}:\n{}", said(mistakes))))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (name, text) in examples() {
        let definition = read::text(&text).unwrap_or_else(|mistakes| panic!("{}", said(mistakes)));
        assert_eq!(definition.slug.as_str(), name, "the file is named for its slug");
    }
}

#[test]
fn every_example_keeps_its_hash_through_every_form() {
    for (name, text) in examples() {
        let definition = read::text(&text).unwrap_or_else(|mistakes| panic!("{}", said(mistakes)));
        let canonical = definition.canonical();
        let again = read::value(&canonical).unwrap_or_else(|mistakes| panic!("{name}: {}", said(mistakes)));
        assert_eq!(again, definition, "{name}");
        assert_eq!(again.hash(), definition.hash(), "{name}");
        let stored: Definition = serde_json::from_value(canonical.clone()).expect("what was stored is read");
        assert_eq!(stored, definition, "{name}");
        let json = serde_json::to_string_pretty(&canonical).expect("JSON");
        assert_eq!(read::text(&json).map_err(said).expect("JSON is read").hash(), definition.hash(), "{name}");
    }
}

#[test]
fn every_example_passes_the_schema_in_both_forms() {
    let validator = jsonschema::validator_for(&schema::schema()).expect("the schema is one");
    for (name, text) in examples() {
        let written: Value = serde_norway::from_str(&text).expect("YAML");
        for (form, value) in
            [("written", written), ("canonical", read::text(&text).map_err(said).expect("right").canonical())]
        {
            let errors: Vec<String> =
                validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(errors.is_empty(), "{name} ({form}): {}", errors.join("\n"));
        }
    }
}

#[test]
fn definitions_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Definition>();
}
