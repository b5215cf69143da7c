//! Triggers that are fired by hand: now, and for times that are over.

use serde_json::Value;

use super::{NIGHTLY, stage, sync, told};
use crate::support::text;

#[test]
fn a_trigger_is_run_by_hand_and_followed() {
    let dev = stage();
    sync(&dev, "name: By hand\ntype: manual\nworkflow: greet\ninputs: {who: ann}\n");
    sync(&dev, "name: Gate\ntype: manual\nworkflow: ask\noverlap: skip\n");
    sync(&dev, "name: Talk\ntype: manual\nprompt: How was the night?\n");
    let run = told(&dev, &["trigger", "run", "by hand", "--input", "rounds=3", "--wait"]);
    assert!(run.contains("said: hello ann, 3"), "{run}");
    let start = || told(&dev, &["trigger", "run", "by hand", "--test", "--idempotency-key", "one"]);
    assert_eq!(start(), start());
    let wrong = dev.ask(&["trigger", "run", "by hand", "--input", "rounds=three"]);
    assert_eq!(wrong.status.code(), Some(4));
    assert!(text(&wrong.stderr).contains("inputs.rounds: \"three\" is no integer"), "{}", text(&wrong.stderr));

    let first = dev.json(&["trigger", "run", "gate", "--json"]);
    assert!(first["execution"].is_string() && first["firing"].is_string(), "{first}");
    let skipped = dev.ask(&["trigger", "run", "gate", "--wait"]);
    assert_eq!(skipped.status.code(), Some(4));
    let said = text(&skipped.stderr);
    assert!(said.contains("nothing is started: ") && said.contains("(firing_skipped)"), "{said}");
    assert!(told(&dev, &["trigger", "list"]).contains("on, 1 under way"));
    let skips = dev.json(&["trigger", "deliveries", "gate", "--outcome", "skipped", "--json"]);
    assert_eq!(skips["items"].as_array().unwrap().len(), 1, "{skips}");

    assert!(told(&dev, &["trigger", "run", "talk"]).starts_with("the orchestrator is asked; the firing is "));
    assert_eq!(dev.ask(&["trigger", "run", "talk", "--wait"]).status.code(), Some(2));
    assert_eq!(dev.ask(&["trigger", "run", "gate", "--yes"]).status.code(), Some(2));
    dev.stop();
}

#[test]
fn what_was_missed_is_fired_for_by_hand() {
    let dev = stage();
    sync(&dev, NIGHTLY);
    let fill = |more: &[&str]| {
        let args = ["trigger", "backfill", "nightly", "--from", "2024-10-26T12:00", "--to", "2024-10-28T12:00"];
        told(&dev, &[&args[..], more].concat())
    };
    let dry = fill(&["--dry-run"]);
    assert!(dry.contains("2024-10-27 02:30  2024-10-27 00:30:00"), "{dry}");
    assert!(dry.ends_with("2 times; nothing was done (--dry-run)\n"), "{dry}");
    assert_eq!(dev.json(&["trigger", "deliveries", "nightly", "--json"])["items"], Value::Array(vec![]));
    let fired = fill(&["--idempotency-key", "one"]);
    assert!(fired.ends_with("2 times, which are fired for from now on\n"), "{fired}");
    assert_eq!(fill(&["--idempotency-key", "one"]), fired);
    let both = |page: &Value| (page["items"].as_array()?.len() == 2).then_some(());
    dev.until(&["trigger", "deliveries", "nightly", "--outcome", "matched", "--json"], both);
    let ended = |page: &Value| (page["items"].as_array()?.len() == 2).then_some(());
    dev.until(&["execution", "list", "--workflow", "greet", "--status", "completed", "--json"], ended);
    let listed = told(&dev, &["trigger", "deliveries", "nightly"]);
    assert!(listed.contains("matched  backfill of 2024-10-27 00:30:00 UTC"), "{listed}");
    let why = told(&dev, &["trigger", "why", "nightly", "--at", "2024-10-27T02:30"]);
    assert!(why.starts_with("it fired, and started the run "), "{why}");
    let stopped = told(&dev, &["trigger", "backfill", "nightly", "--stop"]);
    assert_eq!(stopped, "nightly fires for no more times that are over\n");
    dev.stop();
}
