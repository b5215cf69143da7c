//! `tenure workflow draft`, against a server whose model a stub plays.

use std::fs;

use tenure_llm::stub::{Play, Stub, says};
use tokio::runtime::Runtime;

use crate::support::{Dev, text};

const GOOD: &str = "name: Hello\nsteps:\n  # Says it.\n  - id: say\n    type: bash\n    command: echo hello\n";
const BAD: &str = "name: Hello\nsteps:\n  - id: say\n    type: bush\n";

fn answers(text: &str) -> Play {
    Play::Whole(vec![says("It says hello.\n"), says(&format!("```yaml\n{text}```\n"))])
}

/// A `tenure dev` that drafts, and the runtime in which its model is played.
fn drafting(plays: Vec<Play>) -> (Dev, Runtime) {
    let runtime = Runtime::new().unwrap();
    let stub = runtime.block_on(Stub::start(plays));
    let folder = tempfile::tempdir().unwrap();
    let config = format!("[draft]\nmodel = \"m-1\"\nbase_url = \"{}\"\n", stub.url);
    fs::write(folder.path().join("tenure.toml"), config).unwrap();
    (Dev::in_folder(folder, "127.0.0.1:0"), runtime)
}

#[test]
fn a_draft_is_printed_mended_written_and_gone_on_from() {
    let step = "id: say\ntype: bash\ncommand: echo HELLO\n";
    let (dev, _runtime) = drafting(vec![answers(BAD), answers(GOOD), answers(GOOD), answers(step), answers(GOOD)]);
    let drafted = dev.ask(&["workflow", "draft", "say hello"]);
    let told = text(&drafted.stderr);
    assert_eq!((drafted.status.code(), text(&drafted.stdout).as_str()), (Some(0), GOOD), "{told}");
    for said in ["It says hello.", "no step type `bush`", "mends it, 1 of 3", "repaired 1 times"] {
        assert!(told.contains(said), "{said} is not in\n{told}");
    }
    let written = dev.ask(&["workflow", "draft", "say hello", "-o", "hello.yaml"]);
    assert_eq!((written.status.code(), text(&written.stdout).as_str()), (Some(0), ""));
    let file = dev.folder.path().join("hello.yaml");
    assert_eq!(fs::read_to_string(&file).unwrap(), GOOD);

    let louder = dev.ask(&["workflow", "draft", "louder", "--base", "hello.yaml", "--step", "say"]);
    assert_eq!(text(&louder.stdout), GOOD.replace("echo hello", "echo HELLO"));
    let json = dev.json(&["workflow", "draft", "again", "--base", "hello.yaml", "--json"]);
    assert_eq!((&json["valid"], json["definition"].as_str()), (&true.into(), Some(GOOD)));
    let unknown = dev.ask(&["workflow", "draft", "louder", "--base", "hello.yaml", "--step", "shout"]);
    assert_eq!(unknown.status.code(), Some(4), "{}", text(&unknown.stderr));
    assert_eq!(dev.ask(&["workflow", "draft", "louder", "--step", "say"]).status.code(), Some(2));
    dev.stop();
}

#[test]
fn what_stays_wrong_is_printed_with_its_mistakes_and_the_exit_code_says_so() {
    let plays = (0..4).map(|_| answers(BAD)).chain([Play::Status(500)]).collect();
    let (dev, _runtime) = drafting(plays);
    let wrong = dev.ask(&["workflow", "draft", "say hello", "-o", "bad.yaml"]);
    let told = text(&wrong.stderr);
    assert_eq!(wrong.status.code(), Some(4), "{told}");
    assert!(told.contains("bad.yaml:4:11: workflow.steps[0].type") && told.contains("definition_invalid"), "{told}");
    assert_eq!(fs::read_to_string(dev.folder.path().join("bad.yaml")).unwrap(), BAD);
    let failed = dev.ask(&["workflow", "draft", "say hello"]);
    assert_eq!((failed.status.code(), text(&failed.stdout).as_str()), (Some(5), ""));
    assert!(text(&failed.stderr).contains("draft_failed"), "{}", text(&failed.stderr));
    dev.stop();
}

#[test]
fn without_a_model_the_refusal_says_what_to_set() {
    let dev = Dev::start();
    let refused = dev.ask(&["workflow", "draft", "say hello"]);
    assert_eq!(refused.status.code(), Some(4));
    assert!(text(&refused.stderr).contains("draft.model"), "{}", text(&refused.stderr));
    dev.stop();
}
