//! Agents at work, and what they call through `/mcp`.

use serde_json::{Value, json};

use crate::runner::{FakeRunner, Work, create, prompt};
use crate::world::World;

/// A runner with a turn of bob's that its agent has begun.
pub async fn at_work(world: &World) -> (FakeRunner, Work) {
    let session = world.session(&world.bob).await;
    let mut runner = FakeRunner::connect(world).await;
    prompt(world, &world.bob, &session, "do it").await;
    let mut work = runner.work().await;
    runner.tell(&mut work, &[create()]).await;
    (runner, work)
}

/// Returns the pass that came with a work.
pub fn pass(work: &Work) -> &str {
    work.mcp["token"].as_str().expect("a pass")
}

/// Asks as the agent of a work, and returns the whole answer.
pub async fn ask(world: &World, work: &Work, method: &str, params: Value) -> (u16, Value) {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let request = world.request("POST", "/mcp").header("accept", "application/json, text/event-stream");
    let request = request.header("content-type", "application/json").bearer_auth(pass(work));
    world.send(request.body(body.to_string())).await
}

/// Calls a tool as the agent of a work, and returns the structured answer.
pub async fn call(world: &World, work: &Work, tool: &str, arguments: Value) -> Value {
    let (_, answer) = ask(world, work, "tools/call", json!({ "name": tool, "arguments": arguments })).await;
    let told = answer["result"]["structuredContent"].clone();
    assert!(told.is_object(), "{answer}");
    told
}
