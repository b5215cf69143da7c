//! Every trigger below `examples/triggers` is saved, and does what it says.

use std::fs;
use std::path::Path;

use crate::support::Dev;

#[test]
fn every_example_of_a_trigger_is_saved() {
    let dev = Dev::start();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let files = |folder: &str| -> Vec<String> {
        let entries = fs::read_dir(examples.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        let yaml = entries.filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
        yaml.map(|path| path.display().to_string()).collect()
    };
    let workflows = examples.join("workflows").display().to_string();
    dev.json(&["workflow", "sync-all", &workflows, "--json"]);
    let triggers = files("triggers");
    assert!(triggers.len() >= 3, "{triggers:?}");
    for file in &triggers {
        assert!(fs::read_to_string(file).unwrap().starts_with("# "), "{file} does not begin with what it is for");
        assert_eq!(dev.json(&["trigger", "sync", file, "--json"])[0]["outcome"], "created", "{file}");
        assert_eq!(dev.json(&["trigger", "sync", file, "--json"])[0]["outcome"], "unchanged", "{file}");
    }
    let alert = r#"{"service": "shop", "alerts": [{"summary": "it is slow"}]}"#;
    fs::write(dev.folder.path().join("alert.json"), alert).unwrap();
    let tested = dev.json(&["trigger", "test", "alerts", "alert.json", "--json"]);
    assert_eq!((&tested["fires"], &tested["inputs"]["message"]), (&true.into(), &"it is slow".into()), "{tested}");
    let branches = r#"{"base": {"ref": "release/2"}, "head": {"ref": "fix"}}"#;
    let opened =
        format!(r#"{{"action": "opened", "repository": {{"full_name": "example/shop"}}, "pull_request": {branches}}}"#);
    fs::write(dev.folder.path().join("opened.json"), opened).unwrap();
    let args = ["trigger", "test", "review pull requests", "opened.json", "--event", "pull_request", "--json"];
    let tested = dev.json(&args);
    assert_eq!((&tested["fires"], &tested["inputs"]["head"]), (&true.into(), &"fix".into()), "{tested}");
    dev.stop();
}
