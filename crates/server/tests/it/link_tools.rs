//! The tools over the runner link: for the works that a runner has, many at once, safe to repeat, and for nothing else.

use serde_json::{Value, json};
use tenure_server::ServerOptions;
use uuid::Uuid;

use crate::agents::at_work;
use crate::runner::{FakeRunner, Work, create, delta, finalize, hello, open};
use crate::world::World;

const HELLO: &str = "name: Hello\nslug: hello\nsteps:\n  - {id: say, type: tool, tool: echo, arguments: {text: hi}}\n";
const GATE: &str = "name: Gate\nslug: gate\nsteps:\n  - {id: gate, type: approval, prompt: Go on?}\n";

/// Links the runner again, which still holds the work.
async fn back(world: &World, work: &Work) -> FakeRunner {
    let id = Uuid::from_u128(77);
    let mut held = hello(id);
    let Work { session, work, generation, next, .. } = work;
    held["held"] = json!([
        {"session": session, "work": work, "generation": generation, "phase": "running", "next_frame": next}
    ]);
    let mut socket = open(world).await;
    socket.send(held).await;
    assert_eq!(socket.until("welcome").await["works"][0]["verdict"], "keep");
    FakeRunner { id, socket }
}

fn list(work: &Work, reference: &str) -> Value {
    let Work { session, work, generation, .. } = work;
    json!({"type": "list_tools", "ref": reference, "session": session, "work": work, "generation": generation})
}

fn call(work: &Work, reference: &str, name: &str, params: Value) -> Value {
    let mut message = list(work, reference);
    message["type"] = json!("call_tool");
    (message["name"], message["params"]) = (json!(name), params);
    message
}

fn keyed(mut call: Value, key: &str) -> Value {
    call["key"] = json!(key);
    call
}

/// Asks, and returns what the server answers to it.
async fn asked(runner: &mut FakeRunner, message: Value) -> Value {
    let reference = message["ref"].clone();
    runner.socket.send(message).await;
    let answer = answer(runner).await;
    assert_eq!(answer["ref"], reference);
    answer
}

async fn answer(runner: &mut FakeRunner) -> Value {
    loop {
        let heard = runner.socket.next().await;
        if ["tools", "called", "prompts", "prompt", "refused"].iter().any(|kind| heard["type"] == *kind) {
            return heard;
        }
    }
}

async fn data(runner: &mut FakeRunner, message: Value) -> Value {
    let answer = asked(runner, message).await;
    assert_eq!((&answer["type"], &answer["answer"]["success"]), (&json!("called"), &json!(true)), "{answer}");
    answer["answer"]["data"].clone()
}

async fn refusal(runner: &mut FakeRunner, message: Value) -> Value {
    let answer = asked(runner, message).await;
    assert_eq!(answer["type"], "refused", "{answer}");
    answer["problem"].clone()
}

async fn code(runner: &mut FakeRunner, message: Value) -> Value {
    refusal(runner, message).await["code"].clone()
}

#[actix_web::test]
async fn a_runner_lists_and_calls_the_tools_for_its_works_owner() {
    let world = World::start().await;
    let (mut runner, work) = at_work(&world).await;
    let listed = asked(&mut runner, list(&work, "a")).await;
    let tools = listed["tools"].as_array().expect("tools").clone();
    let sync = tools.iter().find(|tool| tool["name"] == "sync_workflow").expect("it is listed");
    assert!(sync["schema"]["properties"]["definition"]["description"].is_string(), "{sync}");
    assert!(tools.iter().all(|tool| tool["name"] != "approve_execution"), "no agent decides for a person");

    let saved = data(&mut runner, call(&work, "b", "sync_workflow", json!({ "definition": HELLO }))).await;
    let (_, mine) = world.ask(&world.bob, "GET", "/api/workflows/hello", None).await;
    assert_eq!(mine["id"], saved["id"], "it is the owner's");
    let (_, listed) = world.ask(&world.ann, "GET", "/api/workflows", None).await;
    assert_eq!(listed["items"], json!([]), "and nobody else's");

    let bad = json!({ "definition": HELLO.replace("type: tool", "type: tool_") });
    let problem = refusal(&mut runner, call(&work, "c", "sync_workflow", bad)).await;
    assert_eq!((&problem["code"], problem["errors"].as_array().map(Vec::len)), (&json!("definition_invalid"), Some(1)));
    assert_eq!(code(&mut runner, call(&work, "d", "dance", json!({}))).await, "tool_unknown");
    assert_eq!(code(&mut runner, call(&work, "e", "get_workflow", json!({ "workflow": "x" }))).await, "json_invalid");
    let decides = json!({ "execution_id": "x", "approval_id": "x", "approve": true, "resume_token": "x" });
    assert_eq!(code(&mut runner, call(&work, "f", "approve_execution", decides)).await, "agents_do_not_decide");
    let message = keyed(call(&work, "g", "list_workflows", json!({})), "");
    assert_eq!(code(&mut runner, message).await, "idempotency_key_invalid");
}

