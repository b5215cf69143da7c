//! What is said to names that nobody has, files that are wrong, and times that are none.

use std::fs;

use super::{NIGHTLY, stage, sync};
use crate::support::text;

const NOBODY: &str = "00000000-0000-7000-8000-000000000001";

#[test]
fn mistakes_in_triggers_are_told_with_the_way_out() {
    let dev = stage();
    sync(&dev, NIGHTLY);
    let refused = |args: &[&str], code: i32| {
        let output = dev.ask(args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", text(&output.stderr));
        text(&output.stderr)
    };
    for what in ["show", "preview", "why", "run", "resume", "deliveries", "history", "delete"] {
        let said = refused(&["trigger", what, "nihgtly"], 4);
        assert!(said.ends_with("; did you mean `Nightly`? (trigger_unknown)\n"), "{what}: {said}");
    }
    assert!(!refused(&["trigger", "show", "something else"], 4).contains("did you mean"));

    let wrong = "cron: 61 3 * * *\ntimezone: Europe/Berln\ncatch_up: sometimes\noverlap: never\ncatchup: last\n";
    let wrong = format!("name: X\ntype: schedule\nworkflow: gret\n{wrong}");
    fs::write(dev.folder.path().join("wrong.yaml"), wrong).unwrap();
    // What is right is not saved either, because all files are judged first.
    fs::write(dev.folder.path().join("right.yaml"), NIGHTLY.replace("Nightly", "Right")).unwrap();
    let said = refused(&["trigger", "sync", "right.yaml", "wrong.yaml"], 4);
    for line in [
        "wrong.yaml:3:11: trigger.workflow: there is no workflow `gret` [unknown_workflow]\n    fix: did you mean `greet`?",
        "wrong.yaml:4:7: trigger.cron: the minute says `61`",
        "wrong.yaml:5:11: trigger.timezone: ",
        "    fix: did you mean `Europe/Berlin`?",
        "wrong.yaml:6:11: trigger.catch_up.policy: ",
        "wrong.yaml:7:10: trigger.overlap: ",
        "wrong.yaml:8:1: trigger.catchup: ",
        "tenure: 6 mistakes; nothing was done",
    ] {
        assert!(said.contains(line), "{line} is not in\n{said}");
    }
    assert_eq!(dev.ask(&["trigger", "show", "right"]).status.code(), Some(4));
    assert!(refused(&["trigger", "preview", "--file", "wrong.yaml"], 4).starts_with("wrong.yaml:4:7: trigger.cron: "));
    assert_eq!(refused(&["trigger", "sync", "missing.yaml"], 1).lines().count(), 1);

    for args in [
        &["why", "nightly", "--at", "soon"][..],
        &["preview", "nightly", "--from", "soon"],
        &["preview", "nightly", "--count", "0"],
        &["pause", "nightly", "--until", "yesterday"],
        &["pause", "nightly", "--until", "2020-01-01T00:00"],
        &["backfill", "nightly", "--from", "soon", "--to", "later"],
        &["backfill", "nightly", "--from", "2026-01-02T00:00", "--to", "2026-01-01T00:00"],
        &["rotate", "nightly"],
        &["deliveries", "nightly", NOBODY],
        &["replay", "nightly", NOBODY],
    ] {
        refused(&[&["trigger"], args].concat(), 4);
    }
    for args in [
        &["show", "a/b"][..],
        &["show", " "],
        &["sync"],
        &["sync", "a.yaml", "b.yaml", "--expect", "1"],
        &["list", "--type", "cron"],
        &["preview"],
        &["preview", "nightly", "--file", "wrong.yaml"],
        &["pause", "nightly"],
        &["pause", "nightly", "--for", "ever"],
        &["pause", "nightly", "--for", "2h", "--until", "2094-01-01T00:00"],
        &["backfill", "nightly", "--from", "2026-01-02T00:00"],
        &["deliveries", "nightly", "--outcome", "odd"],
        &["rotate"],
        &["rotate", "nightly", "--github"],
        &["run", "nightly", "--input", "no-value"],
    ] {
        refused(&[&["trigger"], args].concat(), 2);
    }
    dev.stop();
}
