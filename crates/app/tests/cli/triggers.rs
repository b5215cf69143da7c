//! Triggers from the command line: saved, previewed, fired, explained; and what is said to mistakes.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Output;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::support::{Dev, done, tenure, text};

/// A workflow that ends at once, and one that waits for a person.
const GREET: &str = "name: Greet
inputs:
  who: {type: string, default: world}
  rounds: {type: integer, default: 1}
steps:
  - {id: say, type: set, variables: {said: 'hello {{ inputs.who }}, {{ inputs.rounds }}'}}
outputs: {said: '{{ variables.said }}'}
";
const ASK: &str = "name: Ask
steps:
  - {id: gate, type: approval, prompt: Go on?}
";

const NIGHTLY: &str = "name: Nightly
type: schedule
cron: 30 2 * * *
timezone: Europe/Berlin
workflow: greet
";

/// A server that stores both workflows.
fn stage() -> Dev {
    let dev = Dev::start();
    for (name, definition) in [("greet.yaml", GREET), ("ask.yaml", ASK)] {
        fs::write(dev.folder.path().join(name), definition).unwrap();
    }
    dev.json(&["workflow", "sync", "greet.yaml", "ask.yaml", "--json"]);
    dev
}

/// Saves a trigger, and returns what was said to it.
fn sync(dev: &Dev, definition: &str) -> Value {
    fs::write(dev.folder.path().join("trigger.yaml"), definition).unwrap();
    dev.json(&["trigger", "sync", "trigger.yaml", "--json"])[0].clone()
}

/// Asks for something that must succeed, and returns what was said.
fn told(dev: &Dev, args: &[&str]) -> String {
    let output = dev.ask(args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn with_stdin(dev: &Dev, args: &[&str], file: &str) -> Output {
    let file = fs::File::open(dev.folder.path().join(file)).unwrap();
    done(tenure().current_dir(dev.folder.path()).args(args).stdin(file))
}

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

#[test]
fn what_was_missed_is_fired_for_by_hand() {
    let dev = stage();
    sync(&dev, NIGHTLY);
    let fill = |more: &[&str]| {
        let args = ["trigger", "backfill", "nightly", "--from", "2026-10-24T12:00", "--to", "2026-10-26T12:00"];
        told(&dev, &[&args[..], more].concat())
    };
    let dry = fill(&["--dry-run"]);
    assert!(dry.contains("2026-10-25 02:30  2026-10-25 00:30:00"), "{dry}");
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
    assert!(listed.contains("matched  backfill of 2026-10-25 00:30:00 UTC"), "{listed}");
    let why = told(&dev, &["trigger", "why", "nightly", "--at", "2026-10-25T02:30"]);
    assert!(why.starts_with("it fired, and started the run "), "{why}");
    let stopped = told(&dev, &["trigger", "backfill", "nightly", "--stop"]);
    assert_eq!(stopped, "nightly fires for no more times that are over\n");
    dev.stop();
}

const HOOK: &str = "name: Hook
type: webhook
verify: hmac
workflow: greet
mapping: {who: $.user.name}
";

fn sign(secret: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Delivers a body to a webhook; returns the status, and what was said.
fn deliver(dev: &Dev, path: &str, signature: &str, body: &str) -> (u16, String) {
    let authority = dev.address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(authority).unwrap();
    let head =
        format!("POST {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\ncontent-type: application/json");
    let length = body.len();
    write!(stream, "{head}\r\nx-webhook-signature: {signature}\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
    (status, answer)
}

#[test]
fn a_webhook_starts_a_run_once_and_is_replayed() {
    let dev = stage();
    fs::write(dev.folder.path().join("hook.yaml"), HOOK).unwrap();
    let saved = told(&dev, &["trigger", "sync", "hook.yaml"]);
    assert!(saved.starts_with("Hook: created, ") && saved.contains("(shown here, and nowhere again)"), "{saved}");
    let fact = |text: &str, name: &str| -> String {
        let line = text.lines().find_map(|line| line.trim_start().strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().to_owned()
    };
    let (address, secret) = (fact(&saved, "address"), fact(&saved, "secret"));
    let path = address.strip_prefix(&dev.address).unwrap();
    assert!(!told(&dev, &["trigger", "sync", "hook.yaml"]).contains("secret"), "it is shown once");
    assert!(told(&dev, &["trigger", "show", "hook"]).contains(&address));

    let body = r#"{"user": {"name": "ann"}}"#;
    let signature = sign(&secret, body);
    assert_eq!(deliver(&dev, path, &sign("guessed", body), body).0, 401);
    assert_eq!(deliver(&dev, path, &signature, body).0, 202);
    let (status, again) = deliver(&dev, path, &signature, body);
    assert!(status == 202 && again.contains(r#""duplicate":true"#), "{again}");
    let page = dev.json(&["trigger", "deliveries", "--json"]);
    assert_eq!(page["items"].as_array().unwrap().len(), 1, "{page}");
    let firing = page["items"][0]["firing"].as_str().unwrap();
    let listed = told(&dev, &["trigger", "deliveries"]);
    assert!(listed.contains("Hook     matched  delivered") && listed.contains(firing), "{listed}");
    let whole = told(&dev, &["trigger", "deliveries", "hook", firing]);
    assert!(whole.contains("inputs\n  who: ann\n") && whole.contains(r#""name": "ann""#), "{whole}");
    assert!(whole.contains("again     tenure trigger replay hook "), "{whole}");
    assert!(told(&dev, &["trigger", "replay", "hook", firing]).contains(" starts; `tenure execution watch "));

    fs::write(dev.folder.path().join("body.json"), body).unwrap();
    assert_eq!(told(&dev, &["trigger", "test", "hook", "body.json"]), "it would run `greet`\ninputs\n  who: ann\n");
    fs::write(dev.folder.path().join("form"), "user=ann").unwrap();
    assert_eq!(dev.ask(&["trigger", "test", "hook", "form"]).status.code(), Some(2));
    let form = ["trigger", "test", "hook", "form", "--header", "Content-Type: application/x-www-form-urlencoded"];
    assert!(told(&dev, &form).starts_with("it would run `greet`"));

    let rotated = told(&dev, &["trigger", "rotate", "hook", "--overlap", "1h"]);
    assert_ne!(fact(&rotated, "secret"), secret);
    assert!(told(&dev, &["trigger", "show", "hook"]).contains(&format!("old       {address}, until ")));
    fs::write(dev.folder.path().join("secret"), "the sender's own\n").unwrap();
    let args = ["trigger", "rotate", "hook", "--secret-from", "-"];
    let theirs = text(&with_stdin(&dev, &args, "secret").stdout);
    assert_eq!(theirs, format!("address  {}\n", fact(&rotated, "address")));
    let path = fact(&rotated, "address").strip_prefix(&dev.address).unwrap().to_owned();
    assert_eq!(deliver(&dev, &path, &sign("the sender's own", body), body).0, 202);
    assert!(told(&dev, &["trigger", "rotate", "--github"]).contains("secret   "));
    dev.stop();
}

#[test]
fn a_trigger_is_run_by_hand_and_followed() {
    let dev = stage();
    sync(&dev, "{name: By hand, type: manual, workflow: greet, inputs: {who: ann}}");
    sync(&dev, "{name: Gate, type: manual, workflow: ask, overlap: skip}");
    sync(&dev, "{name: Talk, type: manual, prompt: How was the night?}");
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

const NOBODY: &str = "00000000-0000-7000-8000-000000000001";

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
