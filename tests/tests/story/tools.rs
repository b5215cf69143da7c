//! The tools: from the command line, and by an agent that comes to them through its runner.

use serde_json::{Value, json};
use tenure_model::chat::FinishReason;
use tenure_tests::harness::{Runner, Server, cli};

use crate::stage::Stage;

const HELLO: &str =
    "definition=name: Hello\nslug: hello\nsteps:\n  - {id: say, type: tool, tool: echo, arguments: {text: hi}}\n";

#[tokio::test]
async fn a_script_calls_the_tools_that_agents_call() {
    let server = Server::start().await;
    let list = cli::run(&server, &["tool", "list", "workflow"]).await.expect(0);
    assert!(list.contains("sync_workflow") && !list.contains("cancel_execution"), "{list}");
    let saved = cli::run(&server, &["tool", "call", "sync_workflow", "--input", HELLO]).await.expect(0);
    assert!(saved.starts_with("The workflow \"hello\" is created."), "{saved}");
    let start = ["tool", "call", "run_workflow", "--json", "--input", r#"{"workflow_id": "hello"}"#];
    let run: Value = serde_json::from_str(&cli::run(&server, &start).await.expect(0)).expect("it is JSON");
    let which = format!("execution_id={}", run["data"]["execution"].as_str().expect("an id"));
    let wait = ["tool", "call", "get_execution", "--input", &which, "--input", "wait_ms=10000"];
    let shown = cli::run(&server, &wait).await.expect(0);
    assert!(shown.contains("status: completed"), "{shown}");
    let guide = cli::run(&server, &["tool", "guide"]).await.expect(0);
    assert!(guide.starts_with("# Workflows") && guide.contains("`sync_workflow`"), "{guide}");
    let steps = cli::run(&server, &["tool", "guide", "steps"]).await.expect(0);
    assert!(steps.contains("## agent_prompt"), "{steps}");
    let dancing = cli::run(&server, &["tool", "guide", "dancing"]).await;
    assert!(dancing.err.contains("one of overview, steps"), "{}", dancing.err);
    let missing = cli::run(&server, &["tool", "call", "get_workflow", "--input", "workflow_id=none"]).await;
    assert!(missing.err.contains("workflow"), "{}", missing.err);
    missing.expect(4);
    let unknown = cli::run(&server, &["tool", "call", "list_workflow"]).await;
    assert!(unknown.err.contains("did you mean list_workflows?"), "{}", unknown.err);
    unknown.expect(4);
}

/// Returns the settings of a runner whose agent speaks no HTTP, and calls one tool when it is told to reach for it.
fn calling(tool: &str, arguments: &Value) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/runner/tests/acp/fake_agent.sh");
    let call = json!({ "name": tool, "arguments": arguments }).to_string();
    // A JSON text and a JSON list of texts are good TOML as well.
    let (command, call) = (json!(["sh", script]), json!(call));
    format!(
        "[[runner.agents]]\nkind = \"acp\"\nname = \"fake\"\ncommand = {command}\nenv = {{ FAKE_HTTP = \"false\", FAKE_CALL = {call} }}\n"
    )
}

#[tokio::test]
async fn an_agents_call_through_its_runner_outlives_the_server() {
    let server = Server::start().await;
    let definition = "name: Gate\nsteps:\n  - {id: gate, type: approval, prompt: Go on?}\n";
    let run = server.api().post("/api/executions", &json!({ "definition": definition, "inputs": {} })).await;
    let execution = run["execution"].as_str().expect("an id").to_owned();
    let arguments = json!({ "execution_id": execution, "wait_ms": 60_000 });
    let settings = calling("get_execution", &arguments);
    let runner = Runner::with_settings(&server.address(), &server.runner_token().await, |_| settings);
    let mut stage = Stage::with(server, runner).await;
    let (_, turn) = stage.prompt("reach", None).await;
    let turn = turn.expect("the thread is free");
    stage.until("the list of tools", |view| view.has_seen(turn, "list_workflows: ")).await;

    // The agent waits for the run, and asks only once, whatever becomes of the server.
    stage.server.kill().await;
    stage.server.start_again().await;
    stage.join().await;
    stage.api().post(&format!("/api/executions/{execution}/cancel"), &json!({})).await;
    let (text, finish) = stage.finished(turn).await;
    assert_eq!(finish, Some(FinishReason::EndTurn), "{}", stage.runner.log());
    assert!(text.contains("cancelled"), "{text}");
}
