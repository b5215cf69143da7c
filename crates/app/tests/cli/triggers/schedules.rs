//! Schedules: saved, previewed, paused, explained.

use std::fs;

use super::{NIGHTLY, stage, sync, told, with_stdin};
use crate::support::text;

#[test]
fn a_schedule_is_saved_and_previewed_with_what_clocks_do() {
    let dev = stage();
    let first = sync(&dev, NIGHTLY);
    assert_eq!(first["outcome"], "created");
    assert!(first["next"]["shown"].as_str().unwrap().ends_with("02:30"), "{first}");
    assert_eq!(sync(&dev, NIGHTLY)["outcome"], "unchanged");
    let both = format!("{NIGHTLY}fold: both\n").replace("Nightly", "NIGHTLY");
    fs::write(dev.folder.path().join("both.yaml"), both).unwrap();
    let would = text(&with_stdin(&dev, &["trigger", "sync", "-", "--dry-run"], "both.yaml").stdout);
    assert!(would.starts_with("NIGHTLY: would be updated, runs `greet` at 02:30 (Europe/Berlin)\n  next "), "{would}");
    let saved = text(&with_stdin(&dev, &["trigger", "sync", "-", "--expect", "1"], "both.yaml").stdout);
    let id = first["id"].as_str().unwrap();
    assert!(saved.starts_with("NIGHTLY: updated, ") && saved.contains(id) && saved.contains("which is"), "{saved}");
    assert_eq!(with_stdin(&dev, &["trigger", "sync", "-", "--expect", "9"], "trigger.yaml").status.code(), Some(4));

    let fold = told(&dev, &["trigger", "preview", "nightly", "--from", "2026-10-24T12:00", "--count", "3"]);
    let expected = "\
LOCAL             UTC
2026-10-25 02:30  2026-10-25 00:30:00  fold: the clocks show it twice, this is the first
2026-10-25 02:30  2026-10-25 01:30:00  fold: the clocks show it twice, this is the second
2026-10-26 02:30  2026-10-26 01:30:00
";
    assert!(fold.ends_with(expected), "{fold}");
    let args = ["trigger", "preview", "--file", "-", "--from", "2026-03-28T12:00", "--count", "1"];
    let gap = text(&with_stdin(&dev, &args, "trigger.yaml").stdout);
    assert!(
        gap.ends_with("2026-03-29 03:00  2026-03-29 01:00:00  gap: the clocks skip its time, it fires right after\n")
    );

    // What is shown as YAML is the same trigger when it is saved again.
    fs::write(dev.folder.path().join("shown.yaml"), told(&dev, &["trigger", "show", "nightly", "--yaml"])).unwrap();
    assert!(told(&dev, &["trigger", "sync", "shown.yaml"]).starts_with("NIGHTLY: unchanged"));
    let shown = told(&dev, &["trigger", "show", id]);
    assert!(shown.starts_with("NIGHTLY (schedule), on\nruns `greet` at 02:30 (Europe/Berlin)\n"), "{shown}");
    let listed = told(&dev, &["trigger", "list", "--type", "schedule", "--enabled", "true", "--workflow", "greet"]);
    assert!(listed.contains("NIGHTLY  schedule  runs `greet` at 02:30 (Europe/Berlin)"), "{listed}");
    assert!(told(&dev, &["trigger", "list", "--type", "webhook"]).starts_with("nothing to show"));
    dev.stop();
}

#[test]
fn a_schedule_is_paused_switched_renamed_and_deleted() {
    let dev = stage();
    let id = sync(&dev, NIGHTLY)["id"].as_str().unwrap().to_owned();
    let why = |at: &str| told(&dev, &["trigger", "why", &id, "--at", at]);
    assert_eq!(why("2020-11-21T02:30"), "it did not fire: there was no such trigger yet\n");
    assert_eq!(why("2094-11-21T02:30"), "it will fire: 2094-11-21 02:30 is planned\n");
    assert!(
        why("2094-11-21T02:31").starts_with("it did not fire: nothing was planned, because it runs `greet` at 02:30")
    );
    assert!(why("2094-10-31T02:30").contains("\n(the clocks of Europe/Berlin show this time twice"));

    let paused = told(&dev, &["trigger", "pause", "nightly", "--until", "2094-12-01T00:00"]);
    assert!(
        paused.starts_with("Nightly is paused until 2094-11-30 23:00:00 UTC; it fires next at 2094-12-01 01:30:00")
    );
    assert!(told(&dev, &["trigger", "list"]).contains("paused until 2094-11-30 23:00:00 UTC"));
    assert!(told(&dev, &["trigger", "preview", "nightly"]).contains("it is switched off or paused"));
    assert!(told(&dev, &["trigger", "pause", "nightly", "--for", "2h"]).starts_with("Nightly is paused until "));
    assert!(told(&dev, &["trigger", "resume", "nightly"]).starts_with("Nightly is on; it fires next at "));
    assert_eq!(told(&dev, &["trigger", "disable", "nightly"]), "Nightly is off\n");
    assert_eq!(dev.json(&["trigger", "enable", "nightly", "--json"])["enabled"], true);
    assert!(
        told(&dev, &["trigger", "rename", "nightly", "At 50% of the night"]).starts_with("At 50% of the night is on")
    );
    assert_eq!(told(&dev, &["trigger", "delete", "at 50% OF the night"]), "at 50% OF the night is deleted\n");

    let history = dev.json(&["trigger", "history", &id, "--json"]);
    let changes: Vec<_> = history["items"].as_array().unwrap().iter().map(|row| row["change"].clone()).collect();
    let expected = ["deleted", "renamed", "enabled", "disabled", "resumed", "paused", "paused", "created"];
    assert_eq!(changes, expected);
    let page = told(&dev, &["trigger", "history", &id, "--limit", "2"]);
    assert!(page.contains("renamed") && page.contains("there is more: --cursor "), "{page}");
    assert!(why("2094-11-21T02:30").starts_with("it did not fire: admin had deleted it"));
    dev.stop();
}