#[actix_web::test]
async fn a_call_that_waits_holds_up_nothing() {
    let world = World::start().await;
    let (mut runner, mut work) = at_work(&world).await;
    data(&mut runner, call(&work, "save", "sync_workflow", json!({ "definition": GATE }))).await;
    let run = data(&mut runner, call(&work, "run", "run_workflow", json!({ "workflow_id": "gate" }))).await;
    let wait = json!({ "execution_id": run["execution"], "wait_ms": 60_000 });
    runner.socket.send(call(&work, "wait", "get_execution", wait)).await;
    // While it waits, frames are taken and other calls are answered.
    runner.tell(&mut work, &[delta(0, 0, "I wait")]).await;
    assert_eq!(asked(&mut runner, list(&work, "meanwhile")).await["type"], "tools");

    let execution = run["execution"].as_str().expect("an id");
    let path = format!("/api/executions/{execution}/cancel");
    assert_eq!(world.ask(&world.bob, "POST", &path, Some(json!({}))).await.0, 200);
    let answer = answer(&mut runner).await;
    assert_eq!(
        (&answer["ref"], &answer["answer"]["data"]["status"]),
        (&json!("wait"), &json!("cancelled")),
        "{answer}"
    );
}

#[actix_web::test]
async fn a_call_that_is_repeated_after_a_cut_is_carried_out_once() {
    let world = World::start().await;
    let (mut runner, work) = at_work(&world).await;
    data(&mut runner, call(&work, "save", "sync_workflow", json!({ "definition": HELLO }))).await;
    let run = || keyed(call(&work, "run", "run_workflow", json!({ "workflow_id": "hello" })), "once");
    // The link is cut before the answer is read.
    runner.socket.send(run()).await;
    drop(runner);
    let mut runner = back(&world, &work).await;
    let first = data(&mut runner, run()).await;
    let again = data(&mut runner, run()).await;
    assert_eq!(first["execution"], again["execution"]);
    let (_, runs) = world.ask(&world.bob, "GET", "/api/executions", None).await;
    assert_eq!(runs["items"].as_array().map(Vec::len), Some(1), "{runs}");
}

#[actix_web::test]
async fn a_call_that_needs_a_person_waits_for_them_over_a_cut() {
    let world = World::start().await;
    let (mut runner, mut work) = at_work(&world).await;
    data(&mut runner, call(&work, "save", "sync_workflow", json!({ "definition": HELLO }))).await;
    let mut feed = world.open("/api/feed", "tenure.feed.v1", Some(&world.bob.token)).await.expect("it opens");
    feed.until("live").await;
    let delete = keyed(call(&work, "delete", "delete_workflow", json!({ "workflow_id": "hello" })), "once");
    runner.socket.send(delete.clone()).await;
    let waiting = loop {
        let news = feed.until("row").await;
        if news["row"]["list"] == "approval" {
            break news["row"]["row"].clone();
        }
    };
    runner.tell(&mut work, &[delta(0, 0, "may I?")]).await;
    drop(runner);
    let mut runner = back(&world, &work).await;
    runner.socket.send(delete).await;
    let path = format!("/api/approvals/{}", waiting["id"].as_str().expect("an id"));
    let yes = json!({ "hash": waiting["hash"], "decision": "approved" });
    assert_eq!(world.ask(&world.bob, "POST", &path, Some(yes)).await.0, 200);
    let answer = answer(&mut runner).await;
    assert_eq!((&answer["type"], &answer["ref"]), (&json!("called"), &json!("delete")), "{answer}");
    assert_eq!(world.ask(&world.bob, "GET", "/api/workflows/hello", None).await.0, 404);
}

#[actix_web::test]
async fn a_runner_calls_for_no_work_but_its_own_that_goes_on() {
    let world = World::start().await;
    let (mut runner, mut work) = at_work(&world).await;
    let mut other = FakeRunner::connect_as(&world, Uuid::from_u128(78)).await;
    let nowhere = Work { session: Uuid::from_u128(1).to_string(), ..work.clone() };
    let nothing = Work { work: Uuid::from_u128(1).to_string(), ..work.clone() };
    let newer = Work { generation: work.generation + 1, ..work.clone() };
    let strange = refusal(&mut other, list(&work, "a")).await;
    assert_eq!(strange["code"], "work_not_here");
    for wrong in [nowhere, nothing, newer] {
        let told = refusal(&mut runner, call(&wrong, "a", "list_workflows", json!({}))).await;
        assert_eq!(told, strange, "all is answered alike");
    }
    runner.tell(&mut work, &[finalize()]).await;
    assert_eq!(refusal(&mut runner, list(&work, "a")).await, strange);

    let (mut runner, work) = at_work(&world).await;
    let end = format!("/api/sessions/{}/terminate", work.session);
    assert_eq!(world.ask(&world.bob, "POST", &end, None).await.0, 200);
    assert_eq!(refusal(&mut runner, list(&work, "a")).await, strange);
}

