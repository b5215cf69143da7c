//! The tools over HTTP: each does what its route does, and is refused where that is.

use serde_json::{Value, json};

use crate::executions::{WAIT, until};
use crate::runner::{FakeRunner, create};
use crate::world::{Person, World};

fn echo(slug: &str, words: &str) -> String {
    let steps = format!("  - {{id: say, type: tool, tool: echo, arguments: {{text: {words}}}}}\n");
    format!("name: {slug}\nslug: {slug}\nconstraints:\n  allow_self_modification: true\nsteps:\n{steps}")
}

async fn try_call(world: &World, who: &Person, tool: &str, params: Value) -> (u16, Value) {
    world.ask(who, "POST", &format!("/api/tools/{tool}/call"), Some(json!({ "params": params }))).await
}

async fn call(world: &World, tool: &str, params: Value) -> Value {
    let (status, answer) = try_call(world, &world.bob, tool, params).await;
    assert_eq!((status, &answer["success"]), (200, &json!(true)), "{tool}: {answer}");
    answer["data"].clone()
}

async fn refused(world: &World, tool: &str, params: Value) -> (u16, String) {
    let (status, problem) = try_call(world, &world.bob, tool, params).await;
    assert!(status >= 400, "{tool}: {problem}");
    (status, problem["code"].as_str().expect("a code").to_owned())
}

#[actix_web::test]
async fn tools_are_listed_with_what_they_take() {
    let world = World::start().await;
    let (status, list) = world.ask(&world.bob, "GET", "/api/tools", None).await;
    assert_eq!(status, 200, "{list}");
    let tools = list["items"].as_array().expect("tools");
    let delete = tools.iter().find(|tool| tool["name"] == "delete_workflow").expect("it is listed");
    assert_eq!((&delete["risk"], &delete["does"]), (&json!("medium"), &json!("authors")));
    assert_eq!(delete["schema"]["required"], json!(["workflow_id"]));
    assert!(tools.iter().any(|tool| tool["name"] == "approve_execution"), "a person decides");
    let (_, found) = world.ask(&world.bob, "GET", "/api/tools?q=WORKFLOW+proposal+asks", None).await;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!(refused(&world, "sync_workflows", json!({})).await, (404, "tool_unknown".into()));
    assert_eq!(refused(&world, "get_workflow", json!({})).await, (422, "json_invalid".into()));
    assert_eq!(world.ask(&world.bob, "GET", "/api/tools/list_workflows/call", None).await.0, 405);
}

#[actix_web::test]
async fn a_workflow_is_made_changed_brought_back_and_deleted() {
    let world = World::start().await;
    let verdict = call(&world, "validate_workflow", json!({ "definition": "name: a\nsteps: []\n" })).await;
    assert_eq!(verdict["valid"], false);
    let data = json!({ "steps": [{ "id": "say", "type": "tool", "tool": "echo", "arguments": {"text": "a"} }] });
    let params = json!({ "name": "Say it", "slug": "say", "description": "words", "data_json": data.to_string() });
    let first = call(&world, "sync_workflow", params.clone()).await;
    assert_eq!(first["outcome"], "created");
    assert_eq!(call(&world, "sync_workflow", params).await["outcome"], "unchanged");
    let renamed =
        json!({ "workflow_id": "say", "name": "Say that", "clear_description": true, "tags_json": "[\"x\"]" });
    assert_eq!(call(&world, "update_workflow", renamed).await["outcome"], "updated");
    let view = call(&world, "get_workflow", json!({ "workflow_id": "say" })).await;
    assert_eq!((&view["name"], &view["description"], &view["tags"]), (&json!("Say that"), &Value::Null, &json!(["x"])));
    let off = json!({ "workflow_id": "say", "enabled": false, "data_json": view["definition"].to_string(), "version": "2.0.0" });
    let row = call(&world, "update_workflow", off).await;
    assert_eq!((&row["enabled"], &row["version"]), (&json!(false), &json!("2.0.0")));
    assert_eq!(refused(&world, "run_workflow", json!({ "workflow_id": "say" })).await.1, "workflow_disabled");
    assert_eq!(refused(&world, "update_workflow", json!({ "workflow_id": "say" })).await.1, "json_invalid");

    let history = call(&world, "list_workflow_history", json!({ "workflow_id": "say", "limit": 1, "offset": 1 })).await;
    assert_eq!((history["items"].as_array().map(Vec::len), &history["more"]), (Some(1), &json!(true)));
    let hash = first["version"]["hash"].clone();
    let back = json!({ "workflow_id": "say", "target_workflow_hash": hash });
    assert_eq!(call(&world, "rollback_workflow", back).await["version"]["hash"], hash);
    assert_eq!(call(&world, "list_workflows", json!({ "query": "say" })).await["items"][0]["slug"], "say");
    assert_eq!(call(&world, "delete_workflow", json!({ "workflow_id": "say" })).await["deleted"], true);
    assert_eq!(refused(&world, "get_workflow", json!({ "workflow_id": "say" })).await.0, 404);
    let (status, problem) = try_call(&world, &world.ann, "get_workflow", json!({ "workflow_id": first["id"] })).await;
    assert_eq!(
        (status, &problem["code"]),
        (404, &json!("workflow_deleted")),
        "an administrator sees that there was one"
    );
}

