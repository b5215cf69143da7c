//! The tools over the Model Context Protocol: the official client calls them, with every credential that may and may not.

use rmcp::RoleClient;
use rmcp::model::{CallToolRequestParams, CallToolResult, ProtocolVersion};
use rmcp::service::{ClientLifecycleMode, RunningService, serve_client_with_lifecycle};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};
use tenure_model::{Span, Timestamp};
use tenure_runtime::Clock;
use tokio::time::timeout;

use crate::agents;
use crate::runner::{FakeRunner, Work, finalize};
use crate::world::{BOUND, Person, World};

type Client = RunningService<RoleClient, ()>;

const HELLO: &str = "name: Hello\nslug: hello\nsteps:\n  - {id: say, type: tool, tool: echo, arguments: {text: hi}}\n";

async fn connect(world: &World, token: &str, lifecycle: ClientLifecycleMode) -> Result<Client, String> {
    let config = StreamableHttpClientTransportConfig::with_uri(format!("http://{}/mcp", world.address))
        .auth_header(token.to_owned());
    let transport = StreamableHttpClientTransport::from_config(config);
    let served = timeout(BOUND, serve_client_with_lifecycle((), transport, lifecycle)).await.expect("in time");
    served.map_err(|error| format!("{error:?}"))
}

async fn client(world: &World, token: &str) -> Client {
    connect(world, token, ClientLifecycleMode::Initialize).await.expect("it opens")
}

async fn call(client: &Client, tool: &'static str, params: Value) -> CallToolResult {
    let request = CallToolRequestParams::new(tool).with_arguments(params.as_object().expect("an object").clone());
    timeout(BOUND, client.call_tool(request)).await.expect("in time").expect("an answer")
}

fn data(result: &CallToolResult) -> Value {
    assert_eq!(result.is_error, Some(false), "{result:?}");
    let said = result.structured_content.as_ref().expect("it has data");
    assert_eq!(said["success"], true);
    said["data"].clone()
}

fn code(result: &CallToolResult) -> Value {
    assert_eq!(result.is_error, Some(true), "{result:?}");
    let said = result.structured_content.as_ref().expect("it has data");
    assert_eq!(said["success"], false);
    said["error"]["code"].clone()
}

fn text(result: &CallToolResult) -> String {
    result.content.iter().filter_map(|block| block.as_text()).map(|text| text.text.clone()).collect()
}

/// A work that an agent has begun, and its pass.
async fn at_work(world: &World) -> (FakeRunner, Work, String) {
    let (runner, work) = agents::at_work(world).await;
    let pass = agents::pass(&work).to_owned();
    (runner, work, pass)
}

/// Asks with a plain request, and returns status, code and challenge.
async fn plain(world: &World, token: Option<&str>, body: &str) -> (u16, Value, bool) {
    let request = world.request("POST", "/mcp").header("accept", "application/json, text/event-stream");
    let request = request.header("content-type", "application/json").body(body.to_owned());
    let request = token.into_iter().fold(request, |request, token| request.bearer_auth(token));
    let answer = request.send().await.expect("an answer");
    let challenged = answer.headers().get("www-authenticate").is_some_and(|value| value == "Bearer");
    let status = answer.status().as_u16();
    let answer: Value = answer.json().await.expect("JSON");
    (status, answer["code"].clone(), challenged)
}

const LIST: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;

#[actix_web::test]
async fn every_revision_lists_and_calls_the_tools() {
    let world = World::start().await;
    let discover = ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] };
    for (lifecycle, slug) in [(ClientLifecycleMode::Initialize, "a"), (discover, "b")] {
        let client = connect(&world, &world.bob.token, lifecycle).await.expect("it opens");
        let tools = timeout(BOUND, client.list_all_tools()).await.expect("in time").expect("a list");
        let sync = tools.iter().find(|tool| tool.name == "sync_workflow").expect("it is listed");
        assert_eq!(sync.annotations.as_ref().and_then(|hints| hints.read_only_hint), Some(false));
        assert!(sync.input_schema["properties"]["definition"]["description"].is_string());
        assert!(tools.iter().all(|tool| tool.name != "approve_execution"), "no agent decides for a person");

        let definition = HELLO.replace("hello", slug);
        let saved = data(&call(&client, "sync_workflow", json!({ "definition": definition })).await);
        assert_eq!((&saved["slug"], &saved["outcome"]), (&json!(slug), &json!("created")));
        let run = data(&call(&client, "run_workflow", json!({ "workflow_id": slug })).await);
        let shown =
            call(&client, "get_execution", json!({ "execution_id": run["execution"], "wait_ms": 10_000 })).await;
        assert_eq!(data(&shown)["status"], "completed");
        assert!(text(&shown).contains("status: completed"), "{}", text(&shown));
        client.cancel().await.expect("it ends");
    }
}

