//! The tools from the command line: the same that agents call.

use serde_json::Value;
use tenure_tests::harness::{Server, cli};

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