#[actix_web::test]
async fn in_a_run_an_agent_changes_no_workflow_and_a_command_calls_nothing() {
    let world = World::start().await;
    let mut runner = FakeRunner::connect(&world).await;
    let steps = "{id: ask, type: agent_prompt, prompt: Do it}\n  - {id: list, type: bash, command: ls}";
    let definition = format!("name: P\nsteps:\n  - {steps}\n");
    let run = Some(json!({ "definition": definition, "inputs": {} }));
    assert_eq!(world.ask(&world.bob, "POST", "/api/executions", run).await.0, 201);
    let mut work = runner.work().await;
    runner.tell(&mut work, &[create()]).await;
    let save = call(&work, "a", "sync_workflow", json!({ "definition": HELLO }));
    assert_eq!(code(&mut runner, save).await, "refused_in_workflow");
    let listed = asked(&mut runner, list(&work, "b")).await;
    let names: Vec<_> = listed["tools"].as_array().expect("tools").iter().map(|tool| tool["name"].clone()).collect();
    assert!(names.contains(&json!("get_execution")) && !names.contains(&json!("sync_workflow")), "{names:?}");

    runner.tell(&mut work, &[delta(0, 0, "done"), finalize()]).await;
    let mut command = runner.work().await;
    runner.tell(&mut command, &[create()]).await;
    assert_eq!(code(&mut runner, list(&command, "c")).await, "work_not_here");
}

async fn limited(change: impl FnOnce(&mut ServerOptions)) -> (World, FakeRunner, Work) {
    let world = World::with(change).await;
    let (runner, work) = at_work(&world).await;
    (world, runner, work)
}

#[actix_web::test]
async fn what_is_too_much_is_refused_by_its_limit() {
    let (_world, mut runner, work) = limited(|options| options.body_bytes_max = 2_000).await;
    let large = refusal(&mut runner, call(&work, "a", "list_workflows", json!({ "q": "x".repeat(2_000) }))).await;
    assert_eq!((&large["code"], &large["limit"]), (&json!("body_too_large"), &json!(2_000)));
    runner.socket.send(list(&work, &"r".repeat(101))).await;
    assert_eq!(runner.socket.until("problem").await["problem"]["code"], "frame_invalid");
    assert_eq!(asked(&mut runner, list(&work, "b")).await["type"], "tools");

    let (_world, mut runner, work) = limited(|options| options.tool_calls_per_minute_max = 1).await;
    assert_eq!(asked(&mut runner, list(&work, "a")).await["type"], "tools");
    assert_eq!(code(&mut runner, list(&work, "b")).await, "tool_calls_too_fast");

    let (_world, mut runner, work) = limited(|options| options.tool_result_bytes_max = 10).await;
    assert_eq!(code(&mut runner, call(&work, "a", "list_workflows", json!({}))).await, "tool_result_too_large");
}

#[actix_web::test]
async fn a_full_link_refuses_and_a_repeat_of_what_is_under_way_is_no_second_call() {
    let (world, mut runner, work) = limited(|options| options.runner_tool_calls_max = 1).await;
    data(&mut runner, call(&work, "save", "sync_workflow", json!({ "definition": GATE }))).await;
    let run = data(&mut runner, call(&work, "run", "run_workflow", json!({ "workflow_id": "gate" }))).await;
    let wait = call(&work, "wait", "get_execution", json!({ "execution_id": run["execution"], "wait_ms": 60_000 }));
    runner.socket.send(wait.clone()).await;
    let full = refusal(&mut runner, list(&work, "more")).await;
    assert_eq!((&full["code"], &full["limit"], &full["retry"]), (&json!("tool_calls_full"), &json!(1), &json!(true)));
    // Neither refused nor answered twice.
    runner.socket.send(wait).await;
    let execution = run["execution"].as_str().expect("an id");
    let path = format!("/api/executions/{execution}/cancel");
    assert_eq!(world.ask(&world.bob, "POST", &path, Some(json!({}))).await.0, 200);
    assert_eq!(answer(&mut runner).await["ref"], "wait");
    assert_eq!(asked(&mut runner, list(&work, "next")).await["type"], "tools");
}

#[actix_web::test]
async fn the_prompts_of_mcp_are_read_over_the_link_too() {
    let world = World::start().await;
    let (mut runner, work) = at_work(&world).await;
    let ask = |kind: &str, more: Value| {
        let mut message = list(&work, kind);
        message["type"] = json!(kind);
        message.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        message
    };
    let listed = asked(&mut runner, ask("list_prompts", json!({}))).await;
    let prompt = &listed["prompts"][0];
    assert_eq!((&prompt["name"], &prompt["arguments"][0]["name"]), (&json!("workflows"), &json!("topic")), "{listed}");
    let topic = json!({ "name": "workflows", "arguments": { "topic": "triggers" } });
    let told = asked(&mut runner, ask("get_prompt", topic)).await;
    assert!(told["text"].as_str().is_some_and(|text| text.contains("schedule")), "{told}");
    assert_eq!(code(&mut runner, ask("get_prompt", json!({ "name": "poems" }))).await, "prompt_unknown");
    let wrong = json!({ "name": "workflows", "arguments": { "topic": "poems" } });
    assert_eq!(code(&mut runner, ask("get_prompt", wrong)).await, "prompt_invalid");
    let mut gone = ask("list_prompts", json!({}));
    gone["generation"] = json!(99);
    assert_eq!(code(&mut runner, gone).await, "work_not_here");
}