#[actix_web::test]
async fn what_is_wrong_with_a_call_is_told_to_the_model() {
    let world = World::start().await;
    let client = client(&world, &world.bob.token).await;
    let wrong =
        call(&client, "sync_workflow", json!({ "definition": "name: a\nsteps:\n  - {id: b, type: bush}\n" })).await;
    assert_eq!(code(&wrong), "definition_invalid");
    assert!(text(&wrong).contains("bush"), "{}", text(&wrong));
    assert_eq!(code(&call(&client, "get_workflow", json!({ "workflow_id": "none" })).await), "workflow_unknown");
    let unknown = call(&client, "get_workflow", json!({ "workflow": "none" })).await;
    assert_eq!((code(&unknown), text(&unknown).contains("workflow")), (json!("json_invalid"), true));
    let decides = json!({ "execution_id": "x", "approval_id": "x", "approve": true, "resume_token": "x" });
    assert_eq!(code(&call(&client, "approve_execution", decides).await), "agents_do_not_decide");
    let nothing = client.call_tool(CallToolRequestParams::new("dance")).await.expect_err("there is no such tool");
    assert!(format!("{nothing:?}").contains("dance"), "{nothing:?}");
}

#[actix_web::test]
async fn an_agent_calls_tools_with_the_pass_of_its_work_until_that_is_over() {
    let world = World::start().await;
    let (mut runner, mut work, pass) = at_work(&world).await;
    assert_eq!(work.mcp["url"], "/mcp", "without a public address the runner knows where");
    let client = client(&world, &pass).await;
    let saved = data(&call(&client, "sync_workflow", json!({ "definition": HELLO })).await);
    assert_eq!(saved["slug"], "hello");
    let (_, mine) = world.ask(&world.bob, "GET", "/api/workflows/hello", None).await;
    assert_eq!(mine["id"], saved["id"], "it is the owner's");
    let (_, listed) = world.ask(&world.ann, "GET", "/api/workflows", None).await;
    assert_eq!(listed["items"], json!([]), "and nobody else's");

    runner.tell(&mut work, &[finalize()]).await;
    assert_eq!(plain(&world, Some(&pass), LIST).await, (401, json!("pass_ended"), true));
}

#[actix_web::test]
async fn the_journal_holds_no_pass_and_no_other_route_takes_one() {
    let world = World::start().await;
    let (_runner, work, pass) = at_work(&world).await;
    let path = format!("/admin/entities/session/{}/journal", work.session);
    let (status, journal) = world.ask(&world.ann, "GET", &path, None).await;
    assert_eq!(status, 200, "{journal}");
    let journal = journal.to_string();
    assert!(journal.contains(&work.work) && !journal.contains("tenure_agent_"), "{journal}");
    let agent = Person { token: pass, ..world.bob.clone() };
    for (method, path) in [("GET", "/api/me"), ("GET", "/api/tools"), ("POST", "/api/tools/list_workflows/call")] {
        assert_eq!(world.ask(&agent, method, path, None).await.0, 401, "{path}");
    }
}

#[actix_web::test]
async fn no_wrong_credential_opens_anything() {
    let world = World::start().await;
    let (_runner, _work, pass) = at_work(&world).await;
    let digit = |at: usize| if pass.as_bytes()[at] == b'0' { "1" } else { "0" };
    let forged = |at: usize| format!("{}{}{}", &pass[..at], digit(at), &pass[at + 1..]);
    let (other_session, other_end) = (forged("tenure_agent_".len()), forged(pass.len() - 1));
    for wrong in [None, Some("wrong"), Some("tenure_agent_00"), Some(&*other_session), Some(&*other_end)] {
        assert_eq!(plain(&world, wrong, LIST).await, (401, json!("unauthorized"), true), "{wrong:?}");
    }
    let runner = plain(&world, Some(&world.runner_token), LIST).await;
    assert_eq!((runner.0, runner.1), (403, json!("role_insufficient")));
    assert!(connect(&world, "wrong", ClientLifecycleMode::Initialize).await.is_err());
}

