//! Runs over HTTP: started, listed, watched, acted on, decided, taken up again. Their workflows need no runner.

mod acting;
mod approving;
mod linking;
mod retrying;
mod sockets;
mod starting;
mod streaming;

use serde_json::{Value, json};

use crate::cursor::events_till;
use crate::world::{Person, World};

/// A workflow with an input, a variable and a tool.
const GREET: &str = "name: Greet
slug: greet
inputs:
  name: {type: string, required: true}
  times: {type: number, default: 1}
steps:
  - {id: words, type: set, variables: {said: 'hello {{ inputs.name }}'}}
  - {id: say, name: Say it, type: tool, tool: echo, arguments: {text: '{{ variables.said }}'}}
outputs: {said: '{{ outputs.say.text }}'}
";

/// A workflow that waits for the event `go`.
pub const WAIT: &str = "name: Wait
slug: wait
steps:
  - {id: hold, type: wait, event: go, timeout: 1h}
  - {id: say, type: tool, tool: echo, arguments: {got: '{{ outputs.hold }}'}}
outputs: {got: '{{ outputs.say.got }}'}
";

/// Starts a run of a definition and returns its id.
pub async fn run(world: &World, text: &str, inputs: Value) -> String {
    let body = json!({"definition": text, "inputs": inputs});
    let (status, started) = world.ask(&world.bob, "POST", "/api/executions", Some(body)).await;
    assert_eq!(status, 201, "{started}");
    started["execution"].as_str().expect("an id").to_owned()
}

async fn get(world: &World, id: &str, below: &str) -> Value {
    let (status, answer) = world.ask(&world.bob, "GET", &format!("/api/executions/{id}{below}"), None).await;
    assert_eq!(status, 200, "{below}: {answer}");
    answer
}

async fn post(world: &World, id: &str, below: &str, body: Value) -> (u16, Value) {
    world.ask(&world.bob, "POST", &format!("/api/executions/{id}{below}"), Some(body)).await
}

/// Watches a run until it stands so.
pub async fn until(world: &World, id: &str, status: &str) -> Vec<(Option<u64>, Value)> {
    let stands = |event: &Value| event["execution"]["status"] == status || event["run"]["status"] == status;
    watch(world, &world.bob, id, "", stands).await
}

async fn watch(
    world: &World,
    who: &Person,
    id: &str,
    query: &str,
    wanted: impl Fn(&Value) -> bool,
) -> Vec<(Option<u64>, Value)> {
    let request = world.request("GET", &format!("/api/executions/{id}/stream{query}")).bearer_auth(&who.token);
    events_till(request.send().await.expect("an answer"), wanted).await
}
