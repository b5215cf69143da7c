//! Triggers from the command line: what all of their tests begin with.

mod schedules;
mod firing;
mod webhooks;
mod mistakes;
mod examples;

use std::fs;
use std::process::Output;

use serde_json::Value;

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