#[actix_web::test]
async fn a_pass_ends_with_its_session_its_time_and_its_owners_rights() {
    let clock = Clock::at(Timestamp(1_800_000_000_000));
    let world = World::with_both(|_| {}, |inside| inside.clock = clock.clone()).await;
    let (_runner, work, pass) = at_work(&world).await;
    assert_eq!(plain(&world, Some(&pass), LIST).await.0, 200);
    let (_, tokens) = world.ask(&world.bob, "GET", "/api/tokens", None).await;
    let issued = world.ask(&world.bob, "POST", "/api/tokens", Some(json!({"name": "other", "role": "user"}))).await.1;
    let other = Person { token: issued["secret"].as_str().expect("a secret").to_owned(), ..world.bob.clone() };
    let revoke = |id: &Value| format!("/api/tokens/{}", id.as_str().expect("an id"));
    assert_eq!(world.ask(&other, "DELETE", &revoke(&tokens["items"][0]["id"]), None).await.0, 204);
    assert_eq!(plain(&world, Some(&pass), LIST).await.0, 200, "the owner has another token");
    assert_eq!(world.ask(&world.ann, "DELETE", &revoke(&issued["id"]), None).await.0, 204);
    assert_eq!(plain(&world, Some(&pass), LIST).await, (401, json!("pass_ended"), true), "the owner has none");

    let world = World::with_both(|_| {}, |inside| inside.clock = clock.clone()).await;
    let (_runner, _work, pass) = at_work(&world).await;
    clock.advance(Span::mins(24 * 60));
    assert_eq!(plain(&world, Some(&pass), LIST).await, (401, json!("pass_ended"), true), "its time is over");
    // The pass of another server's session, though signed with the same key.
    assert_eq!(work.mcp["token"].as_str().map(str::len), Some(pass.len()));

    let world = World::start().await;
    let (_runner, work, pass) = at_work(&world).await;
    let end = format!("/api/sessions/{}/terminate", work.session);
    assert_eq!(world.ask(&world.bob, "POST", &end, None).await.0, 200);
    assert_eq!(plain(&world, Some(&pass), LIST).await, (401, json!("pass_ended"), true), "its session is over");
}

#[actix_web::test]
async fn an_agent_goes_on_with_its_tools_after_the_server_was_started_anew() {
    let world = World::start().await;
    let (runner, work, pass) = at_work(&world).await;
    drop(runner);
    let world = world.restart().await;
    let held = json!({
        "session": work.session, "work": work.work, "generation": work.generation, "phase": "running", "next_frame": 1,
    });
    let mut runner = FakeRunner { id: uuid::Uuid::from_u128(77), socket: crate::runner::open(&world).await };
    let mut hello = crate::runner::hello(runner.id);
    hello["held"] = json!([held]);
    runner.socket.send(hello).await;
    runner.socket.until("welcome").await;
    let client = client(&world, &pass).await;
    data(&call(&client, "list_workflows", json!({})).await);
}

#[actix_web::test]
async fn pages_of_strangers_and_bodies_without_end_are_refused() {
    let world = World::with(|options| options.body_bytes_max = 1_000).await;
    let request = || {
        let request = world.request("POST", "/mcp").header("accept", "application/json, text/event-stream");
        request.header("content-type", "application/json").bearer_auth(&world.bob.token)
    };
    let own = format!("http://{}", world.address);
    for (origin, status) in [(own.as_str(), 200), ("http://evil.example.com", 403), ("null", 403)] {
        let (answered, body) = world.send(request().header("origin", origin).body(LIST)).await;
        assert_eq!(answered, status, "{origin}: {body}");
    }
    let led_here = request().header("origin", "http://evil.example.com").header("host", "evil.example.com");
    assert_eq!(world.send(led_here.body(LIST)).await.1["code"], "origin_refused");
    let (status, large) = world.send(request().body(" ".repeat(2_000))).await;
    assert_eq!((status, &large["code"]), (413, &json!("body_too_large")));
    let (status, _) = world.send(world.request("GET", "/mcp").bearer_auth(&world.bob.token)).await;
    assert_eq!(status, 405, "there is no stream of the server's own");
}
