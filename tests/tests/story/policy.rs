//! A call of an agent that needs a person: the server is killed while it waits, and it is carried out once.

use reqwest::Method;
use serde_json::{Value, json};
use tenure_tests::harness::api::http;
use tenure_tests::harness::{Server, cli, in_time};

/// Calls a tool through `/mcp`; nothing when the server is gone.
async fn call(server: &Server, tool: &str, arguments: Value) -> Option<Value> {
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": tool, "arguments": arguments } });
    let request = http().request(Method::POST, format!("http://{}/mcp", server.address())).bearer_auth(server.token());
    let request = request.header("accept", "application/json, text/event-stream").json(&call);
    let answer: Value = request.send().await.ok()?.json().await.ok()?;
    Some(answer["result"]["structuredContent"].clone())
}

/// Waits until something waits for a person, and returns its id.
async fn asked(server: &Server) -> String {
    loop {
        let listed: Value = server.api().get("/api/approvals").await;
        if let Some(id) = listed["items"][0]["id"].as_str() {
            return id.to_owned();
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_call_that_waits_for_a_person_outlives_the_server_and_is_carried_out_once() {
    let mut server = Server::start().await;
    let workflow = "name: Old\nslug: old\nsteps:\n  - {id: say, type: tool, tool: echo, arguments: {text: hi}}\n";
    server.api().post_text("/api/workflows/sync", workflow).await;
    let delete = json!({ "workflow_id": "old" });
    let approval = tokio::select! {
        told = call(&server, "delete_workflow", delete.clone()) => panic!("it did not wait: {told:?}"),
        id = in_time("the question", asked(&server)) => id,
    };
    server.kill().await;
    server.start_again().await;

    let shown = cli::run(&server, &["approval", "show", &approval]).await.expect(0);
    assert!(shown.contains("delete_workflow") && shown.contains("\"workflow_id\": \"old\""), "{shown}");
    let listed = cli::run(&server, &["approval", "list"]).await.expect(0);
    assert!(listed.contains(&approval) && listed.contains("delete_workflow"), "{listed}");
    let link = cli::run(&server, &["approval", "link", &approval]).await;
    assert!(link.err.contains("not calls of agents"), "{}", link.err);
    let approve = ["approval", "approve", &approval, "--reason", "it is old", "--grant", "2h", "--grant-any"];
    let approved = cli::run(&server, &approve).await.expect(0);
    assert!(approved.contains("approved: the call of delete_workflow"), "{approved}");
    server.kill().await;
    server.start_again().await;

    let told = in_time("the answer", call(&server, "delete_workflow", delete.clone())).await.expect("an answer");
    assert_eq!(told["success"], true, "{told}");
    let again = in_time("the answer", call(&server, "delete_workflow", delete.clone())).await.expect("an answer");
    assert_eq!(
        again["error"]["code"], "workflow_deleted",
        "the grant lets it through, and there is nothing left to delete"
    );

    let grants = cli::run(&server, &["grant", "list"]).await.expect(0);
    let grant = grants.lines().find(|line| line.contains("delete_workflow")).expect("the grant is listed");
    let grant = grant.split_whitespace().next().expect("its id comes first");
    cli::run(&server, &["grant", "revoke", grant]).await.expect(0);
    cli::run(&server, &["policy", "set", "tool:delete_workflow", "deny"]).await.expect(0);
    let denied = in_time("the answer", call(&server, "delete_workflow", delete)).await.expect("an answer");
    assert_eq!(denied["error"]["code"], "denied_by_policy", "{denied}");
    let why = cli::run(&server, &["policy", "explain", "delete_workflow"]).await.expect(0);
    assert!(why.contains("is denied: the owner's rule for tool:delete_workflow"), "{why}");
    let log = cli::run(&server, &["policy", "audit"]).await.expect(0);
    let told: Vec<_> = ["denied", "rule", "revoked", "done", "granted", "approved", "asked"]
        .map(|what| log.lines().position(|line| line.split_whitespace().nth(2) == Some(what)))
        .into_iter()
        .collect();
    assert!(told.iter().all(Option::is_some) && told.is_sorted(), "{told:?}: {log}");
    cli::run(&server, &["policy", "unset", "tool:delete_workflow"]).await.expect(0);
    let rules = cli::run(&server, &["policy", "list"]).await.expect(0);
    assert!(!rules.contains("tool:delete_workflow") && rules.contains("risk:critical"), "{rules}");
}
