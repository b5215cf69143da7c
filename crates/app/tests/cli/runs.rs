//! Workflows from the command line: run, followed, decided, looked at, taken up again.

use std::fs;

use serde_json::Value;

use crate::support::{Dev, text};

/// What people run first; the last step fails when it is told to.
const HELLO: &str = "name: Hello
inputs:
  who: {type: string, default: world}
  code: {type: integer, default: 0}
steps:
  - id: look
    type: set
    variables: {seen: [1, 2]}
  - id: gate
    type: approval
    prompt: Greet {{ inputs.who }}?
    items: {Seen: '{{ variables.seen }}'}
  - id: greet
    type: bash
    command: echo hello {{ inputs.who }}; exit {{ inputs.code }}
outputs:
  said: '{{ outputs.greet.stdout | trim }}'
";

#[test]
fn a_workflow_runs_from_its_file_and_says_what_happens() {
    let dev = Dev::start();
    fs::write(dev.folder.path().join("hello.yaml"), HELLO).unwrap();
    let run = dev.ask(&["run", "hello.yaml", "--yes", "--input", "who=ann"]);
    let told = text(&run.stdout);
    assert_eq!(run.status.code(), Some(0), "{told}{}", text(&run.stderr));
    for line in
        ["✓ look", "? gate  Greet ann?", "  Seen: [1,2]", "→ approved by", "▸ greet", "│ hello ann", "said: hello ann"]
    {
        assert!(told.contains(line), "{line} is not in\n{told}");
    }
    let list = dev.json(&["execution", "list", "--status", "completed", "--json"]);
    let id = list["items"][0]["id"].as_str().unwrap();
    assert!(text(&dev.ask(&["execution", "show", id]).stdout).contains("who: ann"));
    assert!(text(&dev.ask(&["execution", "steps", id]).stdout).contains("greet"));
    assert!(dev.ask(&["execution", "why", id]).status.success());
    // Coming back to it later tells the same.
    let again = text(&dev.ask(&["execution", "watch", id]).stdout);
    assert!(again.contains("│ hello ann") && again.contains("said: hello ann"), "{again}");
    dev.stop();
}

#[test]
fn how_a_run_ended_is_the_exit_code() {
    let dev = Dev::start();
    fs::write(dev.folder.path().join("hello.yaml"), HELLO).unwrap();
    let failed = dev.ask(&["run", "hello.yaml", "--yes", "--input", "code=7"]);
    assert_eq!(failed.status.code(), Some(3), "{}", text(&failed.stdout));
    assert!(text(&failed.stderr).contains("bash_exit_code:7"), "{}", text(&failed.stderr));
    let id = dev.json(&["execution", "list", "--json"])["items"][0]["id"].as_str().unwrap().to_owned();
    let retried =
        dev.json(&["execution", "retry", &id, "--from", "greet", "--input", "code=0", "--input", "who=bob", "--json"]);
    let again = text(&dev.ask(&["execution", "watch", retried["execution"].as_str().unwrap()]).stdout);
    assert!(again.contains("hello bob") && again.contains("= gate  was done before"), "{again}");
    assert_eq!(dev.ask(&["run", "hello.yaml", "--no"]).status.code(), Some(6));
    let wrong = dev.ask(&["run", "hello.yaml", "--input", "whom=x", "--input", "code=x"]);
    assert_eq!(wrong.status.code(), Some(4));
    let said = text(&wrong.stderr);
    assert!(
        said.contains("hello.yaml") && said.contains("did you mean `who`?") && said.contains("is no integer"),
        "{said}"
    );
    assert_eq!(dev.ask(&["run", "nobody-stored-this"]).status.code(), Some(4));
    dev.stop();
}

#[test]
fn a_stored_workflow_is_started_once_per_key_and_decided_elsewhere() {
    let dev = Dev::start();
    fs::write(dev.folder.path().join("hello.yaml"), HELLO).unwrap();
    dev.json(&["workflow", "sync", "hello.yaml", "--json"]);
    let start =
        || text(&dev.ask(&["run", "hello", "--detach", "--idempotency-key", "one", "--input", "code=0"]).stdout);
    let id = start().trim().to_owned();
    assert_eq!(start().trim(), id);
    let approval =
        dev.until(&["approval", "list", "--json"], |page| page["items"][0]["id"].as_str().map(str::to_owned));
    assert!(text(&dev.ask(&["approval", "show", &approval]).stdout).contains("Greet world?"));
    assert!(text(&dev.ask(&["execution", "why", &id]).stdout).contains("gate"));
    let link = dev.json(&["approval", "link", &approval, "--expires", "2h", "--json"]);
    assert!(link["token"].as_str().is_some_and(|token| token.starts_with("tenure_link_")), "{link}");
    assert_eq!(dev.ask(&["approval", "link", &approval, "--expires", "soon"]).status.code(), Some(2));
    let listed = text(&dev.ask(&["approval", "link", &approval, "--list"]).stdout);
    let made = link["id"].as_str().expect("a link has an id");
    assert!(listed.contains(made) && listed.contains("open"), "{listed}");
    assert_eq!(dev.ask(&["approval", "link", &approval, "--revoke", made]).status.code(), Some(0));
    assert_eq!(dev.json(&["approval", "link", &approval, "--list", "--json"])["items"][0]["state"], "revoked");
    assert_eq!(dev.ask(&["approval", "link", &approval, "--list", "--revoke", made]).status.code(), Some(2));
    let decided = dev.ask(&["approval", "approve", &approval, "--reason", "it is polite"]);
    assert_eq!(decided.status.code(), Some(0), "{}", text(&decided.stderr));
    assert_eq!(dev.ask(&["approval", "deny", &approval]).status.code(), Some(4));
    let events = dev.ask(&["execution", "watch", &id, "--json"]);
    assert_eq!(events.status.code(), Some(0), "{}", text(&events.stderr));
    let first: Value = serde_json::from_str(text(&events.stdout).lines().next().unwrap()).unwrap();
    assert_eq!(first["type"], "init");
    dev.stop();
}
