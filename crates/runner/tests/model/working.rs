//! What the built-in agent does on a good day: it talks, thinks, calls its tools, asks, remembers, and makes room.

use serde_json::json;
use tenure_model::chat::{FinishReason, ToolStatus, Usage};
use tenure_model::link::{McpAccess, TurnFrame, WorkSpec};
use tenure_protocol::runner::ServerMessage;
use tenure_runner::PermissionPolicy;

use crate::support::*;
use crate::{Stage, next_of};
use tenure_llm::stub::{Play, calls, says, thinks};

#[tokio::test(flavor = "multi_thread")]
async fn it_thinks_talks_and_tells_what_it_used() {
    let mut stage = Stage::set(vec![Play::Whole(vec![thinks("hm"), says("Grüße "), says("🙂")])]).await;
    let (ledger, reason, error) = stage.prompt("hello").await;
    assert_eq!((reason, error), (FinishReason::EndTurn, None));
    assert_eq!((ledger.text().as_str(), ledger.reasoning().as_str()), ("Grüße 🙂", "hm"));
    let usage = Usage { model: Some("m-1".into()), input_tokens: 3, output_tokens: 2 };
    assert!(ledger.frames.contains(&TurnFrame::Usage { usage }));
    stage.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_calls_its_tools_and_goes_on_with_what_they_brought() {
    let mut stage = Stage::set(vec![
        Play::Whole(vec![calls("write", r#"{"path": "a/b.txt", "content": "one\ntwo\n"}"#)]),
        Play::Whole(vec![calls("edit", r#"{"path": "a/b.txt", "find": "two", "replace": "three"}"#)]),
        Play::Whole(vec![calls("search", r#"{"path": ".", "text": "three"}"#)]),
        Play::Whole(vec![calls("read", r#"{"path": "../secret"}"#)]),
        Play::Whole(vec![calls("shell", r#"{"command": "cat a/b.txt; exit 3"}"#)]),
        Play::Whole(vec![says("done")]),
    ])
    .await;
    let (ledger, reason, _) = stage.prompt("work").await;
    assert_eq!((reason, ledger.text().as_str()), (FinishReason::EndTurn, "done"));
    assert_eq!(stage.runner.workspace_file("a/b.txt"), "one\nthree\n");
    let states: Vec<(String, ToolStatus)> = ledger.calls().into_iter().map(|call| (call.tool, call.status)).collect();
    let (done, failed) = (ToolStatus::Completed, ToolStatus::Error);
    let expected = [("write", done), ("edit", done), ("search", done), ("read", failed), ("shell", done)];
    assert_eq!(states, expected.map(|(tool, status)| (tool.to_owned(), status)));
    assert_eq!(ledger.output(), "one\nthree\n");
    let last = &stage.stub.asked()[5]["messages"];
    let outputs: Vec<&str> = last
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["role"] == "tool")
        .filter_map(|one| one["content"].as_str())
        .collect();
    assert_eq!(outputs[2], "a/b.txt:2: three");
    assert!(outputs[3].contains("outside the workspace"), "{outputs:?}");
    assert!(outputs[4].starts_with("exit 3\none\nthree"), "{outputs:?}");
    stage.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_servers_tools_cannot_be_had_it_works_with_its_own() {
    let mut stage =
        Stage::set(vec![Play::Whole(vec![calls("list_workflows", "{}")]), Play::Whole(vec![says("done")])]).await;
    let mcp = Some(McpAccess { url: "http://127.0.0.1:1/mcp".into(), token: "pass".into() });
    let (ledger, reason, _) = stage.take(&WorkSpec { mcp, ..spec("small", "work") }).await;
    assert_eq!((reason, ledger.text().as_str()), (FinishReason::EndTurn, "done"));
    let told = ledger.calls()[0].error.clone().unwrap();
    assert!(told.contains("there is no tool list_workflows"), "{told}");
    stage.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_asks_before_it_changes_something() {
    let write = || Play::Whole(vec![calls("write", r#"{"path": "a.txt", "content": "x"}"#)]);
    for (answer, is_written) in [("allow once", true), ("Reject", false)] {
        let plays = vec![write(), Play::Whole(vec![says("so be it")])];
        let mut stage = Stage::with(plays, PermissionPolicy::Ask, |_| {}).await;
        let (spec, mut ledger) = (spec("small", "write it"), Ledger::default());
        stage.link.start(&spec, &mut ledger).await;
        stage.link.hear_until(&mut ledger, &spec, |ledger| ledger.frames.iter().any(is_question)).await;
        let question = ledger.frames.iter().find_map(|frame| match frame {
            TurnFrame::Question { question, options, .. } => Some((*question, options.clone())),
            _ => None,
        });
        let (question, options) = question.unwrap();
        assert_eq!(options, ["Allow once", "Allow write in this turn", "Reject"]);
        let (work, generation, answer) = (spec.work, spec.generation, Some(answer.to_owned()));
        stage.link.say(&ServerMessage::Answer { reference: "a".into(), work, generation, question, answer }).await;
        stage.link.hear_done("a", &mut ledger).await;
        assert_eq!(stage.link.hear_end(&mut ledger, &spec).await.0, FinishReason::EndTurn);
        assert_eq!(stage.runner.folder.path().join("workspace/a.txt").exists(), is_written);
        stage.runner.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_remembers_the_thread_and_writes_no_key() {
    let mut stage = Stage::set(vec![Play::Whole(vec![says("I am small")]), Play::Whole(vec![says("as I said")])]).await;
    let first = spec("small", "who are you?");
    let (ledger, _, _) = stage.take(&first).await;
    stage.take(&next_of(&first, &ledger, "again?")).await;
    let asked = &stage.stub.asked()[1]["messages"];
    let said: Vec<&str> = asked.as_array().unwrap().iter().skip(1).filter_map(|one| one["content"].as_str()).collect();
    assert_eq!(said, ["who are you?", "I am small", "again?"], "{asked}");
    let data = stage.runner.folder.path().join("data");
    let kept = data.join("agents/small").join(format!("{}.json", first.thread));
    let kept = std::fs::read_to_string(kept).unwrap();
    assert!(kept.contains("as I said") && !kept.contains("the-secret-key"));
    stage.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_is_too_large_becomes_a_summary() {
    let long = "word ".repeat(400);
    let plays = vec![
        Play::Whole(vec![says(&long)]),
        Play::Whole(vec![says("they talked")]),
        Play::Whole(vec![says("I remember")]),
    ];
    let mut stage = Stage::with(plays, PermissionPolicy::Allow, |model| model.context_tokens = 500).await;
    let first = spec("small", "tell me much");
    let (ledger, _, _) = stage.take(&first).await;
    let (ledger, reason, _) = stage.take(&next_of(&first, &ledger, "and now?")).await;
    assert_eq!((reason, ledger.text().as_str()), (FinishReason::EndTurn, "I remember"));
    assert_eq!(ledger.calls()[0].title.as_deref(), Some("The conversation was shortened to fit the model"));
    let messages = &stage.stub.asked()[2]["messages"];
    assert_eq!(messages[1]["content"], json!("What was said and done before, in short:\nthey talked"), "{messages}");
    assert_eq!(messages[2]["content"], json!("and now?"));
    stage.runner.stop().await;
}