#[actix_web::test]
async fn a_change_is_proposed_reviewed_and_put_in_force() {
    let world = World::start().await;
    let saved = call(&world, "sync_workflow", json!({ "definition": echo("greet", "hello") })).await;
    let view = call(&world, "get_workflow", json!({ "workflow_id": "greet" })).await;
    let mut wanted = view["definition"].clone();
    wanted["steps"][0]["arguments"]["text"] = json!("goodbye");
    let params = json!({
        "workflow_id": "greet", "base_workflow_hash": saved["version"]["hash"], "proposal_json": wanted.to_string(),
    });
    let proposal = call(&world, "create_workflow_proposal", params).await;
    let pending = call(&world, "list_workflow_proposals", json!({ "workflow_id": "greet", "status": "pending" })).await;
    assert_eq!(pending["items"][0]["id"], proposal["id"]);
    let which = json!({ "workflow_id": "greet", "proposal_id": proposal["id"] });
    assert_eq!(refused(&world, "apply_workflow_proposal", which.clone()).await.0, 409);
    let mut review = which.clone();
    review["approve"] = json!(true);
    assert_eq!(call(&world, "review_workflow_proposal", review).await["status"], "approved");
    assert_eq!(call(&world, "apply_workflow_proposal", which).await["version"]["hash"], proposal["hash"]);
    let word = json!({ "workflow_id": "greet", "status": "dreaming" });
    assert_eq!(refused(&world, "list_workflow_proposals", word).await.1, "json_invalid");
}

#[actix_web::test]
async fn a_run_is_started_watched_debugged_and_ended() {
    let world = World::start().await;
    call(&world, "sync_workflow", json!({ "definition": WAIT })).await;
    let run = json!({ "params": { "workflow_id": "wait", "variables_json": "{}" } });
    let path = "/api/tools/run_workflow/call";
    let (_, first) = world.ask_keyed(&world.bob, "POST", path, Some(run.clone()), Some("once")).await;
    let (_, again) = world.ask_keyed(&world.bob, "POST", path, Some(run), Some("once")).await;
    assert_eq!(first["data"], again["data"], "the same key starts the same run");
    until(&world, first["data"]["execution"].as_str().expect("an id"), "waiting").await;
    let which = json!({ "execution_id": first["data"]["execution"] });
    let found = call(&world, "debug_execution", which.clone()).await;
    assert_eq!(found["stepSummary"]["blockingStep"], "hold", "{found}");
    assert!(found["diagnosis"].as_str().is_some_and(|said| !said.is_empty()), "{found}");
    assert_eq!(call(&world, "get_execution_steps", which.clone()).await["items"][0]["path"], "hold");
    let listed = call(&world, "list_workflow_executions", json!({ "workflow_id": "wait" })).await;
    assert_eq!(listed["items"][0]["id"], first["data"]["execution"]);
    let mut end = which.clone();
    end["reason"] = json!("enough");
    call(&world, "cancel_execution", end).await;
    let mut over = which.clone();
    over["wait_ms"] = json!(10_000);
    let over = call(&world, "get_execution", over).await;
    assert_eq!((&over["status"], &over["reason"]), (&json!("cancelled"), &json!("enough")));
    let (status, problem) = try_call(&world, &world.person("eve").await, "get_execution", which).await;
    assert_eq!((status, &problem["code"]), (404, &json!("execution_unknown")), "strangers learn nothing");
    let branch = json!({ "workflow_id": "wait", "repo_branch": "main" });
    assert_eq!(refused(&world, "run_workflow", branch).await.1, "json_invalid");
    let list = json!({ "workflow_id": "wait", "variables_json": "[1]" });
    assert_eq!(refused(&world, "run_workflow", list).await.1, "json_invalid");
}

#[actix_web::test]
async fn what_failed_is_named_and_what_is_asked_is_decided_by_a_person() {
    let world = World::start().await;
    let failing = "name: F\nslug: f\nsteps:\n  - {id: bad, type: tool, tool: nothing, arguments: {}}\n";
    call(&world, "sync_workflow", json!({ "definition": failing })).await;
    let run = call(&world, "run_workflow", json!({ "workflow_id": "f" })).await["execution"].clone();
    call(&world, "get_execution", json!({ "execution_id": run, "wait_ms": 10_000 })).await;
    let found = call(&world, "debug_execution", json!({ "execution_id": run })).await;
    assert_eq!(found["stepSummary"]["failedSteps"][0]["path"], "bad", "{found}");
    assert_eq!(found["stepSummary"]["statusCounts"]["failed"], 1, "{found}");
    assert!(found["recommendedActions"].to_string().contains("sync_workflow"), "{found}");

    let asking = "name: A\nslug: a\nsteps:\n  - {id: gate, type: approval, prompt: 'Go on?'}\n";
    call(&world, "sync_workflow", json!({ "definition": asking })).await;
    let run = call(&world, "run_workflow", json!({ "workflow_id": "a" })).await["execution"].clone();
    until(&world, run.as_str().expect("an id"), "waiting").await;
    let found = call(&world, "debug_execution", json!({ "execution_id": run })).await;
    assert_eq!(found["stepSummary"]["waitingApprovalSteps"][0]["prompt"], "Go on?");
    let asked = call(&world, "get_execution", json!({ "execution_id": run })).await["approvals"][0].clone();
    let decide = json!({
        "execution_id": run, "approval_id": asked["id"], "approve": true, "resume_token": asked["hash"],
    });
    assert_eq!(call(&world, "approve_execution", decide).await["decision"], "approved");
    let over = call(&world, "get_execution", json!({ "execution_id": run, "wait_ms": 10_000 })).await;
    assert_eq!(over["status"], "completed");
}

#[actix_web::test]
async fn an_agent_of_a_run_does_not_change_what_runs_are_made_of() {
    let world = World::start().await;
    let mut runner = FakeRunner::connect(&world).await;
    let prompting = "name: P\nslug: p\nsteps:\n  - {id: ask, type: agent_prompt, prompt: Do it}\n";
    call(&world, "sync_workflow", json!({ "definition": prompting })).await;
    call(&world, "run_workflow", json!({ "workflow_id": "p" })).await;
    let mut work = runner.work().await;
    runner.tell(&mut work, &[create()]).await;
    let pass = work.mcp["token"].as_str().expect("a pass").to_owned();
    let asked = |method: &str, params: Value| {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let request = world.request("POST", "/mcp").header("accept", "application/json, text/event-stream");
        world.send(request.bearer_auth(&pass).header("content-type", "application/json").body(body.to_string()))
    };
    let (_, listed) = asked("tools/list", json!({})).await;
    let listed = listed["result"]["tools"].as_array().expect("tools").clone();
    for tool in
        ["sync_workflow", "update_workflow", "delete_workflow", "rollback_workflow", "sync_trigger", "delete_trigger"]
    {
        assert!(listed.iter().all(|known| known["name"] != tool), "{tool}");
        let (_, answer) = asked("tools/call", json!({ "name": tool, "arguments": { "workflow_id": "p" } })).await;
        let error = &answer["result"]["structuredContent"]["error"];
        assert_eq!(error["code"], "refused_in_workflow", "{tool}: {answer}");
        assert!(error["detail"].as_str().is_some_and(|said| said.contains("orchestrator")), "{answer}");
    }
    let (_, answer) = asked("tools/call", json!({ "name": "list_workflows", "arguments": {} })).await;
    assert_eq!(answer["result"]["structuredContent"]["data"]["items"][0]["slug"], "p", "{answer}");
}

#[actix_web::test]
async fn too_many_calls_and_too_large_answers_are_refused() {
    let world = World::with(|options| {
        options.tool_calls_per_minute_max = 3;
        options.tool_result_bytes_max = 400;
    })
    .await;
    let definition = echo("large", &"x".repeat(1_000));
    call(&world, "sync_workflow", json!({ "definition": definition })).await;
    let large = refused(&world, "get_workflow", json!({ "workflow_id": "large" })).await;
    assert_eq!(large, (413, "tool_result_too_large".into()));
    call(&world, "list_workflows", json!({ "query": "nothing" })).await;
    assert_eq!(refused(&world, "list_workflows", json!({})).await, (429, "tool_calls_too_fast".into()));
}
